//! What the server says.

pub use super::frame::{begin, kind, write_cursor};
use super::presence::PresenceFrame;
use super::rows::Rows;
use super::{SubId, VERSION};
use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::{Cursor, Epoch, Seq};
use crate::items::ItemId;
use crate::scores::frame::ScoresFrame;
use crate::time::Millis;

/// A message to a viewer, decoded.
#[derive(Clone, Debug, PartialEq)]
pub enum ServerMessage<'a> {
    /// All items of a subscription, perhaps in parts.
    Snapshot {
        /// Which subscription.
        sub: SubId,
        /// The board as of here.
        cursor: Cursor,
        /// The first part: forget what was there.
        first: bool,
        /// The last part.
        last: bool,
        /// The server starts over on its own account: this answers no subscribe.
        unasked: bool,
        /// Under which rights it was made: to be sent with a resume, see [`crate::rights::KeySet::fingerprint`].
        rights: u32,
        /// The items.
        rows: Rows<'a>,
    },
    /// What changed.
    Delta {
        /// Which subscription.
        sub: SubId,
        /// For a viewer that has everything up to here (or more).
        from: Seq,
        /// Everything up to here.
        to: Seq,
        /// Items with what changed of them.
        rows: Rows<'a>,
        /// Items that do not belong to the subscription any more.
        removed: Vec<ItemId>,
    },
    /// The subscription goes on where the client left it; deltas follow.
    Resumed {
        /// Which subscription.
        sub: SubId,
        /// From here on.
        cursor: Cursor,
    },
    /// Changes were lost; a snapshot follows.
    Gap {
        /// Which subscription.
        sub: SubId,
        /// The board as of the snapshot.
        cursor: Cursor,
    },
    /// How the board is.
    Status {
        /// The server's clock.
        time: Millis,
        /// The newest event that the relay knows.
        cursor: Cursor,
        /// Viewers of this relay.
        viewers: u32,
        /// From the board's acceptance of the newest batch to the relay, in milliseconds.
        lag_ms: u32,
    },
    /// Something that the client said was refused.
    Error {
        /// What it was about.
        id: Option<u32>,
        /// The stable code.
        code: &'a str,
        /// What is wrong and how to mend it.
        message: &'a str,
        /// The action that was refused.
        action: &'a str,
    },
    /// The server is about to close the connection.
    Bye {
        /// The close code.
        code: u16,
        /// Its reason.
        reason: &'a str,
        /// Whether to connect again.
        reconnect: bool,
    },
    /// Rows of a scoreboard, or their moves.
    Scores(ScoresFrame<'a>),
    /// Who is there, or what changed of that.
    Presence(PresenceFrame<'a>),
    /// What became of a published event.
    Published {
        /// The number that the client gave.
        id: u32,
        /// The ingest answer as JSON.
        answer: &'a str,
    },
}

fn read_cursor(r: &mut Reader<'_>) -> Result<Cursor, DecodeError> {
    Ok(Cursor { epoch: Epoch(r.varint32()?), seq: r.varint()? })
}

/// Writes item numbers, ascending, as distances.
pub fn write_ids(w: &mut Writer, ids: &[ItemId]) {
    w.varint(ids.len() as u64);
    let mut next = 0;
    for id in ids {
        w.varint(u64::from(id.0.wrapping_sub(next)));
        next = id.0.wrapping_add(1);
    }
}

fn read_ids(r: &mut Reader<'_>) -> Result<Vec<ItemId>, DecodeError> {
    let n = r.count()?;
    let mut next = 0_u32;
    let mut ids = Vec::with_capacity(n);
    for _ in 0..n {
        let id = next.checked_add(r.varint32()?).ok_or(DecodeError::Invalid("item"))?;
        ids.push(ItemId(id));
        next = id.checked_add(1).ok_or(DecodeError::Invalid("item"))?;
    }
    Ok(ids)
}

impl<'a> ServerMessage<'a> {
    /// Reads a binary message.
    pub fn from_binary(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        match r.u8()? {
            VERSION => {}
            v => return Err(DecodeError::Version(v)),
        }
        let message = match r.u8()? {
            kind::SNAPSHOT => {
                let (sub, cursor, flags) = (SubId(r.varint32()?), read_cursor(&mut r)?, r.u8()?);
                if flags > 7 {
                    return Err(DecodeError::Invalid("flags"));
                }
                let (first, last, unasked) = (flags & 1 != 0, flags & 2 != 0, flags & 4 != 0);
                let rights = r.varint32()?;
                Self::Snapshot { sub, cursor, first, last, unasked, rights, rows: Rows::read(&mut r)? }
            }
            kind::DELTA => {
                let (sub, from) = (SubId(r.varint32()?), r.varint()?);
                let to = from.checked_add(r.varint()?).ok_or(DecodeError::Invalid("cursor"))?;
                Self::Delta { sub, from, to, rows: Rows::read(&mut r)?, removed: read_ids(&mut r)? }
            }
            kind::RESUMED => Self::Resumed { sub: SubId(r.varint32()?), cursor: read_cursor(&mut r)? },
            kind::GAP => Self::Gap { sub: SubId(r.varint32()?), cursor: read_cursor(&mut r)? },
            kind::STATUS => Self::Status {
                time: Millis(r.zigzag()?),
                cursor: read_cursor(&mut r)?,
                viewers: r.varint32()?,
                lag_ms: r.varint32()?,
            },
            kind::ERROR => {
                let id = match r.u8()? {
                    0 => None,
                    _ => Some(r.varint32()?),
                };
                Self::Error { id, code: r.text()?, message: r.text()?, action: r.text()? }
            }
            kind::BYE => Self::Bye { code: r.u16()?, reason: r.text()?, reconnect: r.u8()? != 0 },
            kind::SCORES => Self::Scores(ScoresFrame::read(&mut r)?),
            kind::PRESENCE => Self::Presence(PresenceFrame::read(&mut r)?),
            kind::PUBLISHED => Self::Published { id: r.varint32()?, answer: r.text()? },
            _ => return Err(DecodeError::Invalid("message type")),
        };
        r.end()?;
        Ok(message)
    }
}
