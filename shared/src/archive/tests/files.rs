//! Parquet files of the archive, read back.

use super::*;
use ::bytes::Bytes;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use proptest::prelude::*;
use serde_json::json;

/// What a file has.
pub struct File {
    /// Names and types.
    pub columns: Vec<(String, String)>,
    /// Rows, with what is not null.
    pub rows: Vec<serde_json::Value>,
    pub groups: usize,
}

pub fn read(bytes: &[u8]) -> File {
    let reader = SerializedFileReader::new(Bytes::copy_from_slice(bytes)).unwrap();
    let metadata = reader.metadata();
    let schema = metadata.file_metadata().schema_descr();
    let kind =
        |c: &parquet::schema::types::ColumnDescriptor| format!("{} {:?}", c.physical_type(), c.logical_type_ref());
    let columns = schema.columns().iter().map(|c| (c.name().to_owned(), kind(c))).collect();
    let rows = reader.get_row_iter(None).unwrap().map(|row| {
        #[expect(clippy::wildcard_enum_match_arm, reason = "no other type is written")]
        let value = |field: &Field| match field {
            Field::Null => None,
            Field::Bool(b) => Some(json!(b)),
            Field::Long(n) | Field::TimestampMillis(n) => Some(json!(n)),
            Field::Double(n) => Some(crate::value::number_json(*n)),
            Field::Str(t) => Some(json!(t)),
            other => panic!("{other:?} is no value of ours"),
        };
        let row = row.unwrap();
        row.get_column_iter().filter_map(|(name, field)| Some((name.clone(), value(field)?))).collect()
    });
    File { columns, rows: rows.collect(), groups: metadata.num_row_groups() }
}

#[expect(clippy::unnecessary_wraps, reason = "a field may have none")]
fn number(n: f64) -> Option<Value> {
    Some(Value::Number(n))
}

#[test]
fn a_row_has_what_the_event_has_and_each_kind_of_value_its_own_column() {
    let mut moving = event("-100123", &[("Route", Some(text("801"))), ("fuel", number(0.7))]);
    moving.id = Some("a-1".to_owned());
    let at = Measured { lat: 30.26, lon: -97.74, heading: Some(90.0), ..Measured::default() };
    moving.position = Some(at.check().unwrap());
    let word = event("v2", &[("fuel", Some(text("empty"))), ("on", Some(Value::Bool(true)))]);
    let gone = event("v2", &[("fuel", None), ("never", None)]);
    let (first, second) = (encode(&[moving, word]), encode(&[gone]));
    let mut columns = Columns::default();
    let object = built_as(ArchiveFormat::Parquet, &[(5, 6, &first), (7, 7, &control()), (8, 8, &second)], &mut columns);
    assert_eq!((object.first, object.last, object.records), (5, 8, 3));
    let file = read(&object.bytes);
    let own = |seq: u64, key: &str| json!({"epoch": 7, "seq": seq, "key": key, "time": 1_772_366_400_000_i64, "accepted_at": 1_772_366_401_500_i64});
    let with = |mut row: serde_json::Value, more: serde_json::Value| {
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row
    };
    let moved = json!({"id": "a-1", "lat": 30.26, "lon": -97.74, "heading": 90, "route": "801", "fuel": 0.7});
    assert_eq!(
        file.rows,
        [
            with(own(5, "-100123"), moved),
            with(own(6, "v2"), json!({"fuel_text": "empty", "on": true})),
            with(own(8, "v2"), json!({"removed": "[\"fuel\",\"never\"]"})),
        ]
    );
    let names: Vec<&str> = file.columns.iter().skip(12).map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["removed", "route", "fuel", "fuel_text", "on"]);
    assert!(file.columns[4].1.contains("Timestamp") && file.columns[4].1.contains("MILLIS"), "{:?}", file.columns[4]);
}

#[test]
fn what_ndjson_called_a_field_parquet_calls_it_too_and_the_other_way_round() {
    let mut columns = Columns::default();
    let lines = encode(&[event("v", &[("Temp", number(1.0)), ("temp", number(2.0)), ("removed", number(3.0))])]);
    built(&[(1, 1, &lines)], &mut columns);
    let rows = encode(&[event("v", &[("temp", number(2.0)), ("Temp", Some(text("x"))), ("new", number(1.0))])]);
    built_as(ArchiveFormat::Parquet, &[(2, 2, &rows)], &mut columns);
    let mut again = Columns::decode(&columns.encode()).unwrap();
    let typed: Vec<(&str, &str)> = again.typed().iter().map(|c| (c.field.as_str(), c.column.as_str())).collect();
    assert_eq!(typed, [("temp", "temp_2"), ("Temp", "temp"), ("new", "new")]);
    let place = again.place("new");
    assert_eq!(again.name(place), "new");
    assert_eq!(
        again.list().iter().map(|c| c.column.as_str()).collect::<Vec<_>>(),
        ["temp", "temp_2", "removed_2", "new"]
    );
}

#[test]
fn a_large_object_has_several_groups_and_is_written_a_group_at_a_time() {
    let events: Vec<Event> = (0..5_000).map(|i| event(&format!("k{i}"), &[("n", number(f64::from(i)))])).collect();
    let rows = encode(&events);
    let mut builder = Builder::new(Epoch(1), ArchiveFormat::Parquet);
    let mut columns = Columns::default();
    for i in 0..8 {
        let (first, last) = (i * 5_000 + 1, i * 5_000 + 5_000);
        builder.push(&entry(first, last, &rows), &mut columns);
    }
    let mut turns = 0;
    while !builder.write_some().unwrap() {
        turns += 1;
        assert!(builder.is_closed());
    }
    let object = builder.finish().unwrap();
    let file = read(&object.bytes);
    assert_eq!((turns, file.groups, file.rows.len()), (3, 3, 40_000));
    assert!(file.rows.iter().zip(1_u64..).all(|(row, seq)| row["seq"] == seq && row["n"] == (seq - 1) % 5_000));
}

proptest! {
    #[test]
    fn a_file_has_what_the_lines_have_and_the_same_bytes_each_time(
        values in prop::collection::vec((0..4_u8, prop::option::of(prop_oneof![
            any::<bool>().prop_map(Value::Bool),
            prop::num::f64::NORMAL.prop_map(Value::Number),
            (-5_i32..5).prop_map(|n| Value::Number(f64::from(n))),
            "[a-c\"é]{0,3}".prop_map(Value::Text),
        ])), 0..60)
    ) {
        let names = ["a", "A", "b", "c"];
        let events: Vec<Event> =
            values.iter().map(|(name, value)| event("k", &[(names[usize::from(*name)], value.clone())])).collect();
        let rows = encode(&events);
        let last = events.len().max(1) as u64;
        let rows: &[u8] = if events.is_empty() { &control() } else { &rows };
        let mut columns = Columns::default();
        let object = built_as(ArchiveFormat::Parquet, &[(1, last, rows)], &mut columns);
        let again = built_as(ArchiveFormat::Parquet, &[(1, last, rows)], &mut Columns::decode(&columns.encode()).unwrap());
        prop_assert_eq!(&object.bytes, &again.bytes);
        let file = read(&object.bytes);
        prop_assert_eq!(file.rows.len(), events.len());
        for (row, (name, value)) in file.rows.iter().zip(&values) {
            let field = names[usize::from(*name)];
            let own: Vec<_> = columns.typed().iter().filter(|c| c.field == field).filter_map(|c| row.get(&c.column)).collect();
            match value {
                Some(value) => prop_assert_eq!(own, [&value.to_json()]),
                None => prop_assert_eq!((own.len(), &row["removed"]), (0, &json!(format!("[\"{field}\"]")))),
            }
        }
    }
}
