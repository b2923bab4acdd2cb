//! Who is calling, and what they may do.

use crate::clock;
use crate::fault::{Answer, Fault};
use crate::keys::{self, keys};
use crate::objects::call;
use heliograph_shared::config::{BoardConfig, Visibility};
use heliograph_shared::grant::{Access, Claims, Grant, KeyFilter};
use heliograph_shared::id::BoardName;
use heliograph_shared::limits;
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
    Key(Rc<Vec<Grant>>),
    /// A token.
    Token(Rc<Claims>),
}

/// Tokens and keys remembered by one isolate.
const MOST: usize = 10_000;
/// How long a deleted API key may still be honoured by another isolate.
const KEY_FRESH_MILLIS: i64 = 10_000;

/// Grants of API keys by the key's SHA-256, with the time when they were read.
type ApiKeys = HashMap<[u8; 32], (Millis, Rc<Vec<Grant>>)>;

thread_local! {
    static TOKENS: RefCell<HashMap<String, Rc<Claims>>> = RefCell::new(HashMap::new());
    static API_KEYS: RefCell<ApiKeys> = RefCell::new(HashMap::new());
}

/// Checks a token; a valid one is checked once an isolate.
pub fn token(env: &Env, token: &str) -> Answer<Rc<Claims>> {
    let refuse = |detail: &str| Fault::problem(401, "token_invalid", detail);
    if token.len() > limits::TOKEN_BYTES {
        return Err(refuse("the token is too long to be one of ours"));
    }
    let now = clock::now();
    if let Some(claims) = TOKENS.with(|t| t.borrow().get(token).cloned()) {
        if claims.expires_at() > now {
            return Ok(claims);
        }
        return Err(refuse("the token has expired; mint a new one at POST /v1/tokens"));
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
    let cached = API_KEYS
        .with(|k| k.borrow().get(&hash).filter(|(at, _)| now.since(*at) < KEY_FRESH_MILLIS).map(|(_, g)| g.clone()));
    Ok(cached.map_or(Checked::LookUp(hash), |grants| Checked::Known(Caller::Key(grants))))
}

/// Checks a credential: an API key or a token.
pub async fn credential(env: &Env, text: &str) -> Answer<Caller> {
    let hash = match check(env, text)? {
        Checked::Known(caller) => return Ok(caller),
        Checked::LookUp(hash) => hash,
    };
    let now = clock::now();
    let Some(grants) = call::registry_key(env, &keys::hex(&hash)).await? else {
        return Err(Fault::problem(401, "key_invalid", "the API key is not known here"));
    };
    let grants = Rc::new(grants);
    API_KEYS.with(|k| {
        let mut cache = k.borrow_mut();
        if cache.len() >= MOST {
            cache.clear();
        }
        cache.insert(hash, (now, grants.clone()));
    });
    Ok(Caller::Key(grants))
}

/// Forgets the keys that this isolate remembers, after one was deleted.
pub fn forget_keys() {
    API_KEYS.with(|k| k.borrow_mut().clear());
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
            Self::Key(grants) => Access::from_grants(grants, board),
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
