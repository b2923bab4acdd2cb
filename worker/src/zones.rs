//! Time zones, as the platform knows them.

use heliograph_shared::scores::period;
use heliograph_shared::time::Millis;
use js_sys::{Array, Date, Intl, Object, Reflect};
use wasm_bindgen::JsValue;

/// The platform's time zones.
pub struct Zones;

/// A formatter that writes an instant's date and time in a zone; none when the zone is not known.
fn formatter(zone: &str) -> Option<Intl::DateTimeFormat> {
    let options = Object::new();
    let set = |name: &str, value: &str| Reflect::set(&options, &name.into(), &value.into()).ok();
    set("timeZone", zone)?;
    set("hourCycle", "h23")?;
    set("era", "short")?;
    for part in ["year", "month", "day", "hour", "minute", "second"] {
        set(part, "numeric")?;
    }
    // The constructor throws for a zone that is not known.
    let make = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let make = Reflect::get(&make, &"DateTimeFormat".into()).ok()?;
    let arguments = Array::of2(&"en-US".into(), &options);
    let made = Reflect::construct(&make.into(), &arguments).ok()?;
    Some(wasm_bindgen::JsCast::unchecked_into(made))
}

/// Whether the platform knows a zone.
pub fn is_known(zone: &str) -> bool {
    formatter(zone).is_some()
}

impl period::Zones for Zones {
    fn offset_minutes(&self, zone: &str, at: Millis) -> Option<i32> {
        thread_local! {
            static KNOWN: std::cell::RefCell<std::collections::HashMap<(String, i64), i32>> = std::cell::RefCell::default();
        }
        // A zone's offset holds at least for a quarter of an hour that begins on one.
        let quarter = at.0.div_euclid(900_000);
        let key = (zone.to_owned(), quarter);
        if let Some(minutes) = KNOWN.with(|k| k.borrow().get(&key).copied()) {
            return Some(minutes);
        }
        let start = quarter * 900_000;
        let minutes = offset(zone, start)?;
        KNOWN.with(|k| {
            let mut k = k.borrow_mut();
            if k.len() > 10_000 {
                k.clear();
            }
            k.insert(key, minutes);
        });
        Some(minutes)
    }
}

/// Minutes to add to UTC at an instant, from what the local clock shows then.
fn offset(zone: &str, at: i64) -> Option<i32> {
    let parts = formatter(zone)?.format_to_parts(&Date::new(&JsValue::from_f64(at as f64)));
    let mut shown = [0.0_f64; 6];
    for part in parts.iter() {
        let text = |name: &str| Reflect::get(&part, &name.into()).ok()?.as_string();
        let names = ["year", "month", "day", "hour", "minute", "second"];
        let kind = text("type")?;
        if let Some(slot) = names.iter().position(|n| *n == kind).and_then(|i| shown.get_mut(i)) {
            *slot = text("value")?.parse().ok()?;
        }
    }
    let [year, month, day, hour, minute, second] = shown;
    let local =
        Date::utc(year, month - 1.0) + ((day - 1.0) * 86_400.0 + hour * 3_600.0 + minute * 60.0 + second) * 1_000.0;
    Some(((local - at as f64) / 60_000.0).round() as i32)
}
