//! Random rules, events and managers.

use crate::world::World;
use heliograph_shared::event::Event;
use heliograph_shared::scores::control::{Action, Control};
use heliograph_shared::scores::direction::Direction;
use heliograph_shared::scores::keeper::Correction;
use heliograph_shared::scores::rule::{
    Attempts, CalendarPeriod, ColumnRule, Condition, Operator, ScoreRules, TaskRule, Ties, TimeWindow,
};
use heliograph_shared::scores::session::{Schedule, SessionAction};
use heliograph_shared::time::Millis;
use heliograph_shared::value::Value;
use heliograph_testkit::dice::Dice;

const OPERATORS: [Operator; 10] = [
    Operator::Sum,
    Operator::Count,
    Operator::Best,
    Operator::Min,
    Operator::Last,
    Operator::Avg,
    Operator::Set,
    Operator::Solved,
    Operator::Penalty,
    Operator::LastSolved,
];

fn equals(field: &str, value: Value) -> Condition {
    Condition { field: field.into(), equals: Some(value), ..Condition::default() }
}

fn column(dice: &mut Dice, i: usize) -> ColumnRule {
    let op = *dice.pick(&OPERATORS);
    let of = Some(dice.pick(&["a", "b"]).to_string());
    let (field, value) = match op {
        Operator::Solved | Operator::Penalty | Operator::LastSolved => (None, None),
        Operator::Count => (of.filter(|_| dice.chance(50)), None),
        Operator::Sum if dice.chance(30) => (None, Some(2.5)),
        _ => (of, None),
    };
    let direction = *dice.pick(&[Direction::Desc, Direction::Desc, Direction::Asc]);
    ColumnRule { name: format!("c{i}"), op, field, value, direction, label: None, unit: None }
}

fn condition(dice: &mut Dice) -> Condition {
    let c = Condition { field: "b".into(), ..Condition::default() };
    let some = |n: usize| Value::Number(n as f64);
    match dice.below(6) {
        0 => equals("b", some(1)),
        1 => Condition { one_of: Some(vec![some(0), some(1), Value::Text("x".into())]), ..c },
        2 => Condition { not: Some(some(1)), ..c },
        3 => Condition { at_least: Some(0.5), ..c },
        4 => Condition { at_most: Some(1.0), ..c },
        _ => Condition { exists: Some(dice.chance(70)), ..c },
    }
}

pub fn rules(dice: &mut Dice) -> ScoreRules {
    let n = 1 + dice.below(3);
    let columns: Vec<ColumnRule> = (0..n).map(|i| column(dice, i)).collect();
    let judged = columns.iter().any(|c| matches!(c.op, Operator::Solved | Operator::Penalty | Operator::LastSolved));
    let attempts = (judged || dice.chance(10)).then(|| Attempts {
        per: "task".into(),
        right: vec![equals("ok", Value::Bool(true))],
        wrong: if dice.chance(50) { vec![Condition { exists: Some(true), ..equals_none("ok") }] } else { Vec::new() },
        minutes: dice.chance(70).then(|| "a".into()),
        wrong_minutes: *dice.pick(&[0.0, 20.0]),
        pending: vec![Condition { exists: Some(false), ..equals_none("ok") }],
        counts_hidden: dice.chance(50),
        tasks: ["A", "B"].map(task).into_iter().take(dice.below(3)).collect(),
    });
    let period = *dice.pick(&[CalendarPeriod::Day, CalendarPeriod::Week, CalendarPeriod::Month]);
    let window = match dice.below(6) {
        0 => TimeWindow::Rolling { seconds: *dice.pick(&[60, 3_600, 86_400]) },
        1 | 2 => TimeWindow::Calendar {
            period,
            zone: dice.pick(&["Europe/Berlin", "America/New_York", "Asia/Kolkata"]).to_string(),
        },
        _ => TimeWindow::All,
    };
    ScoreRules {
        columns,
        filter: if dice.chance(40) { vec![condition(dice)] } else { Vec::new() },
        ties: *dice.pick(&[Ties::FirstToReach, Ties::Shared, Ties::Dense]),
        window,
        groups: ["g", "h"].iter().take(dice.below(3)).map(|g| (*g).to_owned()).collect(),
        name: "name".into(),
        everyone: dice.chance(30),
        entry: dice.chance(30).then(|| "entry".into()),
        attempts,
    }
}

fn task(id: &str) -> TaskRule {
    TaskRule { id: Value::Text(id.into()), label: None, title: None, color: None }
}

fn equals_none(field: &str) -> Condition {
    Condition { field: field.into(), ..Condition::default() }
}

pub fn event(dice: &mut Dice, now: Millis) -> Event {
    let mut fields: Vec<(String, Option<Value>)> = Vec::new();
    let small = |dice: &mut Dice| match dice.below(12) {
        0 => None,
        1 => Some(Value::Text(dice.pick(&["x", "y"]).to_string())),
        2 => Some(Value::Bool(dice.chance(50))),
        3 => Some(Value::Number(0.1)),
        4 => Some(Value::Number(-2.0)),
        _ => Some(Value::Number(dice.below(4) as f64)),
    };
    for name in ["a", "b"] {
        if dice.chance(80) {
            fields.push((name.into(), small(dice)));
        }
    }
    let word = |dice: &mut Dice, list: &[&str]| Some(Value::Text(dice.pick(list).to_string()));
    for (name, percent, words) in [
        ("g", 30, &["DE", "FR", ""][..]),
        ("h", 20, &["one", "two"][..]),
        ("name", 20, &["Ann", "Bob", "Cy"][..]),
        ("entry", 60, &["e1", "e2", "e3", "e4"][..]),
        ("task", 70, &["A", "B", "C"][..]),
    ] {
        if dice.chance(percent) {
            fields.push((name.into(), word(dice, words)));
        }
    }
    if dice.chance(60) {
        fields.push(("ok".into(), Some(Value::Bool(dice.chance(50)))));
    }
    let late = match dice.below(12) {
        0 => 90_000_000,
        1 => 3_600_000,
        2 | 3 => 60_000,
        _ => 0,
    };
    // Few different times, so that some are equal; some are ahead of the clock.
    let time = now.plus(dice.below(5) as i64 * 500 - 1_500 - late);
    Event { id: None, key: format!("k{}", dice.below(8)), time, position: None, fields }
}

/// A manager does something; much of it is refused.
pub fn manage(w: &mut World) {
    let session = format!("s{}", 1 + w.dice.below(w.made.max(1) as usize));
    let key = format!("k{}", w.dice.below(8));
    let reason = "because".to_owned();
    let back = if w.dice.chance(20) { w.dice.below(120_000) as i64 } else { 0 };
    let at = w.now.plus(-back);
    if w.ends && w.dice.chance(15) {
        let keys = if w.dice.chance(50) { vec![key] } else { vec![key, format!("k{}", w.dice.below(8))] };
        w.control(&Control { at: w.now, by: "test".into(), what: Action::EndItems { keys } });
        return;
    }
    match w.dice.below(14) {
        0 if w.made < 5 => {
            let plan = |w: &mut World| w.dice.chance(40).then(|| w.now.plus(w.dice.below(90_000) as i64));
            let (opens_at, closes_at) = (plan(w), plan(w));
            let schedule = Schedule { opens_at, freezes_at: None, closes_at };
            let schedule = if schedule.check().is_ok() { schedule } else { Schedule::default() };
            w.create(schedule);
        }
        0..=5 => {
            let action = *w.dice.pick(&[
                SessionAction::Open,
                SessionAction::Open,
                SessionAction::Freeze,
                SessionAction::Freeze,
                SessionAction::Close,
                SessionAction::Reveal,
                SessionAction::RevealStep,
                SessionAction::RevealBack,
                SessionAction::RevealStep,
                SessionAction::Reopen,
                SessionAction::Schedule,
            ]);
            w.act(&session, action, at);
        }
        6..=8 => {
            let seq = 1 + w.dice.below(w.log.len()) as u64;
            w.correct(Correction::Undo { seq, reason });
        }
        9..=11 => {
            let column = format!("c{}", w.dice.below(3));
            let by = *w.dice.pick(&[1.0, -1.0, 0.5]);
            let session = w.dice.chance(30).then_some(session);
            w.correct(Correction::Adjust { key, column, by, reason, session });
        }
        12 => drop(w.correct(Correction::Disqualify { key, reason })),
        _ => drop(w.correct(Correction::Restore { key, reason })),
    }
}
