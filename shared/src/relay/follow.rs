//! How a subscription begins: with a snapshot, by going on from a cursor, or silently from where the viewer is.

use super::flush::frame_since;
use super::frames;
use super::group::GroupKey;
use super::parts::snapshot_part;
use super::reached::{Begun, Reached, Rest, Unfinished};
use super::{Output, Relay, Sockets, ViewerId};
use crate::cursor::Cursor;
use crate::items::ItemId;
use crate::limits;
use crate::protocol::{SubId, Subscription};
use crate::rights::Ask;
use crate::time::Millis;

/// Why a viewer gets a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// It subscribed.
    Asked,
    /// It subscribed with a cursor from which it can't go on.
    TooFar,
    /// What it has is of another life of the board.
    Lost,
    /// Its token allows other keys now.
    OtherRights,
}

impl Why {
    /// Why a subscription starts over without a gap: if its snapshot was not all there, it is still the answer that the
    /// viewer waits for.
    pub fn anew(rest: Option<Rest>) -> Self {
        if rest.is_some_and(|rest| rest.asked) { Self::Asked } else { Self::OtherRights }
    }

    /// Whether changes are lost to the viewer.
    const fn gap(self) -> bool {
        matches!(self, Self::TooFar | Self::Lost)
    }

    /// Whether the viewer waits for this snapshot as the answer to its message.
    const fn asked(self) -> bool {
        matches!(self, Self::Asked | Self::TooFar)
    }
}

impl Relay {
    /// Answers a subscription that goes on from `cursor`: exactly, or with a gap and a snapshot.
    #[expect(clippy::too_many_arguments, reason = "one call site; a struct would only rename them")]
    pub(super) fn resume(
        &mut self,
        now: Millis,
        viewer: ViewerId,
        sub: SubId,
        subscription: Subscription,
        (cursor, rights): (Cursor, Option<u32>),
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) {
        let Some(at) = self.open_group(viewer, sub, subscription.clone()) else { return };
        let here = self.cursor;
        let Some(group) = self.groups.get(at) else { return };
        let reached = Reached::at(cursor.seq);
        let same_rights = rights.is_none_or(|r| r == group.key.sight.fingerprint());
        // The numbers of items that leave something out are another relay's, perhaps, and what others than managers
        // see changed at once when something was hidden or revealed.
        // Those of what was made of the log anew may be others, too.
        let told =
            !group.apart && self.delay.is_none() && (group.key.sight.manager || cursor.seq >= self.sights.switched());
        let near = told && same_rights && cursor.epoch == here.epoch && cursor.seq <= here.seq;
        if near
            && (here.seq - cursor.seq <= limits::RESUME_EVENTS
                || group
                    .seeing(&self.mirror, &self.sights, here.seq, |group, mirror| {
                        frame_since(group, mirror, reached, here)
                    })
                    .is_none())
        {
            let frame = frames::resumed(group.key.encoding, sub, cursor);
            out.push(Output::Send { viewers: vec![viewer], frame });
            self.groups.join(at, viewer, sub, Some(reached));
            self.catch_up(now, net, out);
        } else {
            self.follow(viewer, sub, subscription, Why::TooFar, out);
        }
    }

    /// Begins a subscription with a snapshot.
    pub(super) fn follow(
        &mut self,
        viewer: ViewerId,
        sub: SubId,
        subscription: Subscription,
        why: Why,
        out: &mut Vec<Output>,
    ) {
        let Some(at) = self.open_group(viewer, sub, subscription) else { return };
        let cursor = self.cursor;
        let Some(group) = self.groups.get(at) else { return };
        let encoding = group.key.encoding;
        if why.gap() {
            out.push(Output::Send { viewers: vec![viewer], frame: frames::gap(encoding, sub, cursor) });
        }
        let known = group.snapshot.take().filter(|s| s.seq == cursor.seq && s.asked == why.asked());
        let begun = known.unwrap_or_else(|| {
            let begin = Rest { from: ItemId(0), asked: why.asked() };
            let (frame, rest) = group.seeing(&self.mirror, &self.sights, cursor.seq, |group, mirror| {
                snapshot_part(group, mirror, cursor, begin, true)
            });
            Begun { seq: cursor.seq, asked: why.asked(), frame, rest }
        });
        group.snapshot = Some(begun.clone());
        // A group whose frame waits for its time is not where this viewer is: it joins behind the others.
        let behind = group.dirty.then_some(Reached::at(cursor.seq));
        if let Some(v) = self.viewers.get_mut(&viewer) {
            v.sent(cursor.seq, begun.frame.len());
        }
        out.push(Output::Send { viewers: vec![viewer], frame: begun.frame });
        match begun.rest {
            None => self.groups.join(at, viewer, sub, behind),
            Some(rest) => {
                let reached = Reached::at(cursor.seq);
                self.groups.join_unfinished(at, sub, Unfinished { viewer, reached, rest });
            }
        }
    }

    /// Puts a viewer into its group without a word; it is told what it misses when [`Relay::catch_up`] comes.
    pub(super) fn go_on(&mut self, viewer: ViewerId, sub: SubId, subscription: Subscription, reached: Reached) {
        if let Some(at) = self.open_group(viewer, sub, subscription) {
            self.groups.join(at, viewer, sub, Some(reached));
        }
    }

    fn open_group(&mut self, viewer: ViewerId, sub: SubId, subscription: Subscription) -> Option<usize> {
        let encoding = self.encoding(viewer)?;
        let sight = self.sight(&self.viewers.get(&viewer)?.session.access, Ask::Present)?;
        let key = GroupKey { encoding, sub, subscription, sight };
        Some(self.groups.open(key, self.cursor.seq, &self.mirror, &self.sights))
    }
}
