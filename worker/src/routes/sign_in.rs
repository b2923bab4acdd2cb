//! Signing in and out, and what the administrator says about it.

use crate::auth::{self, Caller};
use crate::body;
use crate::calls;
use crate::clock;
use crate::ended;
use crate::fault::{Answer, Fault};
use crate::keys;
use crate::outbound;
use crate::paces::{self, Counted};
use crate::reply;
use crate::sign_in::{self as issuers, NAME};
use heliograph_shared::api::sign_in::{Provider, Providers, SignOut, SignedOut};
use heliograph_shared::api::tokens::Minted;
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, FieldError, Problem};
use heliograph_shared::revocation::{CredentialId, Mark};
use heliograph_shared::rights::{AUDIENCE, Claims, ISSUER, MintRequest, Owner, SignIn, Standing};
use heliograph_shared::routes::Route;
use heliograph_shared::sign_in::{Asked, IdToken, Refused, Settings, check, rules};
use heliograph_shared::time::Millis;
use worker::{Env, Request, Response};

const PERSON: &str = "person is the issuer's name, a slash, and the subject, such as staff/2d1e0f5c";
const SETTINGS: &str = "the settings of sign-in";

fn refused(why: &Refused) -> Fault {
    let field = match why {
        Refused::Nonce => "nonce",
        Refused::AtHash => "access_token",
        Refused::Malformed(_)
        | Refused::Issuer
        | Refused::Audience(_)
        | Refused::Algorithm
        | Refused::Key
        | Refused::Signature
        | Refused::Claim(_)
        | Refused::OtherKind
        | Refused::Expired
        | Refused::Future
        | Refused::TooOld => "id_token",
    };
    let error = FieldError::new(field, Code::IdTokenInvalid, why.to_string());
    Problem::new(Code::IdTokenInvalid, why.to_string()).with_errors(vec![error]).into()
}

/// `POST /v1/tokens {"id_token"}`: a token of ours for an ID token of a configured issuer.
pub async fn exchange(env: &Env, text: &str, wish: &MintRequest) -> Answer<Response> {
    let refuse = |why: Refused| refused(&why);
    let token = IdToken::parse(text).map_err(refuse)?;
    let (settings, version) = issuers::settings(env).await?;
    let issuer = settings.issuer_of(&token).map_err(refuse)?;
    let algorithm = issuer.algorithm(&token.header.alg).map_err(refuse)?;
    let published = issuers::keys(env, issuer, token.header.kid.as_deref()).await?;
    let key = published.choose(&token.header, algorithm).map_err(refuse)?;
    if !issuers::is_good(&token, key, algorithm).await {
        return Err(refused(&Refused::Signature));
    }
    let asked = Asked { nonce: wish.nonce.as_deref(), access_token: wish.access_token.as_deref() };
    let now = clock::now();
    let person = check(&token, issuer, algorithm, asked, now).map_err(refuse)?;
    let grants = rules::grants(issuer, &person.subject, &token.claims)
        .map_err(|why| Fault::problem(Code::NothingGranted, why.to_string()))?;
    let name = format!("{}/{}", issuer.name, person.subject);
    let session = Some(keys::random_hex::<8>()?);
    let claims = Claims {
        iss: ISSUER.into(),
        sub: name.clone(),
        aud: AUDIENCE.into(),
        own: Some(Owner::of_person(&name)),
        cid: Some(CredentialId::Person { name, session }),
        rev: Some(ended::known()),
        grants,
        standing: Standing::Member,
        sign_in: Some(SignIn { until: person.until, settings: version }),
        ..Claims::default()
    };
    minted(env, claims, wish.ttl_s.unwrap_or(limits::TOKEN_TTL_SECONDS_MAX), now)
}

/// `POST /v1/tokens {"renew": true}`: the same sign-in, for another while: never for more, nor beyond its end. Settings that
/// have changed since may give less: whom they are about signs in again.
pub async fn renew(env: &Env, caller: &Caller, ttl: u32) -> Answer<Response> {
    let over = |detail: &str| Fault::problem(Code::SignInOver, detail);
    let Caller::Token(token) = caller else {
        return Err(over("renew goes with the token of a sign-in in Authorization"));
    };
    let Some(sign_in) = token.claims.sign_in else {
        return Err(over("the token is not that of a sign-in: mint another where it came from"));
    };
    let now = clock::now();
    if sign_in.until <= (now.0 / 1_000).unsigned_abs() {
        return Err(over("the sign-in is over: sign in again"));
    }
    if issuers::settings(env).await?.1 != sign_in.settings {
        return Err(over("the settings have changed since: sign in again"));
    }
    // What ended since then on single boards stays ended.
    minted(env, token.claims.clone(), ttl, now)
}

fn minted(env: &Env, claims: Claims, ttl: u32, now: Millis) -> Answer<Response> {
    let iat = (now.0 / 1_000).unsigned_abs();
    let until = claims.sign_in.map_or(iat, |sign_in| sign_in.until);
    let exp = until.min(iat + u64::from(ttl));
    let claims = Claims { iat, exp, jti: keys::random_hex::<16>()?, ..claims };
    let millis = |seconds: u64| Millis((seconds * 1_000) as i64);
    let token = auth::seal(env, &claims)?;
    Ok(reply::object(200, &Minted { until: Some(millis(until)), ..Minted::token(token, millis(exp)) })?)
}

/// `GET /v1/sign-in`: whom to sign in with.
pub async fn providers(env: &Env) -> Answer<Response> {
    let (settings, _) = issuers::settings_lately(env).await?;
    let mut found = Providers::default();
    for issuer in &settings.issuers {
        match issuers::endpoints(env, issuer).await {
            Ok(endpoints) => found.providers.push(Provider {
                name: issuer.name.clone(),
                title: issuer.title().to_owned(),
                issuer: issuer.issuer.clone(),
                client_id: issuer.client_id.clone(),
                authorization_endpoint: endpoints.authorization,
                token_endpoint: endpoints.token,
                scopes: issuer.scopes.clone(),
                end_session_endpoint: endpoints.end_session,
            }),
            Err(fault) => log_error!("issuer {} is left out: {fault:?}", issuer.name),
        }
    }
    Ok(reply::object(200, &found)?)
}

/// `POST /v1/sign-out`: ends the sign-in that the request comes with, or all of somebody's.
pub async fn out(req: Request, env: &Env) -> Answer<Response> {
    let caller = auth::caller(env, req.headers()).await?;
    if !matches!(caller, Caller::Admin) {
        paces::take(Counted::SignOut, paces::address(req.headers())?)?;
    }
    let wish: SignOut = body::json_or_default(&req, Route::SignOut).await?;
    let id = match (&caller, wish.person) {
        (Caller::Anonymous, _) => {
            let detail = "send the token of the sign-in in Authorization";
            return Err(Fault::problem(Code::CredentialMissing, detail));
        }
        (Caller::Admin, Some(person)) => {
            let longest = limits::ISSUER_NAME_CHARS + 1 + limits::SUBJECT_BYTES;
            if person.len() > longest || !person.contains('/') || person.contains(char::is_control) {
                return Err(Problem::about(422, FieldError::new("person", Code::Invalid, PERSON)).into());
            }
            CredentialId::Person { name: person, session: None }
        }
        (_, Some(_)) => {
            return Err(Fault::problem(Code::Forbidden, "person is the administrator's: who signed in ends its own"));
        }
        // What was minted with it may be in other hands.
        (Caller::Token(token), None) => match &token.claims.cid {
            Some(CredentialId::Person { name, session }) if token.claims.sign_in.is_some() => {
                let session = session.clone().filter(|_| !wish.everywhere);
                CredentialId::Person { name: name.clone(), session }
            }
            _ => return Err(Fault::problem(Code::Forbidden, "the token is not that of a sign-in")),
        },
        (Caller::Admin, None) => {
            return Err(Problem::about(422, FieldError::new("person", Code::Missing, PERSON)).into());
        }
        (Caller::Key(_), None) => return Err(Fault::problem(Code::Forbidden, "an API key is no sign-in")),
    };
    calls::registry::end(env, vec![Mark::credential(&id)]).await?;
    ended::refresh_now(env).await;
    let CredentialId::Person { name, .. } = id else { return Ok(reply::empty(204)?) };
    Ok(reply::object(200, &SignedOut { person: name, at: clock::now() })?)
}

fn tagged(settings: &Settings, version: u64) -> Answer<Response> {
    let response = reply::object(200, settings)?;
    response.headers().set("etag", &format!("\"{version}\""))?;
    response.headers().set("cache-control", "no-store")?;
    Ok(response)
}

/// `GET /v1/settings/identity`.
pub async fn settings(req: &Request, env: &Env) -> Answer<Response> {
    auth::administrator(req, env, SETTINGS).await?;
    let (settings, version) = issuers::settings(env).await?;
    tagged(&settings, version)
}

/// `PUT /v1/settings/identity`: checked whole, and in place of the version that `If-Match` names, where it names one.
pub async fn put_settings(req: Request, env: &Env) -> Answer<Response> {
    auth::administrator(&req, env, SETTINGS).await?;
    let wish: Settings = body::json_or_default(&req, Route::PutIdentity).await?;
    let errors = wish.check(outbound::private_too(env));
    if let Some(first) = errors.first() {
        let problem = Problem::new(Code::Invalid, format!("{}: {}", first.field, first.message));
        return Err(Problem { status: 422, ..problem.with_errors(errors) }.into());
    }
    let (_, before) = issuers::settings(env).await?;
    let changed =
        || Fault::problem(Code::SettingsChanged, "the settings are of another version by now: read them again");
    if req.headers().get("if-match")?.is_some_and(|tag| tag.trim() != "*" && tag.trim() != format!("\"{before}\"")) {
        return Err(changed());
    }
    if !calls::registry::put_settings(env, NAME, serde_json::to_value(&wish)?, before).await? {
        return Err(changed());
    }
    let (settings, version) = issuers::settings(env).await?;
    tagged(&settings, version)
}
