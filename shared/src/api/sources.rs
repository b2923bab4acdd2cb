//! Sources.

use crate::id::BoardName;
use crate::source::config::{SourceLimits, Transform};
use crate::source::poll::{Poll, PollStatus};
use crate::source::senders::Senders;
use crate::source::{EnvelopeName, Source, SourceName};
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A source, without its secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownSource {
    /// Its name, unique in the deployment.
    pub name: SourceName,
    /// Where its events go.
    pub board: BoardName,
    /// What its sender wraps around records.
    pub envelope: EnvelopeName,
    /// What makes events of records; null: the envelope's own understanding of them.
    pub transform: Option<Transform>,
    /// How much it takes.
    pub limits: SourceLimits,
    /// Whom it takes deliveries from.
    #[serde(default, skip_serializing_if = "Senders::is_none")]
    pub from: Senders,
    /// What it asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
    /// How that goes; absent where it asks nothing, and where that can't be told at the moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polled: Option<PollStatus>,
    /// Where its sender sends.
    pub ingest: String,
    /// Its secret's generation.
    pub generation: u32,
    /// Until when the secret before is still good; null when it is not.
    pub previous_until: Option<Millis>,
    /// When it was made.
    pub created: Millis,
}

impl ShownSource {
    /// A source as it is shown.
    pub fn of(source: Source, now: Millis) -> Self {
        let ingest = format!("/v1/ingest/{}", source.name);
        let previous_until = source.secrets.iter().find_map(|s| s.until).filter(|until| now < *until);
        let Source { name, board, envelope, transform, limits, from, poll, generation, created, .. } = source;
        let polled = None;
        Self {
            name,
            board,
            envelope,
            transform,
            limits,
            from,
            poll,
            polled,
            ingest,
            generation,
            previous_until,
            created,
        }
    }
}

/// A source with its new secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SecretSource {
    /// The source.
    #[serde(flatten)]
    pub source: ShownSource,
    /// Its secret, shown this once.
    pub secret: String,
    /// Its keys for AWS SDKs, of the same generation.
    pub aws: AwsKeys,
}

/// A device's own address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceAddress {
    /// The key that it publishes under, and no other.
    pub key: String,
    /// The secret.
    pub secret: String,
    /// The path that it sends to, with the secret in it.
    pub ingest: String,
    /// The secret's generation.
    pub generation: u32,
    /// Until when the secret before is still good; null when it is not.
    pub previous_until: Option<Millis>,
}

/// What an AWS SDK is told, so that it sends to a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AwsKeys {
    /// The path of the endpoint.
    pub endpoint: String,
    /// A region; any other is as good.
    pub region: String,
    /// Names the key.
    pub access_key_id: String,
    /// The key, shown this once.
    pub secret_access_key: String,
}

impl AwsKeys {
    /// Keys as they are shown.
    pub fn of(access_key_id: String, secret_access_key: String) -> Self {
        Self { endpoint: "/aws".to_owned(), region: "us-east-1".to_owned(), access_key_id, secret_access_key }
    }
}

/// The sources of a board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sources {
    /// By name.
    pub sources: Vec<ShownSource>,
}

/// A sample that is tried on a source: nothing of it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// What a sender would send: JSON as it is, or a text.
    pub body: Value,
    /// The headers that it would come with, such as `content-type`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// What would stand behind the question mark of its address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub query: String,
    /// Another envelope than the source's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub envelope: Option<EnvelopeName>,
    /// Another program than the source's; an empty one: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jq: Option<String>,
}

/// What a source would make of a sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SampleTried {
    /// The envelope that it has.
    pub envelope: EnvelopeName,
    /// Its records, at most 100 of them.
    pub records: Vec<RecordTried>,
    /// How many more there are.
    pub more: usize,
}

/// What a source would make of a record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordTried {
    /// The record, as the program or the envelope is given it.
    pub input: String,
    /// What the program yielded; null without a program, or where it could not be run.
    pub yielded: Option<Vec<Value>>,
    /// The events that it is.
    pub events: Vec<Value>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Which field is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong, and how to mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
