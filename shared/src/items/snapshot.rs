//! Items as bytes: the board's checkpoint, and what a relay that starts is given. In parts, since a stored row has a limit.

use super::{ENDED, FieldId, FieldState, Item, Items, NOBODY, Packed};
use crate::codec::columns::{
    read_cells, read_offsets, read_positions, read_presence, write_cells, write_offsets, write_positions,
    write_presence,
};
use crate::codec::{Cell, DecodeError, Reader, Writer};
use crate::cursor::Seq;
use crate::limits;
use crate::time::Millis;

/// Items numbered from 0 without a hole, none of which has ended.
const VERSION_1: u8 = 1;
const VERSION: u8 = 2;
/// Items in one part.
const PART_ITEMS: usize = 2_000;
/// Their keys and fields in memory: about what they take in a part, well below the largest row.
const PART_BYTES: usize = 1_000_000;

/// Items in all parts, with what is left of those that ended: each was an event of the last [`limits::RESUME_EVENTS`], or one
/// of the full board before them.
const SLOTS: usize = 2 * limits::ITEMS_PER_BOARD + limits::RESUME_EVENTS as usize;
/// Numbers that were ever given.
const NUMBERS: usize = 1 << 30;

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
        self.snapshot().collect()
    }

    /// The same, each part made when it is asked for: together they are nearly as large as the items.
    pub fn snapshot(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        self.parts((0..self.items.len() as u32).filter(|i| self.slot(*i).is_some()).collect())
    }

    /// The same without what is left of items that ended.
    pub fn live_snapshot(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        self.parts(self.iter().map(|(id, _)| id.0).collect())
    }

    fn parts(&self, slots: Vec<u32>) -> impl Iterator<Item = Vec<u8>> + '_ {
        let mut start = 0;
        let mut first = true;
        std::iter::from_fn(move || {
            if start >= slots.len() && !std::mem::take(&mut first) {
                return None;
            }
            first = false;
            let mut size = self.part_size(&slots, start);
            let mut part = self.part(&slots, start, size);
            // What is rarely there takes more in columns: smaller parts, down to one item, which the event's limits keep small.
            while part.len() > limits::LOG_ROW_BYTES && size > 1 {
                size = (size / 4).max(1);
                part = self.part(&slots, start, size);
            }
            start += size;
            Some(part)
        })
    }

    /// How many items fit into a part.
    fn part_size(&self, slots: &[u32], start: usize) -> usize {
        let mut bytes = 0;
        let fits = |item: &&Item| {
            bytes += item.packed.len();
            bytes <= PART_BYTES
        };
        let items = slots.iter().skip(start).take(PART_ITEMS).map_while(|i| self.slot(*i));
        items.take_while(fits).count().max(1)
    }

    fn part(&self, slots: &[u32], start: usize, size: usize) -> Vec<u8> {
        let own = slots.get(start..(start + size).min(slots.len())).unwrap_or_default();
        let items: Vec<&Item> = own.iter().filter_map(|i| self.slot(*i)).collect();
        let is_plain = slots.len() == self.items.len() && self.live == slots.len() && self.late.is_empty();
        let is_plain = is_plain && self.forgotten == 0;
        let mut w = Writer::with_capacity(256 + items.len() * 48);
        w.u8(if is_plain { VERSION_1 } else { VERSION });
        w.varint(start as u64);
        w.varint(slots.len() as u64);
        if !is_plain {
            w.varint(self.items.len() as u64);
            w.varint(self.forgotten);
        }
        w.varint(self.fields.len() as u64);
        for (name, seq) in self.fields.iter().zip(&self.field_seq) {
            w.text(name);
            w.varint(*seq);
        }
        w.varint(items.len() as u64);
        if !is_plain {
            let mut next = 0;
            for i in own {
                w.varint(u64::from(i - next));
                next = i + 1;
            }
            write_presence(&mut w, items.len(), |i| items.get(i).is_some_and(|item| item.has_ended()));
            // How long after its last change something was heard of each.
            own.iter().zip(&items).for_each(|(i, item)| {
                w.varint(self.late.get(i).map_or(0, |late| late.saturating_sub(item.seq)));
            });
        }
        items.iter().for_each(|i| w.text(i.key()));
        write_offsets(&mut w, items.iter().map(|i| i.time.0));
        write_offsets(&mut w, items.iter().map(|i| i.seq as i64));
        write_offsets(&mut w, items.iter().map(|i| i.created as i64));
        let positions: Vec<_> = items.iter().map(|i| i.position()).collect();
        write_positions(&mut w, &positions);
        // By field, only where there is one: a board may have many fields of which each item has few.
        let mut columns: Vec<Vec<(usize, Cell<'_>)>> = vec![Vec::new(); self.fields.len()];
        for (row, item) in items.iter().enumerate() {
            for f in item.fields() {
                if let Some(column) = columns.get_mut(usize::from(f.id.0)) {
                    column.push((row, f.value));
                }
            }
        }
        w.varint(columns.iter().filter(|c| !c.is_empty()).count() as u64);
        let mut cells = Vec::new();
        for (id, column) in columns.iter().enumerate().filter(|(_, c)| !c.is_empty()) {
            w.varint(id as u64);
            cells.clear();
            cells.resize(items.len(), Cell::Absent);
            for (row, cell) in column {
                if let Some(slot) = cells.get_mut(*row) {
                    *slot = *cell;
                }
            }
            write_cells(&mut w, &cells);
        }
        w.finish()
    }

    /// Items from all parts; see [`SnapshotReader`].
    pub fn from_snapshot<'b>(parts: impl IntoIterator<Item = &'b [u8]>) -> Result<Self, SnapshotError> {
        let mut reader = SnapshotReader::default();
        parts.into_iter().try_for_each(|part| reader.part(part))?;
        reader.finish()
    }
}

/// Makes items from the parts that [`Items::to_snapshot`] made, one at a time. Which field changed when is not kept: each
/// counts as changed with its item, so that a change since a cursor may say more than needed but never less.
#[derive(Debug, Default)]
pub struct SnapshotReader {
    items: Items,
    read: usize,
    total: usize,
    numbers: usize,
}

impl SnapshotReader {
    /// The items, when all parts have come.
    pub fn finish(self) -> Result<Items, SnapshotError> {
        let Self { mut items, read, total, numbers } = self;
        if read != total || items.items.len() > numbers {
            return Err(SnapshotError::Order);
        }
        items.items.skip_to(numbers, Item::forgotten);
        let mut order: Vec<u32> = (0..numbers as u32).filter(|i| items.slot(*i).is_some()).collect();
        order.sort_by_key(|&i| items.slot(i).map_or(0, |item| item.seq));
        for i in order {
            match items.slot(i) {
                Some(item) if item.has_ended() => items.ended.push_back((item.seq, i)),
                _ => items.touch(i),
            }
        }
        Ok(items)
    }

    /// Takes the next part.
    pub fn part(&mut self, part: &[u8]) -> Result<(), SnapshotError> {
        let items = &mut self.items;
        let mut r = Reader::new(part);
        let version = r.u8()?;
        if version != VERSION && version != VERSION_1 {
            return Err(DecodeError::Version(version).into());
        }
        let start = r.varint()?;
        let total = r.varint()? as usize;
        if start != self.read as u64 || total > SLOTS {
            return Err(SnapshotError::Order);
        }
        let numbers = if version == VERSION { r.varint32()? as usize } else { total };
        if version == VERSION {
            items.forgotten = r.varint()?;
        }
        if numbers < total || numbers > NUMBERS {
            return Err(SnapshotError::Order);
        }
        let names = r.count()?;
        if names > limits::FIELDS_PER_BOARD {
            return Err(DecodeError::Invalid("number of fields").into());
        }
        for i in 0..names {
            let (name, seq) = (r.text()?, r.varint()?);
            if items.field_number(name, seq) != Some(FieldId(i as u16)) {
                return Err(DecodeError::Invalid("field name").into());
            }
        }
        let n = r.count()?;
        let first = items.items.len();
        if start == 0 {
            items.reserve(total.min(limits::ITEMS_PER_BOARD));
        }
        let places = if version == VERSION { places(&mut r, n, first, numbers)? } else { plain_places(n, first) };
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
        let columns = r.count()?;
        let mut cells = Vec::with_capacity(columns.min(names));
        for _ in 0..columns {
            let id = u16::try_from(r.varint()?).ok().filter(|i| usize::from(*i) < names);
            cells.push((FieldId(id.ok_or(DecodeError::Invalid("field"))?), read_cells(&mut r, n)?));
        }
        r.end()?;
        let rows = keys.into_iter().zip(times).zip(seqs).zip(created).zip(positions).zip(places);
        let mut scratch = Vec::new();
        for (row, (((((key, time), seq), created), position), place)) in rows.enumerate() {
            if key.is_empty() {
                return Err(DecodeError::Invalid("key").into());
            }
            let seq = u64::try_from(seq).map_err(|_| DecodeError::Invalid("sequence"))?;
            let created = u64::try_from(created).map_err(|_| DecodeError::Invalid("sequence"))?;
            let of_row = cells.iter().filter_map(|(id, cells)| Some((*id, *cells.get(row)?)));
            let fields = of_row.filter(|(_, cell)| !matches!(cell, Cell::Absent));
            let fields = fields.map(|(id, value)| FieldState { id, seq, value });
            let packed = Packed::with_fields(key.as_bytes(), fields, &mut scratch);
            items.items.skip_to(place.number as usize, Item::forgotten);
            let item = Item {
                time: Millis(time),
                seq,
                position_seq: if position.is_some() { seq } else { 0 },
                place: position.into(),
                newer: if place.has_ended { ENDED } else { NOBODY },
                ..Item::new(packed, created)
            };
            if !items.add_unless_known(item) {
                return Err(DecodeError::Invalid("key").into());
            }
            if place.late > 0 {
                items.late.insert(place.number, seq.saturating_add(place.late));
            }
        }
        (self.read, self.total, self.numbers) = (self.read + n, total, numbers);
        Ok(())
    }
}

/// Where an item of a part belongs.
struct Placed {
    number: u32,
    has_ended: bool,
    late: Seq,
}

fn plain_places(n: usize, first: usize) -> Vec<Placed> {
    (first..).take(n).map(|i| Placed { number: i as u32, has_ended: false, late: 0 }).collect()
}

fn places(r: &mut Reader<'_>, n: usize, first: usize, numbers: usize) -> Result<Vec<Placed>, DecodeError> {
    let (mut next, mut places) = (0_u32, Vec::with_capacity(n));
    for _ in 0..n {
        let number = next.checked_add(r.varint32()?).filter(|i| (first..numbers).contains(&(*i as usize)));
        let number = number.ok_or(DecodeError::Invalid("item"))?;
        places.push(Placed { number, has_ended: false, late: 0 });
        next = number + 1;
    }
    let ended = read_presence(r, n)?;
    for (i, place) in places.iter_mut().enumerate() {
        place.has_ended = ended.has(i);
        place.late = r.varint()?;
    }
    Ok(places)
}
