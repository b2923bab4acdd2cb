//! What gpsd says in JSON, a line each (`gpspipe -w`): where its receivers are (`TPV`). What else it says is passed over.

use super::draft::{loose, number, object, position, some_fields, take};
use super::{Arrived, Envelope, Slice, plain};
use crate::event::{Loose, RawEvent};
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::time::Millis;
use serde::Deserialize;
use std::borrow::Cow;

/// Reports of receivers.
pub(super) struct Gpsd;

/// Whether gpsd calls a kind of report so.
pub(super) fn is_class(class: &str) -> bool {
    let classes = [
        "TPV", "VERSION", "DEVICES", "DEVICE", "WATCH", "SKY", "GST", "ATT", "IMU", "AIS", "PPS", "TOFF", "OSC",
        "POLL", "ERROR",
    ];
    classes.contains(&class)
}

#[derive(Deserialize)]
struct Report<'d> {
    #[serde(borrow)]
    class: Cow<'d, str>,
    #[serde(borrow, default)]
    device: Option<Cow<'d, str>>,
    #[serde(borrow, default)]
    time: Option<Cow<'d, str>>,
}

impl Envelope for Gpsd {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        let text = arrived.text()?;
        let named = arrived.named_key();
        let lines: Vec<Slice<'a>> = if text.trim_start().starts_with('[') {
            plain::elements(arrived)?
        } else {
            // `gpspipe -r -w` prints the receivers' own sentences between the reports.
            let is_report = |line: &&str| !line.is_empty() && !line.starts_with(['$', '!']);
            text.lines().map(str::trim).filter(is_report).map(Slice::new).collect()
        };
        let slices = lines.into_iter().filter_map(|line| slice(line, named.as_deref()));
        plain::within(slices.take(limits::EVENTS_PER_REQUEST + 1).collect())
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, _: &str) -> Result<RawEvent<'s>, FieldError> {
        let mut report = object(&slice.raw)?;
        let device = take(&mut report, &["key", "device"]).map(loose);
        let time = take(&mut report, &["time"]).map(loose);
        let mut part = |name: &str| report.remove(name).as_ref().and_then(number);
        let (lat, lon) = (part("lat"), part("lon"));
        let (track, speed, error) = (part("track"), part("speed"), part("eph"));
        // Above the sea; since 3.20 `alt` is either, and out of use.
        let (above_sea, either) = (part("altMSL"), part("alt"));
        let ellipsoid = report.get("altHAE").and_then(number);
        // No fix, or nobody knows: what stands there is from before.
        let has_fix = report.get("mode").and_then(number).is_some_and(|mode| mode >= 2.0);
        let is_somewhere = has_fix && lat.is_some() && lon.is_some();
        let parts = [lat, lon, track, speed, above_sea.or(either).or(ellipsoid), error];
        report.remove("class");
        report.remove("tag");
        Ok(RawEvent {
            key: slice.key.as_ref().map(|key| Loose::Text(key.as_str().into())).or(device),
            time,
            position: is_somewhere.then(|| Ok(position(parts))),
            fields: Some(Ok(some_fields(report))),
            ..RawEvent::default()
        })
    }
}

/// The record of a line: none of one that says nothing of where a receiver is. `named`: how the sender calls it.
fn slice<'a>(line: Slice<'a>, named: Option<&str>) -> Option<Slice<'a>> {
    let (key, time) = match serde_json::from_str::<Report<'_>>(&line.raw) {
        Ok(report) if report.class == "TPV" => {
            let key = named.map(str::to_owned).or_else(|| report.device.map(Cow::into_owned));
            (key, report.time.and_then(|time| Millis::parse(&time)))
        }
        Ok(_) => return None,
        Err(why) => {
            let message = format!("the line is no report of gpsd, an object with a class: {why}");
            return Some(line.refused("class", Code::InvalidJson, message));
        }
    };
    let id = key.as_ref().zip(time).map(|(key, time)| format!("{key}@{}", time.0));
    Some(Slice { id: id.filter(|id| crate::id::check_event_id(id).is_ok()), key, ..line })
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use serde_json::json;

    const LOG: &str = concat!(
        r#"{"class":"VERSION","release":"3.22","rev":"3.22","proto_major":3,"proto_minor":14}"#,
        "\r\n",
        r#"{"class":"DEVICES","devices":[{"class":"DEVICE","path":"/dev/ttyUSB0"}]}"#,
        "\n",
        r#"{"class":"TPV","device":"/dev/ttyUSB0","mode":1,"lat":0,"lon":0,"time":"2026-03-01T11:59:59.000Z"}"#,
        "\n",
        r#"{"class":"TPV","device":"/dev/ttyUSB0","mode":3,"time":"2026-03-01T12:00:00.000Z","lat":51.5,"lon":-0.12,"altHAE":110.5,"altMSL":64.2,"alt":64.2,"track":90.5,"speed":5.25,"climb":0.5,"eph":4.5}"#,
        "\n",
        r#"{"class":"SKY","device":"/dev/ttyUSB0","hdop":1.2,"satellites":[]}"#,
        "\n",
    );

    #[test]
    fn a_fix_is_an_event_of_its_device_and_a_lost_one_has_no_position() {
        let (events, refused) = Sent::new(&[], "", LOG).events(EnvelopeName::Auto);
        assert!(refused.is_empty(), "{refused:?}");
        assert_eq!(
            events,
            [
                json!({"id": "/dev/ttyUSB0@1772366399000", "key": "/dev/ttyUSB0", "time": 1_772_366_399_000_i64, "fields": {"mode": 1}}),
                json!({"id": "/dev/ttyUSB0@1772366400000", "key": "/dev/ttyUSB0", "time": 1_772_366_400_000_i64,
                    "position": {"lat": 51.5, "lon": -0.12, "heading": 90.5, "speed": 5.25, "altitude": 64.2, "accuracy": 4.5},
                    "fields": {"mode": 3, "altHAE": 110.5, "climb": 0.5}}),
            ]
        );
    }

    #[test]
    fn the_address_says_which_of_several_receivers_it_is() {
        for query in ["key=boat", "vehicleId=boat", "id=boat"] {
            let (events, _) = Sent::new(&[], query, LOG).events(EnvelopeName::Gpsd);
            assert_eq!(
                (&events[1]["key"], &events[1]["id"]),
                (&json!("boat"), &json!("boat@1772366400000")),
                "{query}"
            );
        }
    }

    #[test]
    fn what_is_no_report_is_refused_by_its_line_alone() {
        let body =
            format!("{LOG}nope\n{{\"mode\":3}}\n{}", r#"{"class":"TPV","mode":3,"lat":95,"lon":1,"device":"a"}"#);
        let (events, refused) = Sent::new(&[], "", body).events(EnvelopeName::Gpsd);
        assert_eq!(events.len(), 2);
        assert_eq!(refused, ["invalid_json class", "invalid_json class", "position_out_of_range position.lat"]);
        let keyless = r#"{"class":"TPV","mode":3,"lat":5,"lon":1}"#;
        assert_eq!(Sent::new(&[], "", keyless).events(EnvelopeName::Auto).1, ["missing key"]);
    }
}
