//! Links that share a part of a board.

use super::JSON;
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::api::shares::{Shares, ShownShare};
use heliograph_shared::problem::Code;
use heliograph_shared::share::ShareWish;
use serde_json::{Value, json};

const MANAGE: Right = Right::Credential("the right `manage`");
const TAG: &str = "Links";
const ALL: &str = "/v1/boards/{board}/shares";

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![list(s), make(s), delete()]
}

fn shown() -> Value {
    let code = "04106105x3k9m2v7q8wz";
    json!({
        "id": "04106105", "code": code, "url": format!("https://live.example/b/fleet#share={code}"), "label": "the press",
        "keys": ["bus-*"], "operations": ["read", "history"], "made": 1_772_366_400_000_i64,
        "expires_at": 1_772_971_200_000_i64, "count": 50, "uses": 3, "used": 1_772_366_500_000_i64, "state": "open",
    })
}

fn list(s: &mut Schemas) -> Operation {
    Operation::new("get", ALL, "listShares", TAG, MANAGE)
        .summary("List the board's links")
        .description("With their codes: they can be copied again.")
        .answers(200, "The oldest first.", JSON, s.sent::<Shares>())
        .example(Example::new("one", 200, json!({"shares": [shown()]})).with("board", "fleet"))
}

fn make(s: &mut Schemas) -> Operation {
    let mut made = shown();
    (made["uses"], made["used"]) = (0.into(), Value::Null);
    let mut later = made.clone();
    (later["label"], later["keys"], later["count"]) = ("the hall".into(), json!(["*"]), Value::Null);
    (later["operations"], later["conditions"]) = (json!(["read"]), json!({"delay_s": 60}));
    Operation::new("post", ALL, "makeShare", TAG, MANAGE)
        .summary("Make a link")
        .description(
            "Whoever has its code reads what it says, until it ends: `POST /v1/tokens` with `{\"share\": code}` gives them a \
             token. It shares no more than its maker may read.",
        )
        .takes(JSON, s.taken::<ShareWish>())
        .answers(201, "The link.", JSON, s.sent::<ShownShare>())
        .problem(Code::InvalidJson)
        .problem(Code::BodyTooLarge)
        .problem(Code::Missing)
        .problem(Code::Invalid)
        .problem(Code::OutOfRange)
        .problem(Code::NotAllowed)
        .problem(Code::NotBuilt)
        .problem(Code::TooMany)
        .example(
            Example::new("for the press", 201, made)
                .with("board", "fleet")
                .body(json!({"label": "the press", "keys": ["bus-*"], "count": 50})),
        )
        .example(
            Example::new("a minute later", 201, later)
                .with("board", "fleet")
                .body(json!({"label": "the hall", "operations": ["read"], "conditions": {"delay_s": 60}})),
        )
}

fn delete() -> Operation {
    Operation::new("delete", "/v1/boards/{board}/shares/{id}", "deleteShare", TAG, MANAGE)
        .summary("Revoke a link")
        .description(
            "Within two seconds its tokens are refused everywhere, and the feeds that came by it closed with 4011.",
        )
        .path("id", "The link's id.", json!({"type": "string", "pattern": "^[0-9a-hjkmnp-tv-z]{8}$"}))
        .answers_empty(204, "It is gone.")
        .problem(Code::NotFound)
        .example(Example::empty("one", 204).with("board", "fleet").with("id", "04106105"))
}
