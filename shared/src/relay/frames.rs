//! Messages to viewers as bytes or text.

use super::connection::ConnectionId;
use super::group::Encoding;
use crate::cursor::{Cursor, Seq};
use crate::items::{ItemId, Items};
use crate::problem::Code;
use crate::protocol::rows::{Known, write_rows};
use crate::protocol::server::{begin, kind, write_cursor, write_ids};
use crate::protocol::{CloseCode, SubId};
use crate::rewind::{Told, ToldEvent};
use crate::time::Millis;
use crate::trace::TraceId;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::rc::Rc;

/// One encoded message; cheap to share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A binary message.
    Binary(Rc<[u8]>),
    /// A text message.
    Text(Rc<str>),
}

impl Frame {
    /// Bytes on the wire, without the WebSocket header.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Binary(b) => b,
            Self::Text(t) => t.as_bytes(),
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn text(value: &impl Serialize) -> Self {
        Self::Text(serde_json::to_string(value).unwrap_or_default().into())
    }
}

/// Items of a JSON message: whole in a snapshot, as far as they changed in a delta.
struct ItemList<'l> {
    items: &'l Items,
    ids: &'l [ItemId],
    known: Option<Known<'l>>,
}

impl Serialize for ItemList<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.ids.iter().filter_map(|&id| {
            let item = self.items.get(id)?;
            // A client may have an old state of an item that a delta tells whole, and merges: removed fields are
            // named there, since it could not know otherwise.
            let since = self.known.map(|k| if k.knows(id, item) { k.since } else { 0 });
            Some(self.items.view(item, since))
        }))
    }
}

/// A snapshot or a delta as JSON.
#[derive(Serialize)]
struct ItemsMessage<'m> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: SubId,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Cursor>,
    cursor: Cursor,
    #[serde(skip_serializing_if = "Option::is_none")]
    rights: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<Place>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unasked: bool,
    items: ItemList<'m>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed: Vec<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<TraceId>,
}

#[derive(Serialize)]
struct Place {
    first: bool,
    last: bool,
}

/// Which part of a snapshot a frame is, and whether somebody asked for it.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub first: bool,
    pub last: bool,
    pub asked: bool,
    /// See [`crate::rights::KeySet::fingerprint`].
    pub rights: u32,
}

pub(super) fn snapshot(
    encoding: Encoding,
    sub: SubId,
    cursor: Cursor,
    items: &Items,
    ids: &[ItemId],
    Part { first, last, asked, rights }: Part,
) -> Frame {
    match encoding {
        Encoding::Binary => {
            let mut w = begin(kind::SNAPSHOT);
            w.varint(u64::from(sub.0));
            write_cursor(&mut w, cursor);
            w.u8(u8::from(first) | u8::from(last) << 1 | u8::from(!asked) << 2);
            w.varint(u64::from(rights));
            write_rows(&mut w, items, ids, Known::NOTHING);
            Frame::Binary(w.finish().into())
        }
        Encoding::Json => {
            let part = (!(first && last)).then_some(Place { first, last });
            let items = ItemList { items, ids, known: None };
            let (kind, rights, removed) = ("snapshot", Some(rights), Vec::new());
            Frame::text(&ItemsMessage {
                kind,
                id: sub,
                from: None,
                cursor,
                rights,
                part,
                unasked: !asked,
                items,
                removed,
                trace: None,
            })
        }
    }
}

/// What a delta says: from where to where, which items, which left.
pub(super) struct Delta<'d> {
    pub from: Seq,
    pub to: Cursor,
    pub ids: &'d [ItemId],
    pub removed: &'d [ItemId],
    pub known: Known<'d>,
    /// The trace of a request that it brings, for who asked for it. The binary protocol has no place for it.
    pub trace: Option<TraceId>,
}

pub(super) fn delta(encoding: Encoding, sub: SubId, items: &Items, d: &Delta<'_>) -> Frame {
    match encoding {
        Encoding::Binary => {
            let mut w = begin(kind::DELTA);
            w.varint(u64::from(sub.0));
            w.varint(d.from);
            w.varint(d.to.seq - d.from);
            write_rows(&mut w, items, d.ids, d.known);
            write_ids(&mut w, d.removed);
            Frame::Binary(w.finish().into())
        }
        Encoding::Json => {
            let removed = d.removed.iter().filter_map(|&id| items.key_of(id)).collect();
            let items = ItemList { items, ids: d.ids, known: Some(d.known) };
            let (kind, from) = ("delta", Some(Cursor { seq: d.from, ..d.to }));
            let (rights, part, unasked, trace) = (None, None, false, d.trace);
            Frame::text(&ItemsMessage {
                kind,
                id: sub,
                from,
                cursor: d.to,
                rights,
                part,
                unasked,
                items,
                removed,
                trace,
            })
        }
    }
}

/// What a plain viewer is told of an item that ended.
pub(super) fn ended(items: &Items, key: &str) -> Option<Frame> {
    let seq = items.end_of(key)?;
    Some(Frame::text(&json!({"key": key, "seq": seq, "removed": true})))
}

/// What was, up to `cursor`. The binary protocol has no such message.
pub(super) fn rewind(sub: SubId, told: &Told, cursor: Cursor) -> Frame {
    let events: Vec<ToldEvent<'_>> = told.upto(cursor).collect();
    let from = Cursor { seq: told.from.min(cursor.seq), ..cursor };
    Frame::text(&json!({"type": "rewind", "id": sub.0, "from": from, "cursor": cursor, "events": events}))
}

pub(super) fn resumed(encoding: Encoding, sub: SubId, cursor: Cursor) -> Frame {
    match encoding {
        Encoding::Binary => {
            let mut w = begin(kind::RESUMED);
            w.varint(u64::from(sub.0));
            write_cursor(&mut w, cursor);
            Frame::Binary(w.finish().into())
        }
        Encoding::Json => Frame::text(&json!({"type": "resumed", "id": sub.0, "cursor": cursor})),
    }
}

pub(super) fn gap(encoding: Encoding, sub: SubId, cursor: Cursor) -> Frame {
    match encoding {
        Encoding::Binary => {
            let mut w = begin(kind::GAP);
            w.varint(u64::from(sub.0));
            write_cursor(&mut w, cursor);
            Frame::Binary(w.finish().into())
        }
        Encoding::Json => Frame::text(&json!({"type": "gap", "id": sub.0, "cursor": cursor})),
    }
}

/// How the board is.
pub(super) struct Status {
    pub now: Millis,
    pub cursor: Cursor,
    pub viewers: usize,
    pub lag_ms: u32,
    /// In a greeting, the name of the connection; the binary protocol has no place for it.
    pub connection: Option<ConnectionId>,
}

impl Status {
    pub fn frame(&self, encoding: Encoding) -> Frame {
        let Self { now, cursor, viewers, lag_ms, connection } = *self;
        match encoding {
            Encoding::Binary => {
                let mut w = begin(kind::STATUS);
                w.zigzag(now.0);
                write_cursor(&mut w, cursor);
                w.varint(viewers as u64);
                w.varint(u64::from(lag_ms));
                Frame::Binary(w.finish().into())
            }
            Encoding::Json => {
                let mut status =
                    json!({"type": "status", "time": now, "cursor": cursor, "viewers": viewers, "lag_ms": lag_ms});
                if let Some(id) = connection {
                    status["connection"] = id.to_string().into();
                }
                Frame::text(&status)
            }
        }
    }
}

pub(super) fn error(encoding: Encoding, id: Option<u32>, code: Code, message: &str, action: &str) -> Frame {
    match encoding {
        Encoding::Binary => {
            let mut w = begin(kind::ERROR);
            w.u8(u8::from(id.is_some()));
            if let Some(id) = id {
                w.varint(u64::from(id));
            }
            w.text(code.name());
            w.text(message);
            w.text(action);
            Frame::Binary(w.finish().into())
        }
        Encoding::Json => {
            let mut m = json!({"type": "error", "code": code, "message": message});
            if let Some(id) = id {
                m["id"] = id.into();
            }
            if !action.is_empty() {
                m["action"] = action.into();
            }
            Frame::text(&m)
        }
    }
}

pub(super) fn bye(encoding: Encoding, code: CloseCode) -> Frame {
    match encoding {
        Encoding::Binary => {
            let mut w = begin(kind::BYE);
            w.u16(code as u16);
            w.text(code.reason());
            w.u8(u8::from(code.reconnect()));
            Frame::Binary(w.finish().into())
        }
        Encoding::Json => Frame::text(
            &json!({"type": "bye", "code": code as u16, "reason": code.reason(), "reconnect": code.reconnect()}),
        ),
    }
}

pub(super) fn published(encoding: Encoding, id: u32, answer: &str) -> Frame {
    match encoding {
        Encoding::Binary => {
            let mut w = begin(kind::PUBLISHED);
            w.varint(u64::from(id));
            w.text(answer);
            Frame::Binary(w.finish().into())
        }
        Encoding::Json => {
            let answer: Value = serde_json::from_slice(answer.as_bytes()).unwrap_or(Value::Null);
            Frame::text(&json!({"type": "published", "id": id, "answer": answer}))
        }
    }
}
