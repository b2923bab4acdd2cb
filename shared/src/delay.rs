//! Seeing everything some time later: a viewer with a delay sees the board as it was that long ago, by when things arrived.
//!
//! The past by arrival is a place in the log, so a delay is nothing but such a place that moves. Views are those of the
//! board as of there. A feed has relays of its own, one delay each: a relay's number tells it. They are pushed nothing and
//! ask for rows that have become old enough, so what is too young is kept nowhere but in the log.

mod at_work;

pub use at_work::AtWork;

use crate::limits;
use crate::problem::{Code, Problem};
use crate::time::Millis;
use std::ops::Range;

/// How much later, in whole seconds: 1 to [`limits::DELAY_SECONDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Delay(u32);

impl Delay {
    /// So many seconds; none where that is no delay, or more than is kept.
    pub fn new(seconds: u32) -> Option<Self> {
        (1..=limits::DELAY_SECONDS).contains(&seconds).then_some(Self(seconds))
    }

    /// In seconds.
    pub const fn seconds(self) -> u32 {
        self.0
    }

    /// Up to when something must have arrived to be seen now.
    pub fn until(self, now: Millis) -> Millis {
        now.plus(-i64::from(self.0) * 1_000)
    }

    /// When something that arrived at a time is seen.
    pub fn seen_at(self, arrived: Millis) -> Millis {
        arrived.plus(i64::from(self.0) * 1_000)
    }

    /// The numbers of a board's relays for viewers with this delay.
    pub const fn relays(self) -> Range<u32> {
        let first = self.0 * limits::RELAYS_PER_BOARD;
        first..first + limits::RELAYS_PER_BOARD
    }

    /// The delay of a relay's viewers, by its number; none of those who see what is now.
    pub fn of_relay(number: u32) -> Option<Self> {
        Self::new(number / limits::RELAYS_PER_BOARD)
    }

    /// Whether a board can have a relay of this number.
    pub fn is_relay(number: u32) -> bool {
        number / limits::RELAYS_PER_BOARD <= limits::DELAY_SECONDS
    }
}

/// The refusal of what can't be told as of a while ago; `why` begins a sentence.
pub fn not_kept(why: &str) -> Problem {
    Problem::new(Code::DelayNotKept, format!("{why}, and your credential shows everything some time later"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_bounded_and_moves_both_ways() {
        assert_eq!((Delay::new(0), Delay::new(limits::DELAY_SECONDS + 1)), (None, None));
        let delay = Delay::new(30).unwrap();
        assert_eq!(delay.until(Millis(40_000)), Millis(10_000));
        assert_eq!(delay.seen_at(Millis(10_000)), Millis(40_000));
        assert!(Delay::new(limits::DELAY_SECONDS).is_some());
    }

    #[test]
    fn no_relay_serves_two_delays() {
        let numbers = |seconds: u32| Delay::new(seconds).unwrap().relays();
        assert_eq!(Delay::of_relay(limits::RELAYS_PER_BOARD - 1), None, "those of the present");
        for seconds in [1, 2, 60, limits::DELAY_SECONDS] {
            let (first, last) = (numbers(seconds).start, numbers(seconds).end - 1);
            assert_eq!([first, last].map(Delay::of_relay), [Delay::new(seconds); 2]);
            assert!(Delay::is_relay(first) && Delay::is_relay(last));
        }
        assert!(!Delay::is_relay(numbers(limits::DELAY_SECONDS).end) && Delay::is_relay(0));
    }
}
