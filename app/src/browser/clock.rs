//! The only reader of clocks and of randomness in the browser.

use heliograph_shared::time::Millis;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The wall clock, which may be wrong and may jump.
pub fn wall() -> Millis {
    Millis(js_sys::Date::now() as i64)
}

/// Milliseconds since the page was opened; never jumps.
pub fn steady() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or_else(js_sys::Date::now, |p| p.now())
}

/// Comes back after so many milliseconds.
pub async fn sleep(millis: i32) {
    let promise = js_sys::Promise::new(&mut |done, _| {
        if let Some(window) = web_sys::window() {
            // It can only fail for a callback that is not a function.
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&done, millis);
        }
    });
    let _: Result<JsValue, JsValue> = JsFuture::from(promise).await;
}

/// A random number in 0..1, to spread reconnects.
pub fn jitter() -> f64 {
    js_sys::Math::random()
}

/// A moment on the viewer's clock, in few letters: seconds only where there are any.
pub fn short_text(time: Millis) -> String {
    const MINUTE: i64 = 60_000;
    written(time, if time.0.rem_euclid(MINUTE) == 0 { "short" } else { "medium" })
}

/// A moment as a field for date and time holds it, on the viewer's clock: `2026-03-01T18:05`.
pub fn field_text(time: Millis) -> String {
    let date = js_sys::Date::new(&(time.0 as f64).into());
    let (year, month, day) = (date.get_full_year(), date.get_month() + 1, date.get_date());
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}", date.get_hours(), date.get_minutes())
}

/// The moment that a field for date and time holds.
pub fn field_moment(text: &str) -> Option<Millis> {
    // Without a zone it is the viewer's.
    let millis = js_sys::Date::new(&text.into()).get_time();
    (!text.is_empty() && millis.is_finite()).then_some(Millis(millis as i64))
}

/// A moment on the viewer's clock, to the second.
pub fn local_text(time: Millis) -> String {
    written(time, "medium")
}

/// As [`short_text`], in a zone that IANA names; a zone that the browser does not know is the viewer's own.
pub fn text_in(time: Millis, zone: Option<&str>) -> String {
    let Some(zone) = zone else { return short_text(time) };
    let options = js_sys::Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", "short"), ("timeZone", zone)] {
        // An object of our own takes any property.
        let _ = js_sys::Reflect::set(&options, &name.into(), &value.into());
    }
    let date = js_sys::Date::new(&(time.0 as f64).into());
    // By name: the method throws at a zone that it does not know.
    let written = js_sys::Reflect::get(&date, &"toLocaleString".into()).and_then(|method| {
        method.dyn_into::<js_sys::Function>()?.call2(&date, &text!(parts.format.dates).into(), &options)
    });
    written.ok().and_then(|written| written.as_string()).unwrap_or_else(|| short_text(time))
}

/// In the language of the page's words, as the axes of charts are, and not in the browser's: two would stand side by side.
fn written(time: Millis, clock: &str) -> String {
    let options = js_sys::Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", clock)] {
        // An object of our own takes any property.
        let _ = js_sys::Reflect::set(&options, &name.into(), &value.into());
    }
    let date = js_sys::Date::new(&(time.0 as f64).into());
    date.to_locale_string(text!(parts.format.dates), &options).into()
}
