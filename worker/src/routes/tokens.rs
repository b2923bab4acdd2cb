//! Tokens and API keys.

use crate::auth::{self, Caller};
use crate::body;
use crate::calls;
use crate::clock;
use crate::configs;
use crate::ended;
use crate::fault::{Answer, Fault};
use crate::keys::{self, keys};
use crate::paces::{self, Counted};
use crate::reply;
use crate::routes::join::join;
use crate::routes::{shares, sign_in};
use heliograph_shared::api::keys::NewKey;
use heliograph_shared::api::tokens::Minted;
use heliograph_shared::calls::registry::KeyRotation;
use heliograph_shared::problem::{Code, FieldError, Problem};
use heliograph_shared::revocation::CredentialId;
use heliograph_shared::rights::{
    AUDIENCE, Ask, Claims, Grant, ISSUER, MintRequest, OWNER_BYTES, Operation, Rights, check_grants, is_owner_name,
};
use heliograph_shared::routes::Route;
use heliograph_shared::source::Rotation;
use heliograph_shared::throttle::Who;
use heliograph_shared::time::Millis;
use serde::Deserialize;
use serde_json::json;
use worker::{Env, Headers, Request, Response};

/// Whose the API keys are.
const API_KEYS: &str = "API keys";

/// `POST /v1/tokens`.
pub async fn mint(req: Request, env: &Env) -> Answer<Response> {
    let caller = auth::caller(env, req.headers()).await?;
    let address = pace(&caller, req.headers())?;
    let wish: MintRequest = body::json_or_default(&req, Route::Mint).await?;
    if let Some(code) = &wish.code {
        return join(env, address, code, &wish).await;
    }
    if let Some(code) = &wish.share {
        return shares::open(env, address, code, &wish).await;
    }
    let ttl = wish.check().map_err(|e| Problem::about(422, e))?;
    if let Some(id_token) = &wish.id_token {
        return sign_in::exchange(env, id_token, &wish).await;
    }
    if wish.renew {
        return sign_in::renew(env, &caller, ttl).await;
    }
    // A token made with a token comes from where that came from, however many are between.
    let mut origin = caller.origin(false);
    let rights = caller.rights();
    let grants = match wish.board {
        Some(board) if wish.grants.is_empty() => {
            let is_anonymous = matches!(caller, Caller::Anonymous);
            if is_anonymous {
                paces::meet(env, req.headers(), &board).await?;
                // A board that is not there is answered like one that is private.
                let config = configs::find(env, &board).await?;
                caller.may(&board, config.as_deref(), Ask::Present)?;
                origin.id = Some(CredentialId::Public(board.clone()));
            }
            let operations = vec![Operation::Read, Operation::History];
            let all = Grant { board: board.as_str().into(), operations, keys: vec!["*".into()], ..Grant::default() };
            // What may not be read at all is refused below.
            let own = if wish.own && !is_anonymous { rights.reading(&board) } else { Vec::new() };
            if own.is_empty() { vec![all] } else { own }
        }
        _ if matches!(caller, Caller::Anonymous) => {
            let detail = "send Authorization: Bearer <API key>, or {\"board\": name} alone for a public board";
            return Err(Fault::problem(Code::CredentialMissing, detail));
        }
        _ => wish.grants,
    };
    if grants.is_empty() {
        let detail = "grants is required: [{\"board\":\"fleet\",\"operations\":[\"read\"],\"keys\":[\"*\"]}]";
        let error = FieldError::new("grants", Code::Missing, detail);
        return Err(Problem::new(Code::Missing, detail).with_errors(vec![error]).into());
    }
    let standing = rights.standing();
    if !matches!(caller, Caller::Anonymous) {
        let wanted = checked(&grants)?.as_standing(standing.clone());
        if !rights.covers(&wanted) {
            let place = rights.first_not_covered(&wanted).map_or_else(String::new, |i| format!("[{i}]"));
            let detail = format!("grants{place} asks for more than your credential has");
            return Err(Fault::problem(Code::Forbidden, detail));
        }
    }
    let now = clock::now();
    let iat = (now.0 / 1_000).unsigned_abs();
    // A token made with a token does not outlive it.
    let exp = (iat + u64::from(ttl)).min(caller.expires_at().map_or(u64::MAX, |t| (t.0 / 1_000).unsigned_abs()));
    let claims = Claims {
        iss: ISSUER.into(),
        own: Some(caller.mints_for(wish.sub.as_deref())),
        sub: wish.sub.unwrap_or_else(|| "anonymous".into()),
        aud: AUDIENCE.into(),
        exp,
        iat,
        jti: keys::random_hex::<16>()?,
        cid: origin.id,
        rev: Some(origin.known),
        grants,
        // A player stays who it is, whatever it mints for itself.
        name: caller.joined().map(str::to_owned),
        standing,
        // Only the first of a sign-in is renewed.
        sign_in: None,
    };
    let token = auth::seal(env, &claims)?;
    Ok(reply::object(200, &Minted::token(token, Millis((exp * 1_000) as i64)))?)
}

/// Counts a token that is asked for; the caller's address. An API key is a server that mints for its visitors: its
/// address says nothing.
fn pace(caller: &Caller, headers: &Headers) -> Answer<Who> {
    let address = paces::address(headers)?;
    match caller {
        Caller::Admin => return Ok(address),
        Caller::Key(_) => {}
        Caller::Anonymous | Caller::Token(_) => paces::take(Counted::Mint, address)?,
    }
    if let Some(who) = Caller::counted(headers)? {
        paces::take(Counted::MintWith, who)?;
    }
    Ok(address)
}

/// The rights that grants would give; a problem with the field where they can't be kept as they are said.
fn checked(grants: &[Grant]) -> Answer<Rights> {
    check_grants(grants).map_err(|e| Problem::about(422, e).into())
}

/// `GET /.well-known/jwks.json`.
pub fn jwks(env: &Env) -> Answer<Response> {
    let response = reply::object(200, &keys(env)?.jwks())?;
    response.headers().set("cache-control", "public, max-age=300")?;
    Ok(response)
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct KeyWish {
    label: String,
    grants: Vec<Grant>,
    owner: Option<String>,
}

/// `POST /v1/keys`: makes an API key, shown once.
pub async fn make_key(req: Request, env: &Env) -> Answer<Response> {
    let by = auth::administrator(&req, env, API_KEYS).await?;
    let wish: KeyWish = body::json_or_default(&req, Route::MakeKey).await?;
    checked(&wish.grants)?;
    if wish.grants.is_empty() || wish.label.trim().is_empty() || wish.label.len() > 120 {
        let detail = "a key needs a label of 1 to 120 bytes and at least one grant";
        let field = if wish.grants.is_empty() { "grants" } else { "label" };
        return Err(Problem::new(Code::Missing, detail)
            .with_errors(vec![FieldError::new(field, Code::Missing, detail)])
            .into());
    }
    if !wish.owner.as_deref().is_none_or(is_owner_name) {
        let detail = format!("owner is 1 to {OWNER_BYTES} of letters, digits, _ - and .");
        let error = FieldError::new("owner", Code::Invalid, detail.clone());
        return Err(Problem::new(Code::Invalid, detail).with_errors(vec![error]).into());
    }
    let (key, hash) = new_key()?;
    let id = hash.get(..16).unwrap_or_default();
    let KeyWish { label, grants, owner } = wish;
    let owner = owner.unwrap_or_else(|| id.to_owned());
    let about = json!({"label": label, "grants": grants, "owner": owner, "created": clock::now()});
    calls::registry::put_key(env, by, &hash, about).await?;
    Ok(reply::object(201, &NewKey { id: id.to_owned(), key, label, grants, owner, previous_until: None })?)
}

/// A new API key, and its hash.
fn new_key() -> Answer<(String, String)> {
    let key = format!("hg_{}", keys::random_hex::<24>()?);
    let hash = keys::hex(&keys::hash(key.as_bytes()));
    Ok((key, hash))
}

/// `POST /v1/keys/{id}/rotate`: another secret of a key, shown once.
pub async fn rotate_key(req: Request, env: &Env, id: &str) -> Answer<Response> {
    #[derive(Deserialize)]
    struct Kept {
        label: String,
        grants: Vec<Grant>,
        owner: String,
    }
    let by = auth::administrator(&req, env, API_KEYS).await?;
    let wish: Rotation = body::json_or_default(&req, Route::RotateKey).await?;
    let overlap_s = wish.seconds().map_err(|e| Problem::about(422, e))?;
    let (key, hash) = new_key()?;
    let until = clock::now().plus(i64::from(overlap_s) * 1_000);
    let rotation = KeyRotation { id: id.to_owned(), hash, until };
    let kept = calls::registry::rotate_key(env, by, rotation).await?;
    let kept = kept.ok_or_else(|| Fault::not_found("there is no such key"))?;
    // Here it counts at once; elsewhere within two seconds.
    ended::refresh_now(env).await;
    let Kept { label, grants, owner } = serde_json::from_value(kept)?;
    let previous_until = (overlap_s > 0).then_some(until);
    Ok(reply::object(200, &NewKey { id: id.to_owned(), key, label, grants, owner, previous_until })?)
}

/// `GET /v1/keys`: labels and grants; the keys themselves are not stored.
pub async fn list_keys(req: &Request, env: &Env) -> Answer<Response> {
    auth::administrator(req, env, API_KEYS).await?;
    let mut list: serde_json::Value = serde_json::from_slice(&calls::registry::keys(env).await?)?;
    for key in list["keys"].as_array_mut().into_iter().flatten() {
        // A key of before whose grants can't be said any more allows nothing.
        let grants: Result<Vec<Grant>, _> = serde_json::from_value(key["grants"].clone());
        let holds = grants.is_ok_and(|grants| Rights::of_grants(&grants).is_ok());
        key["needs_renewal"] = (!holds).into();
        // One of before there were owners is its own.
        if key["owner"].is_null() {
            key["owner"] = key["id"].clone();
        }
    }
    Ok(reply::object(200, &list)?)
}

/// `DELETE /v1/keys/{id}`.
pub async fn delete_key(req: &Request, env: &Env, id: &str) -> Answer<Response> {
    let by = auth::administrator(req, env, API_KEYS).await?;
    if id.len() != 16 || !calls::registry::delete_key(env, by, id).await? {
        return Err(Fault::not_found("there is no such key"));
    }
    // Here it counts at once; elsewhere within two seconds.
    ended::refresh_now(env).await;
    Ok(reply::empty(204)?)
}
