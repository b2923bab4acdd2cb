//! What `GET …/archive` tells.

use super::columns::{BOOL, Columns, NUMBER, TEXT};
use super::delivery::{Action, Delivery};
use super::target::{Place, Unknown};
use crate::cursor::{Cursor, Epoch};
use crate::time::Millis;
use serde_json::{Value, json};

/// A board that delivers nothing.
pub fn off(cursor: Cursor) -> Value {
    json!({
        "state": "off",
        "target": null,
        "cursor": cursor,
        "delivered": null,
        "backlog": {"records": 0, "bytes": 0, "oldest": null},
        "lag_ms": 0,
        "last": null,
        "in_flight": null,
        "error": null,
        "next_try": null,
        "columns": [],
    })
}

/// A board's delivery to where its target is, if the operator knows the target.
pub fn status(
    delivery: &Delivery,
    target: Result<&Place, &Unknown>,
    columns: &Columns,
    epoch: Epoch,
    now: Millis,
) -> Value {
    let (last, waiting) = (delivery.last(), delivery.waiting());
    let state = match delivery.next(now) {
        _ if target.is_err() => "target_unknown",
        _ if delivery.is_failing() => "failing",
        Action::Idle => "idle",
        Action::Wait(_) => "waiting",
        Action::Build | Action::PutObject | Action::PutManifest => "delivering",
    };
    let next_try = match delivery.next(now) {
        Action::Wait(at) if target.is_ok() => Some(at),
        Action::Wait(_) | Action::Idle | Action::Build | Action::PutObject | Action::PutManifest => None,
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
    let failed = delivery
        .failure()
        .map(|f| json!({"at": f.at, "message": f.message, "times": f.times, "mended": !delivery.is_failing()}));
    let error = match &target {
        Err(unknown) => Some(json!({"at": now, "message": unknown.to_string(), "times": 1, "mended": false})),
        Ok(_) => failed,
    };
    json!({
        "state": state,
        "target": target.ok(),
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
        "error": error,
        "next_try": next_try,
        "columns": columns,
    })
}
