//! Who is connected to a board.

use super::JSON;
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::api::connections::{Connections, EndedConnections};
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use serde_json::json;

const MANAGE: Right = Right::Credential("the right `manage`");
const TAG: &str = "Operation";
const ALL: &str = "/v1/boards/{board}/connections";
const ID: &str = "0.13.1795874651801";

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![list(s), end_all(s), end()]
}

fn list(s: &mut Schemas) -> Operation {
    Operation::new("get", ALL, "listConnections", TAG, MANAGE)
        .summary("List who is connected")
        .description("The board's open feeds, over all its relays.")
        .query("after", "The `next` of the page before.", json!({"type": "string", "example": ID}))
        .query(
            "limit",
            "The most connections of the answer.",
            json!({"type": "integer", "minimum": 1, "maximum": limits::CONNECTIONS_PAGE, "default": limits::CONNECTIONS}),
        )
        .answers(200, "Relay by relay.", JSON, s.sent::<Connections>())
        .example(
            Example::new(
                "one viewer of three keys",
                200,
                json!({
                    "connections": [{
                        "id": ID, "since": 1_795_874_651_801_i64, "mode": "json", "credential": "key:5f0c8a3b9d2e4f61",
                        "name": null, "expires_at": 1_795_875_551_000_i64,
                        "follows": [{"id": 1, "what": "items", "keys": 3, "bbox": null}],
                        "sent_bytes": 48_211, "unacknowledged_bytes": null, "waiting_bytes": 0, "blocked_since": null,
                    }],
                    "next": null, "time": 1_795_874_700_000_i64,
                }),
            )
            .with("board", "fleet")
            .with("limit", "100"),
        )
}

fn end_all(s: &mut Schemas) -> Operation {
    Operation::new("delete", ALL, "endConnectionsOf", TAG, MANAGE)
        .summary("End all connections of a credential")
        .description("They are closed with 4503. The credential itself stays good.")
        .query(
            "credential",
            "What the rights of the connections come from, as the list tells it.",
            json!({"type": "string", "example": "key:5f0c8a3b9d2e4f61"}),
        )
        .answers(200, "How many were ended.", JSON, s.sent::<EndedConnections>())
        .problem(Code::MissingParameter)
        .example(
            Example::new("of a key", 200, json!({"ended": 3}))
                .with("board", "fleet")
                .with("credential", "key:5f0c8a3b9d2e4f61"),
        )
}

fn end() -> Operation {
    Operation::new("delete", "/v1/boards/{board}/connections/{id}", "endBoardConnection", TAG, MANAGE)
        .summary("End a connection")
        .description("It is closed with 4503, from which clients do not come back by themselves.")
        .path("id", "The connection, as the list names it.", json!({"type": "string", "example": ID}))
        .answers_empty(204, "It is ended.")
        .problem(Code::NotFound)
        .example(Example::empty("one", 204).with("board", "fleet").with("id", ID))
}
