//! The list of boards.

use crate::config::Visibility;
use crate::cursor::Cursor;
use crate::home::Home;
use crate::id::BoardName;
use crate::running_question::RunningQuestion;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One of the first of a board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TopRow {
    /// Its name, or else its key; what is longer than 40 characters is cut.
    pub name: String,
    /// What it has.
    pub value: Value,
}

/// A board in the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BoardRow {
    /// Its name.
    pub board: BoardName,
    /// For people.
    pub title: String,
    /// For people.
    pub description: String,
    /// The page that its address opens.
    #[serde(default)]
    pub home: Home,
    /// Who may read it.
    pub visibility: Visibility,
    /// After how many seconds without an event an item looks stale.
    pub stale_after_s: u32,
    /// Whether it has a scoreboard.
    pub scores: bool,
    /// How many items there are; told to those who may see all of them.
    pub items: Option<u32>,
    /// Event time of the latest event; told to those who may see all items.
    pub newest: Option<Millis>,
    /// Where the log is; told to those who may see all items.
    pub cursor: Option<Cursor>,
    /// Open feeds; told to those who may see all items.
    pub viewers: Option<u32>,
    /// West, south, east and north of all positions, the west the greater where they lie on both sides of ±180°; told to those
    /// who may see all items.
    pub bbox: Option<[f64; 4]>,
    /// Longitude and latitude of at most 20 items, spread over all; told to those who may see all items.
    #[serde(default)]
    pub spots: Vec<[f64; 2]>,
    /// The first three, of a public board that is not frozen: of its scoreboard, or by the field of its top list.
    pub top: Vec<TopRow>,
    /// The question that a public quiz is asking, while one is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<RunningQuestion>,
}

/// The boards that the caller may read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Boards {
    /// By name.
    pub boards: Vec<BoardRow>,
    /// The board on which the deployment watches itself, where there is one and the caller may manage it. No list has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<BoardName>,
    /// The worker's clock.
    pub time: Millis,
}
