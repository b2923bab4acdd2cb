//! The newest of what happened, numbered, as it is kept in memory and stored in pieces.

mod asked;

pub use asked::{Asked, page_rows};

use crate::time::Millis;
use std::collections::{BTreeSet, VecDeque};

/// Entries in a stored piece.
pub const PER_CHUNK: u64 = 256;

/// Something that is noted.
pub trait Noted {
    /// Its number.
    fn id(&self) -> u64;
    /// Its number is this.
    fn set_id(&mut self, id: u64);
    /// When the board learned of it.
    fn at(&self) -> Millis;
    /// To which item it happened.
    fn key(&self) -> &str;
}

/// The newest entries, `MOST` of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal<T, const MOST: usize> {
    /// In the order of their numbers.
    list: VecDeque<T>,
    /// The last number that was given.
    last: u64,
    /// Chunks that are not stored as they are now.
    unsaved: BTreeSet<u64>,
}

impl<T, const MOST: usize> Default for Journal<T, MOST> {
    fn default() -> Self {
        Self { list: VecDeque::new(), last: 0, unsaved: BTreeSet::new() }
    }
}

impl<T: Noted, const MOST: usize> Journal<T, MOST> {
    /// Something happened; its number is given here. The oldest entry makes room.
    pub fn push(&mut self, mut entry: T) {
        self.last += 1;
        entry.set_id(self.last);
        self.unsaved.insert(self.last / PER_CHUNK);
        self.list.push_back(entry);
        if self.list.len() > MOST {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some(gone) = self.list.pop_front() {
            self.unsaved.insert(gone.id() / PER_CHUNK);
        }
    }

    /// Drops what the board learned of before; whether there was any.
    pub fn trim(&mut self, before: Millis) -> bool {
        let had = self.list.len();
        while self.list.front().is_some_and(|entry| entry.at() < before) {
            self.drop_first();
        }
        had != self.list.len()
    }

    /// When the board learned of the oldest.
    pub fn oldest(&self) -> Option<Millis> {
        self.list.front().map(Noted::at)
    }

    /// Drops all of one key.
    pub fn forget_key(&mut self, key: &str) {
        let unsaved = &mut self.unsaved;
        self.list.retain(|entry| {
            let stays = entry.key() != key;
            if !stays {
                unsaved.insert(entry.id() / PER_CHUNK);
            }
            stays
        });
    }

    /// All of them, the oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.list.iter()
    }

    /// Those after a number, the oldest first.
    pub fn since(&self, id: u64) -> impl Iterator<Item = &T> {
        self.list.range(self.list.partition_point(|entry| entry.id() <= id)..)
    }

    /// The entry of this number, while it is kept.
    pub fn get(&self, id: u64) -> Option<&T> {
        self.list.get(self.list.partition_point(|entry| entry.id() < id)).filter(|entry| entry.id() == id)
    }

    /// The last number that was given.
    pub const fn last(&self) -> u64 {
        self.last
    }

    /// A page of those below a number, the newest first, and where the next one begins.
    pub fn page(&self, after: Option<u64>, limit: usize, fits: impl Fn(&T) -> bool) -> (Vec<&T>, Option<u64>) {
        let end = self.list.partition_point(|entry| after.is_none_or(|after| entry.id() < after));
        let mut fit = self.list.range(..end).rev().filter(|entry| fits(entry));
        let page: Vec<_> = fit.by_ref().take(limit).collect();
        let next = fit.next().and_then(|_| page.last()).map(|entry| entry.id());
        (page, next)
    }

    pub(crate) const fn restore_last(&mut self, last: u64) {
        self.last = last;
    }

    pub(crate) fn restore(&mut self, entry: T) {
        self.list.push_back(entry);
    }

    pub(crate) const fn unsaved(&self) -> &BTreeSet<u64> {
        &self.unsaved
    }

    pub(crate) fn are_stored(&mut self) {
        self.unsaved.clear();
    }

    /// Those of a chunk.
    pub(crate) fn of_chunk(&self, chunk: u64) -> impl Iterator<Item = &T> {
        let from = self.list.partition_point(|entry| entry.id() / PER_CHUNK < chunk);
        let to = self.list.partition_point(|entry| entry.id() / PER_CHUNK <= chunk);
        self.list.range(from..to.max(from))
    }
}
