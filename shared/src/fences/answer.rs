//! Fences, and what happened at them, as they are answered.

use super::{Fence, FenceId, Fences, Geometry, Happening, HappeningsQuery, Known, What, Why};
use crate::cursor::Cursor;
use crate::limits;
use crate::problem::Problem;
use crate::time::Millis;
use crate::views::query::{Wrong, read_pairs};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Why an item is on the other side of a border.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FenceReason"))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It moved.
    Moved,
    /// Its first fix is inside.
    Appeared,
    /// The fence was made or drawn anew after its last fix.
    FenceChanged,
    /// It ended.
    Ended,
}

impl From<Why> for Reason {
    fn from(why: Why) -> Self {
        match why {
            Why::Moved => Self::Moved,
            Why::Appeared => Self::Appeared,
            Why::FenceChanged => Self::FenceChanged,
            Why::Ended => Self::Ended,
        }
    }
}

/// Where something happened.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FencePlace"))]
pub struct Place {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
}

/// Something that happened at a fence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FenceEvent {
    /// Its number on the board: later ones are greater.
    pub id: u64,
    /// What happened.
    pub kind: What,
    /// At which fence.
    pub fence: String,
    /// To which item.
    pub key: String,
    /// When, as event time: of the first of the fixes that said so.
    pub time: Millis,
    /// Where the item was then.
    pub position: Place,
    /// How many seconds the item was inside by then; of `exit` and `dwell`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside_s: Option<f64>,
    /// Why, of `enter` and `exit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// When the board learned of it, by its own clock.
    pub received_at: Millis,
}

impl From<&Happening> for FenceEvent {
    fn from(h: &Happening) -> Self {
        let (lon, lat) = h.fix.place;
        Self {
            id: h.id,
            kind: h.what,
            fence: h.fence.to_string(),
            key: h.key.to_string(),
            time: h.fix.time,
            position: Place { lat: f64::from(lat) / 1e6, lon: f64::from(lon) / 1e6 },
            inside_s: (h.what != What::Enter).then_some(h.inside as f64 / 1_000.0),
            reason: (h.what != What::Dwell).then_some(h.why.into()),
            received_at: h.at,
        }
    }
}

/// A page of what happened, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FenceEvents {
    /// As of when.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub cursor: Cursor,
    /// They.
    pub events: Vec<FenceEvent>,
    /// What to send as `after` for what is older; null when there is no more.
    pub next: Option<u64>,
}

/// An item that is inside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InsideItem {
    /// Which.
    pub key: String,
    /// Since when, as event time.
    pub since: Millis,
}

/// A fence as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownFence {
    /// Its id.
    pub id: FenceId,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it encloses.
    pub shape: Geometry,
    /// Metres from the centre of a circle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub radius_m: Option<f64>,
    /// Metres from one side of a corridor to the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width_m: Option<f64>,
    /// After how many seconds inside an item raises `dwell`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dwell_s: Option<u32>,
    /// So many metres beyond the border an item has left.
    pub exit_band_m: f64,
    /// So many fixes in a row must say the same.
    pub confirmations: u8,
    /// When it was changed last.
    pub changed_at: Millis,
    /// How many items are inside.
    pub inside_count: u64,
    /// The items that are inside, in the order of their keys, at most 1,000; of one fence alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<Vec<InsideItem>>,
    /// Since when the item that was asked for is inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Millis>,
}

/// Fences, in the order of their ids.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FenceList {
    /// As of when.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub cursor: Cursor,
    /// They.
    pub fences: Vec<ShownFence>,
}

/// The query of `…/fences`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Only fences that this item is in.
    pub key: Option<String>,
    /// Whether they are features of GeoJSON.
    pub is_geojson: bool,
}

impl ListQuery {
    /// Reads name–value pairs; every wrong one is named.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let mut query = Self::default();
        read_pairs(pairs, |name, value| {
            match name {
                "key" => query.key = Some(value.to_owned()),
                "format" => {
                    query.is_geojson = match value {
                        "json" => false,
                        "geojson" => true,
                        _ => return Err(Wrong::Value("is json or geojson".to_owned())),
                    };
                }
                _ => return Err(Wrong::Unknown("key and format")),
            }
            Ok(())
        })?;
        Ok(query)
    }
}

impl Known {
    fn shown(&self, inside_count: u64) -> Option<ShownFence> {
        let (id, changed_at) = (self.id.clone(), self.changed_at);
        // It was written by this program.
        let fence: Fence = serde_json::from_str(&self.text).ok()?;
        let Fence { name, shape, radius_m, width_m, dwell_s, exit_band_m, confirmations } = fence;
        let (inside, since) = (None, None);
        let shown = ShownFence {
            id,
            name,
            shape,
            radius_m,
            width_m,
            dwell_s,
            exit_band_m,
            confirmations,
            changed_at,
            inside_count,
            inside,
            since,
        };
        Some(shown)
    }
}

impl ShownFence {
    /// As a feature of GeoJSON: the shape as its geometry, the rest as its properties.
    fn feature(&self) -> serde_json::Value {
        let mut properties = serde_json::to_value(self).unwrap_or_default();
        if let Some(parts) = properties.as_object_mut() {
            parts.remove("shape");
            parts.remove("id");
        }
        json!({"type": "Feature", "id": self.id, "geometry": self.shape, "properties": properties})
    }
}

impl Fences {
    fn inside(&self) -> impl Iterator<Item = (&str, u32, Millis)> {
        self.items.iter().flat_map(|(key, item)| {
            let stays = item.presence.as_ref().map(|p| p.stays.as_slice()).unwrap_or_default();
            stays.iter().filter_map(|stay| Some((&**key, stay.fence, stay.since?)))
        })
    }

    /// One fence, with who is inside.
    pub fn shown(&self, id: &FenceId) -> Option<ShownFence> {
        let slot = *self.by_id.get(id)?;
        let here = self.inside().filter(|(_, fence, _)| *fence == slot);
        let mut inside: Vec<_> = here.map(|(key, _, since)| InsideItem { key: key.to_owned(), since }).collect();
        inside.sort_by(|a, b| a.key.cmp(&b.key));
        let count = inside.len() as u64;
        inside.truncate(limits::FENCE_INSIDE_SHOWN);
        Some(ShownFence { inside: Some(inside), ..self.known(slot)?.shown(count)? })
    }

    /// All fences in the order of their ids, or those that an item is in.
    pub fn list(&self, query: &ListQuery) -> Vec<ShownFence> {
        let mut counts = vec![0_u64; self.slots.len()];
        for (_, slot, _) in self.inside() {
            if let Some(count) = counts.get_mut(slot as usize) {
                *count += 1;
            }
        }
        let item = query.key.as_deref().map(|key| self.items.get(key).and_then(|item| item.presence.as_ref()));
        let since = |slot: u32| {
            let stays = item.flatten().map(|p| p.stays.as_slice()).unwrap_or_default();
            stays.iter().find(|stay| stay.fence == slot).and_then(|stay| stay.since)
        };
        let shown = self.by_id.values().filter_map(|slot| {
            let since = since(*slot);
            if item.is_some() && since.is_none() {
                return None;
            }
            let count = counts.get(*slot as usize).copied().unwrap_or_default();
            Some(ShownFence { since, ..self.known(*slot)?.shown(count)? })
        });
        shown.collect()
    }

    /// The same as it is answered.
    pub fn list_json(&self, query: &ListQuery, cursor: Cursor) -> serde_json::Value {
        let fences = self.list(query);
        if query.is_geojson {
            let features: Vec<_> = fences.iter().map(ShownFence::feature).collect();
            json!({"type": "FeatureCollection", "cursor": cursor, "features": features})
        } else {
            serde_json::to_value(FenceList { cursor, fences }).unwrap_or_default()
        }
    }

    /// A page of what happened.
    pub fn events(&self, query: &HappeningsQuery, cursor: Cursor) -> FenceEvents {
        let limit = query.asked.limit.unwrap_or(limits::PAGE_ROWS);
        let (page, next) = self.happenings.page(query.asked.after, limit, |h| query.fits(h));
        FenceEvents { cursor, events: page.into_iter().map(FenceEvent::from).collect(), next }
    }
}
