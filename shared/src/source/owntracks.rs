//! OwnTracks in HTTP mode.
//!
//! A phone sends the same message again, and nothing else, until it is answered 2xx: what is wrong with a message is kept
//! as a dead letter, and the phone goes on.

use super::answer::{Reply, is_poison};
use super::draft::{number, object, position, some_fields, take};
use super::{Arrived, Envelope, Slice};
use crate::event::{Loose, RawEvent};
use crate::ingest::IngestAnswer;
use crate::problem::{Code, FieldError, Problem};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Messages with a `_type`.
pub(super) struct OwnTracks;

impl Envelope for OwnTracks {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        let text = String::from_utf8_lossy(arrived.body);
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        let messages: Vec<Cow<'a, str>> = match serde_json::from_slice::<Vec<&RawValue>>(arrived.body) {
            Ok(all) => all.into_iter().map(|one| one.get().into()).collect(),
            Err(_) => vec![text],
        };
        Ok(messages.into_iter().filter_map(|raw| slice(arrived, raw)).collect())
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, _: &str) -> Result<RawEvent<'s>, FieldError> {
        let mut message = object(&slice.raw)?;
        let kind = take(&mut message, &["_type"]);
        for known in ["_id", "topic", "created_at"] {
            message.remove(known);
        }
        let mut part = |name: &str| message.remove(name).as_ref().and_then(number);
        let (lat, lon) = (part("lat"), part("lon"));
        // Kilometres an hour.
        let speed = part("vel").map(|v| v / 3.6);
        let parts = [lat, lon, part("cog"), speed, part("alt"), part("acc")];
        let seconds = part("tst").ok_or_else(|| {
            FieldError::new("tst", Code::Missing, "tst is required: the time of the message in epoch seconds")
        })?;
        let is_somewhere = lat.is_some() || lon.is_some();
        if kind.as_ref().and_then(Value::as_str) == Some("location") && !is_somewhere {
            return Err(FieldError::new("lat", Code::Missing, "lat and lon are required in a location"));
        }
        Ok(RawEvent {
            time: Some(Loose::Number(seconds * 1_000.0)),
            position: is_somewhere.then(|| Ok(position(parts))),
            fields: Some(Ok(some_fields(message))),
            ..RawEvent::default()
        })
    }

    fn answer(&self, _: &Arrived<'_>, _: &[Slice<'_>], outcome: Result<&IngestAnswer, &Problem>) -> Reply {
        match outcome {
            Err(problem) if !is_poison(problem) => Reply::patient(problem),
            Ok(_) | Err(_) => Reply::json(200, b"[]".to_vec()),
        }
    }
}

/// A message with the key of its device, and an id: the app's own, or where and when it was sent. None of those that say
/// nothing of where somebody is.
fn slice<'a>(arrived: &Arrived<'a>, raw: Cow<'a, str>) -> Option<Slice<'a>> {
    let Ok(message) = object(&raw) else { return Some(Slice::new(raw)) };
    let text = |name: &str| message.get(name).and_then(Value::as_str);
    let kind = text("_type").unwrap_or_default();
    if !matches!(kind, "location" | "transition" | "waypoint") {
        // Cards, steps, commands, encrypted ones: taken, so that the phone goes on, and nothing for a board.
        return (!message.contains_key("_type"))
            .then(|| Slice::new(raw).refused("_type", Code::Missing, "_type is required in a message of OwnTracks"));
    }
    let query = |name: &str| {
        let mut pairs = form_urlencoded::parse(arrived.query.as_bytes());
        pairs.find(|(n, _)| n == name).map(|(_, value)| value.into_owned())
    };
    let user = arrived.header("x-limit-u").map(str::to_owned).or_else(|| query("u"));
    let device = arrived.header("x-limit-d").map(str::to_owned).or_else(|| query("d"));
    let of_topic = text("topic").and_then(|topic| {
        let mut parts = topic.split('/').skip_while(|part| part.is_empty());
        match (parts.next(), parts.next(), parts.next()) {
            (Some(_), Some(user), Some(device)) => Some(format!("{user}/{device}")),
            _ => None,
        }
    });
    let key = match (user, device) {
        (Some(user), Some(device)) => Some(format!("{user}/{device}")),
        (user, device) => of_topic.or(user).or(device).or_else(|| text("tid").map(str::to_owned)),
    };
    // A place is an item of its own beside the phone that knows it.
    let key = match (kind, key) {
        ("waypoint", Some(key)) => {
            let place = text("rid").or_else(|| text("desc")).unwrap_or_default();
            Some(format!("{key}/waypoint/{place}"))
        }
        (_, key) => key,
    };
    let mut slice = Slice { key, ..Slice::default() };
    slice.id = match (text("_id"), &slice.key, message.get("tst")) {
        (Some(id), Some(key), _) => Some(format!("{key}#{id}")),
        (None, Some(key), Some(tst)) => {
            let what = text("event").map_or(Cow::from(kind), |event| {
                format!("{kind} {event} {}", text("rid").or_else(|| text("desc")).unwrap_or_default()).into()
            });
            Some(format!("{key}@{tst} {what}"))
        }
        _ => None,
    };
    slice.id = slice.id.filter(|id| crate::id::check_event_id(id).is_ok());
    slice.raw = raw.into();
    Some(slice)
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use super::*;
    use serde_json::json;

    fn sent(body: &str) -> Sent {
        Sent::new(&[("x-limit-u", "jane"), ("x-limit-d", "phone")], "", body)
    }

    #[test]
    fn a_location_has_its_device_as_key_and_its_speed_in_metres_a_second() {
        let body = r#"{"_type":"location","_id":"a1","lat":51.5,"lon":-0.12,"tst":1772366400,"acc":9,"vel":36,"cog":90,"batt":71,"tid":"JJ","inregions":["home"]}"#;
        let (events, refused) = sent(body).events(EnvelopeName::Auto);
        assert!(refused.is_empty(), "{refused:?}");
        assert_eq!(
            events,
            [json!({
                "id": "jane/phone#a1", "key": "jane/phone", "time": 1_772_366_400_000_i64,
                "position": {"lat": 51.5, "lon": -0.12, "heading": 90, "speed": 10, "accuracy": 9},
                "fields": {"batt": 71, "tid": "JJ", "inregions": "[\"home\"]"},
            })]
        );
    }

    #[test]
    fn a_device_is_named_by_headers_the_address_the_topic_or_its_two_letters() {
        let key = |headers: &[(&str, &str)], query: &str, more: &str| {
            let body = format!(r#"{{"_type":"location","lat":1,"lon":2,"tst":1772366400{more}}}"#);
            let (events, _) = Sent::new(headers, query, body).events(EnvelopeName::Owntracks);
            events.first().map(|e| e["key"].as_str().unwrap().to_owned())
        };
        assert_eq!(key(&[], "u=jane&d=ph%20one", ""), Some("jane/ph one".into()));
        assert_eq!(key(&[], "", r#","topic":"owntracks/jane/phone""#), Some("jane/phone".into()));
        assert_eq!(key(&[], "", r#","tid":"JJ""#), Some("JJ".into()));
        assert_eq!(key(&[], "", ""), None);
    }

    #[test]
    fn transitions_and_places_are_events_and_other_messages_are_none() {
        let (events, refused) = sent(
            r#"[{"_type":"transition","event":"enter","tst":1772366400,"acc":5,"lat":1,"lon":2,"desc":"home","rid":"r1"},
                {"_type":"waypoint","desc":"home","tst":1772366300,"lat":1,"lon":2,"rad":50,"rid":"r1"},
                {"_type":"steps","steps":10},{"_type":"encrypted","data":"x"}]"#,
        ).events(EnvelopeName::Auto);
        assert!(refused.is_empty(), "{refused:?}");
        assert_eq!(
            events.iter().map(|e| e["key"].as_str().unwrap()).collect::<Vec<_>>(),
            ["jane/phone", "jane/phone/waypoint/r1"]
        );
        assert_eq!(
            (events[0]["fields"]["event"].as_str(), events[1]["fields"]["rad"].as_f64()),
            (Some("enter"), Some(50.0))
        );
        assert_ne!(events[0]["id"], events[1]["id"]);
    }

    #[test]
    fn what_is_wrong_with_a_message_is_kept_and_does_not_stop_the_phone() {
        for (body, refused) in [
            ("{", "invalid_json "),
            ("[1]", "not_an_object "),
            (r#"{"_type":"location","lat":99,"lon":2,"tst":1772366400}"#, "position_out_of_range position.lat"),
            (r#"{"_type":"location","tst":1772366400}"#, "missing lat"),
            (r#"{"_type":"location","lat":1,"lon":2}"#, "missing tst"),
            (r#"{"lat":1}"#, "missing _type"),
        ] {
            assert_eq!(sent(body).events(EnvelopeName::Owntracks).1, [refused], "{body}");
        }
        assert_eq!(sent("").events(EnvelopeName::Owntracks), (vec![], vec![]));
        let reply = |code| sent("").refused(code);
        assert_eq!(
            (sent("").answered(EnvelopeName::Auto).status, sent("").answered(EnvelopeName::Auto).body),
            (200, b"[]".to_vec())
        );
        assert_eq!((reply(Code::InvalidJson).status, reply(Code::BodyTooLarge).status), (200, 200));
        assert_eq!(
            (reply(Code::TooManyRequests).status, reply(Code::StorageFull).status, reply(Code::KeyInvalid).status),
            (503, 503, 401)
        );
    }
}
