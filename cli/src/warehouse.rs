//! What a warehouse needs to read a board's archive: the table and how it is loaded, in the words of each warehouse.

mod athena;
mod duckdb;
mod redshift;
mod snowflake;

use clap::ValueEnum;
use heliograph_shared::archive::columns::{BOOL, Columns, NUMBER, Typed, kind_of};
use heliograph_shared::archive::config::ArchiveFormat;
use heliograph_shared::archive::record::{FIXED, FixedKind, REMOVED};
use heliograph_shared::archive::target::{Place, Reach};
use heliograph_shared::codec::Cell;
use heliograph_shared::limits;
use serde_json::Value;

/// A warehouse's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Dialect {
    /// Amazon Redshift
    Redshift,
    /// Amazon Athena
    Athena,
    /// DuckDB
    Duckdb,
    /// Snowflake
    Snowflake,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Whole,
    Time,
    Number,
    Bool,
    /// Of at most so many bytes.
    Text(usize),
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    name: String,
    kind: Kind,
    always: bool,
}

/// A board's table and where its objects lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    name: String,
    board: String,
    columns: Vec<Column>,
    place: Place,
    format: ArchiveFormat,
}

/// The longest list of fields that an event can take away, in JSON.
const REMOVED_BYTES: usize = limits::FIELDS_PER_EVENT * (limits::FIELD_NAME_BYTES + 3) + 2;

impl Table {
    /// The table `name` of a board whose objects lie at `place`, are of this form, and whose fields have these columns.
    pub fn new(name: &str, board: &str, place: Place, format: ArchiveFormat, fields: &Columns) -> Self {
        let fixed = FIXED.iter().map(|c| {
            let kind = match c.kind {
                FixedKind::Whole => Kind::Whole,
                FixedKind::Time => Kind::Time,
                FixedKind::Number => Kind::Number,
                FixedKind::Text(bytes) => Kind::Text(bytes),
            };
            Column { name: c.name.to_owned(), kind, always: c.always }
        });
        let own = |name: &str, kinds: u8| {
            let kind = match kinds {
                NUMBER => Kind::Number,
                BOOL => Kind::Bool,
                // Of several kinds, or of none that is known yet: text takes them all.
                _ => Kind::Text(limits::TEXT_VALUE_BYTES),
            };
            Column { name: name.to_owned(), kind, always: false }
        };
        let columns = match format {
            ArchiveFormat::Ndjson => fixed.chain(fields.list().iter().map(|c| own(&c.column, c.kinds))).collect(),
            ArchiveFormat::Parquet => {
                let removed = Column { name: REMOVED.to_owned(), kind: Kind::Text(REMOVED_BYTES), always: false };
                fixed.chain([removed]).chain(fields.typed().iter().map(|c| own(&c.column, c.kind))).collect()
            }
        };
        Self { name: name.to_owned(), board: board.to_owned(), columns, place, format }
    }

    /// The statements.
    pub fn statements(&self, dialect: Dialect) -> String {
        match dialect {
            Dialect::Redshift => redshift::statements(self),
            Dialect::Athena => athena::statements(self),
            Dialect::Duckdb => duckdb::statements(self),
            Dialect::Snowflake => snowflake::statements(self),
        }
    }

    /// The folder of the objects.
    fn objects(&self) -> String {
        format!("s3://{}/{}", self.place.bucket, self.place.prefix)
    }

    /// The folder of the manifests.
    fn manifests(&self) -> String {
        format!("s3://{}/manifests/{}", self.place.bucket, self.place.prefix)
    }

    /// The region, where it has one that AWS knows.
    fn region(&self) -> Option<&str> {
        match &self.place.reach {
            Reach::S3 { region, .. } => Some(region),
            Reach::R2 => None,
        }
    }

    /// A name like this that no column has.
    fn free(&self, name: &str) -> String {
        let taken = |n: &str| self.columns.iter().any(|c| c.name == n);
        let most = self.columns.len() + 2;
        let more = (2..=most).map(|n| format!("{name}_{n}"));
        std::iter::once(name.to_owned()).chain(more).find(|n| !taken(n)).unwrap_or_default()
    }

    /// Columns one a line, with a comma behind each but the last.
    fn lines(&self, line: impl Fn(&Column) -> String) -> String {
        self.columns.iter().map(|c| format!("  {}", line(c))).collect::<Vec<_>>().join(",\n")
    }
}

/// What a board's objects are, as `GET …/archive` tells it. Servers of before have lines of JSON only.
pub fn format_of_archive(status: &Value) -> ArchiveFormat {
    status.get("format").and_then(|format| serde_json::from_value(format.clone()).ok()).unwrap_or_default()
}

/// Fields and their kinds as `GET …/archive` tells them.
pub fn columns_of_archive(status: &Value) -> Columns {
    let mut columns = Columns::default();
    let format = format_of_archive(status);
    for column in status.get("columns").and_then(Value::as_array).into_iter().flatten() {
        let Some(field) = column.get("field").and_then(Value::as_str) else { continue };
        let kinds = column.get("kinds").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        match format {
            ArchiveFormat::Ndjson => {
                // In the order in which they got their names, they get the same again.
                let place = columns.place(field);
                kinds.for_each(|kind| columns.saw(place, cell(kind)));
            }
            ArchiveFormat::Parquet => {
                let name = column.get("column").and_then(Value::as_str).unwrap_or(field);
                for kind in kinds.filter_map(|kind| kind_of(cell(kind))) {
                    columns.add_typed(Typed { field: field.to_owned(), column: name.to_owned(), kind });
                }
            }
        }
    }
    columns
}

fn cell(kind: &str) -> Cell<'static> {
    match kind {
        "number" => Cell::Number(0.0),
        "boolean" => Cell::Bool(false),
        "text" => Cell::Text(""),
        _ => Cell::Absent,
    }
}

/// Fields and their kinds as a board's items show them: for a board that has delivered nothing yet.
pub fn columns_of_items(answer: &Value) -> Columns {
    let mut columns = Columns::default();
    for item in answer.get("items").and_then(Value::as_array).into_iter().flatten() {
        for (field, value) in item.get("fields").and_then(Value::as_object).into_iter().flatten() {
            let place = columns.place(field);
            let kind = match value {
                Value::Number(_) => "number",
                Value::Bool(_) => "boolean",
                Value::String(_) => "text",
                Value::Null | Value::Array(_) | Value::Object(_) => "",
            };
            columns.saw(place, cell(kind));
            if let Some(kind) = kind_of(cell(kind)) {
                columns.place_typed(field, kind);
            }
        }
    }
    columns
}

/// A name in double quotes.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Text in single quotes.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests;
