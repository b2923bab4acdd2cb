//! The cells of a contest's board against a recount of who handed in what.

use crate::world::World;
use heliograph_shared::event::Event;
use heliograph_shared::scores::TaskCell;
use heliograph_shared::scores::book::Scope;
use heliograph_shared::scores::channel::Channel;
use heliograph_shared::scores::keeper::Correction;
use heliograph_shared::scores::points::Points;
use heliograph_shared::scores::rule::ScoreRules;
use heliograph_shared::scores::session::{Schedule, SessionAction};
use heliograph_shared::time::Millis;
use heliograph_shared::value::Value;
use heliograph_testkit::dice::Dice;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const TASKS: [&str; 4] = ["A", "B", "C", "D"];
const TEAMS: usize = 6;

fn rules(counts_hidden: bool) -> ScoreRules {
    let tasks: Vec<_> = TASKS.iter().map(|id| json!({ "id": id })).collect();
    serde_json::from_value(json!({
        "columns": [{"name": "solved", "op": "solved"}, {"name": "penalty", "op": "penalty", "direction": "asc"}],
        "filter": [{"field": "submission", "exists": true}],
        "everyone": true, "ties": "shared", "entry": "submission",
        "attempts": {
            "per": "problem", "right": [{"field": "verdict", "equals": "AC"}],
            "wrong": [{"field": "verdict", "in": ["WA", "TLE"]}], "minutes": "minute", "wrong_minutes": 20,
            "pending": [{"field": "verdict", "exists": false}], "counts_hidden": counts_hidden, "tasks": tasks,
        },
    }))
    .unwrap()
}

/// A submission with its latest verdict.
#[derive(Clone, Debug)]
struct Said {
    team: usize,
    task: usize,
    time: Millis,
    minute: i64,
    verdict: Option<&'static str>,
    seq: u64,
}

/// What was said, by submission, and what the public may know of it.
#[derive(Default)]
struct Contest {
    all: BTreeMap<u32, Said>,
    frozen: Option<Millis>,
    revealed: BTreeSet<usize>,
    out: BTreeSet<usize>,
}

impl Contest {
    fn is_hidden(&self, said: &Said) -> bool {
        self.frozen.is_some_and(|at| said.time >= at) && !self.revealed.contains(&said.team)
    }

    fn cell(&self, team: usize, task: usize, live: bool, counts_hidden: bool) -> TaskCell {
        let mut own: Vec<&Said> = self.all.values().filter(|s| s.team == team && s.task == task).collect();
        own.sort_by_key(|s| (s.time, s.seq));
        let mut cell = TaskCell::default();
        for said in own {
            if !live && self.is_hidden(said) {
                cell.pending += u32::from(counts_hidden && cell.minute.is_none());
                continue;
            }
            match said.verdict {
                _ if cell.minute.is_some() => {}
                None => cell.pending += 1,
                Some("AC") => {
                    let minute = Some(Points::whole(said.minute));
                    cell = TaskCell { tries: cell.tries + 1, minute, pending: 0 };
                }
                Some("WA" | "TLE") => cell.tries += 1,
                Some(_) => {}
            }
        }
        cell
    }

    fn first(&self, task: usize, live: bool) -> Option<usize> {
        let right = self.all.values().filter(|s| s.task == task && s.verdict == Some("AC"));
        let seen = right.filter(|s| !self.out.contains(&s.team) && (live || !self.is_hidden(s)));
        seen.min_by_key(|s| (s.time, s.seq)).map(|s| s.team)
    }
}

fn event(id: u32, said: &Said) -> Event {
    let text = |t: &str| Some(Value::Text(t.to_owned()));
    let mut fields = vec![
        ("submission".to_owned(), text(&id.to_string())),
        ("problem".to_owned(), text(TASKS[said.task])),
        ("minute".to_owned(), Some(Value::Number(said.minute as f64))),
    ];
    fields.extend(said.verdict.map(|v| ("verdict".to_owned(), text(v))));
    Event { id: None, key: format!("t{}", said.team), time: said.time, position: None, fields }
}

fn check(w: &World, contest: &Contest, counts_hidden: bool, context: &str) {
    for keeper in [&w.keeper, &w.reborn(), &w.restored().0] {
        let board = keeper.board().unwrap();
        for live in [true, false] {
            for team in 0..TEAMS {
                let key = format!("t{team}");
                if board.ranked(&Scope::ALL, live).is_none_or(|r| r.ranking.find(&key).is_none()) {
                    continue;
                }
                let expected: Vec<TaskCell> =
                    (0..TASKS.len()).map(|task| contest.cell(team, task, live, counts_hidden)).collect();
                assert_eq!(board.cells(&Scope::ALL, &key, live), expected, "{context}: {key}, live {live}");
            }
            let channel = Channel { session: Some("all".into()), live, cells: true, ..Channel::default() };
            let about = keeper.about(&channel, w.cursor());
            for (task, id) in TASKS.iter().enumerate() {
                let expected = contest.first(task, live).map(|team| format!("t{team}"));
                let told = &about["tasks"][task];
                assert_eq!(
                    (told["id"].as_str(), told["first"].as_str()),
                    (Some(*id), expected.as_deref()),
                    "{context}"
                );
            }
        }
    }
}

fn run(seed: u64) {
    let mut dice = Dice::new(seed);
    let counts_hidden = dice.chance(60);
    let mut w = World::new(rules(counts_hidden), seed);
    w.ends = false;
    let mut contest = Contest::default();
    let session = w.create(Schedule::default());
    let start = w.now;
    assert!(w.act(&session, SessionAction::Open, start));
    for step in 0..120 {
        w.wait(20_000);
        let (now, seq) = (w.now, w.log.len() as u64 + 1);
        let verdict = *dice.pick(&[None, Some("AC"), Some("WA"), Some("WA"), Some("TLE"), Some("CE")]);
        match dice.below(10) {
            0..=5 => {
                let (team, task) = (dice.below(TEAMS), dice.below(TASKS.len()));
                let said = Said { team, task, time: now, minute: now.since(start) / 60_000, verdict, seq };
                w.events(&[event(step, &said)]);
                contest.all.insert(step, said);
            }
            6 | 7 if !contest.all.is_empty() => {
                // Judged, or judged again.
                let ids: Vec<u32> = contest.all.keys().copied().collect();
                let id = *dice.pick(&ids);
                let said = Said { verdict, seq, ..contest.all[&id].clone() };
                w.events(&[event(id, &said)]);
                contest.all.insert(id, said);
            }
            8 => {
                let (team, reason) = (dice.below(TEAMS), "because".to_owned());
                let key = format!("t{team}");
                if contest.out.contains(&team) {
                    assert!(w.correct(Correction::Restore { key, reason }));
                    contest.out.remove(&team);
                } else if w.correct(Correction::Disqualify { key, reason }) {
                    contest.out.insert(team);
                }
            }
            _ => w.checkpoint(),
        }
        if step == 60 {
            w.wait(1_000);
            let now = w.now;
            assert!(w.act(&session, SessionAction::Freeze, now));
            contest.frozen = Some(now);
        }
        if step == 90 {
            w.wait(1_000);
            let now = w.now;
            assert!(w.act(&session, SessionAction::Close, now));
        }
        if step > 95 && contest.frozen.is_some() && dice.chance(40) {
            let next = w.keeper.board().unwrap().next_to_reveal();
            let now = w.now;
            assert!(w.act(&session, SessionAction::RevealStep, now));
            match next {
                Some(key) => {
                    let team: usize = key[1..].parse().unwrap();
                    contest.revealed.insert(team);
                    if dice.chance(20) {
                        assert!(w.act(&session, SessionAction::RevealBack, now));
                        contest.revealed.remove(&team);
                    }
                }
                None => contest.frozen = None,
            }
        }
        w.rebuild();
        if step % 4 == 0 || step > 90 {
            check(&w, &contest, counts_hidden, &format!("seed {seed}, step {step}"));
        }
    }
}

#[test]
fn cells_and_firsts_are_those_of_a_recount_frozen_judged_again_and_revealed() {
    (0..12).for_each(run);
}

#[test]
fn a_count_of_hidden_attempts_tells_nothing_of_their_verdicts() {
    for (counts, pending) in [(true, 2), (false, 0)] {
        for verdicts in [["AC", "AC"], ["WA", "CE"], ["CE", "CE"], ["TLE", "AC"]] {
            let mut w = World::new(rules(counts), 2);
            let session = w.create(Schedule::default());
            let said = |time, verdict, seq| Said { team: 0, task: 0, time, minute: 1, verdict: Some(verdict), seq };
            let now = w.now;
            w.act(&session, SessionAction::Open, now);
            w.wait(1_000);
            w.events(&[event(1, &said(w.now, "WA", 1))]);
            w.wait(1_000);
            let frozen = w.now;
            w.act(&session, SessionAction::Freeze, frozen);
            for (i, verdict) in verdicts.into_iter().enumerate() {
                w.wait(1_000);
                w.events(&[event(2 + i as u32, &said(w.now, verdict, 0))]);
            }
            let cells = w.keeper.board().unwrap().cells(&Scope::ALL, "t0", false);
            assert_eq!(cells[0], TaskCell { tries: 1, minute: None, pending }, "{verdicts:?}");
            assert_eq!(cells[1..], [TaskCell::default(); 3]);
        }
    }
}
