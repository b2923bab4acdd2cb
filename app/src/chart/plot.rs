//! A drawn chart: the Rust side of `plot.js`.

use js_sys::{Array, Float64Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::columns::Spot;
use super::picture::Picture;
use super::span::Window;
use crate::client::place;

/// Where the build puts the library, and its styles.
const LIBRARY: [&str; 2] = ["/vendor/uPlot.iife.min.js", "/vendor/uPlot.min.css"];

#[wasm_bindgen(module = "/src/chart/plot.js")]
extern "C" {
    fn load_library(script: &str, script_integrity: &str, style: &str, style_integrity: &str) -> Promise;

    #[wasm_bindgen(js_name = Plot)]
    type JsPlot;
    #[wasm_bindgen(constructor, js_class = Plot, catch)]
    fn new(
        host: &web_sys::HtmlElement,
        description: &str,
        chosen: &JsValue,
        pointed: &JsValue,
        wheeled: &JsValue,
        reset: &JsValue,
    ) -> Result<JsPlot, JsValue>;
    #[wasm_bindgen(method, js_class = Plot)]
    fn show(this: &JsPlot, columns: &Array, from: f64, to: f64);
    #[wasm_bindgen(method, js_class = Plot)]
    fn look(this: &JsPlot, from: f64, to: f64);
    #[wasm_bindgen(method, js_class = Plot)]
    fn point(this: &JsPlot, time: f64);
    #[wasm_bindgen(method, js_class = Plot)]
    fn redraw(this: &JsPlot);
    #[wasm_bindgen(method, js_class = Plot)]
    fn destroy(this: &JsPlot);
}

/// Loads the library; later calls get the same one.
pub async fn load() -> Result<(), JsValue> {
    let [script, style] = LIBRARY.map(place::file);
    JsFuture::from(load_library(&script.path, &script.integrity, &style.path, &style.integrity)).await.map(drop)
}

/// What the pointer does on a chart.
pub trait Gestures: Copy + 'static {
    /// A stretch of time was drawn.
    fn chosen(self, window: Window);
    /// The pointer is at a time, or nowhere.
    fn pointed(self, time: Option<i64>);
    /// The wheel was turned with Ctrl, or two fingers were spread.
    fn wheeled(self, factor: f64, around: i64);
    /// Double click.
    fn reset(self);
}

/// A chart on the page. It goes with the value.
pub struct Plot {
    plot: JsPlot,
    _callbacks: Callbacks,
}

type Callbacks =
    (Closure<dyn FnMut(f64, f64)>, Closure<dyn FnMut(f64)>, Closure<dyn FnMut(f64, f64)>, Closure<dyn FnMut()>);

impl Plot {
    /// Draws into an element, which it fills. The library must be loaded.
    pub fn new(host: &web_sys::HtmlElement, picture: &Picture, gestures: impl Gestures) -> Result<Self, JsValue> {
        let lines: Vec<_> = picture
            .lines
            .iter()
            .map(|line| serde_json::json!({"axis": u8::from(line.is_right), "colour": line.colour(), "dash": line.dash()}))
            .collect();
        let levels: Vec<_> = picture
            .levels
            .iter()
            .map(|level| serde_json::json!({"axis": u8::from(level.is_right), "value": level.value, "name": level.told()}))
            .collect();
        let description = serde_json::json!({
            "lines": lines, "band": picture.has_band(), "zero": picture.from_zero, "levels": levels,
        });
        let callbacks: Callbacks = (
            Closure::new(move |from: f64, to: f64| gestures.chosen(Window::new(from as i64, to as i64))),
            Closure::new(move |time: f64| gestures.pointed((!time.is_nan()).then_some(time as i64))),
            Closure::new(move |factor: f64, time: f64| gestures.wheeled(factor, time as i64)),
            Closure::new(move || gestures.reset()),
        );
        let plot = JsPlot::new(
            host,
            &description.to_string(),
            callbacks.0.as_ref(),
            callbacks.1.as_ref(),
            callbacks.2.as_ref(),
            callbacks.3.as_ref(),
        )?;
        Ok(Self { plot, _callbacks: callbacks })
    }

    /// Shows a picture that has the same lines as the one it was made with.
    pub fn show(&self, picture: &Picture, window: Window) {
        let times: Vec<f64> = picture.columns.times.iter().map(|time| *time as f64).collect();
        let columns = Array::of1(&Float64Array::from(times.as_slice()));
        for line in &picture.columns.lines {
            let values: Vec<f64> = line
                .iter()
                .map(|spot| match spot {
                    Spot::Absent => f64::INFINITY,
                    Spot::Break => f64::NAN,
                    Spot::Value(value) => *value,
                })
                .collect();
            columns.push(&Float64Array::from(values.as_slice()));
        }
        self.plot.show(&columns, window.from as f64, window.to as f64);
    }

    /// Looks at another stretch of the same picture, until its own values are there.
    pub fn look(&self, window: Window) {
        self.plot.look(window.from as f64, window.to as f64);
    }

    /// Puts the crosshair to a time, or away.
    pub fn point(&self, time: Option<i64>) {
        self.plot.point(time.map_or(f64::NAN, |time| time as f64));
    }

    /// Draws again, after the colours changed.
    pub fn redraw(&self) {
        self.plot.redraw();
    }
}

impl Drop for Plot {
    fn drop(&mut self) {
        self.plot.destroy();
    }
}
