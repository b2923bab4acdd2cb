//! `POST /v1/boards/{board}/events`: the way in.

use crate::auth::{self, Caller};
use crate::clock;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::keys;
use crate::objects::call::{self, IngestReply, Sender};
use crate::reply;
use crate::routes::pipeline;
use crate::routes::scores::letter_record;
use flate2::read::MultiGzDecoder;
use heliograph_shared::codec::Batch;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::event::Event;
use heliograph_shared::grant::KeyFilter;
use heliograph_shared::id::BoardName;
use heliograph_shared::ingest::{
    BodyFormat, Checked, IngestAnswer, RecordResult, check_key_allowed, merge_answer, read_events, too_large,
};
use heliograph_shared::limits;
use std::io::Read;
use std::rc::Rc;
use worker::{Env, Headers, Request};

/// Bytes of a body that is too large which are still read.
const DRAIN_BYTES: usize = 64 * 1024 * 1024;

/// A request with events, before its body is read: who may send what to which board.
pub struct Arrival {
    /// The board.
    pub board: BoardName,
    /// Its config.
    pub config: Rc<BoardConfig>,
    /// Who publishes.
    pub publisher: Publisher,
    /// What the body is said to be.
    pub format: BodyFormat,
    idempotency_key: Option<String>,
}

impl Arrival {
    /// Checks rights and headers.
    pub fn new(caller: &Caller, board: BoardName, config: Option<Rc<BoardConfig>>, headers: &Headers) -> Answer<Self> {
        let access = caller.access(&board, config.as_deref());
        let publish = access.publish;
        let Some(config) = config.filter(|_| publish != KeyFilter::Nothing) else {
            return Err(if publish == KeyFilter::Nothing {
                caller.lacks("publishing to", &board)
            } else {
                configs::unknown(&board)
            });
        };
        let (format, idempotency_key) = (format(headers)?, idempotency_key(headers)?);
        let publisher = Publisher { publish, player: !access.manage, by: caller.name() };
        Ok(Self { board, config, publisher, format, idempotency_key })
    }

    /// The idempotency key with the body's fingerprint.
    pub fn request(&self, body: &[u8]) -> Option<(&str, u64)> {
        self.idempotency_key.as_deref().map(|key| (key, fingerprint(body)))
    }
}

/// Takes a request with events.
pub async fn ingest(mut req: Request, env: &Env, board: BoardName) -> Answer<web_sys::Response> {
    let caller = auth::caller(env, req.headers()).await?;
    let config = configs::find(env, &board).await?;
    let arrival = Arrival::new(&caller, board, config, req.headers())?;
    let body = body(&mut req).await?;
    let Arrival { board, config, publisher, format, .. } = &arrival;
    match take(env, board, config, publisher, &body, *format, arrival.request(&body)).await? {
        Taken::Board(response) => Ok(response),
        Taken::Merged(answer) => Ok(reply::json(200, answer)?.into()),
    }
}

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
    let (checked, letters) = check(config, publisher, body, format)?;
    let sender = Sender { player: publisher.player, by: &publisher.by, letters, report: None };
    match hand_over(env, board, config, &checked.events, request, &sender).await? {
        Taken::Board(answer) => merge(answer, checked).await,
        taken @ Taken::Merged(_) => Ok(taken),
    }
}

/// Checks a body's events; with what is refused as dead letters.
pub fn check(
    config: &BoardConfig,
    publisher: &Publisher,
    body: &[u8],
    format: BodyFormat,
) -> Answer<(Checked, String)> {
    let mut checked = read_events(body, format, config, clock::now())?;
    refuse_foreign_keys(&mut checked, &publisher.publish);
    let letters = letters(&checked.refused, body, format, &publisher.by)?;
    Ok((checked, letters))
}

/// Whether the board's answer is the whole answer.
pub fn is_whole(checked: &Checked) -> bool {
    checked.refused.is_empty() && checked.cleaned == 0
}

/// The board's answer with what was refused and cleaned here.
pub async fn merge(answer: web_sys::Response, checked: Checked) -> Answer<Taken> {
    if is_whole(&checked) {
        return Ok(Taken::Board(answer));
    }
    let answer: IngestAnswer = serde_json::from_slice(&call::ingest_answer(&answer).await?)?;
    let merged = merge_answer(answer, &checked.places, checked.refused, checked.cleaned);
    Ok(Taken::Merged(serde_json::to_vec(&merged)?))
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
    accepted(call::board_ingest(env, board, config, &batch, request, sender).await?)
}

/// What a board's reply means to who sent the events.
pub fn accepted(reply: IngestReply) -> Answer<Taken> {
    match reply {
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

fn format(headers: &Headers) -> Answer<BodyFormat> {
    let Some(value) = headers.get("content-type")? else { return Ok(BodyFormat::Json) };
    let kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/json-seq" => {
            Ok(BodyFormat::NdJson)
        }
        // The last two are what curl and fetch say when they are not told.
        "" | "application/json" | "text/json" | "text/plain" | "application/x-www-form-urlencoded" => {
            Ok(BodyFormat::Json)
        }
        k if k.ends_with("+json") => Ok(BodyFormat::Json),
        other => {
            let detail =
                format!("Content-Type {other} is not taken here; send application/json or application/x-ndjson");
            Err(Fault::problem(415, "unsupported_media_type", detail))
        }
    }
}

fn idempotency_key(headers: &Headers) -> Answer<Option<String>> {
    let Some(key) = headers.get("idempotency-key")? else { return Ok(None) };
    if key.is_empty() || key.len() > limits::IDEMPOTENCY_KEY_BYTES {
        let detail = format!("Idempotency-Key has 1 to {} bytes", limits::IDEMPOTENCY_KEY_BYTES);
        return Err(Fault::problem(400, "idempotency_key_invalid", detail));
    }
    Ok(Some(key))
}

/// Tells two bodies apart that came with the same key.
fn fingerprint(body: &[u8]) -> u64 {
    let hash = keys::hash(body);
    hash.first_chunk::<8>().map_or(0, |h| u64::from_le_bytes(*h))
}

/// The body, unpacked, never more than the limit in memory.
async fn body(req: &mut Request) -> Answer<Vec<u8>> {
    let declared = req.headers().get("content-length")?.and_then(|v| v.parse::<usize>().ok());
    if declared.is_some_and(|n| n > limits::INGEST_WIRE_BYTES) {
        drain(req).await?;
        return Err(too_large().into());
    }
    let encoding = req.headers().get("content-encoding")?.unwrap_or_default().to_ascii_lowercase();
    let bytes = match declared {
        Some(_) => req.bytes().await?,
        None => stream(req).await?,
    };
    match encoding.as_str() {
        "" | "identity" => Ok(bytes),
        "gzip" | "x-gzip" => {
            let mut out = Vec::new();
            // One byte more than allowed is enough to know, however much the archive would unpack to.
            let most = limits::INGEST_BODY_BYTES as u64 + 1;
            MultiGzDecoder::new(bytes.as_slice()).take(most).read_to_end(&mut out).map_err(|e| {
                Fault::problem(400, "invalid_gzip", format!("the body is not valid gzip: {e}; nothing was taken"))
            })?;
            if out.len() > limits::INGEST_BODY_BYTES {
                return Err(too_large().into());
            }
            Ok(out)
        }
        other => {
            let detail = format!("Content-Encoding {other} is not taken here; send gzip or none");
            Err(Fault::problem(415, "unsupported_encoding", detail))
        }
    }
}

/// Reads and drops what a client is sending, up to a limit: one that is hung up on while it writes never reads the answer.
async fn drain(req: &mut Request) -> Answer<()> {
    use futures_util::StreamExt;
    let mut dropped = 0;
    let mut stream = req.stream()?;
    while let Some(chunk) = stream.next().await {
        dropped += chunk?.len();
        if dropped > DRAIN_BYTES {
            break;
        }
    }
    Ok(())
}

/// A body of unknown length, given up as soon as it is too long.
async fn stream(req: &mut Request) -> Answer<Vec<u8>> {
    use futures_util::StreamExt;
    if req.inner().body().is_none() {
        return Ok(Vec::new());
    }
    let mut bytes = Vec::new();
    let mut stream = req.stream()?;
    while let Some(chunk) = stream.next().await {
        bytes.extend(chunk?);
        if bytes.len() > limits::INGEST_WIRE_BYTES {
            return Err(too_large().into());
        }
    }
    Ok(bytes)
}
