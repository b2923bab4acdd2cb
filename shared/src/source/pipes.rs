//! EventBridge Pipes from SQS, Kinesis and DynamoDB Streams, and the same records as Lambda wraps them.
//!
//! Of a batch only what is named in `batchItemFailures` is sent again.

use super::answer::Reply;
use super::changes::{payload, plain_value};
use super::firehose::{decoded, values};
use super::{Arrived, Envelope, Slice, changes, plain};
use crate::event::RawEvent;
use crate::ingest::IngestAnswer;
use crate::problem::{Code, FieldError, Problem};
use crate::time::Millis;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// Records with `eventSource`.
pub(super) struct Pipes;

#[derive(Deserialize)]
struct Wrapped<'d> {
    #[serde(rename = "Records", borrow)]
    records: Vec<&'d RawValue>,
}

impl Envelope for Pipes {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        let records: Vec<Slice<'a>> = match serde_json::from_slice::<Wrapped<'a>>(arrived.text()?.as_bytes()) {
            Ok(Wrapped { records }) => records.into_iter().map(|r| Slice::new(r.get())).collect(),
            Err(_) => plain::elements(arrived)?,
        };
        let mut slices = Vec::with_capacity(records.len());
        for record in records {
            opened(record, &mut slices);
        }
        plain::within(slices)
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, key_name: &str) -> Result<RawEvent<'s>, FieldError> {
        payload(slice, key_name)
    }

    fn answer(&self, _: &Arrived<'_>, slices: &[Slice<'_>], outcome: Result<&IngestAnswer, &Problem>) -> Reply {
        match outcome {
            Ok(answer) => {
                let mut failed: Vec<&str> = Vec::new();
                for item in answer.refusals().filter_map(|r| slices.get(r.index as usize)?.item.as_deref()) {
                    if failed.last() != Some(&item) {
                        failed.push(item);
                    }
                }
                let failures: Vec<Value> = failed.iter().map(|item| json!({"itemIdentifier": item})).collect();
                Reply::json(200, json!({"batchItemFailures": failures}).to_string().into_bytes())
            }
            Err(problem) => Reply::patient(problem),
        }
    }
}

/// The records in one of a queue or a stream.
fn opened<'a>(record: Slice<'a>, slices: &mut Vec<Slice<'a>>) {
    let Ok(Value::Object(object)) = serde_json::from_str::<Value>(&record.raw) else {
        slices.push(record);
        return;
    };
    let text = |object: &Map<String, Value>, name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    match object.get("eventSource").and_then(Value::as_str) {
        Some("aws:sqs") => {
            let item = text(&object, "messageId");
            let attributes = object.get("attributes").and_then(Value::as_object);
            let once = attributes.and_then(|a| text(a, "MessageDeduplicationId")).or_else(|| item.clone());
            let sent = attributes.and_then(|a| text(a, "SentTimestamp")).and_then(|t| t.parse().ok()).map(Millis);
            let body = text(&object, "body").unwrap_or_default();
            slices.push(Slice { id: once, item, time: sent, ..Slice::new(body) });
        }
        Some("aws:kinesis") => {
            // Pipes puts flat what Lambda nests.
            let inner = object.get("kinesis").and_then(Value::as_object).unwrap_or(&object);
            let item = text(&object, "eventID");
            let id = text(inner, "sequenceNumber").or_else(|| item.clone());
            let arrived = inner.get("approximateArrivalTimestamp").and_then(Value::as_f64);
            let time = arrived.map(|seconds| Millis((seconds * 1_000.0).round() as i64));
            let first = slices.len();
            match decoded(&text(inner, "data").unwrap_or_default()) {
                Ok(text) => values(text, slices),
                Err(why) => slices.push(record.refused("data", Code::Invalid, why)),
            }
            for (nth, slice) in slices.iter_mut().skip(first).enumerate() {
                slice.id = id.as_ref().map(|id| if nth == 0 { id.clone() } else { format!("{id}.{nth}") });
                (slice.item, slice.time) = (item.clone(), time);
            }
        }
        Some("aws:dynamodb") => slices.push(changed(&object, record)),
        // What an input template made.
        _ => slices.push(record),
    }
}

/// An item of a table after a change; of one that was removed the record as it is, which ends it.
fn changed<'a>(object: &Map<String, Value>, record: Slice<'a>) -> Slice<'a> {
    let id = object.get("eventID").and_then(Value::as_str).map(str::to_owned);
    let record = Slice { item: id.clone(), ..record };
    let change = object.get("dynamodb").and_then(Value::as_object);
    let key = changes::key_of(change);
    let seconds = change.and_then(|c| c.get("ApproximateCreationDateTime")?.as_f64());
    let time = seconds.map(|seconds| Millis((seconds * 1_000.0).round() as i64));
    if changes::is_removal(object) {
        return Slice { id, key, time, ..record };
    }
    let Some(image) = change.and_then(|c| c.get("NewImage")?.as_object()) else {
        let message = "dynamodb.NewImage is required: the stream's view type is NEW_IMAGE or NEW_AND_OLD_IMAGES";
        return record.refused("dynamodb.NewImage", Code::Missing, message);
    };
    let item: Map<String, Value> = image.iter().map(|(name, value)| (name.clone(), plain_value(value))).collect();
    Slice { id, key, time, raw: Value::Object(item).to_string().into(), ..record }
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use super::*;
    use crate::ingest::RecordResult;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    fn sqs(id: &str, body: &str) -> Value {
        json!({"messageId": id, "receiptHandle": "h", "body": body, "eventSource": "aws:sqs", "awsRegion": "us-east-1",
            "attributes": {"SentTimestamp": "1772366400000", "ApproximateReceiveCount": "1"}})
    }

    #[test]
    fn messages_of_a_queue_are_events_and_those_that_are_refused_are_named_for_another_try() {
        let body = json!([sqs("m1", r#"{"key":"a"}"#), sqs("m2", "nope"), sqs("m3", r#"{"vehicleId":"b","n":1}"#)]);
        let sent = Sent::new(&[], "", body.to_string());
        let (events, refused) = sent.events(EnvelopeName::Auto);
        assert_eq!(
            events,
            [
                json!({"id": "m1", "key": "a", "time": 1_772_366_400_000_i64}),
                json!({"id": "m3", "key": "b", "time": 1_772_366_400_000_i64, "fields": {"n": 1}}),
            ]
        );
        assert_eq!(refused, ["invalid_json "]);
        let arrived = sent.arrived();
        let slices = Pipes.open(&arrived).unwrap();
        let error = FieldError::new("", Code::InvalidJson, "no");
        let answer = IngestAnswer {
            results: vec![RecordResult::duplicate(0), RecordResult::refused(1, error)],
            ..IngestAnswer::default()
        };
        assert_eq!(
            Pipes.answer(&arrived, &slices, Ok(&answer)).body,
            br#"{"batchItemFailures":[{"itemIdentifier":"m2"}]}"#
        );
        assert_eq!(sent.answered(EnvelopeName::Auto).body, br#"{"batchItemFailures":[]}"#);
    }

    #[test]
    fn records_of_a_stream_are_the_same_flat_or_nested_alone_or_wrapped() {
        let inner = json!({"kinesisSchemaVersion": "1.0", "partitionKey": "p", "sequenceNumber": "49", "data": STANDARD.encode(r#"{"key":"a"}"#),
            "approximateArrivalTimestamp": 1_772_366_400.5});
        let outer = json!({"eventSource": "aws:kinesis", "eventID": "shardId-0:49", "eventName": "aws:kinesis:record"});
        let mut flat = inner.clone();
        flat.as_object_mut().unwrap().extend(outer.as_object().unwrap().clone());
        let mut nested = outer.clone();
        nested["kinesis"] = inner;
        let expected = json!({"id": "49", "key": "a", "time": 1_772_366_400_500_i64});
        for body in [json!([flat]), json!([nested]), json!({"Records": [nested]}), flat] {
            assert_eq!(
                Sent::new(&[], "", body.to_string()).events(EnvelopeName::Auto),
                (vec![expected.clone()], vec![]),
                "{body}"
            );
        }
    }

    #[test]
    fn a_changed_row_of_a_table_is_an_event_under_its_key() {
        let change = |name: &str| {
            json!({"eventID": "a1", "eventName": name, "eventSource": "aws:dynamodb", "dynamodb": {
            "Keys": {"pk": {"S": "bus#7"}}, "SequenceNumber": "111", "ApproximateCreationDateTime": 1_772_366_400,
            "NewImage": {"pk": {"S": "bus#7"}, "lat": {"N": "51.5"}, "lon": {"N": "-0.12"}, "full": {"BOOL": false}, "m": {"M": {"x": {"N": "1"}}},
                "big": {"N": "12345678901234567890"}, "none": {"NULL": true}}}})
        };
        let body = json!([change("MODIFY"), change("REMOVE")]);
        let (events, refused) = Sent::new(&[], "", body.to_string()).events(EnvelopeName::Auto);
        assert!(refused.is_empty(), "{refused:?}");
        assert_eq!(
            events,
            [
                json!({"id": "a1", "key": "bus#7", "time": 1_772_366_400_000_i64, "position": {"lat": 51.5, "lon": -0.12},
            "fields": {"pk": "bus#7", "full": false, "m.x": 1, "big": "12345678901234567890"}}),
                json!({"id": "a1", "key": "bus#7", "time": 1_772_366_400_000_i64, "ends": true}),
            ]
        );
        let keys_only =
            json!([{"eventID": "a", "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": {"Keys": {}}}]);
        assert_eq!(
            Sent::new(&[], "", keys_only.to_string()).events(EnvelopeName::Auto).1,
            ["missing dynamodb.NewImage"]
        );
    }
}
