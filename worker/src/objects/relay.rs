//! Viewers' sockets: adapter around [`heliograph_shared::relay`].

mod following;
mod hearing;
mod later;
mod present;
mod publisher;
mod sockets;
mod watch;

use crate::asked::Asked;
use crate::calls;
use crate::clock;
use crate::ended;
use crate::fault::{Answer, Fault};
use crate::keys::for_tests;
use crate::reply;
use crate::store::relay::RelayStore;
use crate::trace::{self, InBackground, Span};
use following::Following;
use hearing::Heard;
use heliograph_shared::calls::registry::WatchAsk;
use heliograph_shared::calls::relay::{CONNECTION_HEADER, SESSION_HEADER, VERSION_HEADER};
use heliograph_shared::calls::{RelayMethod, opened};
use heliograph_shared::id::BoardName;
use heliograph_shared::limits;
use heliograph_shared::protocol::{CloseCode, PING, PONG};
use heliograph_shared::relay::connection::{ConnectionAnswer, ConnectionAsk, ConnectionId};
use heliograph_shared::relay::unheard::Unheard;
use heliograph_shared::relay::who::{ConnectionView, WhoAsk};
use heliograph_shared::relay::{Output, Relay as Core, ScoresAsk, Session, ViewerId};
use heliograph_shared::revocation::{Changes, CredentialId};
use heliograph_shared::time::Millis;
use sockets::Sockets;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use watch::Watch;
use worker::{
    DurableObject, Env, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, WebSocketPair,
    WebSocketRequestResponsePair, durable_object,
};

/// The variable that lets a relay have fewer viewers, for tests with several relays.
const VIEWERS_PER_RELAY: &str = "HELIOGRAPH_VIEWERS_PER_RELAY";

/// The object.
#[durable_object]
pub struct Relay {
    inner: Rc<Inner>,
}

struct Inner {
    state: State,
    env: Env,
    /// What the log calls it.
    label: Rc<str>,
    core: RefCell<Option<Core>>,
    sockets: RefCell<Sockets>,
    /// What viewers said whose tokens are being checked.
    unheard: RefCell<Unheard<Heard>>,
    next_wake: Cell<Option<Millis>>,
    following: Following,
    watch: Watch,
}

impl DurableObject for Relay {
    fn new(state: State, env: Env) -> Self {
        if let Ok(pair) = WebSocketRequestResponsePair::new(PING, PONG) {
            state.set_websocket_auto_response(&pair);
        }
        let label = trace::label("relay", &state);
        let inner = Rc::new(Inner {
            state,
            env,
            label,
            core: RefCell::new(None),
            sockets: RefCell::new(Sockets::default()),
            unheard: RefCell::default(),
            next_wake: Cell::new(None),
            following: Following::default(),
            watch: Watch::default(),
        });
        Self { inner }
    }

    async fn fetch(&self, req: Request) -> Result<Response> {
        let span = Span::of_call(&self.inner.label, &req.inner().url());
        let answer = async {
            match self.inner.clone().answer(req).await {
                Ok(response) => Ok(response),
                Err(fault) => fault.into_response(),
            }
        };
        span.hold(answer).await
    }

    async fn alarm(&self) -> Result<Response> {
        let ending = async {
            if let Err(fault) = self.inner.clone().tokens_end().await {
                log_error!("relay alarm: {fault:?}");
            }
        };
        self.own().hold(ending).await;
        Response::empty()
    }

    async fn websocket_message(&self, ws: WebSocket, message: WebSocketIncomingMessage) -> Result<()> {
        let hearing = async { self.inner.clone().message(&ws, message).await.or_else(|f| log("message", &f)) };
        self.own().hold(hearing).await
    }

    async fn websocket_close(&self, ws: WebSocket, code: usize, _reason: String, _clean: bool) -> Result<()> {
        self.own().run(|| self.inner.gone(&ws, code));
        Ok(())
    }

    async fn websocket_error(&self, ws: WebSocket, _error: worker::Error) -> Result<()> {
        self.own().run(|| self.inner.gone(&ws, 1006));
        Ok(())
    }
}

impl Relay {
    /// What it does by itself, and for viewers that are there.
    fn own(&self) -> Rc<Span> {
        Span::of_object(&self.inner.label)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that or_else needs")]
fn log(what: &str, fault: &Fault) -> Result<()> {
    log_error!("relay {what}: {fault:?}");
    Ok(())
}

impl Inner {
    fn store(&self) -> Answer<RelayStore> {
        RelayStore::open(&self.state)
    }

    fn name(&self) -> Answer<String> {
        self.state.id().name().ok_or_else(|| Fault::Internal("the relay has no name".into()))
    }

    fn board(&self) -> Answer<BoardName> {
        let name = self.name()?;
        let board = name.split('/').next().unwrap_or_default();
        BoardName::try_from(board).map_err(|e| Fault::Internal(format!("relay {name}: {e}")))
    }

    /// Which of the board's relays it is.
    fn number(&self) -> Answer<u32> {
        let name = self.name()?;
        let number = name.rsplit('/').next().and_then(|number| number.parse().ok());
        number.ok_or_else(|| Fault::Internal(format!("relay {name}: it has no number")))
    }

    async fn answer(self: Rc<Self>, mut req: Request) -> Answer<Response> {
        let asked = Asked::of(&req);
        let Some(method) = RelayMethod::named(asked.method()) else {
            return Err(Fault::Internal(format!("relay: no {}", asked.method())));
        };
        // An upgrade has no body: its version stands in a header.
        let call = match method {
            RelayMethod::Feed => version_of(&req)?.into_iter().collect(),
            RelayMethod::Push
            | RelayMethod::Close
            | RelayMethod::CloseForGood
            | RelayMethod::End
            | RelayMethod::Connection
            | RelayMethod::Who
            | RelayMethod::EndAllOf
            | RelayMethod::Presence => req.bytes().await?,
        };
        let body = match opened(&call) {
            Ok(body) => body,
            Err(other) => return Ok(reply::other_version(other)?),
        };
        match method {
            RelayMethod::Push => self.push(body).await,
            RelayMethod::Feed => self.connect(&req).await,
            RelayMethod::Close => {
                self.close_all(CloseCode::GoingAway).await?;
                Ok(Response::empty()?)
            }
            RelayMethod::CloseForGood => {
                self.close_all(CloseCode::BoardDeleted).await?;
                Ok(Response::empty()?)
            }
            RelayMethod::End => {
                let changes: Changes = serde_json::from_slice(body)?;
                self.told(changes).await?;
                Ok(Response::empty()?)
            }
            RelayMethod::Connection => {
                let (id, ask): (ConnectionId, ConnectionAsk) = serde_json::from_slice(body)?;
                Ok(Response::from_json(&self.connection(id, &ask).await?)?)
            }
            RelayMethod::Presence => self.present(body).await,
            RelayMethod::Who => Ok(Response::from_json(&self.who(serde_json::from_slice(body)?).await?)?),
            RelayMethod::EndAllOf => {
                let credential: CredentialId = serde_json::from_slice(body)?;
                let mut ended = 0;
                if self.has_sockets() {
                    self.ready().await?;
                    self.step(|core, _, out| ended = core.end_all_of(&credential, out))?;
                }
                Ok(Response::from_json(&ended)?)
            }
        }
    }

    /// Closes every viewer, whether or not the relay can wake up, for which it asks the board.
    async fn close_all(self: &Rc<Self>, code: CloseCode) -> Answer<()> {
        if let Err(fault) = self.ready().await {
            log_error!("viewers are closed without a word: {fault:?}");
        }
        self.step(|core, _, out| core.close_all(code, out))?;
        for ws in self.state.get_websockets() {
            self.sockets.borrow_mut().remove(&ws);
            // It may be closed already.
            let _ = ws.close(Some(code as u16), Some(code.reason()));
        }
        self.store()?.delete_sessions()?;
        // Whoever comes next makes the relay ask the board anew.
        *self.core.borrow_mut() = None;
        Ok(())
    }

    /// Makes sure that the relay has a mirror of the board, and its viewers after a sleep.
    async fn ready(self: &Rc<Self>) -> Answer<()> {
        if self.core.borrow().is_some() {
            return Ok(());
        }
        // Nobody else gets in while this runs, so it runs once.
        let own = self.clone();
        let loading = async move {
            if own.core.borrow().is_none()
                && let Err(fault) = own.load().await
            {
                return Ok(Some(format!("{fault:?}")));
            }
            Ok(None)
        };
        match self.state.block_concurrency_while(loading).await? {
            None => Ok(()),
            Some(cause) => Err(Fault::Internal(cause)),
        }
    }

    async fn load(self: &Rc<Self>) -> Answer<()> {
        let state = self.fetch_state().await?;
        let (store, cursor) = (self.store()?, state.cursor);
        let mut core = Core::new(state.items, cursor).with_sights(state.sights).with_delay(self.delay());
        core.set_elsewhere(state.elsewhere);
        *self.core.borrow_mut() = Some(core);
        let sleepers = self.sockets.borrow_mut().wake(&self.state);
        if sleepers.is_empty() {
            return store.delete_sessions();
        }
        let board = self.board()?;
        let settled = store.settled()?.filter(|c| c.epoch == cursor.epoch && c.seq <= cursor.seq);
        for (viewer, attachment) in sleepers {
            let session = match attachment.session {
                Some(session) => Some(session),
                None => store.session(viewer)?,
            };
            let Some(session) = session else {
                self.sockets.borrow_mut().close(viewer, CloseCode::GoingAway);
                continue;
            };
            self.watch.want(&session.origin, &board);
            // Without a note of how far it was, its copy is made anew.
            let seq = settled.map_or(0, |c| c.seq);
            self.step(|core, net, out| core.restore(clock::now(), viewer, session, seq, net, out))?;
        }
        if self.delay().is_some() {
            // Nobody wakes it with what is new.
            self.follow_later();
        }
        Ok(())
    }

    /// Lets the core do something and performs what it says.
    fn step(self: &Rc<Self>, f: impl FnOnce(&mut Core, &Sockets, &mut Vec<Output>)) -> Answer<()> {
        let mut out = Vec::new();
        {
            let mut core = self.core.borrow_mut();
            let Some(core) = core.as_mut() else { return Ok(()) };
            let sockets = self.sockets.borrow();
            f(core, &sockets, &mut out);
            core.presence_moved(clock::now(), &*sockets, &mut out);
        }
        self.perform(out)
    }

    fn perform(self: &Rc<Self>, out: Vec<Output>) -> Answer<()> {
        for output in out {
            match output {
                Output::Send { viewers, frame } => self.sockets.borrow().send(&viewers, &frame),
                Output::Close { viewer, code } => {
                    self.sockets.borrow_mut().close(viewer, code);
                    self.store()?.delete_session(viewer)?;
                }
                Output::Keep(viewer) => self.keep(viewer)?,
                Output::WakeAt(at) => self.wake_at(at),
                Output::Publish { viewer, id, event } => self.publish(viewer, id, event),
                Output::FollowScores(ask) => self.follow_scores(ask),
                Output::Rewind(call) => self.rewind(call),
                Output::ReportPresence => self.report_presence(),
                Output::CheckToken { viewer, token } => self.check_token(viewer, token),
            }
        }
        Ok(())
    }

    /// Fetches standings that viewers follow.
    fn follow_scores(self: &Rc<Self>, ask: ScoresAsk) {
        let own = self.clone();
        self.state.in_background(async move {
            let fetched = match own.board() {
                Ok(board) => calls::board::follow(&own.env, board.as_str(), &ask.channel).await,
                Err(fault) => Err(fault),
            };
            let done = match fetched {
                Ok(bytes) => own.step(|core, net, out| {
                    if let Err(e) = core.scores_loaded(clock::now(), &ask, &bytes, net, out) {
                        log_error!("standings: {e}");
                        core.scores_failed(clock::now(), &ask, out);
                    }
                }),
                Err(fault) => {
                    log_error!("standings: {fault:?}");
                    own.step(|core, _, out| core.scores_failed(clock::now(), &ask, out))
                }
            };
            if let Err(fault) = done {
                log_error!("standings: {fault:?}");
            }
        });
    }

    fn keep(&self, viewer: ViewerId) -> Answer<()> {
        let core = self.core.borrow();
        let Some(session) = core.as_ref().and_then(|c| c.session(viewer)) else { return Ok(()) };
        if let Some(too_large) = self.sockets.borrow().attach(viewer, session)? {
            self.store()?.put_session(viewer, &too_large)?;
        }
        Ok(())
    }

    async fn connect(self: &Rc<Self>, req: &Request) -> Answer<Response> {
        let session = req.headers().get(SESSION_HEADER)?.ok_or_else(|| Fault::Internal("no session".into()))?;
        let mut session: Session = serde_json::from_slice(session.as_bytes())?;
        self.ready().await?;
        self.refresh_elsewhere().await;
        if self.sockets.borrow().len() >= viewers_most(&self.env) {
            return Ok(Response::empty()?.with_status(503));
        }
        let pair = WebSocketPair::new()?;
        self.state.accept_web_socket(&pair.server);
        let viewer = self.sockets.borrow_mut().add(pair.server);
        self.watch.want(&session.origin, &self.board()?);
        let connection = ConnectionId { relay: self.number()?, viewer, since: clock::now() };
        session.connection = Some(connection);
        self.step(|core, _, out| core.connect(clock::now(), viewer, session, out))?;
        self.keep(viewer)?;
        self.set_alarm();
        // A relay may fall asleep without ever having had a push.
        self.stir();
        self.look_after();
        let response = Response::from_websocket(pair.client)?;
        if let Some(p) = req.headers().get("sec-websocket-protocol")? {
            response.headers().set("sec-websocket-protocol", &p)?;
        }
        response.headers().set(CONNECTION_HEADER, &connection.to_string())?;
        Ok(response)
    }

    /// Nobody is made to wake up for what nobody has.
    fn has_sockets(&self) -> bool {
        !self.state.get_websockets().is_empty()
    }

    /// Who is connected.
    async fn who(self: &Rc<Self>, ask: WhoAsk) -> Answer<Vec<ConnectionView>> {
        if !self.has_sockets() {
            return Ok(Vec::new());
        }
        self.ready().await?;
        let core = self.core.borrow();
        Ok(core.as_ref().map_or(Vec::new(), |core| core.who(ask, &*self.sockets.borrow())))
    }

    /// Does what is asked of a connection.
    async fn connection(self: &Rc<Self>, id: ConnectionId, ask: &ConnectionAsk) -> Answer<ConnectionAnswer> {
        if !self.has_sockets() {
            return Ok(ConnectionAnswer::Gone);
        }
        self.ready().await?;
        let mut answer = ConnectionAnswer::Gone;
        self.step(|core, net, out| answer = core.connection(id, ask, net, out))?;
        Ok(answer)
    }

    fn gone(self: &Rc<Self>, ws: &WebSocket, code: usize) {
        let viewer = self.sockets.borrow_mut().remove(ws);
        // Complete the closing handshake; codes that may not be sent become a normal close.
        let code = u16::try_from(code).ok().filter(|c| !matches!(c, 1005 | 1006 | 1015)).unwrap_or(1000);
        // It may be closed already.
        let _ = ws.close(Some(code), Some(""));
        if let Some(viewer) = viewer {
            self.unheard.borrow_mut().end(viewer);
        }
        if let (Some(viewer), Some(core)) = (viewer, self.core.borrow_mut().as_mut()) {
            core.disconnect(viewer);
        }
        if let Err(fault) = self.step(|core, net, out| core.presence_moved(clock::now(), net, out)) {
            log_error!("after a viewer went: {fault:?}");
        }
        // The board hears that there are fewer.
        self.settle();
    }

    fn wake_at(self: &Rc<Self>, at: Millis) {
        if self.next_wake.get().is_some_and(|t| t <= at) {
            return;
        }
        self.next_wake.set(Some(at));
        let own = self.clone();
        self.state.in_background(async move {
            clock::sleep(at.since(clock::now()).max(1).unsigned_abs()).await;
            if own.next_wake.get() != Some(at) {
                return;
            }
            own.next_wake.set(None);
            if let Err(fault) = own.step(|core, net, out| core.tick(clock::now(), net, out)) {
                log_error!("relay tick: {fault:?}");
            }
        });
    }

    /// Has the platform call when the first token ends; and a relay of delayed viewers now and then, which nobody else wakes.
    fn set_alarm(self: &Rc<Self>) {
        let expiry = self.core.borrow().as_ref().and_then(Core::next_expiry);
        let guard = self.delay().map(|_| clock::now().plus(limits::LATER_GUARD_MILLIS));
        let Some(at) = expiry.into_iter().chain(guard).min() else { return };
        let own = self.clone();
        self.state.in_background(async move {
            let storage = own.state.storage();
            let set = storage.get_alarm().await.ok().flatten();
            if set.is_none_or(|t| t > at.0 + 1_000) {
                let wait = at.since(clock::now()).max(0) + 500;
                if let Err(e) = storage.set_alarm(wait).await {
                    log_error!("relay alarm: {e}");
                }
            }
        });
    }

    async fn tokens_end(self: Rc<Self>) -> Answer<()> {
        if self.state.get_websockets().is_empty() {
            return Ok(());
        }
        if let Err(fault) = self.ready().await {
            if self.delay().is_none() {
                return Err(fault);
            }
            // Nobody else would wake it: those who come back are told what is wrong.
            return self.close_all(CloseCode::GoingAway).await;
        }
        self.step(|core, _, out| core.expire(clock::now(), out))?;
        self.set_alarm();
        Ok(())
    }
}

/// Viewers that this relay holds.
fn viewers_most(env: &Env) -> usize {
    let lower = for_tests(env, VIEWERS_PER_RELAY).and_then(|text| text.parse().ok());
    lower.map_or(limits::VIEWERS_PER_RELAY, |n: usize| n.clamp(1, limits::VIEWERS_PER_RELAY))
}

/// The contract's version that an upgrade comes with.
fn version_of(req: &Request) -> Answer<Option<u8>> {
    Ok(req.headers().get(VERSION_HEADER)?.and_then(|text| text.parse().ok()))
}
