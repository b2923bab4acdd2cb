//! OTLP over HTTP: metrics, in JSON and in protobuf. What a thing measured at a time is one record.
//!
//! A client sends again what is answered 429, 502, 503 or 504, and nothing else; what is wrong in part is told in
//! `partialSuccess`.

mod binary;
mod points;
mod text;

use super::answer::{Reply, lasting};
use super::{Arrived, Envelope, Slice, draft, plain};
use crate::event::RawEvent;
use crate::ingest::{IngestAnswer, RecordResult};
use crate::problem::{Code, FieldError, Problem};
use points::Points;
use prost::Message;
use serde_json::{Value, json};

/// Metrics.
pub(super) struct Otlp;

/// What a client is told of what was not taken.
#[derive(Clone, PartialEq, Message)]
struct Partial {
    #[prost(int64, tag = "1")]
    rejected: i64,
    #[prost(string, tag = "2")]
    message: String,
}

#[derive(Clone, PartialEq, Message)]
struct Success {
    #[prost(message, optional, tag = "1")]
    partial: Option<Partial>,
}

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

fn is_binary(arrived: &Arrived<'_>) -> bool {
    arrived.media_type() != "application/json"
}

impl Envelope for Otlp {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        let mut points = Points::new(arrived.key_name);
        let read = if is_binary(arrived) {
            binary::read(arrived.body, &mut points).map_err(str::to_owned)
        } else {
            text::read(arrived.text()?, &mut points)
        };
        read.map_err(|why| {
            Problem::new(Code::Invalid, format!("the body is no ExportMetricsServiceRequest: {why}; nothing was taken"))
        })?;
        plain::within(points.slices()?)
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, key_name: &str) -> Result<RawEvent<'s>, FieldError> {
        let mut object = draft::object(&slice.raw)?;
        match object.remove("metrics") {
            Some(Value::Object(metrics)) => Ok(draft::flat(metrics, key_name)),
            _ => Err(FieldError::new("metrics", Code::Missing, "metrics is an object of names and numbers")),
        }
    }

    fn answer(&self, arrived: &Arrived<'_>, slices: &[Slice<'_>], outcome: Result<&IngestAnswer, &Problem>) -> Reply {
        let binary = is_binary(arrived);
        let kind = if binary { "application/x-protobuf" } else { "application/json" };
        match outcome {
            Ok(answer) => {
                let points = |r: &RecordResult| slices.get(r.index as usize)?.item.as_deref()?.parse::<i64>().ok();
                let rejected: i64 = answer.refusals().filter_map(points).sum();
                let first = answer.refusals().next();
                let message = first.and_then(|r| r.message.clone()).unwrap_or_default();
                let body = match (binary, rejected) {
                    (true, 0) => Vec::new(),
                    (false, 0) => b"{}".to_vec(),
                    (true, rejected) => Success { partial: Some(Partial { rejected, message }) }.encode_to_vec(),
                    (false, rejected) => {
                        let partial = json!({"rejectedDataPoints": rejected.to_string(), "errorMessage": message});
                        json!({"partialSuccess": partial}).to_string().into_bytes()
                    }
                };
                Reply { kind, ..Reply::json(200, body) }
            }
            Err(problem) => {
                let status = match problem.status {
                    429 => 429,
                    422 => 400,
                    _ => lasting(problem),
                };
                let message = problem.detail.clone();
                let body = if binary {
                    Status { code: 0, message }.encode_to_vec()
                } else {
                    json!({"message": message}).to_string().into_bytes()
                };
                // 0 would be no pause at all to some clients.
                let retry_after_s = matches!(status, 429 | 503).then(|| problem.retry_after_s.unwrap_or(5).max(1));
                Reply { kind, retry_after_s, ..Reply::json(status, body) }
            }
        }
    }
}

#[cfg(test)]
mod tests;
