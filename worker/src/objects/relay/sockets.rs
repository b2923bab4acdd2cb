//! The sockets by number. A frame becomes one JavaScript value, and that goes to every socket.

use crate::fault::Answer;
use heliograph_shared::meters::Sent;
use heliograph_shared::protocol::CloseCode;
use heliograph_shared::relay::{self, Frame, Session, ViewerId};
use js_sys::{Function, JsString, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::collections::HashMap;
use wasm_bindgen::{JsCast, JsValue};
use worker::{State, WebSocket};

/// What the platform keeps with a socket is at most 16 KiB; the rest of it is the number and quoting.
const ATTACHMENT_BYTES: usize = 12 * 1024;

/// What is kept with a socket while the relay sleeps.
#[derive(Serialize, Deserialize)]
pub struct Attachment {
    /// The socket's number.
    pub viewer: ViewerId,
    /// Its session; in the relay's tables when it is too large.
    pub session: Option<Session>,
}

/// The sockets of a relay.
#[derive(Default)]
pub struct Sockets {
    by_number: HashMap<ViewerId, WebSocket>,
    /// From the socket object to its number: asking the socket would deserialise its attachment.
    numbers: js_sys::Map,
    next: u32,
    sent: Cell<Sent>,
}

impl Sockets {
    /// What was sent since the relay's memory began.
    pub const fn sent(&self) -> Sent {
        self.sent.get()
    }

    fn count(&self, sent: Sent) {
        self.sent.set(self.sent.get().and(sent));
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.by_number.len()
    }

    /// Takes a new socket.
    pub fn add(&mut self, ws: WebSocket) -> ViewerId {
        let viewer = ViewerId(self.next);
        self.next += 1;
        self.put(viewer, ws);
        viewer
    }

    fn put(&mut self, viewer: ViewerId, ws: WebSocket) {
        self.numbers.set(ws.as_ref(), &JsValue::from(viewer.0));
        self.by_number.insert(viewer, ws);
    }

    /// Finds the sockets that outlived the relay's memory.
    pub fn wake(&mut self, state: &State) -> Vec<(ViewerId, Attachment)> {
        let mut found = Vec::new();
        for ws in state.get_websockets() {
            let text = ws.deserialize_attachment::<String>().ok().flatten();
            let attachment = text.and_then(|t| serde_json::from_slice::<Attachment>(t.as_bytes()).ok());
            let Some(attachment) = attachment else {
                let _ = ws.close(Some(CloseCode::GoingAway as u16), Some(CloseCode::GoingAway.reason()));
                continue;
            };
            if self.by_number.contains_key(&attachment.viewer) {
                continue;
            }
            self.next = self.next.max(attachment.viewer.0 + 1);
            self.put(attachment.viewer, ws);
            found.push((attachment.viewer, attachment));
        }
        found
    }

    /// A socket's number.
    pub fn find(&self, ws: &WebSocket) -> Option<ViewerId> {
        let number = self.numbers.get(ws.as_ref()).as_f64()?;
        Some(ViewerId(number as u32))
    }

    /// Forgets a socket.
    pub fn remove(&mut self, ws: &WebSocket) -> Option<ViewerId> {
        let viewer = self.find(ws)?;
        self.numbers.delete(ws.as_ref());
        self.by_number.remove(&viewer);
        Some(viewer)
    }

    /// Closes a socket and forgets it.
    pub fn close(&mut self, viewer: ViewerId, code: CloseCode) {
        if let Some(ws) = self.by_number.remove(&viewer) {
            self.numbers.delete(ws.as_ref());
            self.count(Sent { slow: u64::from(code == CloseCode::Slow), ..Sent::default() });
            // The platform lists it until its other end has closed as well: a relay that slept does not take it for a viewer.
            let _ = ws.serialize_attachment("");
            // It may be closed already.
            let _ = ws.close(Some(code as u16), Some(code.reason()));
        }
    }

    /// Keeps a session with its socket; returns it as JSON when it is too large for that.
    pub fn attach(&self, viewer: ViewerId, session: &Session) -> Answer<Option<String>> {
        let Some(ws) = self.by_number.get(&viewer) else { return Ok(None) };
        let text = serde_json::to_string(&Attachment { viewer, session: Some(session.clone()) })?;
        if text.len() <= ATTACHMENT_BYTES {
            ws.serialize_attachment(text)?;
            return Ok(None);
        }
        ws.serialize_attachment(serde_json::to_string(&Attachment { viewer, session: None })?)?;
        Ok(Some(serde_json::to_string(session)?))
    }

    /// Sends one frame to many sockets. A socket that fails is about to report its end.
    pub fn send(&self, viewers: &[ViewerId], frame: &Frame) {
        let frames = viewers.len() as u64;
        self.count(Sent { frames, bytes: frames * frame.len() as u64, slow: 0 });
        let sockets = viewers.iter().filter_map(|v| self.by_number.get(v)).map(AsRef::<web_sys::WebSocket>::as_ref);
        match frame {
            Frame::Binary(bytes) => {
                let bytes = Uint8Array::from(&**bytes);
                for ws in sockets {
                    let _ = ws.send_with_js_u8_array(&bytes);
                }
            }
            Frame::Text(text) if viewers.len() == 1 => {
                for ws in sockets {
                    let _ = ws.send_with_str(text);
                }
            }
            Frame::Text(text) => {
                // One string for all, rather than one made for each.
                let text = JsString::from(&**text);
                let mut method: Option<Function> = None;
                for ws in sockets {
                    if method.is_none() {
                        method = Reflect::get(ws, &JsValue::from_str("send")).ok().and_then(|f| f.dyn_into().ok());
                    }
                    if let Some(send) = &method {
                        let _ = send.call1(ws, &text);
                    }
                }
            }
        }
    }
}

impl relay::Sockets for Sockets {
    fn waiting(&self, viewer: ViewerId) -> u32 {
        self.by_number.get(&viewer).map_or(0, |ws| AsRef::<web_sys::WebSocket>::as_ref(ws).buffered_amount())
    }
}
