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

fn end(items: &mut Items, keys: &[&str], seq: Seq) {
    let what = crate::scores::control::Action::EndItems { keys: keys.iter().map(|k| (*k).to_owned()).collect() };
    items.control(&crate::scores::control::Control { at: Millis(0), by: "t".into(), what }, seq);
}

#[test]
fn f28_an_item_that_ended_is_gone_and_who_resumes_hears_of_it() {
    let mut items = Items::default();
    let n = |v| Some(Value::Number(v));
    apply(&mut items, &[event("a", 1, 1.0, &[("x", n(1.0))]), event("b", 1, 1.0, &[]), event("c", 1, 1.0, &[])], 1);
    let before = items.bytes();
    end(&mut items, &["a", "nobody", "c"], 4);
    assert_eq!((items.len(), items.find("a"), items.get(ItemId(0))), (1, None, None));
    assert_eq!(items.iter().map(|(id, _)| id).collect::<Vec<_>>(), [ItemId(1)]);
    assert_eq!(items.changed_since(0).collect::<Vec<_>>(), [ItemId(1)]);
    assert_eq!(items.ended_since(3), [ItemId(0), ItemId(2)]);
    assert_eq!((items.ended_since(4), items.key_of(ItemId(2))), (Vec::new(), Some("c")));
    assert!(items.bytes() < before);
    // It begins anew under its number, with nothing of what it had.
    apply(&mut items, &[event("a", 0, 2.0, &[("y", n(2.0))])], 5);
    let item = items.get(ItemId(0)).unwrap();
    assert_eq!((item.created, items.ended_since(0).as_slice()), (5, &[ItemId(2)][..]));
    assert_eq!(items.to_json(item, None)["fields"], serde_json::json!({"y": 2}));
    assert_eq!(items.to_json(item, Some(0))["fields"], serde_json::json!({"x": null, "y": 2}));
}

#[test]
fn f1_who_merges_is_told_that_an_item_that_began_anew_has_no_position() {
    let mut items = Items::default();
    apply(&mut items, &[event("a", 1, 1.0, &[]), event("b", 1, 1.0, &[])], 1);
    end(&mut items, &["a"], 3);
    let mut placeless = event("a", 2, 1.0, &[]);
    placeless.position = None;
    apply(&mut items, &[placeless], 4);
    let item = items.get(ItemId(0)).unwrap();
    let told = items.to_json(item, Some(1));
    assert_eq!((told.get("position"), item.position_seq), (Some(&serde_json::Value::Null), 3));
    assert_eq!(items.to_json(item, None).get("position"), None);
    // To who knows that already, and of an item that never had one, nothing is said.
    assert_eq!(items.to_json(item, Some(3)).get("position"), None);
    let mut never = event("c", 2, 1.0, &[]);
    never.position = None;
    apply(&mut items, &[never], 5);
    assert_eq!(items.to_json(items.get(ItemId(2)).unwrap(), Some(0)).get("position"), None);
}

#[test]
fn f28_what_is_left_of_an_end_goes_when_nobody_can_resume_before_it() {
    let mut items = Items::default();
    apply(&mut items, &[event("a", 1, 1.0, &[]), event("b", 1, 1.0, &[])], 1);
    end(&mut items, &["a"], 3);
    apply(&mut items, &[event("b", 2, 1.0, &[])], 3 + limits::RESUME_EVENTS);
    assert_eq!(items.key_of(ItemId(0)), Some("a"));
    apply(&mut items, &[event("b", 3, 1.0, &[])], 4 + limits::RESUME_EVENTS);
    assert_eq!((items.key_of(ItemId(0)), items.ended_since(0)), (None, Vec::new()));
    // Its number is nobody's: no list of keys that knew it is shown another key.
    apply(&mut items, &[event("a", 4, 1.0, &[])], 5 + limits::RESUME_EVENTS);
    assert_eq!(items.find("a"), Some(ItemId(2)));
    let parts = items.to_snapshot();
    let copy = Items::from_snapshot(parts.iter().map(Vec::as_slice)).unwrap();
    assert!(copy.iter().map(|(id, i)| (id, i.key())).eq(items.iter().map(|(id, i)| (id, i.key()))));
    assert_eq!(copy.next_id(), ItemId(3));
}

#[test]
fn f28_keys_that_end_do_not_fill_the_board() {
    let mut items = Items::default();
    let mut seq = 1;
    for round in 0..5 {
        let keys: Vec<String> = (0..60_000).map(|i| format!("trip-{round}-{i}")).collect();
        for some in keys.chunks(10_000) {
            let events: Vec<Event> = some.iter().map(|k| event(k, 1, 1.0, &[])).collect();
            assert!(items.room_for(10_000, 0).is_ok());
            apply(&mut items, &events, seq);
            seq += 10_000;
        }
        for some in keys.chunks(limits::ITEMS_ENDED_AT_ONCE) {
            end(&mut items, &some.iter().map(String::as_str).collect::<Vec<_>>(), seq);
            seq += 1;
        }
        let copy = Items::from_snapshot(items.to_snapshot().iter().map(Vec::as_slice)).unwrap();
        assert_eq!((copy.len(), copy.ended_since(0).len()), (0, items.ended_since(0).len()));
        assert!(items.ended_since(0).len() <= 180_000);
    }
    assert_eq!((items.len(), items.bytes()), (0, 0));
}

#[test]
fn f5_items_weigh_the_same_after_a_restart_and_a_heavy_board_is_full() {
    let mut items = Items::default();
    let text = |n: usize| Some(Value::Text("x".repeat(n)));
    apply(
        &mut items,
        &[event("a", 1, 1.0, &[("t", text(900)), ("u", text(5))]), event("b", 1, 1.0, &[("u", None)])],
        1,
    );
    apply(&mut items, &[event("a", 2, 1.0, &[("t", text(10)), ("u", None)])], 3);
    let copy = Items::from_snapshot(items.to_snapshot().iter().map(Vec::as_slice)).unwrap();
    assert_eq!(copy.bytes(), items.bytes());
    assert_eq!(items.bytes(), 2 * (96 + 1 + 1) + (9 + 2 + 10) + 9);
    let more = event("a", 3, 1.0, &[("t", text(30))]);
    assert_eq!(items.growth(&Batch::from_events(&[more]), 0), 20);
    assert_eq!(items.room_for_bytes(limits::ITEMS_BYTES_PER_BOARD).unwrap_err().code, "board_full");
    assert!(items.room_for_bytes(1_000).is_ok());
}

#[test]
fn f28_what_was_heard_of_longest_ago_is_found_and_late_events_are_heard_of() {
    let mut items = Items::default();
    apply(&mut items, &[event("a", 9, 1.0, &[]), event("b", 9, 1.0, &[]), event("c", 9, 1.0, &[])], 1);
    assert_eq!(items.longest_unheard(), Some(1));
    assert_eq!(apply(&mut items, &[event("a", 5, 1.0, &[])], 4), [Effect::Late(ItemId(0))]);
    let unheard = |items: &Items, seq| items.unheard_since(seq).map(|i| i.key().to_owned()).collect::<Vec<_>>();
    assert_eq!((items.longest_unheard(), unheard(&items, 3)), (Some(2), vec!["b".to_owned(), "c".to_owned()]));
    let copy = Items::from_snapshot(items.to_snapshot().iter().map(Vec::as_slice)).unwrap();
    assert_eq!((copy.longest_unheard(), unheard(&copy, 3)), (Some(2), vec!["b".to_owned(), "c".to_owned()]));
    apply(&mut items, &[event("b", 9, 1.0, &[]), event("c", 9, 1.0, &[])], 5);
    assert_eq!((items.longest_unheard(), unheard(&items, 4)), (Some(4), vec!["a".to_owned()]));
    end(&mut items, &["a"], 7);
    assert_eq!(items.longest_unheard(), Some(5));
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
        fn f28_items_are_what_the_last_event_of_each_field_said_since_their_end(
            batches in vec((events(), vec(0..6_u8, 0..3)), 1..8),
            restart in any::<bool>(),
        ) {
            let (mut items, mut seq) = (Items::default(), 1);
            let mut model: BTreeMap<String, Plain> = BTreeMap::new();
            for (batch, ends) in batches {
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
                for key in ends {
                    let key = format!("k{key}");
                    end(&mut items, &[&key], seq);
                    model.remove(&key);
                    seq += 1;
                }
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
                    fields: item
                        .fields()
                        .map(field)
                        // What it had before its end is told as removed.
                        .filter(|(name, (_, value))| value.is_some() || model[item.key()].fields.contains_key(name))
                        .collect(),
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
