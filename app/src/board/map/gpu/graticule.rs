//! The grid of meridians and parallels, whose spacing follows the zoom: on a basemap without streets it says where one
//! is and how far things are apart.

use crate::board::map::scene::mercator::{Fixed, MAX_LAT};
use crate::board::map::scene::projector::Projector;
use crate::parts::format;

/// Spacings in degrees with the decimals their labels need, coarse to fine.
const SPACINGS: [(f64, usize); 17] = [
    (30.0, 0),
    (15.0, 0),
    (10.0, 0),
    (5.0, 0),
    (2.0, 0),
    (1.0, 0),
    (0.5, 1),
    (0.2, 1),
    (0.1, 1),
    (0.05, 2),
    (0.02, 2),
    (0.01, 2),
    (0.005, 3),
    (0.002, 3),
    (0.001, 3),
    (0.000_5, 4),
    (0.000_2, 4),
];

/// Lines closer than this are a hatch, not a grid.
const MIN_PIXELS: f64 = 120.0;

/// A line longer than this is drawn in parts, since fixed-point differences go the short way round.
const PART_DEGREES: f64 = 60.0;

/// More lines than this help nobody, and a steep camera can see very far.
const MAX_LINES: usize = 80;

/// What a camera can see, in degrees; the east may be beyond 180.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Degrees.
    pub west: f64,
    /// Degrees.
    pub south: f64,
    /// Degrees.
    pub east: f64,
    /// Degrees.
    pub north: f64,
}

/// A meridian or a parallel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Its longitude or latitude.
    pub degrees: f64,
    /// Whether it runs north–south.
    pub is_meridian: bool,
}

/// A label and where on the screen it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// CSS pixels from the left.
    pub x: f64,
    /// CSS pixels from the top.
    pub y: f64,
    /// Such as `30.25° N`.
    pub text: String,
    /// Whether it belongs to a meridian, along the top; others stand at the left.
    pub is_meridian: bool,
}

/// The spacing for a zoom, with the decimals of its labels.
pub fn spacing(zoom: f64) -> (f64, usize) {
    let pixels_per_degree = 512.0 * zoom.exp2() / 360.0;
    let fits = |&&(degrees, _): &&(f64, usize)| degrees * pixels_per_degree >= MIN_PIXELS;
    SPACINGS.iter().rev().find(fits).or(SPACINGS.first()).copied().unwrap_or((30.0, 0))
}

/// The lines inside the bounds.
pub fn lines(bounds: &Bounds, zoom: f64) -> Vec<Line> {
    let (step, _) = spacing(zoom);
    let span = |from: f64, to: f64, is_meridian: bool| {
        let (first, last) = ((from / step).ceil() as i64, (to / step).floor() as i64);
        (first..=last).take(MAX_LINES).map(move |n| Line { degrees: n as f64 * step, is_meridian })
    };
    let east = bounds.east.min(bounds.west + 360.0);
    let mut all: Vec<Line> = span(bounds.west, east, true).collect();
    all.extend(span(bounds.south.max(-MAX_LAT), bounds.north.min(MAX_LAT), false));
    all
}

/// The pieces of a line between which the map can be drawn straight.
pub fn parts(line: Line, bounds: &Bounds) -> Vec<(Fixed, Fixed)> {
    let bounds = widened(bounds);
    let (from, to) = if line.is_meridian {
        (bounds.south.max(-MAX_LAT), bounds.north.min(MAX_LAT))
    } else {
        (bounds.west, bounds.east.min(bounds.west + 360.0))
    };
    let place = |along: f64| {
        if line.is_meridian {
            Fixed::from_degrees(along, line.degrees)
        } else {
            Fixed::from_degrees(line.degrees, along)
        }
    };
    let count = ((to - from) / PART_DEGREES).ceil().clamp(1.0, 12.0) as usize;
    let at = |n: usize| place(from + (to - from) * n as f64 / count as f64);
    (0..count).map(|n| (at(n), at(n + 1))).collect()
}

/// Where the labels stand: a meridian's where it crosses the top edge, a parallel's where it crosses the left edge.
pub fn labels(bounds: &Bounds, camera: &Projector) -> Vec<Label> {
    let (_, decimals) = spacing(camera.zoom);
    let mut labels = Vec::new();
    for line in lines(bounds, camera.zoom) {
        for (from, to) in parts(line, bounds) {
            let (Some(a), Some(b)) = (camera.screen_from_fixed(from), camera.screen_from_fixed(to)) else { continue };
            let Some((x, y)) = crossing(a, b, line.is_meridian, camera.size) else { continue };
            let text = if line.is_meridian {
                format::longitude(wrap(line.degrees), decimals)
            } else {
                format::latitude(line.degrees, decimals)
            };
            labels.push(Label { x, y, text, is_meridian: line.is_meridian });
            break;
        }
    }
    labels
}

fn crossing(a: (f64, f64), b: (f64, f64), at_top: bool, size: (f64, f64)) -> Option<(f64, f64)> {
    let (from, to, across_from, across_to, limit) =
        if at_top { (a.1, b.1, a.0, b.0, size.0) } else { (a.0, b.0, a.1, b.1, size.1) };
    if (from > 0.0) == (to > 0.0) || (to - from).abs() < f64::EPSILON {
        return None;
    }
    let across = across_from + (across_to - across_from) * (0.0 - from) / (to - from);
    if !(24.0..=limit - 24.0).contains(&across) {
        return None;
    }
    Some(if at_top { (across, 0.0) } else { (0.0, across) })
}

/// Lines go on a little beyond the view, so that they cross its edges.
fn widened(bounds: &Bounds) -> Bounds {
    let (width, height) = ((bounds.east - bounds.west) * 0.02, (bounds.north - bounds.south) * 0.02);
    Bounds {
        west: bounds.west - width,
        south: bounds.south - height,
        east: bounds.east + width,
        north: bounds.north + height,
    }
}

fn wrap(lon: f64) -> f64 {
    if (-180.0..=180.0).contains(&lon) { lon } else { (lon + 180.0).rem_euclid(360.0) - 180.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spacing_follows_the_zoom() {
        let mut last = f64::MAX;
        for tenth in 0..220 {
            let zoom = f64::from(tenth) / 10.0;
            let (degrees, _) = spacing(zoom);
            assert!(degrees <= last);
            let pixels = degrees * 512.0 * zoom.exp2() / 360.0;
            assert!(zoom < 1.6 || pixels >= MIN_PIXELS, "zoom {zoom}: {pixels}");
            assert!(zoom > 17.0 || pixels <= 420.0, "zoom {zoom}: {pixels}");
            last = degrees;
        }
    }

    #[test]
    fn labels_have_the_decimals_of_their_spacing() {
        for (degrees, decimals) in SPACINGS {
            let scaled = degrees * 10_f64.powi(decimals as i32);
            assert!((scaled - scaled.round()).abs() < 1e-9, "{degrees}");
        }
    }

    #[test]
    fn a_city_has_a_handful_of_lines_and_the_world_too() {
        let city = Bounds { west: -97.95, south: 30.1, east: -97.55, north: 30.45 };
        let n = lines(&city, 11.0).len();
        assert!((4..=20).contains(&n), "{n}");
        let world = Bounds { west: -400.0, south: -89.0, east: 400.0, north: 89.0 };
        assert!(lines(&world, 1.0).len() < 40);
        let equator = Line { degrees: 0.0, is_meridian: false };
        assert!(parts(equator, &world).iter().all(|(a, b)| a.offset_from(*b).0.abs() < 0.25));
    }

    #[test]
    fn longitudes_beyond_the_antimeridian_are_named_as_on_a_globe() {
        assert!((wrap(190.0) + 170.0).abs() < 1e-9);
        assert!((wrap(-180.0) + 180.0).abs() < 1e-9);
    }
}
