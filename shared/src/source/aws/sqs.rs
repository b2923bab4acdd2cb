//! SQS: `SendMessage` and `SendMessageBatch`, with the checksums that clients verify.

use super::sigv4::hex;
use super::{ACCOUNT, Answer, Ask, Call, Failure, Form, Put, Why, counted, one, told, unknown_operation};
use crate::ingest::RecordResult;
use crate::source::Slice;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

/// Messages of a call, as AWS has it.
const MESSAGES: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage<'d> {
    queue_url: String,
    #[serde(borrow)]
    message_body: Cow<'d, str>,
    #[serde(default)]
    message_attributes: BTreeMap<String, Attribute>,
    #[serde(default)]
    message_system_attributes: BTreeMap<String, Attribute>,
    message_deduplication_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessageBatch<'d> {
    queue_url: String,
    #[serde(borrow)]
    entries: Vec<Entry<'d>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'d> {
    id: String,
    #[serde(borrow)]
    message_body: Cow<'d, str>,
    #[serde(default)]
    message_attributes: BTreeMap<String, Attribute>,
    #[serde(default)]
    message_system_attributes: BTreeMap<String, Attribute>,
    message_deduplication_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    data_type: String,
    string_value: Option<String>,
    binary_value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetQueueUrl {
    queue_name: String,
}

/// Opens a call.
pub(super) fn open<'a>(call: Call<'a>, operation: Option<&str>) -> Result<Ask<'a>, Failure> {
    match operation {
        Some("SendMessage") => {
            let body: SendMessage<'_> = call.json()?;
            call.reaches_last(&body.queue_url)?;
            let sums = Sums::of(&body.message_body, &body.message_attributes, &body.message_system_attributes)?;
            let mut put = Put::new(call, One(sums));
            put.entry(message(body.message_body, body.message_deduplication_id))?;
            Ok(Ask::Put(put))
        }
        Some("SendMessageBatch") => {
            let body: SendMessageBatch<'_> = call.json()?;
            call.reaches_last(&body.queue_url)?;
            counted(body.entries.len(), MESSAGES)?;
            let ids: HashSet<&str> = body.entries.iter().map(|entry| entry.id.as_str()).collect();
            if ids.len() < body.entries.len() {
                return Err(Failure::new(Why::Invalid, "two entries of the batch have the same Id"));
            }
            let mut sums = Vec::new();
            for entry in &body.entries {
                let own = Sums::of(&entry.message_body, &entry.message_attributes, &entry.message_system_attributes)?;
                sums.push((entry.id.clone(), own));
            }
            let mut put = Put::new(call, Batch(sums));
            for entry in body.entries {
                put.entry(message(entry.message_body, entry.message_deduplication_id))?;
            }
            Ok(Ask::Put(put))
        }
        Some("GetQueueUrl") => {
            call.reaches(&call.json::<GetQueueUrl>()?.queue_name)?;
            let url = format!("{}/{ACCOUNT}/{}", call.endpoint, call.source);
            Ok(Ask::Told(Answer::done(call.service, &json!({"QueueUrl": url}))))
        }
        other => Err(unknown_operation(other)),
    }
}

fn message(body: Cow<'_, str>, id: Option<String>) -> Slice<'_> {
    Slice { id, ..Slice::new(body) }
}

/// The checksums of a message.
struct Sums {
    body: String,
    attributes: Option<String>,
    system_attributes: Option<String>,
}

impl Sums {
    fn of(
        body: &str,
        attributes: &BTreeMap<String, Attribute>,
        system: &BTreeMap<String, Attribute>,
    ) -> Result<Self, Failure> {
        let body = hex(&Md5::digest(body));
        Ok(Self { body, attributes: sum(attributes)?, system_attributes: sum(system)? })
    }

    fn write(&self, out: &mut Map<String, Value>) {
        out.insert("MD5OfMessageBody".to_owned(), self.body.as_str().into());
        let others =
            [("MD5OfMessageAttributes", &self.attributes), ("MD5OfMessageSystemAttributes", &self.system_attributes)];
        for (name, sum) in others {
            if let Some(sum) = sum {
                out.insert(name.to_owned(), sum.as_str().into());
            }
        }
    }
}

/// The checksum of attributes: each, by name, with its type and its value, and their lengths.
fn sum(attributes: &BTreeMap<String, Attribute>) -> Result<Option<String>, Failure> {
    let mut sum = Md5::new();
    let part = |sum: &mut Md5, bytes: &[u8]| {
        sum.update((bytes.len() as u32).to_be_bytes());
        sum.update(bytes);
    };
    for (name, attribute) in attributes {
        part(&mut sum, name.as_bytes());
        part(&mut sum, attribute.data_type.as_bytes());
        match (&attribute.string_value, &attribute.binary_value) {
            (Some(text), None) => {
                sum.update([1]);
                part(&mut sum, text.as_bytes());
            }
            (None, Some(data)) => {
                let invalid = |_| Failure::new(Why::Unreadable, format!("the attribute {name} is not base64"));
                sum.update([2]);
                part(&mut sum, &STANDARD.decode(data).map_err(invalid)?);
            }
            _ => {
                let message = format!("the attribute {name} has either StringValue or BinaryValue");
                return Err(Failure::new(Why::Invalid, message));
            }
        }
    }
    Ok((!attributes.is_empty()).then(|| hex(&sum.finalize())))
}

struct One(Sums);
struct Batch(Vec<(String, Sums)>);

impl Form for One {
    fn answer(&self, call: &Call<'_>, fates: &[Option<&RecordResult>]) -> Result<Answer, Failure> {
        let mut body = Map::from_iter([("MessageId".to_owned(), call.uuid(0).into())]);
        self.0.write(&mut body);
        one(fates, Answer::done(call.service, &body.into()))
    }
}

impl Form for Batch {
    fn answer(&self, call: &Call<'_>, fates: &[Option<&RecordResult>]) -> Result<Answer, Failure> {
        let (mut good, mut failed) = (Vec::new(), Vec::new());
        for (at, ((id, sums), fate)) in self.0.iter().zip(fates).enumerate() {
            if let Some(refusal) = fate {
                let code = "InvalidMessageContents";
                failed.push(json!({"Id": id, "SenderFault": true, "Code": code, "Message": told(refusal)}));
                continue;
            }
            let mut entry = Map::from_iter([("Id".to_owned(), id.as_str().into())]);
            entry.insert("MessageId".to_owned(), call.uuid(at).into());
            sums.write(&mut entry);
            good.push(Value::from(entry));
        }
        let mut body = Map::from_iter([("Successful".to_owned(), good.into())]);
        if !failed.is_empty() {
            body.insert("Failed".to_owned(), failed.into());
        }
        Ok(Answer::done(call.service, &body.into()))
    }
}
