//! What `heliograph replay` makes of a contest's feed and of a school's assessments, ranked here by a count of its own.
#![expect(clippy::unwrap_used, reason = "test code: a failure here is a failed test")]

mod support;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use support::{Recorder, data, run, scratch, stderr, summary};

const FINALS: &str = "scoreboard/icpc_wf47_2024-04-18_live.ndjson";
const ASSESSMENTS: &str = "assessment/oulad_submissions_2014J.csv";
const START: i64 = 1_713_433_679_000; // 2024-04-18T11:47:59+02:00
const HOUR: i64 = 3_600_000;

fn board(name: &str) -> Value {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../boards").join(name);
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

fn replay(recorder: &Recorder, file: &Path, more: &[&str]) -> Value {
    let output = run(recorder, &[&["replay", file.to_str().unwrap(), "--json"], more].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    summary(&output)
}

/// Events of a recorder's requests, in order of arrival.
fn replayed(file: &Path, more: &[&str]) -> Vec<Value> {
    let recorder = Recorder::start();
    replay(&recorder, file, more);
    recorder.events()
}

/// Solved and penalty of every team, counted the plain way: the last event of each submission, attempts by time.
fn standings(events: &[Value]) -> BTreeMap<String, (u32, i64)> {
    let mut latest: HashMap<(&str, &str), &Value> = HashMap::new();
    let mut table = BTreeMap::new();
    for event in events {
        let key = event["key"].as_str().unwrap();
        table.entry(key.to_owned()).or_insert((0, 0));
        if let Some(submission) = event["fields"]["submission"].as_str() {
            latest.insert((key, submission), event);
        }
    }
    let mut tasks: BTreeMap<(&str, &str), Vec<&Value>> = BTreeMap::new();
    for ((key, _), event) in latest {
        tasks.entry((key, event["fields"]["problem"].as_str().unwrap())).or_default().push(event);
    }
    for ((key, _), mut attempts) in tasks {
        attempts.sort_by_key(|event| event["time"].as_i64().unwrap());
        let Some(right) = attempts.iter().position(|event| event["fields"]["solved"] == true) else { continue };
        let wrong = attempts[..right].iter().filter(|event| event["fields"]["penalty"] == true).count();
        let (solved, penalty) = table.get_mut(key).unwrap();
        *solved += 1;
        *penalty += attempts[right]["fields"]["minute"].as_i64().unwrap() + 20 * wrong as i64;
    }
    table
}

fn assert_finals(events: &[Value]) {
    let table = standings(events);
    assert_eq!(table.len(), 130);
    let names: HashMap<&str, &str> =
        events.iter().filter_map(|event| Some((event["key"].as_str()?, event["fields"]["name"].as_str()?))).collect();
    let of = |name: &str| {
        let (key, _) = names.iter().find(|(_, known)| **known == name).unwrap();
        table[*key]
    };
    assert_eq!(of("National Research University Higher School of Economics"), (9, 995));
    assert_eq!(of("Peking University"), (9, 1068));
    assert_eq!(of("Moscow Institute of Physics and Technology"), (9, 1143));
    assert_eq!(of("Seoul National University"), (8, 1102));
    assert_eq!(of("Nanjing University"), (7, 692));
}

#[test]
fn the_finals_come_out_as_they_stood_at_the_freeze_with_every_team_on_the_map() {
    let Some(file) = data(FINALS) else { return };
    let recorder = Recorder::start();
    let summary = replay(&recorder, &file, &["--board", "icpc", "--speed", "max", "--keep-time"]);
    assert_eq!((&summary["rows"], &summary["refused"]), (&1736.into(), &0.into()), "{summary}");
    let events = recorder.events();
    assert_finals(&events);
    let ids: HashSet<&str> = events.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), events.len());
    // The feed has no verdicts of the last hour: its submissions are pending.
    let pending = |event: &&Value| {
        let fields = &event["fields"];
        fields.get("submission").is_some() && fields.get("verdict").is_none()
    };
    assert_eq!(events.iter().filter(pending).count(), 545);
    let teams: Vec<&Value> = events.iter().filter(|event| event["fields"].get("name").is_some()).collect();
    assert_eq!(teams.len(), 130);
    assert!(teams.iter().all(|team| team["position"]["lat"].is_number() && team["time"] == START));
    let regions: BTreeSet<&str> = teams.iter().filter_map(|team| team["fields"]["group"].as_str()).collect();
    assert_eq!(regions.len(), 8, "{regions:?}");
    // Whatever the contest's fields are called, they are what the board's rules look at.
    let rules = &board("icpc.json")["scores"];
    let attempt = events.iter().find(|event| event["fields"]["verdict"] == "WA").unwrap();
    let attempts = &rules["attempts"];
    let named = [&rules["entry"], &attempts["per"], &attempts["minutes"], &rules["filter"][0]["field"]];
    for field in named.into_iter().chain([&attempts["right"][0]["field"], &attempts["wrong"][0]["field"]]) {
        assert!(attempt["fields"].get(field.as_str().unwrap()).is_some(), "{field}");
    }
    assert!(teams[0]["fields"].get(rules["name"].as_str().unwrap()).is_some());
    assert_eq!(attempts["wrong_minutes"], 20);
}

#[test]
fn the_finals_come_out_the_same_in_the_old_format_and_as_an_archive_of_collections() {
    let Some(file) = data(FINALS) else { return };
    let text = std::fs::read_to_string(file).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();

    let mut old = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for (number, line) in lines.iter().enumerate() {
        let kind = if line["type"] == "contest" { &json!("contests") } else { &line["type"] };
        writeln!(old, "{}", json!({"type": kind, "id": format!("e{number}"), "op": "update", "data": line["data"]}))
            .unwrap();
    }
    let file = scratch("");
    std::fs::write(file.path(), old.finish().unwrap()).unwrap();
    assert_finals(&replayed(file.path(), &["--board", "icpc", "--speed", "max"]));

    let mut collections: BTreeMap<&str, BTreeMap<&str, &Value>> = BTreeMap::new();
    for line in &lines {
        let id = line["id"].as_str().unwrap_or_default();
        collections.entry(line["type"].as_str().unwrap()).or_default().insert(id, &line["data"]);
    }
    let mut archive = String::new();
    for (kind, objects) in collections {
        let data = if ["contest", "state", "map-info"].contains(&kind) {
            json!(objects.into_values().next().unwrap())
        } else {
            json!(objects.into_values().collect::<Vec<_>>())
        };
        archive.push_str(&json!({"type": kind, "id": null, "data": data}).to_string());
        archive.push('\n');
    }
    let file = scratch(&archive);
    assert_finals(&replayed(file.path(), &["--board", "icpc", "--speed", "max"]));
}

const FEED: &str = r#"{"type":"contest","data":{"id":"c","name":"Finals","start_time":"2024-04-18T11:47:59+02:00","duration":"5:00:00","scoreboard_freeze_duration":"1:00:00"}}
{"type":"teams","id":"1","data":{"id":"1","name":"One"}}
{"type":"submissions","id":"5","data":{"id":"5","team_id":"1","problem_id":"a","contest_time":"0:30:00"}}
{"type":"judgements","id":"9","data":{"id":"9","submission_id":"5","judgement_type_id":"WA","end_contest_time":"1:00:00"}}
{"type":"submissions","id":"6","data":{"id":"6","team_id":"1","problem_id":"a","contest_time":"2:30:00"}}
{"type":"judgements","id":"10","data":{"id":"10","submission_id":"6","judgement_type_id":"AC","end_contest_time":"3:00:00"}}
"#;

#[test]
fn the_session_is_made_first_and_its_times_move_with_the_events() {
    let file = scratch(FEED);
    let recorder = Recorder::start();
    let arguments = ["--board", "icpc", "--speed", "3600", "--session", "finals"];
    let before = support::now_millis();
    let elapsed = replay(&recorder, file.path(), &arguments)["elapsed_s"].as_f64().unwrap();
    assert!(elapsed >= 2.9, "three hours take three seconds: {elapsed}");
    let sessions = recorder.sessions();
    let (board, body, requests_before) = &sessions[0];
    assert_eq!((sessions.len(), board.as_str(), *requests_before), (1, "icpc", 0));
    assert_eq!((&body["id"], &body["title"]), (&"finals".into(), &"Finals".into()));
    let at = |name: &str| body[name].as_i64().unwrap() - body["opens_at"].as_i64().unwrap();
    assert!((0..3000).contains(&(body["opens_at"].as_i64().unwrap() - before)));
    assert_eq!((at("freezes_at"), at("closes_at")), (4_000, 5_000));
    let times: Vec<i64> = recorder
        .events()
        .iter()
        .map(|event| event["time"].as_i64().unwrap() - body["opens_at"].as_i64().unwrap())
        .collect();
    assert_eq!(times, [0, 500, 2_500]);

    let again = run(&recorder, &[&["replay", file.path().to_str().unwrap()], &arguments[..]].concat());
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("there is a session with this id"), "{}", stderr(&again));
}

#[test]
fn kept_times_keep_the_ids_and_a_contest_replayed_at_another_time_is_another_contest() {
    let file = scratch(FEED);
    let recorder = Recorder::start();
    replay(&recorder, file.path(), &["--board", "icpc", "--keep-time", "--speed", "max", "--session", "s"]);
    let (_, body, _) = &recorder.sessions()[0];
    let expected = json!({"id": "s", "title": "Finals", "opens_at": START, "freezes_at": START + 4 * HOUR, "closes_at": START + 5 * HOUR});
    assert_eq!(body, &expected);
    let ids =
        |events: &[Value]| events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let kept = ids(&recorder.events());
    assert_eq!(kept, ids(&replayed(file.path(), &["--keep-time", "--speed", "max"])));
    assert!(kept[1].starts_with("c:9:1:WA:") && kept[2].starts_with("c:10:1:AC:"), "{kept:?}");
    let moved = ids(&replayed(file.path(), &["--speed", "max"]));
    assert!(moved.iter().zip(&kept).all(|(moved, kept)| moved.starts_with(&format!("{kept}~"))), "{moved:?}");
}

#[test]
fn a_contest_that_is_joined_late_is_caught_up_with_and_may_end_early() {
    let file = scratch(FEED);
    let recorder = Recorder::start();
    let summary = replay(&recorder, file.path(), &["--start", "14:40", "--speed", "1800"]);
    assert!(summary["elapsed_s"].as_f64().unwrap() < 5.0, "eight of 180 minutes take no six seconds: {summary}");
    assert_eq!(summary["rows"], 3);
    assert_eq!(replayed(file.path(), &["--end", "14:40", "--speed", "max"]).len(), 2);
}

#[test]
fn what_does_not_go_together_is_said() {
    let feed = scratch(FEED);
    let rows = scratch("key,time\na,2026-01-01T00:00:00Z\n");
    let recorder = Recorder::start();
    let (feed, rows) = (feed.path().to_str().unwrap(), rows.path().to_str().unwrap());
    let cases: [(&[&str], i32, &str); 6] = [
        (&["replay", rows, "--board", "b", "--session", "s"], 2, "--session goes with the feed of a contest"),
        (&["replay", feed, "--format", "clics", "--key", "id"], 2, "no columns"),
        (&["replay", rows, "--board", "b", "--format", "clics"], 1, "does not say when the contest starts"),
        (&["replay", feed, "--format", "rows"], 2, "no column looks like the time"),
        (&["replay", feed, "--session", "s", "--loop"], 2, "cannot be used with"),
        (&["replay", rows, "--board", "b", "--epoch", "2014-10-01"], 2, "--time-unit"),
    ];
    for (arguments, code, text) in cases {
        let output = run(&recorder, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(text), "{arguments:?}: {}", stderr(&output));
    }
    assert!(recorder.requests().is_empty() && recorder.sessions().is_empty());
}

#[test]
fn a_schools_assessments_arrive_one_by_one_and_a_missing_score_is_no_zero() {
    let Some(file) = data(ASSESSMENTS) else { return };
    let recorder = Recorder::start();
    // The command that `heliograph replay --help` shows.
    let flags = "--board school --key id_student --id id_student,id_assessment --time date_submitted --time-unit days \
                 --epoch 2014-10-01 --keep-time --speed max";
    let summary = replay(&recorder, &file, &flags.split_whitespace().collect::<Vec<_>>());
    assert_eq!((&summary["rows"], &summary["unanswered"]), (&51_394.into(), &0.into()));
    let events = recorder.events();
    let distinct = |name: &str| events.iter().map(|event| event[name].as_str().unwrap()).collect::<HashSet<_>>().len();
    assert_eq!((events.len(), distinct("id"), distinct("key")), (51_394, 51_394, 8_507));
    let scores: Vec<&Value> = events.iter().filter_map(|event| event["fields"].get("score")).collect();
    assert_eq!(scores.len(), 51_394 - 42);
    assert!(scores.iter().all(|score| score.is_number()));
    let first = events.iter().find(|event| event["key"] == "647502").unwrap();
    assert_eq!(first["time"], 1_411_603_200_000_i64, "six days before the first of October 2014");
    let rest = json!({"code_module": "BBB", "code_presentation": "2014J", "id_assessment": "15020", "assessment_type": "TMA", "weight": 0, "score": 1});
    assert_eq!(first["fields"], rest);
    let rules = &board("school.json")["scores"];
    for field in [&rules["columns"][0]["field"], &rules["groups"][0]] {
        assert!(first["fields"].get(field.as_str().unwrap()).is_some(), "{field}");
    }
}
