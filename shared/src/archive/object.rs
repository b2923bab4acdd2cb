//! Makes the object of a range: rows of the log in, gzip or Parquet out. The same rows give the same bytes.

use super::columns::Columns;
use super::config::ArchiveFormat;
use super::record::Lines;
use super::rows::Rows;
use crate::cursor::{Epoch, Seq};
use crate::limits;
use crate::projection::{Entry, Said};
use crate::time::Millis;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use parquet::errors::ParquetError;
use std::io::Write as _;

/// Lines are handed to the compressor in pieces of about this size.
const PIECE_BYTES: usize = 32 * 1024;
/// Of 1 to 9. Delivery shares the board's only thread with ingest: twice as fast as 6 for a tenth more bytes.
const LEVEL: u32 = 3;

/// An object in the making. It grows by whole rows of the log.
pub struct Builder {
    epoch: Epoch,
    content: Content,
    range: Option<(Seq, Seq, Millis)>,
    records: u64,
    plain_bytes: u64,
    log_bytes: u64,
}

enum Content {
    Lines(Gzip),
    Rows(Box<Rows>),
}

struct Gzip {
    encoder: GzEncoder<Vec<u8>>,
    lines: Vec<u8>,
}

impl Gzip {
    fn new() -> Self {
        // No file name and no time: nothing in the header differs from one try to the next.
        Self { encoder: GzBuilder::new().write(Vec::new(), Compression::new(LEVEL)), lines: Vec::new() }
    }

    /// How many bytes of lines an event made.
    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> u64 {
        let before = self.lines.len();
        write(&mut self.lines);
        let made = self.lines.len() - before;
        if self.lines.len() >= PIECE_BYTES {
            self.flush();
        }
        made as u64
    }

    fn flush(&mut self) {
        // Writing to memory does not fail.
        let _ = self.encoder.write_all(&self.lines);
        self.lines.clear();
    }
}

/// An object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// What it is.
    pub format: ArchiveFormat,
    /// The first sequence number of its range.
    pub first: Seq,
    /// The last one.
    pub last: Seq,
    /// When the first was accepted.
    pub start: Millis,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Events in it. Controls are in the range, but no events.
    pub records: u64,
    /// Bytes before compression: of its lines, or of its values in memory.
    pub plain_bytes: u64,
    /// Bytes of the log's rows.
    pub log_bytes: u64,
}

impl Builder {
    /// An empty one.
    pub fn new(epoch: Epoch, format: ArchiveFormat) -> Self {
        let content = match format {
            ArchiveFormat::Ndjson => Content::Lines(Gzip::new()),
            ArchiveFormat::Parquet => Content::Rows(Box::default()),
        };
        Self { epoch, content, range: None, records: 0, plain_bytes: 0, log_bytes: 0 }
    }

    /// Adds a row; how many bytes it made before compression.
    pub fn push(&mut self, entry: &Entry<'_>, columns: &mut Columns) -> u64 {
        let before = self.plain_bytes;
        if let Content::Rows(rows) = &mut self.content {
            rows.know(columns);
        }
        if let Said::Events(batch) = &entry.said {
            match &mut self.content {
                Content::Lines(gzip) => {
                    let lines = Lines::new(batch, self.epoch, entry.first, entry.at, columns);
                    for i in (0..batch.len()).filter(|i| !batch.is_hole(*i)) {
                        self.plain_bytes += gzip.push(|out| lines.write(i, out));
                    }
                    gzip.flush();
                }
                Content::Rows(rows) => {
                    rows.push(batch, self.epoch, entry.first, entry.at, columns);
                    self.plain_bytes = rows.bytes();
                }
            }
            self.records += (0..batch.len()).filter(|i| !batch.is_hole(*i)).count() as u64;
        }
        self.log_bytes += entry.bytes as u64;
        self.range = match self.range {
            None => Some((entry.first, entry.last, entry.at)),
            Some((first, _, start)) => Some((first, entry.last, start)),
        };
        self.plain_bytes - before
    }

    /// The last sequence number that is in it.
    pub fn last(&self) -> Option<Seq> {
        self.range.map(|(_, last, _)| last)
    }

    /// Whether it is as large as it may become: before compression, or in memory.
    pub fn is_full(&self, buffer_bytes: u64) -> bool {
        let is_heavy = match &self.content {
            Content::Lines(gzip) => gzip.encoder.get_ref().len() >= limits::ARCHIVE_OBJECT_BYTES,
            Content::Rows(_) => self.plain_bytes >= limits::ARCHIVE_TABLE_BYTES,
        };
        is_heavy || self.plain_bytes >= buffer_bytes
    }

    /// Whether it gets no more rows, since their file is being written.
    pub fn is_closed(&self) -> bool {
        matches!(&self.content, Content::Rows(rows) if rows.is_closed())
    }

    /// Writes a part of the file, for what can be written only when all rows are known; whether that was the last.
    pub fn write_some(&mut self) -> Result<bool, ParquetError> {
        match &mut self.content {
            Content::Lines(_) => Ok(true),
            Content::Rows(rows) => rows.write_some(),
        }
    }

    /// The object; none when no row was added.
    pub fn finish(mut self) -> Option<Object> {
        let (first, last, start) = self.range?;
        while !self.write_some().ok()? {}
        let (format, bytes) = match self.content {
            Content::Lines(gzip) => (ArchiveFormat::Ndjson, gzip.encoder.finish().ok()?),
            Content::Rows(rows) => (ArchiveFormat::Parquet, rows.finish().ok()?),
        };
        let (records, plain_bytes, log_bytes) = (self.records, self.plain_bytes, self.log_bytes);
        Some(Object { format, first, last, start, bytes, records, plain_bytes, log_bytes })
    }
}
