//! The way of events through their board's pipeline.

use super::{Prepared, Publisher, Ready, letters, settle_names};
use crate::clock;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::lookups;
use crate::transform;
use heliograph_shared::config::{BoardConfig, Visibility};
use heliograph_shared::id::BoardName;
use heliograph_shared::ingest::{BodyFormat, Checked, RecordResult, in_order, read_events};
use heliograph_shared::pipeline::{Need, Report, Run};
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::received::Trails;
use heliograph_shared::time::Millis;
use std::collections::HashMap;
use worker::Env;

/// Seconds after which a request that met a broken step is worth another try.
const BROKEN_RETRY_S: u32 = 30;

/// What ends a run.
pub enum Broken {
    /// A step's program can't be run on anything.
    Step(String),
    /// Something else.
    Fault(Fault),
}

/// Takes a run to its end, fetching what it needs.
pub async fn drive(env: &Env, run: &mut Run<'_>) -> Result<(), Broken> {
    // The platform's clock has milliseconds, and stands still while code runs.
    let micros = || (js_sys::Date::now() * 1_000.0) as u64;
    loop {
        match run.go(&micros) {
            Need::Done => return Ok(()),
            Need::Items { board, keys } => {
                // A board that was public when the pipeline was set up has nothing to tell when it is so no more.
                let open = !run.looks_as_anyone() || is_public(env, board).await.map_err(Broken::Fault)?;
                let found = if open { lookups::find(env, board, keys).await } else { Ok(HashMap::new()) };
                let found = found.map_err(Broken::Fault)?;
                run.give_items(found);
            }
            Need::Jq { program, inputs, count } => {
                match transform::run(env, program, &inputs, 1).await.map_err(Broken::Fault)? {
                    Ok(yields) => run.give_jq(count, yields),
                    Err(why) => return Err(Broken::Step(why)),
                }
            }
        }
    }
}

async fn is_public(env: &Env, board: &BoardName) -> Answer<bool> {
    Ok(configs::find(env, board).await?.is_some_and(|c| c.visibility == Visibility::Public))
}

/// Takes a body's events through the board's pipeline.
pub async fn prepare(
    env: &Env,
    config: &BoardConfig,
    publisher: &Publisher,
    body: &[u8],
    format: BodyFormat,
) -> Answer<Prepared> {
    let received = clock::now();
    let checked = read_events(body, format, &config.rules, received)?;
    let letters = |refused: &[RecordResult]| letters(refused, body, format, publisher);
    through(env, config, publisher, checked, received, (&letters, None)).await
}

/// Makes dead letters of what is refused.
type Letters<'a> = dyn Fn(&[RecordResult]) -> String + 'a;

/// Takes checked events through the board's pipeline; `letters` makes dead letters of those that are refused, and `trails`
/// notes the ways of a source's last records.
pub async fn through(
    env: &Env,
    config: &BoardConfig,
    publisher: &Publisher,
    checked: Checked,
    received: Millis,
    (letters, mut trails): (&Letters<'_>, Option<&mut Trails>),
) -> Answer<Prepared> {
    if let Some(trails) = trails.as_deref_mut() {
        trails.decoded(&checked);
    }
    let Checked { events, places, mut refused, mut cleaned, .. } = checked;
    let mut run = Run::new(&config.pipeline, events, places).strict(config.rules.strict);
    if let Some(trails) = trails.as_deref() {
        run = run.traced_from(trails.first());
    }
    match drive(env, &mut run).await {
        Ok(()) => {}
        Err(Broken::Fault(fault)) => return Err(fault),
        Err(Broken::Step(why)) => {
            let detail =
                format!("step {} of the board's pipeline can't be run: {why}; nothing was taken", run.step_name());
            let problem = Problem::new(Code::PipelineBroken, detail).retry_after(BROKEN_RETRY_S);
            return Ok(Prepared::Broken { report: run.broken(Code::StepBroken, &why), problem });
        }
    }
    let mut outcome = run.finish(&config.rules, received, &publisher.publish);
    refused.extend(outcome.refused);
    settle_names(&mut outcome.events, &mut outcome.places, &mut refused, config, publisher);
    cleaned.absorb(outcome.cleaned);
    in_order(&mut refused);
    let letters = letters(&refused);
    let trails = trails.map_or_else(String::new, |trails| {
        trails.stepped(&config.pipeline, &outcome.traces);
        trails.ended(&outcome.events, &outcome.places, &refused);
        trails.text()
    });
    let (filtered, merged) = (outcome.filtered, outcome.merged);
    let report = Report { places: outcome.places, refused, filtered, merged, cleaned, steps: outcome.steps };
    Ok(Prepared::Ready(Ready {
        events: outcome.events,
        letters,
        trails,
        report: Some(report.encode()),
        remainder: None,
        ends: Vec::new(),
    }))
}
