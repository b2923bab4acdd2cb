//! Large snapshots come in parts, one after the other, and nothing is lost of what happens meanwhile.

use super::*;
use crate::replica::Replica;
use crate::scores::control::{Action, Control};

fn full_room() -> Room {
    let mut r = Room::new();
    for from in [0, 10_000, 20_000] {
        let many: Vec<Event> = (from..from + 10_000).map(|i| event(&format!("k{i}"), 1, 5.0, &[("n", 1.0)])).collect();
        r.push(&many);
    }
    r
}

fn end(r: &mut Room, keys: &[&str]) {
    let what = Action::EndItems { keys: keys.iter().map(|k| (*k).to_owned()).collect() };
    let batch = Control { at: r.now, by: "m".into(), what }.encode();
    let previous = Cursor { epoch: EPOCH, seq: r.seq };
    r.seq += 1;
    let rows = vec![PushRow { first: r.seq, batch: &batch }];
    let (to, accepted_at) = (r.seq, r.now);
    let push = PushMessage { previous, to, accepted_at, rows, scores_life: 0, scores: Vec::new() }.encode();
    assert_eq!(r.deliver(&push), Pushed::Applied);
}

/// Applies what a viewer was told to its copy; how the parts of snapshots were marked: first, last, unasked.
fn follow(r: &mut Room, viewer: ViewerId, replica: &mut Replica) -> Vec<(bool, bool, bool)> {
    let (mut parts, mut changes) = (Vec::new(), Vec::new());
    for output in &mut r.out {
        let Output::Send { viewers, frame: Frame::Binary(bytes) } = output else { continue };
        let Some(at) = viewers.iter().position(|v| *v == viewer) else { continue };
        viewers.remove(at);
        match ServerMessage::from_binary(bytes).unwrap() {
            ServerMessage::Snapshot { cursor, first, last, rows, unasked, .. } => {
                parts.push((first, last, unasked));
                replica.snapshot(cursor, first, last, &rows, &mut changes).unwrap();
            }
            ServerMessage::Delta { from, to, rows, removed, .. } => {
                replica.delta(from, to, &rows, &removed, &mut changes).unwrap();
            }
            _ => {}
        }
    }
    parts
}

/// A copy is what the relay has.
fn assert_same(replica: &Replica, r: &Room) {
    let mirror = r.relay.items();
    assert_eq!(replica.len(), mirror.len());
    for (_, item) in mirror.iter() {
        let copy = replica.find(item.key()).and_then(|id| replica.get(id)).unwrap();
        let fields = item.fields().filter_map(|f| Some((mirror.field_name(f.id).to_owned(), f.value.to_value()?)));
        let fields: BTreeMap<String, Value> = fields.collect();
        assert_eq!((copy.time, copy.position), (item.time, item.position()), "{}", item.key());
        assert_eq!(copy.fields, fields, "{}", item.key());
    }
}

#[test]
fn s5_parts_come_one_after_the_other_and_what_happens_meanwhile_is_told_at_the_end() {
    let mut r = full_room();
    let (v, early) = (r.connect(1), r.connect(2));
    let (mut copy, mut earlier) = (Replica::default(), Replica::default());
    r.quiet().subscribe(early, 1, all());
    assert_eq!(r.wakes(), [r.now.plus(limits::SNAPSHOT_PAUSE_MILLIS)]);
    r.tick();
    r.tick();
    let marks = [(true, false, false), (false, false, false), (false, true, false)];
    assert_eq!(follow(&mut r, early, &mut earlier), marks);
    assert!(r.relay.is_settled());
    r.subscribe(v, 1, all());
    assert!(!r.relay.is_settled(), "who waits for more holds its sleep up");
    let mut parts = follow(&mut r, v, &mut copy);
    assert_eq!(parts.len(), 1, "the others wait");
    // Of each part something changes, ends, begins anew, and is new.
    r.push(&[
        event("k5", 2, 6.0, &[("new", 1.0)]),
        event("k15000", 2, 6.0, &[("newer", 1.0)]),
        event("late", 2, 6.0, &[]),
    ]);
    parts.extend(follow(&mut r, v, &mut copy));
    end(&mut r, &["k7", "k12000", "k25000", "k25001", "k8"]);
    r.push(&[event("k25001", 3, 6.0, &[]), event("k8", 3, 6.0, &[("new", 2.0)])]);
    for _ in 0..3 {
        r.tick();
    }
    parts.extend(follow(&mut r, v, &mut copy));
    assert_eq!(parts, marks);
    assert_same(&copy, &r);
    follow(&mut r, early, &mut earlier);
    assert_same(&earlier, &r);
    r.push(&[event("k1", 4, 6.0, &[])]);
    follow(&mut r, v, &mut copy);
    assert_same(&copy, &r);
    assert!(r.relay.is_settled());
    [v, early].iter().for_each(|v| r.relay.disconnect(*v));
    assert_eq!(r.relay.held(), [0; 5]);
}

#[test]
fn s5_a_snapshot_of_which_parts_are_missing_begins_anew_when_the_mirror_is_replaced_and_stays_the_answer() {
    let mut r = full_room();
    let v = r.connect(1);
    let mut copy = Replica::default();
    r.quiet().subscribe(v, 1, all());
    assert_eq!(follow(&mut r, v, &mut copy), [(true, false, false)]);
    r.accept(&[event("k3", 2, 6.0, &[])]);
    r.load();
    for _ in 0..3 {
        r.tick();
    }
    assert_eq!(follow(&mut r, v, &mut copy), [(true, false, false), (false, false, false), (false, true, false)]);
    assert_same(&copy, &r);
}

#[test]
fn s5_who_does_not_take_a_part_gets_no_other_and_few_are_made_at_a_time() {
    let mut r = full_room();
    let slow = r.connect(1);
    let mut copy = Replica::default();
    r.quiet().subscribe(slow, 1, all());
    follow(&mut r, slow, &mut copy);
    r.block(slow, limits::VIEWER_BUFFER_BYTES + 1);
    r.tick();
    assert_eq!(follow(&mut r, slow, &mut copy), []);
    assert_eq!(r.wakes().last(), Some(&r.now.plus(limits::RETRY_MILLIS)));
    // Others have other subscriptions, so that each needs a part of its own.
    for i in 2..8 {
        let v = r.connect(i);
        r.subscribe(v, i, all());
    }
    let snapshots = |r: &Room| {
        let frames = r.out.iter().filter_map(|o| if let Output::Send { frame, .. } = o { Some(frame) } else { None });
        let messages = frames.map(|frame| ServerMessage::from_binary(frame.as_bytes()).unwrap());
        messages.filter(|m| matches!(m, ServerMessage::Snapshot { .. })).count()
    };
    r.quiet().tick();
    assert_eq!(snapshots(&r), limits::SNAPSHOT_PARTS_AT_ONCE);
    r.block(slow, 0);
    for _ in 0..10 {
        r.tick();
    }
    assert_eq!(follow(&mut r, slow, &mut copy).last(), Some(&(false, true, false)));
    assert_same(&copy, &r);
    assert!(r.relay.is_settled());
    // One that takes nothing for too long goes.
    r.subscribe(slow, 1, all());
    r.block(slow, limits::VIEWER_BUFFER_BYTES + 1);
    r.tick();
    r.wait(limits::SLOW_MILLIS + 1);
    r.quiet().tick();
    assert!(r.out.contains(&Output::Close { viewer: slow, code: CloseCode::Slow }));
}
