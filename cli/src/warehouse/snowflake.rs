//! Snowflake: an external stage over the objects. COPY remembers the files that it has loaded, for 64 days.

use super::{ArchiveFormat, Column, Kind, Table, literal, quoted};

pub fn statements(t: &Table) -> String {
    let name = quoted(&t.name);
    let is_parquet = t.format == ArchiveFormat::Parquet;
    let kind = |c: &Column| match c.kind {
        Kind::Time if is_parquet => "TIMESTAMP_NTZ(3)".to_owned(),
        Kind::Whole | Kind::Time => "NUMBER(38, 0)".to_owned(),
        Kind::Number => "DOUBLE".to_owned(),
        Kind::Bool => "BOOLEAN".to_owned(),
        Kind::Text(bytes) => format!("VARCHAR({bytes})"),
    };
    let columns = t.lines(|c| {
        let always = if c.always { " NOT NULL" } else { "" };
        format!("{} {}{always}", quoted(&c.name), kind(c))
    });
    let shown = t.lines(|c| match c.kind {
        Kind::Time if !is_parquet => format!("TO_TIMESTAMP_NTZ({0}, 3) AS {0}", quoted(&c.name)),
        Kind::Whole | Kind::Time | Kind::Number | Kind::Bool | Kind::Text(_) => quoted(&c.name),
    });
    let (file, ending) = match t.format {
        ArchiveFormat::Ndjson => ("TYPE = JSON COMPRESSION = GZIP", "ndjson[.]gz"),
        ArchiveFormat::Parquet => ("TYPE = PARQUET USE_LOGICAL_TYPE = TRUE", "parquet"),
    };
    let (stage, view) = (quoted(&format!("{}_stage", t.name)), quoted(&format!("{}_events", t.name)));
    let pattern = literal(&format!(".*/{}-e[0-9]+-[0-9]+-[0-9]+[.]{ending}", t.board));
    let url = literal(&t.objects());
    format!(
        "CREATE STAGE IF NOT EXISTS {stage}\n  URL = {url}\n  STORAGE_INTEGRATION = <storage integration>\n\
         \x20 FILE_FORMAT = ({file});\n\n\
         CREATE TABLE IF NOT EXISTS {name} (\n{columns},\n  PRIMARY KEY (\"epoch\", \"seq\")\n);\n\n\
         COPY INTO {name}\n  FROM @{stage}\n  PATTERN = {pattern}\n\
         \x20 MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE;\n\n\
         -- Times as timestamps (UTC).\nCREATE OR REPLACE VIEW {view} AS\nSELECT\n{shown}\nFROM {name};\n"
    )
}
