//! What a viewer must be told of a list of rows: which left, which came or changed, and where they stand now.

use super::ranking::RowId;
use std::collections::{BTreeSet, HashMap};

/// The difference between two lists of rows. Places count from 0 inside the lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListMoves {
    /// Places in the old list of rows that are not in the new one, ascending.
    pub removed: Vec<u32>,
    /// Rows that are new to the list, or changed: place in the new list (ascending), place in the old one, row.
    pub placed: Vec<(u32, Option<u32>, RowId)>,
}

impl ListMoves {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.placed.is_empty()
    }
}

/// The moves from `old` to `new`. Rows that are in both and not among `changed` keep their order among each other:
/// nothing that decides it changed. So they need no word.
pub fn moves(old: &[RowId], new: &[RowId], changed: &BTreeSet<RowId>) -> ListMoves {
    if old == new && (changed.is_empty() || !new.iter().any(|id| changed.contains(id))) {
        return ListMoves::default();
    }
    let was: HashMap<RowId, u32> = old.iter().enumerate().map(|(i, id)| (*id, i as u32)).collect();
    let placed: Vec<_> = new
        .iter()
        .enumerate()
        .filter(|(_, id)| changed.contains(id) || !was.contains_key(id))
        .map(|(to, id)| (to as u32, was.get(id).copied(), *id))
        .collect();
    let is: BTreeSet<RowId> = new.iter().copied().collect();
    let removed = old.iter().enumerate().filter(|(_, id)| !is.contains(id)).map(|(i, _)| i as u32).collect();
    ListMoves { removed, placed }
}
