//! A server that stands in for the real one: it records every ingest request and answers as a board would.
#![expect(clippy::unwrap_used, reason = "test code: a failure here is a failed test")]
#![allow(dead_code, reason = "each test program uses its own part")]

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{delete, post};
use serde_json::{Value, json};

/// One request as it came in.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub board: String,
    pub idempotency_key: String,
    pub authorization: String,
    pub content_type: String,
    pub body: Bytes,
    pub events: Vec<Value>,
    pub arrived_millis: i64,
    pub status: u16,
}

/// What to answer to the nth request (from 0) instead of taking it.
pub type Trouble = dyn Fn(usize) -> Option<Reply> + Send + Sync;

/// An answer that is not a success.
pub enum Reply {
    /// A problem with a status and perhaps a `Retry-After`.
    Problem(u16, Option<&'static str>),
    /// The connection breaks in the middle of the answer, after the events were taken.
    Cut,
}

#[derive(Default)]
struct Board {
    requests: Vec<Recorded>,
    /// Sessions that were asked for, with the board and how many requests of events came before.
    sessions: Vec<(String, Value, usize)>,
    /// Items that were ended, with how many requests of events came before.
    ends: Vec<(String, usize)>,
    seen: HashSet<(String, i64)>,
    answered: HashSet<String>,
}

#[derive(Clone)]
struct Shared {
    board: Arc<Mutex<Board>>,
    trouble: Arc<Trouble>,
}

/// The server; it ends with the test.
pub struct Recorder {
    pub address: SocketAddr,
    shared: Shared,
    _runtime: tokio::runtime::Runtime,
}

impl Recorder {
    pub fn start() -> Self {
        Self::with_trouble(|_| None)
    }

    pub fn with_trouble(trouble: impl Fn(usize) -> Option<Reply> + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), trouble)
    }

    pub fn at(address: SocketAddr, trouble: impl Fn(usize) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let shared = Shared { board: Arc::default(), trouble: Arc::new(trouble) };
        let router = Router::new()
            .route("/v1/boards/{board}/events", post(take).layer(axum::extract::DefaultBodyLimit::max(8 * 1024 * 1024)))
            .route("/v1/boards/{board}/sessions", post(take_session))
            .route("/v1/boards/{board}/items/{key}", delete(take_end).get(no_item))
            .with_state(shared.clone());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind(address)).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { address, shared, _runtime: runtime }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.board.lock().unwrap().requests.clone()
    }

    /// All sessions so far: the board, the body, and how many requests of events came before.
    pub fn sessions(&self) -> Vec<(String, Value, usize)> {
        self.shared.board.lock().unwrap().sessions.clone()
    }

    /// All items that were ended so far: the key, and how many requests of events came before.
    pub fn ends(&self) -> Vec<(String, usize)> {
        self.shared.board.lock().unwrap().ends.clone()
    }

    /// All events of requests that were taken, in order of arrival.
    pub fn events(&self) -> Vec<Value> {
        self.requests().into_iter().filter(|request| request.status == 200).flat_map(|request| request.events).collect()
    }
}

async fn take_session(State(shared): State<Shared>, Path(board): Path<String>, bytes: Bytes) -> (StatusCode, String) {
    let body: Value = serde_json::from_slice(&bytes).unwrap();
    let mut state = shared.board.lock().unwrap();
    if state.sessions.iter().any(|(_, known, _)| known["id"] == body["id"]) {
        let problem =
            json!({"title": "Conflict", "code": "session_exists", "detail": "there is a session with this id"});
        return (StatusCode::CONFLICT, problem.to_string());
    }
    let before = state.requests.len();
    let answer = body.to_string();
    state.sessions.push((board, body, before));
    (StatusCode::CREATED, answer)
}

async fn take_end(State(shared): State<Shared>, Path((_, key)): Path<(String, String)>) -> StatusCode {
    let mut state = shared.board.lock().unwrap();
    let before = state.requests.len();
    state.ends.push((key, before));
    StatusCode::NO_CONTENT
}

/// It keeps no items.
async fn no_item() -> (StatusCode, String) {
    let problem = json!({"title": "Not Found", "code": "item_not_found", "detail": "there is no such item"});
    (StatusCode::NOT_FOUND, problem.to_string())
}

async fn take(State(shared): State<Shared>, Path(board): Path<String>, headers: HeaderMap, bytes: Bytes) -> Response {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let text = std::str::from_utf8(&bytes).unwrap();
    let events: Vec<Value> = match serde_json::from_str(text) {
        Ok(one) => vec![one],
        Err(_) => text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
    };
    let mut state = shared.board.lock().unwrap();
    let reply = (shared.trouble)(state.requests.len());
    let status = match &reply {
        Some(Reply::Problem(status, _)) => *status,
        Some(Reply::Cut) | None => 200,
    };
    let recorded = Recorded {
        board,
        idempotency_key: header("idempotency-key"),
        authorization: header("authorization"),
        content_type: header("content-type"),
        arrived_millis: now_millis(),
        status,
        body: bytes.clone(),
        events,
    };
    let answer = if status == 200 {
        judge(&mut state, &recorded)
    } else {
        json!({"title": "Trouble", "code": "trouble", "detail": "try later"})
    };
    state.requests.push(recorded);
    let mut response = Response::builder().status(StatusCode::from_u16(status).unwrap());
    match reply {
        Some(Reply::Cut) => return response.header("content-length", "1000").body(Body::from_stream(Broken)).unwrap(),
        Some(Reply::Problem(_, Some(after))) => response = response.header("retry-after", after),
        Some(Reply::Problem(_, None)) | None => {}
    }
    response.body(Body::from(answer.to_string())).unwrap()
}

/// A small board: 0,0 is refused, a key and time seen before is a duplicate, 113.9952 m/s is "not measured".
fn judge(board: &mut Board, request: &Recorded) -> Value {
    let (mut accepted, mut duplicate, mut cleaned) = (0, 0, 0);
    let mut results = Vec::new();
    for (index, event) in request.events.iter().enumerate() {
        let position = &event["position"];
        if position["lat"] == 0 && position["lon"] == 0 {
            results.push(json!({"index": index, "status": "refused", "code": "null_island", "field": "position", "message": "position is 0, 0"}));
        } else if !board
            .seen
            .insert((event["key"].as_str().unwrap_or_default().to_owned(), event["time"].as_i64().unwrap_or_default()))
        {
            duplicate += 1;
            results.push(json!({"index": index, "status": "duplicate"}));
        } else {
            accepted += 1;
            cleaned += u32::from(position["speed"] == 113.9952);
        }
    }
    let refused = request.events.len() - accepted - duplicate;
    board.answered.insert(request.idempotency_key.clone());
    json!({"accepted": accepted, "duplicate": duplicate, "refused": refused, "cleaned": cleaned, "cursor": "e1:1", "results": results})
}

/// A body that breaks off.
struct Broken;

impl futures_util::Stream for Broken {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(Some(Err(std::io::Error::other("cut"))))
    }
}

#[expect(clippy::disallowed_methods, reason = "the server of the tests has a clock as the real one has")]
pub fn now_millis() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// The program, with the key and no address.
pub fn heliograph(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heliograph"));
    command.args(arguments).env_remove("HELIOGRAPH_URL").env("HELIOGRAPH_KEY", "test-key").stdin(Stdio::null());
    command
}

/// Runs the program against the recorder to its end.
pub fn run(recorder: &Recorder, arguments: &[&str]) -> Output {
    heliograph(arguments).env("HELIOGRAPH_URL", recorder.url()).output().unwrap()
}

/// Starts the program against an address.
pub fn spawn(url: &str, arguments: &[&str]) -> Child {
    heliograph(arguments).env("HELIOGRAPH_URL", url).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Sends a signal to a program that the test has started.
pub fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// Standard error as text.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The JSON summary on standard output.
pub fn summary(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no summary; stderr: {}", stderr(output)))
}

/// A file of the shared data; `None`, with a notice, where it is not there.
pub fn data(path: &str) -> Option<PathBuf> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(path);
    if file.exists() {
        return Some(file);
    }
    println!("SKIPPED: {} is not there", file.display());
    None
}

/// A scratch file with this content.
pub fn scratch(content: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    file
}
