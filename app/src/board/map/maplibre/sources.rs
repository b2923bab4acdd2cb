//! GeoJSON that MapLibre draws: sources with their style layers.

use js_sys::{Array, Reflect};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

use super::{Map, js_from_json};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(method, catch, js_name = addLayer)]
    fn js_add_layer_before(this: &Map, layer: &JsValue, before: Option<&str>) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setPaintProperty)]
    fn js_set_paint_property(this: &Map, layer: &str, name: &str, value: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setLayoutProperty)]
    fn js_set_layout_property(this: &Map, layer: &str, name: &str, value: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = addSource)]
    fn js_add_source(this: &Map, id: &str, source: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, js_name = getSource)]
    fn js_get_source(this: &Map, id: &str) -> JsValue;
    #[wasm_bindgen(method, catch, js_name = queryRenderedFeatures)]
    fn js_query_rendered(this: &Map, area: &JsValue, options: &JsValue) -> Result<Array, JsValue>;
}

/// GeoJSON that is to be drawn.
pub struct Shapes<'a> {
    /// The name of its source.
    pub source: &'a str,
    /// It.
    pub geojson: &'a Value,
    /// Where it comes from, for the corner of the map.
    pub attribution: Option<&'a str>,
    /// How it is drawn.
    pub layers: &'a [Value],
    /// The style layer that lies over it; it is on top of all where there is none.
    pub below: Option<&'a str>,
}

impl Map {
    /// Draws GeoJSON; nothing when it is drawn already. Each new style needs that anew.
    pub fn add_shapes(&self, shapes: &Shapes<'_>) -> Result<(), JsValue> {
        if self.js_get_source(shapes.source).is_truthy() {
            return Ok(());
        }
        let mut source = json!({"type": "geojson", "data": shapes.geojson});
        if let Some(text) = shapes.attribution {
            source["attribution"] = escaped(text).into();
        }
        self.js_add_source(shapes.source, &js_from_json(&source)?)?;
        for layer in shapes.layers {
            self.js_add_layer_before(&js_from_json(layer)?, shapes.below)?;
        }
        Ok(())
    }

    /// Whether the style has a layer of this name.
    pub fn has_layer(&self, layer: &str) -> bool {
        self.js_get_layer(layer).is_truthy()
    }

    /// Changes one colour or width of a living style; nothing when the layer isn't there.
    pub fn set_paint(&self, layer: &str, name: &str, value: &Value) -> Result<(), JsValue> {
        if self.has_layer(layer) {
            self.js_set_paint_property(layer, name, &js_from_json(value)?)?;
        }
        Ok(())
    }

    /// Shows a layer, or hides it; nothing when it isn't there.
    pub fn set_visible(&self, layer: &str, is_visible: bool) -> Result<(), JsValue> {
        if self.has_layer(layer) {
            let value = if is_visible { "visible" } else { "none" };
            self.js_set_layout_property(layer, "visibility", &value.into())?;
        }
        Ok(())
    }

    /// The style layer and the `name` of what is drawn nearest to the top within so many pixels of a place, of these layers.
    pub fn named_at(&self, (x, y): (f64, f64), reach: f64, layers: &[String]) -> Option<(String, String)> {
        let area = json!([[x - reach, y - reach], [x + reach, y + reach]]);
        let options = json!({"layers": layers, "validate": false});
        let found = self.js_query_rendered(&js_from_json(&area).ok()?, &js_from_json(&options).ok()?).ok()?;
        let part = |value: &JsValue, name: &str| Reflect::get(value, &name.into()).ok().filter(JsValue::is_object);
        found.iter().find_map(|feature| {
            let layer = Reflect::get(&part(&feature, "layer")?, &"id".into()).ok()?.as_string()?;
            let name = Reflect::get(&part(&feature, "properties")?, &"name".into()).ok()?.as_string()?;
            Some((layer, name))
        })
    }
}

/// A text as MapLibre wants it, which takes an attribution as HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribution_is_a_text_and_no_html() {
        assert_eq!(escaped("© <b>City & \"Co\"</b>'s"), "© &lt;b&gt;City &amp; &quot;Co&quot;&lt;/b&gt;&#39;s");
    }
}
