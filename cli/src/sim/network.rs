//! A street network made by code: a grid of arterials that bends a little, laid over Austin at the angle of its real
//! downtown grid, and bus routes that are loops on it. Two routes on the same street lie on the same line.

/// Latitude of the network's centre: Congress Avenue in downtown Austin.
pub const CENTER_LAT: f64 = 30.27;
/// Longitude of the network's centre.
pub const CENTER_LON: f64 = -97.74;
/// Metres between two arterials.
const BLOCK: f64 = 400.0;
/// Distance of the points that a street is made of.
const SPACING: f64 = 40.0;
/// Radius of a turn at a corner.
const CORNER_RADIUS: f64 = 18.0;
/// Clockwise turn of the grid against north, in degrees: Congress Avenue's.
const GRID_TURN_DEGREES: f64 = 17.0;
/// Metres in a degree of latitude.
const METRES_PER_DEGREE: f64 = 111_320.0;
/// Within this distance of the centre it is downtown: slower, and stops are closer.
pub const DOWNTOWN_RADIUS: f64 = 1_500.0;

/// A point in metres east and north of the centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Metres east.
    pub east: f64,
    /// Metres north.
    pub north: f64,
}

impl Point {
    /// Latitude and longitude in degrees.
    pub fn lat_lon(self) -> (f64, f64) {
        let lat = CENTER_LAT + self.north / METRES_PER_DEGREE;
        let lon = CENTER_LON + self.east / (METRES_PER_DEGREE * CENTER_LAT.to_radians().cos());
        (lat, lon)
    }

    /// Metres between two points.
    pub fn distance(self, other: Self) -> f64 {
        (self.east - other.east).hypot(self.north - other.north)
    }

    fn toward(self, other: Self, metres: f64) -> Self {
        let share = metres / self.distance(other).max(f64::EPSILON);
        self.between(other, share)
    }

    fn between(self, other: Self, share: f64) -> Self {
        Self {
            east: self.east + (other.east - self.east) * share,
            north: self.north + (other.north - self.north) * share,
        }
    }
}

/// Why a vehicle halts at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HaltKind {
    /// The loop's beginning, where a vehicle waits for its next run.
    Terminal,
    /// A bus stop.
    Stop,
    /// Traffic lights.
    Signal,
}

/// A place where a vehicle may halt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Halt {
    /// Metres along the route.
    pub at: f64,
    /// Why.
    pub kind: HaltKind,
}

/// A closed route.
#[derive(Clone, Debug)]
pub struct Route {
    /// What it is called.
    pub name: &'static str,
    points: Vec<Point>,
    /// Metres from the beginning to each point; one more at the end for the way back to the first.
    along: Vec<f64>,
    /// Places to halt, in order.
    pub halts: Vec<Halt>,
    /// Metres along the route of the middle of each turn, in order.
    pub corners: Vec<f64>,
}

impl Route {
    /// Metres of one loop.
    pub fn length(&self) -> f64 {
        self.along.last().copied().unwrap_or(0.0)
    }

    /// The place and the heading (degrees clockwise from north) at so many metres along the route.
    pub fn at(&self, metres: f64) -> (Point, f64) {
        let metres = metres.rem_euclid(self.length().max(1.0));
        let next = self.along.partition_point(|&along| along <= metres).clamp(1, self.points.len());
        let (from, to) = (self.point(next - 1), self.point(next));
        let before = self.along.get(next - 1).copied().unwrap_or(0.0);
        let heading = (to.east - from.east).atan2(to.north - from.north).to_degrees().rem_euclid(360.0);
        (from.toward(to, metres - before), heading)
    }

    /// The speed that traffic allows there, in m/s.
    pub fn cruise(&self, metres: f64) -> f64 {
        if is_downtown(self.at(metres).0) { 8.5 } else { 13.4 }
    }

    /// The points that it is made of, the first once more at the end.
    pub fn loop_points(&self) -> impl Iterator<Item = Point> {
        self.points.iter().chain(self.points.first()).copied()
    }

    fn point(&self, index: usize) -> Point {
        self.points.get(index % self.points.len().max(1)).copied().unwrap_or(Point { east: 0.0, north: 0.0 })
    }
}

/// The routes of the demo: name and corners on the grid, in blocks east and north of the centre, driven in this order.
const LOOPS: &[(&str, &[(i32, i32)])] = &[
    // Long lines: out on one street, back on the next.
    ("S1", &[(0, -14), (0, 16), (1, 16), (1, -14)]),
    ("S3", &[(-1, -12), (-1, 4), (-3, 4), (-3, 18), (-2, 18), (-2, 5), (0, 5), (0, -12)]),
    ("S7", &[(2, -15), (2, -3), (4, -3), (4, 14), (5, 14), (5, -4), (3, -4), (3, -15)]),
    // Crosstown.
    ("S2", &[(-10, 0), (14, 0), (14, 1), (-10, 1)]),
    ("S4", &[(-9, 4), (6, 4), (6, 6), (15, 6), (15, 7), (5, 7), (5, 5), (-9, 5)]),
    ("S5", &[(-11, -5), (10, -5), (10, -4), (-11, -4)]),
    // Loops around the middle, either way.
    ("S10", &[(-2, -2), (-2, 3), (3, 3), (3, -2)]),
    ("S11", &[(-5, -6), (6, -6), (6, 9), (-1, 9), (-1, 7), (-5, 7)]),
    ("S20", &[(-8, 10), (8, 10), (8, 13), (2, 13), (2, 15), (-8, 15)]),
    ("S30", &[(-6, -16), (-6, -9), (2, -9), (2, 0), (4, 0), (4, -11), (0, -11), (0, -16)]),
    ("S37", &[(4, 1), (4, 8), (12, 8), (12, 12), (13, 12), (13, 1)]),
    ("S801", &[(0, -18), (0, 20), (-1, 20), (-1, -18)]),
];

/// All routes of the demo.
pub fn routes() -> Vec<Route> {
    LOOPS.iter().map(|(name, corners)| build(name, corners)).collect()
}

fn build(name: &'static str, blocks: &[(i32, i32)]) -> Route {
    let grid: Vec<Point> = blocks
        .iter()
        .map(|&(east, north)| Point { east: f64::from(east) * BLOCK, north: f64::from(north) * BLOCK })
        .collect();
    let mut points = Vec::new();
    let mut corner_indexes = Vec::new();
    let mut crossings = Vec::new();
    let count = grid.len();
    for index in 0..count {
        let (Some(&corner), Some(&before), Some(&after)) =
            (grid.get(index), grid.get((index + count - 1) % count), grid.get((index + 1) % count))
        else {
            continue;
        };
        let (enter, leave) = (corner.toward(before, CORNER_RADIUS), corner.toward(after, CORNER_RADIUS));
        // A quadratic curve from one street to the other.
        for step in 0..=4 {
            if step == 2 {
                corner_indexes.push(points.len());
            }
            let share = f64::from(step) / 4.0;
            points.push(bend(enter.between(corner, share).between(corner.between(leave, share), share)));
        }
        let end = after.toward(corner, CORNER_RADIUS);
        let length = leave.distance(end);
        let steps = (length / SPACING).floor() as u32;
        for step in 1..=steps {
            let metres = f64::from(step) * SPACING;
            // The first point behind each crossing street; the lights are there.
            let blocks_before = ((metres - SPACING + CORNER_RADIUS) / BLOCK).floor();
            if ((metres + CORNER_RADIUS) / BLOCK).floor() > blocks_before && metres + BLOCK / 2.0 < length {
                crossings.push(points.len());
            }
            if length - metres > 1.0 {
                points.push(bend(leave.toward(end, metres)));
            }
        }
    }
    let mut along = Vec::with_capacity(points.len() + 1);
    let mut total = 0.0;
    for (index, point) in points.iter().enumerate() {
        along.push(total);
        if let Some(next) = points.get((index + 1) % points.len()) {
            total += point.distance(*next);
        }
    }
    along.push(total);
    let at =
        |indexes: &[usize]| -> Vec<f64> { indexes.iter().filter_map(|&index| along.get(index).copied()).collect() };
    let (corners, crossings) = (at(&corner_indexes), at(&crossings));
    let mut route = Route { name, points, along, halts: Vec::new(), corners };
    route.halts = halts(&route, &crossings);
    route
}

/// Puts stops along a route, away from corners, and lights at crossings.
fn halts(route: &Route, crossings: &[f64]) -> Vec<Halt> {
    let start = CORNER_RADIUS * 3.0;
    let mut halts = vec![Halt { at: start, kind: HaltKind::Terminal }];
    let is_clear = |at: f64, others: &[f64], gap: f64| others.iter().all(|other| (other - at).abs() > gap);
    let mut at = start;
    loop {
        at += if is_downtown(route.at(at).0) { 320.0 } else { 480.0 };
        if at > route.length() - 200.0 {
            break;
        }
        while !is_clear(at, &route.corners, 45.0) || !is_clear(at, crossings, 45.0) {
            at += 15.0;
        }
        halts.push(Halt { at, kind: HaltKind::Stop });
    }
    halts.extend(
        crossings
            .iter()
            .filter(|&&at| at > start + 60.0 && is_clear(at, &route.corners, 60.0))
            .map(|&at| Halt { at, kind: HaltKind::Signal }),
    );
    halts.sort_by(|a, b| a.at.total_cmp(&b.at));
    halts
}

fn is_downtown(point: Point) -> bool {
    point.east.hypot(point.north) < DOWNTOWN_RADIUS
}

/// From the straight grid to the streets: the same gentle bends for every route, then the turn against north.
fn bend(point: Point) -> Point {
    let east = point.east + 90.0 * (point.north / 1_900.0).sin() + 35.0 * (point.north / 640.0 + 1.0).sin();
    let north = point.north + 70.0 * (point.east / 1_700.0 + 0.5).sin() + 25.0 * (point.east / 710.0).sin();
    let (sin, cos) = GRID_TURN_DEGREES.to_radians().sin_cos();
    Point { east: east * cos + north * sin, north: north * cos - east * sin }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_closed_lie_in_austin_and_have_places_to_halt() {
        let routes = routes();
        assert!(routes.len() >= 10);
        for route in &routes {
            assert!(route.length() > 6_000.0 && route.length() < 40_000.0, "{} {}", route.name, route.length());
            let mut metres = 0.0;
            let mut before = route.at(0.0).0;
            while metres < route.length() {
                metres += 5.0;
                let (here, heading) = route.at(metres);
                assert!(before.distance(here) <= 5.01, "{} jumps at {metres}", route.name);
                assert!((0.0..360.0).contains(&heading));
                let (lat, lon) = here.lat_lon();
                assert!((30.15..30.40).contains(&lat) && (-97.87..-97.61).contains(&lon), "{} {lat} {lon}", route.name);
                before = here;
            }
            assert!(before.distance(route.at(route.length()).0) < 6.0, "{} is closed", route.name);
            assert_eq!(route.halts.iter().filter(|halt| halt.kind == HaltKind::Terminal).count(), 1);
            assert!(route.halts.iter().filter(|halt| halt.kind == HaltKind::Stop).count() >= 10, "{}", route.name);
            assert!(route.halts.iter().filter(|halt| halt.kind == HaltKind::Signal).count() >= 5, "{}", route.name);
            assert!(route.halts.is_sorted_by(|a, b| a.at < b.at), "{}", route.name);
            assert!(route.halts.iter().all(|halt| halt.at < route.length()));
            assert_eq!(route.corners.len(), LOOPS.iter().find(|(name, _)| *name == route.name).unwrap().1.len());
        }
    }

    #[test]
    fn headings_turn_by_a_quarter_at_corners_and_hardly_between() {
        for route in routes() {
            let mut metres = 0.0;
            while metres < route.length() {
                let (from, to) = (route.at(metres).1, route.at(metres + 10.0).1);
                let turn = ((to - from + 540.0).rem_euclid(360.0) - 180.0).abs();
                let is_near_corner =
                    route.corners.iter().chain([route.length()].iter()).any(|corner| (corner - metres).abs() < 50.0);
                assert!(turn < if is_near_corner { 75.0 } else { 6.0 }, "{} at {metres}: {turn}", route.name);
                metres += 10.0;
            }
        }
    }
}
