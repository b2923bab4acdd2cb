//! What `…/items` answers.

use super::*;
use crate::codec::Batch;
use crate::cursor::Epoch;
use crate::event::Event;
use crate::position::Measured;
use crate::time::Millis;
use serde_json::{Value, json};

fn items() -> Items {
    let event = |key: &str, lat: f64| {
        let position = Measured { lat, lon: 1.0, ..Measured::default() }.check().ok();
        Event { id: None, key: key.into(), time: Millis(1), position, fields: Vec::new() }
    };
    let events: Vec<Event> = (0..10).map(|i| event(&format!("k{i}"), f64::from(i))).collect();
    let mut items = Items::default();
    items.apply(&Batch::from_events(&events), 1, |_, _| {});
    items.apply(&Batch::from_events(&[event("k3", 3.5)]), 11, |_, _| {});
    items
}

fn ask(query: &[(&str, &str)], allowed: &KeySet) -> Option<Value> {
    let here = Cursor { epoch: Epoch(1), seq: 11 };
    let page = ItemsQuery::parse(query.iter().copied()).unwrap().answer(&items(), here, allowed).ok()?;
    Some(serde_json::from_slice(&page.body).unwrap())
}

fn keys(answer: &Value) -> Vec<&str> {
    answer["items"].as_array().unwrap().iter().map(|i| i["key"].as_str().unwrap()).collect()
}

#[test]
fn items_are_chosen_by_keys_box_and_cursor_within_the_rights() {
    let all = ask(&[], &KeySet::All).unwrap();
    assert_eq!((keys(&all).len(), &all["cursor"], &all["next"]), (10, &"e1:11".into(), &Value::Null));
    assert_eq!(keys(&ask(&[("keys", "k7,k2,,k7,nope")], &KeySet::All).unwrap()), ["k2", "k7"]);
    assert_eq!(keys(&ask(&[("bbox", "0,2,2,4.2")], &KeySet::All).unwrap()), ["k2", "k3", "k4"]);
    assert_eq!(keys(&ask(&[("since", "e1:9")], &KeySet::All).unwrap()), ["k3", "k9"]);
    assert_eq!(keys(&ask(&[("since", "e1:11")], &KeySet::All).unwrap()), Vec::<&str>::new());
    let some = KeySet::of(&["k7*"]).unwrap();
    assert_eq!(keys(&ask(&[("keys", "k7,k2")], &some).unwrap()), ["k7"]);
    assert_eq!(ask(&[("since", "e2:1")], &KeySet::All), None);
    assert_eq!(ask(&[("since", "e1:12")], &KeySet::All), None);
}

#[test]
fn pages_follow_each_other_without_gaps() {
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let mut query = vec![("limit", "3")];
        if !after.is_empty() {
            query.push(("after", after.as_str()));
        }
        let page = ask(&query, &KeySet::All).unwrap();
        seen.extend(keys(&page).into_iter().map(str::to_owned));
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen.len(), 10);
    assert!(seen.windows(2).all(|w| w[0] < w[1]));
}

#[test]
fn every_wrong_parameter_is_named() {
    let query = [("limit", "0"), ("bbox", "1,2,3"), ("colour", "red"), ("since", "now"), ("after", "x")];
    let problem = ItemsQuery::parse(query.into_iter()).unwrap_err();
    let errors: Vec<(&str, &str)> = problem.errors.iter().map(|e| (e.field.as_str(), e.code.name())).collect();
    assert_eq!(errors[0], ("limit", "invalid_parameter"));
    assert_eq!(errors[2], ("colour", "unknown_parameter"));
    assert_eq!((errors.len(), problem.status), (5, 400));
    let many = vec!["k"; 1_001].join(",");
    assert!(ItemsQuery::parse([("keys", many.as_str())].into_iter()).is_err());
}

fn mixed() -> Items {
    let position = Measured { lat: 30.25, lon: -97.5, speed: Some(12.5), ..Measured::default() }.check().ok();
    let field = |name: &str, value| (name.to_owned(), Some(value));
    let text = |t: &str| crate::value::Value::Text(t.to_owned());
    let event = |key: &str, position, fields| Event { id: None, key: key.into(), time: Millis(5), position, fields };
    let events = [
        event("v1", position, vec![field("route", text("=8,1")), field("time", crate::value::Value::Number(0.25))]),
        event("w1", None, vec![field("secret", crate::value::Value::Bool(true))]),
    ];
    let mut items = Items::default();
    items.apply(&Batch::from_events(&events), 1, |_, _| {});
    items
}

fn text_of(query: &[(&str, &str)], allowed: &KeySet) -> String {
    let here = Cursor { epoch: Epoch(1), seq: 2 };
    let page = ItemsQuery::parse(query.iter().copied()).unwrap().answer(&mixed(), here, allowed).unwrap();
    String::from_utf8(page.body).unwrap()
}

#[test]
fn a_table_has_every_column_under_one_name_and_executes_nothing() {
    assert_eq!(
        text_of(&[("format", "csv")], &KeySet::All),
        "\"key\",\"time\",\"seq\",\"position.lat\",\"position.lon\",\"position.heading\",\"position.speed\",\
         \"position.altitude\",\"position.accuracy\",\"route\",\"fields.time\",\"secret\"\r\n\
         \"v1\",5,1,30.25,-97.5,,12.5,,,\"'=8,1\",0.25,\r\n\
         \"w1\",5,2,,,,,,,,,true\r\n"
    );
}

#[test]
fn a_table_names_no_field_that_only_hidden_items_have() {
    let some = KeySet::of(&["v*"]).unwrap();
    let text = text_of(&[("format", "csv")], &some);
    assert!(text.contains("route") && !text.contains("secret"), "{text}");
}

#[test]
fn lines_are_the_items_of_the_list() {
    let list: Value = serde_json::from_str(&text_of(&[], &KeySet::All)).unwrap();
    let lines = text_of(&[("format", "ndjson")], &KeySet::All);
    let lines: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(list["items"].as_array().unwrap(), &lines);
}

#[test]
fn geojson_has_longitude_first_and_null_for_no_place() {
    let v: Value = serde_json::from_str(&text_of(&[("format", "geojson")], &KeySet::All)).unwrap();
    assert_eq!((&v["type"], &v["cursor"], &v["next"]), (&"FeatureCollection".into(), &"e1:2".into(), &Value::Null));
    let (placed, nowhere) = (&v["features"][0], &v["features"][1]);
    assert_eq!(placed["geometry"], serde_json::json!({"type": "Point", "coordinates": [-97.5, 30.25]}));
    assert_eq!((&placed["id"], &placed["properties"]["position.speed"]), (&"v1".into(), &12.5.into()));
    assert_eq!((&placed["properties"]["time"], &placed["properties"]["fields.time"]), (&5.into(), &0.25.into()));
    assert!(placed["properties"].get("position.lat").is_none());
    assert_eq!((&nowhere["type"], &nowhere["geometry"]), (&"Feature".into(), &Value::Null));
}

#[test]
fn one_item_comes_in_every_form_and_only_to_who_may_see_it() {
    let one = |format: &str, allowed: &KeySet| {
        let query = ItemQuery::parse([("format", format)].into_iter()).unwrap();
        query.answer(&mixed(), "w1", allowed).map(|b| String::from_utf8(b).unwrap())
    };
    assert!(one("csv", &KeySet::All).unwrap().contains("\r\n\"w1\",5,2,"));
    assert!(one("geojson", &KeySet::All).unwrap().starts_with(r#"{"type":"Feature","id":"w1","geometry":null"#));
    assert_eq!(one("ndjson", &KeySet::All).unwrap(), one("json", &KeySet::All).unwrap() + "\n");
    let some = KeySet::of(&["v*"]).unwrap();
    assert_eq!(one("json", &some).unwrap_err().code, "item_not_found");
    assert!(ItemQuery::parse([("limit", "1")].into_iter()).is_err());
}

fn fleet() -> Items {
    use crate::value::Value::{Bool, Number, Text};
    let place = |speed| Measured { lat: 1.0, lon: 2.0, speed, ..Measured::default() }.check().ok();
    let event = |key: &str, time, position, fields: &[(&str, crate::value::Value)]| {
        let fields = fields.iter().map(|(n, v)| ((*n).to_owned(), Some(v.clone()))).collect();
        Event { id: None, key: key.into(), time: Millis(time), position, fields }
    };
    let route = |r: &str| ("route", Text(r.to_owned()));
    let events = [
        event("bus-1", 1_000, place(Some(3.0)), &[route("801"), ("fuel", Number(0.2)), ("open", Bool(true))]),
        event("bus-2", 2_000, place(None), &[route("803"), ("fuel", Number(0.9))]),
        event("tram-1", 3_000, None, &[route("801"), ("fuel", Text("0.1".to_owned()))]),
        event("tram-2", 4_000, place(Some(9.0)), &[]),
    ];
    let mut items = Items::default();
    items.apply(&Batch::from_events(&events), 1, |_, _| {});
    items
}

fn of_fleet(query: &[(&str, &str)], allowed: &KeySet) -> Result<Value, Problem> {
    let here = Cursor { epoch: Epoch(1), seq: 4 };
    let page = ItemsQuery::parse(query.iter().copied())?.answer(&fleet(), here, allowed)?;
    Ok(serde_json::from_slice(&page.body).unwrap())
}

#[test]
fn conditions_choose_items_and_all_must_hold() {
    for (query, expected) in [
        (vec![("where", "route:eq:801")], vec!["bus-1", "tram-1"]),
        (vec![("group", "route:801")], vec!["bus-1", "tram-1"]),
        (vec![("where", "route:ne:801")], vec!["bus-2"]),
        (vec![("where", "route:in:803,804")], vec!["bus-2"]),
        (vec![("where", "fuel:lt:0.3")], vec!["bus-1"]),
        (vec![("where", "fuel:ge:0.2")], vec!["bus-1", "bus-2"]),
        (vec![("where", "fuel:le:0.2"), ("where", "route:starts:80"), ("prefix", "bus")], vec!["bus-1"]),
        (vec![("where", "open:eq:true")], vec!["bus-1"]),
        (vec![("where", "route:missing")], vec!["tram-2"]),
        (vec![("where", "position.speed:exists"), ("where", "position.speed:gt:5")], vec!["tram-2"]),
        (vec![("where", "time:gt:1970-01-01T00:00:02Z")], vec!["tram-1", "tram-2"]),
        (vec![("where", "seq:le:1")], vec!["bus-1"]),
        (vec![("where", "key:in:bus-2,tram-2")], vec!["bus-2", "tram-2"]),
        (vec![("prefix", "tram"), ("limit", "1")], vec!["tram-1"]),
        (vec![("prefix", "")], vec!["bus-1", "bus-2", "tram-1", "tram-2"]),
    ] {
        assert_eq!(keys(&of_fleet(&query, &KeySet::All).unwrap()), expected, "{query:?}");
    }
}

#[test]
fn columns_are_chosen_and_the_item_keeps_its_shape() {
    let v = of_fleet(&[("fields", "fuel,position.speed,fuel"), ("prefix", "bus")], &KeySet::All).unwrap();
    assert_eq!(
        v["items"],
        serde_json::json!([
            {"key": "bus-1", "time": 1000, "seq": 1, "position": {"speed": 3}, "fields": {"fuel": 0.2}},
            {"key": "bus-2", "time": 2000, "seq": 2, "fields": {"fuel": 0.9}},
        ])
    );
    let bare = of_fleet(&[("fields", ""), ("keys", "bus-1")], &KeySet::All).unwrap();
    assert_eq!(bare["items"], serde_json::json!([{"key": "bus-1", "time": 1000, "seq": 1}]));
}

#[test]
fn a_field_that_nobody_has_is_an_error_also_where_only_hidden_items_have_it() {
    let trams = KeySet::of(&["tram-2", "bus-2"]).unwrap();
    for (parameter, value) in [("where", "open:eq:true"), ("fields", "fuel,open"), ("group", "open:true")] {
        assert!(of_fleet(&[(parameter, value)], &KeySet::All).is_ok(), "{value}");
        let problem = of_fleet(&[(parameter, value)], &trams).unwrap_err();
        assert_eq!(
            (problem.status, problem.errors[0].code.name(), problem.errors[0].field.as_str()),
            (400, "unknown_field", parameter)
        );
        assert!(
            problem.detail.contains("there are route, fuel") && !problem.detail.contains("time"),
            "{}",
            problem.detail
        );
    }
    let page = ItemsQuery::parse([("where", "any:eq:1")].into_iter()).unwrap();
    let here = Cursor { epoch: Epoch(1), seq: 0 };
    assert!(page.answer(&Items::default(), here, &KeySet::All).is_ok());
    let many = vec![("where", "a:eq:1"); limits::WHERE_CONDITIONS + 1];
    assert_eq!(ItemsQuery::parse(many.into_iter()).unwrap_err().errors[0].field, "where");
}

#[test]
fn f28_who_asks_since_a_cursor_is_told_of_items_that_ended() {
    use crate::scores::control::{Action, Control};
    let mut items = Items::default();
    let event = |key: &str| Event { id: None, key: key.into(), time: Millis(1), position: None, fields: Vec::new() };
    items.apply(&Batch::from_events(&[event("a-1"), event("a-2"), event("b-1")]), 1, |_, _| {});
    let keys = ["a-1", "b-1"].map(str::to_owned).to_vec();
    let end = Control { at: Millis(1), by: "t".into(), what: Action::EndItems { keys } };
    items.control(&end, 4);
    items.apply(&Batch::from_events(&[event("b-1"), event("a-2")]), 5, |_, _| {});
    items.control(&Control { what: Action::EndItems { keys: vec!["b-1".into()] }, ..end.clone() }, 7);
    let cursor = |seq| Cursor { epoch: Epoch(1), seq };
    let ended = |query: &[(&str, &str)], now: u64, keys: &KeySet| {
        let query = ItemsQuery::parse(query.iter().copied()).unwrap();
        let page: Value = serde_json::from_slice(&query.answer(&items, cursor(now), keys).unwrap().body).unwrap();
        page["ended"].clone()
    };
    let all = KeySet::All;
    assert_eq!(ended(&[("since", "e1:3")], 7, &all), json!(["a-1", "b-1"]));
    assert_eq!(ended(&[("since", "e1:4"), ("format", "geojson")], 7, &all), json!(["b-1"]));
    assert_eq!(ended(&[("since", "e1:7")], 7, &all), json!([]));
    assert_eq!(ended(&[("since", "e1:3"), ("after", "0")], 7, &all), Value::Null);
    assert_eq!(ended(&[], 7, &all), Value::Null);
    assert_eq!(ended(&[("since", "e1:3"), ("prefix", "a")], 7, &all), json!(["a-1"]));
    assert_eq!(ended(&[("since", "e1:3"), ("keys", "b-1")], 7, &all), json!(["b-1"]));
    // When an end is forgotten, who was there before it can't be told.
    items.apply(&Batch::from_events(&[event("a-2")]), 8 + limits::RESUME_EVENTS, |_, _| {});
    let restarted = Items::from_snapshot(items.to_snapshot().iter().map(Vec::as_slice)).unwrap();
    let query = ItemsQuery::parse([("since", "e1:3")].into_iter()).unwrap();
    let gone = query.answer(&restarted, cursor(8 + limits::RESUME_EVENTS), &all).unwrap_err();
    assert_eq!((gone.status, gone.code.name()), (410, "cursor_gone"));
    let query = ItemsQuery::parse([("since", "e1:7")].into_iter()).unwrap();
    assert!(query.answer(&restarted, cursor(8 + limits::RESUME_EVENTS), &all).is_ok());
}

#[test]
fn what_is_written_has_the_shape_of_its_type() {
    use crate::api::assert_holds;
    use crate::api::items::{Feature, FeatureCollection, Item, ItemsPage};
    for query in [&[][..], &[("since", "e1:9")], &[("limit", "3")]] {
        assert_holds::<ItemsPage>(&ask(query, &KeySet::All).unwrap());
    }
    let here = Cursor { epoch: Epoch(1), seq: 11 };
    for items in [mixed(), fleet()] {
        let page = |format| {
            let query = ItemsQuery::parse([("format", format)].into_iter()).unwrap();
            serde_json::from_slice::<Value>(&query.answer(&items, here, &KeySet::All).unwrap().body).unwrap()
        };
        assert_holds::<ItemsPage>(&page("json"));
        assert_holds::<FeatureCollection>(&page("geojson"));
    }
    let one = |format| {
        let query = ItemQuery::parse([("format", format)].into_iter()).unwrap();
        serde_json::from_slice::<Value>(&query.answer(&mixed(), "w1", &KeySet::All).unwrap()).unwrap()
    };
    assert_holds::<Item>(&one("json"));
    assert_holds::<Feature>(&one("geojson"));
}
