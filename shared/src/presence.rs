//! Who is there: how many are connected to a board, and who, where its config allows that.
//!
//! Each relay counts its own connections ([`crate::relay`]). While somebody follows presence at one of them, the relays tell
//! the board what they count. The board puts their [`Roster`]s together ([`Gather`]) and tells each relay that follows what
//! the others have. Everything is said whole, and each sender numbers what it says: what is lost on the way is mended by what
//! comes next, what comes late is dropped, and who forgets everything asks again. Nothing is stored.

mod gather;
mod member;
mod roster;

pub use gather::{Call, Gather};
pub use member::{Member, Named, named};
pub use roster::Roster;

use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// What is told of those who are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// How many.
    Count,
    /// Also their names, to those who have the right `presence`.
    Names,
}

/// Whether a board tells who is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PresenceConfig {
    /// What is told.
    pub who: Who,
}

/// What a relay tells its board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Of two the one with the higher number counts.
    pub number: u64,
    /// Whether somebody follows presence there.
    pub follows: bool,
    /// Its own connections.
    pub roster: Roster,
}

/// What a board tells a relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Of two the one with the higher number counts.
    pub number: u64,
    /// What the config allows; none: nothing.
    pub who: Option<Who>,
    /// Whether somebody follows, at whichever relay: then it tells the board of its connections as they come and go.
    pub watched: bool,
    /// Connections of the other relays; none where nobody follows, and while the board is asking them.
    pub elsewhere: Option<Roster>,
}

/// The number after `last`. By the clock, so that who forgot the last one goes on above it.
pub fn next_number(last: u64, now: Millis) -> u64 {
    now.0.max(0).unsigned_abs().max(last.saturating_add(1))
}
