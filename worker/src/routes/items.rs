//! The board's items over REST.

use crate::auth;
use crate::configs;
use crate::fault::Answer;
use crate::objects::call;
use crate::routes::views;
use heliograph_shared::grant::KeyFilter;
use heliograph_shared::id::BoardName;
use heliograph_shared::views::{Format, ItemQuery, ItemsQuery};
use worker::{Env, Request, Response};

async fn readable(req: &Request, env: &Env, board: &BoardName) -> Answer<KeyFilter> {
    let caller = auth::caller(env, req.headers()).await?;
    let config = configs::find(env, board).await?;
    let read = caller.access(board, config.as_deref()).read;
    if read == KeyFilter::Nothing {
        // Only who may read it learns that a board is not there.
        return Err(if config.is_none() { configs::unknown(board) } else { caller.lacks("reading", board) });
    }
    if config.is_none() {
        return Err(configs::unknown(board));
    }
    Ok(read)
}

/// `GET …/items`.
pub async fn list(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    let read = readable(req, env, &board).await?;
    let query = views::query(req, Format::ITEMS)?;
    // Checked here, so that a wrong parameter costs the board nothing.
    ItemsQuery::parse(query.pairs())?;
    let body = serde_json::to_vec(&read)?;
    views::answer(req, call::board_ask(env, &board, "POST", &format!("items?{query}"), Some(&body)).await?)
}

/// `GET …/items/{key}`.
pub async fn one(req: &Request, env: &Env, board: BoardName, key: &str) -> Answer<Response> {
    let read = readable(req, env, &board).await?;
    let query = views::query(req, Format::ITEMS)?;
    ItemQuery::parse(query.pairs())?;
    let body = serde_json::to_vec(&(key, read))?;
    views::answer(req, call::board_ask(env, &board, "POST", &format!("item?{query}"), Some(&body)).await?)
}
