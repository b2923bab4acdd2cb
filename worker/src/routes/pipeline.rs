//! A board's pipeline: the way of events through it, its counters, and trying it out.

use crate::auth::{self, Caller};
use crate::body;
use crate::calls;
use crate::clock;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::publishing::pipeline::{Broken, drive};
use crate::reply;
use crate::transform;
use heliograph_shared::api::pipeline::{Pipeline, StepTotals};
use heliograph_shared::id::BoardName;
use heliograph_shared::ingest::{BodyFormat, in_order, read_events};
use heliograph_shared::limits;
use heliograph_shared::pipeline::{Fate, ReadAs, Run, Step, StepKind, StepTotal, Totals, pipeline_errors};
use heliograph_shared::problem::{Code, FieldError, Problem};
use heliograph_shared::rights::{Ask, KeySet};
use heliograph_shared::routes::Route;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use worker::{Env, Request, Response};

/// What is wrong with a valid pipeline beyond what its text shows: jq programs that do not compile, and boards that are
/// not there or that its author may not read.
async fn check(env: &Env, caller: &Caller, board: &BoardName, steps: &[Step]) -> Answer<Vec<FieldError>> {
    let mut errors = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        let Some(kind) = step.kind() else { continue };
        if let Some(program) = kind.jq()
            && let Err(why) = transform::check(env, program).await?
        {
            let field = format!("pipeline[{i}].{}.jq", kind.name());
            let message = format!("{field}, step {}: {why}", step.name);
            errors.push(FieldError::new(field, Code::JqInvalid, message));
        }
        if let Some(other) = step.enrich.as_ref().and_then(|e| e.board.as_ref()).filter(|b| *b != board) {
            let field = format!("pipeline[{i}].enrich.board");
            let config = configs::find(env, other).await?;
            let access = caller.access(other, config.as_deref());
            // Who may not read it is not told whether it is there.
            if access.may(Ask::Whole).is_err() {
                let message = format!("{field}: your credential does not allow reading all of board {other}");
                errors.push(FieldError::new(field, Code::NotAllowed, message));
            } else if config.is_none() {
                let message = format!("{field}: there is no board {other}");
                errors.push(FieldError::new(field, Code::BoardNotFound, message));
            }
        }
    }
    Ok(errors)
}

/// Refuses a pipeline that can't work.
pub async fn require_valid(env: &Env, caller: &Caller, board: &BoardName, steps: &[Step]) -> Answer<()> {
    let errors = check(env, caller, board, steps).await?;
    let Some(first) = errors.first() else { return Ok(()) };
    let detail = first.message.clone();
    Err(Problem::new(Code::InvalidConfig, detail).with_errors(errors).into())
}

/// Notes by which right each step reads another board: its author's own, or anyone's while that board is public.
pub fn note_rights(caller: &Caller, board: &BoardName, steps: &mut [Step]) {
    for enrich in steps.iter_mut().filter_map(|step| step.enrich.as_mut()) {
        let own = |other: &BoardName| caller.access(other, None).may(Ask::Whole).is_ok();
        let other = enrich.board.as_ref().filter(|other| *other != board);
        enrich.read_as = other.map(|other| if own(other) { ReadAs::Owner } else { ReadAs::Anyone });
    }
}

/// `GET …/pipeline`: what each step has done.
pub async fn get(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    auth::manager(req, env, &board).await?;
    let config = configs::get(env, &board).await?;
    let totals: Totals = calls::board::pipeline(env, &board).await?;
    let none = StepTotal::default();
    let steps = config
        .pipeline
        .iter()
        .map(|step| {
            let t = totals.steps.iter().find(|t| t.name == step.name).unwrap_or(&none);
            let kind = step.kind();
            StepTotals {
                name: step.name.clone(),
                kind: kind.map(|kind| kind.name().to_owned()),
                jq: kind.and_then(|k| k.jq().map(str::to_owned)),
                requests: t.requests,
                entered: t.entered,
                out: t.passed,
                filtered: t.filtered,
                merged: t.merged,
                failed: t.failed,
                micros: t.micros,
                mean_micros: (t.requests > 0).then(|| t.micros / t.requests.max(1)),
                last_failure: t.last_failure.clone(),
                last_failed_at: t.last_failed_at,
            }
        })
        .collect();
    Ok(reply::object(200, &Pipeline { since: totals.since, steps })?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Try {
    /// The pipeline to try; the board's own when absent.
    pipeline: Option<Vec<Step>>,
    /// Events as a producer would send them.
    events: Box<RawValue>,
}

/// `POST …/pipeline/try`: what each step would make of some events. Nothing is kept.
pub async fn try_out(req: Request, env: &Env, board: BoardName) -> Answer<Response> {
    let caller = auth::manager(&req, env, &board).await?;
    let config = configs::get(env, &board).await?;
    let given: Try = body::json(&req, Route::TryPipeline).await?;
    if let Some(steps) = &given.pipeline {
        let errors = pipeline_errors(steps);
        if let Some(first) = errors.first() {
            let detail = first.message.clone();
            return Err(Problem::new(Code::InvalidConfig, detail).with_errors(errors).into());
        }
    }
    let steps = given.pipeline.as_ref().unwrap_or(&config.pipeline);
    require_valid(env, &caller, &board, steps).await?;
    let received = clock::now();
    let checked = read_events(given.events.get().as_bytes(), BodyFormat::Json, &config.rules, received)?;
    if checked.events.len() + checked.refused.len() > limits::PIPELINE_TRY_EVENTS {
        let most = limits::PIPELINE_TRY_EVENTS;
        return Err(Fault::problem(Code::TooManyEvents, format!("a try has at most {most} events")));
    }
    let mut run = Run::new(steps, checked.events, checked.places).strict(config.rules.strict).traced();
    match drive(env, &mut run).await {
        Ok(()) => {}
        Err(Broken::Fault(fault)) => return Err(fault),
        Err(Broken::Step(why)) => {
            let detail = format!("step {} can't be run: {why}", run.step_name());
            return Err(Problem::with_status(422, Code::PipelineBroken, detail).into());
        }
    }
    let outcome = run.finish(&config.rules, received, &KeySet::All);
    let mut traces = outcome.traces.iter();
    let shown: Vec<Value> = steps
        .iter()
        .zip(&outcome.steps)
        .map(|(step, count)| {
            let records: Vec<Value> =
                traces.next().into_iter().flatten().map(|(place, fate)| record(*place, fate)).collect();
            json!({
                "name": step.name, "kind": step.kind().map(StepKind::name), "in": count.entered, "out": count.passed,
                "filtered": count.filtered, "merged": count.merged, "failed": count.failed, "micros": count.micros,
                "records": records,
            })
        })
        .collect();
    let events: Vec<Value> =
        outcome.places.iter().zip(&outcome.events).map(|(i, e)| json!({"index": i, "event": e})).collect();
    let mut refused = checked.refused;
    refused.extend(outcome.refused);
    in_order(&mut refused);
    Ok(reply::object(200, &json!({"steps": shown, "events": events, "refused": refused}))?)
}

/// What a step made of a record.
fn record(index: u32, fate: &Fate) -> Value {
    match fate {
        Fate::Event(event) => json!({"index": index, "event": event}),
        Fate::Filtered => json!({"index": index, "filtered": true}),
        Fate::Merged => json!({"index": index, "merged": true}),
        Fate::Refused(e) => json!({"index": index, "code": e.code, "field": e.field, "message": e.message}),
    }
}
