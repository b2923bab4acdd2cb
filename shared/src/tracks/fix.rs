//! Where an item was at a time.

use crate::position::Position;
use crate::time::Millis;
use std::collections::BTreeMap;

/// A position of an item at a time, in the fixed point of [`Position`]. Altitude and accuracy are not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Event time.
    pub time: Millis,
    /// Latitude in millionths of a degree.
    pub lat_e6: i32,
    /// Longitude in millionths of a degree.
    pub lon_e6: i32,
    /// Speed in cm/s.
    pub speed_e2: Option<u32>,
    /// Heading in hundredths of a degree clockwise from north.
    pub heading_e2: Option<u16>,
    /// Whether somebody sent it who may manage the board. On boards with players it matters: players see no others' fixes.
    pub by_manager: bool,
}

impl Fix {
    /// What is kept of a position.
    pub const fn new(time: Millis, position: &Position, by_manager: bool) -> Self {
        let Position { lat_e6, lon_e6, heading_e2, speed_e2, .. } = *position;
        Self { time, lat_e6, lon_e6, speed_e2, heading_e2, by_manager }
    }

    /// The position.
    pub fn position(&self) -> Position {
        let Self { lat_e6, lon_e6, speed_e2, heading_e2, .. } = *self;
        Position { lat_e6, lon_e6, heading_e2, speed_e2, ..Position::default() }
    }

    /// The place of a fix in a track: at one time there is one by managers and one by others.
    const fn place(&self) -> (Millis, bool) {
        (self.time, self.by_manager)
    }
}

/// Brings fixes that lie in the order in which they came into the order of their times. Of several at one time and from the
/// same kind of sender the last one stands, as it does with items.
pub fn in_order(fixes: &mut Vec<Fix>) {
    if fixes.is_sorted_by(|a, b| a.place() < b.place()) {
        return;
    }
    // Stable: what came later stays later.
    fixes.sort_by_key(Fix::place);
    keep_last(fixes, |a, b| a.place() == b.place());
}

/// One fix at each time: of a manager's and another's, the manager's.
pub fn one_a_time(fixes: &mut Vec<Fix>) {
    keep_last(fixes, |a, b| a.time == b.time);
}

/// Of neighbours that are the same keeps the last.
fn keep_last(fixes: &mut Vec<Fix>, same: impl Fn(&Fix, &Fix) -> bool) {
    fixes.dedup_by(|later, kept| {
        let is_same = same(later, kept);
        if is_same {
            *kept = *later;
        }
        is_same
    });
}

/// Fixes of several tracks, by their places in a part.
pub type BySlot = BTreeMap<u8, Vec<Fix>>;
