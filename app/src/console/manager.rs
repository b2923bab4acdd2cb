//! What a manager's page asks the board, and what it was told.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use serde_json::{Value, json};

use crate::browser::percent::encode;
use crate::client::boards::{self, BoardInfo};
use crate::client::http::Failure;
use crate::client::manage;
use crate::parts::open_board::Board;
use crate::scores::about::Session;
use crate::scores::model::Model;

/// Of how many rows the names are asked for at once.
const NAMES_AT_ONCE: usize = 20;

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
    /// How fields are shown.
    pub info: StoredValue<BoardInfo>,
    /// Names of rows by their keys, as far as they were asked for.
    names: RwSignal<BTreeMap<String, String>>,
    /// What managers did, the newest first.
    pub trail: RwSignal<Vec<Value>>,
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
    pub fn new(model: Model, board: &Board, key: String) -> Self {
        Self {
            model,
            board: StoredValue::new(board.name.clone()),
            key: StoredValue::new(key),
            sessions: RwSignal::new(Vec::new()),
            info: StoredValue::new(board.info.clone()),
            names: RwSignal::new(BTreeMap::new()),
            trail: RwSignal::new(Vec::new()),
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

    /// Reads sessions, the trail and the chosen row's entries.
    pub fn look_at_all(self) {
        self.look_at_sessions();
        self.look_at_records();
        self.look_at_entries();
    }

    /// Reads the sessions.
    pub fn look_at_sessions(self) {
        leptos::task::spawn_local(async move {
            let Ok(answer) = self.ask("sessions", None).await else { return };
            set_if_new(self.sessions, Session::read_all(&answer["sessions"]));
        });
    }

    /// Reads the trail, and the names of those in it.
    pub fn look_at_records(self) {
        leptos::task::spawn_local(async move {
            if let Ok(answer) = self.ask("scores/audit", None).await {
                let mut trail = list(&answer["actions"]);
                trail.sort_by_key(|action| std::cmp::Reverse(action["seq"].as_u64()));
                self.learn(trail.iter().filter_map(|action| action["key"].as_str())).await;
                set_if_new(self.trail, trail);
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
        if let Some(key) = key.clone() {
            leptos::task::spawn_local(async move { self.learn(std::iter::once(key.as_str())).await });
        }
        self.model.view.update(|view| view.key = key);
        self.look_at_entries();
    }

    /// Asks what rows are called whose names are not known yet.
    async fn learn(self, keys: impl Iterator<Item = &str>) {
        let Some(known) = self.names.try_get_untracked() else { return };
        let unknown: BTreeSet<&str> =
            keys.filter(|key| !key.is_empty() && !known.contains_key(*key)).take(NAMES_AT_ONCE).collect();
        if unknown.is_empty() {
            return;
        }
        let (board, key) = (self.board.get_value(), self.key.get_value());
        let Ok(config) = manage::config(&board, &key).await else { return };
        let field = config.value["scores"]["name"].as_str().unwrap_or("name").to_owned();
        let mut found = BTreeMap::new();
        for key in unknown {
            let item = self.ask(&format!("items/{}", encode(key)), None).await.unwrap_or_default();
            let name = item["fields"][&field].as_str().filter(|name| !name.is_empty()).unwrap_or(key);
            found.insert(key.to_owned(), name.to_owned());
        }
        let _ = self.names.try_update(|names| names.extend(found));
    }

    /// What a row is called; its key when that is not known.
    pub fn name_of(self, key: &str) -> String {
        let ranked = self.model.with_scores(|scores| {
            scores.rows().iter().find(|row| row.key == key).map(|row| row.name.clone()).filter(|name| !name.is_empty())
        });
        self.names.with(|names| names.get(key).cloned()).or(ranked.flatten()).unwrap_or_else(|| key.to_owned())
    }

    /// What a session is called.
    pub fn title_of(self, id: &str) -> String {
        self.sessions
            .with(|list| list.iter().find(|session| session.id == id).map(|session| session.title.clone()))
            .unwrap_or_else(|| id.to_owned())
    }

    /// What a column is called.
    pub fn label_of(self, name: &str) -> String {
        self.model
            .about
            .with(|about| {
                about.as_ref()?.columns.iter().find(|column| column.name == name).map(|column| column.label.clone())
            })
            .unwrap_or_else(|| name.to_owned())
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
