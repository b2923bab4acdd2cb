//! Which end of a column is the top.

use serde::{Deserialize, Serialize};

/// Which end is the top.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The largest first.
    #[default]
    Desc,
    /// The smallest first.
    Asc,
}
