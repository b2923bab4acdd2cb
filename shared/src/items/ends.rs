//! Items end: by a manager's wish, or because nothing was heard of them. What is left of one that ended is its key, so that
//! who resumes from before its end is told of it; that goes when nobody can resume from so far back any more.

use super::packed::Packed;
use super::{ENDED, FieldState, Item, ItemId, Items};
use crate::codec::Cell;
use crate::cursor::Seq;
use crate::limits;
use crate::scores::control::{Action, Control};
use crate::time::Millis;
use std::hash::BuildHasher;

impl Item {
    /// Whether it has ended: only who resumes from before its end hears of it.
    pub(super) const fn has_ended(&self) -> bool {
        self.newer == ENDED
    }

    /// What stands at a number whose item is forgotten.
    pub(super) fn forgotten() -> Self {
        Self { newer: ENDED, ..Self::new(Packed::default(), 0) }
    }

    /// Whether nothing is known of it any more.
    pub(super) fn is_forgotten(&self) -> bool {
        self.packed.key().is_empty()
    }
}

impl Items {
    /// Does what a control says of items.
    pub fn control(&mut self, control: &Control, seq: Seq) {
        if let Action::EndItems { keys } = &control.what {
            self.forget_ended(seq);
            for key in keys {
                self.end(key, seq);
            }
        }
    }

    /// Ends an item at `seq`; its number, when there was one.
    pub fn end(&mut self, key: &str, seq: Seq) -> Option<ItemId> {
        let id = self.find(key)?;
        self.unlink(id.0);
        let item = self.items.get_mut(id.0 as usize)?;
        self.bytes = self.bytes.saturating_sub(item.weight());
        // If it begins anew, who had its fields is told that they are gone.
        let removed = item.packed.fields().map(|f| FieldState { seq, value: Cell::Null, ..f });
        let packed = Packed::with_fields(item.packed.key(), removed, &mut Vec::new());
        // The same of its position: who had it in a box, or merges, could not know otherwise.
        let position_seq = if item.position().is_some() { seq } else { item.position_seq };
        *item = Item { seq, time: item.time, newer: ENDED, position_seq, ..Item::new(packed, item.created) };
        self.live -= 1;
        self.late.remove(&id.0);
        self.ended.push_back((seq, id.0));
        Some(id)
    }

    /// An event came for an item that had ended: it begins anew, under its number.
    pub(super) fn begin_again(&mut self, i: u32, seq: Seq) {
        let Some(item) = self.items.get_mut(i as usize).filter(|item| item.has_ended()) else { return };
        (item.created, item.seq, item.time) = (seq, seq, Millis(i64::MIN));
        self.live += 1;
        self.bytes += item.weight();
        self.link_newest(i);
    }

    /// What is left of items whose end nobody has to hear of any more goes.
    pub(super) fn forget_ended(&mut self, seq: Seq) {
        while let Some(&(at, i)) = self.ended.front() {
            if at + limits::RESUME_EVENTS >= seq {
                return;
            }
            self.ended.pop_front();
            // It may have begun anew, and even ended again.
            let Some(item) = self.items.get_mut(i as usize).filter(|item| item.has_ended() && item.seq == at) else {
                continue;
            };
            let item = std::mem::replace(item, Item::forgotten());
            if let Ok(entry) = self.by_key.find_entry(self.hasher.hash_one(item.packed.key()), |at| *at == i) {
                entry.remove();
            }
            self.items.free(i as usize, Item::is_forgotten);
            self.forgotten = at;
        }
    }

    /// Whether [`Items::ended_since`] knows all ends after `since`.
    pub const fn knows_ends_since(&self, since: Seq) -> bool {
        since >= self.forgotten
    }

    /// Items that ended after `since` and have not begun anew, ascending.
    pub fn ended_since(&self, since: Seq) -> Vec<ItemId> {
        let new = self.ended.iter().rev().take_while(|(at, _)| *at > since);
        let has_ended = |at: Seq, i: u32| self.slot(i).is_some_and(|item| item.has_ended() && item.seq == at);
        let mut ids: Vec<ItemId> = new.filter(|(at, i)| has_ended(*at, *i)).map(|e| ItemId(e.1)).collect();
        ids.sort_unstable();
        ids
    }

    /// The same with when they ended, in that order.
    pub fn ends_since(&self, since: Seq) -> Vec<(Seq, &str)> {
        let ids = self.ended_since(since);
        let mut ends: Vec<(Seq, &str)> =
            ids.iter().filter_map(|id| self.slot(id.0)).map(|i| (i.seq, i.key())).collect();
        ends.sort_unstable();
        ends
    }

    /// Knows no more of ends than others do.
    pub fn know_ends_like(&mut self, others: &Self) {
        self.forgotten = self.forgotten.max(others.forgotten);
    }

    /// Knows nothing of ends before.
    pub fn know_no_ends_before(&mut self, seq: Seq) {
        self.forgotten = self.forgotten.max(seq);
    }

    /// An item has ended elsewhere. Ends come in their order.
    pub fn adopt_end(&mut self, key: &str, seq: Seq) {
        self.forget_ended(seq);
        // Who asks what ended is told of it, though this copy may never have had it.
        self.number_of(key, seq);
        self.end(key, seq);
    }

    /// An item, of which at least the key is known.
    pub(super) fn slot(&self, i: u32) -> Option<&Item> {
        self.items.get(i as usize).filter(|item| !item.is_forgotten())
    }

    /// The key of an item, of one that ended too.
    pub fn key_of(&self, id: ItemId) -> Option<&str> {
        self.slot(id.0).map(Item::key)
    }

    /// When the item of a key ended, if it has.
    pub fn end_of(&self, key: &str) -> Option<Seq> {
        self.number(key).and_then(|i| self.slot(i)).filter(|item| item.has_ended()).map(|item| item.seq)
    }

    /// When something was last heard of an item, be it only a late event.
    fn heard(&self, i: u32, item: &Item) -> Seq {
        self.late.get(&i).map_or(item.seq, |late| item.seq.max(*late))
    }

    /// Items by their last change, the oldest first.
    fn oldest_first(&self) -> impl Iterator<Item = (u32, &Item)> {
        let mut at = self.oldest;
        std::iter::from_fn(move || {
            let (i, item) = (at, self.slot(at)?);
            at = item.newer;
            Some((i, item))
        })
    }

    /// Items of which no event came after `seq`, the oldest change first.
    pub fn unheard_since(&self, seq: Seq) -> impl Iterator<Item = &Item> {
        let old = self.oldest_first().take_while(move |(_, item)| item.seq <= seq);
        old.filter(move |(i, item)| self.heard(*i, item) <= seq).map(|(_, item)| item)
    }

    /// The last event of the item of which nothing was heard for the longest time.
    pub fn longest_unheard(&self) -> Option<Seq> {
        let mut least = None;
        for (i, item) in self.oldest_first() {
            let heard = self.heard(i, item);
            least = Some(least.map_or(heard, |l: Seq| l.min(heard)));
            // Of those behind it something was heard later.
            if heard == item.seq {
                break;
            }
        }
        least
    }
}
