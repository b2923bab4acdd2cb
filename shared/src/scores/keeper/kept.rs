//! Checkpoints of the ranking, so that a restart does not grow with the log: the ranking as bytes, in pieces below the
//! limit of a row, written a few at a time. What was written before holds until the last piece of the next is there.

use super::{Keeper, Rebuild};
use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::Seq;
use crate::limits;
use crate::scores::scoreboard::Scoreboard;
use crate::time::Millis;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

const VERSION: u8 = 1;
/// Pieces of one checkpoint have numbers beside each other; two checkpoints take turns.
pub(super) const TURN: u64 = 1 << 32;
/// Events after a checkpoint before the next one is written, at least.
const EVENTS_LEAST: u64 = 5_000;
/// And one for so many of its bytes: writing costs no more than counting did.
const BYTES_PER_EVENT: u64 = 128;

/// How pieces change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PieceChange {
    /// A piece is this now.
    Put(u64, Vec<u8>),
    /// Pieces from one number to another are gone.
    Drop(u64, u64),
    /// Pieces are copied to others.
    Copy {
        /// From this number
        first: u64,
        /// to this one,
        last: u64,
        /// the first of them to this.
        to: u64,
    },
}

/// A checkpoint that is being written.
struct Writing {
    bytes: Vec<u8>,
    at: usize,
    pieces: u64,
    floor: Seq,
    newest: Option<Millis>,
}

/// The last checkpoint, as far as it is stored.
#[derive(Clone, Copy)]
struct Last {
    pieces: u64,
    sum: u64,
    newest: Option<Millis>,
}

/// How far checkpoints are.
#[derive(Default)]
pub(super) struct Kept {
    /// Up to here the last one goes.
    floor: Seq,
    /// Whose turn it was.
    turn: u64,
    bytes: u64,
    last: Option<Last>,
    /// Floor, turn and bytes before the last change, and what was last then.
    before: (Seq, u64, u64, Option<Last>),
    writing: Option<Writing>,
    /// The last event that the ranking has seen.
    pub seen: Seq,
    /// What came since can't be taken from the log again in the time of a restart.
    pub urgent: bool,
}

impl Kept {
    /// The ranking is another one now: what is being written is of no use.
    pub fn restart(&mut self) {
        self.writing = None;
        self.urgent = true;
    }

    /// The last checkpoint: its turn, how many pieces, up to where, their sum, the latest event time.
    pub fn last(&self) -> Option<(u64, u64, Seq, u64, Option<Millis>)> {
        self.last.map(|l| (self.turn, l.pieces, self.floor, l.sum, l.newest))
    }
}

pub(super) fn sum(bytes: &[u8]) -> u64 {
    let mut h = SipHasher13::new();
    h.write(bytes);
    h.finish()
}

impl Keeper {
    /// Up to this event the last checkpoint goes.
    pub const fn floor(&self) -> Seq {
        self.kept.floor
    }

    /// Whether the last checkpoint lacks something that the ranking has seen.
    pub(super) const fn is_unwritten(&self) -> bool {
        self.board.is_some() && self.rebuild.is_none() && self.kept.floor < self.kept.seen
    }

    /// The ranking in the making can't go on: it is to begin anew.
    pub(super) fn drop_rebuild(&mut self) {
        self.rebuild = None;
    }

    /// What of a checkpoint is due to be written, of about so many bytes; empty when nothing is. The shell writes it in
    /// one transaction; when it can't, it loads the board anew.
    pub fn checkpoint(&mut self, budget: usize) -> Vec<PieceChange> {
        let Some(board) = self.board.as_ref().filter(|_| self.rebuild.is_none()) else { return Vec::new() };
        let kept = &mut self.kept;
        let most = EVENTS_LEAST.max(kept.bytes / BYTES_PER_EVENT);
        let due = kept.urgent || kept.seen.saturating_sub(kept.floor) >= most;
        if kept.writing.is_none() && !due {
            return Vec::new();
        }
        let seen = kept.seen;
        let begin = || Writing { bytes: board.to_bytes(), at: 0, pieces: 0, floor: seen, newest: board.newest() };
        let writing = kept.writing.get_or_insert_with(begin);
        kept.urgent = false;
        let turn = 1 - kept.turn;
        let (mut changes, mut written) = (Vec::new(), 0);
        while written < budget.max(1) && writing.at < writing.bytes.len() {
            let end = writing.bytes.len().min(writing.at + limits::RANKING_PIECE_BYTES.min(budget.max(1)));
            let piece = writing.bytes.get(writing.at..end).unwrap_or_default().to_vec();
            changes.push(PieceChange::Put((turn + 1) * TURN + writing.pieces, piece));
            written += end - writing.at;
            (writing.at, writing.pieces) = (end, writing.pieces + 1);
        }
        if writing.at >= writing.bytes.len() {
            let mut w = Writer::with_capacity(32);
            w.u8(VERSION);
            w.varint(turn);
            w.varint(writing.pieces);
            w.varint(writing.floor);
            let sum = sum(&writing.bytes);
            w.raw(&sum.to_le_bytes());
            changes.push(PieceChange::Put(0, w.finish()));
            changes.push(PieceChange::Drop((turn + 1) * TURN + writing.pieces, (turn + 2) * TURN - 1));
            changes.push(PieceChange::Drop((kept.turn + 1) * TURN, (kept.turn + 2) * TURN - 1));
            kept.before = (kept.floor, kept.turn, kept.bytes, kept.last);
            kept.last = Some(Last { pieces: writing.pieces, sum, newest: writing.newest });
            (kept.floor, kept.turn, kept.bytes) = (writing.floor, turn, writing.bytes.len() as u64);
            kept.writing = None;
        }
        changes
    }

    /// The last changes could not be written: the checkpoint begins anew, at another time.
    pub fn checkpoint_failed(&mut self) {
        if self.kept.writing.is_none() {
            (self.kept.floor, self.kept.turn, self.kept.bytes, self.kept.last) = self.kept.before;
        }
        self.kept.writing = None;
    }

    /// A checkpoint is due whatever came since the last one.
    pub const fn want_checkpoint(&mut self) {
        self.kept.urgent = true;
    }

    /// Takes the pieces of a checkpoint, in the order of their numbers. True: the ranking goes on from there, and is up
    /// once it has been fed what came after [`Keeper::rebuilt_upto`]. False: it is made from the log.
    pub fn restore(&mut self, pieces: &[(u64, Vec<u8>)]) -> bool {
        self.find_bases(pieces);
        self.read(pieces).unwrap_or(false)
    }

    fn read(&mut self, pieces: &[(u64, Vec<u8>)]) -> Result<bool, DecodeError> {
        let Some((0, header)) = pieces.first() else { return Ok(false) };
        let mut r = Reader::new(header);
        if r.u8()? != VERSION {
            return Ok(false);
        }
        let (turn, count, floor) = (r.varint()?, r.varint()?, r.varint()?);
        let begin = turn.saturating_add(1).saturating_mul(TURN);
        let own: Vec<&Vec<u8>> = pieces
            .iter()
            .filter(|(id, _)| (begin..begin.saturating_add(count)).contains(id))
            .map(|(_, bytes)| bytes)
            .collect();
        let bytes = match own.as_slice() {
            [one] => std::borrow::Cow::Borrowed(one.as_slice()),
            many => std::borrow::Cow::Owned(many.iter().flat_map(|b| b.iter().copied()).collect()),
        };
        self.kept.turn = turn & 1;
        if turn > 1 || own.len() as u64 != count || r.take(8)? != sum(&bytes).to_le_bytes() {
            return Ok(false);
        }
        let timeline = self.timeline.upto(floor);
        if timeline.rules != self.settings.scores || self.timeline.rules != self.settings.scores {
            return Ok(false);
        }
        let Some(board) = Scoreboard::from_bytes(&bytes, timeline)? else { return Ok(false) };
        self.kept.last = Some(Last { pieces: count, sum: sum(&bytes), newest: board.newest() });
        self.rebuild = Some(Rebuild { board, seq: floor, new_rules: false, goes_on: true });
        (self.kept.floor, self.kept.bytes) = (floor, bytes.len() as u64);
        Ok(true)
    }
}
