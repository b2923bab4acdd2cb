//! The map for `cargo xtask bench map`: the same handle, scene and layer, with positions that the page makes instead of
//! a feed. Part of no page that is shipped.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Float64Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use super::handle::{Look, MapHandle, MapNews};
use super::scene::Update;
use crate::board::address::Camera;
use crate::board::store::Store;
use crate::client::boards::BoardInfo;

const NAME: &str = "heliographBench";

/// Puts `heliographBench` on the window: `open(container, labels, [lat, lon, zoom])` answers with a promise,
/// `update([id, lat, lon, …])` moves items, `state()` says `{"frames", "drawn", "dots", "cpuMs", "ready"}`.
pub fn expose() {
    let Some(window) = web_sys::window() else { return };
    let store = Store::alone(BoardInfo::default());
    let map: Rc<RefCell<Option<MapHandle>>> = Rc::default();
    let handle = Object::new();
    let put = |name: &str, value: JsValue| {
        // An object takes any property.
        let _ = Reflect::set(&handle, &name.into(), &value);
    };

    let (of_open, maps) = (Rc::clone(&store), Rc::clone(&map));
    let open = Closure::<dyn Fn(HtmlElement, HtmlElement, Vec<f64>) -> Promise>::new(
        move |container: HtmlElement, labels: HtmlElement, at: Vec<f64>| {
            let (store, maps) = (Rc::clone(&of_open), Rc::clone(&maps));
            wasm_bindgen_futures::future_to_promise(async move {
                let [lat, lon, zoom] = *at.as_slice() else { return Err("camera".into()) };
                let camera = Some(Camera { zoom, lat, lon, bearing: 0.0, pitch: 0.0 });
                let look = Look { camera, is_dark: false, is_framed: false };
                let news = |news: MapNews| web_sys::console::log_1(&format!("{news:?}").into());
                let opened = MapHandle::open(container, labels, store, look, news).await?;
                maps.replace(Some(opened));
                Ok(JsValue::TRUE)
            })
        },
    );
    put("open", open.into_js_value());

    let (of_update, maps) = (Rc::clone(&store), Rc::clone(&map));
    let update = Closure::<dyn Fn(Float64Array)>::new(move |numbers: Float64Array| {
        let now = of_update.scene_now();
        let mut scene = of_update.scene.borrow_mut();
        for item in numbers.to_vec().chunks_exact(3) {
            let &[id, lat, lon] = item else { continue };
            let id = id as u32;
            scene.upsert(
                now,
                &Update { id, tag: id.wrapping_mul(0x9e37_79b1), lat, lon, heading: None, time: now, rule: None },
            );
        }
        drop(scene);
        if let Some(map) = maps.borrow().as_ref() {
            map.repaint();
        }
    });
    put("update", update.into_js_value());

    let state = Closure::<dyn Fn() -> JsValue>::new(move || {
        let costs = map.borrow().as_ref().map(MapHandle::costs).unwrap_or_default();
        let told = serde_json::json!({
            "frames": costs.frames, "drawn": costs.drawn.items, "dots": costs.drawn.as_dots, "cpuMs": costs.cpu_ms,
        });
        js_sys::JSON::parse(&told.to_string()).unwrap_or_default()
    });
    put("state", state.into_js_value());
    let _ = Reflect::set(&window, &NAME.into(), &handle);
}
