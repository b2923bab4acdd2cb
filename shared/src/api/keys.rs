//! API keys, and the public keys that tokens are signed with.

use crate::rights::Grant;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// Public keys (RFC 7517).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JwkSet {
    /// The keys that tokens may be signed with.
    pub keys: Vec<Jwk>,
}

/// A public key of the curve P-256.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Jwk {
    /// `EC`.
    pub kty: String,
    /// `P-256`.
    pub crv: String,
    /// A coordinate.
    pub x: String,
    /// A coordinate.
    pub y: String,
    /// The key's name, which tokens carry.
    pub kid: String,
    /// `ES256`.
    pub alg: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub usage: String,
}

/// A new API key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewKey {
    /// Its id, by which it can be deleted.
    pub id: String,
    /// The key itself, shown this once.
    pub key: String,
    /// What it is for.
    pub label: String,
    /// What it allows.
    pub grants: Vec<Grant>,
    /// Whose event ids and `Idempotency-Key`s its requests have.
    pub owner: String,
}

/// An API key, without the key itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Key {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// What it allows.
    pub grants: Vec<Grant>,
    /// Whose event ids and `Idempotency-Key`s its requests have.
    pub owner: String,
    /// When it was made.
    pub created: Millis,
    /// Whether its grants can't be said any more, so that it allows nothing.
    pub needs_renewal: bool,
}

/// All API keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Keys {
    /// Without the keys themselves.
    pub keys: Vec<Key>,
}
