//! Contest feeds: the event feed of the CLICS Contest API, which contest control systems write as NDJSON.
//!
//! [`line`] reads one line of any version of the format, [`model`] the objects in it, [`feed`] sorts a whole feed into
//! what the contest is and what happened in it, and [`verdicts`] turns that into events for a board: one for each team
//! and one for each change of a submission's verdict.
//! [`order`] puts them into the order of time, whatever the feed's. Ranking them is the board's work, by its rules.

pub mod amend;
mod feed;
mod line;
mod model;
mod order;
mod reltime;
mod verdicts;

use std::io;
use std::io::BufRead as _;

use jiff::tz::TimeZone;

use crate::summary::{Summary, grouped};

use super::columns::Columns;
use super::rows::{ReadError, Recording};
use super::source::{Format, Source};
use super::time::recording_zone;

use feed::{Feed, Schedule};
use verdicts::Verdicts;

/// Lines that are looked at to tell whether NDJSON is a contest feed.
const LOOKED_AT: usize = 50;

/// What a session of the contest needs to know, in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq)]
pub struct Contest {
    /// Its id, with which the ids of its events begin.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// When it started.
    pub start: i64,
    /// When the scoreboard was frozen, if it was.
    pub freeze: Option<i64>,
    /// When it ended, if the feed says.
    pub end: Option<i64>,
    /// When the public saw everything again, if it did.
    pub thawed: Option<i64>,
    /// What a wrong attempt costs, in minutes, if the feed says.
    pub penalty_minutes: Option<f64>,
    /// Its problems in order, as a board's rules list its tasks.
    pub tasks: Vec<serde_json::Value>,
    /// What was given to whom, as a board's config lists its awards.
    pub awards: Vec<serde_json::Value>,
    /// What the feed says that the board's config may have to know.
    pub notes: Vec<String>,
}

/// Whether the content is a contest feed: NDJSON whose first lines all have a `type` and `data`, some of a type that
/// only contests have.
pub fn is_feed(source: &Source) -> bool {
    let read = || -> io::Result<bool> {
        let mut reader = source.open()?;
        let (mut text, mut known, mut seen) = (Vec::new(), false, 0);
        while seen < LOOKED_AT {
            text.clear();
            if reader.read_until(b'\n', &mut text)? == 0 {
                break;
            }
            if text.trim_ascii().is_empty() {
                continue;
            }
            match line::looks_like_one(text.trim_ascii()) {
                Some(is_known) => known |= is_known,
                // The last line of a feed that was cut off.
                None if seen > 0 && !text.ends_with(b"\n") => break,
                None => return Ok(false),
            }
            seen += 1;
        }
        Ok(known)
    };
    matches!(source.format(), Ok(Format::Ndjson)) && read().unwrap_or(false)
}

/// Reads a whole feed. Times without an offset are in `zone`.
pub fn read(source: &Source, zone: &TimeZone) -> Result<Recording, ReadError> {
    let mut feed = Feed::default();
    let mut summary = Summary::default();
    let mut reader = source.open()?;
    let mut text = Vec::new();
    for number in 1.. {
        text.clear();
        if reader.read_until(b'\n', &mut text)? == 0 {
            break;
        }
        // Empty lines keep a quiet connection open.
        if !text.trim_ascii().is_empty()
            && let Err((code, message)) = feed.take(number, text.trim_ascii())
        {
            summary.refuse_row(number, code, &message);
        }
    }
    let Feed { contest, changes } = feed;
    let schedule = contest.schedule(zone, &changes).map_err(ReadError::Input)?;
    let mut changes = changes;
    if order::is_newest_first(&changes, schedule.start, zone) {
        changes.reverse();
    }
    let mut verdicts = Verdicts::new(&contest, &schedule, zone);
    verdicts.teams();
    for (number, change) in changes {
        verdicts.take(number, change);
    }
    let (rows, told) = verdicts.finish();
    let mut notes = vec![format!("{}: {} teams, {told}", schedule.title, grouped(contest.ranked_teams() as u64))];
    notes.extend(contest.notes());
    let Schedule { title, start, freeze, end, thawed, .. } = schedule;
    let contest = Contest {
        id: contest.id(),
        title,
        start,
        freeze,
        end,
        thawed,
        penalty_minutes: contest.penalty_minutes(),
        tasks: contest.tasks(),
        awards: contest.awards(),
        notes,
    };
    let zone = recording_zone(schedule.offset, zone);
    Ok(Recording { columns: Columns::default(), rows, summary, cells: Vec::new(), zone, contest: Some(contest) })
}

#[cfg(test)]
mod tests;
