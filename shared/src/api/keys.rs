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
    /// After a rotation: until when the secret before is still good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_until: Option<Millis>,
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
    /// When it was last used, to some minutes; null when it never was.
    #[serde(default)]
    pub used: Option<Millis>,
    /// When it got another secret; null when it never did.
    #[serde(default)]
    pub rotated: Option<Millis>,
    /// Until when the secret before is still good; null when there is none.
    #[serde(default)]
    pub previous_until: Option<Millis>,
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
