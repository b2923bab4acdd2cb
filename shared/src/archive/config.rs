//! The `archive` part of a board's config.

use crate::limits;
use crate::outbound::Origin;
use crate::problem::FieldError;
use serde::{Deserialize, Serialize};

/// Where and how often a board's events are delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ArchiveConfig {
    /// Where to.
    pub target: Target,
    /// An object is made when so much waits, in MiB before compression.
    #[serde(default = "default_buffer")]
    pub buffer_mib: u32,
    /// Or when the oldest event has waited so long, in seconds.
    #[serde(default = "default_interval")]
    pub interval_s: u32,
}

/// Object storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// How it is reached.
    pub kind: TargetKind,
    /// The store's address, such as `https://s3.eu-central-1.amazonaws.com`; for `s3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The region in signatures; for `s3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The bucket.
    pub bucket: String,
    /// What every object's name begins with.
    #[serde(default)]
    pub prefix: String,
    /// Whether the bucket stands in the path instead of in the host's name; for `s3`.
    #[serde(default)]
    pub path_style: bool,
    /// `ARCHIVE_<credentials>` is the worker's secret with the keys, or its R2 binding.
    #[serde(default = "default_credentials")]
    pub credentials: String,
}

/// How object storage is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// Through a binding of the worker.
    R2,
    /// Over HTTPS, with signatures by AWS Signature Version 4.
    S3,
}

const fn default_buffer() -> u32 {
    5
}

const fn default_interval() -> u32 {
    300
}

fn default_credentials() -> String {
    "DEFAULT".to_owned()
}

impl Target {
    /// The name of the secret or binding in the worker's environment. The prefix keeps a config from naming another.
    pub fn binding(&self) -> String {
        format!("ARCHIVE_{}", self.credentials)
    }
}

impl ArchiveConfig {
    /// Everything that is wrong with it in itself. Whether the endpoint may be called is decided where the environment
    /// is known, by [`Origin::check`].
    pub fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut check = |ok: bool, field: &str, code: &'static str, message: String| {
            if !ok {
                errors.push(FieldError::new(format!("archive.{field}"), code, format!("archive.{field} {message}")));
            }
        };
        let most = limits::ARCHIVE_BUFFER_MIB_MAX;
        check((1..=most).contains(&self.buffer_mib), "buffer_mib", "out_of_range", format!("is 1 to {most} MiB"));
        let most = limits::ARCHIVE_INTERVAL_SECONDS_MAX;
        check((1..=most).contains(&self.interval_s), "interval_s", "out_of_range", format!("is 1 to {most} seconds"));
        let t = &self.target;
        let message =
            "is a bucket's name: 3 to 63 of a to z, 0 to 9, - and ., beginning and ending with a letter or digit";
        check(is_bucket(&t.bucket), "target.bucket", "invalid", message.to_owned());
        let message = format!(
            "is empty or ends with /, has at most {} bytes of letters, digits and ! - _ . * ' ( ) = and no empty, . or .. part",
            limits::ARCHIVE_PREFIX_BYTES
        );
        check(is_prefix(&t.prefix), "target.prefix", "invalid", message);
        let name = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        let credentials_ok = (1..=40).contains(&t.credentials.len()) && t.credentials.bytes().all(name);
        let message = "is 1 to 40 of A to Z, 0 to 9 and _: the rest of the secret's or binding's name after ARCHIVE_";
        check(credentials_ok, "target.credentials", "invalid", message.to_owned());
        match t.kind {
            TargetKind::R2 => {
                let message = "goes with kind s3; R2 is reached through a binding".to_owned();
                check(t.endpoint.is_none(), "target.endpoint", "invalid", message.clone());
                check(t.region.is_none(), "target.region", "invalid", message.clone());
                check(!t.path_style, "target.path_style", "invalid", message);
            }
            TargetKind::S3 => {
                let endpoint = t.endpoint.as_deref().unwrap_or_default();
                check(!endpoint.is_empty(), "target.endpoint", "missing", "is required with kind s3".to_owned());
                if let (false, Err(e)) = (endpoint.is_empty(), Origin::parse(endpoint)) {
                    check(false, "target.endpoint", "invalid", e.to_string());
                }
                let region = t.region.as_deref().unwrap_or_default();
                check(!region.is_empty(), "target.region", "missing", "is required with kind s3".to_owned());
                let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
                let region_ok = region.len() <= 40 && region.bytes().all(plain);
                check(region_ok, "target.region", "invalid", "is at most 40 of a to z, 0 to 9 and -".to_owned());
            }
        }
        errors
    }
}

fn is_bucket(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let inner = name.bytes().all(|b| plain(b) || b == b'-' || b == b'.');
    let ends = name.bytes().next().is_some_and(plain) && name.bytes().last().is_some_and(plain);
    (3..=63).contains(&name.len()) && inner && ends && !name.contains("..")
}

fn is_prefix(prefix: &str) -> bool {
    let safe = |b: u8| b.is_ascii_alphanumeric() || b"!-_.*'()=".contains(&b);
    let part = |p: &str| !p.is_empty() && p != "." && p != ".." && p.bytes().all(safe);
    prefix.is_empty()
        || prefix.len() <= limits::ARCHIVE_PREFIX_BYTES
            && prefix.strip_suffix('/').is_some_and(|p| p.split('/').all(part))
}
