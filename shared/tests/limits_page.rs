//! `docs/limits.md` lists every limit with the value that it has.

#![allow(clippy::unwrap_used, reason = "a test helper that fails is a test that fails")]

use std::collections::BTreeMap;

/// The value of an expression such as `8 * 1024 * 1024`, `1_500_000` or `0.4`, in millionths.
fn value(expression: &str) -> i64 {
    let number = |n: &str| n.trim().replace(['_', ','], "").parse::<f64>().unwrap();
    (expression.split('*').map(number).product::<f64>() * 1e6).round() as i64
}

#[test]
fn the_page_of_limits_says_what_the_code_does() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let code = std::fs::read_to_string(format!("{root}/shared/src/limits.rs")).unwrap();
    let page = std::fs::read_to_string(format!("{root}/docs/limits.md")).unwrap();
    let in_code: BTreeMap<&str, i64> = code
        .lines()
        .filter_map(|l| l.strip_prefix("pub const ")?.strip_suffix(';')?.split_once(':'))
        .map(|(name, rest)| {
            let expression = rest.split_once('=').unwrap().1;
            // Of a pace the page says how many at once first.
            let burst = expression.split_once("burst: ").and_then(|(_, rest)| rest.split(',').next());
            (name, value(burst.unwrap_or(expression)))
        })
        .collect();
    let on_page: BTreeMap<&str, i64> = page
        .lines()
        .filter_map(|l| l.strip_prefix("| `")?.split_once("` | "))
        .map(|(name, rest)| (name, value(rest.split(' ').next().unwrap())))
        .collect();
    assert_eq!(on_page, in_code);
    assert!(in_code.len() > 30);
}

#[test]
fn the_pages_say_of_a_reused_idempotency_key_what_the_worker_answers() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let read = |path: &str| std::fs::read_to_string(format!("{root}/{path}")).unwrap();
    let status = heliograph_shared::problem::Code::IdempotencyKeyReused.status();
    for page in ["docs/protocol.md", "docs/api.md"] {
        assert!(read(page).contains(&format!("{status} `idempotency_key_reused`")), "{page} says {status}");
    }
}
