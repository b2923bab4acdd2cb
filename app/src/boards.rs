//! The list of boards, at `/`.

mod make;
pub mod page;
