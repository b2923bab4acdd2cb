//! The rankings of one audience: one for each session and group, and one over all.

use super::firsts::{FirstToSolve, Firsts};
use super::period::Span;
use super::ranking::{RankRule, Ranking, Reached, RowId};
use super::rule::{ScoreRules, TimeWindow};
use super::session::SessionIndex;
use super::tally::{Adjustment, NOT_YET, Scored, Tally, TaskState};
use crate::cursor::Seq;
use crate::limits;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Which ranking.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// Events of this session; none: of all.
    pub session: Option<SessionIndex>,
    /// Events of this group: the grouping's number and the value.
    pub group: Option<(u8, Arc<str>)>,
}

impl Scope {
    /// Everything.
    pub const ALL: Self = Self { session: None, group: None };

    /// Where something counts that belongs to a session, if to any, and to these groups: there and over all.
    pub fn of(session: Option<SessionIndex>, groups: &[Option<Arc<str>>]) -> Vec<Self> {
        let own = groups.iter().enumerate().filter_map(|(g, v)| Some((g as u8, v.clone()?)));
        let groups: Vec<_> = std::iter::once(None).chain(own.map(Some)).collect();
        let sessions = std::iter::once(None).chain(session.map(Some));
        sessions.flat_map(|session| groups.iter().map(move |g| Self { session, group: g.clone() })).collect()
    }
}

/// One ranking with what it is made from.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// Keys in order.
    pub ranking: Ranking,
    tallies: Vec<Tally>,
    /// Rows that changed since somebody last asked.
    changed: BTreeSet<RowId>,
    firsts: FirstToSolve,
    /// Events that were counted.
    pub events: u64,
    /// Rows of keys whose items ended.
    ended: u32,
}

impl Ranked {
    fn new(rule: RankRule) -> Self {
        Self {
            ranking: Ranking::new(rule),
            tallies: Vec::new(),
            changed: BTreeSet::new(),
            firsts: FirstToSolve::default(),
            events: 0,
            ended: 0,
        }
    }

    /// Rows that changed since this was last asked.
    pub fn take_changed(&mut self) -> Vec<RowId> {
        std::mem::take(&mut self.changed).into_iter().collect()
    }

    fn tally(&mut self, key: &str) -> (RowId, Option<&mut Tally>) {
        let id = self.ranking.row(key);
        if self.tallies.len() <= id.0 as usize {
            self.tallies.resize_with(id.0 as usize + 1, Tally::default);
        }
        let tally = self.tallies.get_mut(id.0 as usize);
        if let Some(tally) = tally.filter(|tally| tally.has_ended()) {
            tally.begin();
            self.ended -= 1;
        }
        (id, self.tallies.get_mut(id.0 as usize))
    }

    /// The rows with what they were counted from, without those of keys whose items ended.
    pub(super) fn rows(&self) -> impl Iterator<Item = (RowId, Option<&Tally>)> {
        let all = (0..self.ranking.rows()).map(|id| (RowId(id), self.tallies.get(id as usize)));
        all.filter(|(_, tally)| !tally.is_some_and(Tally::has_ended))
    }

    /// How many rows that has.
    pub(super) fn row_count(&self) -> u32 {
        self.ranking.rows() - self.ended
    }

    /// Takes a key's row away.
    fn end(&mut self, key: &str) {
        let Some(id) = self.ranking.find(key) else { return };
        if let Some(tally) = self.tallies.get_mut(id.0 as usize).filter(|tally| !tally.has_ended()) {
            *tally = Tally::ended();
            self.ended += 1;
            self.firsts.forget();
        }
        if self.ranking.set(id, None) {
            self.changed.insert(id);
        }
    }

    /// Makes the rows anew without those of keys whose items ended: they have other numbers then.
    fn compact(&mut self, rule: &RankRule) {
        let mut new = Self::new(rule.clone());
        let tallies = std::mem::take(&mut self.tallies);
        for (at, tally) in tallies.into_iter().enumerate().filter(|(_, tally)| !tally.has_ended()) {
            let id = RowId(at as u32);
            let standing = self.ranking.is_ranked(id).then(|| (self.ranking.values(id), self.ranking.reached(id)));
            new.restore(self.ranking.key(id), standing, tally);
        }
        new.events = self.events;
        *self = new;
    }

    /// Takes the next row back from a checkpoint. False: there is one of this key.
    pub(super) fn restore(
        &mut self,
        key: &str,
        standing: Option<(&[super::points::Points], Reached)>,
        tally: Tally,
    ) -> bool {
        let id = self.ranking.row(key);
        if id.0 as usize != self.tallies.len() {
            return false;
        }
        self.tallies.push(tally);
        self.ranking.set(id, standing);
        true
    }

    /// Makes a row's standing from its tally.
    fn settle(&mut self, id: RowId, rules: &ScoreRules, span: Span, out: bool, listed: bool) {
        let listed = listed && !self.tallies.get(id.0 as usize).is_some_and(Tally::has_ended);
        let result = self.tallies.get_mut(id.0 as usize).and_then(|t| t.result(rules, span));
        let zeros = vec![super::points::Points(0); rules.columns.len()];
        let changed = match &result {
            _ if out => self.ranking.set(id, None),
            None if !listed => self.ranking.set(id, None),
            None => self.ranking.set(id, Some((&zeros, NOT_YET))),
            Some((values, reached)) => {
                let reached = if *reached == Reached::default() { NOT_YET } else { *reached };
                self.ranking.set(id, Some((values, reached)))
            }
        };
        if changed {
            self.changed.insert(id);
        }
        if self.firsts.is_known() {
            let ranked = self.ranking.is_ranked(id);
            let states = self.tallies.get(id.0 as usize).filter(|_| ranked).map(|t| t.tasks(rules, span));
            self.firsts.note(id, &states.unwrap_or_default());
        }
    }

    /// Something of a row changed that its columns may not say: its cells.
    fn tried(&mut self, id: RowId, rules: &ScoreRules) {
        if !rules.tasks().is_empty() {
            self.changed.insert(id);
        }
    }

    /// How a row's tasks stand.
    pub(super) fn tasks(&self, id: RowId, rules: &ScoreRules, span: Span) -> Vec<TaskState> {
        self.tallies.get(id.0 as usize).map(|t| t.tasks(rules, span)).unwrap_or_default()
    }

    /// When each task was solved first, and by whom.
    pub(super) fn firsts(&self, rules: &ScoreRules, span: Span) -> &Firsts {
        let ranked = (0..self.ranking.rows()).map(RowId).filter(|id| self.ranking.is_ranked(*id));
        self.firsts.get(rules.tasks().len(), ranked.map(|id| (id, self.tasks(id, rules, span))))
    }
}

/// The rankings of one audience.
#[derive(Clone, Debug)]
pub struct Book {
    rule: RankRule,
    scopes: HashMap<Scope, usize>,
    list: Vec<Ranked>,
    window: TimeWindow,
    /// The stretches of time that count.
    span: Span,
    /// No event is of a later stretch than this.
    latest: i64,
    /// Values of groups that found no room.
    pub left_out: u64,
}

impl Book {
    /// Empty rankings.
    pub fn new(rules: &ScoreRules, first: i64) -> Self {
        let rule = RankRule { directions: rules.columns.iter().map(|c| c.direction).collect(), ties: rules.ties };
        let (window, span) = (rules.window.clone(), rules.window.span_from(first));
        Self { rule, scopes: HashMap::new(), list: Vec::new(), window, span, latest: i64::MIN, left_out: 0 }
    }

    /// The first stretch of time that counts, and the rankings in the order in which they were made.
    pub(super) fn parts(&self) -> (i64, Vec<(&Scope, &Ranked)>) {
        let mut list: Vec<(&Scope, &usize)> = self.scopes.iter().collect();
        list.sort_unstable_by_key(|(_, at)| **at);
        (self.span.first, list.into_iter().filter_map(|(scope, at)| Some((scope, self.list.get(*at)?))).collect())
    }

    /// Makes a ranking that a checkpoint has. None: it is there already.
    pub(super) fn restore(&mut self, scope: Scope) -> Option<&mut Ranked> {
        // A checkpoint does not say.
        self.latest = i64::MAX;
        let at = self.list.len();
        if self.scopes.insert(scope, at).is_some() {
            return None;
        }
        self.list.push(Ranked::new(self.rule.clone()));
        self.list.last_mut()
    }

    /// One ranking.
    pub fn get(&self, scope: &Scope) -> Option<&Ranked> {
        self.list.get(*self.scopes.get(scope)?)
    }

    /// The stretches of time that count.
    pub(super) const fn span(&self) -> Span {
        self.span
    }

    /// One ranking.
    pub fn get_mut(&mut self, scope: &Scope) -> Option<&mut Ranked> {
        self.list.get_mut(*self.scopes.get(scope)?)
    }

    /// The values of a grouping that have rows.
    pub fn groups(&self, session: Option<SessionIndex>, grouping: u8) -> Vec<&str> {
        let of = |s: &Scope| s.session == session && s.group.as_ref().is_some_and(|(g, _)| *g == grouping);
        // A group whose items have all ended may be named by nothing but an erased one.
        let has_rows = |at: &usize| self.list.get(*at).is_some_and(|ranked| ranked.row_count() > 0);
        let own = self.scopes.iter().filter(|(scope, at)| of(scope) && has_rows(at));
        let mut values: Vec<&str> = own.filter_map(|(s, _)| s.group.as_ref().map(|(_, v)| &**v)).collect();
        values.sort_unstable();
        values
    }

    fn open(&mut self, scope: &Scope) -> Option<&mut Ranked> {
        let at = match self.scopes.get(scope) {
            Some(at) => *at,
            None if self.list.len() >= limits::SCORE_RANKINGS && scope.group.is_some() => {
                self.left_out += 1;
                return None;
            }
            None => {
                self.list.push(Ranked::new(self.rule.clone()));
                self.scopes.insert(scope.clone(), self.list.len() - 1);
                self.list.len() - 1
            }
        };
        self.list.get_mut(at)
    }

    /// Forgets which rows changed: nobody is going to ask.
    pub fn forget_changes(&mut self) {
        self.list.iter_mut().for_each(|r| r.changed.clear());
    }

    /// Counts an event of a key; `None`: the key is there, the event does not count.
    pub fn add(&mut self, rules: &ScoreRules, scope: &Scope, key: &str, scored: Option<&Scored>, out: bool) {
        let span = self.span;
        self.latest = scored.map_or(self.latest, |s| s.bucket.max(self.latest));
        let Some(ranked) = self.open(scope) else { return };
        let (id, tally) = ranked.tally(key);
        if let (Some(tally), Some(scored)) = (tally, scored) {
            tally.add(rules, scored, span);
            ranked.events += u64::from(scored.counts);
            ranked.tried(id, rules);
        }
        ranked.settle(id, rules, span, out, rules.everyone);
    }

    /// An event replaces an earlier one also where it does not count itself.
    pub fn replace(&mut self, rules: &ScoreRules, own: &[Scope], key: &str, scored: &Scored, out: bool) {
        let span = self.span;
        let void = Scored { counts: false, ..scored.clone() };
        for (scope, at) in &self.scopes {
            let Some(ranked) = self.list.get_mut(*at).filter(|_| !own.contains(scope)) else { continue };
            let Some(id) = ranked.ranking.find(key) else { continue };
            if ranked.tallies.get_mut(id.0 as usize).is_some_and(|t| t.add(rules, &void, span)) {
                ranked.tried(id, rules);
                ranked.settle(id, rules, span, out, rules.everyone);
            }
        }
    }

    /// Corrects a column of a key wherever it is ranked.
    pub fn adjust(&mut self, rules: &ScoreRules, scope: &Scope, key: &str, adjustment: Adjustment, out: bool) {
        let span = self.span;
        let Some(ranked) = self.open(scope) else { return };
        let (id, tally) = ranked.tally(key);
        if let Some(tally) = tally {
            tally.adjust(rules, adjustment, span);
        }
        ranked.settle(id, rules, span, out, rules.everyone);
    }

    /// Takes an event back everywhere. False when the rankings must be made anew.
    pub fn take_back(&mut self, rules: &ScoreRules, key: &str, seq: Seq, out: bool) -> bool {
        let span = self.span;
        for ranked in &mut self.list {
            let Some(id) = ranked.ranking.find(key) else { continue };
            let Some(tally) = ranked.tallies.get_mut(id.0 as usize) else { continue };
            let Some(counted) = tally.take_back(rules, seq, span) else { return false };
            ranked.events -= u64::from(counted);
            ranked.tried(id, rules);
            ranked.settle(id, rules, span, out, rules.everyone);
        }
        true
    }

    /// Makes a key's standing anew everywhere: it was disqualified, or restored.
    pub fn settle(&mut self, rules: &ScoreRules, key: &str, out: bool) {
        let span = self.span;
        for ranked in &mut self.list {
            if let Some(id) = ranked.ranking.find(key) {
                ranked.settle(id, rules, span, out, rules.everyone);
            }
        }
    }

    /// The item of a key has ended: it has no row any more, and what it earned is gone.
    pub fn end(&mut self, key: &str) {
        self.list.iter_mut().for_each(|ranked| ranked.end(key));
    }

    /// Whether so many rows are of keys that ended that it is time for [`Book::compact`].
    pub fn is_hollow(&self) -> bool {
        self.list.iter().any(|r| r.ended >= limits::ITEMS_ENDED_AT_ONCE as u32 && r.ended > r.row_count())
    }

    /// Makes the rows anew without those of keys that ended: they have other numbers then.
    pub fn compact(&mut self) {
        let rule = &self.rule;
        self.list.iter_mut().for_each(|ranked| ranked.compact(rule));
    }

    /// Something that is shown with the row, but not ranked, changed.
    pub fn touch(&mut self, key: &str) {
        for ranked in &mut self.list {
            if let Some(id) = ranked.ranking.find(key).filter(|id| ranked.ranking.is_ranked(*id)) {
                ranked.changed.insert(id);
            }
        }
    }

    /// Another stretch of time has begun: what is too old does not count any more, and what came early counts now.
    pub fn advance(&mut self, rules: &ScoreRules, first: i64, out: &dyn Fn(&str) -> bool) {
        // The clock may be set back, or the local day may begin twice: what is gone is gone.
        if first <= self.span.first {
            return;
        }
        let (before, span) = (self.span, self.window.span_from(first));
        self.span = span;
        let early = self.latest > before.last;
        for ranked in &mut self.list {
            for id in (0..ranked.ranking.rows()).map(RowId) {
                if ranked.tallies.get_mut(id.0 as usize).is_some_and(|t| t.advance(rules, before, span, early)) {
                    let out = out(ranked.ranking.key(id));
                    ranked.tried(id, rules);
                    ranked.settle(id, rules, span, out, rules.everyone);
                }
            }
        }
        if self.latest == i64::MAX {
            self.latest = self.list.iter().flat_map(|r| &r.tallies).filter_map(Tally::latest).max().unwrap_or(i64::MIN);
        }
    }

    /// Shows a key as another audience's rankings have it.
    pub fn copy_row(&mut self, from: &Self, key: &str) {
        for (scope, at) in &from.scopes {
            let Some(source) = from.list.get(*at) else { continue };
            let Some(id) = source.ranking.find(key) else { continue };
            let standing =
                source.ranking.is_ranked(id).then(|| (source.ranking.values(id).to_vec(), source.ranking.reached(id)));
            let Some(target) = self.open(scope) else { continue };
            let (id, _) = target.tally(key);
            if target.ranking.set(id, standing.as_ref().map(|(v, r)| (v.as_slice(), *r))) {
                target.changed.insert(id);
            }
        }
    }
}
