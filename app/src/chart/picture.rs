//! What a chart shows: its lines, their values side by side, and how they are told.

use super::columns::{Columns, Spot};
use super::series::{Aggregate, Point};
use super::span::{Step, Window};
use super::words;

/// More lines than this in one chart can't be told apart.
pub const LINES_MAX: usize = 8;

/// One line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// What it is called.
    pub name: String,
    /// Behind its values.
    pub unit: Option<String>,
    /// The number of its colour and dash.
    pub style: usize,
    /// Whether its axis is the right one.
    pub is_right: bool,
}

/// The dashes of lines by their numbers: lengths of strokes and gaps. Beside the colour, so that nobody needs to tell
/// colours apart.
const DASHES: [&[u8]; LINES_MAX] =
    [&[], &[10, 4], &[3, 3], &[12, 3, 3, 3], &[20, 5], &[7, 3, 2, 3, 2, 3], &[2, 6], &[14, 4, 6, 4]];

impl Line {
    /// The number of its colour.
    pub const fn colour(&self) -> usize {
        self.style % LINES_MAX
    }

    /// The lengths of its strokes and gaps; none for a whole line.
    pub fn dash(&self) -> &'static [u8] {
        DASHES.get(self.colour()).copied().unwrap_or_default()
    }
}

/// A value that matters, drawn across the chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// What it is called; its value when it has no name.
    pub name: String,
    /// Where it lies.
    pub value: f64,
    /// Behind the value.
    pub unit: Option<String>,
    /// Whether its axis is the right one.
    pub is_right: bool,
}

/// A chart's content.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// In the order of the legend.
    pub lines: Vec<Line>,
    /// The lines' values; with a band two more columns, its upper and its lower edge.
    pub columns: Columns,
    /// The length of each value.
    pub step: Step,
    /// The latest measured value of each line, where its values are averages: an average is nobody's latest value.
    pub latest: Vec<Option<f64>>,
    /// Whether zero belongs on the scale: what is counted begins there.
    pub from_zero: bool,
    /// Values that matter.
    pub levels: Vec<Level>,
}

/// A line before its values stand beside the others'.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// What it is.
    pub line: Line,
    /// Times and values, in order.
    pub values: Vec<(i64, f64)>,
    /// The latest measured value, when the values are averages.
    pub latest: Option<f64>,
}

impl Level {
    /// Its name with its value, or the value alone.
    pub fn told(&self) -> String {
        let value = words::value_with_unit(self.value, self.unit.as_deref());
        if self.name.is_empty() { value } else { text!(chart.picture.level, name = &self.name, value = value) }
    }
}

impl Picture {
    /// Puts lines side by side.
    pub fn new(traces: Vec<Trace>, step: Step, from_zero: bool) -> Self {
        let latest = traces.iter().map(|trace| trace.latest).collect();
        let (lines, values): (Vec<_>, Vec<_>) = traces.into_iter().map(|trace| (trace.line, trace.values)).unzip();
        Self { lines, columns: Columns::align(&values, step), step, latest, from_zero, levels: Vec::new() }
    }

    /// One line of averages with a band from the smallest to the largest value.
    pub fn banded(line: Line, points: &[Point], step: Step, window: Window) -> Self {
        let of = |aggregate| super::columns::values(points, aggregate, step, window);
        let columns = Columns::align(&[of(Aggregate::Average), of(Aggregate::Max), of(Aggregate::Min)], step);
        let latest = vec![latest(points, window)];
        Self { lines: vec![line], columns, step, latest, from_zero: false, levels: Vec::new() }
    }

    /// With values that matter drawn across it.
    pub fn with_levels(self, levels: Vec<Level>) -> Self {
        Self { levels, ..self }
    }

    /// Whether the last two columns are the edges of a band.
    pub fn has_band(&self) -> bool {
        self.columns.lines.len() > self.lines.len()
    }

    /// A line's value in a row.
    pub fn value(&self, line: usize, row: usize) -> Option<f64> {
        self.columns.lines.get(line)?.get(row)?.value()
    }

    /// A line's value in a row as people read it, with the band's edges if there is one.
    pub fn told(&self, line: usize, row: usize) -> Option<String> {
        let unit = self.lines.get(line)?.unit.as_deref();
        let text = words::value_with_unit(self.value(line, row)?, unit);
        let edges = self.has_band().then(|| (self.value(2, row), self.value(1, row)));
        Some(match edges {
            Some((Some(least), Some(most))) if most > least => {
                text!(chart.picture.band, value = text, least = words::value(least), most = words::value(most))
            }
            Some(_) | None => text,
        })
    }

    /// A line's latest value as people read it.
    pub fn told_latest(&self, line: usize) -> Option<String> {
        match self.latest.get(line).copied().flatten() {
            Some(latest) => Some(words::value_with_unit(latest, self.lines.get(line)?.unit.as_deref())),
            None => (0..self.columns.times.len()).rev().find_map(|row| self.told(line, row)),
        }
    }

    /// All lines' values in a row, for somebody who listens.
    pub fn sentence(&self, row: usize) -> String {
        let mut parts = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            if let Some(told) = self.told(index, row) {
                parts.push(format!("{} {told}", line.name));
            }
        }
        parts.join(", ")
    }

    /// What all lines show, in sentences, and how many values lie above what matters.
    pub fn summary(&self) -> String {
        let values = |spots: &[Spot]| spots.iter().filter_map(|spot| Spot::value(*spot)).collect::<Vec<_>>();
        let lines = self.lines.iter().zip(&self.columns.lines);
        let told = lines
            .clone()
            .map(|(line, spots)| words::summary(&line.name, values(spots).into_iter(), line.unit.as_deref()));
        let above = self.levels.iter().map(|level| {
            let of_axis = lines.clone().filter(|(line, _)| line.is_right == level.is_right);
            let count = of_axis.flat_map(|(_, spots)| values(spots)).filter(|value| *value > level.value).count();
            counted!(count, chart.picture.above, level = level.told())
        });
        told.chain(above).collect::<Vec<_>>().join(". ")
    }

    /// Whether another picture has the same lines, so that only values changed.
    pub fn has_same_lines(&self, other: &Self) -> bool {
        self.lines == other.lines
            && self.has_band() == other.has_band()
            && self.from_zero == other.from_zero
            && self.levels == other.levels
    }
}

/// The last value of the last step that begins in the window.
pub fn latest(points: &[Point], window: Window) -> Option<f64> {
    points.iter().rev().filter(|point| point.time < window.to).find_map(|point| point.last)
}

/// The axes of units: the first on the left, the second on the right. Nothing when there are more.
pub fn axes<'u>(units: impl Iterator<Item = &'u str>) -> Option<Vec<bool>> {
    let mut known: Vec<&str> = Vec::new();
    let mut sides = Vec::new();
    for unit in units {
        let at = known.iter().position(|found| *found == unit).unwrap_or_else(|| {
            known.push(unit);
            known.len() - 1
        });
        sides.push(at == 1);
    }
    (known.len() <= 2).then_some(sides)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(time: i64, average: f64) -> Point {
        Point {
            time,
            count: 2.0,
            average: Some(average),
            min: Some(average - 1.0),
            max: Some(average + 1.0),
            ..Point::default()
        }
    }

    #[test]
    fn a_band_goes_with_its_line() {
        let line = Line { name: "Temperature".into(), unit: Some("°C".into()), ..Line::default() };
        let window = Window { from: 0, to: 1_000_000 };
        let picture = Picture::banded(line, &[point(0, 20.0), point(10_000, 21.5)], Step::TenSeconds, window);
        assert!(picture.has_band());
        assert_eq!(picture.told(0, 1).unwrap(), "21.5\u{a0}°C (20.5 to 22.5)");
        assert_eq!(picture.sentence(0), "Temperature 20\u{a0}°C (19 to 21)");
        assert!(picture.summary().starts_with("Temperature: 2 values"));
        assert_eq!(picture.told(0, 9), None);
        let last = Point { last: Some(23.25), ..point(10_000, 21.5) };
        let picture = Picture::banded(picture.lines[0].clone(), &[point(0, 20.0), last], Step::TenSeconds, window);
        assert_eq!(picture.told_latest(0).unwrap(), "23.25\u{a0}°C", "an average of ten seconds is no latest value");
    }

    #[test]
    fn what_lies_above_a_value_that_matters_is_counted_on_its_axis() {
        let trace = |is_right: bool, values: &[f64]| Trace {
            line: Line { name: "d".into(), is_right, ..Line::default() },
            values: (0..).step_by(10_000).zip(values.iter().copied()).collect(),
            latest: None,
        };
        let level = |name: &str, value: f64, is_right: bool| Level {
            name: name.to_owned(),
            value,
            unit: Some("°C".into()),
            is_right,
        };
        let lines = vec![trace(false, &[1.0, 5.0, 6.0]), trace(true, &[90.0])];
        let picture = Picture::new(lines, Step::TenSeconds, false);
        let without = picture.clone();
        let picture = picture.with_levels(vec![level("Too warm", 5.0, false), level("", 90.0, true)]);
        let said = picture.summary();
        assert!(said.ends_with("1 value above Too warm: 5\u{a0}°C. 0 values above 90\u{a0}°C"), "{said}");
        assert!(!picture.has_same_lines(&without), "a level that comes is drawn");
    }

    #[test]
    fn lines_are_told_in_order_and_gaps_left_out() {
        let trace = |name: &str, values: &[(i64, f64)]| Trace {
            line: Line { name: name.to_owned(), ..Line::default() },
            values: values.to_vec(),
            latest: None,
        };
        let picture = Picture::new(
            vec![trace("d1", &[(0, 1.0), (10_000, 2.0)]), trace("d2", &[(10_000, 3.0)])],
            Step::TenSeconds,
            false,
        );
        assert_eq!(picture.sentence(0), "d1 1");
        assert_eq!(picture.sentence(1), "d1 2, d2 3");
        assert!(!picture.has_band());
    }

    #[test]
    fn two_units_have_two_axes_and_three_have_none() {
        assert_eq!(axes(["°C", "%", "°C"].into_iter()), Some(vec![false, true, false]));
        assert_eq!(axes(["", ""].into_iter()), Some(vec![false, false]));
        assert_eq!(axes(["°C", "%", "lx"].into_iter()), None);
    }
}
