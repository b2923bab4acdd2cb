//! Vector tiles that MapLibre draws, from an archive: a source with its style layers.

use js_sys::{Array, Reflect};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

use super::sources::escaped;
use super::{Map, js_from_json};
use crate::client::place;

/// Where the build puts what reads archives.
const READER: &str = "/vendor/pmtiles.js";

#[wasm_bindgen(module = "/src/board/map/archives.js")]
extern "C" {
    #[wasm_bindgen(js_name = add_archives)]
    fn js_add_archives(maplibre: &JsValue, script: &str, integrity: &str);
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(method, catch, js_name = addSource)]
    fn js_add_tiles(this: &Map, id: &str, source: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = addLayer)]
    fn js_add_tile_layer(this: &Map, layer: &JsValue, before: Option<&str>) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, js_name = getSource)]
    fn js_get_tiles(this: &Map, id: &str) -> Option<TileSource>;

    type TileSource;
    #[wasm_bindgen(method, catch, js_name = setUrl)]
    fn js_set_url(this: &TileSource, url: &str) -> Result<JsValue, JsValue>;
}

/// An archive that is to be drawn.
pub struct Tiles<'a> {
    /// The name of its source.
    pub source: &'a str,
    /// Its address, with `pmtiles://` before it.
    pub url: &'a str,
    /// Where it comes from, for the corner of the map; what the archive says when absent.
    pub attribution: Option<&'a str>,
    /// How it is drawn.
    pub layers: &'a [Value],
    /// The style layer that lies over it; it is on top of all where there is none.
    pub below: Option<&'a str>,
}

/// Tells MapLibre's module how to read archives.
pub(super) fn add_archives(module: &JsValue) {
    let file = place::file(READER);
    js_add_archives(module, &file.path, &file.integrity);
}

impl Map {
    /// Draws an archive; nothing when it is drawn already. Each new style needs that anew.
    pub fn add_tiles(&self, tiles: &Tiles<'_>) -> Result<(), JsValue> {
        if self.js_get_tiles(tiles.source).is_some() {
            return Ok(());
        }
        let mut source = json!({"type": "vector", "url": tiles.url});
        if let Some(text) = tiles.attribution {
            source["attribution"] = escaped(text).into();
        }
        self.js_add_tiles(tiles.source, &js_from_json(&source)?)?;
        for layer in tiles.layers {
            self.js_add_tile_layer(&js_from_json(layer)?, tiles.below)?;
        }
        Ok(())
    }

    /// Asks for an archive and its tiles again; nothing when it isn't drawn.
    pub fn ask_tiles_again(&self, source: &str, url: &str) -> Result<(), JsValue> {
        match self.js_get_tiles(source) {
            Some(tiles) => tiles.js_set_url(url).map(drop),
            None => Ok(()),
        }
    }

    /// The box of an archive, `[west, south, east, north]`, and the zoom that it begins at, once that is known.
    pub fn tiles_extent(&self, source: &str) -> Option<([f64; 4], f64)> {
        let tiles: JsValue = self.js_get_tiles(source)?.into();
        let part = |name: &str| Reflect::get(&tiles, &name.into()).ok();
        let bounds: Vec<f64> = part("bounds")?.dyn_into::<Array>().ok()?.iter().filter_map(|n| n.as_f64()).collect();
        Some((bounds.try_into().ok()?, part("minzoom")?.as_f64()?))
    }
}
