//! `aggregate`: one event of all that a request has of a key in a stretch of event time.
//!
//! Within one request alone: nothing waits anywhere for more, so what was acknowledged is durable. Sums over any time,
//! made from the log, are rollups.

use crate::cleaned::Cleaner;
use crate::event::Event;
use crate::pipeline::config::{Aggregate, AggregateOp};
use crate::pipeline::draft::{Draft, number_of};
use crate::pipeline::record::Record;
use crate::problem::{Code, FieldError};
use crate::value::Value;
use std::collections::HashMap;

/// What became of the records: events, and those that were refused, with the places of all that each was made of.
pub type Aggregated = (Vec<Record>, Vec<(Vec<u32>, FieldError)>);

#[derive(Clone, Copy, Default)]
struct Tally {
    count: u32,
    sum: f64,
    min: f64,
    max: f64,
    last: f64,
}

impl Tally {
    fn add(&mut self, n: f64) {
        let first = self.count == 0;
        self.min = if first { n } else { self.min.min(n) };
        self.max = if first { n } else { self.max.max(n) };
        self.count += 1;
        self.sum += n;
        self.last = n;
    }

    fn result(&self, op: AggregateOp) -> f64 {
        match op {
            AggregateOp::Count => f64::from(self.count),
            AggregateOp::Sum => self.sum,
            AggregateOp::Min => self.min,
            AggregateOp::Max => self.max,
            AggregateOp::Avg => self.sum / f64::from(self.count),
            AggregateOp::Last => self.last,
        }
    }
}

/// Puts records together. What comes out stands at the place of its latest record, and has its time: with the beginning
/// of the stretch as its time, a second request's event would look like a duplicate of the first one's.
pub fn aggregate(records: Vec<Record>, rules: &Aggregate, cleaner: &mut Cleaner) -> Aggregated {
    let mut refused = Vec::new();
    let mut groups: Vec<Vec<Record>> = Vec::new();
    let mut found: HashMap<(String, i64), usize> = HashMap::new();
    let length = i64::from(rules.every_s.max(1)) * 1_000;
    for record in records {
        if let Some(e) = rules.fields.keys().find_map(|name| number_of(&record.event, name).err()) {
            refused.push((record.places(), e));
            continue;
        }
        let stretch = (record.event.key.clone(), record.event.time.0.div_euclid(length));
        let at = *found.entry(stretch).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            group.push(record);
        }
    }
    let mut out = Vec::with_capacity(groups.len());
    for mut group in groups {
        // By event time; of the same time, as they came.
        group.sort_by_key(|r| r.event.time);
        let all: Vec<Vec<u32>> = group.iter().map(Record::places).collect();
        let Some(place) = group.last().map(|r| r.place) else { continue };
        match together(group, rules, cleaner) {
            Ok(event) => out.push(Record { place, event, members: all.concat() }),
            // Nobody's record alone is wrong: all are refused, and kept.
            Err(e) => refused.extend(all.into_iter().map(|places| (places, e.clone()))),
        }
    }
    out.sort_by_key(|r| r.place);
    (out, refused)
}

fn together(group: Vec<Record>, rules: &Aggregate, cleaner: &mut Cleaner) -> Result<Event, FieldError> {
    let count = group.len();
    let mut tallies = vec![Tally::default(); rules.fields.len()];
    let mut whole: Option<Event> = None;
    for record in group {
        for (tally, name) in tallies.iter_mut().zip(rules.fields.keys()) {
            if let Some(n) = number_of(&record.event, name)? {
                tally.add(n);
            }
        }
        whole = Some(match whole {
            None => record.event,
            Some(before) => later(before, record.event),
        });
    }
    let Some(mut event) = whole else {
        return Err(FieldError::new("", Code::Empty, "there is nothing to put together"));
    };
    event.fields.retain(|(name, _)| !rules.fields.contains_key(name));
    let mut draft = Draft::new(event);
    for (tally, (name, ops)) in tallies.iter().zip(&rules.fields).filter(|(t, _)| t.count > 0) {
        for op in ops {
            draft.set_field(&format!("{name}_{}", op.name()), Some(Value::Number(tally.result(*op) + 0.0)))?;
        }
    }
    if let Some(name) = &rules.count {
        draft.set_field(name, Some(Value::Number(count as f64)))?;
    }
    draft.finish(cleaner)
}

/// A later event over an earlier one: what it says holds, and what it does not mention stays.
fn later(before: Event, after: Event) -> Event {
    let mut fields = before.fields;
    for (name, value) in after.fields {
        match fields.iter_mut().find(|(n, _)| *n == name) {
            Some((_, slot)) => *slot = value,
            None => fields.push((name, value)),
        }
    }
    Event { fields, position: after.position.or(before.position), ..after }
}
