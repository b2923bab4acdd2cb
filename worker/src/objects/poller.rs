//! Asks an address for a source, again and again: adapter around [`heliograph_shared::source::poll`]. An alarm wakes it, and
//! sets the next one before it does anything else, so that whatever it dies of, it goes on.

use crate::calls;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::keys::random_u32;
use crate::publishing::{contest, polled};
use crate::reply;
use crate::store::poller::PollerStore;
use crate::trace::{self, Span};
use heliograph_shared::calls::{PollerMethod, opened};
use heliograph_shared::limits;
use heliograph_shared::source::poll::{Poll, PollState, Told};
use heliograph_shared::source::{EnvelopeName, Source, SourceName};
use std::cell::Cell;
use std::rc::Rc;
use worker::{
    DurableObject, Env, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, durable_object,
};

/// After so long it looks at its source when that was changed: whoever changes it wakes it before and after.
const LOOKS_MILLIS: i64 = 1_000;

/// The object.
#[durable_object]
pub struct Poller {
    state: State,
    env: Env,
    /// What the log calls it.
    label: Rc<str>,
    /// It was woken while it was asking.
    woken: Cell<bool>,
}

impl DurableObject for Poller {
    fn new(state: State, env: Env) -> Self {
        let label = trace::label("poller", &state);
        Self { state, env, label, woken: Cell::new(false) }
    }

    async fn fetch(&self, req: Request) -> Result<Response> {
        Span::of_call(&self.label, &req.inner().url()).hold(self.answer(req)).await
    }

    async fn alarm(&self) -> Result<Response> {
        let asking = async {
            if let Err(fault) = self.ask().await {
                log_error!("poller: {fault:?}");
            }
        };
        Span::of_object(&self.label).hold(asking).await;
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

impl Poller {
    async fn answer(&self, mut req: Request) -> Result<Response> {
        let call = req.bytes().await?;
        if let Err(other) = opened(&call) {
            return reply::other_version(other);
        }
        let path = req.path();
        let answered = match PollerMethod::named(path.rsplit('/').next().unwrap_or_default()) {
            Some(PollerMethod::Wake) => self.wake().await,
            Some(PollerMethod::Status) => self.status(),
            None => Err(Fault::Internal(format!("a poller has no method {path}"))),
        };
        answered.map_or_else(Fault::into_response, Response::from_bytes)
    }

    fn name(&self) -> Answer<SourceName> {
        let name = self.state.id().name().ok_or_else(|| Fault::Internal("the poller has no name".into()))?;
        SourceName::try_from(name).map_err(|e| Fault::Internal(e.into()))
    }

    fn status(&self) -> Answer<Vec<u8>> {
        Ok(serde_json::to_vec(&PollerStore::open(&self.state)?.state()?.status)?)
    }

    async fn wake(&self) -> Answer<Vec<u8>> {
        self.woken.set(true);
        self.state.storage().set_alarm(LOOKS_MILLIS).await?;
        Ok(Vec::new())
    }

    /// Takes what is new; within, why nothing was.
    async fn take(&self, source: &Source, poll: &Poll, state: &mut PollState) -> Answer<Result<(), Told>> {
        if source.envelope != EnvelopeName::Clics {
            return Ok(polled::take(&self.env, source, poll, state).await);
        }
        let follow = PollerStore::open(&self.state)?.contest()?;
        let packed = match contest::take(&self.env, source, poll, state, follow).await {
            Ok(follow) => follow.packed().map_err(|why| Told::new(why.to_string())),
            Err(told) => Err(told),
        };
        Ok(match packed {
            Ok(packed) => {
                PollerStore::open(&self.state)?.put_contest(&packed)?;
                Ok(())
            }
            Err(told) => Err(told),
        })
    }

    async fn ask(&self) -> Answer<()> {
        self.woken.set(false);
        let storage = self.state.storage();
        storage.set_alarm(limits::POLL_GUARD_MILLIS).await?;
        let source = calls::registry::source(&self.env, &self.name()?).await?;
        let Some((source, poll)) = source.and_then(|s| s.poll.clone().map(|poll| (s, poll))) else {
            // Woken meanwhile, it looks again.
            if !self.woken.get() {
                storage.delete_alarm().await?;
                storage.delete_all().await?;
            }
            return Ok(());
        };
        let mut state = PollerStore::open(&self.state)?.state()?.of(&source);
        let told = self.take(&source, &poll, &mut state).await?.err();
        let now = clock::now();
        if let Some(told) = &told {
            state.failed(told, now);
        }
        let next = state.next(&poll, told.as_ref(), now, random_u32()?);
        PollerStore::open(&self.state)?.put(&state)?;
        let wait = if self.woken.get() { LOOKS_MILLIS } else { next.since(now).max(1) };
        storage.set_alarm(wait).await?;
        Ok(())
    }
}
