//! A viewer's copy of one subscription.

mod past;

use crate::codec::Cell;
use crate::cursor::{Cursor, Epoch, Seq};
use crate::items::ItemId;
use crate::limits;
use crate::position::Position;
use crate::protocol::Rows;
use crate::time::Millis;
use crate::value::Value;
use std::collections::{BTreeMap, HashMap};

/// One item as the viewer knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaItem {
    /// The key.
    pub key: String,
    /// Event time of its state.
    pub time: Millis,
    /// The frame in which it last changed (not before the event that changed it).
    pub seq: Seq,
    /// The latest position.
    pub position: Option<Position>,
    /// The fields by name.
    pub fields: BTreeMap<String, Value>,
}

/// What a frame changed, for the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Everything may be different.
    Reset,
    /// An item is new or changed.
    Upsert {
        /// Which.
        id: ItemId,
        /// Whether its position changed.
        moved: bool,
    },
    /// An item left the subscription.
    Remove(ItemId),
}

/// Why a frame could not be applied: the viewer subscribes anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplicaError {
    /// The frame begins after what the viewer has.
    #[error("frames are missing")]
    Missing,
    /// The frame speaks of an item or field that was never introduced.
    #[error("the frame speaks of something unknown")]
    Unknown,
}

/// A viewer's copy of one subscription.
#[derive(Clone, Debug, Default)]
pub struct Replica {
    cursor: Option<Cursor>,
    items: BTreeMap<ItemId, ReplicaItem>,
    by_key: HashMap<String, ItemId>,
    fields: Vec<String>,
    complete: bool,
}

impl Replica {
    /// Up to where the copy has everything; `None` before the first snapshot is complete.
    pub fn cursor(&self) -> Option<Cursor> {
        self.cursor.filter(|_| self.complete)
    }

    /// The items by number.
    pub fn items(&self) -> impl ExactSizeIterator<Item = (ItemId, &ReplicaItem)> {
        self.items.iter().map(|(id, item)| (*id, item))
    }

    /// One item.
    pub fn get(&self, id: ItemId) -> Option<&ReplicaItem> {
        self.items.get(&id)
    }

    /// An item's number.
    pub fn find(&self, key: &str) -> Option<ItemId> {
        self.by_key.get(key).copied()
    }

    /// How many items.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// A copy of items that were seen earlier. It has no cursor: a snapshot takes its place.
    pub fn of_items(items: Vec<crate::api::items::Item>) -> Self {
        let mut copy = Self::default();
        for (id, item) in (0..).map(ItemId).zip(items) {
            copy.by_key.insert(item.key.clone(), id);
            let crate::api::items::Item { key, time, seq, position, fields } = item;
            copy.items.insert(id, ReplicaItem { key, time, seq, position, fields });
        }
        copy
    }

    /// Takes a snapshot part.
    pub fn snapshot(
        &mut self,
        cursor: Cursor,
        first: bool,
        last: bool,
        rows: &Rows<'_>,
        changes: &mut Vec<Change>,
    ) -> Result<(), ReplicaError> {
        if first {
            *self = Self::default();
        } else if self.complete || self.cursor != Some(cursor) {
            return Err(ReplicaError::Missing);
        }
        self.cursor = Some(cursor);
        self.rows(rows, cursor.seq, &mut Vec::new())?;
        if last {
            self.complete = true;
            changes.push(Change::Reset);
        }
        Ok(())
    }

    /// Takes a delta.
    pub fn delta(
        &mut self,
        from: Seq,
        to: Seq,
        rows: &Rows<'_>,
        removed: &[ItemId],
        changes: &mut Vec<Change>,
    ) -> Result<(), ReplicaError> {
        let cursor = self.cursor().ok_or(ReplicaError::Missing)?;
        if from > cursor.seq {
            return Err(ReplicaError::Missing);
        }
        if to < cursor.seq {
            return Ok(());
        }
        self.rows(rows, to, changes)?;
        for id in removed {
            if let Some(item) = self.items.remove(id) {
                // The key may have begun anew under another number.
                if self.by_key.get(&item.key) == Some(id) {
                    self.by_key.remove(&item.key);
                }
                changes.push(Change::Remove(*id));
            }
        }
        self.cursor = Some(Cursor { seq: to, ..cursor });
        Ok(())
    }

    /// The subscription went on at `cursor`. False when this copy is of another life of the board.
    pub fn resumed(&self, cursor: Cursor) -> bool {
        self.cursor().is_some_and(|c| c.epoch == cursor.epoch && c.seq >= cursor.seq)
    }

    /// The epoch of the copy.
    pub fn epoch(&self) -> Option<Epoch> {
        self.cursor().map(|c| c.epoch)
    }

    fn rows(&mut self, rows: &Rows<'_>, seq: Seq, changes: &mut Vec<Change>) -> Result<(), ReplicaError> {
        let first = usize::from(rows.first_field);
        if first > self.fields.len() || first + rows.new_fields.len() > limits::FIELDS_PER_BOARD {
            return Err(ReplicaError::Unknown);
        }
        for (i, name) in rows.new_fields.iter().enumerate() {
            match self.fields.get_mut(first + i) {
                Some(known) if known == name => {}
                Some(known) => (*name).clone_into(known),
                None => self.fields.push((*name).to_owned()),
            }
        }
        if rows.columns.iter().any(|(id, _)| usize::from(id.0) >= self.fields.len())
            || rows.ids.iter().zip(&rows.keys).any(|(id, key)| key.is_none() && !self.items.contains_key(id))
        {
            return Err(ReplicaError::Unknown);
        }
        let parts = rows.ids.iter().zip(&rows.keys).zip(&rows.times).zip(&rows.positions);
        for (row, (((&id, &key), &time), &position)) in parts.enumerate() {
            if let Some(key) = key {
                let old = self.items.insert(
                    id,
                    ReplicaItem { key: key.to_owned(), time, seq, position: None, fields: BTreeMap::new() },
                );
                if let Some(old) = old.filter(|o| o.key != key) {
                    self.by_key.remove(&old.key);
                }
                self.by_key.insert(key.to_owned(), id);
            }
            let Some(item) = self.items.get_mut(&id) else { continue };
            item.time = time;
            item.seq = seq;
            if position.is_some() {
                item.position = position;
            }
            for (field, cells) in &rows.columns {
                let name = self.fields.get(usize::from(field.0));
                match (cells.get(row), name) {
                    (None | Some(Cell::Absent), _) | (_, None) => {}
                    (Some(cell), Some(name)) => match (cell.to_value(), item.fields.get_mut(name)) {
                        (Some(value), Some(slot)) => *slot = value,
                        (Some(value), None) => drop(item.fields.insert(name.clone(), value)),
                        (None, _) => drop(item.fields.remove(name)),
                    },
                }
            }
            changes.push(Change::Upsert { id, moved: position.is_some() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
