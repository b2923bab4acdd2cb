//! Where items are: dots on a plain map in Web Mercator (EPSG:3857), fitted to them.

use super::{HEIGHT, MARGIN, PANEL, WIDTH};
use crate::position::Position;
use std::collections::HashSet;
use std::f64::consts::PI;
use std::fmt::Write as _;

/// Beyond this Web Mercator ends.
const LAT_MAX: f64 = 85.051_128;
/// The least that is shown across, as a share of the world: about four kilometres at the equator.
const LEAST: f64 = 1e-4;
/// Pixels between dots and the panel's edge.
const PADDING: f64 = 24.0;
const RADIUS: f64 = 6.0;

/// A place in the world: 0 to 1 from 180° west eastwards, and from the top down.
#[derive(Clone, Copy)]
struct Spot {
    x: f64,
    y: f64,
}

fn spot(position: &Position) -> Spot {
    let lat = position.lat().clamp(-LAT_MAX, LAT_MAX).to_radians();
    let y = 0.5 - (PI / 4.0 + lat / 2.0).tan().ln() / (2.0 * PI);
    Spot { x: position.lon() / 360.0 + 0.5, y }
}

/// Where the narrowest stretch of meridians begins that all are in; it may go on across ±180°.
fn west(spots: &[Spot]) -> f64 {
    let mut xs: Vec<f64> = spots.iter().map(|spot| spot.x.rem_euclid(1.0)).collect();
    xs.sort_by(f64::total_cmp);
    let (Some(first), Some(last)) = (xs.first(), xs.last()) else { return 0.0 };
    // The widest gap is left out; it ends where the stretch begins.
    let mut widest = (first + 1.0 - last, *first);
    for pair in xs.windows(2) {
        if let [from, to] = pair
            && to - from > widest.0
        {
            widest = (to - from, *to);
        }
    }
    widest.1
}

pub(super) fn draw(svg: &mut String, positions: &[Position]) {
    let (left, right) = (MARGIN, f64::from(WIDTH) - MARGIN);
    let (top, bottom) = PANEL;
    debug_assert!(bottom < f64::from(HEIGHT));
    let (width, height) = (right - left, bottom - top);
    // Writing to a string can't fail.
    let _ = write!(
        svg,
        "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"16\" fill=\"#ffffff\" stroke=\"#d9e1e8\" stroke-width=\"2\"/>"
    );
    let mut spots: Vec<Spot> = positions.iter().map(spot).collect();
    let from = west(&spots);
    for spot in &mut spots {
        spot.x = (spot.x - from).rem_euclid(1.0);
    }
    let span = |axis: fn(&Spot) -> f64| {
        let values = spots.iter().map(axis);
        let (low, high) = (values.clone().fold(f64::INFINITY, f64::min), values.fold(f64::NEG_INFINITY, f64::max));
        if low <= high { (f64::midpoint(low, high), high - low) } else { (0.5, 1.0) }
    };
    let ((mid_x, wide), (mid_y, high)) = (span(|spot| spot.x), span(|spot| spot.y));
    let (room_x, room_y) = (width - 2.0 * (PADDING + RADIUS), height - 2.0 * (PADDING + RADIUS));
    // Pixels that the whole world would take.
    let scale = (room_x / wide.max(LEAST)).min(room_y / high.max(LEAST));
    let place = |x: f64, y: f64| (left + width / 2.0 + (x - mid_x) * scale, top + height / 2.0 + (y - mid_y) * scale);
    svg.push_str("<g stroke=\"#e6ecf1\" stroke-width=\"2\">");
    let across = width / 2.0 / scale;
    // Squares, five to eleven of them across.
    let step = (across / 2.5).log2().floor().exp2();
    for x in lines(mid_x + from - across, mid_x + from + across, step) {
        let (x, _) = place(x - from, mid_y);
        let _ = write!(svg, "<path d=\"M{x:.1} {}V{}\"/>", top + 1.0, bottom - 1.0);
    }
    let down = height / 2.0 / scale;
    for y in lines(mid_y - down, mid_y + down, step) {
        let (_, y) = place(mid_x, y);
        let _ = write!(svg, "<path d=\"M{} {y:.1}H{}\"/>", left + 1.0, right - 1.0);
    }
    svg.push_str("</g>");
    let mut taken = HashSet::new();
    svg.push_str("<g fill=\"#0a5cba\" stroke=\"#ffffff\" stroke-width=\"2\">");
    for spot in &spots {
        let (x, y) = place(spot.x, spot.y);
        // Dots that would cover each other are one.
        if taken.insert(((x / RADIUS) as i32, (y / RADIUS) as i32)) {
            let _ = write!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{RADIUS}\"/>");
        }
    }
    svg.push_str("</g>");
}

/// Where lines of a grid are between two ends.
fn lines(from: f64, to: f64, step: f64) -> impl Iterator<Item = f64> {
    let first = (from / step).ceil() as i64;
    (first..first.saturating_add(12)).map(move |n| n as f64 * step).take_while(move |line| *line <= to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::Measured;
    use proptest::prelude::*;

    fn dots(places: &[(f64, f64)]) -> Vec<(f64, f64)> {
        let positions: Vec<Position> = places
            .iter()
            .map(|(lat, lon)| Measured { lat: *lat, lon: *lon, ..Measured::default() }.check().unwrap())
            .collect();
        let mut svg = String::new();
        draw(&mut svg, &positions);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        let number = |text: &str, name: &str| -> f64 {
            text.split_once(name).unwrap().1.split('"').next().unwrap().parse().unwrap()
        };
        svg.split("<circle ").skip(1).map(|one| (number(one, "cx=\""), number(one, "cy=\""))).collect()
    }

    #[test]
    fn north_is_up_and_east_is_right() {
        let dots = dots(&[(30.3, -97.8), (30.2, -97.7)]);
        assert!(dots[0].0 < dots[1].0 && dots[0].1 < dots[1].1, "{dots:?}");
    }

    #[test]
    fn places_on_both_sides_of_180_degrees_are_beside_each_other() {
        let dots = dots(&[(-17.0, 179.0), (-17.5, -179.0), (-18.0, 178.0)]);
        assert!(dots[2].0 < dots[0].0 && dots[0].0 < dots[1].0, "{dots:?}");
        assert!(dots[1].0 - dots[2].0 > 500.0, "fitted to three degrees and not to the world: {dots:?}");
    }

    #[test]
    fn one_place_is_in_the_middle_and_none_is_an_empty_map() {
        assert_eq!(dots(&[(48.0, 11.0)]), [(600.0, 376.0)]);
        assert_eq!(dots(&[]), []);
    }

    #[test]
    fn many_items_in_one_place_are_one_dot() {
        assert_eq!(dots(&vec![(48.0, 11.0); 500]).len(), 1);
    }

    proptest! {
        #[test]
        fn every_dot_is_inside(places in proptest::collection::vec((-90.0..=90.0f64, -180.0..=180.0f64), 1..60)) {
            for (x, y) in dots(&places) {
                prop_assert!(x >= MARGIN + PADDING && x <= f64::from(WIDTH) - MARGIN - PADDING, "{x}");
                prop_assert!(y >= PANEL.0 + PADDING && y <= PANEL.1 - PADDING, "{y}");
            }
        }
    }
}
