//! Series side by side over one row of times, as a chart and a table want them.

use std::collections::BTreeMap;

use super::series::{Aggregate, Point};
use super::span::{Step, Window};

/// A series is broken where it is silent for more than so many of its usual intervals.
const SILENT_INTERVALS: i64 = 3;

/// What a line has at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spot {
    /// Nothing of its own: the line goes on to its next value.
    Absent,
    /// Silence: the line is broken here.
    Break,
    /// A value.
    Value(f64),
}

impl Spot {
    /// The value, if there is one.
    pub const fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Break => None,
        }
    }
}

/// One row of times, and for each line what it has there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// Epoch milliseconds, rising.
    pub times: Vec<i64>,
    /// As long as the times, each.
    pub lines: Vec<Vec<Spot>>,
}

impl Columns {
    /// Puts series side by side.
    pub fn align(series: &[Vec<(i64, f64)>], step: Step) -> Self {
        let mut rows: BTreeMap<i64, Vec<Spot>> = BTreeMap::new();
        let mut put = |time: i64, line: usize, spot: Spot| {
            if let Some(cell) = rows.entry(time).or_insert_with(|| vec![Spot::Absent; series.len()]).get_mut(line) {
                *cell = spot;
            }
        };
        for (line, points) in series.iter().enumerate() {
            let silent_after = silence(points, step);
            let mut before = None;
            for &(time, value) in points {
                if let Some(before) = before
                    && time - before > silent_after
                {
                    put(before + step.millis(), line, Spot::Break);
                }
                put(time, line, Spot::Value(value));
                before = Some(time);
            }
        }
        let mut columns = Self { times: Vec::with_capacity(rows.len()), lines: vec![Vec::new(); series.len()] };
        for (time, row) in rows {
            columns.times.push(time);
            for (line, spot) in columns.lines.iter_mut().zip(row) {
                line.push(spot);
            }
        }
        columns
    }

    /// The row of the time that is nearest to a moment and where some line has a value.
    pub fn nearest(&self, moment: i64) -> Option<usize> {
        let after = self.times.partition_point(|time| *time < moment);
        let at = |row: usize| self.times.get(row).copied().filter(|_| self.has_value(row));
        let right = (after..self.times.len()).find_map(|row| at(row).map(|time| (row, time)));
        let left = (0..after).rev().find_map(|row| at(row).map(|time| (row, time)));
        match (left, right) {
            (Some(left), Some(right)) if moment - left.1 <= right.1 - moment => Some(left.0),
            (Some(left), None) => Some(left.0),
            (_, Some(right)) => Some(right.0),
            (None, None) => None,
        }
    }

    /// The next row with a value, `by` rows on or back; the last or first one when there are not so many.
    pub fn walk(&self, from: Option<usize>, by: i64) -> Option<usize> {
        let rows: Vec<usize> = (0..self.times.len()).filter(|row| self.has_value(*row)).collect();
        let last = rows.len().checked_sub(1)?;
        let at = match (from, by) {
            (_, i64::MIN) | (None, 0..i64::MAX) => 0,
            (_, i64::MAX) | (None, ..0) => last,
            (Some(from), _) => {
                let at = rows.partition_point(|row| *row < from) as i64;
                (at.saturating_add(by)).clamp(0, last as i64) as usize
            }
        };
        rows.get(at).copied()
    }

    /// Whether some line has a value there.
    pub fn has_value(&self, row: usize) -> bool {
        self.lines.iter().any(|line| line.get(row).is_some_and(|spot| spot.value().is_some()))
    }

    /// Whether there is nothing to see in a window. A value stands where its step begins; one that begins before the
    /// window only leads the line into it.
    pub fn is_empty(&self, window: Window) -> bool {
        let is_seen = |time: i64| (window.from..window.to).contains(&time);
        self.times.iter().enumerate().all(|(row, time)| !is_seen(*time) || !self.has_value(row))
    }
}

/// After how long a series counts as silent: a sensor that speaks once in five minutes is not silent in between.
fn silence(points: &[(i64, f64)], step: Step) -> i64 {
    let mut intervals: Vec<i64> =
        points.iter().zip(points.iter().skip(1)).map(|((before, _), (after, _))| after - before).collect();
    intervals.sort_unstable();
    let usual = intervals.get(intervals.len() / 2).copied().unwrap_or(step.millis());
    usual.max(step.millis()).saturating_mul(SILENT_INTERVALS)
}

/// The times and values of an aggregate. Where nothing was counted the count is zero, which the API leaves out.
pub fn values(points: &[Point], aggregate: Aggregate, step: Step, window: Window) -> Vec<(i64, f64)> {
    let known = points.iter().filter_map(|point| Some((point.time, aggregate.of(point)?)));
    let known =
        known.filter(|(time, value)| value.is_finite() && time + step.millis() > window.from && *time < window.to);
    if aggregate.counts() { with_zeros(known, step) } else { known.collect() }
}

/// Zeros stand at the edges of silence only: a line between them needs no more.
fn with_zeros(known: impl Iterator<Item = (i64, f64)>, step: Step) -> Vec<(i64, f64)> {
    let mut all: Vec<(i64, f64)> = Vec::new();
    for (time, value) in known {
        if let Some(&(before, _)) = all.last() {
            let (first, last) = (before + step.millis(), time - step.millis());
            if first <= last {
                all.push((first, 0.0));
            }
            if first < last {
                all.push((last, 0.0));
            }
        }
        all.push((time, value));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::Spot::{Absent, Break, Value};
    use super::*;

    const MIN: i64 = 60_000;

    fn line(times: &[i64]) -> Vec<(i64, f64)> {
        times.iter().map(|minute| (minute * MIN, *minute as f64)).collect()
    }

    #[test]
    fn a_silence_breaks_the_line_and_a_slow_sensor_does_not() {
        let columns = Columns::align(&[line(&[0, 1, 2, 10, 11])], Step::Minute);
        assert_eq!(columns.times, [0, MIN, 2 * MIN, 3 * MIN, 10 * MIN, 11 * MIN]);
        assert_eq!(columns.lines[0][3], Break);
        let slow = Columns::align(&[line(&[0, 5, 10, 15, 20])], Step::Minute);
        assert!(slow.lines[0].iter().all(|spot| *spot != Break));
    }

    #[test]
    fn lines_share_one_row_of_times() {
        let columns = Columns::align(&[line(&[0, 2, 4]), line(&[1, 2])], Step::Minute);
        assert_eq!(columns.times, [0, MIN, 2 * MIN, 4 * MIN]);
        assert_eq!(columns.lines[0], [Value(0.0), Absent, Value(2.0), Value(4.0)]);
        assert_eq!(columns.lines[1], [Absent, Value(1.0), Value(2.0), Absent]);
        let window = Window { from: MIN, to: 3 * MIN };
        assert!(!columns.is_empty(window));
        assert!(Columns::align(&[], Step::Minute).is_empty(window));
        assert!(Columns::align(&[Vec::new(), line(&[0, 3])], Step::Minute).is_empty(window));
    }

    #[test]
    fn the_crosshair_stops_at_values_only() {
        let columns = Columns::align(&[line(&[0, 1, 2, 10, 11])], Step::Minute);
        assert_eq!(columns.nearest(0), Some(0));
        assert_eq!(columns.nearest(4 * MIN), Some(2), "not at the break");
        assert_eq!(columns.nearest(9 * MIN), Some(4));
        assert_eq!(columns.nearest(i64::MAX / 2), Some(5));
        assert_eq!(columns.walk(Some(2), 1), Some(4));
        assert_eq!(columns.walk(Some(4), -1), Some(2));
        assert_eq!(columns.walk(None, -1), Some(5));
        assert_eq!(columns.walk(None, i64::MAX), Some(5));
        assert_eq!(columns.walk(None, i64::MIN), Some(0));
        assert_eq!(columns.walk(Some(0), i64::MAX), Some(5));
        assert_eq!(columns.walk(Some(5), i64::MIN), Some(0));
        assert_eq!(Columns::default().nearest(0), None);
        assert_eq!(Columns::default().walk(None, 1), None);
    }

    #[test]
    fn what_was_not_counted_is_zero_and_what_was_not_measured_is_nothing() {
        let point = |minute: i64| Point { time: minute * MIN, count: 2.0, average: Some(7.0), ..Point::default() };
        let points = [point(0), point(1), point(5), point(7)];
        let window = Window { from: 0, to: 60 * MIN };
        let counts = values(&points, Aggregate::Count, Step::Minute, window);
        let minutes: Vec<i64> = counts.iter().map(|(time, _)| time / MIN).collect();
        assert_eq!(minutes, [0, 1, 2, 4, 5, 6, 7]);
        assert_eq!(counts.iter().map(|(_, value)| *value as i64).collect::<Vec<_>>(), [2, 2, 0, 0, 2, 0, 2]);
        assert_eq!(values(&points, Aggregate::Average, Step::Minute, window).len(), 4);
        assert!(values(&points, Aggregate::Min, Step::Minute, window).is_empty());
        let narrow = Window { from: MIN + 1, to: 5 * MIN };
        assert_eq!(values(&points, Aggregate::Average, Step::Minute, narrow), [(MIN, 7.0)]);
    }
}
