//! Items.

use super::{JSON, integer, key, page_rows};
use crate::answers::ItemsPage;
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::cursor::Cursor;
use heliograph_shared::limits;
use heliograph_shared::schema::ItemObject;
use serde_json::json;

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![list(s), one(s)]
}

fn list(s: &mut Schemas) -> Operation {
    let keys = json!({"type": "array", "items": {"type": "string"}, "maxItems": limits::KEYS_PER_SUBSCRIPTION});
    let bbox = json!({"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4});
    Operation::new("get", "/v1/boards/{board}/items", "listItems", "Items", Right::Board("read"))
        .summary("List items")
        .description(
            "The latest state of every key that the caller may see. Pages follow the order in which keys first \
             appeared, so none is skipped or repeated while items move.",
        )
        .query("keys", "Only these keys, separated by commas.", keys)
        .query("bbox", "Only items in this box: west, south, east, north in degrees.", bbox)
        .query("since", "Only items that changed after this cursor.", s.sent::<Cursor>())
        .query("limit", "Rows of a page.", page_rows())
        .query("after", "The `next` of the page before.", integer(0, u64::from(u32::MAX), None))
        .answers(200, "A page of items.", JSON, s.sent::<ItemsPage>())
        .versioned()
        .problem(410, "cursor_gone")
        .example(
            Example::new(
                "some vehicles in a box",
                200,
                json!({
                    "cursor": "e1:1042",
                    "items": [{
                        "key": "v1", "time": 1_772_366_400_000_i64, "seq": 1042,
                        "position": {"lat": 30.26, "lon": -97.74, "heading": 90, "speed": 12.5},
                        "fields": {"route": "801", "fuel": 0.7},
                    }],
                    "next": null,
                }),
            )
            .with("board", "fleet")
            .with("keys", "v1,v2")
            .with("bbox", "-98,30,-97,31")
            .with("limit", "500"),
        )
}

fn one(s: &mut Schemas) -> Operation {
    Operation::new("get", "/v1/boards/{board}/items/{key}", "getItem", "Items", Right::Board("read"))
        .summary("Get one item")
        .path("key", "The item's key.", key())
        .answers(200, "The item.", JSON, s.sent::<ItemObject>())
        .versioned()
        .problem(404, "item_not_found")
        .example(
            Example::new(
                "a vehicle",
                200,
                json!({
                    "key": "v1", "time": 1_772_366_400_000_i64, "seq": 1042,
                    "position": {"lat": 30.26, "lon": -97.74, "heading": 90, "speed": 12.5},
                    "fields": {"route": "801", "fuel": 0.7},
                }),
            )
            .with("board", "fleet")
            .with("key", "v1"),
        )
}
