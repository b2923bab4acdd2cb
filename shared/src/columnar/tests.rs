//! Files read back: the same rows, by other code than wrote them.

use super::{Table, arrow, parquet};
use crate::codec::Cell;
use crate::value::{Value, number_json};
use crate::views::TableForm;
use crate::views::table::{Kind, Kinds, Sheet, head};
use ::bytes::Bytes;
use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
use ::parquet::record::Field;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use arrow_ipc::reader::StreamReader;
use arrow_schema::{DataType, TimeUnit};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// Rows of cells, null where there is none.
type Rows = Vec<Vec<Json>>;

fn of_parquet(bytes: Vec<u8>) -> Rows {
    let reader = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
    #[expect(clippy::wildcard_enum_match_arm, reason = "no other type is written")]
    let value = |field: &Field| match field {
        Field::Null => Json::Null,
        Field::Bool(b) => json!(b),
        Field::Long(n) | Field::TimestampMillis(n) => json!(n),
        Field::Double(n) => number_json(*n),
        Field::Str(t) => json!(t),
        other => panic!("{other:?} is no value of ours"),
    };
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|row| row.unwrap().get_column_iter().map(|(_, field)| value(field)).collect()).collect()
}

fn of_arrow(bytes: &[u8]) -> Rows {
    #[expect(clippy::wildcard_enum_match_arm, reason = "no other type is written")]
    let cell = |batch: &RecordBatch, column: usize, row: usize| {
        let array = batch.column(column);
        if array.is_null(row) {
            return Json::Null;
        }
        match array.data_type() {
            DataType::Utf8 => json!(array.as_string::<i32>().value(row)),
            DataType::Float64 => number_json(array.as_primitive::<Float64Type>().value(row)),
            DataType::Int64 => json!(array.as_primitive::<Int64Type>().value(row)),
            DataType::Boolean => json!(array.as_boolean().value(row)),
            DataType::Timestamp(TimeUnit::Millisecond, Some(zone)) if &**zone == "UTC" => {
                json!(array.as_primitive::<TimestampMillisecondType>().value(row))
            }
            other => panic!("{other} is no type of ours"),
        }
    };
    let batches = StreamReader::try_new(bytes, None).unwrap().map(Result::unwrap);
    let rows = batches.flat_map(|batch| {
        let row = |row| (0..batch.num_columns()).map(|column| cell(&batch, column, row)).collect::<Vec<_>>();
        (0..batch.num_rows()).map(row).collect::<Vec<_>>()
    });
    rows.collect()
}

/// Rows of a key, a time and fields, as both forms have them.
fn written(kinds: &[Kinds], rows: &[Vec<Option<Value>>]) -> (Rows, Rows) {
    let names: Vec<String> = (0..kinds.len()).map(|i| format!("f.{i}")).collect();
    let fields = names.iter().zip(kinds).map(|(name, kinds)| head(name, Kind::Values(*kinds)));
    let heads: Vec<_> = [head("key", Kind::Text), head("time", Kind::Time)].into_iter().chain(fields).collect();
    let fill = |sheet: &mut dyn Sheet| {
        for (i, row) in rows.iter().enumerate() {
            sheet.text(&format!("-{i}"));
            sheet.time(crate::time::Millis(1_772_366_400_000 + i as i64));
            row.iter().for_each(|value| sheet.value(Cell::of(value.as_ref())));
            sheet.end_row();
        }
    };
    (of_arrow(&TableForm::Arrow.write(&heads, fill)), of_parquet(TableForm::Parquet.write(&heads, fill)))
}

fn some_value() -> impl Strategy<Value = Option<Value>> {
    prop::option::of(prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        prop::num::f64::NORMAL.prop_map(Value::Number),
        (-3_i32..3).prop_map(|n| Value::Number(f64::from(n))),
        "\\PC{0,4}".prop_map(Value::Text),
    ])
}

proptest! {
    #[test]
    fn what_is_read_back_is_what_json_says_and_a_column_of_several_kinds_is_text(
        mut columns in prop::collection::vec(prop::collection::vec(some_value(), 30), 1..5),
        pure in prop::collection::vec(0..4_u8, 5),
        rows in 0..30_usize,
    ) {
        for (column, pure) in columns.iter_mut().zip(pure) {
            column.truncate(rows);
            // Most columns have one kind.
            column.iter_mut().for_each(|value| match (pure, &value) {
                (1, Some(Value::Number(_))) | (2, Some(Value::Bool(_))) | (3, Some(Value::Text(_))) | (0, _) => {}
                _ => *value = None,
            });
        }
        let rows: Vec<Vec<Option<Value>>> = (0..rows).map(|row| columns.iter().map(|c| c[row].clone()).collect()).collect();
        let text = |value: &Value| match value {
            Value::Text(text) => json!(text),
            Value::Number(_) | Value::Bool(_) => json!(value.to_json().to_string()),
        };
        let expected: Rows = rows.iter().enumerate().map(|(i, row)| {
            let own = [json!(format!("-{i}")), json!(1_772_366_400_000 + i as i64)];
            own.into_iter().chain(row.iter().zip(&columns).map(|(value, column)| {
                let mut kinds = Kinds::default();
                column.iter().for_each(|value| kinds.see(Cell::of(value.as_ref())));
                let mixed = u8::from(kinds.number) + u8::from(kinds.flag) + u8::from(kinds.text) > 1;
                value.as_ref().map_or(Json::Null, |value| if mixed { text(value) } else { value.to_json() })
            })).collect()
        }).collect();
        let (arrow, parquet) = written(&vec![Kinds::default(); columns.len()], &rows);
        prop_assert_eq!(&arrow, &expected);
        prop_assert_eq!(&parquet, &expected);
    }
}

#[test]
fn a_column_has_the_type_of_values_that_are_on_other_pages() {
    let seen = |number, flag, text| Kinds { number, flag, text };
    let one = |kinds| written(&[kinds], &[vec![Some(Value::Number(5.0))]]);
    assert_eq!(one(seen(true, false, false)).0[0][2], json!(5));
    assert_eq!(one(seen(true, false, true)).0[0][2], json!("5"));
    assert_eq!(one(seen(false, true, false)).1[0][2], json!("5"));
    let none = |kinds| TableForm::Arrow.write(&[head("x", Kind::Values(kinds))], |_| {});
    let kind =
        |bytes: Vec<u8>| StreamReader::try_new(bytes.as_slice(), None).unwrap().schema().field(0).data_type().clone();
    assert_eq!(kind(none(seen(true, false, false))), DataType::Float64);
    assert_eq!(kind(none(seen(false, true, false))), DataType::Boolean);
    assert_eq!(kind(none(Kinds::default())), DataType::Utf8);
}

#[test]
fn a_late_column_is_null_before_and_many_rows_are_several_batches_and_groups() {
    let mut table = Table::new(&[head("n", Kind::Whole)]);
    for i in 0..10_000 {
        table.whole(i);
        if i == 9_000 {
            let late = table.add("late", Kind::Values(Kinds::default()));
            if let Some((column, row)) = table.cell(late) {
                column.text(row, "here");
            }
        }
        table.end_row();
    }
    let (stream, file) = (arrow::write(&table).unwrap(), parquet::write(&table).unwrap());
    assert_eq!(StreamReader::try_new(stream.as_slice(), None).unwrap().count(), 3);
    assert_eq!(SerializedFileReader::new(Bytes::from(file.clone())).unwrap().metadata().num_row_groups(), 3);
    for rows in [of_arrow(&stream), of_parquet(file)] {
        let late: Vec<usize> = rows.iter().enumerate().filter(|(_, row)| !row[1].is_null()).map(|(i, _)| i).collect();
        assert_eq!((rows.len(), late), (10_000, vec![9_000]));
        assert!(rows.iter().enumerate().all(|(i, row)| row[0] == i));
    }
}

#[test]
fn no_rows_are_a_schema_and_no_two_columns_share_a_name() {
    let heads = [head("p50", Kind::Number), head("p50", Kind::Number), head("t", Kind::Time)];
    let table = Table::new(&heads);
    let names: Vec<&str> = table.columns().iter().map(super::Column::name).collect();
    assert_eq!(names, ["p50", "p50_2", "t"]);
    assert!(of_parquet(TableForm::Parquet.write(&heads, |_| {})).is_empty());
    assert!(of_arrow(&TableForm::Arrow.write(&heads, |_| {})).is_empty());
}
