//! Feeds in, events out.

use super::*;
use crate::replay::time::parse_time;
use serde_json::{Value, json};

const START: i64 = 1_713_433_679_000; // 2024-04-18T11:47:59+02:00

/// A contest of two hours, frozen in the second, with two teams and two problems.
const CONTEST: &str = r#"
{"type":"contest","id":"c","data":{"id":"c","name":"Finals","start_time":"2024-04-18T11:47:59.000+02:00","duration":"2:00:00.000","scoreboard_freeze_duration":"1:00:00","penalty_time":20}}
{"type":"judgement-types","id":"AC","data":{"id":"AC","name":"correct","penalty":false,"solved":true}}
{"type":"judgement-types","id":"WA","data":{"id":"WA","name":"wrong","penalty":true,"solved":false}}
{"type":"judgement-types","id":"CE","data":{"id":"CE","name":"compiler","penalty":false,"solved":false}}
{"type":"groups","id":"g","data":{"id":"g","name":"Europe"}}
{"type":"groups","id":"h","data":{"id":"h","name":"Staff","hidden":true}}
{"type":"organizations","id":"o","data":{"id":"o","name":"HS","formal_name":"Harbour.Space","country":"ESP","location":{"latitude":41.3906,"longitude":2.1967}}}
{"type":"teams","id":"1","data":{"id":"1","name":"one","display_name":"Team One","organization_id":"o","group_ids":["g"]}}
{"type":"teams","id":"2","data":{"id":"2","name":"Team Two","organization_id":null,"group_ids":[]}}
{"type":"problems","id":"alpha","data":{"id":"alpha","label":"A","ordinal":0}}
{"type":"problems","id":"beta","data":{"id":"beta","label":"B","ordinal":1}}
"#;

fn submission(id: &str, team: &str, at: &str) -> String {
    json!({"type": "submissions", "id": id, "data": {"id": id, "team_id": team, "problem_id": "alpha", "contest_time": at}})
        .to_string()
}

fn judgement(id: &str, of: &str, extra: &Value) -> String {
    let mut data = json!({"id": id, "submission_id": of, "start_contest_time": "0:10:30"});
    data.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    json!({"type": "judgements", "id": id, "data": data}).to_string()
}

fn verdict(id: &str, of: &str, verdict: &str) -> String {
    judgement(id, of, &json!({"judgement_type_id": verdict, "end_contest_time": "0:11:00"}))
}

fn recording(lines: &[String]) -> Recording {
    let text = format!("{CONTEST}{}\n", lines.join("\n"));
    read(&Source::Memory(text.into_bytes()), &TimeZone::UTC).unwrap()
}

fn events_of(recording: &Recording) -> Vec<Value> {
    let mut out = Vec::new();
    let event = |row: &crate::replay::rows::Row| {
        row.write_event(row.time, "", &mut out);
        serde_json::from_slice(&out).unwrap()
    };
    recording.rows.iter().map(event).collect()
}

/// The events about submissions.
fn events(lines: &[String]) -> Vec<Value> {
    let all = events_of(&recording(lines));
    all.into_iter().filter(|event| event["fields"].get("submission").is_some()).collect()
}

/// Key, submission and verdict of each event about a submission.
fn told(lines: &[String]) -> Vec<(String, String, String)> {
    // A question mark where there is no verdict.
    let part = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let fields = |event: &Value, name: &str| part(&event["fields"][name]);
    events(lines).iter().map(|e| (part(&e["key"]), fields(e, "submission"), fields(e, "verdict"))).collect()
}

fn triples(list: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    list.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect()
}

#[test]
fn teams_come_first_with_their_place_and_a_verdict_has_its_submissions_time() {
    let recording =
        recording(&[submission("5", "1", "0:10:59.999"), judgement("9", "5", &json!({})), verdict("9", "5", "WA")]);
    let events = events_of(&recording);
    assert_eq!(events.len(), 3);
    assert_eq!((&events[0]["key"], &events[0]["time"]), (&"1".into(), &START.into()));
    assert_eq!(events[0]["position"], json!({"lat": 41.3906, "lon": 2.1967}));
    let fields = json!({"name": "Team One", "organization": "HS", "country": "ESP", "group": "Europe"});
    assert_eq!(events[0]["fields"], fields);
    assert_eq!((&events[1]["fields"], events[1].get("position")), (&json!({"name": "Team Two"}), None));
    assert_eq!(
        events[2],
        json!({"key": "1", "time": START + 659_999, "id": events[2]["id"], "fields": {"submission": "5", "problem": "A",
            "verdict": "WA", "solved": false, "penalty": true, "minute": 10}})
    );
    assert_eq!(recording.rows[2].known, START + 660_000);
    let contest = recording.contest.unwrap();
    assert_eq!((contest.title.as_str(), contest.start), ("Finals", START));
    assert_eq!((contest.freeze, contest.end), (Some(START + 3_600_000), Some(START + 7_200_000)));
    assert_eq!(contest.notes, ["Finals: 2 teams, 1 submissions"]);
}

#[test]
fn a_verdict_that_is_corrected_is_told_each_time_under_an_id_of_its_own() {
    let lines = [
        submission("5", "1", "0:10:00"),
        verdict("9", "5", "WA"),
        verdict("9", "5", "WA"),
        verdict("9", "5", "AC"),
        verdict("9", "5", "WA"),
    ];
    assert_eq!(told(&lines), triples(&[("1", "5", "WA"), ("1", "5", "AC"), ("1", "5", "WA")]));
    let ids: Vec<Value> = events(&lines).iter().map(|event| event["id"].clone()).collect();
    let begins = |id: &Value, with: &str| id.as_str().unwrap().starts_with(with);
    assert!(ids.iter().zip(["c:9:1:WA:", "c:9:2:AC:", "c:9:3:WA:"]).all(|(id, with)| begins(id, with)), "{ids:?}");
    let times: Vec<Value> = events(&lines).iter().map(|event| event["time"].clone()).collect();
    assert!(times.iter().all(|time| *time == START + 600_000));
}

#[test]
fn a_deleted_or_superseded_judgement_leaves_nothing_or_the_one_before() {
    let gone = r#"{"type":"judgements","id":"9","data":null}"#.to_owned();
    let lines = [submission("5", "1", "0:10:00"), verdict("9", "5", "WA"), gone.clone()];
    assert_eq!(told(&lines), triples(&[("1", "5", "WA"), ("1", "5", ""), ("1", "5", "?")]));
    let void = &events(&lines)[1]["fields"];
    assert_eq!((&void["solved"], &void["penalty"]), (&false.into(), &false.into()));

    let later = json!({"judgement_type_id": "AC", "start_contest_time": "0:30:00"});
    let rejudged = [submission("5", "1", "0:10:00"), verdict("9", "5", "WA"), judgement("10", "5", &later), gone];
    assert_eq!(told(&rejudged), triples(&[("1", "5", "WA"), ("1", "5", "AC")]));

    for flag in ["valid", "current"] {
        let superseded = judgement("9", "5", &json!({"judgement_type_id": "WA", flag: false}));
        let lines = [submission("5", "1", "0:10:00"), verdict("9", "5", "WA"), superseded, verdict("10", "5", "CE")];
        assert_eq!(told(&lines), triples(&[("1", "5", "WA"), ("1", "5", ""), ("1", "5", "CE")]));
    }
}

#[test]
fn of_two_judgements_the_one_begun_later_counts_and_a_pending_one_takes_nothing_away() {
    let later = json!({"judgement_type_id": "AC", "start_contest_time": "1:00:00"});
    let orders = [
        [judgement("10", "5", &later), verdict("9", "5", "WA")],
        [verdict("9", "5", "WA"), judgement("10", "5", &later)],
    ];
    for [first, second] in orders {
        let told = told(&[submission("5", "1", "0:10:00"), first, second]);
        assert_eq!(told.last().unwrap().2, "AC");
    }
    let pending = judgement("10", "5", &json!({"judgement_type_id": null, "start_contest_time": "1:00:00"}));
    let lines = [submission("5", "1", "0:10:00"), verdict("9", "5", "WA"), pending];
    assert_eq!(told(&lines), triples(&[("1", "5", "WA")]));
}

#[test]
fn a_submission_that_the_feed_leaves_unjudged_is_told_without_a_verdict_where_it_was_handed_in() {
    let lines = [
        submission("5", "1", "0:10:00"),
        judgement("9", "5", &json!({"judgement_type_id": null})),
        submission("6", "2", "0:20:00"),
        verdict("10", "6", "WA"),
        submission("7", "2", "1:59:00"),
        submission("8", "2", "2:00:00"),
    ];
    // The verdict of 6 was known a minute after 5 was handed in; 8 came too late to count.
    assert_eq!(told(&lines), triples(&[("1", "5", "?"), ("2", "6", "WA"), ("2", "7", "?")]));
    let all = events(&lines);
    let fields = json!({"submission": "5", "problem": "A", "solved": false, "penalty": false, "minute": 10});
    assert_eq!((&all[0]["fields"], &all[0]["time"]), (&fields, &(START + 600_000).into()));
    // Judged in a later export it is another event.
    let judged = [submission("5", "1", "0:10:00"), verdict("9", "5", "AC")];
    assert_ne!(events(&judged)[0]["id"], all[0]["id"]);
}

#[test]
fn only_submissions_from_the_start_until_before_the_end_count() {
    let times = ["-0:00:00.001", "0:00:00.000", "1:59:59.999", "2:00:00.000"];
    let lines: Vec<String> = times
        .iter()
        .zip(["5", "6", "7", "8"])
        .flat_map(|(at, id)| [submission(id, "1", at), verdict(&format!("j{id}"), id, "AC")])
        .collect();
    let submissions: Vec<String> = told(&lines).into_iter().map(|(_, submission, _)| submission).collect();
    assert_eq!(submissions, ["6", "7"]);
    let notes = recording(&lines).contest.unwrap().notes;
    assert_eq!(notes, ["Finals: 2 teams, 4 submissions, 2 before the start or after the end"]);
}

#[test]
fn hidden_teams_and_teams_of_hidden_groups_are_not_on_the_board() {
    let lines = [
        r#"{"type":"teams","id":"3","data":{"id":"3","name":"Shadow","hidden":true,"group_ids":["g"]}}"#.to_owned(),
        r#"{"type":"teams","id":"4","data":{"id":"4","name":"Judges","group_ids":["g","h"]}}"#.to_owned(),
        submission("5", "3", "0:10:00"),
        verdict("9", "5", "AC"),
        submission("6", "4", "0:10:00"),
        verdict("10", "6", "AC"),
        submission("7", "nobody", "0:10:00"),
        verdict("11", "7", "AC"),
    ];
    let recording = recording(&lines);
    let keys: Vec<&str> = recording.rows.iter().map(|row| &*row.key).collect();
    assert_eq!(keys, ["1", "2"]);
    assert!(recording.contest.unwrap().notes[0].contains("3 by teams or for problems that are not on the scoreboard"));
}

#[test]
fn a_team_deleted_later_or_hidden_later_was_never_there() {
    let lines = [
        submission("5", "1", "0:10:00"),
        verdict("9", "5", "AC"),
        r#"{"type":"teams","id":"1","data":null}"#.to_owned(),
    ];
    let keys: Vec<String> = recording(&lines).rows.iter().map(|row| row.key.to_string()).collect();
    assert_eq!(keys, ["2"]);
}

#[test]
fn arrays_replace_whole_collections() {
    let judgements = |list: Value| json!({"type": "judgements", "id": null, "data": list}).to_string();
    let wrong = json!({"id": "9", "submission_id": "5", "judgement_type_id": "WA"});
    let right = json!({"id": "10", "submission_id": "6", "judgement_type_id": "AC"});
    let lines = [
        json!({"type": "submissions", "data": [
            {"id": "5", "team_id": "1", "problem_id": "alpha", "contest_time": "0:10:00"},
            {"id": "6", "team_id": "2", "problem_id": "beta", "contest_time": "0:20:00"}]})
        .to_string(),
        judgements(json!([wrong, right])),
        judgements(json!([right])),
        json!({"type": "submissions", "data": []}).to_string(),
    ];
    assert_eq!(told(&lines), triples(&[("1", "5", "WA"), ("2", "6", "AC"), ("1", "5", ""), ("2", "6", "")]));
    let teams = r#"{"type":"teams","data":[{"id":"7","name":"Seven"}]}"#.to_owned();
    assert_eq!(recording(&[teams]).rows.iter().map(|row| row.key.to_string()).collect::<Vec<_>>(), ["7"]);
}

#[test]
fn the_format_with_op_gives_the_same_events() {
    let old = |line: &str, number: usize| {
        let line: Value = serde_json::from_str(line).unwrap();
        let (op, data) = if line["data"].is_null() {
            ("delete", json!({"id": line["id"]}))
        } else {
            ("create", line["data"].clone())
        };
        let kind = if line["type"] == "contest" { "contests".into() } else { line["type"].clone() };
        json!({"type": kind, "id": format!("e{number}"), "op": op, "data": data}).to_string()
    };
    let lines = [
        submission("5", "1", "0:10:00"),
        verdict("9", "5", "WA"),
        r#"{"type":"judgements","id":"9","data":null}"#.to_owned(),
        verdict("10", "5", "AC"),
    ];
    let new = format!("{CONTEST}{}\n", lines.join("\n"));
    let old: Vec<String> = new.lines().filter(|line| !line.is_empty()).enumerate().map(|(n, l)| old(l, n)).collect();
    let old = Source::Memory(old.join("\n").into_bytes());
    assert!(is_feed(&old));
    let old = read(&old, &TimeZone::UTC).unwrap();
    assert_eq!(events_of(&old), events_of(&recording(&lines)));
    assert_eq!(events_of(&old).len(), 5);
}

#[test]
fn a_submission_that_changes_hands_leaves_nothing_behind_and_a_deleted_one_neither() {
    let lines = [
        submission("5", "1", "0:10:00"),
        verdict("9", "5", "AC"),
        submission("5", "2", "0:10:00"),
        r#"{"type":"submissions","id":"5","data":null}"#.to_owned(),
    ];
    assert_eq!(told(&lines), triples(&[("1", "5", "AC"), ("1", "5", ""), ("2", "5", "AC"), ("2", "5", "")]));
    // A judgement may come before its submission.
    let early = [verdict("9", "5", "AC"), submission("5", "1", "0:10:00")];
    assert_eq!(told(&early), triples(&[("1", "5", "AC")]));
}

#[test]
fn the_start_counts_as_it_was_in_the_end_and_other_clocks_help_out() {
    let contest = |start: Value| {
        json!({"type": "contest", "id": "c", "data": {"name": "Finals", "start_time": start, "duration": "2:00:00"}})
            .to_string()
    };
    let start = |lines: &[String]| recording(lines).contest.unwrap().start;
    assert_eq!(start(&[contest("2024-04-18T12:00:00+02".into())]), START + 721_000);
    // A countdown that was stopped names no start; the state or the start before still does.
    let state = r#"{"type":"state","data":{"started":"2024-04-18T12:00:00+02:00"}}"#.to_owned();
    assert_eq!(start(&[contest(Value::Null), state]), START + 721_000);
    assert_eq!(start(&[contest(Value::Null)]), START);
    let both_clocks = r#"{"type":"submissions","id":"5","data":{"team_id":"1","problem_id":"a","time":"2024-04-18T12:00:00Z","contest_time":"1:00:00"}}"#;
    let read = |text: &str| read(&Source::Memory(text.into()), &TimeZone::UTC);
    assert_eq!(read(both_clocks).unwrap().contest.unwrap().start, 1_713_438_000_000);
    assert!(read(r#"{"type":"state","data":{}}"#).unwrap_err().to_string().contains("when the contest starts"));
    let by_wall = r#"{"type":"submissions","id":"5","data":{"team_id":"1","problem_id":"alpha","time":"2024-04-18T11:58:00+02:00"}}"#;
    assert_eq!(events(&[by_wall.to_owned(), verdict("9", "5", "AC")])[0]["fields"]["minute"], 10);
}

#[test]
fn what_the_board_must_know_is_noted_and_what_cannot_be_read_is_refused_with_its_line() {
    let contest = |part: Value| {
        let mut data = json!({"id": "c", "name": "Finals", "start_time": "2024-04-18T11:47:59+02:00"});
        data.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        vec![json!({"type": "contest", "data": data}).to_string()]
    };
    let notes = |part: Value| recording(&contest(part)).contest.unwrap().notes;
    assert!(notes(json!({"penalty_time": 10}))[1].contains("costs 10 minutes"));
    assert!(notes(json!({"penalty_time": "0:15:00"}))[1].contains("costs 15 minutes"));
    assert_eq!(notes(json!({"penalty_time": "0:20:00"})).len(), 1);
    assert!(notes(json!({"scoreboard_type": "score"}))[1].contains("points"));
    let broken = [r#"{"type":"judgements","id":"1","data":{}}"#.to_owned(), r#"{"type":"teams","#.to_owned()];
    let codes = recording(&broken).summary.json(0.0)["codes"].clone();
    assert_eq!(codes["incomplete"]["example"], "line 13: 1: a judgement needs submission_id");
    assert_eq!(codes["bad_json"]["count"], 1);
}

#[test]
fn penalty_times_are_read_in_every_form() {
    for (said, minutes) in [
        (json!(10), Some("10")),
        (json!("10"), Some("10")),
        (json!("0:10:00"), Some("10")),
        (json!("0:10:00.000"), Some("10")),
        (json!("00:07:30"), Some("7.5")),
        (json!(20.0), None),
        (json!("20"), None),
        (json!(null), None),
    ] {
        let line = json!({"type": "contest", "data": {"id": "c", "start_time": "2024-04-18T11:47:59+02:00", "penalty_time": said}});
        let notes = recording(&[line.to_string()]).contest.unwrap().notes;
        let found = notes.iter().find_map(|note| note.split("costs ").nth(1)?.split(' ').next().map(str::to_owned));
        assert_eq!(found.as_deref(), minutes, "{said}");
    }
}

#[test]
fn judgement_types_that_do_not_say_what_they_mean_are_the_specifications_and_told() {
    let bare = r#"{"type":"judgement-types","data":[{"id":"AC","name":"ok"},{"id":"WA","name":"no"},{"id":"CE","name":"ce"},{"id":"XX","solved":false,"penalty":false}]}"#;
    let lines = [
        bare.to_owned(),
        submission("5", "1", "0:10:00"),
        verdict("9", "5", "WA"),
        submission("6", "1", "0:20:00"),
        verdict("10", "6", "AC"),
    ];
    let events = events(&lines);
    assert_eq!((&events[0]["fields"]["penalty"], &events[0]["fields"]["solved"]), (&true.into(), &false.into()));
    assert_eq!((&events[1]["fields"]["penalty"], &events[1]["fields"]["solved"]), (&false.into(), &true.into()));
    let notes = recording(&lines).contest.unwrap().notes;
    let told = "AC right, without a penalty; CE wrong, without a penalty; WA wrong, with a penalty";
    assert!(notes.iter().any(|note| note.ends_with(told)), "{notes:?}");
}

#[test]
fn what_happened_goes_before_what_was_planned() {
    let state = |state: Value| recording(&[json!({"type": "state", "data": state}).to_string()]).contest.unwrap();
    let at = |text: &str| parse_time(text, &TimeZone::UTC).unwrap().millis;
    let stopped = state(json!({"started": "2024-04-18T11:50:00+02:00", "frozen": "2024-04-18T12:20:00+02:00",
        "ended": "2024-04-18T14:00:00+02:00", "thawed": "2024-04-18T15:00:00+02:00", "finalized": "2024-04-18T16:00:00+02:00"}));
    assert_eq!(stopped.start, at("2024-04-18T11:50:00+02:00"));
    assert_eq!(stopped.freeze, Some(at("2024-04-18T12:20:00+02:00")));
    assert_eq!(stopped.end, Some(at("2024-04-18T14:00:00+02:00")));
    assert_eq!(stopped.thawed, Some(at("2024-04-18T15:00:00+02:00")));
    let running = state(json!({"started": "2024-04-18T11:47:59+02:00", "frozen": null, "ended": null}));
    assert_eq!((running.freeze, running.thawed), (Some(START + 3_600_000), None));
    let never =
        state(json!({"started": "2024-04-18T11:47:59+02:00", "frozen": null, "ended": "2024-04-18T13:47:59+02:00"}));
    assert_eq!(never.freeze, None);
    let finalized = state(json!({"finalized": "2024-04-18T16:00:00+02:00"}));
    assert_eq!(finalized.thawed, Some(at("2024-04-18T16:00:00+02:00")));
}

#[test]
fn the_order_of_time_holds_whatever_the_feeds_order() {
    // What a running system writes: each submission, its judgement, and one that is corrected.
    let mut lines = Vec::new();
    for n in 1..=11 {
        let at = if n * 9 >= 60 { format!("1:{:02}:00", n * 9 - 60) } else { format!("0:{:02}:00", n * 9) };
        let end = format!("{}:30", &at[..4]);
        lines.push(submission(&n.to_string(), &(n % 2 + 1).to_string(), &at));
        let judged = json!({"judgement_type_id": "WA", "start_contest_time": at, "end_contest_time": end});
        lines.push(judgement(&n.to_string(), &n.to_string(), &judged));
    }
    let known =
        |lines: &[String]| recording(lines).rows.iter().map(|row| (row.known, row.key.clone())).collect::<Vec<_>>();
    let expected = known(&lines);
    assert!(expected.is_sorted_by_key(|(known, _)| *known) && expected.len() == 13);
    let newest_first: Vec<String> = lines.iter().rev().cloned().collect();
    assert_eq!(known(&newest_first), expected);
    let data = |kind: &str| {
        let objects = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut objects: Vec<Value> =
            objects.filter(|line| line["type"] == kind).map(|line| line["data"].clone()).collect();
        // By id as text: 1, 10, 11, 2, …
        objects.sort_by_key(|object| object["id"].as_str().unwrap().to_owned());
        json!({"type": kind, "data": objects}).to_string()
    };
    assert_eq!(known(&[data("submissions"), data("judgements")]), expected);

    // A correction that is written newest first as well.
    let corrected = judgement("3", "3", &json!({"judgement_type_id": "AC", "end_contest_time": "0:28:00"}));
    lines.insert(8, corrected);
    let last = |lines: &[String]| told(lines).into_iter().rfind(|told| told.1 == "3").unwrap().2;
    assert_eq!(last(&lines), "AC");
    let newest_first: Vec<String> = lines.iter().rev().cloned().collect();
    assert_eq!(last(&newest_first), "AC");
}

/// What DOMjudge, PC² and the contest data server write of the same contest.
const SHAPES: [&str; 3] = [
    // Null ids, `valid`, a line for each step of a judgement.
    r#"
{"token":"1","type":"contests","id":"demo","data":{"id":"demo","name":"Demo","formal_name":"Demo contest","shortname":"demo","start_time":"2024-04-18T11:47:59+02:00","end_time":"2024-04-18T13:47:59+02:00","duration":"2:00:00.000","scoreboard_freeze_duration":"1:00:00.000","scoreboard_type":"pass-fail","penalty_time":20}}
{"token":"2","type":"judgement-types","id":"CE","data":{"id":"CE","name":"compiler error","penalty":false,"solved":false}}
{"token":"3","type":"judgement-types","id":"AC","data":{"id":"AC","name":"correct","penalty":false,"solved":true}}
{"token":"4","type":"judgement-types","id":"WA","data":{"id":"WA","name":"wrong answer","penalty":true,"solved":false}}
{"token":"5","type":"problems","id":"hello","data":{"ordinal":0,"id":"hello","short_name":"A","label":"A","name":"Hello","time_limit":2,"test_data_count":3}}
{"token":"6","type":"teams","id":"1","data":{"location":null,"organization_id":"o","hidden":false,"group_ids":["3"],"affiliation":"x","id":"1","icpc_id":null,"label":"1","name":"One","display_name":null}}
{"token":"7","type":"state","id":null,"data":{"started":"2024-04-18T11:47:59+02:00","ended":null,"frozen":null,"thawed":null,"finalized":null,"end_of_updates":null}}
{"token":"8","type":"submissions","id":"5","data":{"language_id":"c","time":"2024-04-18T11:57:59.120+02:00","contest_time":"0:10:00.120","team_id":"1","problem_id":"hello","id":"5","external_id":null,"entry_point":null}}
{"token":"9","type":"judgements","id":"9","data":{"max_run_time":null,"start_time":"2024-04-18T11:58:00.000+02:00","start_contest_time":"0:10:01.000","end_time":null,"end_contest_time":null,"id":"9","submission_id":"5","valid":true,"judgement_type_id":null}}
{"token":"10","type":"judgements","id":"9","data":{"max_run_time":0.1,"start_time":"2024-04-18T11:58:00.000+02:00","start_contest_time":"0:10:01.000","end_time":"2024-04-18T11:58:05.000+02:00","end_contest_time":"0:10:06.000","id":"9","submission_id":"5","valid":true,"judgement_type_id":"WA"}}
{"token":"11","type":"submissions","id":"6","data":{"language_id":"c","time":"2024-04-18T12:07:59.120+02:00","contest_time":"0:20:00.120","team_id":"1","problem_id":"hello","id":"6"}}
{"token":"12","type":"judgements","id":"10","data":{"start_time":"2024-04-18T12:08:00.000+02:00","start_contest_time":"0:20:01.000","end_time":"2024-04-18T12:08:05.000+02:00","end_contest_time":"0:20:06.000","id":"10","submission_id":"6","valid":true,"judgement_type_id":"AC"}}
"#,
    // `op`, ids of the event, numbers as ids, offsets without minutes, the penalty as text.
    r#"
{"event":"contests","id":"pc2-1","op":"create","type":"contests","data":{"id":"Demo","name":"Demo","start_time":"2024-04-18T11:47:59.000+02","duration":"2:00:00.000","scoreboard_freeze_duration":"01:00:00","penalty_time":"20"}}
{"id":"pc2-2","op":"create","type":"judgement-types","data":{"id":"AC","name":"Yes","penalty":false,"solved":true}}
{"id":"pc2-3","op":"create","type":"judgement-types","data":{"id":"WA","name":"No - Wrong Answer","penalty":true,"solved":false}}
{"id":"pc2-4","op":"create","type":"problems","data":{"id":"a-1","label":"A","ordinal":1}}
{"id":"pc2-5","op":"create","type":"teams","data":{"id":1,"name":"One","group_ids":[1]}}
{"id":"pc2-6","op":"create","type":"submissions","data":{"id":5,"team_id":1,"problem_id":"a-1","language_id":"c","time":"2024-04-18T11:57:59.120+02","contest_time":"0:10:00.120"}}
{"id":"pc2-7","op":"update","type":"judgements","data":{"id":"j9","submission_id":5,"judgement_type_id":"WA","start_contest_time":"0:10:01.000","end_contest_time":"0:10:06.000"}}
{"id":"pc2-8","op":"create","type":"submissions","data":{"id":6,"team_id":1,"problem_id":"a-1","language_id":"c","time":"2024-04-18T12:07:59.120+02","contest_time":"0:20:00.120"}}
{"id":"pc2-9","op":"update","type":"judgements","data":{"id":"j10","submission_id":6,"judgement_type_id":"AC","start_contest_time":"0:20:01.000","end_contest_time":"0:20:06.000"}}
"#,
    // Whole collections, then single objects; `current`, and the penalty as a relative time.
    r#"
{"type":"contest","id":null,"data":{"id":"demo","name":"Demo","start_time":"2024-04-18T11:47:59.000+02:00","duration":"2:00:00","scoreboard_freeze_duration":"1:00:00","penalty_time":"0:20:00","main_scoreboard_group_id":null},"token":"cds1"}
{"type":"judgement-types","id":null,"data":[{"id":"AC","name":"correct","solved":true,"penalty":false},{"id":"WA","name":"wrong","solved":false,"penalty":true}],"token":"cds2"}
{"type":"problems","id":null,"data":[{"id":"hello","label":"A","ordinal":0,"name":"Hello"}],"token":"cds3"}
{"type":"teams","id":null,"data":[{"id":"1","name":"One","label":"1","hidden":false,"group_ids":[]}],"token":"cds4"}
{"type":"state","data":{"started":"2024-04-18T11:47:59.000+02:00","frozen":"2024-04-18T12:47:59.000+02:00"},"token":"cds5"}
{"type":"submissions","id":"5","data":{"id":"5","team_id":"1","problem_id":"hello","language_id":"c","time":"2024-04-18T11:57:59.120+02:00","contest_time":"0:10:00.120"},"token":"cds6"}
{"type":"judgements","id":"9","data":{"id":"9","submission_id":"5","judgement_type_id":"WA","current":true,"start_contest_time":"0:10:01.000","end_contest_time":"0:10:06.000"},"token":"cds7"}
{"type":"submissions","id":"6","data":{"id":"6","team_id":"1","problem_id":"hello","language_id":"c","time":"2024-04-18T12:07:59.120+02:00","contest_time":"0:20:00.120"},"token":"cds8"}
{"type":"judgements","id":"10","data":{"id":"10","submission_id":"6","judgement_type_id":"AC","simplified_judgement_type_id":null,"current":true,"start_contest_time":"0:20:01.000","end_contest_time":"0:20:06.000"},"token":"cds9"}
"#,
];

#[test]
fn feeds_of_the_shapes_that_contest_systems_write_give_the_same_standings() {
    let expected = [("1", "5", "WA", 10), ("1", "6", "AC", 20)];
    for text in SHAPES {
        let source = Source::Memory(text.as_bytes().to_vec());
        assert!(is_feed(&source), "{text}");
        let recording = read(&source, &TimeZone::UTC).unwrap();
        let events = events_of(&recording);
        let of = |event: &Value, name: &str| event["fields"][name].as_str().unwrap().to_owned();
        let attempts: Vec<&Value> = events.iter().filter(|event| event["fields"].get("submission").is_some()).collect();
        assert_eq!(attempts.len(), 2, "{text}");
        for (event, (key, submission, verdict, minute)) in attempts.into_iter().zip(expected) {
            assert_eq!(event["key"], key);
            assert_eq!((of(event, "submission"), of(event, "verdict")), (submission.to_owned(), verdict.to_owned()));
            assert_eq!((&event["fields"]["minute"], of(event, "problem")), (&minute.into(), "A".to_owned()));
        }
        let contest = recording.contest.unwrap();
        assert_eq!((contest.start, contest.freeze), (START, Some(START + 3_600_000)), "{text}");
        assert_eq!(contest.notes, ["Demo: 1 teams, 2 submissions"]);
    }
}

#[test]
fn a_feed_filtered_down_to_submissions_and_judgements_still_ranks() {
    let text = [
        r#"{"type":"contest","data":{"name":"x","start_time":"2024-04-18T11:47:59+02:00","duration":"5:00:00"}}"#
            .to_owned(),
        submission("5", "1", "0:10:00"),
        verdict("9", "5", "TLE"),
    ];
    let recording = read(&Source::Memory(text.join("\n").into_bytes()), &TimeZone::UTC).unwrap();
    let fields = &events_of(&recording)[0]["fields"];
    assert_eq!((&fields["problem"], &fields["penalty"]), (&"alpha".into(), &true.into()));
}

#[test]
fn other_ndjson_is_not_taken_for_a_feed() {
    let is = |text: &str| is_feed(&Source::Memory(text.as_bytes().to_vec()));
    assert!(is(CONTEST));
    assert!(is("\n{\"type\":\"state\",\"data\":{}}\n\n{\"type\":\"teams\",\"id\":\"1\",\"da"));
    assert!(!is("{\"type\":\"bus\",\"data\":{\"lat\":1}}\n"));
    assert!(!is("{\"type\":\"teams\",\"id\":\"1\",\"lat\":5}\n"));
    assert!(!is("{\"type\":\"teams\",\"data\":{}}\n{\"key\":\"a\"}\n"));
    assert!(!is("type,data\nteams,1\n"));
    assert!(!is(""));
}

#[test]
fn a_contest_lists_its_problems_in_order_with_their_colours() {
    let mut feed = Feed::default();
    for (number, line) in [
        r##"{"type":"problems","id":"b","data":{"id":"b","label":"B","name":"Bridges","ordinal":1,"rgb":"#9370DB"}}"##,
        r#"{"type":"problems","id":"a","data":{"id":"a","label":"A","name":"Apples","ordinal":0,"rgb":"0f8"}}"#,
        r#"{"type":"problems","id":"c","data":{"id":"c","label":"C","ordinal":2,"color":"tan"}}"#,
    ]
    .into_iter()
    .enumerate()
    {
        feed.take(number as u64, line.as_bytes()).unwrap();
    }
    let tasks = [
        serde_json::json!({"id": "A", "title": "Apples", "color": "#00ff88"}),
        serde_json::json!({"id": "B", "title": "Bridges", "color": "#9370db"}),
        serde_json::json!({"id": "C"}),
    ];
    assert_eq!(feed.contest.tasks(), tasks);
}

#[test]
fn awards_go_to_the_teams_that_the_feed_names_and_are_on_the_scoreboard() {
    let award = |id: &str, team_ids: Value| {
        json!({"type": "awards", "id": id, "data": {"id": id, "citation": format!("For {id}"), "team_ids": team_ids}})
            .to_string()
    };
    let lines = [
        award("gold-medal", json!(["2", 1, "99"])),
        award("silver-medal", Value::Null),
        award("bronze-medal", json!([])),
        award("winner", json!(["2"])),
        award("winner", json!(["1"])),
        award("group-winner-h", json!(["99"])),
    ];
    let contest = recording(&lines).contest.unwrap();
    let expected = [
        json!({"id": "gold-medal", "citation": "For gold-medal", "keys": ["2", "1"]}),
        json!({"id": "winner", "citation": "For winner", "keys": ["1"]}),
    ];
    assert_eq!(contest.awards, expected);
    assert!(contest.notes.iter().any(|note| note.starts_with("2 awards: ")), "{:?}", contest.notes);
}
