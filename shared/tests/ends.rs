//! What viewers are told of an item that ends, in all three modes, live and when they resume.

#![allow(clippy::unwrap_used, reason = "a test helper that fails is a test that fails")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of message and lets the others be")]

use heliograph_shared::codec::Batch;
use heliograph_shared::cursor::{Cursor, Epoch};
use heliograph_shared::event::Event;
use heliograph_shared::items::{ItemId, Items};
use heliograph_shared::protocol::{ClientMessage, Filter, ServerMessage, SubId, Subscription};
use heliograph_shared::relay::{Frame, Mode, Output, PushMessage, PushRow, Relay, Session, Sockets, ViewerId};
use heliograph_shared::replica::{Change, Replica};
use heliograph_shared::rights::{Access, Ask};
use heliograph_shared::scores::control::{Action, Control};
use heliograph_shared::time::Millis;
use heliograph_shared::value::Value;

struct Ready;

impl Sockets for Ready {
    fn waiting(&self, _: ViewerId) -> u32 {
        0
    }
}

const NOW: Millis = Millis(1_772_366_400_000);

fn event(key: &str, n: f64) -> Event {
    let fields = vec![("n".to_owned(), Some(Value::Number(n)))];
    Event { id: None, key: key.into(), time: NOW, position: None, fields }
}

fn at(seq: u64) -> Cursor {
    Cursor { epoch: Epoch(1), seq }
}

fn push(relay: &mut Relay, row: &[u8], places: u64, out: &mut Vec<Output>) {
    let previous = relay.cursor();
    let rows = vec![PushRow { first: previous.seq + 1, batch: row }];
    let to = previous.seq + places;
    let message = PushMessage { previous, to, accepted_at: NOW, rows, scores_life: 0, scores: Vec::new() };
    relay.push(NOW, &message, &Ready, out).unwrap();
}

fn end(keys: &[&str]) -> Vec<u8> {
    let what = Action::EndItems { keys: keys.iter().map(|k| (*k).to_owned()).collect() };
    Control { at: NOW, by: "test".into(), what }.encode()
}

fn subscribe(relay: &mut Relay, viewer: u32, filter: Filter, resume: Option<Cursor>, out: &mut Vec<Output>) {
    let subscription = Subscription { filter, ..Subscription::items_all() };
    let message = ClientMessage::Subscribe { id: SubId(1), subscription, resume, rights: None, rewind: None };
    relay.message(NOW, ViewerId(viewer), Ok(message), &Ready, out);
}

fn told(out: &[Output], viewer: u32) -> Vec<Frame> {
    let mine = |o: &Output| match o {
        Output::Send { viewers, frame } if viewers.contains(&ViewerId(viewer)) => Some(frame.clone()),
        _ => None,
    };
    out.iter().filter_map(mine).collect()
}

fn text(frame: &Frame) -> serde_json::Value {
    match frame {
        Frame::Text(text) => serde_json::from_str(text).unwrap(),
        Frame::Binary(_) => panic!("binary"),
    }
}

/// Applies the binary frames of a viewer to its copy.
fn follow(replica: &mut Replica, frames: &[Frame]) -> Vec<Change> {
    let mut changes = Vec::new();
    for frame in frames {
        let Frame::Binary(bytes) = frame else { panic!("text") };
        match ServerMessage::from_binary(bytes).unwrap() {
            ServerMessage::Snapshot { cursor, first, last, rows, .. } => {
                replica.snapshot(cursor, first, last, &rows, &mut changes).unwrap();
            }
            ServerMessage::Delta { from, to, rows, removed, .. } => {
                replica.delta(from, to, &rows, &removed, &mut changes).unwrap();
            }
            _ => {}
        }
    }
    changes
}

fn relay() -> Relay {
    let mut items = Items::default();
    items.apply(&Batch::from_events(&[event("a", 1.0), event("b", 1.0), event("c", 1.0)]), 1, |_, _| {});
    Relay::new(items, at(3))
}

#[test]
fn f28_viewers_of_all_three_modes_hear_that_an_item_ended() {
    let mut relay = relay();
    let mut out = Vec::new();
    for (id, mode) in [
        (1, Mode::Binary),
        (2, Mode::Json),
        (3, Mode::Plain { keys: vec!["a".into()], wheres: Vec::new() }),
        (4, Mode::Json),
    ] {
        relay.connect(NOW, ViewerId(id), Session::new(mode, Access::public(), None), &mut out);
    }
    subscribe(&mut relay, 1, Filter::All, None, &mut out);
    subscribe(&mut relay, 2, Filter::Keys(vec!["a".into(), "b".into()]), None, &mut out);
    subscribe(&mut relay, 4, Filter::Keys(vec!["b".into()]), None, &mut out);
    let mut replica = Replica::default();
    follow(&mut replica, &told(&out, 1));
    assert_eq!(replica.len(), 3);
    out.clear();
    push(&mut relay, &end(&["a", "c"]), 1, &mut out);
    let changes = follow(&mut replica, &told(&out, 1));
    assert_eq!(changes, [Change::Remove(ItemId(0)), Change::Remove(ItemId(2))]);
    assert_eq!((replica.len(), replica.find("a")), (1, None));
    let json = told(&out, 2).iter().map(text).find(|m| m["type"] == "delta").unwrap();
    assert_eq!((json["removed"].clone(), json["items"].clone()), (serde_json::json!(["a"]), serde_json::json!([])));
    assert_eq!(text(&told(&out, 3)[0]), serde_json::json!({"key": "a", "seq": 4, "removed": true}));
    assert!(told(&out, 4).iter().all(|f| text(f)["type"] != "delta"), "its items did not end");
    // It begins anew, whole, for all of them.
    out.clear();
    push(&mut relay, &Batch::from_events(&[event("a", 2.0)]).encode(), 1, &mut out);
    follow(&mut replica, &told(&out, 1));
    assert_eq!(replica.get(replica.find("a").unwrap()).unwrap().fields["n"], Value::Number(2.0));
    let json = told(&out, 2).iter().map(text).find(|m| m["type"] == "delta").unwrap();
    assert_eq!((json["items"][0]["key"].clone(), json["removed"].clone()), ("a".into(), serde_json::Value::Null));
    assert_eq!(text(&told(&out, 3)[0])["fields"]["n"], 2);
}

#[test]
fn f28_who_resumes_over_an_end_is_told_of_it() {
    let mut relay = relay();
    let mut out = Vec::new();
    let mut replica = Replica::default();
    relay.connect(NOW, ViewerId(1), Session::new(Mode::Binary, Access::public(), None), &mut out);
    subscribe(&mut relay, 1, Filter::All, None, &mut out);
    follow(&mut replica, &told(&out, 1));
    relay.disconnect(ViewerId(1));
    push(&mut relay, &end(&["b"]), 1, &mut out);
    push(&mut relay, &Batch::from_events(&[event("c", 3.0), event("d", 3.0)]).encode(), 2, &mut out);
    // The relay loses its memory in between, and is given what the board has.
    let parts = relay.items().to_snapshot();
    let mut relay = Relay::new(Items::from_snapshot(parts.iter().map(Vec::as_slice)).unwrap(), relay.cursor());
    out.clear();
    let rights = Access::public().may(Ask::Present).unwrap().fingerprint();
    relay.connect(NOW, ViewerId(2), Session::new(Mode::Binary, Access::public(), None), &mut out);
    let resume = ClientMessage::Subscribe {
        id: SubId(1),
        subscription: Subscription::items_all(),
        resume: replica.cursor(),
        rights: Some(rights),
        rewind: None,
    };
    relay.message(NOW, ViewerId(2), Ok(resume), &Ready, &mut out);
    follow(&mut replica, &told(&out, 2));
    let keys: Vec<&str> = replica.items().map(|(_, i)| i.key.as_str()).collect();
    assert_eq!((keys, replica.cursor()), (vec!["a", "c", "d"], Some(at(6))));
}
