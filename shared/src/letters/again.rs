//! A letter's way back: through its envelope and its source's program, as the first time.

use super::{LetterId, Of};
use crate::ingest::{Checked, check_records, json};
use crate::problem::Problem;
use crate::rules::Rules;
use crate::source::{self, Envelope, EnvelopeName, Slice};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// A letter that is to be replayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Which.
    pub id: LetterId,
    /// When it came: the time of an event that has none.
    pub at: Millis,
    /// What it is at the moment.
    pub version: String,
    /// Its record as its sender would have sent it, mended where it was mended; none of a record that is cut.
    pub raw: Option<String>,
    /// By which source it came.
    pub source: Option<String>,
    /// What its envelope said of it.
    pub of: Of,
    /// Whose ids its events have.
    pub owner: String,
    /// Whether a player sent it.
    pub player: bool,
    /// Whether it is an event already.
    pub made: bool,
}

/// Some letters that are to be replayed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidates {
    /// They, the newest first.
    pub letters: Vec<Candidate>,
    /// Where it goes on.
    pub next: Option<LetterId>,
}

/// What a letter's record is made into events by.
#[derive(Clone, Copy)]
pub enum Again<'a> {
    /// It is an event as the API takes it.
    Event,
    /// Its envelope.
    Envelope(&'a dyn Envelope),
    /// What its source's program yielded for it; none where it can't be run on it.
    Program(Option<&'a Result<Vec<u8>, String>>),
}

/// What a source's program is run on for a letter, if it can be.
pub fn program_input(raw: &str) -> Option<Vec<u8>> {
    let (lines, places) = source::inputs(&[Slice::new(raw)]);
    (!places.is_empty()).then_some(lines)
}

impl Candidate {
    /// Its envelope, by what is stored of it, or of its source.
    pub fn envelope(&self, of_source: Option<EnvelopeName>) -> &'static dyn Envelope {
        self.of.envelope.or(of_source).unwrap_or_default().envelope()
    }

    /// Its events, checked as when it came. An event that has no id has the letter's, so that what is replayed twice is
    /// there once.
    pub fn events(&self, raw: &str, by: Again<'_>, key_name: &str, rules: &Rules) -> Result<Checked, Problem> {
        let Of { id, key, time, .. } = self.of.clone();
        let id = Some(id.unwrap_or_else(|| format!("letter:{}", self.id)));
        let slice = Slice { id, key, time, ..Slice::new(raw) };
        let slices = std::slice::from_ref(&slice);
        match by {
            Again::Event => {
                let event = json::read_line(raw).map(|event| slice.complete(event, 0));
                check_records(std::iter::once((0, event)), rules, self.at)
            }
            Again::Envelope(envelope) => source::check(envelope, slices, key_name, rules, self.at),
            Again::Program(Some(yielded)) => {
                source::check_yields(slices, &[0], std::slice::from_ref(yielded), rules, self.at)
            }
            Again::Program(None) => source::check_yields(slices, &[], &[], rules, self.at),
        }
    }
}
