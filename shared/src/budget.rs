//! A budget of work: how much a caller may have others do, counted in what was looked at, not in time.
//!
//! What something costs is known when it is done. So whoever has a debt waits until enough of it is paid off, and what is
//! asked before that costs nothing. Memory is bounded as in [`crate::throttle`].

use crate::throttle::{TooOften, Who};
use crate::time::Millis;
use lru::LruCache;
use std::num::NonZeroUsize;

/// What somebody has had done.
#[derive(Clone, Copy, Debug, Default)]
struct Debt {
    units: u64,
    as_of: Millis,
}

impl Debt {
    /// What is left of it.
    fn at(self, now: Millis, per_second: u64) -> u64 {
        let millis = now.since(self.as_of).max(0).unsigned_abs();
        self.units.saturating_sub(millis.saturating_mul(per_second) / 1_000)
    }
}

/// The debts of callers.
#[derive(Debug)]
pub struct Budget {
    at_once: u64,
    per_second: u64,
    debts: LruCache<Who, Debt>,
}

impl Budget {
    /// Nobody owes anything. A caller may have `at_once` units done, and `per_second` for ever. At most `callers` are
    /// remembered.
    pub fn new(at_once: u64, per_second: u64, callers: NonZeroUsize) -> Self {
        Self { at_once, per_second: per_second.max(1), debts: LruCache::new(callers) }
    }

    /// Whether somebody may ask for more, or how long it waits.
    pub fn may(&mut self, now: Millis, who: Who) -> Result<(), TooOften> {
        let owed = self.debts.get(&who).map_or(0, |debt| debt.at(now, self.per_second));
        let over = owed.saturating_sub(self.at_once);
        if over == 0 {
            return Ok(());
        }
        Err(TooOften { retry_after_s: u32::try_from(over.div_ceil(self.per_second)).unwrap_or(u32::MAX) })
    }

    /// Somebody has had so many units done.
    pub fn spend(&mut self, now: Millis, who: Who, units: u64) {
        let per_second = self.per_second;
        let debt = self.debts.get_or_insert_mut(who, Debt::default);
        // What has been asked for at the same time is owed, but nobody waits for longer than for as much again.
        let owed = debt.at(now, per_second).saturating_add(units).min(self.at_once.saturating_mul(2));
        *debt = Debt { units: owed, as_of: now };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn budget() -> Budget {
        Budget::new(1_000, 100, NonZeroUsize::new(2).unwrap())
    }

    #[test]
    fn f3_who_had_much_done_waits_until_it_is_paid_and_nobody_else_does() {
        let (mut b, who, other) = (budget(), Who::credential(b"a"), Who::credential(b"b"));
        let at = |ms: i64| Millis(1_000_000 + ms);
        b.spend(at(0), who, 1_000);
        assert_eq!(b.may(at(0), who), Ok(()));
        b.spend(at(0), who, 250);
        assert_eq!(b.may(at(0), who), Err(TooOften { retry_after_s: 3 }));
        assert_eq!(b.may(at(0), other), Ok(()));
        assert_eq!(b.may(at(2_400), who), Err(TooOften { retry_after_s: 1 }));
        assert_eq!(b.may(at(2_500), who), Ok(()));
        b.spend(at(2_500), who, u64::MAX);
        assert_eq!(b.may(at(2_500), who), Err(TooOften { retry_after_s: 10 }), "bounded");
        for n in 0..100_u32 {
            b.spend(at(0), Who::credential(&n.to_le_bytes()), 1);
        }
        assert_eq!(b.debts.len(), 2);
    }

    proptest! {
        #[test]
        fn f3_nobody_has_more_done_than_the_budget_and_one_question(
            asks in proptest::collection::vec((0_i64..3_000, 0_u64..500), 1..200),
        ) {
            let (mut b, who) = (budget(), Who::credential(b"x"));
            let (mut now, mut done) = (0, 0);
            for (step, units) in asks {
                now += step;
                match b.may(Millis(now), who) {
                    Ok(()) => {
                        b.spend(Millis(now), who, units);
                        done += units;
                    }
                    Err(TooOften { retry_after_s }) => {
                        let then = now + i64::from(retry_after_s) * 1_000;
                        prop_assert_eq!(b.may(Millis(then), who), Ok(()), "who waits as long as it says is answered");
                    }
                }
                prop_assert!(done <= 1_000 + 500 + now.unsigned_abs() / 10);
            }
        }
    }
}
