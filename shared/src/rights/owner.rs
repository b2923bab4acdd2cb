//! Whose the ids are that a sender gives to its events and its requests.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest name that an API key's owner has.
pub const OWNER_BYTES: usize = 64;

/// Whose event ids and `Idempotency-Key`s those of a sender are. Two senders of one owner are one to a board: what one of
/// them has sent, the other's repetition of it is a duplicate. Nothing that a sender may choose itself makes it another's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Owner(String);

impl Owner {
    /// The board's own ids: the administrator's.
    pub const fn board() -> Self {
        Self(String::new())
    }

    /// What the administrator mints a token for; without a subject it sends as the administrator does.
    pub fn of_admin(subject: Option<&str>) -> Self {
        subject.map_or_else(Self::board, |subject| Self(format!("admin/{subject}")))
    }

    /// An API key's, by the name of its owner, or what one mints a token for. The name has no `/`.
    pub fn of_key(owner: &str, subject: Option<&str>) -> Self {
        Self(subject.map_or_else(|| format!("key:{owner}"), |subject| format!("key:{owner}/{subject}")))
    }

    /// Somebody's who has signed in, by its name.
    pub fn of_person(name: &str) -> Self {
        Self(format!("person:{name}"))
    }

    /// A source's, by its name: they stay when its secret is replaced.
    pub fn of_source(name: &str) -> Self {
        Self(format!("source:{name}"))
    }

    /// One that was kept as text.
    pub const fn kept(text: String) -> Self {
        Self(text)
    }

    /// A player's, by its key.
    pub fn of_player(key: &str) -> Self {
        Self(format!("player:{key}"))
    }

    /// A token's that was made before tokens said whose ids theirs are.
    pub(super) fn of_old_token(credential: &str, subject: &str) -> Self {
        Self(format!("{credential}/{subject}"))
    }

    /// Whether it is the board.
    pub fn is_board(&self) -> bool {
        self.0.is_empty()
    }

    /// As it is stored with rows and requests.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text can be the name of an API key's owner.
pub fn is_owner_name(name: &str) -> bool {
    let of_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    (1..=OWNER_BYTES).contains(&name.len()) && name.bytes().all(of_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f19_no_subject_makes_a_token_somebody_elses() {
        let all = [
            Owner::board(),
            Owner::of_admin(Some("a")),
            Owner::of_key("a", None),
            Owner::of_key("b", None),
            Owner::of_key("a", Some("b")),
            Owner::of_key("a", Some("b/c")),
            Owner::of_key("a", Some("")),
            Owner::of_player("p-1"),
            Owner::of_source("a"),
            Owner::of_key("a", Some("player:p-1")),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|b| a != b), "{a}");
        }
        assert!(is_owner_name("buses.north-1") && is_owner_name("5f0c8a3b9d2e4f61"));
        let long = "x".repeat(OWNER_BYTES + 1);
        for name in ["", "a/b", "a:b", "ä", "a b", long.as_str()] {
            assert!(!is_owner_name(name), "{name}");
        }
    }
}
