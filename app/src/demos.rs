//! The demos, at `/quiz` and `/arena`: programs that use the public API only.

pub mod arena;
pub mod confirm;
pub mod join;
pub mod live;
pub mod quiz;
pub mod sign_in;
pub mod widgets;
