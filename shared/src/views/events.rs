//! `…/events`: what was accepted, as it came, page by page.

use crate::codec::{Batch, Cell};
use crate::cursor::{Cursor, Seq};
use crate::event::Event;
use crate::limits;
use crate::position::Position;
use crate::problem::{Code, FieldError, Problem};
use crate::rights::Sight;
use crate::rollups::query::time;
use crate::sights::Shown;
use crate::sights::lens::Lens;
use crate::time::Millis;
use crate::value::Value;
use crate::views::Format;
use crate::views::columns::{POSITION, beside, position_part};
use crate::views::json;
use crate::views::query::{Wrong, read_pairs, refuse};
use crate::views::table::{Head, Kind, Kinds, Sheet, head};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The query of `…/events`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventsQuery {
    /// Only events of this item.
    pub key: Option<String>,
    /// Only events whose time is not before.
    pub from: Option<Millis>,
    /// Only events whose time is before.
    pub to: Option<Millis>,
    /// Only events that were logged after this one: the `next` of the page before.
    pub after: Option<Seq>,
    /// Events of a page.
    pub limit: Option<usize>,
    /// In which form.
    pub format: Format,
}

impl EventsQuery {
    /// Reads name–value pairs; every error names the parameter.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let mut q = Self::default();
        read_pairs(pairs, |name, value| q.set(name, value))?;
        if q.from.zip(q.to).is_some_and(|(from, to)| from >= to) {
            let message = "to is after from; they may have been exchanged";
            refuse(vec![FieldError::new("to", Code::InvalidParameter, message)])?;
        }
        Ok(q)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Wrong> {
        match name {
            "key" => self.key = Some(value.to_owned()),
            "from" => self.from = Some(time(value)?),
            "to" => self.to = Some(time(value)?),
            "after" => {
                let after = value.parse().ok().filter(|after| *after <= limits::SEQ_MAX);
                self.after = Some(after.ok_or_else(|| "is the next of the page before".to_owned())?);
            }
            "limit" => {
                let n = value.parse().unwrap_or(0);
                if !(1..=limits::PAGE_ROWS_MAX).contains(&n) {
                    return Err(format!("is 1 to {}", limits::PAGE_ROWS_MAX).into());
                }
                self.limit = Some(n);
            }
            "format" => self.format = Format::parse(value, Format::TABLES)?,
            _ => return Err(Wrong::Unknown("key, from, to, after, limit and format")),
        }
        Ok(())
    }
}

/// An event as it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventView {
    /// Its place in the log.
    pub seq: Seq,
    /// Whose it is.
    pub key: String,
    /// Event time.
    pub time: Millis,
    /// The id that it came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The position that it came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Fields; null removes one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Option<Value>>,
}

impl EventView {
    /// An event with its place.
    pub fn new(seq: Seq, event: Event) -> Self {
        let Event { id, key, time, position, fields } = event;
        Self { seq, key, time, id, position, fields: fields.into_iter().collect() }
    }
}

/// The answer of `…/events`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventsPage {
    /// As of when.
    pub cursor: Cursor,
    /// The events, in the order of the log.
    pub events: Vec<EventView>,
    /// What to ask for as `after` to go on; null at the end. A page may have no events and yet a next one: it looks
    /// through [`limits::EVENTS_LOG_ROWS`] rows of the log at most.
    pub next: Option<String>,
}

/// An event's own columns. `removed` has the names of the fields that it takes away, as a list in JSON: an empty cell of a
/// field is one that the event does not mention.
const OWN: [(&str, Kind); 5] =
    [("seq", Kind::Whole), ("key", Kind::Text), ("time", Kind::Time), ("id", Kind::Text), ("removed", Kind::Text)];

impl EventsPage {
    /// The page in a form. A table has a column for each of `fields`, the same on every page; of which kinds their values are
    /// elsewhere is told in the same order.
    pub fn write(&self, format: Format, fields: &[&str], kinds: &[Kinds]) -> Vec<u8> {
        match format {
            Format::Json | Format::GeoJson | Format::Gpx | Format::Kml => {
                let mut out = Vec::new();
                json::push(&mut out, self);
                out
            }
            Format::NdJson => json::lines(&self.events),
            Format::Table(form) => form.write(&heads(fields, kinds), |sheet| {
                self.events.iter().for_each(|event| row(sheet, event, fields));
            }),
        }
    }
}

fn heads<'n>(fields: &[&'n str], kinds: &[Kinds]) -> Vec<Head<'n>> {
    let names = OWN.map(|(name, _)| name);
    let [own @ .., removed] = OWN.map(|(name, kind)| head(name, kind));
    let position = POSITION.into_iter().map(|name| head(name, Kind::Number));
    let kinds = kinds.iter().copied().chain(std::iter::repeat(Kinds::default()));
    let fields = fields.iter().copied().zip(kinds).map(|(name, kinds)| head(beside(&names, name), Kind::Values(kinds)));
    own.into_iter().chain(position).chain([removed]).chain(fields).collect()
}

fn row(sheet: &mut dyn Sheet, event: &EventView, fields: &[&str]) {
    sheet.whole(event.seq as i64);
    sheet.text(&event.key);
    sheet.time(event.time);
    sheet.maybe_text(event.id.as_deref());
    for part in 0..POSITION.len() {
        sheet.number(event.position.as_ref().and_then(|p| position_part(p, part)));
    }
    let removed: Vec<&String> =
        event.fields.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
    let removed = (!removed.is_empty()).then(|| serde_json::to_string(&removed).unwrap_or_default());
    sheet.maybe_text(removed.as_deref());
    for field in fields {
        sheet.value(Cell::of(event.fields.get(*field).and_then(Option::as_ref)));
    }
    sheet.end_row();
}

/// As much of an event as is shown, and seen through a lens.
pub(crate) fn shown_event(batch: &Batch<'_>, row: usize, shown: Shown, lens: Option<&Lens>) -> Option<Event> {
    let event = match shown {
        Shown::Nothing => return None,
        Shown::Whole => batch.event(row),
        Shown::Position => Event { id: None, fields: Vec::new(), ..batch.event(row) },
    };
    match lens {
        None => Some(event),
        Some(lens) => lens.event(event),
    }
}

/// A page in the making.
pub struct Paging<'q> {
    query: &'q EventsQuery,
    sight: &'q Sight,
    lens: Option<Lens>,
    shows: &'q dyn Fn(&Batch<'_>, usize) -> Shown,
    limit: usize,
    events: Vec<EventView>,
    /// The last event that was looked at.
    seen: Seq,
}

impl<'q> Paging<'q> {
    /// The beginning of a page for somebody who sees the history so: as much of each event as `shows` says, through a lens.
    pub fn new(
        query: &'q EventsQuery,
        sight: &'q Sight,
        lens: Option<Lens>,
        shows: &'q dyn Fn(&Batch<'_>, usize) -> Shown,
    ) -> Self {
        let limit = query.limit.unwrap_or(limits::PAGE_ROWS);
        Self { query, sight, lens, shows, limit, events: Vec::new(), seen: query.after.unwrap_or(0) }
    }

    /// The event after which the next row is looked for.
    pub const fn seen(&self) -> Seq {
        self.seen
    }

    /// Looks at a row of the log. False when the page is full.
    pub fn row(&mut self, first: Seq, batch: &Batch<'_>) -> bool {
        let q = self.query;
        if let Some(key) = &q.key
            && !batch.keys.contains(&key.as_str())
        {
            self.seen = first + batch.len() as u64 - 1;
            return true;
        }
        for i in 0..batch.len() {
            let seq = first + i as u64;
            if seq <= self.seen {
                continue;
            }
            let (key, time) = (batch.key(i), batch.times.get(i).copied().unwrap_or_default());
            let wanted = !batch.is_hole(i)
                && q.key.as_deref().is_none_or(|k| k == key)
                && q.from.is_none_or(|from| time >= from)
                && q.to.is_none_or(|to| time < to)
                && self.sight.allows(key);
            let shown = if wanted { (self.shows)(batch, i) } else { Shown::Nothing };
            if let Some(event) = shown_event(batch, i, shown, self.lens.as_ref()) {
                if self.events.len() == self.limit {
                    return false;
                }
                self.events.push(EventView::new(seq, event));
            }
            self.seen = seq;
        }
        true
    }

    /// Passes over a row without events.
    pub fn pass(&mut self, last: Seq) {
        self.seen = self.seen.max(last);
    }

    /// The page; `more` when the log may have further rows.
    pub fn finish(self, cursor: Cursor, more: bool) -> EventsPage {
        let next = (more && self.seen < cursor.seq).then(|| self.seen.to_string());
        EventsPage { cursor, events: self.events, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::Epoch;
    use proptest::prelude::*;

    fn log() -> Vec<(Seq, Vec<Event>)> {
        let event = |i: i64| Event {
            id: None,
            key: format!("v{}", i % 7),
            time: Millis(1_772_366_400_000 + (i * 7_919 % 1_000) * 1_000),
            position: None,
            fields: vec![("n".to_owned(), Some(Value::Number(i as f64)))],
        };
        let mut first = 1;
        (0..20)
            .map(|row| {
                let events: Vec<Event> = (0..=row % 5).map(|i| event(first as i64 + i)).collect();
                let begin = first;
                first += events.len() as Seq;
                (begin, events)
            })
            .collect()
    }

    proptest! {
        #[test]
        fn pages_put_together_are_what_a_filter_finds(limit in 1..30usize, key in prop::option::of(0..8u8), from in 0..1_000i64, span in 1..1_000i64) {
            let log = log();
            let head = log.last().map(|(f, e)| f + e.len() as Seq - 1).unwrap();
            let cursor = Cursor { epoch: Epoch(1), seq: head };
            let start = Millis(1_772_366_400_000);
            let mut q = EventsQuery {
                key: key.map(|k| format!("v{k}")),
                from: Some(start.plus(from * 1_000)),
                to: Some(start.plus((from + span) * 1_000)),
                limit: Some(limit),
                ..EventsQuery::default()
            };
            let mut got: Vec<Seq> = Vec::new();
            let everyone = Sight::everything();
            loop {
                let page = {
                    let mut paging = Paging::new(&q, &everyone, None, &|_, _| Shown::Whole);
                    let mut full = false;
                    for (first, events) in &log {
                        if !full && first + events.len() as Seq - 1 > paging.seen() {
                            full = !paging.row(*first, &Batch::from_events(events));
                        }
                    }
                    paging.finish(cursor, full)
                };
                prop_assert!(page.events.len() <= limit);
                got.extend(page.events.iter().map(|e| e.seq));
                match page.next {
                    Some(next) => q.after = Some(next.parse().unwrap()),
                    None => break,
                }
            }
            let expected: Vec<Seq> = log.iter().flat_map(|(first, events)| events.iter().enumerate().map(move |(i, e)| (first + i as Seq, e)))
                .filter(|(_, e)| q.key.as_ref().is_none_or(|k| *k == e.key) && e.time >= q.from.unwrap() && e.time < q.to.unwrap())
                .map(|(seq, _)| seq).collect();
            prop_assert_eq!(got, expected);
        }
    }
}
