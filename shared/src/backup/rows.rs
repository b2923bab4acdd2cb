//! Rows of the log in a frame of a backup, one behind the other: the first number and how many there are (varints), when it was
//! accepted (zigzag, milliseconds), whose ids its events have (text), and the row as it is stored (bytes behind their length).

use super::wrong::Wrong;
use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::Seq;
use crate::limits;
use crate::projection::{Entry, LoggedRow, Said};
use crate::scores::control::Action;
use crate::time::Millis;

/// A row of the log as a backup has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupRow<'a> {
    /// Its first sequence number.
    pub first: Seq,
    /// Its last one.
    pub last: Seq,
    /// When it was accepted.
    pub at: Millis,
    /// Whose ids its events have; empty: the board's.
    pub owner: &'a str,
    /// A batch of events, or a control.
    pub bytes: &'a [u8],
}

/// What the log's table says a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// Events.
    Events,
    /// What a manager did. It is kept for good.
    Control,
    /// Items ended. It goes with the events around it.
    Ends,
}

impl BackupRow<'_> {
    /// What it is; an error where a board could not read it.
    pub fn kind(&self) -> Result<RowKind, DecodeError> {
        let row = LoggedRow { first: self.first, last: self.last, at: self.at, bytes: self.bytes };
        Ok(match Entry::read(row)?.said {
            Said::Events(_) => RowKind::Events,
            Said::Control(control) if matches!(control.what, Action::EndItems { .. }) => RowKind::Ends,
            Said::Control(_) => RowKind::Control,
        })
    }
}

/// Packs rows until there are enough for a frame.
#[derive(Default)]
pub struct RowsWriter {
    rows: u64,
    packed: Writer,
}

impl RowsWriter {
    /// Takes another row.
    pub fn push(&mut self, row: &BackupRow<'_>) {
        self.packed.varint(row.first);
        self.packed.varint(row.last - row.first + 1);
        self.packed.zigzag(row.at.0);
        self.packed.text(row.owner);
        self.packed.blob(row.bytes);
        self.rows += 1;
    }

    /// Whether it has enough. One more row would still fit.
    pub fn is_full(&self) -> bool {
        self.rows >= limits::BACKUP_PAGE_ROWS || self.packed.len() >= limits::BACKUP_PAGE_BYTES
    }

    /// Whether it has none.
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// They, packed.
    pub fn finish(self) -> Vec<u8> {
        self.packed.finish()
    }
}

/// Reads packed rows. They follow on each other, and a board can read each.
pub fn read_rows(payload: &[u8]) -> Result<Vec<(BackupRow<'_>, RowKind)>, Wrong> {
    rows(payload).map_err(|e| Wrong::Unreadable(e.to_string()))
}

fn rows(payload: &[u8]) -> Result<Vec<(BackupRow<'_>, RowKind)>, DecodeError> {
    let mut r = Reader::new(payload);
    let mut rows: Vec<(BackupRow<'_>, RowKind)> = Vec::new();
    while r.remaining() > 0 {
        let (first, places) = (r.varint()?, r.varint()?);
        let last = first.checked_add(places).and_then(|next| next.checked_sub(1));
        let last = last.filter(|last| *last <= limits::SEQ_MAX && first > 0 && places > 0);
        let last = last.ok_or(DecodeError::Invalid("numbers of a log row"))?;
        let at = r.zigzag()?;
        if !(0..=limits::TIME_MAX_MILLIS).contains(&at) {
            return Err(DecodeError::Invalid("time of a log row"));
        }
        let (owner, bytes) = (r.text()?, r.blob()?);
        if owner.len() > limits::BACKUP_OWNER_BYTES || bytes.len() > limits::BACKUP_ROW_BYTES {
            return Err(DecodeError::Invalid("length of a log row"));
        }
        if rows.last().is_some_and(|(before, _)| before.last + 1 != first) {
            return Err(DecodeError::Invalid("order of log rows"));
        }
        if rows.len() as u64 >= limits::BACKUP_PAGE_ROWS {
            return Err(DecodeError::Invalid("number of log rows"));
        }
        let row = BackupRow { first, last, at: Millis(at), owner, bytes };
        rows.push((row, row.kind()?));
    }
    if rows.is_empty() { Err(DecodeError::Truncated) } else { Ok(rows) }
}
