//! Tells the relays what was accepted: the first change after a quiet spell at once, then once a tick.

use super::Inner;
use crate::clock;
use crate::objects::call::{PushReply, relay_push};
use futures_util::future::join_all;
use heliograph_shared::board::{LogRow, Tick};
use heliograph_shared::cursor::Cursor;
use heliograph_shared::limits;
use heliograph_shared::relay::{PushMessage, PushRow};
use heliograph_shared::time::Millis;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use worker::console_error;

/// A push that fails is tried again so often; then the relay is on its own and syncs at its next push.
const TRIES: u32 = 5;

/// What waits for the relays.
#[derive(Default)]
pub struct Pusher {
    /// Relays with the number of their registration.
    relays: RefCell<Vec<(String, u64)>>,
    registrations: Cell<u64>,
    rows: RefCell<Vec<LogRow>>,
    bytes: Cell<usize>,
    pushed: Cell<Cursor>,
    newest: Cell<Cursor>,
    accepted_at: Cell<Millis>,
    tick: Cell<Tick>,
    /// Milliseconds between pushes that the fullest relay wants.
    pace: Cell<u32>,
    running: Cell<bool>,
    /// Whether standings may have changed without a row of the log.
    nudged: Cell<bool>,
}

impl Pusher {
    /// The board is loaded: relays that registered before, and where the log is.
    pub fn begin(&self, relays: Vec<String>, cursor: Cursor) {
        *self.relays.borrow_mut() = relays.into_iter().map(|r| (r, 0)).collect();
        self.pushed.set(cursor);
        self.newest.set(cursor);
    }

    /// The board is erased.
    pub fn forget(&self) {
        self.relays.borrow_mut().clear();
        self.rows.borrow_mut().clear();
        self.bytes.set(0);
    }

    /// A relay wants pushes.
    pub fn register(&self, relay: &str) {
        let number = self.registrations.get() + 1;
        self.registrations.set(number);
        let mut relays = self.relays.borrow_mut();
        relays.retain(|(r, _)| r != relay);
        relays.push((relay.to_owned(), number));
    }

    /// A relay said that it has no viewers. True when it has not registered again in the meantime.
    fn unregister(&self, relay: &str, number: u64) -> bool {
        let mut relays = self.relays.borrow_mut();
        let before = relays.len();
        relays.retain(|(r, n)| r != relay || *n != number);
        relays.len() < before
    }

    /// Rows were logged.
    pub fn add(&self, rows: Vec<LogRow>, cursor: Cursor, now: Millis) {
        self.newest.set(cursor);
        self.accepted_at.set(now);
        if self.relays.borrow().is_empty() {
            self.pushed.set(cursor);
            return;
        }
        self.bytes.set(self.bytes.get() + rows.iter().map(|r| r.batch.len()).sum::<usize>());
        self.rows.borrow_mut().extend(rows);
        if self.bytes.get() > limits::PUSH_BYTES {
            // The relays are far behind: the next push will have a hole, and they fetch a snapshot instead.
            self.rows.borrow_mut().clear();
            self.bytes.set(0);
            self.pushed.set(cursor);
        }
    }

    /// Standings may have changed without a row of the log.
    pub fn nudge(&self) {
        self.nudged.set(true);
    }

    fn is_idle(&self) -> bool {
        self.rows.borrow().is_empty() && !self.nudged.get()
    }

    /// Everything that waits, as one message. `scores` is the life of the scoreboard's memory and what changed of it.
    fn take(&self, (scores_life, scores): (u32, Vec<Vec<u8>>)) -> Option<Vec<u8>> {
        let nudged = self.nudged.replace(false);
        let rows = std::mem::take(&mut *self.rows.borrow_mut());
        self.bytes.set(0);
        let previous = self.pushed.replace(self.newest.get());
        if rows.is_empty() && !nudged {
            return None;
        }
        let rows = rows.iter().map(|r| PushRow { first: r.first, batch: &r.batch }).collect();
        let (to, accepted_at) = (self.newest.get().seq, self.accepted_at.get());
        let scores = scores.iter().map(Vec::as_slice).collect();
        Some(PushMessage { previous, to, accepted_at, rows, scores_life, scores }.encode())
    }
}

/// Starts pushing, unless it is under way already.
pub fn wake(inner: &Rc<Inner>, tick_millis: u32) {
    if inner.pusher.running.get() || inner.pusher.is_idle() {
        return;
    }
    inner.pusher.running.set(true);
    let own = inner.clone();
    inner.state.wait_until(async move {
        run(&own, tick_millis).await;
        own.pusher.running.set(false);
    });
}

async fn run(inner: &Rc<Inner>, tick_millis: u32) {
    let pusher = &inner.pusher;
    loop {
        let wait = pusher.tick.get().wait(clock::now());
        if wait > 0 {
            clock::sleep(wait).await;
        }
        let mut tick = pusher.tick.get();
        tick.left(clock::now(), tick_millis.max(pusher.pace.get()));
        pusher.tick.set(tick);
        let Some(message) = pusher.take(standings(inner)) else { return };
        let relays = pusher.relays.borrow().clone();
        let replies = join_all(relays.iter().map(|(r, _)| push(inner, r, &message))).await;
        // The fullest relay sets the pace.
        pusher.pace.set(replies.iter().flatten().copied().max().unwrap_or(0));
        for (relay, number) in relays.iter().zip(replies).filter(|(_, pace)| pace.is_none()).map(|(r, _)| r) {
            if pusher.unregister(relay, *number)
                && let Err(fault) = inner.with(|b| b.store.remove_relay(relay))
            {
                console_error!("relay {relay} stays registered: {fault:?}");
            }
        }
        if pusher.is_idle() {
            return;
        }
    }
}

/// The life of the scoreboard's memory, and what changed of the standings that relays follow.
fn standings(inner: &Rc<Inner>) -> (u32, Vec<Vec<u8>>) {
    let changes = inner.with(|b| {
        if b.keeper.settings().scores.is_none() && b.keeper.timeline().rules.is_none() {
            return Ok((0, Vec::new()));
        }
        let cursor = b.core.cursor();
        Ok((b.keeper.life(), b.keeper.changes(cursor)))
    });
    changes.unwrap_or_else(|fault| {
        console_error!("standings: {fault:?}");
        (0, Vec::new())
    })
}

/// Pushes to one relay; the pace that it wants, or none when it has no viewers any more.
async fn push(inner: &Rc<Inner>, relay: &str, message: &[u8]) -> Option<u32> {
    for attempt in 0..TRIES {
        match relay_push(&inner.env, relay, message).await {
            Ok(PushReply::Taken(pace)) => return Some(pace),
            Ok(PushReply::Idle) => return None,
            Err(fault) => {
                console_error!("push to {relay}, attempt {attempt}: {fault:?}");
                clock::sleep(100 << attempt).await;
            }
        }
    }
    Some(0)
}
