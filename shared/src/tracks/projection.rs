//! Tracks as a projection of the log.

use super::place::DAY_MASK;
use super::state::{self, HEAD, Head};
use super::{Noted, Tracks};
use crate::codec::DecodeError;
use crate::cursor::Seq;
use crate::projection::{ALL, Changes, Entry, Need, Old, Piece, Projection, Range, Said, Table};
use crate::time::Millis;
use std::collections::BTreeSet;

impl Projection for Tracks {
    fn reads_after(&self) -> Option<Seq> {
        Some(self.seen)
    }

    fn apply(&mut self, entry: &Entry<'_>) -> Result<(), DecodeError> {
        match &entry.said {
            Said::Events(batch) => self.apply(batch, entry.first),
            // Whatever becomes of an item, it was where it was.
            Said::Control(_) => self.take(entry.last),
        }
        Ok(())
    }

    fn floor(&self) -> Seq {
        self.floor_without(&BTreeSet::new())
    }

    fn checkpoint(&mut self, need: Need) -> Changes<'_> {
        let parts = match need {
            Need::Due => self.due_parts(),
            Need::Room => self.some_parts(),
        };
        if parts.is_empty() && !self.is_note_due(need) {
            return Box::new(std::iter::empty());
        }
        let mut changes = if parts.is_empty() { Vec::new() } else { self.flush(&parts) };
        changes.push(self.note());
        Box::new(changes.into_iter())
    }

    fn has_more(&self) -> bool {
        !self.waiting.is_empty()
    }

    fn stored(&mut self) {
        self.stored_names = self.stored_names.max(self.given_names);
    }

    fn pieces(&self) -> Vec<Range> {
        vec![(Table::TrackState, ALL)]
    }

    fn restore(&mut self, piece: Piece) -> Result<(), DecodeError> {
        if piece.id == HEAD {
            self.head = Head::decode(&piece.data)?;
            self.seen = piece.seq;
            self.noted = Some(Noted { floor: piece.seq, row: self.rows, seen: piece.seq });
            return Ok(());
        }
        state::decode(&piece.data, &mut self.names, &mut self.parts)?;
        (self.stored_names, self.given_names) = (self.names.len(), self.names.len());
        Ok(())
    }

    /// By the board's newest fix, not by the clock: a board whose newest one is of the past keeps what was recent then.
    fn forget(&self, _: Millis) -> Vec<Old> {
        vec![Old { range: (Table::Tracks, ALL), mask: DAY_MASK, below: self.kept_from().masked() }]
    }
}
