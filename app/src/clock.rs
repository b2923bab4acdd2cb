//! The only reader of clocks and of randomness in the browser.

use heliograph_shared::time::Millis;

/// The wall clock, which may be wrong and may jump.
pub fn wall() -> Millis {
    Millis(js_sys::Date::now() as i64)
}

/// Milliseconds since the page was opened; never jumps.
pub fn steady() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or_else(js_sys::Date::now, |p| p.now())
}

/// A random number in 0..1, to spread reconnects.
pub fn jitter() -> f64 {
    js_sys::Math::random()
}

/// A moment as the viewer's own calendar and clock write it.
pub fn local_text(time: Millis) -> String {
    let date = js_sys::Date::new(&(time.0 as f64).into());
    date.to_locale_string("default", &wasm_bindgen::JsValue::UNDEFINED).into()
}
