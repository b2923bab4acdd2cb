//! A fence as managers write it: GeoJSON with the rules by which an item is inside.

use super::shape::{NoShape, Shape};
use crate::limits;
use crate::position::{Measured, Position};
use crate::problem::{Code, FieldError, read_json};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// A fence's name in addresses: 1 to 64 of letters, digits, `_`, `.` and `-`. `events` is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FenceId(String);

/// A text that is no fence's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoFenceId {
    /// Empty, too long, or with another character.
    #[error("a fence's id is 1 to 64 of letters, digits, _ . and -")]
    Characters,
    /// The name of the list of events.
    #[error("events is the list of what happened at fences; take another id")]
    Events,
}

impl FenceId {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same as a field's error.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        Self::try_from(text.to_owned()).map_err(|e| FieldError::new("id", Code::Invalid, e.to_string()))
    }
}

impl TryFrom<String> for FenceId {
    type Error = NoFenceId;

    fn try_from(text: String) -> Result<Self, NoFenceId> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        if text == "events" {
            return Err(NoFenceId::Events);
        }
        // A browser takes dots alone for the folder, or the one above.
        let dots = text == "." || text == "..";
        let ok = (1..=limits::FENCE_ID_BYTES).contains(&text.len()) && text.bytes().all(plain) && !dots;
        if ok { Ok(Self(text)) } else { Err(NoFenceId::Characters) }
    }
}

impl From<FenceId> for String {
    fn from(id: FenceId) -> Self {
        id.0
    }
}

impl fmt::Display for FenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The geometries of GeoJSON that a fence may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FenceShapeKind"))]
pub enum Kind {
    /// A circle's centre.
    Point,
    /// The line that a corridor follows.
    LineString,
    /// Rings: the outer one, and holes.
    Polygon,
    /// Several polygons.
    MultiPolygon,
}

/// A GeoJSON geometry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FenceGeometry"))]
#[serde(deny_unknown_fields)]
pub struct Geometry {
    /// Which.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// As GeoJSON has them, `[longitude, latitude]` in degrees: of a Point one place, of a LineString a list, of a Polygon a
    /// list of rings, of a MultiPolygon a list of those.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Value>"))]
    pub coordinates: Value,
}

/// A fence as it is put.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fence {
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 120)))]
    pub name: Option<String>,
    /// What it encloses: a Point with `radius_m`, a LineString with `width_m`, a Polygon or a MultiPolygon.
    pub shape: Geometry,
    /// Metres from the centre of a circle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1.0, max = 1_000_000.0)))]
    pub radius_m: Option<f64>,
    /// Metres from one side of a corridor to the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1.0, max = 100_000.0)))]
    pub width_m: Option<f64>,
    /// An item that is inside for so many seconds raises `dwell`, once a stay. Absent: none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 31_536_000)))]
    pub dwell_s: Option<u32>,
    /// An item that is inside leaves only when it is further away than so many metres.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 100_000.0)))]
    pub exit_band_m: f64,
    /// So many fixes in a row must say the same before an item enters or leaves.
    #[serde(default = "one")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 100)))]
    pub confirmations: u8,
}

/// By which rules an item is inside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// See [`Fence::dwell_s`].
    pub dwell_s: Option<u32>,
    /// See [`Fence::exit_band_m`].
    pub exit_band_m: f64,
    /// See [`Fence::confirmations`].
    pub confirmations: u8,
}

const fn one() -> u8 {
    1
}

impl Fence {
    /// Reads what was put; every error names its field and what to write there.
    pub fn parse(text: &[u8]) -> Result<Self, Vec<FieldError>> {
        let wrong = |field: &str, code, message: String| vec![FieldError::new(field, code, message)];
        if text.trim_ascii_start().first() != Some(&b'{') {
            let message = "a fence is a JSON object: {\"shape\":{\"type\":\"Point\",\"coordinates\":[-97.74,30.26]},\"radius_m\":100}";
            return Err(wrong("", Code::Invalid, message.to_owned()));
        }
        let fence: Self = read_json(text).map_err(|(field, message)| {
            let code = match &message {
                m if m.starts_with("unknown field") => Code::UnknownField,
                m if m.starts_with("missing field") => Code::Missing,
                _ => Code::Invalid,
            };
            wrong(&field, code, message)
        })?;
        let mut errors = fence.errors();
        match fence.compile() {
            Ok(_) if errors.is_empty() => return Ok(fence),
            Ok(_) => {}
            Err(e) => errors.push(e),
        }
        Err(errors)
    }

    fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut check = |ok: bool, field: &str, code, message: &str| {
            if !ok {
                errors.push(FieldError::new(field, code, format!("{field} {message}")));
            }
        };
        let (circle, corridor) = (self.shape.kind == Kind::Point, self.shape.kind == Kind::LineString);
        check(self.name.as_ref().is_none_or(|n| n.len() <= 120), "name", Code::TooLong, "has at most 120 bytes");
        let needed = |is: bool, value: Option<f64>| !is || value.is_some();
        let fits = |is: bool, value: Option<f64>| is || value.is_none();
        let radius = "is required with a Point: metres from the centre, such as 100";
        check(needed(circle, self.radius_m), "radius_m", Code::Missing, radius);
        let radius = "belongs to a Point: leave it out, or give a Point as the shape";
        check(fits(circle, self.radius_m), "radius_m", Code::Invalid, radius);
        let ok = self.radius_m.is_none_or(|m| (1.0..=limits::FENCE_RADIUS_METRES).contains(&m));
        check(ok, "radius_m", Code::OutOfRange, "is 1 to 1,000,000 metres");
        let width = "is required with a LineString: metres from side to side, such as 50";
        check(needed(corridor, self.width_m), "width_m", Code::Missing, width);
        let width = "belongs to a LineString: leave it out, or give a LineString as the shape";
        check(fits(corridor, self.width_m), "width_m", Code::Invalid, width);
        let ok = self.width_m.is_none_or(|m| (1.0..=limits::FENCE_WIDTH_METRES).contains(&m));
        check(ok, "width_m", Code::OutOfRange, "is 1 to 100,000 metres");
        let ok = self.dwell_s.is_none_or(|s| (1..=limits::FENCE_DWELL_SECONDS).contains(&s));
        check(ok, "dwell_s", Code::OutOfRange, "is 1 second to a year (31536000)");
        let ok = (0.0..=limits::FENCE_BAND_METRES).contains(&self.exit_band_m);
        check(ok, "exit_band_m", Code::OutOfRange, "is 0 to 100,000 metres");
        let ok = (1..=limits::FENCE_CONFIRMATIONS).contains(&self.confirmations);
        check(ok, "confirmations", Code::OutOfRange, "is 1 to 100");
        errors
    }

    /// Its rules.
    pub const fn rules(&self) -> Rules {
        Rules { dwell_s: self.dwell_s, exit_band_m: self.exit_band_m, confirmations: self.confirmations }
    }

    /// What it encloses.
    pub fn compile(&self) -> Result<Shape, FieldError> {
        self.compile_counting().map(|(shape, _)| shape)
    }

    /// The same, and of how many places it is made.
    pub fn compile_counting(&self) -> Result<(Shape, usize), FieldError> {
        let mut places = Places { left: limits::FENCE_CORNERS };
        let (at, coordinates) = ("shape.coordinates", &self.shape.coordinates);
        let made = match self.shape.kind {
            Kind::Point => Ok(Shape::circle(places.place(at, coordinates)?, self.radius_m.unwrap_or(1.0))),
            Kind::LineString => {
                let line = places.list(at, coordinates, Places::place)?;
                if line.len() < 2 {
                    return Err(FieldError::new(at, Code::Invalid, format!("{at} has at least 2 places")));
                }
                Shape::corridor(&line, self.width_m.unwrap_or(1.0))
            }
            Kind::Polygon => Shape::polygons(&[places.list(at, coordinates, Places::ring)?]),
            Kind::MultiPolygon => {
                let polygon = |places: &mut Places, at: &str, v: &Value| places.list(at, v, Places::ring);
                Shape::polygons(&places.list(at, coordinates, polygon)?)
            }
        };
        let made = made.map_err(|NoShape::TooWide| {
            let message = format!(
                "{at} goes half the way around the Earth or further, so that it can't be told which side is inside; \
                 write it as a MultiPolygon of narrower parts, or as several fences"
            );
            FieldError::new(at, Code::Invalid, message)
        })?;
        Ok((made, limits::FENCE_CORNERS - places.left))
    }
}

/// Reads coordinates, no more than a fence may have.
struct Places {
    left: usize,
}

impl Places {
    fn list<T>(
        &mut self,
        at: &str,
        value: &Value,
        mut each: impl FnMut(&mut Self, &str, &Value) -> Result<T, FieldError>,
    ) -> Result<Vec<T>, FieldError> {
        let Some(values) = value.as_array().filter(|values| !values.is_empty()) else {
            let message =
                format!("{at} is a list; see the geometry's type for how deep: a Polygon is [[[lon, lat], …]]");
            return Err(FieldError::new(at, Code::Invalid, message));
        };
        values.iter().enumerate().map(|(i, value)| each(self, &format!("{at}[{i}]"), value)).collect()
    }

    fn ring(&mut self, at: &str, value: &Value) -> Result<Vec<Position>, FieldError> {
        let mut ring = self.list(at, value, Places::place)?;
        // GeoJSON has the first corner once more at the end. Who leaves it out means the same.
        if ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        if ring.len() < 3 {
            let message = format!("{at} has at least 3 different corners, and then the first one again");
            return Err(FieldError::new(at, Code::Invalid, message));
        }
        Ok(ring)
    }

    /// A place; an altitude behind it is passed over.
    fn place(&mut self, at: &str, value: &Value) -> Result<Position, FieldError> {
        self.left = self.left.checked_sub(1).ok_or_else(|| {
            let message =
                format!("shape.coordinates has more than {} places: draw it with fewer", limits::FENCE_CORNERS);
            FieldError::new("shape.coordinates", Code::TooMany, message)
        })?;
        let numbers = value.as_array().map(|parts| parts.iter().map(Value::as_f64).collect::<Vec<_>>());
        let Some([Some(lon), Some(lat), ..]) = numbers.as_deref() else {
            let message = format!("{at} is [longitude, latitude], two numbers in degrees");
            return Err(FieldError::new(at, Code::Invalid, message));
        };
        Measured { lat: *lat, lon: *lon, ..Measured::default() }.check().map_err(|wrong| {
            let turned = if wrong.part == "lat" && (-90.0..=90.0).contains(lon) && (-180.0..=180.0).contains(lat) {
                "; GeoJSON has the longitude first, so the two may have changed places"
            } else {
                ""
            };
            let message = format!("{at}: {} is {}{turned}", wrong.part, wrong.allowed);
            FieldError::new(at, Code::OutOfRange, message)
        })
    }
}
