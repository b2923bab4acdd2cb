//! A copy that goes through what was: it begins as the items at a moment, and takes the events after it one by one.

use super::{Change, Replica, ReplicaItem};
use crate::items::ItemId;
use crate::views::events::EventView;
use std::collections::BTreeMap;

impl Replica {
    /// Gives each item the number that its key has in another copy, and other numbers to keys that are not there: who shows
    /// one copy after the other by numbers shows the same items.
    pub fn number_like(&mut self, known: &Self) {
        let mut next = known.next_id();
        self.by_key.clear();
        for item in std::mem::take(&mut self.items).into_values() {
            let id = known.find(&item.key).unwrap_or_else(|| {
                let new = next;
                next = ItemId(next.0.saturating_add(1));
                new
            });
            self.by_key.insert(item.key.clone(), id);
            self.items.insert(id, item);
        }
    }

    /// Takes an event of the log. What is not newer than the item's state, by event time and then by its place in the log,
    /// changes nothing: so the order in which events come does not matter, as long as those of an item that count do not
    /// overtake each other.
    pub fn event(&mut self, event: EventView) -> Option<Change> {
        let EventView { seq, key, time, position, fields, id: _ } = event;
        let id = self.find(&key).unwrap_or_else(|| {
            let id = self.next_id();
            let empty = ReplicaItem { key: key.clone(), time, seq: 0, position: None, fields: BTreeMap::new() };
            self.items.insert(id, empty);
            self.by_key.insert(key, id);
            id
        });
        let item = self.items.get_mut(&id).filter(|item| (item.time, item.seq) < (time, seq))?;
        (item.time, item.seq) = (time, seq);
        for (name, value) in fields {
            match value {
                Some(value) => drop(item.fields.insert(name, value)),
                None => drop(item.fields.remove(&name)),
            }
        }
        if position.is_some() {
            item.position = position;
        }
        Some(Change::Upsert { id, moved: position.is_some() })
    }

    fn next_id(&self) -> ItemId {
        self.items.keys().next_back().map_or(ItemId(0), |last| ItemId(last.0.saturating_add(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::items::Item;
    use crate::codec::Batch;
    use crate::event::Event;
    use crate::items::Items;
    use crate::position::Measured;
    use crate::time::Millis;
    use crate::value::Value;
    use proptest::prelude::*;

    fn item(key: &str, time: i64) -> Item {
        Item { key: key.into(), time: Millis(time), seq: 5, position: None, fields: BTreeMap::new() }
    }

    fn event(seq: u64, key: &str, time: i64, fields: &[(&str, Option<f64>)]) -> EventView {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.map(Value::Number))).collect();
        EventView { seq, key: key.into(), time: Millis(time), id: None, position: None, fields }
    }

    #[test]
    fn an_item_keeps_the_number_that_its_key_had() {
        let mut before = Replica::of_items(vec![item("a", 1), item("b", 1), item("c", 1)]);
        before.number_like(&Replica::default());
        let mut at = Replica::of_items(vec![item("new", 1), item("c", 1), item("b", 1)]);
        at.number_like(&before);
        let numbers: Vec<(u32, &str)> = at.items().map(|(id, item)| (id.0, item.key.as_str())).collect();
        assert_eq!(numbers, [(1, "b"), (2, "c"), (3, "new")]);
        assert_eq!((at.find("c"), at.find("a")), (Some(ItemId(2)), None));
    }

    #[test]
    fn events_change_what_they_speak_of_and_a_late_one_changes_nothing() {
        let mut copy = Replica::of_items(vec![item("a", 10)]);
        assert_eq!(copy.event(event(9, "a", 9, &[("x", Some(1.0))])), None);
        assert_eq!(copy.event(event(5, "a", 10, &[("x", Some(1.0))])), None, "what the items have already");
        let id = ItemId(0);
        assert_eq!(
            copy.event(event(6, "a", 10, &[("x", Some(1.0)), ("y", Some(2.0))])),
            Some(Change::Upsert { id, moved: false })
        );
        let position = Measured { lat: 30.0, lon: -97.0, ..Measured::default() }.check().ok();
        assert!(position.is_some());
        let moved = EventView { position, ..event(8, "a", 11, &[("x", None)]) };
        assert_eq!(copy.event(moved), Some(Change::Upsert { id, moved: true }));
        let a = copy.get(id).unwrap();
        assert_eq!((a.time, a.seq, a.position), (Millis(11), 8, position));
        assert_eq!(a.fields.keys().collect::<Vec<_>>(), ["y"]);
        assert_eq!(copy.event(event(9, "b", 3, &[])), Some(Change::Upsert { id: ItemId(1), moved: false }));
        assert_eq!(copy.find("b"), Some(ItemId(1)));
    }

    proptest! {
        #[test]
        fn events_by_time_make_the_items_that_the_log_makes(
            raw in prop::collection::vec((0..4u8, 0..30i64, prop::option::of(0..5u8), any::<bool>()), 1..60),
        ) {
            let events: Vec<Event> = raw.iter().map(|(key, time, x, removes)| Event {
                id: None,
                key: format!("k{key}"),
                time: Millis(*time),
                position: None,
                fields: match x {
                    Some(x) => vec![("x".to_owned(), (!removes).then_some(Value::Number(f64::from(*x))))],
                    None => Vec::new(),
                },
            }).collect();
            // What a late event says of a field counts nowhere, so the board that had them all in order has the same end.
            let mut by_time: Vec<(u64, Event)> = (1..).zip(events).collect();
            by_time.sort_by_key(|(seq, event)| (event.time, *seq));
            let sorted: Vec<Event> = by_time.iter().map(|(_, event)| event.clone()).collect();
            let mut items = Items::default();
            items.apply(&Batch::from_events(&sorted), 1, |_, _| ());
            let mut copy = Replica::default();
            for (seq, event) in by_time {
                copy.event(EventView::new(seq, event));
            }
            prop_assert_eq!(copy.len(), items.len());
            for (_, item) in items.iter() {
                let same = copy.get(copy.find(item.key()).unwrap()).unwrap();
                let x = items.find_field("x").and_then(|x| item.field(x)).and_then(|state| state.value.to_value());
                prop_assert_eq!((same.time, same.fields.get("x").cloned()), (item.time, x));
            }
        }
    }
}
