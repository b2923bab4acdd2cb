//! What a board knows of one relay: how far it is, and how pushing to it goes.

use crate::board::Tick;
use crate::cursor::Seq;
use crate::limits;
use crate::meters::Sent;
use crate::time::Millis;
use std::rc::Rc;

/// A relay as its board knows it.
pub(super) struct Relay {
    pub name: Rc<str>,
    /// Counts registrations of all relays: names this one.
    pub registration: u64,
    /// It has everything up to here; none: the board does not know where it is, or knows that it is too far behind.
    pub has: Option<Seq>,
    /// It has been told so many changes of standings, counted over the queue's life.
    pub standings: u64,
    /// The life of the board's memory of its scoreboard that it was told of last; none: unknown.
    pub life: Option<u32>,
    /// Whether its task runs.
    pub running: bool,
    /// Pushes so far.
    pub pushes: u64,
    /// Pushes that were neither answered nor have failed.
    pub unanswered: u32,
    /// Pushes since the last that brought it further.
    pub failures: u32,
    pub tick: Tick,
    /// After a failure: not before this.
    pub retry_at: Option<Millis>,
    pub pace: u32,
    pub viewers: u32,
    pub stored: Option<(Seq, u32)>,
    /// What it said last that it has sent to viewers.
    pub sent: Sent,
}

impl Relay {
    pub fn new(name: &str, registration: u64) -> Self {
        Self {
            name: name.into(),
            registration,
            has: None,
            standings: 0,
            life: None,
            running: false,
            pushes: 0,
            unanswered: 0,
            failures: 0,
            tick: Tick::default(),
            retry_at: None,
            pace: 0,
            viewers: 0,
            stored: None,
            sent: Sent::default(),
        }
    }

    pub fn failed(&mut self, now: Millis) {
        self.failures = self.failures.saturating_add(1);
        let pause = limits::PUSH_RETRY_MILLIS << self.failures.min(16).saturating_sub(1);
        self.retry_at = Some(now.plus(pause.min(limits::PUSH_RETRY_MILLIS_MAX)));
        if self.failures >= limits::PUSH_TRIES {
            // The queue is not kept for it any more.
            self.has = None;
        }
    }

    pub fn worked(&mut self) {
        self.failures = 0;
        self.retry_at = None;
    }

    /// Whether it failed so often that only something new makes another try, and not soon.
    pub fn is_given_up(&self, now: Millis) -> bool {
        self.failures >= limits::PUSH_TRIES && self.retry_at.is_some_and(|at| at > now)
    }
}
