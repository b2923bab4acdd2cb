//! What is sent to the server for a message: an event for a board, a CloudEvent for a source.
//!
//! A board takes events only, so flat objects and bare values are made into some here. A source makes events itself, with its
//! own program where it has one; it gets the payload as it was.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::event::put;

use super::reader::{End, Record};

/// Numbers below this are seconds where seconds and milliseconds are both usual: until the year 5138.
const SECONDS: f64 = 1e11;
/// Longer ids are not taken.
const ID_BYTES: usize = 128;

/// One message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which message it is, counted from 1.
    pub number: u64,
    /// What is sent.
    pub content: Content,
}

/// What is sent of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// JSON of an event or a CloudEvent, without line breaks.
    Event(Vec<u8>),
    /// An item that ends.
    End(End),
}

impl Line {
    /// An event.
    pub fn event(number: u64, json: Vec<u8>) -> Self {
        Self { number, content: Content::Event(json) }
    }

    /// The end of an item.
    pub fn end(number: u64, end: End) -> Self {
        Self { number, content: Content::End(end) }
    }

    /// Its bytes.
    pub fn len(&self) -> usize {
        match &self.content {
            Content::Event(json) => json.len() + 1,
            Content::End(end) => end.key.len(),
        }
    }
}

/// What messages are made into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Events, as a board takes them. `key_field` is the member of a flat object that has its key.
    Events {
        /// Its name.
        key_field: String,
    },
    /// CloudEvents, as a source takes them. `origin` is their `source`.
    CloudEvents {
        /// What they come from.
        origin: String,
    },
}

impl Form {
    /// What is sent for a message.
    pub fn line(&self, record: &Record) -> Vec<u8> {
        match self {
            Self::Events { key_field } => event(record, key_field).to_string().into_bytes(),
            Self::CloudEvents { origin } => cloud_event(record, origin).into_bytes(),
        }
    }
}

/// The payload as JSON; text that is none is a string; bytes that are no text are named as such, for the server to refuse.
fn payload(record: &Record) -> Value {
    let bytes = record.payload.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&record.payload);
    match (serde_json::from_slice(bytes), std::str::from_utf8(bytes)) {
        (Ok(value), _) => value,
        (Err(_), Ok(text)) => Value::String(text.to_owned()),
        (Err(_), Err(_)) => json!({ "payload_base64": STANDARD.encode(bytes) }),
    }
}

fn event(record: &Record, key_field: &str) -> Value {
    let mut event = match payload(record) {
        Value::Object(row) if record.is_row => rest(row, Map::new()),
        Value::Object(object) if is_event(&object) => object,
        Value::Object(object) => flat(object, key_field),
        bare @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            let mut fields = Map::new();
            fields.insert(record.field.clone().unwrap_or_else(|| "value".to_owned()), scalar(bare));
            let mut event = Map::new();
            event.insert("fields".to_owned(), Value::Object(fields));
            event
        }
    };
    let id = record.id.as_ref().filter(|id| id.len() <= ID_BYTES);
    complete(&mut event, "id", id.map(|id| Value::String(id.clone())));
    complete(&mut event, "key", record.key.clone().map(Value::String));
    complete(&mut event, "time", record.time.map(Value::from));
    if let Some(retained) = record.retained {
        let fields = event.entry("fields").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(fields) = fields {
            fields.entry("retained").or_insert(Value::Bool(retained));
        }
    }
    Value::Object(event)
}

/// Whether an object is an event already. Anything in `position` or `fields` is for the server to judge.
fn is_event(object: &Map<String, Value>) -> bool {
    object.keys().all(|name| matches!(name.as_str(), "id" | "key" | "time" | "position" | "fields"))
        || object.get("payload_base64").is_some()
}

fn complete(event: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if event.get(name).is_none_or(Value::is_null) {
        event.remove(name);
        put(event, name, value);
    }
}

/// An event of a flat object whose members have well-known names; the rest are fields.
fn flat(mut object: Map<String, Value>, key_field: &str) -> Map<String, Value> {
    let mut event = Map::new();
    put(&mut event, "key", take(&mut object, &[key_field, "key"]).map(name));
    put(&mut event, "time", take(&mut object, &["time", "timestamp", "ts"]).map(time));
    rest(object, event)
}

/// Puts position and fields of an object into an event.
fn rest(mut object: Map<String, Value>, mut event: Map<String, Value>) -> Map<String, Value> {
    let (north, east) = (["lat", "latitude"], ["lon", "lng", "longitude"]);
    if north.iter().any(|name| is_number(&object, name)) && east.iter().any(|name| is_number(&object, name)) {
        let mut position = Map::new();
        let parts: [(&str, &[&str]); 6] = [
            ("lat", &north),
            ("lon", &east),
            ("heading", &["heading"]),
            ("speed", &["speed"]),
            ("altitude", &["altitude"]),
            ("accuracy", &["accuracy"]),
        ];
        for (part, names) in parts {
            put(&mut position, part, take(&mut object, names));
        }
        event.insert("position".to_owned(), Value::Object(position));
    }
    let mut fields = Map::new();
    for (name, value) in object {
        match value {
            Value::Object(inner) => {
                fields.extend(inner.into_iter().map(|(member, value)| (format!("{name}.{member}"), scalar(value))));
            }
            value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                fields.insert(name, scalar(value));
            }
        }
    }
    if !fields.is_empty() {
        event.insert("fields".to_owned(), Value::Object(fields));
    }
    event
}

fn is_number(object: &Map<String, Value>, name: &str) -> bool {
    object.get(name).is_some_and(Value::is_number)
}

fn take(object: &mut Map<String, Value>, names: &[&str]) -> Option<Value> {
    let name = names.iter().find(|name| object.get(**name).is_some_and(|value| !value.is_null()))?;
    object.remove(*name)
}

/// A key: text, or a number as it is written.
fn name(value: Value) -> Value {
    if value.is_number() { Value::String(value.to_string()) } else { value }
}

/// A time of which nobody says whether it is in seconds or milliseconds, or as text.
fn time(value: Value) -> Value {
    let seconds = value.as_f64().filter(|number| number.abs() < SECONDS);
    seconds.map_or(value, |seconds| Value::from((seconds * 1_000.0).round() as i64))
}

/// What a field can hold; what is nested is its JSON.
fn scalar(value: Value) -> Value {
    if value.is_array() || value.is_object() { Value::String(value.to_string()) } else { value }
}

/// A CloudEvent. The payload is handed on byte for byte where it is JSON, so that no digit of it is lost.
fn cloud_event(record: &Record, origin: &str) -> String {
    // Whoever gives a message no name that stays the same gets it through once at least: as often as it is delivered.
    let id = record.id.clone().unwrap_or_else(|| format!("{:032x}", fastrand::u128(..)));
    let mut attributes = json!({"specversion": "1.0", "id": id, "source": origin, "type": "heliograph.bridge.message"});
    // A subject that is empty is none (CloudEvents 1.0.2).
    if let Some(key) = record.key.as_ref().filter(|key| !key.is_empty()) {
        attributes["subject"] = Value::String(key.clone());
    }
    if let Some(time) = record.time.and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok()) {
        attributes["time"] = Value::String(time.to_string());
    }
    let needs_change = record.retained.is_some() || record.field.is_some();
    let as_it_is = serde_json::from_slice::<&RawValue>(&record.payload).ok().filter(|_| !needs_change);
    let data = match as_it_is {
        Some(raw) => raw.get().replace(['\n', '\r'], " "),
        None => data_of(record).to_string(),
    };
    let mut text = attributes.to_string();
    text.truncate(text.len() - 1);
    text.push_str(",\"data\":");
    text.push_str(&data);
    text.push('}');
    text
}

/// The payload with what the topic and the broker say beside it.
fn data_of(record: &Record) -> Value {
    let mut data = payload(record);
    if let (Some(field), false) = (&record.field, data.is_object()) {
        data = json!({ field: data });
    }
    if let (Some(retained), Value::Object(object)) = (record.retained, &mut data) {
        object.entry("retained").or_insert(Value::Bool(retained));
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(payload: &str) -> Record {
        Record { payload: payload.to_owned().into(), ..Record::default() }
    }

    fn board(record: &Record) -> Value {
        serde_json::from_slice(&Form::Events { key_field: "vehicleId".to_owned() }.line(record)).unwrap()
    }

    fn source(record: &Record) -> Value {
        serde_json::from_slice(&Form::CloudEvents { origin: "mqtt://h".to_owned() }.line(record)).unwrap()
    }

    #[test]
    fn an_event_keeps_what_it_says_and_gets_what_it_lacks() {
        let named = Record { id: Some("s/7".into()), key: Some("v1".into()), time: Some(5), ..record("") };
        let with = |payload: &str| board(&Record { payload: payload.to_owned().into(), ..named.clone() });
        assert_eq!(with(r#"{"fields":{"n":1}}"#), json!({"id": "s/7", "key": "v1", "time": 5, "fields": {"n": 1}}));
        let own = json!({"id": "a", "key": "b", "time": 6, "position": {"lat": 1, "lon": 2}});
        assert_eq!(with(&own.to_string()), own);
        assert_eq!(with(r#"{"key":null}"#)["key"], "v1");
        let long = Record { id: Some("x".repeat(129)), ..named.clone() };
        assert_eq!(board(&Record { payload: "{}".into(), ..long }).get("id"), None);
    }

    #[test]
    fn a_flat_object_becomes_an_event() {
        let flat = r#"{"vehicleId":7,"ts":1772366400,"lat":30.26,"longitude":-97.74,"speed":3,"route":"801","door":{"open":true},"seats":[1,2]}"#;
        assert_eq!(
            board(&record(flat)),
            json!({"key": "7", "time": 1_772_366_400_000_i64, "position": {"lat": 30.26, "lon": -97.74, "speed": 3},
                "fields": {"route": "801", "door.open": true, "seats": "[1,2]"}})
        );
        // Half a position is two fields.
        assert_eq!(board(&record(r#"{"key":"a","lat":1}"#)), json!({"key": "a", "fields": {"lat": 1}}));
    }

    #[test]
    fn members_of_a_row_are_fields_whatever_they_are_called() {
        let row = Record {
            is_row: true,
            key: Some("7".into()),
            time: Some(5),
            ..record(r#"{"id":7,"key":"x","time":"t","lat":1,"lon":2}"#)
        };
        assert_eq!(
            board(&row),
            json!({"key": "7", "time": 5, "position": {"lat": 1, "lon": 2}, "fields": {"id": 7, "key": "x", "time": "t"}})
        );
    }

    #[test]
    fn a_bare_value_is_a_field_called_as_the_topic_says() {
        let oven = |payload: &str| {
            board(&Record { key: Some("oven".into()), field: Some("temperature".into()), ..record(payload) })
        };
        assert_eq!(oven("21.5"), json!({"key": "oven", "fields": {"temperature": 21.5}}));
        assert_eq!(oven("on"), json!({"key": "oven", "fields": {"temperature": "on"}}));
        assert_eq!(board(&record("7")), json!({"fields": {"value": 7}}));
    }

    #[test]
    fn a_message_that_a_broker_had_kept_says_so() {
        let kept = Record { key: Some("a".into()), retained: Some(true), ..record(r#"{"fields":{"n":1}}"#) };
        assert_eq!(board(&kept)["fields"], json!({"n": 1, "retained": true}));
        let live = Record { retained: Some(false), ..kept };
        assert_eq!(board(&live)["fields"], json!({"n": 1, "retained": false}));
        assert_eq!(source(&live)["data"], json!({"fields": {"n": 1}, "retained": false}));
    }

    #[test]
    fn bytes_that_are_no_text_are_left_for_the_server_to_refuse() {
        let binary = Record { key: Some("a".into()), payload: vec![0xff, 0].into(), ..Record::default() };
        assert_eq!(board(&binary), json!({"key": "a", "payload_base64": "/wA="}));
    }

    #[test]
    fn a_source_gets_the_payload_digit_by_digit() {
        let whole = Record {
            id: Some("s/7".into()),
            key: Some("v1".into()),
            time: Some(1_772_366_400_500),
            ..record("{\n\"n\": 12345678901234567890.10}")
        };
        let line = String::from_utf8(Form::CloudEvents { origin: "nats:S".to_owned() }.line(&whole)).unwrap();
        assert!(line.ends_with(r#","data":{ "n": 12345678901234567890.10}}"#), "{line}");
        let event: Value = serde_json::from_str(&line).unwrap();
        for (name, value) in [
            ("id", "s/7"),
            ("source", "nats:S"),
            ("subject", "v1"),
            ("specversion", "1.0"),
            ("time", "2026-03-01T12:00:00.5Z"),
        ] {
            assert_eq!(event[name], value, "{name}");
        }
        let (one, other) = (source(&record("on")), source(&record("on")));
        assert_eq!(one["data"], "on");
        assert_ne!(one["id"], other["id"]);
        assert_eq!(source(&Record { field: Some("t".into()), ..record("5") })["data"], json!({"t": 5}));
    }
}
