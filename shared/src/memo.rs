//! What is remembered for a while, within so many bytes: what was not asked for longest makes room.

use crate::time::Millis;
use lru::LruCache;
use std::borrow::Borrow;
use std::hash::Hash;

/// Bytes that an entry takes beside what is in it.
const ENTRY_BYTES: usize = 96;

/// Values by key, each for the same time.
#[derive(Debug)]
pub struct Memo<K: Hash + Eq, V> {
    entries: LruCache<K, Entry<V>>,
    bytes: usize,
    bytes_max: usize,
    fresh_millis: i64,
}

#[derive(Debug)]
struct Entry<V> {
    since: Millis,
    bytes: usize,
    value: V,
}

impl<K: Hash + Eq, V> Memo<K, V> {
    /// Remembers nothing yet; at most so many bytes, each value for so many milliseconds.
    pub fn new(bytes_max: usize, fresh_millis: i64) -> Self {
        Self { entries: LruCache::unbounded(), bytes: 0, bytes_max, fresh_millis }
    }

    /// What is remembered of a key, while it is fresh.
    pub fn get<Q: Hash + Eq + ?Sized>(&mut self, now: Millis, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let fresh = self.fresh_millis;
        let stale = self.entries.peek(key).is_some_and(|e| now.since(e.since) >= fresh);
        if stale {
            self.remove(key);
        }
        self.entries.get(key).map(|e| &e.value)
    }

    /// Remembers a value of so many bytes, its key's among them.
    pub fn put(&mut self, now: Millis, key: K, value: V, bytes: usize) {
        let bytes = bytes + ENTRY_BYTES;
        self.bytes += bytes;
        if let Some((_, old)) = self.entries.push(key, Entry { since: now, bytes, value }) {
            self.bytes -= old.bytes;
        }
        while self.bytes > self.bytes_max {
            let Some((_, old)) = self.entries.pop_lru() else { break };
            self.bytes -= old.bytes;
        }
    }

    /// Forgets what is remembered of a key.
    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        if let Some(old) = self.entries.pop(key) {
            self.bytes -= old.bytes;
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }

    /// How many values are remembered.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f15_what_is_remembered_is_bounded_by_bytes_and_the_oldest_makes_room() {
        let mut memo: Memo<u32, u32> = Memo::new(1_000_000, 10);
        for n in 0..100_000 {
            memo.put(Millis(0), n, n, 58 * 1_024);
            memo.get(Millis(0), &0);
        }
        assert_eq!(memo.len(), 16);
        assert!(memo.bytes <= 1_000_000);
        assert_eq!(memo.get(Millis(0), &0), Some(&0), "what is asked for stays");
        assert_eq!(memo.get(Millis(0), &5), None);
        memo.put(Millis(0), 7, 7, 2_000_000);
        assert!(memo.is_empty(), "what is larger than everything is not kept");
        assert_eq!(memo.bytes, 0);
    }

    #[test]
    fn what_is_remembered_gets_stale_and_is_replaced() {
        let mut memo: Memo<String, u32> = Memo::new(10_000, 10);
        memo.put(Millis(100), "a".into(), 1, 1);
        assert_eq!(memo.get(Millis(109), "a"), Some(&1));
        assert_eq!(memo.get(Millis(110), "a"), None);
        assert!(memo.is_empty());
        memo.put(Millis(200), "a".into(), 1, 500);
        memo.put(Millis(205), "a".into(), 2, 1);
        assert_eq!((memo.get(Millis(214), "a").copied(), memo.bytes), (Some(2), 1 + ENTRY_BYTES));
        memo.remove("a");
        assert_eq!((memo.get(Millis(206), "a").copied(), memo.bytes), (None, 0));
        memo.put(Millis(200), "b".into(), 1, 1);
        memo.clear();
        assert_eq!((memo.len(), memo.bytes), (0, 0));
    }
}
