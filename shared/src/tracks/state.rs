//! What is stored beside the pages: whose tracks there are, how far each part's pages go and which of them is still open, in
//! chunks of 512 tracks; and a head with how much there is of each day.

use super::names::Names;
use super::place::{Day, TRACKS_PER_PART};
use super::{Open, Part};
use crate::codec::{DecodeError, Reader, Writer};
use crate::time::Millis;
use std::collections::BTreeMap;

const VERSION: u8 = 1;
/// Parts of a chunk: one row is written for all of them together.
pub(super) const PARTS_PER_CHUNK: u32 = 16;
pub(super) const TRACKS_PER_CHUNK: u32 = PARTS_PER_CHUNK * TRACKS_PER_PART;

/// The number of the head; that of a chunk is one more than the chunk's.
pub(super) const HEAD: u64 = 0;

/// How much there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// The latest event time of a position.
    pub newest: Option<Millis>,
    /// Stored fixes of each day.
    pub days: BTreeMap<Day, u64>,
}

impl Head {
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.u8(VERSION);
        w.u8(u8::from(self.newest.is_some()));
        self.newest.iter().for_each(|at| w.zigzag(at.0));
        w.varint(self.days.len() as u64);
        for (day, fixes) in &self.days {
            w.varint(u64::from(day.0));
            w.varint(*fixes);
        }
        w.finish()
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = version(bytes)?;
        let newest = if r.u8()? == 1 { Some(Millis(r.zigzag()?)) } else { None };
        let mut days = BTreeMap::new();
        for _ in 0..r.count()? {
            days.insert(Day(small(&mut r)?), r.varint()?);
        }
        r.end()?;
        Ok(Self { newest, days })
    }
}

fn version(bytes: &[u8]) -> Result<Reader<'_>, DecodeError> {
    let mut r = Reader::new(bytes);
    match r.u8()? {
        VERSION => Ok(r),
        other => Err(DecodeError::Version(other)),
    }
}

fn small(r: &mut Reader<'_>) -> Result<u32, DecodeError> {
    u32::try_from(r.varint()?).map_err(|_| DecodeError::Invalid("number"))
}

/// Packs a chunk.
pub(super) fn encode(chunk: u32, names: &Names, parts: &[Part]) -> Vec<u8> {
    let mut w = Writer::default();
    w.u8(VERSION);
    let first = chunk * TRACKS_PER_CHUNK;
    let tracks = first..(first + TRACKS_PER_CHUNK).min(names.len() as u32);
    w.varint(tracks.len() as u64);
    tracks.for_each(|track| w.text(names.stored(track)));
    let own: Vec<&Part> =
        parts.iter().skip((chunk * PARTS_PER_CHUNK) as usize).take(PARTS_PER_CHUNK as usize).collect();
    w.varint(own.len() as u64);
    for part in own {
        w.varint(part.through);
        w.varint(u64::from(part.next));
        w.varint(part.open.len() as u64);
        for open in &part.open {
            w.varint(u64::from(open.day.0));
            w.varint(u64::from(open.page));
            w.varint(u64::from(open.fixes));
        }
    }
    w.finish()
}

/// Reads the next chunk.
pub(super) fn decode(bytes: &[u8], names: &mut Names, parts: &mut Vec<Part>) -> Result<(), DecodeError> {
    let mut r = version(bytes)?;
    for _ in 0..r.count()? {
        names.restore(r.text()?);
    }
    for _ in 0..r.count()? {
        let (through, next) = (r.varint()?, small(&mut r)?);
        let mut part = Part { through, next, ..Part::default() };
        for _ in 0..r.count()? {
            part.open.push(Open { day: Day(small(&mut r)?), page: small(&mut r)?, fixes: small(&mut r)? });
        }
        parts.push(part);
    }
    r.end()
}
