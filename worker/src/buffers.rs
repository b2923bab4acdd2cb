//! Buffers of JavaScript, whose memory is given back as soon as nobody reads them. The collector does so too, but only
//! once there are some 64 MB of them: bodies and rows would be half of what an isolate may use.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

#[wasm_bindgen]
extern "C" {
    /// An `ArrayBuffer` with the method that gives its memory away.
    type Transferable;

    #[wasm_bindgen(method, catch)]
    fn transfer(this: &Transferable, length: u32) -> Result<JsValue, JsValue>;
}

/// Smaller ones go with the small things around them, which the collector looks through all the time: giving them back would
/// cost more than what they are for.
const SMALL_BYTES: usize = 4_096;

/// The bytes of an array that nobody else reads; its memory is given back.
pub fn taken(array: &Uint8Array) -> Vec<u8> {
    let bytes = array.to_vec();
    release_long(array, bytes.len());
    bytes
}

/// Gives back the memory of an array of so many bytes that nobody reads any more, unless it is small.
pub fn release_long(array: &Uint8Array, bytes: usize) {
    if bytes >= SMALL_BYTES {
        release(array);
    }
}

fn release(array: &Uint8Array) {
    // What can't be given back now is the collector's.
    let _ = array.buffer().unchecked_ref::<Transferable>().transfer(0);
}
