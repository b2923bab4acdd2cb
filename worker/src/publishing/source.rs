//! The way of a source's records to their board.

use super::{Prepared, Publisher, Ready, Remainder, pipeline, refuse_foreign_keys, settle_names, step};
use crate::calls;
use crate::fault::{Answer, Fault};
use crate::transform::{self, Yield};
use heliograph_shared::board::Letters;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::ingest::{Checked, IngestAnswer, RecordResult};
use heliograph_shared::letters::Of;
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, FieldError, Problem};
use heliograph_shared::received::Trails;
use heliograph_shared::rights::{KeySet, Owner};
use heliograph_shared::source::{self, Arrived, Envelope, EnvelopeName, Slice, Source};
use worker::Env;

/// Seconds after which a request whose program can't be run is worth another try.
const BROKEN_RETRY_S: u32 = 30;

/// Refused records as dead letters, a JSON array; empty when there are none.
fn letters(refused: &[RecordResult], slices: &[Slice<'_>], publisher: &Publisher, envelope: EnvelopeName) -> String {
    let mut letters = Letters::from(publisher.letters());
    for r in refused {
        match slices.get(r.index as usize) {
            Some(slice) => {
                let Slice { raw, id, key, time, .. } = slice;
                let of = Of { envelope: Some(envelope), id: id.clone(), key: key.clone(), time: *time };
                letters.push_of(r, raw, &of, &publisher.by);
            }
            None => letters.push(r, "null", &publisher.by),
        }
    }
    letters.into_text()
}

/// Who publishes what comes by a source; `only`: one of its devices, under its own key.
fn publisher(source: &Source, only: Option<&str>) -> Publisher {
    Publisher {
        publish: only.map_or(KeySet::All, KeySet::of_one),
        // Who makes a source manages its board.
        player: false,
        by: format!("source {}", source.name),
        source: Some(source.name.to_string()),
        joined: None,
        owner: Owner::of_source(source.name.as_str()),
    }
}

/// Leaves a letter of a request that its sender is told was taken, since it would send nothing else until it is: what
/// there is of its body, and why it was refused.
pub async fn leave(
    env: &Env,
    config: &BoardConfig,
    source: &Source,
    arrived: &Arrived<'_>,
    problem: &Problem,
) -> Answer<()> {
    let publisher = publisher(source, None);
    let why = RecordResult::refused(0, FieldError::new("", problem.code, problem.detail.as_str()));
    let of = Of { envelope: Some(source.envelope.told_by(arrived)), ..Of::default() };
    let mut letters = Letters::from(publisher.letters());
    let text = String::from_utf8_lossy(arrived.body);
    let is_cut = problem.code == Code::InvalidGzip && arrived.body.len() >= limits::DEAD_LETTER_CUT_BYTES;
    if problem.code == Code::BodyTooLarge || is_cut {
        letters.push_beginning(&why, &text, &of, &publisher.by);
    } else {
        letters.push_of(&why, &text, &of, &publisher.by);
    }
    let (letters, trails) = (letters.into_text(), String::new());
    let ready = Ready { events: Vec::new(), letters, trails, report: None, remainder: None, ends: Vec::new() };
    step::send(env, &source.board, config, &publisher, None, ready).await.map(drop)
}

/// The records' events, by the source's program where it has one.
async fn checked(
    env: &Env,
    config: &BoardConfig,
    source: &Source,
    envelope: &dyn Envelope,
    arrived: &Arrived<'_>,
    slices: &[Slice<'_>],
    trails: &mut Trails,
) -> Answer<Checked> {
    let (rules, received) = (&config.rules, arrived.received);
    let Some(program) = &source.transform else {
        return Ok(source::check(envelope, slices, arrived.key_name, rules, received)?);
    };
    let (yields, places) = yields(env, &program.jq, slices).await?;
    trails.yielded(&places, &yields);
    Ok(source::check_yields(slices, &places, &yields, rules, received)?)
}

/// What a program yields for the records that it can be run on, and their places.
pub async fn yields(env: &Env, program: &str, slices: &[Slice<'_>]) -> Answer<(Vec<Yield>, Vec<u32>)> {
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
        let run = transform::run(env, program, &lines, limits::SOURCE_JQ_VALUES).await?.map_err(|why| {
            let detail = format!("the source's program can't be run: {why}; nothing was taken");
            Fault::from(Problem::new(Code::PipelineBroken, detail).retry_after(BROKEN_RETRY_S))
        })?;
        let missing = std::iter::repeat_with(|| Err("it was not run on this record".to_owned()));
        yields.extend(run.into_iter().chain(missing).take(count));
    }
    Ok((yields, places))
}

/// Takes a request's records to the board of its source, each understood as this envelope understands it; what became of
/// them. `only`: the key of the device that sent them, where it has an address of its own.
pub async fn take(
    env: &Env,
    config: &BoardConfig,
    (source, only): (&Source, Option<&str>),
    name: EnvelopeName,
    arrived: &Arrived<'_>,
    slices: &[Slice<'_>],
) -> Answer<IngestAnswer> {
    let board = &source.board;
    let publisher = publisher(source, only);
    let mut trails = Trails::of(slices);
    let mut checked = checked(env, config, source, name.envelope(), arrived, slices, &mut trails).await?;
    if !config.pipeline.is_empty() {
        let message = "an end does not pass the board's pipeline: DELETE …/items/{key} ends the item";
        checked.refuse_ends(message);
    }
    let letters = |refused: &[RecordResult]| letters(refused, slices, &publisher, name);
    let prepared = if config.pipeline.is_empty() {
        refuse_foreign_keys(&mut checked, &publisher.publish);
        settle_names(&mut checked.events, &mut checked.places, &mut checked.refused, config, &publisher);
        let (letters, ends) = (letters(&checked.refused), checked.ending());
        trails.ended(&checked.events, &checked.places, &checked.refused);
        let Checked { events, places, refused, cleaned, .. } = checked;
        // A record may be several events, so that places differ from what the board counts.
        let remainder = Some(Remainder { places, refused, cleaned });
        Prepared::Ready(Ready { events, letters, trails: trails.text(), report: None, remainder, ends })
    } else {
        pipeline::through(env, config, &publisher, checked, arrived.received, (&letters, Some(&mut trails))).await?
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
