//! What is asked of the registry.

use super::VERSION;
use crate::audit::{Act, AuditAsk, By};
use crate::id::BoardName;
use crate::index::Said;
use crate::meters::edge::Edge;
use crate::revocation::{Change, Mark};
use crate::rights::Grant;
use crate::share::{Share, ShareId};
use crate::source::{Source, SourceName};
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A question to the registry, or something that it is told. What is not there is answered by 404.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistryCall {
    /// The list of boards: a list of [`Listed`](crate::index::Listed).
    Boards,
    /// What is measured of all boards, and at the edge: [`Collected`](crate::index::Collected).
    Meters,
    /// The config that it has of a board of before; empty where the board has it itself.
    Board(BoardName),
    /// A board says what it is and has. Answers nothing.
    Say(BoardName, Box<Said>),
    /// A board has ended, as of a version. Answers nothing.
    DeleteBoard(BoardName, u64),
    /// What has changed after a change: [`Changes`](crate::revocation::Changes).
    Changes(Change),
    /// The same, asked by an isolate that says what it has counted since it last said so.
    Report(Change, Edge),
    /// Has a relay be told of what ends: [`Changes`](crate::revocation::Changes) that it does not know.
    Watch(WatchAsk),
    /// Something has ended. Answers nothing.
    End(Vec<Mark>),
    /// The board and the session of a join code, and the registry's last change.
    Code(String),
    /// Keeps a join code for a board's session; 404 when it is taken.
    PutCode(String, BoardName, String),
    /// All API keys without the keys, as JSON.
    Keys,
    /// What is stored of an API key, by the SHA-256 in hex: a [`StoredKey`].
    Key(String),
    /// Stores what is to be known of an API key, by the SHA-256 in hex. Answers nothing.
    PutKey(String, Value),
    /// A source, by its name: a [`Source`].
    Source(SourceName),
    /// The sources of a board: a list of [`Source`]s.
    Sources(BoardName),
    /// Keeps a source in place of the version before it; 0: of none. 404 when there is another by now.
    PutSource(Box<Source>, u64),
    /// Forgets a board's source; 404 when it has none of this name.
    DeleteSource(BoardName, SourceName),
    /// The links of a board: a list of [`Share`]s, the oldest first.
    Shares(BoardName),
    /// Keeps a new link; 404 when its id is taken.
    PutShare(Box<Share>),
    /// Somebody opens a link, for the first time or again: the [`Share`] and the registry's last change; 404 when it opens
    /// nothing.
    OpenShare(ShareId, bool),
    /// Revokes a board's link; 404 when it has none of this id.
    DeleteShare(BoardName, ShareId),
    /// Settings of the deployment, by their name: [`StoredSettings`].
    Settings(String),
    /// Keeps settings in place of the version before; 0: of none. 404 when there is another by now.
    PutSettings(String, Value, u64),
    /// Forgets an API key, by its id.
    DeleteKey(String),
    /// Gives an API key another secret: what is stored of it, as JSON; 404 when there is none of this id.
    RotateKey(KeyRotation),
    /// Somebody does something, which is noted with it.
    Noted(By, Box<RegistryCall>),
    /// Notes something that was done to a board. Answers nothing.
    Note(BoardName, By, Act),
    /// What was noted of a board, and of keys that reach it: a list of [`Entry`](crate::audit::Entry)s.
    Audit(BoardName, AuditAsk),
}

/// Another secret of an API key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyRotation {
    /// Which key.
    pub id: String,
    /// The SHA-256 of the new secret, in hex.
    pub hash: String,
    /// Until when the one before is still good.
    pub until: Millis,
}

impl RegistryCall {
    /// As bytes, behind the contract's version.
    pub fn encode(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = vec![VERSION];
        serde_json::to_writer(&mut bytes, self)?;
        Ok(bytes)
    }
}

/// What a relay wants to be told of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WatchAsk {
    /// Which relay.
    pub relay: String,
    /// Of what, besides what it is told of already.
    pub marks: Vec<Mark>,
    /// The last change that it knows.
    pub after: Change,
}

/// Settings as they are stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StoredSettings {
    /// Grows with every change; 0: there are none yet.
    pub version: u64,
    /// What they say.
    pub value: Value,
}

/// What is stored of an API key.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct StoredKey {
    /// What it allows.
    pub grants: Vec<Grant>,
    /// The name of its owner; none in keys of before there were owners.
    pub owner: Option<String>,
    /// Its id; none in keys of before they could be rotated, whose id is the beginning of the hash.
    pub id: Option<String>,
    /// Until when this secret is good, where another took its place.
    pub until: Option<Millis>,
}
