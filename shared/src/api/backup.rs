//! How far an import is.

use crate::cursor::Cursor;
use serde::{Deserialize, Serialize};

/// What was taken of a backup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportProgress {
    /// Where the board's log ends by now.
    pub cursor: Cursor,
    /// Rows of the log that were taken.
    pub rows: u64,
    /// The hash of the last frame that was taken: the next is the one that follows on it.
    pub digest: String,
    /// Whether the board is there.
    pub done: bool,
}
