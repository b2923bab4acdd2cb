//! Amazon Data Firehose, "HTTP endpoint" destination.
//!
//! It takes nothing but status 200 with this very body for a delivery; with any other it tries again until the stream's
//! retry duration is over, and then writes the records to the stream's backup. It knows no partial success.

use super::answer::{Reply, lasting};
use super::{Arrived, Envelope, Slice, plain};
use crate::ingest::IngestAnswer;
use crate::limits;
use crate::problem::{Code, Problem};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Read;

const REQUEST_ID: &str = "x-amz-firehose-request-id";

/// Records that are base64 in JSON.
pub(super) struct Firehose;

#[derive(Deserialize)]
struct Delivery<'d> {
    #[serde(rename = "requestId", borrow, default)]
    request_id: Option<Cow<'d, str>>,
    #[serde(borrow)]
    records: Vec<Record<'d>>,
}

#[derive(Deserialize)]
struct Record<'d> {
    #[serde(borrow)]
    data: Cow<'d, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    request_id: &'a str,
    timestamp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
}

impl Envelope for Firehose {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        if arrived.header("x-amz-firehose-protocol-version").is_some_and(|version| version != "1.0") {
            return Err(Problem::new(Code::Invalid, "only version 1.0 of the Firehose protocol is spoken here"));
        }
        let Delivery { request_id, records } = arrived.json()?;
        let id = arrived.header(REQUEST_ID).map(Cow::from).or(request_id).unwrap_or_default();
        let mut slices = Vec::with_capacity(records.len());
        for (i, Record { data }) in records.into_iter().enumerate() {
            let first = slices.len();
            match decoded(&data) {
                Ok(text) => values(text, &mut slices),
                Err(why) => slices.push(Slice::new(data).refused("data", Code::Invalid, why)),
            }
            for (nth, slice) in slices.iter_mut().skip(first).enumerate().filter(|_| !id.is_empty()) {
                slice.id = Some(numbered(&id, i, nth));
            }
            if slices.len() > limits::EVENTS_PER_REQUEST {
                break;
            }
        }
        plain::within(slices)
    }

    fn answer(&self, arrived: &Arrived<'_>, _: &[Slice<'_>], outcome: Result<&IngestAnswer, &Problem>) -> Reply {
        let in_body = || serde_json::from_slice(arrived.body).ok().and_then(|d: Delivery<'_>| d.request_id);
        let id = arrived.header(REQUEST_ID).map(Cow::from).or_else(in_body).unwrap_or_default();
        let error_message = outcome.err().map(|problem| problem.detail.as_str());
        let answer = Answer { request_id: &id, timestamp: arrived.received.0, error_message };
        let status = match outcome {
            Ok(_) => 200,
            // Asked to come slower, it does; to come later, too.
            Err(problem) if problem.status == 429 => 429,
            Err(problem) => lasting(problem),
        };
        let reply = Reply::json(status, serde_json::to_vec(&answer).unwrap_or_default());
        Reply { retry_after_s: outcome.err().and_then(|problem| problem.retry_after_s), ..reply }
    }
}

/// The name of a delivery's record, and of the values in it from the second on.
pub(super) fn numbered(delivery: &str, record: usize, nth: usize) -> String {
    let mut name = String::with_capacity(delivery.len() + 12);
    name.push_str(delivery);
    let _ = if nth == 0 { write!(name, "/{record}") } else { write!(name, "/{record}.{nth}") };
    name
}

/// A record's text: base64, and gzip in it where its source packs.
pub(super) fn decoded(data: &str) -> Result<String, String> {
    text(STANDARD.decode(data).map_err(|e| format!("the record's data is not base64: {e}"))?)
}

/// The same of its bytes.
pub(super) fn text(mut bytes: Vec<u8>) -> Result<String, String> {
    if bytes.starts_with(&[0x1f, 0x8b, 0x08]) {
        let mut out = Vec::new();
        let most = limits::INGEST_BODY_BYTES as u64 + 1;
        let unpacked = MultiGzDecoder::new(bytes.as_slice()).take(most).read_to_end(&mut out);
        unpacked.map_err(|e| format!("the record's data is not valid gzip: {e}"))?;
        if out.len() > limits::INGEST_BODY_BYTES {
            return Err(format!("the record unpacks to more than {} bytes", limits::INGEST_BODY_BYTES));
        }
        bytes = out;
    }
    String::from_utf8(bytes).map_err(|e| format!("the record is not UTF-8: byte {}", e.utf8_error().valid_up_to()))
}

/// The JSON values of a record: producers pack several into one, a line each or one after the other.
pub(super) fn values(text: String, slices: &mut Vec<Slice<'_>>) {
    // Most have one.
    let mut values = serde_json::Deserializer::from_str(&text).into_iter::<IgnoredAny>();
    if matches!(values.next(), Some(Ok(_))) && values.next().is_none() {
        let mut text = text;
        text.truncate(text.trim_end().len());
        slices.push(Slice::new(if text.starts_with(BLANKS) { text.trim_start().to_owned() } else { text }));
        return;
    }
    values_of(&text, slices);
}

/// What JSON has between values.
const BLANKS: [char; 4] = [' ', '\n', '\r', '\t'];

/// The same of a text that is borrowed.
pub(super) fn values_of(text: &str, slices: &mut Vec<Slice<'_>>) {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    loop {
        let start = values.byte_offset();
        match values.next() {
            None => return,
            Some(Ok(value)) => slices.push(Slice::new(value.get().to_owned())),
            Some(Err(_)) => {
                // What is no JSON ends with its line.
                let rest = text.get(start..).unwrap_or_default().trim_start();
                let (bad, rest) = rest.split_once('\n').unwrap_or((rest, ""));
                slices.push(Slice::new(bad.to_owned()));
                if slices.len() > limits::EVENTS_PER_REQUEST {
                    return;
                }
                return values_after(rest, slices);
            }
        }
        if slices.len() > limits::EVENTS_PER_REQUEST {
            return;
        }
    }
}

/// The rest of a text, line by line: values that follow what is no JSON.
fn values_after(rest: &str, slices: &mut Vec<Slice<'_>>) {
    let lines = rest.lines().filter(|line| !line.trim().is_empty()).take(limits::EVENTS_PER_REQUEST + 1);
    slices.extend(lines.map(|line| Slice::new(line.to_owned())));
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use serde_json::json;
    use std::io::Write;

    fn sent(records: &[&[u8]]) -> Sent {
        let records: Vec<_> = records.iter().map(|r| json!({"data": STANDARD.encode(r)})).collect();
        let body = json!({"requestId": "r1", "timestamp": 1_772_366_400_000_i64, "records": records});
        Sent::new(&[(REQUEST_ID, "r1"), ("x-amz-firehose-protocol-version", "1.0")], "", body.to_string())
    }

    #[test]
    fn records_are_unpacked_and_each_value_in_them_is_an_event_with_an_id() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(b"{\"key\":\"z\"}").unwrap();
        let packed = gzip.finish().unwrap();
        let sent = sent(&[
            b"{\"key\":\"a\"}\n{\"key\":\"b\"}{\"key\":\"c\",\"id\":\"own\"}\n",
            b"",
            b"nope\n{\"key\":\"d\"}",
            &packed,
        ]);
        let (events, refused) = sent.events(EnvelopeName::Auto);
        let ids: Vec<_> =
            events.iter().map(|e| format!("{} {}", e["key"].as_str().unwrap(), e["id"].as_str().unwrap())).collect();
        assert_eq!(ids, ["a r1/0", "b r1/0.1", "c own", "d r1/2.1", "z r1/3"]);
        assert_eq!(refused, ["invalid_json "]);
    }

    #[test]
    fn flat_objects_are_events_by_the_boards_own_key() {
        let (events, refused) =
            sent(&[b"{\"vehicleId\":7,\"lat\":30.5,\"lon\":-97.5,\"ts\":1772366400,\"a\":{\"b\":1}}"])
                .events(EnvelopeName::Auto);
        assert!(refused.is_empty(), "{refused:?}");
        assert_eq!(
            events,
            [json!({
                "id": "r1/0", "key": "7", "time": 1_772_366_400_000_i64, "position": {"lat": 30.5, "lon": -97.5}, "fields": {"a.b": 1},
            })]
        );
    }

    #[test]
    fn the_answer_has_the_requests_id_a_number_for_the_time_and_nothing_else() {
        let reply = sent(&[b"{\"key\":\"a\"}"]).answered(EnvelopeName::Auto);
        assert_eq!((reply.status, reply.kind), (200, "application/json"));
        assert_eq!(String::from_utf8(reply.body).unwrap(), r#"{"requestId":"r1","timestamp":1772366400000}"#);
        let refused = sent(&[]).refused(Code::StorageFull);
        assert_eq!(refused.status, 503);
        assert_eq!(
            String::from_utf8(refused.body).unwrap(),
            r#"{"requestId":"r1","timestamp":1772366400000,"errorMessage":"no"}"#
        );
        assert_eq!(sent(&[]).refused(Code::TooManyRequests).status, 429);
    }

    #[test]
    fn data_that_is_no_base64_is_refused_by_itself() {
        let sent = Sent::new(&[(REQUEST_ID, "r")], "", r#"{"records":[{"data":"%%"},{"data":"eyJrZXkiOiJhIn0="}]}"#);
        let (events, refused) = sent.events(EnvelopeName::Auto);
        assert_eq!((events.len(), refused), (1, vec!["invalid data".to_owned()]));
    }
}
