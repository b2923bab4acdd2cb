//! The edge worker: routes, tokens and three kinds of Durable Object around `heliograph-shared`.
//!
//! Everything here is an adapter. What a request, a batch or a viewer means is decided in `shared`.

#[macro_use]
mod log;

mod asked;
mod auth;
mod body;
mod buffers;
mod cache;
mod calls;
mod clock;
mod configs;
mod counts;
mod deadline;
mod ended;
mod fault;
mod hashing;
mod keys;
mod lookups;
mod objects;
mod outbound;
mod paces;
mod publishing;
mod reply;
mod router;
mod routes;
mod senders;
mod sign_in;
mod sources;
mod store;
mod targets;
mod trace;
mod transform;
mod zones;

use trace::Span;
use worker::{Context, Env, Request, Result, event};

/// Every request comes in here.
#[event(fetch)]
async fn fetch(req: Request, env: Env, ctx: Context) -> Result<web_sys::Response> {
    let span = Span::of_request(req.headers());
    let answer = span.hold(async {
        match router::route(req, env, &ctx).await {
            Ok(response) => Ok::<web_sys::Response, worker::Error>(response),
            Err(fault) => Ok(fault.into_response()?.into()),
        }
    });
    Ok(span.named(answer.await?))
}
