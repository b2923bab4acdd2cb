//! The latest state of every key, and what others than managers see of it, as one projection of the log: they are made
//! from each other, and written together.

use super::{Board, Tail};
use crate::codec::DecodeError;
use crate::cursor::{Cursor, Seq};
use crate::items::{SnapshotError, SnapshotReader};
use crate::projection::{ALL, Change, Changes, Entry, Need, Piece, Projection, Range, Said, Table};
use crate::sights::Sights;

/// Items with others' sights.
pub struct Latest<'b> {
    board: &'b mut Board,
    sights: &'b mut Sights,
    items: Option<SnapshotReader>,
    parts: Vec<Vec<u8>>,
    /// As of which event the pieces are that came.
    items_at: Seq,
    sights_at: Seq,
    /// Whether the checkpoint that was given has the items, not only others' sights.
    whole: bool,
}

impl<'b> Latest<'b> {
    /// Those of a board.
    pub const fn new(board: &'b mut Board, sights: &'b mut Sights) -> Self {
        Self { board, sights, items: None, parts: Vec::new(), items_at: 0, sights_at: 0, whole: false }
    }

    fn is_due(&self, need: Need) -> bool {
        match need {
            Need::Due => self.board.is_checkpoint_due(),
            Need::Room => self.board.tail.rows > 0,
        }
    }
}

impl Projection for Latest<'_> {
    fn reads_after(&self) -> Option<Seq> {
        Some(self.board.cursor.seq.min(self.sights.seen()))
    }

    fn apply(&mut self, entry: &Entry<'_>) -> Result<(), DecodeError> {
        if self.board.cursor.seq < entry.last {
            self.board.replay(entry)?;
        }
        if self.sights.seen() < entry.last {
            match &entry.said {
                Said::Events(batch) => self.sights.apply(batch, entry.first, |_, _, _| {}),
                Said::Control(control) => {
                    self.sights.control(entry.first, control, &self.board.items, self.board.events());
                }
            }
        }
        Ok(())
    }

    fn floor(&self) -> Seq {
        if self.sights.is_idle() { self.board.stored } else { self.board.stored.min(self.sights.stored()) }
    }

    fn checkpoint(&mut self, need: Need) -> Changes<'_> {
        self.whole = self.is_due(need);
        if !self.whole && !self.sights.is_unsaved() {
            return Box::new(std::iter::empty());
        }
        let seq = self.board.cursor.seq;
        let put = move |table, (i, data)| Change::Put(Piece { table, id: i as u64, seq, data });
        // Where it is nothing of its own, nothing is stored.
        let sights = if self.sights.is_idle() { Vec::new() } else { self.sights.to_parts() };
        let rest = Change::Drop((Table::Sights, sights.len() as u64..=*ALL.end()));
        let sights =
            std::iter::once(rest).chain(sights.into_iter().enumerate().map(move |piece| put(Table::Sights, piece)));
        if !self.whole {
            return Box::new(sights);
        }
        // Each part is made when it is written.
        let items = self.board.items.snapshot().enumerate().map(move |piece| put(Table::Items, piece));
        Box::new(std::iter::once(Change::Drop((Table::Items, ALL))).chain(items).chain(sights))
    }

    fn has_more(&self) -> bool {
        self.is_due(Need::Room) || self.sights.is_unsaved()
    }

    fn stored(&mut self) {
        let seq = self.board.cursor.seq;
        if self.whole {
            (self.board.stored, self.board.tail) = (seq, Tail::default());
        }
        self.sights.is_stored(seq);
    }

    fn pieces(&self) -> Vec<Range> {
        vec![(Table::Items, ALL), (Table::Sights, ALL)]
    }

    fn restore(&mut self, piece: Piece) -> Result<(), DecodeError> {
        if piece.table == Table::Items {
            self.items_at = piece.seq;
            self.items.get_or_insert_default().part(&piece.data).map_err(damaged)
        } else {
            self.sights_at = piece.seq;
            self.parts.push(piece.data);
            Ok(())
        }
    }

    fn restored(&mut self) -> Result<(), DecodeError> {
        let items = self.items.take().unwrap_or_default().finish().map_err(damaged)?;
        *self.board = Board::new(items, Cursor { epoch: self.board.cursor.epoch, seq: self.items_at });
        if !self.parts.is_empty() {
            *self.sights = Sights::from_parts(self.parts.iter().map(Vec::as_slice))?;
            self.sights.is_as_of(self.sights_at);
        }
        self.parts.clear();
        Ok(())
    }
}

const fn damaged(e: SnapshotError) -> DecodeError {
    match e {
        SnapshotError::Damaged(e) => e,
        SnapshotError::Order => DecodeError::Invalid("order of a snapshot's parts"),
    }
}
