//! What makes two events the same, and within whose ids.

use serde::{Deserialize, Serialize};

/// What makes two events the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// Their `id`; events without one are all different.
    #[default]
    Id,
    /// Their key and time, for sources without ids that report one state a moment.
    KeyTime,
    /// Their key and `id`: whoever sends under one key can't use up the ids of another.
    KeyId,
}

/// Whose the ids of events and the `Idempotency-Key`s of requests are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum IdentityScope {
    /// Their sender's: an API key's owner, a token's subject, a player. None can use up the ids of another.
    Sender,
    /// The board's: an id comes once, whoever sends it.
    Board,
}
