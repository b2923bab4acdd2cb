//! Counts how often points and moments are compared, for tests: what an event costs, told without a clock.

use super::points::Points;
use super::ranking::Reached;
use std::cell::Cell;
use std::cmp::Ordering;

thread_local! {
    static COMPARED: Cell<u64> = const { Cell::new(0) };
}

/// How often there were some compared on this thread.
pub(super) fn compared() -> u64 {
    COMPARED.get()
}

fn counted(by: Ordering) -> Ordering {
    COMPARED.set(COMPARED.get() + 1);
    by
}

impl Ord for Points {
    fn cmp(&self, other: &Self) -> Ordering {
        counted(self.0.cmp(&other.0))
    }
}

impl PartialOrd for Points {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Reached {
    fn cmp(&self, other: &Self) -> Ordering {
        counted((self.0, self.1).cmp(&(other.0, other.1)))
    }
}

impl PartialOrd for Reached {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
