//! Who sees everything some time later: adapter around [`heliograph_shared::delay`].

use super::{Inner, Loaded};
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::reply;
use heliograph_shared::cursor::Cursor;
use heliograph_shared::delay::{Delay, not_kept};
use heliograph_shared::limits;
use heliograph_shared::past::At;
use heliograph_shared::relay::later::{Due, Later, LaterAsk, of_another_life};
use heliograph_shared::relay::{PushHead, state};
use heliograph_shared::rights::Sight;
use heliograph_shared::time::Millis;
use std::borrow::Cow;
use worker::Response;

/// As of when somebody sees the board, and how.
pub(super) struct AsOf<'s> {
    /// The last event that it may see.
    pub head: Cursor,
    /// Which past it sees, where that is not what is now.
    pub at: Option<At>,
    /// How it sees that.
    pub sight: Cow<'s, Sight>,
}

/// Refuses who sees everything some time later what can't be told as it was then.
pub(super) fn refuse_later(sight: &Sight, why: &str) -> Answer<()> {
    match sight.delay() {
        None => Ok(()),
        Some(_) => Err(not_kept(why).into()),
    }
}

impl Loaded {
    /// The last event that had arrived when somebody sees the board.
    ///
    /// # Errors
    /// `delay_not_kept` on boards of which more is told than their items, and `past_gone`.
    pub(super) fn head_of(&self, sight: &Sight) -> Answer<Cursor> {
        match sight.delay() {
            None => Ok(self.core.cursor()),
            Some(delay) => self.arrived(delay, clock::now()),
        }
    }

    /// As of when somebody sees the board that asks for a past of it, or for none.
    pub(super) fn as_of<'s>(&self, sight: &'s Sight, at: Option<At>) -> Answer<AsOf<'s>> {
        let head = self.head_of(sight)?;
        if sight.delay().is_none() {
            return Ok(AsOf { head, at, sight: Cow::Borrowed(sight) });
        }
        let at = at.or_else(|| (head != self.core.cursor()).then_some(At::Cursor(head)));
        Ok(AsOf { head, at, sight: Cow::Owned(sight.clone().without_delay()) })
    }

    fn arrived(&self, delay: Delay, now: Millis) -> Answer<Cursor> {
        let is_ranked = self.keeper.settings().scores.is_some() || self.keeper.timeline().rules.is_some();
        if is_ranked || self.sights.players() || self.sights.veil().is_some() {
            return Err(not_kept("standings, sessions and what a freeze hides are not kept as they were").into());
        }
        let head = self.core.cursor();
        let seq = self.past.arrived_by(delay.until(now), head.seq, |seq| self.store.row_after(seq))?;
        Ok(Cursor { seq, ..head })
    }

    /// What has become old enough for a relay.
    fn later(&self, ask: &LaterAsk, delay: Delay, now: Millis) -> Answer<Later> {
        let head = self.arrived(delay, now)?;
        let switched = self.sights.switched();
        let answer = |wait_millis, push| Ok(Later { switched, wait_millis, push });
        let Some(from) = ask.cursor else { return answer(limits::LATER_PAUSE_MILLIS, Vec::new()) };
        if from.epoch != head.epoch {
            return answer(limits::LATER_PAUSE_MILLIS, of_another_life(head));
        }
        let mut due = Due::new(from, head.seq);
        if from.seq < head.seq {
            self.store.read_log(from.seq, |row| Ok(due.row(&row)))?;
        }
        if due.has_more() {
            return answer(limits::LATER_PAUSE_MILLIS, due.finish());
        }
        let next = self.store.row_after(from.seq.max(head.seq))?;
        let wait = Later::wait_until(next.map(|(_, arrived)| delay.seen_at(arrived)), now);
        answer(wait, due.finish())
    }
}

/// What a relay asks, and how much later its viewers see everything.
fn asked(body: &[u8]) -> Answer<(LaterAsk, Delay)> {
    let ask: LaterAsk = serde_json::from_slice(body)?;
    let delay = Delay::of_relay(ask.relay).ok_or_else(|| Fault::Internal("a relay without a delay".into()))?;
    Ok((ask, delay))
}

impl Inner {
    /// What has become old enough for a relay of delayed viewers.
    pub(super) fn later(&self, body: &[u8]) -> Answer<Response> {
        let (ask, delay) = asked(body)?;
        let now = clock::now();
        if ask.leaves {
            self.at_work.borrow_mut().leaves(ask.relay);
            let nothing = Later { switched: 0, wait_millis: limits::LATER_WAIT_MILLIS, push: Vec::new() };
            return Ok(Response::from_bytes(nothing.encode())?);
        }
        if ask.cursor.is_none() {
            self.at_work.borrow().may_begin(delay, now)?;
        }
        let later = self.with(|b| b.later(&ask, delay, now))?;
        if ask.cursor.is_some() {
            self.at_work.borrow_mut().asks(ask.relay, now);
        }
        Ok(Response::from_bytes(later.encode())?)
    }

    /// The board's state as a relay of delayed viewers begins with it.
    pub(super) fn later_state(&self, body: &[u8]) -> Answer<Response> {
        let (ask, delay) = asked(body)?;
        let now = clock::now();
        self.at_work.borrow().may_begin(delay, now)?;
        let response = self.with(|b| {
            let head = b.arrived(delay, now)?;
            if head == b.core.cursor() {
                return Ok(reply::pieces(state::pieces(PushHead::default(), head, b.core.items(), &b.sights))?);
            }
            let then = b.then(At::Cursor(head), head, &Sight::everything())?;
            Ok(reply::pieces(state::pieces(PushHead::default(), head, &then.items, &b.sights))?)
        })?;
        self.at_work.borrow_mut().asks(ask.relay, now);
        Ok(response.into())
    }
}
