//! The cases that this link shares with clients in other languages; testkit/cases/README.md says how they read.

use super::*;
use serde_json::Value;

struct Case {
    name: String,
    needs_token: bool,
    jitter: f64,
    steps: Vec<(String, Vec<Value>)>,
}

fn cases() -> Vec<Case> {
    let text = include_str!("../../../../testkit/cases/link.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    let step = |step: &Value| {
        let (name, arguments) = step.as_array().unwrap().split_first().unwrap();
        (name.as_str().unwrap().to_owned(), arguments.to_vec())
    };
    let case = |case: &Value| Case {
        name: case["name"].as_str().unwrap().to_owned(),
        needs_token: case["needs_token"].as_bool().unwrap(),
        jitter: case["jitter"].as_f64().unwrap(),
        steps: case["steps"].as_array().unwrap().iter().map(step).collect(),
    };
    cases.iter().map(case).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

fn sub(value: &Value) -> SubId {
    SubId(number(value) as u32)
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect()
}

fn cursor(value: &Value) -> Cursor {
    value.as_str().unwrap().parse().unwrap()
}

fn followed(value: &Value) -> Subscription {
    match value.as_str() {
        Some("all") => Subscription::items_all(),
        Some("box") => Subscription::items_bbox([0.0, 0.0, 5.0, 5.0]).unwrap(),
        Some(other) => panic!("{other} can't be followed"),
        None => Subscription::items_keys(keys(value).into_iter().map(str::to_owned).collect()),
    }
}

/// The items of the cases, and the numbers of some of them: a key has the same number in every message.
fn some(keys: &[&str]) -> (Items, Vec<ItemId>) {
    let items = items(&["a", "b", "c", "d", "z"]);
    let mut ids: Vec<ItemId> = keys.iter().map(|key| items.find(key).unwrap()).collect();
    ids.sort_unstable();
    (items, ids)
}

/// A delta from here to there.
fn from_to(from: &Value, to: &Value) -> (u64, u64) {
    let (from, to) = (cursor(from), cursor(to));
    assert_eq!((from.epoch, to.epoch), (EPOCH, EPOCH));
    (from.seq, to.seq)
}

impl Phone {
    /// What it said since the last time, in the words of the cases.
    fn words(&mut self) -> Vec<String> {
        self.said().into_iter().map(|word| word.replace("open heliograph.v1.bin", "open")).collect()
    }

    fn step(&mut self, name: &str, a: &[Value]) {
        let input = match name {
            "start" => Input::Start,
            "opened" => Input::SocketOpened,
            "probe" => Input::Probe,
            "offline" => Input::Offline,
            "stop" => Input::Stop,
            "pong" => Input::Text("pong".into()),
            "subscribe" => Input::Subscribe(sub(&a[0]), followed(&a[1])),
            "unsubscribe" => Input::Unsubscribe(sub(&a[0])),
            "closed" => Input::SocketClosed { code: number(&a[0]) as u16 },
            "snapshot" => {
                let flags = match a.get(3).and_then(Value::as_str) {
                    None => 3,
                    Some("first") => 1,
                    Some("middle") => 0,
                    Some("last") => 2,
                    Some("unasked") => 7,
                    Some(other) => panic!("{other} is no part of a snapshot"),
                };
                let (items, ids) = some(&keys(&a[2]));
                Input::Binary(part_of(number(&a[0]) as u32, cursor(&a[1]), flags, &items, &ids))
            }
            "delta" => {
                let ((from, to), (items, ids)) = (from_to(&a[1], &a[2]), some(&keys(&a[3])));
                Input::Binary(delta_of(number(&a[0]) as u32, from, to, &items, &ids))
            }
            "many" => {
                let keys: Vec<String> = (0..number(&a[3])).map(|i| format!("a key of some length {i}")).collect();
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                let (from, to) = from_to(&a[1], &a[2]);
                Input::Binary(delta(number(&a[0]) as u32, from, to, &keys))
            }
            "resumed" => {
                let at = cursor(&a[1]);
                Input::Binary(resumed(number(&a[0]) as u32, at.epoch.0, at.seq))
            }
            "gap" => Input::Binary(gap(number(&a[0]) as u32, cursor(&a[1]))),
            "refused" => Input::Binary(refusal(number(&a[0]) as u32)),
            "status" => Input::Binary(status(self.now.plus(number(&a[0])))),
            "damaged" => Input::Binary(vec![1, 2, 255]),
            "token" => token(a[0].as_str().unwrap(), self.now.plus(number(&a[1]))),
            "denied" => Input::Token(Err(TokenFailure::Denied("gone".into()))),
            "unreachable" => Input::Token(Err(TokenFailure::Unreachable)),
            other => return self.look(other, a),
        };
        self.input(input);
    }

    /// Steps that are about time, or look at what is there.
    fn look(&mut self, name: &str, a: &[Value]) {
        match name {
            "wait" => drop(self.wait(number(&a[0]))),
            "run" => drop(self.run(number(&a[0]))),
            "forget" => self.out.clear(),
            "said" => {
                self.rights = rights(&self.out).or(self.rights);
                assert_eq!(self.words(), a.iter().map(text).collect::<Vec<_>>());
            }
            "has" => {
                let mut has: Vec<&str> =
                    self.link.replica(sub(&a[0])).unwrap().items().map(|(_, i)| i.key.as_str()).collect();
                has.sort_unstable();
                assert_eq!(has, keys(&a[1]));
            }
            "gaps" => assert_eq!(i64::from(self.link.gaps()), number(&a[0])),
            "rights" => assert_eq!(self.rights.map(i64::from), Some(number(&a[0]))),
            "clock" => assert_eq!(self.link.server_time(self.now).since(self.now), number(&a[0])),
            other => panic!("a step that is not known: {other}"),
        }
    }
}

/// The rights in the last subscribe.
fn rights(out: &[Output]) -> Option<u32> {
    out.iter().rev().find_map(|o| {
        let Output::Send(bytes) = o else { return None };
        let Ok(ClientMessage::Subscribe { rights, .. }) = ClientMessage::from_binary(bytes) else { return None };
        rights
    })
}

#[test]
fn every_case_that_is_shared_with_other_clients_holds() {
    let cases = cases();
    assert!(cases.len() > 40);
    for case in cases {
        let mut phone = Phone::new(case.needs_token);
        phone.jitter = case.jitter;
        for (i, (name, arguments)) in case.steps.iter().enumerate() {
            let step = std::panic::AssertUnwindSafe(|| phone.step(name, arguments));
            let held = std::panic::catch_unwind(step).is_ok();
            assert!(held, "{}: step {i}, {name} {arguments:?}", case.name);
        }
    }
}
