//! Close codes: 4000–4499 mean "connect again", 4500–4999 mean "do not".

/// Why the server closes a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// The relay moves or restarts.
    GoingAway = 4000,
    /// The viewer did not take what was sent for too long.
    Slow = 4001,
    /// The token ended and no new one came.
    TokenExpired = 4010,
    /// The key, code or board that the rights came from has ended.
    CredentialEnded = 4011,
    /// The messages are not the protocol's.
    Protocol = 4500,
    /// The token does not allow it (any more).
    Forbidden = 4501,
    /// The board is gone.
    BoardDeleted = 4502,
    /// A program that feeds the board ended it.
    Ended = 4503,
}

impl CloseCode {
    /// Whether the client should connect again.
    pub const fn reconnect(self) -> bool {
        (self as u16) < 4500
    }

    /// The reason that goes with it, at most 123 bytes.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::GoingAway => "going_away",
            Self::Slow => "slow",
            Self::TokenExpired => "token_expired",
            Self::CredentialEnded => "credential_ended",
            Self::Protocol => "protocol",
            Self::Forbidden => "forbidden",
            Self::BoardDeleted => "board_deleted",
            Self::Ended => "ended",
        }
    }
}

/// Whether a client that saw the connection close with `code` should connect again.
pub const fn should_reconnect(code: u16) -> bool {
    !matches!(code, 4500..=4999)
}
