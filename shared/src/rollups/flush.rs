//! From memory to rows: one part at a time, so that no request waits for long.

use super::block::{self, BlockId, Cells};
use super::cell::Cell;
use super::sketch::{self, Sketches};
use super::step::{Bucket, Step};
use super::{Rollups, SeriesId, Waiting};
use crate::codec::DecodeError;
use crate::cursor::Seq;
use crate::limits;
use crate::time::Millis;
use std::collections::BTreeMap;

/// What of a part goes to its rows. The shell reads each row, has it merged, and writes it, all in one transaction with
/// [`PartFlush::through`] and the new names.
pub struct PartFlush {
    /// Which part.
    pub part: u32,
    /// The last event that its rows have seen then.
    pub through: Seq,
    rows: BTreeMap<BlockId, Cells>,
    sketches: BTreeMap<BlockId, Sketches>,
}

impl PartFlush {
    /// The rows that change.
    pub fn rows(&self) -> impl Iterator<Item = BlockId> {
        self.rows.keys().chain(self.sketches.keys()).copied()
    }

    /// A row as it must be now, given what it was.
    pub fn merge(&self, id: BlockId, stored: Option<&[u8]>) -> Result<Vec<u8>, DecodeError> {
        if let Some(fresh) = self.sketches.get(&id) {
            let mut all = stored.map_or_else(|| Ok(Sketches::new()), |bytes| sketch::decode(bytes, |_| true))?;
            for (place, one) in fresh {
                all.entry(*place).or_default().absorb(one);
            }
            return Ok(sketch::encode(&all));
        }
        let Some(fresh) = self.rows.get(&id) else { return Ok(stored.unwrap_or_default().to_vec()) };
        let Some(stored) = stored else { return Ok(block::encode(id, fresh)) };
        let mut cells = block::decode(id, stored)?;
        for (place, cell) in fresh {
            cells.entry(*place).and_modify(|c| c.absorb(cell)).or_insert(*cell);
        }
        Ok(block::encode(id, &cells))
    }
}

impl Rollups {
    /// The part that has waited longest, when that was for much of the log. One a request is enough: there are fewer
    /// parts than rows that they may wait for.
    pub(super) fn due(&self) -> Option<u32> {
        let is_due = |w: &&Waiting| {
            self.rows >= w.row + limits::ROLLUP_LOG_ROWS || self.seen >= w.before + limits::ROLLUP_LOG_EVENTS
        };
        self.waiting.front().filter(is_due).map(|w| w.part)
    }

    /// Parts that are to be written: what is due, and the fullest ones until memory has room again. One request may bring
    /// numbers of many parts.
    pub(super) fn due_parts(&self) -> Vec<u32> {
        let mut parts: Vec<u32> = self.due().into_iter().collect();
        if self.cells < limits::ROLLUP_CELLS_IN_MEMORY {
            return parts;
        }
        let cells = |part: &u32| self.parts.get(*part as usize).map_or(0, |p| p.cells);
        let mut left = self.cells - parts.iter().map(cells).sum::<usize>().min(self.cells);
        let mut others: Vec<u32> = self.waiting.iter().map(|w| w.part).filter(|p| !parts.contains(p)).collect();
        others.sort_by_key(|part| std::cmp::Reverse(cells(part)));
        for part in others {
            if left < limits::ROLLUP_CELLS_IN_MEMORY {
                break;
            }
            left -= cells(&part).min(left);
            parts.push(part);
        }
        parts
    }

    /// Any part that has cells in memory.
    pub fn waiting(&self) -> Option<u32> {
        self.waiting.front().map(|w| w.part)
    }

    /// Takes a part's cells out of memory. `head` is the last event of the log. When the shell fails to write them it
    /// must load the rollups anew.
    pub fn flush(&mut self, part: u32, head: Seq) -> PartFlush {
        let mut rows: BTreeMap<BlockId, Cells> = BTreeMap::new();
        let first = part * block::SERIES_PER_PART;
        for id in (first..first + block::SERIES_PER_PART).map(SeriesId) {
            let mut finer = self.fresh.take(id);
            for step in Step::ALL {
                finer = coarser(&finer, step);
                for (bucket, cell) in &finer {
                    rows.entry(BlockId::of(step, part, *bucket)).or_default().insert((id.slot(), *bucket), *cell);
                }
            }
        }
        if let Some(p) = self.parts.get_mut(part as usize) {
            self.cells = self.cells.saturating_sub(std::mem::take(&mut p.cells));
            p.through = head;
        }
        self.waiting.retain(|w| w.part != part);
        let mut sketches: BTreeMap<BlockId, Sketches> = BTreeMap::new();
        let own = SeriesId(first)..SeriesId(first + block::SERIES_PER_PART);
        let after = self.sketches.split_off(&(own.start, Bucket(i64::MIN)));
        let (mine, rest): (BTreeMap<_, _>, BTreeMap<_, _>) = after.into_iter().partition(|((id, _), _)| *id < own.end);
        self.sketches.extend(rest);
        for ((id, bucket), one) in mine {
            let at = Step::TenMinutes.start(bucket);
            for step in sketch::STEPS {
                let bucket = step.bucket(at);
                let row = sketches.entry(sketch::block_of(step, part, bucket)).or_default();
                row.entry((id.slot(), bucket)).or_default().absorb(&one);
            }
        }
        PartFlush { part, through: head, rows, sketches }
    }

    /// The event up to which all parts' rows go once these are written: what a restart must replay begins after it.
    pub(super) fn floor_without(&self, written: &[u32]) -> Seq {
        let others = self.waiting.iter().filter(|w| !written.contains(&w.part));
        others.map(|w| w.before).min().unwrap_or(self.seen)
    }

    /// For each step the first block that is kept, by the rules and the time; the blocks before may go.
    /// A board whose newest event is of the past keeps what was recent then.
    pub(super) fn kept_from(&self, now: Millis) -> Vec<BlockId> {
        let Some(newest) = self.newest else { return Vec::new() };
        let end = newest.min(now);
        Step::ALL
            .into_iter()
            .flat_map(|step| {
                let oldest = step.bucket(end.plus(-i64::from(self.rules.kept_days(step)) * Step::Day.millis()));
                [BlockId::of(step, 0, oldest), sketch::block_of(step, 0, oldest)]
            })
            .collect()
    }
}

/// Cells in buckets of a longer step, made from cells in the order of their buckets.
pub(super) fn coarser(cells: &[(Bucket, Cell)], step: Step) -> Vec<(Bucket, Cell)> {
    let mut all: Vec<(Bucket, Cell)> = Vec::new();
    for (_, cell) in cells {
        let bucket = step.bucket(cell.first_at);
        match all.last_mut() {
            Some((b, sum)) if *b == bucket => sum.absorb(cell),
            _ => all.push((bucket, *cell)),
        }
    }
    all
}
