//! The `archive` part of a board's config.

use super::place::{Place, Reach, TargetName};
use crate::id::BoardName;
use crate::limits;
use crate::problem::{Code, FieldError};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Where and how often a board's events are delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ArchiveConfig {
    /// Where to: one of the targets that the operator declared.
    #[cfg_attr(feature = "schema", schemars(with = "TargetName"))]
    pub target: Choice,
    /// What an object is.
    #[serde(default, skip_serializing_if = "ArchiveFormat::is_lines")]
    pub format: ArchiveFormat,
    /// An object is made when so much waits, in MiB before compression.
    #[serde(default = "default_buffer")]
    pub buffer_mib: u32,
    /// Or when the oldest event has waited so long, in seconds.
    #[serde(default = "default_interval")]
    pub interval_s: u32,
}

/// What an object is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ArchiveFormat {
    /// Lines of JSON, in gzip.
    #[default]
    Ndjson,
    /// A Parquet file.
    Parquet,
}

impl ArchiveFormat {
    /// Whether it is what configs of before meant: they are written as they were.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    const fn is_lines(&self) -> bool {
        matches!(self, Self::Ndjson)
    }

    /// How the names of objects end.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Ndjson => ".ndjson.gz",
            Self::Parquet => ".parquet",
        }
    }

    /// The media type of an object.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/gzip",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

const fn default_buffer() -> u32 {
    5
}

const fn default_interval() -> u32 {
    300
}

/// What a config says of its target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Choice {
    /// The name of one that the operator declared.
    Named(TargetName),
    /// What configs said before that: stored ones open, and deliver once the operator's target is the same.
    Described(Box<Described>),
}

/// A target as a board's config once described it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Described {
    /// How it is reached.
    pub kind: DescribedKind,
    /// The store's address, for `s3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The region in signatures, for `s3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The bucket.
    pub bucket: String,
    /// What every object's name began with.
    #[serde(default)]
    pub prefix: String,
    /// Whether the bucket stood in the path.
    #[serde(default)]
    pub path_style: bool,
    /// The operator's target whose keys were used.
    #[serde(default)]
    pub credentials: TargetName,
}

/// How a described target was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DescribedKind {
    /// Through a binding of the worker.
    R2,
    /// Over HTTPS.
    S3,
}

impl Described {
    /// Whether the operator's target is this one. The rest is the operator's to say.
    pub fn is(&self, place: &Place) -> bool {
        let plain = |e: &str| e.trim_end_matches('/').to_ascii_lowercase();
        let reach = match (&place.reach, self.kind) {
            (Reach::R2, DescribedKind::R2) => true,
            (Reach::S3 { endpoint, .. }, DescribedKind::S3) => {
                self.endpoint.as_deref().is_some_and(|e| plain(e) == plain(endpoint))
            }
            (Reach::R2, DescribedKind::S3) | (Reach::S3 { .. }, DescribedKind::R2) => false,
        };
        reach && self.bucket == place.bucket
    }
}

impl Choice {
    /// The operator's target that it is about.
    pub const fn name(&self) -> &TargetName {
        match self {
            Self::Named(name) => name,
            Self::Described(described) => &described.credentials,
        }
    }
}

impl<'de> Deserialize<'de> for Choice {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct NameOrObject;
        impl<'de> Visitor<'de> for NameOrObject {
            type Value = Choice;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a target")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Choice, E> {
                TargetName::try_from(text.to_owned()).map(Choice::Named).map_err(E::custom)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Choice, A::Error> {
                Described::deserialize(MapAccessDeserializer::new(map)).map(|d| Choice::Described(Box::new(d)))
            }
        }
        d.deserialize_any(NameOrObject)
    }
}

/// What a board must know of its config to deliver its events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArchiveSettings {
    /// Its own name, which stands in the names of objects.
    pub board: BoardName,
    /// Where and how often; none while nothing is delivered.
    pub archive: Option<ArchiveConfig>,
    /// Days that the log is kept.
    pub keep_days: u32,
}

impl ArchiveConfig {
    /// Everything that is wrong with it in itself. Whether the operator declared the target is known where the
    /// environment is.
    pub fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut check = |ok: bool, field: &str, code: Code, message: String| {
            if !ok {
                errors.push(FieldError::new(format!("archive.{field}"), code, format!("archive.{field} {message}")));
            }
        };
        let most = limits::ARCHIVE_BUFFER_MIB_MAX;
        check((1..=most).contains(&self.buffer_mib), "buffer_mib", Code::OutOfRange, format!("is 1 to {most} MiB"));
        let most = limits::ARCHIVE_INTERVAL_SECONDS_MAX;
        check((1..=most).contains(&self.interval_s), "interval_s", Code::OutOfRange, format!("is 1 to {most} seconds"));
        let named = matches!(self.target, Choice::Named(_));
        let message = "is the name of a target that the operator declared, such as \"DEFAULT\"";
        check(named, "target", Code::NotAllowed, message.to_owned());
        errors
    }
}
