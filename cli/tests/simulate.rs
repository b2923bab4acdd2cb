//! `heliograph simulate` and `heliograph publish` as programs, against a recording server.

mod support;

use std::collections::{HashMap, HashSet};
use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use support::{Recorder, Reply, heliograph, run, signal, spawn, stderr};

#[test]
fn the_fleet_reports_at_its_rate_from_austin_until_terminated() {
    let recorder = Recorder::start();
    let child = spawn(&recorder.url(), &["simulate", "--board", "fleet", "--vehicles", "20", "--rate", "2"]);
    std::thread::sleep(Duration::from_secs(3));
    signal(&child, "TERM");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let mut reports: HashMap<String, Vec<Value>> = HashMap::new();
    for event in recorder.events() {
        reports.entry(event["key"].as_str().unwrap().to_owned()).or_default().push(event);
    }
    assert_eq!(reports.len(), 20);
    for (key, events) in &reports {
        assert!(key.starts_with("sim-"));
        assert!((4..=7).contains(&events.len()), "{key}: {}", events.len());
        assert!(events.is_sorted_by(|a, b| a["time"].as_i64() < b["time"].as_i64()));
        for event in events {
            let (lat, lon) = (event["position"]["lat"].as_f64().unwrap(), event["position"]["lon"].as_f64().unwrap());
            assert!((30.1..30.5).contains(&lat) && (-97.9..-97.6).contains(&lon));
            for field in ["route", "passengers", "fuel", "status", "driver_shift"] {
                assert!(!event["fields"][field].is_null(), "{event}");
            }
        }
    }
}

#[test]
fn the_fleet_waits_for_a_server_that_comes_late_and_survives_its_absence() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let child = spawn(&format!("http://{port}"), &["simulate", "--board", "fleet", "--vehicles", "5"]);
    std::thread::sleep(Duration::from_secs(1));
    let recorder = Recorder::at(port, |number| (3..6).contains(&number).then_some(Reply::Problem(503, Some("0.1"))));
    std::thread::sleep(Duration::from_secs(5));
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("is away") && stderr(&output).contains("is back"), "{}", stderr(&output));
    let names: HashSet<String> = recorder.requests().into_iter().map(|request| request.idempotency_key).collect();
    assert!(names.len() > 8);
    // A report that did not get through is not sent again later: every event is fresh when it arrives.
    for request in recorder.requests() {
        for event in &request.events {
            assert!(request.arrived_millis - event["time"].as_i64().unwrap() < 500);
        }
    }
}

#[test]
fn the_fleet_stops_when_the_board_is_not_there() {
    let recorder = Recorder::with_trouble(|_| Some(Reply::Problem(404, None)));
    let output = run(&recorder, &["simulate", "--board", "nowhere"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("404 trouble: try later"), "{}", stderr(&output));
}

#[test]
fn publish_sends_one_event_from_flags_and_many_from_standard_input() {
    let recorder = Recorder::start();
    let output = run(
        &recorder,
        &["publish", "--board", "fleet", "--key", "v1", "--lat", "30.26", "--lon", "-97.74", "--field", "a=1"],
    );
    assert!(output.status.success(), "{}", stderr(&output));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["accepted"], 1);
    let output = run(&recorder, &["publish", "--board", "fleet", "--key", "v1", "--lat", "0", "--lon", "0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("null_island"));

    let mut child = heliograph(&["publish", "--board", "fleet"])
        .env("HELIOGRAPH_URL", recorder.url())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for number in 0..3 {
        writeln!(input, "{{\"key\":\"k{number}\",\"time\":{number}}}").unwrap();
        std::thread::sleep(Duration::from_millis(300));
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("3 rows"));
    // The first line did not wait for the last.
    assert!(recorder.requests().len() >= 4);
}
