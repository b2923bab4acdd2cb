//! For operators.

use crate::clock;
use crate::fault::Answer;
use crate::reply;
use worker::Response;

/// `GET /healthz`: the worker runs and has its secrets (without them the router answers 503 before this).
pub fn health() -> Answer<Response> {
    let body = serde_json::json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "time": clock::now()});
    Ok(reply::object(200, &body)?)
}
