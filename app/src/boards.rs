//! The list of boards, at `/`.

pub mod page;
