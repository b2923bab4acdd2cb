//! Rules A: acknowledgements, and viewers that do not take what is sent.

use super::*;

#[test]
fn a4_a_slow_viewer_skips_frames_and_catches_up_with_one() {
    let mut r = Room::new();
    let (slow, quick) = (r.connect(1), r.connect(2));
    r.subscribe(slow, 1, all());
    r.subscribe(quick, 1, all());
    r.push(&[event("a", 1, 1.0, &[("x", 1.0)])]);
    r.quiet();
    r.block(slow, 256 * 1024 + 1);
    for i in 0..50 {
        r.push(&[event("a", 10 + i, 2.0, &[("x", i as f64)]), event(&format!("k{i}"), 10 + i, 2.0, &[])]);
    }
    assert_eq!((r.told(quick).len(), r.told(slow)), (50, vec![]));
    assert!(!r.relay.is_settled());
    assert_eq!(r.wakes().len(), 1);
    r.block(slow, 0);
    r.wait(200);
    r.tick();
    let told = r.told(slow);
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("delta 1 1..101 [a,k0+,"), "{told:?}");
    r.push(&[event("a", 1_000, 3.0, &[])]);
    assert_eq!(
        (r.told(slow), r.told(quick)),
        (vec!["delta 1 101..102 [a]".into()], vec!["delta 1 101..102 [a]".into()])
    );
    assert!(r.relay.is_settled());
}

#[test]
fn a3_a_viewer_that_acknowledges_is_held_back_at_the_window_and_let_go_by_an_ack() {
    let mut r = Room::new();
    let v = r.connect(1);
    r.subscribe(v, 1, all());
    r.say(v, ClientMessage::Ack { cursor: r.relay.cursor() });
    let text = "x".repeat(1_000);
    let big = |time: i64| -> Vec<Event> {
        let fields = vec![("t".to_owned(), Some(Value::Text(format!("{time}{text}"))))];
        (0..600).map(|i| Event { fields: fields.clone(), key: format!("{i}"), ..event("", time, 1.0, &[]) }).collect()
    };
    r.push(&big(1));
    // The dictionary makes one text of six hundred: make them differ.
    let mut differ = big(2);
    for (i, e) in differ.iter_mut().enumerate() {
        e.fields[0].1 = Some(Value::Text(format!("{i}{text}")));
    }
    r.push(&differ);
    differ
        .iter_mut()
        .for_each(|e| (e.time, e.fields[0].1) = (Millis(3), Some(Value::Text(format!("{}y{text}", e.key)))));
    r.push(&differ);
    r.quiet().push(&[event("0", 4, 9.0, &[])]);
    assert_eq!(r.told(v), Vec::<String>::new());
    let seq = r.seq - 1;
    r.say(v, ClientMessage::Ack { cursor: Cursor { epoch: Epoch(7), seq } });
    assert_eq!(r.told(v), Vec::<String>::new());
    r.say(v, ClientMessage::Ack { cursor: Cursor { epoch: EPOCH, seq } });
    assert_eq!(r.told(v), [format!("delta 1 {seq}..{} [0]", seq + 1)]);
}

#[test]
fn a5_a_viewer_that_takes_nothing_for_120_seconds_is_closed() {
    let mut r = Room::new();
    let v = r.connect(1);
    let plain = r.connect_as(2, Mode::Plain { keys: vec!["a".into()], wheres: Vec::new() }, Access::public());
    r.subscribe(v, 1, all());
    r.quiet();
    [v, plain].into_iter().for_each(|v| r.block(v, 300_000));
    r.push(&[event("a", 1, 1.0, &[])]);
    r.wait(120_000);
    r.tick();
    assert_eq!(r.told(v), ["status 2"]);
    r.wait(1);
    r.tick();
    assert_eq!(r.told(v), ["bye 4001 true", "closed 4001"]);
    assert_eq!(r.told(plain), ["closed 4001"]);
    assert_eq!(r.relay.held(), [0; 5]);
}

#[test]
fn a5_time_counts_from_the_last_time_it_was_blocked_not_from_a_subscription_long_gone() {
    let mut r = Room::new();
    let v = r.connect(1);
    r.subscribe(v, 1, all());
    r.block(v, 300_000);
    r.push(&[event("a", 1, 1.0, &[])]);
    r.say(v, ClientMessage::Unsubscribe { id: SubId(1) });
    r.block(v, 0);
    r.subscribe(v, 1, all());
    r.wait(200_000);
    r.block(v, 300_000);
    r.quiet().push(&[event("a", 2, 1.0, &[])]);
    r.wait(1_000);
    r.tick();
    assert!(!r.told(v).iter().any(|t| t.starts_with("closed")));
}

#[test]
fn a2_who_asks_for_more_while_a_megabyte_waits_is_closed() {
    let mut r = Room::new();
    let v = r.connect(1);
    r.quiet();
    r.block(v, 1024 * 1024 + 1);
    r.subscribe(v, 1, all());
    assert_eq!(r.told(v), ["bye 4001 true", "closed 4001"]);
}

#[test]
fn a4_a_plain_viewer_that_was_slow_gets_the_latest_state_once() {
    let mut r = Room::new();
    let v = r.connect_as(1, Mode::Plain { keys: vec!["a".into()], wheres: Vec::new() }, Access::public());
    r.block(v, 300_000);
    r.push(&[event("a", 1, 1.0, &[])]);
    r.push(&[event("a", 2, 2.0, &[])]);
    assert_eq!(r.told(v), Vec::<String>::new());
    r.block(v, 0);
    r.push(&[event("a", 3, 3.0, &[])]);
    let told = r.told(v);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("\"seq\":3"));
    r.block(v, 300_000);
    r.push(&[event("a", 4, 4.0, &[])]);
    r.block(v, 0);
    r.wait(200);
    r.tick();
    assert_eq!(r.told(v).len(), 1);
    assert!(r.relay.is_settled());
}

#[test]
fn a4_many_viewers_that_were_equally_slow_share_a_frame() {
    let mut r = Room::new();
    let viewers: Vec<ViewerId> = (1..=100).map(|i| r.connect(i)).collect();
    for &v in &viewers {
        r.subscribe(v, 1, all());
        r.block(v, 300_000);
    }
    r.push(&[event("a", 1, 1.0, &[])]);
    r.push(&[event("b", 1, 1.0, &[])]);
    viewers.iter().for_each(|&v| r.block(v, 0));
    r.wait(200);
    r.quiet().tick();
    assert_eq!(r.out.len(), 1, "{:?}", r.out);
    assert!(matches!(&r.out[0], Output::Send { viewers, .. } if viewers.len() == 100));
}
