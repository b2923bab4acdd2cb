//! What `transform/index.js` calls. A picture is written where [`reserve`] says, [`run`] draws it, [`answer`] says where the PNG
//! is, or why there is none.
#![expect(unsafe_code, reason = "an exported function keeps its name by an unsafe attribute; nothing here is unsafe")]

use crate::Painter;
use std::cell::RefCell;

#[derive(Default)]
struct Desk {
    request: Vec<u8>,
    answer: Vec<u8>,
    painter: Painter,
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::new(Desk::default());
}

/// Makes room for a picture of so many bytes; where it is.
#[unsafe(no_mangle)]
pub extern "C" fn reserve(length: usize) -> *const u8 {
    DESK.with_borrow_mut(|desk| {
        desk.request = vec![0; length];
        desk.request.as_ptr()
    })
}

/// Draws the picture; how many bytes the answer has. The first says whether it is a PNG (0) or a sentence (1).
#[unsafe(no_mangle)]
pub extern "C" fn run() -> usize {
    DESK.with_borrow_mut(|desk| {
        let request = std::mem::take(&mut desk.request);
        let (status, bytes) = match desk.painter.png(&request) {
            Ok(png) => (0, png),
            Err(why) => (1, why.into_bytes()),
        };
        desk.answer = [&[status], bytes.as_slice()].concat();
        desk.answer.len()
    })
}

/// Where the answer is.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> *const u8 {
    DESK.with_borrow(|desk| desk.answer.as_ptr())
}
