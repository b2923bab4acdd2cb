//! Changes of a database's rows, as what carries them away says them: Debezium's change events, what AWS DMS writes to Kinesis
//! and Kafka, and the records of a DynamoDB stream. A row is an item: its change is an event, its deletion ends the item.
//!
//! Sources: Debezium's "Change event values", AWS DMS's "JSON format of data" for Kinesis and Kafka targets, DynamoDB Streams'
//! `Record`. Debezium and DMS were not run here.

use super::Slice;
use super::draft::{flat, name, number, object};
use crate::event::{Loose, RawEvent, Record};
use crate::ingest::json;
use crate::problem::{Code, FieldError};
use serde_json::{Map, Value};

type Row = Map<String, Value>;

/// A record as an event of ours; or, where it is a flat object of which the key is known, as one of those.
pub(super) fn payload<'s>(slice: &'s Slice<'_>, key_name: &str) -> Result<RawEvent<'s>, FieldError> {
    let event = json::read_line(&slice.raw)?;
    if event.unknown.is_none() || event.key.is_some() {
        return Ok(event);
    }
    let mut object = object(&slice.raw)?;
    if let Some(changed) = changed(&mut object, key_name) {
        return changed;
    }
    if slice.key.is_some() || object.contains_key(key_name) { Ok(flat(object, key_name)) } else { Ok(event) }
}

/// What a change is, where an object is one of a row: nothing, where it is anything else.
pub(super) fn changed(object: &mut Row, key_name: &str) -> Option<Result<RawEvent<'static>, FieldError>> {
    if is_removal(object) {
        return Some(Ok(removed(object)));
    }
    if let Some(metadata) = object.get("metadata").and_then(Value::as_object).filter(|m| m.contains_key("record-type"))
    {
        let metadata = metadata.clone();
        return Some(Ok(of_dms(object, &metadata, key_name)));
    }
    // With its schema, or without: what the converter was told.
    let has_schema = object.contains_key("schema") && object.get("payload").is_some_and(Value::is_object);
    let inner = match object.get_mut("payload") {
        Some(Value::Object(payload)) if has_schema => payload,
        _ => object,
    };
    let is_change = inner.contains_key("op") && inner.get("source").is_some_and(Value::is_object);
    is_change.then(|| of_debezium(inner, key_name))
}

/// The row's own event: flat, with its key under the board's own name of keys, under `key`, or under `id`.
fn of_row(mut row: Row, key_name: &str) -> RawEvent<'static> {
    if !row.contains_key(key_name) && !row.contains_key("key") {
        let id = row.remove("id");
        row.extend(id.map(|id| ("key".to_owned(), id)));
    }
    flat(row, key_name)
}

fn ended(event: RawEvent<'static>) -> RawEvent<'static> {
    RawEvent { is: Record::End, position: None, fields: None, ..event }
}

fn nothing() -> RawEvent<'static> {
    RawEvent { is: Record::Nothing, ..RawEvent::default() }
}

/// A value without its type: numbers keep their digits.
pub(super) fn plain_value(value: &Value) -> Value {
    let Some((kind, inner)) = value.as_object().and_then(|o| o.iter().next()) else { return Value::Null };
    match kind.as_str() {
        "N" => {
            let text = inner.as_str().unwrap_or_default();
            serde_json::from_str::<Value>(text).ok().filter(Value::is_number).unwrap_or_else(|| inner.clone())
        }
        "NULL" => Value::Null,
        "M" => inner
            .as_object()
            .into_iter()
            .flatten()
            .map(|(n, v)| (n.clone(), plain_value(v)))
            .collect::<Map<_, _>>()
            .into(),
        "L" => inner.as_array().into_iter().flatten().map(plain_value).collect(),
        "NS" => inner.as_array().into_iter().flatten().map(|v| plain_value(&serde_json::json!({"N": v}))).collect(),
        _ => inner.clone(),
    }
}

/// Whether it is a record of a DynamoDB stream about an item that was removed.
pub(super) fn is_removal(object: &Row) -> bool {
    let is = |member: &str, text: &str| object.get(member).and_then(Value::as_str) == Some(text);
    is("eventSource", "aws:dynamodb") && is("eventName", "REMOVE")
}

/// The key of an item of a table: the parts of its primary key.
pub(super) fn key_of(change: Option<&Row>) -> Option<String> {
    let keys = change?.get("Keys")?.as_object()?;
    let parts: Option<Vec<String>> = keys.values().map(|v| name(&plain_value(v))).collect();
    parts.map(|parts| parts.join("/")).filter(|key| crate::id::check_key(key).is_ok())
}

fn removed(object: &Row) -> RawEvent<'static> {
    let key = key_of(object.get("dynamodb").and_then(Value::as_object));
    ended(RawEvent { key: key.map(|key| Loose::Text(key.into())), ..RawEvent::default() })
}

/// `{"data":{…},"metadata":{"record-type":"data","operation":"load|insert|update|delete","timestamp":…,…}}`. Records about the
/// tables themselves have another type.
fn of_dms(object: &mut Row, metadata: &Row, key_name: &str) -> RawEvent<'static> {
    let text = |name: &str| metadata.get(name).and_then(Value::as_str).unwrap_or_default();
    let Some(Value::Object(row)) = object.remove("data") else { return nothing() };
    if text("record-type") != "data" {
        return nothing();
    }
    let mut event = of_row(row, key_name);
    if event.time.is_none() && !text("timestamp").is_empty() {
        event.time = Some(Loose::Text(text("timestamp").to_owned().into()));
    }
    if text("operation") == "delete" { ended(event) } else { event }
}

/// `{"before":{…},"after":{…},"source":{…},"op":"c|u|d|r|t|m","ts_ms":…}`.
fn of_debezium(change: &mut Row, key_name: &str) -> Result<RawEvent<'static>, FieldError> {
    let op = change.get("op").and_then(Value::as_str).unwrap_or_default().to_owned();
    let source = change.get("source").and_then(Value::as_object).cloned().unwrap_or_default();
    let member = match op.as_str() {
        "c" | "u" | "r" => "after",
        "d" => "before",
        // A message that a program wrote into the log.
        "m" => return Ok(nothing()),
        "t" => {
            let message = "the table was emptied, and which rows it had is not said: DELETE …/items/{key} ends an item";
            return Err(FieldError::new("op", Code::Invalid, message));
        }
        _ => return Err(FieldError::new("op", Code::Invalid, "op is one of c, u, r, d, t and m")),
    };
    let Some(Value::Object(row)) = change.remove(member) else {
        let message = format!("{member} is required: the row; for a deletion the table's replica identity has its key");
        return Err(FieldError::new(member, Code::Missing, message));
    };
    let mut event = of_row(row, key_name);
    // When the row changed in the database; the other is when the connector saw it.
    let time =
        source.get("ts_ms").and_then(number).filter(|at| *at > 0.0).or_else(|| change.get("ts_ms").and_then(number));
    if event.time.is_none() {
        event.time = time.map(Loose::Number);
    }
    if event.id.is_none()
        && let Some(place) = place(&source)
        && let Some(key) = event.key.as_ref().and_then(text_of)
    {
        let table =
            source.get("table").or_else(|| source.get("collection")).and_then(Value::as_str).unwrap_or_default();
        let id = format!("{place}/{op}/{table}/{key}");
        event.id = crate::id::check_event_id(&id).is_ok().then(|| Loose::Text(id.into()));
    }
    Ok(if op == "d" { ended(event) } else { event })
}

/// Where in the database's log a change stands: the same when it is told again.
fn place(source: &Row) -> Option<String> {
    let of = |names: &[&str]| -> Option<String> {
        let parts: Option<Vec<String>> = names.iter().map(|n| source.get(*n).and_then(name)).collect();
        parts.map(|parts| parts.join(":"))
    };
    // PostgreSQL; MySQL and MariaDB; SQL Server; Oracle; MongoDB.
    of(&["lsn"])
        .or_else(|| of(&["file", "pos", "row"]))
        .or_else(|| of(&["change_lsn", "event_serial_no"]))
        .or_else(|| of(&["scn", "redo_thread", "rs_id", "ssn"]))
        .or_else(|| of(&["ts_ms", "ord"]))
}

fn text_of(key: &Loose<'_>) -> Option<String> {
    match key {
        Loose::Text(text) => Some(text.clone().into_owned()),
        Loose::Number(n) => Some(n.to_string()),
        Loose::Null | Loose::Bool(_) | Loose::BigInteger | Loose::Array | Loose::Object => None,
    }
}

/// An object as a change, or as it is.
pub(super) fn of_text(raw: &str, key_name: &str) -> Result<RawEvent<'static>, FieldError> {
    let mut object = object(raw)?;
    changed(&mut object, key_name).unwrap_or_else(|| Ok(flat(object, key_name)))
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use serde_json::{Value, json};

    fn debezium(op: &str, before: &Value, after: &Value) -> Value {
        json!({"before": before, "after": after, "op": op, "ts_ms": 1_772_366_400_900_i64, "transaction": null,
            "source": {"version": "3.0.0.Final", "connector": "postgresql", "name": "db", "ts_ms": 1_772_366_400_000_i64,
                "snapshot": "false", "db": "fleet", "schema": "public", "table": "bus", "txId": 7, "lsn": 24_023_128}})
    }

    fn made(body: &Value) -> (Vec<Value>, Vec<String>) {
        Sent::new(&[("content-type", "application/json")], "", body.to_string()).events(EnvelopeName::Auto)
    }

    #[test]
    fn a_row_of_debezium_is_an_event_and_a_deletion_an_end() {
        let row = json!({"id": 7, "lat": 51.5, "lon": -0.12, "route": "801", "note": null});
        let expected = json!({"id": "24023128/c/bus/7", "key": "7", "time": 1_772_366_400_000_i64,
            "position": {"lat": 51.5, "lon": -0.12}, "fields": {"route": "801"}});
        let create = debezium("c", &Value::Null, &row);
        assert_eq!(made(&create), (vec![expected.clone()], vec![]));
        let with_schema = json!({"schema": {"type": "struct", "fields": []}, "payload": create});
        assert_eq!(made(&with_schema), (vec![expected], vec![]));
        let end = json!({"id": "24023128/d/bus/7", "key": "7", "time": 1_772_366_400_000_i64, "ends": true});
        assert_eq!(made(&debezium("d", &row, &Value::Null)), (vec![end], vec![]));
        assert_eq!(made(&debezium("t", &Value::Null, &Value::Null)).1, ["invalid op"]);
        assert_eq!(made(&debezium("d", &Value::Null, &Value::Null)).1, ["missing before"]);
        assert_eq!(made(&debezium("m", &Value::Null, &Value::Null)), (vec![], vec![]));
    }

    #[test]
    fn a_row_of_dms_is_an_event_and_records_about_its_tables_are_none() {
        let record = |kind: &str, operation: &str| {
            json!({"data": {"vehicle": "v1", "key": "v1", "speed": 3}, "metadata": {"timestamp": "2026-03-01T12:00:00.000000Z",
                "record-type": kind, "operation": operation, "partition-key-type": "primary-key", "schema-name": "public",
                "table-name": "bus", "transaction-id": 5}})
        };
        let sent = |body: Value| {
            use base64::Engine as _;
            let data = base64::engine::general_purpose::STANDARD.encode(body.to_string());
            let body = json!([{"eventSource": "aws:kinesis", "eventID": "shardId-0:49", "sequenceNumber": "49", "data": data}]);
            Sent::new(&[], "", body.to_string()).events(EnvelopeName::Auto)
        };
        let expected = json!({"id": "49", "key": "v1", "time": 1_772_366_400_000_i64, "fields": {"vehicle": "v1"},
            "position": null});
        let (events, refused) = sent(record("data", "update"));
        assert_eq!(
            (events[0]["key"].clone(), events[0]["time"].clone()),
            (expected["key"].clone(), expected["time"].clone())
        );
        assert!(refused.is_empty() && events[0]["ends"].is_null());
        let (events, _) = sent(record("data", "delete"));
        assert_eq!((events[0]["ends"].clone(), events[0]["fields"].clone()), (json!(true), Value::Null));
        assert_eq!(sent(record("control", "create-table")), (vec![], vec![]));
    }
}
