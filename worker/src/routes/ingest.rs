//! `GET POST /v1/ingest/{source}`: what a source's sender sends, in its own envelope, with its own answer.

use crate::body::{self, Body};
use crate::clock;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::publishing::source;
use crate::sources::{self, Known};
use heliograph_shared::config::BoardConfig;
use heliograph_shared::problem::Problem;
use heliograph_shared::routes::Route;
use heliograph_shared::source::{Arrived, EnvelopeName, Reply};
use std::rc::Rc;
use worker::{Env, Headers, Method, Request, Response, ResponseBuilder};

/// A request's headers, with names in lower case.
pub(super) fn headers_of(headers: &Headers) -> Vec<(String, String)> {
    headers.entries().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect()
}

/// Takes a request, and answers as its sender wants to be answered, also where it is refused.
pub async fn take(req: &Request, env: &Env, name: &str) -> Answer<Response> {
    let headers = headers_of(req.headers());
    let url = req.url()?;
    let query = url.query().unwrap_or_default();
    let bare = Arrived { headers: &headers, query, body: b"", key_name: "key", received: clock::now() };
    // Before the source is known, the request itself says which envelope it has.
    let refused = |envelope: EnvelopeName, fault: Fault| {
        let problem = fault.into_problem();
        respond(envelope.of(&bare).answer(&bare, &[], Err(&problem)), Some(&problem))
    };
    let known = match sources::authorized(env, req.headers(), &bare, name).await {
        Ok(known) => known,
        Err(fault) => return refused(EnvelopeName::Auto, fault),
    };
    if req.method() == Method::Head {
        // It changes nothing.
        return Ok(ResponseBuilder::new().with_status(200).empty());
    }
    let (config, body) = match read(req, env, &known).await {
        Ok(read) => read,
        Err(fault) => return refused(known.source.envelope, fault),
    };
    let Body { bytes, place: _place } = body;
    let arrived = Arrived { body: &bytes, key_name: &config.key_name, received: clock::now(), ..bare };
    let envelope = known.source.envelope.of(&arrived);
    let slices = match envelope.open(&arrived) {
        Ok(slices) => slices,
        Err(problem) => return respond(envelope.answer(&arrived, &[], Err(&problem)), Some(&problem)),
    };
    match source::take(env, &config, &known.source, envelope, &arrived, &slices).await {
        Ok(answer) => respond(envelope.answer(&arrived, &slices, Ok(&answer)), None),
        Err(fault) => {
            let problem = fault.into_problem();
            respond(envelope.answer(&arrived, &slices, Err(&problem)), Some(&problem))
        }
    }
}

/// The board's config, and the body of a request to a source.
async fn read(req: &Request, env: &Env, known: &Known) -> Answer<(Rc<BoardConfig>, Body)> {
    known.take()?;
    let config = configs::get(env, &known.source.board).await?;
    let body = body::unpacked(req, Route::Ingest, known.source.limits.body_bytes).await?;
    Ok((config, body))
}

fn respond(reply: Reply, problem: Option<&Problem>) -> Answer<Response> {
    let headers = Headers::new();
    if !reply.body.is_empty() {
        headers.set("content-type", reply.kind)?;
    }
    headers.set("cache-control", "no-store, no-transform")?;
    headers.set("x-content-type-options", "nosniff")?;
    headers.set("access-control-allow-origin", "*")?;
    if let Some(seconds) = reply.retry_after_s {
        headers.set("retry-after", &seconds.to_string())?;
    }
    if problem.is_some() && reply.status == 401 {
        // Some senders send their password only after they were asked for it.
        headers.set("www-authenticate", "Basic realm=\"ingest\", Bearer")?;
    }
    Ok(ResponseBuilder::new().with_status(reply.status).with_headers(headers).fixed(reply.body))
}
