//! `POST /v1/boards/{board}/events`: the general way in. It asks whatever it does not know, and the rest is the step that
//! every request takes ([`crate::publishing::step`]).

use crate::auth;
use crate::body::{self, Body};
use crate::configs;
use crate::fault::Answer;
use crate::publishing::arrival::Arrival;
use crate::publishing::step;
use heliograph_shared::id::BoardName;
use heliograph_shared::limits;
use heliograph_shared::routes::Route;
use worker::{Env, Request};

/// Takes a request with events.
pub async fn ingest(req: Request, env: &Env, board: BoardName) -> Answer<web_sys::Response> {
    let caller = auth::caller(env, req.headers()).await?;
    let config = configs::find(env, &board).await?;
    let arrival = Arrival::new(&caller, board, config, req.headers())?;
    let Body { bytes, place: _place } = body::unpacked(&req, Route::SendEvents, limits::INGEST_BODY_BYTES).await?;
    let Arrival { board, config, publisher, format, .. } = &arrival;
    let request = arrival.request(&bytes);
    step::take(env, board, config, publisher, bytes, *format, request).await
}
