//! Ids of links, and the digits that ids and codes are written in.

use serde::{Deserialize, Serialize};

/// Digits of codes (Crockford's base 32): none of them is taken for another when a code is read aloud.
pub(crate) const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Digits of an id: 40 bits.
pub(crate) const ID_DIGITS: usize = 8;

/// The id of a link. It is never used again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShareId(String);

/// A text that is no link's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a link")]
pub struct NotAnId;

impl ShareId {
    /// One from random bytes.
    pub fn of(random: [u8; 5]) -> Self {
        Self(digits(&random, ID_DIGITS))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ShareId {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        let is_one = text.len() == ID_DIGITS && text.bytes().all(|b| DIGITS.contains(&b));
        if is_one { Ok(Self(text)) } else { Err(NotAnId) }
    }
}

impl From<ShareId> for String {
    fn from(id: ShareId) -> Self {
        id.0
    }
}

impl std::fmt::Display for ShareId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first `count` digits of bytes, five bits each.
pub(crate) fn digits(bytes: &[u8], count: usize) -> String {
    let bit = |i: usize| bytes.get(i / 8).map_or(0, |byte| byte >> (7 - i % 8) & 1);
    let digit = |d: usize| (0..5).fold(0_u8, |sum, i| sum << 1 | bit(d * 5 + i));
    (0..count).filter_map(|d| DIGITS.get(usize::from(digit(d)))).map(|b| char::from(*b)).collect()
}
