//! OsmAnd and Traccar Client: positions in an address, in a form, or as JSON, in all three generations.
//!
//! They send the same position again, and nothing else, until it is answered 2xx; a body in the answer would be taken for
//! a command.

use super::answer::{Reply, is_poison};
use super::draft::{KNOT, loose, name, number, object, position, some_fields, take, time};
use super::{Arrived, Envelope, Slice};
use crate::cell::reported_number;
use crate::event::{Loose, RawEvent};
use crate::ingest::IngestAnswer;
use crate::problem::{FieldError, Problem};
use crate::value::number_json;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Positions by the names that OsmAnd gave them.
pub(super) struct OsmAnd;

impl Envelope for OsmAnd {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        let text = String::from_utf8_lossy(arrived.body);
        let body = text.trim();
        if body.starts_with(['{', '[']) {
            return Ok(match serde_json::from_str::<Value>(body) {
                Ok(Value::Array(all)) => all.into_iter().map(|one| slice(one.to_string().into())).collect(),
                Ok(_) | Err(_) => vec![slice(text)],
            });
        }
        let mut pairs: Map<String, Value> = Map::new();
        for part in [arrived.query, body] {
            for (name, value) in form_urlencoded::parse(part.as_bytes()) {
                pairs.insert(name.into_owned(), Value::String(value.into_owned()));
            }
        }
        Ok(if pairs.is_empty() { Vec::new() } else { vec![slice(Value::Object(pairs).to_string().into())] })
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, _: &str) -> Result<RawEvent<'s>, FieldError> {
        let object = object(&slice.raw)?;
        Ok(if object.get("location").is_some_and(Value::is_object) { ninth(object) } else { flat(object) })
    }

    fn answer(&self, _: &Arrived<'_>, _: &[Slice<'_>], outcome: Result<&IngestAnswer, &Problem>) -> Reply {
        match outcome {
            Err(problem) if !is_poison(problem) => Reply::patient(problem),
            Ok(_) | Err(_) => Reply { status: 200, kind: "text/plain", body: Vec::new(), retry_after_s: None },
        }
    }
}

/// A position with an id: which device, and when.
fn slice(raw: Cow<'_, str>) -> Slice<'_> {
    let text = |value: Option<&Value>| value.and_then(name);
    let id = object(&raw).ok().and_then(|o| {
        let device = text(o.get("id").or_else(|| o.get("deviceid")).or_else(|| o.get("device_id")))?;
        let at = text(o.get("timestamp").or_else(|| o.get("location")?.get("timestamp")))?;
        // A heartbeat or an alarm of the same second is another event than the position.
        let what = text(o.get("alarm")).map_or_else(String::new, |alarm| format!(" {alarm}"));
        let place = if o.contains_key("lat") || o.contains_key("location") { "" } else { " -" };
        Some(format!("{device}@{at}{what}{place}"))
    });
    Slice { id: id.filter(|id| crate::id::check_event_id(id).is_ok()), ..Slice::new(raw) }
}

/// A value of a form: a number, where it is one.
fn typed(value: Value) -> Value {
    match &value {
        Value::String(text) => match text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            text => reported_number(text).map_or(value, number_json),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value,
    }
}

/// Generations 1 and 3: flat names, speed in knots.
fn flat(mut object: Map<String, Value>) -> RawEvent<'static> {
    let key = take(&mut object, &["id", "deviceid"]).and_then(|v| name(&v)).map(|key| Loose::Text(key.into()));
    let at = take(&mut object, &["timestamp"]).map(when);
    let mut part = |names: &[&str]| take(&mut object, names).as_ref().and_then(number);
    let (mut lat, mut lon) = (part(&["lat"]), part(&["lon"]));
    let speed = part(&["speed"]).filter(|v| *v >= 0.0).map(|knots| knots * KNOT);
    let rest = [part(&["bearing", "heading"]).filter(|v| *v >= 0.0), speed, part(&["altitude"]), part(&["accuracy"])];
    if lat.is_none()
        && let Some((a, b)) = object.get("location").and_then(Value::as_str).and_then(|text| text.split_once(','))
    {
        (lat, lon) = (a.trim().parse().ok(), b.trim().parse().ok());
        object.remove("location");
    }
    let object = object.into_iter().map(|(name, value)| (name, typed(value))).collect();
    event(key, at, [lat, lon, rest[0], rest[1], rest[2], rest[3]], object)
}

/// Generation 2: a location with coordinates, speed in metres a second, −1 where nothing is known.
fn ninth(mut object: Map<String, Value>) -> RawEvent<'static> {
    let key = take(&mut object, &["device_id"]).and_then(|v| name(&v)).map(|key| Loose::Text(key.into()));
    let mut location = match object.remove("location") {
        Some(Value::Object(location)) => location,
        _ => Map::new(),
    };
    let at = take(&mut location, &["timestamp"]).map(when);
    let mut coords = match location.remove("coords") {
        Some(Value::Object(coords)) => coords,
        _ => Map::new(),
    };
    let mut part = |name: &str| coords.remove(name).as_ref().and_then(number);
    let known = |v: Option<f64>| v.filter(|v| *v >= 0.0);
    let (lat, lon) = (part("latitude"), part("longitude"));
    let parts = [lat, lon, known(part("heading")), known(part("speed")), part("altitude"), known(part("accuracy"))];
    location.remove("_");
    if let Some(battery) = location.get_mut("battery").and_then(Value::as_object_mut)
        && battery.get("level").and_then(number).is_some_and(|level| level < 0.0)
    {
        battery.remove("level");
    }
    event(key, at, parts, location)
}

/// A time as one of the four ways to write it.
fn when(value: Value) -> Loose<'static> {
    match &value {
        // "2026-03-01 12:00:00" is UTC, as without a zone everywhere.
        Value::String(text) if text.len() == 19 && text.contains(' ') => Loose::Text(text.replacen(' ', "T", 1).into()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            time(value)
        }
    }
}

fn event(
    key: Option<Loose<'static>>,
    time: Option<Loose<'static>>,
    parts: [Option<f64>; 6],
    fields: Map<String, Value>,
) -> RawEvent<'static> {
    // A fix without coordinates is one that says something else.
    let is_somewhere = parts[0].is_some() || parts[1].is_some();
    let position = is_somewhere.then(|| Ok(position(parts)));
    RawEvent {
        key: key.or_else(|| Some(loose(Value::Null))),
        time,
        position,
        fields: Some(Ok(some_fields(fields))),
        ..RawEvent::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use crate::problem::Code;
    use serde_json::json;

    #[test]
    fn the_first_generation_sends_an_address_and_knots() {
        let query = "id=80214455&lat=30.25&lon=-97.75&timestamp=1772366400&speed=10&bearing=90&altitude=160&accuracy=8&batt=79.5&charge=true";
        let (events, refused) = Sent::new(&[], query, "").events(EnvelopeName::Auto);
        assert!(refused.is_empty(), "{refused:?}");
        assert_eq!(events[0]["position"]["speed"], 5.14);
        assert_eq!(events[0]["fields"], json!({"batt": 79.5, "charge": true}));
        assert_eq!(
            (&events[0]["key"], &events[0]["id"], &events[0]["time"]),
            (&json!("80214455"), &json!("80214455@1772366400"), &json!(1_772_366_400_000_i64))
        );
    }

    #[test]
    fn what_a_parameter_says_is_a_number_unless_it_is_a_name_made_of_digits() {
        let query = "id=1&timestamp=1772366400&batt=87.0&hex=3e0012&code=007&serial=9007199254740993&n=-5";
        let (events, _) = Sent::new(&[], query, "").events(EnvelopeName::Osmand);
        assert_eq!(
            events[0]["fields"],
            json!({"batt": 87, "hex": "3e0012", "code": "007", "serial": "9007199254740993", "n": -5})
        );
    }

    #[test]
    fn a_time_is_read_in_each_way_to_write_it() {
        for at in
            ["1772366400", "1772366400000", "2026-03-01T12:00:00Z", "2026-03-01+12:00:00", "2026-03-01%2012:00:00"]
        {
            let (events, refused) =
                Sent::new(&[], &format!("deviceid=a&location=1.5,2.5&timestamp={at}"), "").events(EnvelopeName::Osmand);
            assert_eq!((events.len(), &refused), (1, &vec![]), "{at}");
            assert_eq!(
                (&events[0]["time"], &events[0]["position"]),
                (&json!(1_772_366_400_000_i64), &json!({"lat": 1.5, "lon": 2.5}))
            );
        }
    }

    #[test]
    fn the_second_generation_sends_json_with_minus_one_for_nothing() {
        let body = json!({"location": {"timestamp": "2026-03-01T12:00:00.000Z", "coords": {"latitude": 1.5, "longitude": 2.5,
            "accuracy": 4, "speed": 12.5, "heading": -1, "altitude": 3}, "is_moving": true, "odometer": 10,
            "battery": {"level": -1, "is_charging": false}, "activity": {"type": "still"}, "_": "&id=80214455"}, "device_id": "80214455"});
        let (events, refused) =
            Sent::new(&[("content-type", "application/json")], "", body.to_string()).events(EnvelopeName::Auto);
        assert!(refused.is_empty(), "{refused:?}");
        assert_eq!(events[0]["position"], json!({"lat": 1.5, "lon": 2.5, "speed": 12.5, "altitude": 3, "accuracy": 4}));
        assert_eq!(
            events[0]["fields"],
            json!({"is_moving": true, "odometer": 10, "battery.is_charging": false, "activity.type": "still"})
        );
    }

    #[test]
    fn the_third_generation_sends_a_form_or_an_array_and_heartbeats() {
        let form = Sent::new(
            &[("content-type", "application/x-www-form-urlencoded")],
            "",
            "id=1&timestamp=1772366400&batt=50",
        );
        let (events, _) = form.events(EnvelopeName::Auto);
        assert_eq!(
            events,
            [json!({"id": "1@1772366400 -", "key": "1", "time": 1_772_366_400_000_i64, "fields": {"batt": 50}})]
        );
        let array = json!([{"id": "1", "lat": 1, "lon": 2, "timestamp": 1_772_366_400}, {"id": "1", "lat": 91, "lon": 2, "timestamp": 1_772_366_401}]);
        let (events, refused) = Sent::new(&[], "", array.to_string()).events(EnvelopeName::Auto);
        assert_eq!((events.len(), refused), (1, vec!["position_out_of_range position.lat".to_owned()]));
    }

    #[test]
    fn the_answer_is_empty_and_a_poisoned_position_does_not_stop_the_device() {
        let sent = Sent::new(&[], "id=1&lat=1&lon=2", "");
        assert_eq!((sent.answered(EnvelopeName::Auto).status, sent.answered(EnvelopeName::Auto).body), (200, vec![]));
        assert_eq!((sent.refused(Code::InvalidJson).status, sent.refused(Code::Overloaded).status), (200, 503));
        assert_eq!(Sent::new(&[], "lat=1&lon=2", "").events(EnvelopeName::Osmand).1, ["missing key"]);
    }
}
