//! Amazon Athena: a table over the folders, one an hour, found by projection. It reads no manifests; the ranges of
//! objects do not overlap, so each event is there once all the same.

use super::{ArchiveFormat, Column, Kind, Table, literal, quoted};

pub fn statements(t: &Table) -> String {
    let hour = t.free("delivery_hour");
    let mut mappings = String::from("  'ignore.malformed.json' = 'false'");
    let mut taken: Vec<String> = vec![hour.clone()];
    let mut names = Vec::new();
    let is_parquet = t.format == ArchiveFormat::Parquet;
    // A column of Parquet is found by its own name, which Athena must be able to say.
    let (known, unknown): (Vec<&Column>, Vec<&Column>) =
        t.columns.iter().partition(|c| !is_parquet || plain(&c.name, &[]) == c.name);
    for c in &known {
        let name = plain(&c.name, &taken);
        if name != c.name {
            mappings = format!("{mappings},\n  {} = {}", literal(&format!("mapping.{name}")), literal(&c.name));
        }
        taken.push(name.clone());
        names.push(name);
    }
    let kind = |k: Kind| match k {
        Kind::Time if is_parquet => "timestamp",
        Kind::Whole | Kind::Time => "bigint",
        Kind::Number => "double",
        Kind::Bool => "boolean",
        Kind::Text(_) => "string",
    };
    let columns: Vec<String> = known.iter().zip(&names).map(|(c, n)| format!("  `{n}` {}", kind(c.kind))).collect();
    let shown: Vec<String> = known
        .iter()
        .zip(&names)
        .map(|(c, n)| match c.kind {
            Kind::Time if !is_parquet => format!("  from_unixtime({0} / 1000e0) AS {0}", quoted(n)),
            Kind::Whole | Kind::Time | Kind::Number | Kind::Bool | Kind::Text(_) => format!("  {}", quoted(n)),
        })
        .collect();
    let (name, objects) = (&t.name, t.objects());
    let (columns, shown) = (columns.join(",\n"), shown.join(",\n"));
    let location = literal(&objects);
    let template = literal(&format!("{objects}${{{hour}}}/"));
    let read = if is_parquet {
        "STORED AS PARQUET".to_owned()
    } else {
        format!("ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'\nWITH SERDEPROPERTIES (\n{mappings}\n)")
    };
    let unknown: Vec<String> =
        unknown.iter().map(|c| format!("-- Athena can't name the column {}.\n", quoted(&c.name))).collect();
    format!(
        "{}CREATE EXTERNAL TABLE IF NOT EXISTS `{name}` (\n{columns}\n)\nPARTITIONED BY (`{hour}` string)\n\
         {read}\nLOCATION {location}\nTBLPROPERTIES (\n  'projection.enabled' = 'true',\n\
         \x20 'projection.{hour}.type' = 'date',\n  'projection.{hour}.format' = 'yyyy/MM/dd/HH',\n\
         \x20 'projection.{hour}.range' = 'NOW-1YEARS,NOW',\n  'projection.{hour}.interval' = '1',\n\
         \x20 'projection.{hour}.interval.unit' = 'HOURS',\n  'storage.location.template' = {template}\n);\n\n\
         -- Times as timestamps (UTC). Name hours in a query, so that only their folders are read.\n\
         CREATE OR REPLACE VIEW {} AS\nSELECT\n{shown},\n  {}\nFROM {};\n",
        unknown.concat(),
        quoted(&format!("{name}_events")),
        quoted(&hour),
        quoted(name),
    )
}

/// A column's name of a to z, digits and `_`, which is all that Athena takes.
fn plain(name: &str, taken: &[String]) -> String {
    let letter = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' { c } else { '_' };
    let base: String = name.chars().map(letter).collect();
    let mut candidate = base.clone();
    let mut n = 2;
    while taken.contains(&candidate) {
        candidate = format!("{base}_{n}");
        n += 1;
    }
    candidate
}
