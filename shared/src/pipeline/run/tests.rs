use super::*;
use crate::pipeline::config::{Aggregate, AggregateOp};
use crate::value::Value;
use proptest::prelude::*;

fn steps(json: &str) -> Vec<Step> {
    let steps: Vec<Step> = serde_json::from_str(json).unwrap();
    let wrong = crate::pipeline::pipeline_errors(&steps);
    assert_eq!(wrong, []);
    steps
}

fn event(json: &str) -> Event {
    read_line(json).unwrap().check(Millis(1_772_366_400_000), false, &|_, _| false).unwrap().0
}

/// Runs steps without needs; the clock moves by a microsecond each time it is asked.
fn run(steps: &[Step], events: &[&str]) -> Outcome {
    let events: Vec<Event> = events.iter().map(|e| event(e)).collect();
    let places = (0..events.len() as u32).collect();
    let mut run = Run::new(steps, events, places).traced();
    let now = std::cell::Cell::new(0);
    let clock = || {
        now.set(now.get() + 1);
        now.get()
    };
    assert_eq!(run.go(&clock), Need::Done);
    run.finish(&Rules::default(), Millis(1_772_366_400_000), &KeySet::All)
}

fn shown(outcome: &Outcome) -> Vec<String> {
    outcome.events.iter().map(|e| serde_json::to_string(e).unwrap()).collect()
}

const TIME: &str = r#""time":1772366400000"#;

#[test]
fn map_reads_scales_moves_sets_and_drops() {
    let steps = steps(
        r#"[{"name":"m","map":{"number":["t"],"scale":{"t":{"factor":0.1,"offset":1,"decimals":1}},
            "rename":{"la":"position.lat","lo":"position.lon","a":"b","b":"a","vehicle":"key","ts":"time"},
            "set":{"source":"x","n":1},"drop":["junk"]}}]"#,
    );
    let out = run(
        &steps,
        &[
            r#"{"key":"k","fields":{"t":"215","la":30.5,"lo":-97.5,"a":1,"b":2,"vehicle":7,"ts":"2026-03-01T12:00:00Z","junk":"x"}}"#,
            r#"{"key":"k","fields":{"t":"warm"}}"#,
            r#"{"key":"k","fields":{"la":1}}"#,
            r#"{"key":"k","fields":{"la":91,"lo":0}}"#,
        ],
    );
    assert_eq!(
        shown(&out),
        [
            r#"{"key":"7","time":1772366400000,"position":{"lat":30.5,"lon":-97.5},"fields":{"t":22.5,"b":1,"a":2,"n":1,"source":"x"}}"#
        ]
    );
    let refused: Vec<_> =
        out.refused.iter().map(|r| (r.index, r.code.as_deref(), r.field.as_deref(), r.step.as_deref())).collect();
    assert_eq!(
        refused,
        [
            (1, Some("not_a_number"), Some("fields.t"), Some("m")),
            (2, Some("missing"), Some("position.lon"), Some("m")),
            (3, Some("position_out_of_range"), Some("position.lat"), Some("m")),
        ]
    );
}

#[test]
fn no_step_makes_a_number_of_digits_that_it_would_lose() {
    let steps = steps(r#"[{"name":"m","map":{"number":["n"]}}]"#);
    let event = |n: &str| format!(r#"{{"key":"k","time":1772366400000,"fields":{{"n":"{n}"}}}}"#);
    let bodies = ["9007199254740991", "9007199254740993", "-9007199254740993", "123456789012345678901"].map(event);
    let out = run(&steps, &bodies.each_ref().map(String::as_str));
    assert_eq!(shown(&out), [r#"{"key":"k","time":1772366400000,"fields":{"n":9007199254740991}}"#]);
    let refused: Vec<_> = out.refused.iter().map(|r| (r.index, r.code.as_deref())).collect();
    assert_eq!(refused, [(1, Some("not_a_number")), (2, Some("not_a_number")), (3, Some("not_a_number"))]);
}

#[test]
fn only_keeps_named_fields_and_a_position_can_be_dropped() {
    let steps = steps(r#"[{"name":"m","map":{"only":["a"],"drop":["position.lat","position.lon","id"]}}]"#);
    let out = run(
        &steps,
        &[r#"{"id":"i","key":"k","time":1772366400000,"position":{"lat":1,"lon":2},"fields":{"a":1,"b":2}}"#],
    );
    assert_eq!(shown(&out), [r#"{"key":"k","time":1772366400000,"fields":{"a":1}}"#]);
}

#[test]
fn filters_count_what_they_hold_back() {
    let steps = steps(
        r#"[{"name":"keep","filter":{"keep":[{"field":"n","at_least":2},{"field":"key","not":"c"}]}},
            {"name":"drop","filter":{"drop":[{"field":"n","equals":3}]}}]"#,
    );
    let row = |key: &str, n: u32| format!(r#"{{"key":"{key}","fields":{{"n":{n}}}}}"#);
    let rows = [row("a", 1), row("a", 2), row("a", 3), row("c", 2)];
    let out = run(&steps, &rows.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(out.places, [1]);
    assert_eq!((out.filtered, out.refused.len()), (3, 0));
    let counts: Vec<_> = out.steps.iter().map(|s| (s.entered, s.passed, s.filtered, s.micros)).collect();
    assert_eq!(counts, [(4, 2, 2, 1), (2, 1, 1, 1)]);
}

#[test]
fn enrich_copies_from_the_table_and_says_what_is_not_known() {
    let pipeline = |missing: &str| {
        steps(&format!(
            r#"[{{"name":"e","enrich":{{"by":"route","table":{{"801":{{"line":"North","fare":1.5}},"7":{{"line":"South"}}}},
                "fields":["line"],"prefix":"r_","missing":"{missing}"}}}}]"#
        ))
    };
    let rows = [
        format!(r#"{{"key":"a",{TIME},"fields":{{"route":"801"}}}}"#),
        format!(r#"{{"key":"b",{TIME},"fields":{{"route":7}}}}"#),
        format!(r#"{{"key":"c",{TIME},"fields":{{"route":"9"}}}}"#),
        format!(r#"{{"key":"d",{TIME}}}"#),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let keep = run(&pipeline("keep"), &rows);
    assert_eq!(keep.events.len(), 4);
    assert!(shown(&keep)[0].contains(r#""route":"801","r_line":"North"}"#));
    assert!(shown(&keep)[1].contains(r#""r_line":"South""#));
    assert_eq!(run(&pipeline("filter"), &rows).filtered, 2);
    let refused = run(&pipeline("refuse"), &rows).refused;
    assert_eq!(refused.iter().map(|r| r.index).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(refused[0].code.as_deref(), Some("not_known"));
    assert!(refused[0].message.as_ref().unwrap().contains("\"9\""));
}

#[test]
fn enrich_asks_another_board_once_for_each_key() {
    let steps = steps(r#"[{"name":"e","enrich":{"by":"depot","board":"depots","fields":["city","position"]}}]"#);
    let rows = ["d1", "d2", "d1", ""].map(|d| event(&format!(r#"{{"key":"k","fields":{{"depot":"{d}"}}}}"#)));
    let mut run = Run::new(&steps, rows.to_vec(), vec![0, 1, 2, 3]);
    let Need::Items { board, keys } = run.go(&|| 0) else { panic!("asks nothing") };
    assert_eq!((board.as_str(), keys.as_slice()), ("depots", ["d1".to_owned(), "d2".to_owned()].as_slice()));
    let known: Known =
        serde_json::from_str(r#"{"position":{"lat":1.5,"lon":2.5},"fields":{"city":"Ulm","size":3}}"#).unwrap();
    run.give_items([("d1".to_owned(), Rc::new(known))].into());
    assert_eq!(run.go(&|| 0), Need::Done);
    let out = run.finish(&Rules::default(), Millis(1_772_366_400_000), &KeySet::All);
    assert!(shown(&out)[0].contains(r#""position":{"lat":1.5,"lon":2.5},"fields":{"depot":"d1","city":"Ulm"}"#));
    assert!(!shown(&out)[1].contains("city"));
}

#[test]
fn formulas_make_numbers_of_numbers() {
    let steps = steps(
        r#"[{"name":"d","derive":{"fields":{
            "f":{"of":"t","from":"C","to":"F","decimals":1},"p":{"product":["u","i"]},"r":{"ratio":["u","zero"]},
            "q":{"ratio":["u","i"],"factor":10,"offset":1},"s":{"sum":["u","i","none"]},"diff":{"difference":["u","i"]},
            "kmh":{"of":"position.speed","from":"m/s","to":"km/h"}}}}]"#,
    );
    let out = run(
        &steps,
        &[
            &format!(
                r#"{{"key":"k",{TIME},"position":{{"lat":1,"lon":2,"speed":10}},"fields":{{"t":21.5,"u":6,"i":2,"zero":0}}}}"#
            ),
            r#"{"key":"k","fields":{"u":"six","i":1}}"#,
        ],
    );
    assert!(shown(&out)[0].ends_with(r#""zero":0,"diff":4,"f":70.7,"kmh":36,"p":12,"q":31}}"#), "{}", shown(&out)[0]);
    assert_eq!(out.refused[0].code.as_deref(), Some("not_a_number"));
}

#[test]
fn aggregate_makes_one_event_a_key_and_stretch() {
    let steps = steps(r#"[{"name":"a","aggregate":{"every_s":60,"fields":{"t":["avg","min","last"]},"count":"n"}}]"#);
    let row = |key: &str, s: i64, t: f64| {
        format!(r#"{{"key":"{key}","time":{},"fields":{{"t":{t},"place":"{s}"}}}}"#, 1_772_366_400_000 + s * 1_000)
    };
    let rows = [row("a", 0, 1.0), row("b", 1, 5.0), row("a", 30, 2.0), row("a", 10, 6.0), row("a", 60, 9.0)];
    let out = run(&steps, &rows.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(
        shown(&out),
        [
            r#"{"key":"b","time":1772366401000,"fields":{"place":"1","t_avg":5,"t_last":5,"t_min":5,"n":1}}"#
                .replace(r#""t_last":5,"t_min":5"#, r#""t_min":5,"t_last":5"#),
            r#"{"key":"a","time":1772366430000,"fields":{"place":"30","t_avg":3,"t_min":1,"t_last":2,"n":3}}"#.into(),
            r#"{"key":"a","time":1772366460000,"fields":{"place":"60","t_avg":9,"t_min":9,"t_last":9,"n":1}}"#.into(),
        ]
    );
    assert_eq!((out.places.as_slice(), out.merged), ([1, 2, 4].as_slice(), 2));
    assert_eq!((out.steps[0].entered, out.steps[0].passed, out.steps[0].merged), (5, 3, 2));
}

#[test]
fn what_fails_after_an_aggregate_is_refused_with_all_that_went_in() {
    let steps = steps(
        r#"[{"name":"a","aggregate":{"every_s":60,"fields":{"t":["sum"]}}},
            {"name":"b","enrich":{"by":"key","table":{"x":{"y":1}},"missing":"refuse"}}]"#,
    );
    let out = run(
        &steps,
        &[
            &format!(r#"{{"key":"a",{TIME},"fields":{{"t":1}}}}"#),
            &format!(r#"{{"key":"a",{TIME},"fields":{{"t":2}}}}"#),
        ],
    );
    assert_eq!(out.refused.iter().map(|r| r.index).collect::<Vec<_>>(), [0, 1]);
    assert_eq!((out.merged, out.events.len()), (0, 0));
}

#[test]
fn jq_answers_are_checked_like_what_a_producer_sends() {
    let steps =
        steps(r#"[{"name":"f","filter":{"jq":"a"}},{"name":"d","derive":{"jq":"b"}},{"name":"m","map":{"jq":"c"}}]"#);
    let rows: Vec<Event> = (0..6).map(|i| event(&format!(r#"{{"key":"k{i}",{TIME}}}"#))).collect();
    let mut run = Run::new(&steps, rows, (0..6).collect());
    let Need::Jq { program: "a", inputs, count: 6 } = run.go(&|| 0) else { panic!("not asked") };
    assert_eq!(String::from_utf8(inputs).unwrap().lines().next(), Some(r#"{"key":"k0","time":1772366400000}"#));
    let ok = |text: &str| Ok(text.as_bytes().to_vec());
    run.give_jq(6, [ok("true"), ok("false"), ok("7"), ok(""), Err("cannot index".to_owned())]);
    let Need::Jq { program: "b", count: 2, .. } = run.go(&|| 0) else { panic!("not asked") };
    run.give_jq(2, [ok(r#"{"n":1,"gone":null}"#), ok("[1]")]);
    let Need::Jq { program: "c", count: 1, .. } = run.go(&|| 0) else { panic!("not asked") };
    run.give_jq(1, [ok(r#"{"key":9,"fields":{"z":true}}"#)]);
    assert_eq!(run.go(&|| 0), Need::Done);
    let out = run.finish(&Rules::default(), Millis(1_772_366_400_000), &KeySet::All);
    assert_eq!(shown(&out), [r#"{"key":"9","time":1772366400000,"fields":{"z":true}}"#]);
    let refused: Vec<_> = out.refused.iter().map(|r| (r.index, r.code.as_deref(), r.step.as_deref())).collect();
    assert_eq!(
        refused,
        [(2, Some("wrong_type"), Some("d")), (4, Some("jq_failed"), Some("f")), (5, Some("jq_failed"), Some("f"))]
    );
    assert_eq!(out.filtered, 2);
}

#[test]
fn many_events_are_handed_to_jq_in_parts() {
    let steps = steps(r#"[{"name":"f","filter":{"jq":"."}}]"#);
    let most = limits::JQ_EVENTS_AT_ONCE;
    let rows: Vec<Event> = (0..most + 3).map(|_| event(r#"{"key":"k"}"#)).collect();
    let mut run = Run::new(&steps, rows, (0..most as u32 + 3).collect());
    for expected in [most, 3] {
        let Need::Jq { count, inputs, .. } = run.go(&|| 0) else { panic!("not asked") };
        assert_eq!((count, inputs.split(|b| *b == b'\n').count() - 1), (expected, expected));
        run.give_jq(count, std::iter::repeat_with(|| Ok(b"true".to_vec())));
    }
    assert_eq!(run.go(&|| 0), Need::Done);
    assert_eq!(run.finish(&Rules::default(), Millis(1_772_366_400_000), &KeySet::All).events.len(), most + 3);
}

#[test]
fn the_boards_rules_hold_for_what_comes_out() {
    let steps = steps(r#"[{"name":"m","map":{"set":{"position.lat":0,"position.lon":0}}}]"#);
    let out = run(&steps, &[r#"{"key":"k"}"#]);
    assert_eq!(out.refused[0].code.as_deref(), Some("null_island"));
}

fn any_step() -> impl Strategy<Value = Step> {
    let step = |json: &str| serde_json::from_str::<Step>(json).unwrap();
    prop_oneof![
        Just(step(r#"{"name":"m","map":{"number":["a"],"rename":{"b":"c","c":"position.lat"}}}"#)),
        Just(step(r#"{"name":"s","map":{"scale":{"a":{"factor":2}},"set":{"c":1}}}"#)),
        Just(step(r#"{"name":"k","filter":{"keep":[{"field":"a","at_least":2}]}}"#)),
        Just(step(r#"{"name":"e","enrich":{"by":"a","table":{"1":{"x":1},"2":{"x":2}},"missing":"filter"}}"#)),
        Just(step(r#"{"name":"r","enrich":{"by":"b","table":{"1":{"y":1}},"missing":"refuse"}}"#)),
        Just(step(r#"{"name":"d","derive":{"fields":{"c":{"ratio":["a","b"]}}}}"#)),
        Just(Step {
            name: "g".into(),
            aggregate: Some(Aggregate {
                every_s: 60,
                fields: [("a".to_owned(), vec![AggregateOp::Sum])].into(),
                count: None
            }),
            ..Step::default()
        }),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    let value = prop_oneof![
        (0..4_i32).prop_map(|n| Some(Value::Number(f64::from(n)))),
        "[0-9x]{0,2}".prop_map(|t| Some(Value::Text(t))),
        Just(None),
        any::<bool>().prop_map(|b| Some(Value::Bool(b))),
    ];
    let fields = prop::collection::btree_map("[a-d]", value, 0..4);
    (0..3_u8, 0..200_i64, fields).prop_map(|(key, s, fields)| Event {
        id: None,
        key: format!("k{key}"),
        time: Millis(1_772_366_400_000 - s * 1_000),
        position: None,
        fields: fields.into_iter().collect(),
    })
}

proptest! {
    #[test]
    fn no_record_is_lost(steps in prop::collection::vec(any_step(), 0..5), events in prop::collection::vec(any_event(), 0..30)) {
        let given = events.len() as u32;
        let mut run = Run::new(&steps, events, (0..given).collect());
        prop_assert_eq!(run.go(&|| 0), Need::Done);
        let out = run.finish(&Rules::default(), Millis(1_772_366_400_000), &KeySet::All);
        for s in &out.steps {
            prop_assert_eq!(s.entered, s.passed + s.filtered + s.merged + s.failed, "{:?}", s);
        }
        for pair in out.steps.windows(2) {
            prop_assert_eq!(pair[0].passed, pair[1].entered);
        }
        let all = out.events.len() as u32 + out.refused.len() as u32 + out.filtered + out.merged;
        prop_assert_eq!(all, given);
        // Nothing has two fates.
        let places: BTreeSet<u32> = out.places.iter().copied().chain(out.refused.iter().map(|r| r.index)).collect();
        prop_assert_eq!(places.len(), out.places.len() + out.refused.len());
    }
}

#[test]
fn lenient_steps_drop_parts_that_are_no_measurements_and_count_them() {
    let steps =
        steps(r#"[{"name":"m","map":{"rename":{"h":"position.heading","la":"position.lat","lo":"position.lon"}}}]"#);
    let rows = [r#"{"key":"k","fields":{"la":1,"lo":2,"h":511}}"#, r#"{"key":"k","fields":{"la":1,"lo":2,"h":51}}"#];
    let out = run(&steps, &rows);
    assert_eq!((out.events.len(), out.cleaned.count("heading_not_available")), (2, 1));
    assert_eq!(out.events[1].position.unwrap().heading_e2, Some(5_100));
    let events = rows.iter().map(|r| event(r)).collect();
    let mut strict = Run::new(&steps, events, vec![0, 1]).strict(true);
    assert_eq!(strict.go(&|| 0), Need::Done);
    let out = strict.finish(&Rules::default(), Millis(1_772_366_400_000), &KeySet::All);
    assert_eq!((out.events.len(), out.refused[0].code.as_deref()), (1, Some("position_out_of_range")));
}
