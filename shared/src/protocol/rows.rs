//! Item updates inside a frame: columnar, with item and field numbers instead of names.

use crate::codec::columns::{
    Presence, read_cells, read_offsets, read_positions, read_presence, write_cells, write_offsets, write_positions,
    write_presence,
};
use crate::codec::{Cell, DecodeError, Reader, Writer};
use crate::cursor::Seq;
use crate::items::{FieldId, Item, ItemId, Items};
use crate::limits;
use crate::position::Position;
use crate::time::Millis;

/// Decoded item updates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows<'a> {
    /// The number of the first name in `new_fields`.
    pub first_field: u16,
    /// Field names that the viewer has not been told before.
    pub new_fields: Vec<&'a str>,
    /// Item numbers, ascending.
    pub ids: Vec<ItemId>,
    /// The key of an item that the viewer does not know; such a row holds all there is of the item.
    pub keys: Vec<Option<&'a str>>,
    /// Event times.
    pub times: Vec<Millis>,
    /// Positions, where they changed.
    pub positions: Vec<Option<Position>>,
    /// Fields, where they changed.
    pub columns: Vec<(FieldId, Vec<Cell<'a>>)>,
}

/// What a viewer has when a frame is made for it.
#[derive(Clone, Copy)]
pub struct Known<'k> {
    /// Everything up to here.
    pub since: Seq,
    /// Field names below this number.
    pub fields: u16,
    /// Whether it knows an item; `None`: it knows the items that existed at `since`.
    pub item: Option<&'k dyn Fn(ItemId) -> bool>,
}

impl Known<'_> {
    /// A viewer that has nothing.
    pub const NOTHING: Self = Self { since: 0, fields: 0, item: None };

    /// Whether the viewer has the item.
    pub fn knows(&self, id: ItemId, item: &Item) -> bool {
        match self.item {
            Some(known) => known(id),
            None => item.created <= self.since,
        }
    }
}

impl Known<'_> {
    /// Whether a row need only say what changed. It can't say that a position went: such an item is told whole, and
    /// replaces what the viewer has.
    fn has_all_but_changes(&self, id: ItemId, item: &Item) -> bool {
        let lost_place = item.position().is_none() && item.position_seq > self.since;
        self.knows(id, item) && !lost_place
    }
}

/// Writes the updates of `ids` (ascending) for a viewer that has `known`.
pub fn write_rows(w: &mut Writer, items: &Items, ids: &[ItemId], known: Known<'_>) {
    let count = items.field_count();
    let first = known.fields.min(count);
    w.varint(u64::from(first));
    w.varint(u64::from(count - first));
    (first..count).for_each(|f| w.text(items.field_name(FieldId(f))));

    // What the viewer has of each item; nothing means that it is told whole.
    let rows: Vec<(ItemId, &Item, Option<Seq>)> = ids
        .iter()
        .filter_map(|&id| {
            items.get(id).map(|item| (id, item, known.has_all_but_changes(id, item).then_some(known.since)))
        })
        .collect();
    let whole = |i: usize| rows.get(i).is_some_and(|(_, _, since)| since.is_none());
    w.varint(rows.len() as u64);
    let mut next = 0;
    for (id, ..) in &rows {
        w.varint(u64::from(id.0.wrapping_sub(next)));
        next = id.0.wrapping_add(1);
    }
    write_presence(w, rows.len(), whole);
    rows.iter().filter(|(_, _, since)| since.is_none()).for_each(|(_, item, _)| w.text(item.key()));
    write_offsets(w, rows.iter().map(|(_, item, _)| item.time.0));
    let positions: Vec<Option<Position>> = rows
        .iter()
        .map(|(_, item, since)| item.position().filter(|_| since.is_none_or(|s| item.position_seq > s)))
        .collect();
    write_positions(w, &positions);

    let mut used: Vec<(FieldId, Vec<Cell<'_>>)> = Vec::new();
    let mut slot_of: Vec<u16> = vec![u16::MAX; usize::from(count)];
    for (i, (_, item, since)) in rows.iter().enumerate() {
        for f in item.fields() {
            let changed = since.map_or(f.value != Cell::Null, |s| f.seq > s);
            let Some(slot) = slot_of.get_mut(usize::from(f.id.0)).filter(|_| changed) else { continue };
            if *slot == u16::MAX {
                *slot = used.len() as u16;
                used.push((f.id, vec![Cell::Absent; rows.len()]));
            }
            if let Some(cell) = used.get_mut(usize::from(*slot)).and_then(|(_, cells)| cells.get_mut(i)) {
                *cell = f.value;
            }
        }
    }
    w.varint(used.len() as u64);
    for (id, cells) in &used {
        w.varint(u64::from(id.0));
        write_cells(w, cells);
    }
}

impl<'a> Rows<'a> {
    /// Reads what [`write_rows`] wrote.
    pub fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let small = |v: u64| {
            u16::try_from(v)
                .ok()
                .filter(|&v| usize::from(v) <= limits::FIELDS_PER_BOARD)
                .ok_or(DecodeError::Invalid("field"))
        };
        let first_field = small(r.varint()?)?;
        let n = small(r.varint()?)?;
        let new_fields = (0..n).map(|_| r.text()).collect::<Result<Vec<_>, _>>()?;
        let n = r.count()?;
        let mut ids = Vec::with_capacity(n);
        let mut next = 0_u32;
        for _ in 0..n {
            let id = next.checked_add(r.varint32()?).ok_or(DecodeError::Invalid("item"))?;
            ids.push(ItemId(id));
            next = id.checked_add(1).ok_or(DecodeError::Invalid("item"))?;
        }
        let presence = read_presence(r, n)?;
        let mut keys = Vec::with_capacity(n);
        for i in 0..n {
            keys.push(if presence.has(i) { Some(r.text()?) } else { None });
        }
        if matches!(presence, Presence::Some(_)) && keys.iter().all(Option::is_none) {
            return Err(DecodeError::Invalid("presence"));
        }
        let mut times = Vec::with_capacity(n);
        read_offsets(r, n, |t| {
            times.push(Millis(t));
            Ok(())
        })?;
        let positions = read_positions(r, n)?;
        let count = r.count()?;
        if count > limits::FIELDS_PER_BOARD {
            return Err(DecodeError::Invalid("number of fields"));
        }
        let mut columns = Vec::with_capacity(count);
        for _ in 0..count {
            columns.push((FieldId(small(r.varint()?)?), read_cells(r, n)?));
        }
        Ok(Self { first_field, new_fields, ids, keys, times, positions, columns })
    }
}
