//! `POST …/sources/{name}/dry-run`: what a source would make of a sample, record by record. Nothing is kept.

use super::sources::{check_program, managed};
use crate::body;
use crate::clock;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::publishing::source::yields;
use crate::reply;
use crate::transform::Yield;
use heliograph_shared::api::sources::{RecordTried, Sample, SampleTried};
use heliograph_shared::config::BoardConfig;
use heliograph_shared::id::BoardName;
use heliograph_shared::ingest::Checked;
use heliograph_shared::limits;
use heliograph_shared::problem::Problem;
use heliograph_shared::routes::Route;
use heliograph_shared::source::config::Transform;
use heliograph_shared::source::{self, Arrived, Envelope, Slice, SourceChange};
use worker::{Env, Request, Response};

/// Says what a source would make of a sample.
pub async fn try_out(req: &Request, env: &Env, board: BoardName, name: &str) -> Answer<Response> {
    let (_, source) = managed(req, env, &board, name).await?;
    let config = configs::get(env, &board).await?;
    let Sample { body, headers, query, envelope, jq } = body::json(req, Route::TrySource).await?;
    let transform = match jq {
        None => source.transform.clone(),
        Some(jq) => (!jq.trim().is_empty()).then_some(Transform { jq }),
    };
    // With the same checks as when it is kept.
    let mut tried = source.change(SourceChange::default()).map_err(|e| Fault::from(Problem::about(422, e)))?;
    tried.envelope = envelope.unwrap_or(tried.envelope);
    tried.transform = transform;
    tried.check().map_err(|e| Fault::from(Problem::about(422, e)))?;
    check_program(env, &tried).await?;
    let sent = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
    let headers: Vec<(String, String)> =
        headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let received = clock::now();
    let arrived =
        Arrived { headers: &headers, query: &query, body: sent.as_bytes(), key_name: &config.key_name, received };
    let name = tried.envelope.told_by(&arrived);
    let envelope = name.envelope();
    let mut slices = envelope.open(&arrived)?;
    let more = slices.len().saturating_sub(limits::PIPELINE_TRY_EVENTS);
    slices.truncate(limits::PIPELINE_TRY_EVENTS);
    let ran = match &tried.transform {
        Some(program) => Some(yields(env, &program.jq, &slices).await?),
        None => None,
    };
    let records = slices.iter().enumerate().map(|(place, slice)| {
        let maker = match &ran {
            None => Maker::Envelope(envelope),
            Some((yields, places)) => {
                let at = places.iter().position(|of| *of == place as u32);
                Maker::Program(at.and_then(|at| yields.get(at)))
            }
        };
        record(maker, slice, &arrived, &config)
    });
    Ok(reply::object(200, &SampleTried { envelope: name, records: records.collect(), more })?)
}

/// What makes events of a record.
#[derive(Clone, Copy)]
enum Maker<'r> {
    /// Its envelope.
    Envelope(&'r dyn Envelope),
    /// A program that yielded this for it; none where it can't be run on it.
    Program(Option<&'r Yield>),
}

/// What becomes of a record.
fn record(maker: Maker<'_>, slice: &Slice<'_>, arrived: &Arrived<'_>, config: &BoardConfig) -> RecordTried {
    let (slices, rules, received) = (std::slice::from_ref(slice), &config.rules, arrived.received);
    let checked = match maker {
        Maker::Envelope(envelope) => source::check(envelope, slices, arrived.key_name, rules, received),
        Maker::Program(None) => source::check_yields(slices, &[], &[], rules, received),
        Maker::Program(Some(yielded)) => {
            source::check_yields(slices, &[0], std::slice::from_ref(yielded), rules, received)
        }
    };
    let mut tried = RecordTried { input: slice.raw.to_string(), ..RecordTried::default() };
    if let Maker::Program(Some(Ok(lines))) = maker {
        let lines = lines.split(|b| *b == b'\n').filter(|line| !line.is_empty());
        tried.yielded = Some(lines.map(|line| serde_json::from_slice(line).unwrap_or_default()).collect());
    }
    match checked {
        Ok(Checked { events, refused, .. }) => {
            tried.events = events.iter().map(|event| serde_json::to_value(event).unwrap_or_default()).collect();
            if let Some(why) = refused.into_iter().next() {
                (tried.code, tried.field, tried.message) = (why.code, why.field, why.message);
            }
        }
        Err(problem) => {
            (tried.code, tried.message) = (Some(problem.code.name().to_owned()), Some(problem.detail));
        }
    }
    tried
}
