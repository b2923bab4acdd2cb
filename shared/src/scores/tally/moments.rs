//! Moments in order, with how many come before one: the wrong attempts at a task.

use crate::scores::order::Order;
use crate::scores::ranking::Reached;

/// A set of moments. Insert, remove and count take O(log n); some 40 bytes a moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Moments {
    /// By number; what a free number stood for stays until it is used again.
    moments: Vec<Reached>,
    free: Vec<u32>,
    order: Order,
}

impl Moments {
    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Puts one in that may be there.
    pub fn insert(&mut self, moment: Reached) {
        if self.number_of(moment).is_some() {
            return;
        }
        let number = self.free.pop().unwrap_or_else(|| {
            self.moments.push(moment);
            self.moments.len() as u32 - 1
        });
        if let Some(slot) = self.moments.get_mut(number as usize) {
            *slot = moment;
        }
        let Self { moments, order, .. } = self;
        order.insert(number, &|a, b| at(moments, a).cmp(&at(moments, b)));
    }

    /// Takes one out that may not be there.
    pub fn remove(&mut self, moment: Reached) {
        let Some(number) = self.number_of(moment) else { return };
        let Self { moments, order, .. } = self;
        order.remove(number, &|a, b| at(moments, a).cmp(&at(moments, b)));
        self.free.push(number);
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        self.order.len() as u32
    }

    /// How many come before a moment.
    pub fn before(&self, moment: Reached) -> u32 {
        self.order.count_before(|number| at(&self.moments, number) < moment)
    }

    fn number_of(&self, moment: Reached) -> Option<u32> {
        self.order.at(self.before(moment)).filter(|number| at(&self.moments, *number) == moment)
    }
}

fn at(moments: &[Reached], number: u32) -> Reached {
    moments.get(number as usize).copied().unwrap_or_default()
}

/// Equal when they hold the same moments, whatever their numbers.
impl PartialEq for Moments {
    fn eq(&self, other: &Self) -> bool {
        let list = |set: &Self| set.order.from(0).map(|number| at(&set.moments, number)).collect::<Vec<_>>();
        self.order.len() == other.order.len() && list(self) == list(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scores::compared::compared;
    use crate::time::Millis;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const fn moment(n: u64) -> Reached {
        Reached(Millis(n as i64 / 3), n)
    }

    #[test]
    fn how_many_come_before_one_is_counted_in_a_logarithm() {
        let mut moments = Moments::default();
        (0..64_000).for_each(|n| moments.insert(moment(n)));
        let before = compared();
        assert_eq!(moments.before(moment(63_999)), 63_999);
        assert!(compared() - before <= 40, "{} comparisons", compared() - before);
    }

    proptest! {
        #[test]
        fn it_counts_like_a_sorted_list(steps in prop::collection::vec((any::<bool>(), 0_u64..60), 0..200), asked in 0_u64..60) {
            let (mut moments, mut naive) = (Moments::default(), BTreeSet::new());
            for (put, n) in steps {
                if put {
                    moments.insert(moment(n));
                    naive.insert(moment(n));
                } else {
                    moments.remove(moment(n));
                    naive.remove(&moment(n));
                }
            }
            prop_assert_eq!(moments.before(moment(asked)) as usize, naive.range(..moment(asked)).count());
            prop_assert_eq!(moments.is_empty(), naive.is_empty());
            let mut again = Moments::default();
            naive.iter().rev().for_each(|at| again.insert(*at));
            prop_assert!(again == moments);
        }
    }
}
