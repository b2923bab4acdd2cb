//! Rules are refused with the field that is wrong.

use crate::config::BoardConfig;

/// Fields and codes of what is wrong with a part of a config.
fn errors(part: &str) -> Vec<(String, &'static str)> {
    let text = format!(r#"{{"title":"t",{part}}}"#);
    match BoardConfig::parse(text.as_bytes()) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.into_iter().map(|e| (e.field, e.code.name())).collect(),
    }
}

const POINTS: &str = r#"{"name":"points","op":"sum","field":"points"}"#;

fn scores(rest: &str) -> Vec<(String, &'static str)> {
    errors(&format!(r#""scores":{{"columns":[{POINTS}]{rest}}}"#))
}

fn column(column: &str) -> Vec<(String, &'static str)> {
    errors(&format!(r#""scores":{{"columns":[{column}]}}"#))
}

fn one(field: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(field.to_owned(), code)]
}

#[test]
fn g13_good_rules_are_taken() {
    for part in [
        r#""scores":{"columns":[{"name":"n","op":"count"}]}"#,
        r#""scores":{"columns":[{"name":"n","op":"sum","value":-2.5,"direction":"asc","label":"N","unit":"s"}]}"#,
        r#""scores":{"columns":[{"name":"solved","op":"solved"},{"name":"penalty","op":"penalty","direction":"asc"}],
           "attempts":{"per":"problem","right":[{"field":"v","equals":"AC"}]},"entry":"id","groups":["a","b","c","d"],
           "ties":"dense","everyone":true,"name":"team"}"#,
        r#""sessions":{"required":true,"grace_s":0},"players":{"bounds":{"points":[0,100]},"per_second":10,"require_id":true}"#,
    ] {
        assert_eq!(errors(part), [], "{part}");
    }
    for rest in [
        r#","window":{"kind":"all"}"#,
        r#","window":{"kind":"rolling","seconds":60}"#,
        r#","window":{"kind":"calendar","period":"week","zone":"Europe/Berlin"}"#,
        r#","filter":[{"field":"a","in":[1,"x",true]},{"field":"b","not":null,"exists":false}]"#,
        r#","filter":[{"field":"a","at_least":1},{"field":"a","at_most":2.5}]"#,
    ] {
        assert_eq!(scores(rest), [], "{rest}");
    }
}

#[test]
fn g13_every_error_of_a_column_names_its_field() {
    for (text, field, code) in [
        (r#"{"name":"","op":"count"}"#, "name", "invalid"),
        (r#"{"name":"a b","op":"count"}"#, "name", "invalid"),
        (r#"{"name":"n","op":"sum"}"#, "field", "missing"),
        (r#"{"name":"n","op":"best"}"#, "field", "missing"),
        (r#"{"name":"n","op":"set","value":1}"#, "field", "missing"),
        (r#"{"name":"n","op":"sum","field":"a","value":1}"#, "value", "invalid"),
        (r#"{"name":"n","op":"count","value":1}"#, "value", "invalid"),
        (r#"{"name":"n","op":"sum","value":1e10}"#, "value", "out_of_range"),
        (r#"{"name":"n","op":"sum","field":""}"#, "field", "invalid"),
        (r#"{"name":"n","op":"count","unit":"0123456789012345678901234"}"#, "label", "too_long"),
        (r#"{"name":"n","op":"dance"}"#, "op", "invalid"),
        (r#"{"name":"n","op":"count","direction":"up"}"#, "direction", "invalid"),
    ] {
        assert_eq!(column(text), one(&format!("scores.columns[0].{field}"), code), "{text}");
    }
    assert_eq!(column(r#"{"name":"n","op":"solved"}"#), one("scores.attempts", "missing"));
    assert_eq!(errors(r#""scores":{"columns":[]}"#), one("scores.columns", "missing"));
    let nine: Vec<String> = (0..9).map(|i| format!(r#"{{"name":"c{i}","op":"count"}}"#)).collect();
    assert_eq!(column(&nine.join(",")), one("scores.columns", "too_many"));
    let twice = column(&[POINTS, POINTS].join(","));
    assert_eq!(twice, [0, 1].map(|i| (format!("scores.columns[{i}].name"), "duplicate")));
}

#[test]
fn g13_every_error_of_the_other_rules_names_its_field() {
    for (rest, field, code) in [
        (r#","filter":[{"field":"a"}]"#, "scores.filter[0]", "invalid"),
        (r#","filter":[{"field":"a","equals":1,"at_most":2}]"#, "scores.filter[0]", "invalid"),
        (r#","filter":[{"field":"a","exists":true},{"field":"","equals":1}]"#, "scores.filter[1].field", "invalid"),
        (r#","groups":["a","b","c","d","e"]"#, "scores.groups", "invalid"),
        (r#","groups":[""]"#, "scores.groups", "invalid"),
        (r#","name":"""#, "scores.name", "invalid"),
        (r#","entry":"""#, "scores.entry", "invalid"),
        (r#","ties":"coin""#, "scores.ties", "invalid"),
        (r#","window":{"kind":"rolling","seconds":59}"#, "scores.window.seconds", "out_of_range"),
        (r#","window":{"kind":"calendar","period":"day","zone":""}"#, "scores.window.zone", "invalid"),
        (r#","attempts":{"per":"","right":[{"field":"v","equals":1}]}"#, "scores.attempts.per", "invalid"),
        (r#","attempts":{"per":"p","right":[]}"#, "scores.attempts.right", "missing"),
        (r#","attempts":{"per":"p","right":[{"field":"v"}]}"#, "scores.attempts.right[0]", "invalid"),
        (
            r#","attempts":{"per":"p","right":[{"field":"v","equals":1}],"wrong":[{"field":"v"}]}"#,
            "scores.attempts.wrong[0]",
            "invalid",
        ),
        (
            r#","attempts":{"per":"p","right":[{"field":"v","equals":1}],"wrong_minutes":-1}"#,
            "scores.attempts.wrong_minutes",
            "out_of_range",
        ),
        (
            r#","attempts":{"per":"p","right":[{"field":"v","equals":1}],"minutes":""}"#,
            "scores.attempts.minutes",
            "invalid",
        ),
        (r#","colour":1"#, "scores.colour", "unknown_field"),
    ] {
        assert_eq!(scores(rest), one(field, code), "{rest}");
    }
    let many = vec![r#"{"field":"a","exists":true}"#; 17].join(",");
    assert_eq!(scores(&format!(r#","filter":[{many}]"#)), one("scores.filter", "too_many"));
    for rest in [
        r#","window":{"kind":"rolling"}"#,
        r#","window":{"kind":"calendar","period":"year","zone":"UTC"}"#,
        r#","window":{"kind":"all","seconds":60}"#,
    ] {
        let errors = scores(rest);
        assert!(errors.len() == 1 && errors[0].0.starts_with("scores.window"), "{rest}: {errors:?}");
    }
}

#[test]
fn g13_errors_of_sessions_and_players_name_their_fields() {
    for (part, field, code) in [
        (r#""sessions":{"grace_s":86401}"#, "sessions.grace_s", "out_of_range"),
        (r#""sessions":{"required":1}"#, "sessions.required", "invalid"),
        (r#""players":{"bounds":{"points":[5,1]}}"#, "players.bounds.points", "invalid"),
        (r#""players":{"per_second":0}"#, "players.per_second", "out_of_range"),
        (r#""players":{"per_second":1001}"#, "players.per_second", "out_of_range"),
        (r#""players":{"speed":1}"#, "players.speed", "unknown_field"),
    ] {
        assert_eq!(errors(part), one(field, code), "{part}");
    }
    let many: Vec<String> = (0..65).map(|i| format!(r#""f{i}":[0,1]"#)).collect();
    assert_eq!(errors(&format!(r#""players":{{"bounds":{{{}}}}}"#, many.join(","))), one("players.bounds", "too_many"));
}
