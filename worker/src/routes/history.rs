//! What was: series, the summary, and the events themselves, over REST. What is asked is checked by the board; here is
//! only who asks.

use crate::cache::Served;
use crate::fault::{Answer, Fault};
use crate::objects::call::ViewAsk;
use crate::routes::views::{Shows, View, check};
use heliograph_shared::id::BoardName;
use heliograph_shared::rollups::query::SeriesQuery;
use heliograph_shared::views::Format;
use heliograph_shared::views::events::EventsQuery;
use heliograph_shared::views::summary::SummaryQuery;
use worker::{Context, Env, Request};

/// `GET …/items/{key}/series`.
pub async fn item_series(call: (&Request, &Env, &Context), board: BoardName, key: &str) -> Answer<Served> {
    let view = View::of(call, board, Shows::History, Format::TABLES).await?;
    check(SeriesQuery::parse(view.pairs(), true))?;
    let allowed = view.access.history.clone();
    if !allowed.allows(key) {
        return Err(Fault::problem(404, "item_not_found", "the board has no such item, or you may not see it"));
    }
    let ask = ViewAsk { allowed, key: Some(key.to_owned()), stale_after_s: view.stale_after_s() };
    view.post("series", serde_json::to_vec(&ask)?).await
}

/// `GET …/series`.
pub async fn board_series(call: (&Request, &Env, &Context), board: BoardName) -> Answer<Served> {
    let view = View::of(call, board, Shows::History, Format::TABLES).await?;
    check(SeriesQuery::parse(view.pairs(), false))?;
    let ask = ViewAsk { allowed: view.access.history.clone(), key: None, stale_after_s: view.stale_after_s() };
    view.post("series", serde_json::to_vec(&ask)?).await
}

/// `GET …/summary`.
pub async fn summary(call: (&Request, &Env, &Context), board: BoardName) -> Answer<Served> {
    let view = View::of(call, board, Shows::Present, &[Format::Json]).await?;
    check(SummaryQuery::parse(view.pairs()))?;
    let ask = ViewAsk { allowed: view.access.read.clone(), key: None, stale_after_s: view.stale_after_s() };
    view.post("summary", serde_json::to_vec(&ask)?).await
}

/// `GET …/events`.
pub async fn events(call: (&Request, &Env, &Context), board: BoardName) -> Answer<Served> {
    let view = View::of(call, board, Shows::History, Format::TABLES).await?;
    check(EventsQuery::parse(view.pairs()))?;
    let ask = ViewAsk { allowed: view.access.history.clone(), key: None, stale_after_s: view.stale_after_s() };
    view.post("events", serde_json::to_vec(&ask)?).await
}
