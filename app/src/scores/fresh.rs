//! What happened to standings since they were drawn last.

use heliograph_shared::scores::ScoreChange;

/// What happened since the screen was drawn last.
#[derive(Default)]
pub struct Fresh {
    /// Rows that came into the list or moved in it: where they were, if they were in it.
    pub came_from: Vec<(String, Option<u32>)>,
    /// Rows that gained.
    pub gained: Vec<String>,
    /// Whether another ranking is shown than before.
    pub is_other: bool,
}

/// What changes were about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// They are a whole ranking.
    pub is_snapshot: bool,
    /// What is said of the standings may be another.
    pub has_news: bool,
    /// So many rows moved or gained.
    pub moved: u64,
}

impl Fresh {
    /// Notes changes; `is_other`: the next whole ranking is another one than before.
    pub fn note(&mut self, changes: Vec<ScoreChange>, is_other: bool) -> Noted {
        // A page that nobody looks at is not drawn: what it missed is not worth an animation.
        const MOST: usize = 20_000;
        if self.came_from.len() + self.gained.len() > MOST {
            *self = Self { is_other: true, ..Self::default() };
        }
        let is_snapshot = changes.contains(&ScoreChange::Reset);
        let has_news = is_snapshot || changes.contains(&ScoreChange::About);
        self.is_other |= is_snapshot && is_other;
        let mut moved = 0;
        for change in changes {
            match change {
                ScoreChange::Moved { key, from, gained, .. } if !is_snapshot => {
                    moved += 1;
                    if gained {
                        self.gained.push(key.clone());
                    }
                    self.came_from.push((key, from));
                }
                ScoreChange::Moved { .. } | ScoreChange::Reset | ScoreChange::Removed(_) | ScoreChange::About => {}
            }
        }
        Noted { is_snapshot, has_news, moved }
    }
}
