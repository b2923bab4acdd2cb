//! All groups of a relay: who is in which, and which of them a change concerns.

use super::{Group, GroupKey};
use crate::cursor::Seq;
use crate::items::{ItemId, Items};
use crate::limits;
use crate::protocol::{Filter, SubId};
use crate::relay::ViewerId;
use crate::relay::apart::Shared;
use crate::relay::reached::{Behind, Reached, Rest, Unfinished};
use crate::sights::Sights;
use crate::time::Millis;
use crate::trace::TraceId;
use std::collections::HashMap;

/// The keys of what is followed.
pub(in crate::relay) enum FollowedKeys {
    /// All that may be seen.
    All,
    /// These, ascending.
    These(Vec<String>),
    /// More than a subscription has.
    TooMany,
}

/// All groups of a relay.
#[derive(Default)]
pub(in crate::relay) struct Groups {
    slots: Vec<Option<Group>>,
    free: Vec<usize>,
    by_key: HashMap<GroupKey, usize>,
    /// What groups of the same narrowed grants see.
    shared: Shared,
    /// Where a viewer's subscriptions are.
    places: HashMap<(ViewerId, SubId), usize>,
    /// Groups that any change may concern.
    broad: Vec<usize>,
    /// Groups of listed keys, by item.
    watchers: HashMap<ItemId, Vec<usize>>,
    /// Groups of listed keys that do not exist yet.
    awaited: HashMap<String, Vec<usize>>,
    /// Groups with a frame that waits for its time.
    pub waiting: Vec<usize>,
    /// Groups with viewers that are behind.
    pub lagging: Vec<usize>,
    /// The last request of a trace that a producer records, and how far the board was after it.
    pub traced: Option<(Seq, TraceId)>,
}

impl Groups {
    pub fn get(&mut self, at: usize) -> Option<&mut Group> {
        self.slots.get_mut(at).and_then(Option::as_mut)
    }

    /// The group of a key, made if there is none.
    pub fn open(&mut self, key: GroupKey, seq: Seq, mirror: &Items, sights: &Sights) -> usize {
        if let Some(&at) = self.by_key.get(&key) {
            return at;
        }
        let group = Group::new(key.clone(), seq, mirror, sights, &mut self.shared);
        let apart = group.apart;
        let at = self.free.pop().unwrap_or(self.slots.len());
        // Who sees other items looks them through itself: their numbers are others.
        if let (Filter::Keys(keys), false) = (&key.subscription.filter, apart) {
            for k in keys.iter().filter(|k| key.sight.allows(k)) {
                match mirror.find(k) {
                    Some(id) => self.watchers.entry(id).or_default().push(at),
                    None => self.awaited.entry(k.clone()).or_default().push(at),
                }
            }
        } else {
            self.broad.push(at);
        }
        self.by_key.insert(key, at);
        if at == self.slots.len() {
            self.slots.push(Some(group));
        } else if let Some(slot) = self.slots.get_mut(at) {
            *slot = Some(group);
        }
        at
    }

    /// The keys of what a subscription follows: where items come and go by what they are (`is_chosen`: by what the viewers
    /// may see), of those that are there now.
    pub fn keys_of(
        &mut self,
        key: GroupKey,
        is_chosen: bool,
        seq: Seq,
        mirror: &Items,
        sights: &Sights,
    ) -> FollowedKeys {
        let subscription = &key.subscription;
        let is_chosen = is_chosen || matches!(subscription.filter, Filter::Bbox(_)) || !subscription.wheres.is_empty();
        if !is_chosen {
            return match &subscription.filter {
                Filter::Keys(keys) => FollowedKeys::These(keys.clone()),
                Filter::All | Filter::Bbox(_) | Filter::Scores(_) | Filter::Presence => FollowedKeys::All,
            };
        }
        let at = self.open(key, seq, mirror, sights);
        let Some(group) = self.get(at) else { return FollowedKeys::TooMany };
        let most = limits::KEYS_PER_SUBSCRIPTION;
        let mut keys: Vec<String> = group.seeing(mirror, sights, seq, |group, mirror| {
            let some = group.some(mirror, ItemId(0), most + 1);
            some.iter().filter_map(|id| mirror.key_of(*id)).map(str::to_owned).collect()
        });
        let is_unused = group.is_empty();
        if is_unused {
            self.remove(at);
        }
        keys.sort_unstable();
        if keys.len() > most { FollowedKeys::TooMany } else { FollowedKeys::These(keys) }
    }

    /// Puts a viewer into a group: among those that are where it is, or behind.
    pub fn join(&mut self, at: usize, viewer: ViewerId, sub: SubId, behind: Option<Reached>) {
        self.places.insert((viewer, sub), at);
        if let Some(group) = self.get(at) {
            match behind {
                None => group.viewers.push(viewer),
                Some(reached) => {
                    group.behind.push(Behind { viewer, reached });
                    self.lags(at);
                }
            }
        }
    }

    /// Puts a viewer into a group that gets the rest of its snapshot later.
    pub fn join_unfinished(&mut self, at: usize, sub: SubId, unfinished: Unfinished) {
        self.places.insert((unfinished.viewer, sub), at);
        if let Some(group) = self.get(at) {
            group.unfinished.push(unfinished);
            self.lags(at);
        }
    }

    /// Viewers that wait for the rest of a snapshot.
    pub fn unfinished(&self) -> impl Iterator<Item = ViewerId> + '_ {
        let groups = self.lagging.iter().filter_map(|&at| self.slots.get(at)?.as_ref());
        groups.flat_map(|group| group.unfinished.iter().map(|u| u.viewer))
    }

    /// Whether a viewer waits for the rest of a snapshot, and if so whether it asked for it.
    pub fn rest(&self, viewer: ViewerId, sub: SubId) -> Option<Rest> {
        let group = self.slots.get(*self.places.get(&(viewer, sub))?)?.as_ref()?;
        group.unfinished.iter().find(|u| u.viewer == viewer).map(|u| u.rest)
    }

    /// Remembers that viewers of a group are behind.
    pub fn lags(&mut self, at: usize) {
        if let Some(group) = self.get(at).filter(|g| !g.lags) {
            group.lags = true;
            self.lagging.push(at);
        }
    }

    /// How far a viewer is in one subscription.
    pub fn reached(&self, viewer: ViewerId, sub: SubId) -> Option<Reached> {
        let at = *self.places.get(&(viewer, sub))?;
        let group = self.slots.get(at)?.as_ref()?;
        Some(group.behind.iter().find(|b| b.viewer == viewer).map_or(group.reached, |b| b.reached))
    }

    /// When the first frame that waits for its time may leave.
    pub fn next_due(&self) -> Option<Millis> {
        self.waiting.iter().filter_map(|&at| self.slots.get(at)?.as_ref().map(|g| g.due)).min()
    }

    /// How many groups, places, watched and awaited keys are held.
    pub fn held(&self) -> [usize; 4] {
        let groups = self.slots.iter().flatten().count().max(self.by_key.len()).max(self.broad.len());
        [
            groups.max(self.waiting.len()).max(self.lagging.len()),
            self.places.len(),
            self.watchers.len(),
            self.awaited.len(),
        ]
    }

    /// Takes a viewer out of the group of one subscription.
    pub fn leave(&mut self, viewer: ViewerId, sub: SubId) {
        let Some(at) = self.places.remove(&(viewer, sub)) else { return };
        let Some(group) = self.get(at) else { return };
        if let Some(i) = group.viewers.iter().position(|v| *v == viewer) {
            group.viewers.swap_remove(i);
        }
        group.behind.retain(|b| b.viewer != viewer);
        group.unfinished.retain(|u| u.viewer != viewer);
        if group.is_empty() {
            self.remove(at);
        }
    }

    fn remove(&mut self, at: usize) {
        let Some(group) = self.slots.get_mut(at).and_then(Option::take) else { return };
        self.free.push(at);
        self.by_key.remove(&group.key);
        self.waiting.retain(|g| *g != at);
        self.lagging.retain(|g| *g != at);
        if let (Filter::Keys(keys), false) = (&group.key.subscription.filter, group.apart) {
            for id in &group.items {
                if let Some(list) = self.watchers.get_mut(id) {
                    list.retain(|g| *g != at);
                    if list.is_empty() {
                        self.watchers.remove(id);
                    }
                }
            }
            for k in keys {
                if let Some(list) = self.awaited.get_mut(k) {
                    list.retain(|g| *g != at);
                    if list.is_empty() {
                        self.awaited.remove(k);
                    }
                }
            }
        } else {
            self.broad.retain(|g| *g != at);
        }
    }

    /// Groups of listed keys wait for the keys of items that ended: one that begins anew late gets another number.
    pub fn await_again(&mut self, mirror: &Items, ended: &[ItemId]) {
        for id in ended {
            let (Some(watchers), Some(key)) = (self.watchers.get(id), mirror.key_of(*id)) else { continue };
            let awaited = self.awaited.entry(key.to_owned()).or_default();
            awaited.extend(watchers);
            awaited.sort_unstable();
            awaited.dedup();
        }
    }

    /// Tells groups that wait for keys about items that are new from a number on.
    pub fn admit(&mut self, mirror: &Items, before: ItemId) {
        if self.awaited.is_empty() {
            return;
        }
        for (id, item) in mirror.iter_from(before) {
            for at in self.awaited.remove(item.key()).unwrap_or_default() {
                self.watchers.entry(id).or_default().push(at);
                if let Some(group) = self.get(at) {
                    let slot = group.items.partition_point(|i| *i < id);
                    group.items.insert(slot, id);
                }
            }
        }
    }

    /// The groups that changes of these items may concern.
    pub fn concerned(&self, changed: &[ItemId]) -> Vec<usize> {
        let mut at = self.broad.clone();
        if !self.watchers.is_empty() {
            at.extend(changed.iter().filter_map(|id| self.watchers.get(id)).flatten());
            at.sort_unstable();
            at.dedup();
        }
        at
    }
}
