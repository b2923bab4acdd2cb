//! Rules R: going on from a cursor, after a lost push, after lost memory.

use super::*;

fn here(seq: Seq) -> Cursor {
    Cursor { epoch: EPOCH, seq }
}

#[test]
fn r1_a_resume_goes_on_exactly() {
    let mut r = Room::new();
    r.push(&[event("a", 1, 1.0, &[]), event("b", 1, 1.0, &[])]);
    r.push(&[event("b", 2, 2.0, &[("x", 1.0)]), event("c", 2, 2.0, &[])]);
    let v = r.connect(1);
    r.quiet().resume(v, 1, all(), here(2));
    assert_eq!(r.told(v), ["resumed 1 @2", "delta 1 2..4 [b,c+]"]);
    r.push(&[event("a", 3, 3.0, &[])]);
    assert_eq!(r.told(v), ["delta 1 4..5 [a]"]);
}

#[test]
fn r1_a_resume_with_nothing_new_for_it_is_followed_by_frames_that_fit_its_cursor() {
    let mut r = Room::new();
    r.push(&[event("a", 1, 1.0, &[])]);
    // A field appears that the viewer has never heard of, on an item that is not its own.
    r.push(&[event("b", 2, 2.0, &[("x", 1.0)])]);
    let v = r.connect(1);
    r.quiet().resume(v, 1, keys(&["a"]), here(1));
    assert_eq!(r.told(v), ["resumed 1 @1"]);
    r.push(&[event("a", 3, 3.0, &[("x", 1.0)])]);
    // From 1: its copy is no further. It learns the name of the field now.
    assert_eq!(r.told(v), ["delta 1 1..3 [a]"]);
    r.push(&[event("a", 4, 3.0, &[("x", 2.0)])]);
    assert_eq!(r.told(v), ["delta 1 3..4 [a]"]);
}

#[test]
fn r1_a_resume_into_a_box_tells_who_may_have_left() {
    let mut r = Room::new();
    r.push(&[event("a", 1, 5.0, &[]), event("b", 1, 5.0, &[])]);
    r.push(&[event("a", 2, 50.0, &[]), event("b", 2, 6.0, &[])]);
    let v = r.connect(1);
    r.quiet().resume(v, 1, strip(), here(2));
    assert_eq!(r.told(v), ["resumed 1 @2", "delta 1 2..4 [b+] -[a]"]);
}

#[test]
fn r2_what_can_not_be_resumed_gets_a_gap_and_a_snapshot() {
    let mut r = Room::new();
    r.push(&[event("a", 1, 1.0, &[])]);
    let v = r.connect(1);
    r.quiet().resume(v, 1, all(), Cursor { epoch: Epoch(9), seq: 1 });
    assert_eq!(r.told(v), ["gap 1 @1", "snapshot 1 @1 [a+]"]);
    r.resume(v, 1, all(), here(2));
    assert_eq!(r.told(v), ["gap 1 @1", "snapshot 1 @1 [a+]"]);
    let other = Some(patterns(&["a*"]).may(Ask::Present).unwrap().fingerprint());
    let (id, subscription, resume) = (SubId(1), all(), Some(here(1)));
    r.say(v, ClientMessage::Subscribe { id, subscription, resume, rights: other, rewind: None });
    assert_eq!(r.told(v), ["gap 1 @1", "snapshot 1 @1 [a+]"]);
}

#[test]
fn r2_too_far_back_is_a_gap_unless_nothing_happened_to_what_is_followed() {
    let mut r = Room::new();
    r.push(&[event("a", 1, 1.0, &[]), event("b", 1, 1.0, &[])]);
    for i in 0..=10 {
        let many: Vec<Event> = (0..10_000).map(|k| event("b", 2 + i * 10_000 + k, 1.0, &[])).collect();
        r.push(&many);
    }
    let v = r.connect(1);
    r.quiet().resume(v, 1, all(), here(2));
    assert_eq!(r.told(v)[0], "gap 1 @110002");
    r.resume(v, 2, keys(&["a"]), here(2));
    assert_eq!(r.told(v), ["resumed 2 @2"]);
    r.resume(v, 3, keys(&["b"]), here(10_002));
    assert_eq!(r.told(v), ["resumed 3 @10002", "delta 3 10002..110002 [b]"]);
}

#[test]
fn r3_after_a_lost_push_everybody_goes_on_from_where_they_are() {
    let mut r = Room::new();
    r.push(&[event("a", 1, 1.0, &[]), event("b", 1, 1.0, &[])]);
    let (v, slow, paced) = (r.connect(1), r.connect(2), r.connect(3));
    r.subscribe(v, 1, all());
    r.subscribe(slow, 1, all());
    r.subscribe(paced, 1, all().every_ms(10_000));
    r.push(&[event("a", 2, 2.0, &[])]);
    r.block(slow, 300_000);
    r.quiet().push(&[event("b", 3, 3.0, &[("x", 1.0)])]);
    assert_eq!(r.told(slow), Vec::<String>::new());
    let lost = r.accept(&[event("a", 4, 4.0, &[])]);
    r.quiet();
    assert_eq!(r.push(&[event("c", 5, 5.0, &[])]), Pushed::NeedSync);
    r.load();
    assert_eq!(r.told(v), ["delta 1 4..6 [a,c+]"]);
    // The paced one has not heard of the change at 4; its pace starts over.
    assert_eq!(r.told(paced), ["delta 1 3..6 [a,b,c+]"]);
    r.block(slow, 0);
    r.wait(200);
    r.tick();
    assert_eq!(r.told(slow), ["delta 1 3..6 [a,b,c+]"]);
    // What was lost comes late, and an old snapshot too.
    assert_eq!(r.deliver(&lost), Pushed::Applied);
    let items = Items::default();
    r.relay.load(r.now, items, here(3), &r.net, &mut r.out);
    assert_eq!((r.relay.cursor(), r.told(v)), (here(6), vec![]));
}

#[test]
fn r3_a_push_that_does_not_reach_its_end_asks_for_a_sync_and_tells_what_it_had() {
    let mut r = Room::new();
    let v = r.connect(1);
    r.subscribe(v, 1, keys(&["a"]));
    let batch = Batch::from_events(&[event("a", 1, 1.0, &[])]).encode();
    let rows = vec![PushRow { first: 1, batch: &batch }, PushRow { first: 3, batch: &batch }];
    let push = PushMessage { previous: here(0), to: 3, accepted_at: r.now, rows, scores_life: 0, scores: Vec::new() };
    r.quiet();
    assert_eq!(r.relay.push(r.now, &push, &r.net, &mut r.out), Ok(Pushed::NeedSync));
    assert_eq!(r.told(v)[0], "delta 1 0..1 [a+]");
    let rows = vec![PushRow { first: 2, batch: &batch }, PushRow { first: 3, batch: &[9] }];
    let push = PushMessage { previous: here(1), to: 3, accepted_at: r.now, rows, scores_life: 0, scores: Vec::new() };
    assert!(r.relay.push(r.now, &push, &r.net, &mut r.out).is_err());
    assert_eq!(r.told(v), ["delta 1 1..2 [a]"]);
}

#[test]
fn r2_another_life_of_the_board_is_a_gap_for_all() {
    let mut r = Room::new();
    r.push(&[event("old", 1, 1.0, &[])]);
    let (v, plain) =
        (r.connect(1), r.connect_as(2, Mode::Plain { keys: vec!["new".into()], wheres: Vec::new() }, Access::public()));
    r.subscribe(v, 1, all());
    let mut items = Items::default();
    items.apply(&Batch::from_events(&[event("new", 1, 1.0, &[])]), 1, |_, _| {});
    r.quiet();
    r.relay.load(r.now, items, Cursor { epoch: Epoch(2), seq: 1 }, &r.net, &mut r.out);
    assert_eq!(r.told(v), ["gap 1 @1", "unasked snapshot 1 @1 [new+]"]);
    assert_eq!(r.told(plain).len(), 1);
}

#[test]
fn r4_sockets_that_outlive_the_memory_go_on_without_a_gap() {
    let mut r = Room::new();
    r.push(&[event("a", 1, 1.0, &[("x", 1.0)]), event("b", 1, 1.0, &[])]);
    let (v, plain) =
        (r.connect(1), r.connect_as(2, Mode::Plain { keys: vec!["a".into()], wheres: Vec::new() }, Access::public()));
    r.subscribe(v, 1, keys(&["a"]));
    // The viewer's copy stays at 2: what follows does not concern it.
    r.push(&[event("b", 2, 2.0, &[])]);
    assert!(r.relay.is_settled());
    let (seq, sessions) = (r.relay.cursor().seq, [v, plain].map(|v| (v, r.relay.session(v).cloned().unwrap())));
    let _ = r.accept(&[event("a", 3, 3.0, &[("x", 2.0)])]);
    let items = Items::from_snapshot(r.board.to_snapshot().iter().map(Vec::as_slice)).unwrap();
    r.relay = Relay::new(items, here(4));
    r.quiet();
    for (v, session) in sessions {
        r.relay.restore(r.now, v, session, seq, &r.net, &mut r.out);
    }
    assert_eq!(r.told(v), ["delta 1 0..4 [a]"]);
    assert_eq!(r.told(plain).len(), 1);
    r.push(&[event("a", 4, 4.0, &[])]);
    assert_eq!(r.told(v), ["delta 1 4..5 [a]", "status 2"]);
}

#[test]
fn r4_a_relay_that_does_not_know_how_far_its_viewers_were_says_gap() {
    let mut r = Room::new();
    r.push(&[event("a", 1, 1.0, &[])]);
    let v = r.connect(1);
    r.subscribe(v, 1, all());
    let session = r.relay.session(v).cloned().unwrap();
    let mut items = Items::default();
    items.apply(&Batch::from_events(&[event("new", 1, 1.0, &[])]), 1, |_, _| {});
    r.relay = Relay::new(items, Cursor { epoch: Epoch(2), seq: 1 });
    r.quiet();
    r.relay.restore(r.now, v, session, 0, &r.net, &mut r.out);
    assert_eq!(r.told(v), ["gap 1 @1", "unasked snapshot 1 @1 [new+]"]);
}
