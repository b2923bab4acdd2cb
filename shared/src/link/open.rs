//! What happens on an open connection.

use super::{Followed, Input, Link, Output, State};
use crate::codec::DecodeError;
use crate::cursor::Cursor;
use crate::limits;
use crate::protocol::{ClientMessage, ServerMessage, SubId, Subscription};
use crate::replica::{Change, Replica, ReplicaError};
use crate::time::Millis;

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
        for (sub, f) in &mut self.followed {
            f.answered = false;
            let resume = f.replica.cursor().filter(|_| !f.outdated);
            let message = ClientMessage::Subscribe { id: *sub, subscription: f.subscription.clone(), resume };
            out.push(Output::Send(message.to_binary()));
        }
    }

    pub(super) fn subscribe(&mut self, sub: SubId, subscription: Subscription, out: &mut Vec<Output>) {
        if self.state == State::Open {
            let message = ClientMessage::Subscribe { id: sub, subscription: subscription.clone(), resume: None };
            out.push(Output::Send(message.to_binary()));
        }
        match self.followed.get_mut(&sub) {
            // What is on the screen stays there until the answer comes; a resume would be for another set.
            Some(f) if f.subscription != subscription => {
                f.subscription = subscription;
                f.answered = false;
                f.outdated = true;
            }
            Some(_) => {}
            None => {
                self.followed.insert(
                    sub,
                    Followed { subscription, replica: Replica::default(), answered: false, outdated: false },
                );
            }
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
            Ok(message) => self.message(now, message, bytes.len(), out),
            Err(DecodeError::Version(_)) => {
                out.push(Output::CloseSocket);
                self.stop(0, "the server speaks a newer version; reload the page", out);
            }
            Err(_) => {
                // Nothing after a damaged message can be trusted: begin anew.
                self.followed.values_mut().for_each(|f| f.replica = Replica::default());
                out.push(Output::CloseSocket);
                self.handle(now, jitter, Input::SocketClosed { code: 1002 }, out);
            }
        }
    }

    fn message(&mut self, now: Millis, message: ServerMessage<'_>, bytes: usize, out: &mut Vec<Output>) {
        match message {
            ServerMessage::Snapshot { sub, cursor, first, last, rows } => {
                let Some(f) = self.followed.get_mut(&sub) else { return };
                let mut changes = Vec::new();
                let result = f.replica.snapshot(cursor, first, last, &rows, &mut changes);
                f.answered |= last && result.is_ok();
                f.outdated = false;
                self.last_frame = Some(now);
                self.applied(now, sub, result, changes, bytes, cursor, out);
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
                self.applied(now, sub, result, changes, bytes, cursor, out);
            }
            ServerMessage::Resumed { sub, cursor } => {
                let Some(f) = self.followed.get_mut(&sub) else { return };
                if f.replica.resumed(cursor) {
                    f.answered = true;
                    self.failures = 0;
                } else {
                    self.start_over(sub, out);
                }
            }
            ServerMessage::Gap { .. } => self.gaps += 1,
            ServerMessage::Status { time, viewers, .. } => {
                self.clock.heard(now, time);
                self.viewers = Some(viewers);
            }
            ServerMessage::Error { id, code, message, .. } => {
                out.push(Output::Refused { id, code: code.to_owned(), message: message.to_owned() });
            }
            // The close that follows carries the same code.
            ServerMessage::Bye { .. } | ServerMessage::Published { .. } => {}
        }
    }

    #[expect(clippy::too_many_arguments, reason = "two call sites with the same tail")]
    fn applied(
        &mut self,
        now: Millis,
        sub: SubId,
        result: Result<(), ReplicaError>,
        changes: Vec<Change>,
        bytes: usize,
        cursor: Cursor,
        out: &mut Vec<Output>,
    ) {
        if result.is_err() {
            self.gaps += 1;
            self.start_over(sub, out);
            return;
        }
        self.failures = 0;
        self.unacked_bytes += bytes as u64;
        self.unacked_since.get_or_insert(now);
        self.unacked_to = Some(cursor);
        if self.unacked_bytes >= limits::ACK_BYTES {
            self.ack(out);
        }
        if !changes.is_empty() {
            out.push(Output::Changed { sub, changes });
        }
    }

    fn start_over(&mut self, sub: SubId, out: &mut Vec<Output>) {
        if let Some(f) = self.followed.get_mut(&sub) {
            f.answered = false;
            f.replica = Replica::default();
            let message = ClientMessage::Subscribe { id: sub, subscription: f.subscription.clone(), resume: None };
            out.push(Output::Send(message.to_binary()));
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
