//! Rankings. The worker writes rows piece by piece; tests hold what it writes to these.

use super::sessions::Session;
use crate::cursor::Cursor;
use crate::scores::award::AwardRule;
use crate::scores::direction::Direction;
use crate::scores::points::Points;
use crate::scores::replica::ScoreRow as Viewed;
use crate::scores::rule::Ties;
use crate::scores::rule::TimeWindow;
use crate::scores::task_cell::TaskCell;
use crate::time::Millis;
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A row of a ranking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScoreRow {
    /// The rank; tied rows may share it.
    pub rank: u32,
    /// The place in the list, from 1.
    pub position: u32,
    /// The key.
    pub key: String,
    /// For people; the key when there is none.
    pub name: String,
    /// One for each column; null where nothing was counted.
    pub values: Vec<Option<f64>>,
    /// Whether the row before or behind is equal in all columns.
    pub tied: bool,
    /// When these values were reached.
    pub reached: Option<Millis>,
    /// One for each grouping.
    pub groups: Vec<Option<String>>,
    /// With `cells=true`: one for each task, null where nothing was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<Vec<Option<ScoreCell>>>,
}

/// What a key did at a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScoreCell {
    /// Judged attempts: wrong ones before the right one, and the right one; all wrong ones while there is none.
    pub tries: u32,
    /// The minute of the right one.
    pub minute: Option<f64>,
    /// Attempts that are not judged, or of which the public may know only that there are so many.
    pub pending: u32,
}

/// A task of a contest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScoreTask {
    /// Its value in the field that names the task.
    pub id: Value,
    /// Its letter.
    pub label: String,
    /// Its name for people.
    pub title: Option<String>,
    /// Its colour.
    pub color: Option<String>,
    /// With `cells=true`: the key that solved it first; null while nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
}

/// A column of a ranking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScoreColumn {
    /// Its name.
    pub name: String,
    /// For people.
    pub label: String,
    /// Behind the value.
    pub unit: Option<String>,
    /// Which end is the top.
    pub direction: Direction,
}

/// What there is to say beside the rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AboutScores {
    /// The columns; the first decides first.
    pub columns: Vec<ScoreColumn>,
    /// Who is ahead when all columns are equal.
    pub ties: Ties,
    /// Which stretch of time is counted.
    pub window: Option<TimeWindow>,
    /// Values of each grouping.
    pub groups: BTreeMap<String, Vec<String>>,
    /// The session that is shown.
    pub session: Option<Session>,
    /// All sessions.
    pub sessions: Vec<Session>,
    /// Whether the public sees the board as of a freeze.
    pub frozen: bool,
    /// How far a ranking by new rules is, from 0 to 1.
    pub rebuilding: Option<f64>,
    /// `public`, or `live` for managers.
    pub audience: String,
    /// The session's id, or `all`.
    pub scope: String,
    /// The tasks that rows have cells for, where the rules list some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Vec<ScoreTask>>,
    /// What is given to whom. Lists of keys are left out while something is hidden.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awards: Vec<AwardRule>,
    /// The key whose row was revealed last, while others are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolving: Option<String>,
}

/// A page of a ranking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScoresPage {
    /// As of when.
    pub cursor: Cursor,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The rows from `offset` on.
    pub rows: Vec<ScoreRow>,
    /// How many rows there are in all.
    pub total: u32,
    /// The `offset` of the next page, when there is one.
    pub next: Option<u32>,
    /// What there is to say beside the rows.
    pub about: AboutScores,
    /// The rows around the key that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub around: Option<Vec<ScoreRow>>,
    /// The share of the others that the key is ahead of; null without a rank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percentile: Option<f64>,
}

impl From<&ScoreRow> for Viewed {
    /// As a viewer's copy of the feed has the row.
    fn from(row: &ScoreRow) -> Self {
        let cell = |cell: &Option<ScoreCell>| {
            let cell = cell.as_ref();
            TaskCell {
                tries: cell.map_or(0, |cell| cell.tries),
                minute: cell.and_then(|cell| cell.minute).map(Points::of),
                pending: cell.map_or(0, |cell| cell.pending),
            }
        };
        Self {
            key: row.key.clone(),
            name: row.name.clone(),
            position: row.position,
            rank: row.rank,
            tied: row.tied,
            values: row.values.iter().map(|value| value.unwrap_or_default()).collect(),
            reached: row.reached.unwrap_or_default(),
            groups: row.groups.clone(),
            cells: row.cells.iter().flatten().map(cell).collect(),
        }
    }
}
