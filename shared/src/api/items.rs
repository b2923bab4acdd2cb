//! Items. The worker writes these answers piece by piece, without a type in between; tests hold what it writes to these.

use crate::cursor::Cursor;
use crate::position::Position;
use crate::time::Millis;
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The latest state of one key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Item {
    /// The key.
    pub key: String,
    /// Event time of the last event that counted.
    pub time: Millis,
    /// The number of the last event that changed it.
    pub seq: u64,
    /// The latest position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The latest value of every field; left out when only other columns were asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Value>,
}

/// A page of items.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ItemsPage {
    /// As of when.
    pub cursor: Cursor,
    /// In the order in which keys first appeared.
    pub items: Vec<Item>,
    /// With `since`, on the first page: the keys of items that ended after that cursor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Vec<String>>,
    /// For `after`, when there is another page.
    pub next: Option<String>,
}

/// A GeoJSON feature collection (RFC 7946) with the cursor and the next page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeatureCollection {
    /// `FeatureCollection`.
    #[serde(rename = "type")]
    pub kind: String,
    /// As of when.
    pub cursor: Cursor,
    /// The items.
    pub features: Vec<Feature>,
    /// With `since`, on the first page: the keys of items that ended after that cursor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Vec<String>>,
    /// For `after`, when there is another page.
    pub next: Option<String>,
}

/// An item as a GeoJSON feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Feature {
    /// `Feature`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The key.
    pub id: String,
    /// Where it is; null without a position.
    pub geometry: Option<Geometry>,
    /// Key, time, seq, parts of the position and fields, under their columns' names.
    pub properties: BTreeMap<String, Value>,
}

/// A point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Geometry {
    /// `Point`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Longitude and latitude.
    pub coordinates: [f64; 2],
}
