//! The way of events to their board: checked, and handed over.

pub mod arrival;
pub mod contest;
pub mod fetched;
pub mod pipeline;
pub mod polled;
pub mod replay;
pub mod source;
pub mod step;

use crate::clock;
use crate::fault::Answer;
use heliograph_shared::board::{Letters, LettersFrom};
use heliograph_shared::cleaned::Cleaned;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::event::Event;
use heliograph_shared::ingest::{BodyFormat, Checked, RecordResult, check_key_allowed, in_order, read_events};
use heliograph_shared::pipeline::Report;
use heliograph_shared::problem::Problem;
use heliograph_shared::rights::{KeySet, Owner};
use heliograph_shared::scores::name::settle_name;
use worker::Env;

/// What was refused before the board, or cleaned: merged into its answer.
pub struct Remainder {
    /// The places of the events that the board gets.
    pub places: Vec<u32>,
    /// The others.
    pub refused: Vec<RecordResult>,
    /// What was dropped of events.
    pub cleaned: Cleaned,
}

/// Who publishes.
pub struct Publisher {
    /// Under which keys it may.
    pub publish: KeySet,
    /// Whether it may not manage the board as well.
    pub player: bool,
    /// Its name for dead letters.
    pub by: String,
    /// The source that its events come by, where they come by one.
    pub source: Option<String>,
    /// The name that it gave when it joined as a player.
    pub joined: Option<String>,
    /// Whose ids its events have, where they are not the board's.
    pub owner: Owner,
}

impl Publisher {
    /// From whom letters of refused records are.
    pub fn letters(&self) -> LettersFrom {
        LettersFrom { source: self.source.clone(), owner: self.owner.as_str().to_owned(), player: self.player }
    }
}

/// Refused records as dead letters, a JSON array; empty when there are none.
fn letters(refused: &[RecordResult], body: &[u8], format: BodyFormat, publisher: &Publisher) -> String {
    if refused.is_empty() {
        return String::new();
    }
    let text = std::str::from_utf8(body).unwrap_or_default();
    let raw: Vec<&str> = match format {
        BodyFormat::NdJson => text.lines().filter(|l| !l.trim().is_empty()).collect(),
        BodyFormat::Json if text.trim_start().starts_with('[') => {
            let records: Vec<&serde_json::value::RawValue> =
                serde_json::from_slice(text.as_bytes()).unwrap_or_default();
            records.into_iter().map(serde_json::value::RawValue::get).collect()
        }
        BodyFormat::Json => vec![text],
    };
    let mut letters = Letters::from(publisher.letters());
    for r in refused {
        letters.push(r, raw.get(r.index as usize).copied().unwrap_or("null"), &publisher.by);
    }
    letters.into_text()
}

/// What becomes of a body's events.
pub enum Prepared {
    /// They can be handed to the board.
    Ready(Ready),
    /// The pipeline can't be run: the board is told, and the sender.
    Broken {
        /// For the board.
        report: Report,
        /// For the sender.
        problem: Problem,
    },
}

/// Checked events.
pub struct Ready {
    /// The valid ones.
    pub events: Vec<Event>,
    /// The others as dead letters.
    pub letters: String,
    /// The ways of a source's last records, a JSON array; empty when there are none.
    pub trails: String,
    /// What the board's pipeline did, where it has one; then the board's answer is the whole answer.
    pub report: Option<Vec<u8>>,
    /// What is merged into the board's answer, where that is not the whole answer.
    pub remainder: Option<Remainder>,
    /// Which of the events end their items, by their numbers.
    pub ends: Vec<u32>,
}

/// Checks a body's events, and takes them through the board's pipeline.
async fn prepare(
    env: &Env,
    config: &BoardConfig,
    publisher: &Publisher,
    body: &[u8],
    format: BodyFormat,
) -> Answer<Prepared> {
    if !config.pipeline.is_empty() {
        return pipeline::prepare(env, config, publisher, body, format).await;
    }
    check(config, publisher, body, format).map(Prepared::Ready)
}

/// Checks the events of a body for a board without a pipeline.
pub fn check(config: &BoardConfig, publisher: &Publisher, body: &[u8], format: BodyFormat) -> Answer<Ready> {
    let mut checked = read_events(body, format, &config.rules, clock::now())?;
    refuse_foreign_keys(&mut checked, &publisher.publish);
    settle_names(&mut checked.events, &mut checked.places, &mut checked.refused, config, publisher);
    let letters = letters(&checked.refused, body, format, publisher);
    let Checked { events, places, refused, cleaned, .. } = checked;
    let is_whole = refused.is_empty() && cleaned.is_empty();
    let remainder = (!is_whole).then_some(Remainder { places, refused, cleaned });
    Ok(Ready { events, letters, trails: String::new(), report: None, remainder, ends: Vec::new() })
}

/// A player's name is the one from the door, or checked like there.
fn settle_names(
    events: &mut Vec<Event>,
    places: &mut Vec<u32>,
    refused: &mut Vec<RecordResult>,
    config: &BoardConfig,
    publisher: &Publisher,
) {
    if !publisher.player || (config.players.is_none() && publisher.joined.is_none()) {
        return;
    }
    let field = config.scores.as_ref().map_or("name", |rules| rules.name.as_str());
    let mut settled = Vec::with_capacity(places.len());
    let mut place = places.iter();
    events.retain_mut(|event| {
        let place = place.next().copied().unwrap_or_default();
        match settle_name(event, field, publisher.joined.as_deref()) {
            Ok(()) => settled.push(place),
            Err(e) => {
                refused.push(RecordResult::refused(place, e));
                return false;
            }
        }
        true
    });
    *places = settled;
    in_order(refused);
}

fn refuse_foreign_keys(checked: &mut Checked, publish: &KeySet) {
    if publish.is_all() || checked.events.iter().all(|e| publish.allows(&e.key)) {
        return;
    }
    let (events, places) = (std::mem::take(&mut checked.events), std::mem::take(&mut checked.places));
    for (event, place) in events.into_iter().zip(places) {
        match check_key_allowed(publish, &event.key) {
            Ok(()) => {
                checked.events.push(event);
                checked.places.push(place);
            }
            Err(e) => checked.refused.push(RecordResult::refused(place, e)),
        }
    }
    in_order(&mut checked.refused);
}
