//! The standings in a frame.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use heliograph_shared::link::LinkStatus;
use heliograph_shared::protocol::{SubId, Subscription};
use heliograph_shared::scores::{ScoreReplica, ScoreWindow};
use heliograph_shared::time::Millis;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

use super::host::Host;
use super::line;
use super::open::Opened;
use super::settings::{MOST_ROWS, Settings};
use super::shell::{Notice, Shell};
use crate::browser::clock;
use crate::browser::dom::{self, Listener, Timer};
use crate::client::feed::{Feed, News};
use crate::scores::about::About;
use crate::scores::fresh::Fresh;
use crate::scores::rows;
use crate::scores::sheet::Sheet;
use crate::scores::slot::{append, attribute, element};
use crate::scores::words;

const STANDINGS: SubId = SubId(1);
/// A row's height in CSS pixels.
const ROW: f64 = 48.0;
/// For people who listen: at most this often, in milliseconds.
const SAID_MS: f64 = 10_000.0;

struct Inner {
    shell: Shell,
    host: Host,
    settings: Settings,
    title: String,
    place: HtmlElement,
    empty: HtmlElement,
    feed: RefCell<Option<Feed>>,
    sheet: RefCell<Sheet>,
    fresh: RefCell<Fresh>,
    about: RefCell<Option<About>>,
    frame_asked: Cell<bool>,
    is_ready: Cell<bool>,
    said: Cell<(f64, u64)>,
    moved: Cell<u64>,
    beat: RefCell<Option<Timer>>,
}

/// Shows the standings of a board for as long as the page lives.
pub fn show(opened: Opened, settings: Settings, shell: Shell, host: Host) -> Option<()> {
    let place = element("div", "standings", None)?;
    let table = element("table", "", Some("table"))?;
    attribute(&table, "aria-label", Some(text!(scores.table.standings)));
    for part in ["thead", "tbody"] {
        append(&table, &*element(part, "", Some("rowgroup"))?)?;
    }
    append(&place, &table)?;
    let empty = element("p", "embed-empty", None)?;
    empty.set_text_content(Some(text!(scores.page.loading)));
    append(&shell.body, &place)?;
    append(&shell.body, &empty)?;
    place.set_hidden(true);
    let title = opened.title();
    shell.name(&title, "");
    let window = ScoreWindow {
        top: settings.top,
        offset: 0,
        around: None,
        span: 0,
        group: settings.group.clone(),
        session: settings.session.clone(),
        cells: false,
    };
    let board = settings.board.clone();
    let inner = Rc::new(Inner {
        shell,
        host,
        settings,
        title,
        place,
        empty,
        feed: RefCell::default(),
        sheet: RefCell::default(),
        fresh: RefCell::default(),
        about: RefCell::default(),
        frame_asked: Cell::default(),
        is_ready: Cell::default(),
        said: Cell::new((f64::MIN, 0)),
        moved: Cell::default(),
        beat: RefCell::default(),
    });
    let weak = Rc::downgrade(&inner);
    let feed = Feed::open(&board, opened.tokens, vec![(STANDINGS, Subscription::scores(window))], move |news| {
        if let Some(inner) = weak.upgrade() {
            inner.take(news);
        }
    });
    inner.feed.replace(Some(feed));
    inner.listen();
    Inner::beat(&inner);
    // It lives as long as its page.
    std::mem::forget(inner);
    Some(())
}

impl Inner {
    fn take(self: Rc<Self>, news: News) {
        match news {
            News::Items(_) => return,
            News::Link => {}
            News::Refused(text) => {
                let title = text!(embed.open.refused).to_owned();
                let notice = Notice { code: "refused", title, text, can_retry: false };
                self.shell.notice(Some(&notice));
                super::complain(&self.host, &notice);
            }
            News::Scores(changes) => {
                let noted = self.fresh.borrow_mut().note(changes, false);
                self.moved.set(self.moved.get() + noted.moved);
                if noted.has_news {
                    self.about.take();
                }
            }
        }
        if !self.frame_asked.replace(true) {
            dom::on_next_frame(move || {
                self.frame_asked.set(false);
                Self::draw(&self);
            });
        }
    }

    /// A click or Enter on a name tells the page around whose row it is.
    fn listen(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        let choose = move |event: web_sys::Event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let row = target.and_then(|target| target.closest("tr").ok().flatten());
            let key = row.and_then(|row| row.get_attribute("data-key")).filter(|key| !key.is_empty());
            if let (Some(inner), Some(key)) = (weak.upgrade(), key) {
                inner.host.say("select", &[("key", key.into())]);
            }
        };
        std::mem::forget(Listener::new(&self.place, "click", choose));
        let weak = Rc::downgrade(self);
        self.shell.on_retry(move || {
            let feed = weak.upgrade().and_then(|inner| inner.feed.borrow().clone());
            if let Some(feed) = feed {
                feed.retry();
            }
        });
    }

    /// Once a second: how old the screen is, and what people hear who listen.
    fn beat(this: &Rc<Self>) {
        let weak = Rc::downgrade(this);
        let next = Timer::after(1_000, move || {
            if let Some(inner) = weak.upgrade() {
                inner.tell();
                inner.announce();
                Self::beat(&inner);
            }
        });
        this.beat.replace(next);
    }

    fn with_scores<R>(&self, read: impl FnOnce(&ScoreReplica) -> R) -> Option<R> {
        self.feed.borrow().as_ref()?.with_scores(STANDINGS, read)
    }

    fn draw(this: &Rc<Self>) {
        this.tell();
        let read = |scores: &ScoreReplica| {
            scores.cursor()?;
            let about = this.about.borrow_mut().get_or_insert_with(|| About::read(scores.about())).clone();
            let shown = scores.rows().len().min(MOST_ROWS as usize);
            Some((rows::read(scores, 0..shown, about.shares_ranks), about))
        };
        let Some((mut rows, about)) = this.with_scores(read).flatten() else { return };
        this.describe(&about, rows.is_empty());
        let mut sheet = this.sheet.borrow_mut();
        sheet.build(&this.place, about.labels(), this.settings.top as usize, super::WHO);
        sheet.place(this.fresh.take(), &mut rows, this.settings.top.into());
        sheet.show(&this.place, &rows, this.settings.key.as_deref(), ROW, rows.len());
        sheet.draw(ROW);
        let begins = sheet.begins();
        drop(sheet);
        if begins {
            Self::slide(Rc::downgrade(this));
        }
        if !this.is_ready.replace(true) {
            this.host.say("ready", &[("board", (&this.settings.board).into()), ("title", (&this.title).into())]);
        }
    }

    fn slide(weak: Weak<Self>) {
        dom::on_next_frame(move || {
            if weak.upgrade().is_some_and(|inner| inner.sheet.borrow_mut().goes_on(ROW)) {
                Self::slide(weak);
            }
        });
    }

    /// What is said around the rows.
    fn describe(&self, about: &About, is_empty: bool) {
        let session = about.session.as_ref().map(|session| session.title.as_str()).unwrap_or_default();
        self.shell.name(&self.title, session);
        let tz = self.settings.tz.as_deref();
        self.shell.warn(words::banner(about, |time| clock::text_in(Millis(time), tz)).as_deref());
        self.place.set_hidden(is_empty);
        self.empty.set_hidden(!is_empty);
        self.empty.set_text_content(Some(if about.frozen {
            text!(scores.page.frozen)
        } else {
            text!(scores.page.nobody)
        }));
    }

    fn tell(&self) {
        let Some(feed) = self.feed.borrow().clone() else { return };
        let link = feed.status();
        // What was here stays on the screen; only the line says that it is old.
        let link = if self.is_ready.get() && link == LinkStatus::CatchingUp { LinkStatus::Live } else { link };
        line::tell(&self.shell, &self.host, &feed, &link, self.is_ready.get());
    }

    fn announce(&self) {
        let ((at, before), now, moved) = (self.said.get(), clock::steady(), self.moved.get());
        if !self.is_ready.get() || now - at < SAID_MS || (at > f64::MIN && moved == before) {
            return;
        }
        let about = self.about.borrow().clone();
        let Some(about) = about else { return };
        if let Some(text) = self.with_scores(|scores| words::summary(scores.rows().first(), &about, moved - before)) {
            self.said.set((now, moved));
            self.shell.announce(&text);
        }
    }
}
