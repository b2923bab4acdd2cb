//! One key's events, folded into columns.
//!
//! What can be kept as a few numbers is (a *lean* tally: every operation gives the same in every order of events).
//! Rules that let a later event replace an earlier one, or judge attempts, keep the key's events (a *full* tally).

use super::points::Points;
use super::ranking::Reached;
use super::rule::{ColumnRule, Condition, Operator, ScoreRules};
use crate::codec::{Batch, Cell};
use crate::config::Direction;
use crate::cursor::Seq;
use crate::limits;
use crate::time::Millis;
use crate::value::Value;
use siphasher::sip::SipHasher13;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hasher;

/// What one event is worth to a key, by the rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// When: event time, then the order of the log.
    pub at: Reached,
    /// The stretch of time it falls into, see [`super::period`].
    pub bucket: i64,
    /// What it replaces and is replaced by.
    pub entry: Option<u64>,
    /// Per column: its value, or a hash of it for `set`.
    pub cells: Box<[Option<i64>]>,
    /// The attempt that it is.
    pub attempt: Option<Attempt>,
}

/// An attempt at a task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attempt {
    /// A hash of the task's name.
    pub task: u64,
    /// It succeeded.
    pub right: bool,
    /// It failed, and costs something.
    pub wrong: bool,
    /// When it was made, in minutes.
    pub minutes: Points,
}

fn hash(value: &Value) -> u64 {
    let mut h = SipHasher13::new_with_keys(0x7461_6c6c_7900_0001, 0);
    match value {
        Value::Bool(b) => h.write_u8(u8::from(*b)),
        Value::Number(n) => h.write_u64(n.to_bits()),
        Value::Text(t) => {
            h.write_u8(2);
            h.write(t.as_bytes());
        }
    }
    h.finish()
}

/// One event of a batch, looked at through the rules.
pub struct EventView<'b> {
    batch: &'b Batch<'b>,
    row: usize,
}

impl<'b> EventView<'b> {
    /// Row `row` of a batch.
    pub const fn new(batch: &'b Batch<'b>, row: usize) -> Self {
        Self { batch, row }
    }

    /// A field's value; none when the event does not have it.
    pub fn field(&self, name: &str) -> Option<Value> {
        let column = self.batch.fields.iter().find(|c| c.name == name)?;
        match column.cells.get(self.row) {
            None | Some(Cell::Absent | Cell::Null) => None,
            Some(cell) => cell.to_value(),
        }
    }

    fn all(&self, conditions: &[Condition]) -> bool {
        conditions.iter().all(|c| c.holds(self.field(&c.field).as_ref()))
    }
}

impl ScoreRules {
    /// Whether tallies keep their events.
    pub const fn is_full(&self) -> bool {
        self.entry.is_some() || self.attempts.is_some()
    }

    /// What an event is worth; none when the rules' filter leaves it out.
    pub fn score(&self, event: &EventView<'_>, at: Reached, bucket: i64) -> Option<Scored> {
        if !event.all(&self.filter) {
            return None;
        }
        let cells = self.columns.iter().map(|c| cell(c, event)).collect();
        let attempt = self.attempts.as_ref().and_then(|a| {
            let right = event.all(&a.right);
            let minutes = a.minutes.as_deref().and_then(|m| event.field(m)?.as_number()).map_or(Points(0), Points::of);
            let wrong = !right && event.all(&a.wrong);
            Some(Attempt { task: hash(&event.field(&a.per)?), right, wrong, minutes })
        });
        let entry = self.entry.as_deref().and_then(|e| event.field(e)).map(|v| hash(&v));
        Some(Scored { at, bucket, entry, cells, attempt })
    }
}

fn cell(column: &ColumnRule, event: &EventView<'_>) -> Option<i64> {
    match (&column.field, column.op) {
        (_, Operator::Solved | Operator::Penalty) => None,
        (Some(field), Operator::Set) => Some(hash(&event.field(field)?) as i64),
        (Some(field), Operator::Count) => event.field(field).map(|_| Points::ONE.0),
        (Some(field), _) => match event.field(field)? {
            Value::Number(n) => Some(Points::of(n).0),
            Value::Bool(b) => Some(Points::whole(i64::from(b)).0),
            Value::Text(_) => None,
        },
        (None, _) => Some(ScoreRules::constant(column).0),
    }
}

/// One column of one stretch of time.
#[derive(Clone, Debug, PartialEq)]
enum Acc {
    Empty,
    Sum { total: i128, at: Reached },
    Count { n: u64, at: Reached },
    Best { value: i64, at: Reached },
    Last { value: i64, at: Reached },
    Avg { total: i128, n: u64, at: Reached },
    Set { seen: Box<HashMap<i64, Reached>> },
}

impl Acc {
    fn of(op: Operator, value: i64, at: Reached) -> Self {
        match op {
            Operator::Sum => {
                Self::Sum { total: i128::from(value), at: if value == 0 { Reached::default() } else { at } }
            }
            Operator::Count => Self::Count { n: 1, at },
            Operator::Best | Operator::Min => Self::Best { value, at },
            Operator::Last => Self::Last { value, at },
            Operator::Avg => Self::Avg { total: i128::from(value), n: 1, at },
            Operator::Set => Self::Set { seen: Box::new(HashMap::from([(value, at)])) },
            Operator::Solved | Operator::Penalty => Self::Empty,
        }
    }

    /// The two together. The same in every order.
    fn merge(&mut self, other: Self, least: bool) {
        match (&mut *self, other) {
            (_, Self::Empty) => {}
            (Self::Empty, other) => *self = other,
            (Self::Sum { total, at }, Self::Sum { total: t, at: a }) => {
                *total += t;
                *at = (*at).max(a);
            }
            (Self::Count { n, at }, Self::Count { n: m, at: a }) => {
                *n += m;
                *at = (*at).max(a);
            }
            (Self::Best { value, at }, Self::Best { value: v, at: a }) => {
                let better = if least { v < *value } else { v > *value };
                // The same value counts from when it was first reached.
                if better || (v == *value && a < *at) {
                    (*value, *at) = (v, a);
                }
            }
            (Self::Last { value, at }, Self::Last { value: v, at: a }) => {
                if a > *at {
                    (*value, *at) = (v, a);
                }
            }
            (Self::Avg { total, n, at }, Self::Avg { total: t, n: m, at: a }) => {
                *total += t;
                *n += m;
                *at = (*at).max(a);
            }
            (Self::Set { seen }, Self::Set { seen: other }) => {
                for (value, at) in *other {
                    let full = seen.len() >= limits::SCORE_SET_VALUES;
                    match seen.get_mut(&value) {
                        Some(first) => *first = (*first).min(at),
                        None if full => {}
                        None => drop(seen.insert(value, at)),
                    }
                }
            }
            // Columns do not change their operator.
            (
                Self::Sum { .. }
                | Self::Count { .. }
                | Self::Best { .. }
                | Self::Last { .. }
                | Self::Avg { .. }
                | Self::Set { .. },
                _,
            ) => {}
        }
    }

    fn result(&self) -> (Points, Reached) {
        match self {
            Self::Empty => (Points(0), Reached::default()),
            Self::Sum { total, at } => (Points::clamp(*total), *at),
            Self::Count { n, at } => (Points::whole(i64::try_from(*n).unwrap_or(i64::MAX)), *at),
            Self::Best { value, at } | Self::Last { value, at } => (Points(*value), *at),
            Self::Avg { total, n, at } => (Points::clamp(divide(*total, i128::from(*n))), *at),
            Self::Set { seen } => {
                let at = seen.values().max().copied().unwrap_or_default();
                (Points::whole(seen.len() as i64), at)
            }
        }
    }
}

/// Division to the nearest, halves away from zero.
const fn divide(total: i128, n: i128) -> i128 {
    if n == 0 {
        return 0;
    }
    let half = if total < 0 { -n / 2 } else { n / 2 };
    (total + half) / n
}

const fn takes_least(column: &ColumnRule) -> bool {
    match column.op {
        Operator::Min => true,
        Operator::Best => matches!(column.direction, Direction::Asc),
        _ => false,
    }
}

/// A manager's correction of one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adjustment {
    /// Which column.
    pub column: u8,
    /// By how much.
    pub by: Points,
    /// When.
    pub at: Reached,
}

/// One key's events in one ranking.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    lean: Vec<(i64, Box<[Acc]>)>,
    full: Vec<Scored>,
    adjustments: Vec<Adjustment>,
}

impl Tally {
    /// Counts an event.
    pub fn add(&mut self, rules: &ScoreRules, scored: &Scored) {
        if rules.is_full() {
            self.full.push(scored.clone());
            return;
        }
        let at = match self.lean.binary_search_by_key(&scored.bucket, |(b, _)| *b) {
            Ok(at) => at,
            Err(at) => {
                self.lean.insert(at, (scored.bucket, vec![Acc::Empty; rules.columns.len()].into()));
                at
            }
        };
        let Some((_, accs)) = self.lean.get_mut(at) else { return };
        for ((acc, column), value) in accs.iter_mut().zip(&rules.columns).zip(&scored.cells) {
            if let Some(value) = value {
                acc.merge(Acc::of(column.op, *value, scored.at), takes_least(column));
            }
        }
    }

    /// Corrects a column.
    pub fn adjust(&mut self, adjustment: Adjustment) {
        self.adjustments.push(adjustment);
    }

    /// Takes an event back. False when the tally can't: it is lean, and must be made anew from the log.
    pub fn take_back(&mut self, rules: &ScoreRules, seq: Seq) -> bool {
        if rules.is_full() {
            self.full.retain(|s| s.at.1 != seq);
        }
        rules.is_full()
    }

    /// Forgets stretches of time that will not be looked at again.
    pub fn forget(&mut self, before: i64) {
        self.lean.retain(|(bucket, _)| *bucket >= before);
        self.full.retain(|s| s.bucket >= before);
    }

    /// The columns over the stretches of time from `from` on, and when they were reached. None when nothing was counted.
    pub fn result(&self, rules: &ScoreRules, from: i64) -> Option<(Vec<Points>, Reached)> {
        let mut columns = vec![Acc::Empty; rules.columns.len()];
        let mut counted = !self.adjustments.is_empty();
        for (_, accs) in self.lean.iter().filter(|(bucket, _)| *bucket >= from) {
            counted = true;
            for ((acc, other), column) in columns.iter_mut().zip(accs).zip(&rules.columns) {
                acc.merge(other.clone(), takes_least(column));
            }
        }
        let mut tasks = Tasks::default();
        for s in self.standing_events() {
            if s.bucket < from {
                continue;
            }
            counted = true;
            for ((acc, column), value) in columns.iter_mut().zip(&rules.columns).zip(&s.cells) {
                if let Some(value) = value {
                    acc.merge(Acc::of(column.op, *value, s.at), takes_least(column));
                }
            }
            tasks.attempt(s);
        }
        if !counted {
            return None;
        }
        let mut reached = Reached::default();
        let mut values: Vec<Points> = Vec::with_capacity(columns.len());
        for (acc, column) in columns.iter().zip(&rules.columns) {
            let (value, at) = match (column.op, &rules.attempts) {
                (Operator::Solved, Some(_)) => tasks.solved(),
                (Operator::Penalty, Some(a)) => tasks.penalty(Points::of(a.wrong_minutes)),
                _ => acc.result(),
            };
            values.push(value);
            reached = reached.max(at);
        }
        for a in &self.adjustments {
            if let Some(value) = values.get_mut(usize::from(a.column)) {
                *value = Points(value.0.saturating_add(a.by.0));
                reached = reached.max(a.at);
            }
        }
        Some((values, reached))
    }

    /// The kept events in event time, without those that were replaced.
    fn standing_events(&self) -> Vec<&Scored> {
        let mut newest: HashMap<u64, Seq> = HashMap::new();
        for s in &self.full {
            if let Some(entry) = s.entry {
                let seq = newest.entry(entry).or_default();
                *seq = (*seq).max(s.at.1);
            }
        }
        let mut list: Vec<&Scored> =
            self.full.iter().filter(|s| s.entry.is_none_or(|e| newest.get(&e) == Some(&s.at.1))).collect();
        list.sort_by_key(|s| s.at);
        list
    }
}

#[derive(Default)]
struct Task {
    wrong: u32,
    right: Option<(Reached, Points)>,
}

/// The tasks of one key, in event time.
#[derive(Default)]
struct Tasks(BTreeMap<u64, Task>);

impl Tasks {
    fn attempt(&mut self, s: &Scored) {
        let Some(a) = s.attempt else { return };
        let task = self.0.entry(a.task).or_default();
        if task.right.is_some() {
            return;
        }
        if a.right {
            task.right = Some((s.at, a.minutes));
        } else if a.wrong {
            task.wrong += 1;
        }
    }

    /// When the last task was solved.
    fn reached(&self) -> Reached {
        self.0.values().filter_map(|t| t.right.map(|(at, _)| at)).max().unwrap_or_default()
    }

    fn solved(&self) -> (Points, Reached) {
        (Points::whole(self.0.values().filter(|t| t.right.is_some()).count() as i64), self.reached())
    }

    fn penalty(&self, each: Points) -> (Points, Reached) {
        let total = self
            .0
            .values()
            .filter_map(|t| {
                t.right.map(|(_, minutes)| i128::from(minutes.0) + i128::from(each.0) * i128::from(t.wrong))
            })
            .sum();
        (Points::clamp(total), self.reached())
    }
}

/// The beginning of a key's life in a ranking: nothing counted, last among equals.
pub const NOT_YET: Reached = Reached(Millis(i64::MAX), Seq::MAX);
