//! Calls of the edge to the objects, and of objects to each other: the platform's side of the contract in
//! [`heliograph_shared::calls`].

pub mod board;
pub mod poller;
pub mod registry;
pub mod relay;

use crate::buffers::{release_long, taken};
use crate::fault::{Answer, Fault};
use crate::trace;
use heliograph_shared::calls::{OTHER_VERSION_STATUS, VERSION};
use heliograph_shared::problem::{Code, Problem};
use js_sys::{Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::{Env, Fetcher, Stub};

/// Bindings, as `wrangler.toml` and `workerd.capnp` name them.
pub mod binding {
    /// The single writer of a board.
    pub const BOARD: &str = "BOARD";
    /// Viewers' sockets.
    pub const RELAY: &str = "RELAY";
    /// The list of boards, API keys, and what has ended.
    pub const REGISTRY: &str = "REGISTRY";
    /// Asks an address for a source.
    pub const POLLER: &str = "POLLER";
    /// The script that runs jq programs.
    pub const TRANSFORM: &str = "TRANSFORM";
}

fn stub(env: &Env, binding: &str, name: &str) -> Answer<Stub> {
    Ok(env.durable_object(binding)?.get_by_name(name)?)
}

/// A call's bytes: the contract's version, and its body.
fn call_of(body: &[u8]) -> Uint8Array {
    let call = Uint8Array::new_with_length(body.len() as u32 + 1);
    call.set_index(0, VERSION);
    call.subarray(1, call.length()).copy_from(body);
    call
}

/// Calls an object; what it takes is behind the contract's version.
async fn send(stub: Stub, path: &str, body: &[u8]) -> Answer<web_sys::Response> {
    answered(ask(&stub.into_rpc::<js_sys::Object>(), path, &call_of(body))?, path).await
}

/// Calls another script; the body of its answer.
pub async fn service(service: Fetcher, path: &str, body: &[u8]) -> Answer<Vec<u8>> {
    let promise = ask(&service.into_rpc::<js_sys::Object>(), path, &Uint8Array::from(body))?;
    expect_bytes(answered(promise, path).await?, path).await
}

/// Asks an object or a script; a promise of its response. Straight through the platform's `fetch(url, init)`: every event
/// takes this way, and the wrappers would make a request, its headers and a stream reader for it.
fn ask(target: &JsValue, path: &str, call: &Uint8Array) -> Answer<Promise> {
    let failed = |e: JsValue| Fault::Internal(format!("calling an object, {path}: {e:?}"));
    let init = web_sys::RequestInit::new();
    init.set_method("POST");
    init.set_body(call);
    let fetch: Function = Reflect::get(target, &"fetch".into()).and_then(JsCast::dyn_into).map_err(failed)?;
    let url = format!("http://{}/{path}", trace::host());
    fetch.call2(target, &url.into(), &init).and_then(JsCast::dyn_into).map_err(failed)
}

/// The response that was promised, if the object speaks the same version.
async fn answered(promise: Promise, path: &str) -> Answer<web_sys::Response> {
    let failed = |e: JsValue| Fault::Internal(format!("calling an object, {path}: {e:?}"));
    let response: web_sys::Response = JsFuture::from(promise).await.and_then(JsCast::dyn_into).map_err(failed)?;
    same_version(response).await
}

/// An object of another version did nothing. One replaces the other at the moment, and that takes seconds.
async fn same_version(response: web_sys::Response) -> Answer<web_sys::Response> {
    if response.status() != OTHER_VERSION_STATUS {
        return Ok(response);
    }
    log_error!("{}", String::from_utf8_lossy(&bytes(&response).await?));
    Err(upgrading())
}

fn upgrading() -> Fault {
    let detail = "a new version is being deployed; nothing was done. Try again";
    Fault::Problem(Problem::new(Code::Upgrading, detail).retry_after(2))
}

/// What an object was sent.
pub struct SentBody {
    array: Uint8Array,
    bytes: usize,
}

impl SentBody {
    /// The object has answered. Who did its work has read what it was sent: nobody reads that any more.
    pub fn answered(&self, response: &web_sys::Response) {
        if response.status() == 200 {
            release_long(&self.array, self.bytes);
        }
    }
}

/// A response's body in one piece, as JavaScript has it.
async fn buffer(response: &web_sys::Response) -> Answer<Uint8Array> {
    let failed = |e: JsValue| Fault::Internal(format!("reading an object's answer: {e:?}"));
    let buffer = JsFuture::from(response.array_buffer().map_err(failed)?).await.map_err(failed)?;
    Ok(Uint8Array::new(&buffer))
}

/// A response's body in one piece.
pub async fn bytes(response: &web_sys::Response) -> Answer<Vec<u8>> {
    Ok(taken(&buffer(response).await?))
}

async fn expect_bytes(response: web_sys::Response, what: &str) -> Answer<Vec<u8>> {
    let body = bytes(&response).await?;
    match response.status() {
        200 => Ok(body),
        status => Err(Fault::Internal(format!("{what}: object answered {status}: {}", String::from_utf8_lossy(&body)))),
    }
}

async fn optional(response: web_sys::Response, what: &str) -> Answer<Option<Vec<u8>>> {
    if response.status() == 404 { Ok(None) } else { expect_bytes(response, what).await.map(Some) }
}
