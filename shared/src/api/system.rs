//! How the worker is.

use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// How the worker is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Health {
    /// `ok`: it serves.
    pub status: String,
    /// Its version.
    pub version: String,
    /// Its clock.
    pub time: Millis,
}
