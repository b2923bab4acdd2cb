//! Items in a frame: what a table and a single value have in common.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use heliograph_shared::items::ItemId;
use heliograph_shared::link::LinkStatus;
use heliograph_shared::protocol::{SubId, Subscription};
use heliograph_shared::replica::{Replica, ReplicaItem};
use heliograph_shared::time::Millis;

use super::host::Host;
use super::line;
use super::open::Opened;
use super::picks::Picks;
use super::settings::Settings;
use super::shell::{Notice, Shell};
use super::wording::Wording;
use crate::browser::dom::{self, Timer};
use crate::client::boards::BoardInfo;
use crate::client::feed::{Feed, News};

const ITEMS: SubId = SubId(1);

/// What shows items.
type Draw = dyn Fn(&Items, &Replica);

/// What a widget of items knows.
pub struct Items {
    pub shell: Shell,
    pub host: Host,
    pub settings: Settings,
    pub picks: Picks,
    pub info: BoardInfo,
    feed: RefCell<Option<Feed>>,
    frame_asked: Cell<bool>,
    is_ready: Cell<bool>,
    beat: RefCell<Option<Timer>>,
    draw: Box<Draw>,
}

impl Items {
    /// Follows items for as long as the page lives; `draw` shows them when they changed, and once a second.
    pub fn follow(
        opened: Opened,
        (settings, picks): (Settings, Picks),
        (shell, host): (Shell, Host),
        subscription: Subscription,
        draw: impl Fn(&Self, &Replica) + 'static,
    ) {
        let info: BoardInfo = serde_json::from_value(opened.config).unwrap_or_default();
        shell.name(&info.title, "");
        let board = settings.board.clone();
        let inner = Rc::new(Self {
            shell,
            host,
            settings,
            picks,
            info,
            feed: RefCell::default(),
            frame_asked: Cell::default(),
            is_ready: Cell::default(),
            beat: RefCell::default(),
            draw: Box::new(draw),
        });
        let weak = Rc::downgrade(&inner);
        let feed = Feed::open(&board, opened.tokens, vec![(ITEMS, subscription)], move |news| {
            if let Some(inner) = weak.upgrade() {
                inner.take(news);
            }
        });
        inner.feed.replace(Some(feed));
        let weak = Rc::downgrade(&inner);
        inner.shell.on_retry(move || {
            let feed = weak.upgrade().and_then(|inner| inner.feed.borrow().clone());
            if let Some(feed) = feed {
                feed.retry();
            }
        });
        Self::beat(&inner);
        // It lives as long as its page.
        std::mem::forget(inner);
    }

    fn take(self: Rc<Self>, news: News) {
        if let News::Refused(text) = news {
            let title = text!(embed.open.refused).to_owned();
            let notice = Notice { code: "refused", title, text, can_retry: false };
            self.shell.notice(Some(&notice));
            return super::complain(&self.host, &notice);
        }
        if !self.frame_asked.replace(true) {
            dom::on_next_frame(move || {
                self.frame_asked.set(false);
                self.show();
            });
        }
    }

    fn beat(this: &Rc<Self>) {
        let weak = Rc::downgrade(this);
        let next = Timer::after(1_000, move || {
            if let Some(inner) = weak.upgrade() {
                inner.show();
                Self::beat(&inner);
            }
        });
        this.beat.replace(next);
    }

    fn show(&self) {
        let Some(feed) = self.feed.borrow().clone() else { return };
        let link = feed.status();
        let link = if self.is_ready.get() && link == LinkStatus::CatchingUp { LinkStatus::Live } else { link };
        line::tell(&self.shell, &self.host, &feed, &link, self.is_ready.get());
        let shown = feed.with_replica(ITEMS, |replica| {
            if replica.cursor().is_some() {
                (self.draw)(self, replica);
            }
            replica.cursor().is_some()
        });
        if shown == Some(true) && !self.is_ready.replace(true) {
            let board = (&self.settings.board).into();
            self.host.say("ready", &[("board", board), ("title", (&self.info.title).into())]);
        }
    }

    /// What says its items in words.
    pub fn wording(&self) -> Wording<'_> {
        let now = self.feed.borrow().as_ref().map_or(Millis(0), Feed::server_time);
        Wording { info: &self.info, picks: &self.picks, now }
    }
}

/// An item by its key.
pub fn named<'r>(replica: &'r Replica, key: &str) -> Option<(ItemId, &'r ReplicaItem)> {
    let id = replica.find(key)?;
    Some((id, replica.get(id)?))
}
