//! One column over some events, kept as a few numbers.

use crate::limits;
use crate::scores::direction::Direction;
use crate::scores::points::Points;
use crate::scores::ranking::Reached;
use crate::scores::rule::{ColumnRule, Operator};
use std::collections::{BTreeMap, BTreeSet};

/// One column of one stretch of time.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::scores) enum Acc {
    Empty,
    Sum { total: i128, at: Reached },
    Count { n: u64, at: Reached },
    Best { value: i64, at: Reached },
    Last { value: i64, at: Reached },
    Avg { total: i128, n: u64, at: Reached },
    Set(Box<Values>),
}

/// Different values with when each came first.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::scores) struct Values {
    pub seen: BTreeMap<i64, Reached>,
    /// The same times in order.
    first: BTreeSet<Reached>,
}

impl Values {
    /// There are no more than count.
    fn put(&mut self, value: i64, at: Reached) {
        let full = self.seen.len() >= limits::SCORE_SET_VALUES;
        match self.seen.get_mut(&value) {
            Some(known) if *known <= at => return,
            Some(known) => {
                self.first.remove(known);
                *known = at;
            }
            None if full => return,
            None => drop(self.seen.insert(value, at)),
        }
        self.first.insert(at);
    }
}

impl Acc {
    pub fn of(op: Operator, value: i64, at: Reached) -> Self {
        match op {
            Operator::Sum => {
                Self::Sum { total: i128::from(value), at: if value == 0 { Reached::default() } else { at } }
            }
            Operator::Count => Self::Count { n: 1, at },
            Operator::Best | Operator::Min => Self::Best { value, at },
            Operator::Last => Self::Last { value, at },
            Operator::Avg => Self::Avg { total: i128::from(value), n: 1, at },
            Operator::Set => Self::set(BTreeMap::from([(value, at)])),
            Operator::Solved | Operator::Penalty | Operator::LastSolved => Self::Empty,
        }
    }

    /// Different values with when each came first.
    pub fn set(seen: BTreeMap<i64, Reached>) -> Self {
        let first = seen.values().copied().collect();
        Self::Set(Box::new(Values { seen, first }))
    }

    /// The two together. The same in every order.
    pub fn merge(&mut self, other: &Self, least: bool) {
        match (&mut *self, other) {
            (_, Self::Empty) => {}
            (Self::Empty, other) => *self = other.clone(),
            (Self::Sum { total, at }, Self::Sum { total: t, at: a }) => {
                *total += t;
                *at = (*at).max(*a);
            }
            (Self::Count { n, at }, Self::Count { n: m, at: a }) => {
                *n += m;
                *at = (*at).max(*a);
            }
            (Self::Best { value, at }, Self::Best { value: v, at: a }) => {
                let better = if least { v < value } else { v > value };
                // The same value counts from when it was first reached.
                if better || (v == value && a < at) {
                    (*value, *at) = (*v, *a);
                }
            }
            (Self::Last { value, at }, Self::Last { value: v, at: a }) => {
                if a > at {
                    (*value, *at) = (*v, *a);
                }
            }
            (Self::Avg { total, n, at }, Self::Avg { total: t, n: m, at: a }) => {
                *total += t;
                *n += m;
                *at = (*at).max(*a);
            }
            (Self::Set(values), Self::Set(other)) => other.seen.iter().for_each(|(value, at)| values.put(*value, *at)),
            // Columns do not change their operator.
            (
                Self::Sum { .. }
                | Self::Count { .. }
                | Self::Best { .. }
                | Self::Last { .. }
                | Self::Avg { .. }
                | Self::Set(_),
                _,
            ) => {}
        }
    }

    pub fn result(&self) -> (Points, Reached) {
        match self {
            Self::Empty => (Points(0), Reached::default()),
            Self::Sum { total, at } => (Points::clamp(*total), *at),
            Self::Count { n, at } => (Points::whole(i64::try_from(*n).unwrap_or(i64::MAX)), *at),
            Self::Best { value, at } | Self::Last { value, at } => (Points(*value), *at),
            Self::Avg { total, n, at } => (Points::clamp(divide(*total, i128::from(*n))), *at),
            Self::Set(values) => {
                (Points::whole(values.seen.len() as i64), values.first.last().copied().unwrap_or_default())
            }
        }
    }
}

/// Division to the nearest, halves away from zero.
pub(super) const fn divide(total: i128, n: i128) -> i128 {
    if n == 0 {
        return 0;
    }
    let half = if total < 0 { -n / 2 } else { n / 2 };
    (total + half) / n
}

pub(super) const fn takes_least(column: &ColumnRule) -> bool {
    match column.op {
        Operator::Min => true,
        Operator::Best => matches!(column.direction, Direction::Asc),
        Operator::Sum
        | Operator::Count
        | Operator::Last
        | Operator::Avg
        | Operator::Set
        | Operator::Solved
        | Operator::Penalty
        | Operator::LastSolved => false,
    }
}
