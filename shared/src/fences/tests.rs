//! Fences against slower and plainer ways to tell.

mod borders;
mod replayed;
mod stays;

use super::*;
use crate::event::Event;
use crate::position::Measured;
use crate::projection::{Change, Need, Piece, Projection};
use serde_json::{Value, json};

const T0: i64 = 1_772_366_400_000;

fn id(text: &str) -> FenceId {
    FenceId::try_from(text.to_owned()).unwrap()
}

fn fence(json: &Value) -> Fence {
    Fence::parse(json.to_string().as_bytes()).unwrap_or_else(|e| panic!("{json}: {e:?}"))
}

fn circle(lon: f64, lat: f64, radius_m: f64) -> Value {
    json!({"shape": {"type": "Point", "coordinates": [lon, lat]}, "radius_m": radius_m})
}

fn with(mut json: Value, name: &str, value: impl Into<Value>) -> Value {
    json[name] = value.into();
    json
}

fn at(lon: f64, lat: f64) -> Position {
    Measured { lat, lon, ..Measured::default() }.check().unwrap()
}

/// A fix: key, seconds, longitude, latitude.
fn event(key: &str, seconds: i64, lon: f64, lat: f64) -> Event {
    let (key, position) = (key.to_owned(), Some(at(lon, lat)));
    Event { id: None, key, time: Millis(T0 + seconds * 1_000), position, fields: Vec::new() }
}

/// Fences with what feeds them.
struct Board {
    fences: Fences,
    seq: Seq,
}

impl Board {
    fn with(fences: &[(&str, Value)]) -> Self {
        let mut board = Self { fences: Fences::default(), seq: 0 };
        fences.iter().for_each(|(name, json)| board.put(name, json));
        board
    }

    fn put(&mut self, name: &str, json: &Value) {
        self.fences.put(&id(name), &fence(json), (self.seq, Millis(T0)), std::iter::empty()).unwrap();
    }

    fn send(&mut self, events: &[Event]) {
        let batch = Batch::from_events(events);
        self.fences.apply(&batch, self.seq + 1, Millis(T0));
        self.seq += events.len() as Seq;
    }

    /// One item's fixes: seconds, longitude, latitude, one request each.
    fn ride(&mut self, key: &str, fixes: &[(i64, f64, f64)]) {
        for (seconds, lon, lat) in fixes {
            self.send(&[event(key, *seconds, *lon, *lat)]);
        }
    }

    fn end(&mut self, key: &str, seconds: i64) {
        let what = Action::EndItems { keys: vec![key.to_owned()] };
        let control = Control { at: Millis(T0 + seconds * 1_000), by: "me".to_owned(), what };
        self.seq += 1;
        self.fences.control(self.seq, &control, Millis(T0));
    }

    /// What happened, in short: `enter depot v1 60`.
    fn told(&self) -> Vec<String> {
        let word = |h: &Happening| {
            let FenceEvent { kind, fence, key, time, .. } = h.into();
            format!("{} {fence} {key} {}", json!(kind).as_str().unwrap(), (time.0 - T0) / 1_000)
        };
        self.fences.happenings().iter().map(word).collect()
    }
}
