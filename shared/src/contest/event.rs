//! An event of a contest, as a board takes it.

use serde_json::{Map, Number, Value};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct ContestEvent {
    /// The line of the feed that says so, from 1; 0 where no single one does.
    pub line: u64,
    /// When it happened, in milliseconds since 1970.
    pub time: i64,
    /// When it was known.
    pub known: i64,
    /// Which team.
    pub key: Arc<str>,
    /// Its id: the contest's own, and what it says as a hash.
    pub id: String,
    /// Where the team comes from; empty where nobody says.
    pub position: Map<String, Value>,
    /// What else.
    pub fields: Map<String, Value>,
}

impl ContestEvent {
    /// The event as a producer sends it.
    pub fn json(&self) -> Value {
        let mut event = serde_json::json!({ "key": &*self.key, "time": self.time, "id": self.id });
        for (name, part) in [("position", &self.position), ("fields", &self.fields)] {
            if !part.is_empty() {
                event[name] = Value::Object(part.clone());
            }
        }
        event
    }
}

/// What an event has beside key, time and id, as the inside of a JSON object. Ids have its hash: it must stay as it is.
fn content(position: &Map<String, Value>, fields: &Map<String, Value>) -> String {
    let mut content = String::new();
    for (name, part) in [("position", position), ("fields", fields)] {
        if !part.is_empty() {
            let part = Value::Object(part.clone());
            content.extend([",\"", name, "\":", &part.to_string()]);
        }
    }
    content
}

/// The hash of what a team's event says.
pub fn hash_of_team(position: &Map<String, Value>, fields: &Map<String, Value>) -> u64 {
    xxh3_64(content(position, fields).as_bytes())
}

/// The hash of what an event of a submission says.
pub fn hash_of_attempt(key: &str, time: i64, fields: &Map<String, Value>) -> u64 {
    xxh3_64(format!("{key} {time} {}", content(&Map::new(), fields)).as_bytes())
}

/// A finite double as a JSON number, short.
pub fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9.0e15 {
        return Value::Number(Number::from(value as i64));
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// Adds `name: value` unless the value is absent.
pub fn put(object: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), value);
    }
}
