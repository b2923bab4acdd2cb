//! Copies of items for eyes that do not see every event.

use super::{FieldState, Item, ItemId, Items, NOBODY, Packed};
use crate::cursor::Seq;
use crate::time::Millis;

impl Items {
    /// The items as far as they can be told without what happened from a time on: items that changed since have lost
    /// their fields, and are there only if they have a position.
    #[must_use]
    pub fn without_since(&self, at: Millis) -> Self {
        let mut kept = Self::default();
        let mut order: Vec<&Item> =
            self.iter().map(|(_, i)| i).filter(|i| i.time < at || i.position().is_some()).collect();
        order.sort_by_key(|i| i.seq);
        for item in order {
            kept.adopt(self, item, item.time < at, item.seq);
        }
        kept
    }

    /// Takes an item as other items have it. `now` is where these items are: names of fields that are new here count
    /// as known since. Items come in the order of their last change.
    pub fn adopt(&mut self, from: &Self, item: &Item, with_fields: bool, now: Seq) {
        let id = self.number_of(item.key(), item.created);
        let fields: Vec<FieldState<'_>> = item
            .fields()
            .filter(|_| with_fields)
            .filter_map(|f| Some(FieldState { id: self.field_number(from.field_name(f.id), now)?, ..f }))
            .collect();
        let packed = Packed::with_fields(item.packed.key(), fields.into_iter(), &mut Vec::new());
        if let Some(own) = self.items.get_mut(id as usize) {
            let (newer, older) = (own.newer, own.older);
            self.bytes = (self.bytes + packed.len()).saturating_sub(own.packed.len());
            *own = Item { packed, newer, older, ..item.clone() };
        }
        self.touch(id);
    }

    /// The item that changed last.
    pub fn newest(&self) -> Option<&Item> {
        (self.newest != NOBODY).then(|| self.get(ItemId(self.newest))).flatten()
    }
}
