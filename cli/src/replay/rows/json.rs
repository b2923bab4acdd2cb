//! NDJSON and JSON arrays. Nested objects are flattened to dotted names: `data.temp`. A whole number beyond 2^53 is a name made
//! of digits, as in a table, and comes as text.

use heliograph_shared::problem::Code;
use std::collections::HashSet;
use std::io::{BufRead as _, Read as _};

use heliograph_shared::cell::column::Reading;
use heliograph_shared::cell::wholes;
use serde_json::{Map, Value};

use crate::replay::columns::Columns;
use crate::replay::source::Source;

use super::export::is_event;
use super::{Assembler, ReadError, ReadOptions, choose_columns};

/// One line or element, or why it is none.
type Parsed = Result<Map<String, Value>, (&'static str, String)>;

pub(super) fn read_lines(source: &Source, options: &ReadOptions) -> Result<(Columns, Assembler), ReadError> {
    let mut names = Names::default();
    each_line(source, |_, parsed| names.add(&parsed))?;
    if names.are_events && options.wanted.named.is_empty() {
        let mut assembler = Assembler::new(options);
        each_line(source, |line, parsed| match parsed {
            Ok(event) => assembler.add_event(line, event),
            Err((code, message)) => assembler.refuse(line, code, &message),
        })?;
        return Ok((Columns::default(), assembler));
    }
    let columns = choose_columns(&names.finish()?, options)?;
    let mut assembler = Assembler::new(options);
    each_line(source, |line, parsed| add(&mut assembler, &columns, options, line, parsed))?;
    Ok((columns, assembler))
}

pub(super) fn read_array(source: &Source, options: &ReadOptions) -> Result<(Columns, Assembler), ReadError> {
    let mut text = String::new();
    source.open()?.read_to_string(&mut text)?;
    let elements: Vec<Value> = serde_json::from_str(&wholes::as_text(&text, wholes::EXACT))
        .map_err(|error| ReadError::Input(format!("it is not JSON: {error}")))?;
    let elements: Vec<Parsed> = elements.into_iter().map(object_of).collect();
    let mut names = Names::default();
    for parsed in &elements {
        names.add(parsed);
    }
    if names.are_events && options.wanted.named.is_empty() {
        let mut assembler = Assembler::new(options);
        for (parsed, number) in elements.into_iter().zip(1..) {
            match parsed {
                Ok(event) => assembler.add_event(number, event),
                Err((code, message)) => assembler.refuse(number, code, &message),
            }
        }
        return Ok((Columns::default(), assembler));
    }
    let columns = choose_columns(&names.finish()?, options)?;
    let mut assembler = Assembler::new(options);
    for (parsed, number) in elements.into_iter().zip(1..) {
        add(&mut assembler, &columns, options, number, parsed);
    }
    Ok((columns, assembler))
}

fn each_line(source: &Source, mut action: impl FnMut(u64, Parsed)) -> Result<(), ReadError> {
    let mut reader = source.open()?;
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let text = line.trim_ascii();
        if !text.is_empty() {
            action(number, parse(text).map_err(|reason| ("bad_json", reason)).and_then(object_of));
        }
    }
    Ok(())
}

fn parse(line: &[u8]) -> Result<Value, String> {
    let told = |error: &dyn std::fmt::Display| format!("the line is not JSON: {error}");
    let text = str::from_utf8(line).map_err(|error| told(&error))?;
    serde_json::from_str(&wholes::as_text(text, wholes::EXACT)).map_err(|error| told(&error))
}

fn object_of(value: Value) -> Parsed {
    match value {
        Value::Object(object) => Ok(object),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err((Code::NotAnObject.name(), "the line is not a JSON object".to_owned()))
        }
    }
}

fn add(assembler: &mut Assembler, columns: &Columns, options: &ReadOptions, line: u64, parsed: Parsed) {
    let object = match parsed {
        Ok(object) => object,
        Err((code, message)) => return assembler.refuse(line, code, &message),
    };
    let mut cells = Vec::new();
    flatten("", object, &mut cells);
    assembler.add(
        line,
        cells.iter_mut().map(|(name, value)| {
            let mut value = value.take();
            match (options.wanted_type(name), &value) {
                (Some(Reading::Text), Value::Number(number)) => value = Value::String(number.to_string()),
                (Some(reading @ (Reading::Number | Reading::Own)), Value::String(text)) => {
                    value = reading.value(text).to_json();
                }
                _ => {}
            }
            (name.as_str(), columns.role(name), value)
        }),
    );
}

/// Leaves as (dotted name, value). `null` is absent, like an empty cell; an array is kept as its JSON text.
fn flatten(prefix: &str, object: Map<String, Value>, out: &mut Vec<(String, Value)>) {
    for (name, value) in object {
        let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            Value::Null => {}
            Value::Object(inner) => flatten(&name, inner, out),
            Value::Array(_) => out.push((name, Value::String(value.to_string()))),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => out.push((name, value)),
        }
    }
}

/// Column names in the order they first appear.
struct Names {
    seen: HashSet<String>,
    ordered: Vec<String>,
    /// All objects are events as the API gives them.
    are_events: bool,
}

impl Default for Names {
    fn default() -> Self {
        Self { seen: HashSet::new(), ordered: Vec::new(), are_events: true }
    }
}

impl Names {
    fn add(&mut self, parsed: &Parsed) {
        if let Ok(object) = parsed {
            self.are_events &= is_event(object);
            self.add_object("", object);
        }
    }

    fn add_object(&mut self, prefix: &str, object: &Map<String, Value>) {
        for (name, value) in object {
            let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            if let Value::Object(inner) = value {
                self.add_object(&name, inner);
            } else if !self.seen.contains(&name) {
                self.seen.insert(name.clone());
                self.ordered.push(name);
            }
        }
    }

    fn finish(self) -> Result<Vec<String>, ReadError> {
        if self.ordered.is_empty() {
            return Err(ReadError::Input("it has no JSON object with a value in it".to_owned()));
        }
        Ok(self.ordered)
    }
}
