//! `POST /aws`: calls of AWS SDKs, signed with the keys of a source, and answered as the services answer.

use super::ingest::headers_of;
use crate::body::{self, Body};
use crate::calls;
use crate::clock;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::hashing::hashed;
use crate::keys::keys;
use crate::publishing::source;
use crate::sources::{self, Known};
use heliograph_shared::ingest::too_large;
use heliograph_shared::problem::Code;
use heliograph_shared::routes::{Method, Route};
use heliograph_shared::source::aws::key::AccessKey;
use heliograph_shared::source::aws::sigv4::{self, Hashed, Refused, Signed, Verified};
use heliograph_shared::source::aws::{self, Ask, Call, Failure, Service, connections};
use heliograph_shared::source::{Arrived, EnvelopeName};
use js_sys::Reflect;
use std::rc::Rc;
use worker::{Env, Headers, Request, Response, ResponseBuilder, Url};

/// Takes a call.
pub async fn take(req: &Request, env: &Env) -> Answer<Response> {
    let headers = sent_headers(req);
    let service = Service::of(&headers).ok_or_else(unsigned)?;
    let answer = match answered(req, env, &headers, service).await {
        Ok(answer) => answer,
        Err(failure) => failure.answer(service),
    };
    respond(&headers, answer)
}

fn unsigned() -> Fault {
    let detail = "this is for AWS SDKs: they sign with the `aws` keys of a source. Others send to /v1/ingest/{source}";
    Fault::problem(Code::CredentialMissing, detail)
}

/// A request's headers as they were sent.
fn sent_headers(req: &Request) -> Vec<(String, String)> {
    let mut headers = headers_of(req.headers());
    if let Some(sent) = accept_encoding(req)
        && let Some((_, value)) = headers.iter_mut().find(|(name, _)| name == "accept-encoding")
    {
        *value = sent;
    }
    headers
}

/// What a client sent as `Accept-Encoding`, and may have signed: the platform writes its own into the header.
fn accept_encoding(req: &Request) -> Option<String> {
    let about = Reflect::get(req.inner(), &"cf".into()).ok()?;
    Reflect::get(&about, &"clientAcceptEncoding".into()).ok()?.as_string().filter(|sent| !sent.is_empty())
}

fn told(fault: Fault) -> Failure {
    Failure::from(&fault.into_problem())
}

/// Whom a call is of, as far as it says: the source, and the secret that it must be signed with.
async fn signer(req: &Request, env: &Env, signed: &Signed<'_>) -> Result<(Rc<Known>, String), Failure> {
    let unknown = || Failure::from(Refused::UnknownKey);
    let key = AccessKey::parse(signed.access_key_id).ok_or_else(unknown)?;
    let ring = keys(env).map_err(told)?;
    let root = ring.root(key.root).ok_or_else(unknown)?;
    let known = sources::find(env, req.headers(), &key.source).await.map_err(told)?.ok_or_else(unknown)?;
    let secret = key.secret(&known.source, root, clock::now()).ok_or_else(unknown)?;
    Ok((known, secret))
}

/// Where a call went.
struct Place {
    method: String,
    url: Url,
    authority: String,
}

impl Place {
    fn of(req: &Request) -> Result<Self, Failure> {
        let url = req.url().map_err(|e| told(e.into()))?;
        let host = url.host_str().unwrap_or_default();
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Ok(Self { method: req.inner().method(), url, authority })
    }

    /// Looks whether a call is signed with the secret.
    fn verify<'a>(
        &'a self,
        headers: &'a [(String, String)],
        body: Hashed<'a>,
        (signed, secret): (Signed<'a>, &str),
    ) -> Result<Verified<'a>, Failure> {
        let request = sigv4::Request {
            method: &self.method,
            path: self.url.path(),
            query: self.url.query().unwrap_or_default(),
            headers,
            authority: &self.authority,
            secure: self.url.scheme() == "https",
            body,
        };
        Ok(signed.verify(&request, secret, clock::now())?)
    }
}

async fn answered(
    req: &Request,
    env: &Env,
    headers: &[(String, String)],
    service: Service,
) -> Result<aws::Answer, Failure> {
    let signed = Signed::of(headers)?;
    let (known, secret) = signer(req, env, &signed).await?;
    let Body { bytes, place: _place } = body::read(req, Route::Aws).await.map_err(told)?;
    let place = Place::of(req)?;
    let received = clock::now();
    let verified = place.verify(headers, hashed(&bytes).await, (signed, &secret))?;
    known.take().map_err(told)?;
    let most = known.source.limits.body_bytes;
    if bytes.len() > most {
        return Err(Failure::from(&too_large(most)));
    }

    let endpoint = format!("{}://{}/aws", place.url.scheme(), place.authority);
    let call = Call { service, verified: &verified, source: known.source.name.as_str(), endpoint: &endpoint, received };
    let put = match call.open()? {
        Ask::Put(put) => put,
        Ask::Told(answer) => return Ok(answer),
    };
    let config = configs::get(env, &known.source.board).await.map_err(told)?;
    let arrived = Arrived { headers, query: "", body: b"", key_name: &config.key_name, received };
    // What is in an entry is understood as what Firehose delivers is.
    match source::take(env, &config, (&known.source, None), EnvelopeName::Firehose, &arrived, &put.slices).await {
        Ok(answer) => Ok(put.answer(Ok(&answer))),
        Err(fault) => Ok(put.answer(Err(&fault.into_problem()))),
    }
}

/// Takes a call about a connection of the feed.
pub async fn connection(req: &Request, env: &Env, route: Route, id: &str) -> Answer<Response> {
    let headers = sent_headers(req);
    Service::of(&headers).ok_or_else(unsigned)?;
    let answer = match asked_of_connection(req, env, &headers, route, id).await {
        Ok(answer) => answer,
        Err(failure) => failure.answer(Service::ApiGateway),
    };
    respond(&headers, answer)
}

async fn asked_of_connection(
    req: &Request,
    env: &Env,
    headers: &[(String, String)],
    route: Route,
    id: &str,
) -> Result<aws::Answer, Failure> {
    let signed = Signed::of(headers)?;
    let (known, secret) = signer(req, env, &signed).await?;
    let method = route.row().method;
    let sent = if method == Method::Post { Some(body::read(req, route).await.map_err(told)?) } else { None };
    let bytes = sent.as_ref().map_or(&[][..], |body| &body.bytes);
    let place = Place::of(req)?;
    let verified = place.verify(headers, Hashed::of(bytes), (signed, &secret))?;
    Service::ApiGateway.check(&verified)?;
    known.take().map_err(told)?;
    let (id, ask) = connections::open(method, id, bytes)?;
    let became = calls::relay::connection(env, &known.source.board, id, &ask).await.map_err(told)?;
    Ok(connections::answer(&ask, became))
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
