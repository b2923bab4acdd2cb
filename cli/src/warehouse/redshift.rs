//! Amazon Redshift: one COPY for each manifest.

use super::{ArchiveFormat, Column, Kind, Table, literal, quoted};

pub fn statements(t: &Table) -> String {
    let name = quoted(&t.name);
    let columns = t.lines(|c| {
        let always = if c.always { " NOT NULL" } else { "" };
        format!("{} {}{always}", quoted(&c.name), kind(c))
    });
    let region = t.region().map_or(String::new(), |r| format!("\n  REGION {}", literal(r)));
    let read = match t.format {
        ArchiveFormat::Ndjson => "  FORMAT AS JSON 'auto'\n  GZIP\n  TIMEFORMAT 'epochmillisecs'",
        // Columns are taken by their places; those that a file does not have yet are behind its last.
        ArchiveFormat::Parquet => "  FORMAT AS PARQUET\n  FILLRECORD",
    };
    // A file of Parquet is read in the region of the cluster, and COPY refuses to be told another.
    let region = if t.format == ArchiveFormat::Parquet { String::new() } else { region };
    let manifest = literal(&format!("{}<manifest>", t.manifests()));
    format!(
        "CREATE TABLE IF NOT EXISTS {name} (\n{columns},\n  PRIMARY KEY (\"epoch\", \"seq\")\n)\n\
         DISTSTYLE AUTO\nSORTKEY (\"time\");\n\n\
         -- Once for each manifest; the next one's range begins where the last one's ended.\n\
         COPY {name}\n  FROM {manifest}\n  IAM_ROLE default\n  MANIFEST\n{read}{region};\n"
    )
}

fn kind(c: &Column) -> String {
    match c.kind {
        Kind::Whole => "BIGINT".to_owned(),
        Kind::Time => "TIMESTAMP".to_owned(),
        Kind::Number => "DOUBLE PRECISION".to_owned(),
        Kind::Bool => "BOOLEAN".to_owned(),
        Kind::Text(bytes) => format!("VARCHAR({bytes})"),
    }
}
