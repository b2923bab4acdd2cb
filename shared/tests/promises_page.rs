//! `docs/promises.md` and `docs/security.md` name tests that are there.

#![allow(clippy::unwrap_used, reason = "a test helper that fails is a test that fails")]

/// A file and a test of it, of each line of a table that names them.
fn named(page: &str, mark: &str) -> Vec<(String, String)> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let text = std::fs::read_to_string(format!("{root}/docs/{page}")).unwrap();
    let lines = text.lines().filter(|line| line.contains(mark));
    lines
        .map(|line| {
            let names: Vec<&str> = line.split('`').collect();
            let [_, file, _, test, _] = names.as_slice() else { panic!("a file and a test: {line}") };
            let text = std::fs::read_to_string(format!("{root}/{file}")).unwrap();
            // A name that ends with `_` is the beginning of several.
            let quoted = ["'", "\"", "`"].iter().any(|q| text.contains(&format!("{q}{test}")));
            assert!(quoted || text.contains(&format!("fn {test}(")), "{file} has no {test}");
            ((*file).to_owned(), (*test).to_owned())
        })
        .collect()
}

#[test]
fn the_page_of_promises_names_tests_that_are_there() {
    let mut seen = std::collections::BTreeSet::new();
    for (_, test) in named("promises.md", "` `f") {
        seen.extend(test.split('_').map_while(|part| part.strip_prefix('f')?.parse::<u32>().ok()));
    }
    assert!(seen.iter().copied().eq(1..=28), "each has a line: {seen:?}");
}

#[test]
fn the_page_of_security_names_tests_that_are_there() {
    assert!(named("security.md", "| `e2e/").len() > 40);
}
