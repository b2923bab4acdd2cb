//! What goes with a push, and what a relay answers.

use super::PushMessage;
use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::{Cursor, Epoch};
use crate::sent::Sent;

const VERSION: u8 = 1;
/// An answer that says what was sent; one of before is read, too.
const ANSWER_VERSION: u8 = 2;

/// What a board tells a relay besides what happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PushHead {
    /// Viewers of the board's other relays.
    pub elsewhere: u32,
    /// Changes of standings that the relay has not heard of are not there any more: it has to ask for them anew.
    pub standings_lost: bool,
}

impl PushHead {
    /// Packs it with what happened.
    pub fn with(&self, message: &PushMessage<'_>) -> Vec<u8> {
        let mut w = Writer::with_capacity(message.size() + 8);
        w.u8(VERSION);
        w.varint(u64::from(self.elsewhere));
        w.u8(u8::from(self.standings_lost));
        message.write(&mut w);
        w.finish()
    }

    /// Unpacks both; the message's rows stay packed.
    pub fn split(bytes: &[u8]) -> Result<(Self, PushMessage<'_>), DecodeError> {
        let mut r = Reader::new(bytes);
        match r.u8()? {
            VERSION => {}
            v => return Err(DecodeError::Version(v)),
        }
        let elsewhere = r.varint32()?;
        let standings_lost = match r.u8()? {
            0 => false,
            1 => true,
            _ => return Err(DecodeError::Invalid("flags")),
        };
        Ok((Self { elsewhere, standings_lost }, PushMessage::decode(r.take(r.remaining())?)?))
    }
}

/// What a relay answers to a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushAnswer {
    /// How far it is now.
    pub cursor: Cursor,
    /// How far apart, in milliseconds, it wants its pushes.
    pub pace: u32,
    /// Its viewers.
    pub viewers: u32,
    /// Whether it fetches the board's state, since something was missing.
    pub syncing: bool,
    /// What it has sent to viewers.
    pub sent: Sent,
}

impl PushAnswer {
    /// Packs it.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(40);
        w.u8(ANSWER_VERSION);
        w.varint(u64::from(self.cursor.epoch.0));
        w.varint(self.cursor.seq);
        w.varint(u64::from(self.pace));
        w.varint(u64::from(self.viewers));
        w.u8(u8::from(self.syncing));
        for count in [self.sent.frames, self.sent.bytes, self.sent.slow] {
            w.varint(count);
        }
        w.finish()
    }

    /// Unpacks it.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let version = match r.u8()? {
            known @ (VERSION | ANSWER_VERSION) => known,
            v => return Err(DecodeError::Version(v)),
        };
        let cursor = Cursor { epoch: Epoch(r.varint32()?), seq: r.varint()? };
        let (pace, viewers) = (r.varint32()?, r.varint32()?);
        let syncing = match r.u8()? {
            0 => false,
            1 => true,
            _ => return Err(DecodeError::Invalid("flags")),
        };
        let sent = match version {
            VERSION => Sent::default(),
            _ => Sent { frames: r.varint()?, bytes: r.varint()?, slow: r.varint()? },
        };
        r.end()?;
        Ok(Self { cursor, pace, viewers, syncing, sent })
    }
}
