//! Metrics in protobuf (opentelemetry-proto 1.x). Repeated messages are walked one by one.

use super::super::protobuf::members;
use super::points::{Point, Points};
use prost::Message;
use serde_json::{Map, Value};

const BROKEN: &str = "it is no protobuf of this kind";

/// A point of a gauge or a sum.
#[derive(Clone, PartialEq, Message)]
struct Number {
    #[prost(fixed64, tag = "3")]
    nanos: u64,
    #[prost(double, optional, tag = "4")]
    double: Option<f64>,
    #[prost(sfixed64, optional, tag = "6")]
    int: Option<i64>,
}

/// A point of a histogram or a summary, as far as all of their kinds have the same.
#[derive(Clone, PartialEq, Message)]
struct Distribution {
    #[prost(fixed64, tag = "3")]
    nanos: u64,
    #[prost(fixed64, tag = "4")]
    count: u64,
    #[prost(double, optional, tag = "5")]
    sum: Option<f64>,
}

#[derive(Clone, PartialEq, Message)]
struct Metric {
    #[prost(string, tag = "1")]
    name: String,
}

#[derive(Clone, PartialEq, Message)]
struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<AnyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct AnyValue {
    #[prost(string, optional, tag = "1")]
    text: Option<String>,
    #[prost(bool, optional, tag = "2")]
    bool: Option<bool>,
    #[prost(int64, optional, tag = "3")]
    int: Option<i64>,
    #[prost(double, optional, tag = "4")]
    double: Option<f64>,
}

/// Members of a metric whose points are numbers.
const NUMBERS: [usize; 2] = [5, 7];
/// Those whose points are distributions, with the member of a point that has its attributes.
const DISTRIBUTIONS: [(usize, usize); 3] = [(9, 9), (10, 1), (11, 7)];

/// Reads an `ExportMetricsServiceRequest`.
pub(super) fn read(body: &[u8], points: &mut Points<'_>) -> Result<(), &'static str> {
    for resource in members(body, 1) {
        let resource = resource?;
        let mut own = Map::new();
        for part in members(resource, 1) {
            own.extend(attributes(part?, 1)?);
        }
        points.resource(own);
        for scope in members(resource, 2) {
            for metric in members(scope?, 2) {
                one(metric?, points)?;
            }
        }
    }
    Ok(())
}

fn one(metric: &[u8], points: &mut Points<'_>) -> Result<(), &'static str> {
    let Metric { name } = Metric::decode(metric).map_err(|_| BROKEN)?;
    for tag in NUMBERS {
        for data in members(metric, tag) {
            for point in members(data?, 1) {
                let point = point?;
                let Number { nanos, double, int } = Number::decode(point).map_err(|_| BROKEN)?;
                let value = double.or(int.map(|n| n as f64)).unwrap_or(f64::NAN);
                let attributes = attributes(point, 7)?;
                points.add(Point { metric: &name, attributes, nanos: nanos as f64, value })?;
            }
        }
    }
    for (tag, of_attributes) in DISTRIBUTIONS {
        for data in members(metric, tag) {
            for point in members(data?, 1) {
                let point = point?;
                let Distribution { nanos, count, sum } = Distribution::decode(point).map_err(|_| BROKEN)?;
                let attributes = attributes(point, of_attributes)?;
                for (part, value) in [("count", Some(count as f64)), ("sum", sum)] {
                    let (metric, attributes) = (format!("{name}.{part}"), attributes.clone());
                    points.add(Point {
                        metric: &metric,
                        attributes,
                        nanos: nanos as f64,
                        value: value.unwrap_or(f64::NAN),
                    })?;
                }
            }
        }
    }
    Ok(())
}

fn attributes(message: &[u8], tag: usize) -> Result<Map<String, Value>, &'static str> {
    let mut all = Map::new();
    for member in members(message, tag) {
        let KeyValue { key, value } = KeyValue::decode(member?).map_err(|_| BROKEN)?;
        let AnyValue { text, bool, int, double } = value.unwrap_or_default();
        let value =
            text.map(Value::from).or(bool.map(Value::from)).or(int.map(Value::from)).or(double.map(Value::from));
        all.insert(key, value.unwrap_or(Value::Null));
    }
    Ok(all)
}
