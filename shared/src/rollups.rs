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
mod erased;
mod flush;
mod fresh;
mod names;
mod projection;
pub mod query;
pub mod rules;
pub mod sketch;
pub mod step;
mod table;
#[cfg(test)]
mod tests;

pub use block::BlockId;
pub use cell::Cell;
pub use erased::{ErasedSeries, erase_names};
pub use flush::PartFlush;
pub use rules::RollupRules;
pub use step::{Bucket, Step};

use crate::codec::{Batch, Cell as Value, DecodeError};
use crate::cursor::Seq;
use crate::position::Position;
use crate::scores::control::{Action, Control};
use crate::time::Millis;
use block::SERIES_PER_PART;
use fresh::Fresh;
use names::{BOARD, Names};
use sketch::Sketch;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

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

/// The parts of a position that are numbers with a course of their own, by their names as fields.
pub const POSITION_FIELDS: [&str; 3] = ["position.speed", "position.altitude", "position.accuracy"];

fn position_number(p: &Position, part: usize) -> Option<f64> {
    match part {
        0 => p.speed(),
        1 => p.altitude(),
        _ => p.accuracy(),
    }
}

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

/// From where a restart replays.
#[derive(Clone, Copy, Debug)]
struct Noted {
    floor: Seq,
    /// How many rows and events there had been.
    row: u64,
    seen: Seq,
}

/// The rollups of a board in memory: names of all series, and the cells that are not yet in rows.
#[derive(Clone, Debug, Default)]
pub struct Rollups {
    names: Names,
    fresh: Fresh,
    parts: Vec<Part>,
    waiting: VecDeque<Waiting>,
    /// Sketches of ten minutes that are not yet in rows.
    sketches: BTreeMap<(SeriesId, Bucket), Sketch>,
    /// Whether a field has them, by its number.
    sketched: Vec<bool>,
    /// Names below this number are stored, and will be when what was given is.
    stored_names: usize,
    given_names: usize,
    cells: usize,
    rows: u64,
    /// The last event that was seen.
    seen: Seq,
    /// The floor that is stored, and how many rows there were then.
    noted: Option<Noted>,
    /// Nothing is rolled up.
    off: bool,
    rules: RollupRules,
    newest: Option<Millis>,
    /// Whether there are more numbers than series.
    full: bool,
}

const UNKNOWN: u32 = u32::MAX;
const NONE: u32 = u32::MAX - 1;

impl Rollups {
    /// Takes the name of the next series as it was stored: key (none: the board's) and field.
    pub fn restore_name(&mut self, key: Option<&str>, field: &str) {
        let field = self.names.field(field);
        let id = if key == Some(names::ERASED) {
            self.names.nobody(field)
        } else {
            let key = key.map_or(BOARD, |key| self.names.key(key));
            self.names.restore(key, field)
        };
        self.make_part(id);
        (self.stored_names, self.given_names) = (self.names.len(), self.names.len());
    }

    /// Takes the names of the next series as [`Rollups::new_names`] packed them.
    pub fn restore_names(&mut self, packed: &[u8]) -> Result<(), DecodeError> {
        names::unpack(packed, |key, field| self.restore_name(key, field))
    }

    /// A part's rows go up to an event. Its names have been restored.
    fn restore_part(&mut self, part: u64, through: Seq) {
        if let Some(p) = usize::try_from(part).ok().and_then(|part| self.parts.get_mut(part)) {
            p.through = through;
        }
    }

    /// Takes a row of the log whose first event is `first`. Rows come in order; what a part's rows have seen is passed over.
    pub fn apply(&mut self, batch: &Batch<'_>, first: Seq) {
        if self.off {
            self.pass(first + batch.len() as u64 - 1);
        } else {
            self.apply_events(batch, first, 0..batch.len());
        }
    }

    /// Takes a control of the log.
    pub fn control(&mut self, seq: Seq, control: &Control) {
        if let Action::EndItems { keys } = &control.what {
            self.end(keys);
        }
        self.pass(seq);
    }

    /// Passes over a row that has nothing to be rolled up.
    pub fn pass(&mut self, last: Seq) {
        self.rows += 1;
        self.seen = last;
    }

    /// Takes some events of a row, by their places in it: a shell that writes what is too much in between takes a row in
    /// slices.
    pub fn apply_events(&mut self, batch: &Batch<'_>, first: Seq, events: Range<usize>) {
        if events.start == 0 {
            self.rows += 1;
        }
        // A series for each distinct key, and one row more for the board, by column: found once a batch.
        let positions = batch.positions.iter().any(Option::is_some);
        let columns = 1 + POSITION_FIELDS.len() + batch.fields.len();
        let names = std::iter::once("").chain(POSITION_FIELDS).chain(batch.fields.iter().map(|c| c.name));
        let numbers: Vec<u16> = names.map(|n| self.names.field(n)).collect();
        self.mark_sketched();
        let board = batch.keys.len();
        let mut found = vec![UNKNOWN; (board + 1) * columns];
        let before = first + events.start as u64 - 1;
        self.seen = first + events.end as u64 - 1;
        let mut touch = |rollups: &mut Self, key: usize, column: usize, value: f64, at: Millis, seq: Seq| {
            for owner in [key, board] {
                let Some(slot) = found.get_mut(owner * columns + column) else { continue };
                if *slot == UNKNOWN {
                    let number = numbers.get(column).copied().unwrap_or_default();
                    let key = batch.keys.get(owner).map_or(BOARD, |key| rollups.names.key(key));
                    *slot = rollups.series(key, number).map_or(NONE, |id| id.0);
                }
                if *slot != NONE {
                    rollups.touch(SeriesId(*slot), value, at, seq, before);
                }
            }
        };
        // In ascending time, and of one time in the order of the log: the cells of each series then come in order.
        let time = |row: &usize| batch.times.get(*row).copied().unwrap_or_default();
        let mut order: Vec<usize> = events.collect();
        if !order.is_sorted_by_key(time) {
            order.sort_by_key(time);
        }
        for row in order.into_iter().filter(|row| !batch.is_hole(*row)) {
            let (seq, at) = (first + row as u64, time(&row));
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
        let (parts, cells) = (&mut self.parts, &mut self.cells);
        self.fresh.settle(|id, gone| {
            *cells = cells.saturating_sub(gone);
            if let Some(part) = parts.get_mut(id.part()) {
                part.cells = part.cells.saturating_sub(gone);
            }
        });
    }

    /// Goes by these rules from now on. What was not rolled up stays so: series begin again with the next event. Before it is
    /// switched on or off, whatever waits must have been written.
    pub fn configure(&mut self, rules: &RollupRules) {
        if self.off == rules.enabled {
            self.off = !rules.enabled;
            self.noted = None;
        }
        rules.clone_into(&mut self.rules);
        self.sketched.clear();
        self.mark_sketched();
    }

    /// Whether numbers are rolled up.
    pub const fn is_on(&self) -> bool {
        !self.off
    }

    /// Finds out which fields have sketches, of those that are new.
    fn mark_sketched(&mut self) {
        for number in self.sketched.len()..self.names.field_count() {
            let name = self.names.field_name(number as u16);
            self.sketched.push(self.rules.quantiles.iter().any(|q| q == name));
        }
    }

    /// Items ended: their series stay as they are, and count no longer against `SERIES_PER_BOARD`.
    pub fn end(&mut self, keys: &[String]) {
        keys.iter().for_each(|key| self.names.end(key));
    }

    /// All names have been restored; how many items there are, and of which keys.
    pub fn end_all_but(&mut self, items: usize, has_item: impl Fn(&str) -> bool) {
        self.names.end_all_but(items, has_item);
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
    pub const fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether nothing was ever counted.
    pub const fn is_empty(&self) -> bool {
        self.names.len() == 0
    }

    /// What is in memory beside the names, in cells of 80 bytes.
    pub const fn cells(&self) -> usize {
        self.cells
    }

    /// Names that the shell has not stored yet, packed in rows, each with the number of its first series.
    pub fn new_names(&self) -> Vec<(usize, Vec<u8>)> {
        let starts = (self.stored_names..self.names.len()).step_by(names::NAMES_PER_ROW);
        starts.map(|start| (start, self.names.pack(start))).collect()
    }

    /// The series of an item's field, or of the board's.
    pub fn find(&self, key: Option<&str>, field: &str) -> Option<SeriesId> {
        self.names.find(key, field)
    }

    /// Whether the item was ever seen.
    pub fn knows(&self, key: &str) -> bool {
        self.names.find_key(key).is_some()
    }

    /// The series of a field for every item that has it.
    pub fn of_field(&self, field: &str) -> impl Iterator<Item = (&str, SeriesId)> {
        self.names.of_field(field)
    }

    /// The names of the fields that have numbers, of one item or of the board; without the count of events.
    pub fn field_names(&self, key: Option<&str>) -> Vec<&str> {
        self.names.fields_of(key)
    }

    /// The cells of a series that are in memory, in buckets of a step.
    pub fn fresh(&self, id: SeriesId, step: Step) -> Vec<(Bucket, Cell)> {
        flush::coarser(self.fresh.cells(id), step)
    }

    /// The sketches of a series that are in memory, each with its bucket of a step.
    fn fresh_sketches(&self, id: SeriesId, step: Step) -> impl Iterator<Item = (Bucket, &Sketch)> {
        let own = (id, Bucket(i64::MIN))..=(id, Bucket(i64::MAX));
        self.sketches.range(own).map(move |((_, bucket), s)| (step.bucket(Step::TenMinutes.start(*bucket)), s))
    }

    fn series(&mut self, key: u32, field: u16) -> Option<SeriesId> {
        let Some(id) = self.names.series(key, field) else {
            self.full = true;
            return None;
        };
        self.make_part(id);
        Some(id)
    }

    fn make_part(&mut self, id: SeriesId) {
        if id.part() >= self.parts.len() {
            self.parts.push(Part::default());
        }
    }

    fn touch(&mut self, id: SeriesId, value: f64, at: Millis, seq: Seq, before: Seq) {
        let Some(part) = self.parts.get_mut(id.part()) else { return };
        if seq <= part.through {
            return;
        }
        if part.cells == 0 {
            // Events come by time: the first one here may be a late one of the row.
            let before = before.max(part.through);
            self.waiting.push_back(Waiting { part: id.part() as u32, before, row: self.rows });
        }
        let mut more = self.fresh.add(id, Step::TenSeconds.bucket(at), value, at);
        let field = self.names.field_of(id).unwrap_or_default();
        if self.sketched.get(usize::from(field)).copied().unwrap_or_default() {
            let sketch = self.sketches.entry((id, Step::TenMinutes.bucket(at))).or_insert_with(|| {
                more += sketch::WEIGHT;
                Sketch::default()
            });
            sketch.add(value);
        }
        part.cells += more;
        self.cells += more;
    }
}
