//! Reading a recording and planning when each of its rows goes out. No network here.

pub mod clics;
pub mod columns;
pub mod plan;
pub mod progress;
pub mod rows;
pub mod source;
pub mod time;
