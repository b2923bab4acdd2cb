//! The edge worker: routes, tokens and three kinds of Durable Object around `heliograph-shared`.
//!
//! Everything here is an adapter. What a request, a batch or a viewer means is decided in `shared`.
//!
//! A script may not weigh more than a platform takes, so this crate is built twice: with the feature `edge` it is the public
//! worker and the gate, with `objects` the Durable Objects. With both it is only checked.

#![cfg_attr(
    not(all(feature = "edge", feature = "objects")),
    allow(dead_code, reason = "one half makes the calls and messages, the other reads them")
)]

#[cfg(feature = "objects")]
mod asked;
#[cfg(feature = "edge")]
mod auth;
mod cache;
mod clock;
#[cfg(feature = "edge")]
mod configs;
mod fault;
mod gate;
mod keys;
#[cfg(feature = "edge")]
mod lookups;
mod objects;
mod outbound;
#[cfg(feature = "edge")]
mod publishing;
mod reply;
#[cfg(feature = "edge")]
mod router;
#[cfg(feature = "edge")]
mod routes;
#[cfg(feature = "objects")]
mod store;
mod transform;
mod zones;

use wasm_bindgen::prelude::wasm_bindgen;
use worker::{Context, Env, Request, Result, event};

/// Nothing. Making one through worker-build's wrappers has them look whether the program crashed (`entry/runtime.js`).
#[wasm_bindgen]
pub struct Restart;

/// Every request comes in here.
#[cfg(feature = "edge")]
#[event(fetch)]
async fn fetch(req: Request, env: Env, ctx: Context) -> Result<web_sys::Response> {
    if gate::answer::is_here(&env) {
        return Ok(gate::answer::route(req, &env).await.or_else(fault::Fault::into_response)?.into());
    }
    match router::route(req, env, &ctx).await {
        Ok(response) => Ok(response),
        Err(fault) => Ok(fault.into_response()?.into()),
    }
}

/// The objects are reached by bindings; the script itself has no address.
#[cfg(not(feature = "edge"))]
#[event(fetch)]
async fn fetch(_: Request, _: Env, _: Context) -> Result<web_sys::Response> {
    Ok(reply::empty(404)?.into())
}
