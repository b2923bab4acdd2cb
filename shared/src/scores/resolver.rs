//! The resolver of a contest: what a freeze hid is revealed cell by cell, from the last rank upward.
//!
//! A pure state machine. It is made from the standings that the public has and the final ones, and goes from the first to
//! the last in [`Step`]s. The lowest row that is not settled is focused; what is hidden of it is revealed from left to
//! right; a row that moves up leaves its place to the one that slides down there. A row that stands lowest and has nothing
//! hidden is settled, and the one above follows.
//!
//! Between the two standings the ranking is that of the board's own code, with the board's own rule for ties. At the end
//! it is the final one exactly, also where columns count more than cells show.

use std::collections::HashMap;

use self::team::Team;
use super::ranking::{Place, RankRule, Ranking, RowId};
use super::replica::ScoreRow;
use super::rule::ScoreRules;

mod equals;
mod team;

#[cfg(test)]
mod tests;

/// What the next step does, or the last one did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The row below is settled, and this one is looked at.
    Focus {
        /// Whose.
        key: String,
    },
    /// A cell of the focused row is revealed.
    Reveal {
        /// Whose.
        key: String,
        /// Which task, from 0.
        task: usize,
    },
    /// What of the row's columns no cell tells.
    Total {
        /// Whose.
        key: String,
    },
    /// The first row is settled: these are the final standings.
    Finish,
}

/// A step that was taken, with what is needed to take it back.
#[derive(Clone, Debug, PartialEq)]
struct Taken {
    step: Step,
    focus: Option<RowId>,
    /// The row that it changed, as it was.
    before: Option<(RowId, Team)>,
    /// Where the row stood, from 1.
    from: u32,
}

/// The state of a resolver.
#[derive(Clone, Debug)]
pub struct Resolver {
    rules: ScoreRules,
    ranking: Ranking,
    teams: Vec<Team>,
    focus: Option<RowId>,
    taken: Vec<Taken>,
    cells: u32,
    revealed: u32,
}

impl Resolver {
    /// From the rows that the public sees and the final ones, each in order and with cells, and the board's rules. A row
    /// that came after the freeze stands there with nothing; one that is not among the final rows is left out.
    pub fn new(rules: &ScoreRules, frozen: &[ScoreRow], last: &[ScoreRow]) -> Self {
        let directions = rules.columns.iter().map(|column| column.direction).collect();
        let mut ranking = Ranking::new(RankRule { directions, ties: rules.ties });
        let frozen: HashMap<&str, &ScoreRow> = frozen.iter().map(|row| (row.key.as_str(), row)).collect();
        let mut teams = Vec::with_capacity(last.len());
        for (row, order) in last.iter().zip(equals::orders(&frozen, last)) {
            // Keys are there once: a second row of one is the first one's.
            if ranking.find(&row.key).is_some() {
                continue;
            }
            let id = ranking.row(&row.key);
            let team = Team::new(rules, frozen.get(row.key.as_str()).copied(), row, order);
            ranking.set(id, Some((&team.values, team.reached)));
            teams.push(team);
        }
        let cells = teams.iter().map(Team::hidden).sum();
        Self { rules: rules.clone(), ranking, teams, focus: None, taken: Vec::new(), cells, revealed: 0 }
    }

    /// How many cells there are to reveal.
    pub const fn cells(&self) -> u32 {
        self.cells
    }

    /// How many of them are revealed.
    pub const fn revealed(&self) -> u32 {
        self.revealed
    }

    /// The row that is looked at.
    pub fn focus(&self) -> Option<&str> {
        self.focus.map(|id| self.ranking.key(id))
    }

    /// The last step that was taken.
    pub fn last(&self) -> Option<&Step> {
        self.taken.last().map(|taken| &taken.step)
    }

    /// Where the row of the last step stood before it, from 1.
    pub fn came_from(&self) -> Option<u32> {
        self.taken.last().map(|taken| taken.from)
    }

    /// The row that the last step settled.
    pub fn just_settled(&self) -> Option<&str> {
        let taken = self.taken.last()?;
        let settles = matches!(taken.step, Step::Focus { .. } | Step::Finish);
        taken.before.as_ref().filter(|_| settles).map(|(id, _)| self.ranking.key(*id))
    }

    /// Whether everything is settled.
    pub fn is_done(&self) -> bool {
        self.teams.iter().all(|team| team.is_settled)
    }

    /// Whether a row is settled: nothing above can push it down any more.
    pub fn is_settled(&self, key: &str) -> bool {
        self.team(key).is_some_and(|team| team.is_settled)
    }

    /// How many cells of a row are hidden.
    pub fn hidden(&self, key: &str) -> u32 {
        self.team(key).map_or(0, Team::hidden)
    }

    /// Whether a row's cell is hidden.
    pub fn is_hidden(&self, key: &str, task: usize) -> bool {
        self.team(key).is_some_and(|team| team.is_hidden(task))
    }

    fn team(&self, key: &str) -> Option<&Team> {
        self.teams.get(self.ranking.find(key)?.0 as usize)
    }

    /// The lowest row that is not settled.
    fn lowest(&self) -> Option<RowId> {
        self.lowest_of(self.ranking.len())
    }

    /// The same of the first so many rows.
    fn lowest_of(&self, count: u32) -> Option<RowId> {
        let ids: Vec<RowId> = self.ranking.ids(0, count).collect();
        ids.into_iter().rev().find(|id| self.teams.get(id.0 as usize).is_some_and(|team| !team.is_settled))
    }

    /// What the next step does; nothing when all is done.
    pub fn next(&self) -> Option<Step> {
        let lowest = self.lowest()?;
        let key = |id: RowId| self.ranking.key(id).to_owned();
        if self.focus != Some(lowest) {
            return Some(Step::Focus { key: key(lowest) });
        }
        let team = self.teams.get(lowest.0 as usize)?;
        if let Some(task) = team.next_hidden() {
            return Some(Step::Reveal { key: key(lowest), task });
        }
        if !team.is_final() {
            return Some(Step::Total { key: key(lowest) });
        }
        let next = self.lowest_of(self.ranking.place(lowest)?);
        Some(next.map_or(Step::Finish, |id| Step::Focus { key: key(id) }))
    }

    /// Takes the next step, and says which it was.
    pub fn forward(&mut self) -> Option<Step> {
        let step = self.next()?;
        let lowest = self.lowest()?;
        let focus = self.focus;
        let from = self.ranking.place(lowest).map_or(0, |place| place + 1);
        let mut taken = Taken { step: step.clone(), focus, before: None, from };
        let mut team = self.teams.get(lowest.0 as usize)?.clone();
        let before = Some((lowest, team.clone()));
        match &step {
            Step::Focus { key } => {
                let next = self.ranking.find(key)?;
                self.focus = Some(next);
                if next != lowest {
                    taken.from = self.ranking.place(next).map_or(0, |place| place + 1);
                    taken.before = before;
                    team.settle();
                    self.put(lowest, team);
                }
            }
            Step::Reveal { task, .. } => {
                taken.before = before;
                team.reveal(&self.rules, *task);
                self.put(lowest, team);
            }
            Step::Total { .. } => {
                taken.before = before;
                team.finish();
                self.put(lowest, team);
            }
            Step::Finish => {
                taken.before = before;
                team.settle();
                self.put(lowest, team);
                self.focus = None;
            }
        }
        self.revealed += u32::from(matches!(step, Step::Reveal { .. }));
        self.taken.push(taken);
        Some(step)
    }

    /// Takes the last step back. False when there is none.
    pub fn back(&mut self) -> bool {
        let Some(taken) = self.taken.pop() else { return false };
        self.revealed -= u32::from(matches!(taken.step, Step::Reveal { .. }));
        self.focus = taken.focus;
        if let Some((id, team)) = taken.before {
            self.put(id, team);
        }
        true
    }

    /// Takes all steps back.
    pub fn restart(&mut self) {
        while self.back() {}
    }

    fn put(&mut self, id: RowId, team: Team) {
        self.ranking.set(id, Some((&team.values, team.reached)));
        if let Some(slot) = self.teams.get_mut(id.0 as usize) {
            *slot = team;
        }
    }

    /// The rows as they stand now, in order. A hidden cell counts at least one attempt that is pending.
    pub fn rows(&self) -> Vec<ScoreRow> {
        let places = self.ranking.page(0, self.ranking.len());
        let row = |place: &Place<'_>| {
            let team = self.teams.get(place.id.0 as usize)?;
            Some(ScoreRow {
                key: place.key.to_owned(),
                name: team.name.clone(),
                position: place.position,
                rank: place.rank,
                tied: place.tied,
                values: place.values.iter().map(|value| value.number()).collect(),
                reached: place.reached.0,
                groups: team.groups.clone(),
                cells: team.shown(),
            })
        };
        places.iter().filter_map(row).collect()
    }
}
