//! What a provider says of itself (OpenID Connect Discovery 1.0).

use super::settings::Issuer;
use crate::source::poll::Address;
use serde::Deserialize;

/// Where an issuer's things are, as the settings say or as it publishes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Its keys.
    pub jwks: String,
    /// Where people sign in.
    pub authorization: String,
    /// Where a code is exchanged.
    pub token: String,
    /// Where people are signed out, if the settings want that and there is such a place.
    pub end_session: Option<String>,
}

#[derive(Deserialize)]
struct Published {
    issuer: String,
    jwks_uri: String,
    authorization_endpoint: String,
    token_endpoint: String,
    #[serde(default)]
    end_session_endpoint: Option<String>,
}

impl Endpoints {
    /// What the settings say; none where one must be asked for.
    pub fn configured(issuer: &Issuer) -> Option<Self> {
        if issuer.sign_out_at_provider && issuer.end_session_endpoint.is_none() {
            return None;
        }
        Some(Self {
            jwks: issuer.jwks_uri.clone()?,
            authorization: issuer.authorization_endpoint.clone()?,
            token: issuer.token_endpoint.clone()?,
            end_session: issuer.end_session_endpoint.clone().filter(|_| issuer.sign_out_at_provider),
        })
    }

    /// Whether all of them may be called and opened: an issuer's answer is not believed more than the settings are.
    pub fn check(&self, private_too: bool) -> Result<(), String> {
        for address in [&self.jwks, &self.authorization, &self.token].into_iter().chain(&self.end_session) {
            let parsed = Address::parse(address).map_err(|e| format!("{address:?} {e}"))?;
            parsed.check(private_too).map_err(|e| format!("{address:?} {e}"))?;
        }
        Ok(())
    }

    /// The origin at which the page exchanges a code, for its policy.
    pub fn token_origin(&self) -> Option<String> {
        Address::parse(&self.token).ok().map(|address| address.origin().ascii_serialization())
    }

    /// What the issuer publishes, and what the settings say in its place.
    pub fn read(issuer: &Issuer, text: &[u8]) -> Result<Self, String> {
        let found: Published = serde_json::from_slice(text).map_err(|e| format!("it is no discovery document: {e}"))?;
        if found.issuer != issuer.issuer {
            return Err(format!("it is of issuer {:?}, the settings say {:?}", found.issuer, issuer.issuer));
        }
        let or = |own: &Option<String>, published: String| own.clone().unwrap_or(published);
        Ok(Self {
            jwks: or(&issuer.jwks_uri, found.jwks_uri),
            authorization: or(&issuer.authorization_endpoint, found.authorization_endpoint),
            token: or(&issuer.token_endpoint, found.token_endpoint),
            end_session: issuer
                .end_session_endpoint
                .clone()
                .or(found.end_session_endpoint)
                .filter(|_| issuer.sign_out_at_provider),
        })
    }
}
