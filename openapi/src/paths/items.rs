//! Items.

use super::{ARROW, CSV, GEO, JSON, LINES, PARQUET, binary, integer, key, lines, page_rows, view};
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::api::items::{Feature, FeatureCollection, Item, ItemsPage};
use heliograph_shared::cursor::Cursor;
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use serde_json::{Value, json};

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![list(s), one(s), end()]
}

fn fields() -> Value {
    json!({"type": "array", "items": {"type": "string"}, "maxItems": limits::FIELDS_PER_BOARD})
}

fn vehicle() -> Value {
    json!({
        "key": "v1", "time": 1_772_366_400_000_i64, "seq": 1042,
        "position": {"lat": 30.26, "lon": -97.74, "heading": 90, "speed": 12.5},
        "fields": {"route": "801", "fuel": 0.7},
    })
}

fn feature() -> Value {
    json!({
        "type": "Feature", "id": "v1", "geometry": {"type": "Point", "coordinates": [-97.74, 30.26]},
        "properties": {"key": "v1", "time": 1_772_366_400_000_i64, "seq": 1042, "fuel": 0.7},
    })
}

const FORMS: &[&str] = &["json", "geojson", "csv", "ndjson", "arrow", "parquet"];

fn list(s: &mut Schemas) -> Operation {
    let keys = json!({"type": "array", "items": {"type": "string"}, "maxItems": limits::KEYS_PER_SUBSCRIPTION});
    let bbox = json!({"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4});
    let table = "\"key\",\"time\",\"seq\",\
                 \"position.lat\",\"position.lon\",\"position.heading\",\"position.speed\",\"position.altitude\",\
                 \"position.accuracy\",\"route\",\"fuel\"\r\n\"v1\",1772366400000,1042,30.26,-97.74,90,12.5,,,\"801\",0.7\r\n";
    let operation = Operation::new("get", "/v1/boards/{board}/items", "listItems", "Items", Right::Board("read"))
        .summary("List items")
        .description(
            "The latest state of every key that the caller may see. Pages follow the order in which keys first \
             appeared, so none is skipped or repeated while items move; the header `Link` has the next one. In CSV, text \
             that a spreadsheet would execute begins with an apostrophe.",
        )
        .query("keys", "Only these keys, separated by commas.", keys)
        .query("prefix", "Only keys that begin so.", json!({"type": "string"}))
        .query("bbox", "Only items in this box: west, south, east, north in degrees.", bbox)
        .query("group", "Only items whose field has this value: `field:value`.", json!({"type": "string", "pattern": "^[^:]+:"}))
        .query(
            "where",
            "A condition, `column:operator:value`; may be repeated, all must hold. Operators are eq, ne, lt, le, gt, \
             ge, in, starts, exists and missing.",
            json!({"type": "string"}),
        )
        .query("fields", "Only these columns besides key, time and seq.", fields())
        .query("since", "Only items that changed after this cursor; `ended` names those that ended.", s.sent::<Cursor>())
        .query("at", AT, json!({"type": "string"}))
        .query("limit", "Rows of a page.", page_rows())
        .query("after", "The `next` of the page before.", integer(0, u64::from(u32::MAX), None))
        .answers(200, "A page of items.", JSON, s.sent::<ItemsPage>())
        .answers(200, "A page of items.", GEO, s.sent::<FeatureCollection>())
        .answers(200, "A page of items.", CSV, lines())
        .answers(200, "A page of items.", ARROW, binary())
        .answers(200, "A page of items.", PARQUET, binary())
        .answers(200, "A page of items.", LINES, lines())
        .problem(Code::UnknownField)
        .problem(Code::HiddenField)
        .problem(Code::CursorGone)
        .problem(Code::PastGone)
        .example(
            Example::new(
                "some vehicles in a box",
                200,
                json!({"cursor": "e1:1042", "items": [vehicle()], "next": null}),
            )
            .with("board", "fleet")
            .with("keys", "v1,v2")
            .with("bbox", "-98,30,-97,31")
            .with("limit", "500"),
        )
        .example(
            Example::text("a table", CSV, table).with("board", "fleet").with("where", "fuel:lt:0.8").with("format", "csv"),
        )
        .example(
            Example::of(
                "for a map",
                GEO,
                json!({"type": "FeatureCollection", "cursor": "e1:1042", "features": [feature()], "next": null}),
            )
            .with("board", "fleet")
            .with("fields", "fuel")
            .with("prefix", "v")
            .with("format", "geojson"),
        )
        .example(
            Example::text("lines", LINES, &format!("{}\n", vehicle()))
                .with("board", "fleet")
                .with("group", "route:801")
                .with("format", "ndjson"),
        );
    view(operation, FORMS)
}

/// What `at` is, wherever it is a parameter.
pub const AT: &str = "As it was: a time (all events with an event time up to then, as known now) or a cursor (what had \
                      arrived by then). Needs the right to the history.";

fn one(s: &mut Schemas) -> Operation {
    let operation = Operation::new("get", "/v1/boards/{board}/items/{key}", "getItem", "Items", Right::Board("read"))
        .summary("Get one item")
        .path("key", "The item's key.", key())
        .query("fields", "Only these columns besides key, time and seq.", fields())
        .query("at", AT, json!({"type": "string"}))
        .answers(200, "The item.", JSON, s.sent::<Item>())
        .answers(200, "The item.", GEO, s.sent::<Feature>())
        .answers(200, "The item.", CSV, lines())
        .answers(200, "The item.", ARROW, binary())
        .answers(200, "The item.", PARQUET, binary())
        .answers(200, "The item.", LINES, lines())
        .problem(Code::UnknownField)
        .problem(Code::HiddenField)
        .problem(Code::ItemNotFound)
        .problem(Code::PastGone)
        .example(Example::new("a vehicle", 200, vehicle()).with("board", "fleet").with("key", "v1"));
    view(operation, FORMS)
}

fn end() -> Operation {
    let count = || json!({"type": "integer", "minimum": 0});
    let place = || json!({"type": ["integer", "null"]});
    let erased = json!({
        "type": "object",
        "properties": {"events": count(), "series": count(), "dead_letters": count(), "answers": count()},
        "required": ["events", "series", "dead_letters", "answers"],
    });
    let archive = json!({
        "type": ["object", "null"],
        "properties": {
            "through": count(),
            "last_object": {"type": "string"},
            "last_manifest": {"type": "string"},
            "events": count(),
            "first": place(),
            "last": place(),
        },
        "required": ["through", "last_object", "last_manifest", "events", "first", "last"],
    });
    let answer = json!({
        "type": "object",
        "properties": {
            "cursor": {"type": "string"},
            "key": {"type": "string"},
            "seq": {"type": "integer"},
            "ended": {"type": "boolean"},
            "state": {"enum": ["under_way", "done"]},
            "progress": {"type": "number", "minimum": 0, "maximum": 1},
            "erased": erased,
            "remains": {"type": "object", "properties": {"archive": archive}, "required": ["archive"]},
        },
        "required": ["cursor", "key", "seq"],
    });
    let manage = Right::Credential("the right `manage`");
    Operation::new("delete", "/v1/boards/{board}/items/{key}", "endItem", "Items", manage)
        .summary("End an item")
        .description(
            "The item goes from views, rankings and the feed and no longer counts against the board's limit; its events \
             stay in the log. An event that comes later begins it anew.\n\nWith `erase=true` its history goes too: \
             nobody reads it from this moment on, and what is stored of it is rewritten bit by bit; asked again, this \
             tells how far that is, with 200 when it is done. It works for an item that has ended before, and for a key \
             of which nothing is known.",
        )
        .path("key", "The item's key.", key())
        .query("erase", "Whether the item's history is erased as well.", json!({"type": "boolean", "default": false}))
        .answers(200, "It has ended; with `erase=true`, its history is gone.", JSON, answer.clone())
        .answers(202, "It has ended, and its history is being erased: nobody reads it any more.", JSON, answer)
        .problem(Code::ItemNotFound)
        .problem(Code::TooManyErases)
        .example(
            Example::new("a vehicle", 200, json!({"cursor": "e1:1043", "key": "v1", "seq": 1043}))
                .with("board", "fleet")
                .with("key", "v1"),
        )
}
