//! Dead letters.

use crate::source::EnvelopeName;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// The record: as it came or as it was mended; `{"text"}` with its beginning where it is too long or no JSON.
    pub record: serde_json::Value,
    /// The record as it came, where it was mended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<serde_json::Value>,
    /// Who sent it.
    pub by: String,
    /// The source that it came by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The envelope that it came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub envelope: Option<EnvelopeName>,
    /// The key that the envelope said, beside the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The pipeline's step that refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Whether the record was too long to be kept whole: it can't be replayed until it was mended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// How often it was replayed and refused again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tries: u32,
    /// When that was last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried_at: Option<Millis>,
    /// When it was mended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mended_at: Option<Millis>,
    /// Who mended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mended_by: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if hands out a reference")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// A page of dead letters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeadLetters {
    /// The newest first. A page that looked through much and found nothing has none, and a `next`.
    pub dead_letters: Vec<DeadLetter>,
    /// For `after`, when there is another page.
    pub next: Option<String>,
    /// Letters by their code, of the source and the step that were asked for.
    #[serde(default)]
    pub by_code: BTreeMap<String, u64>,
    /// How many letters made room for others, or were too old, since the board began.
    pub dropped: u64,
    /// How many refused records had a letter already, since the board began: deliveries that were repeated.
    #[serde(default)]
    pub repeated: u64,
}

/// What became of a letter that was replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReplayStatus {
    /// Its events are there, and it is gone.
    Accepted,
    /// Its events were there already; it is gone.
    Duplicate,
    /// It is no event, and that is right; it is gone.
    Filtered,
    /// It stays, for the reason that is said.
    Refused,
    /// It stays: it is cut, and was not mended.
    Truncated,
}

/// A letter that was replayed, or would be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Replayed {
    /// Its id.
    pub id: String,
    /// What became of it.
    pub status: ReplayStatus,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Which field is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong, and how to mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The step that refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The events that it would be, of a dry run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<serde_json::Value>,
}

/// What became of letters that were replayed, or would.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Replay {
    /// Whether nothing was done.
    pub dry_run: bool,
    /// Letters whose events are there now.
    pub accepted: u32,
    /// Letters whose events were there already.
    pub duplicate: u32,
    /// Letters that are no events, rightly.
    pub filtered: u32,
    /// Letters that stay.
    pub refused: u32,
    /// Each of them.
    pub results: Vec<Replayed>,
    /// For `after`, when there are more.
    pub next: Option<String>,
}

impl Replay {
    /// Adds one.
    pub fn add(&mut self, one: Replayed) {
        match one.status {
            ReplayStatus::Accepted => self.accepted += 1,
            ReplayStatus::Duplicate => self.duplicate += 1,
            ReplayStatus::Filtered => self.filtered += 1,
            ReplayStatus::Refused | ReplayStatus::Truncated => self.refused += 1,
        }
        self.results.push(one);
    }
}

/// How many letters were dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LettersDropped {
    /// So many.
    pub dropped: u64,
    /// For `after`, when there are more.
    pub next: Option<String>,
}

/// What mends a letter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Mending {
    /// The record that takes the place of the one that came. That one again takes the mending back.
    pub record: serde_json::Value,
}
