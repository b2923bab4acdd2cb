//! What a board's pipeline has done, and trying one.

use super::JSON;
use crate::answers::{Pipeline, Tried, Try};
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::limits;
use serde_json::json;

const MANAGE: Right = Right::Credential("the right `manage`");

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![pipeline(s), try_out(s)]
}

fn pipeline(s: &mut Schemas) -> Operation {
    Operation::new("get", "/v1/boards/{board}/pipeline", "getPipeline", "Pipelines", MANAGE)
        .summary("What each step of the pipeline has done")
        .description("Counted in the same commit as the events. A step is counted by its name, since it has that name.")
        .answers(200, "The steps.", JSON, s.sent::<Pipeline>())
        .example(Example::new("a board without one", 200, json!({"since": null, "steps": []})).with("board", "fleet"))
}

fn try_out(s: &mut Schemas) -> Operation {
    Operation::new("post", "/v1/boards/{board}/pipeline/try", "tryPipeline", "Pipelines", MANAGE)
        .summary("Try a pipeline")
        .description(format!(
            "Says what each step would make of at most {} events; nothing is kept. Without `pipeline` the board's own is \
             tried.",
            limits::PIPELINE_TRY_EVENTS
        ))
        .takes(JSON, s.taken::<Try>())
        .answers(200, "What became of the events.", JSON, s.sent::<Tried>())
        .problem(400, "invalid_json")
        .problem(400, "invalid_utf8")
        .problem(413, "body_too_large")
        .problem(413, "too_many_events")
        .problem(422, "invalid_config")
        .problem(422, "pipeline_broken")
        .problem(503, "transform_unavailable")
        .example(
            Example::new(
                "a number in text",
                200,
                json!({
                    "steps": [{
                        "name": "numbers", "kind": "map", "in": 1, "out": 1, "filtered": 0, "merged": 0, "failed": 0,
                        "micros": 0,
                        "records": [{
                            "index": 0,
                            "event": {"key": "v1", "time": 1_772_366_400_000_i64, "fields": {"fuel": 0.7}},
                        }],
                    }],
                    "events": [{
                        "index": 0, "event": {"key": "v1", "time": 1_772_366_400_000_i64, "fields": {"fuel": 0.7}},
                    }],
                    "refused": [],
                }),
            )
            .with("board", "fleet")
            .body(json!({
                "pipeline": [{"name": "numbers", "map": {"number": ["fuel"]}}],
                "events": [{"key": "v1", "time": "2026-03-01T12:00:00Z", "fields": {"fuel": "0.7"}}],
            })),
        )
}
