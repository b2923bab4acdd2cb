//! Delivery to object storage.

#[cfg(feature = "columnar")]
pub mod status;

use crate::archive::config::ArchiveFormat;
use crate::archive::place::Place;
use crate::cursor::Cursor;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// How far delivery to object storage is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Archive {
    /// `off`, `idle`, `waiting`, `delivering`, `failing` or `target_unknown`.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub state: ArchiveState,
    /// What objects are; null when nothing is delivered.
    #[serde(default)]
    pub format: Option<ArchiveFormat>,
    /// Where objects lie, if the operator has declared the target that the config names.
    pub target: Option<Place>,
    /// Where the log is.
    pub cursor: Cursor,
    /// Up to where a manifest names everything.
    pub delivered: Option<Cursor>,
    /// What is not delivered.
    pub backlog: Backlog,
    /// How long the oldest event has waited, in milliseconds.
    pub lag_ms: i64,
    /// The object that was delivered last.
    pub last: Option<ArchiveObject>,
    /// What is being delivered.
    pub in_flight: Option<ArchiveRange>,
    /// What failed last.
    pub error: Option<ArchiveError>,
    /// When it is tried next.
    pub next_try: Option<Millis>,
    /// The columns of fields, in the order in which they appeared.
    pub columns: Vec<ArchiveColumn>,
}

/// What delivery does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArchiveState {
    /// The config says nothing of it.
    Off,
    /// Everything is delivered.
    Idle,
    /// It waits until there is enough, or for long enough.
    Waiting,
    /// Something is on its way.
    Delivering,
    /// The store takes nothing; it is tried again.
    Failing,
    /// The operator has not declared the target.
    TargetUnknown,
}

/// An object that was delivered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ArchiveObject {
    /// Its last sequence number.
    pub seq: u64,
    /// Its name.
    pub object: String,
    /// Its manifest's name.
    pub manifest: String,
    /// Events in it.
    pub records: u64,
    /// Its bytes.
    pub bytes: u64,
    /// When its manifest was there.
    pub at: Millis,
    /// From the acceptance of its first event to then, in milliseconds.
    pub lag_ms: i64,
}

/// A range that is being delivered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ArchiveRange {
    /// Its first sequence number.
    pub first: u64,
    /// Its last one.
    pub last: u64,
    /// The object's name.
    pub object: String,
}

/// What is not delivered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Backlog {
    /// How many events.
    pub records: u64,
    /// Their bytes in the log.
    pub bytes: u64,
    /// When the oldest was accepted.
    pub oldest: Option<Millis>,
}

/// Why delivery failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ArchiveError {
    /// When.
    pub at: Millis,
    /// What the store said.
    pub message: String,
    /// How many times in a row.
    pub times: u32,
    /// Whether it has gone on since.
    pub mended: bool,
}

/// A field's column in the archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ArchiveColumn {
    /// The field.
    pub field: String,
    /// Its column.
    pub column: String,
    /// `number`, `boolean`, `text`: what was seen of them.
    pub kinds: Vec<String>,
}
