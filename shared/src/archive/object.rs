//! Makes the object of a range: rows of the log in, gzip out. The same rows give the same bytes.

use super::columns::Columns;
use super::record::Lines;
use crate::codec::{Batch, DecodeError};
use crate::cursor::{Epoch, Seq};
use crate::limits;
use crate::scores::control::Control;
use crate::time::Millis;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use std::io::Write as _;

/// Lines are handed to the compressor in pieces of about this size.
const PIECE_BYTES: usize = 32 * 1024;
/// Of 1 to 9. Delivery shares the board's only thread with ingest: twice as fast as 6 for a tenth more bytes.
const LEVEL: u32 = 3;

/// A row of the log.
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

/// An object in the making. It grows by whole rows of the log.
pub struct Builder {
    epoch: Epoch,
    gzip: GzEncoder<Vec<u8>>,
    lines: Vec<u8>,
    range: Option<(Seq, Seq, Millis)>,
    records: u64,
    plain_bytes: u64,
    log_bytes: u64,
}

/// An object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
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
    /// Bytes before compression.
    pub plain_bytes: u64,
    /// Bytes of the log's rows.
    pub log_bytes: u64,
}

impl Builder {
    /// An empty one.
    pub fn new(epoch: Epoch) -> Self {
        // No file name and no time: nothing in the header differs from one try to the next.
        let gzip = GzBuilder::new().write(Vec::new(), Compression::new(LEVEL));
        Self { epoch, gzip, lines: Vec::new(), range: None, records: 0, plain_bytes: 0, log_bytes: 0 }
    }

    /// Adds a row; how many bytes of lines it made.
    pub fn push(&mut self, row: LoggedRow<'_>, columns: &mut Columns) -> Result<u64, DecodeError> {
        let before = self.plain_bytes;
        if !Control::is_one(row.bytes) {
            let batch = Batch::decode(row.bytes)?;
            let lines = Lines::new(&batch, self.epoch, row.first, row.at, columns);
            for i in (0..batch.len()).filter(|i| !batch.is_hole(*i)) {
                lines.write(i, &mut self.lines);
                self.records += 1;
                if self.lines.len() >= PIECE_BYTES {
                    self.flush();
                }
            }
            self.flush();
        }
        self.log_bytes += row.bytes.len() as u64;
        self.range = match self.range {
            None => Some((row.first, row.last, row.at)),
            Some((first, _, start)) => Some((first, row.last, start)),
        };
        Ok(self.plain_bytes - before)
    }

    fn flush(&mut self) {
        self.plain_bytes += self.lines.len() as u64;
        // Writing to memory does not fail.
        let _ = self.gzip.write_all(&self.lines);
        self.lines.clear();
    }

    /// The last sequence number that is in it.
    pub fn last(&self) -> Option<Seq> {
        self.range.map(|(_, last, _)| last)
    }

    /// Whether it is as large as it may become: in lines, or in memory.
    pub fn is_full(&self, buffer_bytes: u64) -> bool {
        self.plain_bytes >= buffer_bytes || self.gzip.get_ref().len() >= limits::ARCHIVE_OBJECT_BYTES
    }

    /// The object; none when no row was added.
    pub fn finish(self) -> Option<Object> {
        let (first, last, start) = self.range?;
        let bytes = self.gzip.finish().ok()?;
        let (records, plain_bytes, log_bytes) = (self.records, self.plain_bytes, self.log_bytes);
        Some(Object { first, last, start, bytes, records, plain_bytes, log_bytes })
    }
}
