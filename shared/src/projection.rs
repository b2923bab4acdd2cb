//! What is made from the log: items, rollups, rankings, delivery. Each is a projection: it takes the log's rows in
//! order, says how much of the log it no longer needs, and writes itself down in pieces.
//!
//! The shell keeps each projection's pieces in a table by number, and with them its floor. After a restart it restores
//! a projection from its pieces and [`replay`]s the rows after the lowest floor; rows up to the lowest floor may be pruned.
//! So a restart costs what came since the last checkpoints, however long the log is.

#[cfg(test)]
mod tests;

use crate::codec::{Batch, DecodeError};
use crate::cursor::Seq;
use crate::scores::control::Control;
use crate::time::Millis;

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
    /// Reads a row of the log.
    pub fn read(first: Seq, at: Millis, row: &'a [u8]) -> Result<Self, DecodeError> {
        let (said, places) = if Control::is_one(row) {
            let control = Control::decode(row).ok_or(DecodeError::Invalid("control"))?;
            (Said::Control(Box::new(control)), 1)
        } else {
            let batch = Batch::decode(row)?;
            let places = batch.len() as u64;
            (Said::Events(batch), places)
        };
        if first == 0 || places == 0 {
            return Err(DecodeError::Invalid("numbers of a log row"));
        }
        Ok(Self { first, last: first + places - 1, at, bytes: row.len(), said })
    }
}

/// How a piece changes.
pub enum Change {
    /// It is this now.
    Put(Vec<u8>),
    /// It is what this makes of what is stored: none when there is nothing yet.
    Merge(Merge),
    /// It is gone.
    Drop,
}

/// Makes a piece from what is stored of it.
pub type Merge = Box<dyn FnOnce(Option<&[u8]>) -> Result<Vec<u8>, DecodeError>>;

/// One piece of a checkpoint. Each stays below [`crate::limits::LOG_ROW_BYTES`].
pub struct Piece {
    /// Its number among the projection's pieces.
    pub id: u64,
    /// What becomes of it.
    pub change: Change,
}

/// Pieces that are too old: those of `first..=last` whose number, under the mask, is below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Old {
    /// The first number.
    pub first: u64,
    /// The last number.
    pub last: u64,
    /// The bits that are compared.
    pub mask: u64,
    /// They are too old below this.
    pub below: u64,
}

/// Something that is made from the log.
pub trait Projection {
    /// Under this name its pieces and its floor are stored.
    fn name(&self) -> &'static str;

    /// The last event that it has seen, in memory.
    fn seen(&self) -> Seq;

    /// Up to this event its stored pieces hold everything that it needs: a restart replays what comes after. One that
    /// keeps nothing in memory between rows, or that is switched off, is as far as it has seen.
    fn floor(&self) -> Seq;

    /// Takes the next row. What it has seen it passes over, event by event where its parts are differently far.
    fn apply(&mut self, entry: &Entry<'_>) -> Result<(), DecodeError>;

    /// What is due to be written, of about so many bytes, so that no request waits for long; empty when nothing is due.
    /// The shell writes it in one transaction with [`Projection::floor`] as it is after this call, then says
    /// [`Projection::stored`]. When it can't, it drops the projection and restores it.
    fn checkpoint(&mut self, budget: usize) -> Result<Vec<Piece>, DecodeError>;

    /// What the last checkpoint gave is durable.
    fn stored(&mut self) {}

    /// Takes a stored piece, before any row. Pieces come in the order of their numbers.
    fn restore(&mut self, id: u64, data: &[u8]) -> Result<(), DecodeError>;

    /// All pieces have come. `floor` was stored with them.
    fn restored(&mut self, floor: Seq) -> Result<(), DecodeError>;

    /// What it no longer keeps at this time.
    fn forget(&mut self, now: Millis) -> Vec<Old> {
        let _ = now;
        Vec::new()
    }
}

/// What one slice of a replay may cost: whichever comes first ends it, after the row that reached it.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// Events.
    pub events: u64,
    /// Bytes of the log.
    pub bytes: usize,
    /// The time.
    pub until: Millis,
}

/// How far a slice came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The last event that all have seen.
    pub seen: Seq,
    /// Whether the log may have more.
    pub more: bool,
}

/// Why a replay ended early.
#[derive(Debug, PartialEq, Eq)]
pub enum Broken<E> {
    /// The shell could not read a row.
    Read(E),
    /// A row is damaged, or one is missing.
    Row(DecodeError),
}

/// A row as the shell reads it: first sequence, time of acceptance, bytes.
pub type RawRow = (Seq, Millis, Vec<u8>);

/// Feeds rows of the log to every projection that has not seen them, until the slice is used up. `rows` begin at or before
/// the first event after `from`, and are read one at a time: a thousand may be more than fits into memory.
pub fn replay<E>(
    projections: &mut [&mut dyn Projection],
    from: Seq,
    rows: impl Iterator<Item = Result<RawRow, E>>,
    slice: Slice,
    clock: &dyn Fn() -> Millis,
) -> Result<Progress, Broken<E>> {
    let (mut seen, mut events, mut bytes) = (from, 0, 0);
    for row in rows {
        let (first, at, row) = row.map_err(Broken::Read)?;
        let entry = Entry::read(first, at, &row).map_err(Broken::Row)?;
        if first > seen + 1 {
            return Err(Broken::Row(DecodeError::Invalid("order of log rows")));
        }
        for projection in projections.iter_mut().filter(|p| p.seen() < entry.last) {
            projection.apply(&entry).map_err(Broken::Row)?;
        }
        seen = seen.max(entry.last);
        events += entry.last + 1 - entry.first;
        bytes += entry.bytes;
        if events >= slice.events || bytes >= slice.bytes || clock() >= slice.until {
            return Ok(Progress { seen, more: true });
        }
    }
    Ok(Progress { seen, more: false })
}

/// Up to here no projection needs the log; `head` when there is none.
pub fn lowest_floor<'p>(projections: impl IntoIterator<Item = &'p dyn Projection>, head: Seq) -> Seq {
    projections.into_iter().map(Projection::floor).min().unwrap_or(head).min(head)
}
