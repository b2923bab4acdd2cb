//! One field of one row.

use crate::value::{Number, Value};
use serde::{Serialize, Serializer};

/// One field of one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// The event does not mention the field.
    Absent,
    /// The event removes the field.
    Null,
    /// True or false.
    Bool(bool),
    /// A finite number.
    Number(f64),
    /// Text.
    Text(&'a str),
}

impl<'a> Cell<'a> {
    /// The cell of a value, `None` meaning that the field is removed.
    pub fn of(value: Option<&'a Value>) -> Self {
        match value {
            None => Self::Null,
            Some(Value::Bool(b)) => Self::Bool(*b),
            Some(Value::Number(n)) => Self::Number(*n),
            Some(Value::Text(t)) => Self::Text(t),
        }
    }

    /// The value, `None` for a removal. Absent cells have none either: check first.
    pub fn to_value(self) -> Option<Value> {
        match self {
            Self::Absent | Self::Null => None,
            Self::Bool(b) => Some(Value::Bool(b)),
            Self::Number(n) => Some(Value::Number(n)),
            Self::Text(t) => Some(Value::Text(t.to_owned())),
        }
    }
}

impl Serialize for Cell<'_> {
    /// As a field's value; `null` where there is none.
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Null => s.serialize_unit(),
            Self::Bool(b) => s.serialize_bool(*b),
            Self::Number(n) => Number(*n).serialize(s),
            Self::Text(t) => s.serialize_str(t),
        }
    }
}
