//! What a relay of delayed viewers asks its board. It is pushed nothing: it asks for the rows that have become old enough.

use super::{PushHead, PushMessage, PushRow};
use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::{Cursor, Seq};
use crate::limits;
use crate::projection::LoggedRow;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

const VERSION: u8 = 1;

/// A relay asks what has become old enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterAsk {
    /// The relay's number, which tells the delay.
    pub relay: u32,
    /// How far it is; none of one that begins, or of who asks whether one may.
    pub cursor: Option<Cursor>,
    /// Whether its last viewer has gone: it asks no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leaves: bool,
}

/// What a board answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later {
    /// Where its log was when what readers see last changed at once: a relay that knows another place takes the state anew.
    pub switched: Seq,
    /// Milliseconds after which it is worthwhile to ask again.
    pub wait_millis: u32,
    /// What has become old enough, as a push; empty where nothing has.
    pub push: Vec<u8>,
}

impl Later {
    /// Packs it.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(self.push.len() + 20);
        w.u8(VERSION);
        w.varint(self.switched);
        w.varint(u64::from(self.wait_millis));
        w.raw(&self.push);
        w.finish()
    }

    /// Unpacks it.
    ///
    /// # Errors
    /// Another version, or an end before its time.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        match r.u8()? {
            VERSION => {}
            other => return Err(DecodeError::Version(other)),
        }
        let (switched, wait_millis) = (r.varint()?, r.varint32()?);
        let push = r.take(r.remaining())?.to_vec();
        Ok(Self { switched, wait_millis, push })
    }

    /// How long a relay waits, where the next row becomes old enough at a time.
    pub fn wait_until(due: Option<Millis>, now: Millis) -> u32 {
        let most = i64::from(limits::LATER_WAIT_MILLIS);
        let left = due.map_or(most, |due| due.since(now)).clamp(i64::from(limits::LATER_PAUSE_MILLIS), most);
        u32::try_from(left).unwrap_or(limits::LATER_WAIT_MILLIS)
    }
}

/// The rows that a relay is given, in the making.
#[derive(Debug)]
pub struct Due {
    from: Cursor,
    upto: Seq,
    rows: Vec<(Seq, Vec<u8>)>,
    /// The last event of these, and when it came.
    last: (Seq, Millis),
    bytes: usize,
    more: bool,
}

impl Due {
    /// Nothing yet, for a relay that is at `from`; what is old enough goes up to `upto`, which is of the same life.
    pub const fn new(from: Cursor, upto: Seq) -> Self {
        Self { from, upto, rows: Vec::new(), last: (from.seq, Millis(0)), bytes: 0, more: false }
    }

    /// Takes the next row of the log. False when no further one is needed.
    pub fn row(&mut self, row: &LoggedRow<'_>) -> bool {
        if row.last > self.upto {
            return false;
        }
        if !self.rows.is_empty() && self.bytes + row.bytes.len() > limits::PUSH_MESSAGE_BYTES {
            self.more = true;
            return false;
        }
        self.bytes += row.bytes.len();
        self.rows.push((row.first, row.bytes.to_vec()));
        self.last = (row.last, row.at);
        true
    }

    /// Whether it is worthwhile to ask at once for what comes after.
    pub const fn has_more(&self) -> bool {
        self.more
    }

    /// As a push; empty where there is nothing to tell. It goes up to where the relay shall be then: one to which rows are
    /// missing finds that out.
    pub fn finish(self) -> Vec<u8> {
        let (last, accepted_at) = self.last;
        let to = if self.more { last } else { self.upto.max(self.from.seq) };
        if to == self.from.seq {
            return Vec::new();
        }
        let rows = self.rows.iter().map(|(first, batch)| PushRow { first: *first, batch }).collect();
        let message = PushMessage { previous: self.from, to, accepted_at, rows, ..PushMessage::default() };
        PushHead::default().with(&message)
    }
}

/// A push that a relay of another life of the board can't take: so it takes the state.
pub fn of_another_life(head: Cursor) -> Vec<u8> {
    let message = PushMessage { previous: head, to: head.seq, ..PushMessage::default() };
    PushHead::default().with(&message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::Epoch;

    fn row(first: Seq, last: Seq, bytes: &[u8]) -> LoggedRow<'_> {
        LoggedRow { first, last, at: Millis(last as i64), bytes }
    }

    fn split(push: &[u8]) -> (Seq, Seq, Vec<Seq>) {
        let (_, message) = PushHead::split(push).unwrap();
        (message.previous.seq, message.to, message.rows.iter().map(|row| row.first).collect())
    }

    #[test]
    fn a_relay_is_given_what_is_old_enough_and_nothing_else() {
        let from = Cursor { epoch: Epoch(1), seq: 4 };
        let mut due = Due::new(from, 8);
        assert!(due.row(&row(5, 6, b"ab")) && due.row(&row(7, 8, b"cd")) && !due.row(&row(9, 9, b"young")));
        assert!(!due.has_more());
        assert_eq!(split(&due.finish()), (4, 8, vec![5, 7]));
        assert!(Due::new(from, 4).finish().is_empty(), "nothing is told of nothing");
        assert!(Due::new(from, 2).finish().is_empty(), "nobody goes back");
        assert_eq!(split(&Due::new(from, 8).finish()), (4, 8, vec![]), "who misses rows finds that out");
    }

    #[test]
    fn what_is_more_than_a_push_comes_in_several() {
        let big = vec![7; limits::PUSH_MESSAGE_BYTES - 1];
        let mut due = Due::new(Cursor { epoch: Epoch(1), seq: 0 }, 9);
        assert!(due.row(&row(1, 3, &big)) && !due.row(&row(4, 9, &big)) && due.has_more());
        assert_eq!(split(&due.finish()), (0, 3, vec![1]));
    }

    #[test]
    fn an_answer_is_read_as_it_was_written() {
        let later = Later { switched: 300, wait_millis: 2_000, push: vec![1, 2, 3] };
        let bytes = later.encode();
        assert_eq!(Later::decode(&bytes), Ok(later));
        assert!((0..4).all(|end| Later::decode(&bytes[..end]).is_err()));
        assert_eq!(Later::decode(&[9]), Err(DecodeError::Version(9)));
    }

    #[test]
    fn a_relay_asks_when_something_is_due_neither_too_often_nor_too_rarely() {
        let wait = |due: Option<i64>| Later::wait_until(due.map(Millis), Millis(10_000));
        assert_eq!(wait(None), limits::LATER_WAIT_MILLIS);
        assert_eq!(wait(Some(10_700)), 700);
        assert_eq!((wait(Some(9_000)), wait(Some(99_000))), (limits::LATER_PAUSE_MILLIS, limits::LATER_WAIT_MILLIS));
    }
}
