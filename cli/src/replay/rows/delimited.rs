//! CSV and its relatives.

use csv::{ByteRecord, ReaderBuilder, Trim};
use heliograph_shared::cell::column::{Column, Reading};
use serde_json::Value;

use crate::event::number;
use crate::replay::columns::{Columns, Role, is_identifier};
use crate::replay::source::Source;

use super::cells::CellsRead;
use super::export;
use super::{Assembler, ReadError, ReadOptions, choose_columns};

pub(super) fn read(
    source: &Source,
    delimiter: u8,
    options: &ReadOptions,
) -> Result<(Columns, Vec<CellsRead>, Assembler), ReadError> {
    let (names, learned) = learn(source, delimiter)?;
    if export::is_table(&names) && options.wanted.named.is_empty() {
        return Ok((Columns::default(), Vec::new(), export::read_table(source, options)?));
    }
    let columns = choose_columns(&names, options)?;
    let reading_of = |(name, column): (&String, &Column)| {
        let guessed = || if is_identifier(name) { Reading::Text } else { column.reading() };
        options.wanted_type(name).unwrap_or_else(guessed)
    };
    let mut read: Vec<CellsRead> =
        names.iter().zip(&learned).map(|pair| CellsRead::new(pair.0, reading_of(pair))).collect();
    let roles: Vec<Option<Role>> = names.iter().map(|name| columns.role(name)).collect();
    let mut assembler = Assembler::new(options);
    let mut reader = reader(source, delimiter)?;
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| broken(&error))? {
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != names.len() {
            assembler.refuse(
                line,
                "wrong_columns",
                &format!("the row has {} columns, the header {}", record.len(), names.len()),
            );
            continue;
        }
        let cells: Result<Vec<&str>, _> = record.iter().map(str::from_utf8).collect();
        let Ok(cells) = cells else {
            assembler.refuse(line, "not_utf8", "the row is not UTF-8");
            continue;
        };
        let cells = cells.into_iter().zip(&names).zip(roles.iter().zip(&mut read));
        assembler.add(
            line,
            cells.filter(|((cell, _), _)| !cell.is_empty()).map(|((cell, name), (role, read))| {
                (name.as_str(), *role, role.map_or_else(|| read.value(line, cell), |role| value_of(cell, role)))
            }),
        );
    }
    let is_field = |cells: &CellsRead| columns.role(&cells.name).is_none();
    read.retain(is_field);
    Ok((columns, read, assembler))
}

/// The first pass: names from the header, what is in the columns from every cell.
fn learn(source: &Source, delimiter: u8) -> Result<(Vec<String>, Vec<Column>), ReadError> {
    let mut reader = reader(source, delimiter)?;
    let mut names: Vec<String> = Vec::new();
    for (index, name) in reader.byte_headers().map_err(|error| broken(&error))?.iter().enumerate() {
        let name = String::from_utf8_lossy(name).into_owned();
        let name = if name.is_empty() { format!("column_{}", index + 1) } else { name };
        let same = (2..).map(|number| format!("{name}_{number}"));
        let unique = std::iter::once(name.clone()).chain(same).find(|candidate| !names.contains(candidate));
        names.push(unique.unwrap_or(name));
    }
    let mut columns = vec![Column::default(); names.len()];
    let mut record = ByteRecord::new();
    let mut rows = 0_u64;
    while reader.read_byte_record(&mut record).map_err(|error| broken(&error))? {
        rows += 1;
        for (cell, column) in record.iter().zip(&mut columns) {
            if let Ok(cell) = str::from_utf8(cell) {
                column.see(cell);
            }
        }
    }
    if rows == 0 {
        return Err(ReadError::Input("it has a header but no rows".to_owned()));
    }
    Ok((names, columns))
}

fn reader(source: &Source, delimiter: u8) -> Result<csv::Reader<Box<dyn std::io::BufRead + '_>>, ReadError> {
    Ok(ReaderBuilder::new().delimiter(delimiter).flexible(true).trim(Trim::All).from_reader(source.open()?))
}

fn broken(error: &csv::Error) -> ReadError {
    ReadError::Input(error.to_string())
}

/// A cell that is part of an event as a value. Position parts are numbers where they can be read as such and otherwise
/// the text that is there, for the server to refuse by name.
fn value_of(cell: &str, role: Role) -> Value {
    match role {
        Role::Key | Role::Time | Role::Id => Value::String(cell.to_owned()),
        Role::Lat | Role::Lon | Role::Heading | Role::Speed | Role::Altitude | Role::Accuracy => {
            cell.parse().map_or_else(|_| Value::String(cell.to_owned()), number)
        }
    }
}
