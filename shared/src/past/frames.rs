//! Copies of the items as they were. Their number is bounded: those that are thinned out are the ones without which the way to
//! the next one is shortest.

use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::Seq;
use crate::limits;
use crate::projection::{Range, Table};
use crate::time::Millis;

/// Numbers of the pieces of a frame: more than items may have.
const TURN: u64 = 1 << 16;

/// Where a frame is stored. What there is besides stands before the first.
const fn frame_pieces(number: u64) -> Range {
    let first = (number + 1) * TURN;
    (Table::Past, first..=first + TURN - 1)
}

/// A copy of the items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its number: never given again.
    pub(super) number: u64,
    /// As of which event.
    pub(super) seq: Seq,
    /// The latest time that is in it.
    pub(super) newest: Option<Millis>,
    /// When it was made.
    pub(super) at: Millis,
}

impl Frame {
    /// Where it is stored.
    pub const fn pieces(&self) -> Range {
        frame_pieces(self.number)
    }

    /// As of which event it is.
    pub const fn seq(&self) -> Seq {
        self.seq
    }
}

/// All of them, in the order of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frames {
    all: Vec<Frame>,
    next: u64,
    /// Those that are to be taken out of the store.
    gone: Vec<u64>,
}

impl Frames {
    pub fn first(&self) -> Option<&Frame> {
        self.all.first()
    }

    pub fn last(&self) -> Option<&Frame> {
        self.all.last()
    }

    pub fn all(&self) -> &[Frame] {
        &self.all
    }

    /// The latest one that serves.
    pub fn latest(&self, serves: impl Fn(Seq, Option<Millis>) -> bool) -> Option<&Frame> {
        self.all.iter().rev().find(|frame| serves(frame.seq, frame.newest))
    }

    /// Adds one.
    pub fn add(&mut self, seq: Seq, newest: Option<Millis>, at: Millis) -> Frame {
        let frame = Frame { number: self.next, seq, newest, at };
        self.next += 1;
        self.all.push(frame);
        if self.all.len() > limits::PAST_FRAMES {
            let gap = |w: &[Frame]| w.last().map_or(0, |f| f.seq) - w.first().map_or(0, |f| f.seq);
            // Neither the first nor the last goes.
            let least = self.all.windows(3).enumerate().min_by_key(|(_, w)| gap(w)).map_or(1, |(i, _)| i + 1);
            self.gone.push(self.all.remove(least).number);
        }
        frame
    }

    /// The last one was not stored.
    pub fn take_back(&mut self) {
        self.all.pop();
    }

    /// Those before an event are of no use.
    pub fn drop_before(&mut self, seq: Seq) {
        let old = self.all.iter().take_while(|frame| frame.seq < seq).count();
        self.gone.extend(self.all.drain(..old).map(|frame| frame.number));
    }

    /// Where those lie that are to be taken out of the store.
    pub fn gone(&self) -> impl Iterator<Item = Range> + '_ {
        self.gone.iter().copied().map(frame_pieces)
    }

    /// They are taken out of it.
    pub fn are_gone(&mut self) {
        self.gone.clear();
    }

    pub fn write(&self, w: &mut Writer) {
        w.varint(self.next);
        w.varint(self.all.len() as u64);
        for frame in &self.all {
            w.varint(frame.number);
            w.varint(frame.seq);
            w.zigzag(frame.at.0);
            w.u8(u8::from(frame.newest.is_some()));
            frame.newest.iter().for_each(|t| w.zigzag(t.0));
        }
    }

    pub fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (next, count) = (r.varint()?, r.count()?);
        if count > limits::PAST_FRAMES {
            return Err(DecodeError::Invalid("number of frames"));
        }
        let mut all: Vec<Frame> = Vec::with_capacity(count);
        for _ in 0..count {
            let (number, seq, at) = (r.varint()?, r.varint()?, Millis(r.zigzag()?));
            let newest = if r.u8()? == 1 { Some(Millis(r.zigzag()?)) } else { None };
            if number >= next || all.last().is_some_and(|before| before.seq > seq) {
                return Err(DecodeError::Invalid("order of frames"));
            }
            all.push(Frame { number, seq, newest, at });
        }
        Ok(Self { all, next, gone: Vec::new() })
    }
}
