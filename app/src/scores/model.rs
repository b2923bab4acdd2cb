//! What a page of standings knows: the feed's copy, outside the reactive graph, and signals that say when to read it.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use heliograph_shared::limits;
use heliograph_shared::link::LinkStatus;
use heliograph_shared::protocol::{SubId, Subscription};
use heliograph_shared::scores::{ScoreChange, ScoreReplica, ScoreWindow};
use heliograph_shared::time::Millis;
use leptos::prelude::*;

use super::about::About;
use super::address::View;
use super::fresh::Fresh;
use super::span::{FIRST, Followed};
use crate::browser::clock;
use crate::browser::dom::{self, Timer};
use crate::client::feed::{Feed, News, Tokens};
use crate::parts::truth::{Known, Truth, describe};

/// The page follows one thing: its part of the ranking.
const STANDINGS: SubId = SubId(1);

/// Scrolling asks for other rows when it pauses this long.
const FOLLOW_MS: i32 = 60;

/// The truth about the connection, in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Which kind.
    pub truth: Truth,
    /// Short.
    pub text: String,
    /// The whole sentence.
    pub detail: String,
    /// Whether trying again now makes sense.
    pub can_retry: bool,
}

struct Inner {
    board: String,
    span: u32,
    feed: RefCell<Option<Feed>>,
    /// What is followed of every ranking first.
    first: Followed,
    followed: Cell<Followed>,
    has_news: Cell<bool>,
    told: RwSignal<u32>,
    fresh: RefCell<Fresh>,
    is_other: Cell<bool>,
    changes: Cell<u64>,
    frame_asked: Cell<bool>,
    later: RefCell<Option<Timer>>,
}

/// One page of standings. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Model {
    inner: StoredValue<Rc<Inner>, LocalStorage>,
    /// What of the standings is shown.
    pub view: RwSignal<View>,
    /// What the server says about them; nothing before the first snapshot.
    pub about: RwSignal<Option<About>>,
    /// How many rows there are.
    pub total: RwSignal<u32>,
    /// Changes when rows did, at most once a frame.
    pub drawn: RwSignal<u32>,
    /// The truth about the connection.
    pub line: RwSignal<Line>,
    /// What the server refused last.
    pub refused: RwSignal<Option<String>>,
    /// A place to scroll to.
    pub wanted: RwSignal<Option<u32>>,
}

impl Model {
    /// Connects to a board's standings. `span` rows are shown on each side of the pinned one.
    pub fn open(board: &str, tokens: Tokens, view: View, span: u32) -> Self {
        Self::follow_from(FIRST, board, tokens, view, span)
    }

    /// The same, of which this part is followed first.
    #[expect(clippy::needless_pass_by_value, reason = "the model keeps the view")]
    pub fn follow_from(first: Followed, board: &str, tokens: Tokens, view: View, span: u32) -> Self {
        let inner = Rc::new(Inner {
            board: board.to_owned(),
            span: span.min(limits::SCORE_SPAN_MAX),
            feed: RefCell::new(None),
            first,
            followed: Cell::new(first),
            has_news: Cell::new(false),
            told: RwSignal::new(0),
            fresh: RefCell::default(),
            is_other: Cell::new(false),
            changes: Cell::new(0),
            frame_asked: Cell::new(false),
            later: RefCell::new(None),
        });
        let model = Self {
            inner: StoredValue::new_local(Rc::clone(&inner)),
            view: RwSignal::new(view.clone()),
            about: RwSignal::new(None),
            total: RwSignal::new(0),
            drawn: RwSignal::new(0),
            line: RwSignal::new(Line::default()),
            refused: RwSignal::new(None),
            wanted: RwSignal::new(None),
        };
        let weak = Rc::downgrade(&inner);
        let follows = vec![(STANDINGS, Subscription::scores(window(&view, first, inner.span)))];
        let feed = Feed::open(board, tokens, follows, move |news| model.take(&weak, news));
        inner.feed.replace(Some(feed));
        model.follow_view();
        on_cleanup(move || model.close());
        model
    }

    /// The board's name in addresses.
    pub fn board(&self) -> String {
        self.inner.with_value(|inner| inner.board.clone())
    }

    /// The feed, while the page is open.
    pub fn feed(&self) -> Option<Feed> {
        self.inner.try_with_value(|inner| inner.feed.borrow().clone()).flatten()
    }

    /// Changes when the server said something about the standings, known or not.
    pub fn told(&self) -> RwSignal<u32> {
        self.inner.with_value(|inner| inner.told)
    }

    /// Reads the standings.
    pub fn with_scores<R>(&self, read: impl FnOnce(&ScoreReplica) -> R) -> Option<R> {
        self.feed()?.with_scores(STANDINGS, read)
    }

    /// What happened since this was asked last.
    pub fn fresh(&self) -> Fresh {
        self.inner.with_value(|inner| inner.fresh.take())
    }

    /// How many rows moved since the page was opened.
    pub fn changes(&self) -> u64 {
        self.inner.with_value(|inner| inner.changes.get())
    }

    /// What is followed now.
    pub fn followed(&self) -> Followed {
        self.inner.with_value(|inner| inner.followed.get())
    }

    /// Follows another part of the ranking, a moment later: scrolling goes on.
    pub fn follow(&self, part: Followed) {
        let model = *self;
        self.inner.with_value(|inner| {
            inner.later.replace(Timer::after(FOLLOW_MS, move || {
                let is_open = model.inner.try_with_value(|inner| inner.followed.set(part)).is_some();
                if is_open {
                    model.subscribe();
                }
            }));
        });
    }

    /// Writes the line about the connection anew.
    pub fn tell(&self) {
        let Some(feed) = self.feed() else { return };
        let now = clock::wall();
        let link = feed.status();
        let until = if let LinkStatus::Waiting { until, .. } = &link { *until } else { Millis(0) };
        let known = Known {
            is_kept: false,
            newest_age_ms: None,
            frame_age_ms: feed.last_frame_at().map(|at| now.since(at)),
            stale_after_ms: 0,
            retry_in_ms: until.since(now),
        };
        // Scrolling to other rows is no interruption.
        let has_rows = self.about.with_untracked(Option::is_some);
        let link = if has_rows && link == LinkStatus::CatchingUp { LinkStatus::Live } else { link };
        let (truth, text, detail, can_retry) = describe(&link, &known);
        let line = Line { truth, text, detail, can_retry };
        if self.line.with_untracked(|old| *old != line) {
            self.line.set(line);
        }
    }

    fn close(self) {
        self.inner.with_value(|inner| {
            inner.later.replace(None);
            if let Some(feed) = inner.feed.take() {
                feed.stop();
            }
        });
    }

    /// Another group, session or key is another subscription.
    fn follow_view(&self) {
        let model = *self;
        let wanted =
            Memo::new(move |_| model.view.with(|view| (view.group.clone(), view.session.clone(), view.key.clone())));
        Effect::new(move |before: Option<(Option<String>, Option<String>, Option<String>)>| {
            let now = wanted.get();
            if let Some(before) = before.filter(|before| *before != now) {
                let is_other = (&before.0, &before.1) != (&now.0, &now.1);
                model.inner.with_value(|inner| {
                    inner.later.replace(None);
                    if is_other {
                        inner.is_other.set(true);
                        inner.followed.set(inner.first);
                    }
                });
                model.refused.set(None);
                model.subscribe();
            }
            now
        });
    }

    fn subscribe(&self) {
        let Some(feed) = self.feed() else { return };
        let (part, span) = self.inner.with_value(|inner| (inner.followed.get(), inner.span));
        let window = self.view.with_untracked(|view| window(view, part, span));
        feed.follow(STANDINGS, Subscription::scores(window));
    }

    fn take(self, weak: &Weak<Inner>, news: News) {
        let Some(inner) = weak.upgrade() else { return };
        match news {
            News::Items(_) => {}
            News::Link => dom::on_next_frame(move || self.tell()),
            News::Refused(message) => {
                let _ = self.refused.try_set(Some(message));
            }
            News::Scores(changes) => {
                inner.note(changes);
                if !inner.frame_asked.replace(true) {
                    let weak = Rc::downgrade(&inner);
                    dom::on_next_frame(move || {
                        if let Some(inner) = weak.upgrade() {
                            inner.frame_asked.set(false);
                            self.draw();
                        }
                    });
                }
            }
        }
    }

    fn draw(self) {
        let has_news = self.inner.try_with_value(|inner| inner.has_news.take()).unwrap_or_default();
        let read = |scores: &ScoreReplica| (scores.total(), has_news.then(|| About::read(scores.about())));
        let Some((total, about)) = self.with_scores(read) else { return };
        if about.is_some() {
            if self.about.with_untracked(|old| *old != about) {
                self.about.set(about);
            }
            self.told().update(|told| *told = told.wrapping_add(1));
        }
        if self.total.get_untracked() != total {
            self.total.set(total);
        }
        self.drawn.update(|drawn| *drawn = drawn.wrapping_add(1));
        self.tell();
    }
}

impl Inner {
    fn note(&self, changes: Vec<ScoreChange>) {
        let is_other = self.is_other.get();
        let noted = self.fresh.borrow_mut().note(changes, is_other);
        self.is_other.set(is_other && !noted.is_snapshot);
        self.has_news.set(self.has_news.get() || noted.has_news);
        self.changes.set(self.changes.get() + noted.moved);
    }
}

fn window(view: &View, part: Followed, span: u32) -> ScoreWindow {
    ScoreWindow {
        top: part.top,
        offset: part.offset,
        around: view.key.clone(),
        span,
        group: view.group.clone(),
        session: view.session.clone(),
        cells: part.cells,
    }
}
