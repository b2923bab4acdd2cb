//! Who is connected to a board, and ending that.

use crate::auth;
use crate::calls;
use crate::clock;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::reply;
use futures_util::future::try_join_all;
use heliograph_shared::api::connections::{Connections, ConnectionsQuery, EndedConnections, whose};
use heliograph_shared::audit::{Act, Kind};
use heliograph_shared::id::BoardName;
use heliograph_shared::problem::{Code, FieldError, Problem};
use heliograph_shared::relay::connection::{ConnectionAnswer, ConnectionAsk, ConnectionId};
use heliograph_shared::relay::who::WhoAsk;
use worker::{Env, Request, Response};

/// `GET …/connections`: relay by relay, as many as were asked for.
pub async fn list(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    auth::manager(req, env, &board).await?;
    configs::get(env, &board).await?;
    let url = req.url()?;
    let pairs: Vec<_> = url.query_pairs().collect();
    let ConnectionsQuery { after, limit } =
        ConnectionsQuery::parse(pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())))?;
    let mut connections = Vec::new();
    for relay in calls::board::relays(env, &board).await? {
        if after.is_some_and(|after| relay < after.relay) || connections.len() > limit {
            continue;
        }
        let after = after.filter(|after| after.relay == relay).map(|after| after.viewer);
        // One more tells whether there is a next page.
        let ask = WhoAsk { after, limit: limit + 1 - connections.len() };
        connections.extend(calls::relay::who(env, &board, relay, ask).await?);
    }
    let is_more = connections.len() > limit;
    connections.truncate(limit);
    let next = connections.last().filter(|_| is_more).map(|last| last.id);
    Ok(reply::object(200, &Connections { connections, next, time: clock::now() })?)
}

/// `DELETE …/connections/{id}`.
pub async fn end(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    let by = auth::manager(req, env, &board).await?.by();
    configs::get(env, &board).await?;
    let unknown = || Fault::not_found("the board has no such connection, or not any more");
    let id: ConnectionId = id.parse().map_err(|_| unknown())?;
    match calls::relay::connection(env, &board, id, &ConnectionAsk::End).await? {
        ConnectionAnswer::Done => {}
        ConnectionAnswer::Gone | ConnectionAnswer::Since(_) | ConnectionAnswer::NoWords | ConnectionAnswer::Busy => {
            return Err(unknown());
        }
    }
    calls::registry::note(env, &board, by, Act::new(Kind::Connections, "ended").on(&id.to_string())).await?;
    Ok(reply::empty(204)?)
}

/// `DELETE …/connections?credential=`: all of a credential. The credential itself stays good.
pub async fn end_all(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    let by = auth::manager(req, env, &board).await?.by();
    configs::get(env, &board).await?;
    let url = req.url()?;
    let pairs: Vec<_> = url.query_pairs().collect();
    let Some(credential) = whose(pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())))? else {
        let missing = "credential is missing: whose connections to end, such as ?credential=key:5f0c…";
        return Err(Problem::about(400, FieldError::new("credential", Code::MissingParameter, missing)).into());
    };
    let relays = calls::board::relays(env, &board).await?;
    let ending = relays.into_iter().map(|relay| calls::relay::end_all_of(env, &board, relay, &credential));
    let ended: u32 = try_join_all(ending).await?.into_iter().sum();
    if ended > 0 {
        let act = Act::new(Kind::Connections, "ended").on(&credential.to_string()).to(ended.to_string());
        calls::registry::note(env, &board, by, act).await?;
    }
    Ok(reply::object(200, &EndedConnections { ended })?)
}
