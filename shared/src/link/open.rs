//! What happens on an open connection.

use super::{Followed, Link, Output, State};
use crate::codec::DecodeError;
use crate::cursor::Cursor;
use crate::limits;
use crate::protocol::{ClientMessage, Filter, ServerMessage, SubId, Subscription};
use crate::replica::{Change, Replica, ReplicaError};
use crate::scores::ScoreReplica;
use crate::scores::frame::ScoresFrame;
use crate::time::Millis;

/// Copies that may break in a row before the connection is made anew, with a pause.
const BREAKS_MAX: u32 = 3;

/// A frame that was taken.
struct Frame {
    changes: Vec<Change>,
    bytes: usize,
    cursor: Cursor,
}

impl Link {
    pub(super) fn opened(&mut self, now: Millis, out: &mut Vec<Output>) {
        if !matches!(self.state, State::Opening { .. }) {
            return;
        }
        self.state = State::Open;
        self.last_heard = now;
        self.probe_sent = None;
        self.unacked_bytes = 0;
        self.unacked_since = None;
        self.owed.clear();
        for (sub, f) in &self.followed {
            let resume = f.replica.cursor().filter(|_| !f.outdated);
            let (subscription, rights) = (f.subscription.clone(), f.rights.filter(|_| resume.is_some()));
            let message = ClientMessage::Subscribe { id: *sub, subscription, resume, rights, rewind: None };
            out.push(Output::Send(message.to_binary()));
            if f.subscription.filter != Filter::Presence {
                self.owed.insert(*sub, 1);
            }
        }
    }

    pub(super) fn subscribe(&mut self, sub: SubId, subscription: Subscription, out: &mut Vec<Output>) {
        match self.followed.get_mut(&sub) {
            Some(f) if f.subscription == subscription => return,
            // What is on the screen stays there until the answer comes; a resume would be for another set.
            Some(f) => {
                f.subscription = subscription;
                f.outdated = true;
            }
            None => {
                let (replica, scores) = (Replica::default(), ScoreReplica::default());
                let f = Followed { subscription, replica, scores, present: None, rights: None, outdated: true };
                self.followed.insert(sub, f);
            }
        }
        if self.state == State::Open {
            self.ask(sub, out);
        }
    }

    /// Subscribes without resuming.
    fn ask(&mut self, sub: SubId, out: &mut Vec<Output>) {
        if let Some(f) = self.followed.get(&sub) {
            let subscription = f.subscription.clone();
            // The board may have to ask all its relays first: nobody is told meanwhile that the page is not up to date.
            let is_awaited = subscription.filter != Filter::Presence;
            let message = ClientMessage::Subscribe { id: sub, subscription, resume: None, rights: None, rewind: None };
            out.push(Output::Send(message.to_binary()));
            if is_awaited {
                *self.owed.entry(sub).or_default() += 1;
            }
        }
    }

    /// The server has answered a subscribe; true when it was the last one that this number waited for.
    fn answered(&mut self, sub: SubId) -> bool {
        match self.owed.get_mut(&sub) {
            Some(n) if *n > 1 => {
                *n -= 1;
                false
            }
            Some(_) => {
                self.owed.remove(&sub);
                true
            }
            None => true,
        }
    }

    pub(super) fn unsubscribe(&mut self, sub: SubId, out: &mut Vec<Output>) {
        if self.followed.remove(&sub).is_some() && self.state == State::Open {
            out.push(Output::Send(ClientMessage::Unsubscribe { id: sub }.to_binary()));
        }
    }

    pub(super) fn binary(&mut self, now: Millis, jitter: f64, bytes: &[u8], out: &mut Vec<Output>) {
        if self.state != State::Open {
            return;
        }
        self.last_heard = now;
        self.probe_sent = None;
        match ServerMessage::from_binary(bytes) {
            Ok(message) => self.message(now, jitter, message, bytes.len(), out),
            Err(DecodeError::Version(_)) => {
                out.push(Output::CloseSocket);
                self.stop(0, "the server speaks a newer version; reload the page", out);
            }
            Err(_) => {
                // Nothing after a damaged message can be trusted: begin anew.
                self.followed.values_mut().for_each(|f| f.outdated = true);
                out.push(Output::CloseSocket);
                self.closed(now, jitter, 1002, out);
            }
        }
    }

    fn message(&mut self, now: Millis, jitter: f64, message: ServerMessage<'_>, bytes: usize, out: &mut Vec<Output>) {
        match message {
            ServerMessage::Snapshot { sub, cursor, first, last, unasked, rights, rows } => {
                let current = if last && !unasked { self.answered(sub) } else { !self.owed.contains_key(&sub) };
                let Some(f) = self.followed.get_mut(&sub) else { return };
                let mut changes = Vec::new();
                f.rights = Some(rights);
                let result = f.replica.snapshot(cursor, first, last, &rows, &mut changes);
                if last && current && result.is_ok() {
                    f.outdated = false;
                }
                self.last_frame = Some(now);
                self.applied(now, jitter, sub, result, Frame { changes, bytes, cursor }, out);
            }
            ServerMessage::Delta { sub, from, to, rows, removed } => {
                let Some(f) = self.followed.get_mut(&sub) else { return };
                let mut changes = Vec::new();
                let result = f.replica.delta(from, to, &rows, &removed, &mut changes);
                let cursor = f.replica.cursor().unwrap_or_default();
                self.last_frame = Some(now);
                if result.is_ok() {
                    let server_now = self.server_time(now);
                    self.lag.frame(server_now, &rows.times);
                }
                self.applied(now, jitter, sub, result, Frame { changes, bytes, cursor }, out);
            }
            ServerMessage::Scores(frame) => self.scores_frame(now, jitter, &frame, bytes, out),
            ServerMessage::Presence(frame) => {
                let Some(f) = self.followed.get_mut(&frame.sub) else { return };
                f.present = Some(frame.count);
                let taken = Frame { changes: Vec::new(), bytes, cursor: frame.cursor };
                self.applied(now, jitter, frame.sub, Ok(()), taken, out);
            }
            ServerMessage::Resumed { sub, cursor } => {
                let current = self.answered(sub);
                let Some(f) = self.followed.get_mut(&sub) else { return };
                if f.replica.resumed(cursor) {
                    self.failures = 0;
                } else if current {
                    f.outdated = true;
                    self.ask(sub, out);
                }
            }
            ServerMessage::Gap { .. } => self.gaps += 1,
            ServerMessage::Status { time, viewers, .. } => {
                self.clock.heard(now, time);
                self.viewers = Some(viewers);
            }
            // A page shows who is there where it may: that it may not is no news.
            ServerMessage::Error { id: Some(id), action: "subscribe", .. } if self.follows_presence(SubId(id)) => {
                self.followed.remove(&SubId(id));
            }
            ServerMessage::Error { id, code, message, action } => {
                if let (Some(id), "subscribe") = (id, action) {
                    // A refusal is an answer too; what is followed stays as it was at the server.
                    self.answered(SubId(id));
                }
                out.push(Output::Refused { id, code: code.to_owned(), message: message.to_owned() });
            }
            // The close that follows carries the same code.
            ServerMessage::Bye { .. } | ServerMessage::Published { .. } => {}
        }
    }

    fn follows_presence(&self, sub: SubId) -> bool {
        self.followed.get(&sub).is_some_and(|f| f.subscription.filter == Filter::Presence)
    }

    fn scores_frame(&mut self, now: Millis, jitter: f64, frame: &ScoresFrame<'_>, bytes: usize, out: &mut Vec<Output>) {
        let sub = frame.sub;
        let answer = frame.snapshot && self.owed.contains_key(&sub);
        let current = if answer { self.answered(sub) } else { !self.owed.contains_key(&sub) };
        let Some(f) = self.followed.get_mut(&sub) else { return };
        let mut changes = Vec::new();
        let result = f.scores.apply(frame, &mut changes);
        if frame.snapshot && current && result.is_ok() {
            f.outdated = false;
        }
        self.last_frame = Some(now);
        let result = result.map_err(|_| ReplicaError::Missing);
        self.applied(now, jitter, sub, result, Frame { changes: Vec::new(), bytes, cursor: frame.cursor }, out);
        if result.is_ok() && !changes.is_empty() {
            out.push(Output::Scores { sub, changes });
        }
    }

    /// What follows from a frame that was applied, or could not be.
    fn applied(
        &mut self,
        now: Millis,
        jitter: f64,
        sub: SubId,
        result: Result<(), ReplicaError>,
        frame: Frame,
        out: &mut Vec<Output>,
    ) {
        if result.is_err() {
            if self.owed.contains_key(&sub) {
                // A frame of what was followed before; the snapshot that is on its way starts over.
                return;
            }
            self.broken(now, jitter, sub, out);
            return;
        }
        self.failures = 0;
        self.breaks = 0;
        self.unacked_bytes += frame.bytes as u64;
        // A frame reaches a crowd at the same moment; their acknowledgements come spread out.
        let early = (limits::ACK_SPREAD_MILLIS as f64 * jitter.clamp(0.0, 1.0)) as i64;
        self.unacked_since.get_or_insert(now.plus(-early));
        // Items and scores may be unequally far: the furthest counts.
        let same_life = self.unacked_to.filter(|c| c.epoch == frame.cursor.epoch && c.seq > frame.cursor.seq);
        self.unacked_to = Some(same_life.unwrap_or(frame.cursor));
        if self.unacked_bytes >= limits::ACK_BYTES {
            self.ack(out);
        }
        if !frame.changes.is_empty() {
            out.push(Output::Changed { sub, changes: frame.changes });
        }
    }

    /// A copy does not fit the frames: it starts over. When that does not help, the connection does.
    fn broken(&mut self, now: Millis, jitter: f64, sub: SubId, out: &mut Vec<Output>) {
        self.gaps += 1;
        self.breaks += 1;
        if let Some(f) = self.followed.get_mut(&sub) {
            f.outdated = true;
        }
        if self.breaks > BREAKS_MAX {
            out.push(Output::CloseSocket);
            self.closed(now, jitter, 1002, out);
        } else {
            self.ask(sub, out);
        }
    }

    pub(super) fn ack(&mut self, out: &mut Vec<Output>) {
        self.unacked_bytes = 0;
        self.unacked_since = None;
        if let Some(cursor) = self.unacked_to {
            out.push(Output::Send(ClientMessage::Ack { cursor }.to_binary()));
        }
    }
}
