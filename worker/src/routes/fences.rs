//! Fences over REST. Where items are inside is a fact about their positions, which privacy zones, hidden fields, grants of
//! some keys and a freeze may hide: so all of this is for managers, who see all positions.

use super::scores::{manager, pass};
use crate::body;
use crate::calls;
use crate::calls::board::asks;
use crate::fault::Answer;
use heliograph_shared::calls::BoardMethod;
use heliograph_shared::calls::board::FenceAsk;
use heliograph_shared::fences::{Fence, FenceId};
use heliograph_shared::id::BoardName;
use heliograph_shared::problem::{FieldError, Problem};
use heliograph_shared::routes::Route;
use worker::{Env, Request, Response};

/// A refusal that names every field.
pub(super) fn refused(errors: Vec<FieldError>) -> Problem {
    match errors.split_first() {
        Some((first, _)) => Problem::with_status(422, first.code, first.message.clone()).with_errors(errors),
        None => Problem::with_status(422, heliograph_shared::problem::Code::Invalid, "it is not understood"),
    }
}

async fn view(req: &Request, env: &Env, board: BoardName, method: BoardMethod) -> Answer<Response> {
    manager(req, env, &board).await?;
    let url = req.url()?;
    pass(calls::board::pass(env, &board, method, url.query().unwrap_or_default(), &[]).await?)
}

/// `GET …/fences`.
pub async fn list(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    view(req, env, board, BoardMethod::Fences).await
}

/// `GET …/fences/events`.
pub async fn events(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    view(req, env, board, BoardMethod::FenceEvents).await
}

/// `GET …/fences/{id}`.
pub async fn get(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    manager(req, env, &board).await?;
    pass(calls::board::pass(env, &board, BoardMethod::Fence, "", id.as_bytes()).await?)
}

/// `PUT …/fences/{id}`.
pub async fn put(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    let by = manager(req, env, &board).await?.by;
    let id = FenceId::parse(id).map_err(|e| Problem::about(422, e))?;
    let body = body::read(req, Route::PutFence).await?;
    let fence = Fence::parse(&body.bytes).map_err(refused)?;
    let ask = serde_json::to_vec(&FenceAsk { id, fence })?;
    pass(calls::board::pass(env, &board, BoardMethod::PutFence, &asks(&by)?, &ask).await?)
}

/// `DELETE …/fences/{id}`.
pub async fn delete(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    let by = manager(req, env, &board).await?.by;
    pass(calls::board::pass(env, &board, BoardMethod::DropFence, &asks(&by)?, id.as_bytes()).await?)
}
