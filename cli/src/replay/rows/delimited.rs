//! CSV and its relatives.

use csv::{ByteRecord, ReaderBuilder, Trim};
use serde_json::Value;

use crate::event::{guess_value, number, plain_number};
use crate::replay::columns::{Columns, Role, is_identifier};
use crate::replay::source::Source;

use super::{Assembler, ReadError, ReadOptions, choose_columns};

/// What all cells of a column have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    /// No cell seen yet.
    #[default]
    Unknown,
    /// Numbers only.
    Number,
    /// `true` and `false` only.
    Bool,
    /// Anything else.
    Text,
}

impl Kind {
    fn of(cell: &str) -> Self {
        if plain_number(cell).is_some() {
            Self::Number
        } else if cell == "true" || cell == "false" {
            Self::Bool
        } else {
            Self::Text
        }
    }

    fn with(self, cell: &str) -> Self {
        match (self, cell.is_empty()) {
            (_, true) | (Self::Text, _) => self,
            (Self::Unknown, false) => Self::of(cell),
            (Self::Number | Self::Bool, false) => {
                if Self::of(cell) == self {
                    self
                } else {
                    Self::Text
                }
            }
        }
    }
}

pub(super) fn read(source: &Source, delimiter: u8, options: &ReadOptions) -> Result<(Columns, Assembler), ReadError> {
    let (names, mut kinds) = learn(source, delimiter)?;
    let columns = choose_columns(&names, options)?;
    for (name, kind) in names.iter().zip(&mut kinds) {
        if is_identifier(name) || options.text_columns.contains(name) {
            *kind = Kind::Text;
        }
    }
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
        let cells = cells.into_iter().zip(&names).zip(roles.iter().zip(&kinds));
        assembler.add(
            line,
            cells
                .filter(|((cell, _), _)| !cell.is_empty())
                .map(|((cell, name), (role, kind))| (name.as_str(), *role, value_of(cell, *role, *kind))),
        );
    }
    Ok((columns, assembler))
}

/// The first pass: names from the header, kinds from every cell.
fn learn(source: &Source, delimiter: u8) -> Result<(Vec<String>, Vec<Kind>), ReadError> {
    let mut reader = reader(source, delimiter)?;
    let mut names: Vec<String> = Vec::new();
    for (index, name) in reader.byte_headers().map_err(|error| broken(&error))?.iter().enumerate() {
        let name = String::from_utf8_lossy(name).into_owned();
        let name = if name.is_empty() { format!("column_{}", index + 1) } else { name };
        let same = (2..).map(|number| format!("{name}_{number}"));
        let unique = std::iter::once(name.clone()).chain(same).find(|candidate| !names.contains(candidate));
        names.push(unique.unwrap_or(name));
    }
    let mut kinds = vec![Kind::Unknown; names.len()];
    let mut record = ByteRecord::new();
    let mut rows = 0_u64;
    while reader.read_byte_record(&mut record).map_err(|error| broken(&error))? {
        rows += 1;
        for (cell, kind) in record.iter().zip(&mut kinds) {
            *kind = str::from_utf8(cell).map_or(*kind, |cell| kind.with(cell));
        }
    }
    if rows == 0 {
        return Err(ReadError::Input("it has a header but no rows".to_owned()));
    }
    Ok((names, kinds))
}

fn reader(source: &Source, delimiter: u8) -> Result<csv::Reader<Box<dyn std::io::BufRead + '_>>, ReadError> {
    Ok(ReaderBuilder::new().delimiter(delimiter).flexible(true).trim(Trim::All).from_reader(source.open()?))
}

fn broken(error: &csv::Error) -> ReadError {
    ReadError::Input(error.to_string())
}

/// A cell as a value. Position parts are numbers where they can be read as such and otherwise the text that is there,
/// for the server to refuse by name.
fn value_of(cell: &str, role: Option<Role>, kind: Kind) -> Value {
    match (role, kind) {
        (Some(Role::Key | Role::Time | Role::Id), _) | (None, Kind::Text | Kind::Unknown) => {
            Value::String(cell.to_owned())
        }
        (Some(Role::Lat | Role::Lon | Role::Heading | Role::Speed | Role::Altitude | Role::Accuracy), _) => {
            cell.parse().map_or_else(|_| Value::String(cell.to_owned()), number)
        }
        (None, Kind::Number | Kind::Bool) => guess_value(cell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_odd_cell_makes_a_column_text_and_empty_cells_say_nothing() {
        let kind = |cells: &[&str]| cells.iter().fold(Kind::Unknown, |kind, cell| kind.with(cell));
        assert_eq!(kind(&["", "1", "", "-2.5"]), Kind::Number);
        assert_eq!(kind(&["1", "true"]), Kind::Text);
        assert_eq!(kind(&["true", "false", ""]), Kind::Bool);
        assert_eq!(kind(&["1", "x", "2"]), Kind::Text);
        assert_eq!(kind(&["", ""]), Kind::Unknown);
    }
}
