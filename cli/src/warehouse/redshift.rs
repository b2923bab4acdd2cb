//! Amazon Redshift: one COPY for each manifest.

use super::{Column, Kind, Table, literal, quoted};

pub fn statements(t: &Table) -> String {
    let name = quoted(&t.name);
    let columns = t.lines(|c| {
        let always = if c.always { " NOT NULL" } else { "" };
        format!("{} {}{always}", quoted(&c.name), kind(c))
    });
    let region = t.region().map_or(String::new(), |r| format!("\n  REGION {}", literal(r)));
    let manifest = literal(&format!("{}<manifest>", t.manifests()));
    format!(
        "CREATE TABLE IF NOT EXISTS {name} (\n{columns},\n  PRIMARY KEY (\"epoch\", \"seq\")\n)\n\
         DISTSTYLE AUTO\nSORTKEY (\"time\");\n\n\
         -- Once for each manifest; the next one's range begins where the last one's ended.\n\
         COPY {name}\n  FROM {manifest}\n  IAM_ROLE default\n  MANIFEST\n  FORMAT AS JSON 'auto'\n  GZIP\n\
         \x20 TIMEFORMAT 'epochmillisecs'{region};\n"
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
