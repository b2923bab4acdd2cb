//! What is stored of the past: one piece that says what there is, and the pieces of each frame.

use super::Past;
use super::blocks::Blocks;
use super::frames::{Frame, Frames};
use crate::codec::{DecodeError, Reader, Writer};
use crate::items::{Items, SnapshotError, SnapshotReader};
use crate::limits;
use crate::projection::{Change, Piece, Range, Table};
use crate::time::Millis;

const VERSION: u8 = 1;
/// Where it is said what there is.
pub(super) const STATE: Range = (Table::Past, 0..=0);
/// Items are put into a frame only where the log has grown by so many times their bytes since the last one, so that frames stay a
/// part of what is stored.
const BYTES_PER_ITEM_BYTE: u64 = 2;

/// A frame's items as pieces.
fn pieces(frame: Frame, items: &Items) -> impl Iterator<Item = Change> + '_ {
    let first = *frame.pieces().1.start();
    items.live_snapshot().enumerate().map(move |(part, data)| {
        Change::Put(Piece { table: Table::Past, id: first + part as u64, seq: frame.seq, data })
    })
}

impl Past {
    /// Whether the items shall be kept as they are now: the log has grown by enough since the last frame, or an eighth of the days
    /// for which it is kept has passed, so that there is one when its beginning goes.
    pub fn is_frame_due(&self, items: &Items, keep_days: u32) -> bool {
        let (Some(_), Some(began)) = (self.newest, self.began) else { return false };
        let last = self.frames.last().map(|frame| (frame.seq, frame.at));
        // Of a board whose beginning is not known nothing can be told before.
        let is_first = last.is_none() && self.from > 0;
        let (seq, at) = last.unwrap_or((self.from, began));
        let is_old = self.at.since(at) >= i64::from(keep_days) * 86_400_000 / 8 && self.seen > seq;
        let has_grown = self.bytes >= items.bytes() as u64 * BYTES_PER_ITEM_BYTE;
        is_first || is_old || has_grown && self.seen - seq >= limits::PAST_FRAME_EVENTS
    }

    /// Keeps the items as they are now, which is as of all that it has seen. The shell writes this in one transaction, then says
    /// [`stored`](crate::projection::Projection::stored), or else [`Past::frame_failed`].
    pub fn frame<'i>(&mut self, items: &'i Items) -> impl Iterator<Item = Change> + use<'i> {
        let frame = self.frames.add(self.seen, self.newest, self.at);
        self.bytes = 0;
        let gone: Vec<Change> = self.frames.gone().map(Change::Drop).collect();
        let state = self.state();
        gone.into_iter().chain(pieces(frame, items)).chain(std::iter::once(state))
    }

    /// The last frame was not stored.
    pub fn frame_failed(&mut self) {
        self.frames.take_back();
    }

    /// Its frames, the oldest first.
    pub fn frames(&self) -> &[Frame] {
        self.frames.all()
    }

    /// A frame without an item whose history is erased, where it has it; `items` are those of the frame.
    pub fn without<'i>(
        frame: Frame,
        items: &'i mut Items,
        key: &str,
    ) -> Option<impl Iterator<Item = Change> + use<'i>> {
        items.end(key, frame.seq)?;
        Some(std::iter::once(Change::Drop(frame.pieces())).chain(pieces(frame, items)))
    }

    /// What there is, as a piece.
    pub(super) fn state(&self) -> Change {
        let mut w = Writer::with_capacity(4_096);
        w.u8(VERSION);
        w.varint(self.from);
        w.varint(self.bytes);
        w.zigzag(self.at.0);
        for time in [self.newest, self.began] {
            w.u8(u8::from(time.is_some()));
            time.iter().for_each(|t| w.zigzag(t.0));
        }
        self.blocks.write(&mut w);
        self.frames.write(&mut w);
        Change::Put(Piece { table: Table::Past, id: 0, seq: self.seen, data: w.finish() })
    }

    pub(super) fn read(&mut self, piece: &Piece) -> Result<(), DecodeError> {
        let mut r = Reader::new(&piece.data);
        match r.u8()? {
            VERSION => {}
            other => return Err(DecodeError::Version(other)),
        }
        let (from, bytes, at) = (r.varint()?, r.varint()?, Millis(r.zigzag()?));
        let mut time = || Ok::<_, DecodeError>(if r.u8()? == 1 { Some(Millis(r.zigzag()?)) } else { None });
        let (newest, began) = (time()?, time()?);
        let (blocks, frames) = (Blocks::read(&mut r)?, Frames::read(&mut r)?);
        r.end()?;
        let (seen, stored) = (piece.seq, piece.seq);
        let (rows, unsaved, restored) = (0, false, true);
        *self = Self { seen, stored, from, blocks, frames, newest, began, bytes, at, rows, unsaved, restored };
        Ok(())
    }
}

/// Reads a frame, a piece at a time.
#[derive(Debug, Default)]
pub struct FrameReader(SnapshotReader);

impl FrameReader {
    /// The next piece.
    pub fn piece(&mut self, piece: &Piece) -> Result<(), DecodeError> {
        self.0.part(&piece.data).map_err(damaged)
    }

    /// The items, without those of these keys, whose history is being erased.
    pub fn finish<'k>(self, erased: impl Iterator<Item = &'k str>) -> Result<Items, DecodeError> {
        let mut items = self.0.finish().map_err(damaged)?;
        for key in erased {
            items.end(key, 0);
        }
        Ok(items)
    }
}

const fn damaged(e: SnapshotError) -> DecodeError {
    match e {
        SnapshotError::Damaged(e) => e,
        SnapshotError::Order => DecodeError::Invalid("order of a frame's parts"),
    }
}
