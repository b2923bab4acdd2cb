//! S3's event notifications: which objects they name, and the records in an object.
//!
//! An object is fetched only where a source has chosen a target of the operator's, and lies under that target's prefix.

use super::firehose::values_of;
use super::{Arrived, Envelope, EnvelopeName, Slice, changes, packed, plain, sns};
use crate::event::RawEvent;
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::fmt::Write as _;

/// Records of objects.
pub(super) struct S3;

/// An object that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its bucket.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// Which of its versions: the version's id, or its `eTag`.
    pub version: String,
    /// Its `eTag`, if that was said.
    pub tag: Option<String>,
    /// Its bytes, if that was said.
    pub size: Option<u64>,
}

/// One record of a notification.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// It as it came; refused, when it can't be followed.
    pub slice: Slice<'static>,
    /// The object that it names; none when nothing is to be fetched.
    pub object: Option<Object>,
}

/// A classic notification, or what is sent when one is set up.
#[derive(Deserialize)]
struct Classic<'d> {
    #[serde(rename = "Records", borrow, default)]
    records: Vec<&'d RawValue>,
    #[serde(rename = "Event", default)]
    event: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    #[serde(default)]
    event_source: String,
    #[serde(default)]
    event_version: String,
    #[serde(default)]
    event_name: String,
    #[serde(default)]
    s3: Option<Entity>,
}

#[derive(Deserialize)]
struct Entity {
    bucket: Bucket,
    object: Named,
}

#[derive(Deserialize)]
struct Bucket {
    name: String,
}

/// An object as either shape names it.
#[derive(Deserialize)]
struct Named {
    key: String,
    #[serde(default)]
    size: Option<u64>,
    #[serde(rename = "eTag", alias = "etag", default)]
    tag: Option<String>,
    #[serde(rename = "versionId", alias = "version-id", default)]
    version: Option<String>,
}

/// What EventBridge sends.
#[derive(Deserialize)]
struct Bridged {
    #[serde(default)]
    source: String,
    #[serde(rename = "detail-type", default)]
    kind: String,
    #[serde(default)]
    detail: Option<Entity>,
}

/// What R2 tells by a Cloudflare Queue.
#[derive(Deserialize)]
struct OfR2 {
    account: String,
    action: String,
    bucket: String,
    #[serde(default)]
    object: Option<Named>,
}

/// A message of a queue, as it comes to a source.
#[derive(Deserialize)]
struct Message<'d> {
    #[serde(borrow)]
    data: &'d RawValue,
}

/// A message of SQS, as a pipe sends it.
#[derive(Deserialize)]
struct Queued<'d> {
    #[serde(borrow)]
    body: Cow<'d, str>,
}

/// How Parquet begins.
const PARQUET: &[u8] = b"PAR1";
/// What R2 calls the making of an object.
const MADE_IN_R2: [&str; 3] = ["PutObject", "CopyObject", "CompleteMultipartUpload"];

impl Named {
    fn object(self, bucket: Bucket, key: String) -> Object {
        let version = self.version.filter(|v| v != "null").or_else(|| self.tag.clone()).unwrap_or_default();
        Object { bucket: bucket.name, key, version, tag: self.tag, size: self.size }
    }
}

/// Whether a body is a notification.
pub(super) fn is_notification(text: &str) -> bool {
    if let Ok(Bridged { source, kind, .. }) = serde_json::from_str(text)
        && source == "aws.s3"
    {
        return !kind.is_empty();
    }
    let Ok(Classic { records, event }) = serde_json::from_str(text) else { return false };
    let of_s3 = |raw: &&RawValue| serde_json::from_str::<Record>(raw.get()).is_ok_and(|r| r.event_source == "aws:s3");
    event.as_deref() == Some("s3:TestEvent") || records.first().is_some_and(of_s3)
}

/// The objects that a delivery names, alone, in a message of SNS, or in messages of a queue; none when it is no notification.
pub fn notices(name: EnvelopeName, arrived: &Arrived<'_>) -> Result<Option<Vec<Notice>>, Problem> {
    if name == EnvelopeName::Cloudevents {
        return Ok(of_r2(arrived.text()?));
    }
    if name == EnvelopeName::Pipes {
        return of_queue(arrived.text()?);
    }
    let text: Cow<'_, str> = if name == EnvelopeName::Sns {
        sns::message(arrived)?
    } else if matches!(name, EnvelopeName::S3 | EnvelopeName::Eventbridge) {
        arrived.text()?.into()
    } else {
        return Ok(None);
    };
    of_text(&text)
}

/// The objects of a notification.
fn of_text(text: &str) -> Result<Option<Vec<Notice>>, Problem> {
    if !is_notification(text) {
        return Ok(None);
    }
    let invalid =
        |e: serde_json::Error| Problem::new(Code::InvalidJson, format!("the notification can't be read: {e}"));
    let bridged: Bridged = serde_json::from_str(text).map_err(invalid)?;
    if bridged.source == "aws.s3" {
        let slice = Slice::new(text.to_owned());
        return Ok(Some(match (bridged.kind.as_str(), bridged.detail) {
            ("Object Created", Some(Entity { bucket, object })) => {
                let key = object.key.clone();
                vec![Notice { slice, object: Some(object.object(bucket, key)) }]
            }
            ("Object Created", None) => {
                let slice = slice.refused("detail", Code::Missing, "detail names the bucket and the object");
                vec![Notice { slice, object: None }]
            }
            // What happens to objects besides is no record.
            _ => Vec::new(),
        }));
    }
    let classic: Classic<'_> = serde_json::from_str(text).map_err(invalid)?;
    Ok(Some(classic.records.into_iter().filter_map(|raw| notice(raw.get())).collect()))
}

/// The objects that messages of a queue of SQS name, which a pipe reads; none when any of them is something else.
fn of_queue(text: &str) -> Result<Option<Vec<Notice>>, Problem> {
    let Ok(messages) = serde_json::from_str::<Vec<Queued<'_>>>(text) else { return Ok(None) };
    let mut all = Vec::new();
    for Queued { body } in &messages {
        let Some(notices) = of_text(body)? else { return Ok(None) };
        all.extend(notices);
    }
    Ok((!messages.is_empty()).then_some(all))
}

/// The objects that messages of R2 name; none when any of them is something else.
fn of_r2(text: &str) -> Option<Vec<Notice>> {
    let messages: Vec<Message<'_>> = serde_json::from_str(text).ok()?;
    let told =
        messages.iter().map(|message| Some((message.data.get(), serde_json::from_str(message.data.get()).ok()?)));
    let told: Vec<(&str, OfR2)> = told.collect::<Option<_>>()?;
    if told.is_empty() || told.iter().any(|(_, one)| one.account.is_empty()) {
        return None;
    }
    let made = told.into_iter().filter(|(_, one)| MADE_IN_R2.contains(&one.action.as_str()));
    let notice = |(raw, OfR2 { bucket, object, .. }): (&str, OfR2)| {
        let slice = Slice::new(raw.to_owned());
        match object {
            Some(object) => {
                let key = object.key.clone();
                Notice { slice, object: Some(object.object(Bucket { name: bucket }, key)) }
            }
            None => {
                let slice = slice.refused("object", Code::Missing, "object names what was made");
                Notice { slice, object: None }
            }
        }
    };
    Some(made.map(notice).collect())
}

/// A record of a classic notification; none of those that are about something else than a new object.
fn notice(raw: &str) -> Option<Notice> {
    let slice = Slice::new(raw.to_owned());
    let refused = |field: &str, message: &str| {
        Some(Notice { slice: slice.clone().refused(field, Code::Invalid, message), object: None })
    };
    let Ok(Record { event_version, event_name, s3, .. }) = serde_json::from_str(raw) else {
        return refused("", "the record can't be read as S3's");
    };
    if event_version.split('.').next() != Some("2") {
        return refused("eventVersion", "only version 2 of S3's notifications is known");
    }
    if !event_name.trim_start_matches("s3:").starts_with("ObjectCreated:") {
        return None;
    }
    let Some(Entity { bucket, object }) = s3 else { return refused("s3", "s3 names the bucket and the object") };
    // As in a form: a blank is a plus.
    let key = object.key.replace('+', " ");
    let Ok(key) = percent_decode_str(&key).decode_utf8() else {
        return refused("s3.object.key", "the key is not UTF-8");
    };
    let key = key.into_owned();
    Some(Notice { slice, object: Some(object.object(bucket, key)) })
}

impl Object {
    /// Whether it may be fetched from a target's bucket, under its prefix and one of those that the source chose.
    pub fn check(&self, bucket: &str, prefix: &str, chosen: &[String]) -> Result<(), FieldError> {
        let refused = |field: &str, code: Code, message: String| Err(FieldError::new(field, code, message));
        if self.bucket != bucket {
            let message = "the object is not in the bucket of the source's target";
            return refused("bucket", Code::SenderNotListed, message.to_owned());
        }
        let inner = self.key.strip_prefix(prefix);
        let is_chosen =
            inner.is_some_and(|key| chosen.is_empty() || chosen.iter().any(|c| key.starts_with(c.as_str())));
        if !is_chosen {
            let message = format!("the object's key does not begin with {prefix} and a prefix of from.objects");
            return refused("key", Code::SenderNotListed, message);
        }
        if self.key.split('/').any(|part| matches!(part, "." | "..")) {
            return refused("key", Code::Invalid, "a key with . or .. between slashes can't be asked for".to_owned());
        }
        if self.size.is_some_and(|size| size > limits::OBJECT_BYTES as u64) {
            let message = format!("the object has more than {} bytes", limits::OBJECT_BYTES);
            return refused("size", Code::BodyTooLarge, message);
        }
        Ok(())
    }

    /// The value of `If-Match` by which it is fetched as it was when it was told of.
    pub fn if_match(&self) -> Option<String> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        let tag = self.tag.as_deref().filter(|tag| !tag.is_empty() && tag.bytes().all(plain))?;
        Some(format!("\"{tag}\""))
    }

    /// What its records' ids begin with: where it is and which version, or the hash of that when it is too long.
    fn id(&self) -> String {
        let id = format!("{}/{}/{}", self.bucket, self.key, self.version);
        if id.len() + limits::OBJECT_ROW_BYTES <= limits::EVENT_ID_BYTES && !id.chars().any(char::is_control) {
            return id;
        }
        let mut hashed = format!("{}/", self.bucket);
        for byte in Sha256::digest(id).iter().take(16) {
            let _ = write!(hashed, "{byte:02x}");
        }
        hashed
    }

    /// The records in its content, and the envelope by which they are understood: a table, lines, or JSON, and each of them gzip.
    pub fn records(
        &self,
        content: Vec<u8>,
        arrived: &Arrived<'_>,
    ) -> Result<(EnvelopeName, Vec<Slice<'static>>), Problem> {
        let content = packed::unpacked(content, limits::OBJECT_BYTES, "the object")?;
        if content.starts_with(PARQUET) {
            let detail = "the object is Parquet, which a source does not read: `heliograph replay` sends such a file, or let it be \
                          written as lines of JSON or as CSV";
            return Err(Problem::new(Code::UnsupportedMediaType, detail));
        }
        let inner = Arrived { headers: &[], query: "", body: &content, ..*arrived };
        let key = self.key.to_ascii_lowercase();
        let name = key.strip_suffix(".gz").unwrap_or(&key);
        let (name, slices) = if name.rsplit('.').next() == Some("csv") {
            (EnvelopeName::Csv, plain::Csv.open(&inner)?)
        } else if inner.text()?.trim_start().starts_with('[') {
            (EnvelopeName::S3, plain::elements(&inner)?)
        } else {
            let mut slices = Vec::new();
            values_of(inner.text()?, &mut slices);
            (EnvelopeName::S3, plain::within(slices)?)
        };
        let id = self.id();
        let owned = slices.into_iter().enumerate().map(|(row, slice)| Slice {
            made: slice.made,
            raw: slice.raw.into_text().into_owned().into(),
            id: Some(format!("{id}#{row}")),
            key: slice.key,
            time: slice.time,
            item: slice.item,
            refused: slice.refused,
        });
        Ok((name, owned.collect()))
    }
}

impl Envelope for S3 {
    /// Without a target there is nothing to fetch from.
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        match notices(EnvelopeName::S3, arrived)? {
            Some(notices) if notices.is_empty() => Ok(Vec::new()),
            Some(_) => {
                let detail =
                    "the source has no from.objects: it says from which target objects are fetched; nothing was taken";
                Err(Problem::new(Code::SenderNotListed, detail))
            }
            None => Err(Problem::new(Code::Invalid, "this is no notification of S3; nothing was taken")),
        }
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, key_name: &str) -> Result<RawEvent<'s>, FieldError> {
        changes::payload(slice, key_name)
    }

    fn answer(
        &self,
        _: &Arrived<'_>,
        _: &[Slice<'_>],
        outcome: Result<&crate::ingest::IngestAnswer, &Problem>,
    ) -> super::Reply {
        match outcome {
            Err(problem) => super::Reply::patient(problem),
            Ok(_) => super::Reply::plain(outcome),
        }
    }
}

#[cfg(test)]
mod tests;
