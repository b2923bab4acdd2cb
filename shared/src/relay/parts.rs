//! Large snapshots come in parts, one after the other, so that no more than a part is in memory at once.

use super::group::Group;
use super::reached::{Behind, Reached, Rest, Unfinished};
use super::{Frame, Output, Relay, Sockets, ViewerId, frames};
use crate::cursor::Cursor;
use crate::items::Items;
use crate::limits;
use crate::time::Millis;
use std::collections::BTreeMap;

impl Relay {
    /// Sends further parts of snapshots to a group's viewers that wait for them, at most as many as are `left`. Who has the
    /// last one is behind: it is told what changed since the first.
    pub(super) fn finish_snapshots(
        &mut self,
        now: Millis,
        at: usize,
        left: &mut usize,
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) {
        let cursor = self.cursor;
        let Some(group) = self.groups.get(at).filter(|g| !g.unfinished.is_empty()) else { return };
        let mut alike: BTreeMap<(Reached, Rest), Vec<ViewerId>> = BTreeMap::new();
        let mut waiting = Vec::new();
        for u in std::mem::take(&mut group.unfinished) {
            let Some(v) = self.viewers.get_mut(&u.viewer) else { continue };
            // It acknowledges the whole, not its parts: only what it has not taken holds it back.
            if net.waiting(u.viewer) > limits::VIEWER_BUFFER_BYTES {
                v.blocked_since.get_or_insert(now);
                waiting.push(u);
            } else {
                v.blocked_since = None;
                alike.entry((u.reached, u.rest)).or_default().push(u.viewer);
            }
        }
        for ((reached, rest), viewers) in alike {
            let unfinished = |rest| viewers.iter().map(move |&viewer| Unfinished { viewer, reached, rest });
            if *left == 0 {
                waiting.extend(unfinished(rest));
                continue;
            }
            *left -= 1;
            let from = Cursor { seq: reached.seq, ..cursor };
            let (frame, rest) = group.seeing(&self.mirror, &self.sights, cursor.seq, |group, mirror| {
                snapshot_part(group, mirror, from, rest, false)
            });
            for viewer in &viewers {
                if let Some(v) = self.viewers.get_mut(viewer) {
                    v.sent(reached.seq, frame.len());
                }
            }
            match rest {
                Some(rest) => waiting.extend(unfinished(rest)),
                None => group.behind.extend(viewers.iter().map(|&viewer| Behind { viewer, reached })),
            }
            out.push(Output::Send { viewers, frame });
        }
        group.unfinished = waiting;
    }
}

/// A part of a snapshot as of `cursor`, and what is left after it. Later parts may have what came after the cursor: a delta
/// from there says it again.
pub(super) fn snapshot_part(
    group: &mut Group,
    mirror: &Items,
    cursor: Cursor,
    rest: Rest,
    first: bool,
) -> (Frame, Option<Rest>) {
    let mut ids = group.some(mirror, rest.from, limits::SNAPSHOT_PART_ITEMS + 1);
    let next = ids.get(limits::SNAPSHOT_PART_ITEMS).copied();
    ids.truncate(limits::SNAPSHOT_PART_ITEMS);
    let rights = group.key.sight.fingerprint();
    let part = frames::Part { first, last: next.is_none(), asked: rest.asked, rights };
    let frame = frames::snapshot(group.key.encoding, group.key.sub, cursor, mirror, &ids, part);
    (frame, next.map(|from| Rest { from, ..rest }))
}
