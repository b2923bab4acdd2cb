//! The answer to a query of a series.

use super::block::{self, BlockId};
use super::cell::Cell;
use super::query::{SeriesQuery, Span};
use super::rules::RollupRules;
use super::sketch::{self, Sketch};
use super::step::{Bucket, Step};
use super::{Rollups, SeriesId};
use crate::codec::DecodeError;
use crate::cursor::Cursor;
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::time::Millis;
use crate::value::Number;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Reads stored rows from one to another, both included, in order.
pub trait Rows {
    /// What can go wrong.
    type Error: From<DecodeError> + From<Problem>;

    /// The rows that there are.
    fn between(&self, first: BlockId, last: BlockId) -> Result<Vec<(BlockId, Vec<u8>)>, Self::Error>;
}

/// What a bucket has to say.
#[derive(Clone)]
struct Summed {
    cell: Cell,
    sketch: Option<Sketch>,
}

impl Summed {
    fn absorb(&mut self, later: &Self) {
        self.cell.absorb(&later.cell);
        if let Some(sketch) = &later.sketch {
            self.sketch.get_or_insert_default().absorb(sketch);
        }
    }
}

/// A series with its buckets.
type Cells = BTreeMap<Bucket, Summed>;

/// A bucket as it is answered. Buckets without numbers have no point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "SeriesPoint"))]
pub struct Point {
    /// When the bucket begins.
    pub time: Millis,
    /// How many numbers, or events.
    pub count: u64,
    /// What is known of the numbers; absent when events are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<Number>,
    /// The smallest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Number>,
    /// The largest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
    /// The one with the earliest event time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Number>,
    /// The one with the latest event time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Number>,
    /// The mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average: Option<Number>,
    /// `count` a second.
    pub rate: Number,
    /// The quantiles that were asked for, in their order; each is off by at most 1 % of its value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantiles: Vec<Option<Number>>,
}

/// The answer of `…/items/{key}/series`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ItemSeries {
    /// As of when.
    pub cursor: Cursor,
    /// The item.
    pub key: String,
    /// The number; null: every event counts.
    pub field: Option<String>,
    /// The length of a bucket.
    pub step: Step,
    /// When the first bucket begins.
    pub from: Millis,
    /// When the last bucket ends.
    pub to: Millis,
    /// The buckets, in order.
    pub points: Vec<Point>,
}

/// The answer of `…/series`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BoardSeries {
    /// As of when.
    pub cursor: Cursor,
    /// The number; null: every event counts.
    pub field: Option<String>,
    /// The length of a bucket.
    pub step: Step,
    /// When the first bucket begins.
    pub from: Millis,
    /// When the last bucket ends.
    pub to: Millis,
    /// What the groups are made by.
    pub group_by: Option<String>,
    /// The groups, by name.
    pub groups: Vec<Group>,
}

/// Leaves out buckets that do not end by a time.
fn end_at(points: &mut Vec<Point>, step: Step, until: Option<Millis>) {
    if let Some(until) = until {
        points.retain(|p| p.time.plus(step.millis()) <= until);
    }
}

fn keep(points: &mut Vec<Point>, step: Step, shown: &dyn Fn(Millis, Millis) -> bool) {
    points.retain(|p| shown(p.time, p.time.plus(step.millis())));
}

impl ItemSeries {
    /// Leaves out buckets that are not shown, each by its beginning and its end.
    pub fn keep(&mut self, shown: &dyn Fn(Millis, Millis) -> bool) {
        keep(&mut self.points, self.step, shown);
    }

    /// Leaves out what came after a time, and the bucket in which that was: something of it is hidden.
    pub fn end_at(&mut self, until: Option<Millis>) {
        end_at(&mut self.points, self.step, until);
    }
}

impl BoardSeries {
    /// Leaves out buckets that are not shown, each by its beginning and its end.
    pub fn keep(&mut self, shown: &dyn Fn(Millis, Millis) -> bool) {
        self.groups.iter_mut().for_each(|group| keep(&mut group.points, self.step, shown));
    }

    /// Leaves out what came after a time, and the bucket in which that was: something of it is hidden.
    pub fn end_at(&mut self, until: Option<Millis>) {
        self.groups.iter_mut().for_each(|group| end_at(&mut group.points, self.step, until));
    }
}

/// A group of a board's series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "SeriesGroup"))]
pub struct Group {
    /// Its name; null: all items, or those without a value.
    pub group: Option<String>,
    /// The buckets, in order.
    pub points: Vec<Point>,
}

/// Who asks for a board's series, and how items fall into groups.
pub struct Scope<'s> {
    /// Whether every item may be seen.
    pub sees_all: bool,
    /// Which items may be seen.
    pub allowed: &'s dyn Fn(&str) -> bool,
    /// The value of an item's text field, now.
    pub text: &'s dyn Fn(&str, &str) -> Option<String>,
}

fn wrong(field: &str, code: Code, message: String) -> Problem {
    let e = FieldError::new(field, code, message);
    Problem::about(400, e)
}

impl Rollups {
    /// `…/items/{key}/series`.
    pub fn series_of_item<R: Rows>(
        &self,
        key: &str,
        query: &SeriesQuery,
        rules: &RollupRules,
        cursor: Cursor,
        rows: &R,
    ) -> Result<ItemSeries, R::Error> {
        let field = query.field.as_deref().unwrap_or_default();
        let span = query.settle(self, rules)?;
        let cells = match self.find(Some(key), field) {
            Some(id) => self.cells_of(&[id], &span, query, rows)?.remove(&id).unwrap_or_default(),
            // Other items have such numbers, this one not yet.
            None if field.is_empty() || self.find(None, field).is_some() => Cells::new(),
            None => return Err(self.unknown_field(Some(key), field).into()),
        };
        Ok(ItemSeries {
            cursor,
            key: key.to_owned(),
            field: query.field.clone(),
            step: span.step,
            from: span.from(),
            to: span.to(),
            points: points(&cells, span.step, query),
        })
    }

    /// `…/series`.
    pub fn series_of_board<R: Rows>(
        &self,
        query: &SeriesQuery,
        rules: &RollupRules,
        cursor: Cursor,
        scope: &Scope<'_>,
        rows: &R,
    ) -> Result<BoardSeries, R::Error> {
        let field = query.field.as_deref().unwrap_or_default();
        let span = query.settle(self, rules)?;
        if !field.is_empty() && self.find(None, field).is_none() {
            return Err(self.unknown_field(None, field).into());
        }
        let groups = if query.group_by.is_none() && query.keys.is_none() && scope.sees_all {
            let cells = match self.find(None, field) {
                Some(id) => self.cells_of(&[id], &span, query, rows)?.remove(&id).unwrap_or_default(),
                None => Cells::new(),
            };
            vec![(None, cells)]
        } else {
            self.grouped(query, field, &span, scope, rows)?
        };
        let group = |(group, cells)| Group { group, points: points(&cells, span.step, query) };
        Ok(BoardSeries {
            cursor,
            field: query.field.clone(),
            step: span.step,
            from: span.from(),
            to: span.to(),
            group_by: query.group_by.clone(),
            groups: groups.into_iter().map(group).collect(),
        })
    }

    fn grouped<R: Rows>(
        &self,
        query: &SeriesQuery,
        field: &str,
        span: &Span,
        scope: &Scope<'_>,
        rows: &R,
    ) -> Result<Vec<(Option<String>, Cells)>, R::Error> {
        let mut members: Vec<(&str, SeriesId)> = match &query.keys {
            Some(keys) => keys.iter().filter_map(|k| Some((k.as_str(), self.find(Some(k), field)?))).collect(),
            None => self.of_field(field).collect(),
        };
        members.retain(|(key, _)| (scope.allowed)(key));
        members.sort();
        members.dedup();
        if members.len() > limits::SERIES_ITEMS {
            let (n, most) = (members.len(), limits::SERIES_ITEMS);
            let message = format!("{n} items have this number; at most {most} are put together: name them by keys");
            return Err(wrong("keys", Code::TooMany, message).into());
        }
        let mut names: BTreeMap<Option<String>, Vec<SeriesId>> = BTreeMap::new();
        if query.group_by.is_none() {
            names.insert(None, Vec::new());
        }
        for (key, id) in &members {
            let name = match query.group_by.as_deref() {
                None => None,
                Some("key") => Some((*key).to_owned()),
                Some(by) => (scope.text)(key, by),
            };
            names.entry(name).or_default().push(*id);
        }
        let n = names.len();
        if n > limits::SERIES_GROUPS {
            let most = limits::SERIES_GROUPS;
            let message = format!("group_by makes {n} groups; at most {most}: choose items by keys");
            return Err(wrong("group_by", Code::TooMany, message).into());
        }
        if (n as i64).saturating_mul(span.points()) > limits::SERIES_POINTS_IN_ALL {
            let (points, most) = (span.points(), limits::SERIES_POINTS_IN_ALL);
            let message =
                format!("{n} groups of {points} points are more than {most}: take a longer step, or fewer groups");
            return Err(wrong("step", Code::InvalidParameter, message).into());
        }
        let ids: Vec<SeriesId> = members.iter().map(|(_, id)| *id).collect();
        let mut cells = self.cells_of(&ids, span, query, rows)?;
        let mut sum = |ids: Vec<SeriesId>| {
            let mut sum = Cells::new();
            for (bucket, cell) in ids.iter().filter_map(|id| cells.remove(id)).flatten() {
                sum.entry(bucket).and_modify(|c| c.absorb(&cell)).or_insert(cell);
            }
            sum
        };
        Ok(names.into_iter().map(|(name, ids)| (name, sum(ids))).collect())
    }

    /// The cells of some series: those in rows, and those in memory, which are later in the log.
    fn cells_of<R: Rows>(
        &self,
        ids: &[SeriesId],
        span: &Span,
        query: &SeriesQuery,
        rows: &R,
    ) -> Result<BTreeMap<SeriesId, Cells>, R::Error> {
        let mut all: BTreeMap<SeriesId, Cells> = BTreeMap::new();
        let mut by_part: HashMap<u32, Vec<SeriesId>> = HashMap::new();
        for id in ids {
            by_part.entry(id.part() as u32).or_default().push(*id);
            all.entry(*id).or_default();
        }
        for (part, ids) in by_part {
            let first = BlockId::of(span.step, part, span.buckets.start);
            let last = BlockId::of(span.step, part, Bucket(span.buckets.end.0 - 1));
            for (row, bytes) in rows.between(first, last)? {
                for id in &ids {
                    let Some(cells) = all.get_mut(id) else { continue };
                    block::decode_slot(row, &bytes, id.slot(), |bucket, cell| {
                        if span.buckets.contains(&bucket) {
                            cells.insert(bucket, Summed { cell, sketch: None });
                        }
                    })?;
                }
            }
            if query.quantiles.is_empty() {
                continue;
            }
            let row_of = |bucket| sketch::block_of(span.step, part, bucket);
            for (_, bytes) in rows.between(row_of(span.buckets.start), row_of(Bucket(span.buckets.end.0 - 1)))? {
                let found = sketch::decode(&bytes, |slot| ids.iter().any(|id| id.slot() == slot))?;
                for ((slot, bucket), one) in found {
                    let id = ids.iter().find(|id| id.slot() == slot);
                    if let Some(of) = id.and_then(|id| all.get_mut(id)?.get_mut(&bucket)) {
                        of.sketch = Some(one);
                    }
                }
            }
        }
        for (id, cells) in &mut all {
            for (bucket, cell) in self.fresh(*id, span.step) {
                if span.buckets.contains(&bucket) {
                    let later = Summed { cell, sketch: None };
                    cells.entry(bucket).and_modify(|c| c.absorb(&later)).or_insert(later);
                }
            }
            if !query.quantiles.is_empty() {
                for (bucket, one) in self.fresh_sketches(*id, span.step) {
                    if let Some(of) = cells.get_mut(&bucket) {
                        of.sketch.get_or_insert_default().absorb(one);
                    }
                }
            }
        }
        Ok(all)
    }

    fn unknown_field(&self, key: Option<&str>, field: &str) -> Problem {
        let names = self.field_names(key);
        let there = match names.as_slice() {
            [] => "there are no numbers here yet".to_owned(),
            names => {
                let more = if names.len() > 20 { " and more" } else { "" };
                let some: Vec<&str> = names.iter().take(20).copied().collect();
                format!("there are {}{more}", some.join(", "))
            }
        };
        let field = crate::problem::excerpt(field);
        wrong("field", Code::UnknownField, format!("field {field} has no numbers on this board; {there}"))
    }
}

fn points(cells: &Cells, step: Step, query: &SeriesQuery) -> Vec<Point> {
    let seconds = step.millis() as f64 / 1_000.0;
    let known = |v: f64| query.field.as_ref().map(|_| Number(v));
    let quantile = |s: &Summed, q: f64| s.sketch.as_ref().and_then(|s| s.quantile(q)).map(Number);
    cells
        .iter()
        .map(|(bucket, s)| (bucket, s, &s.cell))
        .map(|(bucket, s, c)| Point {
            time: step.start(*bucket),
            count: c.count,
            sum: known(c.sum()),
            min: known(c.min),
            max: known(c.max),
            first: known(c.first),
            last: known(c.last),
            average: known(c.average()),
            rate: Number(c.count as f64 / seconds),
            quantiles: query.quantiles.iter().map(|q| quantile(s, *q)).collect(),
        })
        .collect()
}
