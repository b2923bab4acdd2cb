//! What `…/items` answers.

use super::*;
use crate::codec::Batch;
use crate::cursor::Epoch;
use crate::event::Event;
use crate::position::Measured;
use crate::time::Millis;

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

fn ask(query: &[(&str, &str)], allowed: &KeyFilter) -> Option<Value> {
    let here = Cursor { epoch: Epoch(1), seq: 11 };
    ItemsQuery::parse(query.iter().copied()).unwrap().answer(&items(), here, allowed)
}

fn keys(answer: &Value) -> Vec<&str> {
    answer["items"].as_array().unwrap().iter().map(|i| i["key"].as_str().unwrap()).collect()
}

#[test]
fn items_are_chosen_by_keys_box_and_cursor_within_the_rights() {
    let all = ask(&[], &KeyFilter::All).unwrap();
    assert_eq!((keys(&all).len(), &all["cursor"], &all["next"]), (10, &"e1:11".into(), &Value::Null));
    assert_eq!(keys(&ask(&[("keys", "k7,k2,,k7,nope")], &KeyFilter::All).unwrap()), ["k2", "k7"]);
    assert_eq!(keys(&ask(&[("bbox", "0,2,2,4.2")], &KeyFilter::All).unwrap()), ["k2", "k3", "k4"]);
    assert_eq!(keys(&ask(&[("since", "e1:9")], &KeyFilter::All).unwrap()), ["k3", "k9"]);
    assert_eq!(keys(&ask(&[("since", "e1:11")], &KeyFilter::All).unwrap()), Vec::<&str>::new());
    let some = KeyFilter::Patterns(["*7".to_owned()].into());
    assert_eq!(keys(&ask(&[("keys", "k7,k2")], &some).unwrap()), ["k7"]);
    assert_eq!(ask(&[("since", "e2:1")], &KeyFilter::All), None);
    assert_eq!(ask(&[("since", "e1:12")], &KeyFilter::All), None);
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
        let page = ask(&query, &KeyFilter::All).unwrap();
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
    let errors: Vec<(&str, &str)> = problem.errors.iter().map(|e| (e.field.as_str(), e.code)).collect();
    assert_eq!(errors[0], ("limit", "invalid_parameter"));
    assert_eq!(errors[2], ("colour", "unknown_parameter"));
    assert_eq!((errors.len(), problem.status), (5, 400));
    let many = vec!["k"; 1_001].join(",");
    assert!(ItemsQuery::parse([("keys", many.as_str())].into_iter()).is_err());
}
