//! What items weigh: their count alone does not bound their memory.

use super::packed::size_of;
use super::{Item, Items};
use crate::codec::{Batch, Cell};
use crate::limits;
use crate::problem::{Code, FieldError};

/// An item beside its key and fields: its own parts, its place in tables.
pub(super) const ITEM: usize = 96;

impl Item {
    /// What it weighs.
    pub(super) const fn weight(&self) -> usize {
        ITEM + self.packed.len()
    }
}

impl Items {
    /// What all items weigh, see [`limits::ITEMS_BYTES_PER_BOARD`].
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether no request can take the board over its bytes: then none is looked at for them. A body has at most 8 MiB.
    pub const fn is_far_from_full(&self) -> bool {
        self.bytes < limits::ITEMS_BYTES_PER_BOARD / 2
    }

    /// By how much a row of a batch makes its item heavier.
    pub fn growth(&self, batch: &Batch<'_>, row: usize) -> usize {
        let item = self.find(batch.key(row)).and_then(|id| self.get(id));
        let mut growth = if item.is_none() { ITEM + 1 + batch.key(row).len() } else { 0 };
        for column in &batch.fields {
            let cell = match column.cells.get(row) {
                None | Some(Cell::Absent) => continue,
                Some(cell) => *cell,
            };
            let before = self.find_field(column.name).and_then(|id| item?.field(id));
            growth += match before {
                Some(f) => size_of(cell).saturating_sub(size_of(f.value)),
                None if matches!(cell, Cell::Null) => 0,
                None => size_of(cell),
            };
        }
        growth
    }

    /// Whether there is room for so many bytes more. What does not grow is always taken.
    pub fn room_for_bytes(&self, more: usize) -> Result<(), FieldError> {
        if more == 0 || self.bytes + more <= limits::ITEMS_BYTES_PER_BOARD {
            return Ok(());
        }
        let message = format!(
            "the board's items take {} of {} bytes; delete items, or use another board",
            self.bytes,
            limits::ITEMS_BYTES_PER_BOARD
        );
        Err(FieldError::new("fields", Code::BoardFull, message))
    }
}
