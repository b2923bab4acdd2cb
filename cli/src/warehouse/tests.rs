use super::*;
use serde_json::json;

fn place() -> Value {
    json!({
        "name": "DEFAULT",
        "kind": "s3",
        "endpoint": "https://s3.eu-central-1.amazonaws.com",
        "region": "eu-central-1",
        "path_style": false,
        "bucket": "events",
        "prefix": "raw/fleet/",
    })
}

fn table() -> Table {
    let status = json!({"columns": [
        {"field": "Route", "column": "route", "kinds": ["text"]},
        {"field": "route", "column": "route_2", "kinds": ["text", "number"]},
        {"field": "fuel", "column": "fuel", "kinds": ["number"]},
        {"field": "speed", "column": "speed_2", "kinds": ["number"]},
        {"field": "Doors \"open\"", "column": "doors \"open\"", "kinds": ["boolean"]},
        {"field": "gone", "column": "gone", "kinds": []},
    ]});
    Table::new(
        "buses",
        "fleet",
        serde_json::from_value(place()).unwrap(),
        ArchiveFormat::Ndjson,
        &columns_of_archive(&status),
    )
}

/// The same board when its archive is Parquet: each kind of a field's values has a column.
fn parquet_table() -> Table {
    let status = json!({"format": "parquet", "columns": [
        {"field": "Route", "column": "route", "kinds": ["text"]},
        {"field": "fuel", "column": "fuel", "kinds": ["number"]},
        {"field": "fuel", "column": "fuel_text", "kinds": ["text"]},
        {"field": "Doors \"open\"", "column": "doors \"open\"", "kinds": ["boolean"]},
    ]});
    assert_eq!(format_of_archive(&status), ArchiveFormat::Parquet);
    let place = serde_json::from_value(place()).unwrap();
    Table::new("buses", "fleet", place, format_of_archive(&status), &columns_of_archive(&status))
}

/// `HELIOGRAPH_GOLDEN=write cargo test -p heliograph warehouse` writes them anew; read the difference.
#[test]
fn statements_are_as_they_were() {
    for dialect in Dialect::value_variants() {
        let name = dialect.to_possible_value().unwrap().get_name().to_owned();
        for (table, ending) in [(table(), ""), (parquet_table(), "_parquet")] {
            let path = format!("{}/src/warehouse/golden/{name}{ending}.sql", env!("CARGO_MANIFEST_DIR"));
            let statements = table.statements(*dialect);
            if std::env::var("HELIOGRAPH_GOLDEN").is_ok_and(|v| v == "write") {
                std::fs::write(&path, &statements).unwrap();
            }
            assert_eq!(statements, std::fs::read_to_string(&path).unwrap(), "{name}{ending}");
        }
    }
}

#[test]
fn items_show_the_fields_of_a_board_that_has_delivered_nothing() {
    let answer = json!({"items": [
        {"key": "a", "fields": {"Fuel": 1.5, "on": true}},
        {"key": "b", "fields": {"Fuel": "none", "note": "x"}},
    ]});
    let columns = columns_of_items(&answer);
    let shown: Vec<(&str, u8)> = columns.list().iter().map(|c| (c.column.as_str(), c.kinds)).collect();
    assert_eq!(shown, [("fuel", 5), ("on", 2), ("note", 4)]);
    let typed: Vec<(&str, u8)> = columns.typed().iter().map(|c| (c.column.as_str(), c.kind)).collect();
    assert_eq!(typed, [("fuel", 1), ("on", 2), ("fuel_text", 4), ("note", 4)]);
}

#[test]
fn quotes_in_names_and_addresses_do_not_end_them() {
    let mut table = table();
    table.place.prefix = "it's/".to_owned();
    assert!(table.statements(Dialect::Redshift).contains("'s3://events/manifests/it''s/<manifest>'"));
    assert!(table.statements(Dialect::Snowflake).contains("\"doors \"\"open\"\"\" BOOLEAN"));
    let athena = table.statements(Dialect::Athena);
    assert!(athena.contains("`doors__open_` boolean"));
    assert!(athena.contains("'mapping.doors__open_' = 'doors \"open\"'"));
}
