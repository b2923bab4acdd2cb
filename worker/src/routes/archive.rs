//! Delivery to object storage over REST.

use crate::configs;
use crate::fault::Answer;
use crate::objects::call;
use crate::reply;
use crate::router::require_manage;
use heliograph_shared::id::BoardName;
use worker::{Env, Request, Response};

/// `GET …/archive`: how far delivery is.
pub async fn get(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    require_manage(req, env, &board).await?;
    configs::get(env, &board).await?;
    let passed = call::board_ask(env, &board, "GET", "archive", None).await?;
    Ok(reply::typed(passed.status, &passed.kind, passed.body)?)
}
