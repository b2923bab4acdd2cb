//! Plain events: JSON, a line each, or a table.

use super::{Arrived, Envelope, Slice, changes, draft};
use crate::cell::column::{Column, Reading};
use crate::cell::{meant_number, plain_number};
use crate::event::RawEvent;
use crate::ingest::{json, too_many};
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::value::number_json;
use csv_core::ReadRecordResult;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// One object, or an array of them.
pub(super) struct Json;

/// One object a line.
pub(super) struct Ndjson;

/// Changes of rows: one, or an array of them.
pub(super) struct Changes;

/// A table whose first row has the columns' names.
pub(super) struct Csv;

impl Envelope for Json {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        elements(arrived)
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, _: &str) -> Result<RawEvent<'s>, FieldError> {
        json::read_line(&slice.raw)
    }
}

impl Envelope for Changes {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        // What follows a deletion, for logs that keep the last of each key, has no value.
        if matches!(arrived.text()?.trim(), "" | "null") {
            return Ok(Vec::new());
        }
        elements(arrived)
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, key_name: &str) -> Result<RawEvent<'s>, FieldError> {
        changes::of_text(&slice.raw, key_name)
    }
}

impl Envelope for Ndjson {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        let lines: Vec<_> =
            arrived.text()?.lines().filter(|l| !l.trim().is_empty()).take(limits::EVENTS_PER_REQUEST + 1).collect();
        within(lines.into_iter().map(Slice::new).collect())
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, _: &str) -> Result<RawEvent<'s>, FieldError> {
        json::read_line(&slice.raw)
    }
}

/// The elements of a JSON array, or one object.
pub(super) fn elements<'a>(arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
    let text = arrived.text()?;
    if !text.trim_start().starts_with('[') {
        let one: &'a RawValue = arrived.json()?;
        return Ok(vec![Slice::new(one.get())]);
    }
    let all: Vec<&'a RawValue> = arrived.json()?;
    within(all.into_iter().map(|one| Slice::new(one.get())).collect())
}

/// No more records than a request may have.
pub(super) fn within(slices: Vec<Slice<'_>>) -> Result<Vec<Slice<'_>>, Problem> {
    if slices.len() > limits::EVENTS_PER_REQUEST { Err(too_many()) } else { Ok(slices) }
}

impl Envelope for Csv {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        let mut rows = Rows::of(arrived.text()?);
        let Some(header) = rows.next() else { return Ok(Vec::new()) };
        if header.iter().any(String::is_empty) {
            let detail = "the table's first row has the names of its columns; one is empty, and nothing was taken";
            return Err(Problem::new(Code::Invalid, detail));
        }
        let mut columns = vec![Column::default(); header.len()];
        let mut table = Vec::new();
        for row in rows {
            if table.len() >= limits::EVENTS_PER_REQUEST {
                return Err(too_many());
            }
            columns.iter_mut().zip(&row).for_each(|(column, cell)| column.see(cell));
            table.push(row);
        }
        let readings: Vec<Reading> = columns.iter().map(Column::reading).collect();
        let mut slices = Vec::new();
        for row in table {
            let width = row.len();
            let cells = header.iter().zip(&readings).zip(row).filter(|(_, cell)| !cell.is_empty());
            let names_key = |name: &str| name == arrived.key_name || name == "key" || name == "id";
            let object: Map<String, Value> = cells
                .map(|((name, reading), cell)| {
                    let value = if names_key(name) { None } else { number(*reading, &cell) };
                    (name.clone(), value.unwrap_or(Value::String(cell)))
                })
                .collect();
            let slice = Slice::new(Value::Object(object).to_string());
            slices.push(if width == header.len() {
                slice
            } else {
                let message = format!("the row has {width} cells, the header {}", header.len());
                slice.refused("", Code::Invalid, message)
            });
        }
        Ok(slices)
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, key_name: &str) -> Result<RawEvent<'s>, FieldError> {
        let mut object = draft::object(&slice.raw)?;
        let id = if key_name == "id" { None } else { draft::take(&mut object, &["id"]).map(draft::loose) };
        Ok(RawEvent { id, ..draft::flat(object, key_name) })
    }
}

/// A cell that is a number: one that is written back the same, or in a column of numbers one that is meant.
fn number(reading: Reading, cell: &str) -> Option<Value> {
    let number = if reading == Reading::Number { meant_number(cell) } else { plain_number(cell) };
    number.map(number_json)
}

/// The rows of a table (RFC 4180), without empty ones.
struct Rows<'t> {
    reader: csv_core::Reader,
    rest: &'t [u8],
    done: bool,
}

impl<'t> Rows<'t> {
    fn of(text: &'t str) -> Self {
        Self { reader: csv_core::Reader::new(), rest: text.as_bytes(), done: false }
    }
}

impl Iterator for Rows<'_> {
    type Item = Vec<String>;

    fn next(&mut self) -> Option<Vec<String>> {
        let (mut bytes, mut ends) = (vec![0_u8; 1_024], vec![0_usize; 64]);
        let (mut written, mut cells) = (0, 0);
        while !self.done {
            let (result, read, wrote, ended) = self.reader.read_record(
                self.rest,
                bytes.get_mut(written..).unwrap_or_default(),
                ends.get_mut(cells..).unwrap_or_default(),
            );
            self.rest = self.rest.get(read..).unwrap_or_default();
            written += wrote;
            cells += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => bytes.resize(bytes.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2, 0),
                ReadRecordResult::End => self.done = true,
                ReadRecordResult::Record => {
                    let mut start = 0;
                    let row = ends.iter().take(cells).map(|end| {
                        let cell = bytes.get(start..*end).unwrap_or_default();
                        start = *end;
                        String::from_utf8_lossy(cell).into_owned()
                    });
                    return Some(row.collect());
                }
            }
        }
        None
    }
}
