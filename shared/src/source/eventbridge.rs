//! EventBridge by an API destination: an event with its `detail`, or what an input transformer has made of it.

use super::answer::Reply;
use super::{Arrived, Envelope, Slice, plain};
use crate::ingest::IngestAnswer;
use crate::problem::Problem;
use crate::time::Millis;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Events with `detail-type`.
pub(super) struct EventBridge;

#[derive(Deserialize)]
struct Event<'d> {
    #[serde(borrow, default)]
    id: Option<Cow<'d, str>>,
    #[serde(borrow, default)]
    time: Option<Cow<'d, str>>,
    #[serde(borrow)]
    detail: &'d RawValue,
}

impl Envelope for EventBridge {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        let slices = plain::elements(arrived)?;
        Ok(slices
            .into_iter()
            .map(|slice| {
                let event =
                    serde_json::from_str::<Event<'_>>(&slice.raw).ok().map(|Event { id, time, detail }| Slice {
                        id: id.map(Cow::into_owned),
                        time: time.as_deref().and_then(Millis::parse),
                        ..Slice::new(detail.get().to_owned())
                    });
                event.unwrap_or(slice)
            })
            .collect())
    }

    fn answer(&self, _: &Arrived<'_>, _: &[Slice<'_>], outcome: Result<&IngestAnswer, &Problem>) -> Reply {
        match outcome {
            Err(problem) if problem.status != 429 => Reply::patient(problem),
            outcome => Reply::plain(outcome),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use crate::problem::Code;
    use serde_json::json;

    #[test]
    fn the_detail_is_the_event_with_the_envelopes_id_and_time() {
        let body = json!({"version": "0", "id": "6a7e", "detail-type": "moved", "source": "buses", "account": "1", "region": "us-east-1",
            "time": "2026-03-01T12:00:00Z", "resources": [], "detail": {"vehicleId": "v1", "lat": 1.5, "lon": 2.5, "doors": true}});
        let (events, refused) = Sent::new(&[], "", body.to_string()).events(EnvelopeName::Auto);
        assert!(refused.is_empty(), "{refused:?}");
        assert_eq!(
            events,
            [json!({"id": "6a7e", "key": "v1", "time": 1_772_366_400_000_i64,
            "position": {"lat": 1.5, "lon": 2.5}, "fields": {"doors": true}})]
        );
    }

    #[test]
    fn what_a_transformer_made_is_an_event_itself() {
        let (events, _) = Sent::new(&[], "", r#"{"vehicleId":"v1","n":1}"#).events(EnvelopeName::Eventbridge);
        assert_eq!((&events[0]["key"], &events[0]["fields"]), (&json!("v1"), &json!({"n": 1})));
        let sent = Sent::new(&[], "", r#"{"detail-type":"a","detail":{}}"#);
        let status = |code| sent.refused(code).status;
        assert_eq!(
            (status(Code::TooManyRequests), status(Code::StorageFull), status(Code::InvalidJson)),
            (429, 503, 400)
        );
    }
}
