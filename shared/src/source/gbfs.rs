//! GBFS: `free_bike_status` (2.x), `vehicle_status` (3.x) and `station_status`.

use super::draft::{flat_position, loose, name, object, some_fields, take, time};
use super::{Arrived, Envelope, Slice, plain};
use crate::event::{Loose, RawEvent};
use crate::problem::{Code, FieldError, Problem};
use crate::time::Millis;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// What stands where.
pub(super) struct Gbfs;

#[derive(Deserialize)]
struct Feed<'d> {
    last_updated: Value,
    #[serde(borrow)]
    data: Data<'d>,
}

#[derive(Deserialize)]
struct Data<'d> {
    #[serde(borrow, default, alias = "bikes", alias = "stations")]
    vehicles: Option<Vec<&'d RawValue>>,
}

const NAMES: [&str; 3] = ["vehicle_id", "bike_id", "station_id"];

impl Envelope for Gbfs {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        let Feed { last_updated, data } = arrived.json()?;
        let Some(all) = data.vehicles else {
            let detail = "data has none of vehicles, bikes and stations; nothing was taken";
            return Err(Problem::new(Code::Missing, detail));
        };
        let updated = millis(last_updated);
        let slices = all.into_iter().map(|one| {
            let slice = Slice::new(one.get());
            let Ok(object) = object(one.get()) else { return slice };
            let key = NAMES.iter().find_map(|n| object.get(*n)).and_then(name);
            let time = object.get("last_reported").cloned().and_then(millis).or(updated);
            let id = key.zip(time).map(|(key, time)| format!("{key}@{}", time.0));
            Slice { id: id.filter(|id| crate::id::check_event_id(id).is_ok()), time, ..slice }
        });
        plain::within(slices.collect())
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, _: &str) -> Result<RawEvent<'s>, FieldError> {
        let mut one = object(&slice.raw)?;
        one.remove("last_reported");
        let key = take(&mut one, &NAMES);
        let position = flat_position(&mut one).map(Ok);
        Ok(RawEvent { key: key.map(loose), position, fields: Some(Ok(some_fields(one))), ..RawEvent::default() })
    }
}

/// A time: seconds in 2.x, RFC 3339 in 3.x.
fn millis(value: Value) -> Option<Millis> {
    match time(value) {
        Loose::Number(n) => Some(Millis(n as i64)),
        Loose::Text(text) => Millis::parse(&text),
        Loose::Null | Loose::Bool(_) | Loose::BigInteger | Loose::Array | Loose::Object => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use serde_json::json;

    #[test]
    fn both_versions_make_the_same_events() {
        let one = |name: &str| json!({name: "b1", "lat": 1.5, "lon": 2.5, "is_reserved": false, "is_disabled": false});
        let old =
            json!({"last_updated": 1_772_366_400, "ttl": 0, "version": "2.3", "data": {"bikes": [one("bike_id")]}});
        let new = json!({"last_updated": "2026-03-01T12:00:00+00:00", "ttl": 0, "version": "3.0", "data": {"vehicles": [one("vehicle_id")]}});
        let expected = json!({"id": "b1@1772366400000", "key": "b1", "time": 1_772_366_400_000_i64,
            "position": {"lat": 1.5, "lon": 2.5}, "fields": {"is_reserved": false, "is_disabled": false}});
        for body in [old, new] {
            assert_eq!(
                Sent::new(&[], "", body.to_string()).events(EnvelopeName::Auto),
                (vec![expected.clone()], vec![])
            );
        }
    }

    #[test]
    fn stations_have_their_own_time() {
        let body = json!({"last_updated": 1_772_366_400, "data": {"stations": [
            {"station_id": 7, "num_bikes_available": 3, "last_reported": 1_772_366_300}]}});
        let (events, refused) = Sent::new(&[], "", body.to_string()).events(EnvelopeName::Auto);
        assert!(refused.is_empty(), "{refused:?}");
        assert_eq!(
            events,
            [
                json!({"id": "7@1772366300000", "key": "7", "time": 1_772_366_300_000_i64, "fields": {"num_bikes_available": 3}})
            ]
        );
    }
}
