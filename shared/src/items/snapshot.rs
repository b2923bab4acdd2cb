//! Items as bytes: the board's checkpoint, and what a relay that starts is given. In parts, since a stored row has a limit.

use super::{FieldId, FieldState, Item, ItemId, Items, NOBODY};
use crate::codec::columns::{read_cells, read_offsets, read_positions, write_cells, write_offsets, write_positions};
use crate::codec::{Cell, DecodeError, Reader, Writer};
use crate::limits;
use crate::time::Millis;
use std::sync::Arc;

const VERSION: u8 = 1;
/// Items in one part: at up to 64 fields of modest size well below the largest row.
const PART_ITEMS: usize = 2_000;

/// Why a snapshot could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// A part is not what was written.
    #[error("a snapshot part is damaged: {0}")]
    Damaged(#[from] DecodeError),
    /// Parts are missing or out of order.
    #[error("snapshot parts are missing or out of order")]
    Order,
}

impl Items {
    /// All items as parts of at most about a megabyte.
    pub fn to_snapshot(&self) -> Vec<Vec<u8>> {
        let mut parts = Vec::new();
        let mut start = 0;
        loop {
            let mut size = PART_ITEMS;
            let mut part = self.part(start, size);
            // Items with many long texts: smaller parts, down to one item, which the event's limits keep small.
            while part.len() > limits::LOG_ROW_BYTES && size > 1 {
                size /= 4;
                part = self.part(start, size.max(1));
            }
            parts.push(part);
            start += size.max(1);
            if start >= self.items.len() {
                return parts;
            }
        }
    }

    fn part(&self, start: usize, size: usize) -> Vec<u8> {
        let items = self.items.get(start..(start + size).min(self.items.len())).unwrap_or_default();
        let mut w = Writer::with_capacity(256 + items.len() * 48);
        w.u8(VERSION);
        w.varint(start as u64);
        w.varint(self.items.len() as u64);
        w.varint(self.fields.len() as u64);
        for (name, seq) in self.fields.iter().zip(&self.field_seq) {
            w.text(name);
            w.varint(*seq);
        }
        w.varint(items.len() as u64);
        items.iter().for_each(|i| w.text(&i.key));
        write_offsets(&mut w, items.iter().map(|i| i.time.0));
        write_offsets(&mut w, items.iter().map(|i| i.seq as i64));
        write_offsets(&mut w, items.iter().map(|i| i.created as i64));
        let positions: Vec<_> = items.iter().map(|i| i.position).collect();
        write_positions(&mut w, &positions);
        let used: Vec<FieldId> = (0..self.fields.len() as u16)
            .map(FieldId)
            .filter(|id| items.iter().any(|i| i.fields.iter().any(|f| f.id == *id)))
            .collect();
        w.varint(used.len() as u64);
        for id in used {
            w.varint(u64::from(id.0));
            let cells: Vec<Cell<'_>> = items
                .iter()
                .map(|i| i.fields.iter().find(|f| f.id == id).map_or(Cell::Absent, |f| Cell::of(f.value.as_ref())))
                .collect();
            write_cells(&mut w, &cells);
        }
        w.finish()
    }

    /// Items from the parts that [`Items::to_snapshot`] made. Which field changed when is not kept: each counts
    /// as changed with its item, so that a change since a cursor may say more than needed but never less.
    pub fn from_snapshot<'b>(parts: impl IntoIterator<Item = &'b [u8]>) -> Result<Self, SnapshotError> {
        let mut items = Self::default();
        let mut total = None;
        for part in parts {
            total = Some(items.read_part(part)?);
        }
        if total.is_some_and(|t| t != items.items.len()) {
            return Err(SnapshotError::Order);
        }
        let mut order: Vec<u32> = (0..items.items.len() as u32).collect();
        order.sort_by_key(|&i| items.get(ItemId(i)).map_or(0, |item| item.seq));
        order.into_iter().for_each(|i| items.link_newest(i));
        Ok(items)
    }

    fn read_part(&mut self, part: &[u8]) -> Result<usize, SnapshotError> {
        let mut r = Reader::new(part);
        match r.u8()? {
            VERSION => {}
            v => return Err(DecodeError::Version(v).into()),
        }
        let start = r.varint()?;
        let total = r.varint()? as usize;
        if start != self.items.len() as u64 || total > limits::ITEMS_PER_BOARD {
            return Err(SnapshotError::Order);
        }
        let names = r.count()?;
        if names > limits::FIELDS_PER_BOARD {
            return Err(DecodeError::Invalid("number of fields").into());
        }
        for i in 0..names {
            let (name, seq) = (r.text()?, r.varint()?);
            if self.field_number(name, seq) != Some(FieldId(i as u16)) {
                return Err(DecodeError::Invalid("field name").into());
            }
        }
        let n = r.count()?;
        let mut keys = Vec::with_capacity(n);
        for _ in 0..n {
            keys.push(r.text()?);
        }
        let mut read = |n| {
            let mut v = Vec::with_capacity(n);
            read_offsets(&mut r, n, |t| {
                v.push(t);
                Ok(())
            })?;
            Ok::<_, DecodeError>(v)
        };
        let (times, seqs, created) = (read(n)?, read(n)?, read(n)?);
        let positions = read_positions(&mut r, n)?;
        let base = self.items.len();
        for ((((key, time), seq), created), position) in
            keys.into_iter().zip(times).zip(seqs).zip(created).zip(positions)
        {
            let key: Arc<str> = key.into();
            if self.by_key.insert(key.clone(), self.items.len() as u32).is_some() {
                return Err(DecodeError::Invalid("key").into());
            }
            let seq = u64::try_from(seq).map_err(|_| DecodeError::Invalid("sequence"))?;
            let created = u64::try_from(created).map_err(|_| DecodeError::Invalid("sequence"))?;
            let position_seq = if position.is_some() { seq } else { 0 };
            let fields = Vec::new();
            let time = Millis(time);
            self.items.push(Item {
                key,
                time,
                seq,
                created,
                position,
                position_seq,
                fields,
                newer: NOBODY,
                older: NOBODY,
            });
        }
        let columns = r.count()?;
        for _ in 0..columns {
            let id = r.varint()?;
            let id = u16::try_from(id)
                .ok()
                .filter(|&i| i < self.fields.len() as u16)
                .ok_or(DecodeError::Invalid("field"))?;
            let cells = read_cells(&mut r, n)?;
            for (cell, item) in cells.into_iter().zip(self.items.iter_mut().skip(base)) {
                if !matches!(cell, Cell::Absent) {
                    item.fields.push(FieldState { id: FieldId(id), seq: item.seq, value: cell.to_value() });
                }
            }
        }
        r.end()?;
        Ok(total)
    }
}
