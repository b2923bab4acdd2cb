//! Sign-in.

use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// Whom to sign in with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Providers {
    /// In the order of the settings. Those whose addresses can't be had at the moment are left out.
    pub providers: Vec<Provider>,
}

/// What a page needs for the authorization code flow with PKCE. Nothing of it is secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Provider {
    /// Its name in the settings.
    pub name: String,
    /// For people.
    pub title: String,
    /// The claim `iss` of its tokens.
    pub issuer: String,
    /// The client to sign in to.
    pub client_id: String,
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where the code is exchanged.
    pub token_endpoint: String,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Where people are signed out, after they signed out here; absent where the settings do not want that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_session_endpoint: Option<String>,
}

/// Which sign-ins end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct SignOut {
    /// All of the caller's, not only the one that it comes with.
    pub everywhere: bool,
    /// For the administrator: all of this person's, by the issuer's name, `/`, and the subject.
    pub person: Option<String>,
}

/// Which sign-ins have ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignedOut {
    /// Whose.
    pub person: String,
    /// When.
    pub at: Millis,
}
