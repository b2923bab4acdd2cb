//! How viewers come and go, and what becomes of them when the relay's memory is replaced.

use super::follow::Why;
use super::group::Encoding;
use super::plain::{Plain, Seen};
use super::reached::Reached;
use super::viewer::Viewer;
use super::{Mode, Output, Relay, Session, Sockets, ViewerId, frames, hidden_condition};
use crate::cursor::{Cursor, Seq};
use crate::id::BoardName;
use crate::items::Items;
use crate::protocol::{CloseCode, Filter};
use crate::revocation::{End, Ended, Origin};
use crate::rights::{Access, Ask, Sight};
use crate::sights::{Eyes, Sights};
use crate::time::Millis;

impl Relay {
    /// Replaces the mirror after frames were missed. Viewers go on from where each of them is, if the board is
    /// in the same life; otherwise each subscription gets a gap and a snapshot. Items that are older than the
    /// mirror (two snapshots were fetched and came in the wrong order) are ignored.
    pub fn load(&mut self, now: Millis, items: Items, cursor: Cursor, net: &impl Sockets, out: &mut Vec<Output>) {
        let same_life = cursor.epoch == self.cursor.epoch;
        if same_life && cursor.seq < self.cursor.seq {
            return;
        }
        let old = std::mem::replace(&mut self.cursor, cursor);
        self.mirror = items;
        let since = if same_life { old.seq } else { 0 };
        self.watch_anew(since, since);
        if !same_life {
            self.viewers.values_mut().for_each(Viewer::forget_window);
        }
        let old_groups = std::mem::take(&mut self.groups);
        let sessions: Vec<(ViewerId, Session)> = self.viewers.iter().map(|(id, v)| (*id, v.session.clone())).collect();
        for (viewer, session) in sessions {
            for (sub, subscription) in session.subscriptions {
                if !subscription.filter.is_items() {
                    // Standings have versions of their own, and who is there does not depend on the log.
                    continue;
                }
                if same_life && (self.delay.is_some() || self.is_apart(&session.access)) {
                    // The numbers of its items may be others now.
                    self.follow(viewer, sub, subscription, Why::anew(old_groups.rest(viewer, sub)), out);
                    continue;
                }
                match (old_groups.reached(viewer, sub).filter(|_| same_life), old_groups.rest(viewer, sub)) {
                    (_, Some(rest)) => self.follow(viewer, sub, subscription, Why::anew(Some(rest)), out),
                    (Some(reached), None) => self.go_on(viewer, sub, subscription, reached),
                    (None, None) => self.follow(viewer, sub, subscription, Why::Lost, out),
                }
            }
        }
        self.catch_up(now, net, out);
        self.schedule(now, out);
    }

    /// How somebody sees a key whose item has to meet conditions.
    fn seen(&self, access: &Access, key: &str, wheres: &[String]) -> Seen {
        let wheres = wheres.to_vec();
        match self.sight(access, Ask::Item(key)) {
            None => {
                let zones = self.sights.zones(&Sight::default());
                Seen { eyes: Eyes::Common, narrowed: None, zones, wheres }
            }
            Some(sight) => {
                let (eyes, zones) = (self.sights.eyes(&sight, key), self.sights.zones(&sight));
                Seen { eyes, zones, narrowed: sight.narrowed, wheres }
            }
        }
    }

    /// Whether somebody sees other items than the live ones.
    fn is_apart(&self, access: &Access) -> bool {
        let sees = |sight: Sight| {
            self.sights.base(&sight) != Eyes::Full
                || self.sights.own(&sight).is_some()
                || self.sights.lens(&sight).is_some()
        };
        self.sight(access, Ask::Present).is_some_and(sees)
    }

    /// A plain viewer watches a key, and has everything up to `since`.
    fn watch(&mut self, seen: &Seen, viewer: ViewerId, key: &str, since: Seq) {
        let mirror = self.sights.items(seen.eyes, &self.mirror);
        let seat = self.plain.of(seen);
        seat.add(mirror, viewer, key);
        seat.viewers.owe(mirror, viewer, key, since);
    }

    /// The items were replaced; plain viewers had everything up to `since`, managers up to `managers`.
    fn watch_anew(&mut self, since: Seq, managers: Seq) {
        // Who is behind stays so.
        let behind = self.plain.take_behind();
        self.plain = Plain::default();
        let plain = self.viewers.iter().filter_map(|(id, v)| match &v.session.mode {
            Mode::Plain { keys, wheres } => Some((*id, v.session.access.clone(), keys.clone(), wheres.clone())),
            Mode::Binary | Mode::Json => None,
        });
        let plain: Vec<(ViewerId, Access, Vec<String>, Vec<String>)> = plain.collect();
        for (id, access, keys, wheres) in plain {
            for key in keys {
                let seen = self.seen(&access, &key, &wheres);
                self.watch(&seen, id, &key, if access.manage { managers } else { since });
                if behind.iter().any(|(_, viewer, behind)| *viewer == id && *behind == key) {
                    self.plain.of(&seen).viewers.behind.insert((id, key));
                }
            }
        }
    }

    /// What others than managers see changed at once: their subscriptions start over.
    pub(super) fn see_anew(&mut self, out: &mut Vec<Output>) {
        let others = self.viewers.iter().filter(|(_, v)| !v.session.access.manage);
        let sessions: Vec<(ViewerId, Session)> = others.map(|(id, v)| (*id, v.session.clone())).collect();
        let mut whys = Vec::new();
        for (viewer, session) in &sessions {
            for sub in session.subscriptions.keys() {
                whys.push(Why::anew(self.groups.rest(*viewer, *sub)));
                self.groups.leave(*viewer, *sub);
            }
        }
        let subscriptions = sessions.into_iter().flat_map(|(viewer, session)| {
            session.subscriptions.into_iter().map(move |(sub, subscription)| (viewer, sub, subscription))
        });
        for ((viewer, sub, subscription), why) in subscriptions.zip(whys) {
            if subscription.filter.is_items() {
                self.follow(viewer, sub, subscription, why, out);
            }
        }
        self.watch_anew(0, self.cursor.seq);
    }

    /// Replaces what others than managers see, with the mirror: to be followed by [`Relay::load`].
    pub fn set_sights(&mut self, sights: Sights) {
        self.sights = sights;
    }

    /// A viewer has connected. It is greeted with the status.
    pub fn connect(&mut self, now: Millis, viewer: ViewerId, session: Session, out: &mut Vec<Output>) {
        if session.access.delay() != self.delay {
            // No route leads here; nobody is shown another time than its rights say.
            out.push(Output::Close { viewer, code: CloseCode::GoingAway });
            return;
        }
        let status = frames::Status {
            now,
            cursor: self.cursor,
            viewers: self.viewers_told(1),
            lag_ms: self.lag_millis,
            connection: session.connection,
        };
        let greeting = match &session.mode {
            // The route refuses this before the upgrade; here is the last place where it can be.
            Mode::Plain { keys, wheres }
                if keys.iter().any(|key| session.access.may(Ask::Item(key)).is_err())
                    || hidden_condition(&session.access, wheres).is_some() =>
            {
                out.push(Output::Close { viewer, code: CloseCode::Forbidden });
                return;
            }
            Mode::Plain { keys, wheres } => {
                for key in keys {
                    let seen = self.seen(&session.access, key, wheres);
                    self.plain.of(&seen).add(self.sights.items(seen.eyes, &self.mirror), viewer, key);
                }
                None
            }
            Mode::Binary => Some(status.frame(Encoding::Binary)),
            Mode::Json => Some(status.frame(Encoding::Json)),
        };
        self.viewers.insert(viewer, Viewer::new(session));
        if let Some(frame) = greeting {
            out.push(Output::Send { viewers: vec![viewer], frame });
        }
    }

    /// A viewer whose socket outlived the relay's memory; it has everything up to `seq` of this life of the board,
    /// perhaps more. That is known only of a relay that was settled ([`Relay::is_settled`]) when it lost its memory:
    /// its cursor then. Otherwise pass 0: every subscription gets a gap and a snapshot.
    pub fn restore(
        &mut self,
        now: Millis,
        viewer: ViewerId,
        session: Session,
        seq: Seq,
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) {
        if let Mode::Plain { keys, wheres } = &session.mode {
            for key in keys {
                let seen = self.seen(&session.access, key, wheres);
                self.watch(&seen, viewer, key, seq);
            }
        }
        let subscriptions = session.subscriptions.clone();
        let apart = self.is_apart(&session.access);
        if session.heard {
            self.presence_restored();
        }
        self.viewers.insert(viewer, Viewer::new(session));
        // The cursor that its copy has is not known here: only that nothing up to `seq` is missing.
        let reached = Reached { seq: seq.min(self.cursor.seq), told: 0 };
        for (sub, subscription) in subscriptions {
            if let (Filter::Scores(_), Some(encoding)) = (&subscription.filter, self.encoding(viewer)) {
                self.follow_scores(viewer, encoding, sub, &subscription, out);
            } else if let (Filter::Presence, Some(encoding)) = (&subscription.filter, self.encoding(viewer)) {
                self.follow_presence(viewer, encoding, sub, &subscription);
            } else if seq == 0 || apart || seq < self.sights.switched() {
                self.follow(viewer, sub, subscription, Why::Lost, out);
            } else {
                self.go_on(viewer, sub, subscription, reached);
            }
        }
        self.catch_up(now, net, out);
        self.presence_step(now, net, out);
        self.schedule(now, out);
    }

    /// A viewer has gone; it may come back. To be followed by [`Relay::presence_moved`].
    pub fn disconnect(&mut self, viewer: ViewerId) {
        self.leave(viewer, true);
    }

    fn leave(&mut self, viewer: ViewerId, may_return: bool) {
        if let Some(v) = self.viewers.remove(&viewer) {
            self.presence_gone(viewer, &v.session, may_return);
            self.rewinds.remove(viewer);
            match &v.session.mode {
                Mode::Plain { .. } => self.plain.remove(viewer),
                Mode::Binary | Mode::Json => {
                    for sub in v.session.subscriptions.keys() {
                        self.groups.leave(viewer, *sub);
                        self.scores.leave(viewer, *sub);
                    }
                }
            }
        }
    }

    /// Says why and closes.
    pub fn close(&mut self, viewer: ViewerId, code: CloseCode, out: &mut Vec<Output>) {
        if let Some(encoding) = self.encoding(viewer) {
            out.push(Output::Send { viewers: vec![viewer], frame: frames::bye(encoding, code) });
        }
        self.leave(viewer, code.reconnect());
        out.push(Output::Close { viewer, code });
    }

    /// Closes everybody, as when the board is deleted.
    pub fn close_all(&mut self, code: CloseCode, out: &mut Vec<Output>) {
        let all: Vec<ViewerId> = self.viewers.keys().copied().collect();
        all.into_iter().for_each(|v| self.close(v, code, out));
    }

    /// Closes connections whose token has ended.
    pub fn expire(&mut self, now: Millis, out: &mut Vec<Output>) {
        let ended: Vec<ViewerId> = self
            .viewers
            .iter()
            .filter(|(_, v)| v.session.expires_at.is_some_and(|t| t <= now))
            .map(|(id, _)| *id)
            .collect();
        ended.into_iter().for_each(|v| self.close(v, CloseCode::TokenExpired, out));
    }

    /// Closes connections whose rights have ended before their time.
    pub fn end(&mut self, board: &BoardName, list: &Ended, out: &mut Vec<Output>) {
        let end_of = |v: &Viewer| list.end_of(&v.session.origin, Some(board));
        let ended: Vec<(ViewerId, End)> =
            self.viewers.iter().filter_map(|(id, v)| end_of(v).map(|end| (*id, end))).collect();
        for (viewer, end) in ended {
            let code = match end {
                End::Credential => CloseCode::CredentialEnded,
                End::Board => CloseCode::BoardDeleted,
                // It may come back with a token.
                End::Public => CloseCode::GoingAway,
            };
            self.close(viewer, code, out);
        }
    }

    /// A viewer's rights come from something else now: it has brought another token.
    pub fn came_with(&mut self, viewer: ViewerId, origin: Origin) {
        if let Some(v) = self.viewers.get_mut(&viewer) {
            v.session.origin = origin;
        }
    }

    /// What is kept in memory, as numbers: viewers, groups, places, watched and awaited keys. For tests and metrics:
    /// all are zero when nobody is connected.
    pub fn held(&self) -> [usize; 5] {
        let [groups, places, watched, awaited] = self.groups.held();
        let [windows, seats, copies] = self.scores.held();
        let (plain_watched, plain_awaited) = self.plain.held();
        let watched = watched + plain_watched + copies;
        let [crowds, present] = self.presence.held();
        let places = places + seats + present + self.rewinds.held();
        [self.viewers.len(), groups + windows + crowds, places, watched, awaited + plain_awaited]
    }
}
