//! A narrowed copy is what the items would be had what is hidden never been sent.

use super::*;
use crate::codec::Batch;
use crate::position::Measured;
use crate::time::Millis;
use crate::value::Value;
use crate::zones::Zone;
use proptest::prelude::*;

const FIELDS: [&str; 4] = ["fuel", "note", "load", "customer"];

pub(crate) fn hiding(fields: &[&str]) -> Conditions {
    Conditions { hidden_fields: Some(fields.iter().map(|f| (*f).to_owned()).collect()), ..Conditions::default() }
}

pub(crate) fn narrowed(whole: &[&str], parts: &[(&[&str], Conditions)]) -> Narrowed {
    let parts = parts.iter().map(|(keys, conditions)| (KeySet::of(keys).unwrap(), conditions.clone()));
    Narrowed { whole: KeySet::of(whole).unwrap(), parts: parts.collect() }
}

fn event() -> impl Strategy<Value = Event> {
    let value = prop_oneof![1 => Just(None), 3 => (0_u8..4).prop_map(|n| Some(Value::Number(f64::from(n))))];
    let fields = prop::collection::btree_map(prop::sample::select(FIELDS.to_vec()), value, 0..4);
    ("[abk]", 0_i64..50, fields).prop_map(|(key, time, fields)| Event {
        id: None,
        key,
        time: Millis(time),
        position: None,
        fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    })
}

fn items(events: &[Event]) -> Items {
    let mut items = Items::default();
    for (i, event) in events.iter().enumerate() {
        items.apply(&Batch::from_events(std::slice::from_ref(event)), i as Seq + 1, |_, _| {});
    }
    items
}

fn texts(items: &Items) -> Vec<String> {
    let mut all: Vec<String> = items.iter().map(|(_, i)| items.to_json(i, None).to_string()).collect();
    all.sort();
    all
}

proptest! {
    #[test]
    fn a_copy_has_nothing_of_what_is_hidden(
        events in prop::collection::vec(event(), 0..30),
        first in prop::sample::subsequence(FIELDS.to_vec(), 1..=3),
        second in prop::sample::subsequence(FIELDS.to_vec(), 1..=3),
    ) {
        // One key is seen whole, one as two grants show it, the third by one of these.
        let lens = Lens::new(Some(&narrowed(&["k"], &[(&["a", "b"], hiding(&first)), (&["b"], hiding(&second))])), Zones::default());
        let shows = |key: &str, field: &str| match key {
            "k" => true,
            "a" => !first.contains(&field),
            _ => !first.contains(&field) || !second.contains(&field),
        };
        let less: Vec<Event> = events.iter().cloned().map(|mut e| {
            let key = e.key.clone();
            e.fields.retain(|(name, _)| shows(&key, name));
            e
        }).collect();
        let (full, model) = (items(&events), items(&less));
        let copy = lens.copy(&full);
        prop_assert_eq!(texts(&copy), texts(&model));
        for name in FIELDS.iter().filter(|name| copy.knows_field(name)) {
            prop_assert!(model.knows_field(name), "{} is the name of a hidden field", name);
        }
        for (event, less) in events.iter().zip(&less) {
            prop_assert_eq!(lens.event(event.clone()), Some(less.clone()));
        }
    }
}

#[test]
fn keys_without_a_grant_are_not_there() {
    let lens = Lens::new(Some(&narrowed(&[], &[(&["a"], hiding(&["fuel"]))])), Zones::default());
    let of = |key: &str| Event { id: None, key: key.into(), time: Millis(1), position: None, fields: Vec::new() };
    let events = [of("a"), of("b")];
    let copy = lens.copy(&items(&events));
    assert!(copy.find("a").is_some() && copy.find("b").is_none());
    assert_eq!(lens.event(events[1].clone()), None);
}

fn placed(key: &str, time: i64, place: (f64, f64), n: f64) -> Event {
    let measured = Measured { lat: place.0, lon: place.1, speed: Some(3.0), heading: Some(9.0), ..Measured::default() };
    let fields = vec![("n".to_owned(), Some(Value::Number(n)))];
    Event { id: None, key: key.into(), time: Millis(time), position: measured.check().ok(), fields }
}

#[test]
fn only_items_that_meet_the_conditions_now_are_there() {
    let only = Conditions { wheres: Some(vec!["n:ge:2".into(), "n:lt:4".into()]), ..Conditions::default() };
    let lens = Lens::new(Some(&narrowed(&["whole"], &[(&["*"], only)])), Zones::default());
    let events = [("a", 1.0), ("b", 2.0), ("c", 3.0), ("d", 4.0), ("whole", 9.0), ("c", 5.0), ("a", 2.0)];
    let events: Vec<Event> = events.iter().map(|(key, n)| placed(key, 1, (0.0, 0.0), *n)).collect();
    let copy = lens.copy(&items(&events));
    let mut keys: Vec<&str> = copy.iter().map(|(_, item)| item.key()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["a", "b", "whole"]);
    // Which of the others it had is not known: who asks what changed has to begin anew.
    assert!(!copy.knows_ends_since(6) && copy.knows_ends_since(7));
}

#[test]
fn a_coarse_position_is_the_middle_of_its_cell_and_says_no_more() {
    let at = |decimals: u8, lat: f64, lon: f64| {
        let p = Measured { lat, lon, altitude: Some(3.0), accuracy: Some(1.0), ..Measured::default() }.check().unwrap();
        let coarse = p.coarse(decimals);
        assert_eq!((coarse.coarse(decimals), coarse.altitude(), coarse.accuracy()), (coarse, None, None));
        (coarse.lat(), coarse.lon())
    };
    assert_eq!(at(2, 52.123_456, 13.654_321), (52.12, 13.65));
    assert_eq!(at(2, 52.125, 13.655), (52.13, 13.66));
    assert_eq!(at(2, -33.868_8, -0.004_9), (-33.87, 0.0));
    assert_eq!(at(0, -89.9, 179.6), (-90.0, 180.0));
    // The cell across ±180° is one: nobody is told on which side of it something is.
    assert_eq!(at(0, -89.9, -179.6), (-90.0, 180.0));
    assert_eq!(at(5, 1.000_004, 1.000_006), (1.0, 1.000_01));
}

#[test]
fn conditions_of_a_grant_find_out_no_more_of_a_place_than_a_zone_shows() {
    let only = Conditions { wheres: Some(vec!["position.lat:lt:50.05".into()]), ..Conditions::default() };
    let zone = Zone { center: Some([10.0, 50.0]), radius_m: Some(50_000.0), ..Zone::default() };
    let lens = Lens::new(Some(&narrowed(&[], &[(&["*"], only)])), Zones::of(&[zone]));
    let full = items(&[placed("in", 1, (50.0, 10.0), 1.0), placed("out", 1, (40.0, 10.0), 1.0)]);
    let keys: Vec<String> = lens.copy(&full).iter().map(|(_, i)| i.key().to_owned()).collect();
    assert_eq!(keys, ["out"]);
    let full = items(&[placed("in", 1, (50.1, 10.0), 1.0)]);
    assert!(lens.copy(&full).is_empty());
}

#[test]
fn in_a_zone_nothing_is_told_by_a_position_in_items_or_events_or_series() {
    let zone = Zone { center: Some([10.0, 50.0]), radius_m: Some(50_000.0), ..Zone::default() };
    let coarse = Conditions { precision: Some(1), ..Conditions::default() };
    for narrowed in [None, Some(narrowed(&["*"], &[])), Some(narrowed(&[], &[(&["*"], coarse)]))] {
        let lens = Lens::new(narrowed.as_ref(), Zones::of(std::slice::from_ref(&zone)));
        let events = [placed("a", 1, (50.123_456, 10.0), 1.0), placed("b", 1, (40.0, 10.0), 1.0)];
        let seen = events.clone().map(|event| lens.event(event).unwrap().position.map(|p| p.lat()));
        assert_eq!(seen, [None, Some(40.0)]);
        let copy = lens.copy(&items(&events));
        let item = |key: &str| copy.get(copy.find(key).unwrap()).unwrap().position().map(|p| p.lat());
        assert_eq!((item("a"), item("b")), (None, Some(40.0)));
        assert!(!lens.shows("b", "position.speed") && lens.zones_hide("position.altitude") && lens.shows("b", "n"));
    }
}

#[test]
fn what_moves_within_a_cell_does_not_move() {
    let lens = Lens::new(
        Some(&narrowed(&[], &[(&["*"], Conditions { precision: Some(1), ..Conditions::default() })])),
        Zones::default(),
    );
    let full = items(&[placed("a", 1, (52.11, 13.1), 1.0)]);
    let mut copy = lens.copy(&full);
    let later = |lat: f64, seq: Seq, copy: &mut Items| {
        let mut full = full.clone();
        full.apply(&Batch::from_events(&[placed("a", 2, (lat, 13.1), 2.0)]), seq, |_, _| {});
        let (_, item) = full.iter().next().unwrap();
        lens.take(copy, &full, item, seq);
        let (_, item) = copy.iter().next().unwrap();
        assert_eq!(item.position().and_then(|p| p.speed().or(p.heading())), None);
        (item.position().unwrap().lat(), item.position_seq)
    };
    assert_eq!(later(52.14, 2, &mut copy), (52.1, 1));
    assert_eq!(later(52.16, 3, &mut copy), (52.2, 3));
}

#[test]
fn history_is_shown_between_two_times_of_one_grant() {
    let between = |from, to| Conditions { history_from: from, history_to: to, ..Conditions::default() };
    let early = (&["a"][..], between(None, Some(Millis(10))));
    let late = (&["a", "b"][..], between(Some(Millis(20)), Some(Millis(30))));
    let lens = Lens::new(Some(&narrowed(&["whole"], &[early, late])), Zones::default());
    let seen = |key: &str, time: i64| lens.event(placed(key, time, (0.0, 0.0), 1.0)).is_some();
    for (time, a, b) in [
        (9, true, false),
        (10, false, false),
        (19, false, false),
        (20, true, true),
        (29, true, true),
        (30, false, false),
    ] {
        assert_eq!((seen("a", time), seen("b", time), seen("whole", time)), (a, b, true), "{time}");
    }
    let spans = |key, from, to| lens.spans(key, None, Millis(from), Millis(to));
    assert!(
        spans(Some("a"), 0, 10) && spans(Some("a"), 20, 30) && !spans(Some("a"), 5, 25) && !spans(Some("a"), 20, 31)
    );
    assert!(!spans(Some("b"), 0, 10) && spans(Some("b"), 20, 30) && spans(Some("whole"), 0, 99));
    assert!(!spans(None, 0, 10) && !spans(None, 20, 30), "of several items all have to be shown");
}

#[test]
fn a_condition_that_is_not_kept_shows_nothing() {
    let odd = [
        Conditions { delay_s: Some(1), ..Conditions::default() },
        Conditions { rate: Some(0), ..Conditions::default() },
        Conditions { wheres: Some(vec!["n".into()]), ..Conditions::default() },
    ];
    for conditions in odd {
        let lens = Lens::new(Some(&narrowed(&[], &[(&["*"], conditions.clone())])), Zones::default());
        let event = placed("a", 1, (0.0, 0.0), 1.0);
        assert!(
            lens.copy(&items(std::slice::from_ref(&event))).is_empty() && lens.event(event).is_none(),
            "{conditions:?}"
        );
    }
}
