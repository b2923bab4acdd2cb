//! All that some viewers see, where that is other items than the live ones: other items under their own key, or what a
//! narrowed grant shows.

use crate::cursor::Seq;
use crate::items::{Item, Items};
use crate::protocol::Filter;
use crate::rights::Sight;
use crate::sights::lens::Lens;
use crate::sights::{Eyes, Sights};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

/// Items that are made for some viewers.
pub(super) struct Apart {
    /// The key under which they see other items, and with which eyes.
    own: Option<(String, Eyes)>,
    lens: Option<Lens>,
    /// Whether it is all that its viewers see, for several groups.
    pub is_shared: bool,
    pub items: Items,
    /// How far the items are.
    upto: Seq,
}

impl Apart {
    /// Takes what changed of others' items and of its own, as far as a subscription wants it.
    pub fn follow(&mut self, base: Eyes, full: &Items, sights: &Sights, filter: &Filter, now: Seq) {
        let others = sights.items(base, full);
        let is_own = |key: &str| self.own.as_ref().is_some_and(|(own, _)| own == key);
        let wanted = |key: &str| if let Filter::Keys(keys) = filter { keys.iter().any(|k| k == key) } else { true };
        let changed = others.changed_since(self.upto).filter_map(|id| others.get(id));
        let mut changed: Vec<(&Items, &Item)> =
            changed.filter(|i| !is_own(i.key()) && wanted(i.key())).map(|i| (others, i)).collect();
        let ends = others.ends_since(self.upto).into_iter();
        let mut ends: Vec<(Seq, &str)> = ends.filter(|(_, key)| !is_own(key) && wanted(key)).collect();
        if let Some((key, eyes)) = &self.own {
            let own = sights.items(*eyes, full);
            let item = own.find(key).and_then(|id| own.get(id)).filter(|i| i.seq > self.upto && wanted(key));
            changed.extend(item.map(|i| (own, i)));
            ends.extend(own.end_of(key).filter(|seq| *seq > self.upto).map(|seq| (seq, key.as_str())));
        }
        if let Some(lens) = self.lens.as_ref().filter(|lens| lens.chooses()) {
            let left = changed.iter().filter(|(from, item)| !lens.sees(from, item));
            ends.extend(left.map(|(_, item)| (item.seq, item.key())));
        }
        ends.sort_unstable();
        changed.sort_by_key(|(_, i)| i.seq);
        for (seq, key) in ends {
            if self.items.find(key).is_some() {
                self.items.adopt_end(key, seq);
            }
        }
        for (from, item) in changed {
            match &self.lens {
                None => self.items.adopt(from, item, true, now),
                Some(lens) => {
                    lens.take(&mut self.items, from, item, now);
                }
            }
        }
        self.upto = now;
    }
}

/// Those that several groups share. What a player sees is its own, and as small as what it follows.
#[derive(Default)]
pub(super) struct Shared(HashMap<Sight, Weak<RefCell<Apart>>>);

impl Shared {
    /// What viewers of a sight see, unless that is the items of its eyes.
    pub fn of(&mut self, sight: &Sight, sights: &Sights) -> Option<Rc<RefCell<Apart>>> {
        let own = sights.own(sight).map(|own| (own.to_owned(), sights.eyes(sight, own)));
        let lens = sights.lens(sight);
        if own.is_none() && lens.is_none() {
            return None;
        }
        let known = self.0.get(sight).and_then(Weak::upgrade);
        if known.is_some() {
            return known;
        }
        let is_shared = lens.is_some() && (own.is_none() || sight.narrowed.is_some());
        let made = Rc::new(RefCell::new(Apart { own, lens, is_shared, items: Items::default(), upto: 0 }));
        if is_shared {
            self.0.retain(|_, apart| apart.strong_count() > 0);
            self.0.insert(sight.clone(), Rc::downgrade(&made));
        }
        Some(made)
    }
}
