use crate::config::BoardConfig;

fn errors(pipeline: &str) -> Vec<(String, &'static str)> {
    let text = format!(r#"{{"title":"t","pipeline":{pipeline}}}"#);
    let list = BoardConfig::parse(text.as_bytes()).err().unwrap_or_default();
    list.into_iter().map(|e| (e.field, e.code.name())).collect()
}

#[test]
fn every_kind_of_step_is_taken_and_comes_back_the_same() {
    let pipeline = r#"[
        {"name":"units","map":{"number":["t"],"scale":{"t":{"factor":0.1,"decimals":2}},"rename":{"lat":"position.lat","lon":"position.lon"},"set":{"source":"a"},"drop":["junk"]}},
        {"name":"north","filter":{"keep":[{"field":"position.lat","at_least":0}]}},
        {"name":"names","enrich":{"by":"route","table":{"801":{"line":"North"}},"prefix":"route_","missing":"refuse"}},
        {"name":"depot","enrich":{"board":"depots","fields":["city","position"]}},
        {"name":"f","derive":{"fields":{"temp_f":{"of":"t","from":"C","to":"F"},"power":{"product":["u","i"]}}}},
        {"name":"jq","derive":{"jq":"{a: .fields.b}"}},
        {"name":"minute","aggregate":{"every_s":60,"fields":{"t":["avg","max"]},"count":"n"}}
    ]"#;
    assert_eq!(errors(pipeline), []);
    let text = format!(r#"{{"title":"t","pipeline":{pipeline}}}"#);
    let config = BoardConfig::parse(text.as_bytes()).unwrap();
    let again = serde_json::to_vec(&config).unwrap();
    assert_eq!(BoardConfig::parse(&again).unwrap(), config);
    assert_eq!(serde_json::to_vec(&BoardConfig::parse(&again).unwrap()).unwrap(), again);
}

#[test]
fn a_board_without_a_pipeline_does_not_mention_one() {
    let text = serde_json::to_string(&BoardConfig::default()).unwrap();
    assert!(!text.contains("pipeline"));
}

#[test]
fn every_error_names_its_step() {
    let at = |pipeline: &str| errors(pipeline).into_iter().next().unwrap();
    let of = |field: &str, code: &'static str| (field.to_owned(), code);
    assert_eq!(at(r#"[{"name":"a"}]"#), of("pipeline[0]", "invalid"));
    assert_eq!(at(r#"[{"name":"a","map":{"drop":["x"]},"filter":{"jq":"."}}]"#), of("pipeline[0]", "invalid"));
    assert_eq!(at(r#"[{"name":"a b","map":{"drop":["x"]}}]"#), of("pipeline[0].name", "invalid"));
    let twice = r#"[{"name":"a","map":{"drop":["x"]}},{"name":"a","map":{"drop":["x"]}}]"#;
    assert_eq!(at(twice), of("pipeline[0].name", "duplicate"));
    assert_eq!(at(r#"[{"name":"a","map":{}}]"#), of("pipeline[0].map", "invalid"));
    assert_eq!(at(r#"[{"name":"a","map":{"jq":".","drop":["x"]}}]"#), of("pipeline[0].map", "invalid"));
    assert_eq!(at(r#"[{"name":"a","map":{"jq":" "}}]"#), of("pipeline[0].map.jq", "invalid"));
    assert_eq!(at(r#"[{"name":"a","map":{"rename":{"a":"c","b":"c"}}}]"#), of("pipeline[0].map.rename", "duplicate"));
    assert_eq!(at(r#"[{"name":"a","filter":{"keep":[{"field":"x"}]}}]"#), of("pipeline[0].filter.keep[0]", "invalid"));
    assert_eq!(at(r#"[{"name":"a","filter":{}}]"#), of("pipeline[0].filter", "invalid"));
    assert_eq!(at(r#"[{"name":"a","enrich":{}}]"#), of("pipeline[0].enrich", "invalid"));
    assert_eq!(at(r#"[{"name":"a","enrich":{"table":{"":{}}}}]"#), of("pipeline[0].enrich.table", "invalid"));
    assert_eq!(at(r#"[{"name":"a","enrich":{"board":"No"}}]"#), of("pipeline[0].enrich.board", "invalid"));
    let unit = r#"[{"name":"a","derive":{"fields":{"y":{"of":"x","from":"C","to":"m"}}}}]"#;
    assert_eq!(at(unit), of("pipeline[0].derive.fields.y.to", "unknown_unit"));
    let none = r#"[{"name":"a","derive":{"fields":{"y":{}}}}]"#;
    assert_eq!(at(none), of("pipeline[0].derive.fields.y", "invalid"));
    assert_eq!(
        at(r#"[{"name":"a","aggregate":{"fields":{"t":[]}}}]"#),
        of("pipeline[0].aggregate.every_s", "out_of_range")
    );
    assert_eq!(at(r#"[{"name":"a","filter":{"jq":".","more":1}}]"#), of("pipeline[0].filter.more", "unknown_field"));
    let most = format!("[{}]", vec![r#"{"name":"a","map":{"drop":["x"]}}"#; 17].join(","));
    assert_eq!(at(&most), of("pipeline", "too_many"));
}
