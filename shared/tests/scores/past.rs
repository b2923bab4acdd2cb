//! Standings as they were are what they were.

use crate::chance;
use crate::world::{Row, START, World};
use crate::zones::Iana;
use heliograph_shared::cursor::{Cursor, Epoch};
use heliograph_shared::past::At;
use heliograph_shared::projection::{Entry, LoggedRow};
use heliograph_shared::scores::keeper::Keeper;
use heliograph_shared::scores::query::ScoresQuery;
use heliograph_shared::scores::session::{Schedule, SessionAction};
use heliograph_shared::time::Millis;
use heliograph_testkit::dice::Dice;
use serde_json::Value;

fn rows(keeper: &Keeper, live: bool, cursor: Cursor) -> Value {
    let query = ScoresQuery::parse([("top", "1000"), ("session", "all")].into_iter()).unwrap();
    let page: Value = serde_json::from_slice(&keeper.scores(&query, live, cursor).unwrap()).unwrap();
    page["rows"].clone()
}

/// Events come, or a manager does something, and time passes.
fn act(w: &mut World, managers: bool) {
    if managers && w.dice.chance(35) {
        chance::manage(w);
        w.rebuild();
    } else {
        let now = w.now;
        let events: Vec<_> = (0..=w.dice.below(3)).map(|_| chance::event(&mut w.dice, now)).collect();
        w.events(&events);
    }
    let wait = w.dice.below(30_000) as i64;
    w.wait(wait);
    w.rebuild();
}

fn then(w: &World, at: At, now: Millis, live: bool) -> Keeper {
    let mut past = w.keeper.past(at, now, live, &Iana);
    for (first, bytes) in &w.rows {
        let last = Entry::decode(*first, START, bytes).unwrap().last;
        past.row(LoggedRow { first: *first, last, at: START, bytes }).unwrap();
    }
    past.finish()
}

#[test]
fn standings_as_of_a_cursor_are_those_that_were_told_then() {
    for seed in 0..30 {
        let mut dice = Dice::new(seed);
        let mut w = World::new(chance::rules(&mut dice), seed);
        w.ends = false;
        let mut told = Vec::new();
        for _ in 0..60 {
            act(&mut w, true);
            if w.dice.chance(20) {
                told.push((w.cursor(), w.now, rows(&w.keeper, true, w.cursor()), rows(&w.keeper, false, w.cursor())));
            }
        }
        for (cursor, now, live, public) in told {
            assert_eq!(rows(&then(&w, At::Cursor(cursor), now, true), true, cursor), live, "seed {seed} {cursor}");
            if w.keeper.timeline().frozen_at().is_none() {
                assert_eq!(
                    rows(&then(&w, At::Cursor(cursor), now, false), false, cursor),
                    public,
                    "seed {seed} {cursor}"
                );
            }
        }
    }
}

#[test]
fn standings_as_of_a_time_count_what_came_late_and_nothing_later() {
    for seed in 0..30 {
        let mut dice = Dice::new(seed);
        let mut w = World::new(chance::rules(&mut dice), seed);
        w.ends = false;
        (0..60).for_each(|_| act(&mut w, false));
        let until = w.now.plus(-(w.dice.below(600_000) as i64));
        let mut plain = World::new(w.rules().clone(), seed);
        let early = w.log.iter().filter_map(|entry| match &entry.row {
            Row::Event(event) if event.time <= until => Some(event.clone()),
            Row::Event(_) | Row::Control(_) => None,
        });
        plain.now = until;
        early.for_each(|event| plain.events(std::slice::from_ref(&event)));
        let cursor = Cursor { epoch: Epoch(1), seq: 1 };
        let made = rows(&then(&w, At::Time(until), until, true), true, cursor);
        let plain = then(&plain, At::Cursor(plain.cursor()), until, true);
        assert_eq!(made, rows(&plain, true, cursor), "seed {seed}");
    }
}

#[test]
fn what_a_freeze_hides_is_in_no_past_but_for_managers() {
    let rules = serde_json::from_str(r#"{"columns":[{"name":"n","op":"sum","field":"n"}]}"#).unwrap();
    let mut w = World::new(rules, 1);
    let event = |key: &str, after: i64| heliograph_shared::event::Event {
        id: None,
        key: key.to_owned(),
        time: START.plus(after),
        position: None,
        fields: vec![("n".to_owned(), Some(heliograph_shared::value::Value::Number(1.0)))],
    };
    let id = w.create(Schedule::default());
    assert!(w.act(&id, SessionAction::Open, START));
    w.wait(10_000);
    w.events(&[event("a", 1_000), event("a", 6_000), event("b", 7_000)]);
    let before = w.cursor();
    w.wait(1_000);
    assert!(w.act(&id, SessionAction::Freeze, START.plus(5_000)));
    let keys = |w: &World, at, live| {
        let all = rows(&then(w, at, w.now, live), live, w.cursor());
        all.as_array()
            .unwrap()
            .iter()
            .map(|row| (row["key"].to_string(), row["values"][0].as_f64()))
            .collect::<Vec<_>>()
    };
    for at in [At::Cursor(before), At::Time(START.plus(8_000))] {
        assert_eq!(keys(&w, at, true).len(), 2);
        assert_eq!(keys(&w, at, false), [("\"a\"".to_owned(), Some(1.0))], "{at:?}");
    }
    assert!(w.act(&id, SessionAction::Reveal, w.now));
    // As of the freeze the public goes on to see what it saw.
    assert_eq!(keys(&w, At::Time(START.plus(8_000)), false).len(), 1);
    assert_eq!(keys(&w, At::Time(w.now), false).len(), 2);
}
