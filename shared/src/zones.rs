//! Privacy zones: places of a board's config where readers are not shown where items are. Whoever manages the board sees
//! all of it.

pub(crate) mod shape;

use crate::limits;
use crate::position::{Measured, Position};
use crate::problem::{Code, FieldError};
use serde::{Deserialize, Serialize};
use shape::Shape;
use std::sync::Arc;

/// What readers are shown of a position in a zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ZoneShows {
    /// No position.
    #[default]
    Nothing,
    /// The zone's centre, without heading, speed, altitude and accuracy.
    Center,
}

/// A place where readers are not shown where items are: a circle (`center` and `radius_m`) or a `polygon`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Zone {
    /// For managers.
    #[cfg_attr(feature = "schema", schemars(length(max = 120)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `[longitude, latitude]` in degrees: of a circle its centre, of a polygon what is shown with `"show":"center"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub center: Option<[f64; 2]>,
    /// Metres from the centre, which makes a circle.
    #[cfg_attr(feature = "schema", schemars(range(min = 1.0, max = 100_000.0)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub radius_m: Option<f64>,
    /// Corners, each `[longitude, latitude]` in degrees, in their order. Sides are straight on a map of degrees and take the
    /// shorter way around the Earth.
    #[cfg_attr(feature = "schema", schemars(length(min = 3, max = 100)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polygon: Option<Vec<[f64; 2]>>,
    /// What readers are shown of positions in it.
    pub show: ZoneShows,
}

/// What is wrong with a part of a zone: its name, and the sentence after it.
type Wrong = (&'static str, Code, &'static str);

/// A point in fixed point, where it is one on the Earth.
fn point([lon, lat]: [f64; 2]) -> Option<Position> {
    Measured { lat, lon, ..Measured::default() }.check().ok()
}

impl Zone {
    fn compile(&self) -> Result<Compiled, Wrong> {
        const DEGREES: &str = "is [longitude, latitude] in degrees";
        if self.name.as_ref().is_some_and(|name| name.len() > 120) {
            return Err(("name", Code::TooLong, "has at most 120 bytes"));
        }
        let center = match self.center {
            None => None,
            Some(center) => Some(point(center).ok_or(("center", Code::OutOfRange, DEGREES))?),
        };
        let shape = match (&self.polygon, self.radius_m) {
            (Some(_), Some(_)) => {
                return Err(("radius_m", Code::Invalid, "is a circle's: leave it or the polygon out"));
            }
            (None, None) => {
                return Err(("radius_m", Code::Missing, "is required of a circle; or give the polygon's corners"));
            }
            (None, Some(metres)) => {
                let center = center.ok_or(("center", Code::Missing, "is required of a circle"))?;
                if !(1.0..=limits::ZONE_RADIUS_METRES).contains(&metres) {
                    return Err(("radius_m", Code::OutOfRange, "is 1 to 100,000 metres"));
                }
                Shape::circle(center, metres)
            }
            (Some(corners), None) => {
                if !(3..=limits::ZONE_CORNERS).contains(&corners.len()) {
                    return Err(("polygon", Code::Invalid, "has 3 to 100 corners"));
                }
                let corners = corners.iter().map(|corner| point(*corner)).collect::<Option<Vec<_>>>();
                let corners = corners.ok_or(("polygon", Code::OutOfRange, "has corners [longitude, latitude]"))?;
                let wide = "is narrower than half the way around the Earth, and has no pole in it";
                Shape::polygon(&corners).ok_or(("polygon", Code::Invalid, wide))?
            }
        };
        let shown = match self.show {
            ZoneShows::Nothing => None,
            ZoneShows::Center => Some(center.ok_or(("center", Code::Missing, "is what the zone shows: say where"))?),
        };
        if center.is_some_and(|center| !shape.contains(&center)) {
            return Err(("center", Code::Invalid, "lies in the zone"));
        }
        Ok(Compiled { shape, shown })
    }
}

/// What is wrong with a config's zones; each is named.
pub fn errors(zones: &[Zone]) -> Vec<FieldError> {
    if zones.len() > limits::ZONES_PER_BOARD {
        let message = format!("privacy_zones has at most {} zones", limits::ZONES_PER_BOARD);
        return vec![FieldError::new("privacy_zones", Code::TooMany, message)];
    }
    let wrong = zones.iter().enumerate().filter_map(|(i, zone)| Some((i, zone.compile().err()?)));
    wrong
        .map(|(i, (part, code, why))| {
            let field = format!("privacy_zones[{i}].{part}");
            let message = format!("{field} {why}");
            FieldError::new(field, code, message)
        })
        .collect()
}

/// A zone that is ready to be asked.
#[derive(Debug)]
struct Compiled {
    shape: Shape,
    /// What is shown of positions in it.
    shown: Option<Position>,
}

/// A board's zones, ready to be asked. Copies share them.
#[derive(Clone, Debug, Default)]
pub struct Zones(Arc<[Compiled]>);

impl PartialEq for Zones {
    /// Whether they are copies of the same.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.is_empty() && other.is_empty()
    }
}

impl Zones {
    /// Those of a config. One that can't be read hides every place.
    pub fn of(zones: &[Zone]) -> Self {
        let hides_all = |_| Compiled { shape: Shape::Everywhere, shown: None };
        Self(zones.iter().map(|zone| zone.compile().unwrap_or_else(hides_all)).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A position as readers are shown it. Where zones overlap, one that shows nothing counts, and else the first.
    pub fn shown(&self, position: Option<Position>) -> Option<Position> {
        let position = position?;
        let mut shown = Some(position);
        for (n, zone) in self.0.iter().filter(|zone| zone.shape.contains(&position)).enumerate() {
            match zone.shown {
                None => return None,
                Some(center) if n == 0 => shown = Some(center),
                Some(_) => {}
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests;
