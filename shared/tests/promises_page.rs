//! `docs/promises.md` names tests that are there.

#![allow(clippy::unwrap_used, reason = "a test helper that fails is a test that fails")]

#[test]
fn the_page_of_promises_names_tests_that_are_there() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let page = std::fs::read_to_string(format!("{root}/docs/promises.md")).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for line in page.lines().filter(|l| l.contains("` `f")) {
        let names: Vec<&str> = line.split('`').collect();
        let [_, file, _, test, _] = names.as_slice() else { panic!("a file and a test: {line}") };
        let text = std::fs::read_to_string(format!("{root}/{file}")).unwrap();
        // A name that ends with `_` is the beginning of several.
        let quoted = ["'", "\"", "`"].iter().any(|q| text.contains(&format!("{q}{test}")));
        assert!(quoted || text.contains(&format!("fn {test}(")), "{file} has no {test}");
        seen.extend(test.split('_').map_while(|part| part.strip_prefix('f')?.parse::<u32>().ok()));
    }
    assert!(seen.iter().copied().eq(1..=28), "each has a line: {seen:?}");
}
