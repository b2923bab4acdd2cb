//! The board as it was: its items as of a place of the log, or as of a time.
//!
//! The past is made from the log, so it costs what is read of it. Two things make that little. *Frames* are copies of the items
//! that are kept now and then: what is made begins with one of them and not with the log's first event. And of each stretch of
//! the log, a *block*, it is known from when to when its events are: what is later than the time that is asked for is not read.
//!
//! As of a time means all events with an event time up to then, as known now: one that came late counts where its time says. So
//! a frame serves for a time only when nothing in it is later.

mod at;
mod blocks;
mod frames;
mod ground;
mod rebuild;
mod stored;
#[cfg(test)]
mod tests;

pub use at::At;
pub use frames::Frame;
pub use ground::{Ground, shows};
pub use rebuild::Rebuild;
pub use stored::FrameReader;

use self::blocks::Blocks;
use self::frames::Frames;
use crate::codec::{Batch, DecodeError};
use crate::cursor::{Cursor, Seq};
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::projection::{Change, Changes, Entry, Need, Piece, Projection, Range, Said};
use crate::scores::control::{Action, Control};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// What is known of a board's past: a projection of the log.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The last event that it has seen.
    seen: Seq,
    /// As of which event it is stored.
    stored: Seq,
    /// The log has everything after this event.
    from: Seq,
    blocks: Blocks,
    frames: Frames,
    /// The latest time of all that it has seen.
    newest: Option<Millis>,
    /// When the first row came that it has seen.
    began: Option<Millis>,
    /// Bytes of the log since the last frame, and when the last row came.
    bytes: u64,
    at: Millis,
    /// Rows since it was stored.
    rows: usize,
    /// Whether it changed by something that the log does not tell.
    unsaved: bool,
    restored: bool,
}

/// The times for which a board can be asked how it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Span {
    /// The earliest.
    pub from: Millis,
    /// The latest: that of the newest event.
    pub to: Millis,
}

/// How the past is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The frame that it begins with; nothing else than an empty board where there is none.
    pub frame: Option<Range>,
    /// The event that the frame is as of.
    pub begins: Seq,
    /// What is then read of the log: after an event, up to another.
    pub reads: Vec<(Seq, Seq)>,
    /// How many events those are, at most.
    pub events: u64,
    /// Nothing of after this event counts.
    pub upto: Seq,
}

impl Plan {
    /// The same for whoever has the items as of a later event than it begins with.
    #[must_use]
    pub fn after(self, seq: Seq) -> Self {
        let reads = self.reads.into_iter().filter(|(_, upto)| *upto > seq);
        let reads: Vec<(Seq, Seq)> = reads.map(|(after, upto)| (after.max(seq), upto)).collect();
        let left = reads.iter().map(|(after, upto)| upto - after).sum::<u64>();
        Self { frame: None, begins: seq, events: self.events.min(left), reads, upto: self.upto }
    }
}

impl Past {
    /// The past of a board that was just restored, whose items are as of `seq`: where nothing of it was stored, it begins there.
    pub fn begin(&mut self, seq: Seq) {
        if !self.restored {
            (self.seen, self.stored, self.from) = (seq, seq, seq);
        }
    }

    /// The log has nothing any more up to this event. The shell writes a checkpoint with that.
    pub fn pruned(&mut self, last: Seq) {
        if last > self.from {
            self.from = last;
            self.blocks.drop_to(last);
            self.frames.drop_before(last);
            self.unsaved = true;
        }
    }

    /// The last event that the log no longer has; 0 where it is whole.
    pub const fn kept_after(&self) -> Seq {
        self.from
    }

    /// The times for which it can be asked; none where there are none.
    pub fn span(&self) -> Option<Span> {
        let first = if self.from == 0 { self.blocks.oldest() } else { self.frames.first()?.newest };
        let (from, to) = (first?, self.newest?);
        Some(Span { from: from.min(to), to })
    }

    /// Which parts of the log may have events between two times, after an event: after an event, up to another.
    pub fn reads(&self, after: Seq, from: Option<Millis>, to: Option<Millis>) -> Vec<(Seq, Seq)> {
        // Of what lies before it nothing is known.
        let begins = after.max(self.from);
        let mut reads: Vec<(Seq, Seq)> = Vec::new();
        push(&mut reads, (after, begins));
        let within = |min: Millis, max: Millis| from.is_none_or(|from| max >= from) && to.is_none_or(|to| min < to);
        self.blocks.reads(begins, within).for_each(|(read, _, _)| push(&mut reads, read));
        push(&mut reads, (self.seen.max(after), limits::SEQ_MAX));
        reads
    }

    /// How the board is made as it was; `head` is where it is now.
    ///
    /// # Errors
    /// `past_gone` before what is kept, `cursor_gone` for a cursor of another life or ahead of the board, and
    /// `invalid_parameter` where more of the log would have to be read than one question may.
    pub fn plan(&self, at: At, head: Cursor, ground: Ground) -> Result<Plan, Problem> {
        let (upto, until) = match at {
            At::Cursor(c) if c.epoch == head.epoch && c.seq <= head.seq => (c.seq, None),
            At::Cursor(_) => {
                let detail = "at is of another life of this board, or ahead of it";
                return Err(Problem::new(Code::CursorGone, detail));
            }
            At::Time(time) => (head.seq, Some(time)),
        };
        let (most, base) = match ground {
            Ground::Frames(before) => (Some(before), self.from == 0),
            Ground::Log { whole } => (None, !whole || self.from == 0),
        };
        let serves = |seq: Seq, newest: Option<Millis>| {
            let early = |limit: Millis| newest.is_none_or(|newest| newest < limit);
            seq <= upto && until.is_none_or(|until| early(until.plus(1))) && most.flatten().is_none_or(early)
        };
        let frame = most.and_then(|_| self.frames.latest(serves));
        let begins = match frame {
            Some(frame) => frame.seq,
            None if base && self.from <= upto => self.from,
            None => return Err(self.gone()),
        };
        let is_early = |until: Millis| self.span().is_none_or(|span| until < span.from);
        if frame.is_none() && self.from > 0 && until.is_some_and(is_early) {
            return Err(self.gone());
        }
        let (mut reads, mut events, mut bytes) = (Vec::new(), 0, 0);
        let within = |min: Millis, _| until.is_none_or(|until| min <= until);
        for (read, there, size) in self.blocks.reads(begins, within) {
            if read.0 >= upto {
                break;
            }
            push(&mut reads, (read.0, read.1.min(upto)));
            events += there;
            bytes += size;
        }
        if events > limits::PAST_READ_EVENTS || bytes > limits::PAST_READ_BYTES {
            let message = format!("at needs {events} events of the log to be read, more than one question may");
            return Err(Problem::about(400, FieldError::new("at", Code::InvalidParameter, message)));
        }
        Ok(Plan { frame: frame.map(Frame::pieces), begins, reads, events, upto })
    }

    /// The last event that had arrived by a time, of a board that is at `head`. `row_after` finds the first row of the log
    /// after an event: its last event, and when it came.
    ///
    /// Rows arrive in their order, so it is looked for by halves: some twenty of them are looked at.
    ///
    /// # Errors
    /// `past_gone` where all that the log still has came later, and what went before it is not known. Those of `row_after`.
    pub fn arrived_by<E: From<Problem>>(
        &self,
        time: Millis,
        head: Seq,
        mut row_after: impl FnMut(Seq) -> Result<Option<(Seq, Millis)>, E>,
    ) -> Result<Seq, E> {
        if self.began.is_some() && self.at <= time {
            return Ok(head);
        }
        let early = self.frames.all().iter().filter(|frame| frame.at <= time && frame.seq >= self.from);
        let known = early.map(|frame| frame.seq).max().or((self.from == 0).then_some(0));
        // Nothing after `low` is known to be early; all rows that end after `high` are late.
        let (mut low, mut high) = (known.unwrap_or(self.from).min(head), head);
        let mut is_known = known.is_some();
        while low < high {
            let middle = low + (high - low) / 2;
            match row_after(middle)?.filter(|(_, at)| *at <= time) {
                Some((last, _)) => (low, is_known) = (last.min(high).max(middle + 1), true),
                None => high = middle,
            }
        }
        if is_known { Ok(low) } else { Err(self.gone().into()) }
    }

    fn gone(&self) -> Problem {
        let detail = match self.span() {
            Some(span) => format!("what was so long ago is not kept; ask for {} or later", span.from.to_rfc3339()),
            None => "nothing is kept yet of how the board was".to_owned(),
        };
        Problem::new(Code::PastGone, detail)
    }

    /// Takes events of the log that came at `at`, in `bytes` bytes. Rows come in order.
    pub fn events(&mut self, batch: &Batch<'_>, first: Seq, bytes: usize, at: Millis) {
        let rows = (0..batch.len()).filter(|row| !batch.is_hole(*row));
        let times = rows.filter_map(|row| batch.times.get(row).copied());
        let times = times.fold(None, |span: Option<(Millis, Millis)>, t| {
            Some(span.map_or((t, t), |(min, max)| (min.min(t), max.max(t))))
        });
        self.row((first, first + batch.len() as u64 - 1), bytes, at, times);
    }

    /// So many bytes more are in the rows that came last.
    pub fn weigh(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        self.blocks.weigh(bytes as u64);
    }

    /// Takes a control of the log that came at `at`.
    pub fn control(&mut self, seq: Seq, control: &Control, bytes: usize, at: Millis) {
        let times = matches!(control.what, Action::EndItems { .. }).then_some((control.at, control.at));
        self.row((seq, seq), bytes, at, times);
    }

    fn row(&mut self, (first, last): (Seq, Seq), bytes: usize, at: Millis, times: Option<(Millis, Millis)>) {
        self.newest = self.newest.max(times.map(|(_, max)| max));
        self.blocks.add(first, last, bytes as u64, times);
        (self.seen, self.at) = (last, at);
        self.began = self.began.or(Some(at));
        self.bytes += bytes as u64;
        self.rows += 1;
    }
}

/// Adds a stretch of the log to others, as one with the last where it goes on from there.
fn push(reads: &mut Vec<(Seq, Seq)>, (after, upto): (Seq, Seq)) {
    match reads.last_mut() {
        _ if after >= upto => {}
        Some(last) if last.1 >= after => last.1 = upto,
        _ => reads.push((after, upto)),
    }
}

impl Projection for Past {
    fn reads_after(&self) -> Option<Seq> {
        Some(self.seen)
    }

    fn apply(&mut self, entry: &Entry<'_>) -> Result<(), DecodeError> {
        if entry.first > self.seen + 1 {
            // The log lacks what it has not seen: an older build has pruned it.
            self.frames.drop_before(Seq::MAX);
            (self.blocks, self.newest, self.bytes) = (Blocks::default(), None, 0);
            (self.from, self.unsaved) = (entry.first - 1, true);
        }
        match &entry.said {
            Said::Events(batch) => self.events(batch, entry.first, entry.bytes, entry.at),
            Said::Control(control) => self.control(entry.last, control, entry.bytes, entry.at),
        }
        Ok(())
    }

    fn floor(&self) -> Seq {
        self.stored
    }

    fn checkpoint(&mut self, need: Need) -> Changes<'_> {
        let is_due = match need {
            Need::Due => self.unsaved || self.rows >= limits::CHECKPOINT_ROWS,
            Need::Room => self.has_more(),
        };
        let changes = is_due.then(|| self.frames.gone().map(Change::Drop).chain([self.state()]).collect::<Vec<_>>());
        Box::new(changes.into_iter().flatten())
    }

    fn has_more(&self) -> bool {
        self.unsaved || self.seen > self.stored
    }

    fn stored(&mut self) {
        (self.stored, self.rows, self.unsaved) = (self.seen, 0, false);
        self.frames.are_gone();
    }

    // Where it is not stored, `not_stored` is false: the items must not be written before it either.

    fn pieces(&self) -> Vec<Range> {
        vec![stored::STATE]
    }

    fn restore(&mut self, piece: Piece) -> Result<(), DecodeError> {
        self.read(&piece)
    }
}
