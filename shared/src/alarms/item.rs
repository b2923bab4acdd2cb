//! An item as alarms see it: what rules read of it, and which alarms it has.

use crate::codec::Cell;
use crate::cursor::Seq;
use crate::time::Millis;
use crate::views::filter::{Condition, Name, Seen};
use std::sync::Arc;

/// A value of a column that rules read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Held {
    /// None.
    #[default]
    Nothing,
    /// A number.
    Number(f64),
    /// A text, or a truth value as `true` or `false`.
    Text(Box<str>),
}

impl Held {
    pub(super) fn of(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Absent | Cell::Null => Self::Nothing,
            Cell::Number(n) => Self::Number(n),
            Cell::Bool(b) => Self::Text(if b { "true" } else { "false" }.into()),
            Cell::Text(t) => Self::Text(t.into()),
        }
    }

    /// An event has this in the column; what it does not have stays.
    pub(super) fn take(&mut self, cell: Option<&Cell<'_>>) {
        match (cell, &mut *self) {
            (None | Some(Cell::Absent), _) => {}
            // The same text again needs no memory.
            (Some(Cell::Text(new)), Self::Text(old)) if **old == **new => {}
            (Some(cell), _) => *self = Self::of(*cell),
        }
    }

    pub(super) fn seen(&self) -> Option<Seen<'_>> {
        match self {
            Self::Nothing => None,
            Self::Number(n) => Some(Seen::Number(*n)),
            Self::Text(t) => Some(Seen::Text(t)),
        }
    }
}

/// When something began: by the item's own time, and by the board's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) time: Millis,
    pub(super) at: Millis,
}

impl Moment {
    /// Whether so many seconds have gone by, by either clock: a device that sends what it kept is judged by its own, one that
    /// falls silent by the board's.
    pub(super) const fn lasts(self, now: Self, seconds: u32) -> bool {
        let needed = seconds as i64 * 1_000;
        now.time.0.saturating_sub(self.time.0) >= needed || now.at.0.saturating_sub(self.at.0) >= needed
    }

    /// When they will have gone by at the latest, by the board's clock.
    pub(super) const fn until(self, seconds: u32) -> Millis {
        self.at.plus(seconds as i64 * 1_000)
    }
}

/// Who has seen an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Acknowledged {
    pub(super) at: Millis,
    pub(super) by: Box<str>,
}

/// An alarm that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Raised {
    /// The number of the event that raised it.
    pub(super) event: u64,
    pub(super) when: Moment,
    /// Whether nobody was told: then nobody is told of the rest.
    pub(super) muted: bool,
    pub(super) acknowledged: Option<Acknowledged>,
}

/// What one rule makes of an item, while that is not nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// The rule's slot.
    pub(super) rule: u32,
    /// None while it has not lasted long enough.
    pub(super) raised: Option<Raised>,
    /// Since when it holds, or, of an alarm that stands, since when it is over.
    pub(super) turning: Option<Moment>,
}

/// An item.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Item {
    /// The event time of its last event that was not late, and that event's number.
    pub(super) time: Millis,
    pub(super) seq: Seq,
    /// When anything came of it, by the board's clock.
    pub(super) heard: Millis,
    /// Whether it has a position.
    pub(super) placed: bool,
    /// The fences it is in, as bits of the fences that rules name.
    pub(super) inside: u128,
    /// Its rank, while a rule asks for ranks and it is among the first.
    pub(super) rank: Option<u32>,
    /// What is in the columns that rules read.
    pub(super) values: Box<[Held]>,
    /// What rules make of it.
    pub(super) states: Vec<State>,
    /// When it is looked at next without an event, by the board's clock.
    pub(super) check: Option<Millis>,
}

impl Item {
    /// Whether it is no item, and nothing is made of it either: a key of a ranking that fell behind.
    pub(super) const fn is_needless(&self) -> bool {
        self.seq == 0 && self.rank.is_none() && self.states.is_empty()
    }

    /// Whether a condition is met. `column` is the place of what it reads.
    pub(super) fn meets(&self, key: &str, condition: &Condition, column: Option<usize>) -> bool {
        let seen = match condition.name() {
            Name::Key => Some(Seen::Text(key)),
            Name::Time => Some(Seen::Number(self.time.0 as f64)),
            Name::Seq => Some(Seen::Number(self.seq as f64)),
            Name::Position(_) | Name::Field(_) => column.and_then(|c| self.values.get(c)).and_then(Held::seen),
        };
        condition.is_met_by(seen)
    }
}

/// Items by key; the queue of those that are looked at later has the same keys.
pub(super) type Key = Arc<str>;
