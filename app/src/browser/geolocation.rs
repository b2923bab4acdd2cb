//! Where this device is, if its owner says so.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Position, PositionError};

/// A place as the device measured it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Here {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// Metres: with 95 % confidence it is no farther away.
    pub accuracy: f64,
}

/// Why it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The owner or the page's policy does not allow it.
    Refused,
    /// The device does not know, or took too long.
    Unknown,
}

/// The browser's own number for "not allowed" (W3C Geolocation, `PERMISSION_DENIED`).
const PERMISSION_DENIED: u16 = 1;

/// Asks the device once; the browser asks its owner first. `done` is called once.
pub fn ask(done: impl FnOnce(Result<Here, Why>) + 'static) {
    let done = Rc::new(RefCell::new(Some(done)));
    let tell = move |answer| {
        if let Some(done) = done.borrow_mut().take() {
            done(answer);
        }
    };
    let found = {
        let tell = tell.clone();
        Closure::once_into_js(move |position: Position| {
            let coords = position.coords();
            tell(Ok(Here { lat: coords.latitude(), lon: coords.longitude(), accuracy: coords.accuracy() }));
        })
    };
    let failed = {
        let tell = tell.clone();
        Closure::once_into_js(move |error: PositionError| {
            tell(Err(if error.code() == PERMISSION_DENIED { Why::Refused } else { Why::Unknown }));
        })
    };
    // Insecure origins have none.
    let device = web_sys::window().and_then(|window| window.navigator().geolocation().ok());
    let asked = device.map(|device| {
        device.get_current_position_with_error_callback(found.unchecked_ref(), Some(failed.unchecked_ref()))
    });
    if !matches!(asked, Some(Ok(()))) {
        tell(Err(Why::Unknown));
    }
}
