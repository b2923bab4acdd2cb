//! What a freeze hides.

use crate::codec::Batch;
use crate::scores::rule::ScoreRules;
use crate::scores::scored::EventView;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// How much of an event is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All of it.
    Whole,
    /// Key, time and position.
    Position,
    /// Nothing.
    Nothing,
}

/// What a freeze hides: events from a time on that one of these rules reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Veil {
    /// From this event time on.
    pub since: Millis,
    rules: Vec<ScoreRules>,
}

impl Veil {
    /// Hides what these rules read.
    pub const fn new(since: Millis, rules: Vec<ScoreRules>) -> Self {
        Self { since, rules }
    }

    /// Hides also what these rules read.
    pub fn also(&mut self, rules: &ScoreRules) {
        if !self.rules.contains(rules) {
            self.rules.push(rules.clone());
        }
    }

    /// Whether an event is hidden but for its position.
    pub fn hides(&self, batch: &Batch<'_>, row: usize) -> bool {
        let time = batch.times.get(row).copied().unwrap_or_default();
        time >= self.since && self.rules.iter().any(|rules| rules.reads(&EventView::new(batch, row)))
    }

    /// How much of an event is shown.
    pub fn shows(&self, batch: &Batch<'_>, row: usize) -> Shown {
        if !self.hides(batch, row) {
            Shown::Whole
        } else if batch.positions.get(row).is_some_and(Option::is_some) {
            Shown::Position
        } else {
            Shown::Nothing
        }
    }
}
