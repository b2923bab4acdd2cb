//! How a board is, for whoever manages it.

use crate::board::StorageView;
use crate::cursor::Cursor;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// How a board is at this moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Status {
    /// Where the log is.
    pub cursor: Cursor,
    /// The board's clock.
    pub at: Millis,
    /// How many items there are.
    pub items: u64,
    /// Open feeds.
    pub viewers: u32,
    /// Events a second that were accepted in the last ten seconds, whenever they happened.
    pub rate: f64,
    /// When the latest row of the log was accepted.
    pub accepted: Option<Millis>,
    /// What is stored.
    pub storage: StorageView,
    /// What is kept of dead letters.
    pub dead_letters: KeptLetters,
    /// What came by each source that sent something since the board started, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceStatus>,
}

/// What came by a source. Counts begin anew when the board starts, which a board that rests does with its next request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceStatus {
    /// The source's name.
    pub name: String,
    /// Since when it is counted.
    pub since: Millis,
    /// Requests that reached the board.
    pub requests: u64,
    /// Events that were taken.
    pub taken: u64,
    /// Events that were there already.
    pub duplicate: u64,
    /// Records that were refused: dead letters.
    pub refused: u64,
    /// When the last request came.
    pub last: Option<Millis>,
    /// Milliseconds from the newest event's time to its receipt, in the last request that brought one.
    pub lag_ms: Option<i64>,
    /// The last 20 records, the newest last.
    pub records: Vec<ReceivedRecord>,
}

/// Where on its way a record is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecordStage {
    /// The source's program yielded something.
    Program,
    /// It is an event, before the board's pipeline.
    #[default]
    Event,
    /// A step of the board's pipeline.
    Step,
}

/// What one step made of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordStep {
    /// Which kind of step.
    pub stage: RecordStage,
    /// The step's name in the board's pipeline.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it made, as JSON, cut at 400 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<String>,
    /// Why it goes no further: `filtered`, `merged`, or a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// What is wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// A record that came by a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReceivedRecord {
    /// When it came.
    pub at: Millis,
    /// Its key; empty where that is not known.
    pub key: String,
    /// The record as it came, cut at 400 bytes, where its way is known: of the last five records of each request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// What the source's program and the board's pipeline made of it, one after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<RecordStep>,
    /// The event that was taken, as JSON, cut at 1,000 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What is wrong, and how to mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// How much is kept of dead letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeptLetters {
    /// Their bytes; 0 when there are none.
    pub bytes: u64,
    /// How many made room for others since the board began.
    pub dropped: u64,
}
