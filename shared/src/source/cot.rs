//! Cursor on Target, as ATAK, WinTAK, iTAK and TAK servers write it in XML: events, one after the other, each of one thing.

use super::draft::{number, object, position, some_fields, take};
use super::gpx::cell;
use super::xml::{Step, Walk};
use super::{Arrived, Envelope, Slice, plain};
use crate::event::{Loose, RawEvent};
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use serde_json::{Map, Value};

/// Events.
pub(super) struct Cot;

/// Stands where a height or an error is not known.
const UNKNOWN: f64 = 9_999_999.0;
/// What servers and clients say to hear whether the other is there.
const PING: &str = "t-x-c-t";
/// The first byte of TAK's protobuf.
const PROTOBUF: u8 = 0xbf;

impl Envelope for Cot {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        if arrived.body.first() == Some(&PROTOBUF) {
            let detail = "the body is TAK's protobuf, which is not read here: set the feed to XML; nothing was taken";
            return Err(Problem::new(Code::Invalid, detail));
        }
        let mut walk = Walk::new(arrived.text()?);
        let mut slices = Vec::new();
        loop {
            let read = walk.step().and_then(|step| match step {
                Step::Begins(name) if name == "event" => Ok(Some(walk.element()?)),
                // Some wrap what they send into an element of their own.
                Step::Begins(_) | Step::Ends(_) => Ok(Some(Value::Null)),
                Step::Over => Ok(None),
            });
            match read {
                Ok(None) => break,
                Ok(Some(Value::Null)) => {}
                Ok(Some(event)) => slices.extend(slice(&event)),
                Err(why) => {
                    let message = format!("from here on it is no XML of events: {why}");
                    slices.push(Slice::new(walk.rest()).refused("event", Code::Invalid, message));
                    break;
                }
            }
            if slices.len() > limits::EVENTS_PER_REQUEST {
                break;
            }
        }
        plain::within(slices)
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, _: &str) -> Result<RawEvent<'s>, FieldError> {
        let mut event = object(&slice.raw)?;
        let key = match take(&mut event, &["uid"]) {
            Some(Value::String(uid)) if !uid.is_empty() => uid,
            _ => return Err(FieldError::new("uid", Code::Missing, "uid is required: it says whose event it is")),
        };
        let time = take(&mut event, &["time"]).and_then(|t| t.as_str().map(|t| Loose::Text(t.to_owned().into())));
        let point = inner(&mut event, "point");
        let mut detail = inner(&mut event, "detail");
        let track = inner(&mut detail, "track");
        let known = |of: &Map<String, Value>, name: &str| of.get(name).and_then(number).filter(|n| *n < UNKNOWN);
        let (lat, lon, error) = (known(&point, "lat"), known(&point, "lon"), known(&point, "ce"));
        // Who does not know where it is says so by a place in the sea.
        let is_nowhere = lat == Some(0.0) && lon == Some(0.0) && error.is_none();
        let parts = [lat, lon, known(&track, "course"), known(&track, "speed"), known(&point, "hae"), error];
        for name in ["version", "start"] {
            event.remove(name);
        }
        // By which servers it came.
        detail.remove("_flow-tags_");
        if let Some(callsign) = inner(&mut detail, "contact").remove("callsign") {
            event.insert("callsign".to_owned(), callsign);
        }
        event.extend(detail);
        let mut fields = some_fields(event);
        for (_, value) in &mut fields {
            if let Loose::Text(text) = value {
                *value = cell(std::mem::take(text).into_owned());
            }
        }
        fields.retain(|(_, value)| !matches!(value, Loose::Text(text) if text.is_empty()));
        Ok(RawEvent {
            key: Some(Loose::Text(key.into())),
            time,
            position: (!is_nowhere && (lat.is_some() || lon.is_some())).then(|| Ok(position(parts))),
            fields: Some(Ok(fields)),
            ..RawEvent::default()
        })
    }
}

fn inner(of: &mut Map<String, Value>, name: &str) -> Map<String, Value> {
    match of.remove(name) {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

/// The record of an event; none of one that only asks who is there.
fn slice(event: &Value) -> Option<Slice<'static>> {
    let own = |name: &str| event.get(name).and_then(Value::as_str);
    if own("type").is_some_and(|kind| kind.starts_with(PING)) {
        return None;
    }
    // As it is written: some tell several within a millisecond.
    let id = own("uid").zip(own("time")).map(|(uid, time)| format!("{uid}@{time}"));
    Some(Slice { id: id.filter(|id| crate::id::check_event_id(id).is_ok()), ..Slice::new(event.to_string()) })
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use super::*;
    use serde_json::json;

    fn event(uid: &str, kind: &str, place: &str, detail: &str) -> String {
        format!(
            "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n<event version='2.0' uid='{uid}' type='{kind}' time='2026-03-01T12:00:00.000Z' start='2026-03-01T12:00:00.000Z' stale='2026-03-01T12:06:15.000Z' how='m-g'><point {place}/><detail>{detail}</detail></event>"
        )
    }

    const HERE: &str = "lat='30.26' lon='-97.74' hae='150.5' ce='9.6' le='9999999.0'";

    #[test]
    fn each_event_of_a_stream_is_one_of_its_thing() {
        let team = "<takv os=\"29\" version=\"4.10\" device=\"PHONE\" platform=\"ATAK-CIV\"/><contact endpoint=\"*:-1:stcp\" callsign=\"GHOST\"/><uid Droid=\"GHOST\"/><precisionlocation altsrc=\"GPS\" geopointsrc=\"GPS\"/><__group role=\"Team Member\" name=\"Cyan\"/><status battery=\"78\"/><track course=\"271.5\" speed=\"3.25\"/>";
        let lost = "lat='0.0' lon='0.0' hae='9999999.0' ce='9999999.0' le='9999999.0'";
        let stream = [
            event("ANDROID-1", "a-f-G-U-C", HERE, team),
            event("takPong", "t-x-c-t-r", HERE, ""),
            event("ANDROID-2", "a-f-G-U-C", lost, "<remarks>no fix &amp; no &lt;idea&gt;</remarks>"),
        ];
        let (events, refused) = Sent::new(&[], "", stream.concat()).events(EnvelopeName::Auto);
        assert!(refused.is_empty(), "{refused:?}");
        let (first, second) = (&events[0], &events[1]);
        assert_eq!(events.len(), 2);
        assert_eq!((&first["key"], &first["id"]), (&json!("ANDROID-1"), &json!("ANDROID-1@2026-03-01T12:00:00.000Z")));
        assert_eq!(
            first["position"],
            json!({"lat": 30.26, "lon": -97.74, "heading": 271.5, "speed": 3.25, "altitude": 150.5, "accuracy": 9.6})
        );
        let fields = &first["fields"];
        assert_eq!(
            [&fields["callsign"], &fields["type"], &fields["__group.name"], &fields["status.battery"], &fields["how"]],
            [&json!("GHOST"), &json!("a-f-G-U-C"), &json!("Cyan"), &json!(78), &json!("m-g")]
        );
        assert_eq!((&second["position"], &second["fields"]["remarks"]), (&Value::Null, &json!("no fix & no <idea>")));
    }

    #[test]
    fn what_is_wrong_is_kept_and_spoils_nothing_before_it() {
        let stream = [event("a", "a-f", HERE, ""), event("", "a-f", HERE, ""), "<event uid='b'><point".to_owned()];
        let (events, refused) = Sent::new(&[], "", stream.concat()).events(EnvelopeName::Cot);
        assert_eq!(events.len(), 1);
        assert_eq!(refused, ["missing uid", "invalid event"]);
        let far = event("f", "a-f", "lat='91' lon='0' hae='0' ce='1' le='1'", "");
        assert_eq!(Sent::new(&[], "", far).events(EnvelopeName::Cot).1, ["position_out_of_range position.lat"]);
    }

    #[test]
    fn protobuf_of_tak_is_told_apart() {
        let sent = Sent::new(&[], "", vec![0xbf, 1, 0xbf, 8, 1]);
        let problem = Cot.open(&sent.arrived()).unwrap_err();
        assert!(problem.detail.contains("set the feed to XML"), "{}", problem.detail);
    }
}
