//! Layers of a map over REST. They are no items: whoever may know a board may read them, whatever keys it reads.

use super::scores::{manager, pass};
use crate::body;
use crate::cache::{self, Question, Served};
use crate::calls;
use crate::calls::board::{Passed, asks};
use crate::fault::Answer;
use crate::routes::views::View;
use heliograph_shared::calls::BoardMethod;
use heliograph_shared::calls::board::LayerAsk;
use heliograph_shared::id::BoardName;
use heliograph_shared::layers::{LayerId, geojson};
use heliograph_shared::problem::Problem;
use heliograph_shared::rights::Ask;
use heliograph_shared::routes::Route;
use heliograph_shared::views::Format;
use worker::{Context, Env, Request, Response};

/// Answers from what is kept where that is possible: a map asks for its layers with everybody else who opens it.
async fn read(
    call: (&Request, &Env, &Context),
    board: BoardName,
    method: BoardMethod,
    body: Vec<u8>,
) -> Answer<Served> {
    // There is one form, whatever `Accept` says: readers of GeoJSON ask for JSON as well.
    let form = vec![("format".to_owned(), Format::Json.name().to_owned())];
    let view = View::with(call, board, Ask::Board, Format::JSON, form).await?;
    view.ask(Question::to_board(method, String::new(), body)).await
}

/// `GET …/layers`.
pub async fn list(call: (&Request, &Env, &Context), board: BoardName) -> Answer<Served> {
    read(call, board, BoardMethod::Layers, Vec::new()).await
}

/// `GET …/layers/{id}`.
pub async fn get(call: (&Request, &Env, &Context), board: BoardName, id: &str) -> Answer<Served> {
    read(call, board, BoardMethod::Layer, id.as_bytes().to_vec()).await
}

/// Has a layer changed; who reads through this isolate sees that.
async fn change(env: &Env, board: &BoardName, method: BoardMethod, query: &str, body: &[u8]) -> Answer<Passed> {
    let done = calls::board::pass(env, board, method, query, body).await;
    // What was kept may be of before, also when it is not known how it ended.
    cache::purge(board);
    done
}

/// `PUT …/layers/{id}`.
pub async fn put(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    let by = manager(req, env, &board).await?.by;
    let id = LayerId::parse(id).map_err(|e| Problem::about(422, e))?;
    let body = body::read(req, Route::PutLayer).await?;
    let contents = geojson::check(&body.bytes).map_err(|e| Problem::about(422, e))?;
    let ask = LayerAsk { id, contents, geojson: &body.bytes }.encode()?;
    pass(change(env, &board, BoardMethod::PutLayer, &asks(&by)?, &ask).await?)
}

/// `DELETE …/layers/{id}`.
pub async fn delete(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    let by = manager(req, env, &board).await?.by;
    pass(change(env, &board, BoardMethod::DropLayer, &asks(&by)?, id.as_bytes()).await?)
}
