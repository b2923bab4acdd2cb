//! The fan-out: viewers, their subscriptions, and what each must be told. Pure: sockets are numbers here.
//!
//! A relay keeps a mirror of the board's items. Since every part of an item knows when it last changed, a
//! viewer is little more than a cursor: a frame is "what changed since". Viewers with the same subscription
//! that are equally far form a [`group`] and share each encoded frame. One that falls behind costs a cursor.

mod apart;
pub mod connection;
mod flush;
mod follow;
mod frames;
mod group;
mod hail;
pub mod idle;
pub mod later;
mod life;
mod parts;
mod plain;
mod present;
mod push;
mod reached;
mod rewinding;
mod scores;
pub mod state;
#[cfg(test)]
mod tests;
pub mod unheard;
mod viewer;
pub mod who;

pub use frames::Frame;
pub use hail::{PushAnswer, PushHead};
pub use push::{PushMessage, PushRow};
pub use rewinding::RewindCall;
pub use scores::ScoresAsk;

use crate::cursor::Cursor;
use crate::delay::Delay;
use crate::items::Items;
use crate::limits;
use crate::problem::{Code, FieldError};
use crate::protocol::{ClientMessage, CloseCode, Filter, MessageError, SubId, Subscription};
use crate::revocation::Origin;
use crate::rewind::Rewind;
use crate::rights::{Access, Ask, Owner, Sight};
use crate::sights::Sights;
use crate::time::Millis;
use crate::trace::TraceId;
use crate::views::filter::Condition;
use connection::ConnectionId;
use follow::Why;
use group::{Encoding, Groups};
use plain::Plain;
use present::Presence;
use rewinding::Rewinds;
use scores::ScoreFeeds;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use viewer::Viewer;

/// A viewer's connection; the shell chooses the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ViewerId(pub u32);

/// How a viewer is spoken to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// `heliograph.v1.bin`.
    Binary,
    /// `heliograph.v1.json`.
    Json,
    /// No subprotocol: each change of some items as its JSON.
    Plain {
        /// The items, each once. A single one is kept as it always was.
        #[serde(rename = "key", with = "plain::one_or_more")]
        keys: Vec<String>,
        /// Conditions that they have to meet, ascending.
        #[serde(default, rename = "where", skip_serializing_if = "Vec::is_empty")]
        wheres: Vec<String>,
    },
}

/// What a connection is, apart from how far it has got. The shell keeps it with the socket, so that it
/// outlives the relay's memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// How it is spoken to.
    pub mode: Mode,
    /// What its token allows.
    pub access: Access,
    /// When its token ends; never, when the board is public and there is none.
    pub expires_at: Option<Millis>,
    /// What it follows.
    pub subscriptions: BTreeMap<SubId, Subscription>,
    /// What its rights come from.
    #[serde(default, skip_serializing_if = "Origin::is_unknown")]
    pub origin: Origin,
    /// The name that it gave when it joined as a player.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<String>,
    /// Whose event ids its are.
    #[serde(default, skip_serializing_if = "Owner::is_board")]
    pub owner: Owner,
    /// Its name; those that began before there were names have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionId>,
    /// Whether it has said something after its greeting: then it counts as somebody who is there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub heard: bool,
}

impl Session {
    /// A new connection.
    pub fn new(mode: Mode, access: Access, expires_at: Option<Millis>) -> Self {
        let (subscriptions, origin, owner) = (BTreeMap::new(), Origin::default(), Owner::board());
        Self { mode, access, expires_at, subscriptions, origin, joined: None, owner, connection: None, heard: false }
    }

    /// The same, with what its rights come from.
    #[must_use]
    pub fn with_origin(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }
}

/// What the shell shall do.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send one frame to these viewers.
    Send {
        /// To whom.
        viewers: Vec<ViewerId>,
        /// What.
        frame: Frame,
    },
    /// Close a connection; the relay has forgotten it already.
    Close {
        /// Whose.
        viewer: ViewerId,
        /// Why.
        code: CloseCode,
    },
    /// The viewer's session changed: keep it with the socket.
    Keep(ViewerId),
    /// Call [`Relay::tick`] at this time (or earlier); replaces what was said before.
    WakeAt(Millis),
    /// Ask the board to take an event, then call [`Relay::published`].
    Publish {
        /// From whom.
        viewer: ViewerId,
        /// The viewer's number for it.
        id: u32,
        /// The event as JSON.
        event: String,
    },
    /// Ask the board for standings and register for what changes, then call [`Relay::scores_loaded`].
    FollowScores(ScoresAsk),
    /// Tell the board [`Relay::presence_report`], then call [`Relay::presence_reported`].
    ReportPresence,
    /// Ask the board for what was, then call [`Relay::rewound`].
    Rewind(RewindCall),
    /// Check a token, then call [`Relay::token_checked`].
    CheckToken {
        /// From whom.
        viewer: ViewerId,
        /// The token.
        token: String,
    },
}

/// Where a subscription begins.
#[derive(Clone, Copy)]
enum Start {
    /// With what is now.
    Now,
    /// After a cursor, up to which the client has everything; its copy was made under these rights.
    Cursor(Cursor, Option<u32>),
    /// With what was before now.
    Before(Rewind),
}

/// What the relay must know of its sockets.
pub trait Sockets {
    /// Bytes that wait to be taken by the viewer.
    fn waiting(&self, viewer: ViewerId) -> u32;
}

/// Why a push could not be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The mirror is as far as the board.
    Applied,
    /// Something is missing: fetch the board's snapshot and [`Relay::load`] it.
    NeedSync,
}

/// The fan-out of one board.
pub struct Relay {
    cursor: Cursor,
    mirror: Items,
    /// What whoever may not manage the board sees of it.
    sights: Sights,
    viewers: BTreeMap<ViewerId, Viewer>,
    groups: Groups,
    plain: Plain,
    scores: ScoreFeeds,
    presence: Presence,
    rewinds: Rewinds,
    last_status: Option<Millis>,
    lag_millis: u32,
    wake_at: Option<Millis>,
    /// Viewers of the board's other relays.
    elsewhere: u32,
    /// Frames of the last push, each counted as often as it was sent.
    sent: usize,
    /// The trace of a request that the next push brings.
    pushed_trace: Option<TraceId>,
    /// How much later its viewers see everything: the mirror is as of then.
    delay: Option<Delay>,
}

/// Which of these conditions reads what somebody may not see.
pub fn hidden_condition(access: &Access, wheres: &[String]) -> Option<FieldError> {
    let narrowed = access.may(Ask::Present).ok()?.narrowed?;
    let conditions = wheres.iter().filter_map(|text| Condition::parse(text).ok());
    conditions.map(|c| narrowed.refuse("where", c.name())).find_map(Result::err)
}

impl Relay {
    /// A relay that has loaded the board's items as of `cursor`.
    pub fn new(items: Items, cursor: Cursor) -> Self {
        Self {
            cursor,
            mirror: items,
            sights: Sights::default(),
            viewers: BTreeMap::new(),
            groups: Groups::default(),
            plain: Plain::default(),
            scores: ScoreFeeds::default(),
            presence: Presence::default(),
            rewinds: Rewinds::default(),
            last_status: None,
            lag_millis: 0,
            wake_at: None,
            elsewhere: 0,
            sent: 0,
            pushed_trace: None,
            delay: None,
        }
    }

    /// The same for viewers that see everything so much later: what it is loaded with, and pushed, is as old as that.
    #[must_use]
    pub fn with_delay(self, delay: Option<Delay>) -> Self {
        Self { delay, ..self }
    }

    /// The same, with what others than managers see.
    #[must_use]
    pub fn with_sights(self, sights: Sights) -> Self {
        Self { sights, ..self }
    }

    /// How far the mirror is.
    pub const fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// The mirror of the board's items.
    pub const fn items(&self) -> &Items {
        &self.mirror
    }

    /// How many viewers are connected.
    pub fn viewers(&self) -> usize {
        self.viewers.len()
    }

    /// The board said how many viewers its other relays have.
    pub const fn set_elsewhere(&mut self, viewers: u32) {
        self.elsewhere = viewers;
    }

    /// The next push brings a request of a trace that its producer records: frames name it to those who asked for that.
    pub const fn next_push_is_of(&mut self, trace: Option<TraceId>) {
        self.pushed_trace = trace;
    }

    /// What the board's status says: viewers of all its relays.
    pub(crate) fn viewers_of_board(&self) -> usize {
        self.viewers.len() + self.elsewhere as usize
    }

    /// The viewers that the status tells of, with `more` that are about to be there. Who sees everything later is not told
    /// who is here now.
    pub(crate) fn viewers_told(&self, more: usize) -> usize {
        if self.delay.is_some() { 0 } else { self.viewers_of_board() + more }
    }

    /// How somebody sees what the mirror has. Of who sees everything as much later as this relay's viewers, the delay is kept
    /// by what the mirror is; who sees it later than that sees nothing.
    pub(crate) fn sight(&self, access: &Access, ask: Ask<'_>) -> Option<Sight> {
        let sight = access.may(ask).ok()?;
        Some(if sight.delay() == self.delay { sight.without_delay() } else { sight })
    }

    /// How often a frame was sent for the last push.
    pub const fn last_sent(&self) -> usize {
        self.sent
    }

    /// A viewer's session, to be kept with its socket.
    pub fn session(&self, viewer: ViewerId) -> Option<&Session> {
        self.viewers.get(&viewer).map(|v| &v.session)
    }

    /// When the first token ends.
    pub fn next_expiry(&self) -> Option<Millis> {
        self.viewers.values().filter_map(|v| v.session.expires_at).min()
    }

    fn encoding(&self, viewer: ViewerId) -> Option<Encoding> {
        match self.viewers.get(&viewer)?.session.mode {
            Mode::Binary => Some(Encoding::Binary),
            Mode::Json => Some(Encoding::Json),
            Mode::Plain { .. } => None,
        }
    }

    /// A viewer said something.
    pub fn message(
        &mut self,
        now: Millis,
        viewer: ViewerId,
        message: Result<ClientMessage, MessageError>,
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) {
        let is_new = message.is_ok() && self.presence_heard(viewer);
        let Some(encoding) = self.encoding(viewer) else {
            // Plain viewers are only spoken to; what they say proves that they are there, whatever it is.
            if self.presence_heard(viewer) || is_new {
                out.push(Output::Keep(viewer));
                self.presence_step(now, net, out);
                self.schedule(now, out);
            }
            return;
        };
        match message {
            Err(e) => self.refuse(viewer, encoding, &e, out),
            Ok(ClientMessage::Subscribe { id, subscription, resume, rights, rewind }) => {
                let from = match (rewind, resume) {
                    (Some(rewind), _) => Start::Before(rewind),
                    (None, Some(cursor)) => Start::Cursor(cursor, rights),
                    (None, None) => Start::Now,
                };
                self.supersede(viewer, encoding, id, out);
                self.subscribe(now, viewer, encoding, id, subscription, from, net, out);
            }
            Ok(ClientMessage::Unsubscribe { id }) => {
                self.supersede(viewer, encoding, id, out);
                self.groups.leave(viewer, id);
                self.scores.leave(viewer, id);
                self.presence.leave(viewer, id);
                if let Some(v) = self.viewers.get_mut(&viewer) {
                    v.session.subscriptions.remove(&id);
                    // What it did not take was perhaps of this subscription.
                    v.blocked_since = None;
                    out.push(Output::Keep(viewer));
                }
            }
            Ok(ClientMessage::Ack { cursor }) => {
                let same_life = cursor.epoch == self.cursor.epoch;
                if let Some(v) = self.viewers.get_mut(&viewer).filter(|_| same_life) {
                    v.acked(cursor.seq);
                    if v.blocked_since.is_some() {
                        self.catch_up(now, net, out);
                    }
                }
            }
            Ok(ClientMessage::Token { token }) => out.push(Output::CheckToken { viewer, token }),
            Ok(ClientMessage::Publish { id, event }) => self.publish(now, viewer, encoding, id, event, net, out),
        }
        if is_new && !out.iter().any(|o| matches!(o, Output::Keep(kept) if *kept == viewer)) {
            out.push(Output::Keep(viewer));
        }
        self.presence_step(now, net, out);
        self.schedule(now, out);
    }

    /// A viewer sends an event. How many it has under way and how often it sends is bounded: a flood of its makes nobody
    /// else wait.
    #[expect(clippy::too_many_arguments, reason = "one call site; a struct would only rename them")]
    fn publish(
        &mut self,
        now: Millis,
        viewer: ViewerId,
        encoding: Encoding,
        id: u32,
        event: String,
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) {
        let Some(v) = self.viewers.get_mut(&viewer) else { return };
        let action = "publish";
        if v.session.access.may(Ask::Publish).is_err() {
            let message = "the token has no right to publish to this board".to_owned();
            let e = MessageError { id: Some(id), action: Some(action.into()), code: Code::Forbidden, message };
            self.refuse(viewer, encoding, &e, out);
        } else if v.publishing < limits::PUBLISHES_UNDER_WAY
            && v.publish_pace.take(now, limits::PUBLISHES_PER_VIEWER).is_ok()
        {
            v.publishing += 1;
            out.push(Output::Publish { viewer, id, event });
        } else if net.waiting(viewer) > limits::VIEWER_BUFFER_BYTES * 4 {
            // It sends on and does not read what it is answered.
            self.close(viewer, CloseCode::Slow, out);
        } else {
            let message = format!(
                "a viewer has at most {} events under way and sends {} a second; send this one again later",
                limits::PUBLISHES_UNDER_WAY,
                limits::PUBLISHES_PER_VIEWER.per_minute / 60
            );
            let frame = frames::error(encoding, Some(id), Code::SlowDown, &message, action);
            out.push(Output::Send { viewers: vec![viewer], frame });
        }
    }

    fn refuse(&mut self, viewer: ViewerId, encoding: Encoding, e: &MessageError, out: &mut Vec<Output>) {
        let frame = frames::error(encoding, e.id, e.code, &e.message, e.action.as_deref().unwrap_or_default());
        out.push(Output::Send { viewers: vec![viewer], frame });
        if let Some(v) = self.viewers.get_mut(&viewer) {
            v.bad_messages += 1;
            if v.bad_messages > limits::BAD_MESSAGES {
                self.close(viewer, CloseCode::Protocol, out);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one call site each; a struct would only rename them")]
    fn subscribe(
        &mut self,
        now: Millis,
        viewer: ViewerId,
        encoding: Encoding,
        id: SubId,
        subscription: Subscription,
        from: Start,
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) {
        let Some(v) = self.viewers.get_mut(&viewer) else { return };
        let refused =
            |code, message: String| MessageError { id: Some(id.0), action: Some("subscribe".into()), code, message };
        let known = v.session.subscriptions.contains_key(&id);
        if !known && v.session.subscriptions.len() >= limits::SUBSCRIPTIONS_PER_VIEWER {
            let message = format!("a connection has at most {} subscriptions", limits::SUBSCRIPTIONS_PER_VIEWER);
            self.refuse(viewer, encoding, &refused(Code::TooManySubscriptions, message), out);
            return;
        }
        if net.waiting(viewer) > limits::VIEWER_BUFFER_BYTES * 4 {
            // It asks for more while it does not take what it has.
            self.close(viewer, CloseCode::Slow, out);
            return;
        }
        if v.session.access.may(Ask::Present).is_err() {
            let message = "the token has no right to read this board".to_owned();
            self.refuse(viewer, encoding, &refused(Code::Forbidden, message), out);
            return;
        }
        if let Some(refusal) = self.refuse_hidden(viewer, id, &subscription) {
            self.refuse(viewer, encoding, &refusal, out);
            return;
        }
        if let Some(refusal) = self.refuse_scores(viewer, id, &subscription) {
            self.refuse(viewer, encoding, &refusal, out);
            return;
        }
        if let Some(refusal) = self.refuse_presence(viewer, id, &subscription) {
            self.refuse(viewer, encoding, &refusal, out);
            return;
        }
        if let Start::Before(rewind) = from {
            self.rewind(now, viewer, encoding, id, subscription, rewind, out);
            return;
        }
        let Some(v) = self.viewers.get_mut(&viewer) else { return };
        v.session.subscriptions.insert(id, subscription.clone());
        v.blocked_since = None;
        out.push(Output::Keep(viewer));
        self.groups.leave(viewer, id);
        self.scores.leave(viewer, id);
        self.presence.leave(viewer, id);
        if let Filter::Scores(_) = subscription.filter {
            self.follow_scores(viewer, encoding, id, &subscription, out);
            self.scores_catch_up(now, net, out);
            return;
        }
        if subscription.filter == Filter::Presence {
            self.follow_presence(viewer, encoding, id, &subscription);
            return;
        }
        match from {
            Start::Cursor(cursor, rights) => {
                self.resume(now, viewer, id, subscription, (cursor, rights), net, out);
            }
            Start::Now | Start::Before(_) => self.follow(viewer, id, subscription, Why::Asked, out),
        }
    }

    /// What is wrong with the conditions of a subscription for this viewer: they may not read what is hidden from it.
    fn refuse_hidden(&self, viewer: ViewerId, id: SubId, what: &Subscription) -> Option<MessageError> {
        let FieldError { code, message, .. } =
            hidden_condition(&self.viewers.get(&viewer)?.session.access, &what.wheres)?;
        Some(MessageError { id: Some(id.0), action: Some("subscribe".into()), code, message })
    }

    /// A fresh token says which name its holder gave when it joined, and whose event ids its are.
    pub fn is_now(&mut self, viewer: ViewerId, name: Option<String>, owner: Owner) {
        if let Some(v) = self.viewers.get_mut(&viewer) {
            v.session.joined = name;
            v.session.owner = owner;
        }
        self.presence_renamed();
    }

    /// The shell has checked a fresh token.
    pub fn token_checked(
        &mut self,
        now: Millis,
        viewer: ViewerId,
        checked: Result<(Access, Millis), String>,
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) {
        let Some(encoding) = self.encoding(viewer) else { return };
        let Some(v) = self.viewers.get_mut(&viewer) else { return };
        match checked {
            Err(message) => {
                let e = MessageError { id: None, action: Some("token".into()), code: Code::TokenRefused, message };
                self.refuse(viewer, encoding, &e, out);
            }
            Ok((access, _)) if access.may(Ask::Present).is_err() => self.close(viewer, CloseCode::Forbidden, out),
            // It comes back, to a relay of its delay.
            Ok((access, _)) if access.delay() != self.delay => self.close(viewer, CloseCode::GoingAway, out),
            Ok((access, expires_at)) => {
                let other_sight = !v.session.access.reads_like(&access);
                v.session.access = access;
                v.session.expires_at = Some(expires_at);
                out.push(Output::Keep(viewer));
                if other_sight {
                    // Other keys may be visible now: every subscription starts over.
                    let subscriptions = v.session.subscriptions.clone();
                    for (sub, subscription) in subscriptions {
                        let why = Why::anew(self.groups.rest(viewer, sub));
                        self.groups.leave(viewer, sub);
                        let refused = self.refuse_scores(viewer, sub, &subscription);
                        let refused = refused.or_else(|| self.refuse_presence(viewer, sub, &subscription));
                        if let Some(e) = refused.or_else(|| self.refuse_hidden(viewer, sub, &subscription)) {
                            self.scores.leave(viewer, sub);
                            self.presence.leave(viewer, sub);
                            self.viewers.get_mut(&viewer).map(|v| v.session.subscriptions.remove(&sub));
                            let frame = frames::error(encoding, e.id, e.code, &e.message, "subscribe");
                            out.push(Output::Send { viewers: vec![viewer], frame });
                            continue;
                        }
                        if let Filter::Scores(_) = subscription.filter {
                            self.follow_scores(viewer, encoding, sub, &subscription, out);
                            continue;
                        }
                        if subscription.filter == Filter::Presence {
                            self.follow_presence(viewer, encoding, sub, &subscription);
                            continue;
                        }
                        self.follow(viewer, sub, subscription, why, out);
                    }
                }
            }
        }
        self.catch_up(now, net, out);
        self.presence_step(now, net, out);
        self.schedule(now, out);
    }

    /// The board has answered about a published event.
    pub fn published(&mut self, viewer: ViewerId, id: u32, answer: &str, out: &mut Vec<Output>) {
        if let Some(v) = self.viewers.get_mut(&viewer) {
            v.publishing = v.publishing.saturating_sub(1);
        }
        if let Some(encoding) = self.encoding(viewer) {
            out.push(Output::Send { viewers: vec![viewer], frame: frames::published(encoding, id, answer) });
        }
    }
}
