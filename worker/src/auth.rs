//! Who is calling, and what they may do.

use crate::calls;
use crate::clock;
use crate::ended;
use crate::fault::{Answer, Fault};
use crate::keys::{self, keys};
use crate::paces::{self, Counted};
use heliograph_shared::audit::By;
use heliograph_shared::calls::registry::StoredKey;
use heliograph_shared::config::{BoardConfig, Visibility};
use heliograph_shared::id::BoardName;
use heliograph_shared::limits;
use heliograph_shared::memo::Memo;
use heliograph_shared::problem::Code;
use heliograph_shared::revocation::{Change, CredentialId, Origin};
use heliograph_shared::rights::{Access, Ask, Claims, Grant, Lacks, Owner, Rights, Sight, Standing};
use heliograph_shared::share::ShareId;
use heliograph_shared::throttle::Who;
use heliograph_shared::time::Millis;
use std::cell::RefCell;
use std::rc::Rc;
use worker::{Env, Headers, Request};

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
    Token(Rc<Token>),
}

/// A token that was checked.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it says.
    pub claims: Claims,
    /// What it allows.
    pub rights: Rights,
}

impl Token {
    /// What it allows on a board, without what anyone may do there.
    pub fn access(&self, board: &BoardName) -> Access {
        self.rights.on(board, None)
    }

    /// When it ends.
    pub const fn expires_at(&self) -> Millis {
        self.claims.expires_at()
    }

    /// What its rights come from.
    pub fn origin(&self) -> Origin {
        self.claims.origin()
    }
}

/// An API key that was looked up.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// What it allows.
    pub rights: Rights,
    /// Its id.
    pub id: CredentialId,
    /// The name of its owner, which stays when the key is renewed.
    pub owner: String,
    /// Until when its secret is good, where another took its place.
    pub until: Option<Millis>,
    /// The registry's last change that was known when it was looked up.
    known: Change,
}

/// The SHA-256 of an API key.
type KeyHash = [u8; 32];
/// API keys, with the time when they were read.
type ApiKeys = Memo<KeyHash, (Millis, Rc<ApiKey>)>;

thread_local! {
    /// Checked tokens, until they end.
    static TOKENS: RefCell<Memo<String, Rc<Token>>> = RefCell::new(Memo::new(limits::TOKENS_BYTES, i64::MAX));
    static API_KEYS: RefCell<ApiKeys> = RefCell::new(Memo::new(limits::KEYS_BYTES, limits::ENDED_STALE_MILLIS));
    /// Keys that are nobody's: apart, so that trying many of them pushes out none that is.
    static UNKNOWN_KEYS: RefCell<Memo<KeyHash, ()>> =
        RefCell::new(Memo::new(limits::UNKNOWN_BYTES, limits::API_KEY_FRESH_MILLIS));
}

/// About the bytes that grants and the rights made from them take in memory.
fn weight(grants: &[Grant]) -> usize {
    let keys = |g: &Grant| g.keys.iter().map(|k| 2 * (48 + k.len())).sum::<usize>();
    grants.iter().map(|g| 320 + g.board.len() + keys(g) + 2 * g.conditions.weight()).sum()
}

/// Checks a token: its signature and time, and that what it comes from has not ended.
pub fn token(env: &Env, token: &str) -> Answer<Rc<Token>> {
    still_counts(signed(env, token)?)
}

/// Checks a token's signature and time; a valid one is checked once an isolate.
pub fn signed(env: &Env, token: &str) -> Answer<Rc<Token>> {
    let refuse = |detail: &str| Fault::problem(Code::TokenInvalid, detail);
    if token.len() > limits::TOKEN_BYTES {
        return Err(refuse("the token is too long to be one of ours"));
    }
    let now = clock::now();
    if let Some(claims) = TOKENS.with_borrow_mut(|t| t.get(now, token).cloned()) {
        if claims.expires_at() <= now {
            return Err(refuse("the token has expired; mint a new one at POST /v1/tokens"));
        }
        return Ok(claims);
    }
    let claims = keys(env)?.verify(token, now).map_err(refuse)?;
    let rights = Rights::of_claims(&claims)
        .map_err(|e| refuse(&format!("the token's {} can't be kept as they are said: {}", e.field, e.message)))?;
    let checked = Rc::new(Token { claims, rights });
    // Its text and its claims, and some texts in these.
    let bytes = token.len() + 400 + weight(&checked.claims.grants);
    TOKENS.with_borrow_mut(|t| t.put(now, token.to_owned(), checked.clone(), bytes));
    Ok(checked)
}

/// Whether a token, be it over or not, came by this link.
pub fn came_by_link(env: &Env, token: &str, link: &ShareId) -> Answer<bool> {
    if token.len() > limits::TOKEN_BYTES {
        return Ok(false);
    }
    // As of a time at which none of ours was over.
    let claims = keys(env)?.verify(token, Millis(0));
    Ok(claims.is_ok_and(|claims| matches!(&claims.cid, Some(CredentialId::Share { id, .. }) if id == link)))
}

/// A token of claims, unless it would be longer than travels.
pub fn seal(env: &Env, claims: &Claims) -> Answer<String> {
    let token = keys(env)?.sign(claims)?;
    if token.len() > limits::TOKEN_BYTES {
        let detail = format!(
            "the token would have {} bytes, at most {} travel; use fewer patterns",
            token.len(),
            limits::TOKEN_BYTES
        );
        return Err(Fault::problem(Code::TokenTooLarge, detail));
    }
    Ok(token)
}

/// A token whose key, code or public board has ended counts no more.
fn still_counts(token: Rc<Token>) -> Answer<Rc<Token>> {
    match ended::end_of(&token.origin(), None)? {
        None => Ok(token),
        Some(_) => Err(Fault::problem(Code::TokenInvalid, "what the token was made from has ended")),
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
    if UNKNOWN_KEYS.with_borrow_mut(|u| u.get(now, &hash).is_some()) {
        return Err(key_unknown());
    }
    let cached = remembered(&hash, now, limits::API_KEY_FRESH_MILLIS);
    cached.map_or(Ok(Checked::LookUp(hash)), |key| key_counts(key).map(Checked::Known))
}

/// An API key that was looked up within so many milliseconds.
fn remembered(hash: &[u8; 32], now: Millis, within: i64) -> Option<Rc<ApiKey>> {
    let key = API_KEYS
        .with_borrow_mut(|k| k.get(now, hash).filter(|(at, _)| now.since(*at) < within).map(|(_, key)| key.clone()));
    // Of one that was rotated since, it is asked until when this secret is good.
    key.filter(|key| match &key.id {
        CredentialId::Key(id) => !ended::with(|list| list.was_rotated(id, key.known)),
        CredentialId::Admin
        | CredentialId::Join { .. }
        | CredentialId::Public(_)
        | CredentialId::Share { .. }
        | CredentialId::Person { .. } => true,
    })
}

fn key_counts(key: Rc<ApiKey>) -> Answer<Caller> {
    if key.until.is_some_and(|until| until <= clock::now()) {
        return Err(key_unknown());
    }
    let origin = Origin { id: Some(key.id.clone()), known: Change::MAX, is_public: false };
    match ended::end_of(&origin, None)? {
        None => Ok(Caller::Key(key)),
        Some(_) => Err(key_unknown()),
    }
}

fn key_unknown() -> Fault {
    Fault::problem(Code::KeyInvalid, "the API key is not known here")
}

fn key_untold() -> Fault {
    Fault::registry_away("whether the API key is known here can't be told at the moment; try again")
}

/// Checks a credential: an API key or a token. Keys that are nobody's are counted by the address that tries them.
async fn credential(env: &Env, text: &str, address: Who) -> Answer<Caller> {
    let hash = match check(env, text)? {
        Checked::Known(caller) => return Ok(caller),
        Checked::LookUp(hash) => hash,
    };
    paces::take(Counted::Unknown, address)?;
    let (now, known) = (clock::now(), ended::known());
    let hex = keys::hex(&hash);
    let asked = if ended::is_away() { Err(key_untold()) } else { calls::registry::key(env, &hex).await };
    let found = match asked {
        Ok(found) => found,
        // A key that was good minutes ago goes on while the registry is away.
        Err(fault) => {
            paces::give_back(Counted::Unknown, address);
            let last = remembered(&hash, now, limits::ENDED_STALE_MILLIS);
            if last.is_none() {
                log_error!("an API key is not looked up: {fault:?}");
            }
            return last.ok_or_else(key_untold).and_then(key_counts);
        }
    };
    let Some(StoredKey { grants, owner, id, until }) = found else {
        UNKNOWN_KEYS.with_borrow_mut(|u| u.put(now, hash, (), hash.len()));
        return Err(key_unknown());
    };
    paces::give_back(Counted::Unknown, address);
    let bytes = hash.len() + weight(&grants);
    let id = id.unwrap_or_else(|| hex.get(..16).unwrap_or_default().to_owned());
    // A key of before there were owners is its own.
    let owner = owner.unwrap_or_else(|| id.clone());
    let id = CredentialId::Key(id);
    // A key of before whose patterns can't be said any more allows nothing until it is renewed.
    let rights = Rights::of_grants(&grants).unwrap_or_else(|_| Rights::nothing());
    let key = Rc::new(ApiKey { rights, id, owner, until, known });
    API_KEYS.with_borrow_mut(|k| k.put(now, hash, (now, key.clone()), bytes));
    key_counts(key)
}

/// The credential in an `Authorization` header.
fn bearer(value: &str) -> Answer<&str> {
    match value.split_once(' ') {
        Some((scheme, text)) if scheme.eq_ignore_ascii_case("bearer") && !text.trim().is_empty() => Ok(text.trim()),
        _ => Err(Fault::problem(Code::AuthorizationInvalid, "Authorization is \"Bearer <API key or token>\"")),
    }
}

/// The caller of a request, by its `Authorization` header.
pub async fn caller(env: &Env, headers: &Headers) -> Answer<Caller> {
    let Some(value) = headers.get("authorization")? else { return Ok(Caller::Anonymous) };
    credential(env, bearer(&value)?, paces::address(headers)?).await
}

/// Makes sure that the administrator calls, whose such things are.
pub async fn administrator(req: &Request, env: &Env, whose: &str) -> Answer<By> {
    let caller = caller(env, req.headers()).await?;
    match caller {
        Caller::Admin => Ok(caller.by()),
        Caller::Anonymous => {
            let detail = format!("{whose} are the administrator's: send the admin key");
            Err(Fault::problem(Code::CredentialMissing, detail))
        }
        Caller::Key(_) | Caller::Token(_) => {
            Err(Fault::problem(Code::Forbidden, format!("{whose} are the administrator's")))
        }
    }
}

/// Makes sure that the administrator calls, or somebody with the scrape token.
pub async fn scraper(req: &Request, env: &Env) -> Answer<()> {
    let value = req.headers().get("authorization")?;
    if value.as_deref().map(bearer).transpose()?.is_some_and(|text| keys::is_scrape_token(env, text)) {
        return Ok(());
    }
    administrator(req, env, "metrics").await.map(drop)
}

/// The caller of a request, who must be an administrator or may manage the board.
pub async fn manager(req: &Request, env: &Env, board: &BoardName) -> Answer<Caller> {
    let caller = caller(env, req.headers()).await?;
    caller.may(board, None, Ask::Manage)?;
    Ok(caller)
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
    /// What the caller may do, everywhere.
    pub fn rights(&self) -> Rights {
        match self {
            Self::Anonymous => Rights::anyone(),
            Self::Admin => Rights::everything(),
            Self::Key(key) => key.rights.clone(),
            Self::Token(token) => token.rights.clone(),
        }
    }

    /// What the caller may do on a board.
    pub fn access(&self, board: &BoardName, config: Option<&BoardConfig>) -> Access {
        self.access_to(board, config.map(|c| c.visibility))
    }

    /// What the caller may do on a board that is public or private; none: there is none.
    pub fn access_to(&self, board: &BoardName, visibility: Option<Visibility>) -> Access {
        let rights = match self {
            // A token of before the board was deleted does nothing on the next of its name.
            Self::Token(token) if ended::with(|list| list.end_of(&token.origin(), Some(board))).is_some() => {
                Rights::nothing().as_standing(token.rights.standing())
            }
            Self::Anonymous | Self::Admin | Self::Key(_) | Self::Token(_) => self.rights(),
        };
        rights.on(board, visibility)
    }

    /// What the caller sees of what it asks for; a problem where that is not allowed.
    pub fn may(&self, board: &BoardName, config: Option<&BoardConfig>, ask: Ask<'_>) -> Answer<Sight> {
        self.access(board, config).may(ask).map_err(|Lacks(right)| self.lacks(right, board))
    }

    /// A name for the audit and for dead letters.
    pub fn name(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::Admin => "admin".to_owned(),
            Self::Key(_) => "API key".to_owned(),
            Self::Token(token) => token.claims.sub.clone(),
        }
    }

    /// Who it is, for the audit: the credential at the root, and for whom a token was made.
    pub fn by(&self) -> By {
        let credential = self.origin(false).id.map_or_else(|| self.name(), |id| id.to_string());
        let subject = match self {
            Self::Token(token) => Some(token.claims.sub.clone()),
            Self::Anonymous | Self::Admin | Self::Key(_) => None,
        };
        By { credential, subject }
    }

    /// Whose event ids and `Idempotency-Key`s the caller's are.
    pub fn owner(&self) -> Owner {
        match self {
            Self::Anonymous | Self::Admin => Owner::board(),
            Self::Key(key) => Owner::of_key(&key.owner, None),
            Self::Token(token) => token.claims.owner(),
        }
    }

    /// Whose those of a token are that the caller mints. A token's holder stays who it is: the names of subjects are given
    /// by whoever has a key.
    pub fn mints_for(&self, subject: Option<&str>) -> Owner {
        match self {
            Self::Anonymous => Owner::board(),
            Self::Admin => Owner::of_admin(subject),
            Self::Key(key) => Owner::of_key(&key.owner, subject),
            Self::Token(token) => token.claims.owner(),
        }
    }

    /// The name that a player gave when it joined.
    pub fn joined(&self) -> Option<&str> {
        match self {
            Self::Token(token) => token.claims.name.as_deref(),
            Self::Anonymous | Self::Admin | Self::Key(_) => None,
        }
    }

    /// What the caller's rights come from; `is_public`: what it reads, it reads since the board is public.
    pub fn origin(&self, is_public: bool) -> Origin {
        match self {
            Self::Anonymous => Origin { id: None, known: ended::known(), is_public },
            Self::Admin => Origin { id: Some(CredentialId::Admin), known: ended::known(), is_public },
            Self::Key(key) => Origin { id: Some(key.id.clone()), known: ended::known(), is_public },
            Self::Token(token) => Origin { is_public, ..token.origin() },
        }
    }

    /// When what the caller came with ends.
    pub fn expires_at(&self) -> Option<Millis> {
        match self {
            Self::Token(token) => Some(token.expires_at()),
            Self::Anonymous | Self::Admin | Self::Key(_) => None,
        }
    }

    /// What the caller came with, as one that is counted; none when it came with nothing.
    pub fn counted(headers: &Headers) -> Answer<Option<Who>> {
        Ok(headers.get("authorization")?.map(|value| Who::credential(value.as_bytes())))
    }

    /// Who pays for the views that the caller asks for. Anybody may have more tokens of a public board: those are paid for by
    /// address.
    pub fn payer(&self, headers: &Headers) -> Answer<Option<Who>> {
        let is_public = self.rights().standing() == Standing::Public;
        Ok(match self {
            Self::Admin => None,
            Self::Anonymous => Some(paces::address(headers)?),
            Self::Token(_) if is_public => Some(paces::address(headers)?),
            Self::Key(_) | Self::Token(_) => Some(Who::credential(self.owner().as_str().as_bytes())),
        })
    }

    /// What is said when the caller lacks a right: who is unknown may come back with a credential.
    pub fn lacks(&self, right: &str, board: &BoardName) -> Fault {
        match self {
            Self::Anonymous => {
                let detail =
                    format!("{right} board {board} needs a credential: send Authorization: Bearer <API key or token>");
                Fault::problem(Code::CredentialMissing, detail)
            }
            Self::Admin | Self::Key(_) | Self::Token(_) => {
                Fault::problem(Code::Forbidden, format!("your credential does not allow {right} board {board}"))
            }
        }
    }
}
