//! One column over events that come and go: each costs the logarithm of how many there are.

use super::acc::divide;
use crate::limits;
use crate::scores::points::Points;
use crate::scores::ranking::Reached;
use crate::scores::rule::Operator;
use std::collections::{BTreeMap, BTreeSet};

/// One column of the events that stand.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pile {
    /// The values added up; when values other than 0 came.
    Sum { total: i128, at: BTreeSet<Reached> },
    /// When events came.
    Count { at: BTreeSet<Reached> },
    /// Values, the best first (the largest are kept negated), with when they came.
    Best { values: BTreeSet<(i64, Reached)>, least: bool },
    /// Values by when they came.
    Last { values: BTreeMap<Reached, i64> },
    /// The values added up; when they came.
    Avg { total: i128, at: BTreeSet<Reached> },
    /// Different values with when each came, and when each came first: of as many as count, and of those beyond.
    Set { seen: BTreeMap<i64, BTreeSet<Reached>>, first: BTreeSet<Reached>, beyond: BTreeSet<Reached> },
    /// Told by the tasks.
    Tasks,
}

impl Pile {
    pub const fn new(op: Operator, least: bool) -> Self {
        match op {
            Operator::Sum => Self::Sum { total: 0, at: BTreeSet::new() },
            Operator::Count => Self::Count { at: BTreeSet::new() },
            Operator::Best | Operator::Min => Self::Best { values: BTreeSet::new(), least },
            Operator::Last => Self::Last { values: BTreeMap::new() },
            Operator::Avg => Self::Avg { total: 0, at: BTreeSet::new() },
            Operator::Set => Self::Set { seen: BTreeMap::new(), first: BTreeSet::new(), beyond: BTreeSet::new() },
            Operator::Solved | Operator::Penalty | Operator::LastSolved => Self::Tasks,
        }
    }

    /// A value is there, or no more.
    pub fn put(&mut self, value: i64, when: Reached, there: bool) {
        match self {
            Self::Sum { total, at } => {
                *total += signed(value, there);
                if value != 0 {
                    hold(at, when, there);
                }
            }
            Self::Count { at } => hold(at, when, there),
            Self::Best { values, least } => hold(values, (if *least { value } else { -value }, when), there),
            Self::Last { values } if there => drop(values.insert(when, value)),
            Self::Last { values } => drop(values.remove(&when)),
            Self::Avg { total, at } => {
                *total += signed(value, there);
                hold(at, when, there);
            }
            Self::Set { seen, first, beyond } => {
                let times = seen.entry(value).or_default();
                let before = times.first().copied();
                hold(times, when, there);
                let after = times.first().copied();
                if before != after {
                    if let Some(before) = before.filter(|before| !first.remove(before)) {
                        beyond.remove(&before);
                    }
                    beyond.extend(after);
                    // Those that count are the earliest.
                    while first.len() < limits::SCORE_SET_VALUES || first.last() > beyond.first() {
                        let Some(earliest) = beyond.pop_first() else { break };
                        first.insert(earliest);
                        beyond.extend((first.len() > limits::SCORE_SET_VALUES).then(|| first.pop_last()).flatten());
                    }
                }
                if after.is_none() {
                    seen.remove(&value);
                }
            }
            Self::Tasks => {}
        }
    }

    pub fn result(&self) -> (Points, Reached) {
        let latest = |at: &BTreeSet<Reached>| at.last().copied().unwrap_or_default();
        match self {
            Self::Sum { total, at } => (Points::clamp(*total), latest(at)),
            Self::Count { at } => (Points::whole(at.len() as i64), latest(at)),
            Self::Best { values, least } => {
                let (value, at) = values.first().copied().unwrap_or_default();
                (Points(if *least { value } else { -value }), at)
            }
            Self::Last { values } => {
                let (at, value) = values.last_key_value().map(|(a, v)| (*a, *v)).unwrap_or_default();
                (Points(value), at)
            }
            Self::Avg { total, at } => (Points::clamp(divide(*total, at.len() as i128)), latest(at)),
            Self::Set { first, .. } => (Points::whole(first.len() as i64), latest(first)),
            Self::Tasks => (Points(0), Reached::default()),
        }
    }
}

const fn signed(value: i64, there: bool) -> i128 {
    if there { value as i128 } else { -(value as i128) }
}

fn hold<T: Ord>(set: &mut BTreeSet<T>, value: T, there: bool) {
    if there {
        set.insert(value);
    } else {
        set.remove(&value);
    }
}
