//! The way of events to a board: the one call that every event takes, so it is bytes and no JSON.

use super::VERSION;
use crate::board::RequestKey;
use crate::codec::{Batch, DecodeError, Reader, Writer};
use crate::config::BoardConfig;
use crate::identity::{Identity, IdentityScope};
use crate::rights::Owner;
use crate::scores::keeper::Keep;

/// A request to a board with the settings that it needs.
pub struct IngestBody<'a> {
    /// What makes two events the same.
    pub identity: Identity,
    /// Milliseconds between two pushes.
    pub tick_ms: u32,
    /// How long the log is kept.
    pub keep: Keep,
    /// Whose ids its events have and whose its idempotency key is; empty: the board's.
    pub owner: &'a str,
    /// Whether it comes from a player, who has less rights than a manager.
    pub player: bool,
    /// Who sends it, for dead letters.
    pub by: &'a str,
    /// By which source it comes.
    pub source: Option<&'a str>,
    /// Records that were refused at the edge: dead letters, a JSON array; empty when there are none.
    pub letters: &'a str,
    /// The ways of a source's last records, a JSON array; empty when there are none.
    pub trails: &'a str,
    /// What the board's pipeline did with the request, where it has one.
    pub report: Option<&'a [u8]>,
    /// The idempotency key and its request's fingerprint.
    pub request: Option<RequestKey<'a>>,
    /// Which of the batch's events end their items, by their numbers, ascending.
    pub ends: Vec<u32>,
    /// The batch, encoded.
    pub batch: &'a [u8],
}

impl<'a> IngestBody<'a> {
    /// A batch from somebody, with what the board must know of its config.
    ///
    /// The batch itself is only encoded on its way out, [`IngestBody::encode`].
    pub fn of(config: &BoardConfig, request: Option<(&'a str, u64)>, sender: &'a Sender<'_>) -> Self {
        let owner = match config.scope() {
            IdentityScope::Sender => sender.owner.as_str(),
            IdentityScope::Board => "",
        };
        Self {
            identity: config.identity_of_events(),
            tick_ms: config.tick_ms,
            keep: config.keep(),
            owner,
            player: sender.player,
            by: sender.by,
            source: sender.source,
            letters: &sender.letters,
            trails: &sender.trails,
            report: sender.report.as_deref(),
            request: request.map(|(name, hash)| RequestKey { owner, name, hash }),
            ends: sender.ends.clone(),
            batch: &[],
        }
    }

    /// As bytes, behind the contract's version, with its batch: that is encoded in place, since it may have as many bytes
    /// as the request.
    pub fn encode(&self, batch: &Batch<'_>) -> Vec<u8> {
        let mut w = Writer::with_capacity(batch.encoded_most() + self.letters.len() + self.trails.len() + 256);
        w.u8(VERSION);
        w.u8(u8::from(self.identity == Identity::KeyTime)
            | u8::from(self.identity == Identity::KeyId) << 4
            | u8::from(self.request.is_some()) << 1
            | u8::from(self.player) << 2
            | u8::from(self.report.is_some()) << 3
            | u8::from(self.source.is_some()) << 5
            | u8::from(!self.ends.is_empty()) << 6
            | u8::from(!self.trails.is_empty()) << 7);
        w.varint(u64::from(self.tick_ms));
        w.varint(u64::from(self.keep.days));
        w.varint(u64::from(self.keep.mib.unwrap_or_default()));
        w.text(self.owner);
        w.text(self.by);
        w.text(self.letters);
        if let Some(source) = self.source {
            w.text(source);
        }
        if !self.trails.is_empty() {
            w.text(self.trails);
        }
        if let Some(report) = self.report {
            w.blob(report);
        }
        if let Some(key) = self.request {
            w.text(key.name);
            w.varint(key.hash);
        }
        if !self.ends.is_empty() {
            w.varint(self.ends.len() as u64);
            self.ends.iter().for_each(|number| w.varint(u64::from(*number)));
        }
        batch.write(&mut w);
        w.finish()
    }

    /// Reads what [`IngestBody::encode`] wrote, without the version.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let flags = r.u8()?;
        let identity = match flags & 0b1_0001 {
            1 => Identity::KeyTime,
            0b1_0000 => Identity::KeyId,
            _ => Identity::Id,
        };
        let (tick_ms, days, mib) = (r.varint32()?, r.varint32()?, r.varint32()?);
        let keep = Keep { days, mib: (mib > 0).then_some(mib) };
        let owner = r.text()?;
        let (by, letters) = (r.text()?, r.text()?);
        let source = if flags & 0b10_0000 == 0b10_0000 { Some(r.text()?) } else { None };
        let trails = if flags & 0b1000_0000 == 0b1000_0000 { r.text()? } else { "" };
        let report = if flags & 8 == 8 { Some(r.blob()?) } else { None };
        let request =
            if flags & 2 == 2 { Some(RequestKey { owner, name: r.text()?, hash: r.varint()? }) } else { None };
        let mut ends = Vec::new();
        if flags & 0b100_0000 == 0b100_0000 {
            for _ in 0..r.varint32()? {
                ends.push(r.varint32()?);
            }
        }
        let (player, batch) = (flags & 4 == 4, r.take(r.remaining())?);
        Ok(Self { identity, tick_ms, keep, owner, player, by, source, letters, trails, report, request, ends, batch })
    }
}

/// Who sends events, and what of it was refused at the edge.
pub struct Sender<'s> {
    /// Whose ids its events have, where they are not the board's.
    pub owner: &'s Owner,
    /// Whether it is a player, who has less rights than a manager.
    pub player: bool,
    /// A name for dead letters.
    pub by: &'s str,
    /// The source that they come by, where they come by one.
    pub source: Option<&'s str>,
    /// Dead letters, a JSON array; empty when there are none.
    pub letters: String,
    /// The ways of a source's last records, a JSON array; empty when there are none.
    pub trails: String,
    /// What the board's pipeline did with the request, where it has one; then the board's answer is the whole answer.
    pub report: Option<Vec<u8>>,
    /// Which of the events end their items, by their numbers, ascending.
    pub ends: Vec<u32>,
}
