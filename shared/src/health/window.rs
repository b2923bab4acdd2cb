//! What happened on a board between two times that it said its numbers.

use super::own;
use super::{number, share};
use crate::meters::BoardMeters;
use crate::time::Millis;
use serde_json::{Value, json};

const DAY_SECONDS: f64 = 86_400.0;

/// A board's counts at a time.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    since: Millis,
    pub(super) at: Millis,
    accepted: u64,
    refused: u64,
    duplicate: u64,
    late: u64,
    pushes: u64,
    push_failures: u64,
    slow_closed: u64,
    letters_lost: u64,
    rows: u64,
}

impl Counts {
    /// Those that it has said.
    pub(super) fn of(m: &BoardMeters) -> Self {
        let i = &m.ingested;
        Self {
            since: m.since,
            at: m.at,
            accepted: i.accepted,
            refused: i.refused.values().sum::<u64>() + i.refused_otherwise,
            duplicate: i.duplicate,
            late: i.late,
            pushes: m.told.pushes,
            push_failures: m.told.failures,
            slow_closed: m.told.sent.slow,
            letters_lost: m.letters_dropped,
            rows: m.rows,
        }
    }
}

/// What happened.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// Events that were accepted, a second.
    pub(super) rate: f64,
    /// Rows that its database would write in a day like this; none where that can't be told.
    pub(super) rows_day: Option<f64>,
    refused_share: f64,
    late: u64,
    push_failed_share: f64,
    slow_closed: u64,
    letters_lost: u64,
}

impl Window {
    /// Between two times. A board whose memory began anew counts from there.
    pub(super) fn between(was: Option<&Counts>, now: &Counts) -> Self {
        let same = was.filter(|was| was.since == now.since);
        let grown = |of: fn(&Counts) -> u64| of(now).saturating_sub(same.map_or(0, of));
        let from = same.map_or(now.since, |was| was.at);
        let seconds = now.at.since(from).max(1_000) as f64 / 1_000.0;
        let (accepted, refused, pushes) = (grown(|c| c.accepted), grown(|c| c.refused), grown(|c| c.pushes));
        Self {
            rate: accepted as f64 / seconds,
            // The database may be older than the board's memory: its rows are known from the second time on.
            rows_day: same.map(|was| now.rows.saturating_sub(was.rows) as f64 / seconds * DAY_SECONDS),
            refused_share: share(refused, accepted + grown(|c| c.duplicate) + refused),
            late: grown(|c| c.late),
            push_failed_share: share(grown(|c| c.push_failures), pushes).min(1.0),
            slow_closed: grown(|c| c.slow_closed),
            // These are stored: they never begin anew.
            letters_lost: was.map_or(0, |was| now.letters_lost.saturating_sub(was.letters_lost)),
        }
    }

    /// Of a board that says nothing.
    pub(super) fn at_rest() -> Self {
        Self { rows_day: Some(0.0), ..Self::default() }
    }

    /// Whether anything happened.
    pub(super) fn is_moving(&self) -> bool {
        let shares = self.rate + self.rows_day.unwrap_or(0.0) + self.refused_share + self.push_failed_share;
        shares > 0.0 || self.late + self.slow_closed + self.letters_lost > 0
    }

    /// How bad that is: 1 is where an alarm is raised.
    pub(super) fn badness(&self) -> f64 {
        let lost = if self.letters_lost > 0 { 1.0 } else { 0.0 };
        (self.refused_share / own::REFUSED_SHARE).max(self.push_failed_share / own::PUSH_FAILED_SHARE).max(lost)
    }

    /// As fields of an event.
    pub(super) fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("rate", number(self.rate)),
            ("rows_day", self.rows_day.map_or(Value::Null, |rows| number(rows.round()))),
            ("refused_share", number(self.refused_share)),
            ("late", json!(self.late)),
            ("push_failed_share", number(self.push_failed_share)),
            ("slow_closed", json!(self.slow_closed)),
            ("letters_lost", json!(self.letters_lost)),
        ]
    }
}
