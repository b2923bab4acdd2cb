//! Series as they are drawn, from the API's answers, and what can be shown of their points.

use heliograph_shared::rollups::answer::{self, BoardSeries, ItemSeries};
use heliograph_shared::value::Number;
use serde::Deserialize;

use super::span::Step;

/// What happened in one step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Where the step begins: epoch milliseconds.
    pub time: i64,
    /// How many values, or events.
    pub count: f64,
    /// Of the values.
    pub sum: Option<f64>,
    /// The smallest value.
    pub min: Option<f64>,
    /// The largest value.
    pub max: Option<f64>,
    /// The last value.
    pub last: Option<f64>,
    /// Sum by count.
    pub average: Option<f64>,
    /// Values, or events, per second.
    pub rate: f64,
}

impl Point {
    /// In another unit: values, not how many there are.
    fn of(point: &answer::Point, factor: f64) -> Self {
        let value = |number: Option<Number>| number.map(|Number(value)| value * factor);
        Self {
            time: point.time.0,
            count: point.count as f64,
            sum: value(point.sum),
            min: value(point.min),
            max: value(point.max),
            last: value(point.last),
            average: value(point.average),
            rate: point.rate.0,
        }
    }
}

/// One group of a board's series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// A key, a text, or nothing when all items are one group.
    pub group: Option<String>,
    /// In order of time; steps without values are left out.
    pub points: Vec<Point>,
}

/// The series of an item, which has points, or of a board, which has groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The length of the points.
    pub step: Step,
    /// In order of time; steps without values are left out.
    pub points: Vec<Point>,
    /// In the server's order.
    pub groups: Vec<Group>,
}

/// What `…/items/{key}/series` or `…/series` answers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Item(ItemSeries),
    Board(BoardSeries),
}

impl Series {
    /// Reads an answer. Values are multiplied by the factor of the unit that is shown.
    pub fn read(answer: &str, factor: f64) -> Result<Self, serde_json::Error> {
        let points = |points: &[answer::Point]| points.iter().map(|point| Point::of(point, factor)).collect();
        Ok(match serde_json::from_str(answer)? {
            Answer::Item(item) => Self { step: item.step, points: points(&item.points), groups: Vec::new() },
            Answer::Board(board) => {
                let group = |group: answer::Group| Group { points: points(&group.points), group: group.group };
                Self { step: board.step, points: Vec::new(), groups: board.groups.into_iter().map(group).collect() }
            }
        })
    }
}

/// What of a step's values is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Aggregate {
    /// Their average.
    #[default]
    Average,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// Their sum.
    Sum,
    /// The last.
    Last,
    /// How many.
    Count,
    /// How many per second.
    Rate,
}

impl Aggregate {
    /// In the order they are offered.
    pub const ALL: [Self; 7] = [Self::Average, Self::Min, Self::Max, Self::Sum, Self::Last, Self::Count, Self::Rate];

    /// The name in addresses and in the API's answers.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Average => "average",
            Self::Min => "min",
            Self::Max => "max",
            Self::Sum => "sum",
            Self::Last => "last",
            Self::Count => "count",
            Self::Rate => "rate",
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Average => text!(chart.aggregate.average),
            Self::Min => text!(chart.aggregate.minimum),
            Self::Max => text!(chart.aggregate.maximum),
            Self::Sum => text!(chart.aggregate.sum),
            Self::Last => text!(chart.aggregate.last),
            Self::Count => text!(chart.aggregate.count),
            Self::Rate => text!(chart.aggregate.rate),
        }
    }

    /// The aggregate of a name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|aggregate| aggregate.code() == code)
    }

    /// What it is of a step.
    pub const fn of(self, point: &Point) -> Option<f64> {
        match self {
            Self::Average => point.average,
            Self::Min => point.min,
            Self::Max => point.max,
            Self::Sum => point.sum,
            Self::Last => point.last,
            Self::Count => Some(point.count),
            Self::Rate => Some(point.rate),
        }
    }

    /// Whether it counts, whatever the values are: its unit is then not the field's.
    pub const fn counts(self) -> bool {
        matches!(self, Self::Count | Self::Rate)
    }

    /// Behind a value: the field's unit, or what is counted.
    pub fn unit(self, of_field: Option<&str>) -> Option<&str> {
        match self {
            Self::Count => None,
            Self::Rate => Some("/s"),
            Self::Average | Self::Min | Self::Max | Self::Sum | Self::Last => of_field,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_and_every_aggregate_found_in_it() {
        let series = Series::read(
            r#"{"cursor":"e1:9","key":"d1","field":"temp","step":"10m","from":0,"to":9,"points":[
                {"time":600000,"count":3,"sum":63,"min":20,"max":22,"first":20,"last":22,"average":21,"rate":0.005,"new":1}]}"#,
            1.0,
        )
        .unwrap();
        assert_eq!(series.step, Step::TenMinutes);
        let point = &series.points[0];
        let values = Aggregate::ALL.map(|aggregate| aggregate.of(point).unwrap());
        assert!(values.iter().zip([21.0, 20.0, 22.0, 63.0, 22.0, 3.0, 0.005]).all(|(a, b)| (a - b).abs() < 1e-12));
    }

    #[test]
    fn counted_events_have_no_values() {
        let series = Series::read(
            r#"{"cursor":"e1:9","field":null,"step":"1h","from":0,"to":9,"group_by":null,"groups":[
                {"group":null,"points":[{"time":0,"count":4,"rate":0.1}]}]}"#,
            3.6,
        )
        .unwrap();
        let point = &series.groups[0].points[0];
        assert_eq!(Aggregate::Average.of(point), None);
        assert_eq!(Aggregate::Count.of(point), Some(4.0));
        assert_eq!(Aggregate::Rate.of(point), Some(0.1), "a unit changes no count");
        assert_eq!(Aggregate::Rate.unit(Some("°C")), Some("/s"));
        assert_eq!(Aggregate::Max.unit(Some("°C")), Some("°C"));
    }
}
