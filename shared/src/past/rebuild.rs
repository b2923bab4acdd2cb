//! Items as they were, in the making.

use super::{At, Plan};
use crate::codec::{Batch, DecodeError};
use crate::items::Items;
use crate::projection::{Entry, LoggedRow, Said};
use crate::sights::Shown;
use crate::time::Millis;

/// Items as they were: begun with a frame's, or with none, and then shown the rows of a [`Plan`].
pub struct Rebuild<'s> {
    items: Items,
    at: At,
    shows: &'s dyn Fn(&Batch<'_>, usize) -> Shown,
}

impl<'s> Rebuild<'s> {
    /// Begins; `shows` says how much of each event is seen.
    pub const fn new(items: Items, at: At, shows: &'s dyn Fn(&Batch<'_>, usize) -> Shown) -> Self {
        Self { items, at, shows }
    }

    /// Takes the next row that the plan reads: rows that lie only partly in it are taken in part.
    pub fn row(&mut self, row: LoggedRow<'_>, plan: &Plan) -> Result<(), DecodeError> {
        let entry = Entry::read(row)?;
        match &entry.said {
            Said::Control(control) => {
                let was = match self.at {
                    At::Cursor(_) => true,
                    At::Time(until) => control.at <= until,
                };
                if was && entry.first > plan.begins && entry.last <= plan.upto {
                    self.items.control(control, entry.first);
                }
            }
            Said::Events(batch) => {
                let was = |time: Millis| match self.at {
                    At::Cursor(_) => true,
                    At::Time(until) => time <= until,
                };
                let shown = |row: usize| {
                    let time = batch.times.get(row).copied().unwrap_or_default();
                    let seq = entry.first + row as u64;
                    if seq > plan.begins && seq <= plan.upto && was(time) {
                        (self.shows)(batch, row)
                    } else {
                        Shown::Nothing
                    }
                };
                self.items.apply_shown(batch, entry.first, shown, |_, _| {});
            }
        }
        Ok(())
    }

    /// The items.
    pub fn finish(self) -> Items {
        self.items
    }
}
