//! Texts by number: each once, all in one piece of memory. A hundred thousand keys cost little more than their letters.

use hashbrown::HashTable;
use std::hash::{BuildHasher, RandomState};

/// Distinct texts, numbered in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    letters: String,
    ends: Vec<u32>,
    numbers: HashTable<u32>,
    hasher: RandomState,
}

impl Texts {
    /// How many.
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a number; empty when there is none.
    pub fn get(&self, number: u32) -> &str {
        text(&self.letters, &self.ends, number)
    }

    /// The number of a text.
    pub fn find(&self, wanted: &str) -> Option<u32> {
        self.find_hashed(wanted, self.hasher.hash_one(wanted))
    }

    fn find_hashed(&self, wanted: &str, hash: u64) -> Option<u32> {
        self.numbers.find(hash, |n| self.get(*n) == wanted).copied()
    }

    /// The number of a text, which it gets if need be.
    pub fn number(&mut self, wanted: &str) -> u32 {
        let own = self.hasher.hash_one(wanted);
        if let Some(number) = self.find_hashed(wanted, own) {
            return number;
        }
        let number = self.ends.len() as u32;
        self.letters.push_str(wanted);
        self.ends.push(self.letters.len() as u32);
        let (letters, ends, hasher) = (&self.letters, &self.ends, &self.hasher);
        let hash = |n: &u32| hasher.hash_one(text(letters, ends, *n));
        self.numbers.insert_unique(own, number, hash);
        number
    }

    /// All texts in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len() as u32).map(|n| self.get(n))
    }
}

fn text<'t>(letters: &'t str, ends: &[u32], number: u32) -> &'t str {
    let number = number as usize;
    let start = number.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |e| *e as usize);
    ends.get(number).and_then(|end| letters.get(start..*end as usize)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_numbers() {
        let mut texts = Texts::default();
        let words: Vec<String> = (0..5_000).map(|i| format!("k{i}")).collect();
        for (i, word) in words.iter().enumerate() {
            assert_eq!(texts.find(word), None);
            assert_eq!(texts.number(word), i as u32);
        }
        assert_eq!((texts.number("k17"), texts.number("")), (17, 5_000));
        assert!(words.iter().enumerate().all(|(i, w)| texts.find(w) == Some(i as u32) && texts.get(i as u32) == w));
        assert_eq!((texts.get(5_000), texts.get(9_999), texts.len()), ("", "", 5_001));
        assert_eq!(texts.iter().nth(3), Some("k3"));
    }
}
