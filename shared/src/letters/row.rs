//! A row of letters, and what is counted of it.

use super::Kept;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// How many letters of a row have the same reason, source and step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted(pub Option<String>, pub Option<String>, pub Option<String>, pub u64);

/// A row as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LetterRow {
    /// The letters, a JSON array.
    pub letters: String,
    /// What is counted of them: [`Counted`] as JSON.
    pub about: String,
    /// What they are known by, 8 bytes for each place; 0 for none.
    pub hashes: Vec<u8>,
}

/// The letters of a row, each as JSON; `null` where one was.
pub fn parts(row: &str) -> Result<Vec<&RawValue>, serde_json::Error> {
    serde_json::from_slice(row.as_bytes())
}

/// What is counted of a row.
pub fn counts(about: &str) -> Vec<Counted> {
    serde_json::from_slice(about.as_bytes()).unwrap_or_default()
}

impl LetterRow {
    /// A row of these letters.
    pub fn of<T: AsRef<str>>(letters: &[T]) -> Result<Self, serde_json::Error> {
        let mut text = String::with_capacity(letters.iter().map(|l| l.as_ref().len() + 1).sum::<usize>() + 2);
        let mut counted = BTreeMap::new();
        let mut hashes = Vec::with_capacity(letters.len() * 8);
        let mut before = '[';
        for letter in letters {
            let letter = letter.as_ref();
            text.push(before);
            text.push_str(letter);
            before = ',';
            let kept: Option<Kept<'_>> = serde_json::from_slice(letter.as_bytes())?;
            let hash = kept.as_ref().and_then(|kept| u64::from_str_radix(kept.hash.as_deref()?, 16).ok());
            hashes.extend(hash.unwrap_or_default().to_le_bytes());
            if let Some(kept) = kept {
                *counted.entry((kept.code, kept.source, kept.step)).or_insert(0) += 1;
            }
        }
        text.push_str(if letters.is_empty() { "[]" } else { "]" });
        let about: Vec<Counted> =
            counted.into_iter().map(|((code, source, step), n)| Counted(code, source, step, n)).collect();
        Ok(Self { letters: text, about: serde_json::to_string(&about)?, hashes })
    }

    /// The row of before with other letters at some places; nothing stands for one that goes. None when none is left.
    pub fn changed(before: &str, changes: &[(usize, Option<String>)]) -> Result<Option<Self>, serde_json::Error> {
        let mut letters: Vec<&str> = parts(before)?.into_iter().map(RawValue::get).collect();
        for (nth, letter) in changes {
            if let Some(place) = letters.get_mut(*nth) {
                *place = letter.as_deref().unwrap_or("null");
            }
        }
        if letters.iter().all(|letter| *letter == "null") { Ok(None) } else { Self::of(&letters).map(Some) }
    }

    /// Its bytes in the store.
    pub const fn bytes(&self) -> usize {
        self.letters.len() + self.about.len() + self.hashes.len()
    }
}
