//! What was: series, the summary, and the events themselves, over REST. What is asked is checked by the board; here is
//! only who asks.

use crate::auth;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::objects::call::{self, Passed, ViewAsk};
use crate::reply;
use heliograph_shared::grant::KeyFilter;
use heliograph_shared::id::BoardName;
use heliograph_shared::rollups::query::SeriesQuery;
use heliograph_shared::views::events::EventsQuery;
use worker::{Env, Request, Response};

/// Which right a view needs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Right {
    Read,
    History,
}

/// The question of somebody who may ask it.
async fn ask(req: &Request, env: &Env, board: &BoardName, right: Right) -> Answer<ViewAsk> {
    let caller = auth::caller(env, req.headers()).await?;
    let config = configs::find(env, board).await?;
    let access = caller.access(board, config.as_deref());
    let (allowed, what) = match right {
        Right::Read => (access.read, "reading"),
        Right::History => (access.history, "reading the history of"),
    };
    match config {
        // Only who may read it learns that a board is not there.
        _ if allowed == KeyFilter::Nothing => Err(caller.lacks(what, board)),
        None => Err(configs::unknown(board)),
        Some(config) => Ok(ViewAsk { allowed, key: None, stale_after_s: config.stale_after_s }),
    }
}

fn pairs(req: &Request) -> Answer<Vec<(String, String)>> {
    Ok(req.url()?.query_pairs().into_owned().collect())
}

async fn view(req: &Request, env: &Env, board: &BoardName, path: &str, ask: &ViewAsk) -> Answer<Response> {
    let url = req.url()?;
    let path = format!("{path}?{}", url.query().unwrap_or_default());
    let passed = call::board_ask(env, board, "POST", &path, Some(&serde_json::to_vec(ask)?)).await?;
    versioned(req, passed)
}

/// A view with its version, or that the caller has it already.
fn versioned(req: &Request, passed: Passed) -> Answer<Response> {
    let Some(version) = passed.cursor.filter(|_| passed.status == 200) else {
        return Ok(reply::typed(passed.status, &passed.kind, passed.body)?);
    };
    let etag = format!("\"{version}\"");
    let same = |tags: String| tags.split(',').any(|t| t.trim().trim_start_matches("W/") == etag || t.trim() == "*");
    let has = req.headers().get("if-none-match")?.is_some_and(same);
    let response = if has { reply::empty(304)? } else { reply::typed(200, &passed.kind, passed.body)? };
    let h = response.headers();
    h.set("etag", &etag)?;
    h.set("cache-control", "private, no-cache, no-transform")?;
    h.set("access-control-expose-headers", "etag")?;
    Ok(response)
}

/// `GET …/items/{key}/series`.
pub async fn item_series(req: &Request, env: &Env, board: BoardName, key: &str) -> Answer<Response> {
    let mut ask = ask(req, env, &board, Right::History).await?;
    let pairs = pairs(req)?;
    // Checked here, so that a wrong parameter costs the board nothing.
    SeriesQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())), true)?;
    if !ask.allowed.allows(key) {
        return Err(Fault::problem(404, "item_not_found", "the board has no such item, or you may not see it"));
    }
    ask.key = Some(key.to_owned());
    view(req, env, &board, "series", &ask).await
}

/// `GET …/series`.
pub async fn board_series(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    let ask = ask(req, env, &board, Right::History).await?;
    let pairs = pairs(req)?;
    SeriesQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())), false)?;
    view(req, env, &board, "series", &ask).await
}

/// `GET …/summary`.
pub async fn summary(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    let ask = ask(req, env, &board, Right::Read).await?;
    view(req, env, &board, "summary", &ask).await
}

/// `GET …/events`.
pub async fn events(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    let ask = ask(req, env, &board, Right::History).await?;
    let pairs = pairs(req)?;
    EventsQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
    view(req, env, &board, "events", &ask).await
}
