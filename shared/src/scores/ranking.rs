//! Keys in the order of their columns.

use super::order::Order;
use super::points::Points;
use super::rule::Ties;
use crate::cursor::Seq;
use crate::scores::direction::Direction;
use crate::time::Millis;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// A key's number in one ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub u32);

/// What decides the order, besides the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankRule {
    /// Which end of each column is the top.
    pub directions: Vec<Direction>,
    /// Who is ahead when all columns are equal.
    pub ties: Ties,
}

/// When a key came to its values: event time, then the order of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(not(test), derive(PartialOrd, Ord))]
pub struct Reached(pub Millis, pub Seq);

/// Keys in order. Memory of one key with one column: about 100 bytes and the key's own.
#[derive(Clone, Debug)]
pub struct Ranking {
    rule: RankRule,
    keys: Vec<Arc<str>>,
    by_key: HashMap<Arc<str>, u32>,
    /// The columns of all rows, row by row.
    values: Vec<Points>,
    reached: Vec<Reached>,
    order: Order,
}

/// A row of the ranking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place<'r> {
    /// Which row.
    pub id: RowId,
    /// The key.
    pub key: &'r str,
    /// Its place, from 1.
    pub position: u32,
    /// Its rank by the tie rule.
    pub rank: u32,
    /// Whether another row has the same columns.
    pub tied: bool,
    /// The columns.
    pub values: &'r [Points],
    /// When it came to them.
    pub reached: Reached,
}

impl Ranking {
    /// An empty ranking.
    pub fn new(rule: RankRule) -> Self {
        Self {
            rule,
            keys: Vec::new(),
            by_key: HashMap::new(),
            values: Vec::new(),
            reached: Vec::new(),
            order: Order::default(),
        }
    }

    /// What decides the order.
    pub const fn rule(&self) -> &RankRule {
        &self.rule
    }

    /// How many keys have a rank.
    pub fn len(&self) -> u32 {
        self.order.len() as u32
    }

    /// Whether none has.
    pub const fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// How many rows were ever made, ranked or not.
    pub fn rows(&self) -> u32 {
        self.keys.len() as u32
    }

    /// A key's row.
    pub fn find(&self, key: &str) -> Option<RowId> {
        self.by_key.get(key).map(|&i| RowId(i))
    }

    /// A row's key.
    pub fn key(&self, id: RowId) -> &str {
        self.keys.get(id.0 as usize).map_or("", |k| k)
    }

    /// A key's row, made if there is none; it has no rank yet.
    pub fn row(&mut self, key: &str) -> RowId {
        if let Some(id) = self.find(key) {
            return id;
        }
        let id = self.keys.len() as u32;
        let key: Arc<str> = key.into();
        self.by_key.insert(key.clone(), id);
        self.keys.push(key);
        self.values.extend(std::iter::repeat_n(Points(0), self.width()));
        self.reached.push(Reached::default());
        RowId(id)
    }

    fn width(&self) -> usize {
        self.rule.directions.len()
    }

    /// The columns of a row.
    pub fn values(&self, id: RowId) -> &[Points] {
        let start = id.0 as usize * self.width();
        self.values.get(start..start + self.width()).unwrap_or_default()
    }

    /// When a row came to its columns.
    pub fn reached(&self, id: RowId) -> Reached {
        self.reached.get(id.0 as usize).copied().unwrap_or_default()
    }

    /// Whether the row has a rank.
    pub fn is_ranked(&self, id: RowId) -> bool {
        self.order.has(id.0)
    }

    /// Gives a row its columns and a rank, or (`None`) takes the rank away. True when that changed anything.
    pub fn set(&mut self, id: RowId, standing: Option<(&[Points], Reached)>) -> bool {
        let (was, ranked) = (self.is_ranked(id), standing.is_some());
        match standing {
            None if !was => return false,
            Some((values, reached)) if was && values == self.values(id) && reached == self.reached(id) => return false,
            None | Some(_) => {}
        }
        let mut order = std::mem::take(&mut self.order);
        if was {
            let next = self.next_of(&order, id);
            order.remove(id.0, &|a, b| self.compare(RowId(a), RowId(b)));
            self.mark_head(&mut order, next);
        }
        if let Some((values, reached)) = standing {
            let start = id.0 as usize * self.width();
            for (slot, value) in self.values.iter_mut().skip(start).zip(values) {
                *slot = *value;
            }
            if let Some(slot) = self.reached.get_mut(id.0 as usize) {
                *slot = reached;
            }
        }
        if ranked {
            order.insert(id.0, &|a, b| self.compare(RowId(a), RowId(b)));
            self.mark_head(&mut order, Some(id));
            let next = self.next_of(&order, id);
            self.mark_head(&mut order, next);
        }
        self.order = order;
        true
    }

    /// The row behind, where dense ranks need to know.
    fn next_of(&self, order: &Order, id: RowId) -> Option<RowId> {
        if self.rule.ties != Ties::Dense {
            return None;
        }
        let place = order.place(id.0, &|a, b| self.compare(RowId(a), RowId(b)))?;
        order.at(place + 1).map(RowId)
    }

    /// Dense ranks count the rows that differ from the one before: those are marked.
    fn mark_head(&self, order: &mut Order, id: Option<RowId>) {
        let Some(id) = id.filter(|_| self.rule.ties == Ties::Dense) else { return };
        let cmp = |a: u32, b: u32| self.compare(RowId(a), RowId(b));
        let Some(place) = order.place(id.0, &cmp) else { return };
        let before = place.checked_sub(1).and_then(|p| order.at(p));
        let head = before.is_none_or(|b| self.values(RowId(b)) != self.values(id));
        order.mark(id.0, head, &cmp);
    }

    fn compare_values(&self, a: &[Points], b: &[Points]) -> Ordering {
        for ((a, b), direction) in a.iter().zip(b).zip(&self.rule.directions) {
            let by = match direction {
                Direction::Desc => b.cmp(a),
                Direction::Asc => a.cmp(b),
            };
            if by != Ordering::Equal {
                return by;
            }
        }
        Ordering::Equal
    }

    /// Which of two rows comes first.
    fn compare(&self, a: RowId, b: RowId) -> Ordering {
        self.compare_values(self.values(a), self.values(b))
            .then_with(|| match self.rule.ties {
                Ties::FirstToReach => self.reached(a).cmp(&self.reached(b)),
                Ties::Shared | Ties::Dense => Ordering::Equal,
            })
            .then_with(|| self.key(a).cmp(self.key(b)))
    }

    /// A row's place from 0.
    pub fn place(&self, id: RowId) -> Option<u32> {
        self.order.place(id.0, &|a, b| self.compare(RowId(a), RowId(b)))
    }

    /// The rank of the row at a place.
    pub fn rank_at(&self, place: u32) -> u32 {
        match self.rule.ties {
            Ties::FirstToReach => place + 1,
            Ties::Dense => self.order.marks_upto(place),
            Ties::Shared => {
                let Some(id) = self.order.at(place) else { return place + 1 };
                let own = self.values(RowId(id));
                self.order.count_before(|o| self.compare_values(self.values(RowId(o)), own) == Ordering::Less) + 1
            }
        }
    }

    /// Whether the row at a place has the same columns as the one above it.
    pub fn is_like_above(&self, place: u32) -> bool {
        let above = place.checked_sub(1).and_then(|p| self.order.at(p));
        above.zip(self.order.at(place)).is_some_and(|(a, b)| self.values(RowId(a)) == self.values(RowId(b)))
    }

    /// The rows from a place on, at most `count`.
    pub fn ids(&self, from: u32, count: u32) -> impl Iterator<Item = RowId> + '_ {
        self.order.from(from).take(count as usize).map(RowId)
    }

    /// The rows from a place on, at most `count`, with their ranks.
    pub fn page(&self, from: u32, count: u32) -> Vec<Place<'_>> {
        let mut rows: Vec<Place<'_>> = Vec::new();
        let mut rank = self.rank_at(from);
        // One more than asked for: the last row may be tied with it.
        for (i, id) in self.ids(from, count.saturating_add(1)).enumerate() {
            let (position, values) = (from + i as u32 + 1, self.values(id));
            let like_before = rows.last().is_some_and(|b| b.values == values);
            if let Some(before) = rows.last_mut().filter(|_| like_before) {
                before.tied = true;
            }
            if i as u32 == count {
                break;
            }
            if i > 0 {
                rank = self.rule.ties.next_rank(rank, position, like_before);
            }
            let above = i == 0 && self.is_like_above(from);
            let (key, reached) = (self.key(id), self.reached(id));
            rows.push(Place { id, key, position, rank, tied: like_before || above, values, reached });
        }
        rows
    }

    /// The place where the rows around a key begin, and how many they are.
    pub fn around(&self, key: &str, span: u32) -> Option<(u32, u32)> {
        let place = self.place(self.find(key)?)?;
        let from = place.saturating_sub(span);
        Some((from, (place + span + 1).min(self.len()) - from))
    }

    /// Which share of the ranked keys is behind a key: 1 for the first of many, 0 for the last.
    pub fn percentile(&self, key: &str) -> Option<f64> {
        let place = self.place(self.find(key)?)?;
        let others = self.len().saturating_sub(1);
        Some(if others == 0 { 1.0 } else { f64::from(others - place) / f64::from(others) })
    }
}

#[cfg(test)]
mod tests;
