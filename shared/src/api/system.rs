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

/// Whether the worker can do its work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ready {
    /// `ok`, or `not_ready` when a check is not.
    pub status: String,
    /// Its version.
    pub version: String,
    /// Its clock.
    pub time: Millis,
    /// What it needs.
    pub checks: Vec<Check>,
}

/// Something that the worker needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Check {
    /// `secrets`; `registry`: the list of boards and keys answers; `revocations`: this worker hears what has ended.
    pub name: String,
    /// Whether it is well.
    pub ok: bool,
}
