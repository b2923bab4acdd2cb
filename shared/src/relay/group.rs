//! Viewers with the same subscription that are equally far.

mod all;

pub(super) use all::{FollowedKeys, Groups};

use super::ViewerId;
use super::apart::{Apart, Shared};
use super::reached::{Begun, Behind, Reached, Unfinished};
use crate::bits::Bits;
use crate::cursor::Seq;
use crate::items::{Item, ItemId, Items};
use crate::protocol::{Filter, SubId, Subscription};
use crate::rights::{KeySet, Sight};
use crate::sights::{Eyes, Sights};
use crate::time::Millis;
use crate::trace::TraceId;
use crate::views::filter::Condition;
use std::cell::RefCell;
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
