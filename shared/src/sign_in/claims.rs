//! What the claims of a verified ID token must say (OpenID Connect Core 1.0, section 3.1.3.7).

use super::settings::{Algorithm, Issuer};
use super::token::IdToken;
use super::{Refused, pkce};
use crate::limits;
use crate::time::Millis;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// What comes with an ID token.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// What its nonce was made from.
    pub nonce: Option<&'a str>,
    /// The access token that came with it.
    pub access_token: Option<&'a str>,
}

/// Who has signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The subject: who it is at its issuer, for ever.
    pub subject: String,
    /// When the sign-in ends, in seconds since 1970: so long after the ID token was made, whatever was renewed since.
    pub until: u64,
}

/// Checks the claims of a token whose signature is good; who it is about.
pub fn check(
    token: &IdToken<'_>,
    issuer: &Issuer,
    algorithm: Algorithm,
    asked: Asked<'_>,
    now: Millis,
) -> Result<Person, Refused> {
    if token.issuer()? != issuer.issuer {
        return Err(Refused::Issuer);
    }
    let text = |name: &str| token.claims.get(name).and_then(Value::as_str);
    // What says that it is something else is something else: Cognito and Keycloak say so in a claim, a logout token by its
    // events.
    let is_other = text("token_use").is_some_and(|kind| kind != "id")
        || text("typ").is_some_and(|kind| kind != "ID")
        || token.claims.contains_key("events");
    if is_other {
        return Err(Refused::OtherKind);
    }
    let audiences = token.audiences()?;
    if !audiences.iter().any(|audience| issuer.is_client(audience)) {
        return Err(Refused::Audience("aud"));
    }
    match token.claims.get("azp") {
        Some(Value::String(party)) if issuer.is_client(party) => {}
        None if audiences.len() == 1 => {}
        _ => return Err(Refused::Audience("azp")),
    }
    // The claims are seconds, with a fraction if an issuer likes.
    let seconds = |name: &'static str| match token.claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_f64().filter(|s| (0.0..=1e11).contains(s)).map(Some).ok_or(Refused::Claim(name)),
    };
    let now = now.0 as f64 / 1_000.0;
    let tolerance = f64::from(issuer.clock_tolerance_s);
    let expires = seconds("exp")?.ok_or(Refused::Claim("exp"))?;
    let issued = seconds("iat")?.ok_or(Refused::Claim("iat"))?;
    if expires + tolerance <= now {
        return Err(Refused::Expired);
    }
    if issued - tolerance > now || seconds("nbf")?.is_some_and(|from| from - tolerance > now) {
        return Err(Refused::Future);
    }
    let until = issued.min(now) + f64::from(issuer.session_s);
    if until <= now {
        return Err(Refused::TooOld);
    }
    if !pkce::is_nonce(text("nonce"), asked.nonce) {
        return Err(Refused::Nonce);
    }
    if let (Some(claim), Some(access_token)) = (token.claims.get("at_hash"), asked.access_token)
        && claim.as_str() != Some(at_hash(algorithm, access_token).as_str())
    {
        return Err(Refused::AtHash);
    }
    let subject =
        text("sub").filter(|s| (1..=limits::SUBJECT_BYTES).contains(&s.len()) && !s.contains(char::is_control));
    Ok(Person { subject: subject.ok_or(Refused::Claim("sub"))?.to_owned(), until: until as u64 })
}

/// The left half of the hash of an access token, by the hash of the token's algorithm; of Ed25519 that is SHA-512.
fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    let half = |hash: &[u8]| URL_SAFE_NO_PAD.encode(hash.get(..hash.len() / 2).unwrap_or_default());
    match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => half(&Sha256::digest(access_token)),
        Algorithm::Es384 => half(&Sha384::digest(access_token)),
        Algorithm::EdDsa => half(&Sha512::digest(access_token)),
    }
}
