//! The pace of a sitting: how long a question may take, and what a right answer is worth by then.

use serde::{Deserialize, Serialize};

/// How long a question may take, in seconds; the first is for none.
pub const LIMITS: [u32; 7] = [0, 10, 20, 30, 60, 90, 120];
/// What the last answer in time may be worth, in percent.
pub const LEASTS: [u32; 4] = [100, 75, 50, 10];
/// An answer may be so long on its way, in milliseconds.
const ON_ITS_WAY: i64 = 2_000;

/// How a sitting goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pace {
    /// Seconds for a question; 0: until the leader closes it.
    pub limit_s: u32,
    /// What a right answer at the last moment is worth, in percent of the question's points; 100: as much as the first.
    pub least: u32,
    /// All questions are shown at once, and each student goes on alone.
    pub at_once: bool,
    /// The standings are the leader's until the reveal.
    pub hidden: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self { limit_s: 0, least: 100, at_once: false, hidden: true }
    }
}

impl Pace {
    /// How long a question may take, in milliseconds.
    pub fn limit(self) -> Option<i64> {
        (self.limit_s > 0 && !self.at_once).then(|| i64::from(self.limit_s) * 1_000)
    }

    /// Whether the time of an answer matters for its points.
    pub fn is_for_speed(self) -> bool {
        self.limit().is_some() && self.least < 100
    }

    /// Whether a grade tells nobody what is right, although the question is open: nobody sees it, or each goes alone.
    pub const fn grades_early(self) -> bool {
        self.hidden || self.at_once
    }

    /// Whether an answer came in time.
    pub fn is_in_time(self, opened: Option<i64>, at: i64) -> bool {
        self.limit().zip(opened).is_none_or(|(limit, opened)| at <= opened + limit + ON_ITS_WAY)
    }

    /// What a right answer is worth: all of `full` at once, and evenly less until the time is over. Half a point is one.
    pub fn points(self, full: u32, opened: Option<i64>, at: i64) -> u32 {
        let Some((limit, opened)) = self.limit().zip(opened) else { return full };
        let spent = at.saturating_sub(opened).clamp(0, limit);
        let whole = 100 * limit;
        let lost = (i64::from(full) * i64::from(100 - self.least.min(100)) * spent + whole / 2 - 1) / whole;
        full.saturating_sub(u32::try_from(lost).unwrap_or(full))
    }
}

/// Whole seconds that are left, by the server's clock: 0 only when the time is over.
pub fn seconds_left(ends_at: i64, server_now: i64) -> i64 {
    let left = ends_at.saturating_sub(server_now).max(0);
    left / 1_000 + i64::from(left % 1_000 > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Pace = Pace { limit_s: 20, least: 50, at_once: false, hidden: true };

    #[test]
    fn a_right_answer_is_worth_less_the_later_it_comes() {
        let worth = |at| HALF.points(10, Some(1_000), at);
        assert_eq!([worth(1_000), worth(11_000), worth(21_000)], [10, 8, 5]);
        assert_eq!(worth(500), 10, "before it was shown is at once");
        assert_eq!(worth(99_000), 5, "later than the end is the end");
    }

    #[test]
    fn without_points_for_speed_or_a_limit_each_right_answer_is_worth_the_same() {
        assert_eq!(Pace { least: 100, ..HALF }.points(10, Some(0), 19_999), 10);
        assert_eq!(Pace { limit_s: 0, ..HALF }.points(10, Some(0), 19_999), 10);
        assert_eq!(Pace { at_once: true, ..HALF }.points(10, Some(0), 19_999), 10);
        assert!(!Pace::default().is_for_speed() && HALF.is_for_speed());
    }

    #[test]
    fn an_answer_may_be_on_its_way_when_the_time_ends_and_no_longer() {
        assert!(HALF.is_in_time(Some(0), 22_000) && !HALF.is_in_time(Some(0), 22_001));
        assert!(Pace::default().is_in_time(Some(0), i64::MAX / 2));
    }

    #[test]
    fn the_last_second_is_shown_as_one_until_it_is_over() {
        let left = |now| seconds_left(10_000, now);
        assert_eq!([left(0), left(9_000), left(9_001), left(9_999), left(10_000), left(50_000)], [10, 1, 1, 1, 0, 0]);
    }
}
