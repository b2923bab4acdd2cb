//! Erasing an item's series. Its series become nobody's at once, so that no view has them and an item that begins anew under
//! the key has others; their cells in stored rows go row by row. What was added up over the whole board stays.

use super::block::{self, BlockId, SERIES_PER_PART};
use super::names::{self, BOARD};
use super::sketch;
use super::{Bucket, Rollups, SeriesId, Step};
use crate::codec::DecodeError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Series whose cells in stored rows are to go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErasedSeries(BTreeSet<u32>);

impl ErasedSeries {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes others as well.
    pub fn also(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Their numbers.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.0.iter().copied()
    }

    /// The rows that may have cells of them, as ranges of numbers, ascending: the first and the last of each.
    pub fn ranges(&self) -> Vec<(u64, u64)> {
        let parts: BTreeSet<u32> = self.0.iter().map(|id| id / SERIES_PER_PART).collect();
        let range = |sketches: bool, step: Step, part: u32| {
            let id = |block| BlockId { step, part, block, sketches }.number();
            (id(0), id(u32::MAX))
        };
        let kinds = [false, true].into_iter().flat_map(|sketches| Step::ALL.map(|step| (sketches, step)));
        let mut ranges: Vec<(u64, u64)> =
            kinds.flat_map(|(sketches, step)| parts.iter().map(move |part| range(sketches, step, *part))).collect();
        ranges.sort_unstable();
        ranges
    }

    /// A stored row without their cells: nothing when it has none of them, an empty row when it has no others.
    pub fn without(&self, id: BlockId, row: &[u8]) -> Result<Option<Vec<u8>>, DecodeError> {
        let first = id.part * SERIES_PER_PART;
        let is_erased = |slot: u8| self.0.contains(&(first + u32::from(slot)));
        if id.sketches {
            let mut all = sketch::decode(row, |_| true)?;
            let before = all.len();
            all.retain(|(slot, _), _| !is_erased(*slot));
            let left = if all.is_empty() { Vec::new() } else { sketch::encode(&all) };
            return Ok((all.len() < before).then_some(left));
        }
        let mut all = block::decode(id, row)?;
        let before = all.len();
        all.retain(|(slot, _), _| !is_erased(*slot));
        let left = if all.is_empty() { Vec::new() } else { block::encode(id, &all) };
        Ok((all.len() < before).then_some(left))
    }
}

impl Rollups {
    /// Makes the series of an item nobody's and forgets their cells in memory. Those whose names are stored may have cells
    /// in rows; the shell stores their names anew with [`erase_names`] before anything else is read.
    pub fn erase(&mut self, key: &str) -> ErasedSeries {
        let all = self.names.erase(key);
        for id in &all {
            let mut gone = self.fresh.weight(*id);
            self.fresh.take(*id);
            let own: Vec<_> =
                self.sketches.range((*id, Bucket(i64::MIN))..=(*id, Bucket(i64::MAX))).map(|(at, _)| *at).collect();
            gone += own.len() * sketch::WEIGHT;
            own.iter().for_each(|at| drop(self.sketches.remove(at)));
            self.cells = self.cells.saturating_sub(gone);
            if let Some(part) = self.parts.get_mut(id.part()).filter(|_| gone > 0) {
                part.cells = part.cells.saturating_sub(gone);
                if part.cells == 0 {
                    self.waiting.retain(|w| w.part as usize != id.part());
                }
            }
        }
        ErasedSeries(all.into_iter().map(|id| id.0).filter(|id| (*id as usize) < self.stored_names).collect())
    }

    /// Parts with numbers of the whole board in memory. They are written before an erase begins: the log will not have all
    /// of them any more.
    pub(super) fn waiting_of_board(&self) -> Vec<u32> {
        let fields = 0..self.names.field_count();
        let board = fields.filter_map(|field| self.names.find_numbered(BOARD, field as u16));
        let parts: BTreeSet<u32> = board.map(|id: SeriesId| id.part() as u32).collect();
        let waits = |part: &u32| self.waiting.iter().any(|w| w.part == *part);
        parts.into_iter().filter(waits).collect()
    }
}

/// Names as [`Rollups::new_names`] packed them, with those of an erased key marked; none when it has none there.
pub fn erase_names(packed: &[u8], key: &str) -> Result<Option<Vec<u8>>, DecodeError> {
    names::erase(packed, key)
}
