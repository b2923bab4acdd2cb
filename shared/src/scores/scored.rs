//! What one event is worth by the rules.

use super::points::Points;
use super::ranking::Reached;
use super::rule::{Attempts, ColumnRule, Condition, Operator, ScoreRules, TaskRule};
use crate::codec::{Batch, Cell, SentBy};
use crate::value::Value;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// What one event is worth to a key, by the rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// When: event time, then the order of the log.
    pub at: Reached,
    /// The stretch of time it falls into, see [`super::period`].
    pub bucket: i64,
    /// Whether the rules' filter lets it count. If not, it may still replace an earlier one.
    pub counts: bool,
    /// What it replaces and is replaced by.
    pub entry: Option<u64>,
    /// Per column: its value, or a hash of it for `set`.
    pub cells: Box<[Option<i64>]>,
    /// The attempt that it is.
    pub attempt: Option<Attempt>,
    /// Whether a manager sent it: then nobody else's event takes its place.
    pub by_manager: bool,
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
    /// It was not judged yet.
    pub pending: bool,
    /// When it was made, in minutes.
    pub minutes: Points,
}

fn hash(value: &Value) -> u64 {
    let mut h = SipHasher13::new_with_keys(0x7461_6c6c_7900_0001, 0);
    match value {
        Value::Bool(b) => h.write_u8(u8::from(*b)),
        Value::Number(n) => {
            h.write_u8(3);
            // There are two zeros.
            h.write_u64((n + 0.0).to_bits());
        }
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

    /// Whether a manager sent it, as far as the board remembers.
    pub fn by_manager(&self) -> bool {
        self.batch.sent_by == SentBy::Manager
    }

    /// Whether it says something of a field: a value, or that there is none any more.
    pub fn mentions(&self, name: &str) -> bool {
        let column = self.batch.fields.iter().find(|c| c.name == name);
        column.is_some_and(|c| !matches!(c.cells.get(self.row), None | Some(Cell::Absent)))
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

    /// The tasks that have a cell in each row.
    pub fn tasks(&self) -> &[TaskRule] {
        self.attempts.as_ref().map_or(&[], |a| a.tasks.as_slice())
    }

    /// The same as attempts name them.
    pub(super) fn task_hashes(&self) -> impl Iterator<Item = u64> + '_ {
        self.tasks().iter().map(|task| hash(&task.id))
    }

    /// Whether the rules read an event: one that counts, or could count with other values.
    pub fn reads(&self, event: &EventView<'_>) -> bool {
        let conditions = |list: &[Condition]| list.iter().any(|c| event.mentions(&c.field));
        let attempts = |a: &Attempts| {
            event.mentions(&a.per)
                || a.minutes.as_deref().is_some_and(|m| event.mentions(m))
                || conditions(&a.right)
                || conditions(&a.wrong)
                || conditions(&a.pending)
        };
        let worth = |c: &ColumnRule| match (&c.field, c.op) {
            (_, Operator::Solved | Operator::Penalty | Operator::LastSolved) => false,
            (Some(field), _) => event.mentions(field),
            (None, _) => event.all(&self.filter),
        };
        conditions(&self.filter)
            || self.columns.iter().any(worth)
            || self.attempts.as_ref().is_some_and(attempts)
            || self.entry.as_deref().is_some_and(|e| event.mentions(e))
    }

    /// What an event is worth; none when the rules' filter leaves it out and it replaces nothing.
    pub fn score(&self, event: &EventView<'_>, at: Reached, bucket: i64) -> Option<Scored> {
        let counts = event.all(&self.filter);
        let entry = self.entry.as_deref().and_then(|e| event.field(e)).map(|v| hash(&v));
        if !counts && entry.is_none() {
            return None;
        }
        let cells = self.columns.iter().map(|c| cell(c, event)).collect();
        let attempt = self.attempts.as_ref().and_then(|a| {
            let right = event.all(&a.right);
            let minutes = a.minutes.as_deref().and_then(|m| event.field(m)?.as_number()).map_or(Points(0), Points::of);
            let wrong = !right && event.all(&a.wrong);
            let pending = !right && !wrong && !a.pending.is_empty() && event.all(&a.pending);
            Some(Attempt { task: hash(&event.field(&a.per)?), right, wrong, pending, minutes })
        });
        Some(Scored { at, bucket, counts, entry, cells, attempt, by_manager: event.by_manager() })
    }
}

fn cell(column: &ColumnRule, event: &EventView<'_>) -> Option<i64> {
    match (&column.field, column.op) {
        (_, Operator::Solved | Operator::Penalty | Operator::LastSolved) => None,
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
