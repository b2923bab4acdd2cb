//! For operators.

use crate::clock;
use crate::fault::Answer;
use crate::reply;
use heliograph_shared::api::system::Health;
use worker::Response;

/// `GET /healthz`: the worker runs and has its secrets (without them the router answers 503 before this).
pub fn health() -> Answer<Response> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let body = Health { status: "ok".to_owned(), version, time: clock::now() };
    Ok(reply::object(200, &body)?)
}
