use super::*;
use crate::event::Event;
use crate::position::Measured;
use crate::value::Value;

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
    assert_eq!(item.position().unwrap().lat_e6, 3_000_000);
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

mod model {
    //! Items against a naive model: a list of fields by name for each key.

    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[derive(Clone, Debug, Default, PartialEq)]
    struct Plain {
        time: i64,
        seq: Seq,
        created: Seq,
        fields: BTreeMap<String, (Seq, Option<Value>)>,
    }

    fn value() -> impl Strategy<Value = Option<Value>> {
        prop_oneof![
            Just(None),
            any::<bool>().prop_map(|b| Some(Value::Bool(b))),
            (0..3_i32).prop_map(|n| Some(Value::Number(f64::from(n)))),
            "[aä]{0,3}".prop_map(|t| Some(Value::Text(t))),
        ]
    }

    fn events() -> impl Strategy<Value = Vec<(u8, i64, BTreeMap<u8, Option<Value>>)>> {
        vec((0..6_u8, 0..50_i64, proptest::collection::btree_map(0..8_u8, value(), 0..5)), 1..40)
    }

    proptest! {
        #[test]
        fn items_are_what_the_last_event_of_each_field_said(batches in vec(events(), 1..8), restart in any::<bool>()) {
            let (mut items, mut seq) = (Items::default(), 1);
            let mut model: BTreeMap<String, Plain> = BTreeMap::new();
            for batch in batches {
                let batch: Vec<Event> = batch
                    .into_iter()
                    .map(|(key, time, fields)| {
                        let fields: Vec<_> = fields.into_iter().map(|(f, v)| (format!("f{f}"), v)).collect();
                        Event { id: None, key: format!("k{key}"), time: Millis(time), position: None, fields }
                    })
                    .collect();
                apply(&mut items, &batch, seq);
                for (seq, e) in (seq..).zip(&batch) {
                    let item = model
                        .entry(e.key.clone())
                        .or_insert_with(|| Plain { time: i64::MIN, seq, created: seq, ..Plain::default() });
                    if e.time.0 < item.time {
                        continue;
                    }
                    (item.time, item.seq) = (e.time.0, seq);
                    for (name, value) in &e.fields {
                        match item.fields.get_mut(name) {
                            Some(known) if known.1 == *value => {}
                            Some(known) => *known = (seq, value.clone()),
                            None if value.is_none() => {}
                            None => drop(item.fields.insert(name.clone(), (seq, value.clone()))),
                        }
                    }
                }
                seq += batch.len() as u64;
            }
            if restart {
                items = Items::from_snapshot(items.to_snapshot().iter().map(Vec::as_slice)).unwrap();
                for item in model.values_mut() {
                    // Which field changed when is not kept.
                    item.fields.values_mut().for_each(|f| f.0 = item.seq);
                }
            }
            prop_assert_eq!(items.len(), model.len());
            for (_, item) in items.iter() {
                let field = |f: FieldState<'_>| (items.field_name(f.id).to_owned(), (f.seq, f.value.to_value()));
                let found = Plain {
                    time: item.time.0,
                    seq: item.seq,
                    created: item.created,
                    fields: item.fields().map(field).collect(),
                };
                prop_assert_eq!(&found, &model[item.key()]);
                prop_assert_eq!(items.find(item.key()).and_then(|id| items.get(id)), Some(item));
            }
            let mut changed: Vec<Seq> = model.values().map(|i| i.seq).collect();
            changed.sort_unstable_by(|a, b| b.cmp(a));
            let told: Vec<Seq> = items.changed_since(0).filter_map(|id| Some(items.get(id)?.seq)).collect();
            prop_assert_eq!(told, changed);
        }
    }
}
