//! Names of objects and manifests.

use super::config::ArchiveFormat;
use crate::cursor::{Epoch, Seq};
use crate::time::Millis;

/// What the names of one range are made of.
#[derive(Clone, Copy, Debug)]
pub struct Range<'a> {
    /// What every name begins with.
    pub prefix: &'a str,
    /// The board.
    pub board: &'a str,
    /// The life of its log.
    pub epoch: Epoch,
    /// The first sequence number.
    pub first: Seq,
    /// The last one.
    pub last: Seq,
    /// When the first was accepted: the start of the delivery buffer.
    pub start: Millis,
}

impl Range<'_> {
    /// The object with the events: `<prefix>YYYY/MM/DD/HH/<board>-e<epoch>-<first>-<last>.ndjson.gz`, or `.parquet`.
    pub fn object(&self, format: ArchiveFormat) -> String {
        format!("{}{}{}", self.prefix, self.stem(), format.ending())
    }

    /// The manifest. It lies beside the prefix, not under it: a table over the prefix reads events only.
    pub fn manifest(&self) -> String {
        format!("manifests/{}{}.manifest", self.prefix, self.stem())
    }

    fn stem(&self) -> String {
        let Self { board, epoch, first, last, .. } = self;
        format!("{}{board}-e{}-{first:016}-{last:016}", hour(self.start), epoch.0)
    }
}

/// The UTC hour as folders: `2026/03/01/12/`.
fn hour(at: Millis) -> String {
    let text = at.to_rfc3339();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or("0").to_owned();
    [part(0, 4), part(5, 7), part(8, 10), part(11, 13), String::new()].join("/")
}

/// A manifest in the form that Redshift's COPY reads: one object, which must be there.
pub fn manifest(bucket: &str, object: &str, bytes: usize, records: u64) -> String {
    // Neither a bucket's name nor an object's has a character that JSON escapes.
    format!(
        "{{\"entries\":[{{\"url\":\"s3://{bucket}/{object}\",\"mandatory\":true,\
         \"meta\":{{\"content_length\":{bytes},\"record_count\":{records}}}}}]}}\n"
    )
}
