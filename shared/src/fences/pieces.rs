//! Fences as a projection of the log, in pieces: where it is, each fence, items in 64 parts, and what happened in chunks of
//! 256. A checkpoint writes those that changed.

use super::{Fence, FenceId, Fences, Fix, Happening, Item, Known, Presence, Stay, What, Why};
use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::Seq;
use crate::journal::PER_CHUNK;
use crate::limits;
use crate::projection::{
    ALL, Change, Changes, Entry, Need, PARTS, Piece, Projection, Range, Said, Table, in_pieces, part,
};
use crate::time::Millis;

/// The piece that says how far it is: the last number of what happened.
const HEAD: u64 = 0;
/// Fences, by their slots.
const SLOTS: u64 = 1 << 32;
/// Items, by their part and the piece of that.
const ITEMS: u64 = 2 << 32;
/// What happened.
const CHUNKS: u64 = 3 << 32;
const END: u64 = 4 << 32;
/// Pieces of a part of the items.
const PER_BUCKET: u64 = 1 << 16;
/// Rows and events of the log after which it is stored anew: what a restart replays at most.
const DUE_ROWS: u64 = limits::CHECKPOINT_ROWS as u64;
const DUE_EVENTS: u64 = 100_000;

const VERSION: u8 = 1;

fn put(id: u64, seq: Seq, data: Vec<u8>) -> Change {
    Change::Put(Piece { table: Table::Fences, id, seq, data })
}

fn drop_from(first: u64, last: u64) -> Change {
    Change::Drop((Table::Fences, first..=last))
}

fn why_code(why: Why) -> u8 {
    match why {
        Why::Moved => 0,
        Why::Appeared => 1,
        Why::FenceChanged => 2,
        Why::Ended => 3,
    }
}

fn why_of(code: u8) -> Result<Why, DecodeError> {
    [Why::Moved, Why::Appeared, Why::FenceChanged, Why::Ended]
        .into_iter()
        .find(|why| why_code(*why) == code)
        .ok_or(DecodeError::Invalid("why of a fence's event"))
}

fn write_place(w: &mut Writer, place: (i32, i32)) {
    w.zigzag(i64::from(place.0));
    w.zigzag(i64::from(place.1));
}

fn read_place(r: &mut Reader<'_>) -> Result<(i32, i32), DecodeError> {
    let mut part = || i32::try_from(r.zigzag()?).map_err(|_| DecodeError::Invalid("place of a fence's item"));
    Ok((part()?, part()?))
}

fn write_item(w: &mut Writer, key: &str, item: &Item) {
    w.text(key);
    w.zigzag(item.time.0);
    w.varint(item.seq);
    let Some(presence) = &item.presence else {
        w.varint(0);
        return;
    };
    w.varint(presence.stays.len() as u64);
    write_place(w, presence.place);
    for stay in &presence.stays {
        w.varint(u64::from(stay.fence));
        w.u8(u8::from(stay.since.is_some()) | u8::from(stay.has_dwelled) << 1);
        w.zigzag(stay.since.unwrap_or_default().0);
        w.u8(stay.run);
        w.zigzag(stay.first.time.0);
        write_place(w, stay.first.place);
        w.u8(why_code(stay.why));
    }
}

fn read_stay(r: &mut Reader<'_>) -> Result<Stay, DecodeError> {
    let (fence, flags, since) = (r.varint32()?, r.u8()?, Millis(r.zigzag()?));
    let (run, time, place) = (r.u8()?, Millis(r.zigzag()?), read_place(r)?);
    let (since, has_dwelled) = ((flags & 1 == 1).then_some(since), flags & 2 == 2);
    Ok(Stay { fence, since, has_dwelled, run, first: Fix { time, place }, why: why_of(r.u8()?)? })
}

fn read_item<'a>(r: &mut Reader<'a>) -> Result<(&'a str, Item), DecodeError> {
    let (key, time, seq) = (r.text()?, Millis(r.zigzag()?), r.varint()?);
    let count = r.count()?;
    let presence = if count == 0 {
        None
    } else {
        let place = read_place(r)?;
        let stays = (0..count).map(|_| read_stay(r)).collect::<Result<Vec<_>, _>>()?;
        Some(Box::new(Presence { place, stays }))
    };
    Ok((key, Item { time, seq, presence }))
}

fn write_happening(w: &mut Writer, h: &Happening) {
    w.varint(h.id);
    w.u8(match h.what {
        What::Enter => 0,
        What::Exit => 1,
        What::Dwell => 2,
    });
    w.text(&h.fence);
    w.text(&h.key);
    w.zigzag(h.fix.time.0);
    write_place(w, h.fix.place);
    w.zigzag(h.at.0);
    w.zigzag(h.inside);
    w.u8(why_code(h.why));
}

fn read_happening(r: &mut Reader<'_>) -> Result<Happening, DecodeError> {
    let (id, what) = (r.varint()?, r.u8()?);
    let what = match what {
        0 => What::Enter,
        1 => What::Exit,
        2 => What::Dwell,
        _ => return Err(DecodeError::Invalid("kind of a fence's event")),
    };
    let (fence, key) = (r.text()?.into(), r.text()?.into());
    let fix = Fix { time: Millis(r.zigzag()?), place: read_place(r)? };
    Ok(Happening { id, what, fence, key, fix, at: Millis(r.zigzag()?), inside: r.zigzag()?, why: why_of(r.u8()?)? })
}

fn write_known(known: &Known) -> Vec<u8> {
    let mut w = Writer::with_capacity(known.text.len() + 96);
    w.u8(VERSION);
    w.text(known.id.as_str());
    w.zigzag(known.changed_at.0);
    w.text(&known.text);
    w.finish()
}

fn read_known(piece: &Piece) -> Result<Known, DecodeError> {
    let damaged = DecodeError::Invalid("a stored fence");
    let mut r = reader(&piece.data)?;
    let (id, changed_at, text) = (r.text()?, Millis(r.zigzag()?), r.text()?);
    let id = FenceId::try_from(id.to_owned()).map_err(|_| damaged)?;
    let fence: Fence = serde_json::from_str(text).map_err(|_| damaged)?;
    let (shape, corners) = fence.compile_counting().map_err(|_| damaged)?;
    Ok(Known { id, rules: fence.rules(), shape, corners, text: text.into(), since: piece.seq, changed_at })
}

fn writer() -> Writer {
    let mut w = Writer::with_capacity(1_024);
    w.u8(VERSION);
    w
}

fn reader(data: &[u8]) -> Result<Reader<'_>, DecodeError> {
    let mut r = Reader::new(data);
    if r.u8()? == VERSION { Ok(r) } else { Err(DecodeError::Invalid("version of a fence's piece")) }
}

impl Fences {
    fn is_unsaved(&self) -> bool {
        self.rows > 0
            || self.unsaved_items > 0
            || !self.unsaved_slots.is_empty()
            || !self.happenings.unsaved().is_empty()
    }

    /// Whether a checkpoint has something to write.
    pub(crate) fn is_due(&self, need: Need) -> bool {
        match need {
            Need::Due => self.rows >= DUE_ROWS || self.seen.saturating_sub(self.stored) >= DUE_EVENTS,
            Need::Room => self.is_unsaved(),
        }
    }

    fn slot_change(&self, slot: u32) -> Change {
        let id = SLOTS + u64::from(slot);
        self.known(slot).map_or_else(|| drop_from(id, id), |known| put(id, known.since, write_known(known)))
    }

    fn item_changes(&self, number: usize) -> Vec<Change> {
        let first = ITEMS + number as u64 * PER_BUCKET;
        let ids = (Table::Fences, first..=first + PER_BUCKET - 1);
        let of_part = self.items.iter().filter(|(key, _)| part(key) == number);
        in_pieces(ids, self.seen, writer, of_part, |w, (key, item)| write_item(w, key, item))
    }

    fn chunk_change(&self, chunk: u64) -> Change {
        let id = CHUNKS + chunk;
        let mut w = writer();
        self.happenings.of_chunk(chunk).for_each(|h| write_happening(&mut w, h));
        if w.len() > 1 { put(id, self.seen, w.finish()) } else { drop_from(id, id) }
    }

    fn head_change(&self) -> Change {
        let mut w = writer();
        w.varint(self.happenings.last());
        put(HEAD, self.seen, w.finish())
    }
}

impl Projection for Fences {
    fn reads_after(&self) -> Option<Seq> {
        (!self.is_idle()).then_some(self.seen)
    }

    fn apply(&mut self, entry: &Entry<'_>) -> Result<(), DecodeError> {
        match &entry.said {
            Said::Events(batch) => Self::apply(self, batch, entry.first, entry.at),
            Said::Control(control) => self.control(entry.last, control, entry.at),
        }
        Ok(())
    }

    fn floor(&self) -> Seq {
        if self.is_idle() { limits::SEQ_MAX } else { self.stored }
    }

    fn checkpoint(&mut self, need: Need) -> Changes<'_> {
        if !self.is_due(need) {
            return Box::new(std::iter::empty());
        }
        let own = &*self;
        let slots = own.unsaved_slots.iter().map(|slot| own.slot_change(*slot));
        let parts = (0..PARTS).filter(|part| own.unsaved_items >> part & 1 == 1);
        let chunks = own.happenings.unsaved().iter().map(|chunk| own.chunk_change(*chunk));
        let head = std::iter::once(own.head_change());
        Box::new(head.chain(slots).chain(parts.flat_map(|part| own.item_changes(part))).chain(chunks))
    }

    fn has_more(&self) -> bool {
        self.is_unsaved()
    }

    fn stored(&mut self) {
        if !self.is_unsaved() {
            return;
        }
        (self.stored, self.rows, self.unsaved_items) = (self.seen, 0, 0);
        self.unsaved_slots.clear();
        self.happenings.are_stored();
    }

    fn not_stored(&mut self) -> bool {
        true
    }

    fn pieces(&self) -> Vec<Range> {
        vec![(Table::Fences, ALL)]
    }

    fn restore(&mut self, piece: Piece) -> Result<(), DecodeError> {
        let mut r = reader(&piece.data)?;
        match piece.id {
            HEAD => {
                (self.seen, self.stored) = (piece.seq, piece.seq);
                self.happenings.restore_last(r.varint()?);
            }
            id @ SLOTS..ITEMS => {
                let (slot, known) = ((id - SLOTS) as usize, read_known(&piece)?);
                if slot >= limits::FENCES_PER_BOARD {
                    return Err(DecodeError::Invalid("number of a fence"));
                }
                self.grid.insert(slot as u32, &known.shape.bounds());
                self.by_id.insert(known.id.clone(), slot as u32);
                self.slots.resize(self.slots.len().max(slot + 1), None);
                if let Some(place) = self.slots.get_mut(slot) {
                    *place = Some(known);
                }
            }
            ITEMS..CHUNKS => {
                while r.remaining() > 0 {
                    let (key, item) = read_item(&mut r)?;
                    self.items.insert(key.into(), item);
                }
            }
            id @ CHUNKS..END => {
                while r.remaining() > 0 {
                    let happening = read_happening(&mut r)?;
                    if happening.id / PER_CHUNK != id - CHUNKS {
                        return Err(DecodeError::Invalid("order of a fence's events"));
                    }
                    self.happenings.restore(happening);
                }
            }
            _ => return Err(DecodeError::Invalid("number of a fence's piece")),
        }
        Ok(())
    }
}
