//! Who of a ranking solved each task first. Kept while events come, so that an event costs a look at its own row.

use super::ranking::{Reached, RowId};
use super::tally::TaskState;
use std::cell::OnceCell;

/// Per task: when it was solved first, and by whom.
pub type Firsts = Vec<Option<(Reached, RowId)>>;

/// The first to solve each task; not known until somebody asks.
#[derive(Clone, Debug, Default)]
pub struct FirstToSolve {
    known: OnceCell<Firsts>,
}

impl FirstToSolve {
    /// Who it is; `rows` is all rows that are ranked, with how their tasks stand.
    pub fn get(&self, tasks: usize, rows: impl Iterator<Item = (RowId, Vec<TaskState>)>) -> &Firsts {
        self.known.get_or_init(|| {
            let mut firsts = vec![None; tasks];
            rows.for_each(|(id, states)| take(&mut firsts, id, &states));
            firsts
        })
    }

    /// Whether anybody asked.
    pub fn is_known(&self) -> bool {
        self.known.get().is_some()
    }

    /// A row's tasks stand like this now; they do not when it has no rank.
    pub fn note(&mut self, id: RowId, states: &[TaskState]) {
        let Some(firsts) = self.known.get_mut() else { return };
        let lost = |(at, first): (usize, &Option<(Reached, RowId)>)| {
            first.is_some_and(|(when, who)| who == id && states.get(at).and_then(|s| s.solved) != Some(when))
        };
        // It was the first and is no more: who is, all rows tell.
        if firsts.iter().enumerate().any(lost) {
            self.forget();
        } else {
            take(firsts, id, states);
        }
    }

    /// Rows have other numbers, or went.
    pub fn forget(&mut self) {
        self.known = OnceCell::new();
    }
}

fn take(firsts: &mut Firsts, id: RowId, states: &[TaskState]) {
    for (first, state) in firsts.iter_mut().zip(states) {
        if let Some(at) = state.solved.filter(|at| first.is_none_or(|(when, _)| *at < when)) {
            *first = Some((at, id));
        }
    }
}
