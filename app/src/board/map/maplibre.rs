//! MapLibre GL JS 6 as far as we use it: the only file that knows its names, with `sources` for GeoJSON and `tiles` for archives.
//! https://maplibre.org/maplibre-gl-js/docs/API/

mod sources;
mod tiles;

pub use sources::Shapes;
pub use tiles::Tiles;

use js_sys::{Array, Float64Array, Function, Object, Promise, Reflect};
use serde_json::Value;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::gpu::graticule::Bounds;
use crate::board::address::Camera;
use crate::client::place;

/// Where the build puts MapLibre; its worker must lie beside it.
const MODULE: &str = "/vendor/maplibre-gl.mjs";

#[wasm_bindgen(module = "/src/board/map/load.js")]
extern "C" {
    fn import_module(url: &str, integrity: &str) -> Promise;
}

#[wasm_bindgen]
extern "C" {
    /// A map on the page.
    #[derive(Clone, Debug)]
    pub type Map;

    #[wasm_bindgen(method, js_name = on)]
    fn js_on(this: &Map, event: &str, listener: &Function);
    #[wasm_bindgen(method, catch, js_name = addLayer)]
    fn js_add_layer(this: &Map, layer: &Object) -> Result<(), JsValue>;
    #[wasm_bindgen(method, js_name = getLayer)]
    fn js_get_layer(this: &Map, id: &str) -> JsValue;
    #[wasm_bindgen(method, js_name = addControl)]
    fn js_add_control(this: &Map, control: &JsValue, place: &str);
    #[wasm_bindgen(method, js_name = getCenter)]
    fn js_centre(this: &Map) -> LngLat;
    #[wasm_bindgen(method, js_name = getBounds)]
    fn js_bounds(this: &Map) -> LngLatBounds;
    #[wasm_bindgen(method, js_name = easeTo)]
    fn js_ease_to(this: &Map, options: &JsValue);
    #[wasm_bindgen(method, js_name = jumpTo)]
    fn js_jump_to(this: &Map, options: &JsValue);
    #[wasm_bindgen(method, catch, js_name = fitBounds)]
    fn js_fit_bounds(this: &Map, bounds: &JsValue, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, js_name = getCanvas)]
    fn js_canvas(this: &Map) -> web_sys::HtmlElement;

    /// Asks for one more frame.
    #[wasm_bindgen(method, js_name = triggerRepaint)]
    pub fn trigger_repaint(this: &Map);
    /// Closer by one level.
    #[wasm_bindgen(method, js_name = zoomIn)]
    pub fn zoom_in(this: &Map);
    /// Farther by one level.
    #[wasm_bindgen(method, js_name = zoomOut)]
    pub fn zoom_out(this: &Map);
    /// North up, seen from straight above.
    #[wasm_bindgen(method, js_name = resetNorthPitch)]
    pub fn reset_north_pitch(this: &Map);
    /// The zoom level.
    #[wasm_bindgen(method, js_name = getZoom)]
    pub fn zoom(this: &Map) -> f64;
    /// Degrees clockwise from north that point up.
    #[wasm_bindgen(method, js_name = getBearing)]
    pub fn bearing(this: &Map) -> f64;
    /// Degrees from straight down.
    #[wasm_bindgen(method, js_name = getPitch)]
    pub fn pitch(this: &Map) -> f64;
    /// Whether an easing or a gesture is under way.
    #[wasm_bindgen(method, js_name = isMoving)]
    pub fn is_moving(this: &Map) -> bool;
    #[wasm_bindgen(method, js_name = setStyle)]
    fn js_set_style(this: &Map, style: &JsValue, options: &JsValue);
    #[wasm_bindgen(method, js_name = setPadding)]
    fn js_set_padding(this: &Map, padding: &JsValue);
    /// Frees everything.
    #[wasm_bindgen(method)]
    pub fn remove(this: &Map);

    /// What MapLibre tells a listener.
    #[derive(Debug)]
    pub type MapEvent;
    #[wasm_bindgen(method, getter)]
    fn point(this: &MapEvent) -> Point;
    /// The browser's event behind it; undefined when the code moved the camera.
    #[wasm_bindgen(method, getter, js_name = originalEvent)]
    pub fn original_event(this: &MapEvent) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn error(this: &MapEvent) -> JsValue;
    /// The source that it is about.
    #[wasm_bindgen(method, getter, js_name = sourceId)]
    pub fn source(this: &MapEvent) -> Option<String>;
    /// What came of the source, for a `sourcedata` event: `metadata` is what is in it.
    #[wasm_bindgen(method, getter, js_name = sourceDataType)]
    pub fn came(this: &MapEvent) -> Option<String>;

    type Point;
    #[wasm_bindgen(method, getter)]
    fn x(this: &Point) -> f64;
    #[wasm_bindgen(method, getter)]
    fn y(this: &Point) -> f64;

    /// What MapLibre hands a layer with each frame.
    #[derive(Debug)]
    pub type RenderArgs;
    #[wasm_bindgen(method, getter, js_name = defaultProjectionData)]
    fn projection(this: &RenderArgs) -> Projection;

    type Projection;
    #[wasm_bindgen(method, getter, js_name = mainMatrix)]
    fn matrix(this: &Projection) -> JsValue;

    type LngLat;
    #[wasm_bindgen(method, getter)]
    fn lng(this: &LngLat) -> f64;
    #[wasm_bindgen(method, getter)]
    fn lat(this: &LngLat) -> f64;

    type LngLatBounds;
    #[wasm_bindgen(method, js_name = getWest)]
    fn west(this: &LngLatBounds) -> f64;
    #[wasm_bindgen(method, js_name = getSouth)]
    fn south(this: &LngLatBounds) -> f64;
    #[wasm_bindgen(method, js_name = getEast)]
    fn east(this: &LngLatBounds) -> f64;
    #[wasm_bindgen(method, js_name = getNorth)]
    fn north(this: &LngLatBounds) -> f64;
}

/// How a map begins.
pub struct Options {
    /// The element it fills.
    pub container: web_sys::HtmlElement,
    /// A style as JSON, or a URL as a JSON string.
    pub style: Value,
    /// Where the camera is at first.
    pub camera: Camera,
    /// What the canvas is called for screen readers.
    pub label: &'static str,
    /// Whether it is in the page of another site: then the wheel and one finger go on to scroll that page.
    pub is_framed: bool,
}

/// A layer's name that draws nothing: it is told of each frame of the basemap, with the matrix from the unit square.
pub const CAMERA_LAYER: &str = "heliograph-camera";

/// What is called with each frame of the basemap.
pub type OnRender = Closure<dyn FnMut(JsValue, RenderArgs)>;

/// Loads MapLibre; later calls get the same module.
pub async fn load() -> Result<Module, JsValue> {
    let file = place::file(MODULE);
    JsFuture::from(import_module(&file.path, &file.integrity)).await.map(Module)
}

/// MapLibre's own styles, only on pages with a map.
pub fn add_stylesheet() {
    const ID: &str = "maplibre-styles";
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    if document.get_element_by_id(ID).is_some() {
        return;
    }
    let link = document.create_element("link").ok().and_then(|link| link.dyn_into::<web_sys::HtmlLinkElement>().ok());
    if let (Some(link), Some(head)) = (link, document.head()) {
        link.set_id(ID);
        link.set_rel("stylesheet");
        let file = place::file("/vendor/maplibre-gl.css");
        link.set_href(&file.path);
        link.set_integrity(&file.integrity);
        // Ours come after it and win.
        let _ = head.insert_before(&link, head.first_child().as_ref());
    }
}

/// MapLibre's module.
pub struct Module(JsValue);

impl Module {
    fn construct(&self, class: &str, options: &JsValue) -> Result<JsValue, JsValue> {
        let class: Function = Reflect::get(&self.0, &class.into())?.dyn_into()?;
        Reflect::construct(&class, &Array::of1(options))
    }

    /// Lets styles name archives of tiles, as `pmtiles://` and their address. What reads them is loaded with the first.
    pub fn add_archives(&self) {
        tiles::add_archives(&self.0);
    }

    /// Makes a map. It throws when the browser has no WebGL2.
    pub fn map(&self, options: &Options) -> Result<Map, JsValue> {
        let Camera { zoom, lat, lon, bearing, pitch } = options.camera;
        let js = js_from_json(&serde_json::json!({
            "style": options.style,
            "center": [lon, lat], "zoom": zoom, "bearing": bearing, "pitch": pitch,
            "maxPitch": 60,
            "renderWorldCopies": true,
            "attributionControl": false,
            "fadeDuration": 0,
            "cooperativeGestures": options.is_framed,
            "locale": {
                "Map.Title": options.label,
                "CooperativeGesturesHandler.WindowsHelpText": text!(board.map.wheel),
                "CooperativeGesturesHandler.MacHelpText": text!(board.map.wheel_mac),
                "CooperativeGesturesHandler.MobileHelpText": text!(board.map.fingers),
            },
        }))?;
        Reflect::set(&js, &"container".into(), &options.container)?;
        Ok(self.construct("Map", &js)?.unchecked_into())
    }

    /// Adds the scale bar and the attribution in the bottom corners.
    pub fn add_controls(&self, map: &Map) -> Result<(), JsValue> {
        let scale = self.construct("ScaleControl", &js_from_json(&serde_json::json!({"maxWidth": 120}))?)?;
        map.js_add_control(&scale, "bottom-left");
        let attribution =
            self.construct("AttributionControl", &js_from_json(&serde_json::json!({"compact": false}))?)?;
        map.js_add_control(&attribution, "bottom-right");
        Ok(())
    }
}

impl Map {
    /// Calls `listener` at each event, for as long as the map lives.
    pub fn on(&self, event: &str, listener: impl FnMut(MapEvent) + 'static) {
        let listener = Closure::<dyn FnMut(MapEvent)>::new(listener);
        self.js_on(event, listener.as_ref().unchecked_ref());
        listener.forget();
    }

    /// Calls `render` with each frame of the basemap from now on, unless it is called already. Each new style needs that anew.
    pub fn on_render(&self, render: &OnRender) -> Result<(), JsValue> {
        if self.js_get_layer(CAMERA_LAYER).is_truthy() {
            return Ok(());
        }
        let layer = Object::new();
        let set = |name: &str, value: &JsValue| Reflect::set(&layer, &name.into(), value);
        set("id", &CAMERA_LAYER.into())?;
        set("type", &"custom".into())?;
        set("renderingMode", &"2d".into())?;
        set("render", render.as_ref())?;
        self.js_add_layer(&layer)
    }

    /// Takes another style, or the same one anew.
    pub fn set_style(&self, style: &Value) {
        if let (Ok(style), Ok(options)) = (js_from_json(style), js_from_json(&serde_json::json!({"diff": false}))) {
            self.js_set_style(&style, &options);
        }
    }

    /// Keeps the centre out of what is covered.
    pub fn set_padding(&self, Padding { top, right, bottom, left }: Padding) {
        let padding = serde_json::json!({"top": top, "right": right, "bottom": bottom, "left": left});
        if let Ok(padding) = js_from_json(&padding) {
            self.js_set_padding(&padding);
        }
    }

    /// The camera's centre as latitude and longitude.
    pub fn centre(&self) -> (f64, f64) {
        let centre = self.js_centre();
        (centre.lat(), centre.lng())
    }

    /// Where the camera is.
    pub fn camera(&self) -> Camera {
        let (lat, lon) = self.centre();
        let lon = (lon + 180.0).rem_euclid(360.0) - 180.0;
        Camera { zoom: self.zoom(), lat, lon, bearing: self.bearing(), pitch: self.pitch() }
    }

    /// What the camera sees.
    pub fn bounds(&self) -> Bounds {
        let bounds = self.js_bounds();
        Bounds { west: bounds.west(), south: bounds.south(), east: bounds.east(), north: bounds.north() }
    }

    /// Moves the camera, softly unless the viewer prefers less motion.
    pub fn ease_to(&self, camera: &Camera, millis: u32) {
        let Camera { zoom, lat, lon, bearing, pitch } = *camera;
        let options = serde_json::json!({
            "center": [lon, lat], "zoom": zoom, "bearing": bearing, "pitch": pitch, "duration": millis,
        });
        if let Ok(options) = js_from_json(&options) {
            self.js_ease_to(&options);
        }
    }

    /// Puts the camera somewhere at once.
    pub fn jump_to(&self, camera: &Camera) {
        let Camera { zoom, lat, lon, bearing, pitch } = *camera;
        let options = serde_json::json!({"center": [lon, lat], "zoom": zoom, "bearing": bearing, "pitch": pitch});
        if let Ok(options) = js_from_json(&options) {
            self.js_jump_to(&options);
        }
    }

    /// Puts the camera's centre somewhere at once.
    pub fn set_centre(&self, lat: f64, lon: f64) {
        let options = Object::new();
        if Reflect::set(&options, &"center".into(), &Array::of2(&lon.into(), &lat.into())).is_ok() {
            self.js_jump_to(&options);
        }
    }

    /// Shows all of `[west, south, east, north]`, from no nearer than a zoom.
    pub fn fit(&self, [west, south, east, north]: [f64; 4], padding: Padding, millis: u32, closest: f64) {
        let Padding { top, right, bottom, left } = padding;
        let options = serde_json::json!({
            "padding": {"top": top, "right": right, "bottom": bottom, "left": left},
            "maxZoom": closest, "duration": millis,
        });
        let bounds = serde_json::json!([[west, south], [east, north]]);
        if let (Ok(bounds), Ok(options)) = (js_from_json(&bounds), js_from_json(&options)) {
            // It only throws for boxes that don't fit between the paddings; the camera then stays where it is.
            let _ = self.js_fit_bounds(&bounds, &options);
        }
    }

    /// The element that takes the pointer.
    pub fn canvas(&self) -> web_sys::HtmlElement {
        self.js_canvas()
    }
}

/// How much of the map is covered at each side, in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Padding {
    /// Pixels.
    pub top: f64,
    /// Pixels.
    pub right: f64,
    /// Pixels.
    pub bottom: f64,
    /// Pixels.
    pub left: f64,
}

impl MapEvent {
    /// Where the pointer is on the map, in CSS pixels.
    pub fn pixel(&self) -> (f64, f64) {
        let point = self.point();
        (point.x(), point.y())
    }

    /// What went wrong, for an `error` event.
    pub fn message(&self) -> String {
        Reflect::get(&self.error(), &"message".into()).ok().and_then(|text| text.as_string()).unwrap_or_default()
    }
}

impl RenderArgs {
    /// Clip space from the unit square of Web Mercator, column-major.
    pub fn clip_from_unit(&self) -> Option<[f64; 16]> {
        let numbers = Float64Array::new(&self.projection().matrix());
        let mut matrix = [0.0; 16];
        (numbers.length() == 16).then(|| numbers.copy_to(&mut matrix)).map(|()| matrix)
    }
}

fn js_from_json(value: &Value) -> Result<JsValue, JsValue> {
    js_sys::JSON::parse(&value.to_string())
}
