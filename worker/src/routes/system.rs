//! For operators.

use crate::auth;
use crate::calls::registry;
use crate::clock;
use crate::ended;
use crate::fault::{Answer, Fault};
use crate::reply;
use heliograph_shared::api::system::{Check, Health, Ready};
use heliograph_shared::metrics::{self, Deployment};
use worker::{Env, Request, Response};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// `GET /healthz`: the worker runs and has its secrets (without them the router answers 503 before this).
pub fn health() -> Answer<Response> {
    let body = Health { status: "ok".to_owned(), version: VERSION.to_owned(), time: clock::now() };
    Ok(reply::object(200, &body)?)
}

/// `GET /readyz`: what the worker needs to do its work answers as well. 503 when something does not.
pub async fn ready(env: &Env) -> Answer<Response> {
    let registry = registry::ping(env).await.inspect_err(|fault| log_error!("not ready: {fault:?}"));
    let checks = vec![
        // Without them nothing comes here.
        Check { name: "secrets".to_owned(), ok: true },
        Check { name: "registry".to_owned(), ok: registry.is_ok() },
        // What has ended is heard of within two seconds.
        Check { name: "revocations".to_owned(), ok: !ended::is_away() },
    ];
    let ok = checks.iter().all(|check| check.ok);
    let status = if ok { "ok" } else { "not_ready" }.to_owned();
    let body = Ready { status, version: VERSION.to_owned(), time: clock::now(), checks };
    Ok(reply::object(if ok { 200 } else { 503 }, &body)?)
}

/// `GET /metrics`, in the text of OpenMetrics: what each board has said, at most ten seconds ago while something happens.
pub async fn metrics(req: &Request, env: &Env) -> Answer<Response> {
    auth::scraper(req, env).await?;
    let collected = registry::meters(env).await.map_err(|fault| {
        log_error!("metrics: {fault:?}");
        Fault::registry_away("what boards measure can't be told at the moment; try again")
    })?;
    let deployment = Deployment { version: VERSION.to_owned(), collected };
    let text = metrics::text(deployment).map_err(|e| Fault::Internal(format!("metrics: {e}")))?;
    Ok(reply::typed(200, metrics::CONTENT_TYPE, text.into_bytes())?)
}
