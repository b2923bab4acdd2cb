//! A flat list of routes, grouped by who calls them.

use crate::auth;
use crate::cache::Served;
use crate::configs::board_name;
use crate::ended;
use crate::fault::{Answer, Fault};
use crate::keys::keys;
use crate::reply;
use crate::routes::{archive, boards, events, feed, history, items, named, pipeline, scores, site, system, tokens};
use worker::{Context, Env, Method, Request, Response};

/// Finds the route and follows it. Nothing is served without secrets; health says so too, with the same status.
pub async fn route(req: Request, env: Env, ctx: &Context) -> Answer<web_sys::Response> {
    keys(&env)?;
    ended::refresh(&env).await;
    // Producers: the way that every event takes, with the board's own answer passed on.
    if req.method() == Method::Post
        && let Some(board) = req.path().strip_prefix("/v1/boards/").and_then(|p| p.strip_suffix("/events"))
    {
        return events::ingest(req, &env, board_name(board)?).await;
    }
    let path = req.path();
    let decoded: Vec<String> =
        path.split('/').filter(|s| !s.is_empty()).map(decode_segment).collect::<Result<_, _>>()?;
    let segments: Vec<&str> = decoded.iter().map(String::as_str).collect();
    if req.method() == Method::Get
        && let Some(served) = view((&req, &env, ctx), &segments).await?
    {
        return Ok(served);
    }
    Ok(other(req, env, &path, &segments).await?.into())
}

/// Views: readers' routes, answered from what is kept where that is possible.
async fn view(call: (&Request, &Env, &Context), segments: &[&str]) -> Answer<Option<Served>> {
    Ok(Some(match segments {
        ["v1", "boards", b, "items"] => items::list(call, board_name(b)?).await?,
        ["v1", "boards", b, "items", key] => items::one(call, board_name(b)?, key).await?,
        ["v1", "boards", b, "items", key, "series"] => history::item_series(call, board_name(b)?, key).await?,
        ["v1", "boards", b, "series"] => history::board_series(call, board_name(b)?).await?,
        ["v1", "boards", b, "summary"] => history::summary(call, board_name(b)?).await?,
        ["v1", "boards", b, "events"] => history::events(call, board_name(b)?).await?,
        ["v1", "boards", b, "views", name] => named::get(call, board_name(b)?, name).await?,
        ["v1", "boards", b, "scores"] => scores::get(call, board_name(b)?).await?,
        _ => return Ok(None),
    }))
}

async fn other(req: Request, env: Env, path: &str, segments: &[&str]) -> Answer<Response> {
    let method = req.method();
    if method == Method::Options && segments.first() == Some(&"v1") {
        return preflight();
    }
    match (&method, segments) {
        // Viewers and readers
        (Method::Get, ["v1", "boards", b, "feed"]) => feed::connect(req, env, board_name(b)?).await,
        (Method::Get, ["v1", "boards", b, "views"]) => named::list(&req, &env, board_name(b)?).await,
        (Method::Get, ["v1", "boards", b, "sessions"]) => scores::sessions(&req, &env, board_name(b)?).await,
        // Everyone with a credential
        (Method::Post, ["v1", "tokens"]) => tokens::mint(req, &env).await,
        (Method::Get, [".well-known", "jwks.json"]) => tokens::jwks(&env),

        // Managers
        (Method::Get, ["v1", "boards"]) => boards::list(&req, &env).await,
        (Method::Get, ["v1", "boards", b]) => boards::get(&req, &env, board_name(b)?).await,
        (Method::Put, ["v1", "boards", b]) => boards::put(req, &env, board_name(b)?).await,
        (Method::Delete, ["v1", "boards", b]) => boards::delete(&req, &env, board_name(b)?).await,
        (Method::Post, ["v1", "boards", b, "sessions"]) => scores::create_session(req, &env, board_name(b)?).await,
        (Method::Post, ["v1", "boards", b, "sessions", id]) => scores::act(req, &env, board_name(b)?, id).await,
        (Method::Post, ["v1", "boards", b, "scores", "actions"]) => scores::correct(req, &env, board_name(b)?).await,
        (Method::Get, ["v1", "boards", b, "scores", "audit"]) => scores::audit(&req, &env, board_name(b)?).await,
        (Method::Get, ["v1", "boards", b, "scores", key, "entries"]) => {
            scores::entries(&req, &env, board_name(b)?, key).await
        }
        (Method::Get, ["v1", "boards", b, "pipeline"]) => pipeline::get(&req, &env, board_name(b)?).await,
        (Method::Post, ["v1", "boards", b, "pipeline", "try"]) => pipeline::try_out(req, &env, board_name(b)?).await,
        (Method::Get, ["v1", "boards", b, "archive"]) => archive::get(&req, &env, board_name(b)?).await,
        (Method::Get, ["v1", "boards", b, "dead-letters"]) => scores::dead_letters(&req, &env, board_name(b)?).await,
        (Method::Delete, ["v1", "boards", b, "dead-letters", id]) => {
            scores::drop_letter(&req, &env, board_name(b)?, id).await
        }
        (Method::Get, ["v1", "keys"]) => tokens::list_keys(&req, &env).await,
        (Method::Post, ["v1", "keys"]) => tokens::make_key(req, &env).await,
        (Method::Delete, ["v1", "keys", id]) => tokens::delete_key(&req, &env, id).await,

        // Operators
        (Method::Get | Method::Head, ["healthz"]) => system::health(),

        (_, ["v1" | ".well-known", ..]) => Err(unknown_route(&method, path)),
        (Method::Get | Method::Head, _) => site::serve(&req, &env).await,
        _ => Err(unknown_route(&method, path)),
    }
}

/// Whether the path exists with another method decides between 405 and 404 only roughly; the sentence helps more.
fn unknown_route(method: &Method, path: &str) -> Fault {
    Fault::not_found(format!("there is no {} {path} here", method.as_ref()))
}

fn decode_segment(segment: &str) -> Answer<String> {
    if !segment.contains('%') {
        return Ok(segment.to_owned());
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&b, tail)) = rest.split_first() {
        let (byte, tail) = match (b, tail) {
            (b'%', [h, l, after @ ..]) => {
                let digit = |c: u8| char::from(c).to_digit(16);
                match (digit(*h), digit(*l)) {
                    (Some(h), Some(l)) => ((h << 4 | l) as u8, after),
                    _ => (b, tail),
                }
            }
            _ => (b, tail),
        };
        bytes.push(byte);
        rest = tail;
    }
    String::from_utf8(bytes).map_err(|_| Fault::problem(400, "invalid_path", "the path is not UTF-8"))
}

/// Pages of other sites may call the API: it knows no cookies, so nothing is given away.
fn preflight() -> Answer<Response> {
    let response = reply::empty(204)?;
    let h = response.headers();
    h.set("access-control-allow-methods", "GET, PUT, POST, DELETE, OPTIONS")?;
    h.set(
        "access-control-allow-headers",
        "authorization, content-type, content-encoding, idempotency-key, if-none-match",
    )?;
    h.set("access-control-max-age", "86400")?;
    Ok(response)
}

/// The credential of a request must be an administrator's, or allow managing the board.
pub async fn require_manage(
    req: &Request,
    env: &Env,
    board: &heliograph_shared::id::BoardName,
) -> Answer<auth::Caller> {
    let caller = auth::caller(env, req.headers()).await?;
    caller.may(board, None, heliograph_shared::rights::Ask::Manage)?;
    Ok(caller)
}
