//! Plain viewers: no subprotocol, some keys, each change of an item as its JSON and nothing else.

use super::{Frame, ViewerId};
use crate::cursor::Seq;
use crate::items::{ItemId, Items};
use crate::sights::Eyes;
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

/// Plain viewers by what they see.
#[derive(Default)]
pub(super) struct Plain([PlainViewers; 3]);

impl Plain {
    /// Those who see with these eyes.
    pub const fn of(&mut self, eyes: Eyes) -> &mut PlainViewers {
        let [full, public, common] = &mut self.0;
        match eyes {
            Eyes::Full => full,
            Eyes::Public => public,
            Eyes::Common => common,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(PlainViewers::is_empty)
    }

    /// Whether somebody is behind.
    pub fn lags(&self) -> bool {
        self.0.iter().any(|p| !p.behind.is_empty())
    }

    /// Who is behind, and with which key.
    pub fn take_behind(&mut self) -> Vec<(Eyes, ViewerId, String)> {
        let mut all = Vec::new();
        for eyes in Eyes::ALL {
            all.extend(std::mem::take(&mut self.of(eyes).behind).into_iter().map(|(viewer, key)| (eyes, viewer, key)));
        }
        all
    }

    /// A viewer has gone.
    pub fn remove(&mut self, viewer: ViewerId) {
        self.0.iter_mut().filter(|p| p.keys.contains_key(&viewer)).for_each(|p| p.remove(viewer));
    }

    /// See [`PlainViewers::held`].
    pub fn held(&self) -> (usize, usize) {
        self.0.iter().map(PlainViewers::held).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
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

    /// What is said of an item as it is now.
    pub fn latest(mirror: &Items, key: &str) -> Option<Frame> {
        match mirror.find(key).and_then(|id| mirror.get(id)) {
            Some(item) => Some(Frame::text(&mirror.view(item, None))),
            None => super::frames::ended(mirror, key),
        }
    }
}
