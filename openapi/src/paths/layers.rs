//! Layers of a board's map: put, read, deleted.

use super::{GEO, JSON};
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::api::layers::{LayerRow, Layers};
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use serde_json::{Value, json};

const MANAGE: Right = Right::Credential("the right `manage`");
const SEE: Right = Right::Board("read");
const TAG: &str = "Layers";
const ALL: &str = "/v1/boards/{board}/layers";
const ONE: &str = "/v1/boards/{board}/layers/{id}";

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![list(s), get(), put(s), delete()]
}

fn geojson() -> Value {
    json!({"type": "object", "properties": {"type": {"type": "string"}}, "required": ["type"]})
}

fn stops() -> Value {
    json!({"type": "FeatureCollection", "features": [{
        "type": "Feature", "properties": {"name": "Guadalupe & 4th"},
        "geometry": {"type": "Point", "coordinates": [-97.7467, 30.2672]},
    }]})
}

fn row() -> Value {
    json!({
        "id": "stops", "name": null, "bytes": 166, "features": 1, "places": 1,
        "bbox": [-97.7467, 30.2672, -97.7467, 30.2672], "changed_at": 1_772_366_400_000_i64,
    })
}

fn with_id(operation: Operation) -> Operation {
    let id =
        json!({"type": "string", "minLength": 1, "maxLength": limits::LAYER_ID_BYTES, "pattern": "^[A-Za-z0-9_.-]+$"});
    operation.path("id", "The layer's id: letters, digits, `_`, `.` and `-`.", id)
}

fn list(s: &mut Schemas) -> Operation {
    Operation::new("get", ALL, "listLayers", TAG, SEE)
        .summary("List the layers that the board has, without their GeoJSON")
        .description(
            "`name` is null where `map.layers` of the board's config does not have the layer: no map shows it.",
        )
        .answers(200, "They, by id.", JSON, s.sent::<Layers>())
        .versioned()
        .problem(Code::Overloaded)
        .example(Example::new("those of a fleet", 200, json!({"layers": [row()]})).with("board", "fleet"))
}

fn get() -> Operation {
    with_id(Operation::new("get", ONE, "getLayer", TAG, SEE))
        .summary("Get a layer's GeoJSON")
        .description(
            "As it was put, byte for byte. Layers are no items: whoever may read the board, or some keys of it, may read all \
             of its layers.",
        )
        .answers(200, "It.", GEO, geojson())
        .versioned()
        .problem(Code::NotFound)
        .problem(Code::Overloaded)
        .example(Example::of("stops", GEO, stops()).with("board", "fleet").with("id", "stops"))
}

fn put(s: &mut Schemas) -> Operation {
    with_id(Operation::new("put", ONE, "putLayer", TAG, MANAGE))
        .summary("Make a layer, or change it")
        .description(format!(
            "A FeatureCollection, a Feature or a geometry (RFC 7946), in degrees, of at most {} bytes. The map shows it once \
             `map.layers` of the board's config has its id; `properties.name` is what the map calls a feature.",
            super::grouped(limits::LAYER_BYTES)
        ))
        .takes(GEO, geojson())
        .takes(JSON, geojson())
        .answers(201, "The layer is new.", JSON, s.sent::<LayerRow>())
        .answers(200, "It was there.", JSON, s.sent::<LayerRow>())
        .problem(Code::BodyTooLarge)
        .problem(Code::Missing)
        .problem(Code::Invalid)
        .problem(Code::OutOfRange)
        .problem(Code::TooLong)
        .problem(Code::TooMany)
        .problem(Code::StorageFull)
        .example(
            Example::new("a stop", 201, row()).with("board", "fleet").with("id", "stops-2").body_of(GEO, stops()),
        )
}

fn delete() -> Operation {
    with_id(Operation::new("delete", ONE, "deleteLayer", TAG, MANAGE))
        .summary("Delete a layer")
        .answers_empty(204, "It is gone.")
        .problem(Code::NotFound)
        .example(Example::empty("one", 204).with("board", "fleet").with("id", "stops"))
}
