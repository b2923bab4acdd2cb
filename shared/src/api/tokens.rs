//! Tokens.

use crate::id::BoardName;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// A token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Minted {
    /// The token, a JWT.
    pub token: String,
    /// When it ends.
    pub expires_at: Millis,
    /// For a player: the board.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub board: Option<BoardName>,
    /// For a player: the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// For a player: the key under which it publishes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// For a player: the name; null when a token was renewed without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For who signed in: until when this can be renewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
}

impl Minted {
    /// A token that is not a player's.
    pub const fn token(token: String, expires_at: Millis) -> Self {
        Self { token, expires_at, board: None, session: None, key: None, name: None, until: None }
    }
}
