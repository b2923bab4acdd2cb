//! Subscriptions that begin with what was.

use super::*;
use crate::rewind::{Refusal, Rewind, RewindAsk, Rewound, Told};
use crate::rights::{Conditions, Grant, Operation, Rights};
use crate::views::events::EventView;
use proptest::prelude::*;
use serde_json::json;

/// A room whose board has a log.
struct Taping {
    room: Room,
    log: Vec<(Seq, Event)>,
    /// Pushes that are on their way.
    pushes: Vec<Vec<u8>>,
}

impl Taping {
    fn new() -> Self {
        Self { room: Room::new(), log: Vec::new(), pushes: Vec::new() }
    }

    fn accept(&mut self, events: &[Event]) {
        let first = self.room.seq + 1;
        let push = self.room.accept(events);
        self.log.extend((first..).zip(events.iter().cloned()));
        self.pushes.push(push);
    }

    fn deliver(&mut self) {
        for push in std::mem::take(&mut self.pushes) {
            assert_eq!(self.room.deliver(&push), Pushed::Applied);
        }
    }

    /// The board takes an event, and the relay hears of it.
    fn happens(&mut self, key: &str, n: i64) {
        self.accept(&[event(key, n, 1.0, &[("n", n as f64)])]);
        self.deliver();
    }

    fn json(&mut self, viewer: u32, access: Access) -> ViewerId {
        let id = self.room.connect_as(viewer, Mode::Json, access);
        self.room.told(id);
        id
    }

    fn rewind(&mut self, viewer: ViewerId, sub: u32, subscription: Subscription, rewind: Rewind) {
        let (id, rewind) = (SubId(sub), Some(rewind));
        self.room.say(viewer, ClientMessage::Subscribe { id, subscription, resume: None, rights: None, rewind });
    }

    /// What the board has been asked since the last time.
    fn asked(&mut self) -> Vec<RewindCall> {
        let mut calls = Vec::new();
        self.room.out.retain(|o| {
            if let Output::Rewind(call) = o {
                calls.push(call.clone());
            }
            !matches!(o, Output::Rewind(_))
        });
        calls
    }

    /// What the board answers now.
    fn board(&self, ask: &RewindAsk) -> Rewound {
        let Rewind::Events(n) = ask.rewind else { panic!("{ask:?}") };
        let of = |key: &String| ask.keys.as_ref().is_none_or(|keys| keys.contains(key)) && ask.read.allows(key);
        let all: Vec<&(Seq, Event)> = self.log.iter().filter(|(_, event)| of(&event.key)).collect();
        let last = &all[all.len().saturating_sub(n as usize)..];
        let from = if all.len() > n as usize { last[0].0 - 1 } else { 0 };
        let events = last.iter().map(|(seq, event)| EventView::new(*seq, event.clone())).collect();
        Rewound::Told(Told { cursor: Cursor { epoch: EPOCH, seq: self.room.seq }, from, events })
    }

    fn answer(&mut self, call: &RewindCall, answer: Option<&Rewound>) {
        let Room { relay, now, net, out, .. } = &mut self.room;
        relay.rewound(*now, call, answer, net, out);
    }

    /// The board answers everything at once.
    fn answer_all(&mut self) {
        for call in self.asked() {
            let answer = self.board(&call.ask);
            self.answer(&call, Some(&answer));
        }
    }

    fn told(&mut self, viewer: ViewerId) -> Vec<serde_json::Value> {
        self.room.told(viewer).iter().filter_map(|text| serde_json::from_str(text).ok()).collect()
    }
}

fn kinds(told: &[serde_json::Value]) -> Vec<&str> {
    told.iter().map(|message| message["type"].as_str().unwrap()).collect()
}

fn seqs(message: &serde_json::Value) -> Vec<u64> {
    message["events"].as_array().unwrap().iter().map(|event| event["seq"].as_u64().unwrap()).collect()
}

#[test]
fn what_was_is_told_before_what_is_and_then_what_comes() {
    let mut r = Taping::new();
    (1..=5).for_each(|n| r.happens("a", n));
    let v = r.json(1, Access::public());
    r.rewind(v, 7, all(), Rewind::Events(3));
    assert_eq!(r.told(v), [] as [serde_json::Value; 0], "it waits for the board");
    assert!(!r.room.relay.is_settled());
    r.answer_all();
    let told = r.told(v);
    assert_eq!(kinds(&told), ["rewind", "snapshot"]);
    assert_eq!((&told[0]["id"], &told[0]["from"], &told[0]["cursor"]), (&json!(7), &json!("e1:2"), &json!("e1:5")));
    assert_eq!(seqs(&told[0]), [3, 4, 5]);
    assert_eq!(told[0]["events"][0]["cursor"], "e1:3");
    assert_eq!(told[0]["events"][0]["fields"]["n"].as_f64(), Some(3.0));
    assert_eq!(told[1]["cursor"], "e1:5");
    r.happens("a", 6);
    let told = r.told(v);
    let delta = told.iter().find(|message| message["type"] == "delta").unwrap();
    assert_eq!((&delta["from"], &delta["cursor"]), (&json!("e1:5"), &json!("e1:6")));
    assert!(r.room.relay.is_settled());
}

proptest! {
    #[test]
    fn between_what_was_and_what_comes_nothing_is_missing_and_nothing_comes_twice(
        steps in prop::collection::vec(0..5_u8, 1..40), n in 1..10_u32,
    ) {
        let mut r = Taping::new();
        r.happens("a", 1);
        let v = r.json(1, Access::public());
        r.rewind(v, 1, all(), Rewind::Events(n));
        let (mut calls, mut answers) = (r.asked(), Vec::new());
        for (i, step) in steps.into_iter().enumerate() {
            match step {
                0 | 1 => r.accept(&[event("a", 2 + i as i64, 1.0, &[])]),
                2 => r.deliver(),
                // The board answers, and the answer is on its way while events go on.
                3 => answers.extend(calls.drain(..).map(|call| (r.board(&call.ask), call))),
                _ => {
                    for (answer, call) in answers.drain(..) {
                        r.answer(&call, Some(&answer));
                    }
                }
            }
            calls.extend(r.asked());
        }
        r.deliver();
        // It is asked anew where the relay was ahead.
        for _ in 0..=limits::REWIND_TRIES {
            answers.extend(calls.drain(..).map(|call| (r.board(&call.ask), call)));
            for (answer, call) in answers.drain(..) {
                r.answer(&call, Some(&answer));
            }
            calls.extend(r.asked());
        }
        let told = r.told(v);
        let Some(at) = told.iter().position(|message| message["type"] == "rewind") else {
            // Events overtook each answer: nothing half is told.
            let error = told.iter().find(|message| message["type"] == "error");
            prop_assert_eq!(error.and_then(|error| error["code"].as_str()), Some("overloaded"));
            prop_assert!(told.iter().all(|message| message["type"] != "snapshot"));
            return Ok(());
        };
        let (rewind, snapshot) = (&told[at], &told[at + 1]);
        prop_assert_eq!(&snapshot["type"], "snapshot");
        prop_assert_eq!(&rewind["cursor"], &snapshot["cursor"]);
        let here: Cursor = rewind["cursor"].as_str().unwrap().parse().unwrap();
        let from: Cursor = rewind["from"].as_str().unwrap().parse().unwrap();
        // All between where it begins and where it ends, each once.
        prop_assert_eq!(seqs(rewind), (from.seq + 1..=here.seq).collect::<Vec<_>>());
        prop_assert!(here.seq - from.seq <= u64::from(n));
        // And what follows goes on there, up to the end.
        let mut reached = here.seq;
        for delta in told[at + 2..].iter().filter(|message| message["type"] == "delta") {
            let from: Cursor = delta["from"].as_str().unwrap().parse().unwrap();
            let to: Cursor = delta["cursor"].as_str().unwrap().parse().unwrap();
            prop_assert_eq!(from.seq, reached);
            reached = to.seq;
        }
        prop_assert_eq!(reached, r.room.seq);
    }
}

#[test]
fn those_who_ask_alike_share_a_question_and_each_is_answered_once() {
    let mut r = Taping::new();
    r.happens("a", 1);
    let viewers: Vec<ViewerId> = (1..=3).map(|i| r.json(i, Access::public())).collect();
    viewers.iter().for_each(|v| r.rewind(*v, 1, all(), Rewind::Events(3)));
    r.rewind(viewers[0], 2, keys(&["b"]), Rewind::Events(3));
    let calls = r.asked();
    assert_eq!(calls.len(), 2);
    for call in &calls {
        let answer = r.board(&call.ask);
        r.answer(call, Some(&answer));
        r.answer(call, Some(&answer));
    }
    assert_eq!(kinds(&r.told(viewers[0])), ["rewind", "snapshot", "rewind", "snapshot"]);
    for v in &viewers[1..] {
        assert_eq!(kinds(&r.told(*v)), ["rewind", "snapshot"]);
    }
}

#[test]
fn a_number_that_is_used_again_or_ends_has_no_rewind_any_more() {
    let mut r = Taping::new();
    r.happens("a", 1);
    let v = r.json(1, Access::public());
    r.rewind(v, 1, all(), Rewind::Events(3));
    r.room.subscribe(v, 1, keys(&["a"]));
    let told = r.told(v);
    assert_eq!(kinds(&told), ["error", "snapshot"]);
    assert_eq!((&told[0]["code"], &told[0]["id"]), (&json!("superseded"), &json!(1)));
    r.rewind(v, 2, all(), Rewind::Events(3));
    r.room.say(v, ClientMessage::Unsubscribe { id: SubId(2) });
    assert_eq!(kinds(&r.told(v)), ["error"]);
    r.answer_all();
    assert_eq!(r.told(v), [] as [serde_json::Value; 0]);
    r.rewind(v, 3, all(), Rewind::Events(3));
    r.room.relay.disconnect(v);
    r.answer_all();
    assert_eq!(r.room.relay.held(), [0; 5]);
}

#[test]
fn what_stood_under_the_number_stays_when_a_rewind_is_refused() {
    let mut r = Taping::new();
    r.happens("a", 1);
    let v = r.json(1, Access::public());
    r.room.subscribe(v, 1, all());
    r.told(v);
    for (answer, code) in [
        (Some(Rewound::Refused(Refusal::Gone)), "events_gone"),
        (Some(Rewound::Refused(Refusal::TooFar)), "rewind_too_far"),
        (Some(Rewound::Refused(Refusal::Hidden)), "forbidden"),
        (None, "overloaded"),
    ] {
        r.rewind(v, 1, keys(&["b"]), Rewind::Events(3));
        let call = r.asked().remove(0);
        r.answer(&call, answer.as_ref());
        let told = r.told(v);
        assert_eq!((kinds(&told), &told[0]["code"]), (vec!["error"], &json!(code)));
    }
    r.happens("a", 2);
    assert_eq!(kinds(&r.told(v)).last(), Some(&"delta"));
}

fn access(operations: Vec<Operation>, conditions: Conditions) -> Access {
    let grant = Grant { board: "fleet".into(), operations, keys: vec!["*".into()], conditions };
    Rights::of_grants(&[grant]).unwrap().on(&"fleet".try_into().unwrap(), None)
}

#[test]
fn a_rewind_needs_the_right_to_history_and_no_pace() {
    let mut r = Taping::new();
    r.happens("a", 1);
    let refused = |r: &mut Taping, viewer, access| {
        let v = r.json(viewer, access);
        r.rewind(v, 1, all(), Rewind::Events(3));
        assert!(r.asked().is_empty());
        r.told(v)[0]["code"].clone()
    };
    let both = vec![Operation::Read, Operation::History];
    assert_eq!(refused(&mut r, 1, access(vec![Operation::Read], Conditions::default())), "forbidden");
    let paced = Conditions { rate: Some(6), ..Conditions::default() };
    assert_eq!(refused(&mut r, 2, access(both.clone(), paced)), "forbidden");
    let hiding = Conditions { hidden_fields: Some(vec!["n".into()]), ..Conditions::default() };
    let v = r.json(3, access(both.clone(), hiding));
    r.rewind(v, 1, all().of_those(vec!["n:gt:1".into()]), Rewind::Events(3));
    assert_eq!(r.told(v)[0]["code"], "hidden_field");
    let v = r.room.connect_as(4, Mode::Binary, Access::public());
    r.room.told(v);
    r.rewind(v, 1, all(), Rewind::Events(3));
    assert_eq!(r.room.told(v), ["error Some(1) invalid_filter subscribe"]);
}

#[test]
fn rights_that_change_meanwhile_are_those_that_count() {
    let mut r = Taping::new();
    r.happens("a", 1);
    r.happens("b", 2);
    let v = r.json(1, Access::public());
    r.rewind(v, 1, all(), Rewind::Events(5));
    let call = r.asked().remove(0);
    let old = r.board(&call.ask);
    let narrower =
        Access { history: KeySet::of(&["b"]).unwrap(), read: KeySet::of(&["b"]).unwrap(), ..Access::public() };
    let Room { relay, now, net, out, .. } = &mut r.room;
    relay.token_checked(*now, v, Ok((narrower, Millis(i64::MAX))), net, out);
    r.answer(&call, Some(&old));
    assert_eq!(r.told(v), [] as [serde_json::Value; 0], "the answer was made for others");
    r.answer_all();
    let told = r.told(v);
    assert_eq!(kinds(&told), ["rewind", "snapshot"]);
    assert_eq!(seqs(&told[0]), [2]);
}

#[test]
fn of_a_box_and_of_conditions_the_events_of_those_are_told_that_are_there_now() {
    let mut r = Taping::new();
    r.accept(&[event("in", 1, 5.0, &[("n", 1.0)]), event("out", 2, 50.0, &[("n", 9.0)]), event("in", 3, 6.0, &[])]);
    r.deliver();
    let v = r.json(1, Access::public());
    r.rewind(v, 1, strip(), Rewind::Events(5));
    r.rewind(v, 2, all().of_those(vec!["n:gt:5".into()]), Rewind::Events(5));
    r.rewind(v, 3, keys(&["in", "out"]).of_those(vec!["n:lt:5".into()]), Rewind::Events(5));
    r.answer_all();
    let told = r.told(v);
    let of = |id: u64| told.iter().find(|m| m["type"] == "rewind" && m["id"] == id).map(seqs);
    assert_eq!((of(1), of(2), of(3)), (Some(vec![1, 3]), Some(vec![2]), Some(vec![1, 3])));
    r.room.relay.disconnect(v);
    assert_eq!(r.room.relay.held(), [0; 5]);
}

#[test]
fn how_often_a_viewer_rewinds_and_how_many_questions_are_under_way_is_bounded() {
    let mut r = Taping::new();
    r.happens("a", 1);
    let v = r.json(1, Access::public());
    for _ in 0..limits::REWINDS_PER_VIEWER.burst {
        r.rewind(v, 1, all(), Rewind::Events(1));
        r.answer_all();
    }
    r.told(v);
    (0..30).for_each(|_| r.rewind(v, 1, all(), Rewind::Events(1)));
    let told = r.told(v);
    assert!(told.iter().all(|message| message["code"] == "slow_down"), "and it stays connected: {told:?}");
    assert_eq!(told.len(), 30);
    let others: Vec<ViewerId> = (2..=18).map(|i| r.json(i, Access::public())).collect();
    for (i, other) in others.iter().enumerate() {
        r.rewind(*other, 1, keys(&[&format!("k{i}")]), Rewind::Events(1));
    }
    assert_eq!(r.asked().len(), limits::REWINDS_UNDER_WAY);
    assert_eq!(r.told(others[16])[0]["code"], "slow_down");
}

#[test]
fn a_connection_has_so_many_subscriptions_those_that_wait_counted() {
    let mut r = Taping::new();
    r.happens("a", 1);
    let v = r.json(1, Access::public());
    let most = limits::SUBSCRIPTIONS_PER_VIEWER as u32;
    (0..most - 1).for_each(|sub| r.room.subscribe(v, sub, all()));
    r.told(v);
    r.rewind(v, most, all(), Rewind::Events(1));
    r.rewind(v, most + 1, all(), Rewind::Events(1));
    assert_eq!(r.told(v)[0]["code"], "too_many_subscriptions");
}
