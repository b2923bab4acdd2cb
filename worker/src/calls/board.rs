//! What is asked of a board.

pub use super::SentBody;
use super::{ask, binding, buffer, bytes, expect_bytes, optional, same_version, send, stub};
use crate::buffers::taken;
use crate::deadline::within;
use crate::fault::{Answer, Fault};
use heliograph_shared::audit::{AuditAsk, By, Entry};
use heliograph_shared::calls::BoardMethod;
use heliograph_shared::calls::board::{
    CandidatesAsk, CompareAnswer, CompareAsk, Config, ControlRequest, Done, Place, PresenceAsk, ReplayAnswer, ReplayAsk,
};
use heliograph_shared::calls::ingest::{IngestBody, Sender};
use heliograph_shared::codec::{Batch, Writer};
use heliograph_shared::config::BoardConfig;
use heliograph_shared::id::BoardName;
use heliograph_shared::letters::Candidates;
use heliograph_shared::limits;
use heliograph_shared::pipeline::Totals;
use heliograph_shared::presence::Told;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::relay::later::{Later, LaterAsk};
use heliograph_shared::relay::state::{State, StateReader};
use heliograph_shared::rewind::{RewindAsk, Rewound};
use heliograph_shared::scores::channel::Channel;
use js_sys::{Promise, Reflect, Uint8Array};
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::Env;
use worker::url::form_urlencoded;

/// The header in which a board states what a view cost, in units of work.
pub const WORK_HEADER: &str = "x-work";
/// What a question costs that a board refuses.
const REFUSAL_WORK: u64 = 1_000;

/// The header in which a board states a view's version: its cursor, mostly.
pub const VERSION_HEADER: &str = "x-version";

/// From so many bytes on a batch is read into one buffer of its length.
const LONG_BODY_BYTES: usize = 65_536;

/// The header in which a board states where the next page begins.
pub const NEXT_HEADER: &str = "x-next";

/// Calls a board's method; the query goes behind its path.
async fn call(env: &Env, board: &str, method: BoardMethod, query: &str, body: &[u8]) -> Answer<web_sys::Response> {
    let stub = stub(env, binding::BOARD, board)?;
    if query.is_empty() {
        return send(stub, method.path(), body).await;
    }
    send(stub, &format!("{}?{query}", method.path()), body).await
}

/// The same, where nothing but 200 is an answer.
async fn expect(env: &Env, board: &str, method: BoardMethod, body: &[u8]) -> Answer<Vec<u8>> {
    expect_bytes(call(env, board, method, "", body).await?, method.path()).await
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
pub async fn view(env: &Env, board: &BoardName, method: BoardMethod, query: &str, body: &[u8]) -> Answer<Viewed> {
    let response = call(env, board.as_str(), method, query, body).await?;
    let status = response.status();
    if status >= 500 {
        let (path, body) = (method.path(), bytes(&response).await?);
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
pub async fn pass(env: &Env, board: &BoardName, method: BoardMethod, query: &str, body: &[u8]) -> Answer<Passed> {
    let response = call(env, board.as_str(), method, query, body).await?;
    let kind = response.headers().get("content-type").ok().flatten().unwrap_or_default();
    Ok(Passed { status: response.status(), kind, body: bytes(&response).await? })
}

/// Says who asks, in the query of a call: the board notes it with what it does.
pub fn asks(by: &By) -> Answer<String> {
    let text = serde_json::to_string(by)?;
    Ok(form_urlencoded::Serializer::new(String::new()).append_pair("by", &text).finish())
}

/// Has a board do what a manager wants.
pub async fn control(env: &Env, board: &BoardName, by: &By, request: &ControlRequest) -> Answer<Passed> {
    pass(env, board, BoardMethod::Control, &asks(by)?, &serde_json::to_vec(request)?).await
}

/// What a board has noted of what was done to it.
pub async fn audit_log(env: &Env, board: &BoardName, ask: &AuditAsk) -> Answer<Vec<Entry>> {
    let body = serde_json::to_vec(ask)?;
    Ok(serde_json::from_slice(&expect(env, board.as_str(), BoardMethod::AuditLog, &body).await?)?)
}

/// Standings whole; registers for what changes.
pub async fn follow(env: &Env, board: &str, channel: &Channel) -> Answer<Vec<u8>> {
    expect(env, board, BoardMethod::Follow, &serde_json::to_vec(channel)?).await
}

/// Tells a board who is there at a relay; who is there elsewhere.
pub async fn presence(env: &Env, board: &str, ask: &PresenceAsk) -> Answer<Told> {
    let body = serde_json::to_vec(ask)?;
    let asking = expect(env, board, BoardMethod::Presence, &body);
    Ok(serde_json::from_slice(&within(limits::PRESENCE_CALL_MILLIS, "presence", asking).await?)?)
}

/// What of a board's log a subscription begins with.
pub async fn rewind(env: &Env, board: &str, ask: &RewindAsk) -> Answer<Rewound> {
    let body = serde_json::to_vec(ask)?;
    let answer = within(limits::REWIND_MILLIS, "rewind", expect(env, board, BoardMethod::Rewind, &body)).await?;
    Ok(serde_json::from_slice(&answer)?)
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

/// Hands a batch to the board; a promise of its response, and what it was sent.
pub fn hand_over(
    env: &Env,
    board: &BoardName,
    config: &BoardConfig,
    batch: &Batch<'_>,
    request: Option<(&str, u64)>,
    sender: &Sender<'_>,
) -> Answer<(Promise, SentBody)> {
    let body = IngestBody::of(config, request, sender).encode(batch);
    let (array, bytes) = (Uint8Array::from(body.as_slice()), body.len());
    let stub = stub(env, binding::BOARD, board.as_str())?.into_rpc::<js_sys::Object>();
    let path = BoardMethod::Ingest.path();
    // The version is in the body already: one copy, as it always was.
    let promise = if bytes < LONG_BODY_BYTES {
        ask(&stub, path, &array)
    } else {
        // How the object reads it, see `entry/index.js`.
        ask(&stub, &format!("{path}?long"), &array)
    };
    Ok((promise?, SentBody { array, bytes }))
}

/// What a board's response to a batch says.
pub async fn ingest_reply(board: &BoardName, response: web_sys::Response) -> Answer<IngestReply> {
    let response = same_version(response).await?;
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

/// Letters of a board that are to be replayed; a problem where there is none.
pub async fn candidates(env: &Env, board: &BoardName, ask: &CandidatesAsk) -> Answer<Candidates> {
    let response = call(env, board.as_str(), BoardMethod::Candidates, "", &serde_json::to_vec(ask)?).await?;
    if response.status() == 404 {
        let problem: Value = serde_json::from_slice(&bytes(&response).await?)?;
        return Err(Fault::not_found(problem["detail"].as_str().unwrap_or_default()));
    }
    Ok(serde_json::from_slice(&expect_bytes(response, "candidates").await?)?)
}

/// Hands the events of letters to their board, with what becomes of the letters.
pub async fn replay_letters(
    env: &Env,
    board: &BoardName,
    config: &BoardConfig,
    ask: &ReplayAsk,
    batch: &Batch<'_>,
    sender: &Sender<'_>,
) -> Answer<ReplayAnswer> {
    let mut body = Writer::with_capacity(64 * ask.letters.len());
    body.blob(&serde_json::to_vec(ask)?);
    let mut body = body.finish();
    body.extend(IngestBody::of(config, None, sender).encode(batch));
    let response = call(env, board.as_str(), BoardMethod::ReplayLetters, "", &body).await?;
    match response.status() {
        503 => Err(overloaded()),
        507 => {
            let problem: Value = serde_json::from_slice(&bytes(&response).await?)?;
            Err(Fault::problem(Code::StorageFull, problem["detail"].as_str().unwrap_or_default()))
        }
        _ => Ok(serde_json::from_slice(&expect_bytes(response, "replay").await?)?),
    }
}

/// Items of a board by key, for another board's pipeline: an object as JSON.
pub async fn lookup(env: &Env, board: &BoardName, keys: &[String]) -> Answer<Vec<u8>> {
    expect(env, board.as_str(), BoardMethod::Lookup, &serde_json::to_vec(keys)?).await
}

/// What a board's pipeline has done.
pub async fn pipeline(env: &Env, board: &BoardName) -> Answer<Totals> {
    Ok(serde_json::from_slice(&expect(env, board.as_str(), BoardMethod::Pipeline, &[]).await?)?)
}

/// Tells a board of a request that its pipeline could not take.
pub async fn pipeline_broken(env: &Env, board: &BoardName, report: &[u8]) -> Answer<()> {
    expect(env, board.as_str(), BoardMethod::PipelineBroken, report).await.map(drop)
}

/// A board's state, for a relay that starts; registers the relay.
pub async fn sync(env: &Env, board: &str, relay: &str) -> Answer<State> {
    read_state(call(env, board, BoardMethod::Sync, "", relay.as_bytes()).await?).await
}

/// A board's state as of a while ago, for a relay of delayed viewers that starts.
pub async fn later_state(env: &Env, board: &str, ask: &LaterAsk) -> Answer<State> {
    let response = call(env, board, BoardMethod::LaterState, "", &serde_json::to_vec(ask)?).await?;
    read_state(no_problem(response).await?).await
}

/// What has become old enough for a relay of delayed viewers; a problem where nothing can be told them.
pub async fn later(env: &Env, board: &str, ask: &LaterAsk) -> Answer<Later> {
    let response = call(env, board, BoardMethod::Later, "", &serde_json::to_vec(ask)?).await?;
    Ok(Later::decode(&expect_bytes(no_problem(response).await?, "later").await?)?)
}

/// An answer; a problem is one here, too.
async fn no_problem(response: web_sys::Response) -> Answer<web_sys::Response> {
    if !matches!(response.status(), 400..=499 | 503) {
        return Ok(response);
    }
    let problem: Value = serde_json::from_slice(&bytes(&response).await?)?;
    let code = problem["code"].as_str().unwrap_or_default();
    match Code::ALL.iter().find(|known| known.name() == code) {
        Some(code) => Err(Fault::problem(*code, problem["detail"].as_str().unwrap_or_default())),
        None => Err(Fault::Internal(format!("a board refuses with {code:?}"))),
    }
}

async fn read_state(response: web_sys::Response) -> Answer<State> {
    let failed = |e: JsValue| Fault::Internal(format!("reading a board's state: {e:?}"));
    let Some(body) = response.body().filter(|_| response.status() == 200) else {
        return Err(Fault::Internal(format!("sync: the board answered {}", response.status())));
    };
    let reader: web_sys::ReadableStreamDefaultReader = body.get_reader().dyn_into().map_err(|e| failed(e.into()))?;
    let mut state = StateReader::default();
    loop {
        let piece = JsFuture::from(reader.read()).await.map_err(failed)?;
        let value = Reflect::get(&piece, &"value".into()).map_err(failed)?;
        let Ok(piece) = value.dyn_into::<Uint8Array>() else { break };
        state.take(&taken(&piece)).map_err(|e| Fault::Internal(format!("a board's state: {e}")))?;
    }
    state.finish().map_err(|e| Fault::Internal(format!("a board's state: {e}")))
}

/// The numbers of the board's relays.
pub async fn relays(env: &Env, board: &BoardName) -> Answer<Vec<u32>> {
    Ok(serde_json::from_slice(&expect(env, board.as_str(), BoardMethod::Relays, &[]).await?)?)
}

/// Compares a relay's cursor with its board's.
pub async fn compare(env: &Env, board: &str, ask: &CompareAsk) -> Answer<CompareAnswer> {
    Ok(serde_json::from_slice(&expect(env, board, BoardMethod::Compare, &serde_json::to_vec(ask)?).await?)?)
}

/// A board's config; none where there is no such board. Does not wait long: who asks goes on with what was known.
pub async fn config(env: &Env, board: &BoardName) -> Answer<Option<Config>> {
    within(limits::CONFIG_ASK_MILLIS, "config", async {
        let found = optional(call(env, board.as_str(), BoardMethod::Config, "", &[]).await?, "config").await?;
        Ok(found.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
    })
    .await
}

/// Gives a board a config that was checked.
pub async fn put_config(env: &Env, board: &BoardName, by: &By, place: Place, config: &[u8]) -> Answer<Done> {
    let mut query = form_urlencoded::Serializer::new(asks(by)?);
    let query = query.append_pair("place", &serde_json::to_string(&place)?).finish();
    let response = call(env, board.as_str(), BoardMethod::PutConfig, &query, config).await?;
    if response.status() == 412 {
        return Err(match place {
            Place::New => Fault::problem(Code::BoardExists, "there is a board of this name"),
            Place::Any | Place::There | Place::Version(_) => {
                Fault::problem(Code::ConfigChanged, "the config is of another version by now: read it again")
            }
        });
    }
    if response.status() == 409 {
        let detail = "a backup is being imported under this name; delete the board to give that up";
        return Err(Fault::problem(Code::ImportUnfinished, detail));
    }
    if response.status() == 503 {
        return Err(Fault::registry_away("whether there was such a board can't be told at the moment; try again"));
    }
    Ok(serde_json::from_slice(&expect_bytes(response, "put config").await?)?)
}

/// Deletes a board and everything that it has, and says goodbye to its viewers.
pub async fn delete(env: &Env, board: &BoardName) -> Answer<Done> {
    Ok(serde_json::from_slice(&expect(env, board.as_str(), BoardMethod::Delete, &[]).await?)?)
}

/// Gives up an import that is not over; a problem where there is none.
pub async fn drop_import(env: &Env, board: &BoardName) -> Answer<()> {
    match call(env, board.as_str(), BoardMethod::DropImport, "", &[]).await? {
        gone if gone.status() == 204 => Ok(()),
        none if none.status() == 404 => Err(Fault::no_board(board)),
        other => expect_bytes(other, "drop import").await.map(drop),
    }
}
