//! A key's events where later ones replace earlier ones or attempts are judged: all are kept, and what stands is
//! added up as they come and go, so that an event costs the logarithm of how many there are.

use super::acc::takes_least;
use super::pile::Pile;
use super::tasks::{TaskState, Tasks};
use super::{ScoreRules, Scored};
use crate::cursor::Seq;
use crate::scores::period::Span;
use crate::scores::points::Points;
use crate::scores::ranking::Reached;
use crate::scores::rule::Operator;
use std::collections::BTreeMap;

/// An event's place among those that replace each other: what a manager sent stands before what others sent, and a
/// later one before an earlier one. Events that replace nothing are each their own.
type Slot = (Option<u64>, bool, Seq);

/// One key's events.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::scores) struct Full {
    events: BTreeMap<Slot, Scored>,
    piles: Box<[Pile]>,
    tasks: Tasks,
    /// Events that count, stand, and are of these stretches.
    standing: usize,
    /// The stretches of time that count.
    span: Span,
    /// Whether events that others replaced were forgotten.
    forgot: bool,
}

/// Events of an entry that are kept: the one that stands, and some for when it is taken back.
const VERSIONS: usize = 3;

impl Full {
    pub fn new(rules: &ScoreRules, span: Span) -> Self {
        let piles = rules.columns.iter().map(|c| Pile::new(c.op, takes_least(c))).collect();
        Self { events: BTreeMap::new(), piles, tasks: Tasks::default(), standing: 0, span, forgot: false }
    }

    const fn slot(s: &Scored) -> Slot {
        (s.entry, s.by_manager, s.at.1)
    }

    /// The event that stands for an entry.
    fn top(&self, entry: u64) -> Option<&Scored> {
        self.of(entry).next_back()
    }

    /// The events of an entry.
    fn of(&self, entry: u64) -> impl DoubleEndedIterator<Item = &Scored> {
        self.events.range((Some(entry), false, Seq::MIN)..=(Some(entry), true, Seq::MAX)).map(|(_, s)| s)
    }

    /// Whether events that others replaced were forgotten.
    pub const fn forgot(&self) -> bool {
        self.forgot
    }

    /// Takes an event back that was packed; [`Full::settle`] comes after the last.
    pub fn restore(&mut self, scored: Scored) {
        self.events.insert(Self::slot(&scored), scored);
    }

    /// Adds up what stands of the events that were restored.
    pub fn settle(&mut self, forgot: bool) {
        self.forgot = forgot;
        let standing: Vec<Scored> = self.standing_events().cloned().collect();
        standing.iter().for_each(|s| self.put(s, true));
    }

    /// The events, in no order that means anything.
    pub fn events(&self) -> impl ExactSizeIterator<Item = &Scored> {
        self.events.values()
    }

    /// Counts an event. False: it does not count and replaces nothing.
    pub fn add(&mut self, scored: &Scored) -> bool {
        let Some(entry) = scored.entry else {
            if scored.counts {
                self.put(scored, true);
                self.events.insert(Self::slot(scored), scored.clone());
            }
            return scored.counts;
        };
        let before = self.top(entry).cloned();
        if !scored.counts && before.is_none() {
            return false;
        }
        match before {
            Some(before) if Self::slot(&before) > Self::slot(scored) => {}
            before => {
                before.iter().for_each(|b| self.put(b, false));
                self.put(scored, true);
            }
        }
        self.events.insert(Self::slot(scored), scored.clone());
        let own = (Some(entry), false, Seq::MIN)..=(Some(entry), true, Seq::MAX);
        if self.events.range(own.clone()).nth(VERSIONS).is_some()
            && let Some(oldest) = self.events.range(own).next().map(|(slot, _)| *slot)
        {
            self.events.remove(&oldest);
            self.forgot = true;
        }
        true
    }

    /// An event stands, or no more.
    fn put(&mut self, s: &Scored, there: bool) {
        if !s.counts || !self.span.has(s.bucket) {
            return;
        }
        self.standing = if there { self.standing + 1 } else { self.standing - 1 };
        for (pile, value) in self.piles.iter_mut().zip(&s.cells) {
            if let Some(value) = value {
                pile.put(*value, s.at, there);
            }
        }
        if let Some(attempt) = &s.attempt {
            self.tasks.put(attempt, s.at, there);
        }
    }

    /// Takes an event back: whether it counted. None when that is not known any more, or what it replaced.
    pub fn take_back(&mut self, seq: Seq) -> Option<bool> {
        let Some(slot) = self.events.keys().find(|slot| slot.2 == seq).copied() else {
            return (!self.forgot).then_some(false);
        };
        if self.forgot && slot.0.is_some_and(|entry| self.of(entry).count() == 1) {
            return None;
        }
        let stands = slot.0.is_none_or(|entry| self.top(entry).is_some_and(|top| top.at.1 == seq));
        let gone = self.events.remove(&slot)?;
        if stands {
            self.put(&gone, false);
            let next = slot.0.and_then(|entry| self.top(entry).cloned());
            next.iter().for_each(|s| self.put(s, true));
        }
        Some(gone.counts)
    }

    /// Other stretches of time count now. Those that are gone are forgotten, but not what was replaced since. False:
    /// nothing changes.
    pub fn advance(&mut self, span: Span) -> bool {
        let before = std::mem::replace(&mut self.span, span);
        if !self.events.values().any(|s| s.bucket < span.first || before.has(s.bucket) != span.has(s.bucket)) {
            return false;
        }
        let standing: Vec<Scored> = self.standing_events().cloned().collect();
        let (gone, come): (Vec<_>, Vec<_>) =
            standing.iter().filter(|s| before.has(s.bucket) != span.has(s.bucket)).partition(|s| before.has(s.bucket));
        self.span = before;
        gone.into_iter().for_each(|s| self.put(s, false));
        self.span = span;
        come.into_iter().for_each(|s| self.put(s, true));
        let kept: std::collections::HashSet<u64> =
            self.events.values().filter(|s| s.bucket >= span.first).filter_map(|s| s.entry).collect();
        self.events.retain(|_, s| s.bucket >= span.first || s.entry.is_some_and(|e| kept.contains(&e)));
        true
    }

    /// The events that no other has replaced.
    fn standing_events(&self) -> impl Iterator<Item = &Scored> {
        let mut later = self.events.iter().skip(1).map(|(slot, _)| slot.0);
        self.events.values().filter(move |s| {
            let next = later.next().flatten();
            s.entry.is_none() || next != s.entry
        })
    }

    /// Whether an event counts.
    pub const fn counts(&self) -> bool {
        self.standing > 0
    }

    /// How a task stands.
    pub fn task(&self, task: u64) -> TaskState {
        self.tasks.state(task)
    }

    /// The columns, each with when it was reached.
    pub fn columns<'f>(&'f self, rules: &'f ScoreRules) -> impl Iterator<Item = (Points, Reached)> + 'f {
        self.piles.iter().zip(&rules.columns).map(|(pile, column)| match (column.op, &rules.attempts) {
            (Operator::Solved, Some(_)) => self.tasks.solved(),
            (Operator::LastSolved, Some(_)) => self.tasks.last_solved(),
            (Operator::Penalty, Some(a)) => self.tasks.penalty(Points::of(a.wrong_minutes)),
            _ => pile.result(),
        })
    }
}
