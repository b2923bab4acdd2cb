//! EventBridge: `PutEvents`. An event's detail is the record.

use super::{Answer, Ask, Call, Failure, Form, Put, counted, told, unknown_operation};
use crate::ingest::RecordResult;
use crate::problem::Code;
use crate::source::Slice;
use crate::time::Millis;
use serde::Deserialize;
use serde_json::{Value, json};
use std::borrow::Cow;

/// Events of a call, as AWS has it.
const EVENTS: usize = 10;
/// The bus that is meant where none is named: that of the key.
const DEFAULT: &str = "default";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEvents<'d> {
    #[serde(borrow)]
    entries: Vec<Event<'d>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event<'d> {
    event_bus_name: Option<String>,
    source: Option<String>,
    detail_type: Option<String>,
    #[serde(borrow)]
    detail: Option<Cow<'d, str>>,
    /// Seconds with a fraction.
    time: Option<f64>,
}

/// Opens a call.
pub(super) fn open<'a>(call: Call<'a>, operation: Option<&str>) -> Result<Ask<'a>, Failure> {
    if operation != Some("PutEvents") {
        return Err(unknown_operation(operation));
    }
    let PutEvents { entries } = call.json()?;
    counted(entries.len(), EVENTS)?;
    for bus in entries.iter().filter_map(|event| event.event_bus_name.as_deref()).filter(|bus| *bus != DEFAULT) {
        call.reaches_last(bus)?;
    }
    let mut put = Put::new(call, Events);
    for Event { source, detail_type, detail, time, .. } in entries {
        let time = time.map(|seconds| Millis((seconds * 1_000.0).round() as i64));
        let named = [("Source", source.is_some()), ("DetailType", detail_type.is_some()), ("Detail", detail.is_some())];
        let slice = Slice { time, ..Slice::new(detail.unwrap_or(Cow::Borrowed("null"))) };
        put.entry(match named.iter().find(|(_, is_there)| !is_there) {
            Some((name, _)) => slice.refused(name, Code::Missing, format!("{name} is required")),
            None => slice,
        })?;
    }
    Ok(Ask::Put(put))
}

struct Events;

impl Form for Events {
    fn answer(&self, call: &Call<'_>, fates: &[Option<&RecordResult>]) -> Result<Answer, Failure> {
        let entries: Vec<Value> = fates
            .iter()
            .enumerate()
            .map(|(entry, fate)| match fate {
                None => json!({"EventId": call.uuid(entry)}),
                Some(refusal) => {
                    let is_json = refusal.code.as_deref() != Some(Code::InvalidJson.name());
                    let code = if is_json { "InvalidArgument" } else { "MalformedDetail" };
                    json!({"ErrorCode": code, "ErrorMessage": told(refusal)})
                }
            })
            .collect();
        let failed = fates.iter().flatten().count();
        Ok(Answer::done(call.service, &json!({"FailedEntryCount": failed, "Entries": entries})))
    }
}
