//! `GET /v1/boards/{board}/feed`: everything is checked here, before the upgrade; the relay gets a session.

use crate::auth::{self, Caller};
use crate::calls;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::paces::{self, Counted};
use heliograph_shared::id::BoardName;
use heliograph_shared::problem::Code;
use heliograph_shared::protocol::plain::keys_of;
use heliograph_shared::protocol::{BEARER_PREFIX, SUBPROTOCOL_BIN, SUBPROTOCOL_JSON};
use heliograph_shared::relay::{Mode, Session};
use heliograph_shared::rights::Ask;
use heliograph_shared::throttle::Who;
use worker::{Env, Headers, Request, Response};

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

/// Connects a viewer to a relay.
pub async fn connect(req: Request, env: Env, board: BoardName) -> Answer<Response> {
    let headers = req.headers();
    if !headers.get("upgrade")?.is_some_and(|u| u.eq_ignore_ascii_case("websocket")) {
        return Err(Fault::problem(Code::UpgradeRequired, "the feed is a WebSocket; see docs/protocol.md"));
    }
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
    let origin = caller.origin(caller.access(&board, None).may(Ask::Present).is_err());
    let url = req.url()?;
    if url.query_pairs().any(|(n, _)| matches!(&*n, "token" | "access_token" | "jwt")) {
        let detail = "a token does not belong in a URL, where logs keep it; offer it as subprotocol bearer.<token>";
        return Err(Fault::problem(Code::TokenInUrl, detail));
    }
    let mode = match (offer.binary, offer.json) {
        (true, _) => Mode::Binary,
        (false, true) => Mode::Json,
        (false, false) => {
            let keys = keys_of(url.query().unwrap_or_default(), &config.key_name)?;
            if keys.iter().any(|key| access.may(Ask::Item(key)).is_err()) {
                return Err(unauthorized(caller.lacks("reading that key of", &board)));
            }
            if keys.is_empty() { Mode::Json } else { Mode::Plain { keys } }
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
    let expires_at = caller.expires_at();
    let mut session = Session::new(mode, access, expires_at).with_origin(origin);
    session.joined = caller.joined().map(str::to_owned);
    session.owner = caller.owner();
    calls::relay::connect(&env, &board, &session, echo.as_deref()).await
}
