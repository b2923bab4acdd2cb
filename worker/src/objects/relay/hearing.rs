//! What viewers say: its length is looked at before anything is copied, and what waits is bounded.

use super::{Inner, Relay, publisher};
use crate::auth;
use crate::clock;
use crate::ended;
use crate::fault::{Answer, Fault};
use crate::trace::InBackground;
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use heliograph_shared::protocol::{ClientMessage, CloseCode, MessageError, PING, PONG};
use heliograph_shared::relay::ViewerId;
use heliograph_shared::relay::unheard::Put;
use heliograph_shared::revocation::Origin;
use heliograph_shared::rights::{Access, Ask};
use heliograph_shared::time::Millis;
use js_sys::{ArrayBuffer, JsString, Uint8Array};
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use worker::{WebSocket, WebSocketIncomingMessage};

/// What a viewer said.
pub type Heard = std::result::Result<ClientMessage, MessageError>;

/// The way of a viewer's message, which `entry/index.js` takes with a plain call: most say how far a viewer is.
#[wasm_bindgen]
impl Relay {
    /// Takes a message; false when the relay has to wake up first.
    pub fn hear(&self, ws: web_sys::WebSocket, message: &JsValue) -> bool {
        let (inner, length) = (&self.inner, length(message));
        if length > limits::CLIENT_MESSAGE_BYTES_MAX {
            inner.absurd(&ws.into());
            return true;
        }
        if inner.core.borrow().is_none() {
            return false;
        }
        let done = if length > limits::CLIENT_MESSAGE_BYTES {
            inner.receive_as(&ws.into(), Err(MessageError::too_large()), 0)
        } else {
            let message = match message.as_string() {
                Some(text) => WebSocketIncomingMessage::String(text),
                None => WebSocketIncomingMessage::Binary(Uint8Array::new(message).to_vec()),
            };
            inner.receive(&ws.into(), &message)
        };
        if let Err(fault) = done {
            log_error!("relay message: {fault:?}");
        }
        true
    }
}

/// How long a message is, at least: text in units of UTF-16.
fn length(message: &JsValue) -> usize {
    let text = message.dyn_ref::<JsString>().map(JsString::length);
    text.or_else(|| message.dyn_ref::<ArrayBuffer>().map(ArrayBuffer::byte_length)).unwrap_or(0) as usize
}

impl Inner {
    pub(super) async fn message(self: Rc<Self>, ws: &WebSocket, message: WebSocketIncomingMessage) -> Answer<()> {
        self.ready().await?;
        self.receive(ws, &message)
    }

    /// Takes a message; the relay is awake.
    fn receive(self: &Rc<Self>, ws: &WebSocket, message: &WebSocketIncomingMessage) -> Answer<()> {
        match message {
            // Answered by the platform, unless it came in parts.
            WebSocketIncomingMessage::String(text) if text == PING => Ok(ws.send_with_str(PONG)?),
            WebSocketIncomingMessage::String(text) => self.receive_as(ws, ClientMessage::from_json(text), text.len()),
            WebSocketIncomingMessage::Binary(bytes) => {
                self.receive_as(ws, ClientMessage::from_binary(bytes), bytes.len())
            }
        }
    }

    /// Takes what a viewer says, in order.
    fn receive_as(self: &Rc<Self>, ws: &WebSocket, message: Heard, bytes: usize) -> Answer<()> {
        let Some(viewer) = self.sockets.borrow().find(ws) else { return Ok(()) };
        let put = self.unheard.borrow_mut().put(viewer, message, bytes);
        match put {
            Put::Waits => Ok(()),
            Put::Now(message) => self.step(|core, net, out| core.message(clock::now(), viewer, message, net, out)),
            // It may come back with its new token.
            Put::Full => self.step(|core, _, out| core.close(viewer, CloseCode::GoingAway, out)),
        }
    }

    /// A message that no client of ours would send: nothing of it is looked at.
    fn absurd(self: &Rc<Self>, ws: &WebSocket) {
        let code = CloseCode::Protocol;
        let viewer = self.sockets.borrow().find(ws);
        let done = match viewer.filter(|_| self.core.borrow().is_some()) {
            Some(viewer) => self.step(|core, _, out| core.close(viewer, code, out)),
            None => ws.close(Some(code as u16), Some(code.reason())).map_err(Fault::from),
        };
        if let Err(fault) = done {
            log_error!("relay message: {fault:?}");
        }
    }

    /// Checks a token. What the viewer says meanwhile waits, so that it counts with the new rights.
    pub(super) fn check_token(self: &Rc<Self>, viewer: ViewerId, token: String) {
        self.unheard.borrow_mut().begin(viewer);
        let own = self.clone();
        self.state.in_background(async move {
            ended::refresh(&own.env).await;
            let who = auth::token(&own.env, &token).map(|t| (t.claims.name.clone(), t.claims.owner()));
            let (joined, owner) = who.unwrap_or_default();
            let checked = own.token_rights(&token).map(|(access, ends, origin)| {
                if let Ok(board) = own.board() {
                    own.watch.want(&origin, &board);
                }
                (origin, (access, ends))
            });
            let done = own.step(|core, net, out| {
                let checked = checked.map(|(origin, rights)| {
                    core.is_now(viewer, joined, owner);
                    core.came_with(viewer, origin);
                    rights
                });
                core.token_checked(clock::now(), viewer, checked, net, out);
            });
            own.look_after();
            if let Err(fault) = done.and_then(|()| own.catch_up(viewer)) {
                log_error!("token: {fault:?}");
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
                log_error!("token: {cause}");
                Err("the token could not be checked".into())
            }
        }
    }

    /// Hears what a viewer said while its token was checked.
    fn catch_up(self: &Rc<Self>, viewer: ViewerId) -> Answer<()> {
        let mut unheard = self.unheard.borrow_mut().end(viewer).into_iter();
        unheard.try_for_each(|m| self.step(|core, net, out| core.message(clock::now(), viewer, m, net, out)))
    }

    pub(super) fn publish(self: &Rc<Self>, viewer: ViewerId, id: u32, event: String) {
        let own = self.clone();
        self.state.in_background(async move {
            let answer = match own.take(viewer, &event).await {
                Ok(answer) => answer,
                Err(Fault::Problem(p)) => serde_json::to_string(&p).unwrap_or_default(),
                Err(Fault::Internal(cause)) => {
                    log_error!("publish: {cause}");
                    format!(r#"{{"status":500,"code":"{}"}}"#, Code::Internal)
                }
            };
            if let Err(fault) = own.step(|core, _, out| core.published(viewer, id, &answer, out)) {
                log_error!("published: {fault:?}");
            }
        });
    }

    async fn take(&self, viewer: ViewerId, event: &str) -> Answer<String> {
        let board = self.board()?;
        ended::refresh(&self.env).await;
        let session = self.core.borrow().as_ref().and_then(|c| c.session(viewer)).cloned();
        // One whose rights have ended may be on its way out.
        let session = session.filter(|s| ended::with(|list| list.end_of(&s.origin, Some(&board))).is_none());
        let session = session.ok_or_else(|| Fault::problem(Code::Forbidden, "your rights have ended"))?;
        let answer = publisher::publish(&self.env, &board, session, event).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}
