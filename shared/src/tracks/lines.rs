//! The lines that a map draws of a track: one for each stretch without a gap, cut where it crosses the antimeridian.

use super::fix::Fix;
use crate::time::Millis;

/// A fix of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Where and when, as it is shown.
    pub fix: Fix,
    /// Whether nothing is known, or shown, of the time between it and the one before.
    pub gap_before: bool,
}

/// 180 degrees.
const HALF: i64 = 180_000_000;

/// Stretches without gaps.
pub fn stretches(points: &[Point]) -> Vec<Vec<Fix>> {
    let mut all: Vec<Vec<Fix>> = Vec::new();
    for point in points {
        match all.last_mut() {
            Some(line) if !point.gap_before => line.push(point.fix),
            _ => all.push(vec![point.fix]),
        }
    }
    all
}

/// Lines of which none crosses the antimeridian, as RFC 7946 (3.1.9) wants them: one that does is cut there, with a place on
/// either side of it and the time at which it was crossed. A line of one place has it twice, since a line has two.
pub fn cut(stretches: Vec<Vec<Fix>>) -> Vec<Vec<Fix>> {
    let mut all = Vec::new();
    for stretch in stretches {
        let mut line: Vec<Fix> = Vec::new();
        for fix in stretch {
            if let Some(before) = line.last().copied()
                && let Some((there, here)) = crossing(&before, &fix)
            {
                line.push(there);
                all.push(std::mem::replace(&mut line, vec![here]));
            }
            line.push(fix);
        }
        all.push(line);
    }
    for line in &mut all {
        if let [only] = line.as_slice() {
            line.push(*only);
        }
    }
    all
}

/// Where a step crosses the antimeridian, seen from before and from behind, where it does: the shorter way around.
fn crossing(from: &Fix, to: &Fix) -> Option<(Fix, Fix)> {
    let (a, b) = (i64::from(from.lon_e6), i64::from(to.lon_e6));
    if (b - a).abs() <= HALF {
        return None;
    }
    let (edge, b) = if b < a { (HALF, b + 2 * HALF) } else { (-HALF, b - 2 * HALF) };
    let part = if b == a { 0.0 } else { (edge - a) as f64 / (b - a) as f64 };
    let lat = f64::from(from.lat_e6) + f64::from(to.lat_e6 - from.lat_e6) * part;
    let time = Millis(from.time.0 + (to.time.since(from.time) as f64 * part).round() as i64);
    let at = |lon: i64| Fix { time, lat_e6: lat.round() as i32, lon_e6: lon as i32, ..*from };
    Some((at(edge), at(-edge)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(second: i64, lat_e6: i32, lon_e6: i32, gap_before: bool) -> Point {
        let fix =
            Fix { time: Millis(second * 1_000), lat_e6, lon_e6, speed_e2: None, heading_e2: None, by_manager: false };
        Point { fix, gap_before }
    }

    fn places(lines: &[Vec<Fix>]) -> Vec<Vec<(i64, i32, i32)>> {
        lines.iter().map(|l| l.iter().map(|f| (f.time.0, f.lat_e6, f.lon_e6)).collect()).collect()
    }

    #[test]
    fn a_gap_parts_lines_and_a_lonely_place_is_a_line_too() {
        let points = [point(0, 1, 1, false), point(1, 2, 2, false), point(9, 3, 3, true)];
        let lines = cut(stretches(&points));
        assert_eq!(places(&lines), [vec![(0, 1, 1), (1_000, 2, 2)], vec![(9_000, 3, 3), (9_000, 3, 3)]]);
        assert!(cut(stretches(&[])).is_empty());
    }

    #[test]
    fn a_line_is_cut_at_the_antimeridian_in_both_directions() {
        let east = [point(0, 0, 179_999_000, false), point(4, 400, -179_997_000, false)];
        assert_eq!(
            places(&cut(stretches(&east))),
            [
                vec![(0, 0, 179_999_000), (1_000, 100, 180_000_000)],
                vec![(1_000, 100, -180_000_000), (4_000, 400, -179_997_000)],
            ]
        );
        let west = [point(0, 0, -179_999_000, false), point(2, 200, 179_999_000, false)];
        assert_eq!(
            places(&cut(stretches(&west))),
            [
                vec![(0, 0, -179_999_000), (1_000, 100, -180_000_000)],
                vec![(1_000, 100, 180_000_000), (2_000, 200, 179_999_000)],
            ]
        );
        // On it is not across it, and 180 and -180 are one place.
        let along = [point(0, 0, 180_000_000, false), point(1, 5, 180_000_000, false)];
        assert_eq!(cut(stretches(&along)).len(), 1);
        let same = [point(0, 0, 180_000_000, false), point(1, 5, -180_000_000, false)];
        assert!(cut(stretches(&same)).iter().all(|line| line.len() == 2));
    }
}
