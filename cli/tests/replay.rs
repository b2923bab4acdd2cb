//! `heliograph replay` as a program, against a recording server.
#![expect(clippy::unwrap_used, reason = "test code: a failure here is a failed test")]

mod support;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use serde_json::Value;
use support::{Recorder, Reply, data, run, scratch, signal, spawn, stderr, summary};

const BUSES: &str = "positions/capmetro_buses_2017-03-21_0000-1025.csv";

/// Checks that each key's times never go back, in order of arrival.
fn assert_key_order(events: &[Value]) -> usize {
    let mut last: HashMap<&str, i64> = HashMap::new();
    for event in events {
        let (key, time) = (event["key"].as_str().unwrap(), event["time"].as_i64().unwrap());
        if let Some(before) = last.insert(key, time) {
            assert!(before <= time, "{key} goes back from {before} to {time}");
        }
    }
    last.len()
}

#[test]
fn the_real_buses_arrive_completely_in_key_order_and_the_summary_adds_up() {
    let Some(file) = data(BUSES) else { return };
    let recorder = Recorder::start();
    let before = support::now_millis();
    let output = run(
        &recorder,
        &[
            "replay",
            file.to_str().unwrap(),
            "--board",
            "fleet",
            "--key",
            "vehicle_id",
            "--time",
            "timestamp",
            "--lat",
            "latitude",
            "--lon",
            "longitude",
            "--speed",
            "max",
            "--json",
        ],
    );
    assert_eq!(output.status.code(), Some(3), "some rows were refused: {}", stderr(&output));
    let summary = summary(&output);
    assert_eq!(
        (&summary["rows"], &summary["accepted"], &summary["duplicate"], &summary["refused"], &summary["cleaned"]),
        (&45_386.into(), &45_382.into(), &1.into(), &3.into(), &5.into()),
        "{summary}"
    );
    assert_eq!((&summary["unanswered"], &summary["codes"]["null_island"]["count"]), (&0.into(), &3.into()));
    assert!(summary["codes"]["null_island"]["example"].as_str().unwrap().starts_with("line "));

    let requests = recorder.requests();
    assert!(requests.iter().all(|request| {
        request.board == "fleet"
            && request.authorization == "Bearer test-key"
            && request.content_type == "application/x-ndjson"
            && request.events.len() <= 500
    }));
    let names: HashSet<&String> = requests.iter().map(|request| &request.idempotency_key).collect();
    assert_eq!(names.len(), requests.len());
    let events = recorder.events();
    assert_eq!(events.len(), 45_386);
    assert_eq!(assert_key_order(&events), 329);
    // The recording ends now and keeps its ten and a half hours.
    let times: Vec<i64> = events.iter().map(|event| event["time"].as_i64().unwrap()).collect();
    let (first, last) = (*times.iter().min().unwrap(), *times.iter().max().unwrap());
    assert!(last >= before && last <= support::now_millis());
    assert_eq!(last - first, 37_497_000);
    let one = events.iter().find(|event| event["key"] == "5022").unwrap();
    assert_eq!(one["position"], serde_json::json!({"lat": 30.414_877, "lon": -97.66681, "speed": 10.72896}));
    assert_eq!(
        one["fields"],
        serde_json::json!({"route_id": "801", "trip_id": "1743204", "trip_headsign": "801 TECH RIDGE"})
    );
}

#[test]
fn start_and_end_cut_the_morning_out_and_columns_are_guessed() {
    let Some(file) = data(BUSES) else { return };
    let recorder = Recorder::start();
    let file = file.to_str().unwrap();
    let output = run(&recorder, &["replay", file, "--start", "07:00", "--end", "10:00", "--speed", "max", "--json"]);
    assert_eq!(output.status.code(), Some(3), "some rows are refused: {}", stderr(&output));
    assert_eq!(summary(&output)["rows"], 29_602);
    let told = stderr(&output);
    assert!(
        told.contains("--key vehicle_id --time timestamp --lat latitude --lon longitude --speed-col speed"),
        "{told}"
    );
    assert!(told.contains("guessed: --board fleet"), "{told}");
    assert!(told.contains("2017-03-21 07:00:01 -05:00 to 2017-03-21 09:59:59 -05:00"), "{told}");
}

#[test]
fn at_sixty_times_nothing_is_early_and_the_buses_move_at_once() {
    let Some(file) = data(BUSES) else { return };
    let recorder = Recorder::start();
    let arguments = [
        "replay",
        file.to_str().unwrap(),
        "--board",
        "fleet",
        "--speed",
        "60",
        "--start",
        "07:00",
        "--end",
        "07:02",
        "--json",
    ];
    let output = run(&recorder, &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let summary = summary(&output);
    let elapsed = summary["elapsed_s"].as_f64().unwrap();
    assert!((1.8..4.0).contains(&elapsed), "two minutes take two seconds: {elapsed}");
    let mut late = Vec::new();
    for request in recorder.requests() {
        for event in &request.events {
            let age = request.arrived_millis - event["time"].as_i64().unwrap();
            assert!(age >= 0, "an event came {age} ms early");
            late.push(age);
        }
    }
    late.sort_unstable();
    assert!(late[late.len() / 2] < 250, "half of the events come within a tick or two: {}", late[late.len() / 2]);
    assert_key_order(&recorder.events());
}

#[test]
fn retries_keep_the_idempotency_key_and_the_order() {
    let recorder = Recorder::with_trouble(|number| match number {
        0 => Some(Reply::Problem(503, Some("1"))),
        1 => Some(Reply::Problem(429, Some("0"))),
        2 => Some(Reply::Problem(502, None)),
        4 => Some(Reply::Cut),
        _ => None,
    });
    let rows: Vec<String> = (0..40).map(|row| format!("v{},2026-01-01T00:00:{row:02}Z,{row}", row % 3)).collect();
    let file = scratch(&format!("key,time,n\n{}\n", rows.join("\n")));
    let path = file.path().to_str().unwrap();
    let output = run(
        &recorder,
        &["replay", path, "--board", "b", "--speed", "max", "--connections", "1", "--batch", "10", "--json"],
    );
    assert!(output.status.success(), "{}", stderr(&output));
    let summary = summary(&output);
    // The cut answer was lost; its repetition is what is counted, and the recorder calls that duplicates.
    assert_eq!(
        (&summary["accepted"], &summary["duplicate"], &summary["unanswered"]),
        (&30.into(), &10.into(), &0.into()),
        "{summary}"
    );
    let requests = recorder.requests();
    let names: Vec<&str> = requests.iter().map(|request| request.idempotency_key.as_str()).collect();
    assert_eq!(names.len(), 8);
    assert!(names[..4].iter().all(|name| *name == names[0]), "{names:?}");
    assert!(names[4] == names[5] && names[0] != names[4], "{names:?}");
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), 4);
    assert!(requests[0].arrived_millis + 1000 <= requests[1].arrived_millis, "Retry-After was not honoured");
    assert!(requests[0].events == requests[3].events);
    let mut firsts = HashSet::new();
    let once = requests.iter().filter(|request| request.status == 200 && firsts.insert(&request.idempotency_key));
    let events: Vec<Value> = once.flat_map(|request| request.events.clone()).collect();
    assert_eq!((events.len(), assert_key_order(&events)), (40, 3));
}

#[test]
fn gzipped_ndjson_of_sensors_works() {
    let Some(file) = data("iot/env_sensors_24h.jsonl.gz") else { return };
    let recorder = Recorder::start();
    let output = run(
        &recorder,
        &[
            "replay",
            file.to_str().unwrap(),
            "--board",
            "sensors",
            "--key",
            "device_id",
            "--time",
            "ts",
            "--keep-time",
            "--speed",
            "max",
            "--json",
        ],
    );
    assert!(output.status.success(), "{}", stderr(&output));
    let summary = summary(&output);
    assert_eq!(summary["rows"], 50_270);
    assert_eq!(summary["accepted"].as_u64().unwrap() + summary["duplicate"].as_u64().unwrap(), 50_270);
    let events = recorder.events();
    assert_eq!(assert_key_order(&events), 3);
    let first = events.iter().find(|event| event["key"] == "0e:9c:00:4c:1c:51").unwrap();
    assert_eq!(first["time"], 1_594_598_424_502_i64);
    assert_eq!(first["fields"]["data.temp"], 18.899_999_618_530_273);
    assert_eq!(first["fields"]["data.light"], false);
    assert_eq!(first["fields"]["device"], "iot-device-01");
    assert!(first.get("position").is_none());
}

#[test]
fn an_unsorted_file_is_sorted_unless_told_otherwise() {
    let Some(file) = data("positions/liverpool_route14_2026-01-26.csv") else { return };
    let file = file.to_str().unwrap();
    let recorder = Recorder::start();
    let output =
        run(&recorder, &["replay", file, "--tz", "Europe/London", "--speed", "max", "--connections", "1", "--json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let events = recorder.events();
    assert!(events.is_sorted_by_key(|event| event["time"].as_i64()));
    assert_eq!(events.len(), 1_533);
    assert!(events.iter().filter(|event| event["position"]["heading"].is_number()).count() == 1_134);
    let recorder = Recorder::start();
    let output = run(&recorder, &["replay", file, "--unsorted", "--speed", "max", "--connections", "1", "--json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(!recorder.events().is_sorted_by_key(|event| event["time"].as_i64()));
}

#[test]
fn a_loop_shifts_each_round_and_ends_on_interrupt_with_a_summary() {
    let recorder = Recorder::start();
    let file = scratch("key,time\na,2026-01-01T00:00:00Z\nb,2026-01-01T00:00:30Z\n");
    let child = spawn(
        &recorder.url(),
        &["replay", file.path().to_str().unwrap(), "--board", "b", "--speed", "60", "--loop", "--json"],
    );
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(100));
        if recorder.events().len() >= 5 {
            break;
        }
    }
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let events = recorder.events();
    assert_eq!(summary(&output)["accepted"], events.len());
    let times: Vec<i64> = events.iter().map(|event| event["time"].as_i64().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
    assert_eq!(times[1] - times[0], 500);
    assert!(times[2] - times[1] >= 1000, "{times:?}");
}

#[test]
fn a_replay_that_lasts_says_how_far_it_is_and_in_the_end_what_was_refused_and_why() {
    let recorder = Recorder::start();
    let rows = (0..8).map(|second| format!("bus-1,2026-01-01T00:00:0{second}Z\n"));
    let mut rows = rows.collect::<Vec<_>>().concat();
    rows.push_str("bus-2,\nbus-3,soon\n");
    let file = scratch(&format!("key,time\n{rows}"));
    let plain = ["replay", file.path().to_str().unwrap(), "--board", "b"];
    let silent = ["replay", file.path().to_str().unwrap(), "--board", "b", "--quiet"];
    // Each has a server of its own: what comes twice is there already.
    let other = Recorder::start();
    let (loud, quiet) = (spawn(&recorder.url(), &plain), spawn(&other.url(), &silent));
    let (loud, quiet) = (loud.wait_with_output().unwrap(), quiet.wait_with_output().unwrap());
    for output in [&loud, &quiet] {
        assert_eq!(output.status.code(), Some(3), "{}", stderr(output));
        let summary = String::from_utf8_lossy(&output.stdout);
        let summary = summary.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            "accepted 8",
            "refused 2",
            "no_time 1 e.g. line 10: the row has no time",
            "bad_time 1 e.g. line 11: `soon`",
        ] {
            assert!(summary.contains(part), "{part}: {summary}");
        }
    }
    // Nobody looks at a terminal here, so it is a line every few seconds.
    let told = stderr(&loud);
    let line =
        told.lines().find(|line| line.contains(" of 10 rows  ")).unwrap_or_else(|| panic!("no progress: {told}"));
    let settled: u32 = line.split(' ').next().unwrap().parse().unwrap();
    assert!((4..10).contains(&settled), "in the middle: {line}");
    assert!(line.contains("2026-01-01 00:00:0") && line.contains("accepted ") && line.contains("refused 2"), "{line}");
    assert!(!stderr(&quiet).contains(" rows "), "{}", stderr(&quiet));
}

#[test]
fn an_interrupt_in_the_middle_still_tells_what_was_sent() {
    let recorder = Recorder::start();
    let file = scratch("key,time\na,2026-01-01T00:00:00Z\nb,2026-01-01T01:00:00Z\n");
    let child = spawn(&recorder.url(), &["replay", file.path().to_str().unwrap(), "--board", "b", "--json"]);
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(50));
        if !recorder.events().is_empty() {
            break;
        }
    }
    signal(&child, "TERM");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    assert_eq!(summary(&output)["accepted"], 1);
}

#[test]
fn a_refused_request_stops_the_replay_with_the_servers_words() {
    let recorder = Recorder::with_trouble(|_| Some(Reply::Problem(403, None)));
    let file = scratch("key,time\na,2026-01-01T00:00:00Z\n");
    let output = run(&recorder, &["replay", file.path().to_str().unwrap(), "--board", "b", "--speed", "max"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("403 trouble: try later"), "{}", stderr(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("not sent or not answered 1"));
    assert_eq!(recorder.requests().len(), 1);
}

#[test]
fn a_server_that_stays_away_is_given_up_on() {
    let file = scratch("key,time\na,2026-01-01T00:00:00Z\n");
    let child =
        spawn("http://127.0.0.1:9", &["replay", file.path().to_str().unwrap(), "--board", "b", "--retry-for", "1"]);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("gave up on http://127.0.0.1:9"), "{}", stderr(&output));
}

#[test]
fn bad_input_and_wrong_usage_have_their_exit_codes_and_send_nothing() {
    let recorder = Recorder::start();
    let good = scratch("key,time\na,2026-01-01T00:00:00Z\n");
    let good = good.path().to_str().unwrap();
    let empty = scratch("");
    let header = scratch("key,time\n");
    let unreadable = scratch("key,time\n,\na,never\n");
    let path = |file: &tempfile::NamedTempFile| file.path().to_str().unwrap().to_owned();
    let cases: [(&[&str], i32, &str); 9] = [
        (&["replay", "/no/such/file.csv", "--board", "b"], 1, "cannot read /no/such/file.csv"),
        (&["replay", &path(&empty), "--board", "b"], 1, "it is empty"),
        (&["replay", &path(&header), "--board", "b"], 1, "no rows"),
        (&["replay", &path(&unreadable), "--board", "b"], 1, "no row of"),
        (&["replay", good], 2, "name the board"),
        (&["replay", good, "--board", "b", "--key", "bus"], 2, "no such column"),
        (&["replay", good, "--board", "b", "--speed", "fast"], 2, "max"),
        (&["replay", good, "--board", "b", "--loop", "--keep-time"], 2, "--keep-time"),
        (&["replay", good, "--board", "b", "--start", "2027-01-01"], 1, "the recording goes from"),
    ];
    for (arguments, code, text) in cases {
        let output = run(&recorder, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(text), "{arguments:?}: {}", stderr(&output));
    }
    assert!(recorder.requests().is_empty());
}
