//! The list of boards, API keys, join codes, and what has ended. Never on the way of an event or a frame: boards own their
//! configs, and callers keep what they read.

mod health;
mod keys;
mod noted;
mod pushing;
mod waking;

use crate::calls;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::reply;
use crate::store::registry::{BoardRow, RegistryStore};
use crate::trace::{self, InBackground, Span};
use futures_util::future::{Either, join_all, select};
use health::Watching;
use heliograph_shared::audit::Noted;
use heliograph_shared::calls::registry::WatchAsk;
use heliograph_shared::calls::{RegistryCall, opened};
use heliograph_shared::config::Visibility;
use heliograph_shared::health::{board_key, source_key};
use heliograph_shared::id::BoardName;
use heliograph_shared::index::{Collected, Entry, Listed, Measured, Said};
use heliograph_shared::limits;
use heliograph_shared::meters::edge::Edge;
use heliograph_shared::revocation::{CredentialId, Mark};
use heliograph_shared::share::{Share, ShareId};
use heliograph_shared::source::Source;
use heliograph_shared::time::Millis;
use pushing::Pushing;
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use worker::{
    DurableObject, Env, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, durable_object,
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
    /// What the log calls it.
    label: Rc<str>,
    /// Relays are being told what has ended.
    telling: Cell<bool>,
    /// More has ended since that began.
    more: Cell<bool>,
    /// What isolates have counted, and what has ended, since this memory began.
    edge: RefCell<Edge>,
    /// Since when that is.
    since: Millis,
    pushing: Pushing,
    watching: Watching,
}

impl DurableObject for Registry {
    fn new(state: State, env: Env) -> Self {
        let label = trace::label("registry", &state);
        let watching = Watching::of(&env);
        Self {
            inner: Rc::new(Inner {
                state,
                env,
                label,
                telling: Cell::new(false),
                more: Cell::new(false),
                edge: RefCell::default(),
                since: clock::now(),
                pushing: Pushing::default(),
                watching,
            }),
        }
    }

    async fn fetch(&self, mut req: Request) -> Result<Response> {
        let call = req.bytes().await?;
        let answer = || {
            let body = match opened(&call) {
                Ok(body) => body,
                Err(other) => return reply::other_version(other),
            };
            self.inner.begin_pushing();
            match self.inner.answer(body) {
                Ok(Some(body)) => Response::from_bytes(body),
                Ok(None) => Ok(Response::empty()?.with_status(404)),
                Err(fault) => fault.into_response(),
            }
        };
        Span::of_call(&self.inner.label, &req.inner().url()).run(answer)
    }

    async fn alarm(&self) -> Result<Response> {
        let work = async {
            // Before what is owed is told, which sets an alarm of its own.
            self.inner.woken().await;
            self.inner.tell();
        };
        Span::of_object(&self.inner.label).hold(work).await;
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

/// Opens a link and counts that, in one: no more come in than may, whoever else comes at the same time.
fn open_share(store: &RegistryStore, id: &ShareId, again: bool) -> Answer<Option<Vec<u8>>> {
    let Some(about) = store.share(id.as_str())? else { return Ok(None) };
    let mut share: Share = serde_json::from_str(&about)?;
    if !share.open(again, clock::now()) {
        return Ok(None);
    }
    if !again {
        store.put_share(id.as_str(), share.board.as_str(), &serde_json::to_string(&share)?)?;
    }
    // Who comes by it knows of all that has ended by now.
    Ok(Some(serde_json::to_vec(&(share, store.upto()?))?))
}

fn board(name: &str) -> Answer<BoardName> {
    BoardName::try_from(name).map_err(|e| Fault::Internal(format!("registry: board {name}: {e}")))
}

impl Inner {
    fn store(&self) -> Answer<RegistryStore> {
        RegistryStore::open(&self.state)
    }

    fn answer(self: &Rc<Self>, call: &[u8]) -> Answer<Option<Vec<u8>>> {
        self.answer_call(&self.store()?, serde_json::from_slice(call)?)
    }

    fn answer_call(self: &Rc<Self>, store: &RegistryStore, call: RegistryCall) -> Answer<Option<Vec<u8>>> {
        let done = Ok(Some(Vec::new()));
        match call {
            RegistryCall::Noted(by, call) => store.whole().of(|| {
                let act = noted::act_of(store, &call)?;
                let answer = self.answer_call(store, *call)?;
                if let (Some(of), Some(_)) = (act, &answer) {
                    store.note(of.board.as_ref(), &Noted { by, act: of.act, boards: of.boards }, clock::now())?;
                }
                Ok(answer)
            }),
            RegistryCall::Note(board, by, act) => {
                store.note(Some(&board), &Noted { by, act, boards: Vec::new() }, clock::now())?;
                done
            }
            RegistryCall::Audit(board, ask) => Ok(Some(serde_json::to_vec(&store.audit(&board, &ask)?)?)),
            RegistryCall::RotateKey(rotation) => {
                let Some(about) = keys::rotate(store, &rotation, clock::now())? else { return Ok(None) };
                self.end(store, &[Mark::rotated(&rotation.id)])?;
                Ok(Some(about.to_string().into_bytes()))
            }
            RegistryCall::Boards => {
                let rows = store.boards()?.into_iter().map(listed).collect::<Answer<Vec<_>>>()?;
                Ok(Some(serde_json::to_vec(&rows)?))
            }
            RegistryCall::Meters => Ok(Some(serde_json::to_vec(&self.collected(store)?)?)),
            RegistryCall::Board(name) => Ok(store.board(name.as_str())?.map(|row| row.config.into_bytes())),
            RegistryCall::Say(name, said) => {
                self.hear(store, &name, &said)?;
                done
            }
            RegistryCall::DeleteBoard(name, version) => {
                self.forget(store, &name, version)?;
                done
            }
            RegistryCall::Changes(after) => Ok(Some(serde_json::to_vec(&store.changes(after)?)?)),
            RegistryCall::Report(after, counted) => {
                let changes = serde_json::to_vec(&store.changes(after)?)?;
                self.edge.borrow_mut().add(&counted);
                Ok(Some(changes))
            }
            RegistryCall::Watch(WatchAsk { relay, marks, after }) => {
                store.watch(&relay, &marks)?;
                Ok(Some(serde_json::to_vec(&store.changes(after)?)?))
            }
            RegistryCall::End(marks) => {
                self.end(store, &marks)?;
                done
            }
            RegistryCall::Code(code) => {
                let Some(found) = store.code(&code)? else { return Ok(None) };
                let (board, session): (String, String) = serde_json::from_slice(found.as_bytes())?;
                // Who comes by it knows of all that has ended by now.
                Ok(Some(serde_json::to_vec(&(board, session, store.upto()?))?))
            }
            RegistryCall::PutCode(code, name, session) => {
                if !store.put_code(&code, name.as_str(), &serde_json::to_string(&(&name, session))?)? {
                    return Ok(None);
                }
                // Who asked for it in vain asks again.
                self.end(store, &[Mark::config(&name)])?;
                done
            }
            RegistryCall::Keys => Ok(Some(serde_json::to_vec(&json!({"keys": keys::list(store, clock::now())?}))?)),
            RegistryCall::Key(hash) => keys::look_up(store, &hash, clock::now()),
            RegistryCall::PutKey(hash, about) => {
                store.put_key(&hash, hash.get(..16).unwrap_or_default(), &about.to_string())?;
                done
            }
            RegistryCall::Source(name) => Ok(store.source(name.as_str())?.map(String::into_bytes)),
            RegistryCall::Sources(name) => {
                let mut sources: Vec<Source> = Vec::new();
                for (_, about) in store.sources(name.as_str())? {
                    sources.push(serde_json::from_slice(about.as_bytes())?);
                }
                Ok(Some(serde_json::to_vec(&sources)?))
            }
            RegistryCall::PutSource(source, before) => {
                let (name, board) = (source.name.as_str(), source.board.as_str());
                let about = serde_json::to_string(&source)?;
                if !store.put_source(name, board, source.version, &about, before)? {
                    return Ok(None);
                }
                self.end(store, &[Mark::source(name)])?;
                done
            }
            RegistryCall::DeleteSource(board, name) => {
                if !store.delete_source(board.as_str(), name.as_str())? {
                    return Ok(None);
                }
                self.end(store, &[Mark::source(name.as_str())])?;
                self.note_gone([source_key(&board, name.as_str())]);
                done
            }
            RegistryCall::Shares(name) => {
                let kept = store.shares(name.as_str())?;
                let mut shares: Vec<Share> =
                    kept.iter().map(|about| serde_json::from_str(about)).collect::<serde_json::Result<_>>()?;
                shares.sort_by_key(|share| share.made);
                Ok(Some(serde_json::to_vec(&shares)?))
            }
            RegistryCall::PutShare(share) => {
                if store.share(share.id.as_str())?.is_some() {
                    return Ok(None);
                }
                store.put_share(share.id.as_str(), share.board.as_str(), &serde_json::to_string(&share)?)?;
                done
            }
            RegistryCall::OpenShare(id, again) => open_share(store, &id, again),
            RegistryCall::DeleteShare(board, id) => {
                let kept: Option<Share> =
                    store.share(id.as_str())?.map(|about| serde_json::from_str(&about)).transpose()?;
                let Some(share) = kept.filter(|share| share.board == board) else { return Ok(None) };
                // It goes with its mark.
                self.end(store, &[Mark::credential(&share.credential())])?;
                done
            }
            RegistryCall::Settings(name) => Ok(Some(serde_json::to_vec(&store.settings(&name)?)?)),
            RegistryCall::PutSettings(name, value, before) => {
                Ok(store.put_settings(&name, &value.to_string(), before)?.then(Vec::new))
            }
            RegistryCall::DeleteKey(id) => {
                if !store.delete_key(&id)? {
                    return Ok(None);
                }
                self.end(store, &[Mark::credential(&CredentialId::Key(id))])?;
                done
            }
        }
    }

    /// What boards have said, and what was counted at the edge.
    fn collected(&self, store: &RegistryStore) -> Answer<Collected> {
        let measured = |(name, meters): (String, Option<String>)| -> Answer<Measured> {
            // What an older version wrote is told anew within seconds.
            let meters = meters.and_then(|text| serde_json::from_str(&text).ok());
            Ok(Measured { board: board(&name)?, meters })
        };
        let boards = store.meters()?.into_iter().map(measured).collect::<Answer<Vec<_>>>()?;
        let (pushed, health) = (self.pushed(), self.reports());
        Ok(Collected { boards, edge: self.edge.borrow().clone(), pushed, health })
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
        let meters = said.meters.as_ref().map(serde_json::to_string).transpose()?;
        let meters = meters.filter(|text| text.len() <= limits::METERS_BYTES);
        let entry = serde_json::to_string(&said.entry)?;
        store.put_board(name.as_str(), said.version, &entry, &summary, meters.as_deref())?;
        if !name.is_health() {
            self.note_said();
        }
        Ok(())
    }

    /// A board has ended. One of its name that was made since stays.
    fn forget(self: &Rc<Self>, store: &RegistryStore, name: &BoardName, version: u64) -> Answer<()> {
        if store.board(name.as_str())?.is_some_and(|row| row.version as u64 > version) {
            return Ok(());
        }
        let public = Mark::credential(&CredentialId::Public(name.clone()));
        let sources = store.sources(name.as_str())?;
        let mut marks = vec![Mark::board(name), public, Mark::config(name)];
        marks.extend(sources.iter().map(|(source, _)| Mark::source(source)));
        self.end(store, &marks)?;
        store.delete_board(name.as_str())?;
        if !name.is_health() {
            let keys = sources.iter().map(|(source, _)| source_key(name, source));
            self.note_gone(keys.chain([board_key(name)]));
        }
        Ok(())
    }

    /// Writes down what has ended, and tells the relays. Nothing is awaited before, so it is written with its cause.
    fn end(self: &Rc<Self>, store: &RegistryStore, marks: &[Mark]) -> Answer<()> {
        store.end(marks, clock::now())?;
        for mark in marks {
            self.edge.borrow_mut().ended(mark);
        }
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
        self.state.in_background(async move {
            while own.more.replace(false) {
                if let Err(fault) = own.tell_owed().await {
                    log_error!("telling what has ended: {fault:?}");
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
            let telling = pin!(calls::relay::end(&self.env, relay, changes));
            // One relay that hangs keeps none waiting.
            let told = match select(telling, pin!(clock::sleep(RELAY_MILLIS))).await {
                Either::Left((told, _)) => told,
                Either::Right(_) => Err(Fault::Internal("it takes too long".into())),
            };
            match told.and_then(|()| self.store()?.paid(relay, changes.upto)) {
                Ok(()) => {}
                Err(fault) => log_error!("relay {relay} is not told what has ended: {fault:?}"),
            }
        }))
        .await;
        let storage = self.state.storage();
        if !self.store()?.owed()?.is_empty() {
            storage.set_alarm(RETRY_MILLIS).await?;
        } else if let Some(millis) = self.until_next() {
            storage.set_alarm(millis).await?;
        } else {
            storage.delete_alarm().await?;
        }
        Ok(())
    }
}
