//! Copies of items for eyes that do not see every event.

use super::{FieldId, FieldState, Item, ItemId, Items, NOBODY, Packed, Place};
use crate::codec::Cell;
use crate::cursor::Seq;
use crate::position::Position;
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
        self.replace(id, Item { packed, ..item.clone() });
    }

    /// The same with those fields that are shown, and the position as it is shown. What is shown may change with what an
    /// item is: so what counts as changed is what is other than it was here, and an item that was not here is new.
    pub fn adopt_some(
        &mut self,
        from: &Self,
        item: &Item,
        shows: &dyn Fn(&str) -> bool,
        position: Option<Position>,
        now: Seq,
    ) {
        let known = self.find(item.key()).and_then(|id| self.get(id)).cloned();
        let id = self.number_of(item.key(), item.created);
        let before = |id: FieldId| known.as_ref().and_then(|own| own.field(id));
        let mut fields: Vec<FieldState<'_>> = Vec::new();
        for f in item.fields().filter(|f| shows(from.field_name(f.id))) {
            let Some(id) = self.field_number(from.field_name(f.id), now) else { continue };
            let seq = match before(id) {
                Some(old) if old.value == f.value => old.seq,
                Some(_) | None => known.as_ref().map_or(f.seq, |_| item.seq),
            };
            fields.push(FieldState { id, seq, value: f.value });
        }
        for old in known.iter().flat_map(Item::fields) {
            if fields.iter().all(|f| f.id != old.id) {
                let seq = if old.value == Cell::Null { old.seq } else { item.seq };
                fields.push(FieldState { seq, value: Cell::Null, ..old });
            }
        }
        let place: Place = position.into();
        // Within a cell nothing moves.
        let position_seq = match &known {
            Some(own) if own.place == place => own.position_seq,
            Some(_) => item.seq,
            None => item.position_seq,
        };
        let created = known.as_ref().map_or(item.seq, |own| own.created.max(item.created));
        let packed = Packed::with_fields(item.packed.key(), fields.into_iter(), &mut Vec::new());
        self.replace(id, Item { created, position_seq, place, packed, ..item.clone() });
    }

    /// Puts an item in place of what it was here, as the one that changed last.
    fn replace(&mut self, id: u32, item: Item) {
        if let Some(own) = self.items.get_mut(id as usize) {
            let (newer, older) = (own.newer, own.older);
            self.bytes = (self.bytes + item.packed.len()).saturating_sub(own.packed.len());
            *own = Item { newer, older, ..item };
        }
        self.touch(id);
    }

    /// The item that changed last.
    pub fn newest(&self) -> Option<&Item> {
        (self.newest != NOBODY).then(|| self.get(ItemId(self.newest))).flatten()
    }
}
