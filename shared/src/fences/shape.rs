//! Circles, polygons and corridors on the Earth: what lies in them, and how far from their border.
//!
//! Sides are straight on a map of degrees and take the shorter way around the Earth, so that a shape may cross ±180°. A
//! circle's border is measured on a sphere by the haversine formula; the distance to a side in the plane that touches the
//! sphere at the place that is asked for, which for the few kilometres that matter here is right to a thousandth.

use crate::position::Position;
use crate::zones::shape::{AROUND, EARTH_METRES, distance, is_between};

/// Metres to the north of a millionth of a degree.
const METRES: f64 = EARTH_METRES * std::f64::consts::PI / 180.0 / 1e6;
/// A quarter of the way around, in millionths of a degree: the poles' latitude.
const POLE: i64 = AROUND / 4;

/// Longitude and latitude in millionths of a degree. The longitudes of a line go on beyond ±180° where the line does.
type Corner = (i64, i64);

/// The places between two longitudes and two latitudes, in millionths of a degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The least of both.
    pub low: Corner,
    /// The greatest of both.
    pub high: Corner,
}

impl Bounds {
    fn of(corners: &[Corner]) -> Self {
        let none = Self { low: (i64::MAX, i64::MAX), high: (i64::MIN, i64::MIN) };
        corners.iter().fold(none, |b, c| b.with(Self { low: *c, high: *c }))
    }

    fn with(self, other: Self) -> Self {
        Self {
            low: (self.low.0.min(other.low.0), self.low.1.min(other.low.1)),
            high: (self.high.0.max(other.high.0), self.high.1.max(other.high.1)),
        }
    }

    /// Those and all places within some metres of them.
    fn wider(self, metres: f64) -> Self {
        let angle = metres / EARTH_METRES;
        let north = (angle.to_degrees() * 1e6) as i64 + 1;
        let (south, top) = (self.low.1 - north, self.high.1 + north);
        // Meridians are nearest to each other where a place may be furthest from the equator.
        let steepest = south.abs().max(top.abs()) as f64 / 1e6;
        let reach = angle / steepest.to_radians().cos();
        // Near a pole every longitude is near.
        let is_near = steepest < 90.0 && reach < std::f64::consts::PI;
        let east = if is_near { (reach.to_degrees() * 1e6) as i64 + 1 } else { AROUND / 2 };
        let (low, high) = (self.low.0 - east, self.high.0 + east);
        let middle = i64::midpoint(low, high);
        let (low, high) = if high - low >= AROUND { (middle - AROUND / 2, middle + AROUND / 2) } else { (low, high) };
        Self { low: (low, south.max(-POLE)), high: (high, top.min(POLE)) }
    }
}

/// Corners in order, each by the shorter way from the one before; the first near `near`.
fn unrolled(places: &[Position], near: i64) -> Vec<Corner> {
    let mut before = near;
    let step = |place: &Position| {
        let (lon, lat) = (i64::from(place.lon_e6), i64::from(place.lat_e6));
        before += (lon - before + AROUND / 2).rem_euclid(AROUND) - AROUND / 2;
        (before, lat)
    };
    places.iter().map(step).collect()
}

/// One polygon: its outer ring and its holes.
#[derive(Clone, Debug, PartialEq)]
struct Polygon {
    rings: Vec<Vec<Corner>>,
    bounds: Bounds,
}

impl Polygon {
    fn contains(&self, place: &Position) -> bool {
        let (lon, lat) = (i64::from(place.lon_e6), i64::from(place.lat_e6));
        let Bounds { low, high } = self.bounds;
        let Some((outer, holes)) = self.rings.split_first() else { return false };
        (low.1..=high.1).contains(&lat)
            && [lon, lon - AROUND, lon + AROUND].into_iter().any(|lon| {
                (low.0..=high.0).contains(&lon)
                    && is_between(outer, (lon, lat))
                    // What lies on the edge of a hole is not in the hole.
                    && !holes.iter().any(|hole| is_within(hole, (lon, lat)))
            })
    }
}

/// Whether a point lies between the sides and on none of them.
fn is_within(corners: &[Corner], point: Corner) -> bool {
    let before = corners.last().copied().unwrap_or_default();
    let mut sides = std::iter::once(before).chain(corners.iter().copied()).zip(corners.iter().copied());
    is_between(corners, point) && !sides.any(|(a, b)| is_on(a, b, point))
}

fn is_on((x1, y1): Corner, (x2, y2): Corner, (x, y): Corner) -> bool {
    let near = x >= x1.min(x2) && x <= x1.max(x2) && y >= y1.min(y2) && y <= y1.max(y2);
    near && (x2 - x1) * (y - y1) == (y2 - y1) * (x - x1)
}

/// What a fence encloses.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape(Form);

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Circle {
        center: Position,
        metres: f64,
    },
    Polygons {
        polygons: Vec<Polygon>,
        /// Sides along ±180° where the polygons go on behind it are no border.
        has_seam: bool,
    },
    Corridor {
        line: Vec<Corner>,
        /// To either side.
        metres: f64,
    },
}

/// Why places make no shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoShape {
    /// It is so wide that it can't be told which side is inside.
    TooWide,
}

impl Shape {
    /// The places within some metres of a centre.
    pub const fn circle(center: Position, metres: f64) -> Self {
        Self(Form::Circle { center, metres })
    }

    /// The places of polygons: each an outer ring and holes, each ring's first corner not repeated.
    pub fn polygons(polygons: &[Vec<Vec<Position>>]) -> Result<Self, NoShape> {
        let mut made = Vec::with_capacity(polygons.len());
        for rings in polygons {
            let start = rings.first().and_then(|ring| ring.first()).map_or(0, |p| i64::from(p.lon_e6));
            let rings: Vec<_> = rings.iter().map(|ring| unrolled(ring, start)).collect();
            let bounds = Bounds::of(rings.first().map(Vec::as_slice).unwrap_or_default());
            if bounds.high.0 - bounds.low.0 >= AROUND / 2 {
                return Err(NoShape::TooWide);
            }
            made.push(Polygon { rings, bounds });
        }
        let ends_at = |edge: i64| made.iter().any(|p| p.bounds.low.0 == edge || p.bounds.high.0 == edge);
        let has_seam = made.len() > 1 && ends_at(AROUND / 2) && ends_at(-AROUND / 2);
        Ok(Self(Form::Polygons { polygons: made, has_seam }))
    }

    /// The places within half a width of a line.
    pub fn corridor(places: &[Position], width_m: f64) -> Result<Self, NoShape> {
        let start = places.first().map_or(0, |p| i64::from(p.lon_e6));
        let line = unrolled(places, start);
        let bounds = Bounds::of(&line);
        if bounds.high.0 - bounds.low.0 >= AROUND / 2 {
            return Err(NoShape::TooWide);
        }
        Ok(Self(Form::Corridor { line, metres: width_m / 2.0 }))
    }

    /// Whether a place is in it, its edge included.
    pub fn contains(&self, place: &Position) -> bool {
        match &self.0 {
            Form::Circle { .. } | Form::Corridor { .. } => self.depth(place) <= 0.0,
            Form::Polygons { polygons, .. } => polygons.iter().any(|p| p.contains(place)),
        }
    }

    /// Metres from a place to the border: below 0 where the place is inside.
    pub fn depth(&self, place: &Position) -> f64 {
        match &self.0 {
            Form::Circle { center, metres } => distance(center, place) - metres,
            Form::Corridor { line, metres } => to_line(line, place, false) - metres,
            Form::Polygons { polygons, has_seam } => {
                let rings = polygons.iter().flat_map(|p| &p.rings);
                let away = rings.map(|ring| to_ring(ring, place, *has_seam)).fold(f64::INFINITY, f64::min);
                if polygons.iter().any(|p| p.contains(place)) { -away } else { away }
            }
        }
    }

    /// In which no place of it is missing.
    pub fn bounds(&self) -> Vec<Bounds> {
        match &self.0 {
            Form::Circle { center, metres } => {
                let at = (i64::from(center.lon_e6), i64::from(center.lat_e6));
                vec![Bounds { low: at, high: at }.wider(*metres)]
            }
            Form::Corridor { line, metres } => vec![Bounds::of(line).wider(*metres)],
            Form::Polygons { polygons, .. } => polygons.iter().map(|p| p.bounds).collect(),
        }
    }
}

fn to_ring(ring: &[Corner], place: &Position, has_seam: bool) -> f64 {
    let closing = [ring.last().copied().unwrap_or_default(), ring.first().copied().unwrap_or_default()];
    to_line(ring, place, has_seam).min(to_line(&closing, place, has_seam))
}

/// Metres from a place to the nearest point of a line.
fn to_line(line: &[Corner], place: &Position, has_seam: bool) -> f64 {
    let east = METRES * place.lat().to_radians().cos();
    let lat = i64::from(place.lat_e6);
    let plane = |(lon, north): Corner| {
        // The nearer way around, from the place to the corner.
        let lon = (lon - i64::from(place.lon_e6) + AROUND / 2).rem_euclid(AROUND) - AROUND / 2;
        (lon, (north - lat) as f64 * METRES)
    };
    let sides = line.iter().zip(line.iter().skip(1));
    let is_seam = |a: &Corner, b: &Corner| has_seam && a.0 == b.0 && a.0.abs() == AROUND / 2;
    let away = sides.filter(|(a, b)| !is_seam(a, b)).map(|(a, b)| {
        let ((x1, y1), (_, y2)) = (plane(*a), plane(*b));
        // The end goes on from the beginning, whichever way the place is.
        let x2 = x1 + (b.0 - a.0);
        let nearest = |shift: i64| {
            let (x1, x2) = ((x1 + shift) as f64 * east, (x2 + shift) as f64 * east);
            to_segment((x1, y1), (x2, y2))
        };
        if x2.abs() > AROUND / 2 { nearest(0).min(nearest(if x2 > 0 { -AROUND } else { AROUND })) } else { nearest(0) }
    });
    away.fold(f64::INFINITY, f64::min)
}

/// From the origin to the nearest point of a segment.
fn to_segment((x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> f64 {
    let (dx, dy) = (x2 - x1, y2 - y1);
    let length = dx * dx + dy * dy;
    let t = if length > 0.0 { (-(x1 * dx + y1 * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    (x1 + t * dx).hypot(y1 + t * dy)
}
