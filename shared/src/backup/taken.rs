//! How far a backup is read, and what may come next. The same for who checks a file and for a board that takes it.

use super::digest::Digest;
use super::frame::{Frame, FrameKind};
use super::head::{End, Head, Part};
use super::rows::{BackupRow, RowKind, read_rows};
use super::wrong::Wrong;
use crate::cursor::{Cursor, Seq};
use serde::{Deserialize, Serialize};

/// What was taken of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The digest of the last frame.
    pub digest: Digest,
    /// The last number of the last row.
    pub seq: Seq,
    /// How many rows.
    pub rows: u64,
    /// How many of them ended items.
    pub ends: u64,
    /// The number that the last row of all has.
    pub upto: Seq,
    /// Whether the end has come.
    pub is_over: bool,
}

/// What was in a frame.
#[derive(Debug)]
pub enum Content<'a> {
    /// Rows of the log.
    Rows(Vec<(BackupRow<'a>, RowKind)>),
    /// A part.
    Part(Part),
    /// The end.
    End,
}

impl Taken {
    /// Takes the first frame.
    pub fn begin(frame: &Frame<'_>) -> Result<(Head, Self), Wrong> {
        if frame.kind != FrameKind::Head {
            return Err(Wrong::Order);
        }
        let head = Head::read(frame.payload)?;
        let upto = head.cursor.seq;
        Ok((head, Self { digest: frame.digest, seq: 0, rows: 0, ends: 0, upto, is_over: false }))
    }

    /// Takes another frame: what it has, and how it is then. Its digest was checked when it was read.
    pub fn take<'a>(&self, frame: &Frame<'a>) -> Result<(Self, Content<'a>), Wrong> {
        if self.is_over {
            return Err(Wrong::Order);
        }
        let mut taken = Self { digest: frame.digest, ..*self };
        let content = match frame.kind {
            FrameKind::Head => return Err(Wrong::Order),
            FrameKind::Part => Content::Part(Part::read(frame.payload)?),
            FrameKind::Rows => {
                let rows = read_rows(frame.payload)?;
                let (first, last) = (rows.first().map_or(0, |(r, _)| r.first), rows.last().map_or(0, |(r, _)| r.last));
                if first != self.seq + 1 || last > self.upto {
                    return Err(Wrong::Order);
                }
                taken.seq = last;
                taken.rows += rows.len() as u64;
                taken.ends += rows.iter().filter(|(_, kind)| *kind == RowKind::Ends).count() as u64;
                Content::Rows(rows)
            }
            FrameKind::End => {
                let counted = End { rows: self.rows, places: self.seq };
                if End::read(frame.payload)? != counted || self.seq != self.upto {
                    return Err(Wrong::OtherEnd);
                }
                taken.is_over = true;
                Content::End
            }
        };
        Ok((taken, content))
    }

    /// The end that fits.
    pub const fn end(&self) -> End {
        End { rows: self.rows, places: self.seq }
    }
}

/// What a board keeps of its import, until it is over and after that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// The digest of the first frame: by it the same import is known again.
    pub begun: Digest,
    /// How the board was called.
    pub from: String,
    /// The config that the board gets, as JSON; empty once it has it.
    pub config: String,
    /// The life that the board's cursors name.
    pub epoch: u32,
    /// How far it is.
    pub taken: Taken,
}

impl Import {
    /// As it is told to who imports.
    pub fn progress(&self) -> crate::api::backup::ImportProgress {
        let cursor = Cursor { epoch: crate::cursor::Epoch(self.epoch), seq: self.taken.seq };
        let Taken { digest, rows, is_over, .. } = self.taken;
        crate::api::backup::ImportProgress { cursor, rows, digest: digest.to_string(), done: is_over }
    }
}
