//! CloudEvents 1.0 over HTTP: one event in the body, a batch of them, or the event in the headers.

use super::{Arrived, Envelope, Slice, changes, plain};
use crate::event::RawEvent;
use crate::problem::{Code, FieldError, Problem};
use crate::time::Millis;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Events with `specversion`.
pub(super) struct CloudEvents;

/// What an event says of itself.
#[derive(Default, Deserialize)]
struct Attributes<'d> {
    #[serde(borrow, default)]
    specversion: Option<Cow<'d, str>>,
    #[serde(borrow, default)]
    id: Option<Cow<'d, str>>,
    #[serde(borrow, default)]
    source: Option<Cow<'d, str>>,
    #[serde(rename = "type", borrow, default)]
    kind: Option<Cow<'d, str>>,
    #[serde(borrow, default)]
    subject: Option<Cow<'d, str>>,
    #[serde(borrow, default)]
    time: Option<Cow<'d, str>>,
    #[serde(borrow, default)]
    data: Option<&'d RawValue>,
    #[serde(borrow, default)]
    data_base64: Option<Cow<'d, str>>,
}

impl Envelope for CloudEvents {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        if arrived.header("ce-specversion").is_some() {
            return Ok(vec![binary(arrived)]);
        }
        let mut slices = plain::elements(arrived)?;
        for slice in &mut slices {
            *slice = structured(std::mem::take(&mut slice.raw).into_text());
        }
        Ok(slices)
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, key_name: &str) -> Result<RawEvent<'s>, FieldError> {
        changes::payload(slice, key_name)
    }
}

/// What is known of an event's data by its attributes; why it is none, where something is missing.
fn attributed<'a>(slice: Slice<'a>, attributes: &Attributes<'_>) -> Slice<'a> {
    let Attributes { specversion, id, source, kind, subject, time, .. } = attributes;
    let required = [("specversion", specversion), ("id", id), ("source", source), ("type", kind)];
    if let Some((name, _)) = required.iter().find(|(_, value)| value.as_deref().unwrap_or_default().is_empty()) {
        return slice.refused(name, Code::Missing, format!("{name} is required in a CloudEvent"));
    }
    if specversion.as_deref() != Some("1.0") {
        return slice.refused("specversion", Code::Invalid, "only CloudEvents of version 1.0 are taken");
    }
    let id = id.as_deref().zip(source.as_deref()).map(|(id, source)| format!("{source} {id}"));
    let id = id.filter(|id| crate::id::check_event_id(id).is_ok());
    let key = subject.as_deref().filter(|key| crate::id::check_key(key).is_ok()).map(str::to_owned);
    Slice { id, key, time: time.as_deref().and_then(Millis::parse), ..slice }
}

/// The event of one JSON object.
fn structured(raw: Cow<'_, str>) -> Slice<'_> {
    let (data, slice) = match serde_json::from_str::<Attributes<'_>>(&raw) {
        Err(e) => (None, Err(format!("the record is no CloudEvent: {e}"))),
        Ok(attributes) => {
            let data = match (&attributes.data, &attributes.data_base64) {
                (Some(data), _) => Ok(data.get().to_owned()),
                (None, Some(data)) => STANDARD
                    .decode(data.as_bytes())
                    .ok()
                    .and_then(|bytes| String::from_utf8(bytes).ok())
                    .ok_or_else(|| "data_base64 is not base64 of text".to_owned()),
                (None, None) => Ok("{}".to_owned()),
            };
            match data {
                Ok(data) => (Some(data), Ok(attributed(Slice::default(), &attributes))),
                Err(why) => (None, Err(why)),
            }
        }
    };
    match slice {
        Ok(slice) if slice.refused.is_none() => Slice { raw: data.unwrap_or_default().into(), ..slice },
        // What is refused is kept whole.
        Ok(slice) => Slice { raw: raw.into(), ..slice },
        Err(why) => Slice::new(raw).refused("data", Code::Invalid, why),
    }
}

/// The event whose attributes are headers.
fn binary<'a>(arrived: &Arrived<'a>) -> Slice<'a> {
    let header = |name: &str| {
        let value = arrived.header(name)?.trim();
        let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
        Some(percent_decode_str(value).decode_utf8_lossy())
    };
    let attributes = Attributes {
        specversion: header("ce-specversion"),
        id: header("ce-id"),
        source: header("ce-source"),
        kind: header("ce-type"),
        subject: header("ce-subject"),
        time: header("ce-time"),
        ..Attributes::default()
    };
    let slice = attributed(Slice::new(String::from_utf8_lossy(arrived.body)), &attributes);
    let is_text = std::str::from_utf8(arrived.body).is_ok();
    if !is_text {
        return slice.refused("data", Code::InvalidUtf8, "the event's data is no text; send JSON");
    }
    slice
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use serde_json::{Value, json};

    fn event() -> Value {
        json!({"specversion": "1.0", "id": "e1", "source": "/buses", "type": "t", "time": "2026-03-01T12:00:00Z",
            "subject": "v1", "data": {"fields": {"n": 1}}})
    }

    fn expected() -> Value {
        json!({"id": "/buses e1", "key": "v1", "time": 1_772_366_400_000_i64, "fields": {"n": 1}})
    }

    #[test]
    fn the_three_modes_make_the_same_event() {
        let structured =
            Sent::new(&[("content-type", "application/cloudevents+json; charset=utf-8")], "", event().to_string());
        let batch =
            Sent::new(&[("content-type", "application/cloudevents-batch+json")], "", json!([event()]).to_string());
        let headers = [
            ("ce-specversion", "1.0"),
            ("ce-id", "e1"),
            ("ce-source", "%2Fbuses"),
            ("ce-type", "t"),
            ("ce-time", "2026-03-01T12:00:00Z"),
            ("ce-subject", "\"v1\""),
            ("content-type", "application/json"),
        ];
        let binary = Sent::new(&headers, "", r#"{"fields":{"n":1}}"#);
        for sent in [structured, batch, binary] {
            assert_eq!(sent.events(EnvelopeName::Auto), (vec![expected()], vec![]));
        }
    }

    #[test]
    fn data_may_be_base64_and_a_batch_may_be_empty() {
        let mut event = event();
        event.as_object_mut().unwrap().remove("data");
        event["data_base64"] = "eyJmaWVsZHMiOnsibiI6MX19".into();
        assert_eq!(Sent::new(&[], "", event.to_string()).events(EnvelopeName::Auto), (vec![expected()], vec![]));
        let empty = Sent::new(&[("content-type", "application/cloudevents-batch+json")], "", "[]");
        assert_eq!(empty.events(EnvelopeName::Auto), (vec![], vec![]));
    }

    #[test]
    fn what_is_required_and_missing_is_named() {
        for name in ["id", "source", "type", "specversion"] {
            let mut event = event();
            event.as_object_mut().unwrap().remove(name);
            assert_eq!(
                Sent::new(&[], "", event.to_string()).events(EnvelopeName::Cloudevents).1,
                [format!("missing {name}")]
            );
        }
        let old = Sent::new(&[], "", event().to_string().replace("1.0", "0.3"));
        assert_eq!(old.events(EnvelopeName::Auto).1, ["invalid specversion"]);
        let python = Sent::new(
            &[("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "s"), ("ce-type", "t")],
            "",
            "[{'bus': 7}]",
        );
        assert_eq!(python.events(EnvelopeName::Auto).1, ["invalid_json "]);
    }
}
