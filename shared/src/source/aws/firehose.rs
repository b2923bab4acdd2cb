//! `PutRecord` and `PutRecordBatch` of Amazon Data Firehose.

use super::{Answer, Ask, Call, Failure, Form, Put, counted, one, told, unknown_operation};
use crate::ingest::RecordResult;
use crate::limits;
use crate::problem::Code;
use crate::source::Slice;
use crate::source::firehose::{text, values};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use std::borrow::Cow;

/// Records of a call, as AWS has it.
const RECORDS: usize = 500;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutRecord<'d> {
    delivery_stream_name: String,
    #[serde(borrow)]
    record: Record<'d>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutRecordBatch<'d> {
    delivery_stream_name: String,
    #[serde(borrow)]
    records: Vec<Record<'d>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record<'d> {
    #[serde(borrow)]
    data: Cow<'d, str>,
}

/// Opens a call.
pub(super) fn open<'a>(call: Call<'a>, operation: Option<&str>) -> Result<Ask<'a>, Failure> {
    match operation {
        Some("PutRecord") => {
            let PutRecord { delivery_stream_name, record } = call.json()?;
            call.reaches(&delivery_stream_name)?;
            let mut put = Put::new(call, One);
            put.entry_of(|slices| records(record.data, |bytes| [text(bytes)], slices))?;
            Ok(Ask::Put(put))
        }
        Some("PutRecordBatch") => {
            let body: PutRecordBatch<'_> = call.json()?;
            call.reaches(&body.delivery_stream_name)?;
            counted(body.records.len(), RECORDS)?;
            let mut put = Put::new(call, Batch);
            for record in body.records {
                put.entry_of(|slices| records(record.data, |bytes| [text(bytes)], slices))?;
            }
            Ok(Ask::Put(put))
        }
        other => Err(unknown_operation(other)),
    }
}

/// Puts the records in an entry's data, which is base64, to the others; `texts` unpacks it. One that is no text is kept as it
/// came.
pub(super) fn records<'d, T: IntoIterator<Item = Result<String, String>>>(
    data: Cow<'d, str>,
    texts: impl FnOnce(Vec<u8>) -> T,
    slices: &mut Vec<Slice<'d>>,
) {
    let refused = |data: Cow<'d, str>, why: String| Slice::new(data).refused("Data", Code::Invalid, why);
    let bytes = match STANDARD.decode(data.as_bytes()) {
        Ok(bytes) => bytes,
        Err(e) => return slices.push(refused(data, format!("the record's data is not base64: {e}"))),
    };
    for text in texts(bytes) {
        match text {
            Ok(text) => values(text, slices),
            Err(why) => slices.push(refused(data.clone(), why)),
        }
        if slices.len() > limits::EVENTS_PER_REQUEST {
            return;
        }
    }
}

struct One;
struct Batch;

fn record_id(call: &Call<'_>, entry: usize) -> String {
    call.uuid(entry)
}

impl Form for One {
    fn answer(&self, call: &Call<'_>, fates: &[Option<&RecordResult>]) -> Result<Answer, Failure> {
        one(fates, Answer::done(call.service, &json!({"RecordId": record_id(call, 0), "Encrypted": false})))
    }
}

impl Form for Batch {
    fn answer(&self, call: &Call<'_>, fates: &[Option<&RecordResult>]) -> Result<Answer, Failure> {
        let entries: Vec<Value> = fates
            .iter()
            .enumerate()
            .map(|(entry, fate)| match fate {
                None => json!({"RecordId": record_id(call, entry)}),
                Some(refusal) => json!({"ErrorCode": "InvalidArgumentException", "ErrorMessage": told(refusal)}),
            })
            .collect();
        let failed = fates.iter().flatten().count();
        let body = json!({"FailedPutCount": failed, "Encrypted": false, "RequestResponses": entries});
        Ok(Answer::done(call.service, &body))
    }
}
