//! Arbitrary things that are valid.

use heliograph_shared::event::Event;
use heliograph_shared::limits;
use heliograph_shared::position::Position;
use heliograph_shared::time::Millis;
use heliograph_shared::value::Value;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

pub fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => (-1_000_000_i64..1_000_000, 0..8_i32).prop_map(|(m, scale)| m as f64 / 10_f64.powi(scale)),
        1 => (-(1_i64 << 53)..1 << 53).prop_map(|m| m as f64),
        1 => any::<f64>().prop_filter("finite", |v| v.is_finite()),
    ]
    // As the border does: there is no negative zero.
    .prop_map(|v| v + 0.0)
}

pub fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => any::<bool>().prop_map(Value::Bool),
        4 => number().prop_map(Value::Number),
        1 => number().prop_map(|v| Value::Number(v.trunc() + 0.0)),
        1 => ".{0,12}".prop_map(Value::Text),
    ]
}

pub fn position() -> impl Strategy<Value = Position> {
    (
        -90_000_000..=90_000_000_i32,
        -180_000_000..=180_000_000_i32,
        option::of(0..36_000_u16),
        option::of(0..10_000_000_u32),
        option::of(-200_000..1_000_000_000_i32),
        option::of(0..500_000_000_u32),
    )
        .prop_map(|(lat_e6, lon_e6, heading_e2, speed_e2, altitude_e1, accuracy_e1)| Position {
            lat_e6,
            lon_e6,
            heading_e2,
            speed_e2,
            altitude_e1,
            accuracy_e1,
        })
}

/// Fields of one event: some of twelve names, each at most once, each of any kind or removed.
fn fields() -> impl Strategy<Value = Vec<(String, Option<Value>)>> {
    vec(option::of(option::of(value())), 0..12).prop_map(|slots| {
        slots.into_iter().enumerate().filter_map(|(i, v)| v.map(|v| (format!("field {i}"), v))).collect()
    })
}

pub fn event() -> impl Strategy<Value = Event> {
    (
        option::of("[a-z0-9é-]{1,20}"),
        prop_oneof![4 => "[a-f][0-9]", 1 => "\\PC{1,30}"],
        limits::TIME_MIN_MILLIS..=limits::TIME_MAX_MILLIS,
        option::of(position()),
        fields(),
    )
        .prop_map(|(id, key, time, position, fields)| Event { id, key, time: Millis(time), position, fields })
}

/// Batches as producers send them: some with ids, some of one shape, some wild.
pub fn events() -> impl Strategy<Value = Vec<Event>> {
    prop_oneof![
        3 => vec(event(), 0..40),
        1 => vec(event(), 1..40).prop_map(|mut events| {
            events.iter_mut().for_each(|e| e.id = None);
            events
        }),
        1 => (vec(value(), 1..5), vec((position(), "[a-c][0-9]"), 1..60)).prop_map(|(values, rows)| {
            let fields: Vec<_> =
                values.into_iter().enumerate().map(|(i, v)| (format!("f{i}"), Some(v))).collect();
            let event = |(i, (p, key)): (usize, (Position, String))| Event {
                id: None,
                key,
                time: Millis(1_772_366_400_000 + i as i64),
                position: Some(p),
                fields: fields.clone(),
            };
            rows.into_iter().enumerate().map(event).collect()
        }),
    ]
}
