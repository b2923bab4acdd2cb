use super::*;
use crate::event::Event;
use crate::position::Measured;

fn event(key: &str, time: i64, lat: f64, fields: &[(&str, Option<Value>)]) -> Event {
    Event {
        id: None,
        key: key.into(),
        time: Millis(time),
        position: Some(Measured { lat, lon: 1.0, ..Measured::default() }.check().unwrap()),
        fields: fields.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect(),
    }
}

fn apply(items: &mut Items, events: &[Event], first: Seq) -> Vec<Effect> {
    let mut effects = Vec::new();
    items.apply(&Batch::from_events(events), first, |_, e| effects.push(e));
    effects
}

#[test]
fn latest_event_time_wins_and_late_events_change_nothing() {
    let mut items = Items::default();
    let n = |v| Some(Value::Number(v));
    let effects = apply(
        &mut items,
        &[
            event("a", 10, 1.0, &[("x", n(1.0))]),
            event("a", 5, 2.0, &[("x", n(2.0))]),
            event("a", 10, 3.0, &[("y", n(3.0))]),
        ],
        1,
    );
    assert_eq!(effects, [Effect::Changed(ItemId(0)), Effect::Late(ItemId(0)), Effect::Changed(ItemId(0))]);
    let item = items.get(ItemId(0)).unwrap();
    assert_eq!((item.time, item.seq, item.created), (Millis(10), 3, 1));
    assert_eq!(item.position.unwrap().lat_e6, 3_000_000);
    assert_eq!(items.to_json(item, None)["fields"], serde_json::json!({"x": 1, "y": 3}));
}

#[test]
fn changes_since_a_cursor_have_only_what_changed() {
    let mut items = Items::default();
    let n = |v| Some(Value::Number(v));
    apply(&mut items, &[event("a", 1, 1.0, &[("x", n(1.0)), ("y", n(1.0))]), event("b", 1, 1.0, &[])], 1);
    apply(&mut items, &[event("a", 2, 1.0, &[("x", n(1.0)), ("y", n(2.0))])], 3);
    assert_eq!(items.changed_since(2).collect::<Vec<_>>(), [ItemId(0)]);
    assert_eq!(items.changed_since(0).collect::<Vec<_>>(), [ItemId(0), ItemId(1)]);
    assert_eq!(items.changed_since(3).count(), 0);
    let item = items.get(ItemId(0)).unwrap();
    assert_eq!(items.to_json(item, Some(2)), serde_json::json!({"key": "a", "time": 2, "seq": 3, "fields": {"y": 2}}));
    apply(&mut items, &[event("a", 3, 1.0, &[("x", None)])], 4);
    let item = items.get(ItemId(0)).unwrap();
    assert_eq!(items.to_json(item, Some(3))["fields"], serde_json::json!({"x": null}));
    assert_eq!(items.to_json(item, None)["fields"], serde_json::json!({"y": 2}));
}

#[test]
fn a_snapshot_gives_the_same_items() {
    let mut items = Items::default();
    let events: Vec<Event> = (0..5_000)
        .map(|i| {
            let text = Some(Value::Text(format!("t{}", i % 7)));
            event(
                &format!("k{}", i % 4_500),
                i64::from(i),
                1.0,
                &[("t", text), ("n", Some(Value::Number(f64::from(i) / 3.0)))],
            )
        })
        .collect();
    apply(&mut items, &events, 1);
    let parts = items.to_snapshot();
    assert!(parts.len() > 1);
    let copy = Items::from_snapshot(parts.iter().map(Vec::as_slice)).unwrap();
    assert_eq!(copy.len(), 4_500);
    for (id, item) in items.iter() {
        assert_eq!(copy.to_json(copy.get(id).unwrap(), None), items.to_json(item, None));
    }
    let recent: Vec<_> = items.changed_since(4_990).collect();
    assert_eq!(copy.changed_since(4_990).collect::<Vec<_>>(), recent);
    assert!(Items::from_snapshot(parts.iter().skip(1).map(Vec::as_slice)).is_err());
}
