//! What is made from the log: items with what others than managers see of them, rollups, the ranking, delivery. Each is a
//! projection: it takes the log's rows in order, says how much of the log it no longer needs, and writes itself down in
//! pieces.
//!
//! When a board is loaded, each projection is restored from its pieces, and one loop, [`Replay`], feeds it the rows that
//! came since. So a restart costs what came since the last checkpoints, however long the log is. A projection may also
//! read on later, in slices, while the board answers: a ranking that is made anew, an object that is to be delivered.
//! Rows up to the [`lowest_floor`] may be pruned.

mod pieces;

pub use pieces::in_pieces;

use crate::codec::{Batch, DecodeError};
use crate::cursor::Seq;
use crate::scores::control::Control;
use crate::time::Millis;
use std::ops::RangeInclusive;

/// A row of the log as it is stored.
#[derive(Clone, Copy, Debug)]
pub struct LoggedRow<'a> {
    /// Its first sequence number.
    pub first: Seq,
    /// Its last one.
    pub last: Seq,
    /// When it was accepted.
    pub at: Millis,
    /// A batch of events, or a control.
    pub bytes: &'a [u8],
}

/// What a row of the log says.
#[derive(Debug)]
pub enum Said<'a> {
    /// Events.
    Events(Batch<'a>),
    /// What a manager did. It takes one place of the sequence.
    Control(Box<Control>),
}

/// A row of the log, decoded once for all projections.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The sequence of its first event.
    pub first: Seq,
    /// The sequence of its last event.
    pub last: Seq,
    /// When it was accepted.
    pub at: Millis,
    /// Its bytes in the log.
    pub bytes: usize,
    /// What it says.
    pub said: Said<'a>,
}

impl<'a> Entry<'a> {
    /// Reads what was logged with `first` as its first sequence number.
    pub fn decode(first: Seq, at: Millis, bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let (said, places) = if Control::is_one(bytes) {
            let control = Control::decode(bytes).ok_or(DecodeError::Invalid("control"))?;
            (Said::Control(Box::new(control)), 1)
        } else {
            let batch = Batch::decode(bytes)?;
            let places = batch.len() as u64;
            (Said::Events(batch), places)
        };
        if first == 0 || places == 0 {
            return Err(DecodeError::Invalid("numbers of a log row"));
        }
        Ok(Self { first, last: first + places - 1, at, bytes: bytes.len(), said })
    }

    /// Reads a row of the log.
    pub fn read(row: LoggedRow<'a>) -> Result<Self, DecodeError> {
        let entry = Self::decode(row.first, row.at, row.bytes)?;
        if entry.last == row.last { Ok(entry) } else { Err(DecodeError::Invalid("numbers of a log row")) }
    }
}

/// Where pieces are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Items.
    Items,
    /// What others than managers see of them.
    Sights,
    /// Names of series.
    RollupNames,
    /// How far each part of the rollups is. Without data.
    RollupParts,
    /// How far all are, as piece 1. Without data.
    RollupFloor,
    /// Cells and sketches.
    Rollups,
    /// The ranking.
    Ranking,
    /// What delivery must remember.
    Delivery,
    /// Whose tracks there are, and how far their pages go.
    TrackState,
    /// Pages of tracks.
    Tracks,
    /// Fences, and what happened at them.
    Fences,
    /// Rules of alarms, what they make of items, and what happened.
    Alarms,
    /// What is known of the past: one piece that says what there is, and copies of the items as they were.
    Past,
}

/// The parts in which what is kept of items by their keys is stored.
pub const PARTS: usize = 64;

/// The part of a key.
pub fn part(key: &str) -> usize {
    // FNV-1a, which is the same in every build.
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    (hash ^ hash >> 32) as usize % PARTS
}

/// Pieces of a table, from one number to another.
pub type Range = (Table, RangeInclusive<u64>);

/// Whatever their numbers are.
pub const ALL: RangeInclusive<u64> = 0..=crate::limits::SEQ_MAX;

/// A stored piece of a projection. Its data stays below [`crate::limits::LOG_ROW_BYTES`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where.
    pub table: Table,
    /// Its number there.
    pub id: u64,
    /// As of which event it is, where its table has that.
    pub seq: Seq,
    /// What it holds.
    pub data: Vec<u8>,
}

/// Makes a piece's data from what is stored of it: none when there is nothing yet.
pub type Merge = Box<dyn FnOnce(Option<&[u8]>) -> Result<Vec<u8>, DecodeError>>;

/// How stored pieces change.
pub enum Change {
    /// A piece is this now.
    Put(Piece),
    /// A piece of this table and number is what this makes of it.
    Merge(Table, u64, Merge),
    /// Pieces are gone.
    Drop(Range),
    /// Pieces are copied, the first of them to this number.
    Copy(Range, u64),
}

/// Changes, each made when it is its turn to be written: together they may be as large as what they are made of.
pub type Changes<'p> = Box<dyn Iterator<Item = Change> + 'p>;

/// Why pieces are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It is time: what is not written yet takes too much memory, or too long to be replayed.
    Due,
    /// Rows of the log are to go: whatever holds them is written, as much of it as holds nobody up.
    Room,
}

/// Pieces that are too old: those of a range whose number, under the mask, is below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Old {
    /// Of these.
    pub range: Range,
    /// The bits that are compared.
    pub mask: u64,
    /// They are too old below this.
    pub below: u64,
}

/// Something that is made from the log.
pub trait Projection {
    /// The event after which it waits for rows of the log; none while it waits for none.
    fn reads_after(&self) -> Option<Seq>;

    /// Takes the next row. What its parts have seen they pass over.
    fn apply(&mut self, entry: &Entry<'_>) -> Result<(), DecodeError>;

    /// Up to this event it needs no log, whatever happens.
    fn floor(&self) -> Seq;

    /// What is to be written, nothing when nothing is. The shell writes it in one transaction, then says
    /// [`Projection::stored`] or [`Projection::not_stored`].
    fn checkpoint(&mut self, need: Need) -> Changes<'_>;

    /// Whether a checkpoint for want of room would write something.
    fn has_more(&self) -> bool;

    /// What the last checkpoint gave is durable.
    fn stored(&mut self) {}

    /// What the last checkpoint gave could not be written. False: its memory is of no use any more, the shell loads it anew.
    fn not_stored(&mut self) -> bool {
        false
    }

    /// The pieces that it is restored from, in this order.
    fn pieces(&self) -> Vec<Range>;

    /// Takes a stored piece, before any row.
    fn restore(&mut self, piece: Piece) -> Result<(), DecodeError>;

    /// All pieces have come.
    fn restored(&mut self) -> Result<(), DecodeError> {
        Ok(())
    }

    /// What it no longer keeps at this time.
    fn forget(&self, now: Millis) -> Vec<Old> {
        let _ = now;
        Vec::new()
    }
}

/// What one slice of a replay may cost. The clock stands still while code runs, so events and bytes stand for time.
/// Whichever comes first ends it, after the row that reached it.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// Events.
    pub events: u64,
    /// Bytes of the log.
    pub bytes: usize,
}

impl Slice {
    /// To the end of the log.
    pub const WHOLE: Self = Self { events: u64::MAX, bytes: usize::MAX };
}

/// Feeds rows of the log to every projection that waits for them, until the slice is used up.
pub struct Replay<'r, 'p> {
    projections: &'r mut [&'p mut dyn Projection],
    left: Slice,
    last: Seq,
}

impl<'r, 'p> Replay<'r, 'p> {
    /// Begins a slice.
    pub fn new(projections: &'r mut [&'p mut dyn Projection], slice: Slice) -> Self {
        Self { projections, left: slice, last: 0 }
    }

    /// The event after which rows are to be read; none when nobody waits for any.
    pub fn reads_after(&self) -> Option<Seq> {
        self.projections.iter().filter_map(|p| p.reads_after()).min()
    }

    /// Takes the next row; whether another may follow. Rows come in order; what was pruned is missing.
    pub fn row(&mut self, row: LoggedRow<'_>) -> Result<bool, DecodeError> {
        if row.first <= self.last {
            return Err(DecodeError::Invalid("order of log rows"));
        }
        self.last = row.last;
        let entry = Entry::read(row)?;
        for projection in self.projections.iter_mut() {
            if projection.reads_after().is_some_and(|seen| seen < entry.last) {
                projection.apply(&entry)?;
            }
        }
        self.left.events = self.left.events.saturating_sub(entry.last + 1 - entry.first);
        self.left.bytes = self.left.bytes.saturating_sub(entry.bytes);
        Ok(self.left.events > 0 && self.left.bytes > 0 && self.reads_after().is_some())
    }
}

/// Up to here no projection needs the log.
pub fn lowest_floor(projections: &[&mut dyn Projection], head: Seq) -> Seq {
    projections.iter().map(|p| p.floor()).min().unwrap_or(head).min(head)
}
