//! Dead letters.

use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// A record that was refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeadLetter {
    /// Its id.
    pub id: String,
    /// When it came.
    pub time: Millis,
    /// Why it was refused.
    pub code: Option<String>,
    /// Which field was wrong.
    pub field: Option<String>,
    /// What was wrong, and how to mend it.
    pub message: Option<String>,
    /// The record: as it came, or `{"text"}` with its beginning where it is too long or no JSON.
    pub record: serde_json::Value,
    /// Who sent it.
    pub by: String,
    /// The source that it came by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The pipeline's step that refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Whether the record was too long to be kept whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

/// A page of dead letters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeadLetters {
    /// The newest first.
    pub dead_letters: Vec<DeadLetter>,
    /// For `after`, when there is another page.
    pub next: Option<String>,
    /// How many letters made room for others since the board began.
    pub dropped: u64,
}
