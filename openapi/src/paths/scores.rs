//! Rankings.

use super::{ARROW, CSV, JSON, LINES, PARQUET, binary, integer, key, lines, text, view};
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::api::audit::{Audit, Corrected, Entries};
use heliograph_shared::api::scores::ScoresPage;
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use heliograph_shared::scores::keeper::Correction;
use serde_json::{Value, json};

const MANAGE: Right = Right::Credential("the right `manage`");

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![page(s), correct(s), audit(s), entries(s)]
}

fn row() -> Value {
    json!({
        "rank": 1, "position": 1, "key": "p-1", "name": "Ann", "values": [12], "tied": false,
        "reached": 1_772_366_400_000_i64, "groups": [],
    })
}

fn page(s: &mut Schemas) -> Operation {
    let session = json!({
        "id": "s1", "title": "Round 1", "phase": "open", "opens_at": null, "freezes_at": null, "closes_at": null,
        "opened_at": 1_772_366_400_000_i64, "frozen_at": null, "closed_at": null,
    });
    let mut group = text(limits::SCORE_GROUP_BYTES);
    group["pattern"] = "^[^:]+:".into();
    let operation = Operation::new("get", "/v1/boards/{board}/scores", "getScores", "Scores", Right::Board("read"))
        .summary("Get a page of the ranking")
        .description(
            "Needs `read` on all keys. While a session is frozen, callers who may manage the board see it live and all \
             others as of the freeze. In CSV, text that a spreadsheet would execute begins with an apostrophe.",
        )
        .query(
            "top",
            "How many rows.",
            integer(0, u64::from(limits::SCORE_TOP_MAX), Some(u64::from(limits::SCORE_TOP))),
        )
        .query("offset", "How many rows are left out before.", integer(0, u64::from(limits::SCORE_OFFSET_MAX), Some(0)))
        .query("around", "And the rows around this key.", key())
        .query(
            "span",
            "How many rows on each side of that key.",
            integer(0, u64::from(limits::SCORE_SPAN_MAX), Some(u64::from(limits::SCORE_SPAN))),
        )
        .query("group", "Only this group: `field:value`.", group)
        .query(
            "session",
            "A session's id, or `all`; the one that runs or ran last when absent.",
            text(limits::SESSION_ID_BYTES),
        )
        .query(
            "cells",
            "With a cell for each task of the rules in each row, and who solved each first.",
            json!({"type": "boolean", "default": false}),
        )
        .query("at", super::items::AT, json!({"type": "string"}))
        .problem(Code::PastGone)
        .answers(200, "A page of the ranking.", JSON, s.sent::<ScoresPage>())
        .answers(200, "A page of the ranking.", CSV, lines())
        .answers(200, "A page of the ranking.", ARROW, binary())
        .answers(200, "A page of the ranking.", PARQUET, binary())
        .answers(200, "A page of the ranking.", LINES, lines())
        .problem(Code::NoScoreboard)
        .problem(Code::SessionNotFound)
        .problem(Code::CursorGone)
        .problem_as(422, Code::InvalidParameter)
        .example(
            Example::new(
                "the first three and those around a player",
                200,
                json!({
                    "cursor": "e1:77", "columns": ["points"], "rows": [row()], "total": 1, "next": null,
                    "around": [row()], "percentile": 1,
                    "about": {
                        "columns": [{"name": "points", "label": "points", "unit": null, "direction": "desc"}],
                        "ties": "first_to_reach", "window": {"kind": "all"}, "groups": {}, "session": session,
                        "sessions": [session], "frozen": false, "rebuilding": null, "audience": "public", "scope": "s1",
                    },
                }),
            )
            .with("board", "quiz")
            .with("top", "3")
            .with("around", "p-1"),
        )
        .example(
            Example::text(
                "for a spreadsheet",
                CSV,
                "\"rank\",\"key\",\"name\",\"points\",\"tied\"\r\n1,\"p-1\",\"Ann\",12,false\r\n",
            )
            .with("board", "quiz")
            .with("format", "csv"),
        );
    view(operation, &["json", "csv", "ndjson", "arrow", "parquet"])
}

fn correct(s: &mut Schemas) -> Operation {
    Operation::new("post", "/v1/boards/{board}/scores/actions", "correctScores", "Scores", MANAGE)
        .summary("Correct something")
        .description(format!(
            "`undo` needs `seq`; `adjust` needs `key`, `column` and `by`; `disqualify` and `restore` need `key`; all of \
             them need a `reason` of at most {} bytes, which stands in the audit.",
            limits::REASON_BYTES
        ))
        .takes(JSON, s.taken::<Correction>())
        .answers(200, "It is done.", JSON, s.sent::<Corrected>())
        .problem(Code::InvalidJson)
        .problem(Code::EventNotFound)
        .problem_as(409, Code::NoScoreboard)
        .problem(Code::UndoneAlready)
        .problem(Code::DisqualifiedAlready)
        .problem(Code::NotDisqualified)
        .problem(Code::BodyTooLarge)
        .problem(Code::Missing)
        .problem(Code::Invalid)
        .problem(Code::OutOfRange)
        .problem_as(422, Code::KeyNotFound)
        .problem_as(422, Code::EventNotFound)
        .problem_as(422, Code::SessionNotFound)
        .example(
            Example::new("five points more", 200, json!({"cursor": "e1:78", "seq": 78})).with("board", "quiz").body(
                json!({"action": "adjust", "key": "p-1", "column": "points", "by": 5, "reason": "question 3 was unclear"}),
            ),
        )
}

fn audit(s: &mut Schemas) -> Operation {
    Operation::new("get", "/v1/boards/{board}/scores/audit", "listCorrections", "Scores", MANAGE)
        .summary("List what managers did, by whom and why")
        .answers(200, "The oldest first.", JSON, s.sent::<Audit>())
        .example(
            Example::new(
                "all",
                200,
                json!({"cursor": "e1:78", "actions": [{
                    "action": "adjust", "key": "p-1", "column": "points", "by_points": 5, "session": "s1",
                    "reason": "question 3 was unclear", "seq": 78, "time": 1_772_366_400_000_i64, "by": "teacher",
                }]}),
            )
            .with("board", "quiz"),
        )
}

fn entries(s: &mut Schemas) -> Operation {
    Operation::new("get", "/v1/boards/{board}/scores/{key}/entries", "listEntries", "Scores", MANAGE)
        .summary("List the events of one key, the newest first")
        .description("At most 1,000.")
        .path("key", "The key.", key())
        .answers(200, "The events.", JSON, s.sent::<Entries>())
        .example(
            Example::new(
                "a player's",
                200,
                json!({"cursor": "e1:78", "entries": [{
                    "seq": 77, "time": 1_772_366_400_000_i64, "id": "a-1", "fields": {"points": 12, "name": "Ann"},
                    "undone": false, "session": "s1",
                }]}),
            )
            .with("board", "quiz")
            .with("key", "p-1"),
        )
}
