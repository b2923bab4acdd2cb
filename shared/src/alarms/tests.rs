//! Alarms, rule by rule, and that a restart comes to the same.

mod replayed;
mod rules;

use super::*;
use crate::event::Event;
use crate::fences::{Fence, FenceId};
use crate::position::Measured;
use crate::value::Value as Field;
use crate::watch::Watch;
use serde_json::{Value, json};

const T0: i64 = 1_772_366_400_000;

fn at(seconds: i64) -> Millis {
    Millis(T0 + seconds * 1_000)
}

fn id(text: &str) -> RuleId {
    RuleId::try_from(text.to_owned()).unwrap()
}

fn rule(json: &Value) -> AlarmRule {
    AlarmRule::parse(json.to_string().as_bytes()).unwrap_or_else(|e| panic!("{json}: {e:?}"))
}

/// An event: key, seconds, fields.
fn event(key: &str, seconds: i64, fields: &[(&str, Field)]) -> Event {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), Some(value.clone()))).collect();
    Event { id: None, key: key.to_owned(), time: at(seconds), position: None, fields }
}

/// The same with a temperature.
fn temp(key: &str, seconds: i64, degrees: f64) -> Event {
    event(key, seconds, &[("temp", Field::Number(degrees))])
}

/// The same with a place.
fn place(key: &str, seconds: i64, lon: f64) -> Event {
    let position = Measured { lat: 0.0, lon, ..Measured::default() }.check().unwrap();
    Event { position: Some(position), ..event(key, seconds, &[]) }
}

/// Alarms with what feeds them.
#[derive(Default)]
struct Board {
    watch: Watch,
    items: Items,
    seq: Seq,
}

impl Board {
    fn with(rules: &[(&str, Value)]) -> Self {
        let mut board = Self::default();
        rules.iter().for_each(|(name, json)| board.put(name, json, 0));
        board
    }

    fn put(&mut self, name: &str, json: &Value, seconds: i64) {
        self.watch.put_rule(&id(name), &rule(json), &self.items, (self.seq, at(seconds))).unwrap();
    }

    fn circle(&mut self, name: &str, lon: f64) {
        let json = json!({"shape": {"type": "Point", "coordinates": [lon, 0.0]}, "radius_m": 300.0});
        let fence = Fence::parse(json.to_string().as_bytes()).unwrap();
        let name = FenceId::try_from(name.to_owned()).unwrap();
        self.watch.fences.put(&name, &fence, (self.seq, at(0)), std::iter::empty()).unwrap();
    }

    /// Events that come at a second, in one request.
    fn send(&mut self, seconds: i64, events: &[Event]) {
        let batch = Batch::from_events(events);
        self.items.apply(&batch, self.seq + 1, |_, _| {});
        self.watch.apply(&batch, self.seq + 1, at(seconds));
        self.seq += events.len() as Seq;
    }

    /// Events that come when they happen, one after another.
    fn live(&mut self, events: &[Event]) {
        for event in events {
            self.send((event.time.0 - T0) / 1_000, std::slice::from_ref(event));
        }
    }

    fn end(&mut self, key: &str, seconds: i64) {
        let what = Action::EndItems { keys: vec![key.to_owned()] };
        let control = Control { at: at(seconds), by: "me".to_owned(), what };
        self.seq += 1;
        self.items.control(&control, self.seq);
        self.watch.control(self.seq, &control, at(seconds));
    }

    fn advance(&mut self, seconds: i64) {
        self.watch.alarms.advance(at(seconds));
    }

    /// What happened, in short: `raise hot v1 60`.
    fn told(&self) -> Vec<String> {
        told(&self.watch.alarms)
    }
}

fn told(alarms: &Alarms) -> Vec<String> {
    let word = |e: &Entry| format!("{} {} {} {}", e.what.name(), e.rule, e.key, (e.time.0 - T0) / 1_000);
    alarms.log().iter().map(word).collect()
}
