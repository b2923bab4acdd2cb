//! The event feed of a contest (CLICS Contest API): teams, and the verdicts of what they hand in.
//!
//! A request has a whole feed, as `heliograph replay` reads it. A source that asks goes on from one time to the next:
//! [`crate::contest::Follow`].

use super::{Arrived, Envelope, Slice, plain};
use crate::contest::{ContestEvent, Ended, Follow, Unread, WrongLine};
use crate::event::RawEvent;
use crate::ingest::json;
use crate::limits;
use crate::problem::{Code, FieldError, Problem};

/// A contest.
pub(super) struct Clics;

/// The records of what was read: events as the API takes them, and lines that can't be used.
pub fn records(events: &[ContestEvent], wrong: Vec<WrongLine>) -> Vec<Slice<'static>> {
    let events = events.iter().map(|event| Slice::new(event.json().to_string()));
    let wrong = wrong.into_iter().map(|line| Slice::new(line.text).refused("", Code::Invalid, line.why));
    events.chain(wrong).collect()
}

impl Envelope for Clics {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        let problem = |why: Unread| {
            let code = match why {
                Unread::TooLarge | Unread::LongLine => Code::TooMany,
                Unread::Nothing | Unread::Short | Unread::NoFeed => Code::Invalid,
            };
            Problem::new(code, format!("{why}; nothing was taken"))
        };
        let mut reading = Follow::default().reading();
        for line in arrived.text()?.lines() {
            reading.take(line.as_bytes()).map_err(problem)?;
        }
        let heard = reading.end(Ended::Closed, false).map_err(problem)?;
        let some = heard.events.get(..=limits::EVENTS_PER_REQUEST).unwrap_or(&heard.events);
        plain::within(records(some, heard.wrong))
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, _: &str) -> Result<RawEvent<'s>, FieldError> {
        json::read_line(&slice.raw)
    }
}
