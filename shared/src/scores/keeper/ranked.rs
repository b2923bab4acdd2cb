//! The ranking as a projection of the log. It differs from others in two ways: one is made while another is up, so it
//! reads the log while the board answers; and a change of the past makes it anew, so that it needs the log back to its
//! base, not only to its checkpoint.

use super::{CHECKPOINT_PIECES, Keeper, PieceChange};
use crate::codec::DecodeError;
use crate::cursor::Seq;
use crate::limits;
use crate::projection::{Change, Changes, Entry, Need, Piece, Projection, Range, Table};
use crate::scores::period::Zones;

/// A board's ranking with the calendars that it counts by.
pub struct Ranked<'k> {
    keeper: &'k mut Keeper,
    zones: &'k dyn Zones,
    pieces: Vec<(u64, Vec<u8>)>,
    slice: usize,
}

impl<'k> Ranked<'k> {
    /// That of a board.
    pub const fn new(keeper: &'k mut Keeper, zones: &'k dyn Zones) -> Self {
        Self { keeper, zones, pieces: Vec::new(), slice: limits::RANKING_SLICE_BYTES }
    }

    /// The same with checkpoints that are written so many bytes at a time.
    #[must_use]
    pub const fn in_slices_of(mut self, bytes: usize) -> Self {
        self.slice = bytes;
        self
    }
}

impl From<PieceChange> for Change {
    fn from(change: PieceChange) -> Self {
        match change {
            PieceChange::Put(id, data) => Self::Put(Piece { table: Table::Ranking, id, seq: 0, data }),
            PieceChange::Drop(first, last) => Self::Drop((Table::Ranking, first..=last)),
            PieceChange::Copy { first, last, to } => Self::Copy((Table::Ranking, first..=last), to),
        }
    }
}

impl Projection for Ranked<'_> {
    fn reads_after(&self) -> Option<Seq> {
        self.keeper.rebuilt_upto()
    }

    fn apply(&mut self, entry: &Entry<'_>) -> Result<(), DecodeError> {
        if !self.keeper.feed(entry, self.zones) {
            self.keeper.drop_rebuild();
        }
        Ok(())
    }

    fn floor(&self) -> Seq {
        if self.keeper.settings().scores.is_some() { self.keeper.base().unwrap_or(0) } else { limits::SEQ_MAX }
    }

    fn checkpoint(&mut self, need: Need) -> Changes<'_> {
        if need == Need::Room && self.has_more() {
            self.keeper.want_checkpoint();
        }
        let changes = self.keeper.checkpoint(self.slice);
        Box::new(changes.into_iter().map(Change::from))
    }

    fn has_more(&self) -> bool {
        self.keeper.is_unwritten()
    }

    /// A restart takes longer.
    fn not_stored(&mut self) -> bool {
        self.keeper.checkpoint_failed();
        true
    }

    fn pieces(&self) -> Vec<Range> {
        let (first, last) = CHECKPOINT_PIECES;
        vec![(Table::Ranking, first..=last)]
    }

    fn restore(&mut self, piece: Piece) -> Result<(), DecodeError> {
        self.pieces.push((piece.id, piece.data));
        Ok(())
    }

    /// Where the checkpoint does not fit, the shell begins to make the ranking.
    fn restored(&mut self) -> Result<(), DecodeError> {
        let pieces = std::mem::take(&mut self.pieces);
        self.keeper.restore(&pieces);
        Ok(())
    }
}
