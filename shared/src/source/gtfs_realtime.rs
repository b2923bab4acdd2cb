//! GTFS-Realtime: vehicle positions, a `FeedMessage` in protobuf. Trip updates and alerts of the same message say nothing of
//! where somebody is, and are passed over.

use super::decimal::shortest;
use super::draft::{kept, number, object, position, some_fields, take};
use super::protobuf::members;
use super::{Arrived, Envelope, Raw, Slice, plain};
use crate::event::{Loose, RawEvent, RawFields};
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::time::Millis;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A feed of vehicles.
pub(super) struct GtfsRealtime;

// Members of a `FeedMessage`.
const HEADER: usize = 1;
const ENTITY: usize = 2;
/// An entity of more bytes is about something else than where a vehicle is.
const ENTITY_BYTES: usize = 16 * 1_024;
/// Numbers from here on are milliseconds, which some feeds write against the standard.
const MILLISECONDS: u64 = 100_000_000_000;

#[derive(Clone, PartialEq, Message)]
struct Header {
    #[prost(string, optional, tag = "1")]
    version: Option<String>,
    #[prost(uint64, optional, tag = "3")]
    timestamp: Option<u64>,
}

// Under the standard's names, as a program and a dead letter have it. What is left out is passed over when it is read.
#[derive(Clone, PartialEq, Message, Serialize)]
struct Entity {
    #[prost(string, required, tag = "1")]
    id: String,
    #[prost(bool, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    is_deleted: Option<bool>,
    #[prost(message, optional, tag = "4")]
    #[serde(skip_serializing_if = "Option::is_none")]
    vehicle: Option<Vehicle>,
}

#[derive(Clone, PartialEq, Message, Serialize)]
struct Vehicle {
    #[prost(message, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    trip: Option<Trip>,
    #[prost(message, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<Place>,
    #[prost(uint32, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    current_stop_sequence: Option<u32>,
    #[prost(int32, optional, tag = "4")]
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "status")]
    current_status: Option<i32>,
    #[prost(uint64, optional, tag = "5")]
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<u64>,
    #[prost(int32, optional, tag = "6")]
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "congestion")]
    congestion_level: Option<i32>,
    #[prost(string, optional, tag = "7")]
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_id: Option<String>,
    #[prost(message, optional, tag = "8")]
    #[serde(skip_serializing_if = "Option::is_none")]
    vehicle: Option<Descriptor>,
    #[prost(int32, optional, tag = "9")]
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "occupancy")]
    occupancy_status: Option<i32>,
    #[prost(uint32, optional, tag = "10")]
    #[serde(skip_serializing_if = "Option::is_none")]
    occupancy_percentage: Option<u32>,
}

#[derive(Clone, PartialEq, Message, Serialize)]
struct Place {
    #[prost(float, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    latitude: Option<f32>,
    #[prost(float, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    longitude: Option<f32>,
    #[prost(float, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    bearing: Option<f32>,
    #[prost(double, optional, tag = "4")]
    #[serde(skip_serializing_if = "Option::is_none")]
    odometer: Option<f64>,
    #[prost(float, optional, tag = "5")]
    #[serde(skip_serializing_if = "Option::is_none")]
    speed: Option<f32>,
}

#[derive(Clone, PartialEq, Message, Serialize)]
struct Trip {
    #[prost(string, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    trip_id: Option<String>,
    #[prost(string, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<String>,
    #[prost(string, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<String>,
    #[prost(int32, optional, tag = "4")]
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "schedule")]
    schedule_relationship: Option<i32>,
    #[prost(string, optional, tag = "5")]
    #[serde(skip_serializing_if = "Option::is_none")]
    route_id: Option<String>,
    #[prost(uint32, optional, tag = "6")]
    #[serde(skip_serializing_if = "Option::is_none")]
    direction_id: Option<u32>,
}

#[derive(Clone, PartialEq, Message, Serialize)]
struct Descriptor {
    #[prost(string, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[prost(string, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[prost(string, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    license_plate: Option<String>,
}

// Names of the standard's enumerations, by their numbers.
type Names = &'static [&'static str];
const STATUS: Names = &["INCOMING_AT", "STOPPED_AT", "IN_TRANSIT_TO"];
const CONGESTION: Names =
    &["UNKNOWN_CONGESTION_LEVEL", "RUNNING_SMOOTHLY", "STOP_AND_GO", "CONGESTION", "SEVERE_CONGESTION"];
const OCCUPANCY: Names = &[
    "EMPTY",
    "MANY_SEATS_AVAILABLE",
    "FEW_SEATS_AVAILABLE",
    "STANDING_ROOM_ONLY",
    "CRUSHED_STANDING_ROOM_ONLY",
    "FULL",
    "NOT_ACCEPTING_PASSENGERS",
    "NO_DATA_AVAILABLE",
    "NOT_BOARDABLE",
];
const SCHEDULE: Names =
    &["SCHEDULED", "ADDED", "UNSCHEDULED", "CANCELED", "", "REPLACEMENT", "DUPLICATED", "DELETED", "NEW"];

/// The name of a value; none of one that is newer than its list.
fn name_of(names: Names, value: i32) -> Option<&'static str> {
    names.get(usize::try_from(value).ok()?).copied().filter(|name| !name.is_empty())
}

/// Writes a value by its name; one that has none as its number.
fn named<S: Serializer>(names: Names, value: Option<i32>, s: S) -> Result<S::Ok, S::Error> {
    match value.and_then(|value| name_of(names, value)) {
        Some(name) => s.serialize_str(name),
        None => value.serialize(s),
    }
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn status<S: Serializer>(value: &Option<i32>, s: S) -> Result<S::Ok, S::Error> {
    named(STATUS, *value, s)
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn congestion<S: Serializer>(value: &Option<i32>, s: S) -> Result<S::Ok, S::Error> {
    named(CONGESTION, *value, s)
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn occupancy<S: Serializer>(value: &Option<i32>, s: S) -> Result<S::Ok, S::Error> {
    named(OCCUPANCY, *value, s)
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn schedule<S: Serializer>(value: &Option<i32>, s: S) -> Result<S::Ok, S::Error> {
    named(SCHEDULE, *value, s)
}

/// Whether bytes begin as a feed does: its header, and in it the version.
pub(super) fn is_feed(body: &[u8]) -> bool {
    matches!(body, [0x0a, 5..=0x7f, 0x0a, 3, b'1' | b'2', b'.', b'0'..=b'9', ..])
}

/// A time of the standard, in seconds; 0 is none.
fn millis(timestamp: Option<u64>) -> Option<Millis> {
    let time = timestamp.filter(|t| *t > 0)?;
    let millis = if time < MILLISECONDS { time * 1_000 } else { time };
    i64::try_from(millis).ok().map(Millis)
}

impl Envelope for GtfsRealtime {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        let broken = |why: &dyn std::fmt::Display| {
            Problem::new(
                Code::Invalid,
                format!("the body is no FeedMessage of GTFS-Realtime: {why}; nothing was taken"),
            )
        };
        let header = members(arrived.body, HEADER).last().unwrap_or(Err("it has no header"));
        let header = Header::decode(header.map_err(|why| broken(&why))?).map_err(|why| broken(&why))?;
        let Some(version) = header.version else { return Err(broken(&"its header has no gtfs_realtime_version")) };
        if !version.starts_with(['1', '2']) {
            return Err(broken(&"only versions 1 and 2 are read here"));
        }
        let told = millis(header.timestamp);
        let mut slices = Vec::new();
        for entity in members(arrived.body, ENTITY) {
            slices.extend(slice(entity.map_err(|why| broken(&why))?, told));
            if slices.len() > limits::EVENTS_PER_REQUEST {
                break;
            }
        }
        plain::within(slices)
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, _: &str) -> Result<RawEvent<'s>, FieldError> {
        let mut entity = object(&slice.raw)?;
        let inner = |of: &mut Map<String, Value>, name: &str| match of.remove(name) {
            Some(Value::Object(object)) => object,
            _ => Map::new(),
        };
        let mut fields = inner(&mut entity, "vehicle");
        let mut place = inner(&mut fields, "position");
        let mut vehicle = inner(&mut fields, "vehicle");
        let is_name = |name: &Value| name.as_str() != Some("");
        let key = take(&mut vehicle, &["id"]).filter(is_name).or_else(|| entity.remove("id").filter(is_name));
        let Some(Value::String(key)) = key else {
            return Err(FieldError::new("vehicle.vehicle.id", Code::Missing, "vehicle.vehicle.id or id is required"));
        };
        let time = fields.remove("timestamp").and_then(|t| millis(t.as_u64())).map(|t| Loose::Number(t.0 as f64));
        let mut part = |name: &str| place.remove(name).as_ref().and_then(number);
        let (lat, lon) = (part("latitude"), part("longitude"));
        let parts = [lat, lon, part("bearing"), part("speed"), None, None];
        let trip = inner(&mut fields, "trip");
        fields.extend(trip);
        fields.extend(vehicle);
        fields.extend(place);
        let is_somewhere = lat.is_some() || lon.is_some();
        Ok(RawEvent {
            key: Some(Loose::Text(key.into())),
            time,
            position: is_somewhere.then(|| Ok(position(parts))),
            fields: Some(Ok(some_fields(fields))),
            ..RawEvent::default()
        })
    }
}

/// The slice of an entity; none of one that says nothing of a vehicle. `told`: when the feed was written.
fn slice(bytes: &[u8], told: Option<Millis>) -> Option<Slice<'_>> {
    let refused = |why: String| Some(Slice::new(STANDARD.encode(bytes)).refused("entity", Code::Invalid, why));
    if bytes.len() > ENTITY_BYTES {
        // Trip updates may be long.
        let is_vehicle = members(bytes, 4).next().is_some_and(|m| m.is_ok());
        return if is_vehicle { refused(format!("the entity has more than {ENTITY_BYTES} bytes")) } else { None };
    }
    let entity = match Entity::decode(bytes) {
        Ok(entity) => entity,
        Err(why) => return refused(format!("the entity can't be read: {why}")),
    };
    let vehicle = entity.vehicle.as_ref().filter(|_| entity.is_deleted != Some(true))?;
    let time = millis(vehicle.timestamp).or(told);
    let of_vehicle = vehicle.vehicle.as_ref().and_then(|v| v.id.as_deref()).filter(|id| !id.is_empty());
    // The same report twice is one event.
    let id = time.map(|time| format!("{}@{}", of_vehicle.unwrap_or(&entity.id), time.0));
    let id = id.filter(|id| crate::id::check_event_id(id).is_ok());
    let made = event(entity).map(Box::new);
    Some(Slice { id, time, made, ..Slice::new(Raw::of_bytes(bytes, text)) })
}

/// An entity under the standard's names.
fn text(bytes: &[u8]) -> String {
    let entity = Entity::decode(bytes).ok();
    entity.and_then(|entity| serde_json::to_string(&entity).ok()).unwrap_or_default()
}

/// The event that an entity is; none of one that `Envelope::event` has something to say of.
fn event(entity: Entity) -> Option<RawEvent<'static>> {
    let Entity { id, vehicle, .. } = entity;
    let Vehicle {
        trip,
        position: place,
        current_stop_sequence,
        current_status,
        timestamp,
        congestion_level,
        stop_id,
        vehicle,
        occupancy_status,
        occupancy_percentage,
    } = vehicle?;
    let Descriptor { id: own, label, license_plate } = vehicle.unwrap_or_default();
    let key = own.filter(|id| !id.is_empty()).or(Some(id)).filter(|id| !id.is_empty())?;
    let Place { latitude, longitude, bearing, odometer, speed } = place.unwrap_or_default();
    let float = |n: Option<f32>| n.filter(|n| n.is_finite()).map(shortest);
    let (lat, lon) = (float(latitude), float(longitude));
    let mut fields: RawFields<'static> = Vec::with_capacity(8);
    let mut add = |name: &'static str, value: Option<Loose<'static>>| {
        fields.extend(value.map(|value| (Cow::Borrowed(name), value)));
    };
    let text = |text: Option<String>| text.map(|text| Loose::Text(text.into()));
    let number = |n: Option<u32>| n.map(|n| Loose::Number(f64::from(n)));
    let named = |names: Names, value: Option<i32>| {
        let number = |value| Loose::Number(f64::from(value));
        value.map(|value| name_of(names, value).map_or_else(|| number(value), |name| Loose::Text(name.into())))
    };
    add("current_stop_sequence", number(current_stop_sequence));
    add("current_status", named(STATUS, current_status));
    add("congestion_level", named(CONGESTION, congestion_level));
    add("stop_id", text(stop_id));
    add("occupancy_status", named(OCCUPANCY, occupancy_status));
    add("occupancy_percentage", number(occupancy_percentage));
    let Trip { trip_id, start_time, start_date, schedule_relationship, route_id, direction_id } =
        trip.unwrap_or_default();
    add("trip_id", text(trip_id));
    add("start_time", text(start_time));
    add("start_date", text(start_date));
    add("schedule_relationship", named(SCHEDULE, schedule_relationship));
    add("route_id", text(route_id));
    add("direction_id", number(direction_id));
    add("label", text(label));
    add("license_plate", text(license_plate));
    add("odometer", odometer.filter(|n| n.is_finite()).map(Loose::Number));
    let is_somewhere = lat.is_some() || lon.is_some();
    Some(RawEvent {
        key: Some(Loose::Text(key.into())),
        time: millis(timestamp).map(|t| Loose::Number(t.0 as f64)),
        position: is_somewhere.then(|| Ok(position([lat, lon, float(bearing), float(speed), None, None]))),
        fields: Some(Ok(kept(fields))),
        ..RawEvent::default()
    })
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use super::*;
    use serde_json::json;

    #[derive(Clone, PartialEq, Message)]
    struct Feed {
        #[prost(message, optional, tag = "1")]
        header: Option<Header>,
        #[prost(message, repeated, tag = "2")]
        entity: Vec<Entity>,
    }

    fn header() -> Header {
        Header { version: Some("2.0".into()), timestamp: Some(1_772_366_400) }
    }

    fn bus(id: &str, vehicle: Vehicle) -> Entity {
        Entity { id: id.into(), is_deleted: None, vehicle: Some(vehicle) }
    }

    fn sent(entity: Vec<Entity>) -> Sent {
        Sent::new(&[], "", Feed { header: Some(header()), entity }.encode_to_vec())
    }

    fn place() -> Place {
        let (latitude, longitude) = (Some(30.25), Some(-97.75));
        Place { latitude, longitude, bearing: Some(90.5), odometer: Some(12.5), speed: Some(10.0) }
    }

    #[test]
    fn a_vehicle_is_an_event_with_its_own_key_and_time() {
        let trip = Trip {
            trip_id: Some("t1".into()),
            route_id: Some("801".into()),
            direction_id: Some(1),
            schedule_relationship: Some(3),
            ..Trip::default()
        };
        let vehicle = Vehicle {
            trip: Some(trip),
            position: Some(place()),
            current_status: Some(1),
            timestamp: Some(1_772_366_390),
            stop_id: Some("s7".into()),
            vehicle: Some(Descriptor { id: Some("0012".into()), label: Some("Bus 12".into()), license_plate: None }),
            occupancy_status: Some(5),
            occupancy_percentage: Some(80),
            ..Vehicle::default()
        };
        let (events, refused) = sent(vec![bus("e1", vehicle)]).events(EnvelopeName::Auto);
        assert!(refused.is_empty(), "{refused:?}");
        assert_eq!(
            events,
            [json!({
                "id": "0012@1772366390000", "key": "0012", "time": 1_772_366_390_000_i64,
                "position": {"lat": 30.25, "lon": -97.75, "heading": 90.5, "speed": 10},
                "fields": {"trip_id": "t1", "route_id": "801", "direction_id": 1, "schedule_relationship": "CANCELED", "current_status": "STOPPED_AT",
                    "stop_id": "s7", "label": "Bus 12", "occupancy_status": "FULL", "occupancy_percentage": 80, "odometer": 12.5},
            })]
        );
    }

    #[test]
    fn without_its_own_it_has_the_entitys_id_and_the_feeds_time() {
        let newer = Vehicle { position: Some(place()), occupancy_status: Some(77), ..Vehicle::default() };
        let (events, _) = sent(vec![bus("e1", newer)]).events(EnvelopeName::GtfsRealtime);
        assert_eq!(
            (&events[0]["id"], &events[0]["time"], &events[0]["fields"]["occupancy_status"]),
            (&json!("e1@1772366400000"), &json!(1_772_366_400_000_i64), &json!(77))
        );
    }

    #[test]
    fn what_says_nothing_of_a_vehicle_is_no_event_and_what_is_wrong_spoils_no_other() {
        let trips = Entity { id: "t".into(), ..Entity::default() };
        let gone =
            Entity { is_deleted: Some(true), ..bus("g", Vehicle { position: Some(place()), ..Vehicle::default() }) };
        let far = Place { latitude: Some(91.0), ..place() };
        let lost = bus("l", Vehicle { position: Some(far), ..Vehicle::default() });
        let nan = Place { latitude: Some(f32::NAN), ..place() };
        let nowhere = bus("n", Vehicle { position: Some(nan), ..Vehicle::default() });
        let good = bus("v", Vehicle { position: Some(place()), ..Vehicle::default() });
        let mut body = Feed { header: Some(header()), entity: vec![trips, gone, lost, nowhere, good] }.encode_to_vec();
        // An entity whose id is no text.
        body.extend([0x12, 4, 0x0a, 2, 0xff, 0xfe]);
        let (events, refused) = Sent::new(&[], "", body).events(EnvelopeName::Auto);
        assert_eq!(events.iter().map(|e| e["key"].as_str().unwrap()).collect::<Vec<_>>(), ["v"]);
        assert_eq!(refused, ["position_out_of_range position.lat", "missing position.lat", "invalid entity"]);
    }

    #[test]
    fn a_feed_that_is_cut_or_none_at_all_is_refused_whole() {
        let whole = sent(vec![bus("v", Vehicle { position: Some(place()), ..Vehicle::default() })]).body;
        let open = |body: &[u8]| {
            let sent = Sent::new(&[], "", body);
            GtfsRealtime.open(&sent.arrived()).map(|slices| slices.len())
        };
        assert_eq!(open(&whole).unwrap(), 1);
        let (_, header_only) = (1..whole.len()).partition::<Vec<_>, _>(|n| open(whole.get(..*n).unwrap()).is_err());
        assert_eq!(header_only, [13]);
        for bad in [&b""[..], b"{\"key\":\"a\"}", b"\x0a\x00", b"\x0a\x05\x0a\x033.0"] {
            assert_eq!(open(bad).unwrap_err().code, Code::Invalid, "{bad:?}");
        }
    }

    #[test]
    fn tiny_entities_in_masses_are_too_many_and_no_structures_are_made_of_them() {
        let mut body = Feed { header: Some(header()), entity: Vec::new() }.encode_to_vec();
        let vehicle = Entity { id: String::new(), is_deleted: None, vehicle: Some(Vehicle::default()) };
        let one = vehicle.encode_to_vec();
        for _ in 0..limits::EVENTS_PER_REQUEST * 3 {
            body.extend([0x12, one.len() as u8]);
            body.extend(&one);
        }
        let sent = Sent::new(&[], "", body);
        assert_eq!(GtfsRealtime.open(&sent.arrived()).unwrap_err().code, Code::TooManyEvents);
    }
}
