//! `GET POST /v1/ingest/{source}`: what a source's sender sends, in its own envelope, with its own answer.

use crate::body::{self, Body};
use crate::clock;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::paces::{self, Counted};
use crate::publishing::{fetched, source};
use crate::reply;
use crate::senders::{self, Vouched};
use crate::sources::{self, Known};
use heliograph_shared::config::BoardConfig;
use heliograph_shared::ingest::IngestAnswer;
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::routes::Route;
use heliograph_shared::source::answer::is_poison;
use heliograph_shared::source::credential::without_secret;
use heliograph_shared::source::{Arrived, EnvelopeName, Reply, Slice, Source, SourceName, iot, s3};
use std::rc::Rc;
use worker::{Env, Headers, Method, Request, Response, ResponseBuilder};

/// A request's headers, with names in lower case.
pub(super) fn headers_of(headers: &Headers) -> Vec<(String, String)> {
    headers.entries().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect()
}

/// Takes a request, and answers as its sender wants to be answered, also where it is refused. `device`: the secret of one in
/// the path of the address.
pub async fn take(req: &Request, env: &Env, name: &str, device: Option<&str>) -> Answer<Response> {
    let headers = headers_of(req.headers());
    let url = req.url()?;
    let query = url.query().unwrap_or_default();
    let bare = Arrived { headers: &headers, query, body: b"", key_name: "key", received: clock::now() };
    // Before the source is known, the request itself says which envelope it has.
    let refused = |envelope: EnvelopeName, fault: Fault| {
        let problem = fault.into_problem();
        respond(envelope.of(&bare).answer(&bare, &[], Err(&problem)), Some(&problem))
    };
    if device.is_none() && iot::is_confirmation(&bare) {
        return match confirm_destination(req, env, name, &bare).await {
            Ok(reply) => respond(reply, None),
            Err(fault) => refused(EnvelopeName::Iot, fault),
        };
    }
    let found = match device {
        Some(secret) => sources::of_device(env, req.headers(), name, secret).await.map(|(k, key)| (k, Some(key))),
        None => sources::authorized(env, req.headers(), &bare, name).await.map(|known| (known, None)),
    };
    let (known, only) = match found {
        Ok(found) => found,
        Err(fault) => return refused(EnvelopeName::Auto, fault),
    };
    let query = without_secret(query);
    let bare = Arrived { query: &query, ..bare };
    if req.method() == Method::Head {
        // It changes nothing.
        return Ok(ResponseBuilder::new().with_status(200).empty());
    }
    let mut beginning = Vec::new();
    let (config, body) = match read(req, env, &known, &mut beginning).await {
        Ok(read) => read,
        Err(fault) => {
            let problem = fault.into_problem();
            let arrived = Arrived { body: &beginning, ..bare };
            return refused_whole(env, &known, &arrived, &[], &problem).await;
        }
    };
    let only = only.as_deref();
    let Body { bytes, place: _place } = body;
    let arrived = Arrived { body: &bytes, key_name: &config.key_name, received: clock::now(), ..bare };
    let name = known.source.envelope.told_by(&arrived);
    let envelope = name.envelope();
    match senders::vouch(env, &known.source, name, &arrived).await {
        Ok(Vouched::Records) => {}
        Ok(Vouched::Answered(reply)) => return respond(reply, None),
        Err(fault) => {
            let problem = fault.into_problem();
            return refused_whole(env, &known, &arrived, &[], &problem).await;
        }
    }
    // What is in objects may be of any key, which a device's address is not for.
    if only.is_none()
        && let Some(told) = objects(env, &config, &known.source, name, &arrived).await.transpose()
    {
        return match told {
            Ok(answer) => respond(envelope.answer(&arrived, &[], Ok(&answer)), None),
            Err(fault) => {
                let problem = fault.into_problem();
                refused_whole(env, &known, &arrived, &[], &problem).await
            }
        };
    }
    let slices = match envelope.open(&arrived) {
        Ok(slices) => slices.into_iter().map(|slice| slice.of_device(only)).collect::<Vec<_>>(),
        Err(problem) => return refused_whole(env, &known, &arrived, &[], &problem).await,
    };
    match source::take(env, &config, (&known.source, only), name, &arrived, &slices).await {
        Ok(answer) => respond(envelope.answer(&arrived, &slices, Ok(&answer)), None),
        Err(fault) => {
            let problem = fault.into_problem();
            refused_whole(env, &known, &arrived, &slices, &problem).await
        }
    }
}

/// What became of the objects that a notification of S3 names, where the source fetches any; none when this is no such.
async fn objects(
    env: &Env,
    config: &BoardConfig,
    source: &Source,
    name: EnvelopeName,
    arrived: &Arrived<'_>,
) -> Answer<Option<IngestAnswer>> {
    let Some(chosen) = &source.from.objects else { return Ok(None) };
    let Some(notices) = s3::notices(name, arrived)? else { return Ok(None) };
    fetched::take(env, config, source, chosen, arrived, notices).await.map(Some)
}

/// Confirms a destination of IoT rules, which asks without the source's secret: by address it may ask as seldom as for
/// names that nobody has.
async fn confirm_destination(req: &Request, env: &Env, name: &str, bare: &Arrived<'_>) -> Answer<Reply> {
    paces::take(Counted::Unknown, paces::address(req.headers())?)?;
    let unknown =
        || Fault::problem(Code::KeyInvalid, "there is no source of this name that takes deliveries of IoT rules");
    let name = SourceName::try_from(name.to_owned()).map_err(|_| unknown())?;
    let known = sources::find(env, req.headers(), &name).await?.ok_or_else(unknown)?;
    if !matches!(known.source.envelope, EnvelopeName::Auto | EnvelopeName::Iot) {
        return Err(unknown());
    }
    let Body { bytes, place: _place } =
        body::unpacked_or(req, Route::Ingest, limits::REQUEST_BYTES, &mut Vec::new()).await?;
    senders::confirm_destination(env, &known.source, &Arrived { body: &bytes, ..*bare }).await
}

/// Answers a request of which nothing is taken. A sender that is told that it was, since it would send nothing else until
/// it is, leaves a letter, and so does one that the source does not take yet; where that can't be kept, it is to come again.
async fn refused_whole(
    env: &Env,
    known: &Known,
    arrived: &Arrived<'_>,
    slices: &[Slice<'_>],
    problem: &Problem,
) -> Answer<Response> {
    let envelope = known.source.envelope.of(arrived);
    let reply = envelope.answer(arrived, slices, Err(problem));
    let is_kept = is_poison(problem) && reply.status < 300 || problem.code == Code::SenderNotListed;
    if !is_kept {
        return respond(reply, Some(problem));
    }
    let left = match configs::get(env, &known.source.board).await {
        Ok(config) => source::leave(env, &config, &known.source, arrived, problem).await,
        Err(fault) => Err(fault),
    };
    match left {
        Ok(()) => respond(reply, Some(problem)),
        Err(fault) => {
            let problem = fault.into_problem();
            respond(envelope.answer(arrived, slices, Err(&problem)), Some(&problem))
        }
    }
}

/// The board's config, and the body of a request to a source; of one that is too long, its beginning.
async fn read(req: &Request, env: &Env, known: &Known, beginning: &mut Vec<u8>) -> Answer<(Rc<BoardConfig>, Body)> {
    known.take()?;
    let config = configs::get(env, &known.source.board).await?;
    let body = body::unpacked_or(req, Route::Ingest, known.source.limits.body_bytes, beginning).await?;
    Ok((config, body))
}

fn respond(reply: Reply, problem: Option<&Problem>) -> Answer<Response> {
    let headers = Headers::new();
    if !reply.body.is_empty() {
        headers.set("content-type", reply.kind)?;
    }
    headers.set("cache-control", "no-store, no-transform")?;
    headers.set("x-content-type-options", "nosniff")?;
    reply::for_all_pages(&headers)?;
    if let Some(seconds) = reply.retry_after_s {
        headers.set("retry-after", &seconds.to_string())?;
    }
    if problem.is_some() && reply.status == 401 {
        // Some senders send their password only after they were asked for it.
        headers.set("www-authenticate", "Basic realm=\"ingest\", Bearer")?;
    }
    Ok(ResponseBuilder::new().with_status(reply.status).with_headers(headers).fixed(reply.body))
}
