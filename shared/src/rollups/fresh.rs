//! Cells of ten seconds that are not yet in rows.

use super::SeriesId;
use super::cell::Cell;
use super::step::Bucket;
use crate::time::Millis;

/// No run.
const NONE: u32 = u32::MAX;
/// What a series with cells weighs beside them, in cells: its place, and what a small allocation wastes.
const RUN_WEIGHT: usize = 1;

/// The cells of a series, in the order of their buckets. While a batch is taken, those that belong before others stand
/// in a tail, which is in order as well: they are merged once, at the batch's end.
#[derive(Clone, Debug, Default)]
struct Run {
    cells: Vec<(Bucket, Cell)>,
    /// Where the tail begins; 0: there is none.
    tail: u32,
}

/// The cells of all series that have some.
#[derive(Clone, Debug, Default)]
pub(super) struct Fresh {
    /// The run of each series.
    of: Vec<u32>,
    runs: Vec<Run>,
    /// Runs that nobody has.
    free: Vec<u32>,
    /// Series with a tail.
    late: Vec<SeriesId>,
    /// Cells that were moved to bring others in order: the work beside adding.
    #[cfg(test)]
    pub moved: usize,
}

impl Fresh {
    /// The cells of a series.
    pub fn cells(&self, id: SeriesId) -> &[(Bucket, Cell)] {
        let run = self.of.get(id.0 as usize).and_then(|run| self.runs.get(*run as usize));
        run.map_or(&[], |run| &run.cells)
    }

    /// Adds a number. Within a batch the buckets of a series only rise. What memory it took, in cells.
    pub fn add(&mut self, id: SeriesId, bucket: Bucket, value: f64, at: Millis) -> usize {
        let index = id.0 as usize;
        if index >= self.of.len() {
            self.of.resize(index + 1, NONE);
        }
        let Some(slot) = self.of.get_mut(index) else { return 0 };
        let mut weight = 1;
        if *slot == NONE {
            *slot = self.free.pop().unwrap_or_else(|| {
                self.runs.push(Run::default());
                self.runs.len() as u32 - 1
            });
            weight += RUN_WEIGHT;
        }
        let Some(run) = self.runs.get_mut(*slot as usize) else { return 0 };
        match run.cells.last_mut() {
            Some((b, cell)) if *b == bucket => {
                cell.add(value, at);
                return 0;
            }
            Some((b, _)) if *b > bucket && run.tail == 0 => {
                run.tail = run.cells.len() as u32;
                self.late.push(id);
            }
            _ => {}
        }
        if run.cells.len() == run.cells.capacity() {
            // Most series have one cell: what a vector takes at first would be four.
            run.cells.reserve_exact((run.cells.len() / 2).max(1));
        }
        run.cells.push((bucket, Cell::new(value, at)));
        weight
    }

    /// Ends a batch: tails are merged. `gone` is told of cells that became one with another.
    pub fn settle(&mut self, mut gone: impl FnMut(SeriesId, usize)) {
        for id in std::mem::take(&mut self.late) {
            let slot = self.of.get(id.0 as usize).copied().unwrap_or(NONE);
            let Some(run) = self.runs.get_mut(slot as usize) else { continue };
            let (head, tail) = run.cells.split_at(std::mem::take(&mut run.tail) as usize);
            let Some((first, _)) = tail.first() else { continue };
            let from = head.partition_point(|(b, _)| b < first);
            let before = run.cells.len();
            // Two runs in order, which the sort finds and merges. It is stable: of one bucket the cell that was logged
            // earlier comes first, and takes the other.
            if let Some(mixed) = run.cells.get_mut(from..) {
                #[cfg(test)]
                {
                    self.moved += mixed.len();
                }
                mixed.sort_by_key(|(b, _)| *b);
            }
            run.cells.dedup_by(|later, earlier| {
                let same = later.0 == earlier.0;
                if same {
                    earlier.1.absorb(&later.1);
                }
                same
            });
            if run.cells.len() < before {
                gone(id, before - run.cells.len());
            }
        }
    }

    /// What a series takes in memory, in cells.
    pub fn weight(&self, id: SeriesId) -> usize {
        let cells = self.cells(id).len();
        if cells == 0 { 0 } else { cells + RUN_WEIGHT }
    }

    /// Takes the cells of a series out.
    pub fn take(&mut self, id: SeriesId) -> Vec<(Bucket, Cell)> {
        let Some(slot) = self.of.get_mut(id.0 as usize).filter(|slot| **slot != NONE) else { return Vec::new() };
        let slot = std::mem::replace(slot, NONE);
        self.free.push(slot);
        self.runs.get_mut(slot as usize).map(std::mem::take).unwrap_or_default().cells
    }
}
