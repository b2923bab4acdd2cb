//! Names, each checked once at the border.

use crate::limits;
use crate::problem::Code;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A board's name: 1 to 40 of `a-z 0-9 -`, beginning and ending with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BoardName(String);

/// Why a name was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing there.
    #[error("must not be empty")]
    Empty,
    /// Longer than the limit (in bytes).
    #[error("is longer than {0} bytes")]
    TooLong(usize),
    /// A character that the name may not have.
    #[error("must not contain control characters")]
    Control,
    /// Not a board name.
    #[error("must be 1 to 40 of a-z, 0-9 and -, and begin and end with a letter or digit")]
    Board,
}

impl BadName {
    /// The stable code of this refusal.
    pub const fn code(self) -> Code {
        match self {
            Self::Empty => Code::Empty,
            Self::TooLong(_) => Code::TooLong,
            Self::Control => Code::ControlCharacter,
            Self::Board => Code::BoardName,
        }
    }
}

/// The name of the board on which a deployment watches itself: see [`crate::health`].
const HEALTH: &str = "heliograph-health";

impl BoardName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The board on which a deployment watches itself.
    pub fn health() -> Self {
        Self(HEALTH.to_owned())
    }

    /// Whether it is that board. It tells of all others: no beginning of a name means it, and no list has it.
    pub fn is_health(&self) -> bool {
        self.0 == HEALTH
    }
}

impl TryFrom<&str> for BoardName {
    type Error = BadName;

    fn try_from(text: &str) -> Result<Self, BadName> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let bytes = text.as_bytes();
        let ends = bytes.first().copied().is_some_and(plain) && bytes.last().copied().is_some_and(plain);
        if ends && bytes.len() <= limits::BOARD_NAME_CHARS && bytes.iter().all(|&b| plain(b) || b == b'-') {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadName::Board)
        }
    }
}

impl TryFrom<String> for BoardName {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        Self::try_from(text.as_str())
    }
}

impl From<BoardName> for String {
    fn from(name: BoardName) -> Self {
        name.0
    }
}

impl fmt::Display for BoardName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn checked(text: &str, most: usize) -> Result<&str, BadName> {
    if text.is_empty() {
        Err(BadName::Empty)
    } else if text.len() > most {
        Err(BadName::TooLong(most))
    } else if text.chars().any(char::is_control) {
        Err(BadName::Control)
    } else {
        Ok(text)
    }
}

/// Checks an item's key: 1 to 128 bytes, no control characters.
pub fn check_key(text: &str) -> Result<&str, BadName> {
    checked(text, limits::KEY_BYTES)
}

/// Checks an event's id: 1 to 128 bytes, no control characters.
pub fn check_event_id(text: &str) -> Result<&str, BadName> {
    checked(text, limits::EVENT_ID_BYTES)
}

/// Checks a field's name: 1 to 64 bytes, no control characters.
pub fn check_field_name(text: &str) -> Result<&str, BadName> {
    checked(text, limits::FIELD_NAME_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn board_names_are_plain() {
        for good in ["fleet", "quiz-7b", "a", "0", &"a".repeat(40)] {
            assert!(BoardName::try_from(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a b", "a/b", "é", &"a".repeat(41)] {
            assert_eq!(BoardName::try_from(bad), Err(BadName::Board), "{bad}");
        }
    }

    #[test]
    fn the_name_of_the_health_board_is_one() {
        assert_eq!(BoardName::try_from(HEALTH), Ok(BoardName::health()));
        assert!(BoardName::health().is_health() && !BoardName::try_from("heliograph").unwrap().is_health());
    }

    #[test]
    fn keys_have_a_length_and_no_control_characters() {
        assert_eq!(check_key("Bus 7 / north é"), Ok("Bus 7 / north é"));
        assert_eq!(check_key(""), Err(BadName::Empty));
        assert_eq!(check_key("a\nb"), Err(BadName::Control));
        assert_eq!(check_key(&"k".repeat(129)), Err(BadName::TooLong(128)));
    }
}
