//! `heliograph bridge stdin` against a server that records, overloads and disappears.
#![expect(clippy::unwrap_used, reason = "test code: a failure here is a failed test")]

mod support;

use std::io::Write as _;
use std::process::{Child, Output, Stdio};
use std::thread;
use std::time::Duration;

use support::{Recorder, Reply, heliograph, signal, stderr};

fn start(recorder: &Recorder, arguments: &[&str]) -> Child {
    let mut command = heliograph(&["bridge", "stdin", "--board", "fleet"]);
    command.args(arguments).env("HELIOGRAPH_URL", recorder.url());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn write(child: &mut Child, lines: &str) {
    let input = child.stdin.as_mut().unwrap();
    input.write_all(lines.as_bytes()).unwrap();
    input.flush().unwrap();
}

fn end(mut child: Child) -> Output {
    drop(child.stdin.take());
    child.wait_with_output().unwrap()
}

fn line(key: usize) -> String {
    format!("{{\"key\":\"k{key}\",\"time\":{},\"lat\":1.5,\"lon\":2.5}}\n", 1_000 + key)
}

/// The keys of every event that was taken, in order.
fn taken(recorder: &Recorder) -> Vec<String> {
    let requests = recorder.requests();
    let good = requests.iter().filter(|request| request.status == 200);
    good.flat_map(|request| &request.events).map(|event| event["key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn lines_arrive_once_and_in_order_and_overload_waits_as_the_server_says() {
    let recorder = Recorder::with_trouble(|request| match request {
        1 => Some(Reply::Problem(503, Some("1"))),
        2 => Some(Reply::Problem(429, None)),
        _ => None,
    });
    let mut child = start(&recorder, &["--batch", "50"]);
    for key in 0..300 {
        write(&mut child, &line(key));
    }
    let output = end(child);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(taken(&recorder), (0..300).map(|key| format!("k{key}")).collect::<Vec<_>>());
    let requests = recorder.requests();
    assert!(requests.iter().all(|request| request.events.len() <= 50));
    let waited = requests[2].arrived_millis - requests[1].arrived_millis;
    assert!((1_000..5_000).contains(&waited), "{waited} ms");
    // The same request, so that a server that took it knows.
    assert_eq!(requests[1].idempotency_key, requests[2].idempotency_key);
    let text = stderr(&output);
    assert!(text.contains("is busy: the server answered 503") && text.contains("is back after"), "{text}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("300 rows"), "{output:?}");
}

#[test]
fn a_refused_line_is_told_and_spoils_no_other() {
    let recorder = Recorder::start();
    let mut child = start(&recorder, &[]);
    write(&mut child, &line(1));
    write(&mut child, "{\"key\":\"zero\",\"time\":1,\"position\":{\"lat\":0,\"lon\":0}}\n\n");
    write(&mut child, &line(2));
    let output = end(child);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("null_island") && text.contains("3 rows"), "{text}");
}

#[test]
fn sigterm_ends_it_after_what_was_read_is_answered() {
    let recorder = Recorder::start();
    let mut child = start(&recorder, &[]);
    for key in 0..20 {
        write(&mut child, &line(key));
    }
    for _ in 0..1_000 {
        if taken(&recorder).len() == 20 {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    signal(&child, "TERM");
    // Standard input is open still.
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(taken(&recorder).len(), 20);
    assert!(String::from_utf8_lossy(&output.stdout).contains("accepted          20"), "{output:?}");
}

#[test]
fn what_trying_again_cannot_mend_ends_it_and_says_why() {
    let recorder = Recorder::with_trouble(|_| Some(Reply::Problem(401, None)));
    let mut child = start(&recorder, &[]);
    write(&mut child, &line(1));
    let output = end(child);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("HELIOGRAPH_KEY must hold a key"), "{}", stderr(&output));
    assert_eq!(recorder.requests().len(), 1);
}

#[test]
fn secrets_are_not_taken_from_the_command_line() {
    let output =
        heliograph(&["bridge", "mqtt", "mqtt://me:geheim@127.0.0.1", "--topic", "a", "--board", "b"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("MQTT_PASSWORD"), "{}", stderr(&output));
    let output =
        heliograph(&["bridge", "stdin", "--source", "s"]).env_remove("HELIOGRAPH_SOURCE_SECRET").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("HELIOGRAPH_SOURCE_SECRET"), "{}", stderr(&output));
}
