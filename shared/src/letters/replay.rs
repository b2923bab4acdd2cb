//! What became of letters that were replayed: given what was made of each before the board, and what the board said.

use super::LetterId;
use crate::ingest::{IngestAnswer, RecordResult, RecordStatus};
use serde::{Deserialize, Serialize};

/// What was made of a letter before the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// So many events; none: it was filtered.
    Events(u32),
    /// It was refused again.
    Refused(RecordResult),
}

/// A letter that is replayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// Which.
    pub id: LetterId,
    /// What it was when it was read: it may have been mended, or dropped, since.
    pub version: String,
    /// What was made of it.
    pub fate: Fate,
}

/// What became of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// Its events are there; all of them were already, if so.
    Events {
        /// Whether none of them is new.
        known: bool,
    },
    /// It is no event, and that is right.
    Filtered,
    /// It stays, for this reason.
    Refused(RecordResult),
}

/// What became of each letter. `places` says for each event of the batch which letter it is of, and `answer` counts the
/// batch's events.
pub fn became(letters: &[Tried], places: &[u32], answer: &IngestAnswer) -> Vec<Became> {
    let mut all: Vec<Became> = letters
        .iter()
        .map(|letter| match &letter.fate {
            Fate::Refused(why) => Became::Refused(why.clone()),
            Fate::Events(0) => Became::Filtered,
            Fate::Events(_) => Became::Events { known: true },
        })
        .collect();
    let status = |event: usize| answer.results.iter().find(|r| r.index as usize == event);
    for (event, place) in places.iter().enumerate() {
        let Some(letter) = all.get_mut(*place as usize) else { continue };
        match (status(event), &*letter) {
            (_, Became::Refused(_)) => {}
            (Some(why), _) if why.status == RecordStatus::Refused => *letter = Became::Refused(why.clone()),
            (Some(_), _) => {}
            (None, _) => *letter = Became::Events { known: false },
        }
    }
    all
}
