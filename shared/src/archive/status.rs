//! What `GET …/archive` tells.

use super::columns::{BOOL, Columns, NUMBER, TEXT};
use super::delivery::{Action, Delivery};
use super::place::Place;
use super::target::Unknown;
use crate::api::archive::{Archive, ArchiveColumn, ArchiveError, ArchiveObject, ArchiveRange, ArchiveState, Backlog};
use crate::cursor::{Cursor, Epoch};
use crate::time::Millis;

/// A board that delivers nothing.
pub const fn off(cursor: Cursor) -> Archive {
    Archive {
        state: ArchiveState::Off,
        target: None,
        cursor,
        delivered: None,
        backlog: Backlog { records: 0, bytes: 0, oldest: None },
        lag_ms: 0,
        last: None,
        in_flight: None,
        error: None,
        next_try: None,
        columns: Vec::new(),
    }
}

/// A board's delivery to where its target is, if the operator knows the target.
pub fn status(
    delivery: &Delivery,
    target: Result<&Place, &Unknown>,
    columns: &Columns,
    epoch: Epoch,
    now: Millis,
) -> Archive {
    let (last, waiting) = (delivery.last(), delivery.waiting());
    let state = match delivery.next(now) {
        _ if target.is_err() => ArchiveState::TargetUnknown,
        _ if delivery.is_failing() => ArchiveState::Failing,
        Action::Idle => ArchiveState::Idle,
        Action::Wait(_) => ArchiveState::Waiting,
        Action::Build | Action::PutObject | Action::PutManifest => ArchiveState::Delivering,
    };
    let next_try = match delivery.next(now) {
        Action::Wait(at) if target.is_ok() => Some(at),
        Action::Wait(_) | Action::Idle | Action::Build | Action::PutObject | Action::PutManifest => None,
    };
    let column = |c: &super::columns::Column| {
        let kinds = [(NUMBER, "number"), (BOOL, "boolean"), (TEXT, "text")];
        let seen = kinds.iter().filter(|(bit, _)| c.kinds & bit != 0).map(|(_, name)| (*name).to_owned());
        ArchiveColumn { field: c.field.clone(), column: c.column.clone(), kinds: seen.collect() }
    };
    let error = match target {
        Err(unknown) => Some(ArchiveError { at: now, message: unknown.to_string(), times: 1, mended: false }),
        Ok(_) => delivery.failure().map(|f| ArchiveError {
            at: f.at,
            message: f.message.clone(),
            times: f.times,
            mended: !delivery.is_failing(),
        }),
    };
    Archive {
        state,
        target: target.ok().cloned(),
        cursor: Cursor { epoch, seq: delivery.head() },
        delivered: Some(Cursor { epoch, seq: last.seq }),
        backlog: Backlog {
            records: delivery.head().saturating_sub(last.seq),
            bytes: waiting.bytes,
            oldest: waiting.since,
        },
        lag_ms: waiting.since.map_or(0, |since| now.since(since).max(0)),
        last: (!last.object.is_empty()).then(|| ArchiveObject {
            seq: last.seq,
            object: last.object.clone(),
            manifest: last.manifest.clone(),
            records: last.records,
            bytes: last.bytes,
            at: last.at,
            lag_ms: last.lag_ms,
        }),
        in_flight: delivery.plan().map(|p| ArchiveRange { first: p.first, last: p.last, object: p.object.clone() }),
        error,
        next_try,
        columns: columns.list().iter().map(column).collect(),
    }
}
