use super::*;
use serde_json::json;

fn table() -> Table {
    let place = json!({
        "name": "DEFAULT",
        "kind": "s3",
        "endpoint": "https://s3.eu-central-1.amazonaws.com",
        "region": "eu-central-1",
        "path_style": false,
        "bucket": "events",
        "prefix": "raw/fleet/",
    });
    let status = json!({"columns": [
        {"field": "Route", "column": "route", "kinds": ["text"]},
        {"field": "route", "column": "route_2", "kinds": ["text", "number"]},
        {"field": "fuel", "column": "fuel", "kinds": ["number"]},
        {"field": "speed", "column": "speed_2", "kinds": ["number"]},
        {"field": "Doors \"open\"", "column": "doors \"open\"", "kinds": ["boolean"]},
        {"field": "gone", "column": "gone", "kinds": []},
    ]});
    let place = serde_json::from_value(place).unwrap();
    Table::new("buses", "fleet", place, &columns_of_archive(&status))
}

/// `HELIOGRAPH_GOLDEN=write cargo test -p heliograph warehouse` writes them anew; read the difference.
#[test]
fn statements_are_as_they_were() {
    for dialect in Dialect::value_variants() {
        let name = dialect.to_possible_value().unwrap().get_name().to_owned();
        let path = format!("{}/src/warehouse/golden/{name}.sql", env!("CARGO_MANIFEST_DIR"));
        let statements = table().statements(*dialect);
        if std::env::var("HELIOGRAPH_GOLDEN").is_ok_and(|v| v == "write") {
            std::fs::write(&path, &statements).unwrap();
        }
        assert_eq!(statements, std::fs::read_to_string(&path).unwrap(), "{name}");
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
