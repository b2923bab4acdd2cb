//! Sessions.

use crate::cursor::Cursor;
use crate::scores::session::Phase;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// A session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    /// Its id.
    pub id: String,
    /// For people.
    pub title: String,
    /// Where it stands.
    pub phase: Phase,
    /// When it opens by itself.
    pub opens_at: Option<Millis>,
    /// When it freezes by itself.
    pub freezes_at: Option<Millis>,
    /// When it closes by itself.
    pub closes_at: Option<Millis>,
    /// When it was opened.
    pub opened_at: Option<Millis>,
    /// When it was frozen.
    pub frozen_at: Option<Millis>,
    /// When it was closed.
    pub closed_at: Option<Millis>,
    /// How many keys are ranked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub players: Option<u32>,
    /// How many events count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
    /// The join code; only managers are told, null without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// All sessions of a board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sessions {
    /// As of when.
    pub cursor: Cursor,
    /// In the order in which they were made.
    pub sessions: Vec<Session>,
}
