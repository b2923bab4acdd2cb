//! `aircraft.json` of readsb, dump1090 and tar1090.

use super::draft::{FOOT, KNOT, number, object, position, some_fields, take};
use super::{Arrived, Envelope, Slice, plain};
use crate::event::{Loose, RawEvent};
use crate::problem::{Code, FieldError, Problem};
use crate::time::Millis;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// A picture of the sky.
pub(super) struct Aircraft;

#[derive(Deserialize)]
struct Sky<'d> {
    now: f64,
    #[serde(borrow)]
    aircraft: Vec<&'d RawValue>,
}

/// How old what is known of one is, in seconds.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Age {
    hex: Option<String>,
    seen: Option<f64>,
    seen_pos: Option<f64>,
}

impl Envelope for Aircraft {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        let Sky { now, aircraft } = arrived.json()?;
        let slices = aircraft.into_iter().map(|one| {
            let slice = Slice::new(one.get());
            let age: Age = serde_json::from_str(one.get()).unwrap_or_default();
            let seconds = now - age.seen_pos.or(age.seen).unwrap_or_default();
            let time = Millis((seconds * 1_000.0).round() as i64);
            // The same of one that is not heard any more is the same event.
            let id = age.hex.map(|hex| format!("{hex}@{}", time.0));
            Slice { id: id.filter(|id| crate::id::check_event_id(id).is_ok()), time: Some(time), ..slice }
        });
        plain::within(slices.collect())
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, _: &str) -> Result<RawEvent<'s>, FieldError> {
        let mut one = object(&slice.raw)?;
        let Some(Value::String(hex)) = take(&mut one, &["hex"]) else {
            return Err(FieldError::new("hex", Code::Missing, "hex is required: the aircraft's address"));
        };
        if let Some(Value::String(flight)) = one.get_mut("flight") {
            *flight = flight.trim().to_owned();
        }
        let ground = one.get("alt_baro").and_then(Value::as_str) == Some("ground");
        if ground {
            one.insert("alt_baro".into(), Value::Null);
            one.insert("ground".into(), true.into());
        }
        let mut part = |name: &str| one.remove(name).as_ref().and_then(number);
        let (lat, lon) = (part("lat"), part("lon"));
        let (geometric, barometric) = (part("alt_geom"), part("alt_baro"));
        let altitude = geometric.or(barometric).map(|feet| feet * FOOT);
        let (heading, speed) = (part("track"), part("gs").map(|knots| knots * KNOT));
        // What it is heard with says nothing of it.
        for name in ["seen", "seen_pos", "messages", "rssi", "mlat", "tisb", "nav_modes", "type"] {
            one.remove(name);
        }
        let is_somewhere = lat.is_some() && lon.is_some();
        Ok(RawEvent {
            key: Some(Loose::Text(hex.into())),
            position: is_somewhere.then(|| Ok(position([lat, lon, heading, speed, altitude, None]))),
            fields: Some(Ok(some_fields(one))),
            ..RawEvent::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use serde_json::json;

    #[test]
    fn an_aircraft_is_where_it_was_seen_when_it_was_seen_in_our_units() {
        let body = json!({"now": 1_772_366_400.5, "messages": 9, "aircraft": [
            {"hex": "4ca7b3", "flight": "RYR1AB  ", "lat": 51.5, "lon": -0.5, "alt_geom": 1000, "alt_baro": 900, "gs": 100, "track": 90.5,
             "squawk": "7000", "seen_pos": 1.5, "seen": 0.2, "rssi": -20.1, "mlat": []},
            {"hex": "~2b1", "alt_baro": "ground", "seen": 2.5},
            {"flight": "X"}]});
        let (events, refused) = Sent::new(&[], "", body.to_string()).events(EnvelopeName::Auto);
        assert_eq!(refused, ["missing hex"]);
        assert_eq!(events[0]["id"], "4ca7b3@1772366399000");
        assert_eq!(
            (&events[0]["time"], &events[0]["fields"]),
            (&json!(1_772_366_399_000_i64), &json!({"flight": "RYR1AB", "squawk": "7000"}))
        );
        let position = &events[0]["position"];
        let rounded = |name: &str| (position[name].as_f64().unwrap() * 100.0).round() as i64;
        assert_eq!((rounded("altitude"), rounded("speed"), rounded("heading")), (30_480, 5_144, 9_050));
        assert_eq!(
            events[1],
            json!({"id": "~2b1@1772366398000", "key": "~2b1", "time": 1_772_366_398_000_i64, "fields": {"ground": true}})
        );
    }
}
