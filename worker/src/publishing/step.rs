//! The step that all events take, whatever way they came: to their board, and with its answer back. The two ways of a
//! request differ in how they come to know what the step needs: [`crate::routes::events`] asks, and waits for a pipeline;
//! [`crate::routes::direct`] goes only where nothing has to be asked. A test sends both the same requests.

use super::{Prepared, Publisher, Ready, Remainder, prepare};
use crate::cache;
use crate::calls;
use crate::calls::board::{IngestReply, SentBody};
use crate::fault::{Answer, Fault};
use crate::reply;
use heliograph_shared::calls::ingest::Sender;
use heliograph_shared::codec::Batch;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::id::BoardName;
use heliograph_shared::ingest::{BodyFormat, IngestAnswer, merge_answer};
use heliograph_shared::problem::Code;
use js_sys::Promise;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use worker::Env;

/// Events that are on their way to the board.
pub struct HandedOver {
    /// The board's response.
    pub response: Promise,
    /// What the board was sent.
    pub sent: SentBody,
    /// What is merged into it.
    pub remainder: Option<Remainder>,
}

/// Hands checked events to the board.
pub fn hand_over(
    env: &Env,
    board: &BoardName,
    config: &BoardConfig,
    publisher: &Publisher,
    request: Option<(&str, u64)>,
    ready: Ready,
) -> Answer<HandedOver> {
    let Ready { events, letters, trails, report, remainder, ends } = ready;
    let sender = Sender {
        owner: &publisher.owner,
        player: publisher.player,
        by: &publisher.by,
        source: publisher.source.as_deref(),
        letters,
        trails,
        report,
        ends,
    };
    let batch = Batch::from_events(&events);
    let (response, sent) = calls::board::hand_over(env, board, config, &batch, request, &sender)?;
    Ok(HandedOver { response, sent, remainder })
}

/// The response to who sent the events, when the board's can be passed on as it is.
pub fn passed(board: &BoardName, response: &web_sys::Response, remainder: Option<&Remainder>) -> bool {
    let passes = response.status() == 200 && remainder.is_none();
    if passes {
        cache::written(board);
    }
    passes
}

/// The response to who sent the events, given the board's.
pub async fn settle(
    board: &BoardName,
    response: web_sys::Response,
    remainder: Option<Remainder>,
) -> Answer<web_sys::Response> {
    if passed(board, &response, remainder.as_ref()) {
        return Ok(response);
    }
    cache::written(board);
    match (calls::board::ingest_reply(board, response).await?, remainder) {
        (IngestReply::Answer(answer), Some(Remainder { places, refused, cleaned })) => {
            let answer: IngestAnswer = serde_json::from_slice(&calls::bytes(&answer).await?)?;
            Ok(reply::json_ok(&serde_json::to_vec(&merge_answer(answer, &places, refused, cleaned))?)?)
        }
        (IngestReply::Answer(answer), None) => Ok(answer),
        (IngestReply::KeyReused, _) => {
            let detail = "this Idempotency-Key came with another body before; use a new key for a new request";
            Err(Fault::problem(Code::IdempotencyKeyReused, detail))
        }
        (IngestReply::Busy, _) => Err(calls::board::overloaded()),
        (IngestReply::Full(detail), _) => Err(Fault::problem(Code::StorageFull, detail)),
    }
}

/// The whole step: checks a body's events, hands the valid ones over, and answers.
pub async fn take(
    env: &Env,
    board: &BoardName,
    config: &BoardConfig,
    publisher: &Publisher,
    body: Vec<u8>,
    format: BodyFormat,
    request: Option<(&str, u64)>,
) -> Answer<web_sys::Response> {
    let prepared = prepare(env, config, publisher, &body, format).await?;
    // Of what was sent nothing is needed while the board works: it has its own memory of it.
    drop(body);
    let ready = match prepared {
        Prepared::Ready(ready) => ready,
        Prepared::Broken { report, problem } => {
            calls::board::pipeline_broken(env, board, &report.encode()).await?;
            return Err(problem.into());
        }
    };
    send(env, board, config, publisher, request, ready).await
}

/// Hands checked events over, and gives the board's answer with what was refused before.
pub async fn send(
    env: &Env,
    board: &BoardName,
    config: &BoardConfig,
    publisher: &Publisher,
    request: Option<(&str, u64)>,
    ready: Ready,
) -> Answer<web_sys::Response> {
    let HandedOver { response, sent, remainder } = hand_over(env, board, config, publisher, request, ready)?;
    let failed = |e| Fault::Internal(format!("handing over: {e:?}"));
    let response: web_sys::Response = JsFuture::from(response).await.and_then(JsCast::dyn_into).map_err(failed)?;
    sent.answered(&response);
    settle(board, response, remainder).await
}
