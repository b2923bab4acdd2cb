//! Erasing an item's history: from the log, from the series, from dead letters and from kept answers.
//!
//! An erase begins in the transaction that ends the item: there an [`Erase`] is stored, and from there on nobody reads any of
//! it, since what is read of the log passes a [`Mask`]. What is stored is then rewritten in slices, each in one transaction
//! with the erase's new state, so that a kill leaves nothing to repair. Only events up to the end are erased: what comes
//! later under the key is a new item's.
//!
//! An erased event leaves a hole in the log (see [`crate::codec::Batch::erase`]): all others keep their numbers.

pub mod letters;
mod mask;
#[cfg(test)]
mod tests;

pub use mask::{Mask, Rewriting};

use crate::cursor::Seq;
use crate::rollups::ErasedSeries;
use crate::time::Millis;
use crate::tracks::ErasedTracks;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is rewritten next, and from where on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Rows of the log after this event.
    Log(Seq),
    /// Rows of series after this number.
    Series(u64),
    /// Pages of tracks after this number.
    Tracks(u64),
    /// Copies of the items as they were, as of what is after this event.
    Past(Seq),
    /// Rows of dead letters after this number.
    Letters(u64),
    /// Kept answers after this number.
    Answers(u64),
    /// The ranking's checkpoint.
    Ranking,
    /// Nothing: it was done at this time.
    Done(Millis),
}

/// How much was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Erased {
    /// Events of the log.
    pub events: u64,
    /// Series of the item.
    pub series: u64,
    /// Dead letters.
    pub dead_letters: u64,
    /// Kept answers of requests that named the key.
    pub answers: u64,
}

/// What was delivered to object storage before, where it is not erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// Everything up to this event was delivered.
    pub through: Seq,
    /// The object that was delivered last.
    pub last_object: String,
    /// Its manifest.
    pub last_manifest: String,
    /// How many of the erased events are in delivered objects, as far as the log still had them.
    pub events: u64,
    /// The first of them.
    pub first: Option<Seq>,
    /// The last of them.
    pub last: Option<Seq>,
}

impl Delivered {
    fn note(&mut self, seq: Seq) {
        if seq <= self.through {
            self.events += 1;
            self.first = Some(self.first.map_or(seq, |first| first.min(seq)));
            self.last = Some(self.last.map_or(seq, |last| last.max(seq)));
        }
    }
}

/// Where an erase begins: what there is that may be of the item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beginning {
    /// The event that ended the item.
    pub upto: Seq,
    /// Whether there was an item.
    pub ended: bool,
    /// Its series with stored cells.
    pub series: ErasedSeries,
    /// Its track, where pages have fixes of it.
    pub tracks: ErasedTracks,
    /// The last row of dead letters.
    pub letters: u64,
    /// The last kept answer.
    pub answers: u64,
    /// What was delivered.
    pub delivered: Option<Delivered>,
}

/// An erase that goes on, or was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erase {
    /// Whose history.
    pub key: String,
    /// Events up to this one go.
    pub upto: Seq,
    /// Who asked for it.
    pub by: String,
    /// When.
    pub at: Millis,
    /// Whether there was an item that it ended.
    pub ended: bool,
    /// Dead letters up to this row go.
    pub letters: u64,
    /// Answers up to this one are looked through.
    pub answers: u64,
    /// Series whose cells go.
    pub series: ErasedSeries,
    /// Tracks whose fixes go.
    #[serde(default)]
    pub tracks: ErasedTracks,
    /// What is next.
    pub step: Step,
    /// How much was erased so far.
    pub erased: Erased,
    /// What remains in delivered objects.
    pub delivered: Option<Delivered>,
}

impl Erase {
    /// Begins.
    pub fn new(key: String, by: String, at: Millis, begin: Beginning) -> Self {
        let Beginning { upto, ended, series, tracks, letters, answers, delivered } = begin;
        let erased = Erased { series: series.len() as u64, ..Erased::default() };
        Self { key, upto, by, at, ended, letters, answers, series, tracks, step: Step::Log(0), erased, delivered }
    }

    /// The item began anew while its history was being erased, and ended again: all of it goes.
    pub fn again(&mut self, by: String, at: Millis, begin: Beginning) {
        let Beginning { upto, ended, series, tracks, letters, answers, delivered } = begin;
        (self.upto, self.letters, self.answers, self.by, self.at) = (upto, letters, answers, by, at);
        self.ended |= ended;
        self.erased.series += series.len() as u64;
        self.series.also(series);
        self.tracks.also(tracks);
        self.step = Step::Log(0);
        let before = std::mem::replace(&mut self.delivered, delivered);
        if let (Some(now), Some(before)) = (&mut self.delivered, before) {
            (now.events, now.first, now.last) = (before.events, before.first, before.last);
        }
    }

    /// Whether nothing is left to do.
    pub const fn is_done(&self) -> bool {
        matches!(self.step, Step::Done(_))
    }

    /// The log is rewritten up to this event; whether that was all of it.
    pub fn log_is_at(&mut self, seq: Seq) -> bool {
        let done = seq >= self.upto;
        self.step = if done { Step::Series(0) } else { Step::Log(seq) };
        done
    }

    /// The next rows of series to look at: those from the first to the last of these numbers. None: there are no more.
    pub fn series_rows(&self, after: u64) -> Option<(u64, u64)> {
        let range = self.series.ranges().into_iter().find(|(_, last)| *last > after)?;
        Some((range.0.max(after + 1), range.1))
    }

    /// An event of it was erased.
    pub fn note(&mut self, seq: Seq) {
        self.erased.events += 1;
        if let Some(delivered) = &mut self.delivered {
            delivered.note(seq);
        }
    }

    /// How much of the log was looked through, 0 to 1.
    pub fn progress(&self) -> f64 {
        match self.step {
            Step::Log(seq) => (seq as f64 / self.upto.max(1) as f64 * 100.0).floor() / 100.0,
            Step::Series(_)
            | Step::Tracks(_)
            | Step::Past(_)
            | Step::Letters(_)
            | Step::Answers(_)
            | Step::Ranking
            | Step::Done(_) => 1.0,
        }
    }

    /// As a manager is told of it.
    pub fn to_json(&self) -> Value {
        let Erased { events, series, dead_letters, answers } = self.erased;
        json!({
            "key": self.key,
            "seq": self.upto,
            "ended": self.ended,
            "state": if self.is_done() { "done" } else { "under_way" },
            "progress": self.progress(),
            "erased": {"events": events, "series": series, "dead_letters": dead_letters, "answers": answers},
            "remains": {"archive": self.delivered},
        })
    }
}
