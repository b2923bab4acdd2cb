//! Circles and polygons on the Earth.

use crate::position::Position;

/// The Earth's mean radius in metres (IUGG).
pub(crate) const EARTH_METRES: f64 = 6_371_008.8;
/// Once around, in millionths of a degree.
pub(crate) const AROUND: i64 = 360_000_000;

/// Places on the Earth.
#[derive(Debug)]
pub(super) enum Shape {
    /// All of them.
    Everywhere,
    /// Those within a distance.
    Circle {
        /// Its centre.
        center: Position,
        /// In metres.
        metres: f64,
        /// No place in it is further north or south than so many millionths of a degree.
        reach: i64,
    },
    /// Those between sides.
    Polygon {
        /// Longitude and latitude in millionths of a degree. Longitudes go on beyond ±180 where the sides do.
        corners: Vec<(i64, i64)>,
        /// The least of both.
        low: (i64, i64),
        /// The greatest of both.
        high: (i64, i64),
    },
}

impl Shape {
    /// A circle.
    pub fn circle(center: Position, metres: f64) -> Self {
        let reach = (metres / EARTH_METRES).to_degrees() * 1e6;
        Self::Circle { center, metres, reach: reach as i64 + 1 }
    }

    /// A polygon; none where it is too wide to say which side is inside.
    pub fn polygon(places: &[Position]) -> Option<Self> {
        let mut corners: Vec<(i64, i64)> = Vec::with_capacity(places.len());
        for place in places {
            let (lon, lat) = (i64::from(place.lon_e6), i64::from(place.lat_e6));
            let before = corners.last().map_or(lon, |corner| corner.0);
            // The shorter way from the corner before.
            let step = (lon - before + AROUND / 2).rem_euclid(AROUND) - AROUND / 2;
            corners.push((before + step, lat));
        }
        let least = |part: fn(&(i64, i64)) -> i64| corners.iter().map(part).min();
        let most = |part: fn(&(i64, i64)) -> i64| corners.iter().map(part).max();
        let low = (least(|c| c.0)?, least(|c| c.1)?);
        let high = (most(|c| c.0)?, most(|c| c.1)?);
        (high.0 - low.0 < AROUND / 2).then_some(Self::Polygon { corners, low, high })
    }

    /// Whether a place is in it, its edge included.
    pub fn contains(&self, place: &Position) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Circle { center, metres, reach } => {
                let north = i64::from(place.lat_e6) - i64::from(center.lat_e6);
                north.abs() <= *reach && distance(center, place) <= *metres
            }
            Self::Polygon { corners, low, high } => {
                let (lon, lat) = (i64::from(place.lon_e6), i64::from(place.lat_e6));
                (low.1..=high.1).contains(&lat)
                    && [lon, lon - AROUND, lon + AROUND]
                        .iter()
                        .any(|&lon| (low.0..=high.0).contains(&lon) && is_between(corners, (lon, lat)))
            }
        }
    }
}

/// Metres between two places on a sphere, by the haversine formula.
pub(crate) fn distance(a: &Position, b: &Position) -> f64 {
    let (north, south) = (a.lat().to_radians(), b.lat().to_radians());
    let (dlat, dlon) = (north - south, (a.lon() - b.lon()).to_radians());
    let h = (dlat / 2.0).sin().powi(2) + north.cos() * south.cos() * (dlon / 2.0).sin().powi(2);
    2.0 * EARTH_METRES * h.sqrt().min(1.0).asin()
}

/// Whether a point lies between or on the sides: a ray to the east crosses them an odd number of times.
pub(crate) fn is_between(corners: &[(i64, i64)], (x, y): (i64, i64)) -> bool {
    let mut inside = false;
    let mut before = corners.last().copied().unwrap_or_default();
    for &corner in corners {
        let ((x1, y1), (x2, y2)) = (before, corner);
        // Positive when the point lies left of the side.
        let side = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1);
        let near = x >= x1.min(x2) && x <= x1.max(x2) && y >= y1.min(y2) && y <= y1.max(y2);
        if side == 0 && near {
            return true;
        }
        if (y1 > y) != (y2 > y) && (side > 0) == (y2 > y1) {
            inside = !inside;
        }
        before = corner;
    }
    inside
}
