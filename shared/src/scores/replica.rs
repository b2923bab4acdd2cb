//! A viewer's copy of the rows it follows.

use super::frame::{FrameList, FrameRow, ScoresFrame};
use super::points::Points;
use super::rule::Ties;
use super::task_cell::TaskCell;
use crate::cursor::Cursor;
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// One row as a viewer has it.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreRow {
    /// The key.
    pub key: String,
    /// The name for people; the key when there is none.
    pub name: String,
    /// The place in the order, from 1.
    pub position: u32,
    /// The rank by the tie rule.
    pub rank: u32,
    /// Whether all its columns equal a neighbour's.
    pub tied: bool,
    /// The columns.
    pub values: Vec<f64>,
    /// When it came to these values.
    pub reached: Millis,
    /// The group per grouping, in the order of the rules.
    pub groups: Vec<Option<String>>,
    /// One for each task; empty when cells were not asked for.
    pub cells: Vec<TaskCell>,
}

/// What a frame changed, for the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScoreChange {
    /// Everything may be different.
    Reset,
    /// A row came, moved or has other values.
    Moved {
        /// Whose.
        key: String,
        /// Where it was; none when it was not in the window.
        from: Option<u32>,
        /// Where it is.
        to: u32,
        /// Whether its first column became better.
        gained: bool,
    },
    /// A row left the window.
    Removed(String),
    /// What is said about the scoreboard changed.
    About,
}

impl ScoreChange {
    fn moved(&self) -> Option<&str> {
        match self {
            Self::Moved { key, .. } => Some(key),
            Self::Reset | Self::Removed(_) | Self::About => None,
        }
    }
}

/// A viewer's copy of one scores subscription.
#[derive(Clone, Debug, Default)]
pub struct ScoreReplica {
    cursor: Option<Cursor>,
    total: u32,
    about: serde_json::Value,
    ties: Ties,
    ascending: bool,
    top: List,
    around: List,
}

#[derive(Clone, Debug, Default)]
struct List {
    rows: Vec<ScoreRow>,
}

/// A frame that does not fit the copy: the viewer subscribes anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the frame does not fit the copy")]
pub struct Misfit;

impl ScoreReplica {
    /// The rows from the top, in order.
    pub fn rows(&self) -> &[ScoreRow] {
        &self.top.rows
    }

    /// The rows around one key, in order; empty when none was asked for, or it has no rank.
    pub fn around(&self) -> &[ScoreRow] {
        &self.around.rows
    }

    /// How many keys have a rank.
    pub const fn total(&self) -> u32 {
        self.total
    }

    /// Columns, sessions, groups: what the API calls `about`.
    pub const fn about(&self) -> &serde_json::Value {
        &self.about
    }

    /// The board as of here; `None` before the first snapshot.
    pub const fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    /// Takes a frame.
    pub fn apply(&mut self, frame: &ScoresFrame<'_>, changes: &mut Vec<ScoreChange>) -> Result<(), Misfit> {
        if !frame.snapshot && self.cursor.is_none() {
            return Err(Misfit);
        }
        if let Some(text) = frame.about {
            self.about = serde_json::from_str(text).map_err(|_| Misfit)?;
            self.ties = serde_json::from_value(self.about["ties"].clone()).unwrap_or_default();
            self.ascending = self.about["columns"][0]["direction"] == "asc";
            changes.push(ScoreChange::About);
        }
        if frame.snapshot {
            changes.push(ScoreChange::Reset);
            self.top = List::default();
            self.around = List::default();
        }
        let mut unseen = Vec::new();
        let (ties, ascending) = (self.ties, self.ascending);
        if let Some(list) = &frame.top {
            self.top.apply(list, ties, ascending, changes)?;
        }
        // What moves in both lists is told once.
        if let Some(list) = &frame.around {
            self.around.apply(list, ties, ascending, &mut unseen)?;
        }
        let told: BTreeSet<String> = changes.iter().filter_map(|c| c.moved().map(str::to_owned)).collect();
        let fresh = |c: &ScoreChange| c.moved().map_or(frame.top.is_none(), |key| !told.contains(key));
        changes.extend(unseen.into_iter().filter(fresh));
        self.total = frame.total;
        self.cursor = Some(frame.cursor);
        Ok(())
    }
}

impl List {
    fn apply(
        &mut self,
        list: &FrameList<'_>,
        ties: Ties,
        ascending: bool,
        changes: &mut Vec<ScoreChange>,
    ) -> Result<(), Misfit> {
        let mut old: Vec<Option<ScoreRow>> = std::mem::take(&mut self.rows).into_iter().map(Some).collect();
        let mut removed: BTreeMap<String, ScoreRow> = BTreeMap::new();
        for &i in &list.removed {
            let row = old.get_mut(i as usize).and_then(Option::take).ok_or(Misfit)?;
            removed.insert(row.key.clone(), row);
        }
        let better = |a: f64, b: f64| if ascending { a < b } else { a > b };
        let numbers = |values: &[Points]| values.iter().copied().map(Points::number).collect::<Vec<f64>>();
        let mut moved: Vec<(u32, ScoreRow)> = Vec::with_capacity(list.rows.len());
        let mut told = Vec::with_capacity(list.rows.len());
        for row in &list.rows {
            let (to, was, row) = match row {
                FrameRow::Whole { to, key, name, values, reached, groups, cells } => {
                    let row = ScoreRow {
                        key: (*key).to_owned(),
                        name: if name.is_empty() { (*key).to_owned() } else { (*name).to_owned() },
                        position: 0,
                        rank: 0,
                        tied: false,
                        values: numbers(values),
                        reached: *reached,
                        groups: groups.iter().map(|g| g.map(str::to_owned)).collect(),
                        cells: cells.clone(),
                    };
                    // A row with another name is taken out and told whole: for the screen it is the same row.
                    (*to, removed.remove(*key), row)
                }
                FrameRow::Moved { from, to, values, reached, cells } => {
                    let was = old.get_mut(*from as usize).and_then(Option::take).ok_or(Misfit)?;
                    let row =
                        ScoreRow { values: numbers(values), reached: *reached, cells: cells.clone(), ..was.clone() };
                    (*to, Some(was), row)
                }
            };
            let first = |row: &ScoreRow| row.values.first().copied();
            let gained = was.as_ref().and_then(|was| first(&row).zip(first(was))).is_some_and(|(a, b)| better(a, b));
            let from = was.map(|was| was.position);
            told.push(ScoreChange::Moved { key: row.key.clone(), from, to: list.first + to, gained });
            moved.push((to, row));
        }
        changes.extend(removed.into_keys().map(ScoreChange::Removed));
        changes.append(&mut told);
        let mut stay = old.into_iter().flatten();
        let mut rows = Vec::with_capacity(list.len as usize);
        let mut moved = moved.into_iter().peekable();
        while rows.len() < list.len as usize {
            let at = rows.len() as u32;
            let next = match moved.peek() {
                Some((to, _)) if *to == at => moved.next().map(|(_, row)| row),
                _ => stay.next(),
            };
            rows.push(next.ok_or(Misfit)?);
        }
        if moved.next().is_some() || stay.next().is_some() {
            return Err(Misfit);
        }
        label(&mut rows, list, ties);
        self.rows = rows;
        Ok(())
    }
}

/// Positions, ranks and ties of rows in order, of which the list says where they begin.
fn label(rows: &mut [ScoreRow], list: &FrameList<'_>, ties: Ties) {
    let mut rank = list.rank;
    let last = rows.len().saturating_sub(1);
    for i in 0..rows.len() {
        let position = list.first + i as u32;
        let (head, tail) = rows.split_at_mut(i);
        let Some((row, after)) = tail.split_first_mut() else { return };
        let like_before = head.last().map_or(list.above, |b| b.values == row.values);
        let like_after = after.first().map_or(list.below && i == last, |a| a.values == row.values);
        if i > 0 {
            rank = ties.next_rank(rank, position, like_before);
        }
        row.position = position;
        row.rank = rank;
        row.tied = like_before || like_after;
    }
}
