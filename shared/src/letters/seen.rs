//! By what a refused record of a source is known again: a delivery that is repeated leaves no second letter.

use crate::limits;
use siphasher::sip::SipHasher13;
use std::collections::{HashMap, VecDeque};
use std::hash::Hasher;

/// What a refused record is known by: whose it is, the record with its length, and the delivery's own id where it has one.
/// It is never 0.
pub fn hash(owner: &str, source: &str, id: Option<&str>, raw: &str, length: usize) -> u64 {
    let mut hasher = SipHasher13::new();
    for part in [owner, source, id.unwrap_or_default(), raw] {
        hasher.write(part.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.write_u64(length as u64);
    hasher.finish().max(1)
}

/// The same for one of several such records of a request.
pub fn nth(hash: u64, nth: u32) -> u64 {
    if nth == 0 {
        return hash;
    }
    let mut hasher = SipHasher13::new();
    hasher.write_u64(hash);
    hasher.write_u32(nth);
    hasher.finish().max(1)
}

/// The newest letters, by what they are known by.
#[derive(Clone, Debug, Default)]
pub struct SeenLetters {
    order: VecDeque<(u64, u64)>,
    known: HashMap<u64, u64>,
}

impl SeenLetters {
    /// Letters of rows that are stored, the newest row first, each with its number and its hashes as
    /// [`super::LetterRow`] has them.
    pub fn of(rows: impl IntoIterator<Item = (u64, Vec<u8>)>) -> Self {
        let mut seen = Self::default();
        for (row, hashes) in rows {
            for hash in hashes.chunks_exact(8).filter_map(|bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?))) {
                if hash != 0 && seen.order.len() < limits::DEAD_LETTERS_REMEMBERED {
                    seen.order.push_front((row, hash));
                    seen.known.insert(hash, row);
                }
            }
        }
        seen
    }

    /// Whether there is a letter of it.
    pub fn has(&self, hash: u64) -> bool {
        self.known.contains_key(&hash)
    }

    /// A row of letters is stored.
    pub fn put(&mut self, row: u64, hashes: &[u8]) {
        for hash in hashes.chunks_exact(8).filter_map(|bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?))) {
            if hash == 0 {
                continue;
            }
            self.order.push_back((row, hash));
            self.known.insert(hash, row);
            if self.order.len() > limits::DEAD_LETTERS_REMEMBERED {
                self.drop_first();
            }
        }
    }

    /// Rows up to this number have gone.
    pub fn gone(&mut self, up_to: u64) {
        while self.order.front().is_some_and(|(row, _)| *row <= up_to) {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some((row, hash)) = self.order.pop_front()
            && self.known.get(&hash) == Some(&row)
        {
            self.known.remove(&hash);
        }
    }
}
