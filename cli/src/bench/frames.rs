//! Distinct messages. A broadcast is the same bytes for everyone: each message is known by its hash, kept once, and
//! decoded once; a viewer is a list of numbers of messages.

use std::collections::HashMap;

use heliograph_shared::protocol::ServerMessage;
use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_64;

use super::server::Server;

/// More bytes of distinct messages than this are not kept: something is wrong.
const KEPT_BYTES: usize = 2 << 30;

/// A message's number.
pub type FrameNumber = u32;

/// What a message means to the measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// All items, or the last part of them.
    Snapshot {
        /// Whether it is complete with this message.
        last: bool,
    },
    /// Changes.
    Delta,
    /// Nothing that belongs to the state.
    Other,
    /// The server starts over: changes were lost.
    Gap,
}

/// A distinct message.
#[derive(Debug)]
pub struct Frame {
    /// The message.
    pub bytes: Box<[u8]>,
    /// What it means.
    pub meaning: Meaning,
    /// How many items it is about.
    pub states: u64,
    /// Their event times, each with how many have it.
    pub times: Vec<(i64, u64)>,
    /// The newest of them.
    pub newest: i64,
    /// Up to where it goes in our board's log, and the log's epoch when it tells that.
    pub cursor: Option<(Option<u32>, u64)>,
}

/// An item as the peers send it.
#[derive(Debug, Deserialize)]
pub struct PlainItem {
    /// The key.
    pub key: String,
    /// Event time.
    pub time: i64,
    /// Where it is.
    pub position: PlainPosition,
}

/// Its position.
#[derive(Debug, Deserialize)]
pub struct PlainPosition {
    /// Degrees.
    pub lat: f64,
    /// Degrees.
    pub lon: f64,
    /// Degrees clockwise from north.
    pub heading: Option<f64>,
    /// m/s.
    pub speed: Option<f64>,
}

/// All distinct messages of a run.
#[derive(Default)]
pub struct Frames {
    by_hash: HashMap<u64, FrameNumber>,
    frames: Vec<Frame>,
    bytes: usize,
}

impl Frames {
    /// The number of a message, decoded if it is new.
    pub fn number(&mut self, server: Server, bytes: &[u8]) -> Result<FrameNumber, String> {
        let hash = xxh3_64(bytes);
        if let Some(&number) = self.by_hash.get(&hash) {
            return Ok(number);
        }
        self.bytes += bytes.len();
        if self.bytes > KEPT_BYTES {
            return Err("the viewers were sent more than 2 GB of distinct messages".to_owned());
        }
        let number = self.frames.len() as FrameNumber;
        self.frames.push(decode(server, bytes)?);
        self.by_hash.insert(hash, number);
        Ok(number)
    }

    /// A message.
    pub fn get(&self, number: FrameNumber) -> Option<&Frame> {
        self.frames.get(number as usize)
    }
}

fn decode(server: Server, bytes: &[u8]) -> Result<Frame, String> {
    let mut frame =
        Frame { bytes: bytes.into(), meaning: Meaning::Other, states: 0, times: Vec::new(), newest: 0, cursor: None };
    match server {
        Server::Heliograph => ours(&mut frame, bytes)?,
        Server::Ws | Server::Partyserver => {
            let items: Vec<PlainItem> =
                serde_json::from_slice(bytes).map_err(|e| format!("a viewer was sent something strange: {e}"))?;
            frame.meaning = Meaning::Delta;
            frame.count(items.iter().map(|item| item.time));
        }
    }
    Ok(frame)
}

fn ours(frame: &mut Frame, bytes: &[u8]) -> Result<(), String> {
    let message = ServerMessage::from_binary(bytes).map_err(|e| format!("a viewer was sent something strange: {e}"))?;
    match message {
        ServerMessage::Snapshot { cursor, last, rows, .. } => {
            frame.meaning = Meaning::Snapshot { last };
            frame.cursor = Some((Some(cursor.epoch.0), cursor.seq));
            frame.count(rows.times.iter().map(|t| t.0));
        }
        ServerMessage::Delta { to, rows, .. } => {
            frame.meaning = Meaning::Delta;
            frame.cursor = Some((None, to));
            frame.count(rows.times.iter().map(|t| t.0));
        }
        ServerMessage::Gap { .. } => frame.meaning = Meaning::Gap,
        ServerMessage::Error { code, message, .. } => return Err(format!("a viewer was told {code}: {message}")),
        ServerMessage::Bye { reason, .. } => return Err(format!("a viewer was sent away: {reason}")),
        // The plan follows items.
        ServerMessage::Resumed { .. }
        | ServerMessage::Status { .. }
        | ServerMessage::Published { .. }
        | ServerMessage::Presence(_)
        | ServerMessage::Scores(_) => {}
    }
    Ok(())
}

impl Frame {
    fn count(&mut self, times: impl Iterator<Item = i64>) {
        for time in times {
            self.states += 1;
            self.newest = self.newest.max(time);
            match self.times.iter_mut().find(|(t, _)| *t == time) {
                Some((_, count)) => *count += 1,
                None => self.times.push((time, 1)),
            }
        }
    }
}
