//! The resolver against the board: from what the public is answered to what managers are, for contests by chance.

use crate::world::World;
use heliograph_shared::api::scores::ScoresPage;
use heliograph_shared::event::Event;
use heliograph_shared::scores::ScoreRow;
use heliograph_shared::scores::query::ScoresQuery;
use heliograph_shared::scores::resolver::{Resolver, Step};
use heliograph_shared::scores::rule::ScoreRules;
use heliograph_shared::scores::session::{Schedule, SessionAction};
use heliograph_shared::value::Value;
use heliograph_testkit::dice::Dice;
use serde_json::json;

const TASKS: [&str; 5] = ["A", "B", "C", "D", "E"];

fn rules(dice: &mut Dice) -> ScoreRules {
    let tasks: Vec<_> = TASKS.iter().map(|id| json!({ "id": id })).collect();
    serde_json::from_value(json!({
        "columns": [
            {"name": "solved", "op": "solved"}, {"name": "penalty", "op": "penalty", "direction": "asc"},
            {"name": "last", "op": "last_solved", "direction": "asc"}],
        "filter": [{"field": "submission", "exists": true}], "entry": "submission",
        "everyone": true, "ties": dice.pick(&["shared", "dense", "first_to_reach"]),
        "attempts": {
            "per": "problem", "right": [{"field": "verdict", "equals": "AC"}],
            "wrong": [{"field": "verdict", "in": ["WA", "TLE"]}], "minutes": "minute", "wrong_minutes": 20,
            "pending": [{"field": "verdict", "exists": false}], "counts_hidden": dice.chance(50), "tasks": tasks,
        },
    }))
    .unwrap()
}

/// What the API answers to the public or to managers.
fn answer(w: &World, live: bool) -> Vec<ScoreRow> {
    let query = ScoresQuery::parse([("top", "1000"), ("cells", "true")].into_iter()).unwrap();
    let bytes = w.keeper.scores(&query, live, w.cursor()).unwrap();
    let page: ScoresPage = serde_json::from_slice(&bytes).unwrap();
    page.rows.iter().map(Into::into).collect()
}

/// A contest that is over and frozen, of which this and that is not judged.
fn contest(seed: u64) -> World {
    let mut dice = Dice::new(seed);
    let mut w = World::new(rules(&mut dice), seed);
    w.ends = false;
    let session = w.create(Schedule::default());
    let start = w.now;
    assert!(w.act(&session, SessionAction::Open, start));
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let teams = 8 + dice.below(20);
    for team in 0..teams {
        let fields = vec![("name".to_owned(), text(&format!("Team {team}")))];
        w.events(&[Event { id: None, key: format!("t{team:02}"), time: w.now, position: None, fields }]);
    }
    for step in 0..200_u32 {
        // Minutes that several teams share, so that there are ties.
        w.wait(90_000);
        let verdict = *dice.pick(&[Some("AC"), Some("AC"), Some("WA"), Some("TLE"), Some("CE"), None]);
        let mut fields = vec![
            ("submission".to_owned(), text(&step.to_string())),
            ("problem".to_owned(), text(dice.pick::<&str>(&TASKS))),
            ("minute".to_owned(), Some(Value::Number((w.now.since(start) / 3_600_000) as f64))),
        ];
        fields.extend(verdict.map(|verdict| ("verdict".to_owned(), text(verdict))));
        let key = format!("t{:02}", dice.below(teams));
        w.events(&[Event { id: None, key, time: w.now, position: None, fields }]);
        if step == 60 {
            w.wait(1_000);
            let now = w.now;
            assert!(w.act(&session, SessionAction::Freeze, now));
        }
    }
    w.wait(1_000);
    let now = w.now;
    assert!(w.act(&session, SessionAction::Close, now));
    w
}

/// What the cells of a row count.
fn counted(row: &ScoreRow) -> Vec<f64> {
    let solved = || row.cells.iter().filter_map(|cell| Some((f64::from(cell.tries), cell.minute?.number())));
    let penalty = solved().map(|(tries, minute)| minute + 20.0 * (tries - 1.0)).sum();
    vec![solved().count() as f64, penalty, solved().map(|(_, minute)| minute).fold(0.0, f64::max)]
}

#[test]
fn it_goes_from_what_the_public_sees_to_the_final_standings_and_back() {
    for seed in 0..40 {
        let w = contest(seed);
        let (frozen, last) = (answer(&w, false), answer(&w, true));
        assert_ne!(frozen, last, "seed {seed}: something is hidden");
        let mut resolver = Resolver::new(w.rules(), &frozen, &last);
        let standing = |row: &ScoreRow| (row.key.clone(), row.position, row.rank, row.tied, row.values.clone());
        let standings = |rows: &[ScoreRow]| rows.iter().map(standing).collect::<Vec<_>>();
        assert_eq!(standings(&resolver.rows()), standings(&frozen), "seed {seed}: it begins with the public's");
        let mut seen = vec![resolver.rows()];
        while let Some(step) = resolver.forward() {
            for row in resolver.rows() {
                assert_eq!(row.values, counted(&row), "seed {seed}, {step:?}: {}", row.key);
            }
            seen.push(resolver.rows());
            // Everybody below the focus has come to rest, and stays there.
            let rows = resolver.rows();
            let settled: Vec<&ScoreRow> = rows.iter().filter(|row| resolver.is_settled(&row.key)).collect();
            let below: Vec<&ScoreRow> = rows.iter().rev().take(settled.len()).rev().collect();
            assert_eq!(settled, below, "seed {seed}, {step:?}");
            // Whether it is tied, and a dense rank, those above still decide.
            let place = |row: &ScoreRow| (row.key.clone(), row.position, row.values.clone(), row.cells.clone());
            for row in settled {
                let end = last.iter().find(|other| other.key == row.key).map(place);
                assert_eq!(Some(place(row)), end, "seed {seed}, {step:?}");
            }
        }
        assert_eq!(resolver.rows(), last, "seed {seed}: it ends with the final standings");
        assert_eq!((resolver.revealed(), resolver.last()), (resolver.cells(), Some(&Step::Finish)));
        for rows in seen.iter().rev().skip(1) {
            assert!(resolver.back());
            assert_eq!(resolver.rows(), *rows, "seed {seed}: a step back is the state before");
        }
        assert!(!resolver.back());
    }
}

#[test]
fn rows_that_the_board_revealed_already_have_nothing_left_to_reveal() {
    let mut w = contest(3);
    let hidden = |w: &World| Resolver::new(w.rules(), &answer(w, false), &answer(w, true)).cells();
    let before = hidden(&w);
    let session = w.keeper.timeline().sessions.get(0).unwrap().id.clone();
    while hidden(&w) == before {
        let now = w.now;
        assert!(w.act(&session, SessionAction::RevealStep, now));
        w.rebuild();
    }
    assert!(hidden(&w) < before);
    let last = answer(&w, true);
    let mut resolver = Resolver::new(w.rules(), &answer(&w, false), &last);
    while resolver.forward().is_some() {}
    assert_eq!(resolver.rows(), last);
}
