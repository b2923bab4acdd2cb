//! A row on its way from what the public has seen to what came of it.

use super::equals::Orders;
use crate::cursor::Seq;
use crate::scores::points::Points;
use crate::scores::ranking::Reached;
use crate::scores::replica::ScoreRow;
use crate::scores::rule::{ColumnRule, Operator, ScoreRules};
use crate::scores::task_cell::TaskCell;

/// A row's cells, columns and place in ties.
#[derive(Clone, Debug, PartialEq)]
pub struct Team {
    /// For people.
    pub name: String,
    /// One for each grouping.
    pub groups: Vec<Option<String>>,
    /// The columns as they are now.
    pub values: Vec<Points>,
    /// When it came to them; behind the time stands what decides between rows that are equal in it.
    pub reached: Reached,
    /// Whether it has come to rest.
    pub is_settled: bool,
    /// What the public saw.
    first: Standing,
    /// What came of it.
    last: Standing,
    /// For each task whether it is revealed.
    open: Vec<bool>,
}

#[derive(Clone, Debug, PartialEq)]
struct Standing {
    values: Vec<Points>,
    reached: Reached,
    cells: Vec<TaskCell>,
}

impl Standing {
    fn of(rules: &ScoreRules, row: &ScoreRow, order: Seq) -> Self {
        let mut values: Vec<Points> = row.values.iter().map(|value| Points::of(*value)).collect();
        values.resize(rules.columns.len(), Points::default());
        let mut cells = row.cells.clone();
        cells.resize(rules.tasks().len(), TaskCell::default());
        Self { values, reached: Reached(row.reached, order), cells }
    }
}

impl Team {
    /// A row as the public saw it, if it did, and as it ended.
    pub fn new(rules: &ScoreRules, frozen: Option<&ScoreRow>, last: &ScoreRow, order: Orders) -> Self {
        let last_standing = Standing::of(rules, last, order.last);
        let first = frozen.map_or_else(
            || Standing {
                values: vec![Points::default(); rules.columns.len()],
                reached: last_standing.reached,
                cells: vec![TaskCell::default(); rules.tasks().len()],
            },
            |row| Standing::of(rules, row, order.first),
        );
        let open = first.cells.iter().zip(&last_standing.cells).map(|(first, last)| first == last).collect();
        Self {
            name: last.name.clone(),
            groups: last.groups.clone(),
            values: first.values.clone(),
            reached: first.reached,
            is_settled: false,
            first,
            last: last_standing,
            open,
        }
    }

    /// How many cells are hidden.
    pub fn hidden(&self) -> u32 {
        self.open.iter().filter(|is_open| !**is_open).count() as u32
    }

    /// Whether a cell is.
    pub fn is_hidden(&self, task: usize) -> bool {
        self.open.get(task) == Some(&false)
    }

    /// The first cell from the left that is hidden.
    pub fn next_hidden(&self) -> Option<usize> {
        self.open.iter().position(|is_open| !is_open)
    }

    /// Whether its columns are the final ones.
    pub fn is_final(&self) -> bool {
        self.values == self.last.values
    }

    /// Shows what came of a task.
    pub fn reveal(&mut self, rules: &ScoreRules, task: usize) {
        if let Some(is_open) = self.open.get_mut(task) {
            *is_open = true;
        }
        if self.next_hidden().is_none() {
            self.finish();
            return;
        }
        let values = self.totals(rules);
        if values != self.values {
            self.values = values;
            // When exactly it came there no cell tells: equal rows stand as they will in the end.
            self.reached = self.last.reached;
        }
    }

    /// Takes the final columns.
    pub fn finish(&mut self) {
        self.values.clone_from(&self.last.values);
        self.reached = self.last.reached;
    }

    /// It has come to rest.
    pub fn settle(&mut self) {
        self.finish();
        self.is_settled = true;
    }

    /// The cells as they stand now.
    fn cells(&self) -> impl Iterator<Item = &TaskCell> {
        let both = self.first.cells.iter().zip(&self.last.cells);
        both.zip(&self.open).map(|((first, last), is_open)| if *is_open { last } else { first })
    }

    /// The cells as they are shown.
    pub fn shown(&self) -> Vec<TaskCell> {
        let shown = |(cell, is_open): (&TaskCell, &bool)| {
            let pending = if *is_open { cell.pending } else { cell.pending.max(1) };
            // A task that counted as solved and was judged again is pending like any other.
            let minute = cell.minute.filter(|_| *is_open);
            TaskCell { tries: cell.tries, minute, pending }
        };
        self.cells().zip(&self.open).map(shown).collect()
    }

    /// The columns with the cells that are revealed: what the public saw, and what these cells changed of it. Columns
    /// that no cell tells stay as they were.
    fn totals(&self, rules: &ScoreRules) -> Vec<Points> {
        let each = Points::of(rules.attempts.as_ref().map_or(0.0, |attempts| attempts.wrong_minutes));
        let more = |worth: &dyn Fn(&TaskCell) -> i128, value: Points| {
            let changed: i128 = self.cells().zip(&self.first.cells).map(|(now, first)| worth(now) - worth(first)).sum();
            Points::clamp(i128::from(value.0) + changed)
        };
        let solved = |cell: &TaskCell| i128::from(u8::from(cell.minute.is_some())) * i128::from(Points::ONE.0);
        let penalty = |cell: &TaskCell| {
            let wrong = i128::from(cell.tries.saturating_sub(1)) * i128::from(each.0);
            cell.minute.map_or(0, |minute| i128::from(minute.0) + wrong)
        };
        let latest = |value: Points| {
            let is_same = self.cells().zip(&self.first.cells).all(|(now, first)| now.minute == first.minute);
            let minutes = self.cells().filter_map(|cell| cell.minute.map(|minute| minute.0));
            if is_same { value } else { Points(minutes.max().unwrap_or(0).max(0)) }
        };
        let column = |(column, value): (&ColumnRule, &Points)| match column.op {
            Operator::Solved => more(&solved, *value),
            Operator::Penalty => more(&penalty, *value),
            Operator::LastSolved => latest(*value),
            Operator::Sum
            | Operator::Count
            | Operator::Best
            | Operator::Min
            | Operator::Last
            | Operator::Avg
            | Operator::Set => *value,
        };
        rules.columns.iter().zip(&self.first.values).map(column).collect()
    }
}
