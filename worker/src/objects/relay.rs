//! Viewers' sockets: adapter around [`heliograph_shared::relay`].

mod publisher;
mod sockets;
mod watch;

use super::call::{SESSION_HEADER, WatchAsk, board_follow, board_sync, registry_watch};
use crate::asked::Asked;
use crate::auth;
use crate::clock;
use crate::ended;
use crate::fault::{Answer, Fault};
use crate::store::relay::RelayStore;
use heliograph_shared::board::crowd_pace;
use heliograph_shared::cursor::Cursor;
use heliograph_shared::id::BoardName;
use heliograph_shared::items::Items;
use heliograph_shared::limits;
use heliograph_shared::protocol::{ClientMessage, CloseCode, MessageError, PING, PONG};
use heliograph_shared::relay::{Output, PushMessage, Pushed, Relay as Core, Session, ViewerId};
use heliograph_shared::revocation::{Changes, Origin};
use heliograph_shared::rights::{Access, Ask};
use heliograph_shared::scores::channel::Channel;
use heliograph_shared::time::Millis;
use js_sys::Uint8Array;
use sockets::Sockets;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use watch::Watch;
use worker::{
    DurableObject, Env, Method, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, WebSocketPair,
    WebSocketRequestResponsePair, console_error, durable_object,
};

/// Without changes for so long, the relay notes how far its viewers are, and may sleep.
const SETTLE_MILLIS: u64 = 2_000;

/// What a viewer said.
type Heard = std::result::Result<ClientMessage, MessageError>;

/// The object.
#[durable_object]
pub struct Relay {
    inner: Rc<Inner>,
}

struct Inner {
    state: State,
    env: Env,
    core: RefCell<Option<Core>>,
    sockets: RefCell<Sockets>,
    /// Pushes that came while the board's snapshot was on its way.
    early: RefCell<Option<Vec<Vec<u8>>>>,
    /// What viewers said whose tokens are being checked.
    unheard: RefCell<HashMap<ViewerId, Vec<Heard>>>,
    next_wake: Cell<Option<Millis>>,
    last_push: Cell<Millis>,
    settling: Cell<bool>,
    watch: Watch,
}

/// The way of a viewer's message, which `entry/index.js` takes with a plain call: most say how far a viewer is.
#[wasm_bindgen]
impl Relay {
    /// Takes a message; false when the relay has to wake up first.
    pub fn hear(&self, ws: web_sys::WebSocket, message: &JsValue) -> bool {
        if self.inner.core.borrow().is_none() {
            return false;
        }
        let message = match message.as_string() {
            Some(text) => WebSocketIncomingMessage::String(text),
            None => WebSocketIncomingMessage::Binary(Uint8Array::new(message).to_vec()),
        };
        if let Err(fault) = self.inner.receive(&ws.into(), &message) {
            console_error!("relay message: {fault:?}");
        }
        true
    }
}

impl DurableObject for Relay {
    fn new(state: State, env: Env) -> Self {
        if let Ok(pair) = WebSocketRequestResponsePair::new(PING, PONG) {
            state.set_websocket_auto_response(&pair);
        }
        let inner = Rc::new(Inner {
            state,
            env,
            core: RefCell::new(None),
            sockets: RefCell::new(Sockets::default()),
            early: RefCell::new(None),
            unheard: RefCell::new(HashMap::new()),
            next_wake: Cell::new(None),
            last_push: Cell::new(Millis(0)),
            settling: Cell::new(false),
            watch: Watch::default(),
        });
        Self { inner }
    }

    async fn fetch(&self, req: Request) -> Result<Response> {
        match self.inner.clone().answer(req).await {
            Ok(response) => Ok(response),
            Err(fault) => fault.into_response(),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        let done = self.inner.clone().tokens_end().await;
        if let Err(fault) = done {
            console_error!("relay alarm: {fault:?}");
        }
        Response::empty()
    }

    async fn websocket_message(&self, ws: WebSocket, message: WebSocketIncomingMessage) -> Result<()> {
        self.inner.clone().message(&ws, message).await.or_else(|f| log("message", &f))
    }

    async fn websocket_close(&self, ws: WebSocket, code: usize, _reason: String, _clean: bool) -> Result<()> {
        self.inner.gone(&ws, code);
        Ok(())
    }

    async fn websocket_error(&self, ws: WebSocket, _error: worker::Error) -> Result<()> {
        self.inner.gone(&ws, 1006);
        Ok(())
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that or_else needs")]
fn log(what: &str, fault: &Fault) -> Result<()> {
    console_error!("relay {what}: {fault:?}");
    Ok(())
}

impl Inner {
    fn store(&self) -> Answer<RelayStore> {
        RelayStore::open(self.state.storage().sql())
    }

    fn name(&self) -> Answer<String> {
        self.state.id().name().ok_or_else(|| Fault::Internal("the relay has no name".into()))
    }

    fn board(&self) -> Answer<BoardName> {
        let name = self.name()?;
        let board = name.split('/').next().unwrap_or_default();
        BoardName::try_from(board).map_err(|e| Fault::Internal(format!("relay {name}: {e}")))
    }

    async fn answer(self: Rc<Self>, mut req: Request) -> Answer<Response> {
        let (method, asked) = (req.method(), Asked::of(&req));
        match (method, asked.path()) {
            (Method::Post, "/push") => {
                let body = req.bytes().await?;
                self.push(body).await
            }
            (Method::Get, "/feed") => self.connect(&req).await,
            (Method::Post, "/close") => {
                let all = asked.query() == "all";
                self.ready().await?;
                self.step(|core, _, out| {
                    if all {
                        core.close_all(CloseCode::BoardDeleted, out);
                    } else {
                        core.close_all(CloseCode::GoingAway, out);
                    }
                })?;
                if all {
                    *self.core.borrow_mut() = None;
                }
                Ok(Response::empty()?)
            }
            (Method::Post, "/end") => {
                let changes: Changes = serde_json::from_slice(&req.bytes().await?)?;
                self.told(changes).await?;
                Ok(Response::empty()?)
            }
            (_, path) => Err(Fault::Internal(format!("relay: no {path}"))),
        }
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
        let (items, cursor) = self.fetch_snapshot().await?;
        let store = self.store()?;
        *self.core.borrow_mut() = Some(Core::new(items, cursor));
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
        Ok(())
    }

    /// The board's items as of now; registers this relay for what comes after.
    async fn fetch_snapshot(&self) -> Answer<(Items, Cursor)> {
        let board = self.board()?;
        let bytes = board_sync(&self.env, board.as_str(), &self.name()?).await?;
        let message = PushMessage::decode(&bytes)?;
        let items =
            Items::from_snapshot(message.rows.iter().map(|r| r.batch)).map_err(|e| Fault::Internal(e.to_string()))?;
        Ok((items, message.previous))
    }

    /// Lets the core do something and performs what it says.
    fn step(self: &Rc<Self>, f: impl FnOnce(&mut Core, &Sockets, &mut Vec<Output>)) -> Answer<()> {
        let mut out = Vec::new();
        {
            let mut core = self.core.borrow_mut();
            let Some(core) = core.as_mut() else { return Ok(()) };
            f(core, &self.sockets.borrow(), &mut out);
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
                Output::FollowScores(channel) => self.follow_scores(channel),
                Output::CheckToken { viewer, token } => self.check_token(viewer, token),
            }
        }
        Ok(())
    }

    /// Fetches standings that viewers follow.
    fn follow_scores(self: &Rc<Self>, channel: Channel) {
        let own = self.clone();
        self.state.wait_until(async move {
            let fetched = match own.board() {
                Ok(board) => board_follow(&own.env, board.as_str(), &channel).await,
                Err(fault) => Err(fault),
            };
            let done = match fetched {
                Ok(bytes) => own.step(|core, net, out| {
                    if let Err(e) = core.scores_loaded(clock::now(), &bytes, net, out) {
                        console_error!("standings: {e}");
                        core.scores_failed(&channel);
                    }
                }),
                Err(fault) => {
                    console_error!("standings: {fault:?}");
                    own.step(|core, _, _| core.scores_failed(&channel))
                }
            };
            if let Err(fault) = done {
                console_error!("standings: {fault:?}");
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

    /// Checks a token. What the viewer says meanwhile waits, so that it counts with the new rights.
    fn check_token(self: &Rc<Self>, viewer: ViewerId, token: String) {
        self.unheard.borrow_mut().insert(viewer, Vec::new());
        let own = self.clone();
        self.state.wait_until(async move {
            ended::refresh(&own.env).await;
            let joined = auth::token(&own.env, &token).ok().and_then(|token| token.claims.name.clone());
            let checked = own.token_rights(&token).map(|(access, ends, origin)| {
                if let Ok(board) = own.board() {
                    own.watch.want(&origin, &board);
                }
                (origin, (access, ends))
            });
            let done = own.step(|core, net, out| {
                let checked = checked.map(|(origin, rights)| {
                    core.joined(viewer, joined);
                    core.came_with(viewer, origin);
                    rights
                });
                core.token_checked(clock::now(), viewer, checked, net, out);
            });
            own.look_after();
            if let Err(fault) = done.and_then(|()| own.catch_up(viewer)) {
                console_error!("token: {fault:?}");
            }
            own.set_alarm();
        });
    }

    /// What a token allows here and when it ends, or why it is refused.
    fn token_rights(&self, token: &str) -> std::result::Result<(Access, Millis, Origin), String> {
        let checked = self.board().and_then(|board| Ok((auth::token(&self.env, token)?, board)));
        match checked {
            Ok((claims, board)) => {
                let access = claims.access(&board);
                if access.may(Ask::Present).is_err() {
                    return Err("the token does not allow reading this board".into());
                }
                Ok((access, claims.expires_at(), claims.origin()))
            }
            Err(Fault::Problem(p)) => Err(p.detail),
            Err(Fault::Internal(cause)) => {
                console_error!("token: {cause}");
                Err("the token could not be checked".into())
            }
        }
    }

    /// Hears what a viewer said while its token was checked.
    fn catch_up(self: &Rc<Self>, viewer: ViewerId) -> Answer<()> {
        let unheard = self.unheard.borrow_mut().remove(&viewer).unwrap_or_default();
        unheard.into_iter().try_for_each(|message| self.hear(viewer, message))
    }

    /// Takes what a viewer says, in order.
    fn hear(self: &Rc<Self>, viewer: ViewerId, message: Heard) -> Answer<()> {
        match self.unheard.borrow_mut().get_mut(&viewer) {
            None => {}
            Some(unheard) if unheard.len() < limits::UNHEARD_MESSAGES => {
                unheard.push(message);
                return Ok(());
            }
            Some(unheard) => {
                // It may come back with its new token.
                unheard.clear();
                return self.step(|core, _, out| {
                    core.disconnect(viewer);
                    out.push(Output::Close { viewer, code: CloseCode::GoingAway });
                });
            }
        }
        self.step(|core, net, out| core.message(clock::now(), viewer, message, net, out))
    }

    async fn connect(self: &Rc<Self>, req: &Request) -> Answer<Response> {
        let session = req.headers().get(SESSION_HEADER)?.ok_or_else(|| Fault::Internal("no session".into()))?;
        let session: Session = serde_json::from_slice(session.as_bytes())?;
        self.ready().await?;
        if self.sockets.borrow().len() >= limits::VIEWERS_PER_RELAY {
            return Ok(Response::empty()?.with_status(503));
        }
        let pair = WebSocketPair::new()?;
        self.state.accept_web_socket(&pair.server);
        let viewer = self.sockets.borrow_mut().add(pair.server);
        self.watch.want(&session.origin, &self.board()?);
        self.step(|core, _, out| core.connect(clock::now(), viewer, session, out))?;
        self.keep(viewer)?;
        self.set_alarm();
        // A relay may fall asleep without ever having had a push.
        self.settle();
        self.look_after();
        let response = Response::from_websocket(pair.client)?;
        if let Some(p) = req.headers().get("sec-websocket-protocol")? {
            response.headers().set("sec-websocket-protocol", &p)?;
        }
        Ok(response)
    }

    async fn push(self: &Rc<Self>, body: Vec<u8>) -> Answer<Response> {
        if let Some(early) = self.early.borrow_mut().as_mut() {
            early.push(body);
            return Ok(Response::empty()?);
        }
        if self.core.borrow().is_none() && self.state.get_websockets().is_empty() {
            return Ok(Response::empty()?.with_status(204));
        }
        self.ready().await?;
        if self.core.borrow().as_ref().is_none_or(|c| c.viewers() == 0) {
            // Whoever comes next makes the relay register again.
            *self.core.borrow_mut() = None;
            return Ok(Response::empty()?.with_status(204));
        }
        if self.apply(&body)? == Pushed::NeedSync {
            self.resync().await?;
        }
        self.last_push.set(clock::now());
        self.settle();
        let viewers = self.core.borrow().as_ref().map_or(0, Core::viewers);
        Ok(Response::from_bytes(crowd_pace(viewers).to_le_bytes().to_vec())?)
    }

    fn apply(self: &Rc<Self>, body: &[u8]) -> Answer<Pushed> {
        let message = PushMessage::decode(body)?;
        let mut result = Ok(Pushed::Applied);
        self.step(|core, net, out| result = core.push(clock::now(), &message, net, out))?;
        Ok(result?)
    }

    /// Frames were missed: take the board's items anew, and then what came meanwhile.
    async fn resync(self: &Rc<Self>) -> Answer<()> {
        *self.early.borrow_mut() = Some(Vec::new());
        let fetched = self.fetch_snapshot().await;
        let early = self.early.borrow_mut().take().unwrap_or_default();
        let (items, cursor) = fetched?;
        self.step(|core, net, out| core.load(clock::now(), items, cursor, net, out))?;
        for body in early {
            // What the snapshot has already is skipped; a hole shows at the next push.
            self.apply(&body)?;
        }
        Ok(())
    }

    async fn message(self: Rc<Self>, ws: &WebSocket, message: WebSocketIncomingMessage) -> Answer<()> {
        self.ready().await?;
        self.receive(ws, &message)
    }

    /// Takes a message; the relay is awake.
    fn receive(self: &Rc<Self>, ws: &WebSocket, message: &WebSocketIncomingMessage) -> Answer<()> {
        let Some(viewer) = self.sockets.borrow().find(ws) else { return Ok(()) };
        let message = match message {
            // Answered by the platform, unless it came in parts.
            WebSocketIncomingMessage::String(text) if text == PING => {
                return Ok(ws.send_with_str(PONG)?);
            }
            WebSocketIncomingMessage::String(text) => ClientMessage::from_json(text),
            WebSocketIncomingMessage::Binary(bytes) => ClientMessage::from_binary(bytes),
        };
        self.hear(viewer, message)
    }

    fn gone(&self, ws: &WebSocket, code: usize) {
        let viewer = self.sockets.borrow_mut().remove(ws);
        // Complete the closing handshake; codes that may not be sent become a normal close.
        let code = u16::try_from(code).ok().filter(|c| !matches!(c, 1005 | 1006 | 1015)).unwrap_or(1000);
        // It may be closed already.
        let _ = ws.close(Some(code), Some(""));
        if let Some(viewer) = viewer {
            self.unheard.borrow_mut().remove(&viewer);
        }
        if let (Some(viewer), Some(core)) = (viewer, self.core.borrow_mut().as_mut()) {
            core.disconnect(viewer);
        }
    }

    fn wake_at(self: &Rc<Self>, at: Millis) {
        if self.next_wake.get().is_some_and(|t| t <= at) {
            return;
        }
        self.next_wake.set(Some(at));
        let own = self.clone();
        self.state.wait_until(async move {
            clock::sleep(at.since(clock::now()).max(1).unsigned_abs()).await;
            if own.next_wake.get() != Some(at) {
                return;
            }
            own.next_wake.set(None);
            if let Err(fault) = own.step(|core, net, out| core.tick(clock::now(), net, out)) {
                console_error!("relay tick: {fault:?}");
            }
        });
    }

    /// Once nothing has changed for a while, notes how far the viewers are: all of them, or it waits on.
    fn settle(self: &Rc<Self>) {
        if self.settling.replace(true) {
            return;
        }
        let own = self.clone();
        self.state.wait_until(async move {
            loop {
                clock::sleep(SETTLE_MILLIS).await;
                let quiet = clock::now().since(own.last_push.get()) >= SETTLE_MILLIS as i64;
                let settled = own.core.borrow().as_ref().is_none_or(Core::is_settled);
                if quiet && settled {
                    break;
                }
            }
            own.settling.set(false);
            let cursor = own.core.borrow().as_ref().map(Core::cursor);
            if let Some(cursor) = cursor
                && let Err(fault) = own.store().and_then(|s| s.settle(cursor))
            {
                console_error!("relay settle: {fault:?}");
            }
        });
    }

    /// Has the platform call when the first token ends.
    fn set_alarm(self: &Rc<Self>) {
        let Some(at) = self.core.borrow().as_ref().and_then(Core::next_expiry) else { return };
        let own = self.clone();
        self.state.wait_until(async move {
            let storage = own.state.storage();
            let set = storage.get_alarm().await.ok().flatten();
            if set.is_none_or(|t| t > at.0 + 1_000) {
                let wait = at.since(clock::now()).max(0) + 500;
                if let Err(e) = storage.set_alarm(wait).await {
                    console_error!("relay alarm: {e}");
                }
            }
        });
    }

    async fn tokens_end(self: Rc<Self>) -> Answer<()> {
        if self.state.get_websockets().is_empty() {
            return Ok(());
        }
        self.ready().await?;
        self.step(|core, _, out| core.expire(clock::now(), out))?;
        self.set_alarm();
        Ok(())
    }

    fn publish(self: &Rc<Self>, viewer: ViewerId, id: u32, event: String) {
        let own = self.clone();
        self.state.wait_until(async move {
            let answer = match own.take(viewer, &event).await {
                Ok(answer) => answer,
                Err(Fault::Problem(p)) => serde_json::to_string(&p).unwrap_or_default(),
                Err(Fault::Internal(cause)) => {
                    console_error!("publish: {cause}");
                    r#"{"status":500,"code":"internal"}"#.to_owned()
                }
            };
            if let Err(fault) = own.step(|core, _, out| core.published(viewer, id, &answer, out)) {
                console_error!("published: {fault:?}");
            }
        });
    }

    async fn take(&self, viewer: ViewerId, event: &str) -> Answer<String> {
        let board = self.board()?;
        ended::refresh(&self.env).await;
        let session = self.core.borrow().as_ref().and_then(|c| c.session(viewer)).cloned();
        // One whose rights have ended may be on its way out.
        let session = session.filter(|s| ended::with(|list| list.end_of(&s.origin, Some(&board))).is_none());
        let session = session.ok_or_else(|| Fault::problem(403, "forbidden", "your rights have ended"))?;
        let answer = publisher::publish(&self.env, &board, session, event).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}
