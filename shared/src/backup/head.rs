//! What a backup says besides the rows of the log.

use super::wrong::Wrong;
use crate::cursor::Cursor;
use crate::id::BoardName;
use crate::time::Millis;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The format that this version writes and reads.
pub const FORMAT: u32 = 1;

/// What stands first: which board it is, and as of when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "BackupHead"))]
pub struct Head {
    /// Of the format: 1.
    pub format: u32,
    /// How the board is called.
    pub board: BoardName,
    /// Up to here the log goes; where it is imported, cursors of the board stay good.
    pub cursor: Cursor,
    /// When it was exported.
    pub time: Millis,
    /// The board's config, as a manager reads it.
    pub config: Value,
    /// Whether the board that it is imported as has cursors of its own, so that none of before is good there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub new_cursors: bool,
}

impl Head {
    /// Reads one of a format that is known.
    pub fn read(payload: &[u8]) -> Result<Self, Wrong> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let Format { format } = read(payload)?;
        if format == FORMAT { read(payload) } else { Err(Wrong::Format(format)) }
    }
}

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// A layer of the map: its GeoJSON.
    Layer,
    /// A fence, as it is put.
    Fence,
    /// A rule of alarms, as it is put.
    AlarmRule,
    /// A source without its secret: it has to be made anew.
    Source,
    /// A webhook without its secret: it has to be made anew.
    Webhook,
    /// What is known of an API key, and not the key: it has to be made anew.
    Key,
}

/// Something that the log does not tell, as the API shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Which one.
    pub id: String,
    /// It.
    pub value: Value,
}

impl Part {
    /// Reads one.
    pub fn read(payload: &[u8]) -> Result<Self, Wrong> {
        read(payload)
    }
}

/// What stands last: so much was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Rows of the log.
    pub rows: u64,
    /// Places of the sequence that they take: events, and what managers did.
    pub places: u64,
}

impl End {
    /// Reads it.
    pub fn read(payload: &[u8]) -> Result<Self, Wrong> {
        read(payload)
    }
}

fn read<T: DeserializeOwned>(payload: &[u8]) -> Result<T, Wrong> {
    serde_json::from_slice(payload).map_err(|e| Wrong::Unreadable(e.to_string()))
}
