//! Rollups as a projection of the log. Each part of 64 series has seen as much of the log as its rows have; what a restart
//! replays begins after the part that is furthest behind.

use super::block::{BLOCK_MASK, BlockId};
use super::{Noted, Rollups};
use crate::codec::DecodeError;
use crate::cursor::Seq;
use crate::projection::{ALL, Change, Changes, Entry, Need, Old, Piece, Projection, Range, Said, Table};
use crate::time::Millis;
use std::rc::Rc;

/// Rows and events of the log after which it is stored anew from where a restart replays: what it passes over at most.
const NOTE_ROWS: u64 = 1_000;
const NOTE_EVENTS: u64 = 100_000;
/// Parts that are written at a time for want of room.
const ROOM_PARTS: usize = 64;

fn put(table: Table, id: u64, seq: Seq, data: Vec<u8>) -> Change {
    Change::Put(Piece { table, id, seq, data })
}

impl Rollups {
    /// Begins after an event, where nothing else is stored: on a board that is older than rollups. `newest` is the latest
    /// event time of the board.
    pub const fn begin(&mut self, seen: Seq, newest: Option<Millis>) {
        (self.seen, self.newest) = (seen, newest);
    }

    /// The floor to be stored once these parts are written, when it is time for it.
    fn note(&mut self, need: Need, written: &[u32]) -> Option<Seq> {
        let is_time = |noted: Noted| self.rows >= noted.row + NOTE_ROWS || self.seen >= noted.seen + NOTE_EVENTS;
        let before = self.noted;
        if need == Need::Due && before.is_some_and(|noted| !is_time(noted)) {
            return None;
        }
        let floor = self.floor_without(written);
        self.noted = Some(Noted { floor, row: self.rows, seen: self.seen });
        (before.map(|noted| noted.floor) != Some(floor)).then_some(floor)
    }

    /// Writes what waits of numbers of the whole board, before an erase begins: the log will not have all of them any more.
    /// The shell does as with a checkpoint.
    pub fn settle_board(&mut self) -> Changes<'_> {
        let parts = self.waiting_of_board();
        self.write(parts, None)
    }

    /// Writes these parts, and the floor where there is one to be noted.
    fn write(&mut self, parts: Vec<u32>, note: Option<Seq>) -> Changes<'_> {
        let note = note.map(|floor| put(Table::RollupFloor, 1, floor, Vec::new()));
        let names = if parts.is_empty() { Vec::new() } else { self.new_names() };
        if !parts.is_empty() {
            self.given_names = self.len();
        }
        let names = names.into_iter().map(|(first, data)| put(Table::RollupNames, first as u64, 0, data));
        let head = self.seen;
        // A part's cells leave memory when its rows are written.
        let rows = parts.into_iter().flat_map(move |part| {
            let flush = Rc::new(self.flush(part, head));
            let ids: Vec<BlockId> = flush.rows().collect();
            let through = put(Table::RollupParts, u64::from(part), head, Vec::new());
            let merges = ids.into_iter().map(move |id| {
                let flush = flush.clone();
                Change::Merge(Table::Rollups, id.number(), Box::new(move |stored| flush.merge(id, stored)))
            });
            merges.chain(std::iter::once(through))
        });
        Box::new(note.into_iter().chain(names).chain(rows))
    }
}

impl Projection for Rollups {
    fn reads_after(&self) -> Option<Seq> {
        Some(self.seen)
    }

    fn apply(&mut self, entry: &Entry<'_>) -> Result<(), DecodeError> {
        match &entry.said {
            Said::Events(batch) => self.apply(batch, entry.first),
            Said::Control(control) => self.control(entry.last, control),
        }
        Ok(())
    }

    fn floor(&self) -> Seq {
        self.floor_without(&[])
    }

    fn checkpoint(&mut self, need: Need) -> Changes<'_> {
        let parts = match need {
            Need::Due => self.due_parts(),
            Need::Room => self.waiting.iter().take(ROOM_PARTS).map(|w| w.part).collect(),
        };
        let note = self.note(need, &parts);
        self.write(parts, note)
    }

    fn has_more(&self) -> bool {
        !self.waiting.is_empty()
    }

    fn stored(&mut self) {
        self.stored_names = self.given_names;
    }

    fn pieces(&self) -> Vec<Range> {
        vec![(Table::RollupNames, ALL), (Table::RollupParts, ALL), (Table::RollupFloor, ALL)]
    }

    fn restore(&mut self, piece: Piece) -> Result<(), DecodeError> {
        if piece.table == Table::RollupNames {
            return self.restore_names(&piece.data);
        }
        if piece.table == Table::RollupParts {
            self.restore_part(piece.id, piece.seq);
        } else {
            self.seen = piece.seq;
            self.noted = Some(Noted { floor: piece.seq, row: self.rows, seen: piece.seq });
        }
        Ok(())
    }

    fn forget(&self, now: Millis) -> Vec<Old> {
        let old = |kept: BlockId| {
            let first = BlockId { part: 0, block: 0, ..kept }.number();
            let last = BlockId { part: u32::MAX, block: u32::MAX, ..kept }.number();
            Old { range: (Table::Rollups, first..=last), mask: BLOCK_MASK, below: u64::from(kept.block) }
        };
        self.kept_from(now).into_iter().map(old).collect()
    }
}
