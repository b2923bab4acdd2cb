//! Which records of a GPU buffer changed since the last frame, and the fewest uploads that bring them over.

use std::ops::Range;

/// The size of one instance record, in all our buffers.
pub const RECORD_BYTES: usize = 32;

/// Two changed records this close travel in one upload: a call costs more than a few unchanged bytes.
const JOIN_GAP: usize = 16;

/// The indices of changed records.
#[derive(Debug, Default)]
pub struct Dirty {
    indices: Vec<u32>,
    marked: Vec<bool>,
    scratch: Vec<u8>,
}

impl Dirty {
    /// A record changed.
    pub fn mark(&mut self, index: usize) {
        if self.marked.len() <= index {
            self.marked.resize(index + 1, false);
        }
        if let Some(marked) = self.marked.get_mut(index)
            && !std::mem::replace(marked, true)
        {
            self.indices.push(index as u32);
        }
    }

    /// Several records changed.
    pub fn mark_range(&mut self, range: Range<usize>) {
        for index in range {
            self.mark(index);
        }
    }

    /// Whether anything changed.
    pub fn is_clean(&self) -> bool {
        self.indices.is_empty()
    }

    /// Packs changed records below `len` into runs and hands each to `put` with its byte offset.
    pub fn drain(
        &mut self,
        len: usize,
        record: impl Fn(usize) -> [u8; RECORD_BYTES],
        mut put: impl FnMut(usize, &[u8]),
    ) {
        self.indices.sort_unstable();
        let mut indices = self.indices.drain(..).map(|index| index as usize).peekable();
        while let Some(first) = indices.next() {
            let mut last = first;
            while let Some(next) = indices.next_if(|next| next - last <= JOIN_GAP) {
                last = next;
            }
            self.scratch.clear();
            for index in first..(last + 1).min(len) {
                self.scratch.extend_from_slice(&record(index));
            }
            if !self.scratch.is_empty() {
                put(first * RECORD_BYTES, &self.scratch);
            }
        }
        drop(indices);
        self.marked.fill(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(dirty: &mut Dirty, len: usize) -> Vec<(usize, usize)> {
        let mut runs = Vec::new();
        dirty.drain(
            len,
            |_| [0; RECORD_BYTES],
            |offset, bytes| {
                runs.push((offset / RECORD_BYTES, bytes.len() / RECORD_BYTES));
            },
        );
        runs
    }

    #[test]
    fn neighbours_travel_together_and_strangers_apart() {
        let mut dirty = Dirty::default();
        for index in [500, 3, 4, 10, 3, 501] {
            dirty.mark(index);
        }
        assert_eq!(runs(&mut dirty, 1000), [(3, 8), (500, 2)]);
        assert!(dirty.is_clean());
        assert!(runs(&mut dirty, 1000).is_empty());
    }

    #[test]
    fn records_that_are_gone_are_not_sent() {
        let mut dirty = Dirty::default();
        dirty.mark_range(0..5);
        assert_eq!(runs(&mut dirty, 3), [(0, 3)]);
        dirty.mark(9);
        assert!(runs(&mut dirty, 3).is_empty());
    }
}
