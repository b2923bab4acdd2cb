//! The demos, at `/quiz` and `/arena`: programs that use the public API only.
//!
//! | behaviour | file |
//! |---|---|
//! | the quiz | `quiz` and its folder |
//! | the game | `arena` and its folder |
//! | who leads: signing in with a key | `sign_in` |
//! | who plays: joining by code | `join` |
//! | what a demo follows | `live` |
//! | questions before what can't be taken back, small parts | `confirm`, `widgets` |

pub mod arena;
pub mod confirm;
pub mod join;
pub mod live;
pub mod quiz;
pub mod sign_in;
pub mod widgets;
