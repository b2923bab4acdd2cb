//! Messages of AIS (ITU-R M.1371-5) as records. What a message says to be not available is left out.

use super::invalid;
use super::sentence::Line;
use crate::source::Slice;
use crate::source::draft::KNOT;
use crate::time::Millis;
use aivdm::bits::BitReader;
use aivdm::message::StaticDataReport;
use aivdm::{AisMessage, Cog, Heading, NavigationStatus, RateOfTurn, Sog};
use serde_json::{Map, Value, json};

/// The record of a message; none of one that says nothing of where or what something is.
pub(super) fn slice<'a>(lines: &[Line<'a>], payload: &[u8], fill_bits: u8, own: bool) -> Option<Slice<'a>> {
    let raw = || lines.iter().map(|line| line.whole).collect::<Vec<_>>().join("\n");
    let (padded, fill_bits) = padded(payload, fill_bits);
    let message = match aivdm::decode_payload(padded.as_deref().unwrap_or(payload), fill_bits) {
        Ok(message) => message,
        Err(why) => {
            let refused = invalid("sentence", format!("the message can't be read: {why}"));
            return Some(Slice { refused: Some(refused), ..Slice::new(raw()) });
        }
    };
    let mut record = decode(&message, padded.as_deref().unwrap_or(payload), fill_bits)?;
    if own {
        record.insert("own_ship".into(), true.into());
    }
    if let Some(station) = lines.iter().find_map(|line| line.station) {
        record.insert("station".into(), station.into());
    }
    record.insert("sentences".into(), lines.iter().map(|line| line.whole).collect());
    let time = lines.iter().find_map(|line| line.time).or_else(|| own_time(&message));
    // The same message that several stations heard, or that is sent again.
    let id = time.map(|time| format!("{}@{}", String::from_utf8_lossy(payload), time.0));
    let raw = Value::Object(record).to_string();
    Some(Slice { id: id.filter(|id| crate::id::check_event_id(id).is_ok()), time, ..Slice::new(raw) })
}

/// A payload that lacks nothing but bits at its end that say nothing here, with these; and its fill bits. Some
/// transponders leave them out.
fn padded(payload: &[u8], fill_bits: u8) -> (Option<Vec<u8>>, u8) {
    let Ok(kind) = BitReader::new(payload, fill_bits).read_u8(6) else { return (None, fill_bits) };
    let (needed, whole) = match kind {
        1..=3 => (137, 168),
        4 | 11 => (134, 168),
        5 => (422, 424),
        9 => (128, 168),
        18 => (133, 168),
        19 => (301, 312),
        27 => (94, 96),
        _ => return (None, fill_bits),
    };
    let bits = (payload.len() * 6).saturating_sub(usize::from(fill_bits));
    if (needed..whole).contains(&bits) {
        let mut padded = payload.to_vec();
        padded.resize(payload.len() + (whole - bits).div_ceil(6), b'0');
        (Some(padded), 0)
    } else {
        (None, fill_bits)
    }
}

/// A record as it grows.
struct Record(Map<String, Value>);

impl Record {
    fn put(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.0.insert(name.into(), value.into());
        }
    }

    /// A text; an `@` ends it.
    fn text(&mut self, name: &str, text: &str) {
        let text = text.split('@').next().unwrap_or_default().trim();
        self.put(name, (!text.is_empty()).then_some(text));
    }

    fn place(&mut self, lat: Option<f64>, lon: Option<f64>) {
        if let (Some(lat), Some(lon)) = (lat, lon) {
            self.put("lat", Some(lat));
            self.put("lon", Some(lon));
        }
    }

    fn motion(&mut self, sog: Sog, cog: Cog, heading: Option<Heading>) {
        self.put("speed", sog.knots().map(|knots| knots * KNOT));
        self.put("course", cog.degrees().filter(|degrees| *degrees < 360.0));
        self.put("heading", heading.and_then(Heading::degrees).filter(|degrees| *degrees < 360));
    }

    fn status(&mut self, status: NavigationStatus) {
        self.put("status", name_of(status));
    }

    /// How far an antenna is from the four sides, in metres: its sums are what is of use.
    fn size(&mut self, [bow, stern, port, starboard]: [u16; 4]) {
        self.put("length", Some(bow + stern).filter(|metres| *metres > 0));
        self.put("width", Some(port + starboard).filter(|metres| *metres > 0));
    }

    fn ship_type(&mut self, code: u8) {
        self.put("ship_type", Some(code).filter(|code| *code > 0));
    }
}

/// A message under our names, in our units.
#[allow(clippy::wildcard_enum_match_arm, reason = "the library's list of messages grows")]
fn decode(message: &AisMessage, payload: &[u8], fill_bits: u8) -> Option<Map<String, Value>> {
    let mut record = Record(Map::new());
    record.put("type", Some(message.message_type()));
    record.put("mmsi", Some(message.mmsi().to_string()));
    match message {
        AisMessage::PositionReportClassA(m) => {
            record.put("class", Some("A"));
            record.place(m.latitude.as_degrees(), m.longitude.as_degrees());
            record.motion(m.sog, m.cog, Some(m.heading));
            record.status(m.navigation_status);
            record.put("turn_rate", turn_rate(m.rate_of_turn));
        }
        AisMessage::BaseStationReport(m) => {
            record.put("class", Some("base_station"));
            record.place(m.latitude.as_degrees(), m.longitude.as_degrees());
        }
        AisMessage::StaticVoyageData(m) => {
            record.put("class", Some("A"));
            record.put("imo", Some(m.imo_number).filter(|imo| *imo > 0));
            record.text("callsign", m.call_sign.as_str());
            record.text("name", m.name.as_str());
            record.ship_type(m.ship_type);
            let (port, starboard) = (m.dimension_to_port.into(), m.dimension_to_starboard.into());
            record.size([m.dimension_to_bow, m.dimension_to_stern, port, starboard]);
            record.put("draught", Some(f64::from(m.draught_decimeters) / 10.0).filter(|metres| *metres > 0.0));
            record.text("destination", m.destination.as_str());
            record.put("eta", eta(m.eta_month, m.eta_day, m.eta_hour, m.eta_minute));
        }
        AisMessage::SarAircraftPositionReport(m) => {
            record.put("class", Some("sar_aircraft"));
            record.place(m.latitude.as_degrees(), m.longitude.as_degrees());
            record.put("altitude", Some(m.altitude_meters).filter(|metres| *metres < 4_095));
            record.put("speed", Some(m.sog_knots).filter(|v| *v < 1_023).map(|knots| f64::from(knots) * KNOT));
            record.put("course", m.cog.degrees().filter(|degrees| *degrees < 360.0));
        }
        AisMessage::PositionReportClassB(m) => {
            record.put("class", Some("B"));
            record.place(m.latitude.as_degrees(), m.longitude.as_degrees());
            record.motion(m.sog, m.cog, Some(m.heading));
        }
        AisMessage::PositionReportClassBExtended(m) => {
            record.put("class", Some("B"));
            record.place(m.latitude.as_degrees(), m.longitude.as_degrees());
            record.motion(m.sog, m.cog, Some(m.heading));
            record.text("name", m.name.as_str());
            record.ship_type(m.ship_type);
            let (port, starboard) = (m.dimension_to_port.into(), m.dimension_to_starboard.into());
            record.size([m.dimension_to_bow, m.dimension_to_stern, port, starboard]);
        }
        AisMessage::AidToNavigationReport(m) => {
            record.put("class", Some("aid_to_navigation"));
            record.place(m.latitude.as_degrees(), m.longitude.as_degrees());
            record.text("name", &aid_name(payload, fill_bits).unwrap_or_else(|| m.name.to_string()));
            record.put("aid_type", Some(m.aid_type).filter(|code| *code > 0));
            let (port, starboard) = (m.dimension_to_port.into(), m.dimension_to_starboard.into());
            record.size([m.dimension_to_bow, m.dimension_to_stern, port, starboard]);
            // Without a time the flag means nothing.
            let knows = m.timestamp.to_raw() < 60;
            record.put("off_position", knows.then_some(m.off_position));
            record.put("virtual", Some(m.virtual_aid));
        }
        AisMessage::StaticDataReport(StaticDataReport::A(m)) => {
            record.put("class", Some("B"));
            record.text("name", m.name.as_str());
        }
        AisMessage::StaticDataReport(StaticDataReport::B(m)) => {
            record.put("class", Some("B"));
            record.ship_type(m.ship_type);
            record.text("callsign", m.call_sign.as_str());
            let (port, starboard) = (u16::from(m.dimension_to_port), u16::from(m.dimension_to_starboard));
            let sides = [m.dimension_to_bow, m.dimension_to_stern, port, starboard];
            // A boat of another ship says whose it is where others say how large they are.
            if m.mmsi.raw() / 10_000_000 == 98 {
                let mother = sides.iter().zip([21, 12, 6, 0]).fold(0, |all, (side, by)| all | u32::from(*side) << by);
                record.put("mothership", (mother > 0).then(|| format!("{mother:09}")));
            } else {
                record.size(sides);
            }
        }
        AisMessage::LongRangeBroadcast(m) => {
            record.place(m.latitude_degrees(), m.longitude_degrees());
            record.put("speed", Some(m.sog_knots).filter(|v| *v < 63).map(|knots| f64::from(knots) * KNOT));
            record.put("course", Some(m.cog_degrees).filter(|degrees| *degrees < 360));
            record.status(m.navigation_status);
        }
        _ => return None,
    }
    Some(record.0)
}

/// Degrees a minute, as far as an indicator knows.
fn turn_rate(rate: RateOfTurn) -> Option<Value> {
    rate.degrees_per_minute().map(|rate| json!((rate * 10.0).round() / 10.0))
}

/// The name of an aid: 20 letters, and behind the rest of the message up to 14 more.
fn aid_name(payload: &[u8], fill_bits: u8) -> Option<String> {
    let mut reader = BitReader::new(payload, fill_bits);
    reader.skip(43).ok()?;
    let name = reader.read_sixbit_ascii::<20>(20).ok()?.to_string();
    reader.skip(109).ok()?;
    let more = (reader.remaining_bits() / 6).min(14);
    if more == 0 {
        return Some(name);
    }
    // A blank between two words may be the twentieth letter.
    let more = reader.read_sixbit_ascii::<14>(more).ok()?;
    Some(if more.as_str().is_empty() { name } else { format!("{name:20}{more}") })
}

/// When a ship wants to be where she goes: a year is not told.
fn eta(month: u8, day: u8, hour: u8, minute: u8) -> Option<String> {
    let is_day = (1..=12).contains(&month) && (1..=31).contains(&day);
    let is_minute = hour < 24 && minute < 60;
    is_day.then(|| {
        format!("{month:02}-{day:02}") + &if is_minute { format!(" {hour:02}:{minute:02}") } else { String::new() }
    })
}

/// The time that a base station says.
fn own_time(message: &AisMessage) -> Option<Millis> {
    let AisMessage::BaseStationReport(m) = message else { return None };
    let (year, month, day) = (m.utc_year, m.utc_month, m.utc_day);
    let text = format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", m.utc_hour, m.utc_minute, m.utc_second);
    Millis::parse(&text)
}

const fn name_of(status: NavigationStatus) -> Option<&'static str> {
    Some(match status.to_raw() {
        0 => "under_way_using_engine",
        1 => "at_anchor",
        2 => "not_under_command",
        3 => "restricted_manoeuvrability",
        4 => "constrained_by_draught",
        5 => "moored",
        6 => "aground",
        7 => "fishing",
        8 => "under_way_sailing",
        11 => "towing_astern",
        12 => "pushing_ahead_or_towing_alongside",
        14 => "ais_sart",
        _ => return None,
    })
}
