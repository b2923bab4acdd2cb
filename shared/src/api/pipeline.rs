//! What a pipeline has done, and what it would do.

use crate::ingest::RecordResult;
use crate::pipeline::Failure;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// What each step of a board's pipeline has done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pipeline {
    /// Since when it is counted; null before the first event.
    pub since: Option<Millis>,
    /// The steps, in their order.
    pub steps: Vec<StepTotals>,
}

/// What a step has done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepTotals {
    /// Its name.
    pub name: String,
    /// `map`, `filter`, `enrich`, `derive` or `aggregate`.
    pub kind: Option<String>,
    /// Its jq program, if it has one.
    pub jq: Option<String>,
    /// Requests with events for it.
    pub requests: u64,
    /// Events that came in.
    #[serde(rename = "in")]
    pub entered: u64,
    /// Events that went on.
    pub out: u64,
    /// Events that were filtered.
    pub filtered: u64,
    /// Events that went into another event.
    pub merged: u64,
    /// Events that were refused.
    pub failed: u64,
    /// Microseconds that it took.
    pub micros: u64,
    /// Microseconds a request.
    pub mean_micros: Option<u64>,
    /// Why an event was refused last.
    pub last_failure: Option<Failure>,
    /// When that was.
    pub last_failed_at: Option<Millis>,
}

/// What a pipeline would make of some events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tried {
    /// What each step did.
    pub steps: Vec<TriedStep>,
    /// What would come to the board.
    pub events: Vec<TriedEvent>,
    /// What would be refused.
    pub refused: Vec<RecordResult>,
}

/// What a step did with the events of a try.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TriedStep {
    /// Its name.
    pub name: String,
    /// `map`, `filter`, `enrich`, `derive` or `aggregate`.
    pub kind: Option<String>,
    /// Events that came in.
    #[serde(rename = "in")]
    pub entered: u64,
    /// Events that went on.
    pub out: u64,
    /// Events that were filtered.
    pub filtered: u64,
    /// Events that went into another event.
    pub merged: u64,
    /// Events that were refused.
    pub failed: u64,
    /// Microseconds that it took.
    pub micros: u64,
    /// What became of each record.
    pub records: Vec<TriedRecord>,
}

/// What a step made of a record: an event, or filtered, or merged, or refused with a code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TriedRecord {
    /// The record's place in the try.
    pub index: u32,
    /// What it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<serde_json::Map<String, serde_json::Value>>,
    /// Whether it was filtered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filtered: Option<bool>,
    /// Whether it went into another record's event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged: Option<bool>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The field that is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What would come to the board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TriedEvent {
    /// The place of the record that it was made of.
    pub index: u32,
    /// The event.
    pub event: serde_json::Map<String, serde_json::Value>,
}
