//! The board's items over REST.

use crate::cache::Served;
use crate::fault::Answer;
use crate::routes::scores::{Manager, ask, manager};
use crate::routes::views::{View, asked_of, check};
use heliograph_shared::calls::BoardMethod;
use heliograph_shared::calls::board::ControlRequest;
use heliograph_shared::id::BoardName;
use heliograph_shared::views::query::{Wrong, read_pairs};
use heliograph_shared::views::{Format, ItemQuery, ItemsQuery};
use worker::{Context, Env, Request, Response};

/// `GET …/items`.
pub async fn list(call: (&Request, &Env, &Context), board: BoardName) -> Answer<Served> {
    let view = View::of(call, board, asked_of(call.0)?, Format::ITEMS).await?;
    check(ItemsQuery::parse(view.pairs()))?;
    let body = serde_json::to_vec(&view.sight)?;
    view.get(BoardMethod::Items, "", body).await
}

/// `GET …/items/{key}`.
pub async fn one(call: (&Request, &Env, &Context), board: BoardName, key: &str) -> Answer<Served> {
    let view = View::of(call, board, asked_of(call.0)?, Format::ITEMS).await?;
    check(ItemQuery::parse(view.pairs()))?;
    let body = serde_json::to_vec(&(key, &view.sight))?;
    view.get(BoardMethod::Item, "", body).await
}

/// `DELETE …/items/{key}`: ends an item; with `erase=true` its history goes too.
pub async fn end(req: &Request, env: &Env, board: BoardName, key: &str) -> Answer<Response> {
    let Manager { name, by: who } = manager(req, env, &board).await?;
    let mut erase = false;
    let url = req.url()?;
    let pairs: Vec<_> = url.query_pairs().collect();
    let pairs = pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
    check(read_pairs(pairs, |name, value| match (name, value) {
        ("erase", "true" | "false") => {
            erase = value == "true";
            Ok(())
        }
        ("erase", _) => Err(Wrong::Value("is true or false".to_owned())),
        _ => Err(Wrong::Unknown("erase")),
    }))?;
    let (key, by) = (key.to_owned(), name);
    let request = if erase { ControlRequest::EraseItem { key, by } } else { ControlRequest::EndItem { key, by } };
    ask(env, &board, &who, &request).await
}
