//! A viewer's copy of the rows it follows.

use super::frame::{FrameList, FrameRow, ScoresFrame};
use super::points::Points;
use super::rule::Ties;
use crate::cursor::Cursor;
use crate::time::Millis;

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
        match &frame.around {
            // What moves around the viewer's own row is told by its own list.
            Some(list) => self.around.apply(list, ties, ascending, &mut unseen)?,
            None if frame.snapshot => {}
            None => {}
        }
        if frame.top.is_none() {
            changes.append(&mut unseen);
        }
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
        let old: Vec<ScoreRow> = std::mem::take(&mut self.rows);
        let mut old: Vec<Option<ScoreRow>> = old.into_iter().map(Some).collect();
        for &i in &list.removed {
            let row = old.get_mut(i as usize).and_then(Option::take).ok_or(Misfit)?;
            changes.push(ScoreChange::Removed(row.key));
        }
        let mut moved: Vec<(u32, ScoreRow)> = Vec::with_capacity(list.rows.len());
        for row in &list.rows {
            moved.push(match row {
                FrameRow::Whole { to, key, name, values, reached, groups } => {
                    let row = ScoreRow {
                        key: (*key).to_owned(),
                        name: if name.is_empty() { (*key).to_owned() } else { (*name).to_owned() },
                        position: 0,
                        rank: 0,
                        tied: false,
                        values: values.iter().copied().map(Points::number).collect(),
                        reached: *reached,
                        groups: groups.iter().map(|g| g.map(str::to_owned)).collect(),
                    };
                    let position = list.first + to;
                    changes.push(ScoreChange::Moved { key: row.key.clone(), from: None, to: position, gained: false });
                    (*to, row)
                }
                FrameRow::Moved { from, to, values, reached } => {
                    let mut row = old.get_mut(*from as usize).and_then(Option::take).ok_or(Misfit)?;
                    let values: Vec<f64> = values.iter().copied().map(Points::number).collect();
                    let better = |a: f64, b: f64| if ascending { a < b } else { a > b };
                    let gained = values.first().zip(row.values.first()).is_some_and(|(a, b)| better(*a, *b));
                    let (was, position) = (row.position, list.first + to);
                    let key = row.key.clone();
                    changes.push(ScoreChange::Moved { key, from: Some(was), to: position, gained });
                    row.values = values;
                    row.reached = *reached;
                    (*to, row)
                }
            });
        }
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
        label(&mut rows, list.first, list.rank, ties);
        self.rows = rows;
        Ok(())
    }
}

/// Positions, ranks and ties of rows in order, of which the first has position `first` and rank `rank`.
#[expect(clippy::float_cmp, reason = "tied means the very same values")]
pub fn label(rows: &mut [ScoreRow], first: u32, rank: u32, ties: Ties) {
    let mut rank = rank;
    for i in 0..rows.len() {
        let position = first + i as u32;
        let (head, tail) = rows.split_at_mut(i);
        let Some((row, after)) = tail.split_first_mut() else { return };
        let before = head.last();
        let like_before = before.is_some_and(|b| b.values == row.values);
        let like_after = after.first().is_some_and(|a| a.values == row.values);
        if i > 0 {
            rank = match ties {
                Ties::FirstToReach => position,
                Ties::Shared if like_before => rank,
                Ties::Shared => position,
                Ties::Dense => rank + u32::from(!like_before),
            };
        }
        row.position = position;
        row.rank = rank;
        // The first row of the list may share its rank with one that is not in the list.
        let shared_above = i == 0 && ties == Ties::Shared && rank < position;
        row.tied = like_before || like_after || shared_above;
    }
}
