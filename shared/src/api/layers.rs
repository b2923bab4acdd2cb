//! A board's layers, without their GeoJSON.

use crate::layers::LayerId;
use crate::layers::geojson::Contents;
use crate::layers::kept::Kept;
use crate::layers::style::MapLayer;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// A layer whose GeoJSON the board has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LayerRow {
    /// Its id.
    pub id: LayerId,
    /// What the board's config calls it. Null: `map.layers` does not have it, and no map shows it.
    pub name: Option<String>,
    /// Bytes of its GeoJSON.
    pub bytes: u32,
    /// What is in it.
    #[serde(flatten)]
    pub contents: Contents,
    /// When it became what it is.
    pub changed_at: Millis,
}

impl LayerRow {
    /// Of what is kept, with its name.
    pub fn of(id: LayerId, kept: Kept, layers: &[MapLayer]) -> Self {
        let Kept { bytes, contents, changed_at, .. } = kept;
        let name = layers.iter().find(|layer| layer.id == id).map(|layer| layer.name.clone());
        Self { id, name, bytes, contents, changed_at }
    }
}

/// A board's layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Layers {
    /// By id.
    pub layers: Vec<LayerRow>,
}
