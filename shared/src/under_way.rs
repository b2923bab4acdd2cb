//! Bodies that are under way, by bytes: each is in memory until it is answered, so few large ones at a time may be.
//!
//! What has come of a body counts until it is done with, and at most for a while: the platform does not tell when a client
//! hangs up, and a request whose client has is never heard of again.

use crate::time::Millis;
use std::collections::BTreeMap;

/// One of them, with when it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(Millis, u64);

/// What is under way.
#[derive(Debug)]
pub struct UnderWay {
    most: usize,
    millis: i64,
    bodies: BTreeMap<Ticket, usize>,
    next: u64,
}

impl UnderWay {
    /// Nothing is. At most so many bytes may be, each body counted for at most so many milliseconds.
    pub const fn new(most: usize, millis: i64) -> Self {
        Self { most, millis, bodies: BTreeMap::new(), next: 0 }
    }

    /// A body begins to come.
    pub const fn enter(&mut self, now: Millis) -> Ticket {
        self.next += 1;
        Ticket(now, self.next)
    }

    /// So many bytes of a body are in memory now. False: there is no room for that.
    pub fn holds(&mut self, now: Millis, ticket: Ticket, bytes: usize) -> bool {
        // A clock that was set back counts as time.
        self.bodies.retain(|Ticket(since, _), _| (0..self.millis).contains(&now.since(*since)));
        let others: usize = self.bodies.iter().filter(|(other, _)| **other != ticket).map(|(_, bytes)| bytes).sum();
        let has_room = others + bytes <= self.most;
        if has_room {
            self.bodies.insert(ticket, bytes);
        }
        has_room
    }

    /// A body is done with.
    pub fn leave(&mut self, ticket: Ticket) {
        self.bodies.remove(&ticket);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f5_bodies_under_way_have_bytes_that_are_free_again_when_they_are_done_with() {
        let mut all = UnderWay::new(100, 10_000);
        let now = Millis(5);
        let [a, b, c] = [all.enter(now), all.enter(now), all.enter(now)];
        assert!(all.holds(now, a, 10) && all.holds(now, a, 60), "it grows");
        assert!(all.holds(now, b, 40));
        assert!(!all.holds(now, b, 41) && !all.holds(now, c, 1));
        all.leave(a);
        assert!(all.holds(now, c, 60));
        all.leave(a);
        assert!(!all.holds(now, a, 1));
        all.leave(b);
        all.leave(c);
        assert!(all.holds(now, a, 100));
        assert!(!all.holds(now, a, 101), "more than there may be at all");
    }

    #[test]
    fn f5_a_body_whose_client_hung_up_counts_for_a_while_only() {
        let mut all = UnderWay::new(100, 10_000);
        let lost = all.enter(Millis(0));
        assert!(all.holds(Millis(0), lost, 100));
        let other = all.enter(Millis(9_999));
        assert!(!all.holds(Millis(9_999), other, 1));
        assert!(all.holds(Millis(10_000), other, 100));
        all.leave(lost);
        let third = all.enter(Millis(10_001));
        assert!(!all.holds(Millis(10_001), third, 1));
        assert!(all.holds(Millis(9_000), third, 1), "a clock that was set back");
    }
}
