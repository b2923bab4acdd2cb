//! `…/summary`: a board at a glance.

use crate::codec::Cell;
use crate::cursor::Cursor;
use crate::items::Items;
use crate::past::{At, Span};
use crate::problem::Problem;
use crate::rights::KeySet;
use crate::storage::StorageView;
use crate::time::Millis;
use crate::value::Number;
use crate::views::Format;
use crate::views::query::{Wrong, read_pairs};
use serde::Serialize;
use std::collections::BTreeMap;

/// The answer of `…/summary`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Summary {
    /// As of which event.
    pub cursor: Cursor,
    /// When it was made, to the second: who is stale, and the rates, depend on it.
    pub at: Millis,
    /// Items that may be seen.
    pub items: u64,
    /// Those without an event for as long as the board's `stale_after_s`.
    pub stale: u64,
    /// Events of the board since it began.
    pub events: u64,
    /// The latest event time of an item.
    pub newest: Option<Millis>,
    /// The earliest of the items' last event times.
    pub oldest: Option<Millis>,
    /// Events a second by event time, up to `at`; absent for who may not see every item, or without rollups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rates: Option<Rates>,
    /// Number fields of the items as they are now.
    pub fields: BTreeMap<String, FieldSummary>,
    /// Whether the board has more numbers than it keeps series of.
    pub series_full: bool,
    /// How full the board's storage is, once it is nearly full. When it is full, events are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<StorageView>,
    /// The times for which it can be asked how the board was, with `at=`; for who may read its history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub past: Option<Span>,
    /// Dead letters, once some had to make room for others; for who may manage the board.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letters: Option<LettersView>,
}

/// What is said of a board's dead letters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LettersView {
    /// How many made room for others since the board began.
    pub dropped: u64,
}

/// Events a second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rates {
    /// In the last minute.
    #[serde(rename = "1m")]
    pub minute: Number,
    /// In the last ten minutes.
    #[serde(rename = "10m")]
    pub ten_minutes: Number,
    /// In the last hour.
    #[serde(rename = "1h")]
    pub hour: Number,
}

/// A number field over all items, as they are now.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldSummary {
    /// Items that have it.
    pub items: u64,
    /// The smallest.
    pub min: Number,
    /// The largest.
    pub max: Number,
    /// The mean.
    pub average: Number,
    /// Who has the smallest; of several the first by key.
    pub min_key: String,
    /// Who has the largest; of several the first by key.
    pub max_key: String,
}

impl Summary {
    /// What items say about themselves to somebody who may see `allowed`; events, rates and series are the board's to add.
    pub fn of_items(items: &Items, cursor: Cursor, allowed: &KeySet, stale_after_s: u32, now: Millis) -> Self {
        let at = now.plus(-now.0.rem_euclid(1_000));
        let mut s = Self {
            cursor,
            at,
            items: 0,
            stale: 0,
            events: cursor.seq,
            newest: None,
            oldest: None,
            rates: None,
            fields: BTreeMap::new(),
            series_full: false,
            storage: None,
            past: None,
            dead_letters: None,
        };
        // Sums by field number: a board has few fields and many items.
        let mut fields: BTreeMap<u16, (FieldSummary, f64)> = BTreeMap::new();
        for (_, item) in items.iter().filter(|(_, i)| allowed.allows(i.key())) {
            s.items += 1;
            s.stale += u64::from(at.since(item.time) > i64::from(stale_after_s) * 1_000);
            s.newest = s.newest.max(Some(item.time));
            s.oldest = Some(s.oldest.map_or(item.time, |o| o.min(item.time)));
            for f in item.fields() {
                let Cell::Number(n) = f.value else { continue };
                let entry = fields.entry(f.id.0).or_insert_with(|| {
                    let key = || item.key().to_owned();
                    (
                        FieldSummary {
                            items: 0,
                            min: Number(n),
                            max: Number(n),
                            average: Number(n),
                            min_key: key(),
                            max_key: key(),
                        },
                        0.0,
                    )
                });
                let (field, sum) = entry;
                field.items += 1;
                *sum += n;
                if (n, item.key()) < (field.min.0, field.min_key.as_str()) {
                    (field.min, field.min_key) = (Number(n), item.key().to_owned());
                }
                if (-n, item.key()) < (-field.max.0, field.max_key.as_str()) {
                    (field.max, field.max_key) = (Number(n), item.key().to_owned());
                }
            }
        }
        for (id, (mut field, sum)) in fields {
            field.average = Number(sum / field.items as f64);
            s.fields.insert(items.field_name(crate::items::FieldId(id)).to_owned(), field);
        }
        s
    }
}

/// The query of `…/summary`: as of when.
pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Option<At>, Problem> {
    let mut at = None;
    read_pairs(pairs, |name, value| match name {
        "at" => {
            at = Some(At::parse(value)?);
            Ok(())
        }
        "format" => Ok(Format::parse(value, Format::JSON).map(drop)?),
        _ => Err(Wrong::Unknown("at and format")),
    })?;
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Batch;
    use crate::cursor::Epoch;
    use crate::event::Event;
    use crate::value::Value;

    #[test]
    fn a_summary_names_extremes_and_counts_what_is_stale() {
        let event = |key: &str, at: i64, n: f64| Event {
            id: None,
            key: key.to_owned(),
            time: Millis(1_772_366_400_000 + at),
            position: None,
            fields: vec![("temp".to_owned(), Some(Value::Number(n)))],
        };
        let events = [event("b", 0, 7.0), event("a", 5_000, 7.0), event("c", 60_000, 1.0), event("x", 60_000, 99.0)];
        let mut items = Items::default();
        items.apply(&Batch::from_events(&events), 1, |_, _| {});
        let cursor = Cursor { epoch: Epoch(1), seq: 4 };
        let only = KeySet::of(&["a", "b", "c"]).unwrap();
        let s = Summary::of_items(&items, cursor, &only, 30, Millis(1_772_366_460_700));
        assert_eq!((s.items, s.stale), (3, 2));
        assert_eq!(s.newest, Some(Millis(1_772_366_460_000)));
        let temp = &s.fields["temp"];
        assert_eq!((temp.min.0, temp.max.0, temp.average.0), (1.0, 7.0, 5.0));
        assert_eq!((temp.min_key.as_str(), temp.max_key.as_str()), ("c", "a"));
    }
}
