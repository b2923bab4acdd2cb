//! What `GET …/archive` tells.

use super::columns::{BOOL, Columns, NUMBER, TEXT};
use super::delivery::{Action, Delivery};
use crate::cursor::{Cursor, Epoch};
use crate::time::Millis;
use serde_json::{Value, json};

/// A board that delivers nothing.
pub fn off(cursor: Cursor) -> Value {
    json!({"state": "off", "cursor": cursor})
}

/// A board's delivery.
pub fn status(delivery: &Delivery, columns: &Columns, epoch: Epoch, now: Millis) -> Value {
    let (last, waiting) = (delivery.last(), delivery.waiting());
    let state = match delivery.next(now) {
        _ if delivery.is_failing() => "failing",
        Action::Idle => "idle",
        Action::Wait(_) => "waiting",
        Action::Build | Action::PutObject | Action::PutManifest => "delivering",
    };
    let next_try = match delivery.next(now) {
        Action::Wait(at) => Some(at),
        Action::Idle | Action::Build | Action::PutObject | Action::PutManifest => None,
    };
    let columns: Vec<Value> = columns
        .list()
        .iter()
        .map(|c| {
            let kinds = [(NUMBER, "number"), (BOOL, "boolean"), (TEXT, "text")];
            let seen: Vec<&str> = kinds.iter().filter(|(bit, _)| c.kinds & bit != 0).map(|(_, name)| *name).collect();
            json!({"field": c.field, "column": c.column, "kinds": seen})
        })
        .collect();
    json!({
        "state": state,
        "cursor": Cursor { epoch, seq: delivery.head() },
        "delivered": Cursor { epoch, seq: last.seq },
        "backlog": {
            "records": delivery.head().saturating_sub(last.seq),
            "bytes": waiting.bytes,
            "oldest": waiting.since,
        },
        "lag_ms": waiting.since.map_or(0, |since| now.since(since).max(0)),
        "last": (!last.object.is_empty()).then(|| json!({
            "seq": last.seq,
            "object": last.object,
            "manifest": last.manifest,
            "records": last.records,
            "bytes": last.bytes,
            "at": last.at,
            "lag_ms": last.lag_ms,
        })),
        "in_flight": delivery.plan().map(|p| json!({"first": p.first, "last": p.last, "object": p.object})),
        "error": delivery.failure().map(|f| json!({
            "at": f.at,
            "message": f.message,
            "times": f.times,
            "mended": !delivery.is_failing(),
        })),
        "next_try": next_try,
        "columns": columns,
    })
}
