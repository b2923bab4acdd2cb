//! The lines behind the items: the last few minutes this viewer has seen, as one ring of segments that the GPU draws in
//! one call and fades by age. On an empty basemap they become the streets.

use super::mercator::Fixed;
use crate::board::map::gpu::upload::{Dirty, RECORD_BYTES};

/// How long a segment stays visible.
pub const TRAIL_MS: i32 = 4 * 60 * 1000;

/// How many segments are kept: 2 MiB of GPU memory.
pub const CAPACITY: usize = 65_536;

/// One line between two positions of one item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// Where it begins.
    pub from: Fixed,
    /// Where it ends.
    pub to: Fixed,
    /// When the item's mark sets out from `from`, on the scene's clock.
    pub start: i32,
    /// How long the mark takes.
    pub glide: i32,
    /// When the item was at `from`: the far end is older and fainter.
    pub since: i32,
    /// Whose line it is (a hash of the key, which stays when ids are renumbered).
    pub tag: u32,
}

impl Segment {
    /// The record the shader reads: eight little-endian words.
    pub fn to_bytes(self) -> [u8; RECORD_BYTES] {
        let mut bytes = [0; RECORD_BYTES];
        let words =
            [self.from.x, self.from.y, self.to.x, self.to.y, self.start, self.glide, self.since, self.tag as i32];
        for (chunk, word) in bytes.chunks_exact_mut(4).zip(words) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }
}

/// The ring of all items' segments.
#[derive(Debug, Default)]
pub struct Trail {
    segments: Vec<Segment>,
    next: usize,
    newest: Option<i32>,
    dirty: Dirty,
}

impl Trail {
    /// Adds a segment, over the oldest when the ring is full.
    pub fn push(&mut self, segment: Segment) {
        self.newest = Some(segment.start.saturating_add(segment.glide));
        if self.segments.len() < CAPACITY {
            self.dirty.mark(self.segments.len());
            self.segments.push(segment);
            return;
        }
        if let Some(oldest) = self.segments.get_mut(self.next) {
            *oldest = segment;
            self.dirty.mark(self.next);
        }
        self.next = (self.next + 1) % CAPACITY;
    }

    /// How many segments the GPU draws.
    pub fn len(&self) -> usize {
        self.segments.len()
    }

    /// Whether any segment is still visible, so that the fading needs repainting now and then.
    pub fn is_fading(&self, now: i32) -> bool {
        self.newest.is_some_and(|newest| now.wrapping_sub(newest) < TRAIL_MS)
    }

    /// How far apart in time an item's segments should be so that the ring holds all of `TRAIL_MS` for `items` items.
    pub fn spacing_ms(items: usize) -> i32 {
        (i64::from(TRAIL_MS) * items as i64 / CAPACITY as i64) as i32
    }

    /// The records of one item's segments.
    pub fn line_of(&self, tag: u32) -> Vec<u8> {
        self.segments.iter().filter(|segment| segment.tag == tag).flat_map(|segment| segment.to_bytes()).collect()
    }

    /// Everything must be uploaded again: the GPU's copy is gone.
    pub fn mark_all(&mut self) {
        self.dirty.mark_range(0..self.segments.len());
    }

    /// Hands each changed run of records to `put` as a byte offset and the bytes.
    pub fn drain_uploads(&mut self, put: impl FnMut(usize, &[u8])) {
        let segments = &self.segments;
        self.dirty.drain(segments.len(), |index| segments.get(index).map(|s| s.to_bytes()).unwrap_or_default(), put);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ring_overwrites_its_oldest_and_uploads_only_that() {
        let mut trail = Trail::default();
        for start in 0..CAPACITY as i32 {
            trail.push(Segment { start, ..Segment::default() });
        }
        trail.drain_uploads(|_, _| ());
        trail.push(Segment { start: -7, ..Segment::default() });
        trail.push(Segment { start: -8, ..Segment::default() });
        let mut uploads = Vec::new();
        trail.drain_uploads(|offset, bytes| uploads.push((offset, bytes.len())));
        assert_eq!(uploads, [(0, 2 * RECORD_BYTES)]);
        assert_eq!(trail.len(), CAPACITY);
    }

    #[test]
    fn spacing_grows_with_the_number_of_items() {
        assert_eq!(Trail::spacing_ms(0), 0);
        assert!(Trail::spacing_ms(300) < 2_000);
        assert!(Trail::spacing_ms(10_000) > 30_000);
    }

    #[test]
    fn fading_ends() {
        let mut trail = Trail::default();
        assert!(!trail.is_fading(0));
        trail.push(Segment { start: 1_000, glide: 500, ..Segment::default() });
        assert!(trail.is_fading(2_000));
        assert!(!trail.is_fading(1_500 + TRAIL_MS));
    }
}
