//! An ID token before anything of it is believed: the compact form of a JWS (RFC 7515) with claims (RFC 7519).

use super::Refused;
use crate::limits;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

/// What is read of a header. Members that point to keys (`jwk`, `jku`, `x5u`, `x5c`) are not: keys come from the settings'
/// issuer alone.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Header {
    /// The algorithm that it says it is signed with.
    pub alg: String,
    /// The name of the key.
    #[serde(default)]
    pub kid: Option<String>,
    /// What kind of token it is.
    #[serde(default)]
    pub typ: Option<String>,
    /// Members that must be understood.
    #[serde(default)]
    pub crit: Option<Value>,
    /// Whether the payload is encoded (RFC 7797).
    #[serde(default)]
    pub b64: Option<Value>,
}

/// A token that was taken apart, and not yet verified.
#[derive(Clone, Debug, PartialEq)]
pub struct IdToken<'t> {
    /// Its header.
    pub header: Header,
    /// Its claims.
    pub claims: Map<String, Value>,
    /// What is signed.
    pub signed: &'t str,
    /// The signature.
    pub signature: Vec<u8>,
}

impl<'t> IdToken<'t> {
    /// Takes a token apart.
    pub fn parse(text: &'t str) -> Result<Self, Refused> {
        if text.len() > limits::ID_TOKEN_BYTES {
            return Err(Refused::Malformed("has more bytes than any provider gives a token"));
        }
        let parts: Vec<&str> = text.split('.').collect();
        let [header, payload, signature] = parts.as_slice() else {
            return Err(Refused::Malformed("is not three parts with dots between them (an encrypted one has five)"));
        };
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Refused::Malformed("is not base64url"));
        let no_json = |_| Refused::Malformed("has a header or claims that are not JSON objects");
        let parsed: Header = serde_json::from_slice(&bytes(header)?).map_err(no_json)?;
        let claims = serde_json::from_slice(&bytes(payload)?).map_err(no_json)?;
        let signed = text.get(..header.len() + 1 + payload.len()).unwrap_or_default();
        let token = Self { header: parsed, claims, signed, signature: bytes(signature)? };
        if token.header.crit.is_some() || token.header.b64.is_some() {
            return Err(Refused::Malformed("has a header with crit or b64, which is not taken"));
        }
        if token.header.typ.as_deref().is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
            return Err(Refused::OtherKind);
        }
        Ok(token)
    }

    /// Who says that it made it.
    pub fn issuer(&self) -> Result<&str, Refused> {
        self.claims.get("iss").and_then(Value::as_str).ok_or(Refused::Claim("iss"))
    }

    /// For whom it is: a text, or a list of texts.
    pub fn audiences(&self) -> Result<Vec<&str>, Refused> {
        let found = match self.claims.get("aud") {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(all)) => all.iter().map(Value::as_str).collect::<Option<_>>().unwrap_or_default(),
            _ => Vec::new(),
        };
        if found.is_empty() { Err(Refused::Claim("aud")) } else { Ok(found) }
    }
}
