//! The pages.

pub mod board;
pub mod boards;
pub mod not_found;
