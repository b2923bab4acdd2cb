//! What delivery does next: the state machine of a board's archive.
//!
//! The shell asks [`Delivery::next`], does it, and tells what came of it. What must outlive the shell's memory is a
//! [`Plan`] and how far delivery is; both change in [`Delivery::built`] and [`Delivery::delivered`], and the shell
//! stores them before it sends anything.

use super::config::{ArchiveConfig, ArchiveFormat};
use super::name::Range;
use super::object::Object;
use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::{Epoch, Seq};
use crate::limits;
use crate::time::Millis;

/// The first pause after a try that failed; each further one is twice as long.
const RETRY_MILLIS: i64 = 500;
/// Bytes of lines that a byte of the log makes, until an object has shown it.
const EXPANSION: u64 = 10;

/// A range whose delivery has begun. It is stored before the first try, and every try writes the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The first sequence number.
    pub first: Seq,
    /// The last one.
    pub last: Seq,
    /// When the first was accepted.
    pub start: Millis,
    /// The object's name.
    pub object: String,
    /// The manifest's name.
    pub manifest: String,
}

impl Plan {
    /// The plan for an object that was just made.
    pub fn new(object: &Object, prefix: &str, board: &str, epoch: Epoch) -> Self {
        let Object { first, last, start, .. } = *object;
        let range = Range { prefix, board, epoch, first, last, start };
        Self { first, last, start, object: range.object(object.format), manifest: range.manifest() }
    }

    /// What its object is, whatever the config says by now: each try writes the same.
    pub fn format(&self) -> ArchiveFormat {
        let parquet = ArchiveFormat::Parquet;
        if self.object.ends_with(parquet.ending()) { parquet } else { ArchiveFormat::Ndjson }
    }

    /// In the form in which it is stored.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(256);
        [self.first, self.last, self.start.0 as u64].into_iter().for_each(|n| w.varint(n));
        [&self.object, &self.manifest].into_iter().for_each(|t| w.text(t));
        w.finish()
    }

    /// Reads what [`Plan::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let (first, last, start) = (r.varint()?, r.varint()?, Millis(r.varint()? as i64));
        Ok(Self { first, last, start, object: r.text()?.to_owned(), manifest: r.text()?.to_owned() })
    }
}

/// What was delivered last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The last sequence number that a manifest names; everything before is in one too.
    pub seq: Seq,
    /// The object's name; empty before the first.
    pub object: String,
    /// The manifest's name.
    pub manifest: String,
    /// Events in the object.
    pub records: u64,
    /// Its bytes.
    pub bytes: u64,
    /// When its manifest was there.
    pub at: Millis,
    /// Milliseconds from the acceptance of its first event to then.
    pub lag_ms: i64,
}

impl Delivered {
    /// In the form in which it is stored.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(256);
        let numbers = [self.seq, self.records, self.bytes, self.at.0 as u64, self.lag_ms as u64];
        numbers.into_iter().for_each(|n| w.varint(n));
        [&self.object, &self.manifest].into_iter().for_each(|t| w.text(t));
        w.finish()
    }

    /// Reads what [`Delivered::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let (seq, records, bytes) = (r.varint()?, r.varint()?, r.varint()?);
        let (at, lag_ms) = (Millis(r.varint()? as i64), r.varint()? as i64);
        Ok(Self { seq, object: r.text()?.to_owned(), manifest: r.text()?.to_owned(), records, bytes, at, lag_ms })
    }
}

/// Where delivery begins on a log that has no event before `seq`.
pub fn beginning(seq: Seq) -> Delivered {
    let (object, manifest) = (String::new(), String::new());
    Delivered { seq, object, manifest, records: 0, bytes: 0, at: Millis(0), lag_ms: 0 }
}

/// What the shell shall do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing until an event comes.
    Idle,
    /// Nothing before this time, unless an event comes.
    Wait(Millis),
    /// Make the object: of the plan's range, or, when there is no plan, of what waits.
    Build,
    /// Send the object.
    PutObject,
    /// Send the manifest.
    PutManifest,
}

/// How far the plan is in this life of the shell's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its object is to be made.
    Planned,
    /// Its object is in memory.
    Built,
    /// Its object is in the store.
    Stored,
}

/// What is known of an object after it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Its bytes.
    pub bytes: usize,
    /// Events in it.
    pub records: u64,
    log_bytes: u64,
    plain_bytes: u64,
}

/// What went wrong last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// When.
    pub at: Millis,
    /// What.
    pub message: String,
    /// How often in a row.
    pub times: u32,
    /// When it is tried again; in the past once that has begun.
    pub retry_at: Millis,
}

/// The delivery of one board.
#[derive(Clone, Debug)]
pub struct Delivery {
    format: ArchiveFormat,
    buffer_bytes: u64,
    interval_millis: i64,
    head: Seq,
    delivered: Delivered,
    /// Bytes of the log's rows that are not delivered.
    waiting_bytes: u64,
    /// When the first of them was accepted.
    since: Option<Millis>,
    plan: Option<Plan>,
    stage: Stage,
    measure: Measure,
    failure: Option<Failure>,
    /// Whether the failure is still of the try that goes on.
    failing: bool,
    /// Bytes of lines and of the log that the last object had.
    expansion: (u64, u64),
}

/// What waits in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Bytes of its rows.
    pub bytes: u64,
    /// When its first row was accepted.
    pub since: Option<Millis>,
}

impl Delivery {
    /// Goes on from what was stored. `waiting` is what the log has after [`Delivered::seq`].
    pub fn new(config: &ArchiveConfig, delivered: Delivered, plan: Option<Plan>, head: Seq, waiting: Waiting) -> Self {
        Self {
            format: config.format,
            buffer_bytes: u64::from(config.buffer_mib) << 20,
            interval_millis: i64::from(config.interval_s) * 1_000,
            head,
            delivered,
            waiting_bytes: waiting.bytes,
            since: waiting.since,
            plan,
            stage: Stage::Planned,
            measure: Measure::default(),
            failure: None,
            failing: false,
            expansion: (EXPANSION, 1),
        }
    }

    /// Rows were logged.
    pub fn appended(&mut self, head: Seq, bytes: u64, at: Millis) {
        self.head = head;
        self.waiting_bytes += bytes;
        self.since.get_or_insert(at);
    }

    /// What to do now.
    pub fn next(&self, now: Millis) -> Action {
        if let Some(failure) = self.failure.as_ref().filter(|f| self.failing && f.retry_at > now) {
            return Action::Wait(failure.retry_at);
        }
        if self.plan.is_some() {
            return match self.stage {
                Stage::Planned => Action::Build,
                Stage::Built => Action::PutObject,
                Stage::Stored => Action::PutManifest,
            };
        }
        let Some(since) = self.since.filter(|_| self.head > self.delivered.seq) else { return Action::Idle };
        let due = since.plus(self.interval_millis);
        if now >= due || self.waiting_lines() >= self.buffer_bytes { Action::Build } else { Action::Wait(due) }
    }

    /// About how many bytes of lines wait.
    fn waiting_lines(&self) -> u64 {
        let (plain, log) = self.expansion;
        self.waiting_bytes.saturating_mul(plain) / log.max(1)
    }

    /// How large an object may become before compression.
    pub const fn buffer_bytes(&self) -> u64 {
        self.buffer_bytes
    }

    /// What the next object, or the one that is under way, is.
    pub fn format(&self) -> ArchiveFormat {
        self.plan.as_ref().map_or(self.format, Plan::format)
    }

    /// The range whose delivery has begun.
    pub const fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// What was delivered last.
    pub const fn last(&self) -> &Delivered {
        &self.delivered
    }

    /// What is known of the object that is being sent.
    pub const fn measure(&self) -> Measure {
        self.measure
    }

    /// What went wrong last, even if it went well since.
    pub const fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Whether the last try failed.
    pub const fn is_failing(&self) -> bool {
        self.failing
    }

    /// How far the log is.
    pub const fn head(&self) -> Seq {
        self.head
    }

    /// What waits.
    pub const fn waiting(&self) -> Waiting {
        Waiting { bytes: self.waiting_bytes, since: self.since }
    }

    /// The plan's object is made. Whoever says so has stored the plan.
    pub fn built(&mut self, plan: Plan, object: &Object) {
        let Object { records, plain_bytes, log_bytes, .. } = *object;
        self.measure = Measure { bytes: object.bytes.len(), records, log_bytes, plain_bytes };
        self.plan = Some(plan);
        self.stage = Stage::Built;
    }

    /// The plan's object is in the store.
    pub fn stored(&mut self) {
        if self.plan.is_some() && self.stage == Stage::Built {
            self.stage = Stage::Stored;
        }
    }

    /// The plan's manifest is in the store; what the shell now stores instead of the plan.
    pub fn delivered(&mut self, now: Millis, next_since: Option<Millis>) -> Option<&Delivered> {
        let plan = self.plan.take().filter(|_| self.stage == Stage::Stored)?;
        let Measure { bytes, records, log_bytes, plain_bytes } = self.measure;
        let lag_ms = now.since(plan.start).max(0);
        let (seq, object, manifest) = (plan.last, plan.object, plan.manifest);
        self.delivered = Delivered { seq, object, manifest, records, bytes: bytes as u64, at: now, lag_ms };
        self.waiting_bytes = self.waiting_bytes.saturating_sub(log_bytes);
        self.since = next_since;
        self.stage = Stage::Planned;
        self.failing = false;
        if plain_bytes > 0 {
            self.expansion = (plain_bytes, log_bytes);
        }
        Some(&self.delivered)
    }

    /// A try failed. An object that is not in the store is made again. `chance` is any number.
    pub fn failed(&mut self, message: String, now: Millis, chance: u32) {
        let times = self.failure.as_ref().filter(|_| self.failing).map_or(0, |f| f.times).saturating_add(1);
        let most = (RETRY_MILLIS << (times - 1).min(20)).min(limits::ARCHIVE_RETRY_MILLIS_MAX);
        // Half of the pause is chance: boards that lost the same target do not come back at the same moment.
        let pause = most / 2 + ((most / 2 * i64::from(chance >> 1)) >> 31);
        self.failure = Some(Failure { at: now, message, times, retry_at: now.plus(pause) });
        self.failing = true;
        if self.stage == Stage::Built {
            self.stage = Stage::Planned;
        }
    }
}
