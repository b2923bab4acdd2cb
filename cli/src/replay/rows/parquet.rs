//! Parquet: a table of events as `…/events` gives it, or any table whose columns are told like those of CSV. What a cell is
//! the file says itself.

use std::io::Read as _;

use bytes::Bytes;
use heliograph_shared::cell::wholes::EXACT;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;

use crate::replay::columns::{Columns, Role};
use crate::replay::source::Source;

use super::export;
use super::{Assembler, ReadError, ReadOptions, choose_columns};

const DAY_MILLIS: i64 = 86_400_000;

pub(super) fn read(source: &Source, options: &ReadOptions) -> Result<(Columns, Assembler), ReadError> {
    let mut bytes = Vec::new();
    source.open()?.read_to_end(&mut bytes)?;
    let reader = SerializedFileReader::new(Bytes::from(bytes)).map_err(|error| broken(&error))?;
    let schema = reader.metadata().file_metadata().schema_descr();
    let names: Vec<String> = schema.root_schema().get_fields().iter().map(|field| field.name().to_owned()).collect();
    let are_events = export::is_table(&names) && options.wanted.named.is_empty();
    let columns = if are_events { Columns::default() } else { choose_columns(&names, options)? };
    let roles: Vec<Option<Role>> = names.iter().map(|name| columns.role(name)).collect();
    let mut assembler = Assembler::new(options);
    for (row, line) in reader.get_row_iter(None).map_err(|error| broken(&error))?.zip(1..) {
        let row = row.map_err(|error| broken(&error))?;
        let cells = row.get_column_iter().enumerate().filter_map(|(at, (name, field))| Some((at, name, value(field)?)));
        if are_events {
            assembler.add_event(line, export::event_of(cells.map(|(at, name, value)| (at, name.as_str(), value))));
        } else {
            assembler
                .add(line, cells.map(|(at, name, value)| (name.as_str(), roles.get(at).copied().flatten(), value)));
        }
    }
    Ok((columns, assembler))
}

fn broken(error: &ParquetError) -> ReadError {
    ReadError::Input(format!("it is not Parquet that can be read: {error}"))
}

/// A cell; none when it is empty. Times are epoch milliseconds.
fn value(field: &Field) -> Option<Value> {
    Some(match field {
        Field::Null => return None,
        Field::Bool(b) => (*b).into(),
        // Names made of digits, as in every other table.
        Field::Long(n) if n.unsigned_abs() > EXACT => n.to_string().into(),
        Field::ULong(n) if *n > EXACT => n.to_string().into(),
        Field::Byte(n) => (*n).into(),
        Field::Short(n) => (*n).into(),
        Field::Int(n) => (*n).into(),
        Field::Long(n) | Field::TimestampMillis(n) => (*n).into(),
        Field::UByte(n) => (*n).into(),
        Field::UShort(n) => (*n).into(),
        Field::UInt(n) => (*n).into(),
        Field::ULong(n) => (*n).into(),
        Field::Float16(n) => number(f64::from(n.to_f32())),
        Field::Float(n) => number(f64::from(*n)),
        Field::Double(n) => number(*n),
        Field::TimestampMicros(n) => n.div_euclid(1_000).into(),
        Field::Date(days) => (i64::from(*days) * DAY_MILLIS).into(),
        Field::Str(text) => text.as_str().into(),
        Field::Decimal(_)
        | Field::Bytes(_)
        | Field::TimeMillis(_)
        | Field::TimeMicros(_)
        | Field::Group(_)
        | Field::ListInternal(_)
        | Field::MapInternal(_) => field.to_string().into(),
    })
}

/// Whole numbers are written without `.0`, as everywhere.
fn number(n: f64) -> Value {
    if n.is_finite() { heliograph_shared::value::number_json(n) } else { Value::Null }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn whole_numbers_that_doubles_do_not_keep_are_text() {
        for (field, expected) in [
            (Field::Long(9_007_199_254_740_992), json!(9_007_199_254_740_992_i64)),
            (Field::Long(9_007_199_254_740_993), json!("9007199254740993")),
            (Field::Long(-9_007_199_254_740_993), json!("-9007199254740993")),
            (Field::ULong(u64::MAX), json!("18446744073709551615")),
            (Field::TimestampMillis(1_772_366_400_000), json!(1_772_366_400_000_i64)),
        ] {
            assert_eq!(value(&field), Some(expected));
        }
    }
}
