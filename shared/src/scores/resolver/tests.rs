use super::*;
use crate::scores::points::Points;
use crate::scores::task_cell::TaskCell;
use crate::time::Millis;
use serde_json::json;

fn rules(ties: &str) -> ScoreRules {
    serde_json::from_value(json!({
        "columns": [
            {"name": "solved", "op": "solved"}, {"name": "penalty", "op": "penalty", "direction": "asc"},
            {"name": "last", "op": "last_solved", "direction": "asc"}],
        "everyone": true, "ties": ties,
        "attempts": {"per": "problem", "right": [{"field": "solved", "equals": true}], "minutes": "minute",
            "wrong_minutes": 20, "tasks": [{"id": "A"}, {"id": "B"}, {"id": "C"}]},
    }))
    .unwrap()
}

/// What a cell is: untried, wrong tries, tries and the minute of the right one, or tries and how many are pending.
fn cell(text: &str) -> TaskCell {
    let number = |text: &str| text.parse::<u32>().unwrap();
    match text.split_once(['@', '?']) {
        None => TaskCell { tries: number(text), ..TaskCell::default() },
        Some((tries, minute)) if text.contains('@') => {
            TaskCell { tries: number(tries), minute: Some(Points::whole(i64::from(number(minute)))), pending: 0 }
        }
        Some((tries, pending)) => TaskCell { tries: number(tries), minute: None, pending: number(pending) },
    }
}

/// Standings of teams with these cells, ranked as a contest is.
fn standings(teams: &[(&str, [&str; 3])]) -> Vec<ScoreRow> {
    let mut rows: Vec<ScoreRow> = teams
        .iter()
        .map(|(key, cells)| {
            let cells: Vec<TaskCell> = cells.iter().map(|text| cell(text)).collect();
            let minutes = || cells.iter().filter_map(|cell| Some((cell, cell.minute?.number())));
            let penalty: f64 = minutes().map(|(cell, minute)| minute + 20.0 * f64::from(cell.tries - 1)).sum();
            let last = minutes().map(|(_, minute)| minute).fold(0.0, f64::max);
            ScoreRow {
                key: (*key).to_owned(),
                name: format!("Team {key}"),
                position: 0,
                rank: 0,
                tied: false,
                values: vec![minutes().count() as f64, penalty, last],
                reached: Millis(last as i64 * 60_000),
                groups: Vec::new(),
                cells,
            }
        })
        .collect();
    let order = |row: &ScoreRow| (-row.values[0] as i64, row.values[1] as i64, row.values[2] as i64, row.key.clone());
    rows.sort_by_key(order);
    for at in 0..rows.len() {
        let tied = |other: Option<usize>| other.and_then(|other| rows.get(other)).map(|row| &row.values);
        let (above, own, below) = (tied(at.checked_sub(1)), tied(Some(at)), tied(Some(at + 1)));
        let rank = if above == own { rows[at - 1].rank } else { at as u32 + 1 };
        let is_tied = above == own || below == own;
        (rows[at].position, rows[at].rank, rows[at].tied) = (at as u32 + 1, rank, is_tied);
    }
    rows
}

/// Four teams: d solves two after the freeze and passes everybody, c fails, b had nothing to hide, a solves one.
fn contest(ties: &str) -> Resolver {
    let frozen = [
        ("a", ["1@10", "1@50", "1?1"]),
        ("b", ["1@20", "2@60", "0"]),
        ("c", ["1@30", "1?2", "0"]),
        ("d", ["1@40", "0?1", "0?1"]),
    ];
    let last = [
        ("a", ["1@10", "1@50", "2@280"]),
        ("b", ["1@20", "2@60", "0"]),
        ("c", ["1@30", "3", "0"]),
        ("d", ["1@40", "1@250", "1@251"]),
    ];
    Resolver::new(&rules(ties), &standings(&frozen), &standings(&last))
}

fn order(resolver: &Resolver) -> String {
    resolver.rows().iter().map(|row| row.key.as_str()).collect()
}

#[test]
fn the_lowest_row_is_revealed_first_and_who_moves_up_leaves_the_place_to_the_next() {
    let mut resolver = contest("shared");
    assert_eq!((order(&resolver).as_str(), resolver.cells()), ("abcd", 4));
    let (mut told, mut settled) = (Vec::new(), String::new());
    while let Some(step) = resolver.forward() {
        settled.extend(resolver.just_settled().map(str::to_owned));
        let said = match step {
            Step::Focus { key } => format!("look at {key}"),
            Step::Reveal { key, task } => format!("{key} {}", ["A", "B", "C"][task]),
            Step::Total { key } => format!("total of {key}"),
            Step::Finish => "done".to_owned(),
        };
        told.push(format!("{said}: {} ({})", order(&resolver), resolver.revealed()));
    }
    let expected = [
        "look at d: abcd (0)",
        // d has two now, and is behind b by penalty; c is the lowest.
        "d B: abdc (1)",
        "look at c: abdc (1)",
        "c B: abdc (2)",
        "look at d: abdc (2)",
        // Three: before a, who has two.
        "d C: dabc (3)",
        "look at b: dabc (3)",
        "look at a: dabc (3)",
        // a has three in less time.
        "a C: adbc (4)",
        "look at d: adbc (4)",
        "look at a: adbc (4)",
        "done: adbc (4)",
    ];
    assert_eq!(told, expected);
    assert_eq!(settled, "cbda", "each once, from the last rank up");
    assert!(resolver.is_done() && resolver.next().is_none());
}

#[test]
fn a_row_below_the_focus_is_settled_and_one_above_is_not() {
    let mut resolver = contest("shared");
    for _ in 0..5 {
        resolver.forward();
    }
    assert_eq!(resolver.focus(), Some("d"));
    let settled: Vec<bool> = ["a", "b", "c", "d"].iter().map(|key| resolver.is_settled(key)).collect();
    assert_eq!(settled, [false, false, true, false]);
    assert_eq!((resolver.hidden("d"), resolver.is_hidden("d", 1), resolver.is_hidden("d", 2)), (1, false, true));
}

#[test]
fn a_hidden_cell_is_pending_even_where_the_public_has_no_count() {
    let frozen = standings(&[("a", ["2", "0", "0"])]);
    let last = standings(&[("a", ["3@200", "0", "0"])]);
    let mut resolver = Resolver::new(&rules("shared"), &frozen, &last);
    assert_eq!(resolver.rows()[0].cells[0], TaskCell { tries: 2, minute: None, pending: 1 });
    resolver.forward();
    resolver.forward();
    assert_eq!(resolver.rows(), last);
}

#[test]
fn what_is_not_judged_stays_pending_and_is_no_step() {
    let rows = standings(&[("a", ["0?1", "1@9", "0"]), ("b", ["0", "0", "0"])]);
    let mut resolver = Resolver::new(&rules("shared"), &rows, &rows);
    assert_eq!(resolver.cells(), 0);
    while resolver.forward().is_some() {}
    assert_eq!(resolver.rows(), rows);
    assert_eq!(resolver.rows()[0].cells[0].pending, 1);
}

#[test]
fn who_came_after_the_freeze_begins_with_nothing_and_who_is_out_is_not_there() {
    let frozen = standings(&[("a", ["1@9", "0", "0"]), ("x", ["1@10", "0", "0"])]);
    let last = standings(&[("a", ["1@9", "0", "0"]), ("z", ["1@2", "1@3", "0"])]);
    let mut resolver = Resolver::new(&rules("shared"), &frozen, &last);
    assert_eq!(order(&resolver), "az");
    assert_eq!(resolver.rows()[1].values, [0.0; 3]);
    while resolver.forward().is_some() {}
    assert_eq!(resolver.rows(), last);
}

#[test]
fn columns_that_no_cell_tells_come_when_the_row_is_looked_at() {
    let mut rules = rules("shared");
    rules.columns[2].op = crate::scores::rule::Operator::Sum;
    let frozen = standings(&[("a", ["1@9", "0", "0"])]);
    let mut last = frozen.clone();
    last[0].values[2] = 77.0;
    let mut resolver = Resolver::new(&rules, &frozen, &last);
    let key = || "a".to_owned();
    assert_eq!(resolver.forward(), Some(Step::Focus { key: key() }));
    assert_eq!(resolver.rows(), frozen);
    assert_eq!(resolver.forward(), Some(Step::Total { key: key() }));
    assert_eq!(resolver.rows(), last);
    assert_eq!(resolver.forward(), Some(Step::Finish));
}

#[test]
fn going_back_over_all_steps_is_the_beginning_and_over_one_the_state_before() {
    for ties in ["shared", "dense", "first_to_reach"] {
        let mut resolver = contest(ties);
        let look = |resolver: &Resolver| {
            let settled = resolver.rows().iter().map(|row| resolver.is_settled(&row.key)).collect::<Vec<_>>();
            let focus = resolver.focus().map(str::to_owned);
            (resolver.rows(), settled, focus, resolver.revealed(), resolver.next(), resolver.last().cloned())
        };
        let mut seen = vec![look(&resolver)];
        while resolver.forward().is_some() {
            seen.push(look(&resolver));
            assert!(resolver.back());
            assert_eq!(look(&resolver), seen[seen.len() - 2]);
            resolver.forward();
            assert_eq!(look(&resolver), seen[seen.len() - 1]);
        }
        for before in seen.iter().rev().skip(1) {
            assert!(resolver.back());
            assert_eq!(look(&resolver), *before);
        }
        assert!(!resolver.back(), "{ties}");
        resolver.forward();
        resolver.restart();
        assert_eq!(look(&resolver), seen[0]);
    }
}
