//! `heliograph board export`, `verify` and `import` as a program, against a server that keeps one log and takes another.
#![expect(clippy::unwrap_used, reason = "test code: a failure here is a failed test")]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path as File;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use heliograph_shared::backup::{BackupRow, Content, Digest, FORMAT, Frame, Head, Import, MAGIC, RowsWriter, Taken};
use heliograph_shared::cursor::{Cursor, Epoch};
use heliograph_shared::id::BoardName;
use heliograph_shared::scores::control::{Action, Control};
use heliograph_shared::time::Millis;
use serde_json::{Value, json};

/// Rows of the log that is exported, and how many of them a page has.
const ROWS: u64 = 10;
const PER_PAGE: u64 = 3;
/// 2026-03-01T12:00:00Z. A row came each minute since.
const NOON: i64 = 1_772_366_400_000;

#[derive(Default)]
struct Kept {
    import: Option<Import>,
    /// The numbers of the rows that came.
    rows: Vec<u64>,
    heads: Vec<Head>,
    /// What was put where.
    put: Vec<(String, Value)>,
    /// Requests until the server is away, and for how many.
    away: Option<(u32, u32)>,
}

#[derive(Clone, Default)]
struct Server(Arc<Mutex<Kept>>);

impl Server {
    /// Whether this request is one of those that nobody answers.
    fn is_away(&self) -> bool {
        let mut kept = self.0.lock().unwrap();
        match &mut kept.away {
            Some((0, 0)) | None => false,
            Some((0, left)) => {
                *left -= 1;
                true
            }
            Some((before, _)) => {
                *before -= 1;
                false
            }
        }
    }
}

fn away() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, r#"{"code":"overloaded","detail":"not now"}"#).into_response()
}

async fn export(State(server): State<Server>, uri: Uri) -> Response {
    if server.is_away() {
        return away();
    }
    let pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let query: HashMap<&str, u64> = pairs.map(|(name, value)| (name, value.parse().unwrap())).collect();
    let upto = query.get("upto").copied().unwrap_or(ROWS).min(ROWS);
    let Some(after) = query.get("after") else {
        let (board, cursor) = (BoardName::try_from("fleet").unwrap(), Cursor { epoch: Epoch(7), seq: upto });
        let config = json!({"title": "Fleet", "archive": {"target": "lake"}});
        let head = Head { format: FORMAT, board, cursor, time: Millis(9), config, new_cursors: false };
        return axum::body::Body::from(serde_json::to_vec(&head).unwrap()).into_response();
    };
    let what = Action::EndItems { keys: vec!["a".into()] };
    let bytes = Control { at: Millis(0), by: "admin".into(), what }.encode();
    let mut packed = RowsWriter::default();
    for seq in after + 1..=upto.min(after + PER_PAGE) {
        let at = Millis(NOON + seq.cast_signed() * 60_000);
        packed.push(&BackupRow { first: seq, last: seq, at, owner: "key:ab", bytes: &bytes });
    }
    packed.finish().into_response()
}

/// Takes frames as a board does.
async fn import(State(server): State<Server>, body: Bytes) -> Response {
    if server.is_away() {
        return away();
    }
    let mut kept = server.0.lock().unwrap();
    let before = kept.import.clone();
    let import = if let Ok((head, taken)) = Frame::read(&body, Digest::start()).and_then(|f| Taken::begin(&f)) {
        kept.heads.push(head.clone());
        let epoch = if head.new_cursors { 8 } else { head.cursor.epoch.0 };
        let begun = Import { begun: taken.digest, from: "fleet".into(), config: "{}".into(), epoch, taken };
        before.filter(|import| import.begun == taken.digest).unwrap_or(begun)
    } else {
        let import = before.unwrap();
        if Frame::claimed(&body) == Some(import.taken.digest) {
            import
        } else {
            let frame = Frame::read(&body, import.taken.digest).unwrap();
            let (taken, content) = import.taken.take(&frame).unwrap();
            if let Content::Rows(rows) = content {
                kept.rows.extend(rows.iter().map(|(row, _)| row.last));
            }
            Import { taken, ..import }
        }
    };
    let answer = serde_json::to_vec(&import.progress()).unwrap();
    kept.import = Some(import);
    answer.into_response()
}

fn put(server: &Server, rest: String, body: &[u8]) -> Response {
    let value = serde_json::from_slice(body).unwrap();
    server.0.lock().unwrap().put.push((rest, value));
    "{}".into_response()
}

async fn around(Path((_, what)): Path<(String, String)>) -> Response {
    let answer = match what.as_str() {
        "layers" => json!({"layers": [{"id": "stops", "bytes": 3}]}),
        "fences" => json!({"fences": [{"id": "depot", "radius_m": 5, "changed_at": 1, "inside_count": 0}]}),
        "sources" => json!({"sources": [{"name": "buses"}]}),
        "webhooks" => json!({"webhooks": []}),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    answer.to_string().into_response()
}

/// A server; it ends with the test.
struct Running {
    address: SocketAddr,
    server: Server,
    _runtime: tokio::runtime::Runtime,
}

impl Running {
    fn start() -> Self {
        let server = Server::default();
        let key =
            json!({"id": "ab", "label": "the producer", "grants": [{"board": "fleet", "operations": ["publish"]}]});
        let keys = json!({"keys": [key]}).to_string();
        let router = Router::new()
            .route("/v1/boards/{board}/export", get(export))
            .route("/v1/boards/{board}/import", post(import).layer(DefaultBodyLimit::max(8 * 1024 * 1024)))
            .route("/v1/boards/{board}/{what}", get(around))
            .route("/v1/boards/{board}/layers/stops", get(|| async { r#"{"type":"Point"}"# }).put(put_layer))
            .route(
                "/v1/boards/{board}/alarms/rules",
                get(|| async { r#"{"rules":[{"id":"hot","where":["a:gt:1"],"changed_at":1,"standing":0}]}"# }),
            )
            .route("/v1/keys", get(move || async move { keys }))
            .route("/v1/boards/{board}/fences/{id}", axum::routing::put(put_fence))
            .route("/v1/boards/{board}/alarms/rules/{id}", axum::routing::put(put_rule))
            .with_state(server.clone());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { address, server, _runtime: runtime }
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_heliograph"))
            .arg("board")
            .args(args)
            .env("HELIOGRAPH_URL", format!("http://{}", self.address))
            .env("HELIOGRAPH_KEY", "k")
            .output()
            .unwrap()
    }

    /// Runs the program, which must succeed; what it said.
    fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{args:?}: {said}");
        said
    }

    fn away(&self, before: u32, times: u32) {
        self.server.0.lock().unwrap().away = Some((before, times));
    }
}

async fn put_layer(State(server): State<Server>, Path(board): Path<String>, body: Bytes) -> Response {
    put(&server, format!("{board}/layers/stops"), &body)
}

async fn put_fence(State(server): State<Server>, Path((board, id)): Path<(String, String)>, body: Bytes) -> Response {
    put(&server, format!("{board}/fences/{id}"), &body)
}

async fn put_rule(State(server): State<Server>, Path((board, id)): Path<(String, String)>, body: Bytes) -> Response {
    put(&server, format!("{board}/rules/{id}"), &body)
}

fn text(path: &File) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_board_goes_through_a_file_whole_though_the_server_is_away_in_between() {
    let (running, folder) = (Running::start(), tempfile::tempdir().unwrap());
    let path = folder.path().join("fleet.hgb");
    running.away(2, 2);
    let said = running.ok(&["export", "fleet", "-o", text(&path)]);
    assert!(said.contains("board fleet at e7:10") && said.contains("10 rows of its log, 5 other parts"), "{said}");
    assert!(std::fs::read(&path).unwrap().starts_with(MAGIC));
    assert!(running.ok(&["verify", text(&path)]).contains("is whole"));
    let again = running.run(&["export", "fleet", "-o", text(&path)]);
    assert_eq!(again.status.code(), Some(2), "nothing is overwritten");
    running.ok(&["export", "fleet", "-o", text(&path), "--force"]);

    running.away(3, 2);
    let said = running.ok(&["import", text(&path), "--name", "moved"]);
    assert!(said.contains("board moved is there, at e7:10"), "{said}");
    for named in ["key the producer", "source buses", "delivery"] {
        assert!(said.contains(named), "{named}: {said}");
    }
    let kept = running.server.0.lock().unwrap();
    assert_eq!(kept.rows, (1..=ROWS).collect::<Vec<u64>>());
    let put: Vec<String> = kept.put.iter().map(|(place, value)| format!("{place} {value}")).collect();
    let wanted = [
        r#"moved/layers/stops {"type":"Point"}"#,
        r#"moved/fences/depot {"radius_m":5}"#,
        r#"moved/rules/hot {"where":["a:gt:1"]}"#,
    ];
    assert_eq!(put, wanted);
}

#[test]
fn what_was_cut_off_is_gone_on_with_and_is_the_same_in_the_end() {
    let (running, folder) = (Running::start(), tempfile::tempdir().unwrap());
    let path = folder.path().join("fleet.hgb");
    running.ok(&["export", "fleet", "-o", text(&path)]);
    let whole = std::fs::read(&path).unwrap();
    for length in [whole.len() - 1, whole.len() / 2, whole.len() / 3] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let import = running.run(&["import", text(&path)]);
        assert_eq!(import.status.code(), Some(1));
        assert!(running.server.0.lock().unwrap().heads.is_empty(), "nothing is sent of a file that is not whole");
        running.ok(&["export", "fleet", "-o", text(&path), "--resume"]);
        assert!(std::fs::read(&path).unwrap() == whole, "cut at {length}");
    }
    // The server stays away for longer than the program waits: here, the program is ended by hand.
    running.away(3, u32::MAX);
    let mut import = Command::new(env!("CARGO_BIN_EXE_heliograph"))
        .args(["board", "import", text(&path)])
        .env("HELIOGRAPH_URL", format!("http://{}", running.address))
        .env("HELIOGRAPH_KEY", "k")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_secs(3));
    import.kill().unwrap();
    import.wait().unwrap();
    assert_eq!(running.server.0.lock().unwrap().rows.len() as u64, 2 * PER_PAGE, "it was in the middle");
    running.away(0, 0);
    running.ok(&["import", text(&path)]);
    let kept = running.server.0.lock().unwrap();
    assert_eq!(kept.rows, (1..=ROWS).collect::<Vec<u64>>(), "each row came once");
    assert!(kept.import.as_ref().unwrap().taken.is_over);
}

#[test]
fn a_part_of_a_file_makes_a_board_with_cursors_of_its_own() {
    for (upto, rows, new) in [("e7:5", 5, true), ("2026-03-01T12:04:00Z", 4, true), ("10", 10, false)] {
        let (running, folder) = (Running::start(), tempfile::tempdir().unwrap());
        let path = folder.path().join("fleet.hgb");
        running.ok(&["export", "fleet", "-o", text(&path)]);
        running.ok(&["import", text(&path), "--upto", upto]);
        let kept = running.server.0.lock().unwrap();
        assert_eq!(kept.rows, (1..=rows).collect::<Vec<u64>>(), "{upto}");
        let head = kept.heads.first().unwrap();
        assert_eq!((head.cursor.seq, head.new_cursors), (rows, new), "{upto}");
    }
    let (running, folder) = (Running::start(), tempfile::tempdir().unwrap());
    let path = folder.path().join("fleet.hgb");
    running.ok(&["export", "fleet", "-o", text(&path), "--upto", "e7:4"]);
    running.ok(&["import", text(&path), "--new-cursors"]);
    let kept = running.server.0.lock().unwrap();
    assert_eq!(kept.rows, [1, 2, 3, 4]);
    assert!(kept.heads.first().unwrap().new_cursors);
}
