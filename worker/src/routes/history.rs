//! What was: series, the summary, and the events themselves, over REST. What is asked is checked by the board; here is
//! only who asks.

use crate::cache::Served;
use crate::fault::Answer;
use crate::routes::views::{View, asked_of, check};
use heliograph_shared::calls::BoardMethod;
use heliograph_shared::calls::board::ViewAsk;
use heliograph_shared::id::BoardName;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::rights::Ask;
use heliograph_shared::rollups::query::SeriesQuery;
use heliograph_shared::tracks::query::TrackQuery;
use heliograph_shared::tracks::trips::TripsQuery;
use heliograph_shared::views::Format;
use heliograph_shared::views::events::EventsQuery;
use heliograph_shared::views::summary;
use worker::{Context, Env, Request};

type Call<'c> = (&'c Request, &'c Env, &'c Context);

/// `GET …/items/{key}/series`.
pub async fn item_series(call: Call<'_>, board: BoardName, key: &str) -> Answer<Served> {
    let view = View::of(call, board, Ask::History, Format::TABLES).await?;
    check(SeriesQuery::parse(view.pairs(), true))?;
    if !view.sight.allows(key) {
        return Err(Problem::new(Code::ItemNotFound, "the board has no such item, or you may not see it").into());
    }
    let ask = ViewAsk { sight: view.sight.clone(), key: Some(key.to_owned()), ..ViewAsk::default() };
    view.get(BoardMethod::Series, "", serde_json::to_vec(&ask)?).await
}

/// `GET …/items/{key}/track`.
pub async fn item_track(call: Call<'_>, board: BoardName, key: &str) -> Answer<Served> {
    let view = View::of(call, board, Ask::History, Format::TRACKS).await?;
    check(TrackQuery::parse(view.pairs()))?;
    if !view.sight.allows(key) {
        return Err(Problem::new(Code::ItemNotFound, "the board has no such item, or you may not see it").into());
    }
    let ask = ViewAsk { sight: view.sight.clone(), key: Some(key.to_owned()), ..ViewAsk::default() };
    view.get(BoardMethod::Track, "", serde_json::to_vec(&ask)?).await
}

/// `GET …/items/{key}/trips`.
pub async fn item_trips(call: Call<'_>, board: BoardName, key: &str) -> Answer<Served> {
    let view = View::of(call, board, Ask::History, Format::JSON).await?;
    check(TripsQuery::parse(view.pairs()))?;
    if !view.sight.allows(key) {
        return Err(Problem::new(Code::ItemNotFound, "the board has no such item, or you may not see it").into());
    }
    let ask = ViewAsk { sight: view.sight.clone(), key: Some(key.to_owned()), ..ViewAsk::default() };
    view.get(BoardMethod::Trips, "", serde_json::to_vec(&ask)?).await
}

/// `GET …/series`.
pub async fn board_series(call: Call<'_>, board: BoardName) -> Answer<Served> {
    let view = View::of(call, board, Ask::History, Format::TABLES).await?;
    check(SeriesQuery::parse(view.pairs(), false))?;
    let ask = ViewAsk { sight: view.sight.clone(), ..ViewAsk::default() };
    view.get(BoardMethod::Series, "", serde_json::to_vec(&ask)?).await
}

/// `GET …/summary`.
pub async fn summary(call: Call<'_>, board: BoardName) -> Answer<Served> {
    let ask = asked_of(call.0)?;
    let mut view = View::of(call, board, ask, Format::JSON).await?;
    // Who is stale is said by the config.
    view.vary_by_config();
    check(summary::parse(view.pairs()))?;
    let stale_after_s = view.stale_after_s();
    let ask = ViewAsk { sight: view.sight.clone(), key: None, stale_after_s, past: view.may_see_past() };
    view.get(BoardMethod::Summary, "", serde_json::to_vec(&ask)?).await
}

/// `GET …/events`.
pub async fn events(call: Call<'_>, board: BoardName) -> Answer<Served> {
    let view = View::of(call, board, Ask::History, Format::TABLES).await?;
    check(EventsQuery::parse(view.pairs()))?;
    let ask = ViewAsk { sight: view.sight.clone(), ..ViewAsk::default() };
    view.get(BoardMethod::Events, "", serde_json::to_vec(&ask)?).await
}
