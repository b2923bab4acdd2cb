//! What an item's columns are in words, and whether they are still true.

use heliograph_shared::replica::ReplicaItem;
use heliograph_shared::time::Millis;

use super::picks::Picks;
use crate::board::address::Column;
use crate::board::items::words::column_text;
use crate::client::boards::BoardInfo;

/// What there is to know for it.
#[derive(Clone, Copy)]
pub struct Wording<'a> {
    /// The board.
    pub info: &'a BoardInfo,
    /// What the address picks.
    pub picks: &'a Picks,
    /// The server's clock.
    pub now: Millis,
}

impl Wording<'_> {
    /// Whether an item has had no news for longer than its board expects.
    pub fn is_stale(&self, item: &ReplicaItem) -> bool {
        self.now.since(item.time) > self.info.stale_after_ms()
    }

    /// A column's value as text, in the units of this visit.
    pub fn text(&self, item: &ReplicaItem, column: &Column) -> String {
        column_text(self.info, item, column, self.now)
    }
}
