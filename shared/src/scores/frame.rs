//! A scores message to a viewer: rows at first, then moves.

use super::channel::Standings;
use super::moves::{ChangedRows, ListMoves, moves};
use super::points::{Points, write_points};
use super::ranking::Reached;
use super::shown::{Shown, ShownList};
use super::task_cell::{TaskCell, write_cells};
use super::window::ScoreWindow;
use crate::codec::Writer;
use crate::cursor::Cursor;
use crate::protocol::SubId;
use crate::protocol::frame::{begin, kind, write_cursor};
use crate::time::Millis;

mod json;
mod read;

pub use json::{reached_json, row_json};

/// A decoded scores message.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoresFrame<'a> {
    /// Which subscription.
    pub sub: SubId,
    /// The board as of here.
    pub cursor: Cursor,
    /// Forget what was there.
    pub snapshot: bool,
    /// How many keys have a rank.
    pub total: u32,
    /// What the API calls `about`, when it is new.
    pub about: Option<&'a str>,
    /// What became of the rows from the top; none: nothing.
    pub top: Option<FrameList<'a>>,
    /// What became of the rows around the key; none: nothing.
    pub around: Option<FrameList<'a>>,
}

/// What became of a list of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameList<'a> {
    /// The position of its first row, from 1.
    pub first: u32,
    /// The rank of its first row.
    pub rank: u32,
    /// How many rows it has now.
    pub len: u32,
    /// Whether its first row is tied with the one above it.
    pub above: bool,
    /// Whether its last row is tied with the one below it.
    pub below: bool,
    /// Places, in the list as it was, of rows that left, or are told whole again.
    pub removed: Vec<u32>,
    /// Rows that came or changed, by ascending place.
    pub rows: Vec<FrameRow<'a>>,
}

/// A row of a frame. Places count from 0 in the list.
#[derive(Clone, Debug, PartialEq)]
pub enum FrameRow<'a> {
    /// A row that the viewer does not have.
    Whole {
        /// Its place.
        to: u32,
        /// The key.
        key: &'a str,
        /// The name for people; empty when there is none.
        name: &'a str,
        /// The columns.
        values: Vec<Points>,
        /// When it came to them.
        reached: Millis,
        /// The group per grouping.
        groups: Vec<Option<&'a str>>,
        /// One for each task, when cells were asked for.
        cells: Vec<TaskCell>,
    },
    /// A row that the viewer has.
    Moved {
        /// Where it was.
        from: u32,
        /// Where it is.
        to: u32,
        /// The columns.
        values: Vec<Points>,
        /// When it came to them.
        reached: Millis,
        /// One for each task, when cells were asked for.
        cells: Vec<TaskCell>,
    },
}

/// What viewers of one window must be told.
pub struct ScoresUpdate<'u> {
    standings: &'u Standings,
    snapshot: bool,
    about: bool,
    top: Option<ListUpdate<'u>>,
    around: Option<ListUpdate<'u>>,
}

/// What viewers must be told of one list.
struct ListUpdate<'u> {
    before: &'u ShownList,
    now: &'u ShownList,
    moves: ListMoves,
}

impl<'u> ListUpdate<'u> {
    /// None when nothing changed that the list shows.
    fn new(before: &'u ShownList, now: &'u ShownList, changed: &ChangedRows) -> Option<Self> {
        let moves = moves(&before.rows, &now.rows, changed);
        (!moves.is_empty() || before.edge != now.edge).then_some(Self { before, now, moves })
    }
}

impl<'u> ScoresUpdate<'u> {
    /// Everything, for a viewer that has `nothing`.
    pub fn snapshot(window: &ScoreWindow, standings: &'u Standings, now: &'u Shown, nothing: &'u Shown) -> Self {
        let all = |before: &'u ShownList, now: &'u ShownList| ListUpdate {
            before,
            now,
            moves: moves(&before.rows, &now.rows, &ChangedRows::default()),
        };
        Self {
            standings,
            snapshot: true,
            about: true,
            top: Some(all(&nothing.top, &now.top)),
            around: window.around.is_some().then(|| all(&nothing.around, &now.around)),
        }
    }

    /// What changed; none when nothing did that the window shows.
    pub fn moves(
        standings: &'u Standings,
        (before, now): (&'u Shown, &'u Shown),
        changed: &ChangedRows,
        about: bool,
    ) -> Option<Self> {
        let top = ListUpdate::new(&before.top, &now.top, changed);
        let around = ListUpdate::new(&before.around, &now.around, changed);
        let some = top.is_some() || around.is_some() || about;
        some.then_some(Self { standings, snapshot: false, about, top, around })
    }

    /// As bytes.
    pub fn binary(&self, sub: SubId) -> Vec<u8> {
        let mut w = begin(kind::SCORES);
        w.varint(u64::from(sub.0));
        write_cursor(&mut w, self.standings.cursor);
        let (top, around) = (self.top.is_some(), self.around.is_some());
        w.u8(u8::from(self.snapshot)
            | u8::from(self.about) << 1
            | u8::from(top) << 2
            | u8::from(around) << 3
            | u8::from(self.standings.has_cells()) << 4);
        w.varint(u64::from(self.standings.ranking.len()));
        if self.about {
            w.text(&self.standings.about);
        }
        self.top.iter().chain(&self.around).for_each(|list| self.write_list(&mut w, list));
        w.finish()
    }

    fn write_list(&self, w: &mut Writer, list: &ListUpdate<'_>) {
        let ranking = &self.standings.ranking;
        let (edge, moves) = (list.now.edge, &list.moves);
        w.varint(u64::from(edge.first));
        w.varint(u64::from(edge.rank));
        w.varint((list.now.rows.len() as u64) << 2 | u64::from(edge.below) << 1 | u64::from(edge.above));
        let mut next = 0;
        w.varint(moves.removed.len() as u64);
        for at in &moves.removed {
            w.varint(u64::from(at - next));
            next = at + 1;
        }
        w.varint(moves.placed.len() as u64);
        if moves.placed.is_empty() {
            return;
        }
        w.varint(ranking.rule().directions.len() as u64);
        // Times are told by their distance to the newest of them.
        let base = moves.placed.iter().map(|(_, _, id)| reached_ms(ranking.reached(*id))).max().unwrap_or_default();
        w.zigzag(base);
        let mut next = 0;
        for (to, from, id) in &moves.placed {
            w.varint(u64::from(to - next));
            next = to + 1;
            w.varint(from.map_or(0, |f| u64::from(f) + 1));
            ranking.values(*id).iter().for_each(|v| write_points(w, *v));
            w.varint(base.abs_diff(reached_ms(ranking.reached(*id))));
            if self.standings.has_cells() {
                write_cells(w, self.standings.cells(*id));
            }
            if from.is_none() {
                w.text(ranking.key(*id));
                w.text(self.standings.name(*id));
                let groups = self.standings.groups(*id);
                w.varint(groups.len() as u64);
                groups.iter().for_each(|g| w.text(g));
            }
        }
    }
}

/// Milliseconds for a frame; a row without a counted event has 0.
const fn reached_ms(reached: Reached) -> i64 {
    if reached.0.0 == i64::MAX { 0 } else { reached.0.0 }
}
