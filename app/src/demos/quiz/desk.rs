//! The leader's desk: the book, the feed that fills it, the grades that go out, and what is done to the session.

use heliograph_shared::link::LinkStatus;
use heliograph_shared::problem::Code;
use heliograph_shared::replica::Change;
use heliograph_shared::scores::session::Phase;
use heliograph_shared::scores::{ScoreRow, ScoreWindow};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize as _;

use super::BOARD;
use super::question::{QUESTIONS_MAX, Question};
use super::sitting::Sitting;
use crate::browser::dom::{self, Listener, Timer};
use crate::browser::storage;
use crate::client::feed::News;
use crate::client::http::Failure;
use crate::client::sessions;
use crate::demos::live::{self, Eyes, Live};
use crate::demos::widgets::sleep;

/// Where the book is kept.
const PLACE: &str = "heliograph.quiz.sitting";
/// More students than a school has.
const ROWS: u32 = 1_000;
/// Grades in one request.
const GRADES: usize = 500;
/// The book is written to the browser's storage at most this often, in milliseconds.
const SAVE_MS: i32 = 400;
/// Between two tries to send grades, in milliseconds.
const RETRY_MS: i32 = 2_000;

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
        storage::get(storage::browser(), PLACE).filter(|sitting: &Sitting| !sitting.session.is_empty())
    }

    /// Reads the book; the caller's view follows it.
    pub fn with<R>(&self, read: impl FnOnce(&Sitting) -> R) -> R {
        self.tick.track();
        self.book.with_value(read)
    }

    /// Opens a sitting: a session with a code, and the first look at the questions.
    pub fn open(self, title: String, questions: Vec<Question>, at_once: bool, hidden: bool, done: Callback<()>) {
        self.do_it(async move {
            let key = self.key.get_value();
            if let Some(other) =
                sessions::sessions(BOARD, &key).await?.into_iter().find(|session| session.phase.is_running())
            {
                let message = text!(demos.quiz.desk.still_open, title = other.title);
                return Err(Failure { status: 409, code: Code::SessionPhase.to_string(), message });
            }
            let made = sessions::create_session(BOARD, &key, &title).await?;
            let mut session = sessions::act(BOARD, &key, &made.id, "open").await?;
            if hidden {
                session = sessions::act(BOARD, &key, &made.id, "freeze").await?;
            }
            let sitting = Sitting {
                session: made.id,
                title,
                code: made.code.unwrap_or_default(),
                nonce: storage::nonce(),
                shown: if at_once { questions.len() } else { 0 },
                questions,
                ..Sitting::default()
            };
            self.publish(&sitting, QUESTIONS_MAX).await?;
            self.phase.set(Some(session.phase));
            self.take(sitting);
            done.run(());
            Ok(())
        });
    }

    /// Goes on with a sitting.
    pub fn take(self, sitting: Sitting) {
        let window = ScoreWindow { top: ROWS, session: Some(sitting.session.clone()), ..ScoreWindow::default() };
        self.book.set_value(sitting);
        self.save_now();
        let eyes = Eyes::Lead(self.key.get_value());
        let follows = vec![live::items(None), live::scores(window)];
        self.live.set_value(Some(Live::open(BOARD, eyes, follows, move |news| self.hear(news))));
        self.repaint();
    }

    /// Puts the sitting away.
    pub fn put_away(self) {
        self.stop();
        self.save_timer.set_value(None);
        self.is_saving.set_value(false);
        storage::remove(storage::browser(), PLACE);
        self.book.set_value(Sitting::default());
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
            self.publish(&book, 0).await?;
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
        let session = sessions::act(BOARD, &self.key.get_value(), &id, action).await?;
        let _ = self.phase.try_set(Some(session.phase));
        Ok(())
    }

    /// Changes the book once all can see it.
    fn change(self, change: impl FnOnce(&mut Sitting) + 'static) {
        self.do_it(async move {
            let mut sitting = self.book.get_value();
            change(&mut sitting);
            self.publish(&sitting, 0).await?;
            // Answers may have come meanwhile: only what the leader changed is taken over.
            self.book.update_value(|book| {
                book.shown = sitting.shown;
                book.solved = sitting.solved;
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

    async fn publish(self, sitting: &Sitting, clear: usize) -> Result<(), Failure> {
        let event = sitting.sheet().event(clear);
        let published = sessions::publish(BOARD, &self.key.get_value(), &event).await?;
        match published.refusals().next() {
            None => Ok(()),
            Some(refusal) => Err(Failure {
                status: 422,
                code: refusal.code.clone().unwrap_or_default(),
                message: sessions::reason(refusal),
            }),
        }
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
        if self.look(&[Change::Reset]) {
            self.grade();
        }
    }

    /// Sends what is not graded, as long as there is something.
    fn grade(self) {
        if self.is_grading.get_value() {
            return;
        }
        self.is_grading.set_value(true);
        spawn_local(async move {
            loop {
                match self.send_grades().await {
                    Ok(()) => break,
                    Err(failure) if failure.is_passing() => sleep(RETRY_MS).await,
                    Err(failure) => {
                        let _ = self.error.try_set(Some(text!(demos.quiz.desk.not_sent, why = failure.message)));
                        break;
                    }
                }
            }
            let _ = self.is_grading.try_set_value(false);
        });
    }

    /// Sends grades until none is left.
    async fn send_grades(self) -> Result<(), Failure> {
        loop {
            let Some(grades) = self.book.try_with_value(|book| book.ungraded(GRADES)) else { return Ok(()) };
            if grades.is_empty() {
                return Ok(());
            }
            let events = grades.iter().map(|(.., event)| event.clone()).collect();
            let published = sessions::publish(BOARD, &self.key.get_value(), &serde_json::Value::Array(events)).await?;
            // A grade that is refused now is refused for ever: it is told, and not tried again.
            if let Some(refusal) = published.refusals().next() {
                let _ = self.error.try_set(Some(text!(demos.quiz.desk.refused, why = sessions::reason(refusal))));
            }
            let _ = self.book.try_update_value(|book| book.mark_graded(&grades));
            self.save();
        }
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
