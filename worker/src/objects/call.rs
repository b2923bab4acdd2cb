//! Calls between the worker and its objects: the paths and bodies are ours alone, never a client's.

use super::binding;
use crate::cache;
use crate::deadline::soon;
use crate::fault::{Answer, Fault};
use heliograph_shared::archive::config::ArchiveConfig;
use heliograph_shared::board::RequestKey;
use heliograph_shared::codec::{Reader, Writer};
use heliograph_shared::config::{BoardConfig, Identity, IdentityScope};
use heliograph_shared::cursor::Cursor;
use heliograph_shared::id::BoardName;
use heliograph_shared::pipeline::Totals;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::relay::state::{State, StateReader};
use heliograph_shared::relay::{PushAnswer, Session};
use heliograph_shared::revocation::{Change, Changes, Mark};
use heliograph_shared::rights::{Grant, Owner, Sight};
use heliograph_shared::scores::channel::Channel;
use heliograph_shared::scores::keeper::{Correction, Keep};
use heliograph_shared::scores::session::{Schedule, SessionAction};
use heliograph_shared::time::Millis;
use js_sys::{Function, Promise, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::{Env, Fetcher, Headers, Request, RequestInit, Response, Stub};

pub(super) fn stub(env: &Env, binding: &str, name: &str) -> Answer<Stub> {
    Ok(env.durable_object(binding)?.get_by_name(name)?)
}

/// Calls an object. Straight through the platform's `fetch(url, init)`: every event takes this way, and the wrappers
/// would make a request, its headers and a stream reader for it.
pub(super) async fn send(stub: Stub, method: &str, path: &str, body: Option<&[u8]>) -> Answer<web_sys::Response> {
    fetch(stub.into_rpc::<js_sys::Object>().into(), method, path, body).await
}

/// Calls another script; the body of its answer.
pub async fn service(service: Fetcher, path: &str, body: &[u8]) -> Answer<Vec<u8>> {
    let response = fetch(service.into_rpc::<js_sys::Object>().into(), "POST", path, Some(body)).await?;
    expect_bytes(response, path).await
}

async fn fetch(target: JsValue, method: &str, path: &str, body: Option<&[u8]>) -> Answer<web_sys::Response> {
    let promise = ask(&target, method, path, body)?;
    let failed = |e: JsValue| Fault::Internal(format!("calling an object, {path}: {e:?}"));
    JsFuture::from(promise).await.and_then(JsCast::dyn_into).map_err(failed)
}

/// Asks an object or a script; a promise of its response.
fn ask(target: &JsValue, method: &str, path: &str, body: Option<&[u8]>) -> Answer<Promise> {
    let failed = |e: JsValue| Fault::Internal(format!("calling an object, {path}: {e:?}"));
    let init = web_sys::RequestInit::new();
    init.set_method(method);
    if let Some(body) = body {
        init.set_body(&Uint8Array::from(body));
    }
    let fetch: Function = Reflect::get(target, &"fetch".into()).and_then(JsCast::dyn_into).map_err(failed)?;
    let url = format!("http://object/{path}");
    fetch.call2(target, &url.into(), &init).and_then(JsCast::dyn_into).map_err(failed)
}

/// A response's body in one piece, as JavaScript has it.
async fn buffer(response: &web_sys::Response) -> Answer<Uint8Array> {
    let failed = |e: JsValue| Fault::Internal(format!("reading an object's answer: {e:?}"));
    let buffer = JsFuture::from(response.array_buffer().map_err(failed)?).await.map_err(failed)?;
    Ok(Uint8Array::new(&buffer))
}

/// A response's body in one piece.
async fn bytes(response: &web_sys::Response) -> Answer<Vec<u8>> {
    Ok(buffer(response).await?.to_vec())
}

pub(super) async fn expect_bytes(response: web_sys::Response, what: &str) -> Answer<Vec<u8>> {
    let body = bytes(&response).await?;
    match response.status() {
        200 => Ok(body),
        status => Err(Fault::Internal(format!("{what}: object answered {status}: {}", String::from_utf8_lossy(&body)))),
    }
}

/// A request to a board with the settings that it needs.
pub struct IngestBody<'a> {
    /// What makes two events the same.
    pub identity: Identity,
    /// Milliseconds between two pushes.
    pub tick_ms: u32,
    /// How long the log is kept.
    pub keep: Keep,
    /// Whose ids its events have and whose its idempotency key is; empty: the board's.
    pub owner: &'a str,
    /// Whether it comes from a player, who has less rights than a manager.
    pub player: bool,
    /// Who sends it, for dead letters.
    pub by: &'a str,
    /// Records that were refused at the edge: dead letters, a JSON array; empty when there are none.
    pub letters: &'a str,
    /// What the board's pipeline did with the request, where it has one.
    pub report: Option<&'a [u8]>,
    /// The idempotency key and its request's fingerprint.
    pub request: Option<RequestKey<'a>>,
    /// The batch, encoded.
    pub batch: &'a [u8],
}

impl<'a> IngestBody<'a> {
    /// A batch from somebody, with what the board must know of its config.
    pub fn of(config: &BoardConfig, batch: &'a [u8], request: Option<(&'a str, u64)>, sender: &'a Sender<'_>) -> Self {
        let owner = match config.scope() {
            IdentityScope::Sender => sender.owner.as_str(),
            IdentityScope::Board => "",
        };
        Self {
            identity: config.identity_of_events(),
            tick_ms: config.tick_ms,
            keep: config.keep(),
            owner,
            player: sender.player,
            by: sender.by,
            letters: &sender.letters,
            report: sender.report.as_deref(),
            request: request.map(|(name, hash)| RequestKey { owner, name, hash }),
            batch,
        }
    }

    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(self.batch.len() + 32);
        w.u8(u8::from(self.identity == Identity::KeyTime)
            | u8::from(self.identity == Identity::KeyId) << 4
            | u8::from(self.request.is_some()) << 1
            | u8::from(self.player) << 2
            | u8::from(self.report.is_some()) << 3);
        w.varint(u64::from(self.tick_ms));
        w.varint(u64::from(self.keep.days));
        w.varint(u64::from(self.keep.mib.unwrap_or_default()));
        w.text(self.owner);
        w.text(self.by);
        w.text(self.letters);
        if let Some(report) = self.report {
            w.blob(report);
        }
        if let Some(key) = self.request {
            w.text(key.name);
            w.varint(key.hash);
        }
        w.raw(self.batch);
        w.finish()
    }

    /// Reads what [`IngestBody::encode`] wrote.
    pub fn decode(bytes: &'a [u8]) -> Answer<Self> {
        let mut r = Reader::new(bytes);
        let flags = r.u8()?;
        let identity = match flags & 0b1_0001 {
            1 => Identity::KeyTime,
            0b1_0000 => Identity::KeyId,
            _ => Identity::Id,
        };
        let (tick_ms, days, mib) = (r.varint32()?, r.varint32()?, r.varint32()?);
        let keep = Keep { days, mib: (mib > 0).then_some(mib) };
        let owner = r.text()?;
        let (by, letters) = (r.text()?, r.text()?);
        let report = if flags & 8 == 8 { Some(r.blob()?) } else { None };
        let request =
            if flags & 2 == 2 { Some(RequestKey { owner, name: r.text()?, hash: r.varint()? }) } else { None };
        let (player, batch) = (flags & 4 == 4, r.take(r.remaining())?);
        Ok(Self { identity, tick_ms, keep, owner, player, by, letters, report, request, batch })
    }
}

/// Who sends events, and what of it was refused at the edge.
pub struct Sender<'s> {
    /// Whose ids its events have, where they are not the board's.
    pub owner: &'s Owner,
    /// Whether it is a player, who has less rights than a manager.
    pub player: bool,
    /// A name for dead letters.
    pub by: &'s str,
    /// Dead letters, a JSON array; empty when there are none.
    pub letters: String,
    /// What the board's pipeline did with the request, where it has one; then the board's answer is the whole answer.
    pub report: Option<Vec<u8>>,
}

/// What a manager asks of a board.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlRequest {
    /// Make a session.
    Create {
        /// Its id.
        id: String,
        /// For people.
        title: String,
        /// What it does by itself.
        schedule: Schedule,
        /// With this code players join.
        code: Option<String>,
        /// Who asks.
        by: String,
    },
    /// Do something to a session.
    Act {
        /// Which.
        id: String,
        /// What.
        action: SessionAction,
        /// The new schedule, for `schedule`.
        schedule: Schedule,
        /// As of when; now when absent.
        at: Option<Millis>,
        /// Who asks.
        by: String,
    },
    /// End an item.
    EndItem {
        /// Which.
        key: String,
        /// Who asks.
        by: String,
    },
    /// Correct something.
    Correct {
        /// What.
        wish: Correction,
        /// Who asks.
        by: String,
    },
}

/// An object's answer, passed on as it is: a view, or a problem.
pub struct Passed {
    /// The HTTP status.
    pub status: u16,
    /// The media type.
    pub kind: String,
    /// The body.
    pub body: Vec<u8>,
}

/// A view as an object answered it; the body stays outside this program's memory.
pub struct Viewed {
    /// The HTTP status.
    pub status: u16,
    /// The media type.
    pub kind: String,
    /// Its version: the board's cursor, mostly; none where it is a problem.
    pub version: Option<String>,
    /// Where the next page begins, when there is one.
    pub next: Option<String>,
    /// What it cost, in units of work.
    pub work: u64,
    /// The body.
    pub body: Uint8Array,
}

/// Asks a board for a view. That it is too busy, or failed, is an error; other problems are answers.
pub async fn board_view(env: &Env, board: &BoardName, method: &str, path: &str, body: Option<&[u8]>) -> Answer<Viewed> {
    let response = send(stub(env, binding::BOARD, board.as_str())?, method, path, body).await?;
    let status = response.status();
    if status >= 500 {
        let body = bytes(&response).await?;
        return Err(Fault::Internal(format!("view {path}: {status}: {}", String::from_utf8_lossy(&body))));
    }
    let header = |name: &str| response.headers().get(name).ok().flatten();
    let (kind, version, next) =
        (header("content-type").unwrap_or_default(), header(VERSION_HEADER), header(NEXT_HEADER));
    let work = header(WORK_HEADER).and_then(|work| work.parse().ok()).unwrap_or(REFUSAL_WORK);
    let version = version.filter(|_| status == 200);
    Ok(Viewed { status, kind, version, next, work, body: buffer(&response).await? })
}

/// Asks a board something of which the answer is passed on.
pub async fn board_ask(env: &Env, board: &BoardName, method: &str, path: &str, body: Option<&[u8]>) -> Answer<Passed> {
    let response = send(stub(env, binding::BOARD, board.as_str())?, method, path, body).await?;
    let kind = response.headers().get("content-type").ok().flatten().unwrap_or_default();
    Ok(Passed { status: response.status(), kind, body: bytes(&response).await? })
}

/// Who asks for a view, and of what.
#[derive(Serialize, Deserialize)]
pub struct ViewAsk {
    /// What they may see.
    pub sight: Sight,
    /// The item, where it is about one.
    pub key: Option<String>,
    /// After how many seconds an item is stale.
    pub stale_after_s: u32,
}

/// What a board must know of its config to deliver its events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArchiveSettings {
    /// Its own name, which stands in the names of objects.
    pub board: BoardName,
    /// Where and how often; none while nothing is delivered.
    pub archive: Option<ArchiveConfig>,
    /// Days that the log is kept.
    pub keep_days: u32,
}

/// Standings whole; registers for what changes.
pub async fn board_follow(env: &Env, board: &str, channel: &Channel) -> Answer<Vec<u8>> {
    let body = serde_json::to_vec(channel)?;
    let response = send(stub(env, binding::BOARD, board)?, "POST", "follow", Some(&body)).await?;
    expect_bytes(response, "follow").await
}

/// The board and session of a join code, and the registry's last change.
pub async fn registry_code(env: &Env, code: &str) -> Answer<Option<(BoardName, String, Change)>> {
    let found = soon("code", async {
        optional(send(registry(env)?, "GET", &format!("codes/{code}"), None).await?, "code").await
    })
    .await?;
    Ok(found.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}

/// Keeps a join code; false when it is taken.
pub async fn registry_put_code(env: &Env, code: &str, board: &BoardName, session: &str) -> Answer<bool> {
    let body = serde_json::to_vec(&(board, session))?;
    let response = send(registry(env)?, "PUT", &format!("codes/{code}"), Some(&body)).await?;
    Ok(optional(response, "put code").await?.is_some())
}

/// What a board says to a request.
pub enum IngestReply {
    /// The answer as JSON, ready to be passed on.
    Answer(web_sys::Response),
    /// The idempotency key was used for something else.
    KeyReused,
    /// Too much at once.
    Busy,
    /// There is no room to store it; how much is used.
    Full(String),
}

/// The body of an ingest answer.
pub async fn ingest_answer(response: &web_sys::Response) -> Answer<Vec<u8>> {
    bytes(response).await
}

/// Hands a batch to the board.
pub async fn board_ingest(
    env: &Env,
    board: &BoardName,
    config: &BoardConfig,
    batch: &[u8],
    request: Option<(&str, u64)>,
    sender: &Sender<'_>,
) -> Answer<IngestReply> {
    let promise = board_hand_over(env, board, config, batch, request, sender)?;
    let failed = |e: JsValue| Fault::Internal(format!("handing over: {e:?}"));
    let response = JsFuture::from(promise).await.and_then(JsCast::dyn_into).map_err(failed)?;
    board_reply(board, response).await
}

/// Hands a batch to the board; a promise of its response.
pub fn board_hand_over(
    env: &Env,
    board: &BoardName,
    config: &BoardConfig,
    batch: &[u8],
    request: Option<(&str, u64)>,
    sender: &Sender<'_>,
) -> Answer<Promise> {
    let body = IngestBody::of(config, batch, request, sender).encode();
    let stub = stub(env, binding::BOARD, board.as_str())?.into_rpc::<js_sys::Object>();
    ask(&stub, "POST", "ingest", Some(&body))
}

/// What a board's response to a batch says.
pub async fn board_reply(board: &BoardName, response: web_sys::Response) -> Answer<IngestReply> {
    cache::written(board);
    match response.status() {
        404 => Err(Fault::no_board(board)),
        409 => Ok(IngestReply::KeyReused),
        503 => Ok(IngestReply::Busy),
        507 => {
            let body = bytes(&response).await?;
            let problem: Value = serde_json::from_slice(&body)?;
            Ok(IngestReply::Full(problem["detail"].as_str().unwrap_or_default().to_owned()))
        }
        200 => Ok(IngestReply::Answer(response)),
        _ => expect_bytes(response, "ingest").await.and(Err(Fault::Internal("ingest".into()))),
    }
}

/// What is said when a board has more requests than it can take.
pub fn overloaded() -> Fault {
    let detail = "the board has more requests than it can take; nothing of this one was written";
    Fault::Problem(Problem::new(Code::Overloaded, detail).retry_after(1))
}

/// The header in which a board states what a view cost, in units of work.
pub const WORK_HEADER: &str = "x-work";
/// What a question costs that a board refuses.
const REFUSAL_WORK: u64 = 1_000;

/// The header in which a board states a view's version: its cursor, mostly.
pub const VERSION_HEADER: &str = "x-version";

/// The header in which a board states where the next page begins.
pub const NEXT_HEADER: &str = "x-next";

/// Items of a board by key, for another board's pipeline: an object as JSON.
pub async fn board_lookup(env: &Env, board: &BoardName, keys: &[String]) -> Answer<Vec<u8>> {
    let body = serde_json::to_vec(keys)?;
    let response = send(stub(env, binding::BOARD, board.as_str())?, "POST", "lookup", Some(&body)).await?;
    expect_bytes(response, "lookup").await
}

/// What a board's pipeline has done.
pub async fn board_pipeline(env: &Env, board: &BoardName) -> Answer<Totals> {
    let response = send(stub(env, binding::BOARD, board.as_str())?, "GET", "pipeline", None).await?;
    Ok(serde_json::from_slice(&expect_bytes(response, "pipeline").await?)?)
}

/// Tells a board of a request that its pipeline could not take.
pub async fn board_pipeline_broken(env: &Env, board: &BoardName, report: &[u8]) -> Answer<()> {
    let response = send(stub(env, binding::BOARD, board.as_str())?, "POST", "pipeline", Some(report)).await?;
    expect_bytes(response, "pipeline").await.map(drop)
}

/// A board's state, for a relay that starts; registers the relay.
pub async fn board_sync(env: &Env, board: &str, relay: &str) -> Answer<State> {
    let failed = |e: JsValue| Fault::Internal(format!("reading a board's state: {e:?}"));
    let response = send(stub(env, binding::BOARD, board)?, "POST", "sync", Some(relay.as_bytes())).await?;
    let Some(body) = response.body().filter(|_| response.status() == 200) else {
        return Err(Fault::Internal(format!("sync: the board answered {}", response.status())));
    };
    let reader: web_sys::ReadableStreamDefaultReader = body.get_reader().dyn_into().map_err(|e| failed(e.into()))?;
    let mut state = StateReader::default();
    loop {
        let piece = JsFuture::from(reader.read()).await.map_err(failed)?;
        let value = Reflect::get(&piece, &"value".into()).map_err(failed)?;
        let Ok(piece) = value.dyn_into::<Uint8Array>() else { break };
        state.take(&piece.to_vec()).map_err(|e| Fault::Internal(format!("a board's state: {e}")))?;
    }
    state.finish().map_err(|e| Fault::Internal(format!("a board's state: {e}")))
}

/// A relay that hears nothing says where it is.
#[derive(Serialize, Deserialize)]
pub struct CompareAsk {
    /// Its name.
    pub relay: String,
    /// How far it is; none when it has nothing in memory.
    pub cursor: Option<Cursor>,
    /// Its viewers.
    pub viewers: u32,
}

/// What a board answers to [`CompareAsk`].
#[derive(Serialize, Deserialize)]
pub struct CompareAnswer {
    /// Where the board is.
    pub cursor: Cursor,
    /// Whether it tells the relay of changes.
    pub known: bool,
    /// Viewers of the other relays.
    pub elsewhere: u32,
}

/// Compares a relay's cursor with its board's.
pub async fn board_compare(env: &Env, board: &str, ask: &CompareAsk) -> Answer<CompareAnswer> {
    let body = serde_json::to_vec(ask)?;
    let response = send(stub(env, binding::BOARD, board)?, "POST", "compare", Some(&body)).await?;
    Ok(serde_json::from_slice(&expect_bytes(response, "compare").await?)?)
}

/// What a relay says to a push.
pub enum PushReply {
    /// It has taken it, or fetches the board's state.
    Answer(PushAnswer),
    /// It has no viewers: it need not be told more.
    Idle,
}

/// Tells a relay what happened. The bytes are handed over before anything is awaited.
pub fn relay_push(env: &Env, relay: &str, body: &[u8]) -> Answer<impl Future<Output = Answer<PushReply>> + use<>> {
    let stub = stub(env, binding::RELAY, relay)?.into_rpc::<js_sys::Object>();
    let promise = ask(&stub, "POST", "push", Some(body))?;
    Ok(async move {
        let failed = |e: JsValue| Fault::Internal(format!("push: {e:?}"));
        let response: web_sys::Response = JsFuture::from(promise).await.and_then(JsCast::dyn_into).map_err(failed)?;
        match response.status() {
            204 => Ok(PushReply::Idle),
            200 => Ok(PushReply::Answer(PushAnswer::decode(&bytes(&response).await?)?)),
            status => Err(Fault::Internal(format!("push: relay answered {status}"))),
        }
    })
}

/// Has a relay close its viewers: all of them, or those without a token.
pub async fn relay_close(env: &Env, relay: &str, all: bool) -> Answer<()> {
    let path = if all { "close?all" } else { "close" };
    let response = send(stub(env, binding::RELAY, relay)?, "POST", path, None).await?;
    expect_bytes(response, "close").await.map(drop)
}

/// The header in which a session travels to a relay.
pub const SESSION_HEADER: &str = "x-session";

thread_local! {
    /// The first relay of a board that may have room, as far as this isolate knows.
    static ROOM: RefCell<HashMap<BoardName, u32>> = RefCell::new(HashMap::new());
}

/// Relays of one board that are tried.
const RELAYS_MOST: u32 = 1_000;

/// Connects a viewer to the first relay of the board that has room.
pub async fn relay_connect(
    env: &Env,
    board: &BoardName,
    session: &Session,
    protocol: Option<&str>,
) -> Answer<Response> {
    let mut number = ROOM.with(|r| r.borrow().get(board).copied().unwrap_or(0));
    // Now and then from the first again, where viewers may have left.
    if number > 0 && crate::keys::random_u32()?.is_multiple_of(50) {
        number = 0;
    }
    let session = serde_json::to_string(session)?;
    while number < RELAYS_MOST {
        let headers = Headers::new();
        headers.set("upgrade", "websocket")?;
        headers.set(SESSION_HEADER, &escape_header(&session))?;
        if let Some(p) = protocol {
            headers.set("sec-websocket-protocol", p)?;
        }
        let mut init = RequestInit::new();
        init.with_headers(headers);
        let request = Request::new_with_init("http://object/feed", &init)?;
        let response = stub(env, binding::RELAY, &format!("{board}/{number}"))?.fetch_with_request(request).await?;
        if response.status_code() != 503 {
            ROOM.with(|r| r.borrow_mut().insert(board.clone(), number));
            return Ok(response);
        }
        number += 1;
    }
    Err(Fault::problem(Code::NoRelay, "no relay of this board has room"))
}

/// JSON in a header: characters beyond ASCII as JSON escapes.
fn escape_header(json: &str) -> String {
    use std::fmt::Write as _;
    json.chars().fold(String::with_capacity(json.len()), |mut text, c| {
        if c.is_ascii() {
            text.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                // Writing to a string can't fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
        text
    })
}

pub(super) fn registry(env: &Env) -> Answer<Stub> {
    stub(env, binding::REGISTRY, "registry")
}

pub(super) async fn optional(response: web_sys::Response, what: &str) -> Answer<Option<Vec<u8>>> {
    if response.status() == 404 { Ok(None) } else { expect_bytes(response, what).await.map(Some) }
}

/// What is stored of an API key.
#[derive(Deserialize)]
pub struct StoredKey {
    /// What it allows.
    pub grants: Vec<Grant>,
    /// The name of its owner; none in keys of before there were owners.
    pub owner: Option<String>,
}

/// The grants of an API key, by its SHA-256 in hex.
pub async fn registry_key(env: &Env, hash: &str) -> Answer<Option<StoredKey>> {
    let found =
        soon("key", async { optional(send(registry(env)?, "GET", &format!("keys/{hash}"), None).await?, "key").await })
            .await?;
    Ok(found.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}

/// Stores an API key's hash, label and grants.
pub async fn registry_put_key(env: &Env, hash: &str, about: &Value) -> Answer<()> {
    let response = send(registry(env)?, "PUT", &format!("keys/{hash}"), Some(&serde_json::to_vec(about)?)).await?;
    expect_bytes(response, "put key").await.map(drop)
}

/// All API keys without the keys, as JSON.
pub async fn registry_keys(env: &Env) -> Answer<Vec<u8>> {
    expect_bytes(send(registry(env)?, "GET", "keys", None).await?, "keys").await
}

/// Forgets an API key by the first 16 digits of its hash.
pub async fn registry_delete_key(env: &Env, id: &str) -> Answer<bool> {
    Ok(optional(send(registry(env)?, "DELETE", &format!("keys/{id}"), None).await?, "delete key").await?.is_some())
}

/// What has changed in the registry after a change.
pub async fn registry_changes(env: &Env, after: Change) -> Answer<Changes> {
    let response = send(registry(env)?, "GET", &format!("changes/{after}"), None).await?;
    Ok(serde_json::from_slice(&expect_bytes(response, "changes").await?)?)
}

/// What a relay wants to be told of.
#[derive(Serialize, Deserialize)]
pub struct WatchAsk {
    /// Which relay.
    pub relay: String,
    /// Of what, besides what it is told of already.
    pub marks: Vec<Mark>,
    /// The last change that it knows.
    pub after: Change,
}

/// Has a relay be told of what ends; what has changed since it knew last.
pub async fn registry_watch(env: &Env, ask: &WatchAsk) -> Answer<Changes> {
    let response = send(registry(env)?, "POST", "watch", Some(&serde_json::to_vec(ask)?)).await?;
    Ok(serde_json::from_slice(&expect_bytes(response, "watch").await?)?)
}

/// Something has ended.
pub async fn registry_end(env: &Env, marks: &[Mark]) -> Answer<()> {
    let response = send(registry(env)?, "POST", "end", Some(&serde_json::to_vec(marks)?)).await?;
    expect_bytes(response, "end").await.map(drop)
}

/// Tells a relay what has ended.
pub async fn relay_end(env: &Env, relay: &str, changes: &Changes) -> Answer<()> {
    let response = send(stub(env, binding::RELAY, relay)?, "POST", "end", Some(&serde_json::to_vec(changes)?)).await?;
    expect_bytes(response, "end").await.map(drop)
}
