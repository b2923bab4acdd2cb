//! An event costs the logarithm of how many its key has, whatever the columns are.

use super::*;
use crate::scores::compared::compared;

const FEW: u64 = 1_000;
const MANY: u64 = 64_000;

fn rules(ops: &[&str], more: &str) -> ScoreRules {
    let column = |op: &&str| format!(r#"{{"name":"{op}","op":"{op}","field":"v"}}"#);
    let columns: Vec<String> = ops.iter().map(column).collect();
    serde_json::from_str(&format!(r#"{{"columns":[{}]{more}}}"#, columns.join(","))).unwrap()
}

/// An event with a value and a task that no other has.
fn event(rules: &ScoreRules, n: u64, seq: Seq) -> Scored {
    let third = n.is_multiple_of(3);
    Scored {
        at: Reached(Millis(seq as i64), seq),
        bucket: 0,
        counts: true,
        entry: rules.entry.as_ref().map(|_| n),
        cells: vec![Some(n as i64); rules.columns.len()].into(),
        attempt: Some(Attempt {
            task: n,
            right: !third,
            wrong: third,
            pending: false,
            minutes: Points::whole(n as i64),
        }),
        by_manager: false,
    }
}

/// How many comparisons the dearest event takes of a key that has so many: one more, or one in the place of another.
fn dearest(rules: &ScoreRules, entries: u64) -> u64 {
    let (mut tally, span) = (Tally::default(), rules.window.span_from(0));
    for n in 0..entries {
        tally.add(rules, &event(rules, n, n + 1), span);
    }
    let costs = (0..50).flat_map(|n| [entries + n, entries / 50 * n]).zip(entries + 1..).map(|(n, seq)| {
        let before = compared();
        tally.add(rules, &event(rules, n, seq), span);
        tally.result(rules, span).unwrap();
        compared() - before
    });
    costs.max().unwrap()
}

#[test]
fn an_event_costs_the_logarithm_of_the_entries_that_its_key_has() {
    let numbers = ["sum", "count", "best", "min", "last", "avg", "set"];
    let tasks = ["solved", "penalty", "last_solved"];
    let attempts = r#","attempts":{"per":"task","right":[]}"#;
    let replaced = r#","entry":"task""#;
    let both = format!("{attempts}{replaced}");
    for (ops, more) in
        [(&numbers[..], ""), (&numbers[..], replaced), (&tasks[..], attempts), (&tasks[..], both.as_str())]
    {
        let rules = rules(ops, more);
        let (few, many) = (dearest(&rules, FEW), dearest(&rules, MANY));
        // 64 times as many are 6 doublings more: 16 in place of 10.
        assert!(many <= 2 * few.max(50), "{ops:?}{more}: {few} comparisons at {FEW} entries, {many} at {MANY}");
    }
}
