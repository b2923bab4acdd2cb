//! Whose tracks there are.

use super::place::TrackId;
use crate::limits;
use crate::texts::Texts;

/// Stands in a stored piece in place of a key whose track was erased. No key has such a character.
const ERASED: &str = "\u{1}";

/// Keys by the number of their tracks.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    keys: Texts,
    /// The track of each key, by the number of its text; [`NOBODY`] where it was erased.
    track_of: Vec<u32>,
    /// The key of each track, by the number of its text; [`NOBODY`] where it was erased.
    key_of: Vec<u32>,
}

const NOBODY: u32 = u32::MAX;

impl Names {
    /// How many tracks.
    pub const fn len(&self) -> usize {
        self.key_of.len()
    }

    /// The track of a key.
    pub fn find(&self, key: &str) -> Option<TrackId> {
        let text = self.keys.find(key)?;
        self.track_of.get(text as usize).filter(|track| **track != NOBODY).map(|track| TrackId(*track))
    }

    /// The track of a key, which it gets if there is room.
    pub fn track(&mut self, key: &str) -> Option<TrackId> {
        if let Some(known) = self.find(key) {
            return Some(known);
        }
        (self.len() < limits::TRACKS_PER_BOARD).then(|| self.add(key))
    }

    /// The next track, as it was stored.
    pub fn restore(&mut self, name: &str) {
        if name == ERASED {
            self.key_of.push(NOBODY);
        } else {
            self.add(name);
        }
    }

    fn add(&mut self, key: &str) -> TrackId {
        let (text, track) = (self.keys.number(key), self.len() as u32);
        if text as usize >= self.track_of.len() {
            self.track_of.resize(text as usize + 1, NOBODY);
        }
        if let Some(slot) = self.track_of.get_mut(text as usize) {
            *slot = track;
        }
        self.key_of.push(text);
        TrackId(track)
    }

    /// Makes a key's track nobody's; which it was.
    pub fn erase(&mut self, key: &str) -> Option<TrackId> {
        let track = self.find(key)?;
        if let Some(slot) = self.keys.find(key).and_then(|text| self.track_of.get_mut(text as usize)) {
            *slot = NOBODY;
        }
        if let Some(slot) = self.key_of.get_mut(track.0 as usize) {
            *slot = NOBODY;
        }
        Some(track)
    }

    /// The name under which a track is stored.
    pub fn stored(&self, track: u32) -> &str {
        match self.key_of.get(track as usize) {
            None | Some(&NOBODY) => ERASED,
            Some(text) => self.keys.get(*text),
        }
    }
}
