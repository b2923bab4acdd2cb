//! Geofences: places with a border, and which items enter them, leave them, and stay in them.
//!
//! Made from the log, as a [projection](crate::projection): the same log makes the same events, however often a board
//! restarts. Fixes are taken by event time. One that is older than the item's last one decides nothing, so that what comes
//! late raises no false event.
//!
//! Fences are not in the log. A change of one is stored in one transaction with the state as of then, so that what a
//! restart replays is what came after it.

mod answer;
mod definition;
mod grid;
mod happened;
mod pieces;
mod shape;
mod stay;
#[cfg(test)]
mod tests;

pub use answer::{FenceEvent, FenceEvents, FenceList, InsideItem, ListQuery, Reason, ShownFence};
pub use definition::{Fence, FenceId, Geometry, Kind, NoFenceId, Rules};
pub use happened::{Happening, Happenings, HappeningsQuery, What};
pub use shape::{Bounds, Shape};
pub use stay::{Fix, Why};

use crate::codec::Batch;
use crate::cursor::Seq;
use crate::limits;
use crate::position::Position;
use crate::problem::{Code, FieldError, Problem};
use crate::projection::part;
use crate::scores::control::{Action, Control};
use crate::time::Millis;
use grid::Grid;
use stay::{Side, Stay, Turn, side};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A fence that the board has.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    id: FenceId,
    rules: Rules,
    shape: Shape,
    /// Of how many places the shape is made.
    corners: usize,
    /// As it was put, as JSON: an object.
    text: Box<str>,
    /// The last event before its shape became this one.
    since: Seq,
    changed_at: Millis,
}

/// Where an item was last, and its fences.
#[derive(Clone, Debug, Default, PartialEq)]
struct Presence {
    place: (i32, i32),
    stays: Vec<Stay>,
}

/// An item as fences see it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Item {
    /// The event time of its last fix, and the fix's number; 0: it has none.
    time: Millis,
    seq: Seq,
    /// None where it is in no fence and about to enter none.
    presence: Option<Box<Presence>>,
}

/// A board's fences and what happened at them.
#[derive(Clone, Debug, Default)]
pub struct Fences {
    slots: Vec<Option<Known>>,
    by_id: BTreeMap<FenceId, u32>,
    grid: Grid,
    items: HashMap<Box<str>, Item>,
    happenings: Happenings,
    /// The last event that was seen, and the last one that is stored. While there are no fences nothing is seen.
    seen: Seq,
    stored: Seq,
    /// Rows since that was stored.
    rows: u64,
    unsaved_items: u64,
    unsaved_slots: BTreeSet<u32>,
    /// Kept between fixes to spare an allocation.
    found: Vec<u32>,
}

impl Fences {
    /// Whether there is no fence: then nothing is looked at.
    pub fn is_idle(&self) -> bool {
        self.by_id.is_empty()
    }

    /// How many fences there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is no fence.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// What happened.
    pub const fn happenings(&self) -> &Happenings {
        &self.happenings
    }

    /// The items that are in a fence.
    pub fn keys_inside(&self, id: &FenceId) -> impl Iterator<Item = &str> {
        let slot = self.by_id.get(id).copied();
        let is_there = move |item: &Item| {
            let mut stays = item.presence.iter().flat_map(|presence| &presence.stays);
            stays.any(|stay| Some(stay.fence) == slot && stay.since.is_some())
        };
        self.items.iter().filter(move |(_, item)| is_there(item)).map(|(key, _)| &**key)
    }

    /// Whether the board has this fence.
    pub fn has(&self, id: &FenceId) -> bool {
        self.by_id.contains_key(id)
    }

    fn known(&self, slot: u32) -> Option<&Known> {
        self.slots.get(slot as usize).and_then(Option::as_ref)
    }

    /// Makes a fence, or changes one, when the log goes up to `head` and the board has these items: keys, event times,
    /// numbers of their last events. Whether it is new; none where it stays as it is. The shell stores a checkpoint before
    /// anything else is applied.
    pub fn put<'i>(
        &mut self,
        id: &FenceId,
        fence: &Fence,
        (head, now): (Seq, Millis),
        items: impl Iterator<Item = (&'i str, Millis, Seq)>,
    ) -> Result<Option<bool>, Problem> {
        let refused = |e| Problem::about(422, e);
        let (shape, corners) = fence.compile_counting().map_err(refused)?;
        let text = serde_json::to_string(fence).unwrap_or_default().into_boxed_str();
        let slot = self.by_id.get(id).copied();
        let before = slot.and_then(|slot| self.known(slot));
        if before.is_some_and(|known| known.text == text) {
            return Ok(None);
        }
        let others = self.by_id.len() - usize::from(before.is_some());
        let same_shape = before.filter(|known| known.shape == shape).map(|known| known.since);
        if others >= limits::FENCES_PER_BOARD {
            let message =
                format!("a board has at most {} fences; delete one that is not needed", limits::FENCES_PER_BOARD);
            return Err(refused(FieldError::new("id", Code::TooMany, message)));
        }
        let all: usize = self.slots.iter().flatten().filter(|known| known.id != *id).map(|known| known.corners).sum();
        if all + corners > limits::FENCE_CORNERS_PER_BOARD {
            let most = limits::FENCE_CORNERS_PER_BOARD;
            let message = format!(
                "all fences of a board together have at most {most} places, and there are {all} without this one"
            );
            return Err(refused(FieldError::new("shape.coordinates", Code::TooMany, message)));
        }
        if self.is_idle() {
            (self.seen, self.stored, self.rows) = (head, head, 0);
            // What is older than these is late, and none of them appears with its next fix.
            let item = |(key, time, seq): (&str, Millis, Seq)| (key.into(), Item { time, seq, presence: None });
            self.items = items.map(item).collect();
            self.unsaved_items = u64::MAX;
        }
        let free = || self.slots.iter().position(Option::is_none).unwrap_or(self.slots.len()) as u32;
        let (is_new, slot) = (slot.is_none(), slot.unwrap_or_else(free));
        if same_shape.is_none() {
            self.undraw(slot, false);
            self.grid.insert(slot, &shape.bounds());
        }
        if slot as usize >= self.slots.len() {
            self.slots.push(None);
        }
        let since = same_shape.unwrap_or(head);
        let known = Known { id: id.clone(), rules: fence.rules(), shape, corners, text, since, changed_at: now };
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = Some(known);
        }
        self.by_id.insert(id.clone(), slot);
        self.unsaved_slots.insert(slot);
        Ok(Some(is_new))
    }

    /// Takes a fence away; whether there was one. What happened at it stays. The shell stores a checkpoint before anything
    /// else is applied.
    pub fn remove(&mut self, id: &FenceId) -> bool {
        let Some(slot) = self.by_id.remove(id) else { return false };
        self.undraw(slot, true);
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = None;
        }
        self.unsaved_slots.insert(slot);
        if self.is_idle() {
            self.items.clear();
            self.unsaved_items = u64::MAX;
        }
        true
    }

    /// A shape is gone: nobody is about to cross its border, and, where the fence is gone too, nobody is inside.
    fn undraw(&mut self, slot: u32, all: bool) {
        let Some(bounds) = self.known(slot).map(|known| known.shape.bounds()) else { return };
        self.grid.remove(slot, &bounds);
        for (key, item) in &mut self.items {
            let Some(presence) = &mut item.presence else { continue };
            let mut changed = false;
            for stay in presence.stays.iter_mut().filter(|stay| stay.fence == slot) {
                changed = true;
                stay.run = 0;
                if all {
                    stay.since = None;
                }
            }
            if changed {
                presence.stays.retain(|stay| !stay.is_over());
                if presence.stays.is_empty() {
                    item.presence = None;
                }
                self.unsaved_items |= 1 << part(key);
            }
        }
    }

    /// Takes a row of the log that came at `at`. Rows come in order.
    pub fn apply(&mut self, batch: &Batch<'_>, first: Seq, at: Millis) {
        if self.is_idle() {
            return;
        }
        self.rows += 1;
        self.seen = first + batch.len() as u64 - 1;
        let time = |row: &usize| batch.times.get(*row).copied().unwrap_or_default();
        let mut order: Vec<usize> = (0..batch.len()).collect();
        // A device that sends what it has kept may send the newest first.
        if !order.is_sorted_by_key(time) {
            order.sort_by_key(time);
        }
        for row in order {
            let Some(place) = batch.positions.get(row).and_then(Option::as_ref) else { continue };
            if !batch.is_hole(row) {
                self.fix(batch.key(row), place, time(&row), first + row as u64, at);
            }
        }
    }

    /// Takes a fix.
    fn fix(&mut self, key: &str, place: &Position, time: Millis, seq: Seq, at: Millis) {
        let item = match self.items.get_mut(key) {
            Some(item) if time < item.time => return,
            Some(item) => item,
            None => self.items.entry(key.into()).or_default(),
        };
        self.unsaved_items |= 1 << part(key);
        let before = std::mem::replace(&mut item.seq, seq);
        item.time = time;
        self.grid.find(place, &mut self.found);
        if self.found.is_empty() && item.presence.is_none() {
            return;
        }
        let fix = Fix { time, place: (place.lon_e6, place.lat_e6) };
        let (slots, happenings) = (&self.slots, &mut self.happenings);
        let known = |slot: u32| slots.get(slot as usize).and_then(Option::as_ref);
        let why = |known: &Known| match before {
            0 => Why::Appeared,
            before if before <= known.since => Why::FenceChanged,
            _ => Why::Moved,
        };
        let mut take = |stay: &mut Stay, known: &Known, side: Side| {
            stay.take(&known.rules, side, fix, why(known), |turn, fix, why| {
                let (what, inside) = match turn {
                    Turn::Enter => (What::Enter, 0),
                    Turn::Exit(inside) => (What::Exit, inside),
                    Turn::Dwell(inside) => (What::Dwell, inside),
                };
                let fence = known.id.as_str().into();
                happenings.push(Happening { id: 0, what, fence, key: key.into(), fix, at, inside, why });
            });
        };
        let mut there = 0;
        if let Some(presence) = &mut item.presence {
            presence.place = fix.place;
            there = presence.stays.len();
            for stay in &mut presence.stays {
                let Some(known) = known(stay.fence) else { continue };
                let side = side(&known.rules, &known.shape, place, stay.since.is_some());
                take(stay, known, side);
            }
        }
        for slot in &self.found {
            let stays = item.presence.as_ref().map(|p| p.stays.as_slice()).unwrap_or_default();
            let has = stays.iter().take(there).any(|stay| stay.fence == *slot);
            let Some(known) = known(*slot).filter(|_| !has && stays.len() < limits::FENCES_PER_ITEM) else { continue };
            let side = side(&known.rules, &known.shape, place, false);
            if side == Side::In {
                let mut stay = Stay { fence: *slot, ..Stay::default() };
                take(&mut stay, known, side);
                let presence = item.presence.get_or_insert_default();
                presence.place = fix.place;
                presence.stays.push(stay);
            }
        }
        if let Some(presence) = &mut item.presence {
            presence.stays.retain(|stay| !stay.is_over());
            if presence.stays.is_empty() {
                item.presence = None;
            }
        }
    }

    /// Takes a control of the log: items that end leave their fences.
    pub fn control(&mut self, seq: Seq, control: &Control, at: Millis) {
        if self.is_idle() {
            return;
        }
        (self.seen, self.rows) = (seq, self.rows + 1);
        if let Action::EndItems { keys } = &control.what {
            keys.iter().for_each(|key| self.end(key, control.at, at));
        }
    }

    fn end(&mut self, key: &str, time: Millis, at: Millis) {
        let Some(item) = self.items.remove(key) else { return };
        self.unsaved_items |= 1 << part(key);
        let Some(presence) = item.presence else { return };
        let fix = Fix { time, place: presence.place };
        for stay in presence.stays {
            let Some((since, known)) = stay.since.zip(self.slots.get(stay.fence as usize).and_then(Option::as_ref))
            else {
                continue;
            };
            let (inside, fence) = (time.since(since).max(0), known.id.as_str().into());
            let (what, key) = (What::Exit, key.into());
            self.happenings.push(Happening { id: 0, what, fence, key, fix, at, inside, why: Why::Ended });
        }
    }

    /// Forgets an item, and all that happened to it. `seq` is the row of the log that ends it, where the log has one. The
    /// shell stores a checkpoint before anything else is applied.
    pub fn erase(&mut self, key: &str, seq: Seq) {
        if !self.is_idle() {
            (self.seen, self.rows) = (seq, self.rows + 1);
        }
        if self.items.remove(key).is_some() {
            self.unsaved_items |= 1 << part(key);
        }
        self.happenings.forget_key(key);
    }

    /// Drops what the board learned of before; whether there was any.
    pub fn trim(&mut self, before: Millis) -> bool {
        self.happenings.trim(before)
    }
}
