//! Kinesis Data Streams: `PutRecord`, `PutRecords`, and what producers ask before.

use super::firehose::records;
use super::{Answer, Ask, Call, Failure, Form, Put, Why, counted, kpl, one, told, unknown_operation};
use crate::ingest::RecordResult;
use crate::source::Slice;
use crate::source::firehose::text;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::borrow::Cow;

/// Records of a call, as AWS has it.
const RECORDS: usize = 500;
/// The one shard that a stream has here.
const SHARD: &str = "shardId-000000000000";
/// The largest hash key.
const LAST_HASH_KEY: &str = "340282366920938463463374607431768211455";

/// What a call names a stream by.
#[derive(Deserialize)]
struct Stream {
    #[serde(rename = "StreamName")]
    name: Option<String>,
    #[serde(rename = "StreamARN")]
    arn: Option<String>,
}

impl Stream {
    fn reached(&self, call: &Call<'_>) -> Result<(), Failure> {
        match (&self.arn, &self.name) {
            (Some(arn), _) => call.reaches_last(arn),
            (None, Some(name)) => call.reaches(name),
            (None, None) => Err(Failure::new(Why::Invalid, "StreamName or StreamARN is required")),
        }
    }
}

#[derive(Deserialize)]
struct PutRecord<'d> {
    #[serde(rename = "StreamName")]
    name: Option<String>,
    #[serde(rename = "StreamARN")]
    arn: Option<String>,
    #[serde(rename = "Data", borrow)]
    data: Cow<'d, str>,
    #[serde(rename = "DryRun", default)]
    dry_run: bool,
}

#[derive(Deserialize)]
struct PutRecords<'d> {
    #[serde(rename = "StreamName")]
    name: Option<String>,
    #[serde(rename = "StreamARN")]
    arn: Option<String>,
    #[serde(rename = "Records", borrow)]
    records: Vec<Record<'d>>,
    #[serde(rename = "DryRun", default)]
    dry_run: bool,
}

/// Its partition key may be missing, and says nothing here: there is one shard.
#[derive(Deserialize)]
struct Record<'d> {
    #[serde(rename = "Data", borrow)]
    data: Cow<'d, str>,
}

/// Opens a call.
pub(super) fn open<'a>(call: Call<'a>, operation: Option<&str>) -> Result<Ask<'a>, Failure> {
    match operation {
        Some("PutRecord") => {
            let PutRecord { name, arn, data, dry_run } = call.json()?;
            Stream { name, arn }.reached(&call)?;
            rehearsed(dry_run)?;
            let mut put = Put::new(call, One);
            put.entry_of(|slices| opened(data, slices))?;
            Ok(Ask::Put(put))
        }
        Some("PutRecords") => {
            let PutRecords { name, arn, records, dry_run } = call.json()?;
            Stream { name, arn }.reached(&call)?;
            counted(records.len(), RECORDS)?;
            rehearsed(dry_run)?;
            let mut put = Put::new(call, Many);
            for record in records {
                put.entry_of(|slices| opened(record.data, slices))?;
            }
            Ok(Ask::Put(put))
        }
        Some("ListShards") => {
            call.json::<Stream>()?.reached(&call)?;
            let shard = json!({
                "ShardId": SHARD, "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": LAST_HASH_KEY},
                "SequenceNumberRange": {"StartingSequenceNumber": "0"},
            });
            Ok(Ask::Told(Answer::done(call.service, &json!({"Shards": [shard]}))))
        }
        Some("DescribeStreamSummary") => {
            call.json::<Stream>()?.reached(&call)?;
            let summary = json!({
                "StreamName": call.source, "StreamARN": call.arn("stream/"), "StreamStatus": "ACTIVE",
                "StreamModeDetails": {"StreamMode": "ON_DEMAND"}, "RetentionPeriodHours": 24,
                "StreamCreationTimestamp": 0, "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
                "EncryptionType": "NONE", "OpenShardCount": 1, "ConsumerCount": 0,
            });
            Ok(Ask::Told(Answer::done(call.service, &json!({"StreamDescriptionSummary": summary}))))
        }
        other => Err(unknown_operation(other)),
    }
}

fn rehearsed(dry_run: bool) -> Result<(), Failure> {
    let told = || Failure::new(Why::DryRun, "the call would have been taken; nothing was, since DryRun is set");
    if dry_run { Err(told()) } else { Ok(()) }
}

fn opened<'d>(data: Cow<'d, str>, slices: &mut Vec<Slice<'d>>) {
    records(data, |bytes| kpl::records(bytes).into_iter().map(text), slices);
}

/// Digits that grow with time, as clients expect them to.
fn sequence_number(call: &Call<'_>, entry: usize) -> String {
    let own = call.number(entry).first_chunk::<4>().map_or(0, |bytes| u32::from_be_bytes(*bytes));
    format!("49{:015}{entry:03}{own:010}", call.received.0.max(0))
}

struct One;
struct Many;

/// The answer to `PutRecords`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ManyAnswer {
    failed_record_count: usize,
    encryption_type: &'static str,
    records: Vec<Became>,
}

/// What became of a record.
#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "PascalCase")]
enum Became {
    Taken { shard_id: &'static str, sequence_number: String },
    Refused { error_code: &'static str, error_message: String },
}

impl Form for One {
    fn answer(&self, call: &Call<'_>, fates: &[Option<&RecordResult>]) -> Result<Answer, Failure> {
        let body = json!({"ShardId": SHARD, "SequenceNumber": sequence_number(call, 0), "EncryptionType": "NONE"});
        one(fates, Answer::done(call.service, &body))
    }
}

impl Form for Many {
    fn answer(&self, call: &Call<'_>, fates: &[Option<&RecordResult>]) -> Result<Answer, Failure> {
        let records = fates.iter().enumerate().map(|(entry, fate)| match fate {
            None => Became::Taken { shard_id: SHARD, sequence_number: sequence_number(call, entry) },
            Some(refusal) => Became::Refused { error_code: "InvalidArgumentException", error_message: told(refusal) },
        });
        let body = ManyAnswer {
            failed_record_count: fates.iter().flatten().count(),
            encryption_type: "NONE",
            records: records.collect(),
        };
        Ok(Answer::json(call.service, 200, &body))
    }
}
