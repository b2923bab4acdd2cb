//! A track as a GeoJSON feature (RFC 7946): a line, or several where there are gaps. The times of its places, and what else is
//! known there, stand in the properties, in the same nesting as the coordinates.

use super::fix::Fix;
use crate::time::Millis;
use crate::value::Number;
use crate::views::json;
use serde::Serialize;

#[derive(Serialize)]
struct Feature<'k> {
    r#type: &'static str,
    geometry: Option<Geometry>,
    properties: Properties<'k>,
}

#[derive(Serialize)]
struct Geometry {
    r#type: &'static str,
    coordinates: Nested<[Number; 2]>,
}

#[derive(Serialize)]
struct Properties<'k> {
    key: &'k str,
    times: Nested<Millis>,
    speeds: Nested<Option<Number>>,
    headings: Nested<Option<Number>>,
}

/// Of one line, or of several.
#[derive(Serialize)]
#[serde(untagged)]
enum Nested<T> {
    One(Vec<T>),
    Many(Vec<Vec<T>>),
}

fn nested<T>(lines: &[Vec<Fix>], of: impl Fn(&Fix) -> T) -> Nested<T> {
    let line = |line: &Vec<Fix>| line.iter().map(&of).collect();
    match lines {
        [] => Nested::One(Vec::new()),
        [only] => Nested::One(line(only)),
        _ => Nested::Many(lines.iter().map(line).collect()),
    }
}

/// Writes lines.
pub fn write(key: &str, lines: &[Vec<Fix>]) -> Vec<u8> {
    let coordinates = |fix: &Fix| [Number(fix.position().lon()), Number(fix.position().lat())];
    let kind = if lines.len() == 1 { "LineString" } else { "MultiLineString" };
    let geometry = (!lines.is_empty()).then(|| Geometry { r#type: kind, coordinates: nested(lines, coordinates) });
    let properties = Properties {
        key,
        times: nested(lines, |fix| fix.time),
        speeds: nested(lines, |fix| fix.position().speed().map(Number)),
        headings: nested(lines, |fix| fix.position().heading().map(Number)),
    };
    let mut out = Vec::new();
    json::push(&mut out, &Feature { r#type: "Feature", geometry, properties });
    out
}
