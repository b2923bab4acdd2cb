//! The board's items over REST.

use crate::auth;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::objects::call::{self, ViewReply};
use crate::reply;
use heliograph_shared::grant::KeyFilter;
use heliograph_shared::id::BoardName;
use heliograph_shared::views::ItemsQuery;
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

fn view(req: &Request, reply: ViewReply) -> Answer<Response> {
    match reply {
        ViewReply::Body { cursor, body } => {
            let etag = format!("\"{cursor}\"");
            let same =
                |tags: String| tags.split(',').any(|t| t.trim().trim_start_matches("W/") == etag || t.trim() == "*");
            if req.headers().get("if-none-match")?.is_some_and(same) {
                let response = reply::empty(304)?;
                response.headers().set("etag", &etag)?;
                return Ok(response);
            }
            let response = reply::json(200, body)?;
            response.headers().set("etag", &etag)?;
            response.headers().set("cache-control", "private, no-cache, no-transform")?;
            response.headers().set("access-control-expose-headers", "etag")?;
            Ok(response)
        }
        ViewReply::NotFound => {
            Err(Fault::problem(404, "item_not_found", "the board has no such item, or you may not see it"))
        }
        ViewReply::CursorGone => {
            let detail = "since is of another life of this board, or ahead of it; read without since and begin anew";
            Err(Fault::problem(410, "cursor_gone", detail))
        }
    }
}

/// `GET …/items`.
pub async fn list(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    let read = readable(req, env, &board).await?;
    let url = req.url()?;
    let query = url.query().unwrap_or_default();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    // Checked here, so that a wrong parameter costs the board nothing.
    ItemsQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
    view(req, call::board_items(env, &board, query, &read).await?)
}

/// `GET …/items/{key}`.
pub async fn one(req: &Request, env: &Env, board: BoardName, key: &str) -> Answer<Response> {
    let read = readable(req, env, &board).await?;
    if !read.allows(key) {
        return view(req, ViewReply::NotFound);
    }
    view(req, call::board_item(env, &board, key).await?)
}
