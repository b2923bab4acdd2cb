//! Tables in columns, each of one type, and the files that are made of them.
//!
//! | file | |
//! |---|---|
//! | `column.rs` | the values of one column |
//! | `arrow.rs` | a stream of Arrow's record batches |
//! | `parquet.rs` | a Parquet file, one group of rows after the other |

pub mod arrow;
mod column;
pub mod parquet;
#[cfg(test)]
mod tests;

pub use column::{Column, Values};

use crate::time::Millis;
use crate::views::table::{Head, Kind, Sheet};
use std::ops::Range;

/// A table in memory, filled row by row. A column may come late: earlier rows have no value in it.
#[derive(Clone, Debug, Default)]
pub struct Table {
    columns: Vec<Column>,
    rows: usize,
    /// The column of the next cell.
    at: usize,
}

impl Table {
    /// An empty one with these columns.
    pub fn new(heads: &[Head<'_>]) -> Self {
        let mut table = Self::default();
        for head in heads {
            table.add(&head.name, head.kind);
        }
        table
    }

    /// Adds a column; its place. No two have the same name, which readers could not tell apart.
    pub fn add(&mut self, name: &str, kind: Kind) -> usize {
        let taken = |name: &str| self.columns.iter().any(|c| c.name() == name);
        let most = self.columns.len() + 2;
        let mut names = std::iter::once(name.to_owned()).chain((2..=most).map(|n| format!("{name}_{n}")));
        let name = names.find(|n| !taken(n)).unwrap_or_default();
        self.columns.push(Column::new(name, kind));
        self.columns.len() - 1
    }

    /// The columns in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How many rows there are.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// About how many bytes of memory the values take.
    pub fn bytes(&self) -> usize {
        self.columns.iter().map(Column::bytes).sum()
    }

    /// The column in which the next cell of the present row goes, and that row.
    pub fn cell(&mut self, column: usize) -> Option<(&mut Column, usize)> {
        self.columns.get_mut(column).map(|c| (c, self.rows))
    }

    fn next(&mut self) -> Option<(&mut Column, usize)> {
        self.at += 1;
        self.cell(self.at - 1)
    }
}

impl Sheet for Table {
    fn text(&mut self, text: &str) {
        if let Some((column, row)) = self.next() {
            column.text(row, text);
        }
    }

    fn number(&mut self, number: Option<f64>) {
        if let (Some((column, row)), Some(number)) = (self.next(), number.filter(|n| n.is_finite())) {
            column.number(row, number);
        }
    }

    fn whole(&mut self, number: i64) {
        if let Some((column, row)) = self.next() {
            column.whole(row, number);
        }
    }

    fn time(&mut self, time: Millis) {
        self.whole(time.0);
    }

    fn flag(&mut self, flag: bool) {
        if let Some((column, row)) = self.next() {
            column.flag(row, flag);
        }
    }

    fn empty(&mut self) {
        self.at += 1;
    }

    fn end_row(&mut self) {
        self.rows += 1;
        self.at = 0;
    }
}

/// Rows that are written together, and how many values of each column come before them.
struct Piece {
    rows: Range<usize>,
    before: Vec<usize>,
}

impl Piece {
    /// The first rows of a table, none of them.
    fn begin(table: &Table) -> Self {
        Self { rows: 0..0, before: vec![0; table.columns.len()] }
    }

    /// Goes on by at most `most` rows; false at the end.
    fn advance(&mut self, table: &Table, most: usize) -> bool {
        for (before, column) in self.before.iter_mut().zip(&table.columns) {
            *before += column.count(self.rows.clone());
        }
        self.rows = self.rows.end..table.rows.min(self.rows.end + most);
        !self.rows.is_empty()
    }

    /// The columns, and which of their values belong to the rows.
    fn columns<'t>(&self, table: &'t Table) -> impl Iterator<Item = (&'t Column, Range<usize>)> {
        let rows = self.rows.clone();
        table.columns.iter().zip(&self.before).map(move |(c, before)| (c, *before..before + c.count(rows.clone())))
    }
}
