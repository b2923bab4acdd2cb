//! Responses.

use heliograph_shared::problem::Problem;
use serde::Serialize;
use worker::{Headers, Response, ResponseBuilder, Result};

/// A JSON response that no cache keeps and no proxy transforms.
pub fn json(status: u16, body: Vec<u8>) -> Result<Response> {
    typed(status, "application/json", body)
}

/// A response of some type that no cache keeps and no proxy transforms.
pub fn typed(status: u16, content_type: &str, body: Vec<u8>) -> Result<Response> {
    let headers = Headers::new();
    headers.set("content-type", content_type)?;
    headers.set("cache-control", "no-store, no-transform")?;
    headers.set("x-content-type-options", "nosniff")?;
    headers.set("access-control-allow-origin", "*")?;
    // Not `from_bytes`, which would make headers of its own first.
    Ok(ResponseBuilder::new().with_status(status).with_headers(headers).fixed(body))
}

/// Anything as JSON.
pub fn object(status: u16, body: &impl Serialize) -> Result<Response> {
    json(status, serde_json::to_vec(body)?)
}

/// RFC 9457 problem details.
pub fn problem(problem: &Problem) -> Result<Response> {
    let response = typed(problem.status, "application/problem+json", serde_json::to_vec(problem)?)?;
    if let Some(seconds) = problem.retry_after_s {
        response.headers().set("retry-after", &seconds.to_string())?;
    }
    if problem.status == 401 {
        response.headers().set("www-authenticate", "Bearer")?;
    }
    Ok(response)
}

/// Nothing more to say.
pub fn empty(status: u16) -> Result<Response> {
    let response = Response::empty()?.with_status(status);
    response.headers().set("access-control-allow-origin", "*")?;
    Ok(response)
}
