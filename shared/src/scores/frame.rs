//! A scores message to a viewer: rows at first, then moves.

use super::channel::Standings;
use super::moves::{ListMoves, moves};
use super::points::Points;
use super::ranking::{Reached, RowId};
use super::window::ScoreWindow;
use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::{Cursor, Epoch};
use crate::limits;
use crate::protocol::SubId;
use crate::protocol::server::{begin, kind, write_cursor};
use crate::time::Millis;
use serde_json::{Value, json};
use std::collections::BTreeSet;

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
    /// Places, in the list as it was, of rows that left.
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
    },
}

/// The rows of a window that viewers have: the list from the top, and the one around a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Rows from the top.
    pub top: Vec<RowId>,
    /// The place of the first row around the key, and the rows.
    pub around: (u32, Vec<RowId>),
}

impl Shown {
    /// The rows of a window as of now.
    pub fn of(window: &ScoreWindow, standings: &Standings) -> Self {
        let ranking = &standings.ranking;
        let top = ranking.ids(window.offset, window.top).collect();
        let around = window.around.as_deref().and_then(|key| ranking.around(key, window.span));
        let around = around.map_or((0, Vec::new()), |(from, n)| (from, ranking.ids(from, n).collect()));
        Self { top, around }
    }
}

/// What viewers of one window must be told.
pub struct ScoresUpdate<'u> {
    standings: &'u Standings,
    window: &'u ScoreWindow,
    snapshot: bool,
    about: bool,
    before: &'u Shown,
    now: &'u Shown,
    top: ListMoves,
    around: ListMoves,
}

impl<'u> ScoresUpdate<'u> {
    /// Everything, for a viewer that has nothing.
    pub fn snapshot(window: &'u ScoreWindow, standings: &'u Standings, now: &'u Shown, nothing: &'u Shown) -> Self {
        let changed = BTreeSet::new();
        Self {
            standings,
            window,
            snapshot: true,
            about: true,
            before: nothing,
            now,
            top: moves(&[], &now.top, &changed),
            around: moves(&[], &now.around.1, &changed),
        }
    }

    /// What changed; none when nothing did that the window shows.
    pub fn moves(
        window: &'u ScoreWindow,
        standings: &'u Standings,
        (before, now): (&'u Shown, &'u Shown),
        changed: &BTreeSet<RowId>,
        about: bool,
    ) -> Option<Self> {
        let top = moves(&before.top, &now.top, changed);
        let around = moves(&before.around.1, &now.around.1, changed);
        let slid = before.around.0 != now.around.0;
        if top.is_empty() && around.is_empty() && !slid && !about {
            return None;
        }
        Some(Self { standings, window, snapshot: false, about, before, now, top, around })
    }

    fn has_top(&self) -> bool {
        self.snapshot || !self.top.is_empty()
    }

    fn has_around(&self) -> bool {
        let slid = self.before.around.0 != self.now.around.0;
        (self.snapshot && self.window.around.is_some()) || !self.around.is_empty() || slid
    }

    /// As bytes.
    pub fn binary(&self, sub: SubId) -> Vec<u8> {
        let mut w = begin(kind::SCORES);
        w.varint(u64::from(sub.0));
        write_cursor(&mut w, self.standings.cursor);
        let (top, around) = (self.has_top(), self.has_around());
        w.u8(u8::from(self.snapshot) | u8::from(self.about) << 1 | u8::from(top) << 2 | u8::from(around) << 3);
        w.varint(u64::from(self.standings.ranking.len()));
        if self.about {
            w.text(&self.standings.about);
        }
        if top {
            self.write_list(&mut w, self.window.offset, self.now.top.len(), &self.top);
        }
        if around {
            self.write_list(&mut w, self.now.around.0, self.now.around.1.len(), &self.around);
        }
        w.finish()
    }

    fn write_list(&self, w: &mut Writer, first: u32, len: usize, list: &ListMoves) {
        let ranking = &self.standings.ranking;
        w.varint(u64::from(first));
        w.varint(u64::from(ranking.rank_at(first)));
        w.varint(len as u64);
        let mut next = 0;
        w.varint(list.removed.len() as u64);
        for at in &list.removed {
            w.varint(u64::from(at - next));
            next = at + 1;
        }
        w.varint(list.placed.len() as u64);
        if list.placed.is_empty() {
            return;
        }
        w.varint(ranking.rule().directions.len() as u64);
        // Times are told by their distance to the newest of them.
        let base = list.placed.iter().map(|(_, _, id)| reached_ms(ranking.reached(*id))).max().unwrap_or_default();
        w.zigzag(base);
        let mut next = 0;
        for (to, from, id) in &list.placed {
            w.varint(u64::from(to - next));
            next = to + 1;
            w.varint(from.map_or(0, |f| u64::from(f) + 1));
            ranking.values(*id).iter().for_each(|v| write_points(w, *v));
            w.varint((base - reached_ms(ranking.reached(*id))).unsigned_abs());
            if from.is_none() {
                w.text(ranking.key(*id));
                w.text(self.standings.name(*id));
                let groups = self.standings.groups(*id);
                w.varint(groups.len() as u64);
                groups.iter().for_each(|g| w.text(g));
            }
        }
    }

    /// As JSON.
    pub fn json(&self, sub: SubId) -> Value {
        let mut m = json!({
            "type": "scores",
            "id": sub,
            "cursor": self.standings.cursor,
            "total": self.standings.ranking.len(),
        });
        if self.about {
            m["about"] = serde_json::from_str(&self.standings.about).unwrap_or_default();
        }
        if self.has_top() {
            m["top"] = self.list_json(self.window.offset, &self.before.top, &self.now.top, &self.top);
        }
        if self.has_around() {
            m["around"] = self.list_json(self.now.around.0, &self.before.around.1, &self.now.around.1, &self.around);
        }
        m
    }

    fn list_json(&self, first: u32, before: &[RowId], now: &[RowId], list: &ListMoves) -> Value {
        let ranking = &self.standings.ranking;
        let key = |id: &RowId| ranking.key(*id);
        if self.snapshot {
            let rows: Vec<Value> = ranking
                .page(first, now.len() as u32)
                .iter()
                .map(|p| {
                    let groups = self.standings.groups(p.id).iter().map(|g| &**g);
                    row_json(p.id, p.position, p.rank, p.tied, self.standings, groups)
                })
                .collect();
            return json!({"first": first + 1, "rows": rows});
        }
        let moves: Vec<Value> = list
            .placed
            .iter()
            .map(|(to, from, id)| {
                let place = first + to;
                let rank = ranking.rank_at(place);
                match from {
                    Some(from) => json!({
                        "key": ranking.key(*id),
                        "from": before_first(self, first, before) + from + 1,
                        "to": place + 1,
                        "rank": rank,
                        "values": ranking.values(*id),
                    }),
                    None => {
                        let groups = self.standings.groups(*id).iter().map(|g| &**g);
                        let mut row = row_json(*id, place + 1, rank, false, self.standings, groups);
                        row["from"] = Value::Null;
                        row["to"] = (place + 1).into();
                        row
                    }
                }
            })
            .collect();
        let removed: Vec<&str> = list.removed.iter().filter_map(|at| before.get(*at as usize)).map(key).collect();
        json!({"first": first + 1, "rank": ranking.rank_at(first), "moves": moves, "removed": removed})
    }
}

/// Where the list began that viewers have.
fn before_first(update: &ScoresUpdate<'_>, first: u32, before: &[RowId]) -> u32 {
    if std::ptr::eq(before, update.before.around.1.as_slice()) { update.before.around.0 } else { first }
}

/// A row that is whole, as the API and the feed show it.
pub fn row_json<'g>(
    id: RowId,
    position: u32,
    rank: u32,
    tied: bool,
    standings: &Standings,
    groups: impl Iterator<Item = &'g str>,
) -> Value {
    let ranking = &standings.ranking;
    let name = standings.name(id);
    json!({
        "rank": rank,
        "position": position,
        "key": ranking.key(id),
        "name": if name.is_empty() { ranking.key(id) } else { name },
        "values": ranking.values(id),
        "tied": tied,
        "reached": reached_json(ranking.reached(id)),
        "groups": groups.map(|g| if g.is_empty() { Value::Null } else { g.into() }).collect::<Vec<_>>(),
    })
}

/// When a row came to its values; null for one without a counted event.
pub fn reached_json(reached: Reached) -> Value {
    if reached.0.0 == i64::MAX { Value::Null } else { reached.0.0.into() }
}

/// Milliseconds for a frame; a row without a counted event has 0.
const fn reached_ms(reached: Reached) -> i64 {
    if reached.0.0 == i64::MAX { 0 } else { reached.0.0 }
}

/// Whole numbers are told as such: most scores are.
fn write_points(w: &mut Writer, value: Points) {
    if value.0 % 1_000_000 == 0 {
        w.zigzag(value.0 / 1_000_000 * 2);
    } else {
        w.zigzag(value.0.saturating_mul(2).saturating_add(1));
    }
}

fn read_points(r: &mut Reader<'_>) -> Result<Points, DecodeError> {
    let v = r.zigzag()?;
    Ok(if v & 1 == 0 { Points::whole(v >> 1) } else { Points(v >> 1) })
}

impl<'a> ScoresFrame<'a> {
    /// Reads what follows the type of a binary message.
    pub fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let sub = SubId(r.varint32()?);
        let cursor = Cursor { epoch: Epoch(r.varint32()?), seq: r.varint()? };
        let flags = r.u8()?;
        if flags > 15 {
            return Err(DecodeError::Invalid("flags"));
        }
        let total = r.varint32()?;
        let about = if flags & 2 == 0 { None } else { Some(r.text()?) };
        let top = if flags & 4 == 0 { None } else { Some(FrameList::read(r)?) };
        let around = if flags & 8 == 0 { None } else { Some(FrameList::read(r)?) };
        Ok(Self { sub, cursor, snapshot: flags & 1 == 1, total, about, top, around })
    }
}

impl<'a> FrameList<'a> {
    fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let bad = || DecodeError::Invalid("place");
        let first = r.varint32()?.checked_add(1).ok_or_else(bad)?;
        let (rank, len) = (r.varint32()?, r.varint32()?);
        if len > limits::SCORE_TOP_MAX {
            return Err(DecodeError::Invalid("number of rows"));
        }
        let ascending = |n: usize, r: &mut Reader<'a>| {
            let mut next = 0_u32;
            (0..n)
                .map(|_| {
                    let at = next.checked_add(r.varint32()?).ok_or_else(bad)?;
                    next = at.checked_add(1).ok_or_else(bad)?;
                    Ok(at)
                })
                .collect::<Result<Vec<u32>, DecodeError>>()
        };
        let n = r.count()?;
        let removed = ascending(n, r)?;
        let n = r.count()?;
        let mut rows = Vec::with_capacity(n.min(limits::SCORE_TOP_MAX as usize));
        if n == 0 {
            return Ok(Self { first, rank, len, removed, rows });
        }
        let columns = r.count()?;
        if columns > limits::SCORE_COLUMNS {
            return Err(DecodeError::Invalid("columns"));
        }
        let base = r.zigzag()?;
        let mut next = 0_u32;
        for _ in 0..n {
            let to = next.checked_add(r.varint32()?).ok_or_else(bad)?;
            next = to.checked_add(1).ok_or_else(bad)?;
            let from = r.varint32()?.checked_sub(1);
            let values = (0..columns).map(|_| read_points(r)).collect::<Result<_, _>>()?;
            let reached = Millis(base.saturating_sub_unsigned(r.varint()?));
            rows.push(match from {
                Some(from) => FrameRow::Moved { from, to, values, reached },
                None => {
                    let (key, name) = (r.text()?, r.text()?);
                    let n = r.count()?;
                    if n > limits::SCORE_GROUPINGS {
                        return Err(DecodeError::Invalid("groups"));
                    }
                    let groups = (0..n)
                        .map(|_| r.text().map(|g| Some(g).filter(|g| !g.is_empty())))
                        .collect::<Result<_, _>>()?;
                    FrameRow::Whole { to, key, name, values, reached, groups }
                }
            });
        }
        Ok(Self { first, rank, len, removed, rows })
    }
}
