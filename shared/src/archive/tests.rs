//! Names, lines and columns; and that every event is in exactly one manifest, whatever happens.

mod exactly_once;
mod files;

use super::columns::Columns;
use super::config::{ArchiveConfig, ArchiveFormat, Choice};
use super::delivery::{Action, Delivery, Plan, Waiting, beginning};
use super::name::{Range, manifest};
use super::object::{Builder, Object};
use super::target::{TargetName, Unknown};
use crate::api::archive::status::status;
use crate::codec::Batch;
use crate::cursor::Epoch;
use crate::event::Event;
use crate::position::Measured;
use crate::projection::{Entry, LoggedRow};
use crate::scores::control::{self, Control};
use crate::time::Millis;
use crate::value::Value;
use flate2::read::GzDecoder;
use std::io::Read as _;

fn config() -> ArchiveConfig {
    let target = Choice::Named(TargetName::default());
    ArchiveConfig { target, format: ArchiveFormat::Ndjson, buffer_mib: 1, interval_s: 60 }
}

fn event(key: &str, fields: &[(&str, Option<Value>)]) -> Event {
    let fields = fields.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
    Event { id: None, key: key.to_owned(), time: Millis(1_772_366_400_000), position: None, fields }
}

fn encode(events: &[Event]) -> Vec<u8> {
    Batch::from_events(events).encode()
}

fn unpack(object: &Object) -> String {
    let mut text = String::new();
    GzDecoder::new(object.bytes.as_slice()).read_to_string(&mut text).unwrap();
    text
}

fn text(t: &str) -> Value {
    Value::Text(t.to_owned())
}

fn control() -> Vec<u8> {
    Control { at: Millis(1), by: "m".into(), what: control::Action::EndItems { keys: Vec::new() } }.encode()
}

fn entry(first: u64, last: u64, bytes: &[u8]) -> Entry<'_> {
    Entry::read(LoggedRow { first, last, at: Millis(1_772_366_401_500), bytes }).unwrap()
}

fn built(rows: &[(u64, u64, &[u8])], columns: &mut Columns) -> Object {
    built_as(ArchiveFormat::Ndjson, rows, columns)
}

fn built_as(format: ArchiveFormat, rows: &[(u64, u64, &[u8])], columns: &mut Columns) -> Object {
    let mut builder = Builder::new(Epoch(7), format);
    for &(first, last, bytes) in rows {
        builder.push(&entry(first, last, bytes), columns);
    }
    builder.finish().unwrap()
}

#[test]
fn a_line_has_what_the_event_has_and_controls_are_counted_into_the_range_only() {
    let mut moving = event("v1", &[("Route", Some(text("8\"01\n"))), ("fuel", Some(Value::Number(0.7)))]);
    moving.id = Some("a-1".to_owned());
    let at = Measured { lat: 30.26, lon: -97.74, heading: Some(90.0), speed: Some(12.5), ..Measured::default() };
    moving.position = Some(at.check().unwrap());
    let plain = event("v2", &[("fuel", None), ("on", Some(Value::Bool(true))), ("n", Some(Value::Number(3.0)))]);
    let rows = encode(&[moving, plain]);
    let mut columns = Columns::default();
    let object = built(&[(5, 6, &rows), (7, 7, &control())], &mut columns);
    assert_eq!((object.first, object.last, object.records), (5, 7, 2));
    assert_eq!(
        unpack(&object),
        "{\"epoch\":7,\"seq\":5,\"id\":\"a-1\",\"key\":\"v1\",\"time\":1772366400000,\"accepted_at\":1772366401500,\
         \"lat\":30.26,\"lon\":-97.74,\"heading\":90,\"speed\":12.5,\"route\":\"8\\\"01\\n\",\"fuel\":0.7}\n\
         {\"epoch\":7,\"seq\":6,\"key\":\"v2\",\"time\":1772366400000,\"accepted_at\":1772366401500,\
         \"fuel\":null,\"on\":true,\"n\":3}\n"
    );
    let kinds: Vec<(&str, u8)> = columns.list().iter().map(|c| (c.column.as_str(), c.kinds)).collect();
    assert_eq!(kinds, [("route", 4), ("fuel", 1), ("on", 2), ("n", 1)]);
}

#[test]
fn an_object_has_the_same_bytes_each_time_and_no_time_in_its_header() {
    let rows = encode(&[event("v1", &[("n", Some(Value::Number(1.5)))])]);
    let one = built(&[(1, 1, &rows)], &mut Columns::default());
    let two = built(&[(1, 1, &rows)], &mut Columns::default());
    assert_eq!(one, two);
    // Magic, deflate, no flags, no time.
    assert_eq!(one.bytes.get(..8), Some(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0][..]));
}

#[test]
fn names_that_differ_in_case_or_are_taken_get_columns_of_their_own_for_good() {
    let mut columns = Columns::default();
    let name = |columns: &mut Columns, field: &str| {
        let place = columns.place(field);
        columns.name(place).to_owned()
    };
    let fields = ["Temp", "temp", "TEMP", "temp_2", "speed", "Key", "seq", "ÄRA", "a b"];
    let expected = ["temp", "temp_2", "temp_3", "temp_2_2", "speed_2", "key_2", "seq_2", "Ära", "a b"];
    for (field, column) in fields.iter().zip(expected) {
        assert_eq!(name(&mut columns, field), column, "{field}");
    }
    assert!(columns.take_changed());
    // What was stored gives the same again.
    let mut again = Columns::decode(&columns.encode()).unwrap();
    for (field, column) in fields.iter().rev().zip(expected.iter().rev()) {
        assert_eq!(name(&mut again, field), *column, "{field}");
    }
    assert!(!again.take_changed());
}

#[test]
fn names_tell_hour_board_epoch_and_range() {
    let start = Millis::parse("2026-03-01T12:59:59.999Z").unwrap();
    let range = Range { prefix: "fleet/", board: "buses", epoch: Epoch(7), first: 5, last: 1_234, start };
    let object = "fleet/2026/03/01/12/buses-e7-0000000000000005-0000000000001234.ndjson.gz";
    assert_eq!(range.object(ArchiveFormat::Ndjson), object);
    assert_eq!(range.object(ArchiveFormat::Parquet), object.replace(".ndjson.gz", ".parquet"));
    let expected = "manifests/fleet/2026/03/01/12/buses-e7-0000000000000005-0000000000001234.manifest";
    assert_eq!(range.manifest(), expected);
    assert_eq!(
        manifest("events", object, 99, 3),
        format!(
            "{{\"entries\":[{{\"url\":\"s3://events/{object}\",\"mandatory\":true,\
             \"meta\":{{\"content_length\":99,\"record_count\":3}}}}]}}\n"
        )
    );
}

fn waiting(bytes: u64, since: i64) -> Waiting {
    Waiting { bytes, since: Some(Millis(since)) }
}

#[test]
fn an_object_is_made_when_the_buffer_is_full_or_the_oldest_event_has_waited_long_enough() {
    let mut d = Delivery::new(&config(), beginning(0), None, 0, Waiting::default());
    assert_eq!(d.next(Millis(0)), Action::Idle);
    d.appended(10, 500, Millis(1_000));
    d.appended(20, 500, Millis(2_000));
    assert_eq!(d.next(Millis(2_000)), Action::Wait(Millis(61_000)));
    assert_eq!(d.next(Millis(61_000)), Action::Build);
    d.appended(30, 1 << 20, Millis(3_000));
    assert_eq!(d.next(Millis(3_000)), Action::Build);
}

#[test]
fn pauses_grow_with_some_chance_and_end_with_the_first_success() {
    let rows = encode(&[event("v1", &[])]);
    let object = built(&[(1, 1, &rows)], &mut Columns::default());
    let plan = Plan::new(&object, "", "b", Epoch(7));
    let mut d = Delivery::new(&config(), beginning(0), None, 1, waiting(10, 0));
    let mut now = Millis(100_000);
    let mut pauses = Vec::new();
    for chance in [0, u32::MAX, 0, u32::MAX, 0, u32::MAX, 0, u32::MAX, 0, u32::MAX] {
        d.built(plan.clone(), &object);
        assert_eq!(d.next(now), Action::PutObject);
        d.failed("503".to_owned(), now, chance);
        let Action::Wait(at) = d.next(now) else { panic!("it waits") };
        pauses.push(at.since(now));
        now = at;
        assert_eq!(d.next(now), Action::Build, "the object is made again");
    }
    assert_eq!(pauses, [250, 999, 1_000, 3_999, 4_000, 15_999, 16_000, 59_999, 30_000, 59_999]);
    assert_eq!(d.failure().unwrap().times, 10);
    d.built(plan.clone(), &object);
    d.stored();
    d.failed("reset".to_owned(), now, 0);
    let Action::Wait(at) = d.next(now) else { panic!("it waits") };
    assert_eq!(d.next(at), Action::PutManifest, "the object is there already");
    let done = d.delivered(at, None).unwrap();
    assert_eq!((done.seq, done.records, done.lag_ms), (1, 1, at.since(plan.start).max(0)));
    assert_eq!((d.next(at), d.is_failing()), (Action::Idle, false));
    assert_eq!(d.failure().unwrap().message, "reset", "what went wrong is still told");
}

#[test]
fn an_object_that_outgrows_its_buffer_or_memory_is_closed() {
    let filler = "abcdefghijklmnopqrstuvwxyz".repeat(30);
    let events: Vec<Event> = (0..100).map(|i| event(&format!("k{i}"), &[("t", Some(text(&filler)))])).collect();
    let rows = encode(&events);
    for format in [ArchiveFormat::Ndjson, ArchiveFormat::Parquet] {
        let mut builder = Builder::new(Epoch(1), format);
        let mut columns = Columns::default();
        assert!(!builder.is_full(1));
        let made = builder.push(&entry(1, 100, &rows), &mut columns);
        assert!(made > 78_000, "{made}");
        assert!(builder.is_full(made) && !builder.is_full(made + 1));
    }
}

#[test]
fn a_config_that_is_wrong_names_its_fields() {
    let fields = |change: fn(&mut ArchiveConfig)| {
        let mut c = config();
        change(&mut c);
        c.errors().into_iter().map(|e| e.field).collect::<Vec<_>>()
    };
    assert!(fields(|_| {}).is_empty());
    assert_eq!(fields(|c| c.buffer_mib = 0), ["archive.buffer_mib"]);
    assert_eq!(fields(|c| c.buffer_mib = 129), ["archive.buffer_mib"]);
    assert_eq!(fields(|c| c.interval_s = 901), ["archive.interval_s"]);
}

#[test]
fn f8_a_target_that_the_operator_does_not_know_is_told_and_nothing_is_tried() {
    let unknown = Unknown::Undeclared(TargetName::default());
    let mut d = Delivery::new(&config(), beginning(0), None, 1, waiting(10, 0));
    d.failed("503".to_owned(), Millis(100_000), 0);
    let told = serde_json::to_value(status(&d, Err(&unknown), &Columns::default(), Epoch(7), Millis(200_000))).unwrap();
    assert_eq!(told["state"], unknown.code().name());
    assert!(told["target"].is_null() && told["next_try"].is_null());
    assert!(told["error"]["message"].as_str().unwrap().contains("ARCHIVE_DEFAULT"), "{told}");
    assert_eq!(told["backlog"]["records"], 1, "what waits is told all the same");
}
