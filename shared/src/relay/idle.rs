//! A relay that hears nothing asks its board how far it is: a push may have been lost. Then it may sleep.

use crate::cursor::Cursor;
use crate::limits;
use crate::time::Millis;

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Look again after so many milliseconds.
    Wait(u64),
    /// Compare cursors with the board, and tell it the number of viewers; then [`Idle::compared`] or [`Idle::failed`].
    Compare,
    /// Everything is as it should be: note how far the viewers are, and sleep.
    Sleep,
}

/// What came of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// The relay has what the board has, or what it misses may be under way.
    Fine,
    /// Fetch the board's state.
    Sync,
}

/// When a relay compares its cursor with the board's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Idle {
    /// The last push, or whatever else makes it worthwhile to compare.
    stirred: Option<Millis>,
    /// Whether the cursors were equal since.
    same: bool,
    /// The number of viewers that the board knows, and since when.
    told: Option<(u32, Millis)>,
    /// Comparisons in a row that found the relay behind.
    behind: u32,
    failures: u32,
    retry_at: Option<Millis>,
}

impl Idle {
    /// A push came, and its answer tells the board how many viewers there are.
    pub const fn pushed(&mut self, now: Millis, viewers: u32) {
        self.told = Some((viewers, now));
        self.stirred = Some(now);
        self.same = false;
        self.behind = 0;
    }

    /// Something else happened after which the relay can't be sure: it loaded its memory, or somebody connected.
    pub const fn stir(&mut self, now: Millis) {
        self.stirred = Some(now);
        self.same = false;
    }

    /// A relay that has nothing in memory told the board of its viewers.
    pub const fn counted(&mut self, now: Millis, viewers: u32) {
        self.told = Some((viewers, now));
        self.same = true;
    }

    /// What to do now. `settled`: every viewer has everything.
    pub fn look(&self, now: Millis, viewers: u32, settled: bool) -> Look {
        let left = |since: Option<Millis>, millis: i64| since.map_or(0, |t| millis - now.since(t)).max(0) as u64;
        let retry = self.retry_at.map_or(0, |t| t.since(now).max(0)) as u64;
        if retry > 0 {
            return Look::Wait(retry);
        }
        let counted = self.told.is_some_and(|(n, _)| n == viewers);
        // Somebody who has no viewers misses nothing.
        let wants =
            if self.same || viewers == 0 { None } else { Some(left(self.stirred, limits::IDLE_COMPARE_MILLIS)) };
        let counts = if counted { None } else { Some(left(self.told.map(|t| t.1), limits::VIEWERS_TELL_MILLIS)) };
        match wants.into_iter().chain(counts).min() {
            Some(0) => Look::Compare,
            Some(millis) => Look::Wait(millis),
            None if settled => Look::Sleep,
            None => Look::Wait(limits::IDLE_COMPARE_MILLIS as u64),
        }
    }

    /// The board has answered: it is at `board` and knows this relay or not; this relay is at `here`.
    pub fn compared(&mut self, now: Millis, viewers: u32, here: Cursor, board: Cursor, known: bool) -> After {
        self.told = Some((viewers, now));
        self.failures = 0;
        self.retry_at = None;
        // A push may have come while it asked: then it is further.
        self.same = known && here.epoch == board.epoch && here.seq >= board.seq;
        self.behind = if self.same { 0 } else { self.behind + 1 };
        if self.same || viewers == 0 {
            return After::Fine;
        }
        if !known || here.epoch != board.epoch || self.behind >= limits::IDLE_BEHIND {
            self.behind = 0;
            return After::Sync;
        }
        // The board knows now that this relay misses something, and pushes it.
        self.retry_at = Some(now.plus(limits::IDLE_BEHIND_MILLIS));
        After::Fine
    }

    /// The board could not be asked, or its state not be fetched.
    pub fn failed(&mut self, now: Millis) {
        self.failures = self.failures.saturating_add(1);
        let pause = limits::PUSH_RETRY_MILLIS << self.failures.min(16);
        self.retry_at = Some(now.plus(pause.min(limits::PUSH_RETRY_MILLIS_MAX)));
    }

    /// Whether a number of viewers elsewhere that came at this time is too old to be told to somebody new.
    pub const fn is_stale(at: Option<Millis>, now: Millis) -> bool {
        match at {
            Some(at) => now.since(at) > limits::VIEWERS_FRESH_MILLIS,
            None => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::Epoch;

    const fn at(seq: u64) -> Cursor {
        Cursor { epoch: Epoch(1), seq }
    }

    const fn ms(t: i64) -> Millis {
        Millis(1_000_000 + t)
    }

    #[test]
    fn f13_a_quiet_relay_compares_once_and_sleeps() {
        let mut idle = Idle::default();
        idle.pushed(ms(0), 3);
        assert_eq!(idle.look(ms(500), 3, true), Look::Wait(1_500));
        idle.pushed(ms(1_000), 3);
        assert_eq!(idle.look(ms(2_000), 3, true), Look::Wait(1_000));
        assert_eq!(idle.look(ms(3_000), 3, true), Look::Compare);
        assert_eq!(idle.compared(ms(3_001), 3, at(7), at(7), true), After::Fine);
        assert_eq!(idle.look(ms(3_001), 3, false), Look::Wait(2_000));
        assert_eq!(idle.look(ms(3_001), 3, true), Look::Sleep);
    }

    #[test]
    fn f13_a_relay_that_stays_behind_fetches_the_boards_state_within_seconds() {
        let mut idle = Idle::default();
        idle.pushed(ms(0), 1);
        let mut now = ms(0);
        for _ in 0..20 {
            match idle.look(now, 1, true) {
                Look::Wait(millis) => now = now.plus(millis as i64),
                Look::Compare => {
                    if idle.compared(now, 1, at(6), at(7), true) == After::Sync {
                        assert!(now.since(ms(0)) <= 5_000);
                        return;
                    }
                }
                Look::Sleep => panic!("it sleeps while it is behind"),
            }
        }
        panic!("it never syncs");
    }

    #[test]
    fn f13_a_relay_that_the_board_does_not_know_registers_at_once() {
        let mut idle = Idle::default();
        idle.stir(ms(0));
        assert_eq!(idle.compared(ms(2_000), 1, at(7), at(7), false), After::Sync);
        let other = Cursor { epoch: Epoch(2), seq: 7 };
        assert_eq!(idle.compared(ms(2_000), 1, at(7), other, true), After::Sync);
    }

    #[test]
    fn f13_a_board_that_does_not_answer_is_asked_again_with_growing_pauses() {
        let mut idle = Idle::default();
        idle.stir(ms(0));
        let mut now = ms(2_000);
        let mut asked = 0;
        while now.since(ms(0)) < 120_000 {
            match idle.look(now, 1, true) {
                Look::Wait(millis) => now = now.plus(millis as i64),
                Look::Compare => {
                    asked += 1;
                    idle.failed(now);
                }
                Look::Sleep => panic!("it sleeps without an answer"),
            }
        }
        assert!((8..16).contains(&asked), "{asked}");
    }

    #[test]
    fn f26_a_change_of_viewers_is_told_within_two_seconds_and_not_more_often() {
        let mut idle = Idle::default();
        idle.pushed(ms(0), 1);
        idle.compared(ms(2_000), 1, at(7), at(7), true);
        // Somebody new each 100 ms.
        let mut told = 0;
        for t in 0..100 {
            let now = ms(2_000 + t * 100);
            if idle.look(now, 2 + t as u32, true) == Look::Compare {
                told += 1;
                idle.compared(now, 2 + t as u32, at(7), at(7), true);
            }
        }
        assert_eq!(told, 4);
        // The last one goes: the board hears of it, and the relay misses nothing.
        assert_eq!(idle.look(ms(20_000), 0, true), Look::Compare);
        assert_eq!(idle.compared(ms(20_000), 0, at(7), at(9), false), After::Fine);
        assert_eq!(idle.look(ms(20_000), 0, true), Look::Sleep);
    }
}
