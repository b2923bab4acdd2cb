//! What a board tells its relays. Each relay has its own cursor, pace, deadline and place in the queue, so a slow one
//! delays no other. Pure: the shell runs a task for each relay, which asks [`Pusher::next`] what to do.
//!
//! A relay's answer says where it is, and that is believed: what it does not confirm is pushed again. One that is
//! further behind than the queue goes is only told where the board is; it finds a hole and fetches the board's state.

mod far;
mod queue;
#[cfg(test)]
mod tests;

use crate::board::LogRow;
use crate::cursor::{Cursor, Seq};
use crate::limits;
use crate::meters::{Sent, Told};
use crate::relay::{PushAnswer, PushHead, PushMessage};
use crate::time::Millis;
use far::Relay;
use queue::Queue;
use std::rc::Rc;

/// What the board's tables know of a relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub name: String,
    /// It had everything up to here.
    pub confirmed: Option<Seq>,
    /// It had so many viewers.
    pub viewers: u32,
}

/// What a relay's task does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It ends: there is nothing to say.
    Idle,
    /// It waits until then and asks again.
    Wait(Millis),
    /// It collects what changed of standings ([`Pusher::standings`]), and pushes ([`Pusher::push`]).
    Push,
}

/// A push that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flight {
    number: u64,
    registration: u64,
    from: Seq,
    to: Seq,
    standings: u64,
    life: u32,
}

impl Flight {
    /// Whether the event of this number is on it.
    pub const fn brings(&self, seq: Seq) -> bool {
        self.from < seq && seq <= self.to
    }
}

/// A relay and the board compared their cursors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Where the board is.
    pub cursor: Cursor,
    /// Whether the relay is told of changes; if not, it has to register.
    pub known: bool,
    /// Viewers of the other relays.
    pub elsewhere: u32,
}

/// What waits for a board's relays.
#[derive(Default)]
pub struct Pusher {
    newest: Cursor,
    accepted_at: Millis,
    tick_millis: u32,
    queue: Queue,
    relays: Vec<Relay>,
    registrations: u64,
    /// The life of the board's memory of its scoreboard; 0 when it has none.
    life: u32,
    /// Whether standings may have changed without a row of the log.
    nudged: bool,
    check_at: Option<Millis>,
    pushes: u64,
    failures: u64,
    /// What relays had sent that are gone, or began anew.
    sent_before: Sent,
}

impl Pusher {
    /// The board is loaded: its relays, where its log is, and the life of its scoreboard's memory (0: none). Relays whose
    /// confirmed position is not the newest are told where the board is. What is known from before is kept, when the
    /// board only forgot its state.
    pub fn begin(&mut self, now: Millis, stored: Vec<Stored>, cursor: Cursor, tick_millis: u32, life: u32) {
        let same_life = self.newest.epoch == cursor.epoch;
        if !same_life || self.newest.seq != cursor.seq {
            // Rows were logged that did not come here.
            self.queue.restart(cursor.seq);
        }
        self.newest = cursor;
        self.tick_millis = tick_millis;
        self.life = life;
        let mut before = std::mem::take(&mut self.relays);
        for s in stored {
            let relay = match before.iter().position(|r| *r.name == *s.name).filter(|_| same_life) {
                Some(at) => before.swap_remove(at),
                None => {
                    self.registrations += 1;
                    let mut relay = Relay::new(&s.name, self.registrations);
                    relay.has = s.confirmed.filter(|seq| *seq == cursor.seq);
                    relay.viewers = s.viewers;
                    relay.stored = s.confirmed.map(|seq| (seq, s.viewers));
                    relay.standings = self.queue.standings_end();
                    relay
                }
            };
            self.relays.push(relay);
        }
        self.look_after(now);
    }

    /// The board is erased.
    pub fn forget(&mut self) {
        *self = Self { registrations: self.registrations, ..Self::default() };
    }

    /// A relay fetches the board's state: it has everything up to here, and wants pushes.
    pub fn register(&mut self, name: &str) {
        self.registrations += 1;
        let (number, newest, life) = (self.registrations, self.newest.seq, self.life);
        let end = self.queue.standings_end();
        match self.find(name) {
            Some(relay) => {
                relay.registration = number;
                relay.has = Some(newest);
                relay.unanswered = 0;
                relay.worked();
            }
            None => {
                let mut relay = Relay::new(name, number);
                // It has no copies of standings yet.
                (relay.has, relay.standings, relay.life) = (Some(newest), end, Some(life));
                self.relays.push(relay);
            }
        }
        self.trim();
    }

    /// Rows were logged, up to `cursor`.
    pub fn add(&mut self, now: Millis, rows: Vec<LogRow>, cursor: Cursor) {
        self.newest = cursor;
        self.accepted_at = now;
        if self.relays.iter().any(|r| r.has.is_some()) {
            self.queue.add(rows);
        } else {
            self.queue.restart(cursor.seq);
        }
        self.look_after(now);
    }

    /// Milliseconds between two pushes, at least.
    pub const fn set_tick(&mut self, millis: u32) {
        self.tick_millis = millis;
    }

    /// Standings may have changed without a row of the log.
    pub const fn nudge(&mut self) {
        self.nudged = true;
    }

    /// What changed of standings, packed, and the life of the board's memory of them (0: there is no scoreboard).
    pub fn standings(&mut self, life: u32, changes: Vec<Vec<u8>>) {
        self.nudged = false;
        self.life = life;
        self.queue.add_standings(changes);
    }

    /// Relays of which a task has to be started; it counts as running now.
    pub fn start(&mut self, now: Millis) -> Vec<Rc<str>> {
        let mut names = Vec::new();
        for at in 0..self.relays.len() {
            let due = self.relays.get(at).is_some_and(|r| !r.running && self.is_due(r) && !r.is_given_up(now));
            if let Some(relay) = self.relays.get_mut(at).filter(|_| due) {
                relay.running = true;
                names.push(relay.name.clone());
            }
        }
        names
    }

    fn is_due(&self, relay: &Relay) -> bool {
        self.nudged
            || relay.has != Some(self.newest.seq)
            || relay.standings != self.queue.standings_end()
            || (self.life != 0 && relay.life != Some(self.life))
    }

    /// What a relay's task does next.
    pub fn next(&mut self, name: &str, now: Millis) -> Next {
        let Some(at) = self.relays.iter().position(|r| *r.name == *name) else { return Next::Idle };
        let Some(relay) = self.relays.get(at) else { return Next::Idle };
        let next = if !self.is_due(relay) || relay.is_given_up(now) {
            Next::Idle
        } else if relay.unanswered >= limits::PUSHES_UNANSWERED {
            Next::Wait(now.plus(limits::PUSH_RETRY_MILLIS_MAX))
        } else {
            let tick = now.plus(relay.tick.wait(now) as i64);
            match relay.retry_at.unwrap_or(tick).0.max(tick.0) {
                at if at > now.0 => Next::Wait(Millis(at)),
                _ => Next::Push,
            }
        };
        if let Some(relay) = self.relays.get_mut(at).filter(|_| next == Next::Idle) {
            relay.running = false;
        }
        next
    }

    /// The next push to a relay, as bytes; none when there is nothing to say.
    pub fn push(&mut self, name: &str, now: Millis) -> Option<(Flight, Vec<u8>)> {
        let at = self.relays.iter().position(|r| *r.name == *name)?;
        let relay = self.relays.get(at).filter(|r| self.is_due(r))?;
        let elsewhere = self.elsewhere(relay);
        let epoch = self.newest.epoch;
        let (previous, rows) = match relay.has.filter(|seq| *seq >= self.queue.floor()) {
            Some(has) => (Cursor { epoch, seq: has }, self.queue.rows_after(has)),
            // Where it is, if it has everything; a hole, if not.
            None => (self.newest, Vec::new()),
        };
        let to = rows.last().map_or(previous.seq, |r| r.last);
        let (standings_lost, scores) = self.queue.standings_after(relay.standings);
        let head = PushHead { elsewhere, standings_lost };
        let message = PushMessage {
            previous,
            to,
            accepted_at: self.accepted_at,
            rows: rows.into_iter().map(LogRow::push_row).collect(),
            scores_life: self.life,
            scores,
        };
        let bytes = head.with(&message);
        let (more, standings, life) = (to < self.newest.seq, self.queue.standings_end(), self.life);
        let tick_millis = self.tick_millis;
        let relay = self.relays.get_mut(at)?;
        self.pushes += 1;
        relay.pushes += 1;
        relay.unanswered += 1;
        relay.tick.left(now, if more { 0 } else { tick_millis.max(relay.pace) });
        let (number, registration, from) = (relay.pushes, relay.registration, previous.seq);
        Some((Flight { number, registration, from, to, standings, life }, bytes))
    }

    /// A relay has answered a push, in time or late.
    pub fn answered(&mut self, name: &str, flight: &Flight, answer: &PushAnswer, now: Millis) {
        self.count_sent(name, flight, answer.sent);
        let newest = self.newest;
        let Some(relay) = self.find(name) else { return };
        relay.viewers = answer.viewers;
        relay.pace = answer.pace;
        if relay.registration != flight.registration {
            // It has fetched the board's state meanwhile: that counts.
            return;
        }
        relay.unanswered = relay.unanswered.saturating_sub(1);
        relay.standings = relay.standings.max(flight.standings);
        relay.life = Some(flight.life);
        if answer.syncing || answer.cursor.epoch != newest.epoch {
            // It will say where it is by registering; until then it is asked now and then.
            relay.failed(now);
        } else {
            let seq = answer.cursor.seq.min(newest.seq);
            // An answer that was overtaken says less than is known.
            let overtaken = flight.number != relay.pushes;
            relay.has = Some(if overtaken { relay.has.map_or(seq, |has| has.max(seq)) } else { seq });
            if seq >= flight.to {
                relay.worked();
            } else {
                relay.failed(now);
            }
        }
        self.trim();
    }

    /// A relay says what it has sent. One that began anew says less than before; an answer that was overtaken does so, too.
    fn count_sent(&mut self, name: &str, flight: &Flight, sent: Sent) {
        let Some(relay) = self.find(name) else { return };
        let before = relay.sent;
        if !sent.is_before(before) {
            relay.sent = sent;
        } else if flight.number == relay.pushes {
            relay.sent = sent;
            self.sent_before = self.sent_before.and(before);
        }
    }

    /// A push could not be delivered.
    pub fn failed(&mut self, name: &str, flight: &Flight, now: Millis) {
        self.failures += 1;
        let Some(relay) = self.find(name).filter(|r| r.registration == flight.registration) else { return };
        relay.unanswered = relay.unanswered.saturating_sub(1);
        relay.failed(now);
        self.trim();
    }

    /// A push was not answered within its deadline; it may be answered still.
    pub fn late(&mut self, name: &str, flight: &Flight, now: Millis) {
        self.failures += 1;
        if let Some(relay) = self.find(name).filter(|r| r.registration == flight.registration) {
            relay.failed(now);
        }
        self.trim();
    }

    /// A relay answered a push by saying that it has no viewers. True when it has not registered again in the meantime:
    /// then it is forgotten.
    pub fn gone(&mut self, name: &str, flight: &Flight) -> bool {
        let at = self.relays.iter().position(|r| *r.name == *name && r.registration == flight.registration);
        if let Some(at) = at {
            self.sent_before = self.sent_before.and(self.relays.remove(at).sent);
        }
        self.trim();
        at.is_some()
    }

    /// A relay that hears nothing says where it is, if it knows, and how many viewers it has. If it is behind, [`Pusher::start`] has
    /// something for it.
    pub fn compared(&mut self, name: &str, cursor: Option<Cursor>, viewers: u32) -> Compared {
        let newest = self.newest;
        let Some(at) = self.relays.iter().position(|r| *r.name == *name) else {
            let elsewhere = self.total();
            return Compared { cursor: newest, known: false, elsewhere };
        };
        if let Some(relay) = self.relays.get_mut(at) {
            relay.viewers = viewers;
            if let Some(cursor) = cursor.filter(|c| c.epoch == newest.epoch) {
                if relay.unanswered == 0 || relay.has.is_none_or(|has| has < cursor.seq) {
                    relay.has = Some(cursor.seq.min(newest.seq));
                }
                if cursor.seq == newest.seq {
                    relay.worked();
                }
            }
        }
        self.trim();
        let elsewhere = self.relays.get(at).map_or(0, |r| self.elsewhere(r));
        Compared { cursor: newest, known: true, elsewhere }
    }

    /// Viewers of the relays other than this one.
    pub fn viewers_elsewhere(&self, name: &str) -> u32 {
        self.relays.iter().filter(|r| *r.name != *name).map(|r| r.viewers).sum()
    }

    /// The relays that the board knows of.
    pub fn names(&self) -> Vec<String> {
        self.relays.iter().map(|relay| relay.name.to_string()).collect()
    }

    /// How telling the relays goes.
    pub fn told(&self) -> Told {
        let newest = self.newest.seq;
        let behind = self.relays.iter().filter_map(|r| r.has).map(|has| newest.saturating_sub(has)).max();
        Told {
            relays: self.relays.len() as u32,
            viewers: self.total(),
            behind: behind.unwrap_or(0),
            pushes: self.pushes,
            failures: self.failures,
            sent: self.relays.iter().fold(self.sent_before, |sum, relay| sum.and(relay.sent)),
        }
    }

    fn elsewhere(&self, relay: &Relay) -> u32 {
        self.total().saturating_sub(relay.viewers)
    }

    fn total(&self) -> u32 {
        self.relays.iter().map(|r| r.viewers).sum()
    }

    /// When the board wants to be woken to see whether everything arrived, though it forgot everything until then.
    pub const fn check_at(&self) -> Option<Millis> {
        self.check_at
    }

    /// The board was woken: what of relays is to be stored. The next check is set when something is missing.
    pub fn check(&mut self, now: Millis) -> Vec<Stored> {
        let mut news = Vec::new();
        for relay in &mut self.relays {
            let Some(has) = relay.has.filter(|has| relay.stored != Some((*has, relay.viewers))) else { continue };
            relay.stored = Some((has, relay.viewers));
            news.push(Stored { name: relay.name.to_string(), confirmed: Some(has), viewers: relay.viewers });
        }
        self.check_at = None;
        self.look_after(now);
        news
    }

    /// A check is set while there is something that a relay has not confirmed, or that is not stored.
    fn look_after(&mut self, now: Millis) {
        let newest = self.newest.seq;
        let open = |r: &Relay| r.failures < limits::PUSH_TRIES && r.stored.is_none_or(|(seq, _)| seq != newest);
        if self.check_at.is_none() && self.relays.iter().any(open) {
            self.check_at = Some(now.plus(limits::PUSH_CHECK_MILLIS));
        }
    }

    /// Drops what every relay has, or can't be given any more.
    fn trim(&mut self) {
        let floor = self.queue.floor();
        let rows = self.relays.iter().filter_map(|r| r.has).filter(|has| *has >= floor).min();
        let standings = self.relays.iter().map(|r| r.standings).min();
        self.queue.trim(rows.unwrap_or(self.newest.seq), standings.unwrap_or(u64::MAX));
    }

    fn find(&mut self, name: &str) -> Option<&mut Relay> {
        self.relays.iter_mut().find(|r| *r.name == *name)
    }
}
