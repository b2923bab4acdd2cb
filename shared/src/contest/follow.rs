//! A contest that is running, by a feed that is asked for again and again and does not end.
//!
//! A server that knows where it was left goes on from there (`since_token`, before 2022 `since_id`). Any other one says
//! everything anew: what comes before the last known line is passed over, and a feed that is cut off before it is not
//! believed. Whatever the pieces, a board ends as after a replay of the whole feed.

use super::feed::{Feed, Happening, Schedule, Setting};
use super::order::is_newest_first;
use super::verdicts::{Happened, Said, Verdicts};
use super::{ContestEvent, read_time};
use crate::limits;
use crate::time::Millis;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use xxhash_rust::xxh3::xxh3_64;

/// So much is said of what is wrong with a line.
const WHY_CHARS: usize = 300;

/// Where a server can go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Since {
    /// Behind the line with this token.
    Token(String),
    /// Behind the event with this id.
    Id(String),
}

/// What is known of a contest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Follow {
    /// Which feed all of this is of.
    of: String,
    setting: Setting,
    happened: Happened,
    said: Said,
    /// Hashes of the feed's first line and of the last that was read.
    first: Option<u64>,
    last: Option<u64>,
    /// How many lines the feed had up to there.
    lines: u64,
    since: Option<Since>,
}

/// Why nothing can be made of what a server said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// It hung up before it said anything.
    #[error("its feed broke off before its first line")]
    Nothing,
    /// It says everything anew, and did not come to what is known.
    #[error("its feed broke off before the line that was the last one known")]
    Short,
    /// It is larger than what is kept.
    #[error("its contest has more than {} teams, submissions and judgements together", limits::CONTEST_OBJECTS)]
    TooLarge,
    /// A line is longer than what is read.
    #[error("a line of its feed has more than {} bytes", limits::CONTEST_LINE_BYTES)]
    LongLine,
    /// The first lines are none of a feed.
    #[error("it answers something else than the event feed of a contest")]
    NoFeed,
}

/// How reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The server ended its answer.
    Closed,
    /// It says nothing more for now.
    Quiet,
    /// It broke off, or there was no more room or time.
    Cut,
}

/// A line that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongLine {
    /// The line.
    pub text: String,
    /// Why.
    pub why: String,
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// What is known now: to be kept once the board has the events.
    pub follow: Follow,
    /// The events.
    pub events: Vec<ContestEvent>,
    /// Lines that can't be used.
    pub wrong: Vec<WrongLine>,
}

/// What is asked of a line to go on behind it.
#[derive(Deserialize)]
struct Place {
    #[serde(default)]
    token: Value,
    #[serde(default)]
    op: Value,
    #[serde(default)]
    id: Value,
}

impl Place {
    fn since(self) -> Option<Since> {
        let short = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        let short = |value: Value| short(value).filter(|s| (1..=limits::CONTEST_PLACE_BYTES).contains(&s.len()));
        if self.op.is_string() { short(self.id).map(Since::Id) } else { short(self.token).map(Since::Token) }
    }
}

/// Where a reading stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Behind what is known.
    On,
    /// At something that may be known, of a feed that is said anew.
    Anew,
    /// The same, past the last line that was known, of which so many changes stand before it.
    Past(usize),
}

/// A feed that is being read.
#[derive(Debug)]
pub struct Reading {
    was: Follow,
    feed: Feed,
    mode: Mode,
    lines: u64,
    first: Option<u64>,
    last: Option<u64>,
    since: Option<Since>,
    wrong: Vec<WrongLine>,
}

impl Follow {
    /// What is known of this feed: nothing, where it is another one.
    #[must_use]
    pub fn of(self, feed: &str) -> Self {
        if self.of == feed { self } else { Self { of: feed.to_owned(), ..Self::default() } }
    }

    /// The parameter with which a server goes on from what is known.
    pub fn since(&self) -> Option<(&'static str, &str)> {
        self.since.as_ref().map(|since| match since {
            Since::Token(token) => ("since_token", token.as_str()),
            Since::Id(id) => ("since_id", id.as_str()),
        })
    }

    /// The id of the contest, as far as it is known.
    pub fn contest_id(&self) -> String {
        self.setting.id()
    }

    /// The server does not know where it was left: it is asked for everything.
    pub fn lose_place(&mut self) {
        self.since = None;
    }

    /// Begins to read what a server says that was asked with [`Self::since`].
    pub fn reading(self) -> Reading {
        let mode = match (&self.since, self.last) {
            (_, None) => Mode::Past(0),
            (Some(_), Some(_)) => Mode::On,
            (None, Some(_)) => Mode::Anew,
        };
        let mut feed = Feed::default();
        if mode == Mode::On {
            feed.contest.clone_from(&self.setting);
        }
        let (first, last, since) = (self.first, self.last, self.since.clone());
        Reading { was: self, feed, mode, lines: 0, first, last, since, wrong: Vec::new() }
    }

    /// As it is kept.
    pub fn packed(&self) -> Result<Vec<u8>, Unread> {
        let text = serde_json::to_vec(self).map_err(|_| Unread::TooLarge)?;
        if text.len() as u64 > limits::CONTEST_STATE_BYTES {
            return Err(Unread::TooLarge);
        }
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&text).and_then(|()| encoder.finish()).map_err(|_| Unread::TooLarge)
    }

    /// From what was kept; nothing is known where that is nothing of this kind.
    #[must_use]
    pub fn unpacked(bytes: &[u8]) -> Self {
        let mut text = Vec::new();
        let read = DeflateDecoder::new(bytes).take(limits::CONTEST_STATE_BYTES).read_to_end(&mut text);
        read.ok().and_then(|_| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }
}

impl Reading {
    /// Takes one line.
    pub fn take(&mut self, line: &[u8]) -> Result<(), Unread> {
        let line = line.trim_ascii();
        // Empty lines keep a quiet connection open.
        if line.is_empty() {
            return Ok(());
        }
        if line.len() > limits::CONTEST_LINE_BYTES {
            return Err(Unread::LongLine);
        }
        let hash = xxh3_64(line);
        self.lines += 1;
        if self.lines == 1 {
            if self.mode == Mode::On && self.was.first == Some(hash) {
                // It was told where to go on, and does not know how to.
                self.mode = Mode::Anew;
                self.feed = Feed::default();
            }
            if self.mode != Mode::On {
                self.first = Some(hash);
            }
        }
        let taken = self.feed.take(self.lines, line);
        if let Err((code, why)) = &taken {
            if self.lines == 1 && matches!(*code, "bad_json" | "not_a_feed_line") {
                return Err(Unread::NoFeed);
            }
            if self.mode != Mode::Anew && self.wrong.len() < limits::CONTEST_WRONG_LINES {
                let text = String::from_utf8_lossy(line).into_owned();
                self.wrong.push(WrongLine { text, why: why.chars().take(WHY_CHARS).collect() });
            }
        }
        if let Ok(place) = serde_json::from_slice::<Place>(line) {
            self.since = place.since().or(self.since.take());
        }
        self.last = Some(hash);
        // The same may have been said before, word for word: of several such lines it is the one with the number.
        let is_there = self.lines == self.was.lines && matches!(self.mode, Mode::Past(_));
        if self.was.last == Some(hash) && (self.mode == Mode::Anew || is_there) {
            self.mode = Mode::Past(self.feed.changes.len());
            self.wrong.clear();
        }
        let known = if self.mode == Mode::On { self.was.happened.objects() } else { 0 };
        let objects = self.feed.contest.objects() + known + self.feed.changes.len();
        if objects > limits::CONTEST_OBJECTS { Err(Unread::TooLarge) } else { Ok(()) }
    }

    /// Ends it. `patient`: whether a feed that is shorter than what is known may still come as far.
    pub fn end(self, how: Ended, patient: bool) -> Result<Heard, Unread> {
        if self.lines == 0 {
            return match how {
                Ended::Cut => Err(Unread::Nothing),
                Ended::Closed | Ended::Quiet => Ok(Heard { follow: self.was, events: Vec::new(), wrong: Vec::new() }),
            };
        }
        let before = if self.mode == Mode::On { self.was.lines } else { 0 };
        let lines = before + self.lines;
        let (known, is_whole) = match (self.mode, how) {
            (Mode::On, _) => (0, false),
            (Mode::Past(known), _) => (known, true),
            // A contest that was set up anew.
            (Mode::Anew, Ended::Closed) => (self.feed.changes.len(), true),
            (Mode::Anew, Ended::Quiet) if !patient => (self.feed.changes.len(), true),
            (Mode::Anew, Ended::Quiet | Ended::Cut) => return Err(Unread::Short),
        };
        let Feed { contest: mut setting, mut changes } = self.feed;
        let happened = if is_whole { Happened::default() } else { self.was.happened };
        // Under one address another contest may begin.
        let is_other = self.was.last.is_some() && self.was.setting.id() != setting.id();
        let mut said = if is_other { Said::default() } else { self.was.said };
        if is_whole && let Some(start) = self.was.setting.start_named().filter(|_| !is_other) {
            setting.name_start(start);
        }
        let schedule = setting.schedule(&read_time, &changes);
        let (events, happened) = match &schedule {
            Ok(schedule) => {
                let backwards = is_whole && is_newest_first(&changes, schedule.start, &read_time);
                if backwards {
                    changes.reverse();
                }
                let silent = if backwards && self.was.last.is_some() { changes.len() } else { known };
                let mut verdicts = Verdicts::going_on(&setting, schedule, &read_time, (happened, said));
                verdicts.teams();
                for (nth, (line, change)) in changes.into_iter().enumerate() {
                    if nth < silent {
                        verdicts.learn(change);
                    } else {
                        verdicts.take(line, change);
                    }
                }
                let (events, _, (happened, now_said)) = verdicts.finish();
                said = now_said;
                (events, happened)
            }
            // Nobody knows yet when it starts: what happens is told once that is known.
            Err(_) => (Vec::new(), learned(&setting, changes, happened)),
        };
        if let Ok(schedule) = &schedule {
            // What is known by a submission in both clocks stays as it was known first.
            setting.name_start(&Millis(schedule.start).to_rfc3339());
        }
        let (of, first, last, since) = (self.was.of, self.first, self.last, self.since);
        let follow = Follow { of, setting, happened, said, first, last, lines, since };
        Ok(Heard { follow, events, wrong: self.wrong })
    }
}

/// What happened, where none of it can be told yet.
fn learned(setting: &Setting, changes: Vec<(u64, Happening)>, happened: Happened) -> Happened {
    let nothing = Schedule::default();
    let mut verdicts = Verdicts::going_on(setting, &nothing, &read_time, (happened, Said::default()));
    for (_, change) in changes {
        verdicts.learn(change);
    }
    verdicts.happened()
}
