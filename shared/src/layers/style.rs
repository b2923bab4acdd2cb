//! What a board's config says of a layer: what it is called, and how it looks.

use super::LayerId;
use crate::limits;
use crate::marks::MarkColor;
use crate::problem::{Code, FieldError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A layer of the map. Of two that lie over each other the later one is on top; items are above all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MapLayer {
    /// Under which its GeoJSON is put.
    pub id: LayerId,
    /// For people, such as "Stops".
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 60)))]
    pub name: String,
    /// Whether it is shown before a viewer chooses.
    #[serde(default = "yes")]
    pub shown: bool,
    /// Its colour; areas have it as a veil.
    #[serde(default)]
    pub color: MarkColor,
    /// Pixels of its lines, of the borders of its areas, and of the radius of its points.
    #[serde(default = "two")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 12)))]
    pub width: u8,
    /// Where it comes from, for the corner of the map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
    pub attribution: Option<String>,
}

const fn yes() -> bool {
    true
}

const fn two() -> u8 {
    2
}

impl MapLayer {
    /// What is wrong with it: the part, why, and how it is mended.
    fn wrong(&self) -> Option<(&'static str, Code, &'static str)> {
        let name = self.name.trim();
        if name.is_empty() {
            return Some(("name", Code::Missing, "is required: it stands beside the layer's switch"));
        }
        if name.len() > 60 {
            return Some(("name", Code::TooLong, "has at most 60 bytes"));
        }
        if !(1..=12).contains(&self.width) {
            return Some(("width", Code::OutOfRange, "is 1 to 12 pixels"));
        }
        let attribution = self.attribution.as_deref().map(str::trim);
        if attribution == Some("") {
            return Some(("attribution", Code::Invalid, "is a text, or left out"));
        }
        if attribution.is_some_and(|text| text.len() > 200) {
            return Some(("attribution", Code::TooLong, "has at most 200 bytes"));
        }
        None
    }
}

/// What is wrong with a config's layers; each is named.
pub fn errors(layers: &[MapLayer]) -> Vec<FieldError> {
    if layers.len() > limits::LAYERS_PER_BOARD {
        let message = format!("map.layers has at most {} layers", limits::LAYERS_PER_BOARD);
        return vec![FieldError::new("map.layers", Code::TooMany, message)];
    }
    let mut ids = BTreeSet::new();
    let wrong = layers.iter().enumerate().filter_map(|(i, layer)| {
        let again = !ids.insert(&layer.id);
        let (part, code, why) = if again {
            ("id", Code::Invalid, "is that of a layer before it: each has its own")
        } else {
            layer.wrong()?
        };
        let field = format!("map.layers[{i}].{part}");
        let message = format!("{field} {why}");
        Some(FieldError::new(field, code, message))
    });
    wrong.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(text: &str) -> MapLayer {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_layer_is_shown_blue_and_thin_unless_it_says_otherwise_and_comes_back_as_it_is() {
        let plain = layer(r#"{"id":"routes","name":"Routes"}"#);
        assert_eq!((plain.shown, plain.color, plain.width), (true, MarkColor::Blue, 2));
        let full = layer(
            r#"{"id":"zones","name":"Zones","shown":false,"color":"purple","width":3,"attribution":"© City of Austin"}"#,
        );
        assert_eq!(layer(&serde_json::to_string(&full).unwrap()), full);
        assert_eq!(errors(&[plain, full]), []);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let first = r#"{"id":"a","name":"A"}"#;
        let one = |text: &str| {
            let error = errors(&[layer(first), layer(text)]).remove(0);
            (error.field, error.code.name(), error.message)
        };
        for (text, field, code, part) in [
            (r#"{"id":"b","name":" "}"#, "map.layers[1].name", "missing", "switch"),
            (r#"{"id":"a","name":"A again"}"#, "map.layers[1].id", "invalid", "its own"),
            (r#"{"id":"b","name":"B","width":0}"#, "map.layers[1].width", "out_of_range", "1 to 12"),
            (r#"{"id":"b","name":"B","width":13}"#, "map.layers[1].width", "out_of_range", "1 to 12"),
            (r#"{"id":"b","name":"B","attribution":""}"#, "map.layers[1].attribution", "invalid", "left out"),
        ] {
            let (at, known, message) = one(text);
            assert_eq!((at.as_str(), known), (field, code), "{message}");
            assert!(message.contains(part), "{message}");
        }
        let long = format!(r#"{{"id":"b","name":"{}"}}"#, "x".repeat(61));
        assert_eq!(one(&long).1, "too_long");
        let many = vec![layer(first); limits::LAYERS_PER_BOARD + 1];
        assert_eq!(errors(&many)[0].code.name(), "too_many");
        for text in [r#"{"id":"a b","name":"A"}"#, r#"{"id":"a","name":"A","colour":"red"}"#, r#"{"id":"a"}"#] {
            assert!(serde_json::from_str::<MapLayer>(text).is_err(), "{text}");
        }
    }
}
