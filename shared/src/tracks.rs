//! Tracks: where every item was, as a projection of the log. Each position of an event is a fix of its key's track, and lies
//! where its time says, whenever it came.
//!
//! What is new is in memory, and in the log. 32 tracks make a part; once a part has waited for long, or memory is full, its
//! fixes go to pages: one for each day that they are of, in columns (see [`page`]), which grow until they are full. So many
//! tracks share a row, and a row is written for thousands of fixes. A part remembers up to which event its pages go: a replay
//! neither forgets nor doubles anything.

pub mod answer;
pub mod columns;
mod erased;
pub mod fix;
mod flush;
mod geojson;
mod gpx;
mod kml;
mod lines;
mod names;
pub mod page;
pub mod place;
mod projection;
pub mod query;
pub mod read;
pub mod rules;
mod state;
#[cfg(test)]
mod tests;
mod thin;
pub mod trips;
mod xml;

pub use erased::ErasedTracks;
pub use fix::Fix;
pub use read::Pages;
pub use rules::TrackRules;

use crate::codec::{Batch, SentBy};
use crate::cursor::Seq;
use crate::limits;
use crate::time::Millis;

use names::Names;
use place::{Day, TrackId};
use state::Head;
use std::collections::VecDeque;

/// A page that takes more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Open {
    day: Day,
    page: u32,
    /// How many fixes it was given.
    fixes: u32,
}

/// 32 tracks.
#[derive(Clone, Debug, Default)]
struct Part {
    /// The last event that its pages have seen.
    through: Seq,
    /// The number of its next page.
    next: u32,
    /// Pages that take more, the latest last.
    open: Vec<Open>,
    /// Fixes that are not yet in pages, each with its track's place, in the order in which they came, and how many. One list: a
    /// board of very many items has a fix of each.
    fresh: Vec<(u8, Fix)>,
    count: usize,
}

/// A part with fixes in memory since a row of the log.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    part: u32,
    /// The event before the first one that is not in its pages.
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

/// The tracks of a board: whose there are, and the fixes that are not yet in pages.
#[derive(Clone, Debug, Default)]
pub struct Tracks {
    names: Names,
    parts: Vec<Part>,
    waiting: VecDeque<Waiting>,
    /// Fixes in memory.
    fixes: usize,
    /// Names below this number are stored, and will be when what was given is.
    stored_names: usize,
    given_names: usize,
    rows: u64,
    /// The last event that was seen.
    seen: Seq,
    noted: Option<Noted>,
    rules: TrackRules,
    head: Head,
}

/// Stands for the track of a key that was not looked for yet, and of one that can have none.
const UNKNOWN: u32 = u32::MAX;
const NONE: u32 = u32::MAX - 1;

impl Tracks {
    /// The last event that was seen.
    pub const fn seen(&self) -> Seq {
        self.seen
    }

    /// Whether tracks are kept.
    pub const fn is_on(&self) -> bool {
        self.rules.enabled
    }

    /// How tracks are kept.
    pub const fn rules(&self) -> &TrackRules {
        &self.rules
    }

    /// Goes by these rules from now on. Before that, whatever waits must have been written.
    pub fn configure(&mut self, rules: &TrackRules) {
        if self.rules != *rules {
            self.noted = None;
            rules.clone_into(&mut self.rules);
        }
    }

    /// The log has nothing more up to this event: what is missing was pruned.
    pub fn is_at(&mut self, seq: Seq) {
        self.seen = self.seen.max(seq);
    }

    /// Takes a row of the log that was just written, unless rows before it are still to be read.
    pub fn follow(&mut self, batch: &Batch<'_>, first: Seq) {
        if self.seen + 1 == first {
            self.apply(batch, first);
        }
    }

    /// Passes over a row that was just written and has no positions, unless rows before it are still to be read.
    pub const fn pass(&mut self, last: Seq) {
        if self.seen + 1 == last {
            self.take(last);
        }
    }

    const fn take(&mut self, last: Seq) {
        self.rows += 1;
        self.seen = last;
    }

    /// Takes a row of the log whose first event is `first`. What a part's pages have seen is passed over.
    pub fn apply(&mut self, batch: &Batch<'_>, first: Seq) {
        self.take(first + batch.len() as u64 - 1);
        if !self.rules.enabled || batch.positions.iter().all(Option::is_none) {
            return;
        }
        let by_manager = batch.sent_by == SentBy::Manager;
        // Found once a batch.
        let mut found = vec![UNKNOWN; batch.keys.len()];
        for row in 0..batch.len() {
            let Some(position) = batch.positions.get(row).and_then(Option::as_ref) else { continue };
            if batch.is_hole(row) {
                continue;
            }
            let (time, seq) = (batch.times.get(row).copied().unwrap_or_default(), first + row as u64);
            let Some(slot) = batch.key_of.get(row).and_then(|k| found.get_mut(*k as usize)) else { continue };
            if *slot == UNKNOWN {
                *slot = self.names.track(batch.key(row)).map_or(NONE, |track| track.0);
            }
            if *slot != NONE {
                self.put(TrackId(*slot), seq, Fix::new(time, position, by_manager));
            }
        }
    }

    fn put(&mut self, track: TrackId, seq: Seq, fix: Fix) {
        let number = track.part();
        if self.parts.len() <= number as usize {
            self.parts.resize_with(number as usize + 1, Part::default);
        }
        self.head.newest = self.head.newest.max(Some(fix.time));
        let too_old = Day::of(fix.time) < self.kept_by_time();
        let Some(part) = self.parts.get_mut(number as usize) else { return };
        if seq <= part.through || too_old {
            return;
        }
        if part.count == 0 {
            self.waiting.push_back(Waiting { part: number, before: seq - 1, row: self.rows });
        }
        part.fresh.push((track.slot(), fix));
        part.count += 1;
        self.fixes += 1;
    }

    /// The first day that is kept by the rules. A board whose newest fix is of the past keeps what was recent then.
    fn kept_by_time(&self) -> Day {
        self.head.newest.map_or(Day(0), |newest| Day::of(newest).before(self.rules.keep_days))
    }

    /// The first day that is kept, also by how much there is: whole days go, the oldest first.
    fn kept_from(&self) -> Day {
        let by_time = self.kept_by_time();
        let mut left = limits::TRACK_FIXES_PER_BOARD;
        let mut from = None;
        for (day, fixes) in self.head.days.range(by_time..).rev() {
            if *fixes > left {
                // Of the newest day all is kept, however much it is.
                return from.unwrap_or(*day);
            }
            left -= fixes;
            from = Some(*day);
        }
        by_time
    }

    /// Whether positions of a key are known.
    pub fn has(&self, key: &str) -> bool {
        self.names.find(key).is_some()
    }

    /// The latest event time of a position.
    pub const fn newest(&self) -> Option<Millis> {
        self.head.newest
    }
}
