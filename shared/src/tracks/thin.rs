//! Fewer points of a track, those that tell most.
//!
//! SQUISH-E (Muckell, Olsen, Hwang, Lawson, Ravi: "Compression of trajectory data", GeoInformatica 18, 2014), over the whole
//! track at once: again and again the point goes whose place is told best by its neighbours. How well is the synchronised
//! Euclidean distance: from the point to where one would be at its time who goes from the neighbour before to the one behind
//! at an even pace. So a stop stays a stop, which a measure of the line's shape alone would drop. What a point's removal cost
//! is added to its neighbours', so that errors do not pile up unseen. n log n steps.

use super::lines::Point;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Metres of a degree of latitude: a mean Earth of 6,371,008.8 m.
const METRES_PER_DEGREE: f64 = 111_195.08;
/// The ends of a stretch without gaps go last: metres that no line is off.
const END: f64 = 1e12;

/// How far, in metres, a point is from where one would be at its time between two others.
fn off(before: &Point, point: &Point, after: &Point) -> f64 {
    let span = after.fix.time.since(before.fix.time);
    let part = if span > 0 { point.fix.time.since(before.fix.time) as f64 / span as f64 } else { 0.0 };
    // Relative to the point: across the antimeridian, too, it is the shorter way.
    let east = |p: &Point| wrapped(f64::from(p.fix.lon_e6) - f64::from(point.fix.lon_e6));
    let north = |p: &Point| f64::from(p.fix.lat_e6) - f64::from(point.fix.lat_e6);
    let between = |a: f64, b: f64| (a + (b - a) * part) / 1e6 * METRES_PER_DEGREE;
    let x = between(east(before), east(after)) * (f64::from(point.fix.lat_e6) / 1e6).to_radians().cos();
    x.hypot(between(north(before), north(after)))
}

fn wrapped(lon_e6: f64) -> f64 {
    if lon_e6 > 180e6 {
        lon_e6 - 360e6
    } else if lon_e6 < -180e6 {
        lon_e6 + 360e6
    } else {
        lon_e6
    }
}

/// A point on its way out.
#[derive(Clone, Copy)]
struct Node {
    before: usize,
    after: usize,
    /// What the removal of neighbours has cost.
    owes: f64,
    /// What its own would cost; as bits it is ordered like the number, since it is not negative.
    cost: u64,
    is_there: bool,
}

/// At most so many of the points, the first and the last among them. A gap that was between two stays between those that
/// are left.
pub fn thinned(points: Vec<Point>, most: usize) -> Vec<Point> {
    let n = points.len();
    if n <= most.max(2) {
        return points;
    }
    let is_end =
        |i: usize| points.get(i).is_some_and(|p| p.gap_before) || points.get(i + 1).is_none_or(|next| next.gap_before);
    let cost = |i: usize, node: &Node| {
        let three = points.get(node.before).zip(points.get(i)).zip(points.get(node.after));
        let own = three.map_or(0.0, |((before, point), after)| off(before, point, after));
        (node.owes + own + if is_end(i) { END } else { 0.0 }).to_bits()
    };
    let mut nodes: Vec<Node> = (0..n)
        .map(|i| Node { before: i.saturating_sub(1), after: i + 1, owes: 0.0, cost: 0, is_there: true })
        .collect();
    let mut queue = BinaryHeap::with_capacity(n);
    for (i, node) in nodes.iter_mut().enumerate().take(n - 1).skip(1) {
        node.cost = cost(i, node);
        queue.push(Reverse((node.cost, i)));
    }
    let mut left = n;
    while left > most.max(2) {
        let Some(Reverse((at, i))) = queue.pop() else { break };
        // An older price of a point, or one that has gone.
        let Some(gone) = nodes.get_mut(i).filter(|node| node.is_there && node.cost == at) else { continue };
        gone.is_there = false;
        let gone = *gone;
        left -= 1;
        let spent = f64::from_bits(gone.cost) % END;
        for (neighbour, link) in [(gone.before, true), (gone.after, false)] {
            let Some(node) = nodes.get_mut(neighbour) else { continue };
            if link {
                node.after = gone.after;
            } else {
                node.before = gone.before;
            }
            node.owes = node.owes.max(spent);
            if neighbour > 0 && neighbour + 1 < n {
                let again = cost(neighbour, node);
                node.cost = again;
                queue.push(Reverse((again, neighbour)));
            }
        }
    }
    let mut gap = false;
    let mut kept = Vec::with_capacity(left);
    for (mut point, node) in points.into_iter().zip(nodes) {
        gap |= point.gap_before;
        if node.is_there {
            point.gap_before = gap && !kept.is_empty();
            kept.push(point);
            gap = false;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Millis;
    use crate::tracks::Fix;
    use proptest::prelude::*;

    fn point(second: i64, lat_e6: i32, lon_e6: i32) -> Point {
        let fix =
            Fix { time: Millis(second * 1_000), lat_e6, lon_e6, speed_e2: None, heading_e2: None, by_manager: false };
        Point { fix, gap_before: false }
    }

    proptest! {
        #[test]
        fn what_is_left_is_some_of_it_in_order_with_both_ends_and_every_gap(
            drawn in prop::collection::vec((-900..900_i32, -900..900_i32, any::<bool>()), 1..80), most in 2..60_usize,
        ) {
            let all: Vec<Point> = drawn.iter().zip(0..)
                .map(|((lat, lon, gap), s)| Point { gap_before: *gap && s > 0 && s % 5 == 0, ..point(s, *lat, *lon) }).collect();
            let left = thinned(all.clone(), most);
            prop_assert_eq!(left.len(), all.len().min(most));
            prop_assert_eq!(left.first().map(|p| p.fix), all.first().map(|p| p.fix));
            prop_assert_eq!(left.last().map(|p| p.fix), all.last().map(|p| p.fix));
            for pair in left.windows(2) {
                let between = |p: &&Point| p.fix.time > pair[0].fix.time && p.fix.time <= pair[1].fix.time;
                prop_assert!(pair[0].fix.time < pair[1].fix.time);
                prop_assert_eq!(pair[1].gap_before, all.iter().filter(between).any(|p| p.gap_before));
            }
        }
    }

    #[test]
    fn a_stop_on_a_straight_road_is_told() {
        // 100 s of driving, 100 s of standing, 100 s of driving: a measure of shape would say that all of it is one line.
        let metres = |s: i64| if s < 100 { s } else if s < 200 { 100 } else { s - 100 } as i32 * 90;
        let all: Vec<Point> = (0..=300).map(|s| point(s, metres(s), 0)).collect();
        let left: Vec<i64> = thinned(all, 4).iter().map(|p| p.fix.time.0 / 1_000).collect();
        assert_eq!(left.len(), 4);
        assert!((99..=101).contains(&left[1]) && (198..=201).contains(&left[2]), "{left:?}");
    }

    #[test]
    fn across_the_antimeridian_a_straight_line_is_straight() {
        let lons = [179_999_700, 179_999_800, 179_999_900, 180_000_000, -179_999_900, -179_999_800, -179_999_700];
        let mut all: Vec<Point> = lons.iter().zip(0..).map(|(lon, s)| point(s, 0, *lon)).collect();
        all[2].fix.lat_e6 = 50;
        let left: Vec<i64> = thinned(all, 3).iter().map(|p| p.fix.time.0 / 1_000).collect();
        assert_eq!(left, [0, 2, 6]);
    }
}
