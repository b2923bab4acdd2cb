//! The board as it was, in the place of what the feed brings: while it is shown, the feed goes on and nothing of it is
//! seen.

use std::collections::BTreeSet;
use std::rc::Rc;

use heliograph_shared::api::items::Item;
use heliograph_shared::items::ItemId;
use heliograph_shared::replica::{Change, Replica};
use heliograph_shared::time::Millis;
use heliograph_shared::views::events::EventView;

use super::Store;
use crate::browser::clock;
use crate::browser::dom;

/// The scene counts milliseconds from a moment, and not for longer than twelve days from there.
const FAR_MS: i64 = 5 * 86_400_000;

/// The items at a time.
pub(super) struct Past {
    pub(super) at: Millis,
    pub(super) items: Replica,
}

impl Store {
    /// The time that is shown, if it is not now.
    pub fn past_at(&self) -> Option<Millis> {
        self.past.borrow().as_ref().map(|past| past.at)
    }

    /// Shows the items as of a time.
    pub fn show_past(self: &Rc<Self>, at: Millis, items: Vec<Item>) {
        let mut items = Replica::of_items(items);
        // Who holds an item by its number goes on holding it.
        self.with_replica(|known| items.number_like(known));
        self.past.replace(Some(Past { at, items }));
        self.rebuild(at);
    }

    /// Goes on to a time, with the events up to it.
    pub fn pass(self: &Rc<Self>, at: Millis, events: Vec<EventView>) {
        let mut past = self.past.borrow_mut();
        let Some(shown) = past.as_mut() else { return };
        shown.at = at;
        let changes = events.into_iter().filter_map(|event| shown.items.event(event));
        // Of many events in one frame each item's mark goes to where the last one says.
        let changed: BTreeSet<ItemId> = changes
            .filter_map(|change| match change {
                Change::Upsert { id, .. } => Some(id),
                Change::Reset | Change::Remove(_) => None,
            })
            .collect();
        drop(past);
        if at.since(self.origin.get()).abs() > FAR_MS {
            return self.rebuild(at);
        }
        let now = self.scene_now();
        let mut scene = self.scene.borrow_mut();
        self.with_replica(|items| {
            for (id, item) in changed.iter().filter_map(|id| Some((*id, items.get(*id)?))) {
                self.put(&mut scene, now, id, item);
            }
        });
        drop(scene);
        self.ask_for_frame();
    }

    /// Shows what the feed brings.
    pub fn show_live(self: &Rc<Self>) {
        if self.past.take().is_some() {
            self.set_jumping(false);
            self.rebuild(clock::wall());
        }
    }

    /// Whether marks jump from place to place, also for who has nothing against motion.
    pub fn set_jumping(&self, is_jumping: bool) {
        self.scene.borrow_mut().set_still(is_jumping || dom::prefers_reduced_motion());
    }

    /// Everything is drawn anew, with times counted from a moment near to them.
    fn rebuild(self: &Rc<Self>, origin: Millis) {
        self.origin.set(origin);
        self.newest.set(None);
        let now = self.scene_now();
        let mut scene = self.scene.borrow_mut();
        scene.clear();
        self.with_replica(|items| {
            for (id, item) in items.items() {
                self.put(&mut scene, now, id, item);
            }
            // What was jumped over is not told.
            self.happened.borrow_mut().begin(items.items().map(|(id, _)| id));
        });
        drop(scene);
        self.ask_for_frame();
    }
}
