//! Grants, tokens' claims and wishes for tokens as they are sent and stored.

use super::{Conditions, Owner, Rights, Standing};
use crate::id::BoardName;
use crate::limits;
use crate::problem::{Code, FieldError};
use crate::revocation::{Change, CredentialId, Origin};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// Who issues our tokens.
pub const ISSUER: &str = "heliograph";
/// For whom they are.
pub const AUDIENCE: &str = "heliograph";

/// Something that a grant allows on a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// See the live state.
    Read,
    /// See what was.
    History,
    /// Send events.
    Publish,
    /// See who is there, where the board's config tells it: by name, whatever the keys of the grant.
    Presence,
    /// Change the config, mend records, lead sessions.
    Manage,
}

impl Operation {
    /// All there are.
    pub const ALL: [Self; 5] = [Self::Read, Self::History, Self::Publish, Self::Presence, Self::Manage];
}

/// Operations on one board, or on the boards that begin alike.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// A board's name, a beginning followed by `*` (`quiz-*`), or `*`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::BOARD_NAME_CHARS)))]
    pub board: String,
    /// What is allowed there.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub operations: Vec<Operation>,
    /// Which keys: a key, a beginning followed by `*` (`v*`), or `*`. All keys when absent.
    #[serde(default = "all_keys")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::KEY_PATTERNS)))]
    pub keys: Vec<String>,
    /// What narrows further what is read.
    #[serde(default, skip_serializing_if = "Conditions::is_none")]
    pub conditions: Conditions,
}

fn all_keys() -> Vec<String> {
    vec!["*".to_owned()]
}

/// What a token says that somebody got by signing in. Tokens that are minted with it don't.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// When the sign-in ends, in seconds since 1970: it is renewed until then.
    pub until: u64,
    /// The version of the settings by which its grants were given.
    pub settings: u64,
}

/// The claims of a token (RFC 7519 names; times in seconds since 1970).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// For whom it was made.
    pub sub: String,
    /// Audience.
    pub aud: String,
    /// Not valid from this second on.
    pub exp: u64,
    /// Made at.
    pub iat: u64,
    /// Names this token.
    pub jti: String,
    /// The credential that it comes from, however many tokens are between. None in tokens of before there were ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cid: Option<CredentialId>,
    /// The registry's last change that was known when it was made from that credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rev: Option<Change>,
    /// What it allows.
    pub grants: Vec<Grant>,
    /// The player's name, of who joined by a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// As whom its holder reads. Passed on to every token that is minted with it.
    #[serde(default, skip_serializing_if = "Standing::is_member")]
    pub standing: Standing,
    /// Whose event ids and `Idempotency-Key`s its holder's are. Passed on likewise. None in tokens of before there were
    /// owners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Owner>,
    /// Of the token that somebody got by signing in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignIn>,
}

impl Claims {
    /// Whose event ids and `Idempotency-Key`s its holder's are. A player is itself, whatever else it has.
    pub fn owner(&self) -> Owner {
        match (&self.standing, &self.own) {
            (Standing::Player(key), _) => Owner::of_player(key),
            (Standing::Member | Standing::Public, Some(own)) => own.clone(),
            (Standing::Member | Standing::Public, None) => {
                let credential = self.cid.as_ref().map_or_else(|| "token".to_owned(), CredentialId::to_string);
                Owner::of_old_token(&credential, &self.sub)
            }
        }
    }

    /// What its rights come from. A token of before there were changes counts from the second in which it was made.
    pub fn origin(&self) -> Origin {
        let known = self.rev.unwrap_or_else(|| self.iat.saturating_mul(1_000));
        Origin { id: self.cid.clone(), known, is_public: false }
    }

    /// When the token ends.
    pub const fn expires_at(&self) -> Millis {
        Millis((self.exp as i64).saturating_mul(1_000))
    }
}

/// What somebody asks for when minting a token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct MintRequest {
    /// A public board, for a token without a key.
    pub board: Option<BoardName>,
    /// With `board`: for what the caller's own credential may read there, be it some keys only.
    pub own: bool,
    /// What the token shall allow.
    #[cfg_attr(feature = "schema", schemars(length(max = limits::GRANTS_PER_TOKEN)))]
    pub grants: Vec<Grant>,
    /// For whom.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::KEY_BYTES)))]
    pub sub: Option<String>,
    /// Seconds until it ends.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = limits::TOKEN_TTL_SECONDS_MAX)))]
    pub ttl_s: Option<u32>,
    /// A session's join code, for a player's token.
    pub code: Option<String>,
    /// The player's name.
    pub name: Option<String>,
    /// With `code`, the player's own token, to renew it. With `share`, a token that came by it: whoever has one is not
    /// counted again.
    pub token: Option<String>,
    /// The code of a link that shares a part of a board.
    pub share: Option<String>,
    /// An ID token of a configured issuer, to sign in.
    pub id_token: Option<String>,
    /// With `id_token`: what its nonce was made from.
    pub nonce: Option<String>,
    /// With `id_token`: the access token that came with it, which its `at_hash` is compared with.
    pub access_token: Option<String>,
    /// Renews the sign-in of the token that the request comes with.
    pub renew: bool,
}

impl MintRequest {
    /// Checks everything that the wish alone shows; gives the token's life in seconds. What the caller may pass on is
    /// checked with [`Rights::covers`].
    pub fn check(&self) -> Result<u32, FieldError> {
        let ttl = self.ttl_s.unwrap_or(limits::TOKEN_TTL_SECONDS);
        if !(1..=limits::TOKEN_TTL_SECONDS_MAX).contains(&ttl) {
            let message = format!(
                "ttl_s is 1 to {} seconds; refresh a token instead of making it long",
                limits::TOKEN_TTL_SECONDS_MAX
            );
            return Err(FieldError::new("ttl_s", Code::OutOfRange, message));
        }
        if self.sub.as_ref().is_some_and(|s| s.is_empty() || s.len() > limits::KEY_BYTES) {
            return Err(FieldError::new("sub", Code::Invalid, "sub is 1 to 128 bytes"));
        }
        if self.own && (self.board.is_none() || !self.grants.is_empty()) {
            return Err(FieldError::new("own", Code::Invalid, "own goes with a board, and without grants"));
        }
        if self.share.is_some() && (self.board.is_some() || !self.grants.is_empty() || self.sub.is_some()) {
            let message = "share goes alone, or with token and ttl_s: the link says what its tokens allow";
            return Err(FieldError::new("share", Code::Invalid, message));
        }
        if (self.id_token.is_some() || self.renew) && (!self.grants.is_empty() || self.sub.is_some()) {
            let message = "a sign-in gives what the settings say: mint a narrower token with the one you get";
            return Err(FieldError::new("grants", Code::Invalid, message));
        }
        check_grants(&self.grants)?;
        Ok(ttl)
    }
}

/// Checks grants that somebody wants: those that compile, and that say nothing that would be ignored.
pub fn check_grants(grants: &[Grant]) -> Result<Rights, FieldError> {
    let rights = Rights::of_grants(grants)?;
    for (i, g) in grants.iter().enumerate() {
        if g.operations.contains(&Operation::Manage) && !g.keys.iter().any(|k| k == "*") {
            let message = "manage is about a board as a whole: give it in a grant of its own, without keys";
            return Err(FieldError::new(format!("grants[{i}].keys"), Code::ManageHasNoKeys, message));
        }
    }
    Ok(rights)
}
