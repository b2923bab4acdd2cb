//! What a manager's page asks the board, and what it was told.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::timeline::rate;
use crate::browser::clock;
use crate::browser::percent::encode;
use crate::client::boards;
use crate::client::http::Failure;
use crate::scores::about::Session;
use crate::scores::model::Model;

/// How many dead letters are shown.
const LETTERS: usize = 50;

/// A question before something is done.
#[derive(Clone)]
pub struct Question {
    /// What is about to be done.
    pub title: String,
    /// What that means.
    pub text: String,
    /// On the button that does it.
    pub label: String,
    /// Whether a reason is asked for.
    pub needs_reason: bool,
    /// Below the board's address.
    pub path: String,
    /// What is sent; the reason is put in.
    pub body: Value,
}

/// One manager's page. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Manager {
    /// The live standings.
    pub model: Model,
    board: StoredValue<String>,
    key: StoredValue<String>,
    /// All sessions.
    pub sessions: RwSignal<Vec<Session>>,
    /// Events per second.
    pub rate: RwSignal<f64>,
    counted: StoredValue<Option<(f64, u64)>>,
    /// What managers did, the newest first.
    pub trail: RwSignal<Vec<Value>>,
    /// Dead letters, the newest first.
    pub letters: RwSignal<Vec<Value>>,
    /// Whether there are more than are shown.
    pub has_more_letters: RwSignal<bool>,
    /// The row that is looked at.
    pub chosen: RwSignal<Option<String>>,
    /// Its entries, the newest first.
    pub entries: RwSignal<Vec<Value>>,
    /// What is asked before something is done.
    pub question: RwSignal<Option<Question>>,
    /// What went wrong.
    pub error: RwSignal<Option<String>>,
    /// What was done.
    pub done: RwSignal<Option<String>>,
}

impl Manager {
    /// A manager's page that knows nothing yet.
    pub fn new(model: Model, board: String, key: String) -> Self {
        Self {
            model,
            board: StoredValue::new(board),
            key: StoredValue::new(key),
            sessions: RwSignal::new(Vec::new()),
            rate: RwSignal::new(0.0),
            counted: StoredValue::new(None),
            trail: RwSignal::new(Vec::new()),
            letters: RwSignal::new(Vec::new()),
            has_more_letters: RwSignal::new(false),
            chosen: RwSignal::new(None),
            entries: RwSignal::new(Vec::new()),
            question: RwSignal::new(None),
            error: RwSignal::new(None),
            done: RwSignal::new(None),
        }
    }

    /// Asks the board for something.
    pub async fn ask(self, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        boards::ask(&self.board.get_value(), path, Some(&self.key.get_value()), body).await
    }

    /// Asks the board for a text.
    pub async fn ask_text(self, path: &str) -> Result<String, Failure> {
        boards::ask_text(&self.board.get_value(), path, Some(&self.key.get_value())).await
    }

    /// Says what went wrong.
    pub fn fail(self, error: Failure) {
        let _ = self.error.try_set(Some(error.sentence()));
    }

    /// Does something at once and looks at everything anew.
    pub fn act(self, path: String, body: Value, said: String) {
        self.error.set(None);
        leptos::task::spawn_local(async move {
            match self.ask(&path, Some(&body)).await {
                Ok(_) => {
                    let _ = self.done.try_set(Some(said));
                    self.look_at_all();
                }
                Err(error) => self.fail(error),
            }
        });
    }

    /// Asks before something is done.
    pub fn confirm(self, question: Question) {
        self.question.set(Some(question));
    }

    /// Does what was asked about.
    pub fn go_on(self, question: Question, reason: &str) {
        let mut body = question.body;
        if question.needs_reason {
            body["reason"] = reason.into();
        }
        self.question.set(None);
        self.act(question.path, body, text!(console.manager.done, title = question.title));
    }

    /// Reads sessions, the trail, dead letters and the chosen row's entries.
    pub fn look_at_all(self) {
        self.look_at_sessions();
        self.look_at_records();
        self.look_at_entries();
    }

    /// Reads the sessions and counts their events.
    pub fn look_at_sessions(self) {
        leptos::task::spawn_local(async move {
            let Ok(answer) = self.ask("sessions", None).await else { return };
            let sessions = Session::read_all(&answer["sessions"]);
            let events = sessions.iter().map(|session| session.events).sum();
            let now = (clock::steady(), events);
            let before = self.counted.try_update_value(|counted| counted.replace(now)).flatten();
            if let Some(before) = before {
                set_if_new(self.rate, rate(before, now));
            }
            set_if_new(self.sessions, sessions);
        });
    }

    /// Reads the trail and the dead letters.
    pub fn look_at_records(self) {
        leptos::task::spawn_local(async move {
            if let Ok(answer) = self.ask("scores/audit", None).await {
                let mut trail = list(&answer["actions"]);
                trail.sort_by_key(|action| std::cmp::Reverse(action["seq"].as_u64()));
                set_if_new(self.trail, trail);
            }
            if let Ok(answer) = self.ask(&format!("dead-letters?limit={LETTERS}"), None).await {
                set_if_new(self.letters, list(&answer["dead_letters"]));
                set_if_new(self.has_more_letters, !answer["next"].is_null());
            }
        });
    }

    /// Reads the chosen row's entries.
    pub fn look_at_entries(self) {
        let Some(key) = self.chosen.get_untracked() else { return };
        leptos::task::spawn_local(async move {
            match self.ask(&format!("scores/{}/entries", encode(&key)), None).await {
                Ok(answer) => {
                    let mut entries = list(&answer["entries"]);
                    entries.sort_by_key(|entry| std::cmp::Reverse(entry["seq"].as_u64()));
                    if self.chosen.try_get_untracked().flatten() == Some(key) {
                        set_if_new(self.entries, entries);
                    }
                }
                Err(error) => self.fail(error),
            }
        });
    }

    /// Looks at another row.
    pub fn choose(self, key: Option<String>) {
        self.entries.set(Vec::new());
        self.chosen.set(key.clone());
        self.model.view.update(|view| view.key = key);
        self.look_at_entries();
    }

    /// Throws a dead letter away.
    pub fn drop_letter(self, id: String) {
        leptos::task::spawn_local(async move {
            let (board, key) = (self.board.get_value(), self.key.get_value());
            match boards::delete(&board, &format!("dead-letters/{}", encode(&id)), &key).await {
                Ok(()) => self.look_at_records(),
                Err(error) => self.fail(error),
            }
        });
    }

    /// Makes a session.
    pub fn create(self, title: &str, with_code: bool) {
        let said = text!(console.manager.created, title = title);
        self.act("sessions".to_owned(), json!({"title": title, "join": with_code}), said);
    }
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// What stays the same is not drawn again. The page may be gone by the time an answer comes.
fn set_if_new<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.try_with_untracked(|old| *old != value) == Some(true) {
        let _ = signal.try_set(value);
    }
}
