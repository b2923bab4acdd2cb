//! Rules S and F: what a subscription is answered with, and what it is told.

use super::*;
use crate::id::BoardName;
use crate::revocation::{Changes, CredentialId, Ended, Mark, Origin};
use crate::rights::{Conditions, Grant, Operation, Rights};

#[test]
fn s1_a_subscribe_is_answered_with_a_snapshot_even_when_there_is_nothing() {
    let mut r = Room::new();
    let v = r.connect(1);
    assert_eq!(r.told(v), ["status 1"]);
    r.subscribe(v, 7, all());
    assert_eq!(r.told(v), ["snapshot 7 @0 []"]);
    r.push(&[event("a", 1, 5.0, &[("x", 1.0)])]);
    assert_eq!(r.told(v), ["delta 7 0..1 [a+]", "status 1"]);
}

#[test]
fn s2_a_number_that_is_used_again_replaces_what_was_followed() {
    let mut r = Room::new();
    let v = r.connect(1);
    r.push(&[event("a", 1, 5.0, &[]), event("b", 1, 50.0, &[])]);
    r.subscribe(v, 1, all());
    r.quiet().subscribe(v, 1, keys(&["b"]));
    assert_eq!(r.told(v), ["snapshot 1 @2 [b+]"]);
    r.push(&[event("a", 2, 6.0, &[]), event("b", 2, 51.0, &[])]);
    assert_eq!(r.told(v), ["delta 1 2..4 [b]"]);
    assert_eq!(r.relay.held(), [1, 1, 1, 1, 0]);
}

#[test]
fn s3_a_box_tells_who_enters_whole_who_stays_in_parts_and_who_leaves() {
    let mut r = Room::new();
    let v = r.connect(1);
    r.push(&[event("in", 1, 5.0, &[("x", 1.0)]), event("out", 1, 50.0, &[("x", 1.0)])]);
    r.subscribe(v, 1, strip());
    assert_eq!(r.told(v).last().unwrap(), "snapshot 1 @2 [in+]");
    r.push(&[event("out", 2, 51.0, &[])]);
    assert_eq!(r.told(v), Vec::<String>::new());
    r.push(&[event("out", 3, 10.0, &[]), event("in", 3, 6.0, &[])]);
    assert_eq!(r.told(v), ["delta 1 2..5 [in,out+]"]);
    r.push(&[event("in", 4, 10.1, &[]), event("new", 4, 1.0, &[])]);
    assert_eq!(r.told(v), ["delta 1 5..7 [new+] -[in]"]);
}

#[test]
fn s3_a_box_that_ends_at_180_degrees_has_that_meridian_by_both_its_names() {
    let ship = |time: i64, lon: f64| Event { position: at(0.0, lon), ..event("ship", time, 0.0, &[]) };
    let mut r = Room::new();
    let viewers = [(1, 170.0, 180.0), (2, -180.0, -170.0), (3, 170.0, -170.0)].map(|(viewer, west, east)| {
        let viewer = r.connect(viewer);
        r.subscribe(viewer, 1, Subscription::items_bbox([west, -1.0, east, 1.0]).unwrap());
        viewer
    });
    let mut sail = |time: i64, lon: f64| {
        r.quiet().push(&[ship(time, lon)]);
        viewers.map(|viewer| {
            let told = r.told(viewer).into_iter().find(|word| word.starts_with("delta")).unwrap_or_default();
            let kinds = [("-[ship]", "leaves"), ("ship+", "enters"), ("[ship]", "stays")];
            kinds.into_iter().find(|(sign, _)| told.contains(sign)).map_or("nothing", |(_, kind)| kind)
        })
    };
    assert_eq!(sail(1, 179.9), ["enters", "nothing", "enters"]);
    assert_eq!(sail(2, 180.0), ["stays", "enters", "stays"]);
    assert_eq!(sail(3, -180.0), ["stays", "stays", "stays"]);
    assert_eq!(sail(4, -179.9), ["leaves", "stays", "stays"]);
    assert_eq!(sail(5, 180.0), ["enters", "stays", "stays"]);
    assert_eq!(sail(6, 169.9), ["leaves", "leaves", "leaves"]);
}

#[test]
fn s4_a_key_that_does_not_exist_yet_is_awaited() {
    let mut r = Room::new();
    let v = r.connect(1);
    r.subscribe(v, 1, keys(&["late", "b"]));
    r.quiet().push(&[event("a", 1, 5.0, &[])]);
    assert_eq!(r.told(v).first().map(String::as_str), Some("status 1"));
    r.push(&[event("late", 1, 5.0, &[])]);
    assert_eq!(r.told(v), ["delta 1 0..2 [late+]"]);
    r.push(&[event("late", 2, 5.0, &[]), event("b", 2, 5.0, &[])]);
    assert_eq!(r.told(v), ["delta 1 2..4 [late,b+]"]);
}

#[test]
fn s5_a_connection_has_at_most_16_subscriptions_and_a_snapshot_comes_in_parts() {
    let mut r = Room::new();
    let v = r.connect(1);
    (0..16).for_each(|i| r.subscribe(v, i, keys(&["a"])));
    r.quiet().subscribe(v, 16, all());
    assert_eq!(r.told(v), ["error Some(16) too_many_subscriptions subscribe"]);
    r.subscribe(v, 3, all());
    assert_eq!(r.told(v), ["snapshot 3 @0 []"]);
    let many: Vec<Event> = (0..10_000).map(|i| event(&format!("k{i}"), 1, 5.0, &[])).collect();
    r.push(&many);
    r.push(&[event("one more", 1, 5.0, &[])]);
    r.quiet().subscribe(v, 3, all());
    r.tick();
    let parts: Vec<(bool, bool)> = r
        .out
        .iter()
        .filter_map(|o| if let Output::Send { frame: Frame::Binary(b), .. } = o { Some(b) } else { None })
        .map(|b| match ServerMessage::from_binary(b).unwrap() {
            ServerMessage::Snapshot { first, last, .. } => (first, last),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(parts, [(true, false), (false, true)]);
}

#[test]
fn s7_other_rights_start_every_subscription_over_and_none_close_it() {
    let mut r = Room::new();
    let v = r.connect_as(1, Mode::Binary, patterns(&["a*"]));
    r.push(&[event("a1", 1, 5.0, &[]), event("b1", 1, 5.0, &[])]);
    r.subscribe(v, 1, all());
    assert_eq!(r.told(v).last().unwrap(), "snapshot 1 @2 [a1+]");
    let until = r.now.plus(1_000);
    r.relay.token_checked(r.now, v, Ok((patterns(&["a*"]), until)), &r.net, &mut r.out);
    assert_eq!(r.told(v), Vec::<String>::new());
    r.relay.token_checked(r.now, v, Ok((patterns(&["b*"]), until)), &r.net, &mut r.out);
    assert_eq!(r.told(v), ["unasked snapshot 1 @2 [b1+]"]);
    assert_eq!(r.relay.next_expiry(), Some(until));
    r.relay.token_checked(r.now, v, Ok((Access::default(), until)), &r.net, &mut r.out);
    assert_eq!(r.told(v), ["bye 4501 false", "closed 4501"]);
    assert_eq!(r.relay.held(), [0; 5]);
}

#[test]
fn s8_deltas_name_removed_fields_and_json_merges() {
    let mut r = Room::new();
    let v = r.connect_as(1, Mode::Json, Access::public());
    r.push(&[event("a", 1, 5.0, &[("x", 1.0), ("y", 1.0)])]);
    r.subscribe(v, 1, all());
    let mut gone = event("a", 2, 5.0, &[]);
    gone.fields = vec![("x".into(), None)];
    r.quiet().push(&[gone]);
    let told = r.told(v);
    assert_eq!(
        told[0],
        r#"{"type":"delta","id":1,"from":"e1:1","cursor":"e1:2","items":[{"key":"a","time":2,"seq":2,"fields":{"x":null}}]}"#
    );
}

#[test]
fn f2_nobody_without_the_right_is_told_anything() {
    let mut r = Room::new();
    r.push(&[event("a1", 1, 5.0, &[]), event("b1", 1, 5.0, &[])]);
    let v = r.connect_as(1, Mode::Binary, patterns(&["a*"]));
    r.subscribe(v, 1, keys(&["a1", "b1", "b2"]));
    r.subscribe(v, 2, strip());
    assert_eq!(r.told(v)[1..], ["snapshot 1 @2 [a1+]", "snapshot 2 @2 [a1+]"]);
    r.push(&[event("b1", 2, 6.0, &[]), event("b2", 2, 6.0, &[])]);
    r.push(&[event("b1", 3, 60.0, &[])]);
    let told = r.told(v);
    assert!(told.iter().all(|t| t.starts_with("status")), "{told:?}");
    let nobody = r.connect_as(2, Mode::Binary, Access::default());
    r.quiet().subscribe(nobody, 1, all());
    assert_eq!(r.told(nobody), ["error Some(1) forbidden subscribe"]);
    r.say(nobody, ClientMessage::Publish { id: 5, event: "{}".into() });
    assert_eq!(r.told(nobody), ["error Some(5) forbidden publish"]);
    let plain = r.connect_as(3, Mode::Plain { keys: vec!["b1".into()], wheres: Vec::new() }, patterns(&["a*"]));
    assert_eq!(r.told(plain), ["closed 4501"]);
    assert_eq!(r.relay.viewers(), 2);
}

#[test]
fn f21_a_flood_of_events_from_one_viewer_is_told_to_slow_down_at_once() {
    let mut r = Room::new();
    let v = r.connect_as(1, Mode::Binary, Access::everything());
    let other = r.connect_as(2, Mode::Binary, Access::everything());
    r.quiet();
    for id in 0..3_000 {
        r.say(v, ClientMessage::Publish { id, event: "{}".into() });
    }
    let under_way = |r: &Room| r.out.iter().filter(|o| matches!(o, Output::Publish { .. })).count();
    assert_eq!(under_way(&r), 32);
    r.say(other, ClientMessage::Publish { id: 1, event: "{}".into() });
    assert_eq!(under_way(&r), 33, "another viewer's goes on");
    let told = r.told(v);
    assert_eq!(told.len(), 2_968, "it is told of each, and stays connected");
    assert!(told[0] == "error Some(32) slow_down publish", "{}", told[0]);
    r.out.clear();
    let mut out = Vec::new();
    r.relay.published(ViewerId(1), 0, "{}", &mut out);
    r.say(v, ClientMessage::Publish { id: 4_000, event: "{}".into() });
    r.say(v, ClientMessage::Publish { id: 4_001, event: "{}".into() });
    assert_eq!(under_way(&r), 1, "an answer makes room for one");
    // Also a board that answers at once is not flooded.
    let taken = (0..1_000).filter(|id| {
        r.quiet().say(other, ClientMessage::Publish { id: *id, event: "{}".into() });
        r.relay.published(other, *id, "{}", &mut out);
        under_way(&r) == 1
    });
    assert_eq!(taken.count(), 99, "the burst, of which it has used one");
    r.wait(1_000);
    r.quiet().say(other, ClientMessage::Publish { id: 1, event: "{}".into() });
    assert_eq!(under_way(&r), 1);
}

#[test]
fn f3_one_frame_serves_all_with_the_same_subscription_and_the_latest_state_wins() {
    let mut r = Room::new();
    let (a, b, c) = (r.connect(1), r.connect(2), r.connect(3));
    r.subscribe(a, 1, all());
    r.subscribe(b, 1, all());
    r.subscribe(c, 2, all());
    r.quiet().push(&[event("k", 1, 1.0, &[]), event("k", 2, 2.0, &[]), event("k", 3, 3.0, &[])]);
    let sends: Vec<(&Vec<ViewerId>, &Frame)> = r
        .out
        .iter()
        .filter_map(|o| if let Output::Send { viewers, frame } = o { Some((viewers, frame)) } else { None })
        .take(2)
        .collect();
    assert_eq!((sends[0].0, sends[1].0), (&vec![a, b], &vec![c]));
    let Frame::Binary(bytes) = sends[0].1 else { panic!("text") };
    let ServerMessage::Delta { rows, .. } = ServerMessage::from_binary(bytes).unwrap() else { panic!("no delta") };
    assert_eq!((rows.ids.len(), rows.positions[0]), (1, at(3.0, 0.0)));
}

#[test]
fn f4_a_plain_viewer_gets_each_change_of_its_item_and_nothing_else() {
    let mut r = Room::new();
    let v = r.connect_as(1, Mode::Plain { keys: vec!["3".into()], wheres: Vec::new() }, Access::public());
    r.push(&[event("4", 1, 1.0, &[]), event("3", 1, 1.0, &[("x", 1.0)])]);
    r.push(&[event("3", 2, 2.0, &[]), event("3", 1, 9.0, &[]), event("3", 3, 3.0, &[])]);
    let told = r.told(v);
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[2], r#"{"key":"3","time":3,"seq":5,"position":{"lat":3.0,"lon":0.0},"fields":{"x":1}}"#);
    r.say(v, ClientMessage::Unsubscribe { id: SubId(1) });
    assert_eq!(r.told(v), Vec::<String>::new());
    r.relay.disconnect(v);
    assert_eq!(r.relay.held(), [0; 5]);
}

#[test]
fn f4_a_plain_viewer_of_several_keys_gets_the_changes_of_each_and_what_it_missed_of_each() {
    let mut r = Room::new();
    let keys = |keys: &[&str]| Mode::Plain { keys: keys.iter().map(ToString::to_string).collect(), wheres: Vec::new() };
    let v = r.connect_as(1, keys(&["3", "5"]), Access::public());
    r.push(&[event("4", 1, 1.0, &[]), event("3", 1, 1.0, &[]), event("5", 1, 1.0, &[])]);
    let told = |r: &mut Room| -> Vec<(String, i64)> {
        let all = r.told(v).into_iter().map(|text| serde_json::from_str::<serde_json::Value>(&text).unwrap());
        all.map(|item| (item["key"].as_str().unwrap().to_owned(), item["time"].as_i64().unwrap())).collect()
    };
    assert_eq!(told(&mut r), [("3".to_owned(), 1), ("5".to_owned(), 1)]);
    // While it takes nothing both change, one of them twice: it is told of each once, as it is then.
    r.block(v, 300_000);
    r.push(&[event("3", 2, 2.0, &[]), event("5", 2, 2.0, &[]), event("3", 3, 3.0, &[])]);
    assert_eq!(told(&mut r), []);
    r.block(v, 0);
    r.wait(1_000);
    r.tick();
    assert_eq!(told(&mut r), [("3".to_owned(), 3), ("5".to_owned(), 2)]);
    // One key of another is one too many.
    let w = r.connect_as(2, keys(&["a1", "b1"]), patterns(&["a*"]));
    assert_eq!(r.told(w), ["closed 4501"]);
    r.relay.disconnect(v);
    assert_eq!(r.relay.held(), [0; 5]);
    let old: Session = serde_json::from_value(serde_json::json!({
        "mode": {"plain": {"key": "3"}}, "access": Access::public(), "expires_at": null, "subscriptions": {},
    }))
    .unwrap();
    assert_eq!(old.mode, keys(&["3"]), "kept by an older version");
    let several = Session { mode: keys(&["3", "5"]), ..old };
    let kept = serde_json::to_value(&several).unwrap();
    assert_eq!(kept["mode"], serde_json::json!({"plain": {"key": ["3", "5"]}}));
    assert_eq!(serde_json::from_value::<Session>(kept).unwrap(), several);
}

#[test]
fn f6_a_paced_subscription_gets_one_frame_in_its_time() {
    let mut r = Room::new();
    let v = r.connect(1);
    r.subscribe(v, 1, all().every_ms(500));
    r.quiet().push(&[event("a", 1, 1.0, &[])]);
    assert_eq!(r.told(v)[0], "delta 1 0..1 [a+]");
    r.wait(100);
    r.push(&[event("a", 2, 2.0, &[]), event("b", 2, 2.0, &[])]);
    r.wait(100);
    r.push(&[event("a", 3, 3.0, &[])]);
    assert_eq!(r.told(v), Vec::<String>::new());
    assert_eq!(r.wakes(), [Millis(1_000_500)]);
    // Who comes in between is told what it misses with the others, and only that.
    let w = r.connect(2);
    r.subscribe(w, 1, all().every_ms(500));
    assert_eq!(r.told(w), ["status 2", "snapshot 1 @4 [a+,b+]"]);
    r.push(&[event("b", 4, 4.0, &[])]);
    r.now = Millis(1_000_500);
    r.tick();
    assert_eq!(r.told(v), ["delta 1 1..5 [a,b+]"]);
    assert_eq!(r.told(w), ["delta 1 4..5 [b]"]);
    assert!(r.relay.is_settled());
}

#[test]
fn f6_who_joins_a_paced_box_while_something_waits_is_told_what_it_lacks() {
    let mut r = Room::new();
    let (v, slow) = (r.connect(1), r.connect(2));
    r.push(&[event("y", 1, 5.0, &[]), event("z", 1, 5.0, &[])]);
    r.subscribe(v, 1, strip().every_ms(1_000));
    r.subscribe(slow, 1, strip().every_ms(1_000));
    r.block(slow, 300_000);
    r.push(&[event("z", 2, 6.0, &[])]);
    r.wait(100);
    // y leaves the box while the frame waits; one viewer joins without it, another catches up.
    r.push(&[event("y", 3, 50.0, &[])]);
    let w = r.connect(3);
    r.quiet().subscribe(w, 1, strip().every_ms(1_000));
    assert_eq!(r.told(w), ["snapshot 1 @4 [z+]"]);
    r.block(slow, 0);
    r.say(slow, ClientMessage::Ack { cursor: r.relay.cursor() });
    assert_eq!(r.told(slow), Vec::<String>::new());
    // y comes back before the frame leaves.
    r.push(&[event("y", 4, 7.0, &[])]);
    r.wait(900);
    r.tick();
    assert_eq!(r.told(v), ["delta 1 3..5 [y]"]);
    assert_eq!(r.told(w), ["delta 1 4..5 [y+]"]);
    assert_eq!(r.told(slow), ["delta 1 2..5 [y+,z+]"]);
}

#[test]
fn f5_status_comes_at_most_every_15_seconds() {
    let mut r = Room::new();
    let v = r.connect(1);
    r.push(&[event("a", 1, 1.0, &[])]);
    r.wait(14_999);
    r.push(&[event("a", 2, 1.0, &[])]);
    assert_eq!(r.told(v), ["status 1", "status 1"]);
    r.wait(1);
    r.push(&[event("a", 3, 1.0, &[])]);
    assert_eq!(r.told(v), ["status 1"]);
}

#[test]
fn f8_what_is_not_understood_is_answered_and_after_20_times_the_connection_ends() {
    let mut r = Room::new();
    let v = r.connect(1);
    r.quiet();
    for i in 0..21 {
        let message = ClientMessage::from_json(r#"{"action":"dance","id":4}"#);
        r.relay.message(r.now, v, message, &r.net, &mut r.out);
        let told = r.told(v);
        assert_eq!(told[0], "error Some(4) unknown_action dance");
        assert_eq!(told.len() > 1, i == 20);
    }
    assert_eq!(r.relay.viewers(), 0);
    // Nothing that comes later from it does harm.
    r.subscribe(v, 1, all());
    assert_eq!(r.told(v), Vec::<String>::new());
}

#[test]
fn k3_a_connection_whose_token_ended_is_told_and_closed() {
    let mut r = Room::new();
    let ends = r.now.plus(1_000);
    let session = Session::new(Mode::Json, Access::public(), Some(ends));
    let v = ViewerId(1);
    r.relay.connect(r.now, v, session, &mut r.out);
    r.quiet().wait(999);
    r.tick();
    assert_eq!(r.told(v), Vec::<String>::new());
    r.wait(1);
    r.tick();
    let told = r.told(v);
    assert_eq!(told, [r#"{"code":4010,"reason":"token_expired","reconnect":true,"type":"bye"}"#, "closed 4010"]);
    let (a, b) =
        (r.connect(2), r.connect_as(3, Mode::Plain { keys: vec!["k".into()], wheres: Vec::new() }, Access::public()));
    r.quiet();
    r.relay.close_all(CloseCode::BoardDeleted, &mut r.out);
    assert_eq!(
        (r.told(a), r.told(b)),
        (vec!["bye 4502 false".into(), "closed 4502".into()], vec!["closed 4502".into()])
    );
}

#[test]
fn f7_who_comes_from_a_key_that_was_deleted_is_told_and_closed_and_nobody_else() {
    let mut r = Room::new();
    let board = BoardName::try_from("fleet").unwrap();
    let from = |id: Option<CredentialId>, is_public| Origin { id, known: 9, is_public };
    let key = |id: &str| from(Some(CredentialId::Key(id.into())), false);
    let visitor = from(None, true);
    for (n, origin) in [(1, key("a")), (2, key("b")), (3, visitor.clone())] {
        let session = Session::new(Mode::Json, Access::public(), None).with_origin(origin);
        r.relay.connect(r.now, ViewerId(n), session, &mut r.out);
    }
    // The fourth has brought a token of another key since.
    let session = Session::new(Mode::Json, Access::public(), None).with_origin(key("a"));
    r.relay.connect(r.now, ViewerId(4), session, &mut r.out);
    r.relay.came_with(ViewerId(4), key("b"));
    r.quiet();
    let mut list = Ended::default();
    let gone = Mark::credential(&CredentialId::Key("a".into()));
    list.learn(Changes { upto: 10, marks: vec![(gone, 10)] });
    r.relay.end(&board, &list, &mut r.out);
    let told: Vec<_> = [1, 2, 3, 4].map(|n| r.told(ViewerId(n))).into();
    let bye = r#"{"code":4011,"reason":"credential_ended","reconnect":true,"type":"bye"}"#;
    assert_eq!(told, [vec![bye.to_owned(), "closed 4011".to_owned()], vec![], vec![], vec![]]);
    let private = Mark::credential(&CredentialId::Public(board.clone()));
    list.learn(Changes { upto: 11, marks: vec![(private, 11)] });
    r.relay.end(&board, &list, &mut r.out);
    assert_eq!(r.told(ViewerId(3)).last().unwrap(), "closed 4000");
    assert_eq!(r.relay.viewers(), 2);
}

#[test]
fn f4_a_plain_viewer_with_conditions_is_told_of_what_meets_them_and_once_of_what_ceases_to() {
    let mut r = Room::new();
    r.push(&[event("3", 1, 1.0, &[("fuel", 0.2)])]);
    let low = || vec!["fuel:lt:0.3".to_owned()];
    let plain = |keys: &[&str], wheres| Mode::Plain { keys: keys.iter().map(|k| (*k).to_owned()).collect(), wheres };
    let v = r.connect_as(1, plain(&["3", "4"], low()), Access::public());
    let all = r.connect_as(2, plain(&["3"], Vec::new()), Access::public());
    let told = |r: &mut Room| -> Vec<String> {
        let short = |text: &String| {
            let json: serde_json::Value = serde_json::from_str(text).unwrap();
            match &json["removed"] {
                serde_json::Value::Null => format!("{} {}", json["key"].as_str().unwrap(), json["fields"]["fuel"]),
                _ => format!("{} gone", json["key"].as_str().unwrap()),
            }
        };
        r.told(v).iter().map(short).collect()
    };
    let mut happens = |key: &str, time, fuel| {
        r.push(&[event(key, time, 1.0, &[("fuel", fuel)])]);
        told(&mut r)
    };
    assert_eq!(happens("3", 2, 0.1), ["3 0.1"]);
    assert_eq!(happens("3", 3, 0.9), ["3 gone"]);
    assert_eq!(happens("3", 4, 0.8), [""; 0]);
    assert_eq!(happens("3", 5, 0.25), ["3 0.25"]);
    assert_eq!(happens("4", 6, 0.5), [""; 0], "one that never met them is not said to be gone");
    assert_eq!(happens("4", 7, 0.1), ["4 0.1"]);
    assert_eq!(r.told(all).len(), 4, "who has no conditions is told of all");
    // One that is held back is told how it is then.
    r.block(v, 1 << 30);
    r.push(&[event("3", 8, 1.0, &[("fuel", 0.1)]), event("3", 9, 1.0, &[("fuel", 0.9)])]);
    assert_eq!(told(&mut r), [""; 0]);
    r.block(v, 0);
    r.wait(1_000);
    r.tick();
    assert_eq!(told(&mut r), ["3 gone"]);
}

#[test]
fn f2_a_plain_viewer_has_no_conditions_on_what_is_hidden_from_it() {
    let mut r = Room::new();
    let conditions = Conditions { hidden_fields: Some(vec!["fuel".into()]), ..Conditions::default() };
    let (board, operations, keys) = ("fleet".to_owned(), vec![Operation::Read], vec!["*".to_owned()]);
    let grant = Grant { board, operations, keys, conditions };
    let access = Rights::of_grants(&[grant]).unwrap().on(&"fleet".try_into().unwrap(), None);
    let mode = |field: &str| Mode::Plain { keys: vec!["3".into()], wheres: vec![format!("{field}:lt:0.3")] };
    let v = r.connect_as(1, mode("fuel"), access.clone());
    assert_eq!(r.told(v), ["closed 4501"]);
    let v = r.connect_as(2, mode("load"), access);
    assert_eq!(r.told(v), [""; 0]);
}
