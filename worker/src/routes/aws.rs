//! `POST /aws`: calls of AWS SDKs, signed with the keys of a source, and answered as the services answer.

use super::ingest::headers_of;
use crate::body::{self, Body};
use crate::clock;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::keys::keys;
use crate::publishing::source;
use crate::sources;
use heliograph_shared::ingest::too_large;
use heliograph_shared::problem::Code;
use heliograph_shared::routes::Route;
use heliograph_shared::source::aws::key::AccessKey;
use heliograph_shared::source::aws::sigv4::{self, Refused, Signed};
use heliograph_shared::source::aws::{self, Ask, Call, Failure, Service};
use heliograph_shared::source::{Arrived, EnvelopeName};
use js_sys::Reflect;
use worker::{Env, Headers, Request, Response, ResponseBuilder};

/// Takes a call.
pub async fn take(req: &Request, env: &Env) -> Answer<Response> {
    let mut headers = headers_of(req.headers());
    let Some(service) = Service::of(&headers) else {
        let detail =
            "this is for AWS SDKs: they sign with the `aws` keys of a source. Others send to /v1/ingest/{source}";
        return Err(Fault::problem(Code::CredentialMissing, detail));
    };
    if let Some(sent) = accept_encoding(req)
        && let Some((_, value)) = headers.iter_mut().find(|(name, _)| name == "accept-encoding")
    {
        *value = sent;
    }
    let answer = match answered(req, env, &headers, service).await {
        Ok(answer) => answer,
        Err(failure) => failure.answer(service),
    };
    respond(&headers, answer)
}

/// What a client sent as `Accept-Encoding`, and may have signed: the platform writes its own into the header.
fn accept_encoding(req: &Request) -> Option<String> {
    let about = Reflect::get(req.inner(), &"cf".into()).ok()?;
    Reflect::get(&about, &"clientAcceptEncoding".into()).ok()?.as_string().filter(|sent| !sent.is_empty())
}

fn told(fault: Fault) -> Failure {
    Failure::from(&fault.into_problem())
}

async fn answered(
    req: &Request,
    env: &Env,
    headers: &[(String, String)],
    service: Service,
) -> Result<aws::Answer, Failure> {
    let signed = Signed::of(headers)?;
    let unknown = || Failure::from(Refused::UnknownKey);
    let key = AccessKey::parse(signed.access_key_id).ok_or_else(unknown)?;
    let ring = keys(env).map_err(told)?;
    let root = ring.root(key.root).ok_or_else(unknown)?;
    let known = sources::find(env, req.headers(), &key.source).await.map_err(told)?.ok_or_else(unknown)?;
    let secret = key.secret(&known.source, root, clock::now()).ok_or_else(unknown)?;

    let Body { bytes, place: _place } = body::read(req, Route::Aws).await.map_err(told)?;
    let url = req.url().map_err(|e| told(e.into()))?;
    let host = url.host_str().unwrap_or_default();
    let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let request = sigv4::Request {
        method: &req.inner().method(),
        path: url.path(),
        query: url.query().unwrap_or_default(),
        headers,
        authority: &authority,
        secure: url.scheme() == "https",
        body: &bytes,
    };
    let received = clock::now();
    let verified = signed.verify(&request, &secret, received)?;
    known.take().map_err(told)?;
    let most = known.source.limits.body_bytes;
    if bytes.len() > most {
        return Err(Failure::from(&too_large(most)));
    }

    let endpoint = format!("{}://{authority}/aws", url.scheme());
    let call = Call { service, verified: &verified, source: known.source.name.as_str(), endpoint: &endpoint, received };
    let put = match call.open()? {
        Ask::Put(put) => put,
        Ask::Told(answer) => return Ok(answer),
    };
    let config = configs::get(env, &known.source.board).await.map_err(told)?;
    let arrived = Arrived { headers, query: "", body: b"", key_name: &config.key_name, received };
    // What is in an entry is understood as what Firehose delivers is.
    match source::take(env, &config, &known.source, EnvelopeName::Firehose, &arrived, &put.slices).await {
        Ok(answer) => Ok(put.answer(Ok(&answer))),
        Err(fault) => Ok(put.answer(Err(&fault.into_problem()))),
    }
}

fn respond(sent: &[(String, String)], answer: aws::Answer) -> Answer<Response> {
    let headers = Headers::new();
    headers.set("content-type", answer.kind)?;
    headers.set("cache-control", "no-store, no-transform")?;
    headers.set("x-content-type-options", "nosniff")?;
    // SDKs set their clocks by it.
    headers.set("date", &String::from(js_sys::Date::new_0().to_utc_string()))?;
    if let Some((_, id)) = sent.iter().find(|(name, _)| name == "amz-sdk-invocation-id") {
        headers.set("x-amzn-requestid", id)?;
    }
    for (name, value) in &answer.headers {
        headers.set(name, value)?;
    }
    Ok(ResponseBuilder::new().with_status(answer.status).with_headers(headers).fixed(answer.body))
}
