//! Viewers with the same subscription that are equally far.

use super::ViewerId;
use super::apart::{Apart, Shared};
use super::reached::{Begun, Behind, Reached, Rest, Unfinished};
use crate::bits::Bits;
use crate::cursor::Seq;
use crate::items::{Item, ItemId, Items};
use crate::limits;
use crate::protocol::{Filter, SubId, Subscription};
use crate::rights::{KeySet, Sight};
use crate::sights::{Eyes, Sights};
use crate::time::Millis;
use crate::trace::TraceId;
use crate::views::filter::Condition;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Binary or text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Encoding {
    Binary,
    Json,
}

/// What makes frames the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct GroupKey {
    pub encoding: Encoding,
    pub sub: SubId,
    pub subscription: Subscription,
    /// What the viewers may see: all of a group the same.
    pub sight: Sight,
}

pub(super) struct Group {
    pub key: GroupKey,
    /// Which items its viewers see under keys that are not their own.
    eyes: Eyes,
    /// All that they see, where that is not the items of their eyes.
    own: Option<Rc<RefCell<Apart>>>,
    /// Whether they see other items than the live ones.
    pub apart: bool,
    /// How far `viewers` are, each of them at least.
    pub reached: Reached,
    /// Conditions that items have to meet.
    wheres: Vec<Condition>,
    /// Items that belong to it, where they come and go by what they are.
    pub inside: Bits,
    /// Those that are where the group is.
    pub viewers: Vec<ViewerId>,
    pub behind: Vec<Behind>,
    pub unfinished: Vec<Unfinished>,
    /// When the next frame may leave, for a paced subscription.
    pub due: Millis,
    /// Whether something waits for that time.
    pub dirty: bool,
    /// Whether the group stands in [`Groups::lagging`].
    pub lags: bool,
    pub snapshot: Option<Begun>,
    /// The last request of a trace, and how far the board was after it; only where the group's viewers ask for it.
    pub traced: Option<(Seq, TraceId)>,
    /// Items of a list of keys, as far as they exist.
    pub items: Vec<ItemId>,
    /// Which items the token allows, as far as asked: for patterns only.
    allowed: Bits,
    allowed_upto: u32,
}

impl Group {
    fn new(key: GroupKey, seq: Seq, full: &Items, sights: &Sights, shared: &mut Shared) -> Self {
        let eyes = sights.base(&key.sight);
        let own = shared.of(&key.sight, sights);
        let mut group = Self::empty(key, seq, eyes, own);
        group.seeing(full, sights, seq, Self::begin);
        group
    }

    fn empty(key: GroupKey, seq: Seq, eyes: Eyes, own: Option<Rc<RefCell<Apart>>>) -> Self {
        Self {
            apart: eyes != Eyes::Full || own.is_some(),
            eyes,
            own,
            reached: Reached::at(seq),
            wheres: key.subscription.wheres.iter().filter_map(|text| Condition::parse(text).ok()).collect(),
            inside: Bits::default(),
            viewers: Vec::new(),
            behind: Vec::new(),
            unfinished: Vec::new(),
            due: Millis(i64::MIN),
            dirty: false,
            lags: false,
            snapshot: None,
            traced: None,
            items: Vec::new(),
            allowed: Bits::default(),
            allowed_upto: 0,
            key,
        }
    }

    fn begin(&mut self, mirror: &Items) {
        match self.key.subscription.filter.clone() {
            // Scores and presence have no group here: see `super::scores` and `super::present`.
            Filter::All | Filter::Scores(_) | Filter::Presence | Filter::Bbox(_) => {}
            Filter::Keys(_) => self.list(mirror),
        }
        if self.chooses() {
            for (id, item) in mirror.iter() {
                let there = self.has(id, item, mirror);
                self.inside.set(id.0, there);
            }
        }
    }

    /// Finds the items of a list of keys.
    fn list(&mut self, mirror: &Items) {
        if let Filter::Keys(keys) = &self.key.subscription.filter {
            // One that ended keeps its number as long as anything is known of it.
            self.items.retain(|id| mirror.key_of(*id).is_some());
            self.items.extend(keys.iter().filter(|k| self.key.sight.allows(k)).filter_map(|k| mirror.find(k)));
            self.items.sort_unstable();
            self.items.dedup();
        }
    }

    /// Does something with the items that its viewers see; `full` are the live ones, as of `now`.
    pub fn seeing<T>(&mut self, full: &Items, sights: &Sights, now: Seq, f: impl FnOnce(&mut Self, &Items) -> T) -> T {
        let Some(own) = self.own.clone() else { return self.with(sights.items(self.eyes, full), f) };
        // What several groups share is all that there is, whatever this one follows.
        let all = Filter::All;
        let mut apart = own.borrow_mut();
        let filter = if apart.is_shared { &all } else { &self.key.subscription.filter };
        apart.follow(self.eyes, full, sights, filter, now);
        drop(apart);
        self.with(&own.borrow().items, f)
    }

    fn with<T>(&mut self, mirror: &Items, f: impl FnOnce(&mut Self, &Items) -> T) -> T {
        let lacks = |id: &ItemId| mirror.key_of(*id).is_none();
        if self.apart && (self.items.len() < self.listed() || self.items.iter().any(lacks)) {
            self.list(mirror);
        }
        f(self, mirror)
    }

    /// How many keys are listed.
    fn listed(&self) -> usize {
        if let Filter::Keys(keys) = &self.key.subscription.filter { keys.len() } else { 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.viewers.is_empty() && self.behind.is_empty() && self.unfinished.is_empty()
    }

    /// Whether items come and go by where they are.
    pub const fn is_boxed(&self) -> bool {
        matches!(self.key.subscription.filter, Filter::Bbox(_))
    }

    /// Whether items come and go by what they are: where, or by conditions.
    pub const fn chooses(&self) -> bool {
        self.is_boxed() || !self.wheres.is_empty()
    }

    /// Whether an item may have left that changed after `since`, and is of those that were followed.
    pub fn may_have_left(&mut self, id: ItemId, item: &Item, since: Seq, mirror: &Items) -> bool {
        let moved = item.position_seq > since || !self.wheres.is_empty();
        let followed = if self.is_listed() { self.items.binary_search(&id).is_ok() } else { self.allows(id, mirror) };
        self.chooses() && moved && followed
    }

    fn meets(&self, item: &Item, mirror: &Items) -> bool {
        self.wheres.iter().all(|condition| condition.holds(mirror, item))
    }

    /// Milliseconds between two frames at least: as was asked for, and as the grants of its viewers allow.
    pub fn pace_millis(&self) -> u32 {
        let granted = self.key.sight.narrowed.as_ref().map_or(0, |narrowed| narrowed.pace_millis());
        granted.max(self.key.subscription.every_ms)
    }

    /// Whether its viewers are told of traces: a request may be about any item, so who asks for it must see all.
    pub const fn hears_traces(&self) -> bool {
        let Sight { keys, narrowed, .. } = &self.key.sight;
        self.key.subscription.trace && matches!(keys, KeySet::All) && narrowed.is_none()
    }

    /// The trace of a request that came after `since`.
    pub fn trace_since(&self, since: Seq) -> Option<TraceId> {
        self.traced.filter(|(seq, _)| *seq > since).map(|(_, trace)| trace)
    }

    /// Whether it follows a list of keys.
    pub const fn is_listed(&self) -> bool {
        matches!(self.key.subscription.filter, Filter::Keys(_))
    }

    /// Whether every item belongs to it.
    pub const fn is_everything(&self) -> bool {
        matches!((&self.key.subscription.filter, &self.key.sight.keys), (Filter::All, KeySet::All))
            && self.wheres.is_empty()
    }

    /// Whether the token allows the item. Patterns are matched once an item.
    pub fn allows(&mut self, id: ItemId, mirror: &Items) -> bool {
        match &self.key.sight.keys {
            KeySet::All => true,
            KeySet::Nothing => false,
            KeySet::Some(_) => {
                while self.allowed_upto <= id.0 {
                    let at = self.allowed_upto;
                    let yes = mirror.key_of(ItemId(at)).is_some_and(|key| self.key.sight.allows(key));
                    self.allowed.set(at, yes);
                    self.allowed_upto += 1;
                }
                self.allowed.has(id.0)
            }
        }
    }

    /// Items that ended after `since` and may have belonged to the subscription, ascending. A viewer that never had one
    /// ignores this.
    pub fn gone(&mut self, mirror: &Items, since: Seq) -> Vec<ItemId> {
        let mut ended = mirror.ended_since(since);
        if self.is_listed() {
            ended.retain(|id| self.items.binary_search(id).is_ok());
        } else {
            ended.retain(|id| self.allows(*id, mirror));
        }
        ended
    }

    /// Whether the item belongs to the subscription now.
    pub fn has(&mut self, id: ItemId, item: &Item, mirror: &Items) -> bool {
        let there = match &self.key.subscription.filter {
            Filter::Scores(_) | Filter::Presence => false,
            Filter::All => self.allows(id, mirror),
            Filter::Keys(_) => self.items.binary_search(&id).is_ok(),
            Filter::Bbox(b) => item.position().is_some_and(|p| b.contains(&p)) && self.allows(id, mirror),
        };
        there && self.meets(item, mirror)
    }

    /// Items of the subscription from a number on, ascending, so many at most.
    pub fn some(&mut self, mirror: &Items, from: ItemId, most: usize) -> Vec<ItemId> {
        if let Filter::Keys(_) = self.key.subscription.filter {
            let there = |id: &ItemId| mirror.get(*id).is_none_or(|item| self.meets(item, mirror));
            return self.items.iter().copied().filter(|id| *id >= from).filter(there).take(most).collect();
        }
        mirror.iter_from(from).filter(|(id, item)| self.has(*id, item, mirror)).map(|(id, _)| id).take(most).collect()
    }
}

/// The keys of what is followed.
pub(super) enum FollowedKeys {
    /// All that may be seen.
    All,
    /// These, ascending.
    These(Vec<String>),
    /// More than a subscription has.
    TooMany,
}

/// All groups of a relay.
#[derive(Default)]
pub(super) struct Groups {
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
