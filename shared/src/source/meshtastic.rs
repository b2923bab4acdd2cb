//! What Meshtastic nodes publish to MQTT in JSON: positions, telemetry, who a node is, and texts. Other packets are passed over.

use super::draft::{number, object, position, some_fields, take};
use super::{Arrived, Envelope, Slice, plain};
use crate::event::{Loose, RawEvent};
use crate::problem::{Code, FieldError, Problem};
use crate::time::Millis;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Packets of a mesh.
pub(super) struct Meshtastic;

/// A degree in coordinates.
const COORDINATE: f64 = 1e7;
/// A degree in tracks: so the firmware writes them, whatever the definition says.
const TRACK: f64 = 1e5;
/// Kilometres an hour in a metre a second: so the firmware writes speeds.
const SPEED: f64 = 3.6;

/// Whether packets of a kind say something of a node.
pub(super) fn is_kind(kind: &str) -> bool {
    matches!(kind, "position" | "telemetry" | "nodeinfo" | "text")
}

#[derive(Deserialize)]
struct Packet {
    from: u32,
    #[serde(default)]
    id: Option<u64>,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    timestamp: Option<i64>,
    #[serde(default)]
    payload: Value,
}

impl Envelope for Meshtastic {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        let text = arrived.text()?.trim();
        let is_one = text.starts_with('[') || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        let packets = if is_one { plain::elements(arrived)? } else { plain::Ndjson.open(arrived)? };
        plain::within(packets.into_iter().filter_map(slice).collect())
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, _: &str) -> Result<RawEvent<'s>, FieldError> {
        let mut packet = object(&slice.raw)?;
        let from = packet.get("from").and_then(Value::as_u64).and_then(|from| u32::try_from(from).ok());
        let Some(from) = from else {
            return Err(FieldError::new("from", Code::Missing, "from is required: the number of the node"));
        };
        let mut payload = match packet.remove("payload") {
            Some(Value::Object(payload)) => payload,
            Some(text @ Value::String(_)) => Map::from_iter([("text".to_owned(), text)]),
            _ => Map::new(),
        };
        let time = seconds(payload.get("time")).or_else(|| seconds(packet.get("timestamp")));
        payload.remove("time");
        payload.remove("timestamp");
        let mut part = |name: &str, unit: f64| payload.remove(name).as_ref().and_then(number).map(|n| n / unit);
        let (lat, lon) = (part("latitude_i", COORDINATE), part("longitude_i", COORDINATE));
        let (track, speed) = (part("ground_track", TRACK), part("ground_speed", SPEED));
        let parts = [lat, lon, track, speed, part("altitude", 1.0), None];
        // The node that says so of itself is the key already.
        if packet.get("type").and_then(Value::as_str) == Some("nodeinfo") {
            payload.remove("id");
        }
        // How it was heard, by the gateway that heard it.
        for name in ["rssi", "snr", "hops_away"] {
            if let Some(value) = take(&mut packet, &[name]) {
                payload.entry(name).or_insert(value);
            }
        }
        let is_somewhere = lat.is_some() && lon.is_some();
        Ok(RawEvent {
            key: Some(Loose::Text(format!("!{from:08x}").into())),
            time: time.map(|time| Loose::Number(time.0 as f64)),
            position: is_somewhere.then(|| Ok(position(parts))),
            fields: Some(Ok(some_fields(payload))),
            ..RawEvent::default()
        })
    }
}

/// A time in seconds; 0 is none.
fn seconds(value: Option<&Value>) -> Option<Millis> {
    value.and_then(Value::as_i64).filter(|s| *s > 0).map(|s| Millis(s.saturating_mul(1_000)))
}

/// The record of a packet: none of one that says nothing of a node.
fn slice(packet: Slice<'_>) -> Option<Slice<'_>> {
    let Packet { from, id, kind, timestamp, payload } = match serde_json::from_str(&packet.raw) {
        Ok(packet) => packet,
        Err(why) => {
            let message = format!("the record is no packet of Meshtastic: {why}");
            return Some(packet.refused("", Code::InvalidJson, message));
        }
    };
    if !is_kind(&kind) {
        return None;
    }
    let time =
        seconds(payload.get("time")).or_else(|| timestamp.filter(|s| *s > 0).map(|s| Millis(s.saturating_mul(1_000))));
    // Each gateway that hears a packet publishes it.
    let id = id.filter(|id| *id > 0).map(|id| format!("!{from:08x}#{id}"));
    Some(Slice { id, time, ..packet })
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use serde_json::{Value, json};

    fn packet(kind: &str, payload: &Value) -> Value {
        json!({"channel": 0, "from": 2_130_636_288_u32, "hops_away": 1, "id": 452_664_778, "payload": payload, "rssi": -92,
            "sender": "!7efeee00", "snr": 6.25, "timestamp": 1_772_366_405, "to": 4_294_967_295_u32, "type": kind})
    }

    #[test]
    fn a_position_has_its_nodes_key_and_our_units() {
        let payload = json!({"PDOP": 186, "altitude": 160, "ground_speed": 36, "ground_track": 9_050_000, "latitude_i": 302_500_000,
            "longitude_i": -977_500_000, "precision_bits": 32, "sats_in_view": 9, "time": 1_772_366_400});
        let (events, refused) = Sent::new(&[], "", packet("position", &payload).to_string()).events(EnvelopeName::Auto);
        assert!(refused.is_empty(), "{refused:?}");
        assert_eq!(
            events,
            [json!({"id": "!7efeee00#452664778", "key": "!7efeee00", "time": 1_772_366_400_000_i64,
                "position": {"lat": 30.25, "lon": -97.75, "heading": 90.5, "speed": 10, "altitude": 160},
                "fields": {"PDOP": 186, "precision_bits": 32, "sats_in_view": 9, "rssi": -92, "snr": 6.25, "hops_away": 1}})]
        );
    }

    #[test]
    fn telemetry_names_and_texts_are_fields_and_other_packets_are_none() {
        let lines = [
            packet("telemetry", &json!({"battery_level": 87, "voltage": 4.05})),
            packet("nodeinfo", &json!({"hardware": 10, "id": "!7efeee00", "longname": "Base", "shortname": "B"})),
            packet("text", &json!({"text": "hello"})),
            packet("text", &json!("hello")),
            packet("neighborinfo", &json!({"neighbors": []})),
        ];
        let (events, refused) = Sent::new(&[], "", Value::from(lines.to_vec()).to_string()).events(EnvelopeName::Auto);
        assert!(refused.is_empty(), "{refused:?}");
        let fields = |i: usize, name: &str| events[i]["fields"][name].clone();
        assert_eq!(
            [fields(0, "battery_level"), fields(1, "longname"), fields(1, "id"), fields(2, "text"), fields(3, "text")],
            [json!(87), json!("Base"), Value::Null, json!("hello"), json!("hello")]
        );
        assert_eq!((events.len(), &events[0]["time"]), (4, &json!(1_772_366_405_000_i64)));
        let body = lines.map(|line| line.to_string()).join("\n");
        assert_eq!(Sent::new(&[], "", body).events(EnvelopeName::Auto).0, events);
    }

    #[test]
    fn a_packet_that_is_none_or_off_the_earth_is_refused_alone() {
        let far = packet("position", &json!({"latitude_i": 950_000_000, "longitude_i": 1}));
        let good = packet("text", &json!({"text": "x"}));
        let body = Value::from(vec![far, json!({"from": "x", "type": "text"}), good]).to_string();
        let (events, refused) = Sent::new(&[], "", body).events(EnvelopeName::Meshtastic);
        assert_eq!(events.len(), 1);
        assert_eq!(refused, ["position_out_of_range position.lat", "invalid_json "]);
    }
}
