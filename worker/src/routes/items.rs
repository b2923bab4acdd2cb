//! The board's items over REST.

use crate::cache::Served;
use crate::fault::Answer;
use crate::routes::views::{View, check};
use heliograph_shared::id::BoardName;
use heliograph_shared::rights::Ask;
use heliograph_shared::views::{Format, ItemQuery, ItemsQuery};
use worker::{Context, Env, Request};

/// `GET …/items`.
pub async fn list(call: (&Request, &Env, &Context), board: BoardName) -> Answer<Served> {
    let view = View::of(call, board, Ask::Present, Format::ITEMS).await?;
    check(ItemsQuery::parse(view.pairs()))?;
    let body = serde_json::to_vec(&view.sight)?;
    view.post("items", body).await
}

/// `GET …/items/{key}`.
pub async fn one(call: (&Request, &Env, &Context), board: BoardName, key: &str) -> Answer<Served> {
    let view = View::of(call, board, Ask::Present, Format::ITEMS).await?;
    check(ItemQuery::parse(view.pairs()))?;
    let body = serde_json::to_vec(&(key, &view.sight))?;
    view.post("item", body).await
}
