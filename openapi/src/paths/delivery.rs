//! The pipeline and the archive.

use super::JSON;
use crate::operation::{Example, Operation, Right};
use crate::requests::Try;
use crate::schemas::Schemas;
use heliograph_shared::api::archive::Archive;
use heliograph_shared::api::pipeline::{Pipeline, Tried};
use heliograph_shared::api::status::Status;
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use serde_json::json;

const MANAGE: Right = Right::Credential("the right `manage`");
const TAG: &str = "Pipeline and archive";

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![pipeline(s), try_out(s), archive(s), status(s)]
}

fn pipeline(s: &mut Schemas) -> Operation {
    Operation::new("get", "/v1/boards/{board}/pipeline", "getPipeline", TAG, MANAGE)
        .summary("Get what each step of the pipeline has done")
        .answers(200, "The steps with their counters.", JSON, s.sent::<Pipeline>())
        .example(
            Example::new(
                "a filter",
                200,
                json!({"since": 1_772_366_400_000_i64, "steps": [{
                    "name": "moving", "kind": "filter", "jq": null, "requests": 12, "in": 120, "out": 97, "filtered": 23,
                    "merged": 0, "failed": 0, "micros": 840, "mean_micros": 70, "last_failure": null, "last_failed_at": null,
                }]}),
            )
            .with("board", "fleet"),
        )
}

fn try_out(s: &mut Schemas) -> Operation {
    Operation::new("post", "/v1/boards/{board}/pipeline/try", "tryPipeline", TAG, MANAGE)
        .summary("Try a pipeline on some events")
        .description(format!(
            "What each step would make of at most {} events. Nothing is kept.",
            limits::PIPELINE_TRY_EVENTS
        ))
        .takes(JSON, s.taken::<Try>())
        .answers(200, "What each step did.", JSON, s.sent::<Tried>())
        .problem(Code::InvalidJson)
        .problem(Code::BodyTooLarge)
        .problem(Code::TooManyEvents)
        .problem(Code::InvalidConfig)
        .problem_as(422, Code::PipelineBroken)
        .problem(Code::TransformUnavailable)
        .example(
            Example::new(
                "a filter",
                200,
                json!({
                    "steps": [{
                        "name": "moving", "kind": "filter", "in": 2, "out": 1, "filtered": 1, "merged": 0, "failed": 0,
                        "micros": 4,
                        "records": [
                            {"index": 0, "event": {"key": "v1", "time": 1_772_366_400_000_i64, "fields": {"speed": 12}}},
                            {"index": 1, "filtered": true},
                        ],
                    }],
                    "events": [{"index": 0, "event": {"key": "v1", "time": 1_772_366_400_000_i64, "fields": {"speed": 12}}}],
                    "refused": [],
                }),
            )
            .with("board", "fleet")
            .body(json!({
                "pipeline": [{"name": "moving", "filter": {"keep": [{"field": "speed", "at_least": 1}]}}],
                "events": [
                    {"key": "v1", "time": "2026-03-01T12:00:00Z", "fields": {"speed": 12}},
                    {"key": "v2", "time": "2026-03-01T12:00:00Z", "fields": {"speed": 0}},
                ],
            })),
        )
}

fn archive(s: &mut Schemas) -> Operation {
    Operation::new("get", "/v1/boards/{board}/archive", "getArchive", TAG, MANAGE)
        .summary("Get how far delivery to object storage is")
        .answers(200, "The state.", JSON, s.sent::<Archive>())
        .example(
            Example::new(
                "a board that delivers nothing",
                200,
                json!({
                    "state": "off", "format": null, "target": null, "cursor": "e1:1042", "delivered": null,
                    "backlog": {"records": 0, "bytes": 0, "oldest": null}, "lag_ms": 0, "last": null, "in_flight": null,
                    "error": null, "next_try": null, "columns": [],
                }),
            )
            .with("board", "fleet"),
        )
}

fn status(s: &mut Schemas) -> Operation {
    Operation::new("get", "/v1/boards/{board}/status", "getStatus", "Boards", MANAGE)
        .summary("Get what comes in, who watches, and what is stored")
        .answers(200, "How the board is.", JSON, s.sent::<Status>())
        .example(
            Example::new(
                "a fleet",
                200,
                json!({
                    "cursor": "e1:1042", "at": 1_772_366_400_000_i64, "items": 60, "viewers": 3, "rate": 60.1,
                    "accepted": 1_772_366_399_950_i64,
                    "storage": {"state": "roomy", "bytes": 4_308_992, "limit_bytes": 10_000_000_000_i64},
                    "dead_letters": {"bytes": 0, "dropped": 0},
                    "sources": [{
                        "name": "buses", "since": 1_772_366_000_000_i64, "requests": 12, "taken": 700, "duplicate": 4,
                        "refused": 1, "last": 1_772_366_399_950_i64, "lag_ms": 830,
                        "records": [{"at": 1_772_366_399_950_i64, "key": "bus-1", "event": "{\"key\":\"bus-1\"}"}],
                    }],
                }),
            )
            .with("board", "fleet"),
        )
}
