//! What each kind of step does with its events.

mod aggregate;
mod derive;
mod enrich;
mod filter;
mod map;

pub use aggregate::aggregate;
pub use derive::derive;
pub use enrich::{Known, enrich, looked_up};
pub use filter::passes;
pub use map::map;
