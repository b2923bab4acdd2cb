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

/// A moment as the viewer's own calendar and clock write it, in few letters: seconds only where there are any.
pub fn short_text(time: Millis) -> String {
    const MINUTE: i64 = 60_000;
    let clock = if time.0.rem_euclid(MINUTE) == 0 { "short" } else { "medium" };
    let options = js_sys::Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", clock)] {
        // An object of our own takes any property.
        let _ = js_sys::Reflect::set(&options, &name.into(), &value.into());
    }
    let date = js_sys::Date::new(&(time.0 as f64).into());
    date.to_locale_string("default", &options).into()
}

/// A moment as the viewer's own calendar and clock write it.
pub fn local_text(time: Millis) -> String {
    let date = js_sys::Date::new(&(time.0 as f64).into());
    date.to_locale_string("default", &wasm_bindgen::JsValue::UNDEFINED).into()
}
