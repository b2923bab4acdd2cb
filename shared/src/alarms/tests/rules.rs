//! What raises an alarm and what clears it.

use super::*;
use crate::cursor::{Cursor, Epoch};

fn hot() -> Value {
    json!({"where": ["temp:gt:80"]})
}

#[test]
fn a_field_above_its_limit_raises_once_and_clears_when_it_is_below() {
    let mut board = Board::with(&[("hot", hot())]);
    board.live(&[
        temp("a", 0, 79.0),
        temp("a", 10, 81.0),
        temp("a", 20, 82.0),
        temp("b", 21, 90.0),
        temp("a", 30, 80.0),
    ]);
    assert_eq!(board.told(), ["raise hot a 10", "raise hot b 21", "clear hot a 30"]);
    let list = board.watch.alarms.list(&AlarmQuery::default(), Cursor { epoch: Epoch(1), seq: 5 }, at(40));
    assert_eq!((list.count, list.alarms[0].key.as_str(), list.alarms[0].seen.as_str()), (1, "b", "temp=90"));
    assert_eq!((list.alarms[0].id, list.alarms[0].since), (2, at(21)));
}

#[test]
fn between_the_limit_and_where_it_clears_nothing_happens() {
    let mut board = Board::with(&[("hot", json!({"where": ["temp:gt:80"], "clear_where": ["temp:lt:75"]}))]);
    board.live(&[temp("a", 0, 81.0), temp("a", 1, 79.0), temp("a", 2, 81.0), temp("a", 3, 76.0), temp("a", 4, 74.0)]);
    assert_eq!(board.told(), ["raise hot a 0", "clear hot a 4"]);
    // Below the limit and not yet hot again.
    board.live(&[temp("a", 5, 79.0)]);
    assert_eq!(board.told().len(), 2);
}

#[test]
fn what_must_last_is_judged_by_the_devices_time_and_by_the_boards() {
    let lasting = json!({"where": ["temp:gt:80"], "for_s": 30, "clear_for_s": 10});
    let mut board = Board::with(&[("hot", lasting.clone())]);
    // A device that sends what it kept, in one request: 20 s are not enough, 31 are.
    board.send(100, &[temp("a", 0, 81.0), temp("a", 20, 81.0), temp("a", 21, 70.0)]);
    board.send(101, &[temp("a", 40, 81.0), temp("a", 71, 85.0), temp("a", 75, 70.0), temp("a", 90, 70.0)]);
    assert_eq!(board.told(), ["raise hot a 71", "clear hot a 90"]);
    // One that says it once and falls silent.
    let mut board = Board::with(&[("hot", lasting)]);
    board.send(0, &[temp("a", 0, 81.0)]);
    assert_eq!(board.watch.alarms.next_look(), Some(at(30)));
    board.advance(29);
    assert_eq!(board.told(), [] as [&str; 0]);
    board.advance(30);
    assert_eq!(board.told(), ["raise hot a 30"]);
    // Back before it was over long enough.
    board.live(&[temp("a", 40, 70.0), temp("a", 45, 90.0), temp("a", 50, 70.0)]);
    board.advance(59);
    assert_eq!(board.told().len(), 1);
    board.advance(60);
    assert_eq!(board.told()[1], "clear hot a 60");
}

#[test]
fn what_is_late_raises_nothing_and_says_that_the_item_is_there() {
    let mut board = Board::with(&[("hot", hot()), ("lost", json!({"silent_s": 10}))]);
    board.send(0, &[temp("a", 100, 70.0)]);
    board.send(8, &[temp("a", 50, 99.0)]);
    board.advance(17);
    assert_eq!(board.told(), [] as [&str; 0]);
    board.advance(18);
    assert_eq!(board.told(), ["raise lost a 18"]);
    board.send(30, &[temp("a", 130, 70.0)]);
    assert_eq!(board.told()[1], "clear lost a 130");
}

#[test]
fn silence_counts_from_when_something_came_or_from_when_the_rule_was_made() {
    let mut board = Board::default();
    board.send(0, &[temp("old", 0, 1.0)]);
    board.put("lost", &json!({"silent_s": 10, "where": ["temp:lt:50"]}), 100);
    board.advance(109);
    assert_eq!(board.told(), [] as [&str; 0]);
    board.advance(110);
    assert_eq!(board.told(), ["raise lost old 110"]);
    // What is parked hot may be silent.
    board.send(120, &[temp("hot", 120, 60.0)]);
    board.advance(200);
    assert_eq!(board.told().len(), 1);
    // Of long silences many come due together, and none too soon.
    let mut board = Board::with(&[("lost", json!({"silent_s": 600}))]);
    board.send(1, &[temp("a", 1, 1.0)]);
    let due = board.watch.alarms.next_look().unwrap();
    assert!(due >= at(601) && due <= at(611) && due.0 % 10_000 == 0, "{due:?}");
}

#[test]
fn a_fence_raises_for_whoever_is_inside_and_for_whoever_is_not() {
    let mut board = Board::default();
    board.circle("depot", 0.0);
    board.put("in", &json!({"inside": "depot"}), 0);
    board.put("out", &json!({"outside": "depot"}), 0);
    board.live(&[place("a", 0, 0.01), place("a", 10, 0.0), temp("b", 11, 1.0), place("a", 20, 0.01)]);
    let expected = ["raise out a 0", "raise in a 10", "clear out a 10", "clear in a 20", "raise out a 20"];
    assert_eq!(board.told(), expected);
    // In and out again within one request.
    board.send(40, &[place("a", 30, 0.0), place("a", 40, 0.01)]);
    assert_eq!(board.told()[5..], ["raise in a 30", "clear out a 30", "clear in a 40", "raise out a 40"]);
    // A fence that a rule is about stays.
    let depot = FenceId::try_from("depot".to_owned()).unwrap();
    assert_eq!(board.watch.remove_fence(&depot).unwrap_err().code.name(), "fence_in_use");
    board.watch.remove_rule(&id("in"), &board.items, (board.seq, at(50)));
    board.watch.remove_rule(&id("out"), &board.items, (board.seq, at(50)));
    assert_eq!(board.told().last().unwrap(), "clear out a 50");
    assert!(board.watch.remove_fence(&depot).unwrap());
}

#[test]
fn fast_in_the_fence_is_told_by_what_the_item_has_there() {
    let mut board = Board::default();
    board.circle("school", 0.0);
    board.put("fast", &json!({"inside": "school", "where": ["speed:gt:30"]}), 0);
    let with_speed = |seconds, lon, speed| {
        let fields = vec![("speed".to_owned(), Some(Field::Number(speed)))];
        Event { fields, ..place("a", seconds, lon) }
    };
    // It braked before the border: what it had outside does not count inside.
    board.live(&[with_speed(0, 0.01, 50.0), with_speed(10, 0.0, 20.0), with_speed(20, 0.001, 40.0)]);
    assert_eq!(board.told(), ["raise fast a 20"]);
}

#[test]
fn rules_on_existing_items_are_looked_at_when_they_are_put_changed_and_deleted() {
    let mut board = Board::default();
    board.circle("depot", 0.0);
    board.send(0, &[temp("a", 0, 90.0), place("b", 0, 0.0)]);
    board.put("hot", &hot(), 10);
    board.put("in", &json!({"inside": "depot"}), 10);
    assert_eq!(board.told(), ["raise hot a 10", "raise in b 10"]);
    board.put("hot", &json!({"where": ["temp:gt:85"], "severity": "critical"}), 20);
    assert_eq!(board.told().len(), 2, "it goes on");
    board.put("hot", &json!({"where": ["temp:gt:95"]}), 30);
    let last = board.watch.alarms.log().iter().next_back().unwrap();
    assert_eq!((last.what, last.why, &*last.key), (What::Clear, Reason::RuleChanged, "a"));
    board.watch.remove_rule(&id("in"), &board.items, (board.seq, at(40)));
    let last = board.watch.alarms.log().iter().next_back().unwrap();
    assert_eq!((last.what, last.why, last.raised), (What::Clear, Reason::RuleDeleted, 2));
    assert_eq!(board.watch.alarms.counts(), (0, 0));
}

#[test]
fn what_ends_is_cleared_and_what_is_erased_is_forgotten() {
    let mut board = Board::with(&[("hot", hot())]);
    board.live(&[temp("a", 0, 90.0), temp("b", 0, 90.0)]);
    board.end("a", 10);
    let last = board.watch.alarms.log().iter().next_back().unwrap();
    assert_eq!((last.what, last.why, last.raised), (What::Clear, Reason::Ended, 1));
    board.watch.erase("b", board.seq + 1);
    assert_eq!(board.told(), ["raise hot a 0", "clear hot a 10"]);
    assert_eq!(board.watch.alarms.counts().0, 0);
}

#[test]
fn ranks_raise_for_whoever_is_among_the_first() {
    let mut board = Board::with(&[("podium", json!({"rank_at_most": 2}))]);
    let alarms = &mut board.watch.alarms;
    assert!(alarms.rank([("ann", 1), ("bob", 2)].into_iter(), at(0)));
    assert!(!alarms.rank([("bob", 1), ("ann", 2)].into_iter(), at(1)));
    assert!(alarms.rank([("bob", 1), ("cem", 2)].into_iter(), at(2)));
    let expected = ["raise podium ann 0", "raise podium bob 0", "clear podium ann 2", "raise podium cem 2"];
    assert_eq!(board.told(), expected);
    let seen = board.watch.alarms.log().iter().next_back().unwrap().seen.to_string();
    assert_eq!(seen, "rank=2");
}

#[test]
fn who_has_seen_an_alarm_is_known_and_what_is_muted_is_told_to_nobody_to_its_end() {
    let mut board = Board::with(&[("hot", hot())]);
    board.watch.alarms.mute("hot", "b", Some(at(100)), at(0)).unwrap();
    board.live(&[temp("a", 10, 90.0), temp("b", 10, 90.0)]);
    assert_eq!(board.watch.alarms.acknowledge(1, "ann", at(20)), Some(false));
    assert_eq!(board.watch.alarms.acknowledge(1, "bob", at(21)), Some(true));
    assert_eq!(board.watch.alarms.acknowledge(9, "bob", at(21)), None);
    let alarm = board.watch.alarms.alarm(1, at(30)).unwrap();
    assert_eq!(alarm.acknowledged, Some(SeenBy { at: at(20), by: "ann".to_owned() }));
    assert!(board.watch.alarms.alarm(2, at(30)).unwrap().muted);
    // The mute ends while the alarm stands: who was not told of its beginning is not told of its end.
    board.live(&[temp("a", 200, 10.0), temp("b", 200, 10.0)]);
    let muted: Vec<_> = board.watch.alarms.log().iter().map(|e| (e.what.name(), e.muted)).collect();
    let expected = [("raise", false), ("raise", true), ("acknowledge", false), ("clear", false), ("clear", true)];
    assert_eq!(muted, expected);
    board.watch.alarms.mute("hot", "", Some(at(300)), at(200)).unwrap();
    assert_eq!(board.watch.alarms.muted(at(250)).len(), 1, "the first is over");
    board.watch.alarms.mute("hot", "", None, at(250)).unwrap();
    assert_eq!(board.watch.alarms.muted(at(250)), []);
}

#[test]
fn texts_truths_and_missing_values_are_compared_as_filters_do() {
    let rules = [
        ("late", json!({"where": ["status:eq:late"]})),
        ("open", json!({"where": ["door:eq:true"]})),
        ("gone", json!({"where": ["temp:missing"]})),
    ];
    let mut board = Board::with(&rules);
    let text = |value: &str| Field::Text(value.to_owned());
    board.live(&[
        event("a", 0, &[("status", text("late")), ("door", Field::Bool(true)), ("temp", Field::Number(1.0))]),
        event("a", 1, &[("door", Field::Bool(false))]),
        event("a", 2, &[("status", text("on time"))]),
    ]);
    assert_eq!(board.told(), ["raise late a 0", "raise open a 0", "clear open a 1", "clear late a 2"]);
    // A field that is taken away.
    let mut gone = event("a", 3, &[]);
    gone.fields.push(("temp".to_owned(), None));
    board.live(&[gone]);
    assert_eq!(board.told()[4], "raise gone a 3");
}

#[test]
fn too_many_are_counted_and_not_raised() {
    let mut board = Board::with(&[("hot", hot())]);
    let many = limits::ALARMS_STANDING + 3;
    let events: Vec<_> = (0..many).map(|n| temp(&format!("v{n}"), 0, 90.0)).collect();
    board.send(0, &events);
    assert_eq!(board.watch.alarms.counts(), (limits::ALARMS_STANDING, 3));
    // One that is over makes room.
    board.live(&[temp("v0", 1, 1.0), temp(&format!("v{}", many - 1), 2, 95.0)]);
    assert_eq!(board.watch.alarms.counts(), (limits::ALARMS_STANDING, 3));
}

#[test]
fn a_wrong_rule_is_refused_by_its_field() {
    let wrong = |json: Value| {
        let errors = AlarmRule::parse(json.to_string().as_bytes()).unwrap_err();
        let error = errors.into_iter().next().unwrap();
        (error.field, error.code.name(), error.message)
    };
    for (json, field, code) in [
        (json!({}), "where", "missing"),
        (json!({"where": ["temp"]}), "where[0]", "invalid"),
        (json!({"silent_s": 0}), "silent_s", "out_of_range"),
        (json!({"silent_s": 5, "clear_where": ["temp:lt:1"]}), "clear_where", "invalid"),
        (json!({"rank_at_most": 3, "silent_s": 5}), "rank_at_most", "invalid"),
        (json!({"rank_at_most": 101}), "rank_at_most", "out_of_range"),
        (json!({"where": ["temp:gt:1"], "for_s": 2_592_001}), "for_s", "out_of_range"),
        (json!({"where": ["temp:gt:1"], "forS": 3}), "forS", "unknown_field"),
        (json!({"where": vec!["a:eq:1"; 17]}), "where", "too_many"),
        (json!([]), "", "invalid"),
    ] {
        let (at, known, message) = wrong(json.clone());
        assert_eq!((at.as_str(), known), (field, code), "{json}: {message}");
    }
    let mut board = Board::default();
    let inside = rule(&json!({"inside": "nowhere"}));
    let refused = board.watch.put_rule(&id("in"), &inside, &board.items, (0, at(0))).unwrap_err();
    assert_eq!(refused.errors[0].field, "inside");
    for n in 0..limits::ALARM_RULES {
        board.put(&format!("r{n}"), &hot(), 0);
    }
    let refused = board.watch.put_rule(&id("more"), &rule(&hot()), &board.items, (0, at(0))).unwrap_err();
    assert_eq!(refused.errors[0].code.name(), "too_many");
}

#[test]
fn a_wrong_mute_is_refused_by_its_field() {
    let long = "k".repeat(limits::KEY_BYTES + 1);
    for (json, field) in [
        (json!({"for_s": 5}), "rule"),
        (json!({"key": "", "for_s": 5}), "key"),
        (json!({"key": long, "for_s": 5}), "key"),
        (json!({"key": "a", "for_s": 2_592_001}), "for_s"),
    ] {
        let errors = MuteWish::parse(json.to_string().as_bytes()).unwrap_err();
        assert_eq!(errors.first().map(|error| error.field.as_str()), Some(field), "{json}");
    }
    assert!(MuteWish::parse(br#"{"key":"a","for_s":0}"#).is_ok());
}
