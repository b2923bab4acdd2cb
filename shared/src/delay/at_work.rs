//! Which delays are at work on a board, told by the relays that ask: each costs the board questions and reads of its log.

use super::Delay;
use crate::limits;
use crate::problem::{Code, Problem};
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// Relays of delayed viewers, each with when it last asked.
#[derive(Debug, Default)]
pub struct AtWork(BTreeMap<u32, Millis>);

impl AtWork {
    /// Whether a relay of this delay may begin.
    ///
    /// # Errors
    /// `no_relay` where other delays are at work, as many as there may be.
    pub fn may_begin(&self, delay: Delay, now: Millis) -> Result<(), Problem> {
        let delays: BTreeSet<Delay> = self.relays(now).filter_map(Delay::of_relay).collect();
        if delays.contains(&delay) || delays.len() < limits::DELAYS_PER_BOARD {
            return Ok(());
        }
        let most = limits::DELAYS_PER_BOARD;
        let detail = format!("{most} other delays are at work on this board, as many as there may be; try again later");
        Err(Problem::new(Code::NoRelay, detail).retry_after(30))
    }

    /// A relay asks.
    pub fn asks(&mut self, relay: u32, now: Millis) {
        self.0.retain(|_, asked| is_there(*asked, now));
        self.0.insert(relay, now);
    }

    /// A relay asks no more.
    pub fn leaves(&mut self, relay: u32) {
        self.0.remove(&relay);
    }

    /// The numbers of those that have viewers, ascending.
    pub fn relays(&self, now: Millis) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().filter(move |(_, asked)| is_there(**asked, now)).map(|(relay, _)| *relay)
    }
}

fn is_there(asked: Millis, now: Millis) -> bool {
    now.since(asked) < limits::LATER_GONE_MILLIS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relay(seconds: u32, number: u32) -> u32 {
        Delay::new(seconds).unwrap().relays().start + number
    }

    #[test]
    fn one_delay_too_many_waits_until_another_is_over() {
        let (mut at_work, now) = (AtWork::default(), Millis(1_000_000));
        let delay = |seconds| Delay::new(seconds).unwrap();
        for seconds in 1..=limits::DELAYS_PER_BOARD as u32 {
            assert!(at_work.may_begin(delay(seconds), now).is_ok());
            at_work.asks(relay(seconds, 0), now);
            at_work.asks(relay(seconds, 1), now);
        }
        assert_eq!(at_work.may_begin(delay(99), now).unwrap_err().code, Code::NoRelay);
        assert!(at_work.may_begin(delay(1), now).is_ok(), "one that is at work has as many relays as it needs");
        at_work.leaves(relay(1, 0));
        assert!(at_work.may_begin(delay(99), now).is_err(), "the other relay of that delay is there");
        at_work.leaves(relay(1, 1));
        assert!(at_work.may_begin(delay(99), now).is_ok());
    }

    #[test]
    fn a_relay_that_is_not_heard_of_is_gone() {
        let mut at_work = AtWork::default();
        at_work.asks(relay(5, 0), Millis(0));
        at_work.asks(relay(6, 0), Millis(limits::LATER_GONE_MILLIS - 1));
        assert_eq!(at_work.relays(Millis(limits::LATER_GONE_MILLIS)).collect::<Vec<_>>(), [relay(6, 0)]);
    }
}
