//! Responses.

use crate::trace;
use heliograph_shared::calls::{OTHER_VERSION_STATUS, OtherVersion};
use heliograph_shared::problem::Problem;
use heliograph_shared::trace::TRACE_HEADER;
use js_sys::{Function, Reflect, Uint8Array};
use serde::Serialize;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use worker::{Headers, Response, ResponseBuilder, Result};

/// A JSON response that no cache keeps and no proxy transforms.
pub fn json(status: u16, body: Vec<u8>) -> Result<Response> {
    typed(status, "application/json", body)
}

thread_local! {
    /// The status and headers of a successful JSON response; most answers have them.
    static JSON_INIT: RefCell<Option<web_sys::ResponseInit>> = const { RefCell::new(None) };
}

/// [`json`] with status 200, for the way that every event takes: without making the same headers each time.
pub fn json_ok(body: &[u8]) -> Result<web_sys::Response> {
    JSON_INIT.with_borrow_mut(|known| {
        let init = match known {
            Some(init) => init,
            None => {
                let init = web_sys::ResponseInit::new();
                init.set_status(200);
                init.set_headers(&headers("application/json")?.0);
                known.insert(init)
            }
        };
        Ok(web_sys::Response::new_with_opt_js_u8_array_and_init(Some(&Uint8Array::from(body)), init)?)
    })
}

/// A response whose body is these pieces, one after the other. What is made lies with JavaScript, whose memory shrinks again.
pub fn pieces(pieces: impl Iterator<Item = Vec<u8>>) -> Result<web_sys::Response> {
    let pieces: js_sys::Array = pieces.map(|piece| Uint8Array::from(piece.as_slice())).collect();
    let stream = Reflect::get(&js_sys::global(), &"ReadableStream".into())?;
    let from: Function = Reflect::get(&stream, &"from".into())?.dyn_into()?;
    let stream: web_sys::ReadableStream = from.call1(&stream, &pieces)?.dyn_into()?;
    Ok(web_sys::Response::new_with_opt_readable_stream(Some(&stream))?)
}

fn headers(content_type: &str) -> Result<Headers> {
    let headers = Headers::new();
    headers.set("content-type", content_type)?;
    headers.set("cache-control", "no-store, no-transform")?;
    headers.set("x-content-type-options", "nosniff")?;
    for_all_pages(&headers)?;
    Ok(headers)
}

/// Pages of all sites may read an answer of the API, and these of its headers.
pub const EXPOSED: &str = "age, allow, content-disposition, etag, heliograph-trace, link, location, retry-after, warning, www-authenticate, x-cache";

/// Lets pages of all sites read an answer.
pub fn for_all_pages(headers: &Headers) -> Result<()> {
    headers.set("access-control-allow-origin", "*")?;
    headers.set("access-control-expose-headers", EXPOSED)
}

/// A response of some type that no cache keeps and no proxy transforms.
pub fn typed(status: u16, content_type: &str, body: Vec<u8>) -> Result<Response> {
    // Not `from_bytes`, which would make headers of its own first.
    Ok(ResponseBuilder::new().with_status(status).with_headers(headers(content_type)?).fixed(body))
}

/// Anything as JSON.
pub fn object(status: u16, body: &impl Serialize) -> Result<Response> {
    json(status, serde_json::to_vec(body)?)
}

/// RFC 9457 problem details, with the trace of the request.
pub fn problem(problem: &Problem) -> Result<Response> {
    let trace = trace::current();
    let problem = problem.clone().of_trace(trace);
    let response = typed(problem.status, "application/problem+json", serde_json::to_vec(&problem)?)?;
    if let Some(trace) = trace {
        response.headers().set(TRACE_HEADER, &trace.to_string())?;
    }
    if let Some(seconds) = problem.retry_after_s {
        response.headers().set("retry-after", &seconds.to_string())?;
    }
    if problem.status == 401 {
        response.headers().set("www-authenticate", "Bearer")?;
    }
    Ok(response)
}

/// What an object says to a caller that speaks another version of what they say to each other.
pub fn other_version(other: OtherVersion) -> Result<Response> {
    typed(OTHER_VERSION_STATUS, "text/plain", other.to_string().into_bytes())
}

/// Nothing more to say.
pub fn empty(status: u16) -> Result<Response> {
    let response = Response::empty()?.with_status(status);
    for_all_pages(response.headers())?;
    Ok(response)
}
