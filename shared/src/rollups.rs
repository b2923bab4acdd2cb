//! Rollups: what every number of a board was in each bucket of time, per item and over the whole board. Made from the
//! log by pure code, so that a restart makes the same ones, and late events fall where they belong.
//!
//! An event touches one cell of ten seconds per number and for the count of events, once for its item and once for the
//! board. The longer steps are made from those when a part (64 series) is written to its rows, or asked for. What is not
//! yet written is in memory, and in the log: a part remembers up to which event its rows go, so a replay neither forgets
//! nor doubles anything.

pub mod answer;
pub mod block;
pub mod cell;
mod flush;
pub mod query;
pub mod rules;
pub mod sketch;
pub mod step;
mod table;
#[cfg(test)]
mod tests;

pub use block::BlockId;
pub use cell::Cell;
pub use flush::PartFlush;
pub use rules::RollupRules;
pub use step::{Bucket, Step};

use crate::codec::{Batch, Cell as Value};
use crate::cursor::Seq;
use crate::limits;
use crate::position::Position;
use crate::time::Millis;
use block::SERIES_PER_PART;
use sketch::Sketch;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

/// A series' number: the order in which they appeared. Divided by 64 it is the number of its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(pub u32);

impl SeriesId {
    const fn part(self) -> usize {
        (self.0 / SERIES_PER_PART) as usize
    }

    const fn slot(self) -> u8 {
        (self.0 % SERIES_PER_PART) as u8
    }
}

/// What a series is about, as a shell keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SeriesName {
    /// The item; none: the whole board.
    pub key: Option<Arc<str>>,
    /// The number; empty: every event counts.
    pub field: Arc<str>,
}

/// The parts of a position that are numbers with a course of their own, by their names as fields.
pub const POSITION_FIELDS: [&str; 3] = ["position.speed", "position.altitude", "position.accuracy"];

fn position_number(p: &Position, part: usize) -> Option<f64> {
    match part {
        0 => p.speed(),
        1 => p.altitude(),
        _ => p.accuracy(),
    }
}

/// The series of one item, or of the board: by the number of their field.
type Fields = Vec<(u16, SeriesId)>;

/// Cells of ten seconds that are not yet in rows, in the order of their buckets.
type Fresh = Vec<(Bucket, Cell)>;

/// 64 series.
#[derive(Clone, Debug, Default)]
struct Part {
    /// The last event that its rows have seen.
    through: Seq,
    /// Cells in memory.
    cells: usize,
}

/// A part with cells in memory since a row of the log.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    part: u32,
    /// The event before the first one that is not in its rows.
    before: Seq,
    /// How many rows the log had then.
    row: u64,
}

/// The rollups of a board in memory: names of all series, and the cells that are not yet in rows.
#[derive(Clone, Debug, Default)]
pub struct Rollups {
    names: Vec<SeriesName>,
    fresh: Vec<Fresh>,
    fields: Vec<Arc<str>>,
    field_numbers: HashMap<Arc<str>, u16>,
    of_key: HashMap<Arc<str>, u32>,
    keys: Vec<(Arc<str>, Fields)>,
    of_board: Fields,
    parts: Vec<Part>,
    waiting: VecDeque<Waiting>,
    /// Sketches of ten minutes that are not yet in rows.
    sketches: BTreeMap<(SeriesId, Bucket), Sketch>,
    /// Fields that have them.
    quantiles: Vec<String>,
    /// Whether a series has them.
    sketched: Vec<bool>,
    /// Names below this number are stored.
    stored_names: usize,
    cells: usize,
    rows: u64,
    newest: Option<Millis>,
    /// Whether there are more numbers than series.
    full: bool,
}

const UNKNOWN: u32 = u32::MAX;
const NONE: u32 = u32::MAX - 1;

impl Rollups {
    /// Rollups from what is stored: the names of all series in order, and up to which event each part's rows go.
    /// `newest` is the latest event time of the board.
    pub fn new(
        names: impl IntoIterator<Item = SeriesName>,
        through: impl IntoIterator<Item = (u32, Seq)>,
        newest: Option<Millis>,
    ) -> Self {
        let mut rollups = Self { newest, ..Self::default() };
        for name in names {
            let field = rollups.field_number(&name.field);
            rollups.add(name.key.as_deref(), field);
        }
        rollups.stored_names = rollups.names.len();
        for (part, seq) in through {
            if let Some(p) = rollups.parts.get_mut(part as usize) {
                p.through = seq;
            }
        }
        rollups
    }

    /// Takes a row of the log whose first event is `first`. Rows come in order; what a part's rows have seen is passed over.
    pub fn apply(&mut self, batch: &Batch<'_>, first: Seq) {
        self.rows += 1;
        // A series for each distinct key, and one row more for the board, by column: found once a batch.
        let positions = batch.positions.iter().any(Option::is_some);
        let columns = 1 + POSITION_FIELDS.len() + batch.fields.len();
        let numbers: Vec<u16> = {
            let parts = POSITION_FIELDS.iter().copied();
            let names: Vec<&str> =
                std::iter::once("").chain(parts).chain(batch.fields.iter().map(|c| c.name)).collect();
            names.into_iter().map(|n| self.field_number(n)).collect()
        };
        let board = batch.keys.len();
        let mut found = vec![UNKNOWN; (board + 1) * columns];
        let mut keys: Vec<u32> = vec![UNKNOWN; board];
        let mut touch = |rollups: &mut Self, key: usize, column: usize, value: f64, at: Millis, seq: Seq| {
            for owner in [key, board] {
                let Some(slot) = found.get_mut(owner * columns + column) else { continue };
                if *slot == UNKNOWN {
                    let number = numbers.get(column).copied().unwrap_or_default();
                    let id = if owner == board {
                        rollups.series(None, number)
                    } else {
                        let known = keys.get_mut(owner);
                        rollups.series_of_key(batch.keys.get(owner).copied().unwrap_or_default(), known, number)
                    };
                    *slot = id.map_or(NONE, |id| id.0);
                }
                if *slot != NONE {
                    rollups.touch(SeriesId(*slot), value, at, seq);
                }
            }
        };
        for row in 0..batch.len() {
            let seq = first + row as u64;
            let at = batch.times.get(row).copied().unwrap_or_default();
            let key = batch.key_of.get(row).map_or(0, |k| *k as usize);
            self.newest = self.newest.max(Some(at));
            touch(self, key, 0, 0.0, at, seq);
            if positions && let Some(p) = batch.positions.get(row).and_then(Option::as_ref) {
                for part in 0..POSITION_FIELDS.len() {
                    if let Some(value) = position_number(p, part) {
                        touch(self, key, 1 + part, value, at, seq);
                    }
                }
            }
            for (c, column) in batch.fields.iter().enumerate() {
                if let Some(Value::Number(value)) = column.cells.get(row) {
                    touch(self, key, 1 + POSITION_FIELDS.len() + c, *value, at, seq);
                }
            }
        }
    }

    /// Keeps sketches of these fields from now on.
    pub fn keep_quantiles(&mut self, fields: &[String]) {
        fields.clone_into(&mut self.quantiles);
        let has = |n: &SeriesName| fields.iter().any(|q| **q == *n.field);
        self.sketched = self.names.iter().map(has).collect();
    }

    /// The latest event time that was ever seen.
    pub const fn newest(&self) -> Option<Millis> {
        self.newest
    }

    /// Whether numbers were left out because there are [`limits::SERIES_PER_BOARD`] series already.
    pub const fn is_full(&self) -> bool {
        self.full
    }

    /// How many series there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether nothing was ever counted.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Cells in memory.
    pub const fn cells(&self) -> usize {
        self.cells
    }

    /// Names that the shell has not stored yet, with the number of the first of them.
    pub fn new_names(&self) -> (usize, &[SeriesName]) {
        (self.stored_names, self.names.get(self.stored_names..).unwrap_or_default())
    }

    /// The series of an item's field, or of the board's.
    pub fn find(&self, key: Option<&str>, field: &str) -> Option<SeriesId> {
        let number = *self.field_numbers.get(field)?;
        let fields = match key {
            None => &self.of_board,
            Some(key) => &self.keys.get(*self.of_key.get(key)? as usize)?.1,
        };
        fields.iter().find(|(f, _)| *f == number).map(|(_, id)| *id)
    }

    /// Whether the item was ever seen.
    pub fn knows(&self, key: &str) -> bool {
        self.of_key.contains_key(key)
    }

    /// The series of a field for every item that has it, by the order in which items appeared.
    pub fn of_field(&self, field: &str) -> impl Iterator<Item = (&Arc<str>, SeriesId)> {
        let number = self.field_numbers.get(field).copied();
        self.keys.iter().filter_map(move |(key, fields)| {
            let number = number?;
            fields.iter().find(|(f, _)| *f == number).map(|(_, id)| (key, *id))
        })
    }

    /// The names of the fields that have numbers, of one item or of the board; without the count of events.
    pub fn field_names(&self, key: Option<&str>) -> Vec<&str> {
        let fields = match key {
            None => Some(&self.of_board),
            Some(key) => self.of_key.get(key).and_then(|k| self.keys.get(*k as usize)).map(|(_, f)| f),
        };
        let mut names: Vec<&str> = fields
            .into_iter()
            .flatten()
            .filter_map(|(f, _)| self.fields.get(usize::from(*f)).map(AsRef::as_ref))
            .filter(|n: &&str| !n.is_empty())
            .collect();
        names.sort_unstable();
        names
    }

    /// The cells of a series that are in memory, in buckets of a step.
    pub fn fresh(&self, id: SeriesId, step: Step) -> Vec<(Bucket, Cell)> {
        let cells = self.fresh.get(id.0 as usize).map(Vec::as_slice).unwrap_or_default();
        flush::coarser(cells, step)
    }

    /// The sketches of a series that are in memory, each with its bucket of a step.
    fn fresh_sketches(&self, id: SeriesId, step: Step) -> impl Iterator<Item = (Bucket, &Sketch)> {
        let own = (id, Bucket(i64::MIN))..=(id, Bucket(i64::MAX));
        self.sketches.range(own).map(move |((_, bucket), s)| (step.bucket(Step::TenMinutes.start(*bucket)), s))
    }

    fn field_number(&mut self, name: &str) -> u16 {
        if let Some(number) = self.field_numbers.get(name) {
            return *number;
        }
        let number = self.fields.len() as u16;
        let name: Arc<str> = name.into();
        self.fields.push(name.clone());
        self.field_numbers.insert(name, number);
        number
    }

    /// The series of a key's field; `known` remembers the key's number.
    fn series_of_key(&mut self, key: &str, known: Option<&mut u32>, field: u16) -> Option<SeriesId> {
        let number = match known.as_deref() {
            Some(n) if *n != UNKNOWN => *n,
            _ => match self.of_key.get(key) {
                Some(n) => *n,
                None => {
                    let n = self.keys.len() as u32;
                    let key: Arc<str> = key.into();
                    self.of_key.insert(key.clone(), n);
                    self.keys.push((key, Fields::new()));
                    n
                }
            },
        };
        if let Some(known) = known {
            *known = number;
        }
        self.series(Some(number), field)
    }

    fn series(&mut self, key: Option<u32>, field: u16) -> Option<SeriesId> {
        let fields = match key {
            None => &self.of_board,
            Some(key) => &self.keys.get(key as usize)?.1,
        };
        if let Some((_, id)) = fields.iter().find(|(f, _)| *f == field) {
            return Some(*id);
        }
        if self.names.len() >= limits::SERIES_PER_BOARD {
            self.full = true;
            return None;
        }
        let id = SeriesId(self.names.len() as u32);
        let name = SeriesName {
            key: key.and_then(|k| self.keys.get(k as usize)).map(|(key, _)| key.clone()),
            field: self.fields.get(usize::from(field)).cloned().unwrap_or_default(),
        };
        match key {
            None => self.of_board.push((field, id)),
            Some(key) => self.keys.get_mut(key as usize)?.1.push((field, id)),
        }
        self.sketched.push(self.quantiles.iter().any(|q| **q == *name.field));
        self.names.push(name);
        self.fresh.push(Fresh::new());
        if id.part() >= self.parts.len() {
            self.parts.push(Part::default());
        }
        Some(id)
    }

    fn add(&mut self, key: Option<&str>, field: u16) {
        match key {
            None => self.series(None, field),
            Some(key) => self.series_of_key(key, None, field),
        };
    }

    fn touch(&mut self, id: SeriesId, value: f64, at: Millis, seq: Seq) {
        let (Some(part), Some(fresh)) = (self.parts.get_mut(id.part()), self.fresh.get_mut(id.0 as usize)) else {
            return;
        };
        if seq <= part.through {
            return;
        }
        if part.cells == 0 {
            let waiting = Waiting { part: id.part() as u32, before: seq - 1, row: self.rows };
            self.waiting.push_back(waiting);
        }
        let mut more = 1;
        if self.sketched.get(id.0 as usize).copied().unwrap_or_default() {
            let sketch = self.sketches.entry((id, Step::TenMinutes.bucket(at))).or_insert_with(|| {
                more += sketch::WEIGHT;
                Sketch::default()
            });
            sketch.add(value);
        }
        let bucket = Step::TenSeconds.bucket(at);
        match fresh.last_mut() {
            Some((b, cell)) if *b == bucket => return cell.add(value, at),
            Some((b, _)) if *b > bucket => match fresh.binary_search_by_key(&bucket, |(b, _)| *b) {
                Ok(i) => {
                    if let Some((_, cell)) = fresh.get_mut(i) {
                        cell.add(value, at);
                    }
                    return;
                }
                Err(i) => fresh.insert(i, (bucket, Cell::new(value, at))),
            },
            _ => fresh.push((bucket, Cell::new(value, at))),
        }
        part.cells += more;
        self.cells += more;
    }
}
