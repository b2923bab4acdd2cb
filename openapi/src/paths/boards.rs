//! Boards' configs, and how they look elsewhere.

use super::{JSON, binary, grouped, lines};
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::api::boards::Boards;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::limits;
use heliograph_shared::oembed::OEmbed;
use heliograph_shared::problem::Code;
use serde_json::{Value, json};

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![list(s), get(s), put(s), delete(), oembed(s), preview_png(), preview_svg()]
}

fn config(board: Value) -> Value {
    let whole = BoardConfig::parse(board.to_string().as_bytes()).unwrap_or_default();
    serde_json::to_value(whole).unwrap_or_default()
}

fn fleet() -> Value {
    json!({
        "title": "Fleet", "description": "Buses of the north", "home": "map", "visibility": "public", "key_name": "vehicleId",
        "rules": {"bounds": [-98.3, 29.9, -97.2, 30.9], "max_speed": 60},
        "fields": {"fuel": {"label": "Fuel", "unit": "%"}},
        "views": {"low-fuel": {
            "title": "Buses that need fuel", "path": "items", "query": {"where": "fuel:lt:{below}"},
            "parameters": {"below": {"type": "number", "default": "0.3"}},
        }},
    })
}

fn quiz() -> Value {
    json!({
        "title": "Quiz", "visibility": "public",
        "scores": {"columns": [{"name": "points", "op": "sum", "field": "points", "direction": "desc"}]},
        "sessions": {"required": true, "grace_s": 10},
    })
}

fn list(s: &mut Schemas) -> Operation {
    Operation::new("get", "/v1/boards", "listBoards", "Boards", Right::Board("read"))
        .summary("List the boards that the caller may read")
        .description(
            "What boards have is told to those who may see all items of the board. It is at most ten seconds old, and of a \
             frozen board without what is frozen. A board that has not said it since an update has null there. `health` is the board \
             on which the deployment watches itself, for who may manage it.",
        )
        .answers(200, "The boards, by name.", JSON, s.sent::<Boards>())
        .example(Example::new(
            "all",
            200,
            json!({
                "boards": [{
                    "board": "fleet", "title": "Fleet", "description": "Buses of the north", "home": "map",
                    "visibility": "public",
                    "stale_after_s": 300, "scores": false, "items": 80, "newest": 1_772_366_400_000_i64, "cursor": "e1:1042",
                    "viewers": 3, "bbox": [-97.9, 30.1, -97.6, 30.5],
                    "spots": [[-97.9, 30.1], [-97.6, 30.5]], "top": [{"name": "bus-7", "value": 12}],
                }],
                "health": "heliograph-health",
                "time": 1_772_366_401_000_i64,
            }),
        ))
}

fn get(s: &mut Schemas) -> Operation {
    Operation::new("get", "/v1/boards/{board}", "getBoard", "Boards", Right::Board("read"))
        .summary("Get a board's config")
        .description("Managers get all of it, with the `ETag` of its version for `If-Match`; others the public part.")
        .answers(200, "The config, with every default filled in.", JSON, s.sent::<BoardConfig>())
        .example(Example::new("a fleet", 200, config(fleet())).with("board", "fleet"))
}

fn put(s: &mut Schemas) -> Operation {
    let manage = Right::Credential("the right `manage`");
    Operation::new("put", "/v1/boards/{board}", "putBoard", "Boards", manage)
        .summary("Make a board or change its config")
        .description(format!(
            "The body is the whole config: what it leaves out has its default. `title` is required. At most {} bytes. \
             A wrong config is refused with every wrong field in `errors`.",
            grouped(limits::CONFIG_BYTES)
        ))
        .header(
            "If-Match",
            "The `ETag` of the config that was read: 412 if it is another by now. `*`: only a board that is there.",
            json!({"type": "string", "pattern": "^\\*$"}),
        )
        .header("If-None-Match", "`*`: only a board that is new, 412 otherwise.", json!({"enum": ["*"]}))
        .problem(Code::ConfigChanged)
        .problem(Code::BoardExists)
        .takes(JSON, s.taken::<BoardConfig>())
        .answers(200, "The config was changed.", JSON, s.sent::<BoardConfig>())
        .answers(201, "The board was made.", JSON, s.sent::<BoardConfig>())
        .problem(Code::InvalidConfig)
        .problem(Code::TransformUnavailable)
        .problem(Code::Overloaded)
        .example(Example::new("a fleet", 200, config(fleet())).with("board", "fleet").body(fleet()))
        .example(Example::new("a quiz", 201, config(quiz())).with("board", "quiz-7b").body(quiz()))
}

fn delete() -> Operation {
    let manage = Right::Credential("the right `manage`");
    Operation::new("delete", "/v1/boards/{board}", "deleteBoard", "Boards", manage)
        .summary("Delete a board")
        .description("The config, the log and everything made from it. Viewers are sent away with close code 4502.")
        .answers_empty(204, "It is gone.")
        .example(Example::empty("a fleet", 204).with("board", "fleet"))
}

/// What both forms of a board's picture say alike.
fn preview(path: &'static str, id: &'static str) -> Operation {
    Operation::new("get", path, id, "Boards", Right::Nobody)
        .description(
            "For cards that sites show of a pasted address (Open Graph): 1200 by 630 pixels with the title, the number of items, and \
             the items on a map or the first five of the ranking, as of within a minute. Whoever asks, it shows what everybody may \
             see; boards that are not public have none.",
        )
        .problem(Code::NotFound)
        .problem(Code::TransformUnavailable)
}

fn preview_png() -> Operation {
    preview("/v1/boards/{board}/preview.png", "getPreviewPng")
        .summary("Get a public board as a picture")
        .answers(200, "The picture.", "image/png", binary())
        .example(Example::text("a fleet", "image/png", "(the bytes of the picture)").with("board", "fleet"))
}

fn preview_svg() -> Operation {
    preview("/v1/boards/{board}/preview.svg", "getPreviewSvg")
        .summary("Get what that picture is made of")
        .answers(200, "The picture.", "image/svg+xml", lines())
        .example(
            Example::text(
                "a fleet",
                "image/svg+xml",
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1200\" height=\"630\"/>",
            )
            .with("board", "fleet"),
        )
}

fn oembed(s: &mut Schemas) -> Operation {
    Operation::new("get", "/oembed", "getOEmbed", "Boards", Right::Nobody)
        .summary("Get the frame that shows the same as a page (oEmbed)")
        .description(
            "For public boards whose `embed.sites` names a site. All others are answered alike, with 404, whether they are \
             there or not.",
        )
        .query("url", "The address of a board's page, or of an embed, on this server.", json!({"type": "string"}))
        .query("maxwidth", "Pixels at most; never fewer than 120.", json!({"type": "integer", "minimum": 0}))
        .query("maxheight", "Pixels at most; never fewer than 120.", json!({"type": "integer", "minimum": 0}))
        .query("format", "`json`; `xml` is 501.", json!({"type": "string", "enum": ["json"]}))
        .answers(200, "The frame.", JSON, s.sent::<OEmbed>())
        .problem(Code::FormatNotBuilt)
        .problem(Code::InvalidParameter)
        .problem(Code::NotFound)
        .example(Example::new(
            "a map",
            200,
            json!({
                "type": "rich", "version": "1.0", "title": "Fleet", "provider_name": "Heliograph",
                "provider_url": "https://heliograph.example",
                "html": "<iframe src=\"https://heliograph.example/embed/fleet?v=1&amp;widget=map\" title=\"Fleet\" width=\"640\" height=\"420\"></iframe>",
                "width": 640, "height": 420, "cache_age": 300,
                "thumbnail_url": "https://heliograph.example/v1/boards/fleet/preview.png", "thumbnail_width": 1200,
                "thumbnail_height": 630,
            }),
        )
        .with("url", "https://heliograph.example/b/fleet"))
}
