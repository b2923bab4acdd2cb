//! Sources.

use crate::id::BoardName;
use crate::source::config::{SourceLimits, Transform};
use crate::source::{EnvelopeName, Source, SourceName};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

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
        let Source { name, board, envelope, transform, limits, generation, created, .. } = source;
        Self { name, board, envelope, transform, limits, ingest, generation, previous_until, created }
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
