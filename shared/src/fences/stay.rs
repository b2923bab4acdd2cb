//! Whether an item is inside a fence: one state for each item and each fence that it is in, or about to enter.

use super::definition::Rules;
use super::shape::Shape;
use crate::position::Position;
use crate::time::Millis;

/// A fix: where an item was, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fix {
    /// Event time.
    pub time: Millis,
    /// Longitude and latitude in millionths of a degree.
    pub place: (i32, i32),
}

/// What a fix says of a fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Inside, or not far enough outside to have left.
    In,
    /// Outside.
    Out,
    /// Its uncertainty straddles the border: it decides nothing.
    Unsure,
}

/// On which side of a fence a fix is, of an item that was inside or was not.
pub fn side(rules: &Rules, shape: &Shape, place: &Position, was_inside: bool) -> Side {
    let accuracy = place.accuracy().unwrap_or_default();
    let band = if was_inside { rules.exit_band_m } else { 0.0 };
    // Distances cost more than sides, and mostly nothing depends on them.
    if accuracy <= 0.0 && band <= 0.0 {
        return if shape.contains(place) { Side::In } else { Side::Out };
    }
    let depth = shape.depth(place);
    if accuracy > 0.0 && depth.abs() <= accuracy {
        Side::Unsure
    } else if depth <= band {
        Side::In
    } else {
        Side::Out
    }
}

/// Why an item is on the other side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Why {
    /// It moved.
    #[default]
    Moved,
    /// It was not there before: its first fix is inside.
    Appeared,
    /// The fence was made or drawn anew after the item's last fix.
    FenceChanged,
    /// The item ended.
    Ended,
}

/// What became of a stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The item entered.
    Enter,
    /// It left, after so many milliseconds.
    Exit(i64),
    /// It is inside for as long as `dwell_s` says: so many milliseconds.
    Dwell(i64),
}

/// An item and a fence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stay {
    /// The fence's number.
    pub fence: u32,
    /// Since when it is inside; none: it is not.
    pub since: Option<Millis>,
    /// Whether it has dwelled in this stay.
    pub has_dwelled: bool,
    /// How many fixes in a row said that it is on the other side now.
    pub run: u8,
    /// The first of those, and why it is there.
    pub first: Fix,
    /// See `first`.
    pub why: Why,
}

impl Stay {
    /// Takes what the next fix says, and gives what follows from it: at which fix it happened, and why. At most an entry and
    /// a dwell come together.
    pub fn take(&mut self, rules: &Rules, side: Side, fix: Fix, why: Why, mut turn: impl FnMut(Turn, Fix, Why)) {
        let here = if self.since.is_some() { Side::In } else { Side::Out };
        if side == Side::Unsure {
            return;
        }
        if side == here {
            self.run = 0;
        } else {
            if self.run == 0 {
                (self.first, self.why) = (fix, why);
            }
            self.run = self.run.saturating_add(1);
            if self.run >= rules.confirmations {
                self.run = 0;
                match self.since.take() {
                    Some(since) => turn(Turn::Exit(self.first.time.since(since)), self.first, self.why),
                    None => {
                        (self.since, self.has_dwelled) = (Some(self.first.time), false);
                        turn(Turn::Enter, self.first, self.why);
                    }
                }
            }
        }
        // What is not known to be inside does not dwell: when it left is not known.
        let (Some(since), Side::In, false, Some(dwell_s)) = (self.since, side, self.has_dwelled, rules.dwell_s) else {
            return;
        };
        let inside = fix.time.since(since);
        if inside >= i64::from(dwell_s) * 1_000 {
            self.has_dwelled = true;
            turn(Turn::Dwell(inside), fix, Why::Moved);
        }
    }

    /// Whether there is nothing to be remembered.
    pub const fn is_over(&self) -> bool {
        self.since.is_none() && self.run == 0
    }
}
