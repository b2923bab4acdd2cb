//! Layers of a map: what lies under the items and does not move, such as streets, stops and zones.
//!
//! A board's config says which layers its map has and how they look (`map.layers`, [`style`]). Their GeoJSON, which may be
//! long, is put and read apart from it: a config is sent to every page that opens, a layer only where it is shown.
//!
//! | You want to know | File |
//! |---|---|
//! | what a config says of a layer | `style` |
//! | which GeoJSON is taken | `geojson` |
//! | how much a board keeps | `kept` |

pub mod geojson;
pub mod kept;
pub mod style;

use crate::limits;
use crate::problem::{Code, FieldError};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A layer's name in addresses and in the config: 1 to 64 of letters, digits, `_`, `.` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LayerId(String);

/// A text that is no layer's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a layer's id is 1 to 64 of letters, digits, _ . and -")]
pub struct NoLayerId;

impl LayerId {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same as a field's error.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        Self::try_from(text.to_owned()).map_err(|e| FieldError::new("id", Code::Invalid, e.to_string()))
    }
}

impl TryFrom<String> for LayerId {
    type Error = NoLayerId;

    fn try_from(text: String) -> Result<Self, NoLayerId> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        // A browser takes dots alone for the folder, or the one above.
        let dots = text == "." || text == "..";
        let ok = (1..=limits::LAYER_ID_BYTES).contains(&text.len()) && text.bytes().all(plain) && !dots;
        if ok { Ok(Self(text)) } else { Err(NoLayerId) }
    }
}

impl From<LayerId> for String {
    fn from(id: LayerId) -> Self {
        id.0
    }
}

impl fmt::Display for LayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for LayerId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LayerId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "minLength": 1, "maxLength": limits::LAYER_ID_BYTES, "pattern": "^[A-Za-z0-9_.-]+$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stands_in_an_address_as_it_is() {
        for text in ["routes", "zone-1.b_2", "7"] {
            assert_eq!(LayerId::parse(text).unwrap().as_str(), text);
        }
        for text in ["", ".", "..", "a b", "a,b", "straße", &"x".repeat(65)] {
            assert_eq!(LayerId::parse(text).unwrap_err().field, "id", "{text:?}");
        }
    }
}
