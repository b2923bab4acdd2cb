//! The operator's log: one line of JSON each, see [`heliograph_shared::log_line`].

use crate::trace;
use heliograph_shared::log_line::{Level, line};
use wasm_bindgen::JsValue;

/// Writes a line, with what says it and the trace of the request that it is about.
pub fn write(level: Level, message: &str) {
    let text = trace::told(|from, trace| line(level, from, trace, message));
    let text = JsValue::from(text);
    match level {
        Level::Error => web_sys::console::error_1(&text),
        Level::Warn => web_sys::console::warn_1(&text),
        Level::Info => web_sys::console::log_1(&text),
    }
}

/// Something failed.
macro_rules! log_error {
    ($($message:tt)*) => {
        $crate::log::write(heliograph_shared::log_line::Level::Error, &format!($($message)*))
    };
}

/// Something that an operator may want to change.
macro_rules! log_warn {
    ($($message:tt)*) => {
        $crate::log::write(heliograph_shared::log_line::Level::Warn, &format!($($message)*))
    };
}

/// Something happened that is as it should be.
macro_rules! log_info {
    ($($message:tt)*) => {
        $crate::log::write(heliograph_shared::log_line::Level::Info, &format!($($message)*))
    };
}
