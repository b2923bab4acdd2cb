//! What one open board knows, outside the reactive graph: the feed's items, the map's scene, and one notification per
//! frame. The feed's callback writes it; views read it.

mod past;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use heliograph_shared::items::ItemId;
use heliograph_shared::protocol::{SubId, Subscription};
use heliograph_shared::replica::{Change, Replica, ReplicaItem};
use heliograph_shared::time::Millis;

use past::Past;

use super::announce::happened::Happened;
use super::map::scene::{Scene, Update, tag_of};
use super::marks::Marks;
use crate::browser::clock;
use crate::browser::dom::{self, Listener, Timer};
use crate::client::boards::BoardInfo;
use crate::client::feed::{Feed, News, Tokens};
use crate::client::last::{self, Last};

/// The page follows all items.
const ALL_ITEMS: SubId = SubId(1);
/// And how many are there, where the board tells it.
const WATCHING: SubId = SubId(2);

/// Lists, cards and numbers are read by people: four times a second is plenty.
const VIEW_EVERY_MS: f64 = 250.0;

/// What a store tells the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Something to draw changed; at most once a frame.
    Frame,
    /// Something to read changed; at most four times a second.
    Data,
    /// The connection is in another state.
    Link,
    /// The server refused something, for people.
    Refused(String),
}

/// Items from earlier, and since when nothing came.
struct Kept {
    at: Millis,
    items: Replica,
}

/// One open board.
pub struct Store {
    /// Its name in addresses.
    pub board: String,
    /// How it wants to be shown.
    pub info: BoardInfo,
    /// What items look like.
    pub marks: Marks,
    /// What the map draws.
    pub scene: RefCell<Scene>,
    /// What happened since it was last said.
    pub happened: RefCell<Happened>,
    feed: RefCell<Option<Feed>>,
    /// What this device saw earlier, until the first snapshot is here.
    kept: RefCell<Option<Kept>>,
    /// What is shown instead of either while the viewer looks back.
    past: RefCell<Option<Past>>,
    /// Whether this device remembers it: only what everybody may see.
    is_kept: bool,
    keeping: RefCell<Vec<Listener>>,
    started: f64,
    /// What the scene counts the events' times from.
    origin: Cell<Millis>,
    newest: Cell<Option<Millis>>,
    resets: Cell<u32>,
    frame_asked: Cell<bool>,
    view_told: Cell<f64>,
    view_timer: RefCell<Option<Timer>>,
    notify: Box<dyn Fn(Notice)>,
}

impl Store {
    /// Opens a board with the viewer's key, if there is one.
    pub fn open(board: &str, info: BoardInfo, key: Option<String>, notify: impl Fn(Notice) + 'static) -> Rc<Self> {
        let needs_token = key.is_some() || info.visibility != "public";
        Self::follow(board, info, Tokens::minted(board, key, &["read"], needs_token), !needs_token, notify)
    }

    /// Opens a board: connects its feed and begins to tell `notify`. What `is_kept` this device remembers, and shows when there
    /// is no network; a frame in another site remembers nothing.
    pub fn follow(
        board: &str,
        info: BoardInfo,
        tokens: Tokens,
        is_kept: bool,
        notify: impl Fn(Notice) + 'static,
    ) -> Rc<Self> {
        let mut follows = vec![(ALL_ITEMS, Subscription::items_all())];
        if info.presence.is_some() {
            follows.push((WATCHING, Subscription::presence()));
        }
        let store = Self::new(board, info, is_kept, notify);
        store.recall();
        store.keep_on_leaving();
        let weak = Rc::downgrade(&store);
        let feed = Feed::open(board, tokens, follows, move |news| {
            if let Some(store) = weak.upgrade() {
                store.take(news);
            }
        });
        store.feed.replace(Some(feed));
        store
    }

    fn new(board: &str, info: BoardInfo, is_kept: bool, notify: impl Fn(Notice) + 'static) -> Rc<Self> {
        let mut scene = Scene::new(info.rules.max_speed);
        scene.set_still(dom::prefers_reduced_motion());
        let marks = Marks::new(&info.map.marks);
        scene.set_looks(&marks.codes());
        Rc::new(Self {
            board: board.to_owned(),
            info,
            marks,
            scene: RefCell::new(scene),
            happened: RefCell::default(),
            feed: RefCell::new(None),
            kept: RefCell::new(None),
            past: RefCell::new(None),
            is_kept,
            keeping: RefCell::new(Vec::new()),
            started: clock::steady(),
            origin: Cell::new(clock::wall()),
            newest: Cell::new(None),
            resets: Cell::new(0),
            frame_asked: Cell::new(false),
            view_told: Cell::new(f64::MIN),
            view_timer: RefCell::new(None),
            notify: Box::new(notify),
        })
    }

    /// Without a feed, for measurements.
    #[cfg(feature = "bench")]
    pub fn alone(info: BoardInfo) -> Rc<Self> {
        Self::new("bench", info, false, |_| ())
    }

    /// How many watch, where the board tells who is there.
    pub fn watching(&self) -> Option<u32> {
        self.feed()?.present(WATCHING)
    }

    /// Ends the feed and all timers.
    pub fn close(&self) {
        self.keep();
        self.keeping.borrow_mut().clear();
        if let Some(feed) = self.feed.take() {
            feed.stop();
        }
        self.view_timer.replace(None);
    }

    /// The feed, while the board is open.
    pub fn feed(&self) -> Option<Feed> {
        self.feed.borrow().clone()
    }

    /// Reads the items; before the first snapshot those from earlier, and those of a time that is shown instead of now.
    pub fn with_replica<R>(&self, read: impl FnOnce(&Replica) -> R) -> Option<R> {
        if let Some(past) = self.past.borrow().as_ref() {
            return Some(read(&past.items));
        }
        if let Some(kept) = self.kept.borrow().as_ref() {
            return Some(read(&kept.items));
        }
        self.feed()?.with_replica(ALL_ITEMS, read)
    }

    /// When what is shown was current, if it is from earlier.
    pub fn kept_at(&self) -> Option<Millis> {
        self.kept.borrow().as_ref().map(|kept| kept.at)
    }

    /// Shows what this device saw last, until there is something newer.
    fn recall(self: &Rc<Self>) {
        let Some(last) = self.is_kept.then(|| last::of(&self.board)).flatten() else { return };
        let items = Replica::of_items(last.items);
        let mut scene = self.scene.borrow_mut();
        for (id, item) in items.items() {
            self.put(&mut scene, self.scene_now(), id, item);
        }
        drop(scene);
        self.kept.replace(Some(Kept { at: last.at, items }));
        self.ask_for_frame();
    }

    /// A page that is closed or put away is told once, and a phone may end it without a word afterwards.
    fn keep_on_leaving(self: &Rc<Self>) {
        let Some(window) = web_sys::window().filter(|_| self.is_kept) else { return };
        let on = |target: &web_sys::EventTarget, event: &'static str| {
            let weak = Rc::downgrade(self);
            Listener::new(target, event, move |_| {
                if let Some(this) = weak.upgrade() {
                    this.keep();
                }
            })
        };
        let mut listeners = vec![on(&window, "pagehide")];
        listeners.extend(window.document().map(|document| on(&document, "visibilitychange")));
        self.keeping.replace(listeners);
    }

    /// Keeps what everybody may see, once it is complete.
    fn keep(&self) {
        let Some(feed) = self.feed().filter(|_| self.is_kept) else { return };
        let Some(at) = feed.last_frame_at() else { return };
        let seen = feed.with_replica(ALL_ITEMS, |replica| {
            replica.cursor().is_some().then(|| Last::of(replica, &self.info.text, at))
        });
        if let Some(seen) = seen.flatten() {
            last::keep(&self.board, seen);
        }
    }

    /// An item's number.
    pub fn find(&self, key: &str) -> Option<ItemId> {
        self.with_replica(|replica| replica.find(key)).flatten()
    }

    /// An item's key.
    pub fn key(&self, id: ItemId) -> Option<String> {
        self.with_replica(|replica| replica.get(id).map(|item| item.key.clone())).flatten()
    }

    /// How many items the viewer has.
    pub fn len(&self) -> usize {
        self.with_replica(Replica::len).unwrap_or(0)
    }

    /// The newest event time of all items.
    pub fn newest(&self) -> Option<Millis> {
        self.newest.get()
    }

    /// How often everything was replaced by a snapshot; 0 before the first.
    pub fn resets(&self) -> u32 {
        self.resets.get()
    }

    /// The server's clock now; the time that is shown instead of now.
    pub fn server_time(&self) -> Millis {
        if let Some(at) = self.past_at() {
            return at;
        }
        self.feed().map_or_else(clock::wall, |feed| feed.server_time())
    }

    /// The scene's clock now.
    pub fn scene_now(&self) -> i32 {
        (clock::steady() - self.started) as i32
    }

    /// The scene's time of a moment.
    pub fn scene_time(&self, time: Millis) -> i32 {
        // Half the range, so that differences never overflow.
        time.since(self.origin.get()).clamp(i64::from(i32::MIN / 2), i64::from(i32::MAX / 2)) as i32
    }

    /// Items last heard of before this moment look stale.
    pub fn stale_before(&self) -> Millis {
        self.server_time().plus(-self.info.stale_after_ms())
    }

    fn take(self: &Rc<Self>, news: News) {
        match news {
            News::Scores(..) => {}
            News::Link => (self.notify)(Notice::Link),
            News::Refused(message) => (self.notify)(Notice::Refused(message)),
            News::Items(changes) if self.past_at().is_some() => {
                if changes.contains(&Change::Reset) {
                    self.kept.replace(None);
                    self.resets.set(self.resets.get() + 1);
                }
            }
            News::Items(changes) => {
                let now = self.scene_now();
                let mut scene = self.scene.borrow_mut();
                if changes.contains(&Change::Reset) && self.kept.take().is_some() {
                    // Those have other numbers.
                    let shown: Vec<u32> = scene.positions().map(|(id, _)| id).collect();
                    for id in shown {
                        scene.remove(id);
                    }
                    self.newest.set(None);
                }
                self.with_replica(|replica| {
                    let mut happened = self.happened.borrow_mut();
                    let is_other = changes.contains(&Change::Reset);
                    for change in changes {
                        happened.take(change);
                        self.apply(&mut scene, replica, now, change);
                    }
                    if is_other {
                        happened.begin(replica.items().map(|(id, _)| id));
                    }
                });
                drop(scene);
                self.ask_for_frame();
            }
        }
    }

    fn apply(&self, scene: &mut Scene, replica: &Replica, now: i32, change: Change) {
        match change {
            Change::Reset => {
                self.resets.set(self.resets.get() + 1);
                let gone: Vec<u32> =
                    scene.positions().map(|(id, _)| id).filter(|id| replica.get(ItemId(*id)).is_none()).collect();
                for id in gone {
                    scene.remove(id);
                }
                for (id, item) in replica.items() {
                    self.put(scene, now, id, item);
                }
            }
            Change::Upsert { id, .. } => {
                if let Some(item) = replica.get(id) {
                    self.put(scene, now, id, item);
                }
            }
            Change::Remove(id) => scene.remove(id.0),
        }
    }

    fn put(&self, scene: &mut Scene, now: i32, id: ItemId, item: &ReplicaItem) {
        if self.newest.get().is_none_or(|newest| item.time > newest) {
            self.newest.set(Some(item.time));
        }
        let Some(position) = &item.position else { return };
        scene.upsert(
            now,
            &Update {
                id: id.0,
                tag: tag_of(&item.key),
                lat: position.lat(),
                lon: position.lon(),
                heading: position.heading(),
                time: self.scene_time(item.time),
                rule: self.marks.number_of(item),
            },
        );
    }

    fn ask_for_frame(self: &Rc<Self>) {
        if !self.frame_asked.replace(true) {
            let weak = Rc::downgrade(self);
            dom::on_next_frame(move || Self::frame(&weak));
        }
    }

    fn frame(weak: &Weak<Self>) {
        let Some(this) = weak.upgrade() else { return };
        this.frame_asked.set(false);
        if this.feed.borrow().is_none() {
            return;
        }
        (this.notify)(Notice::Frame);
        let wait = this.view_told.get() + VIEW_EVERY_MS - clock::steady();
        if wait <= 0.0 {
            this.tell_views();
        } else if this.view_timer.borrow().is_none() {
            let weak = Rc::downgrade(&this);
            this.view_timer.replace(Timer::after(wait.ceil() as i32, move || {
                if let Some(this) = weak.upgrade() {
                    this.tell_views();
                }
            }));
        }
    }

    fn tell_views(&self) {
        self.view_timer.replace(None);
        self.view_told.set(clock::steady());
        (self.notify)(Notice::Data);
    }

    /// The fields' labels in alphabetical order of their names, and whether each is a number.
    pub fn columns(&self) -> BTreeMap<String, bool> {
        self.with_replica(|replica| crate::board::items::rows::field_names(replica).into_iter().collect())
            .unwrap_or_default()
    }
}
