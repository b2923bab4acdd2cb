//! The list of boards, API keys, join codes, and what has ended. Never on the way of an event or a frame: boards own their
//! configs, and callers keep what they read.

use super::call::{WatchAsk, relay_end};
use crate::asked::Asked;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::store::registry::{BoardRow, RegistryStore};
use futures_util::future::{Either, join_all, select};
use heliograph_shared::config::Visibility;
use heliograph_shared::id::BoardName;
use heliograph_shared::index::{Entry, Listed, Said};
use heliograph_shared::limits;
use heliograph_shared::revocation::{CredentialId, Mark};
use serde_json::{Value, json};
use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use worker::{
    DurableObject, Env, Method, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, console_error,
    durable_object,
};

/// A relay that could not be told is told again after so long.
const RETRY_MILLIS: i64 = 500;
/// So long a relay may take.
const RELAY_MILLIS: u64 = 1_000;

/// The object.
#[durable_object]
pub struct Registry {
    inner: Rc<Inner>,
}

struct Inner {
    state: State,
    env: Env,
    /// Relays are being told what has ended.
    telling: Cell<bool>,
    /// More has ended since that began.
    more: Cell<bool>,
}

impl DurableObject for Registry {
    fn new(state: State, env: Env) -> Self {
        Self { inner: Rc::new(Inner { state, env, telling: Cell::new(false), more: Cell::new(false) }) }
    }

    async fn fetch(&self, mut req: Request) -> Result<Response> {
        let body = req.bytes().await?;
        match self.inner.answer(&req, &body) {
            Ok(Some(body)) => Response::from_bytes(body),
            Ok(None) => Ok(Response::empty()?.with_status(404)),
            Err(fault) => fault.into_response(),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        self.inner.tell();
        Response::empty()
    }

    async fn websocket_message(&self, _ws: WebSocket, _message: WebSocketIncomingMessage) -> Result<()> {
        Ok(())
    }

    async fn websocket_close(&self, _ws: WebSocket, _code: usize, _reason: String, _clean: bool) -> Result<()> {
        Ok(())
    }

    async fn websocket_error(&self, _ws: WebSocket, _error: worker::Error) -> Result<()> {
        Ok(())
    }
}

/// A board as the list has it; of one of before, as its config says.
fn listed(row: BoardRow) -> Answer<Listed> {
    let entry = match row.entry {
        Some(entry) => serde_json::from_slice(entry.as_bytes())?,
        None => Entry::of(&serde_json::from_slice(row.config.as_bytes())?),
    };
    let summary = row.summary.map(|s| serde_json::from_slice(s.as_bytes())).transpose()?;
    Ok(Listed { board: board(&row.name)?, entry, summary }.shown())
}

fn board(name: &str) -> Answer<BoardName> {
    BoardName::try_from(name).map_err(|e| Fault::Internal(format!("registry: board {name}: {e}")))
}

impl Inner {
    fn store(&self) -> Answer<RegistryStore> {
        RegistryStore::open(self.state.storage().sql())
    }

    fn answer(self: &Rc<Self>, req: &Request, body: &[u8]) -> Answer<Option<Vec<u8>>> {
        let store = self.store()?;
        let text = || std::str::from_utf8(body).map_err(|_| Fault::Internal("the body is not text".into()));
        let asked = Asked::of(req);
        let segments: Vec<&str> = asked.path().split('/').filter(|s| !s.is_empty()).collect();
        match (req.method(), segments.as_slice()) {
            (Method::Get, ["boards"]) => {
                let rows = store.boards()?.into_iter().map(listed).collect::<Answer<Vec<_>>>()?;
                Ok(Some(serde_json::to_vec(&rows)?))
            }
            (Method::Get, ["boards", name]) => Ok(store.board(name)?.map(|row| row.config.into_bytes())),
            (Method::Put, ["boards", name]) => {
                self.hear(&store, &board(name)?, &serde_json::from_slice(body)?)?;
                Ok(Some(Vec::new()))
            }
            (Method::Delete, ["boards", name]) => {
                self.forget(&store, &board(name)?, serde_json::from_slice(body)?)?;
                Ok(Some(Vec::new()))
            }
            (Method::Get, ["changes", after]) => {
                let after = after.parse().map_err(|_| Fault::Internal("registry: no number".into()))?;
                Ok(Some(serde_json::to_vec(&store.changes(after)?)?))
            }
            (Method::Post, ["watch"]) => {
                let WatchAsk { relay, marks, after } = serde_json::from_slice(body)?;
                store.watch(&relay, &marks)?;
                Ok(Some(serde_json::to_vec(&store.changes(after)?)?))
            }
            (Method::Post, ["end"]) => {
                let marks: Vec<Mark> = serde_json::from_slice(body)?;
                self.end(&store, &marks)?;
                Ok(Some(Vec::new()))
            }
            (Method::Get, ["codes", code]) => {
                let Some(found) = store.code(code)? else { return Ok(None) };
                let (board, session): (String, String) = serde_json::from_slice(found.as_bytes())?;
                // Who comes by it knows of all that has ended by now.
                Ok(Some(serde_json::to_vec(&(board, session, store.upto()?))?))
            }
            (Method::Put, ["codes", code]) => {
                let (name, _): (BoardName, String) = serde_json::from_slice(body)?;
                if !store.put_code(code, name.as_str(), text()?)? {
                    return Ok(None);
                }
                // Who asked for it in vain asks again.
                self.end(&store, &[Mark::config(&name)])?;
                Ok(Some(Vec::new()))
            }
            (Method::Get, ["keys"]) => {
                let mut rows = Vec::new();
                for (hash, about) in store.keys()? {
                    let mut row: Value = serde_json::from_slice(about.as_bytes())?;
                    row["id"] = hash.get(..16).unwrap_or_default().into();
                    rows.push(row);
                }
                Ok(Some(serde_json::to_vec(&json!({"keys": rows}))?))
            }
            (Method::Get, ["keys", hash]) => {
                let Some(about) = store.key(hash)? else { return Ok(None) };
                Ok(Some(about.into_bytes()))
            }
            (Method::Put, ["keys", hash]) => {
                store.put_key(hash, text()?)?;
                Ok(Some(Vec::new()))
            }
            (Method::Delete, ["keys", id]) => {
                if !store.delete_key(id)? {
                    return Ok(None);
                }
                self.end(&store, &[Mark::credential(&CredentialId::Key((*id).to_owned()))])?;
                Ok(Some(Vec::new()))
            }
            _ => Err(Fault::Internal(format!("registry: no {}", asked.path()))),
        }
    }

    /// A board says what it is and has. It may say so again, and late.
    fn hear(self: &Rc<Self>, store: &RegistryStore, name: &BoardName, said: &Said) -> Answer<()> {
        let before = store.board(name.as_str())?;
        let known = before.as_ref().map_or(0, |row| row.version as u64);
        let summary = serde_json::to_string(&said.summary)?;
        if said.version < known || summary.len() > limits::SUMMARY_BYTES {
            return Ok(());
        }
        if said.version > known {
            let mut marks = vec![Mark::config(name)];
            let was_public = before.map(listed).transpose()?.is_some_and(|b| b.entry.visibility == Visibility::Public);
            if was_public && said.entry.visibility != Visibility::Public {
                marks.push(Mark::credential(&CredentialId::Public(name.clone())));
            }
            // First what ended: when writing fails in between, the board says it again.
            self.end(store, &marks)?;
        }
        store.put_board(name.as_str(), said.version, &serde_json::to_string(&said.entry)?, &summary)
    }

    /// A board has ended. One of its name that was made since stays.
    fn forget(self: &Rc<Self>, store: &RegistryStore, name: &BoardName, version: u64) -> Answer<()> {
        if store.board(name.as_str())?.is_some_and(|row| row.version as u64 > version) {
            return Ok(());
        }
        let public = Mark::credential(&CredentialId::Public(name.clone()));
        self.end(store, &[Mark::board(name), public, Mark::config(name)])?;
        store.delete_board(name.as_str())
    }

    /// Writes down what has ended, and tells the relays. Nothing is awaited before, so it is written with its cause.
    fn end(self: &Rc<Self>, store: &RegistryStore, marks: &[Mark]) -> Answer<()> {
        store.end(marks, clock::now())?;
        self.tell();
        Ok(())
    }

    /// Tells relays what they are owed, in the background; those that fail are told again.
    fn tell(self: &Rc<Self>) {
        self.more.set(true);
        if self.telling.replace(true) {
            return;
        }
        let own = self.clone();
        self.state.wait_until(async move {
            while own.more.replace(false) {
                if let Err(fault) = own.tell_owed().await {
                    console_error!("telling what has ended: {fault:?}");
                }
            }
            own.telling.set(false);
        });
    }

    async fn tell_owed(&self) -> Answer<()> {
        let owed = self.store()?.owed()?;
        if owed.is_empty() {
            return Ok(());
        }
        // First the alarm: what is owed is told even if this ends in the middle.
        self.state.storage().set_alarm(RETRY_MILLIS).await?;
        join_all(owed.iter().map(|(relay, changes)| async move {
            let telling = pin!(relay_end(&self.env, relay, changes));
            // One relay that hangs keeps none waiting.
            let told = match select(telling, pin!(clock::sleep(RELAY_MILLIS))).await {
                Either::Left((told, _)) => told,
                Either::Right(_) => Err(Fault::Internal("it takes too long".into())),
            };
            match told.and_then(|()| self.store()?.paid(relay, changes.upto)) {
                Ok(()) => {}
                Err(fault) => console_error!("relay {relay} is not told what has ended: {fault:?}"),
            }
        }))
        .await;
        if self.store()?.owed()?.is_empty() {
            self.state.storage().delete_alarm().await?;
        }
        Ok(())
    }
}
