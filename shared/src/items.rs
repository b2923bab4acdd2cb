//! The latest state of every key, made from the log. The board keeps one, and each relay a mirror.
//!
//! Every part of an item remembers the sequence at which it last changed, and items hang in a list ordered by
//! their last change. So "what changed since cursor C" is answered for any C in time proportional to the
//! answer, and neither a slow viewer nor a resuming one needs a memory of its own: it is just a cursor.

mod chunks;
mod columns;
mod ends;
mod json;
mod packed;
mod place;
mod sight;
mod snapshot;
mod weight;

pub use json::ItemView;
pub use packed::Fields;
pub use snapshot::{SnapshotError, SnapshotReader};

use crate::codec::{Batch, Cell};
use crate::cursor::Seq;
use crate::limits;
use crate::position::Position;
use crate::problem::{Code, FieldError};
use crate::sights::Shown;
use crate::texts::Texts;
use crate::time::Millis;
use chunks::Chunks;
use columns::Columns;
use hashbrown::HashTable;
use packed::Packed;
use place::Place;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};

/// An item's number: the order in which keys first appeared in the board's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(pub u32);

/// A field's number: the order in which field names first appeared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u16);

/// One field of one item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FieldState<'v> {
    /// Which field.
    pub id: FieldId,
    /// When it last changed.
    pub seq: Seq,
    /// Its value; [`Cell::Null`] when it was removed.
    pub value: Cell<'v>,
}

/// The latest state of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Event time of the last event that counted.
    pub time: Millis,
    /// The last change.
    pub seq: Seq,
    /// The first change.
    pub created: Seq,
    /// When the position last changed.
    pub position_seq: Seq,
    place: Place,
    packed: Packed,
    newer: u32,
    older: u32,
}

impl Item {
    fn new(packed: Packed, created: Seq) -> Self {
        Self {
            time: Millis(i64::MIN),
            seq: created,
            created,
            position_seq: 0,
            place: None.into(),
            packed,
            newer: NOBODY,
            older: NOBODY,
        }
    }

    /// The key.
    pub fn key(&self) -> &str {
        std::str::from_utf8(self.packed.key()).unwrap_or_default()
    }

    /// The latest position.
    pub fn position(&self) -> Option<Position> {
        self.place.into()
    }

    /// Fields in the order in which they came to this item.
    pub fn fields(&self) -> Fields<'_> {
        self.packed.fields()
    }

    /// One field, also when it was removed.
    pub fn field(&self, id: FieldId) -> Option<FieldState<'_>> {
        self.fields().find(|f| f.id == id)
    }
}

const NOBODY: u32 = u32::MAX;
/// Stands in an item that has ended for the one that changed after it: it hangs in no list.
const ENDED: u32 = u32::MAX - 1;

/// What one event did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The item changed.
    Changed(ItemId),
    /// The event is older than the item's state: kept in the log, nothing changed here.
    Late(ItemId),
}

/// All items of a board.
#[derive(Clone, Debug)]
pub struct Items {
    /// By number. A number is never given to another key: what is forgotten leaves an item without a key.
    items: Chunks<Item>,
    /// How many have not ended.
    live: usize,
    /// What they weigh.
    bytes: usize,
    /// Items that ended, in the order of their ends.
    ended: VecDeque<(Seq, u32)>,
    /// The last end that is forgotten: who was there before it can't be told of all ends since.
    forgotten: Seq,
    /// The last event of items of which that was a late one: it changed nothing, but they were heard of.
    late: HashMap<u32, Seq>,
    /// Items by the hash of their key.
    by_key: HashTable<u32>,
    hasher: RandomState,
    fields: Texts,
    field_seq: Vec<Seq>,
    newest: u32,
    oldest: u32,
}

impl Default for Items {
    fn default() -> Self {
        Self {
            items: Chunks::default(),
            live: 0,
            bytes: 0,
            ended: VecDeque::new(),
            forgotten: 0,
            late: HashMap::new(),
            by_key: HashTable::new(),
            hasher: RandomState::new(),
            fields: Texts::default(),
            field_seq: Vec::new(),
            newest: NOBODY,
            oldest: NOBODY,
        }
    }
}

impl Items {
    /// How many items.
    pub const fn len(&self) -> usize {
        self.live
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// An item by its number, if it has not ended.
    pub fn get(&self, id: ItemId) -> Option<&Item> {
        self.items.get(id.0 as usize).filter(|item| !item.has_ended())
    }

    /// An item's number by its key, if it has not ended.
    pub fn find(&self, key: &str) -> Option<ItemId> {
        self.number(key).map(ItemId).filter(|id| self.get(*id).is_some())
    }

    /// The number of a key, also of one whose item has ended.
    fn number(&self, key: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(key.as_bytes());
        let same = |i: &u32| self.items.get(*i as usize).is_some_and(|item| item.packed.key() == key.as_bytes());
        self.by_key.find(hash, same).copied()
    }

    /// All items in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (ItemId, &Item)> {
        self.iter_from(ItemId(0))
    }

    /// Items from a number on.
    pub fn iter_from(&self, first: ItemId) -> impl Iterator<Item = (ItemId, &Item)> {
        let all = self.items.iter_from(first.0 as usize);
        all.filter(|(_, item)| !item.has_ended()).map(|(i, item)| (ItemId(i as u32), item))
    }

    /// The number that the next new key gets.
    pub const fn next_id(&self) -> ItemId {
        ItemId(self.items.len() as u32)
    }

    /// A field's name.
    pub fn field_name(&self, id: FieldId) -> &str {
        self.fields.get(u32::from(id.0))
    }

    /// A field's number by its name.
    pub fn find_field(&self, name: &str) -> Option<FieldId> {
        self.fields.find(name).map(|i| FieldId(i as u16))
    }

    /// How many field names there are.
    pub const fn field_count(&self) -> u16 {
        self.fields.len() as u16
    }

    /// How many field names there were at `seq`.
    pub fn field_count_at(&self, seq: Seq) -> u16 {
        self.field_seq.partition_point(|&s| s <= seq) as u16
    }

    /// Items that changed after `since`, the latest change first.
    pub fn changed_since(&self, since: Seq) -> impl Iterator<Item = ItemId> + '_ {
        let mut at = self.newest;
        std::iter::from_fn(move || {
            let item = self.items.get(at as usize).filter(|i| i.seq > since)?;
            let id = ItemId(at);
            at = item.older;
            Some(id)
        })
    }

    /// Whether the board has room for what a row of a batch would add. To be asked, for every row, before anything is logged.
    pub fn room_for(&self, new_keys: usize, new_fields: usize) -> Result<(), FieldError> {
        if self.live + new_keys > limits::ITEMS_PER_BOARD {
            let message =
                format!("the board holds {} items, the most it can; use another board for new keys", self.live);
            return Err(FieldError::new("key", Code::TooManyItems, message));
        }
        if self.fields.len() + new_fields > limits::FIELDS_PER_BOARD {
            let message = format!("the board knows {} field names, the most it can", self.fields.len());
            return Err(FieldError::new("fields", Code::TooManyFields, message));
        }
        Ok(())
    }

    /// Whether a field of this name is known.
    pub fn knows_field(&self, name: &str) -> bool {
        self.fields.find(name).is_some()
    }

    /// Applies a batch whose first event has sequence `first`. `each` is told of every event in turn.
    pub fn apply(&mut self, batch: &Batch<'_>, first: Seq, each: impl FnMut(&Self, Effect)) {
        self.apply_shown(batch, first, |_| Shown::Whole, each);
    }

    /// Applies as much of a batch's events as is shown.
    pub fn apply_shown(
        &mut self,
        batch: &Batch<'_>,
        first: Seq,
        shown: impl Fn(usize) -> Shown,
        mut each: impl FnMut(&Self, Effect),
    ) {
        self.forget_ended(first);
        // Numbers are given in the order of rows, so that every replay of the log gives the same ones.
        let mut key_ids: Vec<u32> = vec![NOBODY; batch.keys.len()];
        let mut columns = Columns::of(batch);
        for row in 0..batch.len() {
            let seq = first + row as u64;
            let with_fields = match shown(row) {
                Shown::Whole => true,
                Shown::Position => false,
                Shown::Nothing => continue,
            };
            if batch.is_hole(row) {
                continue;
            }
            let Some(slot) = batch.key_of.get(row).and_then(|&k| key_ids.get_mut(k as usize)) else { continue };
            if *slot == NOBODY {
                *slot = self.number_of(batch.key(row), seq);
            }
            let id = ItemId(*slot);
            if with_fields {
                columns.number(self, batch, row, seq);
            }
            let effect = self.apply_row(id, batch, row, seq, with_fields.then_some(&mut columns));
            each(self, effect);
        }
    }

    fn apply_row(
        &mut self,
        id: ItemId,
        batch: &Batch<'_>,
        row: usize,
        seq: Seq,
        columns: Option<&mut Columns>,
    ) -> Effect {
        let time = batch.times.get(row).copied().unwrap_or_default();
        let Some(item) = self.items.get_mut(id.0 as usize).filter(|item| item.time <= time) else {
            self.late.insert(id.0, seq);
            return Effect::Late(id);
        };
        if !self.late.is_empty() {
            self.late.remove(&id.0);
        }
        if let Some(columns) = columns {
            let before = item.packed.len();
            columns.apply(item, batch, row, seq);
            self.bytes = (self.bytes + item.packed.len()).saturating_sub(before);
        }
        item.time = time;
        item.seq = seq;
        let position = batch.positions.get(row).copied().flatten();
        if position.is_some() && item.place != position.into() {
            item.place = position.into();
            item.position_seq = seq;
        }
        self.touch(id.0);
        Effect::Changed(id)
    }

    fn number_of(&mut self, key: &str, seq: Seq) -> u32 {
        match self.number(key) {
            Some(i) => {
                self.begin_again(i, seq);
                i
            }
            None => self.add(Item::new(Packed::new(key), seq)),
        }
    }

    /// Adds an item whose key is new, at the newest end of the list unless it has ended.
    fn add(&mut self, item: Item) -> u32 {
        let hash = self.hasher.hash_one(item.packed.key());
        self.add_hashed(item, hash)
    }

    /// The same where its key may be known, which changes nothing; whether it was new.
    fn add_unless_known(&mut self, item: Item) -> bool {
        let key = item.packed.key();
        let hash = self.hasher.hash_one(key);
        let same = |i: &u32| self.items.get(*i as usize).is_some_and(|other| other.packed.key() == key);
        let is_new = self.by_key.find(hash, same).is_none();
        if is_new {
            self.add_hashed(item, hash);
        }
        is_new
    }

    fn add_hashed(&mut self, item: Item, hash: u64) -> u32 {
        let i = self.items.len() as u32;
        let (has_ended, weight) = (item.has_ended(), item.weight());
        self.items.push(item);
        let (items, hasher) = (&self.items, &self.hasher);
        let hash_of = |i: &u32| items.get(*i as usize).map_or(0, |item| hasher.hash_one(item.packed.key()));
        self.by_key.insert_unique(hash, i, hash_of);
        if !has_ended {
            self.live += 1;
            self.bytes += weight;
            self.link_newest(i);
        }
        i
    }

    /// Makes room for so many keys at once: a table that grows hashes all that it holds anew.
    fn reserve(&mut self, keys: usize) {
        let (items, hasher) = (&self.items, &self.hasher);
        let hash_of = |i: &u32| items.get(*i as usize).map_or(0, |item| hasher.hash_one(item.packed.key()));
        self.by_key.reserve(keys, hash_of);
    }

    fn field_number(&mut self, name: &str, seq: Seq) -> Option<FieldId> {
        if self.fields.len() >= limits::FIELDS_PER_BOARD {
            return self.find_field(name);
        }
        let id = self.fields.number(name);
        if id as usize >= self.field_seq.len() {
            self.field_seq.push(seq);
        }
        u16::try_from(id).ok().map(FieldId)
    }

    fn link_newest(&mut self, i: u32) {
        let before = self.newest;
        if let Some(item) = self.items.get_mut(i as usize) {
            item.older = before;
            item.newer = NOBODY;
        }
        match self.items.get_mut(before as usize) {
            Some(b) => b.newer = i,
            None => self.oldest = i,
        }
        self.newest = i;
    }

    /// Moves an item to the newest end of the list.
    fn touch(&mut self, i: u32) {
        if self.newest != i {
            self.unlink(i);
            self.link_newest(i);
        }
    }

    fn unlink(&mut self, i: u32) {
        let Some(item) = self.items.get(i as usize) else { return };
        let (newer, older) = (item.newer, item.older);
        match self.items.get_mut(newer as usize) {
            Some(n) => n.older = older,
            None => self.newest = older,
        }
        match self.items.get_mut(older as usize) {
            Some(o) => o.newer = newer,
            None => self.oldest = newer,
        }
    }

    /// The item for JSON; only what has changed after `since`, or all of it (and no removed fields) when `since` is none.
    pub const fn view<'v>(&'v self, item: &'v Item, since: Option<Seq>) -> json::ItemView<'v> {
        json::ItemView { items: self, item, since }
    }

    /// [`Items::view`] as a JSON value.
    pub fn to_json(&self, item: &Item, since: Option<Seq>) -> serde_json::Value {
        serde_json::to_value(self.view(item, since)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
