//! Connections of the feed, for programs that push to them from behind.

use super::JSON;
use super::sources::{SIGNED, TAG};
use crate::operation::{Example, Operation};
use heliograph_shared::limits;
use serde_json::json;

const PATH: &str = "/aws/@connections/{id}";
const ID: &str = "0.12.1795874651790";

pub fn all() -> Vec<Operation> {
    vec![tell(), look_at(), end()]
}

fn operation(method: &'static str, name: &'static str) -> Operation {
    let about =
        "The connection, as the greeting `status` or the header `heliograph-connection` of the upgrade named it.";
    Operation::new(method, PATH, name, TAG, SIGNED).path("id", about, json!({"type": "string", "example": ID}))
}

fn tell() -> Operation {
    let most = limits::CONNECTION_MESSAGE_BYTES;
    let message = json!({"type": "string", "maxLength": most, "description": "Text in UTF-8."});
    operation("post", "tellConnection")
        .summary("Tell a connection something")
        .description(
            "As API Gateway's `PostToConnection`. A plain connection is sent the text as it is, one in JSON a `message` with it. \
             410 `GoneException` where there is no such connection of the source's board, 413 `PayloadTooLargeException`, 429 \
             `LimitExceededException` while it does not take what was sent, 400 for one that speaks the binary protocol.",
        )
        .takes("text/plain", message)
        .answers_empty(200, "It was sent.")
        .example(Example::empty("one word", 200).with("id", ID).body_of("text/plain", "hello".into()))
}

fn look_at() -> Operation {
    let time = json!({"type": "string", "format": "date-time"});
    let schema = json!({
        "type": "object", "properties": {"connectedAt": time}, "required": ["connectedAt"], "additionalProperties": false,
    });
    operation("get", "lookAtConnection")
        .summary("Look whether a connection is there")
        .description(
            "As API Gateway's `GetConnection`. Addresses and browsers of viewers are not kept, and so not told.",
        )
        .answers(200, "It is there.", JSON, schema)
        .example(Example::new("one", 200, json!({"connectedAt": "2026-11-28T12:04:11.790Z"})).with("id", ID))
}

fn end() -> Operation {
    operation("delete", "endConnection")
        .summary("End a connection")
        .description("As API Gateway's `DeleteConnection`. It is closed with 4503 and should not come back by itself.")
        .answers_empty(204, "It is ended.")
        .example(Example::empty("one", 204).with("id", ID))
}
