//! Who may send what to which board: what is known of a request with events before its body is read.

use super::Publisher;
use crate::auth::Caller;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::keys;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::id::BoardName;
use heliograph_shared::ingest::BodyFormat;
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use heliograph_shared::rights::Ask;
use std::rc::Rc;
use worker::Headers;

/// A request with events, before its body is read.
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
        let sight = caller.may(&board, config.as_deref(), Ask::Publish)?;
        let Some(config) = config else { return Err(configs::unknown(&board)) };
        let (format, idempotency_key) = (format(headers)?, idempotency_key(headers)?);
        let publisher = Publisher {
            publish: sight.keys,
            player: !sight.manager,
            by: caller.name(),
            source: None,
            owner: caller.owner(),
            joined: caller.joined().map(str::to_owned),
        };
        Ok(Self { board, config, publisher, format, idempotency_key })
    }

    /// The idempotency key with the body's fingerprint.
    pub fn request(&self, body: &[u8]) -> Option<(&str, u64)> {
        self.idempotency_key.as_deref().map(|key| (key, fingerprint(body)))
    }
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
            Err(Fault::problem(Code::UnsupportedMediaType, detail))
        }
    }
}

fn idempotency_key(headers: &Headers) -> Answer<Option<String>> {
    let Some(key) = headers.get("idempotency-key")? else { return Ok(None) };
    if key.is_empty() || key.len() > limits::IDEMPOTENCY_KEY_BYTES {
        let detail = format!("Idempotency-Key has 1 to {} bytes", limits::IDEMPOTENCY_KEY_BYTES);
        return Err(Fault::problem(Code::IdempotencyKeyInvalid, detail));
    }
    Ok(Some(key))
}

/// Tells two bodies apart that came with the same key.
fn fingerprint(body: &[u8]) -> u64 {
    let hash = keys::hash(body);
    hash.first_chunk::<8>().map_or(0, |h| u64::from_le_bytes(*h))
}
