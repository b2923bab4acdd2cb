//! Erasing an item's track. It becomes nobody's at once, so that no view has it and an item that begins anew under the key has
//! another; its fixes in stored pages go page by page.

use super::Tracks;
use super::page;
use super::place::{PageId, TrackId};
use super::state::TRACKS_PER_CHUNK;
use crate::codec::DecodeError;
use crate::projection::Change;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Tracks whose fixes in stored pages are to go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErasedTracks(BTreeSet<u32>);

impl ErasedTracks {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes others as well.
    pub fn also(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The next pages to look at: those from the first to the last of these numbers. None: there are no more.
    pub fn pages(&self, after: u64) -> Option<(u64, u64)> {
        let parts: BTreeSet<u32> = self.0.iter().map(|id| TrackId(*id).part()).collect();
        let range = parts.into_iter().map(PageId::range_of).find(|(_, last)| *last > after)?;
        Some((range.0.max(after + 1), range.1))
    }

    /// A stored page without their fixes: nothing when it has none of them, an empty page when it has no others.
    pub fn without(&self, id: u64, page: &[u8]) -> Result<Option<Vec<u8>>, DecodeError> {
        let part = PageId::part_of(id);
        let own: BTreeSet<u8> =
            self.0.iter().map(|id| TrackId(*id)).filter(|id| id.part() == part).map(TrackId::slot).collect();
        page::without(page, |slot| own.contains(&slot))
    }
}

impl Tracks {
    /// Makes an item's track nobody's and forgets its fixes in memory. Where there are fixes in pages, the changes store that
    /// it is nobody's: the shell writes them before anything else is read.
    pub fn erase(&mut self, key: &str) -> (ErasedTracks, Vec<Change>) {
        let mut erased = ErasedTracks::default();
        let Some(track) = self.names.erase(key) else { return (erased, Vec::new()) };
        if let Some(part) = self.parts.get_mut(track.part() as usize) {
            let before = part.fresh.len();
            part.fresh.retain(|(slot, _)| *slot != track.slot());
            let gone = before - part.fresh.len();
            part.count = part.count.saturating_sub(gone);
            self.fixes = self.fixes.saturating_sub(gone);
            if part.count == 0 {
                self.waiting.retain(|w| w.part != track.part());
            }
        }
        if track.0 as usize >= self.stored_names {
            return (erased, Vec::new());
        }
        erased.0.insert(track.0);
        let changes = self.chunks(BTreeSet::from([track.0 / TRACKS_PER_CHUNK]));
        (erased, changes)
    }
}
