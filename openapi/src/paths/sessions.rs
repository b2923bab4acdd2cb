//! Sessions.

use super::{JSON, text};
use crate::operation::{Example, Operation, Right};
use crate::requests::{NewSession, SessionWish};
use crate::schemas::Schemas;
use heliograph_shared::api::sessions::{Session, Sessions};
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use serde_json::{Value, json};

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![list(s), create(s), act(s)]
}

fn session(phase: &str, opened_at: Value) -> Value {
    json!({
        "id": "s1", "title": "Round 1", "phase": phase, "opens_at": null, "freezes_at": null, "closes_at": null,
        "opened_at": opened_at, "frozen_at": null, "closed_at": null, "players": 0, "events": 0, "code": "K7Q2MX",
    })
}

fn list(s: &mut Schemas) -> Operation {
    let mut shown = session("open", 1_772_366_400_000_i64.into());
    if let Some(shown) = shown.as_object_mut() {
        shown.remove("code");
    }
    Operation::new("get", "/v1/boards/{board}/sessions", "listSessions", "Sessions", Right::Board("read"))
        .summary("List sessions")
        .description("Managers see the join codes as well.")
        .answers(200, "The sessions, in the order in which they were made.", JSON, s.sent::<Sessions>())
        .example(Example::new("all", 200, json!({"cursor": "e1:2", "sessions": [shown]})).with("board", "quiz"))
}

fn create(s: &mut Schemas) -> Operation {
    let manage = Right::Credential("the right `manage`");
    Operation::new("post", "/v1/boards/{board}/sessions", "createSession", "Sessions", manage)
        .summary("Make a session")
        .description(format!("A board has at most {} sessions.", limits::SESSIONS_PER_BOARD))
        .takes(JSON, s.taken::<NewSession>())
        .answers(201, "The session.", JSON, s.sent::<Session>())
        .problem(Code::InvalidJson)
        .problem(Code::SessionExists)
        .problem(Code::TooManySessions)
        .problem(Code::BodyTooLarge)
        .problem(Code::InvalidSchedule)
        .problem(Code::InvalidSessionId)
        .problem(Code::Missing)
        .example(
            Example::new("a round with a join code", 201, session("created", Value::Null))
                .with("board", "quiz")
                .body(json!({"id": "s1", "title": "Round 1", "join": true})),
        )
}

fn act(s: &mut Schemas) -> Operation {
    let manage = Right::Credential("the right `manage`");
    Operation::new("post", "/v1/boards/{board}/sessions/{id}", "leadSession", "Sessions", manage)
        .summary("Lead a session")
        .description(
            "What is asked for is done as of now, or as of `at`, a time of the past. `schedule` takes the three times at \
             which the session does something by itself.",
        )
        .path("id", "The session's id.", text(limits::SESSION_ID_BYTES))
        .takes(JSON, s.taken::<SessionWish>())
        .answers(200, "The session.", JSON, s.sent::<Session>())
        .problem(Code::InvalidJson)
        .problem(Code::SessionNotFound)
        .problem(Code::NoJoinCode)
        .problem(Code::SessionPhase)
        .problem(Code::BodyTooLarge)
        .problem(Code::InvalidSchedule)
        .problem(Code::TimeInFuture)
        .example(
            Example::new("open it", 200, session("open", 1_772_366_400_000_i64.into()))
                .with("board", "quiz")
                .with("id", "s1")
                .body(json!({"action": "open"})),
        )
}
