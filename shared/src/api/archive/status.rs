//! What `GET …/archive` tells.

use super::{Archive, ArchiveColumn, ArchiveError, ArchiveObject, ArchiveRange, ArchiveState, Backlog};
use crate::archive::columns::{BOOL, Columns, NUMBER, TEXT, kind_name};
use crate::archive::config::ArchiveFormat;
use crate::archive::delivery::{Action, Delivery};
use crate::archive::place::Place;
use crate::archive::target::Unknown;
use crate::cursor::{Cursor, Epoch};
use crate::time::Millis;

/// A board that delivers nothing.
pub const fn off(cursor: Cursor) -> Archive {
    Archive {
        state: ArchiveState::Off,
        format: None,
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
    let of_kinds = |field: &str, column: &str, kinds: u8| {
        let seen = [NUMBER, BOOL, TEXT].into_iter().filter(|kind| kinds & kind != 0).map(kind_name);
        ArchiveColumn { field: field.to_owned(), column: column.to_owned(), kinds: seen.map(str::to_owned).collect() }
    };
    let columns = match delivery.format() {
        ArchiveFormat::Ndjson => columns.list().iter().map(|c| of_kinds(&c.field, &c.column, c.kinds)).collect(),
        ArchiveFormat::Parquet => columns.typed().iter().map(|c| of_kinds(&c.field, &c.column, c.kind)).collect(),
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
        format: Some(delivery.format()),
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
        columns,
    }
}
