//! What managers did, and what they correct.

use crate::cursor::Cursor;
use crate::time::Millis;
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A correction that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Corrected {
    /// The board's cursor behind it.
    pub cursor: Cursor,
    /// Its own number in the log.
    pub seq: u64,
}

/// Something that a manager did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditEntry {
    /// `rules`, `create_session`, a session's action, `undo`, `adjust`, `disqualify`, `restore` or `end_items`.
    pub action: String,
    /// Its number in the log.
    pub seq: u64,
    /// When it was done, or as of when it counts.
    pub time: Millis,
    /// Who did it.
    pub by: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// For `end_items`: whose items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<String>>,
    /// Which session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Whose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// For `create_session`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// For `create_session`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Millis>,
    /// For `create_session`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freezes_at: Option<Millis>,
    /// For `create_session`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<Millis>,
    /// For `undo`: the event's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<u64>,
    /// For `rules`: how many columns; null when the scoreboard was taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<u32>,
    /// For `adjust`: which column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// For `adjust`: by how much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_points: Option<f64>,
}

/// What was done on a board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Audit {
    /// As of when.
    pub cursor: Cursor,
    /// The oldest first.
    pub actions: Vec<AuditEntry>,
}

/// An event of one key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entry {
    /// Its number in the log, for `undo`.
    pub seq: u64,
    /// When it happened.
    pub time: Millis,
    /// Its id.
    pub id: Option<String>,
    /// Its fields.
    pub fields: BTreeMap<String, Option<Value>>,
    /// Whether it counts no more.
    pub undone: bool,
    /// The session it falls into.
    pub session: Option<String>,
}

/// The events of one key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entries {
    /// As of when.
    pub cursor: Cursor,
    /// The newest first, at most 1,000.
    pub entries: Vec<Entry>,
}
