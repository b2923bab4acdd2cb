//! Holes: places of a batch whose event was erased. The place stays, so that every event behind it keeps its number; it has
//! no key, which no event is without, and nothing else. Whoever reads a batch passes over it.

use super::batch::{Batch, Head};
use super::cell::Cell;
use super::wire::DecodeError;
use crate::time::Millis;

/// Stands where a key was.
const NO_KEY: &str = "";

impl<'a> Batch<'a> {
    /// Whether the event of a row was erased.
    pub fn is_hole(&self, row: usize) -> bool {
        self.key(row) == NO_KEY
    }

    /// Makes holes of rows; how many became ones.
    pub fn erase(&mut self, erased: impl Fn(usize) -> bool) -> usize {
        let gone: Vec<bool> = (0..self.len()).map(|row| self.is_hole(row) || erased(row)).collect();
        let count = (0..self.len()).filter(|row| !self.is_hole(*row) && erased(*row)).count();
        if count == 0 {
            return 0;
        }
        let is_gone = |row: usize| gone.get(row).copied().unwrap_or_default();
        // Keys that are left have new numbers, in the order in which they appear.
        let mut numbers = vec![None; self.keys.len()];
        let (mut keys, mut hole): (Vec<&'a str>, Option<u32>) = (Vec::new(), None);
        let mut key_of = Vec::with_capacity(self.key_of.len());
        for (row, key) in self.key_of.iter().enumerate() {
            let (slot, text) = if is_gone(row) {
                (&mut hole, NO_KEY)
            } else {
                let Some(slot) = numbers.get_mut(*key as usize) else { continue };
                (slot, self.key(row))
            };
            let number = *slot.get_or_insert_with(|| {
                keys.push(text);
                keys.len() as u32 - 1
            });
            key_of.push(number);
        }
        // A time of its own would tell something, and one far from the others would take bytes.
        let kept = self.times.iter().enumerate().filter(|(row, _)| !is_gone(*row));
        let least = kept.map(|(_, time)| *time).min().unwrap_or(Millis(0));
        for row in (0..self.len()).filter(|row| is_gone(*row)) {
            if let Some(time) = self.times.get_mut(row) {
                *time = least;
            }
            if let Some(position) = self.positions.get_mut(row) {
                *position = None;
            }
            if let Some(id) = self.ids.get_mut(row) {
                *id = None;
            }
            for column in &mut self.fields {
                if let Some(cell) = column.cells.get_mut(row) {
                    *cell = Cell::Absent;
                }
            }
        }
        (self.keys, self.key_of) = (keys, key_of);
        self.fields.retain(|column| column.cells.iter().any(|cell| *cell != Cell::Absent));
        if self.ids.iter().all(Option::is_none) {
            self.ids.clear();
        }
        count
    }

    /// The distinct keys of an encoded batch, without unpacking the rest.
    pub fn keys_of(bytes: &'a [u8]) -> Result<Vec<&'a str>, DecodeError> {
        let Head { rest: mut r, len, .. } = Self::head(bytes)?;
        let count = r.count()?;
        if count > len {
            return Err(DecodeError::Invalid("dictionary"));
        }
        (0..count).map(|_| r.text()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::SentBy;
    use crate::event::Event;
    use crate::position::Position;
    use crate::value::Value;
    use proptest::prelude::*;

    fn any_event() -> impl Strategy<Value = Event> {
        let value = prop_oneof![
            Just(None),
            any::<bool>().prop_map(|b| Some(Value::Bool(b))),
            (-1e6..1e6_f64).prop_map(|n| Some(Value::Number(n))),
            "[a-c]{0,3}".prop_map(|t| Some(Value::Text(t))),
        ];
        let position = prop::option::of((-90_000_000..90_000_000, -180_000_000..180_000_000));
        let fields = prop::collection::btree_map("[fgh]", value, 0..3);
        ("[a-d]", 0..1_000_i64, position, fields, prop::option::of("[a-z]{1,4}")).prop_map(
            |(key, time, at, fields, id)| Event {
                id,
                key,
                time: Millis(1_772_366_400_000 + time),
                position: at.map(|(lat_e6, lon_e6)| Position { lat_e6, lon_e6, ..Position::default() }),
                fields: fields.into_iter().collect(),
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_not_erased_stays_as_it_was_at_its_place(
            events in prop::collection::vec(any_event(), 1..40),
            erased in prop::collection::vec(any::<bool>(), 40),
            again in prop::collection::vec(any::<bool>(), 40),
            player in any::<bool>(),
        ) {
            let mut batch = Batch::from_events(&events);
            batch.sent_by = if player { SentBy::Player { at: Millis(7) } } else { SentBy::Unknown };
            let mut gone = vec![false; events.len()];
            for round in [&erased, &again] {
                let new = (0..events.len()).filter(|i| round[*i] && !gone[*i]).count();
                prop_assert_eq!(batch.erase(|row| round[row]), new);
                (0..events.len()).for_each(|i| gone[i] |= round[i]);
                let bytes = batch.encode();
                let back = Batch::decode(&bytes).unwrap();
                prop_assert_eq!(&back, &batch);
                prop_assert_eq!(back.len(), events.len());
                prop_assert_eq!(Batch::keys_of(&bytes).unwrap(), back.keys.clone());
                let left: Vec<&str> = (0..events.len()).filter(|i| !gone[*i]).map(|i| events[i].key.as_str()).collect();
                prop_assert!(back.keys.iter().all(|k| k.is_empty() || left.contains(k)));
                for (i, event) in events.iter().enumerate() {
                    prop_assert_eq!(back.is_hole(i), gone[i]);
                    if gone[i] {
                        let hole = back.event(i);
                        prop_assert_eq!((hole.id, hole.position, hole.fields), (None, None, Vec::new()));
                    } else {
                        prop_assert_eq!(&sorted(back.event(i)), &sorted(event.clone()));
                    }
                }
            }
        }
    }

    fn sorted(mut event: Event) -> Event {
        event.fields.sort_by(|a, b| a.0.cmp(&b.0));
        event
    }

    #[test]
    fn a_row_of_holes_takes_two_bytes_an_event_and_tells_nothing() {
        let events: Vec<Event> = (0..100)
            .map(|i| Event {
                id: Some(format!("secret-{i}")),
                key: "secret".into(),
                time: Millis(1_772_366_400_000 + i),
                position: None,
                fields: vec![("secret".into(), Some(Value::Text("secret".into())))],
            })
            .collect();
        let mut batch = Batch::from_events(&events);
        assert_eq!(batch.erase(|_| true), 100);
        let bytes = batch.encode();
        assert!(bytes.len() < 220, "{}", bytes.len());
        assert!(!String::from_utf8_lossy(&bytes).contains("secret"));
    }
}
