//! From a load to what it takes: objects, rows, bytes, processor time and money. A model, whose figures are from the tables of
//! `docs/benchmarks.md`; `docs/scale.md` says how near it comes to them, and what it leaves out.

pub mod prices;
#[cfg(test)]
mod tests;

use crate::limits;
use serde::Serialize;

const DAY_SECONDS: f64 = 86_400.0;
const MONTH_DAYS: f64 = 30.0;
const GB: f64 = 1e9;

/// A board sends a frame, or a push to a relay, at most so often a second: `tick_ms` of 100.
const TICKS_A_SECOND: f64 = 10.0;
/// The tick of a relay grows with its viewers, to twice as long (F3 of the feed's protocol).
const MOST_FRAMES_A_TICK: f64 = 560.0;
/// Processor time of a request that comes alone, in microseconds: caches have gone cold since the last one.
const REQUEST_ALONE_MICROS: f64 = 1_350.0;
/// That of one that comes right after another.
const REQUEST_BUSY_MICROS: f64 = 525.0;
/// Cores in use up to which each request comes alone, and from which none does.
const ALONE_UNTIL: f64 = 0.25;
const BUSY_FROM: f64 = 0.75;
/// What a record adds to its request, in microseconds: when requests come alone, and when they do not.
const RECORD_ALONE_MICROS: f64 = 10.0;
const RECORD_BUSY_MICROS: f64 = 4.75;
/// A frame to a viewer, with its share of encoding and acknowledgements, in microseconds.
const FRAME_MICROS: f64 = 37.0;
/// The part of a request's processor time that the route takes; the rest is the object's, which is billed by duration.
const ROUTE_SHARE: f64 = 0.5;

/// A request keeps its board and relays awake for so long: the tick, and until they have compared their cursors.
const AWAKE_SECONDS: f64 = 2.0;
/// A viewer acknowledges once in so long.
const ACKNOWLEDGE_SECONDS: f64 = 6.5;
/// A viewer connects anew so often a day.
const CONNECTS_A_DAY: f64 = 24.0;
/// The alarm of a busy board is set once in so long.
const ALARM_SECONDS: f64 = 10.0;
/// Series that go to their rows together, rows of the log after which they do, and rows that it takes.
const SERIES_A_PART: f64 = 64.0;
const LOG_ROWS_A_FLUSH: f64 = 5_000.0;
const ROWS_A_FLUSH: f64 = 5.0;
/// Tracks that go to their rows together.
const TRACKS_A_PAGE: f64 = 32.0;
/// A row of a checkpoint, and an item in it, in bytes.
const CHECKPOINT_ROW_BYTES: f64 = 1.5e6;
const ITEM_STORED_BYTES: f64 = 100.0;
/// What a board is planned to store, in bytes: a tenth less than an object takes.
const BOARD_BYTES: f64 = limits::STORAGE_BYTES as f64 * 0.9;
/// A fix of a track, in bytes.
const FIX_BYTES: f64 = 5.0;

/// Memory of a worker that holds nothing, of an item (in the board, and in a relay), and of a viewer, in bytes.
const EMPTY_BYTES: f64 = 60e6;
const ITEM_BYTES: f64 = 150.0;
const VIEWER_BYTES: f64 = 16_000.0;
/// Of a processor no more than this is planned for: what is above is waited for.
const PLANNED_SHARE: f64 = 0.6;

/// What comes in and who watches. Numbers that are not finite or below zero count as zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// Events a second, over all boards, in the mean of a day.
    pub events_per_second: f64,
    /// Events in a request, in the mean; at least 1.
    pub events_per_request: f64,
    /// Items, over all boards.
    pub items: u64,
    /// Number fields of an item that are rolled up.
    pub fields: u32,
    /// Viewers at a time, in the mean of a day.
    pub viewers: u64,
    /// Days that the log is kept.
    pub history_days: f64,
    /// Bytes of an event in the log: 14 for a position in batches of 100, 32 for one alone, more with fields and ids.
    pub bytes_per_event: f64,
}

/// What a load takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Capacity {
    /// Boards: one has at most 200,000 items, and 9 GB.
    pub boards: u64,
    /// Relays: one has at most 5,000 viewers, and a board with viewers has one.
    pub relays: u64,
    /// Requests with events a second.
    pub requests_per_second: f64,
    /// Frames to all viewers a second, when each has news at each tick.
    pub frames_per_second: f64,
    /// Rows of SQLite a day, those that are deleted again among them.
    pub rows_per_day: f64,
    /// Bytes in all databases once the history is full.
    pub bytes_stored: f64,
    /// Processor time in cores: seconds a second.
    pub cores: f64,
    /// What the platform asks for.
    pub platform: Bill,
    /// A machine of one's own.
    pub machine: Machine,
}

/// A month on the platform, in US dollars.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bill {
    /// The plan.
    pub plan: f64,
    /// Requests to the worker.
    pub requests: f64,
    /// Processor time of the worker.
    pub cpu: f64,
    /// Requests to objects.
    pub object_requests: f64,
    /// Time in which objects are active.
    pub duration: f64,
    /// Rows written.
    pub rows: f64,
    /// Bytes stored.
    pub storage: f64,
    /// All of it.
    pub total: f64,
}

/// What one machine needs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Machine {
    /// Cores. One workerd uses one for all its objects: from two on, boards go to several.
    pub cores: u64,
    /// Processes of workerd.
    pub processes: u64,
    /// Memory in bytes.
    pub memory_bytes: f64,
    /// Disk in bytes: what is stored, and as much again for what SQLite writes beside it and for a backup.
    pub disk_bytes: f64,
}

/// What a load takes.
#[must_use]
pub fn of(load: &Load) -> Capacity {
    let events = positive(load.events_per_second);
    let requests = events / positive(load.events_per_request).max(1.0);
    let (items, viewers) = (load.items as f64, load.viewers as f64);
    let bytes_stored = bytes_stored(load, events * DAY_SECONDS);
    let by_items = load.items.div_ceil(limits::ITEMS_PER_BOARD as u64);
    let boards = by_items.max(whole(bytes_stored / BOARD_BYTES)).max(1);
    let relays = match load.viewers {
        0 => 0,
        some => some.div_ceil(limits::VIEWERS_PER_RELAY as u64).max(boards),
    };
    let pushes = requests.min(TICKS_A_SECOND * boards as f64) * relays as f64 / boards as f64;
    let frames = frames(requests / boards as f64, viewers / (relays.max(1) as f64)) * viewers;
    let rows_per_day = rows_per_day(load, requests * DAY_SECONDS, boards as f64);
    let ingest_micros = ingest_micros(requests, events, frames);
    let cores = (ingest_micros + frames * FRAME_MICROS) / 1e6;

    let month = DAY_SECONDS * MONTH_DAYS;
    let connects = viewers * CONNECTS_A_DAY * MONTH_DAYS;
    let awake = (requests / boards as f64 * AWAKE_SECONDS).min(1.0) * month;
    let messages = viewers / ACKNOWLEDGE_SECONDS * if requests > 0.0 { month } else { 0.0 };
    let mut platform = Bill {
        plan: prices::PLAN,
        requests: prices::REQUESTS.of(requests * month + connects),
        cpu: prices::CPU_MILLIS.of(ingest_micros * ROUTE_SHARE / 1e3 * month),
        object_requests: prices::OBJECT_REQUESTS
            .of((requests + pushes) * month + connects + messages / prices::MESSAGES_A_REQUEST),
        duration: prices::DURATION.of((boards + relays) as f64 * awake * prices::OBJECT_GB),
        rows: prices::ROWS_WRITTEN.of(rows_per_day * MONTH_DAYS),
        storage: prices::STORED_GB.of(bytes_stored / GB),
        total: 0.0,
    };
    let Bill { plan, requests: asked, cpu, object_requests, duration, rows, storage, .. } = platform;
    platform.total = plan + asked + cpu + object_requests + duration + rows + storage;

    let processes = whole(cores / PLANNED_SHARE).max(1);
    let machine = Machine {
        cores: processes,
        processes,
        memory_bytes: EMPTY_BYTES * processes as f64
            + items * ITEM_BYTES * (1.0 + relays as f64 / boards as f64)
            + viewers * VIEWER_BYTES,
        disk_bytes: bytes_stored * 2.0,
    };
    Capacity {
        boards,
        relays,
        requests_per_second: requests,
        frames_per_second: frames,
        rows_per_day,
        bytes_stored,
        cores,
        platform,
        machine,
    }
}

/// Frames that a viewer gets a second, when each request of its board is news to it and its relay has so many viewers.
fn frames(requests: f64, viewers: f64) -> f64 {
    let slower = (viewers / MOST_FRAMES_A_TICK * 2.0).clamp(1.0, 2.0);
    requests.min(TICKS_A_SECOND / slower)
}

/// Processor time of what comes in, in microseconds a second: the busier, the less each request takes.
fn ingest_micros(requests: f64, events: f64, frames: f64) -> f64 {
    let least = requests * REQUEST_BUSY_MICROS + events * RECORD_BUSY_MICROS;
    let used = (least + frames * FRAME_MICROS) / 1e6;
    let busy = ((used - ALONE_UNTIL) / (BUSY_FROM - ALONE_UNTIL)).clamp(0.0, 1.0);
    let most = requests * REQUEST_ALONE_MICROS + events * RECORD_ALONE_MICROS;
    most + (least - most) * busy
}

/// Rows a day: of the log, written and later deleted; of checkpoints, series and tracks; and alarms that are set.
fn rows_per_day(load: &Load, requests: f64, boards: f64) -> f64 {
    if requests <= 0.0 {
        return 0.0;
    }
    let items = load.items as f64;
    let checkpoint = (items / boards * ITEM_STORED_BYTES / CHECKPOINT_ROW_BYTES).ceil().max(1.0);
    let series = items * (f64::from(load.fields) + 1.0);
    let parts = (series / SERIES_A_PART).ceil() * ROWS_A_FLUSH + (items / TRACKS_A_PAGE).ceil();
    let flushes = requests / boards / LOG_ROWS_A_FLUSH;
    let alarms = boards * (DAY_SECONDS / ALARM_SECONDS).min(requests / boards);
    2.0 * requests + requests / limits::CHECKPOINT_ROWS as f64 * checkpoint + flushes * parts + alarms
}

fn bytes_stored(load: &Load, events: f64) -> f64 {
    let fixes = events * positive(load.history_days).min(f64::from(limits::TRACK_DAYS)) * FIX_BYTES;
    events * positive(load.history_days) * positive(load.bytes_per_event)
        + fixes
        + load.items as f64 * ITEM_STORED_BYTES
}

fn positive(number: f64) -> f64 {
    if number.is_finite() { number.max(0.0) } else { 0.0 }
}

/// The next whole number.
fn whole(number: f64) -> u64 {
    number.ceil() as u64
}
