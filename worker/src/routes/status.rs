//! How a board is, over REST.

use crate::auth;
use crate::calls;
use crate::configs;
use crate::fault::Answer;
use crate::reply;
use heliograph_shared::calls::BoardMethod;
use heliograph_shared::id::BoardName;
use worker::{Env, Request, Response};

/// `GET …/status`: what comes in, who watches, what is stored.
pub async fn get(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    auth::manager(req, env, &board).await?;
    configs::get(env, &board).await?;
    let passed = calls::board::pass(env, &board, BoardMethod::Status, "", &[]).await?;
    Ok(reply::typed(passed.status, &passed.kind, passed.body)?)
}
