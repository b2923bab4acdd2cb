//! The value of a field.

use serde::{Deserialize, Serialize};

/// What a field holds. Structures are flattened before they come here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A finite number.
    Number(f64),
    /// Text of at most 1,024 bytes.
    Text(String),
}

impl Value {
    /// The number, if it is one.
    pub const fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(*n),
            Self::Bool(_) | Self::Text(_) => None,
        }
    }

    /// The value as JSON. Whole numbers have no decimal point.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Bool(b) => (*b).into(),
            Self::Number(n) => number_json(*n),
            Self::Text(t) => t.as_str().into(),
        }
    }
}

/// A finite number as JSON: whole numbers that JavaScript keeps exactly are written without `.0`.
pub fn number_json(n: f64) -> serde_json::Value {
    #[expect(clippy::float_cmp, reason = "an exact test for a whole number")]
    if n.trunc() == n && n.abs() <= 9_007_199_254_740_991.0 { (n as i64).into() } else { n.into() }
}
