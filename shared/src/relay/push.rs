//! What a board sends to its relays each tick: the log rows since the last one.

use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::{Cursor, Epoch, Seq};
use crate::time::Millis;

const VERSION: u8 = 1;

/// One log row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushRow<'a> {
    /// The sequence of its first event.
    pub first: Seq,
    /// The batch, encoded.
    pub batch: &'a [u8],
}

/// The log rows of one tick.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushMessage<'a> {
    /// The last event before these rows.
    pub previous: Cursor,
    /// The last event of these rows.
    pub to: Seq,
    /// When the board accepted the newest row.
    pub accepted_at: Millis,
    /// The rows in order.
    pub rows: Vec<PushRow<'a>>,
    /// The life of the board's memory of its scoreboard; 0 when it has none.
    pub scores_life: u32,
    /// What changed of the standings that relays follow: [`crate::scores::channel::ChannelMessage`]s, packed.
    pub scores: Vec<&'a [u8]>,
}

impl<'a> PushMessage<'a> {
    /// Packs it.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(self.size());
        self.write(&mut w);
        w.finish()
    }

    /// About how many bytes it has.
    pub(super) fn size(&self) -> usize {
        let rows: usize = self.rows.iter().map(|r| r.batch.len() + 8).sum();
        64 + rows + self.scores.iter().map(|s| s.len() + 4).sum::<usize>()
    }

    pub(super) fn write(&self, w: &mut Writer) {
        w.u8(VERSION);
        w.varint(u64::from(self.previous.epoch.0));
        w.varint(self.previous.seq);
        w.varint(self.to);
        w.zigzag(self.accepted_at.0);
        w.varint(self.rows.len() as u64);
        for row in &self.rows {
            w.varint(row.first);
            w.blob(row.batch);
        }
        // A board without a scoreboard says nothing of it.
        if self.scores_life != 0 {
            w.varint(u64::from(self.scores_life));
            w.varint(self.scores.len() as u64);
            self.scores.iter().for_each(|s| w.blob(s));
        }
    }

    /// Unpacks it; the rows stay packed.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        match r.u8()? {
            VERSION => {}
            v => return Err(DecodeError::Version(v)),
        }
        let previous = Cursor { epoch: Epoch(r.varint32()?), seq: r.varint()? };
        let to = r.varint()?;
        let accepted_at = Millis(r.zigzag()?);
        let n = r.count()?;
        let mut rows = Vec::with_capacity(n.min(1024));
        for _ in 0..n {
            rows.push(PushRow { first: r.varint()?, batch: r.blob()? });
        }
        let scores_life = if r.remaining() == 0 { 0 } else { r.varint32()? };
        let n = if scores_life == 0 { 0 } else { r.count()? };
        let scores = (0..n).map(|_| r.blob()).collect::<Result<_, _>>()?;
        r.end()?;
        Ok(Self { previous, to, accepted_at, rows, scores_life, scores })
    }
}
