//! What relays ask for viewers: whether a token is good, and what becomes of an event that a viewer publishes.
//!
//! The script of the objects can't call the public one: each would be bound to the other, and neither could be deployed
//! first. So the public script is deployed a second time, as a service without address, boards or site (`worker/gate.toml`).

#[cfg(feature = "edge")]
pub mod answer;
#[cfg(feature = "objects")]
pub mod ask;
mod verdict;

pub use verdict::Verdict;

use heliograph_shared::grant::{Access, KeyFilter};
use heliograph_shared::id::BoardName;
use heliograph_shared::ingest::RecordResult;
use heliograph_shared::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The path under which a token is checked.
const TOKEN: &str = "token";
/// The path under which events are checked.
const EVENTS: &str = "events";

/// A token that somebody brings to a board.
#[derive(Serialize, Deserialize)]
struct TokenAsk {
    board: BoardName,
    token: String,
}

/// What a token allows and when it ends, or why it is refused.
pub type TokenAnswer = Result<(Access, Millis), String>;

/// Events that a viewer publishes.
#[derive(Serialize, Deserialize)]
pub struct EventsAsk {
    /// To which board.
    pub board: BoardName,
    /// The board's config as it is stored; none when there is no such board.
    pub config: Option<Box<RawValue>>,
    /// Under which keys the viewer may publish.
    pub publish: KeyFilter,
    /// Whether the viewer may not manage the board as well.
    pub player: bool,
    /// The viewer's name for dead letters.
    pub by: String,
    /// The events, JSON.
    pub body: String,
    /// What the board's pipeline asked for before.
    pub found: Vec<Found>,
}

/// Items of another board.
#[derive(Serialize, Deserialize)]
pub struct Found {
    /// The board.
    pub board: BoardName,
    /// The keys that were asked for.
    pub keys: Vec<String>,
    /// The items by key, as the board told them.
    pub items: Box<RawValue>,
}

/// What was refused before the board, or cleaned: merged into its answer.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Remainder {
    /// The places of the events that the board gets.
    pub places: Vec<u32>,
    /// The others.
    pub refused: Vec<RecordResult>,
    /// Events of which something was cleaned away.
    pub cleaned: u32,
}
