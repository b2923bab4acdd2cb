//! When frames are made, and for whom.

use super::frames::{self, Delta};
use super::group::{Encoding, Group};
use super::plain::Seen;
use super::push::PushMessage;
use super::reached::{Behind, Reached};
use super::viewer::Viewer;
use super::{Frame, Mode, Output, Pushed, Relay, Sockets, ViewerId};
use crate::codec::{Batch, DecodeError};
use crate::cursor::{Cursor, Seq};
use crate::items::{Effect, ItemId, Items};
use crate::limits;
use crate::protocol::CloseCode;
use crate::protocol::rows::Known;
use crate::scores::control::{Action, Control};
use crate::sights::Eyes;
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// Sends a frame to those viewers that can take it; the others are returned, in the order of `viewers`.
pub(super) fn send(
    viewers: &[ViewerId],
    frame: &Frame,
    to: Seq,
    now: Millis,
    states: &mut BTreeMap<ViewerId, Viewer>,
    net: &impl Sockets,
    out: &mut Vec<Output>,
) -> Vec<ViewerId> {
    let mut ready = Vec::with_capacity(viewers.len());
    let mut blocked = Vec::new();
    for &id in viewers {
        let Some(v) = states.get_mut(&id) else { continue };
        if v.window_full() || net.waiting(id) > limits::VIEWER_BUFFER_BYTES {
            v.blocked_since.get_or_insert(now);
            blocked.push(id);
        } else {
            v.blocked_since = None;
            v.sent(to, frame.len());
            ready.push(id);
        }
    }
    if !ready.is_empty() {
        out.push(Output::Send { viewers: ready, frame: frame.clone() });
    }
    blocked
}

/// The frame for a viewer that has reached so far, or none when nothing concerns it.
pub(super) fn frame_since(group: &mut Group, mirror: &Items, reached: Reached, cursor: Cursor) -> Option<Frame> {
    let since = reached.seq;
    let mut ids = Vec::new();
    let mut removed = group.gone(mirror, since);
    let chooses = group.chooses();
    let mut look = |group: &mut Group, id: ItemId| {
        let Some(item) = mirror.get(id).filter(|i| i.seq > since) else { return };
        if group.has(id, item, mirror) {
            ids.push(id);
        } else if group.may_have_left(id, item, since, mirror) {
            // It may have been there at some time: a viewer that never had it ignores this.
            removed.push(id);
        }
    };
    if group.is_listed() {
        for id in group.items.clone() {
            look(group, id);
        }
    } else {
        for id in mirror.changed_since(since) {
            look(group, id);
        }
    }
    if ids.is_empty() && removed.is_empty() {
        return None;
    }
    ids.sort_unstable();
    removed.sort_unstable();
    // Whether an item was there at `since` is not known: it is told whole.
    let unknown = |_: ItemId| false;
    let item: Option<&dyn Fn(ItemId) -> bool> = if chooses { Some(&unknown) } else { None };
    let known = Known { since, fields: mirror.field_count_at(reached.told), item };
    let trace = group.trace_since(since);
    let delta = Delta { from: reached.told, to: cursor, ids: &ids, removed: &removed, known, trace };
    Some(frames::delta(group.key.encoding, group.key.sub, mirror, &delta))
}

impl Relay {
    /// Takes what the board pushed and sends what is due.
    pub fn push(
        &mut self,
        now: Millis,
        push: &PushMessage<'_>,
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) -> Result<Pushed, DecodeError> {
        if push.previous.epoch != self.cursor.epoch || push.previous.seq > self.cursor.seq {
            // Standings have versions of their own: they do not wait for the items.
            self.scores_pushed(now, push.scores_life, &push.scores, net, out)?;
            return Ok(Pushed::NeedSync);
        }
        if let Some(trace) = self.pushed_trace.take() {
            self.groups.traced = Some((push.to, trace));
        }
        let before = self.cursor.seq;
        let (items_before, said_before) = (self.mirror.next_id(), out.len());
        let mut result = Ok(Pushed::Applied);
        let mut anew = false;
        for row in &push.rows {
            if row.first <= self.cursor.seq {
                // The snapshot that this relay loaded has it already.
                continue;
            }
            if row.first != self.cursor.seq + 1 {
                break;
            }
            if Control::is_one(row.batch) {
                self.cursor.seq += 1;
                // One that can't be read may hide something.
                let Some(control) = Control::decode(row.batch) else {
                    result = Err(DecodeError::Invalid("control"));
                    break;
                };
                if let Action::EndItems { keys } = &control.what {
                    self.end_items(now, &control, keys, net, out);
                } else {
                    anew |= self.sights.control(row.first, &control, &self.mirror, row.first);
                }
                continue;
            }
            match Batch::decode(row.batch) {
                Ok(batch) => self.apply(now, &batch, row.first, net, out),
                Err(e) => {
                    result = Err(e);
                    break;
                }
            }
        }
        if result.is_ok() && self.cursor.seq < push.to {
            result = Ok(Pushed::NeedSync);
        }
        // What could be applied is told, whatever came after it.
        self.lag_millis = u32::try_from(now.since(push.accepted_at)).unwrap_or(0);
        self.groups.admit(&self.mirror, items_before);
        if anew {
            self.see_anew(out);
        }
        let mut changed: Vec<ItemId> = self.mirror.changed_since(before).collect();
        changed.sort_unstable();
        let ended = self.mirror.ended_since(before);
        self.groups.await_again(&self.mirror, &ended);
        let mut touched = self.groups.concerned(&changed);
        if !ended.is_empty() {
            touched.extend(self.groups.concerned(&ended));
            touched.sort_unstable();
            touched.dedup();
        }
        for at in touched {
            self.flush(now, at, Some((before, &changed)), net, out);
        }
        self.catch_up(now, net, out);
        if let Err(e) = self.scores_pushed(now, push.scores_life, &push.scores, net, out) {
            result = Err(e);
        }
        self.tell_status(now, out);
        let frames = |o: &Output| if let Output::Send { viewers, .. } = o { viewers.len() } else { 0 };
        self.sent = out.iter().skip(said_before).map(frames).sum();
        self.schedule(now, out);
        result
    }

    /// Ends items as a row of the log says, for all eyes. Plain viewers are told of each.
    fn end_items(
        &mut self,
        now: Millis,
        control: &Control,
        keys: &[String],
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) {
        let mut watched = Vec::new();
        for seat in self.plain.seats(None) {
            let mirror = self.sights.items(seat.seen.eyes, &self.mirror);
            watched.extend(keys.iter().filter_map(|key| Some((seat.seen.clone(), key, mirror.find(key)?))));
        }
        self.mirror.control(control, self.cursor.seq);
        self.sights.control(self.cursor.seq, control, &self.mirror, self.cursor.seq);
        for (seen, key, id) in watched {
            let mirror = self.sights.items(seen.eyes, &self.mirror);
            let seat = self.plain.of(&seen);
            let watchers = seat.viewers.ended(mirror, id);
            let Some(frame) = frames::ended(mirror, key).filter(|_| !watchers.is_empty()) else { continue };
            if !seat.tells(key, now) {
                seat.viewers.told(key, &watchers, &watchers);
                continue;
            }
            let blocked = send(&watchers, &frame, self.cursor.seq, now, &mut self.viewers, net, out);
            seat.viewers.told(key, &watchers, &blocked);
        }
    }

    /// Applies a row to the mirror. Plain viewers are told of each event on its own.
    fn apply(&mut self, now: Millis, batch: &Batch<'_>, first: Seq, net: &impl Sockets, out: &mut Vec<Output>) {
        self.cursor.seq += batch.len() as u64;
        if self.plain.is_empty() {
            self.mirror.apply(batch, first, |_, _| {});
            self.sights.apply(batch, first, |_, _, _| {});
            return;
        }
        let (plain, viewers) = (&mut self.plain, &mut self.viewers);
        let mut each = |eyes: Eyes, mirror: &Items, effect: Effect| {
            let Effect::Changed(id) = effect else { return };
            for seat in plain.seats(Some(eyes)) {
                let watchers = seat.viewers.watchers(mirror, id).to_vec();
                let Some(item) = mirror.get(id).filter(|_| !watchers.is_empty()) else { continue };
                let Some(frame) = seat.changed(mirror, item) else { continue };
                if !seat.tells(item.key(), now) {
                    seat.viewers.told(item.key(), &watchers, &watchers);
                    continue;
                }
                let blocked = send(&watchers, &frame, item.seq, now, viewers, net, out);
                seat.viewers.told(item.key(), &watchers, &blocked);
            }
        };
        self.mirror.apply(batch, first, |mirror, effect| each(Eyes::Full, mirror, effect));
        self.sights.apply(batch, first, each);
    }

    /// Sends a group what changed, if its pace allows; otherwise remembers that something did. `pushed` are the
    /// items that changed after a sequence, ascending, if somebody has looked already.
    fn flush(
        &mut self,
        now: Millis,
        at: usize,
        pushed: Option<(Seq, &[ItemId])>,
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) {
        let (cursor, traced) = (self.cursor, self.groups.traced);
        let Some(group) = self.groups.get(at) else { return };
        if group.hears_traces() {
            group.traced = traced;
        }
        if group.due > now {
            if !group.dirty {
                group.dirty = true;
                self.groups.waiting.push(at);
            }
            return;
        }
        group.dirty = false;
        group.snapshot = None;
        let reached = group.reached;
        // Items that leave something out have other numbers.
        let pushed = pushed.filter(|_| !group.apart);
        let frame = group.seeing(&self.mirror, &self.sights, cursor.seq, |group, mirror| {
            Self::frame_of(group, mirror, now, cursor, pushed)
        });
        let Some(frame) = frame else { return };
        let blocked = send(&group.viewers, &frame, cursor.seq, now, &mut self.viewers, net, out);
        if blocked.is_empty() {
            return;
        }
        let mut gone = blocked.iter().peekable();
        group.viewers.retain(|v| gone.next_if_eq(&v).is_none());
        group.behind.extend(blocked.iter().map(|&viewer| Behind { viewer, reached }));
        self.groups.lags(at);
    }

    /// A group's next frame, when something concerns it and somebody is there to see it.
    fn frame_of(
        group: &mut Group,
        mirror: &Items,
        now: Millis,
        cursor: Cursor,
        pushed: Option<(Seq, &[ItemId])>,
    ) -> Option<Frame> {
        let reached = group.reached;
        let since = reached.seq;
        let chooses = group.chooses();
        let own: Vec<ItemId>;
        let candidates: &[ItemId] = match pushed {
            // A list of keys is looked through itself unless less than that has changed.
            Some((before, list)) if before == since && (!group.is_listed() || list.len() < group.items.len()) => list,
            _ if group.is_listed() => {
                own = group.items.clone();
                &own
            }
            _ => {
                let mut list: Vec<ItemId> = mirror.changed_since(since).collect();
                list.sort_unstable();
                own = list;
                &own
            }
        };
        let was_inside = group.inside.clone();
        let mut some = Vec::new();
        let mut removed = group.gone(mirror, since);
        for id in &removed {
            group.inside.set(id.0, false);
        }
        let ids: &[ItemId] = if group.is_everything() {
            candidates
        } else {
            for &id in candidates {
                let Some(item) = mirror.get(id).filter(|i| i.seq > since) else { continue };
                if group.has(id, item, mirror) {
                    some.push(id);
                    if chooses {
                        group.inside.set(id.0, true);
                    }
                } else if chooses && group.inside.set(id.0, false) {
                    removed.push(id);
                }
            }
            &some
        };
        removed.sort_unstable();
        if ids.is_empty() && removed.is_empty() {
            group.reached.seq = cursor.seq;
            return None;
        }
        group.reached = Reached::at(cursor.seq);
        group.due = now.plus(i64::from(group.pace_millis()));
        if group.viewers.is_empty() {
            return None;
        }
        let inside = |id: ItemId| was_inside.has(id.0);
        let item: Option<&dyn Fn(ItemId) -> bool> = if chooses { Some(&inside) } else { None };
        let known = Known { since, fields: mirror.field_count_at(reached.told), item };
        let trace = group.trace_since(since);
        let delta = Delta { from: reached.told, to: cursor, ids, removed: &removed, known, trace };
        Some(frames::delta(group.key.encoding, group.key.sub, mirror, &delta))
    }

    /// Tries those that are behind again.
    pub(super) fn catch_up(&mut self, now: Millis, net: &impl Sockets, out: &mut Vec<Output>) {
        if self.groups.lagging.is_empty() && !self.plain.lags() && !self.scores.lags() {
            return;
        }
        self.scores_catch_up(now, net, out);
        let mut parts = limits::SNAPSHOT_PARTS_AT_ONCE;
        for at in std::mem::take(&mut self.groups.lagging) {
            self.finish_snapshots(now, at, &mut parts, net, out);
            let Some(group) = self.groups.get(at) else { continue };
            group.lags = false;
            if group.dirty {
                // They go on with the others, when the group's time comes.
                self.groups.lags(at);
                continue;
            }
            // Those that are equally far share a frame.
            let mut alike: BTreeMap<Reached, Vec<ViewerId>> = BTreeMap::new();
            for b in std::mem::take(&mut group.behind) {
                alike.entry(b.reached).or_default().push(b.viewer);
            }
            for (reached, viewers) in alike {
                let cursor = self.cursor;
                let frame = group.seeing(&self.mirror, &self.sights, cursor.seq, |group, mirror| {
                    frame_since(group, mirror, reached, cursor)
                });
                let blocked = match frame {
                    Some(frame) => send(&viewers, &frame, self.cursor.seq, now, &mut self.viewers, net, out),
                    None => {
                        // They have heard of nothing after `told`: the group's next frame begins there.
                        group.reached.told = group.reached.told.min(reached.told);
                        Vec::new()
                    }
                };
                let mut left = blocked.iter().peekable();
                for viewer in viewers {
                    if left.next_if_eq(&&viewer).is_some() {
                        group.behind.push(Behind { viewer, reached });
                    } else {
                        group.viewers.push(viewer);
                    }
                }
            }
            if !group.behind.is_empty() || !group.unfinished.is_empty() {
                self.groups.lags(at);
            }
        }
        let mut told: BTreeSet<String> = BTreeSet::new();
        let mut seat_of: Option<Seen> = None;
        for (seen, viewer, key) in self.plain.take_behind() {
            let mirror = self.sights.items(seen.eyes, &self.mirror);
            let seat = self.plain.of(&seen);
            if seat_of.as_ref() != Some(&seen) {
                told.clear();
                seat_of = Some(seen.clone());
            }
            // What is told to one is told to all who wait for it, in the same moment.
            if !told.contains(&key) && !seat.tells(&key, now) {
                seat.viewers.behind.insert((viewer, key));
                continue;
            }
            told.insert(key.clone());
            if let Some(frame) = seat.latest(mirror, &key, self.cursor.seq)
                && !send(&[viewer], &frame, self.cursor.seq, now, &mut self.viewers, net, out).is_empty()
            {
                seat.viewers.behind.insert((viewer, key));
            }
        }
        let stuck: Vec<ViewerId> = self
            .viewers
            .iter()
            .filter(|(_, v)| v.blocked_since.is_some_and(|t| now.since(t) > limits::SLOW_MILLIS))
            .map(|(id, _)| *id)
            .collect();
        stuck.into_iter().for_each(|v| self.close(v, CloseCode::Slow, out));
    }

    /// Sends what has become due; to be called at the time of the last [`Output::WakeAt`].
    pub fn tick(&mut self, now: Millis, net: &impl Sockets, out: &mut Vec<Output>) {
        self.wake_at = None;
        for at in std::mem::take(&mut self.groups.waiting) {
            let Some(group) = self.groups.get(at) else { continue };
            group.dirty = false;
            self.flush(now, at, None, net, out);
        }
        self.scores_retry(now, out);
        self.scores_flush(now, net, out);
        self.catch_up(now, net, out);
        self.expire(now, out);
        self.presence_step(now, net, out);
        self.schedule(now, out);
    }

    /// Whether every viewer has everything: then the relay may sleep.
    pub fn is_settled(&self) -> bool {
        self.groups.waiting.is_empty()
            && self.groups.lagging.is_empty()
            && !self.plain.lags()
            && self.scores.is_settled()
            && self.rewinds.is_empty()
    }

    pub(super) fn schedule(&mut self, now: Millis, out: &mut Vec<Output>) {
        let lags = !self.groups.lagging.is_empty() || self.plain.lags() || self.scores.lags();
        let takes = |viewer: ViewerId| self.viewers.get(&viewer).is_some_and(|v| v.blocked_since.is_none());
        let pause =
            if self.groups.unfinished().any(takes) { limits::SNAPSHOT_PAUSE_MILLIS } else { limits::RETRY_MILLIS };
        let retry = lags.then(|| now.plus(pause));
        let frames = self.groups.next_due().into_iter().chain(self.scores.next_due());
        let next = retry.into_iter().chain(frames).chain(self.presence.next_due(now)).min();
        if let Some(t) = next
            && self.wake_at.is_none_or(|w| t < w)
        {
            self.wake_at = Some(t);
            out.push(Output::WakeAt(t));
        }
    }

    fn tell_status(&mut self, now: Millis, out: &mut Vec<Output>) {
        if self.last_status.is_some_and(|t| now.since(t) < limits::STATUS_MILLIS) {
            return;
        }
        self.last_status = Some(now);
        for (mode, encoding) in [(Mode::Binary, Encoding::Binary), (Mode::Json, Encoding::Json)] {
            let viewers: Vec<ViewerId> =
                self.viewers.iter().filter(|(_, v)| v.session.mode == mode).map(|(id, _)| *id).collect();
            if !viewers.is_empty() {
                let status = frames::Status {
                    now,
                    cursor: self.cursor,
                    viewers: self.viewers_told(0),
                    lag_ms: self.lag_millis,
                    connection: None,
                };
                out.push(Output::Send { viewers, frame: status.frame(encoding) });
            }
        }
    }
}
