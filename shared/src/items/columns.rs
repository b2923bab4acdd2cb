//! The fields of a batch while it is applied to items.

use super::packed::Packed;
use super::{FieldId, FieldState, Item, Items};
use crate::codec::{Batch, Cell};
use crate::cursor::Seq;

/// Fields of a batch by their numbers.
pub(super) struct Columns {
    /// The number of each column's field, once it is known.
    ids: Vec<Option<FieldId>>,
    /// The column of each field.
    of: Vec<Option<usize>>,
    /// Fields that the item of this row has.
    seen: Vec<bool>,
    /// Where items are packed anew.
    scratch: Vec<u8>,
}

impl Columns {
    /// The columns of a batch, of which none has a number yet.
    pub fn of(batch: &Batch<'_>) -> Self {
        Self { ids: vec![None; batch.fields.len()], of: Vec::new(), seen: Vec::new(), scratch: Vec::new() }
    }

    /// Gives numbers to the fields of a row, in the order in which they appear.
    pub fn number(&mut self, items: &mut Items, batch: &Batch<'_>, row: usize, seq: Seq) {
        for (at, (column, slot)) in batch.fields.iter().zip(&mut self.ids).enumerate() {
            if slot.is_some() || matches!(column.cells.get(row), None | Some(Cell::Absent)) {
                continue;
            }
            *slot = items.field_number(column.name, seq);
            let Some(id) = slot.map(|id| usize::from(id.0)) else { continue };
            if id >= self.of.len() {
                self.of.resize(id + 1, None);
            }
            if let Some(of) = self.of.get_mut(id) {
                *of = Some(at);
            }
        }
    }

    /// Changes an item's fields to what a row says of them.
    pub fn apply(&mut self, item: &mut Item, batch: &Batch<'_>, row: usize, seq: Seq) {
        let cell_of = |column: usize| batch.fields.get(column).and_then(|c| c.cells.get(row)).copied();
        let new = |of: &[Option<usize>], id: FieldId| {
            of.get(usize::from(id.0)).copied().flatten().and_then(cell_of).unwrap_or(Cell::Absent)
        };
        self.seen.clear();
        self.seen.resize(self.of.len(), false);
        let (of, seen) = (&self.of, &mut self.seen);
        let mut fits = item.packed.set_in_place(seq, |id| {
            if let Some(seen) = seen.get_mut(usize::from(id.0)) {
                *seen = true;
            }
            new(of, id)
        });
        // A field that the item never had need not be removed.
        let ids = self.ids.iter().enumerate().filter_map(|(at, id)| Some(((*id)?, cell_of(at)?)));
        let is_new = |(id, cell): &(FieldId, Cell<'_>)| {
            !matches!(cell, Cell::Absent | Cell::Null) && !self.seen.get(usize::from(id.0)).copied().unwrap_or_default()
        };
        let added = ids.filter(is_new).map(|(id, value)| FieldState { id, seq, value });
        fits &= added.clone().next().is_none();
        if fits {
            return;
        }
        let changed = item.packed.fields().map(|f| {
            let value = new(&self.of, f.id);
            if value == Cell::Absent || value == f.value { f } else { FieldState { seq, value, ..f } }
        });
        item.packed = Packed::with_fields(item.packed.key(), changed.chain(added), &mut self.scratch);
    }
}
