//! Codes of refusals: one list, from which the pages are made and which everything else names.

#![expect(clippy::unwrap_used, reason = "a test that can't read the sources fails")]

use heliograph_shared::problem::Code;
use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Every text in quotation marks of the sources that is the name of a code, with its place. Names of one word are words
/// that stand for other things too; a code's type keeps those out of refusals.
fn texts(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            texts(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs")
            && !name.contains("/tests")
            && !name.ends_with("problem/code.rs")
        {
            let source = fs::read_to_string(&path).unwrap();
            let source = source.split("#[cfg(test)]").next().unwrap();
            let codes = source.split('"').filter(|text| text.contains('_') && Code::named(text).is_some());
            found.extend(codes.map(|code| format!("{name}: {code:?}")));
        }
    }
}

#[test]
fn no_code_is_written_as_text() {
    let mut found = Vec::new();
    for of in ["shared", "worker", "cli", "app", "openapi"] {
        texts(&root().join(of).join("src"), &mut found);
    }
    // Rules of a board's config that have the name of the refusal.
    found.retain(|place| !place.ends_with("create.rs: \"null_island\""));
    assert!(found.is_empty(), "write Code::… instead: {found:#?}");
}

/// The codes that a text has in backticks.
fn backticked(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_tables_of_codes_in_the_documentation_name_codes_that_there_are() {
    let api = fs::read_to_string(root().join("docs/api.md")).unwrap();
    let table = api.split("| code | the record |").nth(1).unwrap().split("\n\n").next().unwrap();
    let rows: Vec<&str> = table.lines().filter_map(|row| row.split('|').nth(1)).collect();
    let protocol = fs::read_to_string(root().join("docs/protocol.md")).unwrap();
    let feed = protocol.split("Error codes: ").nth(1).unwrap().split('\n').next().unwrap();
    let named: Vec<&str> = rows.into_iter().flat_map(backticked).chain(backticked(feed)).collect();
    assert!(named.len() > 30, "{named:?}");
    let unknown: Vec<_> = named.into_iter().filter(|code| Code::named(code).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn the_page_of_codes_has_every_code() {
    let page = heliograph_openapi::page::errors();
    for code in Code::ALL {
        assert!(page.contains(&format!("<div id=\"{code}\">")), "{code}");
    }
}
