//! DuckDB: reads the manifests itself, and loads what is new each time it is run.

use super::{ArchiveFormat, Column, Kind, Reach, Table, literal, quoted};

pub fn statements(t: &Table) -> String {
    let name = quoted(&t.name);
    let kind = |c: &Column| match c.kind {
        Kind::Whole => "BIGINT",
        Kind::Time => "TIMESTAMP",
        Kind::Number => "DOUBLE",
        Kind::Bool => "BOOLEAN",
        Kind::Text(_) => "VARCHAR",
    };
    let columns = t.lines(|c| {
        let always = if c.always { " NOT NULL" } else { "" };
        format!("{} {}{always}", quoted(&c.name), kind(c))
    });
    let objects = "getvariable('heliograph_objects')";
    let (ending, shown, from) = match t.format {
        ArchiveFormat::Ndjson => {
            let shown = t.lines(|c| match c.kind {
                Kind::Time => format!("epoch_ms({0}) AS {0}", quoted(&c.name)),
                Kind::Whole | Kind::Number | Kind::Bool | Kind::Text(_) => quoted(&c.name),
            });
            let read = t.lines(|c| {
                let kind = if c.kind == Kind::Time { "BIGINT" } else { kind(c) };
                format!("  {}: '{kind}'", quoted(&c.name))
            });
            let read = format!("read_json({objects}, format = 'newline_delimited', columns = {{\n{read}\n}})");
            (".ndjson.gz", shown, read)
        }
        ArchiveFormat::Parquet => {
            // Files know their columns; earlier ones have fewer. Times are in UTC whatever the session's zone is.
            let times = t.columns.iter().filter(|c| c.kind == Kind::Time);
            let times: Vec<String> = times.map(|c| format!("{0} AT TIME ZONE 'UTC' AS {0}", quoted(&c.name))).collect();
            let shown = format!("  * REPLACE ({})", times.join(", "));
            (".parquet", shown, format!("read_parquet({objects}, union_by_name = true)"))
        }
    };
    let mut secret = vec!["  TYPE s3".to_owned(), "  PROVIDER credential_chain".to_owned()];
    secret.extend(t.region().map(|r| format!("  REGION {}", literal(r))));
    if let Reach::S3 { endpoint, path_style, .. } = &t.place.reach {
        let (scheme, host) = endpoint.split_once("://").unwrap_or(("https", endpoint));
        secret.push(format!("  ENDPOINT {}", literal(host.trim_end_matches('/'))));
        secret.push(format!("  URL_STYLE '{}'", if *path_style { "path" } else { "vhost" }));
        secret.push(format!("  USE_SSL {}", scheme == "https"));
    }
    secret.push(format!("  SCOPE {}", literal(&format!("s3://{}", t.place.bucket))));
    let secret = secret.join(",\n");
    let manifests = literal(&format!("{}**/{}-e[0-9]*.manifest", t.manifests(), t.board));
    format!(
        "INSTALL httpfs;\nLOAD httpfs;\nCREATE OR REPLACE SECRET heliograph (\n{secret}\n);\n\n\
         CREATE TABLE IF NOT EXISTS {name} (\n{columns},\n  PRIMARY KEY (\"epoch\", \"seq\")\n);\n\n\
         -- Every object that a manifest names. Events that are there already are passed over.\n\
         SET VARIABLE heliograph_objects = (\n  SELECT list(entry.url ORDER BY entry.url)\n  FROM (\n\
         \x20   SELECT unnest(entries) AS entry\n    FROM read_json({manifests},\n\
         \x20     columns = {{entries: 'STRUCT(url VARCHAR)[]'}})\n  )\n\
         \x20 WHERE ends_with(entry.url, '{ending}')\n);\n\
         INSERT OR IGNORE INTO {name} BY NAME\nSELECT\n{shown}\nFROM {from};\n"
    )
}
