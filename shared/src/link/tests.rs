//! Rules L: what a client's connection does, input by input.

use super::*;
use crate::codec::Batch;
use crate::cursor::{Cursor, Epoch};
use crate::event::Event;
use crate::items::{ItemId, Items};
use crate::position::Measured;
use crate::protocol::rows::{Known, write_rows};
use crate::protocol::server::{begin, kind, write_cursor, write_ids};
use crate::protocol::{ClientMessage, CloseCode};

mod cases;
mod connection;
mod copies;

/// A link, its clock and what it said.
struct Phone {
    link: Link,
    now: Millis,
    jitter: f64,
    out: Vec<Output>,
    /// The rights in the last subscribe that was looked at.
    rights: Option<u32>,
}

impl Phone {
    fn new(needs_token: bool) -> Self {
        let link = Link::new(LinkConfig { needs_token });
        Self { link, now: Millis(1_772_366_400_000), jitter: 0.5, out: Vec::new(), rights: None }
    }

    /// Connected, with one subscription to everything that has been answered.
    fn live() -> Self {
        let mut p = Self::new(false);
        p.input(Input::Subscribe(SubId(1), Subscription::items_all()));
        p.input(Input::Start);
        p.input(Input::SocketOpened);
        p.input(Input::Binary(snapshot(1, 10, 0, &["a", "b"])));
        p.out.clear();
        p
    }

    fn input(&mut self, input: Input) -> &mut Self {
        self.link.handle(self.now, self.jitter, input, &mut self.out);
        self
    }

    fn wait(&mut self, millis: i64) -> &mut Self {
        self.now = self.now.plus(millis);
        self
    }

    /// Lets the timers run for a while; what was said in that time stays.
    fn run(&mut self, millis: i64) -> &mut Self {
        let end = self.now.plus(millis);
        while self.link.state != State::Stopped
            && let Some(t) = self.link.wake.filter(|t| *t <= end)
        {
            self.now = self.now.max(t);
            self.input(Input::Timer);
        }
        self.now = end;
        self
    }

    /// What it said since the last time, in words; wake-ups and changes left out.
    fn said(&mut self) -> Vec<String> {
        self.out.drain(..).filter_map(|o| word(&o)).collect()
    }
}

fn word(o: &Output) -> Option<String> {
    Some(match o {
        Output::OpenSocket { protocols } => format!("open {}", protocols.join(" ")),
        Output::CloseSocket => "close".into(),
        Output::Send(bytes) => match ClientMessage::from_binary(bytes).ok()? {
            ClientMessage::Subscribe { id, resume, .. } => {
                format!("subscribe {}{}", id.0, resume.map_or_else(String::new, |c| format!(" from {c}")))
            }
            ClientMessage::Unsubscribe { id } => format!("unsubscribe {}", id.0),
            ClientMessage::Ack { cursor } => format!("ack {cursor}"),
            ClientMessage::Token { token } => format!("token {token}"),
            ClientMessage::Publish { .. } => "publish".into(),
        },
        Output::SendText(t) => (*t).into(),
        Output::FetchToken => "fetch token".into(),
        Output::Refused { code, .. } => format!("refused {code}"),
        Output::Status(s) => match s {
            LinkStatus::Connecting { attempt } => format!("connecting {attempt}"),
            LinkStatus::CatchingUp => "catching up".into(),
            LinkStatus::Live => "live".into(),
            LinkStatus::Waiting { attempt, .. } => format!("waiting {attempt}"),
            LinkStatus::Offline => "offline".into(),
            LinkStatus::Stopped { code, .. } => format!("stopped {code}"),
        },
        Output::WakeAt(_) | Output::Changed { .. } | Output::Scores { .. } => return None,
    })
}

fn items(keys: &[&str]) -> Items {
    let position = Measured { lat: 1.0, lon: 2.0, ..Measured::default() }.check().ok();
    let event = |k: &&str| {
        let key = (*k).to_owned();
        Event { id: None, key, time: Millis(1_772_366_399_000), position, fields: vec![("x".into(), None)] }
    };
    let events: Vec<Event> = keys.iter().map(event).collect();
    let mut items = Items::default();
    items.apply(&Batch::from_events(&events), 1, |_, _| {});
    items
}

fn ids(items: &Items) -> Vec<ItemId> {
    items.iter().map(|(id, _)| id).collect()
}

const EPOCH: Epoch = Epoch(1);

/// A whole snapshot; `flags` has 4 when nobody asked for it.
fn snapshot(sub: u32, seq: u64, flags: u8, keys: &[&str]) -> Vec<u8> {
    part(sub, seq, flags | 3, keys)
}

fn part(sub: u32, seq: u64, flags: u8, keys: &[&str]) -> Vec<u8> {
    let items = items(keys);
    part_of(sub, Cursor { epoch: EPOCH, seq }, flags, &items, &ids(&items))
}

/// A part of a snapshot with some of the items.
fn part_of(sub: u32, cursor: Cursor, flags: u8, items: &Items, ids: &[ItemId]) -> Vec<u8> {
    let mut w = begin(kind::SNAPSHOT);
    w.varint(u64::from(sub));
    write_cursor(&mut w, cursor);
    w.u8(flags);
    w.varint(77);
    write_rows(&mut w, items, ids, Known::NOTHING);
    w.finish()
}

/// A delta with these items, told whole.
fn delta(sub: u32, from: u64, to: u64, keys: &[&str]) -> Vec<u8> {
    let items = items(keys);
    delta_of(sub, from, to, &items, &ids(&items))
}

/// A delta with some of the items, told whole.
fn delta_of(sub: u32, from: u64, to: u64, items: &Items, ids: &[ItemId]) -> Vec<u8> {
    let mut w = begin(kind::DELTA);
    w.varint(u64::from(sub));
    w.varint(from);
    w.varint(to - from);
    write_rows(&mut w, items, ids, Known::NOTHING);
    write_ids(&mut w, &[]);
    w.finish()
}

fn resumed(sub: u32, epoch: u32, seq: u64) -> Vec<u8> {
    let mut w = begin(kind::RESUMED);
    w.varint(u64::from(sub));
    write_cursor(&mut w, Cursor { epoch: Epoch(epoch), seq });
    w.finish()
}

fn gap(sub: u32, cursor: Cursor) -> Vec<u8> {
    let mut w = begin(kind::GAP);
    w.varint(u64::from(sub));
    write_cursor(&mut w, cursor);
    w.finish()
}

fn status(time: Millis) -> Vec<u8> {
    let mut w = begin(kind::STATUS);
    w.zigzag(time.0);
    write_cursor(&mut w, Cursor::default());
    w.varint(3);
    w.varint(0);
    w.finish()
}

fn refusal(sub: u32) -> Vec<u8> {
    let mut w = begin(kind::ERROR);
    w.u8(1);
    w.varint(u64::from(sub));
    w.text("forbidden");
    w.text("no");
    w.text("subscribe");
    w.finish()
}

fn token(jwt: &str, expires_at: Millis) -> Input {
    Input::Token(Ok(Token { jwt: jwt.into(), expires_at }))
}
