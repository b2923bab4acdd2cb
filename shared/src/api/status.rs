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
