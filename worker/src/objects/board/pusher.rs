//! Tells the relays what was accepted: adapter around [`heliograph_shared::pusher`], with a task for each relay.

use super::{Inner, Loaded};
use crate::calls::relay::{self, PushReply};
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::trace::{InBackground, Span};
use futures_util::future::{Either, select};
use heliograph_shared::board::LogRow;
use heliograph_shared::calls::board::{CompareAnswer, CompareAsk};
use heliograph_shared::cursor::Cursor;
use heliograph_shared::limits;
use heliograph_shared::meters::Told;
use heliograph_shared::pusher::{Flight, Next, Pusher as Core};
use heliograph_shared::time::Millis;
use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use worker::Response;

/// What waits for the relays.
#[derive(Default)]
pub struct Pusher {
    core: RefCell<Core>,
}

impl Pusher {
    /// The board is loaded. What was pushed before is known still, if only the board's state was dropped.
    pub fn begin(&self, b: &Loaded) -> Answer<()> {
        let relays = b.store.relays()?;
        let (tick_ms, life) = (b.keeper.settings().tick_ms, life(b));
        self.core.borrow_mut().begin(clock::now(), relays, b.core.cursor(), tick_ms, life);
        Ok(())
    }

    /// The board is erased.
    pub fn forget(&self) {
        self.core.borrow_mut().forget();
    }

    /// A relay gets the board's state, and wants pushes.
    pub fn register(&self, relay: &str) {
        self.core.borrow_mut().register(relay);
    }

    /// Viewers of the other relays.
    pub fn viewers_elsewhere(&self, relay: &str) -> u32 {
        self.core.borrow().viewers_elsewhere(relay)
    }

    /// The relays that the board knows of.
    pub fn names(&self) -> Vec<String> {
        self.core.borrow().names()
    }

    /// How telling the relays goes.
    pub fn told(&self) -> Told {
        self.core.borrow().told()
    }

    /// Rows were logged.
    pub fn add(&self, rows: Vec<LogRow>, cursor: Cursor, now: Millis) {
        self.core.borrow_mut().add(now, rows, cursor);
    }

    /// Standings may have changed without a row of the log.
    pub fn nudge(&self) {
        self.core.borrow_mut().nudge();
    }

    /// When the board is to look whether every relay has confirmed.
    pub fn check_at(&self) -> Option<Millis> {
        self.core.borrow().check_at()
    }
}

impl Inner {
    /// A relay compares its cursor with the board's.
    pub(super) fn compare(self: &Rc<Self>, body: &[u8]) -> Answer<Response> {
        let ask: CompareAsk = serde_json::from_slice(body)?;
        // The board may have forgotten its state: then it learns where its log is.
        self.with(|_| Ok(()))?;
        if ask.cursor.is_none() {
            // It has nothing in memory, and so no word of who has gone.
            self.relay_began(&ask.relay);
        }
        let before = self.pusher.viewers_elsewhere("");
        let compared = self.pusher.core.borrow_mut().compared(&ask.relay, ask.cursor, ask.viewers);
        // Viewers come and go on a board that nobody sends anything to, too.
        if self.pusher.viewers_elsewhere("") != before {
            self.note_news();
        }
        let (cursor, known, elsewhere) = (compared.cursor, compared.known, compared.elsewhere);
        Ok(Response::from_bytes(serde_json::to_vec(&CompareAnswer { cursor, known, elsewhere })?)?)
    }

    /// The numbers of the relays, in their order.
    pub(super) fn relays(&self) -> Answer<Response> {
        let relays = self.with(|b| b.store.relays())?;
        let mut numbers: Vec<u32> =
            relays.iter().filter_map(|relay| relay.name.rsplit('/').next()?.parse().ok()).collect();
        numbers.extend(self.at_work.borrow().relays(clock::now()));
        numbers.sort_unstable();
        Ok(Response::from_bytes(serde_json::to_vec(&numbers)?)?)
    }

    /// Stores how far relays have confirmed.
    pub(super) fn check_relays(&self, b: &Loaded) -> Answer<()> {
        let now = clock::now();
        let news = self.pusher.core.borrow_mut().check(now);
        b.store.confirm_relays(&news, now)
    }

    /// Has the platform wake the board to see whether every relay has confirmed, unless it is going to.
    pub(super) fn check_later(self: &Rc<Self>) {
        let now = clock::now();
        let Some(at) = self.pusher.check_at() else { return };
        if self.alarm_at.get().is_none_or(|set| set > at || set <= now) {
            self.set_alarm();
        }
    }
}

/// Starts tasks for relays that have to be told something and have none, with a new tick.
pub fn wake(inner: &Rc<Inner>, tick_millis: u32) {
    inner.pusher.core.borrow_mut().set_tick(tick_millis);
    wake_up(inner);
}

/// Starts tasks for relays that have to be told something and have none.
pub fn wake_up(inner: &Rc<Inner>) {
    let relays = inner.pusher.core.borrow_mut().start(clock::now());
    for relay in relays {
        let own = inner.clone();
        inner.state.in_background(async move { run(&own, &relay).await });
    }
}

/// The task of one relay: pushes as long as there is something to say.
async fn run(inner: &Rc<Inner>, relay: &Rc<str>) {
    loop {
        let now = clock::now();
        let next = inner.pusher.core.borrow_mut().next(relay, now);
        match next {
            Next::Idle => return,
            Next::Wait(until) => clock::sleep(until.since(now).max(1).unsigned_abs()).await,
            Next::Push => {
                let (life, changes) = standings(inner);
                let push = {
                    let mut core = inner.pusher.core.borrow_mut();
                    core.standings(life, changes);
                    core.push(relay, now)
                };
                if let Some((flight, bytes)) = push {
                    send(inner, relay, flight, bytes).await;
                }
            }
        }
    }
}

/// Sends a push and waits for its answer, for as long as its deadline says. A late answer counts as well.
async fn send(inner: &Rc<Inner>, relay: &Rc<str>, flight: Flight, bytes: Vec<u8>) {
    // Of the requests that it brings it is of the trace of the last one that somebody records.
    let sampled = inner.sampled.get().filter(|(seq, _)| flight.brings(*seq));
    let span = Span::of_work(&inner.label, sampled.map(|(_, trace)| trace));
    let reply = match span.run(|| relay::push(&inner.env, relay, &bytes)) {
        Ok(reply) => Box::pin(reply),
        Err(fault) => return settle(inner, relay, &flight, Err(fault)),
    };
    drop(bytes);
    match select(reply, pin!(clock::sleep(limits::PUSH_DEADLINE_MILLIS))).await {
        Either::Left((reply, _)) => settle(inner, relay, &flight, reply),
        Either::Right(((), reply)) => {
            log_error!("push to {relay}: no answer in {} ms", limits::PUSH_DEADLINE_MILLIS);
            inner.pusher.core.borrow_mut().late(relay, &flight, clock::now());
            let (own, relay) = (inner.clone(), relay.clone());
            inner.state.in_background(async move { settle(&own, &relay, &flight, reply.await) });
        }
    }
}

/// Takes a relay's answer, and says so where it tells of other viewers.
fn settle(inner: &Rc<Inner>, relay: &str, flight: &Flight, reply: Answer<PushReply>) {
    let before = inner.pusher.viewers_elsewhere("");
    take(inner, relay, flight, reply);
    if inner.pusher.viewers_elsewhere("") != before {
        inner.note_news();
    }
}

fn take(inner: &Rc<Inner>, relay: &str, flight: &Flight, reply: Answer<PushReply>) {
    let mut core = inner.pusher.core.borrow_mut();
    match reply {
        Ok(PushReply::Answer(answer)) => core.answered(relay, flight, &answer, clock::now()),
        Ok(PushReply::Idle) => {
            let gone = core.gone(relay, flight);
            drop(core);
            if gone && let Err(fault) = inner.with(|b| b.store.remove_relay(relay)) {
                log_error!("relay {relay} stays registered: {fault:?}");
            }
        }
        Err(Fault::Problem(_)) => core.failed(relay, flight, clock::now()),
        Err(Fault::Internal(cause)) => {
            log_error!("push to {relay}: {cause}");
            core.failed(relay, flight, clock::now());
        }
    }
}

/// The life of the board's memory of its scoreboard; 0 when it has none.
fn life(b: &Loaded) -> u32 {
    let has_one = b.keeper.settings().scores.is_some() || b.keeper.timeline().rules.is_some();
    if has_one { b.keeper.life() } else { 0 }
}

/// The life of the scoreboard's memory, and what changed of the standings that relays follow.
fn standings(inner: &Rc<Inner>) -> (u32, Vec<Vec<u8>>) {
    let changes = inner.with(|b| {
        let cursor = b.core.cursor();
        Ok(match life(b) {
            0 => (0, Vec::new()),
            life => (life, b.keeper.changes(cursor)),
        })
    });
    changes.unwrap_or_else(|fault| {
        log_error!("standings: {fault:?}");
        (0, Vec::new())
    })
}
