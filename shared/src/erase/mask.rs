//! The log without what is being erased: for those who read it, and row by row in place of what is stored.

use super::{Erase, Step};
use crate::board::LogRow;
use crate::codec::{Batch, DecodeError};
use crate::cursor::Seq;
use crate::event::Event;
use crate::limits;
use crate::projection::LoggedRow;
use crate::scores::control::Control;
use std::collections::HashMap;

/// Keys whose history nobody may read any more, each up to an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mask {
    upto: HashMap<String, Seq>,
}

impl Mask {
    /// What these erases hide.
    pub fn of<'e>(erases: impl IntoIterator<Item = &'e Erase>) -> Self {
        let hidden = erases.into_iter().filter(|e| !e.is_done());
        Self { upto: hidden.map(|e| (e.key.clone(), e.upto)).collect() }
    }

    /// Whether nothing is hidden.
    pub fn is_empty(&self) -> bool {
        self.upto.is_empty()
    }

    fn hides(&self, key: &str, seq: Seq) -> bool {
        self.upto.get(key).is_some_and(|upto| seq <= *upto)
    }

    /// A row of the log without what is hidden; none when nothing of it is. `each` is told of every event that is.
    pub fn batch<'r>(
        &self,
        first: Seq,
        row: &'r [u8],
        mut each: impl FnMut(&str, Seq),
    ) -> Result<Option<Batch<'r>>, DecodeError> {
        // Most rows have none of these keys, which the row's beginning tells.
        if self.is_empty() || Control::is_one(row) || !Batch::keys_of(row)?.iter().any(|key| self.hides(key, first)) {
            return Ok(None);
        }
        let mut batch = Batch::decode(row)?;
        let hidden: Vec<bool> = (0..batch.len()).map(|i| self.hides(batch.key(i), first + i as u64)).collect();
        for i in (0..batch.len()).filter(|i| hidden.get(*i) == Some(&true)) {
            each(batch.key(i), first + i as u64);
        }
        let erased = batch.erase(|i| hidden.get(i) == Some(&true));
        Ok((erased > 0).then_some(batch))
    }

    /// The same, packed.
    pub fn row(&self, first: Seq, row: &[u8]) -> Result<Option<Vec<u8>>, DecodeError> {
        Ok(self.batch(first, row, |_, _| {})?.map(|batch| batch.encode()))
    }
}

/// A slice of rewriting the log: rows in, and what becomes of them. All erases that are at the same place of the log go on
/// together.
pub struct Rewriting<'e> {
    mask: Mask,
    erases: &'e mut [Erase],
    from: Seq,
    at: Seq,
    left: usize,
    spent: usize,
    rows: Vec<(Seq, Vec<LogRow>)>,
}

impl<'e> Rewriting<'e> {
    /// Goes on with the first of these erases, over about so many bytes. None: it is done with the log.
    pub fn new(erases: &'e mut [Erase], bytes: usize) -> Option<Self> {
        let Step::Log(from) = erases.first()?.step else { return None };
        let mask = Mask::of(erases.iter());
        Some(Self { mask, erases, from, at: from, left: bytes, spent: 0, rows: Vec::new() })
    }

    /// Rows are shown after this event.
    pub const fn from(&self) -> Seq {
        self.from
    }

    /// Looks at the next row. False: this slice has enough.
    pub fn row(&mut self, row: LoggedRow<'_>) -> Result<bool, DecodeError> {
        let (erases, mut any) = (&mut *self.erases, false);
        let batch = self.mask.batch(row.first, row.bytes, |key, seq| {
            any = true;
            erases.iter_mut().filter(|e| e.key == key).for_each(|e| e.note(seq));
        })?;
        if let Some(batch) = batch {
            let mut rows = Vec::new();
            split(&batch, row, &mut rows);
            self.rows.push((row.last, rows));
        }
        self.at = row.last;
        // A row that is written costs more than one that is read.
        let cost = row.bytes.len() + ROW_COST + if any { 2 * row.bytes.len() } else { 0 };
        self.spent += cost;
        self.left = self.left.saturating_sub(cost);
        Ok(self.left > 0 && self.at < self.lead())
    }

    fn lead(&self) -> Seq {
        self.erases.first().map_or(0, |e| e.upto)
    }

    /// What becomes of rows, by the last event of each; `more` is whether the log may have more of them. The erases are as
    /// they must be stored with that. How many bytes it was worth.
    pub fn finish(self, more: bool) -> (Vec<(Seq, Vec<LogRow>)>, usize) {
        let at = if more { self.at } else { self.lead().max(self.at) };
        for erase in self.erases.iter_mut().filter(|e| e.step == Step::Log(self.from)) {
            erase.log_is_at(at);
        }
        (self.rows, self.spent)
    }
}

/// What a row costs beside its bytes.
const ROW_COST: usize = 256;

/// Packs a rewritten row. Holes can make columns larger than they were: a row that got too large becomes several.
fn split(batch: &Batch<'_>, row: LoggedRow<'_>, rows: &mut Vec<LogRow>) {
    let bytes = batch.encode();
    let most = limits::LOG_ROW_BYTES.max(row.bytes.len());
    if bytes.len() <= most || batch.len() < 2 {
        rows.push(LogRow { first: row.first, last: row.last, batch: bytes });
        return;
    }
    let middle = batch.len() / 2;
    for part in [0..middle, middle..batch.len()] {
        let (first, last) = (row.first + part.start as u64, row.first + part.end as u64 - 1);
        let events: Vec<Event> = part.map(|i| batch.event(i)).collect();
        let mut half = Batch::from_events(&events);
        half.sent_by = batch.sent_by;
        split(&half, LoggedRow { first, last, ..row }, rows);
    }
}
