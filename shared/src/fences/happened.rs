//! What happened at fences, the newest of it: who entered, left and dwelled.

use super::stay::{Fix, Why};
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::rollups::query::time;
use crate::time::Millis;
use crate::views::query::{Wrong, read_pairs, refuse};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FenceEventKind"))]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// An item entered.
    Enter,
    /// An item left.
    Exit,
    /// An item has been inside for as long as `dwell_s` says.
    Dwell,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Its number on the board.
    pub id: u64,
    /// What.
    pub what: What,
    /// At which fence.
    pub fence: Box<str>,
    /// To which item.
    pub key: Box<str>,
    /// Where the item was, and when.
    pub fix: Fix,
    /// When the board learned of it.
    pub at: Millis,
    /// How many milliseconds the item was inside by then.
    pub inside: i64,
    /// Why.
    pub why: Why,
}

/// Happenings in a stored piece.
pub(super) const PER_CHUNK: u64 = 256;

/// The newest happenings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Happenings {
    /// In the order of their numbers.
    list: VecDeque<Happening>,
    /// The last number that was given.
    last: u64,
    /// Chunks that are not stored as they are now.
    unsaved: BTreeSet<u64>,
}

impl Happenings {
    /// Something happened; its number is given here.
    pub fn push(&mut self, happening: Happening) {
        self.last += 1;
        self.unsaved.insert(self.last / PER_CHUNK);
        self.list.push_back(Happening { id: self.last, ..happening });
        if self.list.len() > limits::FENCE_EVENTS {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some(gone) = self.list.pop_front() {
            self.unsaved.insert(gone.id / PER_CHUNK);
        }
    }

    /// Drops what the board learned of before; whether there was any.
    pub fn trim(&mut self, before: Millis) -> bool {
        let had = self.list.len();
        while self.list.front().is_some_and(|h| h.at < before) {
            self.drop_first();
        }
        had != self.list.len()
    }

    /// When the board learned of the oldest.
    pub fn oldest(&self) -> Option<Millis> {
        self.list.front().map(|h| h.at)
    }

    /// Drops all of one key.
    pub fn forget_key(&mut self, key: &str) {
        let unsaved = &mut self.unsaved;
        self.list.retain(|h| {
            let stays = &*h.key != key;
            if !stays {
                unsaved.insert(h.id / PER_CHUNK);
            }
            stays
        });
    }

    /// All of them, the oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Happening> {
        self.list.iter()
    }

    /// The last number that was given.
    pub const fn last(&self) -> u64 {
        self.last
    }

    pub(super) const fn restore_last(&mut self, last: u64) {
        self.last = last;
    }

    pub(super) fn restore(&mut self, happening: Happening) {
        self.list.push_back(happening);
    }

    pub(super) const fn unsaved(&self) -> &BTreeSet<u64> {
        &self.unsaved
    }

    pub(super) fn are_stored(&mut self) {
        self.unsaved.clear();
    }

    /// Those of a chunk.
    pub(super) fn of_chunk(&self, chunk: u64) -> impl Iterator<Item = &Happening> {
        let from = self.list.partition_point(|h| h.id / PER_CHUNK < chunk);
        let to = self.list.partition_point(|h| h.id / PER_CHUNK <= chunk);
        self.list.range(from..to.max(from))
    }

    /// A page, the newest first, and where the next one begins.
    pub fn page(&self, query: &HappeningsQuery) -> (Vec<&Happening>, Option<u64>) {
        let end = self.list.partition_point(|h| query.after.is_none_or(|after| h.id < after));
        let limit = query.limit.unwrap_or(limits::PAGE_ROWS);
        let mut fits = self.list.range(..end).rev().filter(|h| query.fits(h));
        let page: Vec<_> = fits.by_ref().take(limit).collect();
        let next = fits.next().and_then(|_| page.last()).map(|h| h.id);
        (page, next)
    }
}

/// The query of `…/fences/events`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HappeningsQuery {
    /// Only what happened then or later.
    pub from: Option<Millis>,
    /// Only what happened before.
    pub to: Option<Millis>,
    /// Only of this item.
    pub key: Option<String>,
    /// Only at this fence.
    pub fence: Option<String>,
    /// Only this.
    pub kind: Option<What>,
    /// How many.
    pub limit: Option<usize>,
    /// Only what is older than this number: the `next` of the page before.
    pub after: Option<u64>,
}

impl HappeningsQuery {
    /// Reads name–value pairs; every wrong one is named.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let mut query = Self::default();
        read_pairs(pairs, |name, value| query.set(name, value))?;
        if query.from.zip(query.to).is_some_and(|(from, to)| from >= to) {
            let message = "to is after from; they may have been exchanged";
            refuse(vec![FieldError::new("to", Code::InvalidParameter, message)])?;
        }
        Ok(query)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Wrong> {
        match name {
            "from" => self.from = Some(time(value)?),
            "to" => self.to = Some(time(value)?),
            "key" => self.key = Some(value.to_owned()),
            "fence" => self.fence = Some(value.to_owned()),
            "kind" => {
                self.kind = Some(match value {
                    "enter" => What::Enter,
                    "exit" => What::Exit,
                    "dwell" => What::Dwell,
                    _ => return Err(Wrong::Value("is enter, exit or dwell".to_owned())),
                });
            }
            "limit" => {
                let n = value.parse().unwrap_or(0);
                if !(1..=limits::PAGE_ROWS_MAX).contains(&n) {
                    return Err(format!("is 1 to {}", limits::PAGE_ROWS_MAX).into());
                }
                self.limit = Some(n);
            }
            "after" => {
                let after = value.parse().ok().filter(|after| *after <= limits::SEQ_MAX);
                self.after = Some(after.ok_or_else(|| "is the next of the page before".to_owned())?);
            }
            _ => return Err(Wrong::Unknown("from, to, key, fence, kind, limit and after")),
        }
        Ok(())
    }

    fn fits(&self, h: &Happening) -> bool {
        self.from.is_none_or(|from| h.fix.time >= from)
            && self.to.is_none_or(|to| h.fix.time < to)
            && self.key.as_ref().is_none_or(|key| **key == *h.key)
            && self.fence.as_ref().is_none_or(|fence| **fence == *h.fence)
            && self.kind.is_none_or(|kind| kind == h.what)
    }
}
