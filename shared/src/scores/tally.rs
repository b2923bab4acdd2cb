//! One key's events, folded into columns.
//!
//! What can be kept as a few numbers is (a *lean* tally: every operation gives the same in every order of events).
//! Rules that let a later event replace an earlier one, or judge attempts, keep the key's events (a *full* tally).

use super::points::Points;
use super::ranking::Reached;
use super::rule::{Operator, ScoreRules};
pub use super::scored::{Attempt, EventView, Scored};
use crate::cursor::Seq;
use crate::time::Millis;
use std::collections::{HashMap, HashSet};

mod acc;
mod tasks;

use acc::{Acc, takes_least};
use tasks::Tasks;

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
    full: Vec<Scored>,
    adjustments: Vec<Adjustment>,
}

impl Tally {
    /// Counts an event. False: it does not count and replaces nothing.
    pub fn add(&mut self, rules: &ScoreRules, scored: &Scored) -> bool {
        if rules.is_full() {
            let counts = scored.counts || self.full.iter().any(|s| s.entry == scored.entry);
            if counts {
                self.full.push(scored.clone());
            }
            return counts;
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
    pub fn adjust(&mut self, adjustment: Adjustment) {
        self.adjustments.push(adjustment);
    }

    /// Takes an event back: whether it counted. None when the tally can't: it is lean, and must be made anew from
    /// the log.
    pub fn take_back(&mut self, rules: &ScoreRules, seq: Seq) -> Option<bool> {
        if !rules.is_full() {
            return None;
        }
        let counted = self.full.iter().any(|s| s.at.1 == seq && s.counts);
        self.full.retain(|s| s.at.1 != seq);
        Some(counted)
    }

    /// Forgets stretches of time that will not be looked at again, but not what was replaced since. False: there were
    /// none.
    pub fn forget(&mut self, before: i64) -> bool {
        let old = self.lean.iter().any(|(bucket, _)| *bucket < before)
            || self.adjustments.iter().any(|a| a.bucket < before)
            || self.full.iter().any(|s| s.bucket < before);
        if !old {
            return false;
        }
        self.lean.retain(|(bucket, _)| *bucket >= before);
        self.adjustments.retain(|a| a.bucket >= before);
        let kept: HashSet<u64> = self.full.iter().filter(|s| s.bucket >= before).filter_map(|s| s.entry).collect();
        self.full.retain(|s| s.bucket >= before || s.entry.is_some_and(|e| kept.contains(&e)));
        true
    }

    /// The columns over the stretches of time from `from` on, and when they were reached. None when nothing was counted.
    pub fn result(&self, rules: &ScoreRules, from: i64) -> Option<(Vec<Points>, Reached)> {
        let adjustments = || self.adjustments.iter().filter(|a| a.bucket >= from);
        let mut counted = adjustments().next().is_some();
        let mut merged = vec![Acc::Empty; rules.columns.len()];
        let lean: Vec<&[Acc]> = self.lean.iter().filter(|(bucket, _)| *bucket >= from).map(|(_, a)| &**a).collect();
        counted |= !lean.is_empty();
        if lean.len() > 1 {
            for accs in &lean {
                for ((acc, other), column) in merged.iter_mut().zip(*accs).zip(&rules.columns) {
                    acc.merge(other, takes_least(column));
                }
            }
        }
        let mut tasks = Tasks::default();
        for s in self.standing_events().into_iter().filter(|s| s.bucket >= from) {
            counted = true;
            for ((acc, column), value) in merged.iter_mut().zip(&rules.columns).zip(&s.cells) {
                if let Some(value) = value {
                    acc.merge(&Acc::of(column.op, *value, s.at), takes_least(column));
                }
            }
            tasks.attempt(s);
        }
        if !counted {
            return None;
        }
        let mut reached = Reached::default();
        let mut values: Vec<Points> = Vec::with_capacity(rules.columns.len());
        let columns: &[Acc] = if let [only] = lean.as_slice() { only } else { &merged };
        for (acc, column) in columns.iter().zip(&rules.columns) {
            let (value, at) = match (column.op, &rules.attempts) {
                (Operator::Solved, Some(_)) => tasks.solved(),
                (Operator::Penalty, Some(a)) => tasks.penalty(Points::of(a.wrong_minutes)),
                _ => acc.result(),
            };
            values.push(value);
            reached = reached.max(at);
        }
        for a in adjustments() {
            if let Some(value) = values.get_mut(usize::from(a.column)) {
                *value = Points::clamp(i128::from(value.0) + i128::from(a.by.0));
                reached = reached.max(a.at);
            }
        }
        Some((values, reached))
    }

    /// The events that count, in event time, without those that were replaced.
    fn standing_events(&self) -> Vec<&Scored> {
        let mut newest: HashMap<u64, Seq> = HashMap::new();
        for s in &self.full {
            if let Some(entry) = s.entry {
                let seq = newest.entry(entry).or_default();
                *seq = (*seq).max(s.at.1);
            }
        }
        let stands = |s: &&Scored| s.counts && s.entry.is_none_or(|e| newest.get(&e) == Some(&s.at.1));
        let mut list: Vec<&Scored> = self.full.iter().filter(stands).collect();
        list.sort_by_key(|s| s.at);
        list
    }
}

/// The beginning of a key's life in a ranking: nothing counted, last among equals.
pub const NOT_YET: Reached = Reached(Millis(i64::MAX), Seq::MAX);
