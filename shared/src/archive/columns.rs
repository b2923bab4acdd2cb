//! Which column of the warehouse a field goes to.

use super::fixed::FIXED;
use crate::codec::Cell;
use crate::codec::{DecodeError, Reader, Writer};
use std::collections::HashMap;

/// One field and its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The field's name as producers write it.
    pub field: String,
    /// The column: the name with A to Z in lower case, and a number behind it where that is taken.
    pub column: String,
    /// Kinds of values that were seen: 1 numbers, 2 booleans, 4 text.
    pub kinds: u8,
}

/// Numbers were seen.
pub const NUMBER: u8 = 1;
/// Booleans were seen.
pub const BOOL: u8 = 2;
/// Text was seen.
pub const TEXT: u8 = 4;

/// The columns of a board, in the order in which their fields first appeared in the log.
///
/// A field gets the first name that is free among its lower-case name and that with `_2`, `_3`… behind it, and keeps it.
/// The names of the [fixed columns](FIXED) are never free. So two fields that differ in case only are two columns, and
/// what a name means never changes.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    list: Vec<Column>,
    by_field: HashMap<String, usize>,
    changed: bool,
}

impl Columns {
    /// The columns that were stored.
    fn new(list: Vec<Column>) -> Self {
        let by_field = list.iter().enumerate().map(|(i, c)| (c.field.clone(), i)).collect();
        Self { list, by_field, changed: false }
    }

    /// In the form in which they are stored.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(16 * self.list.len());
        for c in &self.list {
            w.text(&c.field);
            w.text(&c.column);
            w.u8(c.kinds);
        }
        w.finish()
    }

    /// Reads what [`Columns::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let mut list = Vec::new();
        while r.remaining() > 0 {
            list.push(Column { field: r.text()?.to_owned(), column: r.text()?.to_owned(), kinds: r.u8()? });
        }
        Ok(Self::new(list))
    }

    /// In order.
    pub fn list(&self) -> &[Column] {
        &self.list
    }

    /// The column of a field, made if it has none yet.
    pub fn place(&mut self, field: &str) -> usize {
        if let Some(&i) = self.by_field.get(field) {
            return i;
        }
        let column = self.free(&field.to_ascii_lowercase());
        self.list.push(Column { field: field.to_owned(), column, kinds: 0 });
        self.by_field.insert(field.to_owned(), self.list.len() - 1);
        self.changed = true;
        self.list.len() - 1
    }

    fn free(&self, name: &str) -> String {
        let taken = |n: &str| FIXED.iter().any(|c| c.name == n) || self.list.iter().any(|c| c.column == n);
        if !taken(name) {
            return name.to_owned();
        }
        // One of so many is free: there are fewer columns than that.
        let most = 2 + FIXED.len() + self.list.len();
        (2..=most).map(|n| format!("{name}_{n}")).find(|n| !taken(n)).unwrap_or_default()
    }

    /// The name of a column.
    pub fn name(&self, place: usize) -> &str {
        self.list.get(place).map_or("", |c| &c.column)
    }

    /// Remembers what kind of value was seen.
    pub fn saw(&mut self, place: usize, cell: Cell<'_>) {
        let kind = match cell {
            Cell::Absent | Cell::Null => 0,
            Cell::Number(_) => NUMBER,
            Cell::Bool(_) => BOOL,
            Cell::Text(_) => TEXT,
        };
        if let Some(column) = self.list.get_mut(place)
            && column.kinds | kind != column.kinds
        {
            column.kinds |= kind;
            self.changed = true;
        }
    }

    /// Whether there is something new to store since the last time this was asked.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }
}
