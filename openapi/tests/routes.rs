//! The description says of the API what the worker's source says.

#![expect(clippy::unwrap_used, reason = "a test that can't read the sources fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use heliograph_shared::routes::TABLE;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A path with its parameters' names left out: `/v1/boards/{}/items`.
fn shape(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect::<Vec<_>>().join("/")
}

/// The routes of the router's table.
fn routes() -> BTreeSet<(String, String)> {
    TABLE.iter().map(|row| (row.method.name().to_lowercase(), shape(row.path))).collect()
}

/// The table as tests of the running worker read it; `HELIOGRAPH_WRITE=1` has the test write it.
#[test]
fn the_table_that_live_tests_walk_is_the_routers() {
    let path = root().join("e2e/live/support/routes.json");
    let rows: Vec<String> = TABLE.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
    let table = format!("[\n  {}\n]\n", rows.join(",\n  "));
    if std::env::var_os("HELIOGRAPH_WRITE").is_some() {
        fs::write(&path, &table).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap(), table, "run HELIOGRAPH_WRITE=1 cargo test -p heliograph-openapi");
}

#[test]
fn every_route_is_described_and_every_described_route_exists() {
    let described: BTreeSet<(String, String)> =
        heliograph_openapi::places().into_iter().map(|(method, path)| (method.to_owned(), shape(path))).collect();
    let routes = routes();
    let undescribed: Vec<_> = routes.difference(&described).collect();
    assert!(undescribed.is_empty(), "not described: {undescribed:?}");
    let missing: Vec<_> = described.difference(&routes).collect();
    assert!(missing.is_empty(), "described, but not there: {missing:?}");
}

/// Calls `look` for every object in a value.
fn each(value: &Value, look: &mut dyn FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            look(map);
            map.values().for_each(|v| each(v, look));
        }
        Value::Array(list) => list.iter().for_each(|v| each(v, look)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_operation_is_whole_and_every_reference_leads_somewhere() {
    let document = heliograph_openapi::document();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{place}");
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{place}");
            assert!(operation["security"].is_array(), "{place}");
            let tag = &operation["tags"][0];
            assert!(document["tags"].as_array().unwrap().iter().any(|t| t["name"] == *tag), "{place}: {tag}");
            let examples = operation["x-examples"].as_array().unwrap();
            assert!(!examples.is_empty(), "{place} has no example");
            for part in path.split('/').filter_map(|p| p.strip_prefix('{')) {
                let name = part.trim_end_matches('}');
                let described = operation["parameters"].as_array().unwrap().iter().any(|p| p["name"] == name);
                assert!(described, "{place}: {name}");
                assert!(examples.iter().all(|e| e["parameters"][name].is_string()), "{place}: {name} in its examples");
            }
            for example in examples {
                assert!(operation["responses"][example["status"].to_string()].is_object(), "{place}: {example}");
            }
            let has_query =
                operation["parameters"].as_array().is_some_and(|all| all.iter().any(|p| p["in"] == "query"));
            assert_eq!(operation["responses"]["414"].is_object(), has_query, "{place}");
            let refusals =
                operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.as_str() >= "400");
            for (status, refusal) in refusals {
                // The runtime's own, which knows no codes.
                if status == "414" {
                    continue;
                }
                let codes =
                    &refusal["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]["code"]["enum"];
                assert!(!codes.as_array().unwrap().is_empty(), "{place} {status}");
            }
        }
    }
    each(&document, &mut |map| {
        if let Some(target) = map.get("$ref").and_then(Value::as_str) {
            let pointer = target.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
        }
    });
}
