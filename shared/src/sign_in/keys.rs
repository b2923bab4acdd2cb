//! What an issuer publishes of its keys (RFC 7517), and which of them a token is verified with.

use super::settings::Algorithm;
use super::token::Header;
use super::{Refused, settings::Family};
use crate::limits;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The smallest modulus of an RSA key, in bytes (RFC 7518, section 3.3).
const RSA_BYTES_MIN: usize = 256;
/// The largest: a longer one is work for whoever verifies.
const RSA_BYTES_MAX: usize = 1_024;

/// A public key as it is given to who verifies: these members, and none of its own choice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// The kind: `RSA`, `EC`, `OKP`.
    pub kty: String,
    /// The curve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// RSA: the modulus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// RSA: the exponent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
    /// A coordinate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// A coordinate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
}

/// A key that an issuer publishes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Published {
    #[serde(flatten)]
    key: PublicKey,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default, rename = "use")]
    usage: Option<String>,
    #[serde(default)]
    key_ops: Option<Vec<String>>,
}

/// The keys of an issuer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Keys(Vec<Published>);

impl Keys {
    /// Reads a JWK set. Keys of kinds that are not known are left out, as the RFC says; the error says what is wrong with the
    /// whole.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let Set { keys } = serde_json::from_slice(text).map_err(|e| format!("it is no JWK set: {e}"))?;
        if keys.len() > limits::ISSUER_KEYS {
            return Err(format!("it has more than {} keys", limits::ISSUER_KEYS));
        }
        Ok(Self(keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect()))
    }

    /// Whether it has a key of this name; a set that lacks it may be an old one. Without a name, none is missed.
    pub fn has(&self, kid: Option<&str>) -> bool {
        kid.is_none_or(|kid| self.0.iter().any(|key| key.kid.as_deref() == Some(kid)))
    }

    /// The key that a token is verified with: of its name, of the kind that the algorithm needs, and meant for it. A token
    /// that names none has the only one that may be meant.
    pub fn choose(&self, header: &Header, algorithm: Algorithm) -> Result<&PublicKey, Refused> {
        let mut fitting = self.0.iter().filter(|key| key.fits(algorithm)).filter(|key| match &header.kid {
            Some(kid) => key.kid.as_ref() == Some(kid),
            None => true,
        });
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok(&only.key),
            // Two of one name, or no name and several: none is guessed.
            _ => Err(Refused::Key),
        }
    }
}

impl Published {
    fn fits(&self, algorithm: Algorithm) -> bool {
        let length = |part: &Option<String>| {
            let bytes = part.as_ref().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
            bytes.map_or(0, |bytes| bytes.iter().skip_while(|b| **b == 0).count())
        };
        let is_of_kind = match algorithm.family() {
            Family::Rsa => {
                self.key.kty == "RSA"
                    && (RSA_BYTES_MIN..=RSA_BYTES_MAX).contains(&length(&self.key.n))
                    && length(&self.key.e) > 0
            }
            Family::Curve(kty, crv) => {
                self.key.kty == kty && self.key.crv.as_deref() == Some(crv) && self.key.x.is_some()
            }
        };
        let is_meant = self.alg.as_deref().is_none_or(|alg| alg == algorithm.name())
            && self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        is_of_kind && is_meant
    }
}
