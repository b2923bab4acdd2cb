//! Where objects lie.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of a target: 1 to 40 of `A-Z 0-9 _`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TargetName(String);

/// Why a text is no target's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a target's name is 1 to 40 of A to Z, 0 to 9 and _")]
pub struct BadTargetName;

impl TargetName {
    /// The name of the secret with the declaration. The prefix keeps a config from naming another secret.
    pub fn secret(&self) -> String {
        format!("ARCHIVE_{}", self.0)
    }
}

impl Default for TargetName {
    fn default() -> Self {
        Self("DEFAULT".to_owned())
    }
}

impl TryFrom<String> for TargetName {
    type Error = BadTargetName;

    fn try_from(text: String) -> Result<Self, BadTargetName> {
        let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        if (1..=40).contains(&text.len()) && text.bytes().all(plain) { Ok(Self(text)) } else { Err(BadTargetName) }
    }
}

impl From<TargetName> for String {
    fn from(name: TargetName) -> Self {
        name.0
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where objects lie: what a board's managers may know of its target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Place {
    /// What the operator calls it.
    pub name: TargetName,
    /// The bucket.
    pub bucket: String,
    /// What every object's name begins with.
    pub prefix: String,
    /// How it is reached.
    #[serde(flatten)]
    pub reach: Reach,
}

/// How object storage is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reach {
    /// Through a binding of the worker.
    R2,
    /// Over HTTPS, with signatures by AWS Signature Version 4.
    S3 {
        /// The store's address, such as `https://s3.eu-central-1.amazonaws.com`.
        endpoint: String,
        /// The region in signatures.
        region: String,
        /// Whether the bucket stands in the path instead of in the host's name.
        path_style: bool,
    },
}
