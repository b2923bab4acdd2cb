//! Events from what others call their fields: flat objects whose names are well known.

use crate::cell::wholes;
use crate::event::{Loose, RawEvent, RawFields, RawPosition};
use crate::limits;
use crate::problem::{Code, FieldError};
use serde_json::{Map, Number, Value};
use std::borrow::Cow;

/// Metres a second in a knot.
pub(super) const KNOT: f64 = 1_852.0 / 3_600.0;
/// Metres in a foot.
pub(super) const FOOT: f64 = 0.3048;
/// Numbers below this are seconds where seconds and milliseconds are both usual: until the year 5138.
const SECONDS: f64 = 1e11;
/// Whole numbers beyond this are not exact as doubles.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A JSON object.
pub(super) fn object(raw: &str) -> Result<Map<String, Value>, FieldError> {
    // What is beyond 64 bits would be a double before anybody could keep its digits.
    match serde_json::from_str(&wholes::as_text(raw, u64::MAX)) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(FieldError::new("", Code::NotAnObject, "the record is no JSON object")),
        Err(e) => Err(FieldError::new("", Code::InvalidJson, format!("the record is not valid JSON: {e}"))),
    }
}

/// Takes the first of some names out of an object.
pub(super) fn take(object: &mut Map<String, Value>, names: &[&str]) -> Option<Value> {
    let name = names.iter().find(|name| object.get(**name).is_some_and(|v| !v.is_null()))?;
    object.remove(*name)
}

/// A number, also one that is written as text.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(n) => n.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|n: &f64| n.is_finite()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A name: text, or a number as it is written.
pub(super) fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A time of which nobody says whether it is in seconds or milliseconds, or as text.
pub(super) fn time(value: Value) -> Loose<'static> {
    match number(&value) {
        Some(n) if n.abs() < SECONDS => Loose::Number((n * 1_000.0).round()),
        Some(n) => Loose::Number(n),
        None => loose(value),
    }
}

/// Whether a number loses no digit as a double. A whole one is looked at as it is: the first that is not exact becomes one that is.
fn is_exact(n: &Number) -> bool {
    let whole = n.as_u64().or_else(|| n.as_i64().map(i64::unsigned_abs));
    match whole {
        Some(whole) => whole <= wholes::EXACT,
        None => n.as_f64().is_some_and(|v| v.fract() != 0.0 || v.abs() <= EXACT),
    }
}

/// A value as an event has it; what is nested as JSON text.
pub(super) fn loose(value: Value) -> Loose<'static> {
    match value {
        Value::Null => Loose::Null,
        Value::Bool(b) => Loose::Bool(b),
        Value::Number(n) => match n.as_f64().filter(|_| is_exact(&n)) {
            Some(v) => Loose::Number(v),
            // Every digit of it counts.
            None => Loose::Text(n.to_string().into()),
        },
        Value::String(text) => Loose::Text(text.into()),
        Value::Array(_) | Value::Object(_) => Loose::Text(value.to_string().into()),
    }
}

/// What of an object is left, as fields; the members of an object in it are named behind its name.
pub(super) fn fields(object: Map<String, Value>) -> RawFields<'static> {
    let mut fields = RawFields::new();
    for (name, value) in object {
        match value {
            Value::Null => {}
            Value::Object(inner) => {
                fields.extend(
                    inner
                        .into_iter()
                        .filter(|(_, v)| !v.is_null())
                        .map(|(member, value)| (Cow::from(format!("{name}.{member}")), loose(value))),
                );
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                fields.push((name.into(), loose(value)));
            }
        }
    }
    fields
}

/// The same of which at most so many are kept as an event may have: what a feed adds must not cost a position.
pub(super) fn some_fields(object: Map<String, Value>) -> RawFields<'static> {
    kept(fields(object))
}

/// Fields of which at most so many are kept as an event may have.
pub(super) fn kept(mut fields: RawFields<'static>) -> RawFields<'static> {
    fields.retain(|(name, value)| {
        let is_short = !matches!(value, Loose::Text(t) if t.len() > limits::TEXT_VALUE_BYTES);
        is_short && (1..=limits::FIELD_NAME_BYTES).contains(&name.len()) && !name.chars().any(char::is_control)
    });
    fields.truncate(limits::FIELDS_PER_EVENT);
    fields
}

/// A position of numbers: `lat`, `lon`, `heading`, `speed`, `altitude`, `accuracy`.
pub(super) fn position(parts: [Option<f64>; 6]) -> RawPosition<'static> {
    RawPosition { parts: parts.map(|part| part.map(Loose::Number)), unknown: None }
}

/// What others call the parts of a position, the better names first.
const PARTS: [&[&str]; 6] = [
    &["lat", "latitude"],
    &["lon", "lng", "longitude"],
    &["heading", "bearing", "course"],
    &["speed"],
    &["altitude", "alt"],
    &["accuracy"],
];

/// Takes a position out of a flat object; none where either coordinate is missing.
pub(super) fn flat_position(object: &mut Map<String, Value>) -> Option<RawPosition<'static>> {
    // Objects have few members: one look at each is less than to ask for every name.
    let mut best: [Option<usize>; 6] = [None; 6];
    for (name, value) in &*object {
        let is_name = |names: &[&str]| names.iter().position(|one| *one == name.as_str());
        let found = PARTS.iter().zip(&mut best).find_map(|(&names, best)| Some((is_name(names)?, best)));
        if let Some((rank, best)) = found
            && best.is_none_or(|other| rank < other)
            && number(value).is_some()
        {
            *best = Some(rank);
        }
    }
    let [Some(_), Some(_), ..] = best else { return None };
    let mut parts = [None; 6];
    for ((names, best), part) in PARTS.iter().zip(best).zip(&mut parts) {
        let name = best.and_then(|rank| names.get(rank));
        *part = name.and_then(|name| object.remove(*name)).as_ref().and_then(number);
    }
    Some(position(parts))
}

/// An event from a flat object: its key, its time, its position, and what is left as fields.
pub(super) fn flat(mut object: Map<String, Value>, key_name: &str) -> RawEvent<'static> {
    let key = take(&mut object, &[key_name, "key"]).map(loose);
    let time = take(&mut object, &["time", "timestamp", "ts"]).map(time);
    let position = flat_position(&mut object).map(Ok);
    RawEvent { key, time, position, fields: Some(Ok(fields(object))), ..RawEvent::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_position_is_taken_by_the_best_name_that_has_a_number_and_what_is_left_are_fields() {
        let taken = |value: Value| {
            let Value::Object(mut object) = value else { panic!("an object") };
            let position = flat_position(&mut object);
            let part = |part: &Option<Loose<'_>>| match part {
                Some(Loose::Number(n)) => Some(*n),
                _ => None,
            };
            (position.map(|p| p.parts.each_ref().map(part)), Value::Object(object))
        };
        let all = json!({"latitude": 1, "lat": "2.5", "lng": 3, "longitude": 4, "course": 5, "bearing": null, "speed": 6, "alt": 7, "n": 8});
        let parts = [Some(2.5), Some(3.0), Some(5.0), Some(6.0), Some(7.0), None];
        assert_eq!(taken(all), (Some(parts), json!({"latitude": 1, "longitude": 4, "bearing": null, "n": 8})));
        let other = json!({"lat": "north", "latitude": 1, "lon": 2});
        let parts = [Some(1.0), Some(2.0), None, None, None, None];
        assert_eq!(taken(other), (Some(parts), json!({"lat": "north"})));
        for none in [json!({"lat": 1, "speed": 2}), json!({"lat": 1, "lon": "x"}), json!({})] {
            assert_eq!(taken(none.clone()), (None, none));
        }
    }
}
