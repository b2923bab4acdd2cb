//! `heliograph tail` and `heliograph mint` as programs, against a small feed made by hand.
#![expect(clippy::unwrap_used, reason = "test code: a failure here is a failed test")]

mod support;

use std::net::SocketAddr;
use std::process::{Child, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use support::{heliograph, now_millis, signal, spawn, stderr};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};

/// What the server saw, in order: `mint …`, `open …`, messages.
type Log = Arc<Mutex<Vec<String>>>;

struct Server {
    address: SocketAddr,
    log: Log,
    _runtime: tokio::runtime::Runtime,
}

/// What a program printed; one that has not ended after a minute fails its test with what was seen until then.
fn end_of(mut child: Child, server: &Server) -> Output {
    for _ in 0..600 {
        if child.try_wait().unwrap().is_some() {
            return child.wait_with_output().unwrap();
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    panic!("still running: {:?}, the server saw {:?}", output, server.log.lock().unwrap());
}

/// Mints tokens that last `ttl_millis`; the nth connection sends the nth script and, but for the last one, drops.
fn serve(ttl_millis: i64, scripts: Vec<Vec<Value>>) -> Server {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let log = Log::default();
    let shared = Arc::clone(&log);
    runtime.spawn(async move {
        let mut scripts = scripts.into_iter();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let mut head = [0_u8; 4];
            let start = loop {
                match stream.peek(&mut head).await {
                    Ok(4) => break Some(head),
                    Ok(1..) => tokio::task::yield_now().await,
                    // Gone before it said anything: others may still come.
                    Ok(0) | Err(_) => break None,
                }
            };
            let Some(start) = start else { continue };
            if &start == b"POST" {
                tokio::spawn(mint(stream, Arc::clone(&shared), ttl_millis));
            } else {
                let script = scripts.next().unwrap_or_default();
                let is_last = scripts.len() == 0;
                tokio::spawn(feed(stream, Arc::clone(&shared), script, is_last));
            }
        }
    });
    Server { address, log, _runtime: runtime }
}

async fn mint(mut stream: TcpStream, log: Log, ttl_millis: i64) {
    let mut request = Vec::new();
    let mut bytes = [0; 4096];
    // Headers and body are small; the body ends the request.
    while !request.ends_with(b"}") {
        let count = stream.read(&mut bytes).await.unwrap();
        assert!(count > 0, "the request broke off after {} bytes", request.len());
        request.extend_from_slice(&bytes[..count]);
    }
    let text = String::from_utf8(request).unwrap();
    let number = {
        let mut log = log.lock().unwrap();
        log.push(format!("mint {}", text.rsplit("\r\n").next().unwrap()));
        log.iter().filter(|entry| entry.starts_with("mint")).count()
    };
    let body = json!({"token": format!("a.b.{number}"), "expires_at": now_millis() + ttl_millis}).to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await.unwrap();
}

#[expect(clippy::result_large_err, reason = "the signature is tungstenite's")]
async fn feed(stream: TcpStream, log: Log, script: Vec<Value>, is_last: bool) {
    let seen = Arc::clone(&log);
    let check = move |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
        let offered = request.headers()["sec-websocket-protocol"].to_str().unwrap().to_owned();
        seen.lock().unwrap().push(format!("open {} {offered}", request.uri()));
        let chosen = offered.split(", ").next().unwrap().to_owned();
        response.headers_mut().insert("sec-websocket-protocol", chosen.parse().unwrap());
        Ok(response)
    };
    let mut socket = accept_hdr_async(stream, check).await.unwrap();
    let mut script = script.into_iter();
    let is_plain = log.lock().unwrap().last().unwrap().contains("realTimeItemKey");
    if is_plain {
        for message in script.by_ref() {
            socket.send(Message::text(message.to_string())).await.unwrap();
        }
    }
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Text(text) = message {
            log.lock().unwrap().push(text.to_string());
            for message in script.by_ref() {
                socket.send(Message::text(message.to_string())).await.unwrap();
            }
            if !is_last {
                // The end of the data and nothing else: closing with an unread ping in hand would be a reset, and a reset may
                // overtake what was sent before it.
                let stream = socket.get_mut();
                stream.shutdown().await.unwrap();
                while stream.read(&mut [0; 4096]).await.is_ok_and(|count| count > 0) {}
                return;
            }
        }
    }
}

fn snapshot(cursor: &str) -> Value {
    json!({"type": "snapshot", "id": 1, "cursor": cursor, "items": [{"key": "v1", "time": 5, "seq": 1, "fields": {"a": 1}}]})
}

fn delta(cursor: &str, number: i64) -> Value {
    json!({"type": "delta", "id": 1, "cursor": cursor, "items": [{"key": "v1", "time": 6, "seq": 2, "fields": {"a": number}}]})
}

#[test]
fn changes_come_as_lines_the_token_travels_in_the_subprotocol_and_a_lost_connection_is_resumed() {
    let server = serve(600_000, vec![vec![snapshot("e1:1"), delta("e1:2", 2)], vec![delta("e1:3", 3)]]);
    let url = format!("http://{}", server.address);
    let child = spawn(&url, &["tail", "--board", "fleet", "--key", "v1", "--lines", "3"]);
    let output = end_of(child, &server);
    assert!(output.status.success(), "{}", stderr(&output));
    let lines: Vec<Value> = String::from_utf8(output.stdout.clone())
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.iter().map(|line| line["fields"]["a"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    let log = server.log.lock().unwrap().clone();
    assert_eq!(log[0], r#"mint {"grants":[{"board":"fleet","keys":["v1"],"operations":["read"]}],"ttl_s":600}"#);
    assert_eq!(log[1], "open /v1/boards/fleet/feed heliograph.v1.json, bearer.a.b.1");
    assert_eq!(log[2], r#"{"action":"subscribe","id":1,"keys":["v1"],"what":"items"}"#);
    let second = log.iter().position(|entry| entry.ends_with("bearer.a.b.2")).unwrap();
    assert_eq!(log[second + 1], r#"{"action":"subscribe","id":1,"keys":["v1"],"resume":"e1:2","what":"items"}"#);
}

#[test]
fn the_token_is_renewed_inside_the_connection_and_what_came_is_acknowledged() {
    let server = serve(3_000, vec![vec![snapshot("e1:7")]]);
    let child = spawn(&format!("http://{}", server.address), &["tail", "--board", "fleet"]);
    let wanted = [r#"{"action":"token","token":"a.b.2"}"#, r#"{"action":"ack","cursor":"e1:7"}"#];
    let has_all = || wanted.iter().all(|text| server.log.lock().unwrap().iter().any(|entry| entry == text));
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(100));
        if has_all() {
            break;
        }
    }
    signal(&child, "INT");
    assert!(child.wait_with_output().unwrap().status.success());
    assert!(has_all(), "{:?}", server.log.lock().unwrap());
    assert_eq!(server.log.lock().unwrap().iter().filter(|entry| entry.starts_with("open")).count(), 1);
}

#[test]
fn without_a_key_a_public_board_gives_a_token_and_plain_mode_prints_what_comes() {
    let server = serve(600_000, vec![vec![json!({"key": "v1", "time": 5})]]);
    let mut command = heliograph(&["tail", "--board", "fleet", "--key", "v1", "--plain", "-n", "1"]);
    command.env("HELIOGRAPH_URL", format!("http://{}", server.address)).env_remove("HELIOGRAPH_KEY");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let output = end_of(child, &server);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "{\"key\":\"v1\",\"time\":5}\n");
    let log = server.log.lock().unwrap().clone();
    assert_eq!(log[0], r#"mint {"board":"fleet","ttl_s":600}"#);
    assert_eq!(log[1], "open /v1/boards/fleet/feed?realTimeItemKey=v1 bearer.a.b.1");
}

#[test]
fn a_farewell_for_good_ends_with_its_reason() {
    let bye = json!({"type": "bye", "code": 4502, "reason": "board_deleted", "reconnect": false});
    let server = serve(600_000, vec![vec![bye]]);
    let output = end_of(spawn(&format!("http://{}", server.address), &["tail", "--board", "fleet"]), &server);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("board_deleted"), "{}", stderr(&output));
}

#[test]
fn mint_prints_the_token_and_no_server_is_said_so() {
    let server = serve(600_000, Vec::new());
    let url = format!("http://{}", server.address);
    let arguments = ["mint", "--board", "fleet", "--operations", "read,publish", "--keys", "v*", "--ttl", "60"];
    let output = heliograph(&arguments).env("HELIOGRAPH_URL", url).output().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap()["token"], "a.b.1");
    let log = server.log.lock().unwrap().clone();
    assert_eq!(
        log[0],
        r#"mint {"grants":[{"board":"fleet","keys":["v*"],"operations":["read","publish"]}],"ttl_s":60}"#
    );
    let output = heliograph(&arguments).env("HELIOGRAPH_URL", "http://127.0.0.1:9").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("no answer from http://127.0.0.1:9"), "{}", stderr(&output));
}
