//! A Parquet file: pages of version 1 with dictionaries, compressed with Snappy, which every reader knows.

use super::{Column, Piece, Table, Values};
use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;
use std::ops::Range;
use std::sync::Arc;

/// Rows of a group in the answer to a view.
const ROWS: usize = 4_096;

/// A table as a file. The same table gives the same bytes.
pub fn write(table: &Table) -> Result<Vec<u8>, ParquetError> {
    let mut file = File::new(table)?;
    while file.write_group(table, ROWS)? {}
    file.finish()
}

/// A file in the making: groups of rows are written one after the other, so that others get their turn in between.
pub struct File {
    writer: SerializedFileWriter<Vec<u8>>,
    piece: Piece,
}

impl File {
    /// A file for a table that does not change any more.
    pub fn new(table: &Table) -> Result<Self, ParquetError> {
        let fields = table.columns().iter().map(|column| field(column).map(Arc::new));
        let schema = Type::group_type_builder("table").with_fields(fields.collect::<Result<_, _>>()?).build()?;
        let properties = WriterProperties::builder()
            .set_created_by("heliograph".to_owned())
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .build();
        let writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
        Ok(Self { writer, piece: Piece::begin(table) })
    }

    /// Writes the next rows, at most so many; false when there are no more.
    pub fn write_group(&mut self, table: &Table, most: usize) -> Result<bool, ParquetError> {
        if !self.piece.advance(table, most) {
            return Ok(false);
        }
        let rows = self.piece.rows.clone();
        let mut group = self.writer.next_row_group()?;
        for (column, values) in self.piece.columns(table) {
            let Some(mut writer) = group.next_column()? else { break };
            write_column(&mut writer, column, rows.clone(), values)?;
            writer.close()?;
        }
        group.close()?;
        Ok(true)
    }

    /// The file's bytes.
    pub fn finish(self) -> Result<Vec<u8>, ParquetError> {
        self.writer.into_inner()
    }
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.values() {
        Values::Unknown | Values::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Values::Number(_) => (Physical::DOUBLE, None),
        Values::Whole(_) => (Physical::INT64, None),
        Values::Time(_) => {
            let unit = TimeUnit::MILLIS;
            (Physical::INT64, Some(LogicalType::timestamp(true, unit)))
        }
        Values::Flag(_) => (Physical::BOOLEAN, None),
    };
    let field = Type::primitive_type_builder(column.name(), physical);
    field.with_repetition(Repetition::OPTIONAL).with_logical_type(logical).build()
}

fn write_column(
    writer: &mut SerializedColumnWriter<'_>,
    column: &Column,
    rows: Range<usize>,
    values: Range<usize>,
) -> Result<(), ParquetError> {
    let present: Vec<i16> = rows.map(|row| i16::from(column.has(row))).collect();
    match column.values() {
        Values::Unknown => put::<ByteArrayType>(writer, &[], &present),
        Values::Text(texts) => {
            let (all, places) = texts.slice(values);
            let all = Bytes::copy_from_slice(all.as_bytes());
            let texts: Vec<ByteArray> = places.map(|place| ByteArray::from(all.slice(place))).collect();
            put::<ByteArrayType>(writer, &texts, &present)
        }
        Values::Number(numbers) => put::<DoubleType>(writer, some(numbers, values), &present),
        Values::Whole(numbers) | Values::Time(numbers) => put::<Int64Type>(writer, some(numbers, values), &present),
        Values::Flag(flags) => put::<BoolType>(writer, some(flags, values), &present),
    }
}

fn some<T>(values: &[T], range: Range<usize>) -> &[T] {
    values.get(range).unwrap_or_default()
}

fn put<T: DataType>(
    writer: &mut SerializedColumnWriter<'_>,
    values: &[T::T],
    present: &[i16],
) -> Result<(), ParquetError> {
    writer.typed::<T>().write_batch(values, Some(present), None).map(drop)
}
