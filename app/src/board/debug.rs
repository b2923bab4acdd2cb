//! A read-only look inside for operators and tests: `heliograph.state()` in the browser's console, and
//! `heliograph.screen(key)` for where an item's mark is on the map, in CSS pixels.

use js_sys::{Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use super::map::handle::{Group, MapHandle};
use super::state::{MapState, Page};

const NAME: &str = "heliograph";

/// Puts the handle on the window for as long as the board is open.
pub fn expose(page: Page) {
    let Some(window) = web_sys::window() else { return };
    let state = Closure::<dyn Fn() -> JsValue>::new(move || js_sys::JSON::parse(&state(page)).unwrap_or_default());
    let screen = Closure::<dyn Fn(String) -> JsValue>::new(move |key: String| screen(page, &key));
    let handle = Object::new();
    let put = |name: &str, value: &JsValue| Reflect::set(&handle, &name.into(), value).is_ok();
    if put("state", state.as_ref()) && put("screen", screen.as_ref()) {
        // A window takes any property.
        let _ = Reflect::set(&window, &NAME.into(), &handle);
    }
    let closures = StoredValue::new_local((state, screen));
    on_cleanup(move || {
        if let Some(window) = web_sys::window() {
            let _ = Reflect::delete_property(&window, &NAME.into());
        }
        closures.dispose();
    });
}

fn state(page: Page) -> String {
    let store = page.store();
    let map = page.map();
    let costs = map.as_ref().map(MapHandle::costs).unwrap_or_default();
    let scene = store.scene.borrow();
    let now = store.scene_now();
    let status = page.ui.status.get_untracked();
    let cursor = store.with_replica(|replica| replica.cursor().map(|cursor| cursor.to_string())).flatten();
    serde_json::json!({
        "board": store.board,
        "status": status.truth.code(),
        "latencyMs": status.latency_ms,
        "cursor": cursor,
        "snapshots": store.resets(),
        "gaps": store.feed().map(|feed| feed.gaps()),
        "viewers": status.viewers,
        "items": store.len(),
        "at": store.past_at().map(|at| at.0),
        "drawn": costs.drawn.items,
        "areDots": costs.drawn.as_dots,
        "visible": map.as_ref().map_or(0, MapHandle::count_visible),
        "marks": scene.counts(),
        "density": scene.density().name(),
        "groups": map.as_ref().map(groups).unwrap_or_default(),
        "trailSegments": scene.trail.len(),
        "isMoving": scene.is_moving(now),
        "map": match page.ui.map.get_untracked() {
            MapState::Loading => "loading",
            MapState::Ready => "ready",
            MapState::Failed(_) => "failed",
        },
        "frames": costs.frames,
        "uploadedBytes": costs.uploaded_bytes,
        "lastUploads": costs.drawn.uploads,
        "cpuMs": costs.cpu_ms,
        "cpuMaxMs": costs.cpu_max_ms,
        "selected": page.ui.selected.get_untracked(),
    })
    .to_string()
}

/// What is shown as one: how many items, the number of the worst rule, and where.
fn groups(map: &MapHandle) -> Vec<serde_json::Value> {
    let group =
        |Group { count, worst, at: (x, y), .. }| serde_json::json!({"count": count, "worst": worst, "x": x, "y": y});
    map.groups().into_iter().map(group).collect()
}

fn screen(page: Page, key: &str) -> JsValue {
    let place = page.store().find(key).and_then(|id| page.map()?.screen(id));
    let Some((x, y)) = place else { return JsValue::NULL };
    js_sys::JSON::parse(&serde_json::json!({"x": x, "y": y}).to_string()).unwrap_or_default()
}
