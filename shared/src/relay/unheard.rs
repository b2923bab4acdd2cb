//! What viewers say while their new tokens are checked: it waits, bounded, and counts with the new rights.

use super::ViewerId;
use crate::limits;
use std::collections::HashMap;

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put<M> {
    /// No token of the viewer is being checked: it can be heard now.
    Now(M),
    /// It waits.
    Waits,
    /// Too much waits, and what waited of this viewer is dropped: it has to be disconnected.
    Full,
}

/// Messages that wait, by viewer.
pub struct Unheard<M> {
    by_viewer: HashMap<ViewerId, Vec<(M, usize)>>,
    bytes: usize,
}

impl<M> Default for Unheard<M> {
    fn default() -> Self {
        Self { by_viewer: HashMap::new(), bytes: 0 }
    }
}

impl<M> Unheard<M> {
    /// From now on the viewer's messages wait.
    pub fn begin(&mut self, viewer: ViewerId) {
        self.by_viewer.entry(viewer).or_default();
    }

    /// The viewer's messages don't wait any more; those that did, in order.
    pub fn end(&mut self, viewer: ViewerId) -> Vec<M> {
        let waited = self.by_viewer.remove(&viewer).unwrap_or_default();
        self.bytes -= waited.iter().map(|(_, bytes)| bytes).sum::<usize>();
        waited.into_iter().map(|(m, _)| m).collect()
    }

    /// A viewer said something of so many bytes.
    pub fn put(&mut self, viewer: ViewerId, message: M, bytes: usize) -> Put<M> {
        let Some(waiting) = self.by_viewer.get_mut(&viewer) else { return Put::Now(message) };
        let own: usize = waiting.iter().map(|(_, bytes)| bytes).sum();
        let room = waiting.len() < limits::UNHEARD_MESSAGES
            && own + bytes <= limits::UNHEARD_BYTES
            && self.bytes + bytes <= limits::UNHEARD_BYTES_IN_ALL;
        if !room {
            // The rest of what it says is dropped as well, until it is gone.
            self.bytes -= own;
            waiting.clear();
            return Put::Full;
        }
        self.bytes += bytes;
        waiting.push((message, bytes));
        Put::Waits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V: ViewerId = ViewerId(1);

    #[test]
    fn f15_messages_wait_in_order_and_are_heard_when_the_token_is_checked() {
        let mut unheard = Unheard::default();
        assert_eq!(unheard.put(V, 1, 10), Put::Now(1));
        unheard.begin(V);
        assert_eq!((unheard.put(V, 2, 10), unheard.put(V, 3, 10)), (Put::Waits, Put::Waits));
        assert_eq!(unheard.put(ViewerId(2), 4, 10), Put::Now(4));
        assert_eq!((unheard.end(V), unheard.bytes), (vec![2, 3], 0));
        assert_eq!(unheard.put(V, 5, 10), Put::Now(5));
    }

    #[test]
    fn f15_what_waits_is_bounded_in_number_and_in_bytes_of_one_and_of_all() {
        let mut unheard = Unheard::default();
        unheard.begin(V);
        for i in 0..limits::UNHEARD_MESSAGES {
            assert_eq!(unheard.put(V, i, 1), Put::Waits);
        }
        assert_eq!((unheard.put(V, 0, 1), unheard.bytes), (Put::Full, 0));
        let large = limits::CLIENT_MESSAGE_BYTES;
        let mut viewers = 0;
        for v in 10..1_000 {
            let v = ViewerId(v);
            unheard.begin(v);
            let mut own = 0;
            while unheard.put(v, 0, large) == Put::Waits {
                own += large;
            }
            assert!(own <= limits::UNHEARD_BYTES);
            // The one that was full is gone; put something for the next.
            if unheard.put(v, 0, large) == Put::Waits {
                viewers += 1;
            }
            assert!(unheard.bytes <= limits::UNHEARD_BYTES_IN_ALL);
        }
        assert!(viewers >= 40);
    }
}
