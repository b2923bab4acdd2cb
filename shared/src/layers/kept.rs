//! What a board keeps of a layer beside its GeoJSON, and how much it keeps of all of them.

use super::LayerId;
use super::geojson::Contents;
use crate::limits;
use crate::problem::{Code, FieldError};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// What is known of a layer without reading it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Bytes of its GeoJSON.
    pub bytes: u32,
    /// What is in it.
    #[serde(flatten)]
    pub contents: Contents,
    /// When it became what it is.
    pub changed_at: Millis,
    /// Of what it is: the same GeoJSON has the same.
    pub tag: String,
}

/// Whether a layer of so many bytes fits beside the others that a board has.
pub fn has_room(others: &[(LayerId, Kept)], id: &LayerId, bytes: usize) -> Result<(), FieldError> {
    let others: Vec<usize> =
        others.iter().filter(|(other, _)| other != id).map(|(_, kept)| kept.bytes as usize).collect();
    if others.len() >= limits::LAYERS_PER_BOARD {
        let message = format!("a board has at most {} layers: delete one first", limits::LAYERS_PER_BOARD);
        return Err(FieldError::new("id", Code::TooMany, message));
    }
    let used: usize = others.iter().sum();
    if used + bytes > limits::LAYERS_BYTES_PER_BOARD {
        let message = format!(
            "the layers of a board have at most {} bytes together: the others have {used}, this one has {bytes}",
            limits::LAYERS_BYTES_PER_BOARD
        );
        return Err(FieldError::new("", Code::TooLong, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(id: &str, bytes: usize) -> (LayerId, Kept) {
        let contents = Contents { features: 1, places: 2, bbox: None };
        let kept = Kept { bytes: bytes as u32, contents, changed_at: Millis(5), tag: "t".into() };
        (LayerId::parse(id).unwrap(), kept)
    }

    #[test]
    fn a_layer_takes_the_place_of_itself_and_fits_beside_the_others() {
        let id = |text: &str| LayerId::parse(text).unwrap();
        let full: Vec<_> = (0..limits::LAYERS_PER_BOARD).map(|n| kept(&format!("l{n}"), 10)).collect();
        assert_eq!(has_room(&full, &id("l3"), 20), Ok(()));
        assert_eq!(has_room(&full, &id("new"), 20).unwrap_err().code, Code::TooMany);
        let large = [kept("a", limits::LAYERS_BYTES_PER_BOARD - 100), kept("b", 60)];
        assert_eq!(has_room(&large, &id("b"), 100), Ok(()));
        let refused = has_room(&large, &id("c"), 41).unwrap_err();
        assert_eq!((refused.field.as_str(), refused.code), ("", Code::TooLong));
        assert!(refused.message.contains("this one has 41"), "{}", refused.message);
    }

    #[test]
    fn what_is_kept_comes_back() {
        let (_, kept) = kept("a", 10);
        let text = serde_json::to_string(&kept).unwrap();
        assert_eq!(text, r#"{"bytes":10,"features":1,"places":2,"bbox":null,"changed_at":5,"tag":"t"}"#);
        assert_eq!(serde_json::from_str::<Kept>(&text).unwrap(), kept);
    }
}
