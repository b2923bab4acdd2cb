//! Plain viewers: no subprotocol, some keys, each change of an item as its JSON and nothing else.

use super::{Frame, ViewerId};
use crate::cursor::Seq;
use crate::items::{Item, ItemId, Items};
use crate::limits;
use crate::rights::Narrowed;
use crate::sights::Eyes;
use crate::sights::lens::Lens;
use crate::time::Millis;
use crate::views::filter::Condition;
use crate::zones::Zones;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Keys as a session keeps them: a single one as text, several as a list.
pub(super) mod one_or_more {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(keys: &[String], to: S) -> Result<S::Ok, S::Error> {
        match keys {
            [key] => key.serialize(to),
            keys => keys.serialize(to),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Keys {
            One(String),
            More(Vec<String>),
        }
        Ok(match Keys::deserialize(from)? {
            Keys::One(key) => vec![key],
            Keys::More(keys) => keys,
        })
    }
}

/// How plain viewers see.
#[derive(Clone, PartialEq)]
pub(super) struct Seen {
    pub eyes: Eyes,
    pub narrowed: Option<Box<Narrowed>>,
    /// Where they are not shown where items are.
    pub zones: Zones,
    /// Conditions that items have to meet, as they are seen.
    pub wheres: Vec<String>,
}

/// Plain viewers that see the same.
pub(super) struct Seat {
    pub seen: Seen,
    lens: Option<Lens>,
    wheres: Vec<Condition>,
    /// Keys of which it is said that they are not shown, or that never were.
    left: BTreeSet<String>,
    /// Milliseconds between what is told of a key at least.
    pace: u32,
    /// When a key was told of last, where there is a pace.
    told_at: HashMap<String, Millis>,
    pub viewers: PlainViewers,
}

impl Seat {
    fn new(seen: Seen) -> Self {
        let is_whole = seen.narrowed.is_none() && seen.zones.is_empty();
        let lens = (!is_whole).then(|| Lens::new(seen.narrowed.as_deref(), seen.zones.clone()));
        let pace = seen.narrowed.as_ref().map_or(0, |narrowed| narrowed.pace_millis());
        let wheres = seen.wheres.iter().filter_map(|text| Condition::parse(text).ok()).collect();
        let (left, told_at, viewers) = (BTreeSet::new(), HashMap::new(), PlainViewers::default());
        Self { seen, lens, wheres, left, pace, told_at, viewers }
    }

    /// A viewer watches a key.
    pub fn add(&mut self, mirror: &Items, viewer: ViewerId, key: &str) {
        let item = mirror.find(key).and_then(|id| mirror.get(id));
        if self.chooses() && item.is_some_and(|item| self.frame(mirror, item).is_none()) {
            self.left.insert(key.to_owned());
        }
        self.viewers.add(mirror, viewer, key);
    }

    /// Whether items come and go by what they are.
    fn chooses(&self) -> bool {
        !self.wheres.is_empty() || self.lens.as_ref().is_some_and(Lens::chooses)
    }

    /// Whether a key may be told of at this time, which then counts as done. What may not waits among what is behind.
    pub fn tells(&mut self, key: &str, now: Millis) -> bool {
        if self.pace == 0 {
            return true;
        }
        let (pace, told_at) = (i64::from(self.pace), &mut self.told_at);
        let is_due = |at: &Millis| now.since(*at) >= pace;
        if !told_at.get(key).is_none_or(is_due) {
            return false;
        }
        if told_at.len() >= limits::PACED_KEYS {
            told_at.retain(|_, at| !is_due(at));
        }
        told_at.insert(key.to_owned(), now);
        true
    }

    /// What is said of an item that has changed. Of one that is not shown any more it is said once.
    pub fn changed(&mut self, mirror: &Items, item: &Item) -> Option<Frame> {
        let frame = self.frame(mirror, item);
        if !self.chooses() {
            return frame;
        }
        if frame.is_some() {
            self.left.remove(item.key());
            return frame;
        }
        let is_told = self.left.insert(item.key().to_owned()) && item.created < item.seq;
        is_told.then(|| Self::gone(item.key(), item.seq))
    }

    fn gone(key: &str, seq: Seq) -> Frame {
        Frame::text(&serde_json::json!({"key": key, "seq": seq, "removed": true}))
    }

    /// What is said of an item as it is now; none where it is not shown.
    fn frame(&self, mirror: &Items, item: &Item) -> Option<Frame> {
        let told = |items: &Items, item: &Item| {
            let meets = self.wheres.iter().all(|condition| condition.holds(items, item));
            meets.then(|| Frame::text(&items.view(item, None)))
        };
        let Some(lens) = &self.lens else { return told(mirror, item) };
        let alone = lens.one(mirror, item)?;
        alone.iter().next().and_then(|(_, item)| told(&alone, item))
    }

    /// What is said of a key as it is at `now`, to who may have missed something of it.
    pub fn latest(&self, mirror: &Items, key: &str, now: Seq) -> Option<Frame> {
        match mirror.find(key).and_then(|id| mirror.get(id)) {
            Some(item) => self.frame(mirror, item).or_else(|| Some(Self::gone(key, now))),
            None => super::frames::ended(mirror, key),
        }
    }
}

/// Plain viewers by what they see.
#[derive(Default)]
pub(super) struct Plain(Vec<Seat>);

impl Plain {
    /// Those who see so.
    pub fn of(&mut self, seen: &Seen) -> &mut Seat {
        let at = self.0.iter().position(|seat| seat.seen == *seen).unwrap_or_else(|| {
            self.0.push(Seat::new(seen.clone()));
            self.0.len() - 1
        });
        // It is there, or was just put there.
        &mut self.0[at]
    }

    /// All that there are, and those with these eyes.
    pub fn seats(&mut self, eyes: Option<Eyes>) -> impl Iterator<Item = &mut Seat> {
        self.0.iter_mut().filter(move |seat| eyes.is_none_or(|eyes| seat.seen.eyes == eyes))
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|seat| seat.viewers.is_empty())
    }

    /// Whether somebody is behind.
    pub fn lags(&self) -> bool {
        self.0.iter().any(|seat| !seat.viewers.behind.is_empty())
    }

    /// Who is behind, and with which key.
    pub fn take_behind(&mut self) -> Vec<(Seen, ViewerId, String)> {
        let mut all = Vec::new();
        for seat in &mut self.0 {
            let behind = std::mem::take(&mut seat.viewers.behind);
            all.extend(behind.into_iter().map(|(viewer, key)| (seat.seen.clone(), viewer, key)));
        }
        all
    }

    /// A viewer has gone.
    pub fn remove(&mut self, viewer: ViewerId) {
        self.0.iter_mut().filter(|seat| seat.viewers.keys.contains_key(&viewer)).for_each(|s| s.viewers.remove(viewer));
        self.0.retain(|seat| !seat.viewers.is_empty());
    }

    /// See [`PlainViewers::held`].
    pub fn held(&self) -> (usize, usize) {
        self.0.iter().map(|seat| seat.viewers.held()).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    }
}

/// Who watches which item.
#[derive(Default)]
pub(super) struct PlainViewers {
    keys: BTreeMap<ViewerId, Vec<String>>,
    by_item: HashMap<ItemId, Vec<ViewerId>>,
    awaited: HashMap<String, Vec<ViewerId>>,
    /// Viewers that missed changes of a key while they did not take what was sent.
    pub behind: BTreeSet<(ViewerId, String)>,
}

impl PlainViewers {
    pub fn add(&mut self, mirror: &Items, viewer: ViewerId, key: &str) {
        self.keys.entry(viewer).or_default().push(key.to_owned());
        match mirror.find(key) {
            Some(id) => self.by_item.entry(id).or_default().push(viewer),
            None => self.awaited.entry(key.to_owned()).or_default().push(viewer),
        }
    }

    pub fn remove(&mut self, viewer: ViewerId) {
        self.keys.remove(&viewer);
        self.behind.retain(|(behind, _)| *behind != viewer);
        let keep = |list: &mut Vec<ViewerId>| {
            list.retain(|v| *v != viewer);
            !list.is_empty()
        };
        self.by_item.retain(|_, list| keep(list));
        self.awaited.retain(|_, list| keep(list));
    }

    /// The viewer has everything of a key up to `since`: if its item changed later, it is behind.
    pub fn owe(&mut self, mirror: &Items, viewer: ViewerId, key: &str, since: Seq) {
        let changed = mirror.find(key).and_then(|id| mirror.get(id)).map(|i| i.seq).or_else(|| mirror.end_of(key));
        if changed.is_some_and(|seq| seq > since) {
            self.behind.insert((viewer, key.to_owned()));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Who watches this item; called for every change, so that a key that appears is found at its first one.
    pub fn watchers(&mut self, mirror: &Items, id: ItemId) -> &[ViewerId] {
        if !self.awaited.is_empty()
            && let Some(item) = mirror.get(id)
            && let Some(list) = self.awaited.remove(item.key())
        {
            let watchers = self.by_item.entry(id).or_default();
            watchers.extend(list);
            watchers.sort_unstable();
            watchers.dedup();
        }
        self.by_item.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Who watches an item that ended. They wait for its key, too: if it begins anew late, it gets another number.
    pub fn ended(&mut self, mirror: &Items, id: ItemId) -> Vec<ViewerId> {
        let watchers = self.by_item.get(&id).cloned().unwrap_or_default();
        if let Some(key) = mirror.key_of(id).filter(|_| !watchers.is_empty()) {
            let awaited = self.awaited.entry(key.to_owned()).or_default();
            awaited.extend(&watchers);
            awaited.sort_unstable();
            awaited.dedup();
        }
        watchers
    }

    /// A change of a key was sent to `watchers`, except to those that were `blocked`.
    pub fn told(&mut self, key: &str, watchers: &[ViewerId], blocked: &[ViewerId]) {
        if !self.behind.is_empty() {
            self.behind.retain(|(viewer, behind)| behind != key || !watchers.contains(viewer));
        }
        self.behind.extend(blocked.iter().map(|viewer| (*viewer, key.to_owned())));
    }

    /// How many keys are watched and awaited, the viewers that are behind counted with the latter.
    pub fn held(&self) -> (usize, usize) {
        let keys = self.keys.values().map(Vec::len).sum();
        (self.by_item.len().max(keys), self.awaited.len() + self.behind.len())
    }
}
