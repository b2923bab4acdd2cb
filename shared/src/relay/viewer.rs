//! One viewer, apart from how far its subscriptions have got: its session and its window.

use super::Session;
use crate::cursor::Seq;
use crate::limits;
use crate::throttle::Bucket;
use crate::time::Millis;
use std::collections::VecDeque;

/// Frames in flight that are remembered one by one; later ones are acknowledged together.
const UNACKED_FRAMES: usize = 64;

pub(crate) struct Viewer {
    pub session: Session,
    /// Since when it does not take what is sent.
    pub blocked_since: Option<Millis>,
    pub bad_messages: u32,
    /// Events of it that the board has not answered yet.
    pub publishing: u32,
    /// How often it sends events.
    pub publish_pace: Bucket,
    /// How often it asks for what was.
    pub rewind_pace: Bucket,
    /// Whether it has ever acknowledged; only then the window counts.
    acks: bool,
    /// Frames sent and not acknowledged: cursor and bytes sent up to it.
    unacked: VecDeque<(Seq, u64)>,
    sent_bytes: u64,
    acked_bytes: u64,
    /// What it had acknowledged when it was last looked at with something unacknowledged, and since when that is so.
    stands: Option<(u64, Millis)>,
}

impl Viewer {
    pub const fn new(session: Session) -> Self {
        Self {
            session,
            blocked_since: None,
            bad_messages: 0,
            publishing: 0,
            publish_pace: Bucket::new(),
            rewind_pace: Bucket::new(),
            acks: false,
            unacked: VecDeque::new(),
            sent_bytes: 0,
            acked_bytes: 0,
            stands: None,
        }
    }

    /// Whether it has left what it was sent unacknowledged for too long to be taken for somebody who is there. One that never
    /// acknowledged, or that was sent nothing, says nothing by its silence. To be asked now and then.
    pub fn is_silent(&mut self, now: Millis) -> bool {
        if !self.acks || self.sent_bytes == self.acked_bytes {
            self.stands = None;
            return false;
        }
        match self.stands.filter(|(acked, _)| *acked == self.acked_bytes) {
            Some((_, since)) => now.since(since) >= limits::PRESENCE_LAPSE_MILLIS,
            None => {
                self.stands = Some((self.acked_bytes, now));
                false
            }
        }
    }

    pub const fn window_full(&self) -> bool {
        self.acks && self.sent_bytes - self.acked_bytes > limits::VIEWER_WINDOW_BYTES
    }

    /// A frame up to `to` has been sent.
    pub fn sent(&mut self, to: Seq, bytes: usize) {
        self.sent_bytes += bytes as u64;
        if !self.acks {
            return;
        }
        if self.unacked.len() >= UNACKED_FRAMES {
            self.unacked.pop_back();
        }
        self.unacked.push_back((to, self.sent_bytes));
    }

    /// Bytes of frames that were sent.
    pub const fn sent_bytes(&self) -> u64 {
        self.sent_bytes
    }

    /// Bytes of them that have not arrived, as far as it says so.
    pub fn unacknowledged_bytes(&self) -> Option<u64> {
        self.acks.then(|| self.sent_bytes.saturating_sub(self.acked_bytes))
    }

    /// Everything up to `seq` has arrived.
    pub fn acked(&mut self, seq: Seq) {
        self.acks = true;
        while let Some(&(to, bytes)) = self.unacked.front() {
            if to > seq {
                break;
            }
            self.acked_bytes = bytes;
            self.unacked.pop_front();
        }
        if self.unacked.is_empty() {
            self.acked_bytes = self.sent_bytes;
        }
    }

    /// The board began a new life: cursors of the old one will not be acknowledged any more.
    pub fn forget_window(&mut self) {
        self.unacked.clear();
        self.acked_bytes = self.sent_bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::Mode;
    use crate::rights::Access;

    fn viewer() -> Viewer {
        Viewer::new(Session::new(Mode::Binary, Access::public(), None))
    }

    #[test]
    fn a3_the_window_counts_only_for_who_acknowledges() {
        let mut v = viewer();
        v.sent(1, 10 << 20);
        assert!(!v.window_full());
        v.acked(1);
        assert!(!v.window_full());
        v.sent(2, 1 << 20);
        v.sent(3, 1);
        assert!(v.window_full());
        v.acked(2);
        assert!(!v.window_full());
    }

    #[test]
    fn a6_memory_for_frames_in_flight_is_bounded_and_all_come_back() {
        let mut v = viewer();
        v.acked(0);
        for seq in 1..=10_000 {
            v.sent(seq, 100);
        }
        assert_eq!(v.unacked.len(), UNACKED_FRAMES);
        v.acked(9_999);
        assert_eq!(v.unacked.len(), 1);
        v.acked(10_000);
        assert_eq!(v.acked_bytes, v.sent_bytes);
    }

    #[test]
    fn who_leaves_everything_unacknowledged_is_silent_until_it_acknowledges_again() {
        let at = |millis: i64| Millis(1_000_000 + millis);
        let mut v = viewer();
        v.sent(1, 100);
        assert!(!v.is_silent(at(0)) && !v.is_silent(at(10 * limits::PRESENCE_LAPSE_MILLIS)), "it never acknowledged");
        v.acked(1);
        assert!(!v.is_silent(at(0)) && !v.is_silent(at(10 * limits::PRESENCE_LAPSE_MILLIS)), "there is nothing to");
        v.sent(2, 100);
        assert!(!v.is_silent(at(0)));
        v.sent(3, 100);
        assert!(!v.is_silent(at(limits::PRESENCE_LAPSE_MILLIS - 1)));
        assert!(v.is_silent(at(limits::PRESENCE_LAPSE_MILLIS)));
        v.acked(2);
        assert!(!v.is_silent(at(limits::PRESENCE_LAPSE_MILLIS + 1)));
    }

    #[test]
    fn a3_a_new_life_of_the_board_empties_the_window() {
        let mut v = viewer();
        v.acked(0);
        v.sent(1_000, 2 << 20);
        assert!(v.window_full());
        v.forget_window();
        assert!(!v.window_full());
        v.sent(5, 100);
        v.acked(5);
        assert_eq!(v.acked_bytes, v.sent_bytes);
    }
}
