//! A stream of Arrow's record batches (IPC).

use super::{Column, Piece, Table, Values};
use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use std::ops::Range;
use std::sync::Arc;

/// Rows of a batch.
pub const ROWS: usize = 4_096;

/// A table as a stream: its schema, batches of [`ROWS`], and the mark of the end. The same table gives the same bytes.
pub fn write(table: &Table) -> Result<Vec<u8>, ArrowError> {
    let fields = table.columns().iter().map(|c| Field::new(c.name(), kind(c.values()), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let mut stream = StreamWriter::try_new(Vec::new(), &schema)?;
    let mut piece = Piece::begin(table);
    while piece.advance(table, ROWS) {
        let arrays = piece.columns(table).map(|(column, values)| array(column, piece.rows.clone(), values));
        stream.write(&RecordBatch::try_new(schema.clone(), arrays.collect())?)?;
    }
    stream.finish()?;
    stream.into_inner()
}

fn kind(values: &Values) -> DataType {
    match values {
        Values::Unknown | Values::Text(_) => DataType::Utf8,
        Values::Number(_) => DataType::Float64,
        Values::Whole(_) => DataType::Int64,
        Values::Time(_) => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        Values::Flag(_) => DataType::Boolean,
    }
}

fn array(column: &Column, rows: Range<usize>, values: Range<usize>) -> ArrayRef {
    match column.values() {
        Values::Unknown => Arc::new(StringArray::new_null(rows.len())),
        Values::Text(texts) => {
            let (all, places) = texts.slice(values);
            let texts = places.map(|place| all.get(place).unwrap_or_default());
            Arc::new(spread(column, rows, texts).collect::<StringArray>())
        }
        Values::Number(numbers) => Arc::new(spread(column, rows, copied(numbers, values)).collect::<Float64Array>()),
        Values::Whole(numbers) => Arc::new(spread(column, rows, copied(numbers, values)).collect::<Int64Array>()),
        Values::Time(times) => {
            let times: TimestampMillisecondArray = spread(column, rows, copied(times, values)).collect();
            Arc::new(times.with_timezone("UTC"))
        }
        Values::Flag(flags) => Arc::new(spread(column, rows, copied(flags, values)).collect::<BooleanArray>()),
    }
}

fn copied<T: Copy>(values: &[T], range: Range<usize>) -> impl Iterator<Item = T> {
    values.get(range).unwrap_or_default().iter().copied()
}

/// Values where there are some, nothing elsewhere.
fn spread<T>(
    column: &Column,
    rows: Range<usize>,
    mut values: impl Iterator<Item = T>,
) -> impl Iterator<Item = Option<T>> {
    rows.map(move |row| if column.has(row) { values.next() } else { None })
}
