//! Named views.

use super::{ARROW, JSON, PARQUET, binary, lines, view};
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::api::views::Views;
use heliograph_shared::problem::Code;
use serde_json::json;

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![list(s), get()]
}

fn list(s: &mut Schemas) -> Operation {
    Operation::new("get", "/v1/boards/{board}/views", "listViews", "Items", Right::Board("read"))
        .summary("List the board's named views")
        .answers(200, "The views, by name.", JSON, s.sent::<Views>())
        .example(
            Example::new(
                "those of a fleet",
                200,
                json!({"views": [{
                    "name": "low-fuel", "title": "Buses that need fuel", "path": "items",
                    "parameters": {"below": {"type": "number", "default": "0.3"}},
                }]}),
            )
            .with("board", "fleet"),
        )
}

fn get() -> Operation {
    let operation = Operation::new(
        "get",
        "/v1/boards/{board}/views/{name}",
        "getView",
        "Items",
        Right::Board("read or history"),
    )
    .summary("Get a named view")
    .description(
        "What the view's own route answers to the query that the board's config saved, shaped by its jq program if it \
                 has one; or what the service says that it names. Takes the parameters that the config gives it, and \
                 `after` where the view has pages.",
    )
    .path("name", "The view's name.", json!({"type": "string", "minLength": 1, "maxLength": 64}))
    .answers(200, "The view.", JSON, json!(true))
    .answers(200, "The view.", super::CSV, lines())
    .answers(200, "The view.", ARROW, binary())
    .answers(200, "The view.", PARQUET, binary())
    .answers(200, "The view.", super::LINES, lines())
    .answers(200, "The view.", super::GEO, json!(true))
    .problem(Code::MissingParameter)
    .problem(Code::ViewNotFound)
    .problem(Code::HiddenField)
    .problem(Code::JqFailed)
    .problem(Code::UpstreamFailed)
    .example(
        Example::new("buses below a tenth", 200, json!({"cursor": "e1:1042", "items": [], "next": null}))
            .with("board", "fleet")
            .with("name", "low-fuel")
            .with("below", "0.1"),
    )
    .query("below", "In the example's view: a parameter that the config gives it.", json!({"type": "number"}));
    view(operation, &["json", "geojson", "csv", "ndjson", "arrow", "parquet"])
}
