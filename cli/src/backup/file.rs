//! A backup's file: read frame by frame, and never more than one in memory.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use heliograph_shared::backup::{
    BackupRow, Content, Digest, End, FRAME_HEAD_BYTES, Frame, FrameHead, FrameKind, Head, MAGIC, Part, Taken, Wrong,
};
use heliograph_shared::cursor::{Cursor, Seq};
use heliograph_shared::time::Millis;

use crate::error::CliError;

/// Why a file can't be read on.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file system says so.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// What it has is not right.
    #[error("{0}")]
    Wrong(#[from] Wrong),
}

/// The frames of a file.
pub struct Frames<R> {
    from: R,
    digest: Digest,
    frame: Vec<u8>,
    bytes: u64,
}

impl Frames<BufReader<File>> {
    /// Opens a file.
    pub fn of(path: &Path) -> Result<Self, FileError> {
        Self::new(BufReader::new(File::open(path)?))
    }
}

impl<R: Read> Frames<R> {
    /// Begins to read.
    pub fn new(mut from: R) -> Result<Self, FileError> {
        let mut magic = Vec::new();
        from.by_ref().take(MAGIC.len() as u64).read_to_end(&mut magic)?;
        if magic != MAGIC {
            let cut = MAGIC.starts_with(&magic);
            return Err(if cut { Wrong::CutOff } else { Wrong::NoBackup }.into());
        }
        Ok(Self { from, digest: Digest::start(), frame: Vec::new(), bytes: MAGIC.len() as u64 })
    }

    /// The next frame, whose hash fits; none at the file's end.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, FileError> {
        self.frame.clear();
        self.from.by_ref().take(FRAME_HEAD_BYTES as u64).read_to_end(&mut self.frame)?;
        if self.frame.is_empty() {
            return Ok(None);
        }
        let head = *self.frame.first_chunk().ok_or(Wrong::CutOff)?;
        let rest = FrameHead::read(head)?.rest() as u64;
        self.from.by_ref().take(rest).read_to_end(&mut self.frame)?;
        let frame = Frame::read(&self.frame, self.digest)?;
        self.digest = frame.digest;
        self.bytes += self.frame.len() as u64;
        Ok(Some(frame))
    }

    /// Bytes of the file up to the end of the last frame.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Up to where a backup is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upto {
    /// All of it.
    End,
    /// No row that ends after this number.
    Seq(Seq),
    /// No row that was accepted later.
    Time(Millis),
}

impl Upto {
    /// Reads a cursor (`e7:1042`), a number, or a time (RFC 3339, or milliseconds as the API has them).
    pub fn parse(text: &str) -> Result<Self, CliError> {
        if let Ok(cursor) = text.parse::<Cursor>() {
            return Ok(Self::Seq(cursor.seq));
        }
        if let Ok(seq) = text.parse() {
            return Ok(Self::Seq(seq));
        }
        let time = Millis::parse(text).map(Self::Time);
        time.ok_or_else(|| {
            CliError::usage(format!("{text:?} is no cursor (e7:1042) and no time (2026-03-01T12:00:00Z)"))
        })
    }

    /// Whether a row is taken.
    pub fn takes(self, row: &BackupRow<'_>) -> bool {
        match self {
            Self::End => true,
            Self::Seq(seq) => row.last <= seq,
            Self::Time(at) => row.at <= at,
        }
    }
}

/// A backup that is whole and right.
#[derive(Debug)]
pub struct Checked {
    /// Which board it is.
    pub head: Head,
    /// What it has.
    pub taken: Taken,
    /// What is not in the log.
    pub parts: Vec<Part>,
    /// What is taken of it.
    pub kept: End,
    /// When the last row was accepted that is taken.
    pub last_at: Option<Millis>,
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Head { board, cursor, time, .. } = &self.head;
        let (rows, parts) = (self.taken.rows, self.parts.len());
        write!(
            f,
            "board {board} at {cursor}, exported {}: {rows} rows of its log, {parts} other parts",
            time.to_rfc3339()
        )
    }
}

fn failed(path: &Path, error: &FileError) -> CliError {
    CliError::failed(format!("{}: {error}", path.display()))
}

/// Reads all of a file, and checks every hash and every row.
pub fn check(path: &Path, upto: Upto) -> Result<Checked, CliError> {
    read(path, upto).map_err(|error| failed(path, &error))
}

fn read(path: &Path, upto: Upto) -> Result<Checked, FileError> {
    let mut frames = Frames::of(path)?;
    let (head, mut taken) = Taken::begin(&frames.next_frame()?.ok_or(Wrong::CutOff)?)?;
    let (mut parts, mut kept, mut last_at, mut is_kept) = (Vec::new(), End { rows: 0, places: 0 }, None, true);
    while let Some(frame) = frames.next_frame()? {
        let (then, content) = taken.take(&frame)?;
        match content {
            Content::Rows(rows) => {
                for (row, _) in rows {
                    is_kept = is_kept && upto.takes(&row);
                    if is_kept {
                        kept = End { rows: kept.rows + 1, places: row.last };
                        last_at = Some(row.at);
                    }
                }
            }
            Content::Part(part) => parts.push(part),
            Content::End => {}
        }
        taken = then;
    }
    if taken.is_over { Ok(Checked { head, taken, parts, kept, last_at }) } else { Err(Wrong::CutOff.into()) }
}

/// A file that was begun.
#[derive(Debug)]
pub struct Begun {
    /// Which board it is.
    pub head: Head,
    /// What it has, up to its last row.
    pub taken: Taken,
    /// Bytes up to there.
    pub bytes: u64,
    /// Whether nothing is missing.
    pub is_whole: bool,
}

/// How far a file is that may be cut off. What can't be right is an error.
pub fn begun(path: &Path) -> Result<Begun, CliError> {
    read_begun(path).map_err(|error| failed(path, &error))
}

fn read_begun(path: &Path) -> Result<Begun, FileError> {
    let mut frames = Frames::of(path)?;
    let (head, mut taken) = Taken::begin(&frames.next_frame()?.ok_or(Wrong::CutOff)?)?;
    let mut begun = Begun { head, taken, bytes: frames.bytes(), is_whole: false };
    loop {
        let (then, is_rows) = match frames.next_frame() {
            Ok(Some(frame)) => (taken.take(&frame)?.0, frame.kind == FrameKind::Rows),
            Ok(None) | Err(FileError::Wrong(Wrong::CutOff)) => return Ok(begun),
            Err(error) => return Err(error),
        };
        taken = then;
        begun.is_whole = taken.is_over;
        if is_rows {
            (begun.taken, begun.bytes) = (taken, frames.bytes());
        }
    }
}
