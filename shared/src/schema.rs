//! Schemas of the types whose JSON is written by hand, and of events as they come in. For the API's description only.

use crate::alarms::RuleId;
use crate::archive::target::TargetName;
use crate::cursor::Cursor;
use crate::fences::FenceId;
use crate::id::BoardName;
use crate::limits;
use crate::position::{Bbox, Position};
use crate::source::SourceName;
use crate::time::Millis;
use crate::value::Value;
use crate::webhooks::WebhookId;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

impl JsonSchema for BoardName {
    fn schema_name() -> Cow<'static, str> {
        "BoardName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A board's name.",
            "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
            "minLength": 1,
            "maxLength": limits::BOARD_NAME_CHARS,
        })
    }
}

/// The schema of an id that managers choose.
macro_rules! id_schema {
    ($($id:ty, $name:literal, $about:literal;)*) => {
        $(impl JsonSchema for $id {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": $about,
                    "pattern": "^[A-Za-z0-9_.-]+$",
                    "minLength": 1,
                    "maxLength": limits::ALARM_RULE_ID_BYTES,
                })
            }
        })*
    };
}

id_schema! {
    RuleId, "AlarmRuleId", "A rule's id; not dots alone.";
    WebhookId, "WebhookId", "A webhook's id; not dots alone.";
}

impl JsonSchema for FenceId {
    fn schema_name() -> Cow<'static, str> {
        "FenceId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A fence's id; not `events`, and not dots alone.",
            "pattern": "^[A-Za-z0-9_.-]+$",
            "minLength": 1,
            "maxLength": limits::FENCE_ID_BYTES,
        })
    }
}

impl JsonSchema for SourceName {
    fn schema_name() -> Cow<'static, str> {
        "SourceName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A source's name, unique in a deployment; not dots alone.",
            "pattern": "^[A-Za-z0-9_.-]+$",
            "minLength": 1,
            "maxLength": limits::SOURCE_NAME_BYTES,
        })
    }
}

impl JsonSchema for TargetName {
    fn schema_name() -> Cow<'static, str> {
        "TargetName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "The name of an archive target that the operator declared.",
            "pattern": "^[A-Z0-9_]+$",
            "minLength": 1,
            "maxLength": 40,
        })
    }
}

impl JsonSchema for Cursor {
    fn schema_name() -> Cow<'static, str> {
        "Cursor".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A position in the board's log: the number of its life and of the last event that is included.",
            "pattern": "^e[0-9]+:[0-9]+$",
            "examples": ["e1:1042"],
        })
    }
}

impl JsonSchema for Bbox {
    fn schema_name() -> Cow<'static, str> {
        "Bbox".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array",
            "description": "West, south, east, north in degrees. West may be beyond east: the box then crosses the antimeridian.",
            "items": {"type": "number", "minimum": -180, "maximum": 180},
            "minItems": 4,
            "maxItems": 4,
        })
    }
}

/// WGS 84 position with what a device may know beside it.
#[derive(Serialize, JsonSchema)]
#[serde(rename = "Position", deny_unknown_fields)]
struct PositionObject {
    /// Degrees north, kept to 0.000001.
    #[schemars(range(min = -90.0, max = 90.0))]
    lat: f64,
    /// Degrees east, kept to 0.000001.
    #[schemars(range(min = -180.0, max = 180.0))]
    lon: f64,
    /// Degrees clockwise from north, kept to 0.01.
    #[schemars(range(min = 0.0, max = 360.0))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    heading: Option<f64>,
    /// m/s, kept to 0.01.
    #[schemars(range(min = 0.0, max = 100_000.0))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    speed: Option<f64>,
    /// Metres, kept to 0.1.
    #[schemars(range(min = -20_000.0, max = 100_000_000.0))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    altitude: Option<f64>,
    /// Radius in metres, kept to 0.1.
    #[schemars(range(min = 0.0, max = 50_000_000.0))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accuracy: Option<f64>,
}

impl JsonSchema for Position {
    fn schema_name() -> Cow<'static, str> {
        "Position".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        PositionObject::json_schema(generator)
    }
}

/// Text, or a whole number of which every digit is known.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Name {
    /// Text.
    Text(#[schemars(length(min = 1, max = limits::KEY_BYTES))] String),
    /// A whole number.
    Number(#[schemars(range(min = -9_007_199_254_740_992_i64, max = 9_007_199_254_740_992_i64))] i64),
}

/// RFC 3339, or epoch milliseconds; without a zone it is UTC.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Moment {
    /// RFC 3339 text such as 2026-03-01T12:00:00Z.
    Text(String),
    /// Milliseconds since 1970 UTC.
    Millis(#[schemars(range(min = limits::TIME_MIN_MILLIS, max = limits::TIME_MAX_MILLIS))] Millis),
}

/// One record that comes in.
#[derive(Serialize, JsonSchema)]
#[serde(rename = "Event", deny_unknown_fields)]
pub struct EventObject {
    /// Makes a repetition a duplicate.
    #[serde(default)]
    pub id: Option<Name>,
    /// The item that it is about.
    pub key: Name,
    /// When it happened; when it arrives, if it says nothing.
    #[serde(default)]
    pub time: Option<Moment>,
    /// Where the item was.
    #[serde(default)]
    pub position: Option<Position>,
    /// What was measured or said, at most 64 values; null removes a field from the item.
    #[serde(default)]
    pub fields: Option<BTreeMap<String, Option<Value>>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::Measured;

    #[test]
    fn a_position_is_written_with_the_names_of_its_schema() {
        let all = Measured {
            lat: 1.0,
            lon: 2.0,
            heading: Some(3.0),
            speed: Some(4.0),
            altitude: Some(5.0),
            accuracy: Some(6.0),
        };
        let written = serde_json::to_value(all.check().unwrap()).unwrap();
        let schema = schemars::schema_for!(Position).to_value();
        let names = |v: &serde_json::Value| v.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&written), names(&schema["properties"]));
        let mut parts = crate::event::POSITION_PARTS.map(str::to_owned).to_vec();
        parts.sort();
        assert_eq!(names(&written), parts);
    }

    #[test]
    fn the_pattern_of_a_cursor_takes_what_cursors_write() {
        let shown = Cursor::default().to_string();
        assert_eq!(shown, "e0:0");
        let schema = schemars::schema_for!(Cursor).to_value();
        assert_eq!(schema["pattern"], "^e[0-9]+:[0-9]+$");
    }
}
