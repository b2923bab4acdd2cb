//! The way of events to their board: checked, and handed over.

pub mod pipeline;

use crate::clock;
use crate::fault::{Answer, Fault};
use crate::objects::call::{self, IngestReply, Sender};
use crate::routes::scores::letter_record;
use heliograph_shared::codec::Batch;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::event::Event;
use heliograph_shared::grant::KeyFilter;
use heliograph_shared::id::BoardName;
use heliograph_shared::ingest::{
    BodyFormat, Checked, IngestAnswer, RecordResult, check_key_allowed, merge_answer, read_events,
};
use worker::Env;

/// What became of a request's events.
pub enum Taken {
    /// Nothing was refused here: the board's answer is the whole answer.
    Board(web_sys::Response),
    /// The answer, with what was refused here, as JSON.
    Merged(Vec<u8>),
}

impl Taken {
    /// The answer as JSON.
    pub async fn into_json(self) -> Answer<Vec<u8>> {
        match self {
            Self::Board(response) => call::ingest_answer(&response).await,
            Self::Merged(answer) => Ok(answer),
        }
    }
}

/// Who publishes.
pub struct Publisher {
    /// Under which keys it may.
    pub publish: KeyFilter,
    /// Whether it may not manage the board as well.
    pub player: bool,
    /// Its name for dead letters.
    pub by: String,
}

/// Refused records as dead letters, a JSON array; empty when there are none.
pub fn letters(refused: &[RecordResult], body: &[u8], format: BodyFormat, by: &str) -> Answer<String> {
    if refused.is_empty() {
        return Ok(String::new());
    }
    let text = std::str::from_utf8(body).unwrap_or_default();
    let raw: Vec<&str> = match format {
        BodyFormat::NdJson => text.lines().filter(|l| !l.trim().is_empty()).collect(),
        BodyFormat::Json if text.trim_start().starts_with('[') => {
            let records: Vec<&serde_json::value::RawValue> =
                serde_json::from_slice(text.as_bytes()).unwrap_or_default();
            records.into_iter().map(serde_json::value::RawValue::get).collect()
        }
        BodyFormat::Json => vec![text],
    };
    let letter = |r: &RecordResult| {
        let record = raw.get(r.index as usize).copied().map_or(serde_json::Value::Null, letter_record);
        let mut letter =
            serde_json::json!({"code": r.code, "field": r.field, "message": r.message, "record": record, "by": by});
        if let Some(step) = &r.step {
            letter["step"] = step.as_str().into();
        }
        letter
    };
    Ok(serde_json::to_string(&refused.iter().map(letter).collect::<Vec<_>>())?)
}

/// Checks a body's events and hands the valid ones to the board.
pub async fn take(
    env: &Env,
    board: &BoardName,
    config: &BoardConfig,
    publisher: &Publisher,
    body: &[u8],
    format: BodyFormat,
    request: Option<(&str, u64)>,
) -> Answer<Taken> {
    if !config.pipeline.is_empty() {
        return pipeline::take(env, board, config, publisher, body, format, request).await;
    }
    let mut checked = read_events(body, format, config, clock::now())?;
    refuse_foreign_keys(&mut checked, &publisher.publish);
    let letters = letters(&checked.refused, body, format, &publisher.by)?;
    let sender = Sender { player: publisher.player, by: &publisher.by, letters, report: None };
    match hand_over(env, board, config, &checked.events, request, &sender).await? {
        Taken::Board(answer) if !checked.refused.is_empty() || checked.cleaned > 0 => {
            let answer: IngestAnswer = serde_json::from_slice(&call::ingest_answer(&answer).await?)?;
            let merged = merge_answer(answer, &checked.places, checked.refused, checked.cleaned);
            Ok(Taken::Merged(serde_json::to_vec(&merged)?))
        }
        taken @ (Taken::Board(_) | Taken::Merged(_)) => Ok(taken),
    }
}

/// Hands events to the board; its answer is the whole answer.
pub async fn hand_over(
    env: &Env,
    board: &BoardName,
    config: &BoardConfig,
    events: &[Event],
    request: Option<(&str, u64)>,
    sender: &Sender<'_>,
) -> Answer<Taken> {
    let batch = Batch::from_events(events).encode();
    match call::board_ingest(env, board, config, &batch, request, sender).await? {
        IngestReply::Answer(answer) => Ok(Taken::Board(answer)),
        IngestReply::KeyReused => {
            let detail = "this Idempotency-Key came with another body before; use a new key for a new request";
            Err(Fault::problem(422, "idempotency_key_reused", detail))
        }
        IngestReply::Busy => {
            let detail = "the board has more requests than it can take; nothing of this one was written";
            Err(Fault::Problem(heliograph_shared::problem::Problem::new(503, "overloaded", detail).retry_after(1)))
        }
    }
}

fn refuse_foreign_keys(checked: &mut Checked, publish: &KeyFilter) {
    if *publish == KeyFilter::All || checked.events.iter().all(|e| publish.allows(&e.key)) {
        return;
    }
    let (events, places) = (std::mem::take(&mut checked.events), std::mem::take(&mut checked.places));
    for (event, place) in events.into_iter().zip(places) {
        match check_key_allowed(publish, &event.key) {
            Ok(()) => {
                checked.events.push(event);
                checked.places.push(place);
            }
            Err(e) => checked.refused.push(RecordResult::refused(place, e)),
        }
    }
    checked.refused.sort_by_key(|r| r.index);
}
