//! A later export of a contest whose events a board has already: what must be said again, or taken back, so that the
//! board ends as a fresh one would.
//!
//! Ids end with a hash of what an event says. An event that was said before is a repetition to the board, even where
//! something else was said in between: then it is said again, under an id of its own.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::replay::rows::Row;

/// Which thing an event is about: a key, and a submission of it or else the team itself.
type Subject = (String, Option<String>);

/// What a board was told of a contest.
#[derive(Debug, Default)]
pub struct OnBoard {
    ids: HashSet<String>,
    latest: BTreeMap<Subject, Value>,
}

impl OnBoard {
    /// Takes an event of the board's log, in the log's order. Events that are not of the contest say nothing.
    pub fn add(&mut self, contest: &str, event: Value) {
        let id = event.get("id").and_then(Value::as_str).map(str::to_owned);
        let Some(id) = id.filter(|id| id.strip_prefix(contest).is_some_and(|rest| rest.starts_with(':'))) else {
            return;
        };
        self.latest.insert(subject(&event), event);
        self.ids.insert(id);
    }

    fn fresh(&self, id: &str) -> String {
        let ids = (1..).map(|number| format!("{id}+{number}"));
        ids.into_iter().find(|id| !self.ids.contains(id)).unwrap_or_default()
    }
}

fn subject(event: &Value) -> Subject {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let submission = text(event.get("fields").and_then(|fields| fields.get("submission")));
    (text(event.get("key")).unwrap_or_default(), submission)
}

/// The hash at an id's end.
fn content(id: &str) -> &str {
    let last = id.rsplit(':').next().unwrap_or(id);
    last.split('+').next().unwrap_or(last)
}

/// Adds rows at the end so that the board is told what holds now.
pub fn amend(contest: &str, rows: &mut Vec<Row>, board: &OnBoard) {
    if board.ids.is_empty() {
        return;
    }
    let mut told: HashMap<Subject, String> = board
        .latest
        .iter()
        .filter_map(|(subject, event)| Some((subject.clone(), event.get("id")?.as_str()?.to_owned())))
        .collect();
    let mut last: BTreeMap<Subject, Row> = BTreeMap::new();
    let mut out = Vec::new();
    for row in rows.iter() {
        row.write_event(row.time, "", &mut out);
        let Ok(event) = serde_json::from_slice::<Value>(&out) else { continue };
        let subject = subject(&event);
        if let Some(id) = row.id().filter(|id| !board.ids.contains(*id)) {
            told.insert(subject.clone(), id.to_owned());
        }
        last.insert(subject, row.clone());
    }
    let end = rows.last().map_or(0, |row| row.known);
    let mut more = Vec::new();
    for (subject, row) in &last {
        let Some(id) = row.id() else { continue };
        if told.get(subject).is_none_or(|told| content(told) != content(id)) {
            let mut again = row.with_id(board.fresh(id));
            again.known = end;
            more.push(again);
        }
    }
    for (subject, event) in &board.latest {
        // A submission that is gone, or another team's now. A team that is gone stays an item.
        let Some(submission) = subject.1.as_ref().filter(|_| !last.contains_key(subject)) else { continue };
        let part = |name: &str| event.get("fields").and_then(|fields| fields.get(name)).cloned().unwrap_or_default();
        if part("verdict") == "" {
            continue;
        }
        let time = event.get("time").and_then(Value::as_i64).unwrap_or(end);
        let fields = json!({"submission": submission, "problem": part("problem"), "verdict": "", "solved": false, "penalty": false,
            "minute": part("minute")});
        let id = board.fresh(&format!("{contest}:{submission}:void"));
        more.push(Row::new(0, time, end, Arc::from(subject.0.as_str()), Some(id), format!(",\"fields\":{fields}")));
    }
    rows.extend(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A feed's rows: key, submission, verdict.
    fn rows(list: &[(&str, &str, &str)]) -> Vec<Row> {
        let mut events: HashMap<&str, u32> = HashMap::new();
        list.iter()
            .map(|(key, submission, verdict)| {
                let n = events.entry(submission).or_default();
                *n += 1;
                let id = format!("c:j{submission}:{n}:{verdict}:{key}{verdict}");
                let fields = json!({"submission": submission, "problem": "A", "verdict": verdict});
                Row::new(1, 5, 6, Arc::from(*key), Some(id), format!(",\"fields\":{fields}"))
            })
            .collect()
    }

    /// A board that knows events by their ids; it shows the latest of each key and submission.
    #[derive(Default)]
    struct Board {
        log: Vec<Value>,
    }

    impl Board {
        fn replay(&mut self, list: &[(&str, &str, &str)]) -> usize {
            let mut known = OnBoard::default();
            self.log.iter().for_each(|event| known.add("c", event.clone()));
            let mut rows = rows(list);
            amend("c", &mut rows, &known);
            let before = self.log.len();
            let mut out = Vec::new();
            for row in rows {
                row.write_event(row.time, "", &mut out);
                let event: Value = serde_json::from_slice(&out).unwrap();
                if self.log.iter().all(|known| known["id"] != event["id"]) {
                    self.log.push(event);
                }
            }
            self.log.len() - before
        }

        fn shows(&self) -> BTreeMap<Subject, String> {
            let latest: BTreeMap<Subject, String> = self
                .log
                .iter()
                .map(|event| (subject(event), event["fields"]["verdict"].as_str().unwrap().to_owned()))
                .collect();
            latest.into_iter().filter(|(_, verdict)| !verdict.is_empty()).collect()
        }
    }

    #[test]
    fn whatever_was_exported_before_the_board_ends_as_a_fresh_one() {
        let exports: [&[(&str, &str, &str)]; 6] = [
            &[("t1", "1", "WA")],
            &[("t1", "1", "AC")],
            &[("t2", "1", "AC")],
            &[("t1", "1", "WA"), ("t1", "1", "AC")],
            &[("t1", "1", "AC"), ("t1", "1", "WA"), ("t2", "2", "CE")],
            &[("t2", "2", "AC")],
        ];
        for a in exports {
            for b in exports {
                for c in exports {
                    let (mut board, mut fresh) = (Board::default(), Board::default());
                    for export in [a, b, c, b, a] {
                        board.replay(export);
                    }
                    fresh.replay(a);
                    assert_eq!(board.shows(), fresh.shows(), "{a:?} {b:?} {c:?}");
                    assert_eq!(board.replay(a), 0, "what holds already is not said again: {a:?}");
                }
            }
        }
    }

    #[test]
    fn events_of_others_are_left_alone() {
        let mut known = OnBoard::default();
        known.add("c", json!({"id": "d:1:1:WA:x", "key": "t1", "fields": {"submission": "1", "verdict": "WA"}}));
        known.add("c", json!({"key": "t1", "fields": {"submission": "2", "verdict": "WA"}}));
        let mut list = rows(&[("t1", "3", "AC")]);
        amend("c", &mut list, &known);
        assert_eq!(list.len(), 1);
    }
}
