//! Links that share a part of a board: made, listed and revoked by its managers, and opened by whoever has one's code.

use crate::auth;
use crate::body;
use crate::calls;
use crate::clock;
use crate::configs;
use crate::ended;
use crate::fault::{Answer, Fault};
use crate::keys::{self, keys};
use crate::paces::{self, Counted};
use crate::reply;
use heliograph_shared::api::shares::{Shares, ShownShare};
use heliograph_shared::api::tokens::Minted;
use heliograph_shared::id::BoardName;
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::rights::{AUDIENCE, Claims, ISSUER, MintRequest, Standing};
use heliograph_shared::routes::Route;
use heliograph_shared::share::{Share, ShareCode, ShareId, ShareWish};
use heliograph_shared::throttle::Who;
use heliograph_shared::time::Millis;
use worker::{Env, Request, Response};

/// A link as its managers see it: with its code, where the key that this is derived from is still there.
fn shown(env: &Env, share: Share, origin: &str) -> Answer<ShownShare> {
    let ring = keys(env)?;
    let code = ring.root(share.root).and_then(|root| ShareCode::of(&share.id, root)).map(|code| code.text());
    Ok(ShownShare::of(share, code, origin, clock::now()))
}

/// The site that a request was sent to.
fn origin(req: &Request) -> Answer<String> {
    Ok(req.url()?.origin().ascii_serialization())
}

/// `GET …/shares`.
pub async fn list(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    auth::manager(req, env, &board).await?;
    configs::get(env, &board).await?;
    let (all, origin) = (calls::registry::shares(env, &board).await?, origin(req)?);
    let shares = all.into_iter().map(|share| shown(env, share, &origin)).collect::<Answer<_>>()?;
    Ok(reply::object(200, &Shares { shares })?)
}

/// `POST …/shares`.
pub async fn make(req: Request, env: &Env, board: BoardName) -> Answer<Response> {
    let caller = auth::manager(&req, env, &board).await?;
    configs::get(env, &board).await?;
    let origin = origin(&req)?;
    let wish: ShareWish = body::json_or_default(&req, Route::MakeShare).await?;
    let (id, root) = (ShareId::of(keys::random()?), keys(env)?.newest_root());
    let (share, rights) = wish.make(id, root, board.clone(), clock::now()).map_err(|e| Problem::about(422, e))?;
    if !caller.rights().covers(&rights) {
        let detail = "the link would share more than your credential has: managers share what they may read";
        return Err(Fault::problem(Code::Forbidden, detail));
    }
    if calls::registry::shares(env, &board).await?.len() >= limits::SHARES_PER_BOARD {
        let detail = format!("a board has at most {} links; revoke those that are over", limits::SHARES_PER_BOARD);
        return Err(Fault::problem(Code::TooMany, detail));
    }
    if !calls::registry::put_share(env, caller.by(), &share).await? {
        return Err(Fault::Internal("the id of a new link is taken".into()));
    }
    Ok(reply::object(201, &shown(env, share, &origin)?)?)
}

/// `DELETE …/shares/{id}`.
pub async fn delete(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    let by = auth::manager(req, env, &board).await?.by();
    let unknown = || Fault::not_found("the board has no such link");
    let id = ShareId::try_from(id.to_owned()).map_err(|_| unknown())?;
    if !calls::registry::delete_share(env, by, &board, &id).await? {
        return Err(unknown());
    }
    // Here it counts at once; elsewhere within two seconds.
    ended::refresh_now(env).await;
    Ok(reply::empty(204)?)
}

/// What is said of every code that opens nothing, whether there never was one, or it is over, used up or revoked: a guess is
/// told nothing.
fn nothing() -> Fault {
    Fault::problem(Code::ShareUnknown, "this link opens nothing now; ask who sent it for another")
}

/// `POST /v1/tokens` with the code of a link: a token that reads what the link says.
pub async fn open(env: &Env, address: Who, text: &str, wish: &MintRequest) -> Answer<Response> {
    let ttl = wish.check().map_err(|e| Problem::about(422, e))?;
    paces::take(Counted::Guess, address)?;
    // What was derived from none of our secrets is nobody's: the registry is not asked.
    let ring = keys(env)?;
    let code = ShareCode::parse(text).filter(|code| ring.roots().any(|root| code.is_of(root))).ok_or_else(nothing)?;
    let untold = || Fault::registry_away("where the link leads can't be told at the moment; try again");
    if ended::is_away() {
        return Err(untold());
    }
    let again = match &wish.token {
        Some(token) => auth::came_by_link(env, token, &code.id)?,
        None => false,
    };
    let asked = calls::registry::open_share(env, &code.id, again).await.map_err(|fault| {
        log_error!("a link is not looked up: {fault:?}");
        untold()
    })?;
    let (share, known) = asked.ok_or_else(nothing)?;
    paces::give_back(Counted::Guess, address);
    let iat = (clock::now().0 / 1_000).unsigned_abs();
    let exp = (iat + u64::from(ttl)).min((share.expires_at.0 / 1_000).unsigned_abs());
    let claims = Claims {
        iss: ISSUER.into(),
        sub: format!("link {}", share.id),
        aud: AUDIENCE.into(),
        exp,
        iat,
        jti: keys::random_hex::<16>()?,
        cid: Some(share.credential()),
        rev: Some(known),
        grants: vec![share.grant.clone()],
        name: None,
        // Links go from hand to hand: whoever has one reads as anyone would.
        standing: Standing::Public,
        own: None,
        sign_in: None,
    };
    let token = ring.sign(&claims)?;
    let board = Some(share.board);
    Ok(reply::object(200, &Minted { board, ..Minted::token(token, Millis((exp * 1_000) as i64)) })?)
}
