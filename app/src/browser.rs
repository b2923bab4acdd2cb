//! The browser's own things, each behind a few functions.

pub mod clock;
pub mod dom;
pub mod geolocation;
pub mod language;
pub mod numbers;
pub mod percent;
pub mod save;
pub mod storage;
