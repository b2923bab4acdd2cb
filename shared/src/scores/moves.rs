//! What a viewer must be told of a list of rows: which left, which came or changed, and where they stand now.

use super::ranking::RowId;
use std::collections::{BTreeSet, HashMap};

/// The difference between two lists of rows. Places count from 0 inside the lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListMoves {
    /// Places in the old list of rows that are not in the new one, or are told whole, ascending.
    pub removed: Vec<u32>,
    /// Rows that are new to the list, or changed: place in the new list (ascending), place in the old one, row.
    pub placed: Vec<(u32, Option<u32>, RowId)>,
}

/// Rows that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedRows {
    /// Their columns, or when they came to them, or their cells.
    pub moved: BTreeSet<RowId>,
    /// Their names or groups: they must be told whole.
    pub renamed: BTreeSet<RowId>,
}

impl ChangedRows {
    fn has(&self, id: RowId) -> bool {
        self.moved.contains(&id) || self.renamed.contains(&id)
    }

    /// Adds more of them.
    pub fn extend(&mut self, more: &Self) {
        self.moved.extend(&more.moved);
        self.renamed.extend(&more.renamed);
    }
}

impl ListMoves {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.placed.is_empty()
    }
}

/// The moves from `old` to `new`. Rows that are in both and did not change keep their order among each other: nothing
/// that decides it changed. So they need no word.
pub fn moves(old: &[RowId], new: &[RowId], changed: &ChangedRows) -> ListMoves {
    if old == new && !new.iter().any(|id| changed.has(*id)) {
        return ListMoves::default();
    }
    let was: HashMap<RowId, u32> = old.iter().enumerate().map(|(i, id)| (*id, i as u32)).collect();
    let placed = new
        .iter()
        .enumerate()
        .filter(|(_, id)| changed.has(**id) || !was.contains_key(id))
        .map(|(to, id)| (to as u32, was.get(id).copied().filter(|_| !changed.renamed.contains(id)), *id))
        .collect();
    let is: BTreeSet<RowId> = new.iter().copied().collect();
    let gone = |id: &RowId| !is.contains(id) || changed.renamed.contains(id);
    let removed = old.iter().enumerate().filter(|(_, id)| gone(id)).map(|(i, _)| i as u32).collect();
    ListMoves { removed, placed }
}
