//! Which boards a grant is about.

use crate::id::BoardName;
use crate::limits;

/// A board, or boards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Boards {
    /// `*`: every board, also those that will be made.
    All,
    /// `quiz-*`: boards whose names begin so, but not the one that tells of all others.
    Prefix(String),
    /// This board.
    One(BoardName),
}

impl Boards {
    /// Reads the `board` of a grant; the error says what it may be.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "board is a board's name, a beginning followed by * such as quiz-*, or * alone";
        match text.strip_suffix('*') {
            Some("") => Ok(Self::All),
            Some(prefix) => {
                let fits = prefix.len() < limits::BOARD_NAME_CHARS && !prefix.starts_with('-');
                let letters = prefix.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                if fits && letters { Ok(Self::Prefix(prefix.to_owned())) } else { Err(WRONG) }
            }
            None => BoardName::try_from(text).map(Self::One).map_err(|_| WRONG),
        }
    }

    /// Whether the board is meant.
    pub fn names(&self, board: &BoardName) -> bool {
        match self {
            Self::All => true,
            Self::Prefix(prefix) => board.as_str().starts_with(prefix) && !board.is_health(),
            Self::One(one) => one == board,
        }
    }

    /// Whether every board that `other` means is meant.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Prefix(mine), Self::Prefix(theirs)) => theirs.starts_with(mine),
            (_, Self::One(board)) => self.names(board),
            (Self::Prefix(_) | Self::One(_), Self::All) | (Self::One(_), Self::Prefix(_)) => false,
        }
    }
}
