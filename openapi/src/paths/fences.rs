//! Geofences: put, looked at, deleted, and what happened at them.

use super::{JSON, key, page_rows, text};
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::fences::{Fence, FenceEvents, FenceList, ShownFence};
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use serde_json::{Value, json};

const MANAGE: Right = Right::Credential("the right `manage`");
const TAG: &str = "Fences";
const ALL: &str = "/v1/boards/{board}/fences";
const ONE: &str = "/v1/boards/{board}/fences/{id}";
const EVENTS: &str = "/v1/boards/{board}/fences/events";
const GEOJSON: &str = "application/geo+json";

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![list(s), get(s), put(s), delete(), events(s)]
}

fn wish() -> Value {
    json!({
        "name": "Depot", "shape": {"type": "Point", "coordinates": [-97.74, 30.26]}, "radius_m": 150.0,
        "dwell_s": 300, "exit_band_m": 30.0, "confirmations": 2,
    })
}

fn shown(more: Value) -> Value {
    let mut shown = wish();
    (shown["id"], shown["changed_at"]) = ("depot".into(), 1_772_366_400_000_i64.into());
    if let (Some(parts), Some(more)) = (shown.as_object_mut(), more.as_object()) {
        parts.extend(more.clone());
    }
    shown
}

fn with_id(operation: Operation) -> Operation {
    let id =
        json!({"type": "string", "minLength": 1, "maxLength": limits::FENCE_ID_BYTES, "pattern": "^[A-Za-z0-9_.-]+$"});
    operation.path("id", "The fence's id: letters, digits, `_`, `.` and `-`; not `events`.", id)
}

fn list(s: &mut Schemas) -> Operation {
    let collection = json!({
        "type": "object",
        "properties": {
            "type": {"const": "FeatureCollection"}, "cursor": {"type": "string"},
            "features": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["type", "cursor", "features"],
    });
    Operation::new("get", ALL, "listFences", TAG, MANAGE)
        .summary("List the board's fences")
        .description(
            "In the order of their ids. With `key` those that the item is in, each with `since`. `format=geojson` makes a \
             FeatureCollection that maps draw: a circle is a Point with `radius_m` among its properties, a corridor a \
             LineString with `width_m`.",
        )
        .query("key", "Only fences that this item is in.", key())
        .query("format", "In which form.", json!({"type": "string", "enum": ["json", "geojson"], "default": "json"}))
        .answers(200, "They.", JSON, s.sent::<FenceList>())
        .answers(200, "The same as GeoJSON.", GEOJSON, collection)
        .problem(Code::InvalidParameter)
        .problem(Code::UnknownParameter)
        .example(
            Example::new("one", 200, json!({"cursor": "e1:1042", "fences": [shown(json!({"inside_count": 1}))]}))
                .with("board", "fleet"),
        )
}

fn get(s: &mut Schemas) -> Operation {
    let inside = json!({"inside_count": 1, "inside": [{"key": "v1", "since": 1_772_366_500_000_i64}]});
    with_id(Operation::new("get", ONE, "getFence", TAG, MANAGE))
        .summary("Get a fence with the items that are inside")
        .description(format!(
            "`inside` names the first {} items; `inside_count` counts all.",
            limits::FENCE_INSIDE_SHOWN
        ))
        .answers(200, "It.", JSON, s.sent::<ShownFence>())
        .problem(Code::NotFound)
        .example(Example::new("one", 200, shown(inside)).with("board", "fleet").with("id", "depot"))
}

fn put(s: &mut Schemas) -> Operation {
    with_id(Operation::new("put", ONE, "putFence", TAG, MANAGE))
        .summary("Make a fence, or change it")
        .description(
            "A circle is a Point with `radius_m`, a corridor a LineString with `width_m`, an area a Polygon or MultiPolygon, \
             holes and ±180° included. Who is inside of a fence that is drawn anew stays inside until the next fix says \
             otherwise; what that raises has the reason `fence_changed`.",
        )
        .takes(JSON, s.taken::<Fence>())
        .answers(201, "The fence is new.", JSON, s.sent::<ShownFence>())
        .answers(200, "It was there.", JSON, s.sent::<ShownFence>())
        .problem(Code::BodyTooLarge)
        .problem(Code::Missing)
        .problem(Code::Invalid)
        .problem(Code::OutOfRange)
        .problem(Code::TooLong)
        .problem(Code::TooMany)
        .problem_as(422, Code::UnknownField)
        .problem(Code::StorageFull)
        .example(
            Example::new("a circle", 201, shown(json!({"inside_count": 0, "inside": []})))
                .with("board", "fleet")
                .with("id", "depot-2")
                .body(wish()),
        )
}

fn delete() -> Operation {
    with_id(Operation::new("delete", ONE, "deleteFence", TAG, MANAGE))
        .summary("Delete a fence")
        .description("Nobody leaves it by this. What happened at it stays.")
        .answers_empty(204, "It is gone.")
        .problem(Code::NotFound)
        .example(Example::empty("one", 204).with("board", "fleet").with("id", "depot"))
}

fn events(s: &mut Schemas) -> Operation {
    let event = json!({
        "id": 17, "kind": "exit", "fence": "depot", "key": "v1", "time": 1_772_366_900_000_i64,
        "position": {"lat": 30.262, "lon": -97.741}, "inside_s": 400.0, "reason": "moved",
        "received_at": 1_772_366_901_000_i64,
    });
    let when = || json!({"type": "string"});
    Operation::new("get", EVENTS, "listFenceEvents", TAG, MANAGE)
        .summary("List who entered, left and stayed, the newest first")
        .description(format!(
            "By event time: `time` and `position` are those of the fix that crossed the border. The board keeps the newest \
             {} for as many days as its log (`keep_days`).",
            super::grouped(limits::FENCE_EVENTS),
        ))
        .query("from", "Only what happened then or later: RFC 3339 or epoch milliseconds.", when())
        .query("to", "Only what happened before.", when())
        .query("key", "Only of this item.", key())
        .query("fence", "Only at this fence.", text(limits::FENCE_ID_BYTES))
        .query("kind", "Only this.", json!({"type": "string", "enum": ["enter", "exit", "dwell"]}))
        .query("limit", "Rows of a page.", page_rows())
        .query("after", "The `next` of the page before.", json!({"type": "integer", "minimum": 0}))
        .answers(200, "A page of them.", JSON, s.sent::<FenceEvents>())
        .problem(Code::InvalidParameter)
        .problem(Code::UnknownParameter)
        .example(
            Example::new("one", 200, json!({"cursor": "e1:1042", "events": [event], "next": null}))
                .with("board", "fleet")
                .with("kind", "exit"),
        )
}
