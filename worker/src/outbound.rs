//! Requests to places outside: only where the operator lets them go, and never longer than said.

use crate::clock;
use crate::keys::secret;
use futures_util::future::{Either, select};
use heliograph_shared::outbound::{Origin, Refused};
use heliograph_shared::source::poll::Address;
use heliograph_shared::time::Millis;
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
    let init = asking(method, headers, limit_millis)?;
    init.set_body(body);
    within(limit_millis, async {
        let response = fetch(url, &init).await?;
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

/// An answer whose body is still to be read.
pub struct Opened {
    /// The HTTP status.
    pub status: u16,
    headers: web_sys::Headers,
    reader: Option<web_sys::ReadableStreamDefaultReader>,
    limit_millis: u32,
    until: Millis,
}

/// What came next of a body.
pub enum Piece {
    /// Some bytes.
    Bytes(Vec<u8>),
    /// Nothing more: it has ended.
    End,
    /// Nothing for so long.
    Silence,
    /// It broke off, with what JavaScript says of that.
    Broken(String),
}

/// Asks for something that has to be read within so many milliseconds. It is not asked elsewhere: an answer that sends on
/// could send to the inside.
pub async fn open(url: &str, headers: &[(&str, String)], limit_millis: u32) -> Result<Opened, String> {
    let until = clock::now().plus(i64::from(limit_millis));
    let init = asking("GET", headers, limit_millis)?;
    within(limit_millis, async {
        let response = fetch(url, &init).await?;
        let (status, headers) = (response.status(), response.headers());
        let Some(body) = response.body() else {
            return Ok(Opened { status, headers, reader: None, limit_millis, until });
        };
        if (300..400).contains(&status) {
            let _ = JsFuture::from(body.cancel()).await;
            return Ok(Opened { status, headers, reader: None, limit_millis, until });
        }
        let reader: web_sys::ReadableStreamDefaultReader = body.get_reader().dyn_into().map_err(|o| told(o.into()))?;
        Ok(Opened { status, headers, reader: Some(reader), limit_millis, until })
    })
    .await
}

impl Opened {
    /// A header.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok().flatten()
    }

    /// Milliseconds that are left to read it.
    pub fn left(&self) -> u32 {
        u32::try_from(self.until.since(clock::now())).unwrap_or(0)
    }

    /// What comes next, within so many milliseconds. After silence it is to be closed: what comes then is lost.
    pub async fn next(&self, limit_millis: u32) -> Piece {
        let Some(reader) = &self.reader else { return Piece::End };
        let read = pin!(JsFuture::from(reader.read()));
        match select(read, pin!(clock::sleep(u64::from(limit_millis)))).await {
            Either::Right(_) => Piece::Silence,
            Either::Left((Err(error), _)) => Piece::Broken(told(error)),
            Either::Left((Ok(piece), _)) => {
                let value = Reflect::get(&piece, &"value".into()).ok().and_then(|v| v.dyn_into::<Uint8Array>().ok());
                value.map_or(Piece::End, |bytes| Piece::Bytes(bytes.to_vec()))
            }
        }
    }

    /// Nobody reads the rest.
    pub async fn close(self) {
        if let Some(reader) = self.reader {
            let _ = JsFuture::from(reader.cancel()).await;
        }
    }

    /// All of it, of at most so many bytes.
    pub async fn whole(self, most: u32) -> Result<Got, String> {
        let mut body = Vec::new();
        loop {
            match self.next(self.left()).await {
                Piece::Bytes(piece) if body.len() + piece.len() > most as usize => {
                    self.close().await;
                    return Err(format!("its answer has more than {most} bytes"));
                }
                Piece::Bytes(piece) => body.extend(piece),
                Piece::End => return Ok(Got { status: self.status, headers: self.headers, body }),
                Piece::Silence => return Err(late(self.limit_millis)),
                Piece::Broken(why) => return Err(why),
            }
        }
    }
}

/// Gets something, with a body of at most so many bytes, within so many milliseconds.
pub async fn get(url: &str, headers: &[(&str, String)], (limit_millis, most): (u32, u32)) -> Result<Got, String> {
    open(url, headers, limit_millis).await?.whole(most).await
}

/// A request that is not sent on, and ends by itself a moment after its time, so that the reason told is [`late`].
fn asking(method: &str, headers: &[(&str, String)], limit_millis: u32) -> Result<web_sys::RequestInit, String> {
    let init = web_sys::RequestInit::new();
    init.set_method(method);
    // A target that sends us on could send us to the inside.
    init.set_redirect(web_sys::RequestRedirect::Manual);
    let own = web_sys::Headers::new().map_err(told)?;
    for (name, value) in headers {
        own.set(name, value).map_err(|_| format!("the header {name} can't be sent"))?;
    }
    init.set_headers(&own);
    init.set_signal(Some(&web_sys::AbortSignal::timeout_with_u32(limit_millis + 1_000)));
    Ok(init)
}

/// The platform's own `fetch`.
async fn fetch(url: &str, init: &web_sys::RequestInit) -> Result<web_sys::Response, String> {
    let global = js_sys::global();
    let fetch: Function = Reflect::get(&global, &"fetch".into()).and_then(JsCast::dyn_into).map_err(told)?;
    let promise: Promise = fetch.call2(&global, &url.into(), init).and_then(JsCast::dyn_into).map_err(told)?;
    JsFuture::from(promise).await.and_then(JsCast::dyn_into).map_err(told)
}

fn late(millis: u32) -> String {
    format!("no answer within {} s", millis / 1_000)
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
        Either::Right(_) => Err(late(millis)),
    }
}

/// What JavaScript says went wrong.
#[expect(clippy::needless_pass_by_value, reason = "made for map_err")]
pub fn told(error: JsValue) -> String {
    let message = Reflect::get(&error, &"message".into()).ok().and_then(|m| m.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| "it failed without a word".to_owned())
}
