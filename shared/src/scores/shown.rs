//! The rows that viewers of one window have, and what must be told of them when they change.

use super::channel::Standings;
use super::ranking::{Ranking, RowId};
use super::window::ScoreWindow;

/// The rows of a window that viewers have: the list from the top, and the one around a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Rows from the top.
    pub top: ShownList,
    /// Rows around a key; empty when none was asked for, or it has no rank.
    pub around: ShownList,
}

/// Rows that follow each other, with what can't be seen from them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShownList {
    /// The rows.
    pub rows: Vec<RowId>,
    /// What is to be known besides the rows.
    pub edge: Edge,
}

/// What the rows of a list do not say by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    /// The place of the first row, from 0.
    pub first: u32,
    /// The rank of the first row; 0 when there is none.
    pub rank: u32,
    /// Whether the first row is tied with the one above the list.
    pub above: bool,
    /// Whether the last row is tied with the one below the list.
    pub below: bool,
}

impl Shown {
    /// The rows of a window as of now.
    pub fn of(window: &ScoreWindow, standings: &Standings) -> Self {
        let ranking = &standings.ranking;
        let around = window.around.as_deref().and_then(|key| ranking.around(key, window.span));
        Self {
            top: ShownList::of(ranking, window.offset, window.top),
            around: around.map(|(first, n)| ShownList::of(ranking, first, n)).unwrap_or_default(),
        }
    }
}

impl ShownList {
    fn of(ranking: &Ranking, first: u32, count: u32) -> Self {
        let rows: Vec<RowId> = ranking.ids(first, count).collect();
        let edge = if rows.is_empty() {
            Edge { first, ..Edge::default() }
        } else {
            Edge {
                first,
                rank: ranking.rank_at(first),
                above: ranking.is_like_above(first),
                below: ranking.is_like_above(first + rows.len() as u32),
            }
        };
        Self { rows, edge }
    }
}
