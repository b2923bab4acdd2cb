//! The leader's desk: the book, the feed that fills it, and what is done to the session.

mod grading;

use heliograph_shared::link::LinkStatus;
use heliograph_shared::replica::Change;
use heliograph_shared::scores::session::Phase;
use heliograph_shared::scores::{ScoreRow, ScoreWindow};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize as _;

use super::opening::{self, Reach};
use super::shelf::{self, Quiz};
use super::sitting::Sitting;
use super::wire::{Room, SHEET_KEY};
use crate::browser::clock;
use crate::browser::dom::{self, Listener, Timer};
use crate::browser::storage;
use crate::client::feed::News;
use crate::client::http::Failure;
use crate::client::sessions;
use crate::demos::live::{self, Eyes, Live};

/// Where the book is kept.
const PLACE: &str = "heliograph.quiz.sitting";
/// More students than a school has.
const ROWS: u32 = 1_000;
/// The book is written to the browser's storage at most this often, in milliseconds.
const SAVE_MS: i32 = 400;

/// The desk. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Desk {
    key: StoredValue<String>,
    book: StoredValue<Sitting>,
    live: StoredValue<Option<Live>, LocalStorage>,
    save_timer: StoredValue<Option<Timer>, LocalStorage>,
    is_saving: StoredValue<bool>,
    is_grading: StoredValue<bool>,
    is_painting: StoredValue<bool>,
    sent_room: StoredValue<Option<Room>>,
    /// Changes when the book did, at most once a frame.
    pub tick: RwSignal<u32>,
    /// The session as the board has it.
    pub phase: RwSignal<Option<Phase>>,
    /// Whether the public sees less than this page.
    pub frozen: RwSignal<bool>,
    /// The standings.
    pub rows: RwSignal<Vec<ScoreRow>>,
    /// The connection.
    pub link: RwSignal<LinkStatus>,
    /// Something that the leader asked for is under way.
    pub is_busy: RwSignal<bool>,
    /// What went wrong last.
    pub error: RwSignal<Option<String>>,
}

impl Desk {
    /// An empty desk of a leader with this key.
    pub fn new(key: String) -> Self {
        let desk = Self {
            key: StoredValue::new(key),
            book: StoredValue::new(Sitting::default()),
            live: StoredValue::new_local(None),
            save_timer: StoredValue::new_local(None),
            is_saving: StoredValue::new(false),
            is_grading: StoredValue::new(false),
            is_painting: StoredValue::new(false),
            sent_room: StoredValue::new(None),
            tick: RwSignal::new(0),
            phase: RwSignal::new(None),
            frozen: RwSignal::new(false),
            rows: RwSignal::new(Vec::new()),
            link: RwSignal::new(LinkStatus::Connecting { attempt: 0 }),
            is_busy: RwSignal::new(false),
            error: RwSignal::new(None),
        };
        let listener = web_sys::window().map(|window| Listener::new(&window, "pagehide", move |_| desk.save_now()));
        let listener = StoredValue::new_local(listener);
        on_cleanup(move || {
            listener.dispose();
            desk.stop();
            desk.save_timer.dispose();
        });
        desk
    }

    /// The sitting that this browser led last and did not put away.
    pub fn kept() -> Option<Sitting> {
        let mut kept =
            storage::get(storage::browser(), PLACE).filter(|sitting: &Sitting| !sitting.session.is_empty())?;
        if kept.board.is_empty() {
            super::BOARD.clone_into(&mut kept.board);
        }
        Some(kept)
    }

    /// Reads the book; the caller's view follows it.
    pub fn with<R>(&self, read: impl FnOnce(&Sitting) -> R) -> R {
        self.tick.track();
        self.book.with_value(read)
    }

    /// Opens a sitting: a session with a code, and the first look at the questions.
    pub fn open(self, reach: Reach, quiz: Quiz, done: Callback<()>) {
        self.do_it(async move {
            let (sitting, session) = opening::open(&self.key.get_value(), reach, &quiz).await?;
            self.phase.set(Some(session.phase));
            self.take(sitting);
            done.run(());
            Ok(())
        });
    }

    /// Goes on with a sitting: first with all that has happened, where the key may read that, then live.
    pub fn take(self, sitting: Sitting) {
        self.book.set_value(sitting);
        self.save_now();
        self.repaint();
        spawn_local(async move {
            let (key, book) = (self.key.get_value(), self.book.get_value());
            let session = book.session.clone();
            if let Ok(caught_up) = opening::catch_up(&key, book).await
                && self.is_at(&session)
            {
                self.book.set_value(caught_up);
            }
            if self.is_at(&session) {
                self.follow(session);
            }
        });
    }

    /// Whether this is still the sitting on the desk.
    fn is_at(self, session: &str) -> bool {
        self.book.try_with_value(|book| book.session == session) == Some(true)
    }

    fn follow(self, session: String) {
        let window = ScoreWindow { top: ROWS, session: Some(session), ..ScoreWindow::default() };
        let eyes = Eyes::Lead(self.key.get_value());
        let follows = vec![live::items(None), live::scores(window)];
        let live = Live::open(&self.board(), eyes, follows, move |news| self.hear(news));
        self.live.set_value(Some(live));
        self.grade();
        self.repaint();
    }

    /// The board that the sitting is on.
    pub fn board(self) -> String {
        self.book.with_value(|book| book.board.clone())
    }

    /// The key of who leads.
    pub fn key(self) -> String {
        self.key.get_value()
    }

    /// Puts the sitting away, here and on the server.
    pub fn put_away(self, done: Callback<()>) {
        self.stop();
        self.save_timer.set_value(None);
        self.is_saving.set_value(false);
        storage::remove(storage::browser(), PLACE);
        let (key, board) = (self.key.get_value(), self.board());
        self.book.set_value(Sitting::default());
        self.phase.set(None);
        self.sent_room.set_value(None);
        spawn_local(async move {
            // A leader whose quizzes are in the browser has nothing there.
            let _ = shelf::end(&key, &board).await;
            done.run(());
        });
    }

    /// What is due by the clock: a question whose time is over is closed, and the room hears how many have answered.
    pub fn beat(self) {
        let Some(now) = self.server_now() else { return };
        if !self.phase.get_untracked().is_some_and(Phase::is_running) || self.is_busy.get_untracked() {
            return;
        }
        if let Some(question) = self.book.with_value(|book| book.overdue(now)) {
            return self.solve(question);
        }
        let (session, room) = self.book.with_value(|book| (book.session.clone(), book.room(now)));
        if self.sent_room.with_value(|sent| sent.as_ref() == Some(&room)) {
            return;
        }
        self.sent_room.set_value(Some(room.clone()));
        let (board, key) = (self.board(), self.key.get_value());
        spawn_local(async move {
            if sessions::publish(&board, &key, &room.event(&session)).await.is_err() {
                // It is sent again with the next beat.
                let _ = self.sent_room.try_set_value(None);
            }
        });
    }

    /// The server's time, once there is a connection.
    pub fn server_now(self) -> Option<i64> {
        self.live.try_with_value(|live| live.as_ref().map(|live| live.server_time().0)).flatten()
    }

    /// Shows the questions up to this many.
    pub fn show(self, count: usize) {
        self.change(move |book| book.shown = count.min(book.questions.len()));
    }

    /// Closes a question and shows what was right.
    pub fn solve(self, question: usize) {
        self.change(move |book| book.solved.extend([question]));
    }

    /// Ends the sitting: closes the questions, sends the last grades, closes the session.
    pub fn close(self) {
        self.do_it(async move {
            let mut book = self.book.get_value();
            book.solved.extend(0..book.shown);
            self.publish(&book).await?;
            self.book.update_value(|now| now.solved = book.solved);
            self.send_grades().await?;
            self.session_action("close").await
        });
    }

    /// Freezes, reveals or reopens.
    pub fn act(self, action: &'static str) {
        self.do_it(async move { self.session_action(action).await });
    }

    async fn session_action(self, action: &str) -> Result<(), Failure> {
        let id = self.book.with_value(|book| book.session.clone());
        let session = sessions::act(&self.board(), &self.key.get_value(), &id, action).await?;
        let _ = self.phase.try_set(Some(session.phase));
        Ok(())
    }

    /// Changes the book once all can see it.
    fn change(self, change: impl FnOnce(&mut Sitting) + 'static) {
        self.do_it(async move {
            let mut sitting = self.book.get_value();
            change(&mut sitting);
            self.publish(&sitting).await?;
            // Answers may have come meanwhile: only what the leader changed is taken over.
            self.book.update_value(|book| {
                book.shown = book.shown.max(sitting.shown);
                book.solved.extend(sitting.solved);
            });
            self.look_at_all();
            self.save();
            self.repaint();
            Ok(())
        });
    }

    fn do_it(self, work: impl Future<Output = Result<(), Failure>> + 'static) {
        if self.is_busy.get_untracked() {
            return;
        }
        self.is_busy.set(true);
        self.error.set(None);
        spawn_local(async move {
            let result = work.await;
            let _ = self.is_busy.try_set(false);
            if let Err(failure) = result {
                let _ = self.error.try_set(Some(failure.message));
            }
        });
    }

    async fn publish(self, sitting: &Sitting) -> Result<(), Failure> {
        let now = self.server_now().unwrap_or_else(|| clock::wall().0);
        opening::publish_sheet(&self.key.get_value(), sitting, now, 0).await
    }

    fn hear(self, news: News) {
        match news {
            News::Items(changes) => {
                if self.look(&changes) {
                    self.save();
                    self.repaint();
                    self.grade();
                }
            }
            News::Scores(..) => self.repaint(),
            News::Link => {
                let status = self.live.try_with_value(|live| live.as_ref().map(Live::status)).flatten();
                if let Some(status) = status {
                    let _ = self.link.try_set(status);
                }
            }
            News::Refused(message) => drop(self.error.try_set(Some(message))),
        }
    }

    fn look(self, changes: &[Change]) -> bool {
        let Some(live) = self.live.try_get_value().flatten() else { return false };
        let mut news = false;
        live.with_items(|replica| {
            self.book.update_value(|book| {
                // What is asked comes first: answers are read by it.
                if let Some(sheet) = replica.find(SHEET_KEY).and_then(|id| replica.get(id)) {
                    news |= book.see_sheet(sheet.time.0, |field| sheet.fields.get(field));
                }
                let mut see = |item: &heliograph_shared::replica::ReplicaItem| {
                    news |= book.see(&item.key, item.time.0, |field| item.fields.get(field));
                };
                for change in changes {
                    match change {
                        Change::Reset => replica.items().for_each(|(_, item)| see(item)),
                        Change::Upsert { id, .. } => replica.get(*id).into_iter().for_each(&mut see),
                        Change::Remove(_) => {}
                    }
                }
            });
        });
        news
    }

    fn look_at_all(self) {
        self.look(&[Change::Reset]);
        // A question that was closed has grades that were waiting for it.
        self.grade();
    }

    fn save(self) {
        if self.is_saving.try_get_value() != Some(false) {
            return;
        }
        self.is_saving.set_value(true);
        let timer = Timer::after(SAVE_MS, move || self.save_now());
        let _ = self.save_timer.try_set_value(timer);
    }

    fn save_now(self) {
        let _ = self.is_saving.try_set_value(false);
        let kept =
            self.book.try_with_value(|book| book.session.is_empty() || storage::set(storage::browser(), PLACE, book));
        if kept == Some(false) {
            let message = text!(demos.quiz.desk.not_kept);
            let _ = self.error.try_set(Some(message.to_owned()));
        }
    }

    /// Shows what is new with the next frame.
    fn repaint(self) {
        if self.is_painting.try_get_value() != Some(false) {
            return;
        }
        self.is_painting.set_value(true);
        dom::on_next_frame(move || {
            let _ = self.is_painting.try_set_value(false);
            let Some(live) = self.live.try_get_value().flatten() else { return };
            let id = self.book.with_value(|book| book.session.clone());
            live.with_scores(|scores| {
                let about = scores.about();
                let sessions = about["sessions"].as_array().into_iter().flatten();
                if let Some(found) = sessions.into_iter().find(|session| session["id"] == id.as_str())
                    && let Ok(phase) = Phase::deserialize(&found["phase"])
                    && self.phase.get_untracked() != Some(phase)
                {
                    self.phase.set(Some(phase));
                }
                self.frozen.set(about["frozen"] == true);
                if self.rows.with_untracked(|old| old != scores.rows()) {
                    self.rows.set(scores.rows().to_vec());
                }
            });
            self.tick.update(|tick| *tick += 1);
        });
    }

    fn stop(self) {
        if let Some(live) = self.live.try_get_value().flatten() {
            live.stop();
        }
        let _ = self.live.try_set_value(None);
    }
}
