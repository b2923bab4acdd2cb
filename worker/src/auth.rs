//! Who is calling, and what they may do.

use crate::clock;
use crate::ended;
use crate::fault::{Answer, Fault};
use crate::keys::{self, keys};
use crate::objects::call;
use heliograph_shared::config::{BoardConfig, Visibility};
use heliograph_shared::grant::{Access, Claims, Grant, KeyFilter};
use heliograph_shared::id::BoardName;
use heliograph_shared::limits;
use heliograph_shared::revocation::{Change, CredentialId, Origin};
use heliograph_shared::time::Millis;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use worker::{Env, Headers};

/// Somebody who calls.
#[derive(Clone, Debug)]
pub enum Caller {
    /// No credentials.
    Anonymous,
    /// The administrator's key.
    Admin,
    /// An API key.
    Key(Rc<ApiKey>),
    /// A token.
    Token(Rc<Claims>),
}

/// An API key that was looked up.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// What it allows.
    pub grants: Vec<Grant>,
    /// Its id.
    pub id: CredentialId,
}

/// Tokens and keys remembered by one isolate.
const MOST: usize = 10_000;
/// API keys by their SHA-256, with the time when they were read.
type ApiKeys = HashMap<[u8; 32], (Millis, Rc<ApiKey>)>;

thread_local! {
    static TOKENS: RefCell<HashMap<String, Rc<Claims>>> = RefCell::new(HashMap::new());
    static API_KEYS: RefCell<ApiKeys> = RefCell::new(HashMap::new());
}

/// Checks a token: its signature and time, and that what it comes from has not ended.
pub fn token(env: &Env, token: &str) -> Answer<Rc<Claims>> {
    still_counts(signed(env, token)?)
}

/// Checks a token's signature and time; a valid one is checked once an isolate.
pub fn signed(env: &Env, token: &str) -> Answer<Rc<Claims>> {
    let refuse = |detail: &str| Fault::problem(401, "token_invalid", detail);
    if token.len() > limits::TOKEN_BYTES {
        return Err(refuse("the token is too long to be one of ours"));
    }
    let now = clock::now();
    if let Some(claims) = TOKENS.with(|t| t.borrow().get(token).cloned()) {
        if claims.expires_at() <= now {
            return Err(refuse("the token has expired; mint a new one at POST /v1/tokens"));
        }
        return Ok(claims);
    }
    let claims = Rc::new(keys(env)?.verify(token, now).map_err(refuse)?);
    TOKENS.with(|t| {
        let mut cache = t.borrow_mut();
        if cache.len() >= MOST {
            cache.clear();
        }
        cache.insert(token.to_owned(), claims.clone());
    });
    Ok(claims)
}

/// A token whose key, code or public board has ended counts no more.
fn still_counts(claims: Rc<Claims>) -> Answer<Rc<Claims>> {
    match ended::end_of(&claims.origin(), None)? {
        None => Ok(claims),
        Some(_) => Err(Fault::problem(401, "token_invalid", "what the token was made from has ended")),
    }
}

/// What a credential says by itself or from memory, or the hash of an API key that must be looked up.
enum Checked {
    Known(Caller),
    LookUp([u8; 32]),
}

fn check(env: &Env, text: &str) -> Answer<Checked> {
    // A token has three parts; no key of ours has a dot.
    if text.matches('.').count() == 2 {
        return Ok(Checked::Known(Caller::Token(token(env, text)?)));
    }
    let hash = keys::hash(text.as_bytes());
    if keys(env)?.is_admin(&hash) {
        return Ok(Checked::Known(Caller::Admin));
    }
    let now = clock::now();
    let cached = remembered(&hash, now, limits::API_KEY_FRESH_MILLIS);
    cached.map_or(Ok(Checked::LookUp(hash)), |key| key_counts(key).map(Checked::Known))
}

/// An API key that was looked up within so many milliseconds.
fn remembered(hash: &[u8; 32], now: Millis, within: i64) -> Option<Rc<ApiKey>> {
    API_KEYS.with(|k| k.borrow().get(hash).filter(|(at, _)| now.since(*at) < within).map(|(_, key)| key.clone()))
}

fn key_counts(key: Rc<ApiKey>) -> Answer<Caller> {
    let origin = Origin { id: Some(key.id.clone()), known: Change::MAX, is_public: false };
    match ended::end_of(&origin, None)? {
        None => Ok(Caller::Key(key)),
        Some(_) => Err(key_unknown()),
    }
}

fn key_unknown() -> Fault {
    Fault::problem(401, "key_invalid", "the API key is not known here")
}

/// Checks a credential: an API key or a token.
pub async fn credential(env: &Env, text: &str) -> Answer<Caller> {
    let hash = match check(env, text)? {
        Checked::Known(caller) => return Ok(caller),
        Checked::LookUp(hash) => hash,
    };
    let now = clock::now();
    let hex = keys::hex(&hash);
    let found = match call::registry_key(env, &hex).await {
        Ok(found) => found,
        // A key that was good minutes ago goes on while the registry is away.
        Err(fault) => {
            return remembered(&hash, now, limits::ENDED_STALE_MILLIS).ok_or(fault).and_then(key_counts);
        }
    };
    let grants = found.ok_or_else(key_unknown)?;
    let id = CredentialId::Key(hex.get(..16).unwrap_or_default().to_owned());
    let key = Rc::new(ApiKey { grants, id });
    API_KEYS.with(|k| {
        let mut cache = k.borrow_mut();
        if cache.len() >= MOST {
            cache.clear();
        }
        cache.insert(hash, (now, key.clone()));
    });
    key_counts(key)
}

/// The credential in an `Authorization` header.
fn bearer(value: &str) -> Answer<&str> {
    match value.split_once(' ') {
        Some((scheme, text)) if scheme.eq_ignore_ascii_case("bearer") && !text.trim().is_empty() => Ok(text.trim()),
        _ => Err(Fault::problem(401, "authorization_invalid", "Authorization is \"Bearer <API key or token>\"")),
    }
}

/// The caller of a request, by its `Authorization` header.
pub async fn caller(env: &Env, headers: &Headers) -> Answer<Caller> {
    let Some(value) = headers.get("authorization")? else { return Ok(Caller::Anonymous) };
    credential(env, bearer(&value)?).await
}

/// The caller of a request, if that can be told without asking.
pub fn known_caller(env: &Env, headers: &Headers) -> Answer<Option<Caller>> {
    let Some(value) = headers.get("authorization")? else { return Ok(Some(Caller::Anonymous)) };
    Ok(match check(env, bearer(&value)?)? {
        Checked::Known(caller) => Some(caller),
        Checked::LookUp(_) => None,
    })
}

impl Caller {
    /// What the caller may do on a board.
    pub fn access(&self, board: &BoardName, config: Option<&BoardConfig>) -> Access {
        let mut access = match self {
            Self::Anonymous => Access::default(),
            Self::Admin => Access::everything(),
            Self::Key(key) => Access::from_grants(&key.grants, board),
            // A token of before the board was deleted does nothing on the next of its name.
            Self::Token(claims) if ended::with(|list| list.end_of(&claims.origin(), Some(board))).is_some() => {
                Access::default()
            }
            Self::Token(claims) => claims.access(board),
        };
        // Whoever comes with something that says nothing about reading a public board reads it like anyone.
        if access.read == KeyFilter::Nothing && config.is_some_and(|c| c.visibility == Visibility::Public) {
            let public = Access::public();
            access.read = public.read;
            access.history = public.history;
        }
        access
    }

    /// A name for the audit and for dead letters.
    pub fn name(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::Admin => "admin".to_owned(),
            Self::Key(_) => "API key".to_owned(),
            Self::Token(claims) => claims.sub.clone(),
        }
    }

    /// The name that a player gave when it joined.
    pub fn joined(&self) -> Option<&str> {
        match self {
            Self::Token(claims) => claims.name.as_deref(),
            Self::Anonymous | Self::Admin | Self::Key(_) => None,
        }
    }

    /// What the caller's rights come from; `is_public`: what it reads, it reads since the board is public.
    pub fn origin(&self, is_public: bool) -> Origin {
        match self {
            Self::Anonymous => Origin { id: None, known: ended::known(), is_public },
            Self::Admin => Origin { id: Some(CredentialId::Admin), known: ended::known(), is_public },
            Self::Key(key) => Origin { id: Some(key.id.clone()), known: ended::known(), is_public },
            Self::Token(claims) => Origin { is_public, ..claims.origin() },
        }
    }

    /// When what the caller came with ends.
    pub fn expires_at(&self) -> Option<Millis> {
        match self {
            Self::Token(claims) => Some(claims.expires_at()),
            Self::Anonymous | Self::Admin | Self::Key(_) => None,
        }
    }

    /// What is said when the caller lacks a right: who is unknown may come back with a credential.
    pub fn lacks(&self, right: &str, board: &BoardName) -> Fault {
        match self {
            Self::Anonymous => {
                let detail =
                    format!("{right} board {board} needs a credential: send Authorization: Bearer <API key or token>");
                Fault::problem(401, "credential_missing", detail)
            }
            Self::Admin | Self::Key(_) | Self::Token(_) => {
                Fault::problem(403, "forbidden", format!("your credential does not allow {right} board {board}"))
            }
        }
    }
}
