//! Numbers as the language of the visit writes them, by the browser's `Intl`. English ones are written without it
//! (`parts::format`, `texts::whole`).

/// A number with thousands apart, with so many decimals at least and at most.
#[cfg(target_arch = "wasm32")]
pub fn written(value: f64, least: usize, most: usize) -> String {
    use std::cell::RefCell;

    use js_sys::{Array, Function, Intl::NumberFormat, Object, Reflect};

    thread_local! {
        /// Each is made once: making one takes longer than writing hundreds of numbers.
        static FORMATS: RefCell<Vec<((usize, usize), Function)>> = const { RefCell::new(Vec::new()) };
    }

    // What is written as zero has no sign.
    let value = if value.abs() * 10_f64.powi(most as i32) < 0.5 { 0.0 } else { value };
    let known = FORMATS.with_borrow(|formats| {
        formats.iter().find(|(decimals, _)| *decimals == (least, most)).map(|(_, format)| format.clone())
    });
    let format = known.unwrap_or_else(|| {
        let options = Object::new();
        for (name, decimals) in [("minimumFractionDigits", least), ("maximumFractionDigits", most)] {
            // An object of our own takes any property.
            let _ = Reflect::set(&options, &name.into(), &(decimals as f64).into());
        }
        let format = NumberFormat::new(&Array::of1(&text!(parts.format.dates).into()), &options).format();
        FORMATS.with_borrow_mut(|formats| formats.push(((least, most), format.clone())));
        format
    });
    let text = format.call1(&wasm_bindgen::JsValue::UNDEFINED, &value.into());
    // It takes every number.
    text.ok().and_then(|text| text.as_string()).unwrap_or_default().replace('-', "\u{2212}")
}

/// Tests have no browser, and no thousands.
#[cfg(not(target_arch = "wasm32"))]
pub fn written(value: f64, _: usize, most: usize) -> String {
    format!("{value:.most$}")
}
