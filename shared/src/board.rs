//! The single writer of a board: takes checked batches, recognises duplicates, numbers what it accepts, and
//! says which row to log. Pure: the shell writes the row and answers only when it is durable.

mod commit;
pub mod ends;
mod latest;
mod letters;
mod recent;
mod space;

pub use crate::storage::{Fill, Storage, StorageView, backoff};
pub use commit::{Commit, Known, LettersChanged, RequestKey, Write, pieces};
pub use latest::Latest;
pub use letters::{Letters, LettersFrom, Rows};
pub use recent::RecentIds;
pub use space::Space;

use crate::codec::{Batch, DecodeError, SentBy};
use crate::cursor::{Cursor, Epoch, Seq};
use crate::event::Event;
use crate::identity::Identity;
use crate::ingest::{IngestAnswer, RecordResult, in_order};
use crate::items::{Effect, Items};
use crate::limits;
use crate::problem::FieldError;
use crate::projection::{Entry, LoggedRow, Said};
use crate::relay::PushRow;
use crate::scores::control::Control;
use crate::time::Millis;
use std::collections::HashSet;

/// What a row of the log holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// The sequence of its first event.
    pub first: Seq,
    /// The sequence of its last event: the row's key.
    pub last: Seq,
    /// The batch, encoded.
    pub batch: Vec<u8>,
}

impl LogRow {
    /// As it is told to relays.
    pub const fn push_row(&self) -> PushRow<'_> {
        PushRow { first: self.first, batch: self.batch.as_slice() }
    }

    /// As it is in the log when it was accepted then.
    pub const fn logged(&self, at: Millis) -> LoggedRow<'_> {
        LoggedRow { first: self.first, last: self.last, at, bytes: self.batch.as_slice() }
    }
}

/// A request to the board: a batch that the edge has checked.
#[derive(Clone, Copy, Debug)]
pub struct IngestRequest<'a> {
    /// The batch, encoded.
    pub batch: &'a [u8],
    /// What makes two events the same on this board.
    pub identity: Identity,
    /// Whose ids its events have; empty: the board's.
    pub owner: &'a str,
    /// Who sent it, where the board remembers that.
    pub sent_by: SentBy,
}

/// What the shell shall do about a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Write these rows with whatever else the request writes, then answer. Places in the answer count the batch's events.
    Append {
        /// The rows, all or none.
        rows: Vec<LogRow>,
        /// The answer.
        answer: IngestAnswer,
    },
    /// No event is new: no row to write.
    Answer(IngestAnswer),
}

/// What the duplicates' memory is rebuilt from: see [`Board::needs_memory`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Nothing: go on.
    Ready,
    /// Read the newest log rows and call [`Board::remember`].
    Rows,
}

/// A board in memory.
pub struct Board {
    cursor: Cursor,
    items: Items,
    recent: Option<RecentIds>,
    /// How many rows of the log were controls.
    controls: u64,
    /// Up to here the stored items go, and what the log has after it.
    stored: Seq,
    tail: Tail,
}

/// Rows of the log that a restart replays, and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tail {
    rows: usize,
    bytes: usize,
}

impl Tail {
    const fn add(&mut self, bytes: usize) {
        self.rows += 1;
        self.bytes += bytes;
    }
}

impl Board {
    /// A board from its checkpoint: items as of `cursor`.
    pub fn new(items: Items, cursor: Cursor) -> Self {
        // A log that never had an event has no duplicates to remember.
        let recent = (cursor.seq == 0).then(|| RecentIds::new(cursor.epoch));
        Self { cursor, items, recent, controls: 0, stored: cursor.seq, tail: Tail::default() }
    }

    /// So many rows of the log up to here were controls.
    pub const fn set_controls(&mut self, controls: u64) {
        self.controls = controls;
    }

    /// How many events there were.
    pub const fn events(&self) -> u64 {
        self.cursor.seq.saturating_sub(self.controls)
    }

    /// Whether so much was logged since the items were stored that it is time to store them anew.
    pub const fn is_checkpoint_due(&self) -> bool {
        self.tail.rows >= limits::CHECKPOINT_ROWS || self.tail.bytes >= limits::CHECKPOINT_BYTES
    }

    /// How far the log goes.
    pub const fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// The latest state of every key.
    pub const fn items(&self) -> &Items {
        &self.items
    }

    /// Applies a row of the log's tail after a restart. Rows come in order.
    pub fn replay(&mut self, entry: &Entry<'_>) -> Result<(), DecodeError> {
        if entry.first != self.cursor.seq + 1 {
            return Err(DecodeError::Invalid("order of log rows"));
        }
        match &entry.said {
            Said::Control(control) => {
                self.items.control(control, entry.first);
                self.controls += 1;
            }
            Said::Events(batch) => {
                self.items.apply(batch, entry.first, |_, _| {});
                // Its ids are not known here: the memory of them is read when a request needs it.
                self.recent = None;
            }
        }
        self.cursor.seq = entry.last;
        self.tail.add(entry.bytes);
        Ok(())
    }

    /// Whether this request needs the memory of recent ids, which after a restart is read only when needed.
    pub fn needs_memory(&self, request: &IngestRequest<'_>) -> Memory {
        // The flag byte of a batch tells whether there are ids, without decoding it.
        let has_ids = request.batch.get(1).is_some_and(|f| f & 1 == 1);
        if self.recent.is_none() && (has_ids || request.identity == Identity::KeyTime) {
            Memory::Rows
        } else {
            Memory::Ready
        }
    }

    /// Takes a memory of recent ids that was made of the newest rows, in order, see [`RecentIds::remember`].
    pub fn remember(&mut self, recent: RecentIds) {
        self.recent = Some(recent);
    }

    /// Numbers a control; the row to log.
    pub fn control(&mut self, control: &Control) -> LogRow {
        self.cursor.seq += 1;
        self.items.control(control, self.cursor.seq);
        self.controls += 1;
        let batch = control.encode();
        self.tail.add(batch.len());
        LogRow { first: self.cursor.seq, last: self.cursor.seq, batch }
    }

    /// Takes a request of which every event may pass, see [`Board::ingest_through`].
    pub fn ingest(&mut self, request: &IngestRequest<'_>) -> Result<Verdict, DecodeError> {
        self.ingest_through(request, |_, _| Ok(()), &mut |_, _| {})
    }

    /// Takes a request; `gate` says of each event that is new whether it may pass, `each` is shown what will be a row of
    /// the log, with the sequence of its first event. The state changes at once; the shell must not answer before the rows
    /// are durable.
    pub fn ingest_through(
        &mut self,
        request: &IngestRequest<'_>,
        gate: impl FnMut(&Batch<'_>, usize) -> Result<(), FieldError>,
        each: &mut dyn FnMut(&Batch<'_>, Seq),
    ) -> Result<Verdict, DecodeError> {
        let mut batch = Batch::decode(request.batch)?;
        batch.sent_by = request.sent_by;
        let mut answer = self.judge(&batch, request, gate);
        let left = answer.accepted as usize;
        if left == 0 {
            return Ok(Verdict::Answer(answer));
        }
        let rows = if answer.results.is_empty() && request.batch.len() <= limits::LOG_ROW_BYTES {
            answer.late = self.apply(&batch, request, each);
            let last = self.cursor.seq;
            let mut row = request.batch.to_vec();
            request.sent_by.mark(&mut row);
            vec![LogRow { first: last + 1 - left as u64, last, batch: row }]
        } else {
            let spoiled: HashSet<usize> = answer.results.iter().map(|r| r.index as usize).collect();
            let kept: Vec<usize> = (0..batch.len()).filter(|i| !spoiled.contains(i)).collect();
            // About a row at a time: all events of a request of 8 MiB would be in memory beside it, and once more encoded.
            let rows_of_all = (request.batch.len() / batch.len() * kept.len()).div_ceil(limits::LOG_ROW_BYTES * 3 / 4);
            let mut rows = Vec::new();
            for part in kept.chunks(kept.len().div_ceil(rows_of_all.max(1))) {
                let events: Vec<Event> = part.iter().map(|i| batch.event(*i)).collect();
                self.append_split(&events, request, &mut rows, &mut answer.late, each)?;
            }
            rows
        };
        rows.iter().for_each(|row| self.tail.add(row.batch.len()));
        answer.cursor = self.cursor.to_string();
        Ok(Verdict::Append { rows, answer })
    }

    /// What a request would be answered, see [`Board::ingest_through`]. Nothing changes.
    pub fn foretell(
        &self,
        request: &IngestRequest<'_>,
        gate: impl FnMut(&Batch<'_>, usize) -> Result<(), FieldError>,
    ) -> Result<IngestAnswer, DecodeError> {
        Ok(self.judge(&Batch::decode(request.batch)?, request, gate))
    }

    /// Which events of a batch are new and may pass, as the answer that says of the others why not.
    fn judge(
        &self,
        batch: &Batch<'_>,
        request: &IngestRequest<'_>,
        gate: impl FnMut(&Batch<'_>, usize) -> Result<(), FieldError>,
    ) -> IngestAnswer {
        let mut results = Vec::new();
        let duplicate = self.mark_duplicates(batch, request, &mut results);
        let stopped = stop_at(batch, gate, &mut results);
        let refused = stopped + self.refuse_over_limit(batch, &mut results);
        let accepted = (batch.len() - results.len()) as u32;
        let cursor = self.cursor.to_string();
        IngestAnswer { accepted, duplicate, refused, cursor, results, ..IngestAnswer::default() }
    }

    /// Encodes events in as many rows as the row limit needs.
    fn append_split(
        &mut self,
        events: &[Event],
        request: &IngestRequest<'_>,
        rows: &mut Vec<LogRow>,
        late: &mut u32,
        each: &mut dyn FnMut(&Batch<'_>, Seq),
    ) -> Result<(), DecodeError> {
        let mut batch = Batch::from_events(events);
        batch.sent_by = request.sent_by;
        let bytes = batch.encode();
        if bytes.len() > limits::LOG_ROW_BYTES && events.len() > 1 {
            let (a, b) = events.split_at(events.len() / 2);
            self.append_split(a, request, rows, late, each)?;
            return self.append_split(b, request, rows, late, each);
        }
        let batch = Batch::decode(&bytes)?;
        *late += self.apply(&batch, request, each);
        let last = self.cursor.seq;
        let first = last + 1 - events.len() as u64;
        drop(batch);
        rows.push(LogRow { first, last, batch: bytes });
        Ok(())
    }

    fn mark_duplicates(&self, batch: &Batch<'_>, request: &IngestRequest<'_>, results: &mut Vec<RecordResult>) -> u32 {
        let Some(recent) = &self.recent else { return 0 };
        let mut own = HashSet::new();
        for i in 0..batch.len() {
            if let Some(id) = recent.identity(batch, i, request.identity, request.owner)
                && (recent.has(id) || !own.insert(id))
            {
                results.push(RecordResult::duplicate(i as u32));
            }
        }
        results.len() as u32
    }

    /// Refuses rows that would take the board over its limits. Rare, so it costs one look per key and field.
    fn refuse_over_limit(&self, batch: &Batch<'_>, results: &mut Vec<RecordResult>) -> u32 {
        let new_keys = batch.keys.iter().filter(|k| self.items.find(k).is_none()).count();
        let new_fields = batch.fields.iter().filter(|f| !self.items.knows_field(f.name)).count();
        if self.items.room_for(new_keys, new_fields).is_ok() && self.items.is_far_from_full() {
            return 0;
        }
        let settled: HashSet<u32> = results.iter().map(|r| r.index).collect();
        let (mut keys, mut fields): (HashSet<&str>, HashSet<&str>) = (HashSet::new(), HashSet::new());
        let (mut refused, mut more) = (0, 0);
        for i in (0..batch.len()).filter(|i| !settled.contains(&(*i as u32))) {
            let key = batch.key(i);
            let new_key = self.items.find(key).is_none() && !keys.contains(key);
            let there =
                |f: &&crate::codec::Column<'_>| !matches!(f.cells.get(i), None | Some(crate::codec::Cell::Absent));
            let new: Vec<&str> = batch
                .fields
                .iter()
                .filter(there)
                .map(|f| f.name)
                .filter(|n| !self.items.knows_field(n) && !fields.contains(n))
                .collect();
            let growth = self.items.growth(batch, i);
            let room = self.items.room_for(keys.len() + usize::from(new_key), fields.len() + new.len());
            match room.and_then(|()| self.items.room_for_bytes(if growth == 0 { 0 } else { more + growth })) {
                Err(e) => {
                    results.push(RecordResult::refused(i as u32, e));
                    refused += 1;
                }
                Ok(()) => {
                    more += growth;
                    if new_key {
                        keys.insert(key);
                    }
                    fields.extend(new);
                }
            }
        }
        in_order(results);
        refused
    }

    /// Applies a batch to the items and remembers its ids; how many events were late.
    fn apply(&mut self, batch: &Batch<'_>, request: &IngestRequest<'_>, each: &mut dyn FnMut(&Batch<'_>, Seq)) -> u32 {
        each(batch, self.cursor.seq + 1);
        if let Some(recent) = &mut self.recent {
            recent.take(batch, request.identity, request.owner);
        }
        let mut late = 0;
        self.items.apply(batch, self.cursor.seq + 1, |_, effect| late += u32::from(matches!(effect, Effect::Late(_))));
        self.cursor.seq += batch.len() as u64;
        late
    }
}

/// Refuses events that do not pass a gate; how many.
fn stop_at(
    batch: &Batch<'_>,
    mut gate: impl FnMut(&Batch<'_>, usize) -> Result<(), FieldError>,
    results: &mut Vec<RecordResult>,
) -> u32 {
    let duplicates: HashSet<u32> = results.iter().map(|r| r.index).collect();
    let mut stopped = 0;
    for i in (0..batch.len()).filter(|i| duplicates.is_empty() || !duplicates.contains(&(*i as u32))) {
        if let Err(e) = gate(batch, i) {
            results.push(RecordResult::refused(i as u32, e));
            stopped += 1;
        }
    }
    if stopped > 0 {
        in_order(results);
    }
    stopped
}

/// Where a board begins.
pub const fn beginning(epoch: Epoch) -> Cursor {
    Cursor { epoch, seq: 0 }
}

/// When the next push to the relays may leave: the first change after a quiet spell at once, then one a tick.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tick {
    next: Option<Millis>,
}

/// How long, in milliseconds, a relay's next push waits at least when the last one made it send so many frames. A crowd
/// of which few are concerned is not kept waiting.
pub fn crowd_pace(frames: usize) -> u32 {
    let micros = u32::try_from(frames).unwrap_or(u32::MAX).saturating_mul(limits::CROWD_PACE_MICROS_PER_FRAME);
    (micros / 1_000).min(limits::CROWD_PACE_MILLIS_MAX)
}

impl Tick {
    /// How long to wait before pushing, in milliseconds; 0 means now.
    pub fn wait(&self, now: Millis) -> u64 {
        self.next.map_or(0, |next| next.since(now).max(0) as u64)
    }

    /// A push has left.
    pub fn left(&mut self, now: Millis, tick_millis: u32) {
        self.next = Some(now.plus(i64::from(tick_millis)));
    }
}

#[cfg(test)]
mod tests;
