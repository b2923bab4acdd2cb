//! What was, on the same map: a clock that one can stop, set and make faster, and the board as of its time in the map, the
//! list and the table.
//!
//! | behaviour | file |
//! |---|---|
//! | how fast the clock goes | `speed` |
//! | which times there are, and the slider's steps | `span` |
//! | events ahead of the clock: what is read, and what next | `reader` |
//! | the clock: play, pause, set, step; what the bar shows | `player` |
//! | what of it the page knows, as signals | `signals` |
//! | requests, frames, and the address | `run` |
//! | the bar under the map | `bar` |
//!
//! What the page shows of it is the store's business (`store/past`).

pub mod bar;
pub mod player;
pub mod reader;
pub mod run;
pub mod signals;
pub mod span;
pub mod speed;
