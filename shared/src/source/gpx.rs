//! GPX 1.0 and 1.1: points of tracks and routes are events of one thing, waypoints are things of their own.
//! <https://www.topografix.com/GPX/1/1/>

use super::draft::{kept, loose, number, object, position, take};
use super::xml::{Step, Walk};
use super::{Arrived, Envelope, Slice, plain};
use crate::event::{Loose, RawEvent, RawFields};
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::time::Millis;
use serde_json::Value;

/// A file of points.
pub(super) struct Gpx;

/// What a point is, by its element.
fn is_point(name: &str) -> bool {
    matches!(name, "trkpt" | "rtept" | "wpt")
}

impl Envelope for Gpx {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        let text = arrived.text()?;
        if super::xml::root(text) != Some("gpx") {
            let detail = "the body is no GPX: its first element is not <gpx>; nothing was taken";
            return Err(Problem::new(Code::Invalid, detail));
        }
        let named = arrived.named_key();
        let mut slices = Vec::new();
        let mut walk = Walk::new(text);
        let mut track: Option<String> = None;
        loop {
            let read = walk.step().and_then(|step| match step {
                Step::Begins(name) if is_point(&name) => Ok(Some((name, walk.element()?))),
                Step::Begins(name) if name == "name" && is_track(&walk.path) => {
                    track = walk.element()?.as_str().filter(|name| !name.is_empty()).map(str::to_owned);
                    Ok(Some((name, Value::Null)))
                }
                Step::Begins(name) | Step::Ends(name) => {
                    if matches!(&*name, "trk" | "rte") {
                        track = None;
                    }
                    Ok(Some((name, Value::Null)))
                }
                Step::Over => Ok(None),
            });
            match read {
                Ok(None) => break,
                Ok(Some((_, Value::Null))) => {}
                Ok(Some((kind, point))) => slices.push(slice(&kind, point, named.as_deref(), track.as_deref())),
                Err(why) => {
                    // What came before is good; the rest waits to be looked at.
                    slices.push(Slice::new(walk.rest()).refused(
                        "",
                        Code::Invalid,
                        format!("the file is broken: {why}"),
                    ));
                    break;
                }
            }
            if slices.len() > limits::EVENTS_PER_REQUEST {
                break;
            }
        }
        plain::within(slices)
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, key_name: &str) -> Result<RawEvent<'s>, FieldError> {
        let mut point = object(&slice.raw)?;
        let named = take(&mut point, &["key", key_name]).map(loose);
        if named.is_none() && slice.key.is_none() {
            let message =
                "nothing says whose the point is: put ?key= into the address, or name the track (<trk><name>)";
            return Err(FieldError::new("key", Code::Missing, message));
        }
        let time = take(&mut point, &["time"]).map(loose);
        // A place on a map has no time of its own: it is there when it is told.
        let is_place = point.get("kind").and_then(Value::as_str) == Some("wpt");
        if time.is_none() && !is_place {
            let message = "a point of a track has no <time>: when it was there is not known";
            return Err(FieldError::new("time", Code::Missing, message));
        }
        let mut fields = RawFields::new();
        for part in [point.remove("extensions"), Some(Value::Object(point))].into_iter().flatten() {
            flatten(part, &mut fields);
        }
        // What is no number stays a field.
        let mut part = |name: &str| {
            let at = fields.iter().position(|(n, _)| n == name)?;
            let n = match &fields.get(at)?.1 {
                Loose::Number(n) => Some(*n),
                // These are numbers however they are written: 030.26, +5, 5e-05.
                Loose::Text(text) => number(&Value::String(text.to_string())),
                Loose::Null | Loose::Bool(_) | Loose::BigInteger | Loose::Array | Loose::Object => None,
            }?;
            fields.remove(at);
            Some(n)
        };
        let parts = [part("lat"), part("lon"), part("course"), part("speed"), part("ele"), None];
        Ok(RawEvent {
            key: named,
            time,
            position: Some(Ok(position(parts))),
            fields: Some(Ok(kept(fields))),
            ..RawEvent::default()
        })
    }
}

/// Whether a `name` is that of a track or a route.
fn is_track(path: &[String]) -> bool {
    matches!(path, [.., of, _] if of == "trk" || of == "rte")
}

/// The record of a point. `named`: how the sender calls the thing; `track`: how its track is called.
fn slice(kind: &str, mut point: Value, named: Option<&str>, track: Option<&str>) -> Slice<'static> {
    let own = |name: &str| point.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let time = own("time").and_then(|time| Millis::parse(&time));
    let key = if kind == "wpt" { own("name") } else { named.or(track).map(str::to_owned) };
    if let Value::Object(members) = &mut point {
        members.insert("kind".to_owned(), kind.into());
    }
    let id = key.as_ref().zip(time).map(|(key, time)| format!("{key}@{}", time.0));
    Slice { id: id.filter(|id| crate::id::check_event_id(id).is_ok()), key, ..Slice::new(point.to_string()) }
}

/// Leaves of elements, by their names: what extensions group is of no use to anybody.
fn flatten(value: Value, fields: &mut RawFields<'static>) {
    let Value::Object(members) = value else { return };
    for (name, value) in members {
        match value {
            Value::Object(_) => flatten(value, fields),
            Value::String(text) if text.is_empty() => {}
            Value::String(text) => fields.push((name.into(), cell(text))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                fields.push((name.into(), loose(value)));
            }
        }
    }
}

/// Text as a number where it is one; in XML nothing else tells them apart.
pub(super) fn cell(text: String) -> Loose<'static> {
    let is_written_so = |n: &f64| {
        let digits = text.trim_start_matches('-');
        let has_zeros = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
        !has_zeros && n.abs() < 9_007_199_254_740_992.0 && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    };
    match number(&Value::String(text.clone())).filter(is_written_so) {
        Some(n) => Loose::Number(n),
        None => Loose::Text(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use super::*;
    use serde_json::json;

    const RIDE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<gpx creator="Garmin Connect" version="1.1" xmlns="http://www.topografix.com/GPX/1/1" xmlns:ns3="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">
  <metadata><name>all of it</name><time>2026-03-01T12:00:00.000Z</time></metadata>
  <wpt lat="30.25" lon="-97.75"><ele>150.10</ele><name>Depot &amp; yard</name><sym>Flag</sym></wpt>
  <trk>
    <name>Morning ride</name><type>cycling</type>
    <trkseg>
      <trkpt lat="30.2600000" lon="-97.7400000"><ele>142.4</ele><time>2026-03-01T12:00:01.000Z</time>
        <extensions><ns3:TrackPointExtension><ns3:atemp>21.0</ns3:atemp><ns3:hr>98</ns3:hr><ns3:speed>5.25</ns3:speed></ns3:TrackPointExtension></extensions></trkpt>
      <trkpt lat="30.2601" lon="-97.7401"><ele>142.6</ele></trkpt>
    </trkseg>
  </trk>
  <rte><name>Loop</name><rtept lat="1" lon="2"><time>2026-03-01T11:00:00Z</time><name>0012</name></rtept></rte>
</gpx>"#;

    #[test]
    fn points_of_a_track_are_its_events_and_waypoints_things_of_their_own() {
        let (events, refused) = Sent::new(&[], "", RIDE).events(EnvelopeName::Auto);
        let known: Vec<_> = events.iter().filter(|e| e["key"] != "Depot & yard").cloned().collect();
        assert_eq!(
            known,
            [
                json!({"id": "Morning ride@1772366401000", "key": "Morning ride", "time": 1_772_366_401_000_i64,
                    "position": {"lat": 30.26, "lon": -97.74, "speed": 5.25, "altitude": 142.4},
                    "fields": {"atemp": 21, "hr": 98, "kind": "trkpt"}}),
                json!({"id": "Loop@1772362800000", "key": "Loop", "time": 1_772_362_800_000_i64, "position": {"lat": 1, "lon": 2},
                    "fields": {"kind": "rtept", "name": "0012"}}),
            ]
        );
        let depot = events.iter().find(|e| e["key"] == "Depot & yard").unwrap();
        assert_eq!(depot["position"], json!({"lat": 30.25, "lon": -97.75, "altitude": 150.1}));
        assert_eq!(refused, ["missing time"]);
    }

    #[test]
    fn parts_of_a_position_are_numbers_however_they_are_written() {
        let ride = r#"<gpx version="1.1"><trk><name>r</name><trkseg><trkpt lat="030.26" lon="-097.5"><ele>0150.0</ele>
            <time>2026-03-01T12:00:00Z</time><extensions><speed>5e-01</speed><course>+090</course></extensions></trkpt>
            <trkpt lat="30.26" lon="-97.5"><ele>n/a</ele><time>2026-03-01T12:00:01Z</time></trkpt></trkseg></trk></gpx>"#;
        let (events, _) = Sent::new(&[], "", ride).events(EnvelopeName::Gpx);
        let position = json!({"lat": 30.26, "lon": -97.5, "altitude": 150, "speed": 0.5, "heading": 90});
        assert_eq!(events[0]["position"], position);
        assert_eq!((&events[1]["position"]["altitude"], &events[1]["fields"]["ele"]), (&Value::Null, &json!("n/a")));
    }

    #[test]
    fn the_address_says_whose_track_it_is() {
        let (events, _) = Sent::new(&[], "key=v1", RIDE).events(EnvelopeName::Gpx);
        let keys: Vec<_> = events.iter().map(|e| e["key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["Depot & yard", "v1", "v1"]);
        let unnamed = RIDE.replace("<name>Morning ride</name>", "").replace("<name>Loop</name>", "");
        let (_, refused) = Sent::new(&[], "", unnamed).events(EnvelopeName::Gpx);
        assert_eq!(refused, ["missing key", "missing key", "missing key"]);
    }

    #[test]
    fn a_file_that_is_cut_loses_no_point_before_the_cut() {
        let cut = RIDE.split("<ele>142.6").next().unwrap();
        let (events, refused) = Sent::new(&[], "", cut).events(EnvelopeName::Gpx);
        assert_eq!((events.len(), refused.len()), (2, 1));
        let arrived = Sent::new(&[], "", "<html></html>");
        assert!(Gpx.open(&arrived.arrived()).is_err());
    }
}
