//! Which column of the warehouse a field goes to.

use super::fixed::{FIXED, REMOVED};
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
/// In what is stored: the column is one of Parquet.
const TYPED: u8 = 8;

/// A column of Parquet. Its type never changes, so that the files of a board fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The field's name as producers write it.
    pub field: String,
    /// The column.
    pub column: String,
    /// The only kind of its values: [`NUMBER`], [`BOOL`] or [`TEXT`].
    pub kind: u8,
}

/// The kind of a value; none when there is no value.
pub const fn kind_of(cell: Cell<'_>) -> Option<u8> {
    match cell {
        Cell::Absent | Cell::Null => None,
        Cell::Number(_) => Some(NUMBER),
        Cell::Bool(_) => Some(BOOL),
        Cell::Text(_) => Some(TEXT),
    }
}

/// What a kind is called.
pub const fn kind_name(kind: u8) -> &'static str {
    match kind {
        NUMBER => "number",
        BOOL => "boolean",
        _ => "text",
    }
}

/// The columns of a board, in the order in which their fields first appeared in the log.
///
/// A field gets the first name that is free among its lower-case name and that with `_2`, `_3`… behind it, and keeps it.
/// The names of the [fixed columns](FIXED) are never free. So two fields that differ in case only are two columns, and
/// what a name means never changes.
///
/// A column of NDJSON takes values of every kind. In Parquet each kind has its own: the first that a field had is called
/// like the field's column of NDJSON, another one has its kind behind it (`fuel`, `fuel_text`).
#[derive(Clone, Debug, Default)]
pub struct Columns {
    list: Vec<Column>,
    by_field: HashMap<String, usize>,
    typed: Vec<Typed>,
    by_kind: HashMap<String, Vec<(u8, usize)>>,
    changed: bool,
}

impl Columns {
    /// In the form in which they are stored.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(16 * (self.list.len() + self.typed.len()));
        let list = self.list.iter().map(|c| (&c.field, &c.column, c.kinds));
        for (field, column, kinds) in list.chain(self.typed.iter().map(|c| (&c.field, &c.column, c.kind | TYPED))) {
            w.text(field);
            w.text(column);
            w.u8(kinds);
        }
        w.finish()
    }

    /// Reads what [`Columns::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let mut columns = Self::default();
        while r.remaining() > 0 {
            let (field, column, kinds) = (r.text()?.to_owned(), r.text()?.to_owned(), r.u8()?);
            if kinds & TYPED == 0 {
                columns.by_field.insert(field.clone(), columns.list.len());
                columns.list.push(Column { field, column, kinds });
            } else {
                columns.add_typed(Typed { field, column, kind: kinds & !TYPED });
            }
        }
        Ok(columns)
    }

    /// Takes over a column of Parquet as it is called elsewhere; its place.
    pub fn add_typed(&mut self, typed: Typed) -> usize {
        let place = self.typed.len();
        self.by_kind.entry(typed.field.clone()).or_default().push((typed.kind, place));
        self.typed.push(typed);
        place
    }

    /// Those of NDJSON, in order.
    pub fn list(&self) -> &[Column] {
        &self.list
    }

    /// Those of Parquet, in order.
    pub fn typed(&self) -> &[Typed] {
        &self.typed
    }

    /// The column of Parquet for a field's values of one kind, made if it has none yet.
    pub fn place_typed(&mut self, field: &str, kind: u8) -> usize {
        let own = self.by_kind.get(field).map(Vec::as_slice).unwrap_or_default();
        if let Some((_, place)) = own.iter().find(|(of, _)| *of == kind) {
            return *place;
        }
        let first = own.first().and_then(|(_, place)| self.typed.get(*place));
        let column = match (first, self.by_field.get(field).and_then(|place| self.list.get(*place))) {
            (Some(first), _) => self.free(&format!("{}_{}", first.column, kind_name(kind))),
            (None, Some(untyped)) if untyped.column != REMOVED => untyped.column.clone(),
            (None, _) => self.free(&field.to_ascii_lowercase()),
        };
        self.changed = true;
        self.add_typed(Typed { field: field.to_owned(), column, kind })
    }

    /// The column of a field, made if it has none yet.
    pub fn place(&mut self, field: &str) -> usize {
        if let Some(&i) = self.by_field.get(field) {
            return i;
        }
        let typed = self.by_kind.get(field).and_then(|own| self.typed.get(own.first()?.1));
        let column = typed.map_or_else(|| self.free(&field.to_ascii_lowercase()), |typed| typed.column.clone());
        self.list.push(Column { field: field.to_owned(), column, kinds: 0 });
        self.by_field.insert(field.to_owned(), self.list.len() - 1);
        self.changed = true;
        self.list.len() - 1
    }

    fn free(&self, name: &str) -> String {
        let taken = |n: &str| {
            n == REMOVED
                || FIXED.iter().any(|c| c.name == n)
                || self.list.iter().any(|c| c.column == n)
                || self.typed.iter().any(|c| c.column == n)
        };
        if !taken(name) {
            return name.to_owned();
        }
        // One of so many is free: there are fewer columns than that.
        let most = 3 + FIXED.len() + self.list.len() + self.typed.len();
        (2..=most).map(|n| format!("{name}_{n}")).find(|n| !taken(n)).unwrap_or_default()
    }

    /// The name of a column.
    pub fn name(&self, place: usize) -> &str {
        self.list.get(place).map_or("", |c| &c.column)
    }

    /// Remembers what kind of value was seen.
    pub fn saw(&mut self, place: usize, cell: Cell<'_>) {
        let kind = kind_of(cell).unwrap_or(0);
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
