//! What is told of a deployment: bounded, under the same ids whenever it is told, and numbers and names alone.

use super::*;
use crate::board::Storage;
use crate::config::BoardConfig;
use crate::event::Event;
use crate::ingest::{BodyFormat, read_events};
use crate::meters::{Alarming, Delivering, Ingested, Lag, Loads, Told};
use crate::rules::Rules;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Some time that is believed.
const NOW: Millis = Millis(1_772_366_400_000);

fn name(text: &str) -> BoardName {
    BoardName::try_from(text).unwrap()
}

/// A board that has taken so many records and refused so many, as it says `at` milliseconds after its memory began.
fn meters(accepted: u64, refused: u64, at: i64) -> BoardMeters {
    BoardMeters {
        since: NOW,
        at: NOW.plus(at),
        items: 60,
        seq: accepted,
        accepted: Some(NOW.plus(at)),
        ingested: Ingested { accepted, refused_otherwise: refused, ..Ingested::default() },
        sources: Vec::new(),
        told: Told { viewers: 7, relays: 1, ..Told::default() },
        storage: Storage::new(Some(1)).status(4_096),
        rows: 10 * accepted,
        letters_dropped: 0,
        archive: None,
        alarms: None,
        loads: Loads::default(),
        lags: vec![Lag::of("items", 1, 43)],
    }
}

fn collected(boards: impl IntoIterator<Item = (String, BoardMeters)>) -> Collected {
    let measured = |(board, meters): (String, BoardMeters)| Measured { board: name(&board), meters: Some(meters) };
    Collected { boards: boards.into_iter().map(measured).collect(), ..Collected::default() }
}

fn one(meters: BoardMeters) -> Collected {
    collected([("fleet".to_owned(), meters)])
}

/// The events, as a board takes them: none may be refused.
fn taken(report: &Report) -> Vec<Event> {
    let body = report.events.to_string();
    let checked = read_events(body.as_bytes(), BodyFormat::Json, &Rules::default(), NOW.plus(3_600_000)).unwrap();
    assert!(checked.refused.is_empty(), "{:?} of {body}", checked.refused);
    checked.events
}

fn fields<'r>(report: &'r Report, key: &str) -> &'r Value {
    let found = report.events.as_array().unwrap().iter().find(|event| event["key"] == key);
    &found.unwrap_or_else(|| panic!("{key} in {}", report.events))["fields"]
}

fn keys(report: &Report) -> Vec<&str> {
    report.events.as_array().unwrap().iter().map(|event| event["key"].as_str().unwrap()).collect()
}

#[test]
fn the_operator_says_off_or_seconds_within_bounds() {
    assert_eq!(Setting::parse(None), Ok(Setting::EveryMillis(60_000)));
    assert_eq!(Setting::parse(Some(" ")), Ok(Setting::default()));
    assert_eq!(Setting::parse(Some("off")), Ok(Setting::Off));
    assert_eq!(Setting::parse(Some("10")), Ok(Setting::EveryMillis(10_000)));
    assert_eq!(Setting::parse(Some("3600")), Ok(Setting::EveryMillis(3_600_000)));
    for wrong in ["9", "3601", "on", "-60", "60s", "false"] {
        assert_eq!(Setting::parse(Some(wrong)), Err(BadSetting), "{wrong}");
    }
}

#[test]
fn a_board_is_told_by_what_happened_since_it_was_told_of() {
    let first = Health::default().report(&one(meters(300, 100, 10_000)), NOW.plus(20_000));
    let told = fields(&first, "board:fleet");
    assert_eq!((&told["kind"], &told["board"], &told["items"]), (&json!("board"), &json!("fleet"), &json!(60)));
    assert_eq!((&told["rate"], &told["refused_share"]), (&json!(30.0), &json!(0.25)));
    assert_eq!(told["rows_day"], Value::Null, "how many it had written before is not known");
    assert_eq!((&told["archive_lag_s"], &told["lag"]), (&Value::Null, &json!(42)));
    // Ten seconds later: a hundred more, and none was refused.
    let second = first.next.report(&one(meters(400, 100, 20_000)), NOW.plus(80_000));
    let told = fields(&second, "board:fleet");
    assert_eq!((&told["rate"], &told["refused_share"]), (&json!(10.0), &json!(0.0)));
    assert_eq!(told["rows_day"], json!(8_640_000.0));
    // Its memory begins anew.
    let anew = BoardMeters { since: NOW.plus(90_000), ..meters(5, 0, 95_000) };
    let third = second.next.report(&one(anew), NOW.plus(140_000));
    assert_eq!(fields(&third, "board:fleet")["rate"], json!(1.0));
}

#[test]
fn a_board_that_says_nothing_more_is_told_once_to_rest_and_then_nothing() {
    let said = one(meters(300, 100, 10_000));
    let first = Health::default().report(&said, NOW.plus(20_000));
    assert!(first.goes_on);
    let second = first.next.report(&said, NOW.plus(80_000));
    let told = fields(&second, "board:fleet");
    assert_eq!((&told["rate"], &told["refused_share"], &told["rows_day"]), (&json!(0.0), &json!(0.0), &json!(0.0)));
    assert!(told.get("items").is_none() && !second.goes_on, "{told}");
    assert_eq!(keys(&second.next.report(&said, NOW.plus(140_000))), [DEPLOYMENT]);
    // What it says next is later than its rest, however soon it says it.
    let times = |report: &Report| taken(report).iter().find(|e| e.key == "board:fleet").unwrap().time;
    let soon = second.next.report(&one(meters(300, 100, 10_002)), NOW.plus(140_000));
    assert!(times(&first) < times(&second) && times(&second) < times(&soon));
}

#[test]
fn the_same_is_told_under_the_same_ids_when_it_is_not_known_what_was_told() {
    let said = one(BoardMeters { sources: vec![source("buses", 3, 9_000)], ..meters(300, 100, 10_000) });
    let ids = |report: &Report| taken(report).into_iter().filter_map(|event| event.id).collect::<BTreeSet<_>>();
    let (first, again) = (Health::default(), Health::default());
    let (first, again) = (first.report(&said, NOW.plus(20_000)), again.report(&said, NOW.plus(80_000)));
    let both: Vec<String> = ids(&first).intersection(&ids(&again)).map(ToString::to_string).collect();
    assert_eq!(both, [format!("board:fleet@{}", NOW.0 + 10_000), format!("source:fleet:buses@{}", NOW.0 + 9_000)]);
}

fn source(name: &str, accepted: u64, last: i64) -> BySource {
    BySource { name: name.to_owned(), requests: 1, accepted, last: Some(NOW.plus(last)), ..BySource::default() }
}

#[test]
fn a_source_is_told_when_it_has_sent_something_and_not_otherwise() {
    let with = |sources: Vec<BySource>, at| one(BoardMeters { sources, ..meters(10, 0, at) });
    let first = Health::default().report(&with(vec![source("buses", 3, 9_000)], 10_000), NOW.plus(20_000));
    let told = fields(&first, "source:fleet:buses");
    assert_eq!((&told["kind"], &told["source"], &told["records"]), (&json!("source"), &json!("buses"), &json!(3)));
    // The board says something else: the source is silent.
    let second = first.next.report(&with(vec![source("buses", 3, 9_000)], 20_000), NOW.plus(80_000));
    assert!(!keys(&second).contains(&"source:fleet:buses"));
    let refused = BySource { refused: 1, ..source("buses", 6, 29_000) };
    let third = second.next.report(&with(vec![refused], 30_000), NOW.plus(140_000));
    let told = fields(&third, "source:fleet:buses");
    assert_eq!((&told["records"], &told["refused_share"]), (&json!(4), &json!(0.25)));
}

#[test]
fn the_health_board_does_not_tell_of_itself() {
    let both = [(BoardName::health().to_string(), meters(5, 0, 9_000)), ("fleet".to_owned(), meters(300, 0, 10_000))];
    let report = Health::default().report(&collected(both), NOW.plus(20_000));
    assert_eq!(keys(&report), [DEPLOYMENT, "board:fleet"]);
    let told = fields(&report, DEPLOYMENT);
    assert_eq!((&told["boards"], &told["viewers"], &told["rate"]), (&json!(1), &json!(7), &json!(30.0)));
}

#[test]
fn of_very_many_boards_the_worst_are_told_and_one_that_is_good_again_before_others() {
    let n = limits::HEALTH_BOARDS + 50;
    let board = |i: usize, refused, at| (format!("b{i:04}"), meters(1_000, refused, at));
    // The last of all by name, and by what comes in.
    let bad = |refused, at| ("zz".to_owned(), meters(20, refused, at));
    let first = Health::default()
        .report(&collected((0..n).map(|i| board(i, 0, 5_000)).chain([bad(10, 5_000)])), NOW.plus(9_000));
    let boards = |report: &Report| keys(report).iter().filter(|key| key.starts_with("board:")).count();
    assert_eq!(boards(&first), limits::HEALTH_BOARDS);
    assert!(keys(&first).contains(&"board:zz"));
    assert_eq!(fields(&first, DEPLOYMENT)["left_out"], json!(51));
    let busy = (0..n).map(|i| (format!("b{i:04}"), meters(2_000, 0, 15_000)));
    let second = first.next.report(&collected(busy.chain([bad(10, 15_000)])), NOW.plus(19_000));
    assert_eq!(fields(&second, "board:zz")["refused_share"], json!(0.0), "that it is over is told");
}

#[test]
fn a_board_that_was_left_out_when_it_came_to_rest_is_told_to_rest_all_the_same() {
    let n = limits::HEALTH_BOARDS;
    let first = Health::default().report(&one(meters(10, 0, 5_000)), NOW.plus(9_000));
    // So many others are worse, and then all of them say nothing more.
    let crowd = || {
        (0..n).map(|i| (format!("b{i:04}"), meters(90, 9, 15_000))).chain([("fleet".to_owned(), meters(11, 0, 15_000))])
    };
    let second = first.next.report(&collected(crowd()), NOW.plus(19_000));
    assert!(!keys(&second).contains(&"board:fleet"));
    let third = second.next.report(&collected(crowd()), NOW.plus(79_000));
    let fourth = third.next.report(&collected(crowd()), NOW.plus(139_000));
    assert_eq!((keys(&third).len(), third.goes_on), (1 + n, true));
    assert_eq!((keys(&fourth), fourth.goes_on), (vec!["board:fleet", DEPLOYMENT], false));
}

#[test]
fn of_very_many_sources_each_has_its_turn() {
    let sources = |i: usize, at| (0..20).map(|s| source(&format!("s{i:02}-{s:02}"), 1, at)).collect::<Vec<_>>();
    let boards = |at| {
        collected((0..30).map(|i| (format!("b{i:02}"), BoardMeters { sources: sources(i, at), ..meters(1, 0, at) })))
    };
    let mut health = Health::default();
    let mut told = BTreeSet::new();
    for round in 1..=3 {
        let report = health.report(&boards(round * 60_000), NOW.plus(round * 60_000));
        let of =
            keys(&report).into_iter().filter(|key| key.starts_with("source:")).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(of.len(), limits::HEALTH_SOURCES);
        assert!(report.goes_on, "others wait");
        told.extend(of);
        health = report.next;
    }
    assert_eq!(told.len(), 600);
}

#[test]
fn views_tokens_and_failed_pushes_are_told_as_they_grew() {
    let with = |hits: u64, misses: u64, failed: u64| {
        let mut said = Collected { pushed: Some(Pushed { taken: 1, failed }), ..Collected::default() };
        said.edge.cache = [(CacheState::Hit, hits), (CacheState::Miss, misses)].into();
        said
    };
    let first = Health::default().report(&with(6, 2, 1), NOW);
    let told = fields(&first, DEPLOYMENT);
    assert_eq!(
        (&told["views"], &told["views_kept_share"], &told["otlp_failures"]),
        (&json!(8), &json!(0.75), &json!(1))
    );
    let second = first.next.report(&with(7, 2, 1), NOW.plus(60_000));
    let told = fields(&second, DEPLOYMENT);
    assert_eq!(
        (&told["views"], &told["views_kept_share"], &told["otlp_failures"]),
        (&json!(1), &json!(1.0), &json!(0))
    );
}

#[test]
fn the_board_is_made_of_a_config_and_rules_that_are_taken() {
    let made = config();
    let text = serde_json::to_vec(&made).unwrap();
    assert_eq!(BoardConfig::parse(&text).unwrap(), made);
    let all = rules();
    assert_eq!(all.len(), 10);
    let of_board = BoardMeters {
        archive: Some(Delivering { records: 1, lag_ms: 1_500, failing: true }),
        alarms: Some(Alarming { standing: 1, ..Alarming::default() }),
        sources: vec![source("buses", 1, 9_000)],
        ..meters(1, 1, 10_000)
    };
    let report = Health::default().report(&one(of_board), NOW.plus(20_000));
    let told = |field: &str| {
        let events = report.events.as_array().unwrap();
        events.iter().any(|event| event["fields"].get(field).is_some())
    };
    for (id, rule) in &all {
        let again = crate::alarms::AlarmRule::parse(&serde_json::to_vec(rule).unwrap()).unwrap();
        assert_eq!(&again, rule, "{id}");
        for condition in rule.conditions.iter().chain(&rule.clear_where) {
            let field = condition.split(':').next().unwrap();
            assert!(told(field), "{id} is about {field}, which is never told");
        }
    }
    assert!(made.fields.keys().all(|field| told(field)), "a label of what is never told");
    assert_eq!(fields(&report, "board:fleet")["archive_lag_s"], json!(1.5));
}

prop_compose! {
    fn any_meters()(
        accepted in any::<u32>(), refused in any::<u32>(), at in 0..3_000_000_i64, since in 0..3_000_000_i64,
        failures in any::<u32>(), lost in any::<u32>(), sources in prop::collection::btree_set("[a-z]{1,64}", 0..6),
    ) -> BoardMeters {
        let told = Told { pushes: 1, failures: failures.into(), ..Told::default() };
        let sources = sources.iter().map(|name| source(name, accepted.into(), at)).collect();
        let since = NOW.plus(since);
        BoardMeters { told, sources, since, letters_dropped: lost.into(), ..meters(accepted.into(), refused.into(), at) }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever boards say, and in whatever order, a report is bounded, is taken whole, has no item twice, and no text in it
    /// but names.
    #[test]
    fn reports_are_bounded_and_taken_whatever_is_said(
        rounds in prop::collection::vec(prop::collection::btree_map("[a-z][a-z0-9]{0,39}", any_meters(), 0..150), 1..4),
    ) {
        let mut health = Health::default();
        for (round, boards) in rounds.into_iter().enumerate() {
            let names: BTreeSet<String> = boards.iter().flat_map(|(board, m)| {
                m.sources.iter().map(|s| s.name.clone()).chain([board.clone()])
            }).collect();
            let report = health.report(&collected(boards), NOW.plus(round as i64 * 60_000));
            let events = taken(&report);
            prop_assert!(events.len() <= 1 + 2 * limits::HEALTH_BOARDS + limits::HEALTH_SOURCES);
            prop_assert!(report.events.to_string().len() < 200_000);
            let distinct: BTreeSet<&str> = events.iter().map(|event| event.key.as_str()).collect();
            prop_assert_eq!(distinct.len(), events.len());
            for (_, value) in report.events.as_array().unwrap().iter().flat_map(|e| e["fields"].as_object().unwrap()) {
                let is_name = value.as_str().is_none_or(|text| {
                    names.contains(text) || matches!(text, "board" | "source" | "deployment")
                });
                prop_assert!(is_name, "{}", value);
            }
            health = report.next;
        }
    }
}
