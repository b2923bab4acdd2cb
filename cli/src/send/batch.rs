//! Grouping events into requests, and keys into lanes.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A request's bytes stay below this: the server reads at most 8 MiB.
pub const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;
/// A request's events stay at or below this: the server reads at most 10,000.
pub const MAX_BATCH_EVENTS: usize = 10_000;

/// Events of one request, as NDJSON, with the input line each came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// One event a line.
    pub body: Vec<u8>,
    /// The input line of each event.
    pub lines: Vec<u64>,
}

impl Batch {
    /// How many events there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Adds one event.
    pub fn push(&mut self, line: u64, event: &[u8]) {
        self.body.extend_from_slice(event);
        self.body.push(b'\n');
        self.lines.push(line);
    }

    /// Whether `other` fits behind this batch within the limits.
    pub fn has_room_for(&self, other: &Self, max_events: usize) -> bool {
        self.len() + other.len() <= max_events && self.body.len() + other.body.len() <= MAX_BATCH_BYTES
    }

    /// Puts another batch's events behind this one's.
    pub fn append(&mut self, other: &Self) {
        self.body.extend_from_slice(&other.body);
        self.lines.extend_from_slice(&other.lines);
    }
}

/// Collects events and hands out full batches.
#[derive(Clone, Debug)]
pub struct Batcher {
    max_events: usize,
    open: Batch,
}

impl Batcher {
    /// Batches of at most `max_events` events.
    pub fn new(max_events: usize) -> Self {
        Self { max_events: max_events.clamp(1, MAX_BATCH_EVENTS), open: Batch::default() }
    }

    /// Adds an event; gives a batch when one is full. An event that would overflow the bytes starts the next batch.
    pub fn push(&mut self, line: u64, event: &[u8]) -> Option<Batch> {
        let overflow = !self.open.is_empty() && self.open.body.len() + event.len() + 1 > MAX_BATCH_BYTES;
        let full_before = if overflow { self.take() } else { None };
        self.open.push(line, event);
        if full_before.is_some() {
            return full_before;
        }
        if self.open.len() >= self.max_events { self.take() } else { None }
    }

    /// Gives what is collected so far, if anything.
    pub fn take(&mut self) -> Option<Batch> {
        if self.open.is_empty() { None } else { Some(std::mem::take(&mut self.open)) }
    }
}

/// The lane that carries a key's events: always the same one, so that a key's events stay in order.
pub fn lane_of(key: &str, lanes: usize) -> usize {
    if lanes <= 1 {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    (hasher.finish() % lanes as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_close_at_their_number_of_events() {
        let mut batcher = Batcher::new(3);
        let mut sizes = Vec::new();
        for line in 0..8 {
            sizes.extend(batcher.push(line, b"{}").map(|batch| batch.len()));
        }
        sizes.extend(batcher.take().map(|batch| batch.len()));
        assert_eq!(sizes, [3, 3, 2]);
        assert_eq!(batcher.take(), None);
    }

    #[test]
    fn batches_close_before_they_grow_too_large_and_no_event_is_lost() {
        let event = vec![b'x'; MAX_BATCH_BYTES / 2 - 10];
        let mut batcher = Batcher::new(100);
        let mut lines = Vec::new();
        for line in 0..7 {
            if let Some(batch) = batcher.push(line, &event) {
                assert!(batch.body.len() <= MAX_BATCH_BYTES);
                lines.extend(batch.lines);
            }
        }
        lines.extend(batcher.take().unwrap().lines);
        assert_eq!(lines, [0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn batches_join_only_within_the_limits() {
        let mut batch = Batch::default();
        batch.push(1, b"{}");
        let other = batch.clone();
        assert!(batch.has_room_for(&other, 2));
        assert!(!batch.has_room_for(&other, 1));
        batch.append(&other);
        assert_eq!((batch.body.as_slice(), batch.lines.as_slice()), (&b"{}\n{}\n"[..], &[1, 1][..]));
    }

    #[test]
    fn a_key_keeps_its_lane_and_lanes_are_all_used() {
        let mut used = [0; 4];
        for bus in 0..400 {
            let key = bus.to_string();
            assert_eq!(lane_of(&key, 4), lane_of(&key, 4));
            used[lane_of(&key, 4)] += 1;
        }
        assert!(used.iter().all(|&count| count > 50), "{used:?}");
        assert_eq!(lane_of("anything", 1), 0);
    }
}
