//! Contests by the event feed of the CLICS Contest API, which contest control systems write as NDJSON.
//!
//! [`line`] reads one line of any version of the format, [`model`] the objects in it, [`feed`] sorts lines into what the
//! contest is and what happened in it, and [`verdicts`] turns that into events for a board: one for each team and one for
//! each change of a submission's verdict. [`order`] puts them into the order of time, whatever the feed's. [`follow`] does
//! all of that for a contest that is still running, piece by piece. Ranking is the board's work, by its rules.

mod event;
pub mod feed;
pub mod follow;
pub mod line;
pub mod model;
pub mod order;
mod reltime;
pub mod verdicts;

pub use event::ContestEvent;
pub use follow::{Ended, Follow, Heard, Reading, Unread, WrongLine};

use crate::time::Millis;

/// Reads a time as a feed writes it: milliseconds since 1970.
pub type ReadTime<'a> = &'a dyn Fn(&str) -> Option<i64>;

/// Reads a time with its offset, which some systems write without its minutes; one without any is in UTC.
pub fn read_time(text: &str) -> Option<i64> {
    let text = text.trim();
    let whole = |text: &str| Millis::parse(text).map(|at| at.0);
    let with_minutes = || {
        let at = text.rfind(['+', '-']).filter(|at| *at > "2026-03-01T".len())?;
        let (clock, offset) = text.split_at(at);
        match offset.len() {
            3 => whole(&format!("{text}:00")),
            5 if offset.is_ascii() => whole(&format!("{clock}{}:{}", &offset[..3], &offset[3..])),
            _ => None,
        }
    };
    whole(text).or_else(with_minutes)
}

#[cfg(test)]
mod tests;
