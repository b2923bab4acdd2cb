//! The way that the selected item came, as the server remembers it, and on from there as long as the page is open. Gaps
//! in time are gaps in the line: nobody knows the way between.

use super::mercator::Fixed;
use super::trail::Segment;
use crate::board::map::gpu::upload::RECORD_BYTES;

/// Points further apart in time than this have no line between them, in milliseconds…
const GAP_MS: f64 = 10.0 * 60_000.0;

/// …unless the points of the whole way are as far apart: so many times the middle distance in time.
const USUAL: f64 = 5.0;

/// A point of a way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Milliseconds since 1970.
    pub time: f64,
    /// Degrees.
    pub lat: f64,
    /// Degrees.
    pub lon: f64,
}

/// The way of one item.
#[derive(Debug, Default)]
pub struct Path {
    tag: Option<u32>,
    segments: Vec<Segment>,
    end: Option<Fixed>,
    is_new: bool,
}

impl Path {
    /// Takes the way of the item with this tag, in the order of time.
    pub fn set(&mut self, tag: u32, points: &[Point]) {
        self.clear();
        self.tag = Some(tag);
        let gap = gap_ms(points);
        let place = |point: &Point| Fixed::from_degrees(point.lat, point.lon);
        for (from, to) in points.iter().zip(points.iter().skip(1)) {
            if to.time - from.time <= gap {
                self.segments.push(Segment { from: place(from), to: place(to), tag, ..Segment::default() });
            }
        }
        self.end = points.last().map(place);
    }

    /// Shows none.
    pub fn clear(&mut self) {
        self.tag = None;
        self.segments.clear();
        self.end = None;
        self.is_new = true;
    }

    /// An item went on: on the scene's clock it sets out at `start` and takes `glide`. After a jump there is no line.
    pub fn extend(&mut self, tag: u32, to: Fixed, start: i32, glide: u16, is_jump: bool) {
        if self.tag != Some(tag) {
            return;
        }
        if let (Some(from), false) = (self.end, is_jump) {
            self.segments.push(Segment { from, to, start, glide: i32::from(glide), since: start, tag });
        }
        self.end = Some(to);
        self.is_new = true;
    }

    /// The GPU's copy is gone.
    pub fn mark_all(&mut self) {
        self.is_new = true;
    }

    /// Its records, if they changed since they were taken last.
    pub fn take_upload(&mut self) -> Option<Vec<u8>> {
        if !std::mem::replace(&mut self.is_new, false) {
            return None;
        }
        let mut bytes = Vec::with_capacity(self.segments.len() * RECORD_BYTES);
        for segment in &self.segments {
            bytes.extend_from_slice(&segment.to_bytes());
        }
        Some(bytes)
    }
}

fn gap_ms(points: &[Point]) -> f64 {
    let mut steps: Vec<f64> = points.iter().zip(points.iter().skip(1)).map(|(a, b)| b.time - a.time).collect();
    steps.sort_by(f64::total_cmp);
    let middle = steps.get(steps.len() / 2).copied().unwrap_or_default();
    GAP_MS.max(middle * USUAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(minutes: &[f64]) -> Vec<Point> {
        minutes.iter().map(|&at| Point { time: at * 60_000.0, lat: 30.0 + at / 1_000.0, lon: -97.0 }).collect()
    }

    #[test]
    fn a_gap_in_time_is_a_gap_in_the_line() {
        let mut path = Path::default();
        path.set(1, &points(&[0.0, 1.0, 2.0, 40.0, 41.0]));
        assert_eq!(path.segments.len(), 3);
        path.set(1, &points(&[0.0, 60.0, 120.0, 180.0]));
        assert_eq!(path.segments.len(), 3, "an item that reports once an hour has a line all the same");
    }

    #[test]
    fn it_goes_on_with_its_own_item_and_not_over_a_jump() {
        let mut path = Path::default();
        path.set(7, &points(&[0.0, 1.0]));
        assert_eq!(path.take_upload().map(|bytes| bytes.len()), Some(RECORD_BYTES));
        assert_eq!(path.take_upload(), None);
        let there = Fixed::from_degrees(30.01, -97.0);
        path.extend(8, there, 0, 500, false);
        assert_eq!(path.take_upload(), None, "another's news");
        path.extend(7, there, 0, 500, false);
        path.extend(7, Fixed::from_degrees(50.0, 8.0), 900, 0, true);
        assert_eq!(path.take_upload().map(|bytes| bytes.len()), Some(2 * RECORD_BYTES));
        path.clear();
        assert_eq!((path.segments.len(), path.take_upload()), (0, Some(Vec::new())));
    }

    #[test]
    fn across_the_antimeridian_the_line_goes_the_short_way() {
        let mut path = Path::default();
        let at = |time: f64, lon: f64| Point { time, lat: 0.0, lon };
        path.set(1, &[at(0.0, 179.9), at(1_000.0, -179.9)]);
        let segment = path.segments[0];
        assert!(segment.to.offset_from(segment.from).0 < 0.01);
    }
}
