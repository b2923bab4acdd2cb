//! `GET /v1/boards/{board}/feed`: everything is checked here, before the upgrade; the relay gets a session. A reader of
//! server-sent events or of a long poll is a viewer like any other, whose socket ends here.

use crate::auth::{self, Caller};
use crate::calls;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::paces::{self, Counted};
use crate::routes::{long_poll, streaming};
use heliograph_shared::id::BoardName;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::protocol::plain::{keys_of, wheres_of};
use heliograph_shared::protocol::poll::Poll;
use heliograph_shared::protocol::sse::{self, EVENT_STREAM, Events};
use heliograph_shared::protocol::{BEARER_PREFIX, SUBPROTOCOL_BIN, SUBPROTOCOL_JSON};
use heliograph_shared::relay::{Mode, Session, hidden_condition};
use heliograph_shared::rights::{Access, Ask};
use heliograph_shared::throttle::Who;
use worker::{Context, Env, Headers, Method, Request, Response};

/// What a client offers in `Sec-WebSocket-Protocol`.
#[derive(Default)]
struct Offer {
    binary: bool,
    json: bool,
    token: Option<Token>,
    anything: bool,
}

/// A token among the subprotocols.
struct Token {
    token: String,
    /// What it was offered as.
    offered: String,
}

fn offer(headers: &Headers) -> Answer<Offer> {
    let mut offer = Offer::default();
    let all = headers.get("sec-websocket-protocol")?.unwrap_or_default();
    for p in all.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        offer.anything = true;
        match p.strip_prefix(BEARER_PREFIX) {
            Some(token) => offer.token = Some(Token { token: token.to_owned(), offered: p.to_owned() }),
            None if p == SUBPROTOCOL_BIN => offer.binary = true,
            None if p == SUBPROTOCOL_JSON => offer.json = true,
            // `new WebSocket(url, token)`: what many clients do who have one place for a token.
            None if is_token(&all) => offer.token = Some(Token { token: p.to_owned(), offered: p.to_owned() }),
            None => {}
        }
    }
    Ok(offer)
}

/// Whether all that is offered is one JWT: three parts, the first of which is the beginning of a JSON object.
fn is_token(offered: &str) -> bool {
    let offered = offered.trim();
    offered.starts_with("eyJ") && !offered.contains(',') && offered.matches('.').count() == 2
}

/// Whatever is wrong with the credential of a viewer, the answer is 401: a socket has no other way to ask for one.
fn unauthorized(fault: Fault) -> Fault {
    match fault {
        Fault::Problem(mut p) if p.status == 403 => {
            p.status = 401;
            p.title = "Unauthorized";
            Fault::Problem(p)
        }
        other @ (Fault::Problem(_) | Fault::Internal(_)) => other,
    }
}

/// Connects a viewer to a relay: by a WebSocket, or as server-sent events.
pub async fn connect(req: Request, env: Env, ctx: &Context, board: BoardName) -> Answer<Response> {
    let headers = req.headers();
    if headers.get("upgrade")?.is_some_and(|u| u.eq_ignore_ascii_case("websocket")) {
        return upgrade(&req, env, board).await;
    }
    if headers.get("accept")?.is_some_and(|accept| accept.contains(EVENT_STREAM)) {
        return events(&req, env, ctx, board).await;
    }
    if headers.get("accept")?.is_some_and(|accept| accept.contains("application/json")) {
        return poll(&req, env, board).await;
    }
    let detail = "the feed is a WebSocket, server-sent events with Accept: text/event-stream, or a long poll with Accept: \
                  application/json; see docs/protocol.md";
    Err(Fault::problem(Code::UpgradeRequired, detail))
}

fn refuse_token_in_url(req: &Request) -> Answer<()> {
    if req.url()?.query_pairs().any(|(n, _)| matches!(&*n, "token" | "access_token" | "jwt")) {
        let detail = "a token does not belong in a URL, where logs keep it; offer it as subprotocol bearer.<token>, or send \
                      it in Authorization";
        return Err(Fault::problem(Code::TokenInUrl, detail));
    }
    Ok(())
}

/// What a relay is told of a viewer of this kind.
fn session(caller: &Caller, board: &BoardName, mode: Mode, access: Access) -> Session {
    let origin = caller.origin(caller.access(board, None).may(Ask::Present).is_err());
    let mut session = Session::new(mode, access, caller.expires_at()).with_origin(origin);
    session.joined = caller.joined().map(str::to_owned);
    session.owner = caller.owner();
    session
}

/// A viewer that reads one subscription without a socket of its own: its session, and whether everybody is told the same.
async fn reader(req: &Request, env: &Env, board: &BoardName) -> Answer<(Session, bool)> {
    let headers = req.headers();
    paces::take(Counted::Connect, paces::address(headers)?)?;
    let caller = auth::caller(env, headers).await?;
    let credential = Caller::counted(headers)?;
    let is_for_all = credential.is_none();
    if let Some(who) = credential {
        paces::take(Counted::ConnectWith, who)?;
    }
    let config = configs::find(env, board).await?;
    let access = caller.access(board, config.as_deref());
    if access.may(Ask::Present).is_err() {
        return Err(unauthorized(caller.lacks("reading", board)));
    }
    if config.is_none() {
        return Err(configs::unknown(board));
    }
    refuse_token_in_url(req)?;
    Ok((session(&caller, board, Mode::Json, access), is_for_all))
}

/// The feed as server-sent events: one subscription, which the address names.
async fn events(req: &Request, env: Env, ctx: &Context, board: BoardName) -> Answer<Response> {
    let (session, _) = reader(req, &env, &board).await?;
    let last = req.headers().get("last-event-id")?;
    let url = req.url()?;
    let ask = sse::subscribe(url.query().unwrap_or_default(), last.as_deref()).map_err(|e| Problem::about(400, e))?;
    if req.method() == Method::Head {
        return streaming::head();
    }
    let connected = calls::relay::connect(&env, &board, &session, None).await?;
    streaming::stream(ctx, connected, ask, Events::after(last.as_deref()))
}

/// One answer of the feed: what came after a place.
async fn poll(req: &Request, env: Env, board: BoardName) -> Answer<Response> {
    let (session, is_for_all) = reader(req, &env, &board).await?;
    let url = req.url()?;
    let mut poll = Poll::parse(url.query().unwrap_or_default()).map_err(|e| Problem::about(400, e))?;
    if req.method() == Method::Head {
        poll.wait_millis = 0;
    }
    let connected = calls::relay::connect(&env, &board, &session, None).await?;
    long_poll::wait(connected, poll, is_for_all).await
}

/// By a WebSocket.
async fn upgrade(req: &Request, env: Env, board: BoardName) -> Answer<Response> {
    let headers = req.headers();
    paces::take(Counted::Connect, paces::address(headers)?)?;
    let offer = offer(headers)?;
    let caller = match &offer.token {
        Some(Token { token, .. }) => Caller::Token(auth::token(&env, token)?),
        None => auth::caller(&env, headers).await?,
    };
    let credential = match &offer.token {
        Some(Token { token, .. }) => Some(Who::credential(token.as_bytes())),
        None => Caller::counted(headers)?,
    };
    if let Some(who) = credential {
        paces::take(Counted::ConnectWith, who)?;
    }
    let config = configs::find(&env, &board).await?;
    let access = caller.access(&board, config.as_deref());
    if access.may(Ask::Present).is_err() {
        return Err(unauthorized(caller.lacks("reading", &board)));
    }
    let Some(config) = config else { return Err(configs::unknown(&board)) };
    refuse_token_in_url(req)?;
    let url = req.url()?;
    let mode = match (offer.binary, offer.json) {
        (true, _) => Mode::Binary,
        (false, true) => Mode::Json,
        (false, false) => {
            let query = url.query().unwrap_or_default();
            let keys = keys_of(query, &config.key_name)?;
            if keys.iter().any(|key| access.may(Ask::Item(key)).is_err()) {
                return Err(unauthorized(caller.lacks("reading that key of", &board)));
            }
            // Who names no key subscribes by a message, which has its own conditions.
            let wheres = if keys.is_empty() { Vec::new() } else { wheres_of(query, &config.key_name)? };
            if let Some(hidden) = hidden_condition(&access, &wheres) {
                return Err(Problem::about(hidden.code.status(), hidden).into());
            }
            if keys.is_empty() { Mode::Json } else { Mode::Plain { keys, wheres } }
        }
    };
    let echo = match (&mode, offer.binary || offer.json, offer.token) {
        (Mode::Binary, ..) => Some(SUBPROTOCOL_BIN.to_owned()),
        (Mode::Json, true, _) => Some(SUBPROTOCOL_JSON.to_owned()),
        // A browser drops a connection whose offer was not answered: the token is all there is to echo.
        (_, false, Some(token)) => Some(token.offered),
        _ => None,
    };
    if echo.is_none() && offer.anything {
        let detail =
            format!("none of the subprotocols offered is known; offer {SUBPROTOCOL_BIN} or {SUBPROTOCOL_JSON}");
        return Err(Fault::problem(Code::UnknownSubprotocol, detail));
    }
    let session = session(&caller, &board, mode, access);
    calls::relay::connect(&env, &board, &session, echo.as_deref()).await
}
