//! Sending events, and the feed.

use super::{JSON, grouped, integer, key, text};
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::ingest::IngestAnswer;
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use heliograph_shared::schema::EventObject;
use serde_json::json;

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![ingest(s), feed()]
}

fn ingest(s: &mut Schemas) -> Operation {
    let event = s.taken::<EventObject>();
    // A record of another shape is refused in the answer, so the body as a whole is hardly constrained.
    let body = json!({
        "description": format!("An event, or an array of at most {} of them.", grouped(limits::EVENTS_PER_REQUEST)),
        "anyOf": [event, {"type": "array", "items": event, "maxItems": limits::EVENTS_PER_REQUEST}],
    });
    let lines = json!({"type": "string", "description": "One event a line."});
    Operation::new(
        "post",
        "/v1/boards/{board}/events",
        "sendEvents",
        "Events",
        Right::Credential("the right `publish`"),
    )
    .summary("Send events")
    .description(format!(
        "The answer is 200 whenever the body could be read: `results` lists the records that were not accepted, the \
             others are durable. Every refused record is kept as a dead letter. At most {} events and {} bytes a \
             request, unpacked; gzip with `Content-Encoding: gzip`.",
        grouped(limits::EVENTS_PER_REQUEST),
        grouped(limits::INGEST_BODY_BYTES)
    ))
    .header("Idempotency-Key", "A repeated request with the same key gets the first answer.", {
        let mut schema = text(limits::IDEMPOTENCY_KEY_BYTES);
        schema["pattern"] = "^[!-~]+$".into();
        schema
    })
    .header("Content-Encoding", "Whether the body is packed.", json!({"enum": ["identity", "gzip"]}))
    .takes(JSON, body)
    .takes("application/x-ndjson", lines)
    .answers(200, "What became of the records.", JSON, s.sent::<IngestAnswer>())
    .problem(Code::InvalidJson)
    .problem(Code::InvalidUtf8)
    .problem(Code::InvalidGzip)
    .problem(Code::IdempotencyKeyInvalid)
    .problem(Code::BodyTooLarge)
    .problem(Code::TooManyEvents)
    .problem(Code::UnsupportedMediaType)
    .problem(Code::UnsupportedEncoding)
    .problem(Code::IdempotencyKeyReused)
    .problem(Code::Overloaded)
    .problem(Code::StorageFull)
    .example(
        Example::new(
            "one event",
            200,
            json!({"accepted": 1, "duplicate": 0, "refused": 0, "cursor": "e1:1042", "results": []}),
        )
        .with("board", "fleet")
        .body(json!({
            "id": "v1-17", "key": "v1", "time": "2026-03-01T12:00:00Z",
            "position": {"lat": 30.26, "lon": -97.74, "heading": 90, "speed": 12.5},
            "fields": {"route": "801", "fuel": 0.7},
        })),
    )
    .example(
        Example::new(
            "lines, one of them wrong",
            200,
            json!({
                "accepted": 1, "duplicate": 0, "refused": 1, "cursor": "e1:1043",
                "results": [{
                    "index": 1, "status": "refused", "code": Code::PositionOutOfRange, "field": "position.lat",
                    "message": "position.lat must be -90 to 90 degrees",
                }],
            }),
        )
        .with("board", "fleet")
        .with("Idempotency-Key", "batch-2026-03-01-17")
        .body_of(
            "application/x-ndjson",
            "{\"key\":\"v2\",\"fields\":{\"fuel\":0.4}}\n{\"key\":\"v3\",\"position\":{\"lat\":95,\"lon\":0}}\n".into(),
        ),
    )
}

fn feed() -> Operation {
    Operation::new("get", "/v1/boards/{board}/feed", "openFeed", "Feed", Right::Board("read"))
        .summary("Open the feed, a WebSocket")
        .description(
            "Offer the subprotocol `heliograph.v1.json` or `heliograph.v1.bin`, and a token as `bearer.<token>` beside \
             it where the board is private. A client that offers nothing and names a key in the query gets each change \
             of that item and nothing else, with `where` only while it meets that. The messages are described in \
             docs/protocol.md. With `Accept: text/event-stream` and without an upgrade the feed is a stream of \
             server-sent events; with `Accept: application/json` it is answered once, with what came after `after` (long polling).",
        )
        .query("realTimeItemKey", "The key for a plain feed; the board's own `key_name` does as well.", key())
        .query(
            "where",
            "For a plain feed, a stream and long polling: a condition that items have to meet, `fuel:lt:0.3`; repeated, \
             all of them.",
            json!({"type": "string"}),
        )
        .query(
            "rewind",
            "For a stream and long polling: so many events of before come first.",
            integer(1, u64::from(limits::REWIND_EVENTS), None),
        )
        .query(
            "rewind_s",
            "The same by time: those that were accepted in so many seconds.",
            integer(1, u64::from(limits::REWIND_SECONDS), None),
        )
        .query("after", "For long polling: the `id` of the answer before.", json!({"type": "string"}))
        .query(
            "wait_s",
            "For long polling: how long news is waited for.",
            integer(0, u64::from(limits::POLL_WAIT_S), Some(u64::from(limits::POLL_WAIT_S))),
        )
        .header(
            "Upgrade",
            "`websocket`; without it, and without `Accept` as above, the answer is 426.",
            json!({"type": "string"}),
        )
        .header(
            "Sec-WebSocket-Protocol",
            "What the client speaks, and its token.",
            json!({"type": "string", "pattern": "^[ -~]*$"}),
        )
        .answers_empty(101, "The connection is a WebSocket now.")
        .problem(Code::InvalidKey)
        .problem(Code::InvalidFilter)
        .problem(Code::HiddenField)
        .problem(Code::TokenInUrl)
        .problem(Code::UnknownSubprotocol)
        .problem(Code::UpgradeRequired)
        .problem(Code::NoRelay)
        .problem(Code::DelayNotKept)
        .problem(Code::PastGone)
        .problem(Code::AnswerTooLarge)
        .example(
            Example::empty("a viewer in JSON", 101)
                .with("board", "fleet")
                .with("Sec-WebSocket-Protocol", "heliograph.v1.json"),
        )
}
