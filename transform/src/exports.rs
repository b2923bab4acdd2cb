//! What `index.js` calls. A request is written where [`reserve`] says, [`run`] answers it, [`answer`] says where.
#![expect(unsafe_code, reason = "an exported function keeps its name by an unsafe attribute; nothing here is unsafe")]

use crate::wire::Programs;
use std::cell::RefCell;

#[derive(Default)]
struct Desk {
    request: Vec<u8>,
    answer: Vec<u8>,
    programs: Programs,
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::new(Desk::default());
}

/// Makes room for a request of so many bytes; where it is.
#[unsafe(no_mangle)]
pub extern "C" fn reserve(length: usize) -> *const u8 {
    DESK.with_borrow_mut(|desk| {
        desk.request = vec![0; length];
        desk.request.as_ptr()
    })
}

/// Answers the request; how many bytes the answer has.
#[unsafe(no_mangle)]
pub extern "C" fn run() -> usize {
    DESK.with_borrow_mut(|desk| {
        let request = std::mem::take(&mut desk.request);
        desk.answer = desk.programs.answer(&request);
        desk.answer.len()
    })
}

/// Where the answer is.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> *const u8 {
    DESK.with_borrow(|desk| desk.answer.as_ptr())
}
