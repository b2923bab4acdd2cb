//! Rewinding: what of a board's log is told to a viewer that begins to follow something, before what comes.
//!
//! The board looks through its log from the end, and so finds what it would find in a page of events: the same rights
//! hold, and what they hide is not told. The relay tells it up to where its own copy of the items is, and goes on from there.

use crate::codec::{Batch, DecodeError};
use crate::cursor::{Cursor, Seq};
use crate::limits;
use crate::problem::Code;
use crate::projection::LoggedRow;
use crate::rights::{KeySet, Sight};
use crate::sights::Shown;
use crate::sights::lens::Lens;
use crate::time::Millis;
use crate::views::events::{EventView, shown_event};
use serde::{Deserialize, Serialize};

/// How far back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rewind {
    /// So many events of those that are followed.
    Events(u32),
    /// What was accepted in so many seconds.
    Seconds(u32),
}

impl Rewind {
    /// Whether it may be asked for.
    ///
    /// # Errors
    /// What may be.
    pub fn check(self) -> Result<Self, String> {
        let (n, most, what) = match self {
            Self::Events(n) => (n, limits::REWIND_EVENTS, "events"),
            Self::Seconds(n) => (n, limits::REWIND_SECONDS, "seconds"),
        };
        if (1..=most).contains(&n) { Ok(self) } else { Err(format!("rewind goes back 1 to {most} {what}")) }
    }
}

/// What a relay asks its board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RewindAsk {
    /// What of the history the viewer may see.
    pub sight: Sight,
    /// Under which keys it may see what is now.
    pub read: KeySet,
    /// The keys that it follows, ascending; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<String>>,
    /// How far back.
    pub rewind: Rewind,
}

impl RewindAsk {
    fn is_of(&self, key: &str) -> bool {
        let followed = |keys: &Vec<String>| keys.binary_search_by(|k| k.as_str().cmp(key)).is_ok();
        self.keys.as_ref().is_none_or(followed) && self.read.allows(key) && self.sight.allows(key)
    }
}

/// Why there is nothing to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The log does not go back so far any more.
    Gone,
    /// More would have to be told, or looked through, than one rewind may.
    TooFar,
    /// All of it lies outside of the time that the credential shows.
    Hidden,
}

impl Refusal {
    /// The stable code, and a sentence that says what to do.
    pub fn told(self) -> (Code, String) {
        match self {
            Self::Gone => {
                (Code::EventsGone, "the board no longer keeps so many events; rewind by fewer, or by seconds".into())
            }
            Self::TooFar => {
                let (most, bytes) = (limits::REWIND_EVENTS, limits::REWIND_BYTES);
                let message = format!(
                    "a rewind tells at most {most} events or {bytes} bytes; rewind by less, follow fewer keys, or ask \
                     …/events"
                );
                (Code::RewindTooFar, message)
            }
            Self::Hidden => (
                Code::Forbidden,
                "the credential does not show the history of that time: subscribe without rewind".into(),
            ),
        }
    }
}

/// What a board answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rewound {
    /// The events.
    Told(Told),
    /// None.
    Refused(Refusal),
}

/// Events of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// The end of the log.
    pub cursor: Cursor,
    /// All that there is after this event, up to the end.
    pub from: Seq,
    /// The events, in the order of the log.
    pub events: Vec<EventView>,
}

/// An event as it is told.
#[derive(Debug, Serialize)]
pub struct ToldEvent<'e> {
    cursor: Cursor,
    #[serde(flatten)]
    event: &'e EventView,
}

impl Told {
    /// What is told to somebody who goes on from a cursor of the same life of the board.
    pub fn upto(&self, cursor: Cursor) -> impl Iterator<Item = ToldEvent<'_>> {
        let events = self.events.iter().take_while(move |event| event.seq <= cursor.seq);
        events.map(move |event| ToldEvent { cursor: Cursor { seq: event.seq, ..cursor }, event })
    }
}

/// How much of an event somebody sees, apart from its lens.
pub type Shows<'s> = &'s dyn Fn(&Batch<'_>, usize) -> Shown;

/// An answer in the making: it takes rows of events from the newest to the oldest.
pub struct Gathering<'g> {
    ask: &'g RewindAsk,
    lens: Option<Lens>,
    shows: Shows<'g>,
    /// When it is.
    now: Millis,
    /// The newest first.
    events: Vec<EventView>,
    /// Bytes of them, as they are told.
    told: usize,
    /// Rows that were looked through, and their bytes.
    rows: u64,
    bytes: usize,
    /// Whether something was not told because of its time.
    is_bounded: bool,
    /// Where it ends: what it begins after, or why it can't be.
    end: Option<Result<Seq, Refusal>>,
}

impl<'g> Gathering<'g> {
    /// Nothing yet; the viewer sees the history through a lens.
    pub fn new(ask: &'g RewindAsk, lens: Option<Lens>, shows: Shows<'g>, now: Millis) -> Self {
        let (events, end) = (Vec::new(), None);
        Self { ask, lens, shows, now, events, told: 0, rows: 0, bytes: 0, is_bounded: false, end }
    }

    /// Looks at the next row. False when no further one is needed.
    ///
    /// # Errors
    /// A batch that can't be read.
    pub fn row(&mut self, row: &LoggedRow<'_>) -> Result<bool, DecodeError> {
        if let Rewind::Seconds(seconds) = self.ask.rewind
            && self.now.since(row.at) > i64::from(seconds) * 1_000
        {
            self.end = Some(Ok(row.last));
            return Ok(false);
        }
        (self.rows, self.bytes) = (self.rows + 1, self.bytes + row.bytes.len());
        if self.rows > limits::REWIND_LOG_ROWS || self.bytes > limits::REWIND_LOG_BYTES {
            self.end = Some(Err(Refusal::TooFar));
            return Ok(false);
        }
        let batch = Batch::decode(row.bytes)?;
        for at in (0..batch.len()).rev() {
            let seq = row.first + at as u64;
            if !self.event(&batch, at, seq) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes an event. False when no further one is needed.
    fn event(&mut self, batch: &Batch<'_>, at: usize, seq: Seq) -> bool {
        let key = batch.key(at);
        if batch.is_hole(at) || !self.ask.is_of(key) {
            return true;
        }
        let time = batch.times.get(at).copied().unwrap_or_default();
        if self.lens.as_ref().is_some_and(|lens| !lens.sees_at(key, time)) {
            self.is_bounded = true;
            return true;
        }
        let Some(event) = shown_event(batch, at, (self.shows)(batch, at), self.lens.as_ref()) else { return true };
        let event = EventView::new(seq, event);
        self.told += serde_json::to_string(&event).map_or(0, |text| text.len()) + EVENT_BYTES;
        if self.told > limits::REWIND_BYTES || self.events.len() >= limits::REWIND_EVENTS as usize {
            self.end = Some(Err(Refusal::TooFar));
            return false;
        }
        self.events.push(event);
        let is_enough = matches!(self.ask.rewind, Rewind::Events(n) if self.events.len() >= n as usize);
        if is_enough {
            self.end = Some(Ok(seq - 1));
        }
        !is_enough
    }

    /// The answer, as of the end of the log; `kept_after` is the last event that it no longer has.
    pub fn finish(mut self, cursor: Cursor, kept_after: Seq) -> Rewound {
        let is_short = matches!(self.ask.rewind, Rewind::Events(_)) && kept_after > 0;
        let end = self.end.unwrap_or(if is_short { Err(Refusal::Gone) } else { Ok(kept_after) });
        match end {
            Ok(_) | Err(Refusal::Gone) if self.is_bounded && self.events.is_empty() => {
                Rewound::Refused(Refusal::Hidden)
            }
            Err(refusal) => Rewound::Refused(refusal),
            Ok(from) => {
                self.events.reverse();
                Rewound::Told(Told { cursor, from, events: self.events })
            }
        }
    }
}

/// What an event's cursor takes beside it.
const EVENT_BYTES: usize = 32;

#[cfg(test)]
mod tests;
