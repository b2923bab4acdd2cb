//! From memory to pages: a few parts at a time, so that no request waits for long.

use super::fix::{BySlot, Fix};
use super::place::{Day, PAGE_MAX, PageId};
use super::state::{self, HEAD, Head, PARTS_PER_CHUNK, TRACKS_PER_CHUNK};
use super::{Noted, Open, Part, Tracks, page};
use crate::cursor::Seq;
use crate::limits;
use crate::projection::{ALL, Change, Need, Piece, Table};
use std::collections::{BTreeMap, BTreeSet};

/// Rows and events of the log after which it is stored anew from where a restart replays: what it passes over at most.
const NOTE_ROWS: u64 = 1_000;
const NOTE_EVENTS: u64 = 100_000;
/// Parts that are written at a time for want of room.
const ROOM_PARTS: usize = 32;
/// Pages of a part that take more. A board that is told the past in disorder has one for each of so many days.
const OPEN_PAGES: usize = 4;

impl Part {
    /// The page to which the next fixes of a day go, and how many of them.
    fn open(&mut self, day: Day) -> Open {
        if let Some(open) = self.open.iter().find(|open| open.day == day) {
            return *open;
        }
        let page = self.next;
        // Past the last number all goes to one page.
        self.next = (self.next + 1).min(PAGE_MAX);
        Open { day, page, fixes: 0 }
    }

    fn given(&mut self, mut open: Open, fixes: u32) {
        open.fixes += fixes;
        self.open.retain(|other| other.day != open.day);
        if open.fixes < limits::TRACK_PAGE_FIXES {
            self.open.push(open);
        }
        if self.open.len() > OPEN_PAGES {
            self.open.remove(0);
        }
    }
}

impl Tracks {
    /// The event up to which all parts' pages go once these are written.
    pub(super) fn floor_without(&self, written: &BTreeSet<u32>) -> Seq {
        let others = self.waiting.iter().filter(|w| !written.contains(&w.part));
        others.map(|w| w.before).min().unwrap_or(self.seen)
    }

    /// Parts that are to be written: when one has waited for much of the log, those too whose state stands in the same
    /// chunk; and the fullest ones until memory has room again.
    pub(super) fn due_parts(&self) -> BTreeSet<u32> {
        let oldest = self.waiting.front().filter(|w| {
            self.rows >= w.row + limits::TRACK_LOG_ROWS || self.seen >= w.before + limits::TRACK_LOG_EVENTS
        });
        let chunk = oldest.map(|w| w.part / PARTS_PER_CHUNK);
        let waiting = || self.waiting.iter().map(|w| w.part);
        let mut parts: BTreeSet<u32> = waiting().filter(|part| Some(part / PARTS_PER_CHUNK) == chunk).collect();
        if self.fixes < limits::TRACK_FIXES_IN_MEMORY {
            return parts;
        }
        let count = |part: u32| self.parts.get(part as usize).map_or(0, |p| p.count);
        let mut left = self.fixes.saturating_sub(parts.iter().map(|part| count(*part)).sum());
        let mut others: Vec<u32> = waiting().filter(|part| !parts.contains(part)).collect();
        others.sort_by_key(|part| std::cmp::Reverse(count(*part)));
        for part in others {
            // Some more than is needed: otherwise the next request would have to write again.
            if left < limits::TRACK_FIXES_IN_MEMORY / 4 * 3 {
                break;
            }
            left = left.saturating_sub(count(part));
            parts.insert(part);
        }
        parts
    }

    /// What is to be written for want of room.
    pub(super) fn some_parts(&self) -> BTreeSet<u32> {
        self.waiting.iter().map(|w| w.part).take(ROOM_PARTS).collect()
    }

    /// Whether it is time to store from where a restart replays.
    pub(super) fn is_note_due(&self, need: Need) -> bool {
        let is_time = |noted: Noted| self.rows >= noted.row + NOTE_ROWS || self.seen >= noted.seen + NOTE_EVENTS;
        self.noted.is_none_or(|noted| {
            (need == Need::Room || is_time(noted)) && noted.floor != self.floor_without(&BTreeSet::new())
        })
    }

    /// Takes these parts' fixes out of memory, as changes of what is stored. When the shell fails to write them it must load
    /// the tracks anew.
    pub(super) fn flush(&mut self, parts: &BTreeSet<u32>) -> Vec<Change> {
        let mut changes = Vec::new();
        let kept = self.kept_from();
        self.head.days.retain(|day, _| *day >= kept);
        for number in parts {
            let Some(part) = self.parts.get_mut(*number as usize) else { continue };
            self.fixes = self.fixes.saturating_sub(std::mem::take(&mut part.count));
            part.through = self.seen;
            let mut days: BTreeMap<Day, Vec<(u8, Fix)>> = BTreeMap::new();
            for (slot, fix) in std::mem::take(&mut part.fresh) {
                days.entry(Day::of(fix.time)).or_default().push((slot, fix));
            }
            for (day, mut fixes) in days {
                *self.head.days.entry(day).or_default() += fixes.len() as u64;
                // Stable: of two at one time, what came later goes to the same page or to a later one.
                fixes.sort_by_key(|(_, fix)| fix.time);
                let mut rest = fixes.as_slice();
                while !rest.is_empty() {
                    let open = part.open(day);
                    let room = limits::TRACK_PAGE_FIXES.saturating_sub(open.fixes).max(1) as usize;
                    let (now, later) = rest.split_at(rest.len().min(room));
                    rest = later;
                    part.given(open, now.len() as u32);
                    let mut fresh = BySlot::new();
                    now.iter().for_each(|(slot, fix)| fresh.entry(*slot).or_default().push(*fix));
                    let id = PageId { part: *number, day, page: open.page }.number();
                    changes.push(Change::Merge(
                        Table::Tracks,
                        id,
                        Box::new(move |stored| page::merge(stored.filter(|page| !page.is_empty()), fresh)),
                    ));
                }
            }
        }
        self.waiting.retain(|w| !parts.contains(&w.part));
        let chunks = parts.iter().map(|part| part / PARTS_PER_CHUNK).collect();
        changes.extend(self.chunks(chunks));
        changes
    }

    /// Stores these chunks, and those with names that are new: names are stored in their order, without gaps.
    pub(super) fn chunks(&mut self, mut chunks: BTreeSet<u32>) -> Vec<Change> {
        if self.stored_names < self.names.len() {
            let chunk = |name: usize| name as u32 / TRACKS_PER_CHUNK;
            chunks.extend(chunk(self.stored_names)..=chunk(self.names.len() - 1));
        }
        self.given_names = self.names.len();
        let put = |chunk: u32| {
            let data = state::encode(chunk, &self.names, &self.parts);
            Change::Put(Piece { table: Table::TrackState, id: u64::from(chunk) + 1, seq: 0, data })
        };
        chunks.into_iter().map(put).collect()
    }

    /// Forgets every fix, as changes of what is stored: tracks are switched off. Their numbers stay, since an erase may still
    /// look for some of them.
    pub fn clear(&mut self) -> Vec<Change> {
        for part in &mut self.parts {
            part.open.clear();
            part.fresh.clear();
            part.count = 0;
        }
        self.waiting.clear();
        self.fixes = 0;
        self.head = Head::default();
        vec![Change::Drop((Table::Tracks, ALL)), self.note()]
    }

    /// Stores from where a restart replays, and how much there is of each day.
    pub(super) fn note(&mut self) -> Change {
        let floor = self.floor_without(&BTreeSet::new());
        self.noted = Some(Noted { floor, row: self.rows, seen: self.seen });
        Change::Put(Piece { table: Table::TrackState, id: HEAD, seq: floor, data: self.head.encode() })
    }
}
