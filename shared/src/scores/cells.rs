//! The cells of a contest's board: what an audience may see of who tried what.
//!
//! Who may manage sees everything. Of a frozen ranking the public sees the cells as of the freeze; where the rules say
//! so, it also sees how often each task that is not solved was tried since, which is all that such a count says: every
//! attempt is in it, right, wrong or neither. A row that was revealed shows what managers see.

use super::book::{Book, Scope};
use super::firsts::Firsts;
use super::ranking::Reached;
use super::rule::ScoreRules;
use super::scoreboard::Scoreboard;
use super::tally::TaskState;
use super::task_cell::TaskCell;

impl Scoreboard {
    /// The cells of a key, one for each task of the rules; none where the rules list no tasks.
    pub fn cells(&self, scope: &Scope, key: &str, live: bool) -> Vec<TaskCell> {
        let rules = self.rules();
        if rules.tasks().is_empty() {
            return Vec::new();
        }
        let states = |book: &Book| states(book, rules, scope, key);
        let there = states(self.book(true));
        if live || !self.hides(key) {
            return there.iter().map(|state| state.cell).collect();
        }
        let counts_hidden = rules.attempts.as_ref().is_some_and(|a| a.counts_hidden);
        let public = states(self.book(false)).into_iter().zip(there);
        let cell = |(public, there): (TaskState, TaskState)| {
            let mut cell = public.cell;
            if counts_hidden && cell.minute.is_none() {
                cell.pending += there.made.saturating_sub(public.made);
            }
            cell
        };
        public.map(cell).collect()
    }

    /// Who of a ranking was the first to solve each task, as an audience may know it.
    pub fn firsts(&self, scope: &Scope, live: bool) -> Vec<Option<&str>> {
        let rules = self.rules();
        let own = |book: &'_ Book| book.get(scope).map(|r| r.firsts(rules, book.span()).clone()).unwrap_or_default();
        let book = self.book(live);
        let key = |at: &Option<(Reached, super::ranking::RowId)>| {
            at.and_then(|(when, id)| Some((when, book.get(scope)?.ranking.key(id))))
        };
        let firsts: Firsts = own(book);
        let mut firsts: Vec<Option<(Reached, &str)>> = firsts.iter().map(key).collect();
        firsts.resize(rules.tasks().len(), None);
        if live {
            return firsts.into_iter().map(|f| f.map(|(_, key)| key)).collect();
        }
        // Rows that were revealed say more than the ranking of the freeze does.
        for revealed in self.revealed() {
            let states = states(self.book(true), rules, scope, revealed);
            for (first, state) in firsts.iter_mut().zip(states) {
                if let Some(at) = state.solved.filter(|at| first.is_none_or(|(when, _)| *at < when)) {
                    *first = Some((at, revealed));
                }
            }
        }
        firsts.into_iter().map(|f| f.map(|(_, key)| key)).collect()
    }
}

/// How a key's tasks stand in a ranking.
fn states(book: &Book, rules: &ScoreRules, scope: &Scope, key: &str) -> Vec<TaskState> {
    let ranked = book.get(scope).and_then(|r| Some((r, r.ranking.find(key)?)));
    let mut states = ranked.map(|(r, id)| r.tasks(id, rules, book.span())).unwrap_or_default();
    states.resize(rules.tasks().len(), TaskState::default());
    states
}
