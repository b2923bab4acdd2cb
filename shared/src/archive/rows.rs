//! Events as rows of a Parquet file.
//!
//! A file has the columns that every board has, then `removed`, then those of the fields, in the order in which the board
//! first delivered each. So the columns of a file are the first ones of every later file, with the same types.

use super::columns::{BOOL, Columns, NUMBER, kind_of};
use super::fixed::{FIXED, FixedKind, REMOVED};
use crate::codec::{Batch, Cell};
use crate::columnar::Table;
use crate::columnar::parquet::File;
use crate::cursor::{Epoch, Seq};
use crate::time::Millis;
use crate::views::table::{Kind, Sheet as _};
use parquet::errors::ParquetError;

/// Rows of a group: what is written before others get their turn.
const GROUP_ROWS: usize = 16_384;
/// Where the columns of fields begin.
const FIELDS: usize = FIXED.len() + 1;

/// Rows in memory, then a file that grows by groups of them.
pub struct Rows {
    table: Table,
    file: Option<File>,
}

impl Default for Rows {
    fn default() -> Self {
        let mut table = Table::default();
        for column in FIXED {
            let kind = match column.kind {
                FixedKind::Whole => Kind::Whole,
                FixedKind::Time => Kind::Time,
                FixedKind::Number => Kind::Number,
                FixedKind::Text(_) => Kind::Text,
            };
            table.add(column.name, kind);
        }
        table.add(REMOVED, Kind::Text);
        Self { table, file: None }
    }
}

impl Rows {
    /// Adds the events of a row of the log.
    pub fn push(&mut self, batch: &Batch<'_>, epoch: Epoch, first: Seq, accepted_at: Millis, columns: &mut Columns) {
        // The columns of each field of the batch, by the kind of the value.
        let mut places: Vec<[Option<usize>; 3]> = vec![[None; 3]; batch.fields.len()];
        for row in (0..batch.len()).filter(|row| !batch.is_hole(*row)) {
            self.own(batch, row, (epoch, first + row as u64, accepted_at));
            for (field, places) in batch.fields.iter().zip(&mut places) {
                let cell = field.cells.get(row).copied().unwrap_or(Cell::Absent);
                let Some(kind) = kind_of(cell) else { continue };
                let slot = match kind {
                    NUMBER => 0,
                    BOOL => 1,
                    _ => 2,
                };
                let place = match places[slot] {
                    Some(place) => place,
                    None => *places[slot].insert(columns.place_typed(field.name, kind)),
                };
                self.know(columns);
                let Some((column, row)) = self.table.cell(FIELDS + place) else { continue };
                match cell {
                    Cell::Absent | Cell::Null => {}
                    Cell::Bool(b) => column.flag(row, b),
                    Cell::Number(n) => column.number(row, n),
                    Cell::Text(t) => column.text(row, t),
                }
            }
            self.table.end_row();
        }
        self.know(columns);
    }

    /// What every event has.
    fn own(&mut self, batch: &Batch<'_>, row: usize, (epoch, seq, accepted_at): (Epoch, Seq, Millis)) {
        let removed = batch.fields.iter().filter(|f| f.cells.get(row) == Some(&Cell::Null)).map(|f| f.name);
        let removed: Vec<&str> = removed.collect();
        let removed = (!removed.is_empty()).then(|| serde_json::to_string(&removed).unwrap_or_default());
        let position = batch.positions.get(row).copied().flatten();
        let table = &mut self.table;
        table.whole(i64::from(epoch.0));
        table.whole(seq as i64);
        table.maybe_text(batch.id(row));
        table.text(batch.key(row));
        table.time(batch.times.get(row).copied().unwrap_or_default());
        table.time(accepted_at);
        table.number(position.map(|p| p.lat()));
        table.number(position.map(|p| p.lon()));
        table.number(position.and_then(|p| p.heading()));
        table.number(position.and_then(|p| p.speed()));
        table.number(position.and_then(|p| p.altitude()));
        table.number(position.and_then(|p| p.accuracy()));
        table.maybe_text(removed.as_deref());
    }

    /// Adds the columns that the board has got. A file without events has them all the same.
    pub fn know(&mut self, columns: &Columns) {
        for typed in columns.typed().iter().skip(self.table.columns().len().saturating_sub(FIELDS)) {
            let kind = match typed.kind {
                NUMBER => Kind::Number,
                BOOL => Kind::Flag,
                _ => Kind::Text,
            };
            self.table.add(&typed.column, kind);
        }
    }

    /// Bytes of the values.
    pub fn bytes(&self) -> u64 {
        self.table.bytes() as u64
    }

    /// Whether the file is being written.
    pub const fn is_closed(&self) -> bool {
        self.file.is_some()
    }

    /// Writes a group of rows; whether it was the last.
    pub fn write_some(&mut self) -> Result<bool, ParquetError> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(File::new(&self.table)?),
        };
        Ok(!file.write_group(&self.table, GROUP_ROWS)?)
    }

    /// The file.
    pub fn finish(self) -> Result<Vec<u8>, ParquetError> {
        match self.file {
            Some(file) => file.finish(),
            None => crate::columnar::parquet::write(&self.table),
        }
    }
}
