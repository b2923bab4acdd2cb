//! Sign-in: what an ID token of a provider (OpenID Connect) is exchanged for.
//!
//! Pure: the worker brings the settings, what the provider publishes, whether a signature is good, and the time. The order
//! is always the same: the token is [parsed](IdToken::parse), its [issuer](Settings::issuer_of) is found among those that
//! the administrator configured, its [key](Keys::choose) among those that the issuer publishes, the signature is verified
//! with the algorithm that the settings allow for it, and only then its [claims](check) say something. The
//! [rules](rules::grants) make grants of them.

pub mod claims;
pub mod keys;
pub mod pkce;
pub mod placeholders;
pub mod provider;
pub mod rules;
pub mod settings;
pub mod token;

#[cfg(test)]
mod tests;

pub use claims::{Asked, Person, check};
pub use keys::{Keys, PublicKey};
pub use provider::Endpoints;
pub use settings::{Algorithm, Issuer, Rule, Settings};
pub use token::IdToken;

/// Why an ID token is not exchanged. The sentences hold nothing of the token but names of claims, and values that its
/// holder needs in order to mend the settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no signed token of three parts, or has what is not taken.
    #[error("id_token {0}")]
    Malformed(&'static str),
    /// Its issuer is not among the settings.
    #[error("id_token is of an issuer that this deployment does not know")]
    Issuer,
    /// It is for another client.
    #[error("id_token is for another client: its {0} is not the client_id of the settings")]
    Audience(&'static str),
    /// Its algorithm is not the one of the settings.
    #[error("id_token is signed with an algorithm that the settings do not list for its issuer")]
    Algorithm,
    /// The issuer has no such key.
    #[error("id_token is signed with a key that its issuer does not publish")]
    Key,
    /// The signature is another's.
    #[error("the signature of id_token is not its issuer's, or the token was changed")]
    Signature,
    /// A claim is missing or of another kind.
    #[error("id_token has no {0} as OpenID Connect has it")]
    Claim(&'static str),
    /// It is not an ID token.
    #[error("id_token is another kind of token, such as an access token")]
    OtherKind,
    /// It is over.
    #[error("id_token has expired; sign in again")]
    Expired,
    /// It is of the future.
    #[error("id_token is not valid yet; one of the two clocks is wrong")]
    Future,
    /// The sign-in that it came from began too long ago.
    #[error("the sign-in that id_token is of began too long ago; sign in again")]
    TooOld,
    /// It was not made for who sends it.
    #[error("nonce is not the one that id_token was made for")]
    Nonce,
    /// It does not belong to the access token.
    #[error("access_token is not the one that id_token was made with")]
    AtHash,
}
