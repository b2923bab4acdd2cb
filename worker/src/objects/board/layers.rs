//! The layers of the board's map: adapter around [`heliograph_shared::layers`]. They have nothing to do with items, so that
//! the board need not be loaded for who reads them.

use super::Inner;
use super::views::view;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::keys::hex;
use crate::reply;
use crate::store::board::BoardStore;
use crate::store::config::Stored;
use heliograph_shared::api::layers::{LayerRow, Layers};
use heliograph_shared::audit::{Act, By, Kind};
use heliograph_shared::calls::board::LayerAsk;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::layers::LayerId;
use heliograph_shared::layers::kept::{Kept, has_room};
use heliograph_shared::layers::style::MapLayer;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::views::Format;
use sha2::{Digest, Sha256};
use worker::Response;

/// Digits of a version.
const TAG_DIGITS: usize = 32;

fn unknown(id: &str) -> Fault {
    Problem::new(Code::NotFound, format!("the board has no layer {id:?}")).into()
}

fn tag_of(bytes: &[u8]) -> String {
    let mut tag = hex(&Sha256::digest(bytes));
    tag.truncate(TAG_DIGITS);
    tag
}

/// The layers that the board's config has.
fn configured(store: &BoardStore) -> Answer<Vec<MapLayer>> {
    match store.config()? {
        Some(Stored::Here { text, .. }) => Ok(serde_json::from_str::<BoardConfig>(&text)?.map.layers),
        Some(Stored::Elsewhere | Stored::Deleted { .. }) | None => Ok(Vec::new()),
    }
}

impl Inner {
    /// `…/layers`.
    pub(super) fn layers(&self) -> Answer<Response> {
        let store = BoardStore::open(&self.state)?;
        let names = configured(&store)?;
        let rows = store.layers()?.into_iter().map(|(id, kept)| LayerRow::of(id, kept, &names));
        let body = serde_json::to_vec(&Layers { layers: rows.collect() })?;
        view(&tag_of(&body), Format::Json, body, 0)
    }

    /// A layer's GeoJSON.
    pub(super) fn layer(&self, id: &str) -> Answer<Response> {
        let wanted = LayerId::parse(id).map_err(|_| unknown(id))?;
        let (kept, geojson) = BoardStore::open(&self.state)?.layer(&wanted)?.ok_or_else(|| unknown(id))?;
        view(&kept.tag, Format::GeoJson, geojson, 0)
    }

    /// Makes a layer, or changes one.
    pub(super) fn put_layer(&self, by: By, body: &[u8]) -> Answer<Response> {
        let LayerAsk { id, contents, geojson } = LayerAsk::decode(body)?;
        self.with(|b| {
            let others = b.store.layers()?;
            has_room(&others, &id, geojson.len()).map_err(|e| Problem::about(422, e))?;
            let before = others.into_iter().find(|(other, _)| *other == id).map(|(_, kept)| kept);
            let is_new = before.is_none();
            let tag = tag_of(geojson);
            let kept = match before {
                // Who puts the same again changes nothing.
                Some(kept) if kept.tag == tag => kept,
                _ => {
                    b.has_room(geojson.len())?;
                    let kept = Kept { bytes: geojson.len() as u32, contents, changed_at: clock::now(), tag };
                    let act = Act::new(Kind::Config, if is_new { "layer_made" } else { "layer_changed" });
                    b.store.whole().of(|| {
                        b.note(by, act.on(id.as_str()))?;
                        b.store.put_layer(&id, &kept, geojson)
                    })?;
                    kept
                }
            };
            let row = LayerRow::of(id, kept, &configured(&b.store)?);
            Ok(reply::object(if is_new { 201 } else { 200 }, &row)?)
        })
    }

    /// Deletes a layer.
    pub(super) fn drop_layer(&self, by: By, id: &str) -> Answer<Response> {
        let wanted = LayerId::parse(id).map_err(|_| unknown(id))?;
        self.with(|b| {
            if !b.store.layers()?.iter().any(|(known, _)| *known == wanted) {
                return Err(unknown(id));
            }
            b.store.whole().of(|| {
                b.note(by, Act::new(Kind::Config, "layer_deleted").on(id))?;
                b.store.drop_layer(&wanted)
            })?;
            Ok(reply::empty(204)?)
        })
    }
}
