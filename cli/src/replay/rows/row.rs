//! One row that can become an event.

use std::io::Write as _;
use std::sync::Arc;

use serde_json::{Map, Value};

/// A row of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Line in the file (from 1), or the number of the element in a JSON array.
    pub line: u64,
    /// The recorded time in milliseconds: when it happened.
    pub time: i64,
    /// When it was known, which is when it is sent. Almost always the same.
    pub known: i64,
    /// Which thing it is about.
    pub key: Arc<str>,
    id: Option<Box<str>>,
    /// `,"position":{…},"fields":{…}`, already JSON.
    rest: Box<str>,
}

impl Row {
    /// A row; `rest` is what [`rest`] made.
    pub fn new(line: u64, time: i64, known: i64, key: Arc<str>, id: Option<String>, rest: String) -> Self {
        Self { line, time, known, key, id: id.map(String::into_boxed_str), rest: rest.into_boxed_str() }
    }

    /// The event's own id.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The same with another id.
    #[must_use]
    pub fn with_id(&self, id: String) -> Self {
        Self { id: Some(id.into_boxed_str()), ..self.clone() }
    }

    /// Writes the event with this time. An id gets the suffix: what happens again is another event.
    pub fn write_event(&self, time: i64, suffix: &str, out: &mut Vec<u8>) {
        out.clear();
        // Writing to a Vec cannot fail.
        let _ = write!(out, "{{\"key\":{},\"time\":{time}", Value::from(&*self.key));
        if let Some(id) = &self.id {
            let _ = write!(out, ",\"id\":{}", Value::from(format!("{id}{suffix}")));
        }
        out.extend_from_slice(self.rest.as_bytes());
        out.push(b'}');
    }
}

/// What an event has beside key, time and id, as the inside of a JSON object.
pub fn rest(position: &Map<String, Value>, fields: &Map<String, Value>) -> String {
    let mut rest = String::new();
    // A heading or speed without a place is no position; a row without a place keeps its other fields.
    if position.contains_key("lat") || position.contains_key("lon") {
        rest.push_str(",\"position\":");
        rest.push_str(&json_text(position));
    }
    if !fields.is_empty() {
        rest.push_str(",\"fields\":");
        rest.push_str(&json_text(fields));
    }
    rest
}

fn json_text(map: &Map<String, Value>) -> String {
    serde_json::to_string(map).unwrap_or_else(|_| "{}".to_owned())
}
