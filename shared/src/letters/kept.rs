//! One letter as it is stored, and as it is shown.

use crate::source::EnvelopeName;
use crate::time::Millis;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use siphasher::sip::SipHasher13;
use std::fmt;
use std::hash::Hasher;

/// Where a letter is: its row, and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LetterId {
    /// The row.
    pub row: u64,
    /// The place.
    pub nth: usize,
}

impl LetterId {
    /// Reads an id.
    pub fn parse(text: &str) -> Option<Self> {
        let (row, nth) = text.split_once('.')?;
        let row = row.parse().ok().filter(|row| *row <= crate::limits::SEQ_MAX)?;
        Some(Self { row, nth: nth.parse().ok()? })
    }
}

impl fmt::Display for LetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.row, self.nth)
    }
}

impl Serialize for LetterId {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LetterId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("an id is that of a dead letter, such as 17.0"))
    }
}

/// What a record's envelope said of it, which the record itself does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Of {
    /// The envelope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub envelope: Option<EnvelopeName>,
    /// The sender's own id of the delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Millis>,
}

impl Of {
    /// Whether it said nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if hands out a reference")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// A letter as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept<'a> {
    /// Why it was refused.
    pub code: Option<String>,
    /// Which field was wrong.
    pub field: Option<String>,
    /// What was wrong.
    pub message: Option<String>,
    /// The record: as it came, or `{"text"}` where it is no JSON, or with its beginning.
    #[serde(borrow)]
    pub record: &'a RawValue,
    /// Who sent it.
    pub by: String,
    /// By which source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The step of the pipeline that refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Whether it is cut.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// Whether `record` has the text that it was, and not its JSON. A letter of before does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_text: Option<bool>,
    /// Whose ids its events have.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Whether a player sent it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub player: bool,
    /// Whether it is an event that the source's program and the pipeline had made already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub made: bool,
    /// What its envelope said of it.
    #[serde(default, skip_serializing_if = "Of::is_empty")]
    pub of: Of,
    /// By what it is known again, in hex: of records that came by a source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// How often it was replayed and refused again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tries: u32,
    /// When that was last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried_at: Option<Millis>,
}

/// A record that takes the place of the one that came.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mend<'a> {
    /// It.
    #[serde(borrow)]
    pub record: &'a RawValue,
    /// Since when.
    pub at: Millis,
    /// Who mended it.
    pub by: String,
}

/// The text of a record that is written as `{"text"}`.
fn inner_text(record: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Text {
        text: String,
    }
    serde_json::from_slice::<Text>(record.get().as_bytes()).ok().map(|t| t.text)
}

/// Whether a record has a text, which is in small letters: as it was sent, or with its escapes read.
fn record_has(record: &RawValue, text: &str) -> bool {
    let raw = record.get();
    let has = |sent: &str| sent.to_lowercase().contains(text);
    has(raw) || (raw.contains('\\') && serde_json::from_str::<Value>(raw).is_ok_and(|value| says(&value, text)))
}

/// Whether a text of a value, or a name in it, has a text, which is in small letters.
fn says(value: &Value, text: &str) -> bool {
    let has = |said: &str| said.to_lowercase().contains(text);
    match value {
        Value::String(said) => has(said),
        Value::Array(list) => list.iter().any(|value| says(value, text)),
        Value::Object(parts) => parts.iter().any(|(name, value)| has(name) || says(value, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

impl Kept<'_> {
    /// Whether a text, which is in small letters, is in the record, in what it was mended to, or in what is said of it.
    pub fn has_text(&self, mend: Option<&Mend<'_>>, text: &str) -> bool {
        let Self { code, field, message, source, step, by, .. } = self;
        let said = [code, field, message, source, step, &self.of.key].into_iter().flatten().chain([by]);
        said.into_iter().any(|said| said.to_lowercase().contains(text))
            || record_has(self.record, text)
            || mend.is_some_and(|mend| record_has(mend.record, text) || mend.by.to_lowercase().contains(text))
    }

    /// The record that a replay takes, as its sender would have sent it.
    pub fn raw(&self, mend: Option<&Mend<'_>>) -> String {
        let record = mend.map_or(self.record, |mend| mend.record);
        self.as_text.unwrap_or(true).then(|| inner_text(record)).flatten().unwrap_or_else(|| record.get().to_owned())
    }

    /// Whether it can be replayed: of a record that is cut nobody knows the rest.
    pub const fn is_whole(&self, mend: Option<&Mend<'_>>) -> bool {
        !self.truncated || mend.is_some()
    }

    /// The key that it names, if it names one: under the board's name for keys, or as its envelope said.
    pub fn key(&self, mend: Option<&Mend<'_>>, key_name: &str) -> Option<String> {
        let record = mend.map_or(self.record, |mend| mend.record);
        let record: Value = serde_json::from_slice(record.get().as_bytes()).unwrap_or_default();
        let own = [key_name, "key"].iter().find_map(|name| match record.get(name)? {
            Value::String(key) => Some(key.clone()),
            Value::Number(key) => Some(key.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        });
        own.or_else(|| self.of.key.clone())
    }
}

/// A letter as managers are shown it.
pub fn shown(id: LetterId, at: Millis, kept: &Kept<'_>, mend: Option<&Mend<'_>>) -> Result<String, serde_json::Error> {
    let mut shown = json!({
        "id": id, "time": at, "code": kept.code, "field": kept.field, "message": kept.message, "by": kept.by,
    });
    let parts = [("source", kept.source.clone()), ("step", kept.step.clone()), ("key", kept.of.key.clone())];
    for (name, value) in parts {
        if let Some(value) = value {
            shown[name] = value.into();
        }
    }
    if let Some(envelope) = kept.of.envelope {
        shown["envelope"] = serde_json::to_value(envelope)?;
    }
    if kept.truncated {
        shown["truncated"] = true.into();
    }
    if kept.tries > 0 {
        shown["tries"] = kept.tries.into();
        shown["tried_at"] = serde_json::to_value(kept.tried_at)?;
    }
    if let Some(mend) = mend {
        shown["mended_at"] = serde_json::to_value(mend.at)?;
        shown["mended_by"] = mend.by.as_str().into();
    }
    // Records are passed on byte by byte: their numbers are the sender's.
    let mut text = serde_json::to_string(&shown)?;
    text.pop();
    let record = mend.map_or(kept.record, |mend| mend.record);
    text.push_str(",\"record\":");
    text.push_str(record.get());
    if mend.is_some() {
        text.push_str(",\"original\":");
        text.push_str(kept.record.get());
    }
    text.push('}');
    Ok(text)
}

/// Tells a letter apart from itself after a change.
pub fn version(letter: &str, mend: Option<&str>) -> String {
    let mut hasher = SipHasher13::new();
    hasher.write(letter.as_bytes());
    hasher.write_u8(0xff);
    hasher.write(mend.unwrap_or_default().as_bytes());
    format!("{:016x}", hasher.finish())
}
