//! A list that grows by pieces of the same size: a vector that doubles would for a moment have three times its memory,
//! and memory of an object that was once used is never given back.

const CHUNK: usize = 1_024;

/// A list. A piece of which nothing is needed any more takes no memory; the places of others stay.
#[derive(Clone, Debug)]
pub(super) struct Chunks<T> {
    chunks: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }
}

impl<T> Chunks<T> {
    pub const fn len(&self) -> usize {
        self.len
    }

    pub fn get(&self, at: usize) -> Option<&T> {
        self.chunks.get(at / CHUNK)?.get(at % CHUNK)
    }

    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        self.chunks.get_mut(at / CHUNK)?.get_mut(at % CHUNK)
    }

    pub fn push(&mut self, value: T) {
        if self.len.is_multiple_of(CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push(value);
            self.len += 1;
        }
    }

    /// Goes on at a place ahead; what is left out is `hole`, or takes no memory.
    pub fn skip_to(&mut self, at: usize, hole: impl Fn() -> T) {
        while self.len < at {
            if self.len.is_multiple_of(CHUNK) && at - self.len >= CHUNK {
                self.chunks.push(Vec::new());
                self.len += CHUNK;
            } else {
                self.push(hole());
            }
        }
    }

    /// Gives back the memory of the piece that a place is in, when nothing of it is needed and none will come.
    pub fn free(&mut self, at: usize, is_needless: impl Fn(&T) -> bool) {
        let is_full = (at / CHUNK + 1) * CHUNK <= self.len;
        if let Some(chunk) = self.chunks.get_mut(at / CHUNK).filter(|c| is_full && c.iter().all(is_needless)) {
            *chunk = Vec::new();
        }
    }

    /// What is there from a place on, with its places.
    pub fn iter_from(&self, first: usize) -> impl Iterator<Item = (usize, &T)> {
        let chunks = self.chunks.iter().enumerate().skip(first / CHUNK);
        let all = chunks.flat_map(|(n, chunk)| chunk.iter().enumerate().map(move |(i, value)| (n * CHUNK + i, value)));
        all.skip_while(move |(at, _)| *at < first)
    }
}
