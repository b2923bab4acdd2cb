//! Who is there, at the relay: its own connections, and what of all is told to those who follow.
//!
//! A connection counts from the first thing that it says after its greeting: that shows that somebody reads. It counts no
//! more when it ends, and while it leaves what it was sent unacknowledged for [`limits::PRESENCE_LAPSE_MILLIS`]. The seat of
//! one that ends and may come back is kept for a moment: a reconnect is neither a leaving nor a coming.
//!
//! What is told is merged: at most one message a second, and whoever could not take one gets everything when it can.

use super::flush::send;
use super::group::Encoding;
use super::viewer::Viewer;
use super::{Frame, Output, Relay, Session, Sockets, ViewerId, frames};
use crate::cursor::Cursor;
use crate::limits;
use crate::presence::{Named, Report, Roster, Told, Who, named, next_number};
use crate::problem::Code;
use crate::protocol::presence::PresenceFrame;
use crate::protocol::{CloseCode, Filter, MessageError, SubId, Subscription};
use crate::rights::Ask;
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// What makes messages the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PresenceKey {
    binary: bool,
    sub: SubId,
    /// Whether they may see names, where the config tells them.
    names: bool,
    every_ms: u32,
}

/// What a group was told last.
struct Shown {
    roster: Roster,
    names: bool,
    /// What had come and gone at this relay by then, and how many there were elsewhere.
    joined: u64,
    left: u64,
    elsewhere: u32,
}

#[derive(Default)]
struct PresenceGroup {
    /// Who has what `shown` says.
    viewers: BTreeSet<ViewerId>,
    /// Who is to be told everything: it subscribed, or could not take a message.
    behind: BTreeSet<ViewerId>,
    shown: Option<Shown>,
    /// Whether `shown` may differ from what is.
    dirty: bool,
    /// When the next message may leave.
    due: Option<Millis>,
    /// When one leaves although nothing has changed: it is acknowledged by those who are still there.
    beat: Option<Millis>,
}

/// A seat that is kept.
struct Away {
    named: Option<Named>,
    /// Until then; not set before the relay has looked at its clock.
    until: Option<Millis>,
}

/// A relay's own connections as of a moment.
#[derive(Default)]
struct Own {
    roster: Roster,
    /// What had come and gone by then.
    joined: u64,
    left: u64,
    at: Option<Millis>,
}

/// What was said to the board last.
struct Said {
    roster: Roster,
    follows: bool,
    at: Millis,
}

/// Presence at one relay.
#[derive(Default)]
pub(super) struct Presence {
    /// What the board said last.
    who: Option<Who>,
    watched: bool,
    elsewhere: Option<Roster>,
    told: u64,
    /// Its own connections as of some moment, and whether they are others by now.
    own: Own,
    stale: bool,
    /// Connections that came and went, each counted once, since the relay's memory began.
    joined: u64,
    left: u64,
    away: Vec<Away>,
    lapsed: BTreeSet<ViewerId>,
    swept_at: Option<Millis>,
    said: Option<Said>,
    number: u64,
    /// When the board may be told something next, and whether a call to it is under way.
    due: Option<Millis>,
    calling: bool,
    failures: u32,
    /// Whether a connection has ended since it was looked what follows.
    moved: bool,
    groups: BTreeMap<PresenceKey, PresenceGroup>,
    places: BTreeMap<(ViewerId, SubId), PresenceKey>,
}

impl Presence {
    fn follows(&self) -> bool {
        !self.groups.is_empty()
    }

    /// Whether there is anything to do at all.
    fn is_on(&self) -> bool {
        self.watched || self.follows() || !self.away.is_empty() || self.said.as_ref().is_some_and(|said| said.follows)
    }

    /// Takes a viewer out of one subscription.
    pub fn leave(&mut self, viewer: ViewerId, sub: SubId) {
        let Some(key) = self.places.remove(&(viewer, sub)) else { return };
        let Some(group) = self.groups.get_mut(&key) else { return };
        group.viewers.remove(&viewer);
        group.behind.remove(&viewer);
        if group.viewers.is_empty() && group.behind.is_empty() {
            self.groups.remove(&key);
        }
    }

    /// Somebody has begun to count. One who comes back takes a seat that was kept for it.
    fn came(&mut self, named: Option<&Named>) {
        self.stale = true;
        match self.away.iter().position(|away| away.named.as_ref() == named) {
            Some(at) => drop(self.away.swap_remove(at)),
            None => self.joined += 1,
        }
    }

    /// A connection that counted has ended.
    fn went(&mut self, viewer: ViewerId, named: Option<Named>, may_return: bool) {
        if self.lapsed.remove(&viewer) {
            return;
        }
        self.stale = true;
        if may_return && self.watched && self.away.len() < limits::VIEWERS_PER_RELAY {
            self.away.push(Away { named, until: None });
        } else {
            self.left += 1;
        }
    }

    /// Gives up seats that were kept long enough.
    fn expire(&mut self, now: Millis) {
        let before = self.away.len();
        for away in &mut self.away {
            away.until.get_or_insert(now.plus(limits::PRESENCE_GRACE_MILLIS));
        }
        self.away.retain(|away| away.until.is_some_and(|until| until > now));
        let gone = before - self.away.len();
        self.left += gone as u64;
        self.stale |= gone > 0;
    }

    /// Whether the board is to be told something, and when.
    fn report_at(&self) -> Option<Millis> {
        if self.calling || !(self.watched || self.follows() || self.said.is_some()) {
            return None;
        }
        let due = self.due.unwrap_or(Millis(0));
        let Some(said) = &self.said else { return Some(due) };
        if said.follows != self.follows() || said.roster != self.own.roster {
            return Some(due);
        }
        // The board may have forgotten everything, also that it was about to tell.
        let is_untold = self.elsewhere.is_none() && self.who.is_some();
        let pause = if is_untold { limits::PRESENCE_ASK_MILLIS } else { limits::PRESENCE_RENEW_MILLIS };
        self.follows().then(|| due.max(said.at.plus(pause)))
    }

    /// When there is something to do next.
    pub fn next_due(&self, now: Millis) -> Option<Millis> {
        if !self.is_on() {
            return None;
        }
        let seats = self.away.iter().map(|away| away.until.unwrap_or(now)).min();
        let own = self.stale.then(|| self.own.at.map_or(now, |at| at.plus(limits::PRESENCE_MILLIS)));
        let can_tell = self.who.is_some() && self.elsewhere.is_some();
        let behind = can_tell && self.groups.values().any(|group| !group.behind.is_empty());
        let retry = behind.then(|| now.plus(limits::RETRY_MILLIS));
        let groups = self.groups.values().filter(|_| can_tell);
        let dirty = |group: &PresenceGroup| group.dirty.then(|| group.due.unwrap_or(now));
        let frames = groups.filter_map(|group| dirty(group).into_iter().chain(group.beat).min()).min();
        seats.into_iter().chain(own).chain(retry).chain(frames).chain(self.report_at()).min()
    }

    /// How many groups and places are held, and seats that are kept.
    pub fn held(&self) -> [usize; 2] {
        [self.groups.len(), self.places.len() + self.away.len() + self.lapsed.len()]
    }
}

/// What the holder of a connection is called.
fn named_of(session: &Session) -> Option<Named> {
    named(&session.owner, &session.access.standing, session.joined.as_deref())
}

fn frame_of(key: PresenceKey, message: &PresenceFrame<'_>, now: &Roster) -> Frame {
    if key.binary { Frame::Binary(message.binary().into()) } else { Frame::text(&message.json(&now.mark())) }
}

impl Relay {
    /// Whether a subscription is one for presence, and then what is wrong with it for this viewer.
    pub(super) fn refuse_presence(&self, viewer: ViewerId, id: SubId, what: &Subscription) -> Option<MessageError> {
        let Filter::Presence = what.filter else { return None };
        let may = self.viewers.get(&viewer).is_some_and(|v| v.session.access.may(Ask::Watchers).is_ok());
        let message = "presence is shown to those who may read the whole board, or have the right presence".to_owned();
        (!may).then(|| MessageError {
            id: Some(id.0),
            action: Some("subscribe".into()),
            code: Code::Forbidden,
            message,
        })
    }

    /// Follows who is there: the answer comes as soon as the board has said what it may be.
    pub(super) fn follow_presence(&mut self, viewer: ViewerId, encoding: Encoding, sub: SubId, what: &Subscription) {
        let names = self.viewers.get(&viewer).is_some_and(|v| v.session.access.may(Ask::Members).is_ok());
        let key = PresenceKey { binary: encoding == Encoding::Binary, sub, names, every_ms: what.every_ms };
        self.presence.leave(viewer, sub);
        self.presence.places.insert((viewer, sub), key);
        let group = self.presence.groups.entry(key).or_default();
        group.behind.insert(viewer);
        group.dirty |= group.shown.is_none();
    }

    /// A viewer has said something that is understood: from now on it counts. True when it did not before.
    pub(super) fn presence_heard(&mut self, viewer: ViewerId) -> bool {
        let Some(v) = self.viewers.get_mut(&viewer).filter(|v| !v.session.heard) else { return false };
        v.session.heard = true;
        // Where nobody is expected back it is all the same who it is.
        let named = if self.presence.away.is_empty() { None } else { named_of(&v.session) };
        self.presence.came(named.as_ref());
        true
    }

    /// A viewer that counted already is here again, after the relay lost its memory.
    pub(super) const fn presence_restored(&mut self) {
        self.presence.joined += 1;
        self.presence.stale = true;
    }

    /// Another token may say another name.
    pub(super) const fn presence_renamed(&mut self) {
        self.presence.stale = true;
    }

    /// A viewer has gone.
    pub(super) fn presence_gone(&mut self, viewer: ViewerId, session: &Session, may_return: bool) {
        for sub in session.subscriptions.keys() {
            self.presence.leave(viewer, *sub);
        }
        if session.heard {
            self.presence.moved = true;
            let named = if self.presence.watched { named_of(session) } else { None };
            self.presence.went(viewer, named, may_return);
        }
    }

    /// Does what follows from connections that have ended; to be called after whatever may end some.
    pub fn presence_moved(&mut self, now: Millis, net: &impl Sockets, out: &mut Vec<Output>) {
        if std::mem::take(&mut self.presence.moved) {
            self.presence_step(now, net, out);
            self.schedule(now, out);
        }
    }

    /// Does what has become due.
    pub(super) fn presence_step(&mut self, now: Millis, net: &impl Sockets, out: &mut Vec<Output>) {
        if !self.presence.is_on() {
            return;
        }
        self.presence.expire(now);
        self.presence_sweep(now);
        self.presence_count(now, false);
        if self.presence.report_at().is_some_and(|at| at <= now) {
            self.presence.calling = true;
            out.push(Output::ReportPresence);
        }
        self.presence_flush(now, net, out);
    }

    /// Looks who leaves everything unacknowledged, and who does not any more.
    fn presence_sweep(&mut self, now: Millis) {
        let presence = &mut self.presence;
        if presence.swept_at.is_some_and(|at| now.since(at) < limits::PRESENCE_SWEEP_MILLIS) {
            return;
        }
        presence.swept_at = Some(now);
        for (viewer, v) in self.viewers.iter_mut().filter(|(_, v)| v.session.heard) {
            if v.is_silent(now) {
                if presence.lapsed.insert(*viewer) {
                    presence.left += 1;
                    presence.stale = true;
                }
            } else if presence.lapsed.remove(viewer) {
                presence.joined += 1;
                presence.stale = true;
            }
        }
    }

    /// Counts anew what is there, if something changed: all viewers are looked at, so not for each that comes.
    fn presence_count(&mut self, now: Millis, at_once: bool) {
        let presence = &self.presence;
        let is_early = presence.own.at.is_some_and(|at| now.since(at) < limits::PRESENCE_MILLIS);
        if !presence.stale || is_early && !at_once {
            return;
        }
        let names = presence.who == Some(Who::Names);
        let live = self.viewers.iter().filter(|(id, v)| v.session.heard && !presence.lapsed.contains(id));
        let live = live.map(|(_, v)| if names { named_of(&v.session) } else { None });
        let away = presence.away.iter().map(|away| away.named.clone().filter(|_| names));
        let roster = Roster::of(live.chain(away));
        let presence = &mut self.presence;
        presence.own = Own { roster, joined: presence.joined, left: presence.left, at: Some(now) };
        presence.stale = false;
        presence.groups.values_mut().for_each(|group| group.dirty = true);
    }

    /// What the board is to be told now.
    pub fn presence_report(&mut self, now: Millis) -> Report {
        self.presence_sweep(now);
        self.presence_count(now, true);
        let presence = &mut self.presence;
        presence.number = next_number(presence.number, now);
        presence.due = Some(now.plus(limits::PRESENCE_MILLIS));
        let (roster, follows) = (presence.own.roster.clone(), presence.follows());
        presence.said = Some(Said { roster: roster.clone(), follows, at: now });
        if !follows {
            // Nothing is told to it from here on.
            presence.elsewhere = None;
        }
        Report { number: presence.number, follows, roster }
    }

    /// The board has answered [`Output::ReportPresence`]; none: it could not be asked, and is asked again after a pause.
    pub fn presence_reported(&mut self, now: Millis, told: Option<Told>, net: &impl Sockets, out: &mut Vec<Output>) {
        self.presence.calling = false;
        if let Some(told) = told {
            self.presence.failures = 0;
            self.presence_told(now, told, net, out);
            return;
        }
        let pause = limits::PRESENCE_MILLIS << self.presence.failures.min(16);
        self.presence.failures = self.presence.failures.saturating_add(1);
        self.presence.said = None;
        self.presence.due = Some(now.plus(pause.min(limits::PUSH_RETRY_MILLIS_MAX)));
        self.schedule(now, out);
    }

    /// The board calls, and tells what is elsewhere; what it is answered.
    pub fn presence_called(&mut self, now: Millis, told: Told, net: &impl Sockets, out: &mut Vec<Output>) -> Report {
        // The answer is a report: another one is not needed.
        let calling = std::mem::replace(&mut self.presence.calling, true);
        self.presence_told(now, told, net, out);
        self.presence.calling = calling;
        let report = self.presence_report(now);
        self.schedule(now, out);
        report
    }

    /// The board tells what is elsewhere, and what the config allows.
    pub fn presence_told(&mut self, now: Millis, told: Told, net: &impl Sockets, out: &mut Vec<Output>) {
        let presence = &mut self.presence;
        if told.number > presence.told {
            let Told { number, who, watched, elsewhere } = told;
            presence.told = number;
            presence.stale |= presence.who != who;
            if presence.who != who {
                // It is counted in another way.
                presence.own.at = None;
            }
            (presence.who, presence.watched) = (who, watched);
            if elsewhere.is_some() {
                presence.elsewhere = elsewhere;
                presence.groups.values_mut().for_each(|group| group.dirty = true);
            }
            if !watched && !presence.follows() {
                presence.left += presence.away.len() as u64;
                presence.stale |= !presence.away.is_empty();
                presence.away.clear();
                presence.said = None;
            }
            if who.is_none() {
                self.presence_off(out);
            }
        }
        self.presence_step(now, net, out);
        self.schedule(now, out);
    }

    /// The config does not allow it, or not any more: whoever follows is told so.
    fn presence_off(&mut self, out: &mut Vec<Output>) {
        let message = "the board does not tell who is there: its config has no \"presence\", such as {\"who\": \"count\"} or \
                       {\"who\": \"names\"}";
        // Whoever asks from here on makes the relay ask the board again.
        self.presence.said = None;
        let places: Vec<(ViewerId, SubId)> = self.presence.places.keys().copied().collect();
        for (viewer, sub) in places {
            self.presence.leave(viewer, sub);
            let Some(encoding) = self.encoding(viewer) else { continue };
            if let Some(v) = self.viewers.get_mut(&viewer) {
                v.session.subscriptions.remove(&sub);
            }
            let frame = frames::error(encoding, Some(sub.0), Code::PresenceOff, message, "subscribe");
            out.push(Output::Send { viewers: vec![viewer], frame });
            out.push(Output::Keep(viewer));
        }
    }

    /// Tells those who follow, and whose time has come.
    fn presence_flush(&mut self, now: Millis, net: &impl Sockets, out: &mut Vec<Output>) {
        let Self { presence, viewers, cursor, .. } = self;
        let Presence { who: Some(who), elsewhere: Some(elsewhere), own, groups, .. } = presence else { return };
        let is_due = |group: &PresenceGroup| {
            group.dirty && group.due.is_none_or(|due| due <= now) || group.beat.is_some_and(|beat| beat <= now)
        };
        if !groups.values().any(|group| is_due(group) || !group.behind.is_empty()) {
            return;
        }
        let total = own.roster.clone().and(elsewhere);
        let mut stuck = Vec::new();
        for (key, group) in groups.iter_mut() {
            if is_due(group) {
                let names = key.names && *who == Who::Names;
                let (joined, left, elsewhere) = (own.joined, own.left, elsewhere.count);
                let next = Shown { roster: total.seen(names), names, joined, left, elsewhere };
                group.show((*key, *cursor), next, now, viewers, net, out);
            }
            stuck.extend(group.catch_up((*key, *cursor), now, viewers, net, out));
        }
        stuck.into_iter().for_each(|viewer| self.close(viewer, CloseCode::Slow, out));
    }
}

impl PresenceGroup {
    /// Tells what changed since the message before, if anything did.
    fn show(
        &mut self,
        (key, cursor): (PresenceKey, Cursor),
        next: Shown,
        now: Millis,
        states: &mut BTreeMap<ViewerId, Viewer>,
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) {
        self.dirty = false;
        let pause = i64::from(key.every_ms).max(limits::PRESENCE_MILLIS);
        let next_times = (Some(now.plus(pause)), Some(now.plus(pause.max(limits::PRESENCE_RENEW_MILLIS))));
        let beats = self.beat.is_some_and(|beat| beat <= now);
        let Some(shown) = self.shown.as_ref().filter(|shown| shown.names == next.names) else {
            // It is the first, or names are told now, or not any more: everybody is told everything.
            self.behind.append(&mut self.viewers);
            self.shown = Some(next);
            (self.due, self.beat) = next_times;
            return;
        };
        if shown.roster == next.roster && !beats {
            return;
        }
        let came = next.joined - shown.joined + u64::from(next.elsewhere.saturating_sub(shown.elsewhere));
        let went = next.left - shown.left + u64::from(shown.elsewhere.saturating_sub(next.elsewhere));
        let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let both = (&shown.roster, &next.roster);
        let message = PresenceFrame::changes((key.sub, cursor), both, (count(came), count(went)), next.names);
        let frame = frame_of(key, &message, &next.roster);
        let list: Vec<ViewerId> = self.viewers.iter().copied().collect();
        for viewer in send(&list, &frame, cursor.seq, now, states, net, out) {
            self.viewers.remove(&viewer);
            self.behind.insert(viewer);
        }
        self.shown = Some(next);
        (self.due, self.beat) = next_times;
    }

    /// Tells everything to those who have not got it; who has not taken anything for too long is returned.
    fn catch_up(
        &mut self,
        (key, cursor): (PresenceKey, Cursor),
        now: Millis,
        states: &mut BTreeMap<ViewerId, Viewer>,
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) -> Vec<ViewerId> {
        let Some(shown) = self.shown.as_ref().filter(|_| !self.behind.is_empty()) else { return Vec::new() };
        let message = PresenceFrame::snapshot((key.sub, cursor), &shown.roster, shown.names);
        let frame = frame_of(key, &message, &shown.roster);
        let list: Vec<ViewerId> = self.behind.iter().copied().collect();
        let mut blocked = send(&list, &frame, cursor.seq, now, states, net, out);
        self.viewers.append(&mut self.behind);
        for viewer in &blocked {
            self.viewers.remove(viewer);
            self.behind.insert(*viewer);
        }
        let since = |viewer: &ViewerId| states.get(viewer).and_then(|v| v.blocked_since);
        blocked.retain(|viewer| since(viewer).is_some_and(|at| now.since(at) > limits::SLOW_MILLIS));
        blocked
    }
}
