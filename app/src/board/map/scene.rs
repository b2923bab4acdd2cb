//! What the item layer draws: one record per item with where it was, where it goes and when. The GPU does the moving;
//! the CPU touches an item only when news of it arrives. Pure: the clock is an argument, on the scene's own scale
//! (milliseconds since the page opened the board, wrapping after 24 days).

pub mod bins;
pub mod bounds;
pub mod mercator;
pub mod motion;
pub mod names;
pub mod path;
mod pick;
pub mod places;
pub mod projector;
pub mod record;
pub mod shown;
mod together;
pub mod trail;

use std::collections::HashMap;
use std::ops::Range;

use self::bins::Bins;
use self::bins::grid::{Cell, Home};
use self::mercator::{Fixed, bearing_between, metres_between};
use self::motion::Pace;
use self::path::Path;
use self::projector::Projector;
use self::record::{DIMMED, HOVERED, LOOK, NO_HEADING, Record, SELECTED, heading_code};
use self::shown::{Candidate, Detail, Shown};
use self::trail::{Segment, Trail};
use super::gpu::upload::{Dirty, RECORD_BYTES};

/// Less than this is the noise of a parked receiver: no heading is taken from it, and no line drawn.
const HEADING_AFTER_M: f64 = 8.0;

/// News of one item's position.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    /// The feed's number for the item.
    pub id: u32,
    /// A hash of the key, the same after ids are renumbered.
    pub tag: u32,
    /// Degrees.
    pub lat: f64,
    /// Degrees.
    pub lon: f64,
    /// Degrees clockwise from north, when the event said so.
    pub heading: Option<f64>,
    /// The event's time, on the scene's scale.
    pub time: i32,
    /// The number of the rule by which it looks as it does, if one fits.
    pub rule: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    id: u32,
    tag: u32,
    record: Record,
    degrees: (f64, f64),
    pace: Pace,
    line_from: Fixed,
    line_since: i32,
    rule: Option<usize>,
    /// The cell in which it is counted, where items are shown together.
    home: Option<Home>,
}

/// All items of one board as the map shows them.
#[derive(Debug, Default)]
pub struct Scene {
    slots: Vec<Slot>,
    by_id: HashMap<u32, u32>,
    shown: Shown,
    bins: Bins,
    /// The bins in view as the GPU gets them.
    bin_records: Vec<u8>,
    /// The bin that stands out.
    chosen_bin: Option<Cell>,
    /// Where each item is in the GPU's buffer: one more than its record's number there, 0 when it isn't drawn.
    drawn_at: Vec<u32>,
    /// Records of the buffer that changed.
    dirty: Dirty,
    /// Whether an item moved since it was chosen who is drawn.
    is_stirred: bool,
    marks: Vec<u8>,
    moving_until: Option<i32>,
    /// Until when an item that is drawn moves.
    drawn_until: Option<i32>,
    own_line: Vec<u8>,
    hovered: Option<u32>,
    selected: Option<u32>,
    max_speed: Option<f64>,
    still: bool,
    /// What the items of each rule look like, and how many there are.
    looks: Vec<(u16, usize)>,
    /// The lines behind the items.
    pub trail: Trail,
    /// The selected item's way from before.
    pub path: Path,
}

impl Scene {
    /// An empty scene. Faster than `max_speed` (m/s, the board's rule) over a long way counts as a jump.
    pub fn new(max_speed: Option<f64>) -> Self {
        Self { max_speed, ..Self::default() }
    }

    /// With `true` every move snaps: the viewer prefers reduced motion.
    pub fn set_still(&mut self, still: bool) {
        self.still = still;
    }

    /// What the items of each rule look like, in the order of the rules.
    pub fn set_looks(&mut self, codes: &[u16]) {
        self.looks = codes.iter().map(|code| (*code & LOOK, 0)).collect();
    }

    /// How many items each rule is about, and at the end how many none.
    pub fn counts(&self) -> Vec<usize> {
        let counts = self.looks.iter().map(|(_, count)| *count);
        let known: usize = counts.clone().sum();
        counts.chain([self.slots.len().saturating_sub(known)]).collect()
    }

    /// Counts an item that has gone from one rule to another, and says what it looks like now.
    fn look(&mut self, from: Option<usize>, to: Option<usize>) -> u16 {
        if from != to {
            if let Some((_, count)) = from.and_then(|rule| self.looks.get_mut(rule)) {
                *count = count.saturating_sub(1);
            }
            if let Some((_, count)) = to.and_then(|rule| self.looks.get_mut(rule)) {
                *count += 1;
            }
        }
        to.and_then(|rule| self.looks.get(rule)).map_or(0, |(code, _)| *code)
    }

    /// The items that are drawn as marks, unless they are more than so many: their numbers, tags, rules and places.
    pub fn few(&self, most: usize, now: i32) -> Vec<(u32, u32, Option<usize>, Fixed)> {
        if self.detail() == Detail::Dots || self.drawn() > most {
            return Vec::new();
        }
        let slots = self.shown.indices().iter().filter_map(|&index| self.slots.get(index as usize));
        let plain = slots.filter(|slot| slot.record.flags & DIMMED == 0);
        plain.map(|slot| (slot.id, slot.tag, slot.rule, slot.record.place_at(now))).collect()
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Takes news of an item that arrived at `now`.
    pub fn upsert(&mut self, now: i32, update: &Update) {
        let to = Fixed::from_degrees(update.lat, update.lon);
        let Some(&index) = self.by_id.get(&update.id) else {
            return self.insert(now, to, update);
        };
        if self.slots.get(index as usize).is_some_and(|slot| slot.tag != update.tag) {
            // The board began a new life and numbered its items anew.
            self.remove(update.id);
            return self.insert(now, to, update);
        }
        let spacing = Trail::spacing_ms(self.slots.len());
        let still = self.still;
        let max_speed = self.max_speed;
        let before = self.slots.get(index as usize).and_then(|slot| slot.rule);
        let look = self.look(before, update.rule);
        let Some(slot) = self.slots.get_mut(index as usize) else { return };
        let metres = metres_between(slot.degrees, (update.lat, update.lon));
        let event_gap_ms = update.time.wrapping_sub(slot.record.seen);
        let glide = slot.pace.arrived(now);
        let heading = match update.heading {
            Some(degrees) => heading_code(degrees),
            None if metres >= HEADING_AFTER_M => heading_code(bearing_between(slot.degrees, (update.lat, update.lon))),
            None => slot.record.heading_to,
        };
        slot.record.seen = update.time;
        slot.rule = update.rule;
        slot.record.flags = slot.record.flags & !LOOK | look;
        let drawn_at = self.drawn_at.get(index as usize).copied().unwrap_or_default();
        if drawn_at > 0 {
            self.dirty.mark(drawn_at as usize - 1);
        }
        if to == slot.record.to && heading == slot.record.heading_to {
            return;
        }
        let moves_on = motion::is_plausible(metres, event_gap_ms, max_speed);
        let here = slot.record.place_at(now);
        let glide = if still || !moves_on { 0 } else { glide };
        slot.record.heading_from = if moves_on { slot.record.heading_at(now) } else { heading };
        slot.record.heading_to = heading;
        slot.record.from = if glide == 0 { to } else { here };
        slot.record.to = to;
        slot.record.start = now;
        slot.record.glide = glide;
        slot.degrees = (update.lat, update.lon);
        self.path.extend(update.tag, to, now, glide, !moves_on);
        if !moves_on {
            slot.line_from = to;
            slot.line_since = now;
        } else if metres >= HEADING_AFTER_M && now.wrapping_sub(slot.line_since) >= spacing {
            self.trail.push(Segment {
                from: slot.line_from,
                to,
                start: now,
                glide: i32::from(glide),
                since: slot.line_since,
                tag: update.tag,
            });
            slot.line_from = to;
            slot.line_since = now;
        }
        self.is_stirred = true;
        let end = now.wrapping_add(i32::from(glide));
        self.moving_until = later(self.moving_until, end);
        // The selected item is drawn in any case.
        if drawn_at > 0 || self.selected == Some(update.id) {
            self.drawn_until = later(self.drawn_until, end);
        }
    }

    fn insert(&mut self, now: i32, to: Fixed, update: &Update) {
        let heading = update.heading.map_or(NO_HEADING, heading_code);
        let look = self.look(None, update.rule);
        let record = Record {
            from: to,
            to,
            start: now,
            glide: 0,
            flags: look,
            heading_from: heading,
            heading_to: heading,
            seen: update.time,
        };
        let index = self.slots.len();
        self.by_id.insert(update.id, index as u32);
        self.shown.forget();
        self.is_stirred = true;
        self.slots.push(Slot {
            id: update.id,
            tag: update.tag,
            record,
            degrees: (update.lat, update.lon),
            pace: Pace::new(now),
            line_from: to,
            line_since: now,
            rule: update.rule,
            home: None,
        });
    }

    /// An item is gone.
    pub fn remove(&mut self, id: u32) {
        let Some(index) = self.by_id.remove(&id) else { return };
        let index = index as usize;
        if index >= self.slots.len() {
            return;
        }
        let gone = self.slots.swap_remove(index);
        self.look(gone.rule, None);
        if let Some(moved) = self.slots.get(index) {
            self.by_id.insert(moved.id, index as u32);
        }
        self.shown.forget();
        self.is_stirred = true;
    }

    /// Every item is gone, with its line: what comes next is of another time.
    pub fn clear(&mut self) {
        self.slots.clear();
        self.by_id.clear();
        self.drawn_at.clear();
        self.own_line.clear();
        self.trail = Trail::default();
        (self.moving_until, self.drawn_until) = (None, None);
        self.looks.iter_mut().for_each(|(_, count)| *count = 0);
        self.bins.clear();
        self.shown.forget();
        self.is_stirred = true;
    }

    /// The GPU and all that it had is another.
    pub fn start_over(&mut self) {
        self.mark_all();
        // The selected item's line comes with those who are chosen.
        self.shown.forget();
    }

    /// Everything must be uploaded again: the GPU's copy is gone.
    pub fn mark_all(&mut self) {
        self.bin_records.clear();
        self.dirty.mark_range(0..self.shown.indices().len());
        self.marks.clear();
        self.trail.mark_all();
        self.path.mark_all();
    }

    /// Chooses which items are drawn, if that is due. True when they are others in the buffer now.
    pub fn settle(&mut self, camera: &Projector, now: i32) -> bool {
        let is_stirred = self.is_stirred || self.is_moving(now);
        if !self.shown.is_due(camera, now, is_stirred) {
            return false;
        }
        self.is_stirred = false;
        let is_together = self.bins.begin(camera, now, is_stirred);
        self.drawn_until = None;
        if is_together {
            self.count_together(camera, now);
        } else {
            let candidate = |slot: &Slot| Candidate {
                place: slot.record.place_at(now),
                tag: slot.tag,
                is_dimmed: slot.record.flags & DIMMED != 0,
            };
            self.shown.choose(camera, now, self.slots.iter().map(candidate));
        }
        self.drawn_at.clear();
        self.drawn_at.resize(self.slots.len(), 0);
        for (at, &index) in self.shown.indices().iter().enumerate() {
            let Some((slot, place)) = self.slots.get(index as usize).zip(self.drawn_at.get_mut(index as usize)) else {
                continue;
            };
            *place = at as u32 + 1;
            if slot.record.glide > 0 {
                self.drawn_until = later(self.drawn_until, slot.record.end());
            }
        }
        if let Some(record) = self.selected.and_then(|id| self.slot(id)).map(|slot| slot.record).filter(|r| r.glide > 0)
        {
            self.drawn_until = later(self.drawn_until, record.end());
        }
        self.own_line.clear();
        if let (false, Some(tag)) = (self.has_lines(), self.selected_tag()) {
            self.own_line = self.trail.line_of(tag);
        }
        self.dirty.mark_range(0..self.shown.indices().len());
        true
    }

    /// How the items are drawn.
    pub fn detail(&self) -> Detail {
        self.shown.detail()
    }

    /// How many items are drawn, without the copies that mark two of them.
    pub fn drawn(&self) -> usize {
        self.shown.indices().len()
    }

    /// Records of the selected item's line, where dots leave no room for the lines of all.
    pub fn own_line(&self) -> &[u8] {
        &self.own_line
    }

    /// Which items stand out.
    pub fn set_marks(&mut self, hovered: Option<u32>, selected: Option<u32>) {
        if self.selected != selected {
            // Its line is drawn with those who are chosen.
            self.shown.forget();
        }
        self.hovered = hovered;
        self.selected = selected;
    }

    /// The selected item's tag, whose line is drawn stronger.
    pub fn selected_tag(&self) -> Option<u32> {
        self.slot(self.selected?).map(|slot| slot.tag)
    }

    /// Dims every item for which `matches` says no.
    pub fn dim_unless(&mut self, matches: impl Fn(u32) -> bool) {
        let mut is_other = false;
        for slot in &mut self.slots {
            let flags = slot.record.flags & LOOK | if matches(slot.id) { 0 } else { DIMMED };
            if slot.record.flags != flags {
                slot.record.flags = flags;
                is_other = true;
            }
        }
        if is_other {
            self.shown.forget();
            self.is_stirred = true;
        }
    }

    /// Where an item's mark is at `now`.
    pub fn place(&self, id: u32, now: i32) -> Option<Fixed> {
        self.slot(id).map(|slot| slot.record.place_at(now))
    }

    /// All items' ids and last known positions in degrees.
    pub fn positions(&self) -> impl Iterator<Item = (u32, (f64, f64))> + '_ {
        self.slots.iter().map(|slot| (slot.id, slot.degrees))
    }

    fn slot(&self, id: u32) -> Option<&Slot> {
        self.by_id.get(&id).and_then(|&index| self.slots.get(index as usize))
    }

    /// Whether an item that is drawn was last heard of in this time.
    pub fn has_any_since(&self, time: &Range<i32>) -> bool {
        let seen = |index: &u32| self.slots.get(*index as usize).is_some_and(|slot| time.contains(&slot.record.seen));
        self.shown.indices().iter().any(seen)
    }

    /// Whether any mark is moving at `now`.
    pub fn is_moving(&self, now: i32) -> bool {
        self.moving_until.is_some_and(|until| until.wrapping_sub(now) > 0)
    }

    /// In how many milliseconds a frame would look other than one at `now`: 0 while something drawn moves, a while when it is
    /// only to be chosen anew who is drawn; nothing when all rests.
    pub fn next_frame_in(&self, now: i32) -> Option<i32> {
        if self.drawn_until.is_some_and(|until| until.wrapping_sub(now) > 0) {
            return Some(0);
        }
        self.is_stirred.then(|| self.shown.wait(now))
    }

    /// Hands each changed run of records to `put`, and returns how many instances to draw: the chosen items, then the
    /// copies that mark the hovered and the selected one on top of all others.
    pub fn drain_uploads(&mut self, mut put: impl FnMut(usize, &[u8])) -> Instances {
        let (slots, indices) = (&self.slots, self.shown.indices());
        let items = indices.len();
        let was_clean = self.dirty.is_clean();
        let record = |at: usize| indices.get(at).and_then(|&index| slots.get(index as usize));
        self.dirty.drain(items, |at| record(at).map(|slot| slot.record.to_bytes()).unwrap_or_default(), &mut put);
        let mut marks = Vec::with_capacity(2 * RECORD_BYTES);
        for (id, flag) in [(self.hovered, HOVERED), (self.selected, SELECTED)] {
            if let Some(slot) = id.and_then(|id| self.slot(id)) {
                let mut record = slot.record;
                record.flags = record.flags & LOOK | flag;
                marks.extend_from_slice(&record.to_bytes());
            }
        }
        if !marks.is_empty() && (!was_clean || marks != self.marks) {
            put(items * RECORD_BYTES, &marks);
        }
        self.marks = marks;
        Instances { items, marks: self.marks.len() / RECORD_BYTES }
    }
}

/// How many records of the buffer are drawn: first the items, then the copies that mark some of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Instances {
    /// Items.
    pub items: usize,
    /// Copies.
    pub marks: usize,
}

fn later(known: Option<i32>, end: i32) -> Option<i32> {
    if known.is_none_or(|known| end.wrapping_sub(known) > 0) { Some(end) } else { known }
}

/// A stable 32-bit name for a key (FNV-1a).
pub fn tag_of(key: &str) -> u32 {
    key.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests;
