//! What `…/events` gives, read back: the same keys, times, ids, positions and fields, whatever they look like.
//!
//! In its tables every text is quoted and nothing else is, so `"12"` is text and `12` a number. An apostrophe before what
//! a spreadsheet would take for a formula is the table's, not the text's.

use std::io::Read as _;

use csv_core::ReadFieldResult;
use heliograph_shared::cell::meant_number;
use heliograph_shared::value::number_json;
use serde_json::{Map, Value};

use crate::replay::source::Source;

use super::{Assembler, ReadError, ReadOptions};

/// How the header of such a table begins.
const HEADER: [&str; 10] = [
    "seq",
    "key",
    "time",
    "id",
    "position.lat",
    "position.lon",
    "position.heading",
    "position.speed",
    "position.altitude",
    "position.accuracy",
];

/// Behind that, the fields that an event takes away, as a list in JSON.
const REMOVED: &str = "removed";

/// The parts of an event of such NDJSON.
const PARTS: [&str; 6] = ["seq", "key", "time", "id", "position", "fields"];

/// Whether an object is an event: it has a key and a time, and nothing that an event has not.
pub(super) fn is_event(object: &Map<String, Value>) -> bool {
    let shaped = |name: &str| object.get(name).is_none_or(Value::is_object);
    object.contains_key("key")
        && object.contains_key("time")
        && (object.contains_key("fields") || object.contains_key("position") || object.contains_key("seq"))
        && object.keys().all(|name| PARTS.contains(&name.as_str()))
        && shaped("position")
        && shaped("fields")
}

/// Whether a header is that of such a table.
pub(super) fn is_table(header: &[String]) -> bool {
    header.iter().map(String::as_str).take(HEADER.len()).eq(HEADER)
}

/// Reads a table of events.
pub(super) fn read_table(source: &Source, options: &ReadOptions) -> Result<Assembler, ReadError> {
    let mut text = String::new();
    source.open()?.read_to_string(&mut text)?;
    let mut cells = Cells::new(text.as_bytes());
    let header = cells.row().unwrap_or_default().1;
    let names: Vec<String> = header.into_iter().map(|cell| unmarked(&cell.text).to_owned()).collect();
    let mut assembler = Assembler::new(options);
    while let Some((line, row)) = cells.row() {
        if row.len() != names.len() {
            let message = format!("the row has {} columns, the header {}", row.len(), names.len());
            assembler.refuse(line, "wrong_columns", &message);
            continue;
        }
        let cells = row.iter().zip(&names).enumerate();
        assembler
            .add_event(line, event_of(cells.filter_map(|(at, (cell, name))| Some((at, name.as_str(), cell.value()?)))));
    }
    Ok(assembler)
}

/// The event of a row of such a table: its cells that are not empty, with their places and names.
pub(super) fn event_of<'c>(cells: impl Iterator<Item = (usize, &'c str, Value)>) -> Map<String, Value> {
    let mut event = Map::new();
    let (mut position, mut fields) = (Map::new(), Map::new());
    for (at, name, value) in cells {
        match (at, name) {
            (1 | 2, _) => drop(event.insert(name.to_owned(), value)),
            // An event without an id has an empty one in CSV.
            (3, _) if value != "" => drop(event.insert(name.to_owned(), value)),
            (0 | 3, _) => {}
            (4..=9, _) => drop(position.insert(name.trim_start_matches("position.").to_owned(), value)),
            (10, REMOVED) => fields.extend(removed(&value).into_iter().map(|name| (name, Value::Null))),
            _ => drop(fields.insert(name.strip_prefix("fields.").unwrap_or(name).to_owned(), value)),
        }
    }
    for (name, part) in [("position", position), ("fields", fields)] {
        if !part.is_empty() {
            event.insert(name.to_owned(), Value::Object(part));
        }
    }
    event
}

/// The names of the fields that an event takes away.
fn removed(list: &Value) -> Vec<String> {
    list.as_str().and_then(|list| serde_json::from_str(list).ok()).unwrap_or_default()
}

/// A text without the mark that keeps spreadsheets from running it.
fn unmarked(text: &str) -> &str {
    let marked = |rest: &str| {
        rest.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
    };
    text.strip_prefix('\'').filter(|rest| marked(rest)).unwrap_or(text)
}

struct Cell {
    text: String,
    quoted: bool,
}

impl Cell {
    /// None when the cell is empty.
    fn value(&self) -> Option<Value> {
        if self.quoted {
            return Some(Value::String(unmarked(&self.text).to_owned()));
        }
        match self.text.as_str() {
            "" => None,
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            text => Some(meant_number(text).map_or_else(|| Value::String(unmarked(text).to_owned()), number_json)),
        }
    }
}

/// Cells of a table in CSV (RFC 4180) that remember whether they were quoted.
struct Cells<'t> {
    reader: csv_core::Reader,
    /// What is not read yet.
    rest: &'t [u8],
    /// Room for a cell: none is longer than the table.
    room: Vec<u8>,
    line: u64,
}

impl<'t> Cells<'t> {
    fn new(table: &'t [u8]) -> Self {
        Self { reader: csv_core::Reader::new(), rest: table, room: vec![0; table.len() + 1], line: 1 }
    }

    /// The next row with the line on which it begins.
    fn row(&mut self) -> Option<(u64, Vec<Cell>)> {
        let blank = self.rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.pass(blank);
        let line = self.line;
        let mut row = Vec::new();
        while let Some((cell, is_last)) = self.cell() {
            row.push(cell);
            if is_last {
                return Some((line, row));
            }
        }
        None
    }

    /// The next cell, and whether its row ends with it.
    fn cell(&mut self) -> Option<(Cell, bool)> {
        let quoted = self.rest.first() == Some(&b'"');
        let mut length = 0;
        loop {
            let (result, read, written) = self.reader.read_field(self.rest, self.room.get_mut(length..)?);
            self.pass(read);
            length += written;
            match result {
                // A table may end without a line's end: the reader is told so by being asked once more.
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::Field { record_end } => {
                    let text = String::from_utf8_lossy(self.room.get(..length)?).into_owned();
                    return Some((Cell { text, quoted }, record_end));
                }
                ReadFieldResult::OutputFull | ReadFieldResult::End => return None,
            }
        }
    }

    fn pass(&mut self, bytes: usize) {
        let (gone, rest) = self.rest.split_at(bytes);
        self.line += gone.split(|byte| *byte == b'\n').skip(1).count() as u64;
        self.rest = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::cursor::{Cursor, Epoch};
    use heliograph_shared::event::Event;
    use heliograph_shared::position::Measured;
    use heliograph_shared::time::Millis;
    use heliograph_shared::value::Value as FieldValue;
    use heliograph_shared::views::events::{EventView, EventsPage};
    use heliograph_shared::views::{Format, TableForm};

    fn page() -> EventsPage {
        let text = |text: &str| Some(FieldValue::Text(text.to_owned()));
        let number = |n: f64| Some(FieldValue::Number(n));
        let event = |id: Option<&str>, key: &str, fields: Vec<(&str, Option<FieldValue>)>| Event {
            id: id.map(str::to_owned),
            key: key.to_owned(),
            time: Millis(1_772_366_400_123),
            position: None,
            fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        };
        let measured = Measured { lat: -1.5, lon: 2.0, heading: Some(90.0), ..Measured::default() };
        let placed = Event {
            position: Some(measured.check().unwrap()),
            ..event(Some("-7"), "-100123", vec![("t", number(-1.0))])
        };
        let events = vec![
            placed,
            event(None, "0012", vec![("note", text("+49")), ("code", text("1.10")), ("n", number(1e21))]),
            event(
                None,
                "a,\"b\"\r\nc",
                vec![("note", text("'=x")), ("key", text("12")), ("empty", text("")), ("t", number(0.1))],
            ),
            event(Some("x"), "=1+1", vec![("ok", Some(FieldValue::Bool(true))), ("word", text("true"))]),
            event(None, "gone", vec![("t", None), ("id", text("a field")), ("removed", text("too")), ("n", None)]),
        ];
        let events = events.into_iter().zip(1..).map(|(event, seq)| EventView::new(seq, event)).collect();
        EventsPage { cursor: Cursor { epoch: Epoch(1), seq: 5 }, events, next: None }
    }

    /// The events that a file would make, without their places in the log.
    fn read_back(bytes: Vec<u8>) -> Vec<Value> {
        let options = super::super::tests::options(&[]);
        let recording = super::super::read(&Source::Memory(bytes), &options).unwrap();
        assert_eq!(recording.summary.refused(), 0);
        let mut out = Vec::new();
        let event = |row: &super::super::Row| {
            row.write_event(row.time, "", &mut out);
            serde_json::from_slice(&out).unwrap()
        };
        recording.rows.iter().map(event).collect()
    }

    #[test]
    fn what_goes_out_comes_back_in_unchanged() {
        let page = page();
        let fields = ["t", "note", "code", "n", "key", "empty", "ok", "word", "id", "removed"];
        let expected: Vec<Value> = page
            .events
            .iter()
            .map(|event| {
                let mut event = serde_json::to_value(event).unwrap();
                event.as_object_mut().unwrap().remove("seq");
                event
            })
            .collect();
        // 2 and 2.0 are one number, written in two ways.
        let plain =
            |events: Vec<Value>| serde_json::to_string(&events).unwrap().replace(".0,", ",").replace(".0}", "}");
        let expected = plain(expected);
        let formats = [
            Format::NdJson,
            Format::Table(TableForm::Csv),
            #[cfg(feature = "parquet")]
            Format::Table(TableForm::Parquet),
        ];
        for format in formats {
            assert_eq!(plain(read_back(page.write(format, &fields, &[]))), expected, "{format:?}");
        }
    }
}
