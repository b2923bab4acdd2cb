//! Contest feeds: the event feed of the CLICS Contest API, which contest control systems write as NDJSON, as a recording.
//! What is made of it is [`heliograph_shared::contest`]'s.

pub mod amend;

use std::io;
use std::io::BufRead as _;

use heliograph_shared::contest::feed::{Feed, Schedule};
use heliograph_shared::contest::verdicts::{Counts, Verdicts};
use heliograph_shared::contest::{ContestEvent, line, order};
use jiff::tz::TimeZone;

use crate::summary::{Summary, grouped};

use super::columns::Columns;
use super::rows::{ReadError, Recording, Row, rest};
use super::source::{Format, Source};
use super::time::{parse_time, recording_zone};

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
    /// Where the logo of each team lies, as the feed names it.
    pub logos: std::collections::BTreeMap<String, String>,
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
    let Feed { contest, mut changes } = feed;
    let read_time = |text: &str| parse_time(text, zone).ok().map(|stamp| stamp.millis);
    let schedule = contest.schedule(&read_time, &changes).map_err(ReadError::Input)?;
    if order::is_newest_first(&changes, schedule.start, &read_time) {
        changes.reverse();
    }
    let mut verdicts = Verdicts::new(&contest, &schedule, &read_time);
    verdicts.teams();
    for (number, change) in changes {
        verdicts.take(number, change);
    }
    let (events, counts, _) = verdicts.finish();
    let rows = events.into_iter().map(row).collect();
    let teams = grouped(contest.ranked_teams() as u64);
    let mut notes = vec![format!("{}: {teams} teams, {}", schedule.title, told(counts))];
    notes.extend(contest.notes());
    let offset = parse_time(&schedule.written, zone).ok().and_then(|stamp| stamp.offset);
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
        logos: contest.logos(),
        notes,
    };
    let zone = recording_zone(offset, zone);
    Ok(Recording { columns: Columns::default(), rows, summary, cells: Vec::new(), zone, contest: Some(contest) })
}

/// An event as a row.
fn row(event: ContestEvent) -> Row {
    let rest = rest(&event.position, &event.fields);
    Row::new(event.line, event.time, event.known, event.key, Some(event.id), rest)
}

/// How many submissions there are, and how many do not count.
fn told(counts: Counts) -> String {
    let mut told = format!("{} submissions", grouped(counts.submissions));
    for (count, why) in [
        (counts.pending, "not judged"),
        (counts.out_of_time, "before the start or after the end"),
        (counts.elsewhere, "by teams or for problems that are not on the scoreboard"),
    ] {
        if count > 0 {
            told.extend([", ", &grouped(count), " ", why]);
        }
    }
    told
}

#[cfg(test)]
mod tests;
