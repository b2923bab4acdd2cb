//! What happened on a board since it was last said, in counts: how many items moved, are new, are gone. Pure.

use std::collections::HashSet;

use heliograph_shared::items::ItemId;
use heliograph_shared::replica::Change;

/// What happened since it was last said.
#[derive(Clone, Debug, Default)]
pub struct Happened {
    /// Who is there; nobody is new before that is known.
    known: Option<HashSet<ItemId>>,
    moved: HashSet<ItemId>,
    fresh: HashSet<ItemId>,
    gone: HashSet<ItemId>,
}

/// How many items did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Are elsewhere than before.
    pub moved: usize,
    /// Were not there before.
    pub fresh: usize,
    /// Are not there any more.
    pub gone: usize,
}

impl Happened {
    /// These are there now; what happened before is not told any more.
    pub fn begin(&mut self, there: impl Iterator<Item = ItemId>) {
        *self = Self { known: Some(there.collect()), ..Self::default() };
    }

    /// Takes what a frame changed, but for everything being another.
    pub fn take(&mut self, change: Change) {
        let Some(known) = &mut self.known else { return };
        match change {
            Change::Reset => {}
            Change::Upsert { id, moved } => {
                if known.insert(id) {
                    // Who was gone and came back is as if it had never left.
                    if !self.gone.remove(&id) {
                        self.fresh.insert(id);
                    }
                } else if moved && !self.fresh.contains(&id) {
                    self.moved.insert(id);
                }
            }
            Change::Remove(id) => {
                self.moved.remove(&id);
                if known.remove(&id) && !self.fresh.remove(&id) {
                    self.gone.insert(id);
                }
            }
        }
    }

    /// What is to be said now; it is not said again.
    pub fn counts(&mut self) -> Counts {
        let counts = Counts { moved: self.moved.len(), fresh: self.fresh.len(), gone: self.gone.len() };
        self.moved.clear();
        self.fresh.clear();
        self.gone.clear();
        counts
    }
}

/// Such as "12 moved, 1 new, 1 entered Depot."; nothing where nothing happened. `others` are parts that are known from elsewhere.
pub fn sentence(counts: Counts, others: Vec<String>) -> Option<String> {
    let part = |count: usize, words: String| (count > 0).then_some(words);
    let own = [
        part(counts.moved, counted!(counts.moved, board.announce.moved)),
        part(counts.fresh, counted!(counts.fresh, board.announce.fresh)),
        part(counts.gone, counted!(counts.gone, board.announce.gone)),
    ];
    let mut parts = own.into_iter().flatten().chain(others);
    let first = parts.next()?;
    let all = parts.fold(first, |said, part| text!(board.announce.and, said = said, part = part));
    Some(text!(board.announce.end, said = all))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(known: &[u32], changes: &[Change]) -> Counts {
        let mut happened = Happened::default();
        happened.begin(known.iter().map(|id| ItemId(*id)));
        changes.iter().for_each(|change| happened.take(*change));
        happened.counts()
    }

    fn moved(id: u32) -> Change {
        Change::Upsert { id: ItemId(id), moved: true }
    }

    #[test]
    fn an_item_is_counted_once_for_what_it_did() {
        let changed = Change::Upsert { id: ItemId(2), moved: false };
        let counts = of(&[1, 2, 3], &[moved(1), moved(1), changed, moved(9), moved(9), Change::Remove(ItemId(3))]);
        assert_eq!(counts, Counts { moved: 1, fresh: 1, gone: 1 });
        let nothing = of(&[1], &[moved(9), Change::Remove(ItemId(9)), Change::Remove(ItemId(1)), moved(1)]);
        assert_eq!(nothing, Counts::default(), "who came and went, and who went and came");
    }

    #[test]
    fn before_it_is_known_who_is_there_nobody_is_new() {
        let mut happened = Happened::default();
        happened.take(moved(1));
        assert_eq!(happened.counts(), Counts::default());
        happened.begin([ItemId(1)].into_iter());
        happened.take(moved(1));
        assert_eq!(happened.counts().moved, 1);
        assert_eq!(happened.counts().moved, 0, "what was said is not said again");
    }

    #[test]
    fn a_sentence_has_what_happened() {
        let counts = Counts { moved: 12, fresh: 0, gone: 2 };
        assert_eq!(sentence(counts, vec!["1 entered Depot".into()]).unwrap(), "12 moved, 2 gone, 1 entered Depot.");
        assert_eq!(sentence(Counts::default(), vec![]), None);
    }

    proptest! {
        #[test]
        fn who_is_there_is_who_was_there_with_the_new_and_without_the_gone(
            changes in proptest::collection::vec((0..12u32, 0..3u8), 0..60),
        ) {
            let mut there: HashSet<u32> = (0..6).collect();
            let mut all = Vec::new();
            for (id, what) in changes {
                if what == 0 {
                    there.remove(&id);
                    all.push(Change::Remove(ItemId(id)));
                } else {
                    there.insert(id);
                    all.push(Change::Upsert { id: ItemId(id), moved: what == 1 });
                }
            }
            let counts = of(&[0, 1, 2, 3, 4, 5], &all);
            prop_assert_eq!(6 + counts.fresh - counts.gone, there.len());
            prop_assert!(counts.moved + counts.fresh <= there.len());
        }
    }
}
