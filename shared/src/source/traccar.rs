//! What a Traccar server forwards as JSON: a position with its device, and events.

use super::answer::Reply;
use super::draft::{KNOT, fields, name, number, object, position, take, time};
use super::{Arrived, Envelope, Slice, plain};
use crate::event::{Loose, RawEvent};
use crate::ingest::IngestAnswer;
use crate::problem::{Code, FieldError, Problem};
use serde_json::{Map, Value};

/// Positions that a server has decoded.
pub(super) struct Traccar;

impl Envelope for Traccar {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        let mut slices = plain::elements(arrived)?;
        for slice in &mut slices {
            let Ok(object) = object(&slice.raw) else { continue };
            let id = |of: &str| object.get(of).and_then(|o| o.get("id")).and_then(name);
            slice.id = id("event").map(|id| format!("event {id}")).or_else(|| id("position"));
        }
        Ok(slices)
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, _: &str) -> Result<RawEvent<'s>, FieldError> {
        let mut all = object(&slice.raw)?;
        let mut part = |name: &str| match all.remove(name) {
            Some(Value::Object(object)) => object,
            _ => Map::new(),
        };
        let (mut device, mut at, mut event) = (part("device"), part("position"), part("event"));
        let Some(key) = take(&mut device, &["uniqueId"]).as_ref().and_then(name) else {
            return Err(FieldError::new("device.uniqueId", Code::Missing, "device.uniqueId is required"));
        };
        let when = take(&mut at, &["fixTime", "deviceTime", "serverTime"]).or_else(|| take(&mut event, &["eventTime"]));
        let mut coordinate = |name: &str| at.remove(name).as_ref().and_then(number);
        let (lat, lon) = (coordinate("latitude"), coordinate("longitude"));
        let accuracy = coordinate("accuracy").filter(|v| *v > 0.0);
        let speed = coordinate("speed").map(|knots| knots * KNOT);
        let parts = [lat, lon, coordinate("course"), speed, coordinate("altitude"), accuracy];
        let mut rest = match at.remove("attributes") {
            Some(Value::Object(attributes)) => attributes,
            _ => Map::new(),
        };
        for (from, taken) in
            [(&mut at, &["valid", "address"][..]), (&mut device, &["name", "status"][..]), (&mut event, &["type"][..])]
        {
            for name in taken {
                if let Some(value) = from.remove(*name) {
                    rest.insert(if *name == "type" { "event".into() } else { (*name).to_owned() }, value);
                }
            }
        }
        let is_somewhere = lat.is_some() || lon.is_some();
        Ok(RawEvent {
            key: Some(Loose::Text(key.into())),
            time: when.map(time),
            position: is_somewhere.then(|| Ok(position(parts))),
            fields: Some(Ok(fields(rest))),
            ..RawEvent::default()
        })
    }

    fn answer(&self, _: &Arrived<'_>, _: &[Slice<'_>], outcome: Result<&IngestAnswer, &Problem>) -> Reply {
        outcome.map_or_else(Reply::patient, |answer| Reply::plain(Ok(answer)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use serde_json::json;

    #[test]
    fn a_forwarded_position_is_an_event_of_its_device() {
        let body = json!({"position": {"id": 7, "deviceId": 1, "protocol": "osmand", "fixTime": "2026-03-01T12:00:00.000+00:00", "valid": true,
            "latitude": 1.5, "longitude": 2.5, "altitude": 3, "speed": 10, "course": 90, "accuracy": 0, "address": null,
            "attributes": {"ignition": true}}, "device": {"id": 1, "name": "Van", "uniqueId": "80214455", "status": "online"}});
        let (events, refused) = Sent::new(&[], "", body.to_string()).events(EnvelopeName::Auto);
        assert!(refused.is_empty(), "{refused:?}");
        assert_eq!(
            (&events[0]["id"], &events[0]["key"], &events[0]["time"]),
            (&json!("7"), &json!("80214455"), &json!(1_772_366_400_000_i64))
        );
        assert_eq!(events[0]["fields"], json!({"ignition": true, "valid": true, "name": "Van", "status": "online"}));
        assert_eq!(events[0]["position"]["accuracy"], json!(null));
        let nobody = Sent::new(&[], "", r#"{"position":{},"device":{}}"#).events(EnvelopeName::Auto);
        assert_eq!(nobody.1, ["missing device.uniqueId"]);
    }
}
