#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of output and lets the others be")]

use super::*;
use crate::codec::Batch;
use crate::cursor::{Epoch, Seq};
use crate::event::Event;
use crate::position::Measured;
use crate::protocol::ServerMessage;
use crate::rights::KeySet;
use crate::value::Value;
use std::cell::RefCell;
use std::collections::HashMap;

mod hidden;
mod narrowed;
mod parts;
mod present;
mod resume;
mod rewind;
mod slow;
mod subscriptions;
mod traces;

/// Sockets whose queues the test fills.
#[derive(Default)]
struct Net(RefCell<HashMap<ViewerId, u32>>);

impl Sockets for Net {
    fn waiting(&self, viewer: ViewerId) -> u32 {
        self.0.borrow().get(&viewer).copied().unwrap_or(0)
    }
}

/// A relay with a board that pushes to it, and a clock.
struct Room {
    relay: Relay,
    board: Items,
    seq: Seq,
    now: Millis,
    net: Net,
    out: Vec<Output>,
}

const EPOCH: Epoch = Epoch(1);

fn at(lat: f64, lon: f64) -> Option<crate::position::Position> {
    Measured { lat, lon, ..Measured::default() }.check().ok()
}

fn event(key: &str, time: i64, lat: f64, fields: &[(&str, f64)]) -> Event {
    let fields = fields.iter().map(|(n, v)| ((*n).to_owned(), Some(Value::Number(*v)))).collect();
    Event { id: None, key: key.into(), time: Millis(time), position: at(lat, 0.0), fields }
}

impl Room {
    fn new() -> Self {
        let start = Cursor { epoch: EPOCH, seq: 0 };
        let relay = Relay::new(Items::default(), start);
        Self { relay, board: Items::default(), seq: 0, now: Millis(1_000_000), net: Net::default(), out: Vec::new() }
    }

    /// The board takes events and pushes them.
    fn push(&mut self, events: &[Event]) -> Pushed {
        let bytes = self.accept(events);
        self.deliver(&bytes)
    }

    /// The board takes events; the push is on its way.
    fn accept(&mut self, events: &[Event]) -> Vec<u8> {
        let batch = Batch::from_events(events).encode();
        self.board.apply(&Batch::decode(&batch).unwrap(), self.seq + 1, |_, _| {});
        let previous = Cursor { epoch: EPOCH, seq: self.seq };
        self.seq += events.len() as u64;
        let rows = vec![PushRow { first: previous.seq + 1, batch: &batch }];
        PushMessage { previous, to: self.seq, accepted_at: self.now, rows, scores_life: 0, scores: Vec::new() }.encode()
    }

    fn deliver(&mut self, push: &[u8]) -> Pushed {
        let push = PushMessage::decode(push).unwrap();
        self.relay.push(self.now, &push, &self.net, &mut self.out).unwrap()
    }

    fn load(&mut self) {
        let parts = self.board.to_snapshot();
        let items = Items::from_snapshot(parts.iter().map(Vec::as_slice)).unwrap();
        self.relay.load(self.now, items, Cursor { epoch: EPOCH, seq: self.seq }, &self.net, &mut self.out);
    }

    fn connect_as(&mut self, viewer: u32, mode: Mode, access: Access) -> ViewerId {
        let id = ViewerId(viewer);
        self.relay.connect(self.now, id, Session::new(mode, access, None), &mut self.out);
        id
    }

    fn connect(&mut self, viewer: u32) -> ViewerId {
        self.connect_as(viewer, Mode::Binary, Access::public())
    }

    fn say(&mut self, viewer: ViewerId, message: ClientMessage) {
        self.relay.message(self.now, viewer, Ok(message), &self.net, &mut self.out);
    }

    fn subscribe(&mut self, viewer: ViewerId, sub: u32, subscription: Subscription) {
        self.say(
            viewer,
            ClientMessage::Subscribe { id: SubId(sub), subscription, resume: None, rights: None, rewind: None },
        );
    }

    fn resume(&mut self, viewer: ViewerId, sub: u32, subscription: Subscription, cursor: Cursor) {
        let resume = Some(cursor);
        self.say(viewer, ClientMessage::Subscribe { id: SubId(sub), subscription, resume, rights: None, rewind: None });
    }

    fn tick(&mut self) {
        self.relay.tick(self.now, &self.net, &mut self.out);
    }

    fn wait(&mut self, millis: i64) {
        self.now = self.now.plus(millis);
    }

    fn block(&self, viewer: ViewerId, bytes: u32) {
        self.net.0.borrow_mut().insert(viewer, bytes);
    }

    /// What a viewer has been told since the last time, in words.
    fn told(&mut self, viewer: ViewerId) -> Vec<String> {
        let mut words = Vec::new();
        let board = &self.relay.mirror;
        self.out.retain(|o| match o {
            Output::Send { viewers, frame } if viewers.contains(&viewer) => {
                words.push(word(board, frame));
                viewers.len() > 1
            }
            Output::Close { viewer: v, code } if *v == viewer => {
                words.push(format!("closed {}", *code as u16));
                false
            }
            _ => true,
        });
        words
    }

    fn wakes(&self) -> Vec<Millis> {
        self.out.iter().filter_map(|o| if let Output::WakeAt(t) = o { Some(*t) } else { None }).collect()
    }

    /// Forgets what was said so far.
    fn quiet(&mut self) -> &mut Self {
        self.out.clear();
        self
    }
}

fn word(board: &Items, frame: &Frame) -> String {
    let bytes = match frame {
        Frame::Binary(b) => b,
        Frame::Text(t) => return t.to_string(),
    };
    let rows = |rows: &crate::protocol::Rows<'_>| {
        let one = |(id, key): (crate::items::ItemId, Option<&str>)| {
            let name = board.get(id).map_or("?", crate::items::Item::key);
            format!("{name}{}", if key.is_some() { "+" } else { "" })
        };
        rows.ids.iter().copied().zip(rows.keys.iter().copied()).map(one).collect::<Vec<_>>().join(",")
    };
    match ServerMessage::from_binary(bytes).unwrap() {
        ServerMessage::Snapshot { sub, cursor, unasked, rows: r, .. } => {
            format!("{}snapshot {} @{} [{}]", if unasked { "unasked " } else { "" }, sub.0, cursor.seq, rows(&r))
        }
        ServerMessage::Delta { sub, from, to, rows: r, removed } => {
            let gone: Vec<&str> = removed.iter().filter_map(|id| board.get(*id)).map(crate::items::Item::key).collect();
            let gone = if gone.is_empty() { String::new() } else { format!(" -[{}]", gone.join(",")) };
            format!("delta {} {from}..{to} [{}]{gone}", sub.0, rows(&r))
        }
        ServerMessage::Resumed { sub, cursor } => format!("resumed {} @{}", sub.0, cursor.seq),
        ServerMessage::Gap { sub, cursor } => format!("gap {} @{}", sub.0, cursor.seq),
        ServerMessage::Status { viewers, .. } => format!("status {viewers}"),
        ServerMessage::Error { id, code, action, .. } => format!("error {id:?} {code} {action}"),
        ServerMessage::Bye { code, reconnect, .. } => format!("bye {code} {reconnect}"),
        ServerMessage::Published { id, answer } => format!("published {id} {answer}"),
        ServerMessage::Presence(f) => {
            let names = f.members.map(|members| members.iter().map(|m| m.name).collect::<Vec<_>>().join(","));
            let names = names.map_or_else(String::new, |names| format!(" [{names}] -[{}]", f.gone.join(",")));
            let what = if f.snapshot { "present" } else { "presence" };
            format!("{what} {} {} +{} -{}{names}", f.sub.0, f.count, f.joined, f.left)
        }
        ServerMessage::Scores(f) => format!("scores {} @{} of {}", f.sub.0, f.cursor.seq, f.total),
    }
}

fn all() -> Subscription {
    Subscription::items_all()
}

fn keys(keys: &[&str]) -> Subscription {
    Subscription::items_keys(keys.iter().map(|k| (*k).to_owned()).collect())
}

/// Latitudes 0 to 10 around longitude 0.
fn strip() -> Subscription {
    Subscription::items_bbox([-1.0, 0.0, 1.0, 10.0]).unwrap()
}

fn patterns(p: &[&str]) -> Access {
    let read = KeySet::of(p).unwrap();
    Access { read, ..Access::public() }
}

#[test]
fn f26_status_counts_the_viewers_of_the_boards_other_relays() {
    let mut r = Room::new();
    let first = r.connect(1);
    assert_eq!(r.told(first), ["status 1"]);
    r.relay.set_elsewhere(5_000);
    let second = r.connect(2);
    assert_eq!(r.told(second), ["status 5002"]);
    r.push(&[event("a", 1, 1.0, &[])]);
    assert_eq!(r.told(first), ["status 5002"]);
}

#[test]
fn f3_frames_are_counted_by_whom_a_push_concerns() {
    let mut r = Room::new();
    for i in 1..=10 {
        let v = r.connect(i);
        r.subscribe(v, 1, keys(&[&format!("k{i}")]));
    }
    // The first push brings everybody the status.
    r.push(&[event("other", 1, 1.0, &[])]);
    r.push(&[event("k3", 1, 1.0, &[]), event("k7", 1, 1.0, &[])]);
    assert_eq!(r.relay.last_sent(), 2);
    r.push(&[event("other", 2, 1.0, &[])]);
    assert_eq!(r.relay.last_sent(), 0);
}
