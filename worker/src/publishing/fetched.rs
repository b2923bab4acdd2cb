//! The way of objects that S3's notifications name: fetched from the target that the source has chosen, then as records.

use super::source;
use crate::body::Place;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::outbound;
use crate::targets;
use heliograph_shared::archive::config::Choice;
use heliograph_shared::archive::sign;
use heliograph_shared::archive::target::{Access, Reach, Target};
use heliograph_shared::config::BoardConfig;
use heliograph_shared::ingest::IngestAnswer;
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, FieldError, Problem};
use heliograph_shared::source::s3::{Notice, Object};
use heliograph_shared::source::senders::Objects;
use heliograph_shared::source::{Arrived, EnvelopeName, Slice, Source};
use worker::Env;

/// Seconds after which a delivery is worth another try whose object can't be had.
const AWAY_RETRY_S: u32 = 5;

/// Takes the records of objects to the board of a source; what became of all of them.
pub async fn take(
    env: &Env,
    config: &BoardConfig,
    source: &Source,
    objects: &Objects,
    arrived: &Arrived<'_>,
    notices: Vec<Notice>,
) -> Answer<IngestAnswer> {
    let target = target(env, config, source, objects)?;
    let mut sum = IngestAnswer::default();
    // One after the other: each may fill a good part of the memory there is.
    for (nth, Notice { slice, object }) in notices.into_iter().enumerate() {
        let place = Place::new();
        let read = match object {
            None => None,
            Some(object) if nth < limits::OBJECTS_PER_REQUEST => {
                let bytes =
                    object.size.map_or(limits::OBJECT_BYTES, |size| size.min(limits::OBJECT_BYTES as u64) as usize);
                place.holds(bytes)?;
                Some(records(env, &target, objects, &object, arrived).await?)
            }
            Some(_) => {
                let message = format!("a notification names at most {} objects", limits::OBJECTS_PER_REQUEST);
                Some(Err(FieldError::new("Records", Code::TooMany, message)))
            }
        };
        let (name, slices) = match read {
            None => (EnvelopeName::S3, vec![slice]),
            Some(Ok(read)) => read,
            // What can't be read leaves its notification, which says where it is.
            Some(Err(refused)) => (EnvelopeName::S3, vec![Slice { refused: Some(refused), ..slice }]),
        };
        let one = source::take(env, config, (source, None), name, arrived, &slices).await?;
        sum.accepted += one.accepted;
        sum.duplicate += one.duplicate;
        sum.refused += one.refused;
        sum.late += one.late;
        sum.cleaned += one.cleaned;
        sum.filtered += one.filtered;
        sum.merged += one.merged;
        sum.cursor = one.cursor;
    }
    Ok(sum)
}

/// The target that a source has chosen, unless its board delivers to the same place: what it wrote would come back.
fn target(env: &Env, config: &BoardConfig, source: &Source, objects: &Objects) -> Answer<Target> {
    let choice = Choice::Named(objects.target.clone());
    let target = targets::target(env, &choice, &source.board).map_err(|unknown| {
        // It is the operator's to mend.
        Fault::from(Problem::with_status(503, unknown.code(), unknown.to_string()).retry_after(AWAY_RETRY_S))
    })?;
    let delivers = config.archive.as_ref().and_then(|a| targets::target(env, &a.target, &source.board).ok());
    if delivers.is_some_and(|own| own.place.bucket == target.place.bucket && own.place.prefix == target.place.prefix) {
        let detail =
            "the board delivers its events to this very place, and would read what it wrote: choose another target";
        return Err(Fault::problem(Code::SenderNotListed, detail));
    }
    Ok(target)
}

type Read = Result<(EnvelopeName, Vec<Slice<'static>>), FieldError>;

/// The records of an object; the inner error is about this object, and would be the same at another try.
async fn records(
    env: &Env,
    target: &Target,
    objects: &Objects,
    object: &Object,
    arrived: &Arrived<'_>,
) -> Answer<Read> {
    if let Err(refused) = object.check(&target.place.bucket, &target.place.prefix, &objects.prefixes) {
        return Ok(Err(refused));
    }
    let content = match fetch(env, target, object).await? {
        Ok(content) => content,
        Err(refused) => return Ok(Err(refused)),
    };
    Ok(object.records(content, arrived).map_err(|problem| FieldError::new("key", problem.code, problem.detail)))
}

async fn fetch(env: &Env, target: &Target, object: &Object) -> Answer<Result<Vec<u8>, FieldError>> {
    let away = |why: &str| {
        let detail = format!("the object can't be fetched from target {}: {why}; nothing was taken", target.place.name);
        Fault::from(Problem::new(Code::SenderUnreachable, detail).retry_after(AWAY_RETRY_S))
    };
    let (Reach::S3 { endpoint, .. }, Access::Keys(keys)) = (&target.place.reach, &target.access) else {
        return Err(away("it is bound as R2, and only targets with keys are read"));
    };
    outbound::check(env, endpoint).map_err(|e| away(&format!("its endpoint {e}")))?;
    let signed =
        sign::get(&target.place, &object.key, keys, clock::now()).ok_or_else(|| away("its endpoint is no address"))?;
    let mut headers = signed.headers;
    // Of what was overwritten since, another notification tells.
    headers.extend(object.if_match().map(|tag| ("if-match", tag)));
    let limits = (limits::OBJECT_MILLIS, limits::OBJECT_BYTES as u32);
    let got = outbound::get(&signed.url, &headers, limits).await.map_err(|why| away(&why))?;
    let gone = |message: &str| Ok(Err(FieldError::new("key", Code::NotFound, message)));
    match got.status {
        200 => Ok(Ok(got.body)),
        404 => gone("the object is not there any more"),
        412 => gone("the object was overwritten since; what it is now has a notification of its own"),
        status => Err(away(&format!("status {status}"))),
    }
}
