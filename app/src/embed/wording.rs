//! What an item's columns are in words: in the units of the address, and whether they are still true.

use heliograph_shared::replica::ReplicaItem;
use heliograph_shared::time::Millis;

use super::picks::{Picks, Units};
use crate::board::address::Column;
use crate::board::items::words::column_text;
use crate::client::boards::BoardInfo;
use crate::parts::format;

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

    /// A column's value as text, in the units of the address.
    pub fn text(&self, item: &ReplicaItem, column: &Column) -> String {
        let speed = item.position.and_then(|position| position.speed());
        match (column, speed, self.picks.units) {
            (Column::Speed, Some(speed), Units::Imperial) => {
                text!(embed.items.miles, n = format::number(speed * 2.236_936_292, 0))
            }
            (Column::Speed, Some(speed), Units::Nautical) => {
                text!(embed.items.knots, n = format::number(speed * 1.943_844_492, 1))
            }
            _ => column_text(self.info, item, column, self.now),
        }
    }
}
