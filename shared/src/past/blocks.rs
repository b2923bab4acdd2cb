//! Stretches of the log with the times of what is in them. Their number is bounded: of a long log each is longer.

use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::Seq;
use crate::limits;
use crate::time::Millis;

/// A stretch of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    first: Seq,
    last: Seq,
    bytes: u64,
    /// From when to when its events and ends are; none where there is neither.
    times: Option<(Millis, Millis)>,
}

/// All of them, in the order of the log and without a hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Blocks {
    all: Vec<Block>,
    /// After so many events a block is full.
    size: u64,
}

impl Default for Blocks {
    fn default() -> Self {
        Self { all: Vec::new(), size: limits::PAST_BLOCK_EVENTS }
    }
}

fn both(a: Option<(Millis, Millis)>, b: Option<(Millis, Millis)>) -> Option<(Millis, Millis)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}

impl Blocks {
    /// Takes the next row of the log.
    pub fn add(&mut self, first: Seq, last: Seq, bytes: u64, times: Option<(Millis, Millis)>) {
        match self.all.last_mut() {
            Some(open) if open.last + 1 - open.first < self.size => {
                (open.last, open.bytes) = (last, open.bytes + bytes);
                open.times = both(open.times, times);
            }
            _ => self.all.push(Block { first, last, bytes, times }),
        }
        if self.all.len() > limits::PAST_BLOCKS {
            self.size *= 2;
            let pairs = self.all.chunks(2).filter_map(|pair| {
                let (a, b) = (pair.first()?, pair.last()?);
                let bytes = if pair.len() == 2 { a.bytes + b.bytes } else { a.bytes };
                Some(Block { first: a.first, last: b.last, bytes, times: both(a.times, b.times) })
            });
            self.all = pairs.collect();
        }
    }

    /// The last one has so many bytes more.
    pub fn weigh(&mut self, bytes: u64) {
        if let Some(open) = self.all.last_mut() {
            open.bytes += bytes;
        }
    }

    /// The log has nothing any more up to this event.
    pub fn drop_to(&mut self, last: Seq) {
        self.all.retain(|block| block.last > last);
        if let Some(block) = self.all.first_mut() {
            block.first = block.first.max(last + 1);
        }
    }

    /// The event before the first block.
    pub fn begins(&self) -> Seq {
        self.all.first().map_or(0, |block| block.first - 1)
    }

    /// The earliest time.
    pub fn oldest(&self) -> Option<Millis> {
        self.all.iter().filter_map(|block| block.times).map(|(min, _)| min).min()
    }

    /// What has something after an event and within some times: after an event up to another, with how many events and bytes
    /// those are.
    pub fn reads(
        &self,
        after: Seq,
        within: impl Fn(Millis, Millis) -> bool,
    ) -> impl Iterator<Item = ((Seq, Seq), u64, u64)> {
        let from = self.all.partition_point(|block| block.last <= after);
        let left = self.all.get(from..).unwrap_or_default().iter();
        let wanted = left.filter(move |block| block.times.is_some_and(|(min, max)| within(min, max)));
        wanted.map(move |block| {
            let begins = after.max(block.first - 1);
            ((begins, block.last), block.last - begins, block.bytes)
        })
    }

    pub fn write(&self, w: &mut Writer) {
        w.varint(self.size);
        w.varint(self.all.len() as u64);
        w.varint(self.begins());
        let mut before = 0;
        for block in &self.all {
            w.varint(block.last + 1 - block.first);
            w.varint(block.bytes);
            w.u8(u8::from(block.times.is_some()));
            if let Some((min, max)) = block.times {
                w.zigzag(min.0 - before);
                w.varint(max.0.abs_diff(min.0));
                before = min.0;
            }
        }
    }

    pub fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let size = r.varint()?.max(1);
        let (count, mut last) = (r.count()?, r.varint()?);
        if count > limits::PAST_BLOCKS {
            return Err(DecodeError::Invalid("number of blocks"));
        }
        let (mut all, mut before) = (Vec::with_capacity(count), 0_i64);
        for _ in 0..count {
            let (events, bytes) = (r.varint()?, r.varint()?);
            let first = last + 1;
            last = last.checked_add(events).filter(|last| events > 0 && *last <= limits::SEQ_MAX).ok_or(WRONG)?;
            let times = if r.u8()? == 1 {
                let min = before.checked_add(r.zigzag()?).ok_or(WRONG)?;
                let max = min.checked_add_unsigned(r.varint()?).ok_or(WRONG)?;
                before = min;
                Some((Millis(min), Millis(max)))
            } else {
                None
            };
            all.push(Block { first, last, bytes, times });
        }
        Ok(Self { all, size })
    }
}

const WRONG: DecodeError = DecodeError::Invalid("block");

#[cfg(test)]
impl Blocks {
    pub fn of(size: u64) -> Self {
        Self { all: Vec::new(), size }
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }
}
