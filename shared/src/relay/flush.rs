//! When frames are made, and for whom.

use super::frames::{self, Delta};
use super::group::{Behind, Encoding, Group, GroupKey};
use super::push::PushMessage;
use super::{Frame, Mode, Output, Pushed, Relay, Sockets, Viewer, ViewerId};
use crate::codec::{Batch, DecodeError};
use crate::cursor::{Cursor, Seq};
use crate::items::{Effect, ItemId, Items};
use crate::limits;
use crate::protocol::rows::Known;
use crate::protocol::{CloseCode, Filter, SubId, Subscription};
use crate::time::Millis;
use std::collections::BTreeMap;

/// Sends a frame to those of a group's viewers that can take it; the others are returned.
fn send(
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

/// The frame for a viewer that has everything up to `seq`, or none when nothing concerns it.
fn frame_since(group: &mut Group, mirror: &Items, seq: Seq, cursor: Cursor) -> Option<Frame> {
    let mut ids = Vec::new();
    let mut removed = Vec::new();
    let boxed = matches!(group.key.subscription.filter, Filter::Bbox(_));
    for id in mirror.changed_since(seq) {
        let Some(item) = mirror.get(id) else { continue };
        if group.has(id, item, mirror) {
            ids.push(id);
        } else if boxed && item.created <= seq && item.position_seq > seq && group.allows(id, mirror) {
            // It may have been in the box at `seq`: a viewer that never had it ignores this.
            removed.push(id);
        }
    }
    if ids.is_empty() && removed.is_empty() {
        return None;
    }
    ids.sort_unstable();
    removed.sort_unstable();
    // Whether an item was in the box at `seq` is not known: it is told whole.
    let unknown = |_: ItemId| false;
    let item: Option<&dyn Fn(ItemId) -> bool> = if boxed { Some(&unknown) } else { None };
    let known = Known { since: seq, fields: mirror.field_count_at(seq), item };
    let delta = Delta { from: seq, to: cursor, ids: &ids, removed: &removed, known };
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
            return Ok(Pushed::NeedSync);
        }
        let before = self.cursor.seq;
        let items_before = self.mirror.len();
        for row in &push.rows {
            if row.first <= self.cursor.seq {
                // The snapshot that this relay loaded has it already.
                continue;
            }
            if row.first != self.cursor.seq + 1 {
                return Ok(Pushed::NeedSync);
            }
            let batch = Batch::decode(row.batch)?;
            self.cursor.seq += batch.len() as u64;
            if self.plain.is_empty() {
                self.mirror.apply(&batch, row.first, |_, _| {});
            } else {
                self.apply_telling_plain(now, &batch, row.first, net, out);
            }
        }
        self.lag_millis = u32::try_from(now.since(push.accepted_at)).unwrap_or(0);
        self.groups.admit(&self.mirror, items_before);
        let mut changed: Vec<ItemId> = self.mirror.changed_since(before).collect();
        changed.sort_unstable();
        for at in self.groups.concerned(&changed) {
            self.flush(now, at, before, &changed, net, out);
        }
        self.catch_up(now, net, out);
        self.tell_status(now, out);
        self.schedule(now, out);
        Ok(Pushed::Applied)
    }

    fn apply_telling_plain(
        &mut self,
        now: Millis,
        batch: &Batch<'_>,
        first: Seq,
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) {
        let (plain, viewers) = (&mut self.plain, &mut self.viewers);
        self.mirror.apply(batch, first, |mirror, effect| {
            let Effect::Changed(id) = effect else { return };
            let watchers = plain.watchers(mirror, id);
            let Some(item) = mirror.get(id).filter(|_| !watchers.is_empty()) else { return };
            let frame = Frame::text(&mirror.to_json(item, None));
            let blocked = send(watchers, &frame, item.seq, now, viewers, net, out);
            plain.behind.extend(blocked);
        });
    }

    /// Sends a group what changed, if its pace allows; otherwise remembers that something did.
    /// `changed` are the items that changed after `before`, ascending.
    fn flush(
        &mut self,
        now: Millis,
        at: usize,
        before: Seq,
        changed: &[ItemId],
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) {
        let cursor = self.cursor;
        let Some(group) = self.groups.get(at) else { return };
        if group.due > now {
            if !group.dirty {
                group.dirty = true;
                self.groups.waiting.push(at);
            }
            return;
        }
        group.dirty = false;
        let since = group.checked;
        let own: Vec<ItemId>;
        let candidates: &[ItemId] = if since == before {
            changed
        } else {
            let mut list: Vec<ItemId> = self.mirror.changed_since(since).collect();
            list.sort_unstable();
            own = list;
            &own
        };
        let mut ids = Vec::new();
        let mut removed = Vec::new();
        let boxed = matches!(group.key.subscription.filter, Filter::Bbox(_));
        let whole =
            matches!(group.key.subscription.filter, Filter::All) && group.key.read == crate::grant::KeyFilter::All;
        let was_inside = group.inside.clone();
        if !whole {
            // A short list of keys is looked through itself rather than all that changed.
            let listed = !boxed && !matches!(group.key.subscription.filter, Filter::All);
            let look: Vec<ItemId> =
                if listed && group.items.len() < candidates.len() { group.items.clone() } else { candidates.to_vec() };
            for id in look {
                let Some(item) = self.mirror.get(id).filter(|i| i.seq > since) else { continue };
                if group.has(id, item, &self.mirror) {
                    ids.push(id);
                    if boxed {
                        group.inside.set(id.0, true);
                    }
                } else if boxed && group.inside.set(id.0, false) {
                    removed.push(id);
                }
            }
        }
        let ids: &[ItemId] = if whole { candidates } else { &ids };
        if ids.is_empty() && removed.is_empty() {
            group.checked = cursor.seq;
            return;
        }
        if !group.viewers.is_empty() {
            let inside = |id: ItemId| was_inside.has(id.0);
            let item: Option<&dyn Fn(ItemId) -> bool> = if boxed { Some(&inside) } else { None };
            let known = Known { since, fields: group.fields, item };
            let delta = Delta { from: group.sent, to: cursor, ids, removed: &removed, known };
            let frame = frames::delta(group.key.encoding, group.key.sub, &self.mirror, &delta);
            let blocked = send(&group.viewers, &frame, cursor.seq, now, &mut self.viewers, net, out);
            if !blocked.is_empty() {
                group.viewers.retain(|v| !blocked.contains(v));
                group.behind.extend(blocked.into_iter().map(|viewer| Behind { viewer, seq: since }));
                if !self.groups.lagging.contains(&at) {
                    self.groups.lagging.push(at);
                }
            }
        }
        let Some(group) = self.groups.get(at) else { return };
        group.sent = cursor.seq;
        group.checked = cursor.seq;
        group.fields = self.mirror.field_count();
        group.due = now.plus(i64::from(group.key.subscription.every_ms));
    }

    /// Tries those that are behind again.
    pub(super) fn catch_up(&mut self, now: Millis, net: &impl Sockets, out: &mut Vec<Output>) {
        for at in std::mem::take(&mut self.groups.lagging) {
            let Some(group) = self.groups.get(at) else { continue };
            if group.due > now && group.checked < self.cursor.seq {
                // They go on with the others, when the group's time comes.
                self.groups.lagging.push(at);
                continue;
            }
            let mut made: Vec<(Seq, Option<Frame>)> = Vec::new();
            let mut still = Vec::new();
            for b in std::mem::take(&mut group.behind) {
                let frame = match made.iter().find(|(seq, _)| *seq == b.seq) {
                    Some((_, frame)) => frame.clone(),
                    None => {
                        let frame = frame_since(group, &self.mirror, b.seq, self.cursor);
                        made.push((b.seq, frame.clone()));
                        frame
                    }
                };
                let blocked = frame.is_some_and(|frame| {
                    !send(&[b.viewer], &frame, self.cursor.seq, now, &mut self.viewers, net, out).is_empty()
                });
                if blocked { still.push(b) } else { group.viewers.push(b.viewer) }
            }
            if !still.is_empty() {
                group.behind = still;
                self.groups.lagging.push(at);
            }
        }
        let behind = std::mem::take(&mut self.plain.behind);
        for viewer in behind {
            if let Some(frame) = self.plain.latest(&self.mirror, viewer)
                && !send(&[viewer], &frame, self.cursor.seq, now, &mut self.viewers, net, out).is_empty()
            {
                self.plain.behind.insert(viewer);
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

    /// Answers a subscription: goes on from `resume`, or says that something is lost, or sends a snapshot.
    #[expect(clippy::too_many_arguments, reason = "one call site each; a struct would only rename them")]
    pub(super) fn follow(
        &mut self,
        now: Millis,
        viewer: ViewerId,
        sub: SubId,
        subscription: Subscription,
        resume: Option<Cursor>,
        lost: bool,
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) {
        let Some(at) = self.open_group(viewer, sub, subscription) else { return };
        let cursor = self.cursor;
        let Some(group) = self.groups.get(at) else { return };
        let encoding = group.key.encoding;
        let mut gap = lost;
        if let Some(c) = resume {
            let near = c.epoch == cursor.epoch && c.seq <= cursor.seq;
            if near
                && (cursor.seq - c.seq <= limits::RESUME_EVENTS
                    || frame_since(group, &self.mirror, c.seq, cursor).is_none())
            {
                out.push(Output::Send { viewers: vec![viewer], frame: frames::resumed(encoding, sub, c) });
                self.groups.join(at, viewer, sub, Some(c.seq));
                self.catch_up(now, net, out);
                return;
            }
            gap = true;
        }
        if gap {
            out.push(Output::Send { viewers: vec![viewer], frame: frames::gap(encoding, sub, cursor) });
        }
        let Some(group) = self.groups.get(at) else { return };
        if group.snapshot.as_ref().is_none_or(|(seq, _)| *seq != cursor.seq) {
            let ids = group.all(&self.mirror);
            let parts = ids.len().div_ceil(limits::SNAPSHOT_PART_ITEMS).max(1);
            let list = (0..parts)
                .map(|p| {
                    let start = p * limits::SNAPSHOT_PART_ITEMS;
                    let part = ids.get(start..(start + limits::SNAPSHOT_PART_ITEMS).min(ids.len())).unwrap_or_default();
                    frames::snapshot(encoding, sub, cursor, &self.mirror, part, (p == 0, p + 1 == parts))
                })
                .collect();
            group.snapshot = Some((cursor.seq, list));
        }
        let list = group.snapshot.as_ref().map(|(_, list)| list.clone()).unwrap_or_default();
        for frame in list {
            if let Some(v) = self.viewers.get_mut(&viewer) {
                v.sent(cursor.seq, frame.len());
            }
            out.push(Output::Send { viewers: vec![viewer], frame });
        }
        self.groups.join(at, viewer, sub, None);
    }

    /// Puts a viewer that has everything up to `seq` into its group.
    #[expect(clippy::too_many_arguments, reason = "one call site; a struct would only rename them")]
    pub(super) fn join_behind(
        &mut self,
        now: Millis,
        viewer: ViewerId,
        sub: SubId,
        subscription: Subscription,
        seq: Seq,
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) {
        let Some(at) = self.open_group(viewer, sub, subscription) else { return };
        self.groups.join(at, viewer, sub, Some(seq));
        self.catch_up(now, net, out);
    }

    fn open_group(&mut self, viewer: ViewerId, sub: SubId, subscription: Subscription) -> Option<usize> {
        let encoding = self.encoding(viewer)?;
        let read = self.viewers.get(&viewer)?.session.access.read.clone();
        let key = GroupKey { encoding, sub, subscription, read };
        Some(self.groups.open(key, self.cursor.seq, &self.mirror))
    }

    /// Sends what has become due; to be called at the time of the last [`Output::WakeAt`].
    pub fn tick(&mut self, now: Millis, net: &impl Sockets, out: &mut Vec<Output>) {
        self.wake_at = None;
        for at in std::mem::take(&mut self.groups.waiting) {
            let Some(group) = self.groups.get(at) else { continue };
            group.dirty = false;
            // No list of changes fits: the group looks from where it is.
            self.flush(now, at, Seq::MAX, &[], net, out);
        }
        self.catch_up(now, net, out);
        self.expire(now, out);
        self.schedule(now, out);
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

    /// Whether every viewer has everything: then the relay may sleep.
    pub fn is_settled(&self) -> bool {
        self.groups.waiting.is_empty() && self.groups.lagging.is_empty() && self.plain.behind.is_empty()
    }

    pub(super) fn schedule(&mut self, now: Millis, out: &mut Vec<Output>) {
        let mut next: Option<Millis> = None;
        let mut by = |t: Millis| next = Some(next.map_or(t, |n| n.min(t)));
        if !self.groups.lagging.is_empty() || !self.plain.behind.is_empty() {
            by(now.plus(limits::RETRY_MILLIS));
        }
        for at in self.groups.waiting.clone() {
            if let Some(group) = self.groups.get(at) {
                by(group.due);
            }
        }
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
                let frame = frames::status(encoding, now, self.cursor, self.viewers.len(), self.lag_millis);
                out.push(Output::Send { viewers, frame });
            }
        }
    }
}
