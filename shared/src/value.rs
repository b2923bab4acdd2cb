//! The value of a field.

use serde::{Deserialize, Serialize, Serializer};

/// What a field holds. Structures are flattened before they come here.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(b) => s.serialize_bool(*b),
            Self::Number(n) => Number(*n).serialize(s),
            Self::Text(t) => s.serialize_str(t),
        }
    }
}

/// A finite number as JSON writes it: whole numbers that JavaScript keeps exactly without `.0`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct Number(pub f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match whole(self.0) {
            Some(n) => s.serialize_i64(n),
            None => s.serialize_f64(self.0),
        }
    }
}

/// The number, if it is whole and JavaScript keeps it exactly.
#[expect(clippy::float_cmp, reason = "an exact test for a whole number")]
fn whole(n: f64) -> Option<i64> {
    (n.trunc() == n && n.abs() <= 9_007_199_254_740_991.0).then_some(n as i64)
}

/// A finite number as JSON: whole numbers that JavaScript keeps exactly are written without `.0`.
pub fn number_json(n: f64) -> serde_json::Value {
    whole(n).map_or_else(|| n.into(), Into::into)
}
