//! What the two demos share: the public API as they use it, joining by code, and signing in with a key.

pub mod api;
pub mod join;
pub mod live;
pub mod sign_in;
pub mod store;
pub mod widgets;
