//! From bytes to events: what is taken, what is refused, and how the answer says so.

use super::*;
use crate::config::BoardConfig;
use crate::value::Value;

const NOW: Millis = Millis(1_772_366_400_000);

fn read_as(text: &str, format: BodyFormat) -> Result<Checked, Problem> {
    let config = BoardConfig { title: "t".into(), ..BoardConfig::default() };
    read_events(text.as_bytes(), format, &config.rules, NOW)
}

fn read(text: &str) -> Result<Checked, Problem> {
    read_as(text, BodyFormat::Json)
}

fn refusal(event: &str) -> (String, String) {
    let checked = read(event).unwrap();
    assert_eq!(checked.events.len(), 0, "{event}");
    let r = &checked.refused[0];
    assert!(r.message.as_ref().unwrap().len() < 300, "{r:?}");
    (r.field.clone().unwrap_or_default(), r.code.clone().unwrap())
}

#[test]
fn one_object_an_array_and_lines_are_read() {
    let event = r#"{"id":7,"key":42,"time":"2026-03-01T12:00:00Z","position":{"lat":30.26,"lon":-97.74,"heading":null},
        "fields":{"route":"801","fuel":0.7,"open":true,"gone":null}}"#;
    let checked = read(event).unwrap();
    let e = &checked.events[0];
    assert_eq!((e.id.as_deref(), e.key.as_str(), e.time), (Some("7"), "42", NOW));
    assert_eq!(e.position.unwrap().heading(), None);
    assert_eq!(e.fields[1], ("fuel".into(), Some(Value::Number(0.7))));
    assert_eq!(e.fields[3], ("gone".into(), None));
    assert_eq!(read(r#"[{"key":"a"},{"key":"b"}]"#).unwrap().places, [0, 1]);
    assert_eq!(read("[]").unwrap(), Checked::default());
    let lines = read_as("{\"key\":\"a\"}\n\n{\"key\":}\r\n{\"key\":\"b\"}\n", BodyFormat::NdJson).unwrap();
    assert_eq!(lines.places, [0, 2]);
    assert_eq!((lines.refused[0].index, lines.refused[0].code.as_deref()), (1, Some("invalid_json")));
    assert_eq!(lines.refused[0].field.as_deref(), Some("key"));
}

#[test]
fn a_wrong_record_is_refused_by_field_and_the_others_are_taken() {
    let mixed = r#"[{"key":"a"},{"time":1},7,{"key":"b"}]"#;
    let checked = read(mixed).unwrap();
    assert_eq!((checked.places.as_slice(), checked.refused.len()), (&[0, 3][..], 2));
    for (event, field, code) in [
        (r#"{"time":1}"#, "key", "missing"),
        (r#"{"key":""}"#, "key", "empty"),
        (r#"{"key":1.5}"#, "key", "wrong_type"),
        (r#"{"key":{"a":1}}"#, "key", "wrong_type"),
        (r#"{"key":"a\u0007"}"#, "key", "control_character"),
        (r#"{"key":1e300}"#, "key", "number_too_large"),
        (r#"{"key":99999999999999999999}"#, "key", "number_too_large"),
        (r#"{"key":9007199254740993}"#, "key", "number_too_large"),
        (r#"{"key":"a","id":1e17}"#, "id", "number_too_large"),
        (r#"{"key":"a","id":[]}"#, "id", "wrong_type"),
        (r#"{"key":"a","id":""}"#, "id", "empty"),
        (r#"{"key":"a","time":"noon"}"#, "time", "time_unreadable"),
        (r#"{"key":"a","time":1772366400}"#, "time", "time_out_of_range"),
        (r#"{"key":"a","time":99999999999999999999}"#, "time", "time_out_of_range"),
        (r#"{"key":"a","time":true}"#, "time", "wrong_type"),
        (r#"{"key":"a","time":1772366700001}"#, "time", "time_in_future"),
        (r#"{"key":"a","position":[1,2]}"#, "position", "wrong_type"),
        (r#"{"key":"a","position":{"lat":1}}"#, "position.lon", "missing"),
        (r#"{"key":"a","position":{"lat":"1","lon":2}}"#, "position.lat", "wrong_type"),
        (r#"{"key":"a","position":{"lat":91,"lon":2}}"#, "position.lat", "position_out_of_range"),
        (r#"{"key":"a","position":{"lat":1,"lon":2,"bearing":1}}"#, "position.bearing", "unknown_field"),
        (r#"{"key":"a","position":{"lat":0,"lon":0}}"#, "position", "null_island"),
        (r#"{"key":"a","fields":[]}"#, "fields", "wrong_type"),
        (r#"{"key":"a","fields":{"x":[1]}}"#, "fields.x", "wrong_type"),
        (r#"{"key":"a","fields":{"":1}}"#, "fields.", "empty"),
        (r#"{"key":"a","fields":{"x":1,"x":2}}"#, "fields.x", "duplicate_field"),
        (r#"{"key":"a","fields":{"x":9007199254740993}}"#, "fields.x", "number_too_large"),
        (r#"{"key":"a","speed":3}"#, "speed", "unknown_field"),
        ("[7]", "", "not_an_object"),
        ("[null]", "", "not_an_object"),
        (r#"[["key"]]"#, "", "not_an_object"),
    ] {
        assert_eq!(refusal(event), (field.to_owned(), code.to_owned()), "{event}");
    }
}

#[test]
fn lengths_are_limited_and_long_names_do_not_come_back_whole() {
    let long = |n: usize| "é".repeat(n);
    for (event, code) in [
        (format!(r#"{{"key":"{}"}}"#, long(65)), "too_long"),
        (format!(r#"{{"key":"a","{}":1}}"#, long(5_000)), "unknown_field"),
        (format!(r#"{{"key":"a","position":{{"{}":1}}}}"#, long(5_000)), "unknown_field"),
        (format!(r#"{{"key":"a","fields":{{"{}":1}}}}"#, long(5_000)), "too_long"),
        (format!(r#"{{"key":"a","fields":{{"x":"{}"}}}}"#, long(513)), "too_long"),
        (format!(r#"{{"key":"a","time":"{}"}}"#, long(5_000)), "time_unreadable"),
    ] {
        assert_eq!(refusal(&event).1, code);
    }
    let fields = |n: usize| (0..n).map(|i| format!(r#""f{i}":1"#)).collect::<Vec<_>>().join(",");
    assert_eq!(read(&format!(r#"{{"key":"a","fields":{{{}}}}}"#, fields(64))).unwrap().events.len(), 1);
    assert_eq!(refusal(&format!(r#"{{"key":"a","fields":{{{}}}}}"#, fields(65))).1, "too_many_fields");
}

#[test]
fn a_body_that_is_wrong_as_a_whole_is_a_problem() {
    let code = |p: Result<Checked, Problem>| p.map(|_| ()).map_err(|p| (p.status, p.code.name()));
    let config = BoardConfig::default();
    assert_eq!(code(read("7")), Err((400, "invalid_json")));
    assert_eq!(code(read(r#"[{"key":"a"},"#)), Err((400, "invalid_json")));
    assert_eq!(code(read(r#"[{"key":"a","fields":{"x":1e999}}]"#)), Err((400, "invalid_json")));
    assert_eq!(read(r#"[{"key":"a","fields":{"x":1e999}}]"#).unwrap_err().errors[0].field, "x");
    assert_eq!(read(&format!("{}{}", "[".repeat(5_000), "]".repeat(5_000))).unwrap().refused.len(), 1);
    assert_eq!(code(read_events(b"[\xff]", BodyFormat::Json, &config.rules, NOW)), Err((400, "invalid_utf8")));
    let many = format!("[{}]", vec![r#"{"key":"a"}"#; 10_001].join(","));
    assert_eq!(code(read(&many)), Err((413, "too_many_events")));
    assert_eq!(
        code(read_as(&vec![r#"{"key":"a"}"#; 10_001].join("\n"), BodyFormat::NdJson)),
        Err((413, "too_many_events"))
    );
    assert_eq!(code(read(&" ".repeat(8 * 1024 * 1024 + 1))), Err((413, "body_too_large")));
}

#[test]
fn events_that_each_bring_new_names_are_refused_beyond_256_names() {
    let body: Vec<String> = (0..300).map(|i| format!(r#"{{"key":"a","fields":{{"f{i}":1}}}}"#)).collect();
    let checked = read(&format!("[{}]", body.join(","))).unwrap();
    assert_eq!((checked.events.len(), checked.refused.len()), (256, 44));
    assert_eq!(checked.refused[0].code.as_deref(), Some("too_many_fields"));
    assert_eq!(checked.refused[0].index, 256);
}

#[test]
fn numbers_keep_every_digit_and_zero_has_no_sign() {
    let e =
        &read(r#"{"key":-0.0,"fields":{"a":0.36410986276809965,"b":-0.0,"c":9007199254740992}}"#).unwrap().events[0];
    assert_eq!(e.key, "0");
    let bits: Vec<u64> = e.fields.iter().filter_map(|(_, v)| v.as_ref()?.as_number()).map(f64::to_bits).collect();
    assert_eq!(bits, [0.364_109_862_768_099_65_f64.to_bits(), 0, 9_007_199_254_740_992_f64.to_bits()]);
}

#[test]
fn marks_for_no_data_are_dropped_before_ranges_and_counted() {
    let mut config = BoardConfig { title: "t".into(), ..BoardConfig::default() };
    config.rules.no_data = [("speed".to_owned(), vec![-1.0]), ("fuel".to_owned(), vec![255.0])].into();
    let body = br#"{"key":"a","position":{"lat":1,"lon":2,"speed":-1},"fields":{"fuel":255,"x":255}}"#;
    let checked = read_events(body, BodyFormat::Json, &config.rules, NOW).unwrap();
    assert_eq!(checked.cleaned.total(), 2);
    assert_eq!((checked.cleaned.count("speed_not_available"), checked.cleaned.count("field_no_data")), (1, 1));
    assert_eq!((checked.events[0].position.unwrap().speed(), checked.events[0].fields.len()), (None, 1));
}

#[test]
fn lenient_only_key_time_and_coordinates_of_a_position_refuse_a_record() {
    let parts = [
        (r#""heading":511"#, "heading_not_available"),
        (r#""heading":-1"#, "heading_not_available"),
        (r#""heading":400"#, "heading_out_of_range"),
        (r#""heading":"n/a""#, "heading_wrong_type"),
        (r#""speed":52.63"#, "speed_not_available"),
        (r#""speed":-3"#, "speed_out_of_range"),
        (r#""speed":99999999999999999999"#, "speed_out_of_range"),
        (r#""altitude":-99999"#, "altitude_not_available"),
        (r#""altitude":1e12"#, "altitude_out_of_range"),
        (r#""accuracy":-1"#, "accuracy_not_available"),
        (r#""accuracy":[]"#, "accuracy_wrong_type"),
    ];
    let mut strict = BoardConfig { title: "t".into(), ..BoardConfig::default() };
    strict.rules.strict = true;
    for (part, code) in parts {
        let body = format!(r#"[{{"key":"a","position":{{"lat":1,"lon":2,{part}}}}}]"#);
        let checked = read(&body).unwrap();
        assert_eq!(checked.events[0].position.unwrap().lat_e6, 1_000_000, "{part}");
        let counted: Vec<_> = checked.cleaned.iter().collect();
        let position = checked.events[0].position.unwrap();
        assert_eq!(
            (position.heading_e2, position.speed_e2, position.altitude_e1, position.accuracy_e1),
            (None, None, None, None)
        );
        assert_eq!(counted, [(code, 1)], "{part}");
        let refused = read_events(body.as_bytes(), BodyFormat::Json, &strict.rules, NOW).unwrap();
        if !part.contains("52.63") {
            assert_eq!((refused.events.len(), refused.cleaned.total()), (0, 0), "{part}");
        }
    }
    // What is refused for another reason counts nothing.
    let refused = read(r#"{"key":"","position":{"lat":1,"lon":2,"heading":511}}"#).unwrap();
    assert_eq!((refused.refused.len(), refused.cleaned.total()), (1, 0));
}

#[test]
fn lenient_the_answer_says_how_many_by_code() {
    let body: Vec<_> = (0..5)
        .map(|i| format!(r#"{{"key":"s{i}","position":{{"lat":{i},"lon":2,"heading":511,"speed":{}}}}}"#, i - 2))
        .collect();
    let checked = read(&format!("[{}]", body.join(","))).unwrap();
    let answer = merge_answer(IngestAnswer::default(), &checked.places, checked.refused, checked.cleaned);
    assert_eq!(answer.cleaned, 7);
    let by = serde_json::to_value(&answer).unwrap()["cleaned_by"].clone();
    let expected = serde_json::json!({"heading_not_available": 5, "speed_not_available": 1, "speed_out_of_range": 1});
    assert_eq!(by, expected);
    let old: IngestAnswer =
        serde_json::from_str(r#"{"accepted":1,"duplicate":0,"refused":0,"cleaned":3,"cursor":"e1:1","results":[]}"#)
            .unwrap();
    assert_eq!((old.cleaned, old.cleaned_by.total()), (3, 0));
}

#[test]
fn the_answer_counts_places_in_the_request() {
    let checked = read(r#"[{"key":"a","id":"1"},{"key":""},{"key":"b","id":"1"}]"#).unwrap();
    let board = IngestAnswer {
        accepted: 1,
        duplicate: 1,
        cursor: "e1:1".into(),
        results: vec![RecordResult::duplicate(1)],
        ..IngestAnswer::default()
    };
    let answer = merge_answer(board, &checked.places, checked.refused, checked.cleaned);
    assert_eq!(
        serde_json::to_string(&answer).unwrap(),
        r#"{"accepted":1,"duplicate":1,"refused":1,"cursor":"e1:1","results":[{"index":1,"status":"refused","code":"empty","field":"key","message":"key must not be empty"},{"index":2,"status":"duplicate"}]}"#
    );
}
