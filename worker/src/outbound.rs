//! Requests to places outside: only where the operator lets them go, and never longer than said.

use crate::clock;
use crate::keys::secret;
use futures_util::future::{Either, select};
use heliograph_shared::outbound::{Origin, Refused};
use heliograph_shared::source::poll::Address;
use js_sys::{Function, Promise, Reflect, Uint8Array};
use std::future::Future;
use std::pin::pin;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::Env;

/// The variable that lets the worker call `http` and hosts of private networks when it says `allow`: for development.
const PRIVATE_TARGETS: &str = "HELIOGRAPH_PRIVATE_TARGETS";
/// Bytes of an answer's body that are looked at for a reason.
const REASON_BYTES: u32 = 4_096;

/// Whether an address may be called from here.
pub fn check(env: &Env, address: &str) -> Result<(), Refused> {
    Origin::parse(address)?.check(private_too(env))
}

/// The same of an address with a path.
pub fn check_address(env: &Env, address: &Address) -> Result<(), Refused> {
    address.check(private_too(env))
}

/// Whether addresses may be `http` and of private networks.
pub fn private_too(env: &Env) -> bool {
    secret(env, PRIVATE_TARGETS).is_some_and(|v| v == "allow")
}

/// What came back.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The beginning of the body of an answer that is no success.
    pub reason: String,
    /// When it may be asked again, where it says so.
    pub retry_after: Option<String>,
}

/// Sends bytes somewhere, by `PUT` or `POST`. The error is for people and holds nothing of the request.
pub async fn send(
    method: &str,
    url: &str,
    headers: &[(&str, String)],
    body: &Uint8Array,
    limit_millis: u32,
) -> Result<Reply, String> {
    let init = web_sys::RequestInit::new();
    init.set_method(method);
    init.set_body(body);
    // A target that sends us on could send us to the inside.
    init.set_redirect(web_sys::RequestRedirect::Manual);
    let own = web_sys::Headers::new().map_err(told)?;
    for (name, value) in headers {
        own.set(name, value).map_err(|_| format!("the header {name} can't be sent"))?;
    }
    init.set_headers(&own);
    // Ends what is given up below; a moment later, so that the reason told is ours.
    init.set_signal(Some(&web_sys::AbortSignal::timeout_with_u32(limit_millis + 1_000)));
    within(limit_millis, async {
        let global = js_sys::global();
        let fetch: Function = Reflect::get(&global, &"fetch".into()).and_then(JsCast::dyn_into).map_err(told)?;
        let promise: Promise = fetch.call2(&global, &url.into(), &init).and_then(JsCast::dyn_into).map_err(told)?;
        let response: web_sys::Response = JsFuture::from(promise).await.and_then(JsCast::dyn_into).map_err(told)?;
        let status = response.status();
        let retry_after = response.headers().get("retry-after").ok().flatten();
        let Some(body) = response.body() else { return Ok(Reply { status, reason: String::new(), retry_after }) };
        let reason = if response.ok() { String::new() } else { beginning(&body).await.unwrap_or_default() };
        // Nobody reads the rest; the connection is free again.
        let _ = JsFuture::from(body.cancel()).await;
        Ok(Reply { status, reason, retry_after })
    })
    .await
}

/// What was got.
pub struct Got {
    /// The HTTP status.
    pub status: u16,
    headers: web_sys::Headers,
    /// The body; empty of an answer that sends on or says that nothing changed.
    pub body: Vec<u8>,
}

impl Got {
    /// A header.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok().flatten()
    }
}

/// Gets something, with a body of at most so many bytes, within so many milliseconds. It is not asked elsewhere: an answer
/// that sends on could send to the inside.
pub async fn get(url: &str, headers: &[(&str, String)], (limit_millis, most): (u32, u32)) -> Result<Got, String> {
    let init = web_sys::RequestInit::new();
    init.set_method("GET");
    init.set_redirect(web_sys::RequestRedirect::Manual);
    let own = web_sys::Headers::new().map_err(told)?;
    for (name, value) in headers {
        own.set(name, value).map_err(|_| format!("the header {name} can't be sent"))?;
    }
    init.set_headers(&own);
    init.set_signal(Some(&web_sys::AbortSignal::timeout_with_u32(limit_millis + 1_000)));
    within(limit_millis, async {
        let global = js_sys::global();
        let fetch: Function = Reflect::get(&global, &"fetch".into()).and_then(JsCast::dyn_into).map_err(told)?;
        let promise: Promise = fetch.call2(&global, &url.into(), &init).and_then(JsCast::dyn_into).map_err(told)?;
        let response: web_sys::Response = JsFuture::from(promise).await.and_then(JsCast::dyn_into).map_err(told)?;
        let mut got = Got { status: response.status(), headers: response.headers(), body: Vec::new() };
        let Some(body) = response.body() else { return Ok(got) };
        if (300..400).contains(&got.status) {
            let _ = JsFuture::from(body.cancel()).await;
            return Ok(got);
        }
        let reader: web_sys::ReadableStreamDefaultReader = body.get_reader().dyn_into().map_err(|o| told(o.into()))?;
        loop {
            let piece = JsFuture::from(reader.read()).await.map_err(told)?;
            let value = Reflect::get(&piece, &"value".into()).map_err(told)?;
            let Ok(piece) = value.dyn_into::<Uint8Array>() else { return Ok(got) };
            if got.body.len() + piece.length() as usize > most as usize {
                // Nobody reads the rest.
                let _ = JsFuture::from(reader.cancel()).await;
                return Err(format!("its answer has more than {most} bytes"));
            }
            got.body.extend(piece.to_vec());
        }
    })
    .await
}

/// The first piece of a body.
async fn beginning(body: &web_sys::ReadableStream) -> Option<String> {
    let reader: web_sys::ReadableStreamDefaultReader = body.get_reader().dyn_into().ok()?;
    let piece = JsFuture::from(reader.read()).await;
    reader.release_lock();
    let bytes: Uint8Array = Reflect::get(&piece.ok()?, &"value".into()).ok()?.dyn_into().ok()?;
    Some(String::from_utf8_lossy(&bytes.subarray(0, REASON_BYTES).to_vec()).into_owned())
}

/// Gives up waiting for something after a while.
pub async fn within<T>(millis: u32, work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    match select(pin!(work), pin!(clock::sleep(u64::from(millis)))).await {
        Either::Left((done, _)) => done,
        Either::Right(_) => Err(format!("no answer within {} s", millis / 1_000)),
    }
}

/// What JavaScript says went wrong.
#[expect(clippy::needless_pass_by_value, reason = "made for map_err")]
pub fn told(error: JsValue) -> String {
    let message = Reflect::get(&error, &"message".into()).ok().and_then(|m| m.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| "it failed without a word".to_owned())
}
