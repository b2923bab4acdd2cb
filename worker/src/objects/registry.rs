//! Boards' configs and API keys. Never on the way of an event or a frame: callers keep what they read for seconds.

use crate::asked::Asked;
use crate::fault::{Answer, Fault};
use crate::store::registry::RegistryStore;
use serde_json::{Value, json};
use worker::{
    DurableObject, Env, Method, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, durable_object,
};

/// The object.
#[durable_object]
pub struct Registry {
    state: State,
}

impl DurableObject for Registry {
    fn new(state: State, _env: Env) -> Self {
        Self { state }
    }

    async fn fetch(&self, mut req: Request) -> Result<Response> {
        let body = req.bytes().await?;
        match self.answer(&req, &body) {
            Ok(Some(body)) => Response::from_bytes(body),
            Ok(None) => Ok(Response::empty()?.with_status(404)),
            Err(fault) => fault.into_response(),
        }
    }

    async fn alarm(&self) -> Result<Response> {
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

impl Registry {
    fn answer(&self, req: &Request, body: &[u8]) -> Answer<Option<Vec<u8>>> {
        let store = RegistryStore::open(self.state.storage().sql())?;
        let text = || std::str::from_utf8(body).map_err(|_| Fault::Internal("the body is not text".into()));
        let asked = Asked::of(req);
        let segments: Vec<&str> = asked.path().split('/').filter(|s| !s.is_empty()).collect();
        match (req.method(), segments.as_slice()) {
            (Method::Get, ["boards"]) => {
                let rows: Vec<(String, Value)> = store
                    .boards()?
                    .into_iter()
                    .map(|(name, config)| Ok::<_, Fault>((name, serde_json::from_slice(config.as_bytes())?)))
                    .collect::<std::result::Result<_, _>>()?;
                Ok(Some(serde_json::to_vec(&rows)?))
            }
            (Method::Get, ["boards", name]) => Ok(store.board(name)?.map(String::into_bytes)),
            (Method::Put, ["boards", name]) => {
                Ok(Some(if store.put_board(name, text()?)? { b"made".to_vec() } else { b"changed".to_vec() }))
            }
            (Method::Delete, ["boards", name]) => {
                store.delete_board(name)?;
                Ok(Some(Vec::new()))
            }
            (Method::Get, ["codes", code]) => Ok(store.code(code)?.map(String::into_bytes)),
            (Method::Put, ["codes", code]) => Ok(store.put_code(code, text()?)?.then(Vec::new)),
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
                let about: Value = serde_json::from_slice(about.as_bytes())?;
                Ok(Some(serde_json::to_vec(&about["grants"])?))
            }
            (Method::Put, ["keys", hash]) => {
                store.put_key(hash, text()?)?;
                Ok(Some(Vec::new()))
            }
            (Method::Delete, ["keys", id]) => Ok(store.delete_key(id)?.then(Vec::new)),
            _ => Err(Fault::Internal(format!("registry: no {}", asked.path()))),
        }
    }
}
