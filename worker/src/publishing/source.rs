//! The way of a source's records to their board.

use super::{Prepared, Publisher, Ready, Remainder, pipeline, refuse_foreign_keys, settle_names, step};
use crate::calls;
use crate::fault::{Answer, Fault};
use crate::transform;
use heliograph_shared::board::Letters;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::ingest::{Checked, IngestAnswer, RecordResult};
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::rights::{KeySet, Owner};
use heliograph_shared::source::{self, Arrived, Envelope, Slice, Source};
use worker::Env;

/// Seconds after which a request whose program can't be run is worth another try.
const BROKEN_RETRY_S: u32 = 30;

/// Refused records as dead letters, a JSON array; empty when there are none.
fn letters(refused: &[RecordResult], slices: &[Slice<'_>], by: &str, source: &str) -> String {
    let mut letters = Letters::by_source(Some(source));
    for r in refused {
        letters.push(r, slices.get(r.index as usize).map_or("null", |slice| &slice.raw), by);
    }
    letters.into_text()
}

/// The records' events, by the source's program where it has one.
async fn checked(
    env: &Env,
    config: &BoardConfig,
    source: &Source,
    envelope: &dyn Envelope,
    arrived: &Arrived<'_>,
    slices: &[Slice<'_>],
) -> Answer<Checked> {
    let (rules, received) = (&config.rules, arrived.received);
    let Some(program) = &source.transform else {
        return Ok(source::check(envelope, slices, arrived.key_name, rules, received)?);
    };
    let (mut yields, mut places) = (Vec::new(), Vec::new());
    // In parts: what a program may do at once is bounded.
    for (at, part) in slices.chunks(limits::JQ_EVENTS_AT_ONCE).enumerate() {
        let (lines, at_places) = source::inputs(part);
        let count = at_places.len();
        let first = (at * limits::JQ_EVENTS_AT_ONCE) as u32;
        places.extend(at_places.into_iter().map(|place| first + place));
        if count == 0 {
            continue;
        }
        let run = transform::run(env, &program.jq, &lines, limits::SOURCE_JQ_VALUES).await?.map_err(|why| {
            let detail = format!("the source's program can't be run: {why}; nothing was taken");
            Fault::from(Problem::new(Code::PipelineBroken, detail).retry_after(BROKEN_RETRY_S))
        })?;
        let missing = std::iter::repeat_with(|| Err("it was not run on this record".to_owned()));
        yields.extend(run.into_iter().chain(missing).take(count));
    }
    Ok(source::check_yields(slices, &places, &yields, rules, received)?)
}

/// Takes a request's records to the board of its source; what became of them.
pub async fn take(
    env: &Env,
    config: &BoardConfig,
    source: &Source,
    envelope: &dyn Envelope,
    arrived: &Arrived<'_>,
    slices: &[Slice<'_>],
) -> Answer<IngestAnswer> {
    let board = &source.board;
    let publisher = Publisher {
        publish: KeySet::All,
        // Who makes a source manages its board.
        player: false,
        by: format!("source {}", source.name),
        source: Some(source.name.to_string()),
        joined: None,
        owner: Owner::of_source(source.name.as_str()),
    };
    let checked = checked(env, config, source, envelope, arrived, slices).await?;
    let letters = |refused: &[RecordResult]| letters(refused, slices, &publisher.by, source.name.as_str());
    let prepared = if config.pipeline.is_empty() {
        let mut checked = checked;
        refuse_foreign_keys(&mut checked, &publisher.publish);
        settle_names(&mut checked.events, &mut checked.places, &mut checked.refused, config, &publisher);
        let letters = letters(&checked.refused);
        let Checked { events, places, refused, cleaned } = checked;
        // A record may be several events, so that places differ from what the board counts.
        let remainder = Some(Remainder { places, refused, cleaned });
        Prepared::Ready(Ready { events, letters, report: None, remainder })
    } else {
        pipeline::through(env, config, &publisher, checked, arrived.received, &letters).await?
    };
    let ready = match prepared {
        Prepared::Ready(ready) => ready,
        Prepared::Broken { report, problem } => {
            calls::board::pipeline_broken(env, board, &report.encode()).await?;
            return Err(problem.into());
        }
    };
    let response = step::send(env, board, config, &publisher, None, ready).await?;
    Ok(serde_json::from_slice(&calls::bytes(&response).await?)?)
}
