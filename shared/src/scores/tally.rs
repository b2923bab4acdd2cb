//! One key's events, folded into columns.
//!
//! What can be kept as a few numbers is (a *lean* tally: every operation gives the same in every order of events).
//! Rules that let a later event replace an earlier one, or judge attempts, keep the key's events (a *full* tally).

use super::period::Span;
use super::points::Points;
use super::ranking::Reached;
use super::rule::ScoreRules;
pub use super::scored::{Attempt, EventView, Scored};
use crate::cursor::Seq;
use crate::time::Millis;

mod acc;
mod full;
mod moments;
pub(super) mod packed;
mod pile;
mod tasks;

use crate::codec::Writer;
pub(super) use acc::Acc;
use acc::takes_least;
pub(super) use full::Full;
use packed::{Parts, pack as pack_tally, unpack as unpack_tally};
pub(super) use tasks::TaskState;

/// A manager's correction of one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adjustment {
    /// Which column.
    pub column: u8,
    /// By how much.
    pub by: Points,
    /// When.
    pub at: Reached,
    /// The stretch of time it falls into.
    pub bucket: i64,
}

/// One key's events in one ranking.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    lean: Vec<(i64, Box<[Acc]>)>,
    full: Option<Box<Full>>,
    adjustments: Vec<Adjustment>,
    /// All of it, as a checkpoint had it, until it is needed.
    packed: Option<Box<Packed>>,
    /// The key's item ended and nothing came since: no row is shown, and none is written down.
    ended: bool,
}

/// A tally as bytes.
#[derive(Clone, Debug, PartialEq)]
struct Packed {
    /// The first stretch of time that it has.
    earliest: i64,
    bytes: Box<[u8]>,
}

impl Tally {
    /// A tally from a checkpoint.
    pub(super) fn packed(earliest: i64, bytes: &[u8]) -> Self {
        Self { packed: Some(Box::new(Packed { earliest, bytes: bytes.into() })), ..Self::default() }
    }

    /// A tally of a key whose item has ended: nothing that came before counts.
    pub(super) fn ended() -> Self {
        Self { ended: true, ..Self::default() }
    }

    /// Whether the key's item has ended, and nothing came since.
    pub(super) const fn has_ended(&self) -> bool {
        self.ended
    }

    /// Something came for the key: it has a row again.
    pub(super) const fn begin(&mut self) {
        self.ended = false;
    }

    /// Packs it for a checkpoint.
    pub(super) fn write(&self, w: &mut Writer) {
        if let Some(packed) = &self.packed {
            w.zigzag(packed.earliest);
            w.blob(&packed.bytes);
            return;
        }
        let (earliest, bytes) = pack_tally(&self.lean, self.full.as_deref(), &self.adjustments);
        w.zigzag(earliest);
        w.blob(&bytes);
    }

    fn unpack(&mut self, rules: &ScoreRules, span: Span) {
        if let Some(packed) = self.packed.take() {
            // A checkpoint is read only when its sum is right, so these bytes are what was packed.
            if let Ok(Parts { lean, full, adjustments }) = unpack_tally(&packed.bytes, rules, span) {
                (self.lean, self.full, self.adjustments) = (lean, full, adjustments);
            }
        }
    }

    /// Counts an event; `span` is the stretches of time that count. False: it does not count and replaces nothing.
    pub fn add(&mut self, rules: &ScoreRules, scored: &Scored, span: Span) -> bool {
        self.unpack(rules, span);
        if rules.is_full() {
            return self.full.get_or_insert_with(|| Box::new(Full::new(rules, span))).add(scored);
        }
        let at = match self.lean.binary_search_by_key(&scored.bucket, |(b, _)| *b) {
            Ok(at) => at,
            Err(at) => {
                // Mostly there is one and no more: every byte is there for each key of each ranking.
                if self.lean.is_empty() {
                    self.lean.reserve_exact(1);
                }
                self.lean.insert(at, (scored.bucket, vec![Acc::Empty; rules.columns.len()].into()));
                at
            }
        };
        let accs = self.lean.get_mut(at).map(|(_, accs)| accs.iter_mut()).into_iter().flatten();
        for ((acc, column), value) in accs.zip(&rules.columns).zip(&scored.cells) {
            if let Some(value) = value {
                acc.merge(&Acc::of(column.op, *value, scored.at), takes_least(column));
            }
        }
        true
    }

    /// Corrects a column.
    pub fn adjust(&mut self, rules: &ScoreRules, adjustment: Adjustment, span: Span) {
        self.unpack(rules, span);
        self.adjustments.push(adjustment);
    }

    /// Takes an event back: whether it counted. None when the tally can't: it is lean, and must be made anew from
    /// the log.
    pub fn take_back(&mut self, rules: &ScoreRules, seq: Seq, span: Span) -> Option<bool> {
        if !rules.is_full() {
            return None;
        }
        self.unpack(rules, span);
        self.full.as_mut().map_or(Some(false), |full| full.take_back(seq))
    }

    /// Other stretches of time count now than `before`: those that are gone are forgotten, but not what was replaced
    /// since. `early`: there may be some that had come before their time. False: nothing changes.
    pub fn advance(&mut self, rules: &ScoreRules, before: Span, span: Span, early: bool) -> bool {
        if !early && self.packed.as_ref().is_some_and(|packed| packed.earliest >= span.first) {
            return false;
        }
        // What is too old is taken out of what was counted: it must have been counted first.
        self.unpack(rules, before.until());
        let full = self.full.as_mut().is_some_and(|full| full.advance(span));
        let began = |bucket: i64| bucket > before.last && bucket <= span.last;
        let is_new = |bucket: i64| bucket < span.first || began(bucket);
        let changed = self.lean.iter().any(|(bucket, _)| is_new(*bucket))
            || self.adjustments.iter().any(|a| is_new(a.bucket))
            || full;
        if changed {
            self.lean.retain(|(bucket, _)| *bucket >= span.first);
            self.adjustments.retain(|a| a.bucket >= span.first);
        }
        changed
    }

    /// The latest stretch of time that it has something of; none when it is packed or empty.
    pub fn latest(&self) -> Option<i64> {
        let full = self.full.iter().flat_map(|full| full.events()).map(|s| s.bucket);
        self.lean.iter().map(|(bucket, _)| *bucket).chain(full).chain(self.adjustments.iter().map(|a| a.bucket)).max()
    }

    /// How each of the rules' tasks stands.
    pub fn tasks(&self, rules: &ScoreRules, span: Span) -> Vec<TaskState> {
        let unpacked = self.packed.as_ref().and_then(|packed| unpack_tally(&packed.bytes, rules, span).ok());
        let full = unpacked.as_ref().map_or(self.full.as_deref(), |parts| parts.full.as_deref());
        rules.task_hashes().map(|task| full.map(|full| full.task(task)).unwrap_or_default()).collect()
    }

    /// The columns over these stretches of time, and when they were reached. None when nothing was counted.
    pub fn result(&mut self, rules: &ScoreRules, span: Span) -> Option<(Vec<Points>, Reached)> {
        self.unpack(rules, span);
        let adjustments = || self.adjustments.iter().filter(|a| span.has(a.bucket));
        let mut reached = Reached::default();
        let mut values: Vec<Points> = Vec::with_capacity(rules.columns.len());
        let mut take = |(value, at): (Points, Reached)| {
            values.push(value);
            reached = reached.max(at);
        };
        let counted = if let Some(full) = &self.full {
            full.columns(rules).for_each(take);
            full.counts()
        } else {
            let lean: Vec<&[Acc]> =
                self.lean.iter().filter(|(bucket, _)| span.has(*bucket)).map(|(_, a)| &**a).collect();
            let mut merged = Vec::new();
            let columns: &[Acc] = if let [only] = lean.as_slice() {
                only
            } else {
                merged.resize(rules.columns.len(), Acc::Empty);
                for accs in &lean {
                    for ((acc, other), column) in merged.iter_mut().zip(*accs).zip(&rules.columns) {
                        acc.merge(other, takes_least(column));
                    }
                }
                &merged
            };
            columns.iter().for_each(|acc| take(acc.result()));
            !lean.is_empty()
        };
        if !counted && adjustments().next().is_none() {
            return None;
        }
        for a in adjustments() {
            if let Some(value) = values.get_mut(usize::from(a.column)) {
                *value = Points::clamp(i128::from(value.0) + i128::from(a.by.0));
                reached = reached.max(a.at);
            }
        }
        Some((values, reached))
    }
}

/// The beginning of a key's life in a ranking: nothing counted, last among equals.
pub const NOT_YET: Reached = Reached(Millis(i64::MAX), Seq::MAX);

#[cfg(test)]
mod tests;
