//! The latest state of every key, made from the log. The board keeps one, and each relay a mirror.
//!
//! Every part of an item remembers the sequence at which it last changed, and items hang in a list ordered by
//! their last change. So "what changed since cursor C" is answered for any C in time proportional to the
//! answer, and neither a slow viewer nor a resuming one needs a memory of its own: it is just a cursor.

mod json;
mod sight;
mod snapshot;

pub use json::ItemView;
pub use snapshot::SnapshotError;

use crate::codec::{Batch, Cell};
use crate::cursor::Seq;
use crate::limits;
use crate::position::Position;
use crate::problem::FieldError;
use crate::sights::Shown;
use crate::time::Millis;
use crate::value::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// An item's number: the order in which keys first appeared in the board's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(pub u32);

/// A field's number: the order in which field names first appeared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u16);

/// One field of one item.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldState {
    /// Which field.
    pub id: FieldId,
    /// When it last changed.
    pub seq: Seq,
    /// Its value; `None` when it was removed.
    pub value: Option<Value>,
}

/// The latest state of one key.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The key.
    pub key: Arc<str>,
    /// Event time of the last event that counted.
    pub time: Millis,
    /// The last change.
    pub seq: Seq,
    /// The first change.
    pub created: Seq,
    /// The latest position.
    pub position: Option<Position>,
    /// When the position last changed.
    pub position_seq: Seq,
    /// Fields in the order of their numbers' appearance on this item.
    pub fields: Vec<FieldState>,
    newer: u32,
    older: u32,
}

const NOBODY: u32 = u32::MAX;

/// What one event did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The item changed.
    Changed(ItemId),
    /// The event is older than the item's state: kept in the log, nothing changed here.
    Late(ItemId),
}

/// All items of a board.
#[derive(Clone, Debug)]
pub struct Items {
    items: Vec<Item>,
    by_key: HashMap<Arc<str>, u32>,
    fields: Vec<Arc<str>>,
    field_seq: Vec<Seq>,
    by_field: HashMap<Arc<str>, u16>,
    newest: u32,
    oldest: u32,
}

impl Default for Items {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            by_key: HashMap::new(),
            fields: Vec::new(),
            field_seq: Vec::new(),
            by_field: HashMap::new(),
            newest: NOBODY,
            oldest: NOBODY,
        }
    }
}

impl Items {
    /// How many items.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// An item by its number.
    pub fn get(&self, id: ItemId) -> Option<&Item> {
        self.items.get(id.0 as usize)
    }

    /// An item's number by its key.
    pub fn find(&self, key: &str) -> Option<ItemId> {
        self.by_key.get(key).map(|&i| ItemId(i))
    }

    /// All items in the order of their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (ItemId, &Item)> {
        self.items.iter().enumerate().map(|(i, item)| (ItemId(i as u32), item))
    }

    /// A field's name.
    pub fn field_name(&self, id: FieldId) -> &str {
        self.fields.get(id.0 as usize).map_or("", |n| n)
    }

    /// A field's number by its name.
    pub fn find_field(&self, name: &str) -> Option<FieldId> {
        self.by_field.get(name).map(|&i| FieldId(i))
    }

    /// How many field names there are.
    pub fn field_count(&self) -> u16 {
        self.fields.len() as u16
    }

    /// How many field names there were at `seq`.
    pub fn field_count_at(&self, seq: Seq) -> u16 {
        self.field_seq.partition_point(|&s| s <= seq) as u16
    }

    /// Items that changed after `since`, the latest change first.
    pub fn changed_since(&self, since: Seq) -> impl Iterator<Item = ItemId> + '_ {
        let mut at = self.newest;
        std::iter::from_fn(move || {
            let item = self.items.get(at as usize).filter(|i| i.seq > since)?;
            let id = ItemId(at);
            at = item.older;
            Some(id)
        })
    }

    /// Whether the board has room for what a row of a batch would add. To be asked, for every row, before anything is logged.
    pub fn room_for(&self, new_keys: usize, new_fields: usize) -> Result<(), FieldError> {
        if self.items.len() + new_keys > limits::ITEMS_PER_BOARD {
            let message =
                format!("the board holds {} items, the most it can; use another board for new keys", self.items.len());
            return Err(FieldError::new("key", "too_many_items", message));
        }
        if self.fields.len() + new_fields > limits::FIELDS_PER_BOARD {
            let message = format!("the board knows {} field names, the most it can", self.fields.len());
            return Err(FieldError::new("fields", "too_many_fields", message));
        }
        Ok(())
    }

    /// Whether a field of this name is known.
    pub fn knows_field(&self, name: &str) -> bool {
        self.by_field.contains_key(name)
    }

    /// Applies a batch whose first event has sequence `first`. `each` is told of every event in turn.
    pub fn apply(&mut self, batch: &Batch<'_>, first: Seq, each: impl FnMut(&Self, Effect)) {
        self.apply_shown(batch, first, |_| Shown::Whole, each);
    }

    /// Applies as much of a batch's events as is shown.
    pub fn apply_shown(
        &mut self,
        batch: &Batch<'_>,
        first: Seq,
        shown: impl Fn(usize) -> Shown,
        mut each: impl FnMut(&Self, Effect),
    ) {
        // Numbers are given in the order of rows, so that every replay of the log gives the same ones.
        let mut key_ids: Vec<u32> = vec![NOBODY; batch.keys.len()];
        let mut field_ids: Vec<Option<FieldId>> = vec![None; batch.fields.len()];
        for row in 0..batch.len() {
            let seq = first + row as u64;
            let with_fields = match shown(row) {
                Shown::Whole => true,
                Shown::Position => false,
                Shown::Nothing => continue,
            };
            let Some(slot) = batch.key_of.get(row).and_then(|&k| key_ids.get_mut(k as usize)) else { continue };
            if *slot == NOBODY {
                *slot = self.number_of(batch.key(row), seq);
            }
            let id = ItemId(*slot);
            let effect = self.apply_row(id, batch, row, seq, if with_fields { &mut field_ids } else { &mut [] });
            each(self, effect);
        }
    }

    fn apply_row(
        &mut self,
        id: ItemId,
        batch: &Batch<'_>,
        row: usize,
        seq: Seq,
        field_ids: &mut [Option<FieldId>],
    ) -> Effect {
        let time = batch.times.get(row).copied().unwrap_or_default();
        let Some(item) = self.items.get(id.0 as usize) else { return Effect::Late(id) };
        if time < item.time {
            // Its field names count all the same: a replay numbers them alike.
            for (c, slot) in batch.fields.iter().zip(field_ids.iter_mut()) {
                if slot.is_none() && !matches!(c.cells.get(row), None | Some(Cell::Absent)) {
                    *slot = self.field_number(c.name, seq);
                }
            }
            return Effect::Late(id);
        }
        for (column, slot) in batch.fields.iter().zip(field_ids.iter_mut()) {
            let cell = match column.cells.get(row) {
                None | Some(Cell::Absent) => continue,
                Some(cell) => *cell,
            };
            if slot.is_none() {
                *slot = self.field_number(column.name, seq);
            }
            let (Some(field), Some(item)) = (*slot, self.items.get_mut(id.0 as usize)) else { continue };
            match item.fields.iter_mut().find(|f| f.id == field) {
                Some(f) if cell.same_as(f.value.as_ref()) => {}
                Some(f) => {
                    f.value = cell.to_value();
                    f.seq = seq;
                }
                None if matches!(cell, Cell::Null) => {}
                None => item.fields.push(FieldState { id: field, seq, value: cell.to_value() }),
            }
        }
        if let Some(item) = self.items.get_mut(id.0 as usize) {
            item.time = time;
            item.seq = seq;
            if let Some(p) = batch.positions.get(row).copied().flatten()
                && item.position != Some(p)
            {
                item.position = Some(p);
                item.position_seq = seq;
            }
        }
        self.touch(id.0);
        Effect::Changed(id)
    }

    fn number_of(&mut self, key: &str, seq: Seq) -> u32 {
        if let Some(&i) = self.by_key.get(key) {
            return i;
        }
        let i = self.items.len() as u32;
        let key: Arc<str> = key.into();
        self.by_key.insert(key.clone(), i);
        self.items.push(Item {
            key,
            time: Millis(i64::MIN),
            seq,
            created: seq,
            position: None,
            position_seq: 0,
            fields: Vec::new(),
            newer: NOBODY,
            older: NOBODY,
        });
        self.link_newest(i);
        i
    }

    fn field_number(&mut self, name: &str, seq: Seq) -> Option<FieldId> {
        if let Some(&i) = self.by_field.get(name) {
            return Some(FieldId(i));
        }
        let i = u16::try_from(self.fields.len()).ok()?;
        let name: Arc<str> = name.into();
        self.by_field.insert(name.clone(), i);
        self.fields.push(name);
        self.field_seq.push(seq);
        Some(FieldId(i))
    }

    fn link_newest(&mut self, i: u32) {
        let before = self.newest;
        if let Some(item) = self.items.get_mut(i as usize) {
            item.older = before;
            item.newer = NOBODY;
        }
        match self.items.get_mut(before as usize) {
            Some(b) => b.newer = i,
            None => self.oldest = i,
        }
        self.newest = i;
    }

    /// Moves an item to the newest end of the list.
    fn touch(&mut self, i: u32) {
        if self.newest == i {
            return;
        }
        let Some(item) = self.items.get(i as usize) else { return };
        let (newer, older) = (item.newer, item.older);
        match self.items.get_mut(newer as usize) {
            Some(n) => n.older = older,
            None => self.newest = older,
        }
        match self.items.get_mut(older as usize) {
            Some(o) => o.newer = newer,
            None => self.oldest = newer,
        }
        self.link_newest(i);
    }

    /// The item for JSON; only what has changed after `since`, or all of it (and no removed fields) when `since` is none.
    pub const fn view<'v>(&'v self, item: &'v Item, since: Option<Seq>) -> json::ItemView<'v> {
        json::ItemView { items: self, item, since }
    }

    /// [`Items::view`] as a JSON value.
    pub fn to_json(&self, item: &Item, since: Option<Seq>) -> serde_json::Value {
        serde_json::to_value(self.view(item, since)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
