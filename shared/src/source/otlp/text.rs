//! Metrics in OTLP's JSON: names in lower camel case, 64-bit integers as text. What is repeated is read one by one.

use super::super::draft;
use super::points::{Point, Points};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

type Raw<'d> = Vec<&'d RawValue>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request<'d> {
    #[serde(borrow)]
    resource_metrics: Raw<'d>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfResource<'d> {
    #[serde(default)]
    resource: Resource,
    #[serde(borrow, default)]
    scope_metrics: Raw<'d>,
}

#[derive(Default, Deserialize)]
struct Resource {
    #[serde(default)]
    attributes: Vec<KeyValue>,
}

#[derive(Deserialize)]
struct OfScope<'d> {
    #[serde(borrow, default)]
    metrics: Raw<'d>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metric<'d> {
    #[serde(default)]
    name: String,
    #[serde(borrow, default)]
    gauge: Option<Data<'d>>,
    #[serde(borrow, default)]
    sum: Option<Data<'d>>,
    #[serde(borrow, default)]
    histogram: Option<Data<'d>>,
    #[serde(borrow, default)]
    exponential_histogram: Option<Data<'d>>,
    #[serde(borrow, default)]
    summary: Option<Data<'d>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data<'d> {
    #[serde(borrow, default)]
    data_points: Raw<'d>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Measured {
    #[serde(default)]
    attributes: Vec<KeyValue>,
    #[serde(default)]
    time_unix_nano: Value,
    #[serde(default)]
    as_double: Value,
    #[serde(default)]
    as_int: Value,
    #[serde(default)]
    count: Value,
    #[serde(default)]
    sum: Value,
}

#[derive(Deserialize)]
struct KeyValue {
    key: String,
    #[serde(default)]
    value: Map<String, Value>,
}

fn json<'d, T: Deserialize<'d>>(text: &'d str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|e| e.to_string())
}

fn owned<T: DeserializeOwned>(raw: &RawValue) -> Result<T, String> {
    json(raw.get())
}

fn attributes(list: Vec<KeyValue>) -> Map<String, Value> {
    let value = |of: Map<String, Value>| match of.into_iter().next() {
        // As protobuf has it: a number.
        Some((kind, Value::String(text))) if kind == "intValue" => {
            text.parse::<i64>().map_or(Value::String(text), Value::from)
        }
        Some((_, value)) => value,
        None => Value::Null,
    };
    list.into_iter().map(|KeyValue { key, value: of }| (key, value(of))).collect()
}

/// Reads an `ExportMetricsServiceRequest`.
pub(super) fn read(body: &str, points: &mut Points<'_>) -> Result<(), String> {
    let Request { resource_metrics } = json(body)?;
    for resource in resource_metrics {
        let OfResource { resource, scope_metrics } = json(resource.get())?;
        points.resource(attributes(resource.attributes));
        for scope in scope_metrics {
            let OfScope { metrics } = json(scope.get())?;
            for metric in metrics {
                one(json(metric.get())?, points)?;
            }
        }
    }
    Ok(())
}

fn one(metric: Metric<'_>, points: &mut Points<'_>) -> Result<(), String> {
    let Metric { name, gauge, sum, histogram, exponential_histogram, summary } = metric;
    let number = |value: &Value| draft::number(value).unwrap_or(f64::NAN);
    for point in [gauge, sum].into_iter().flatten().flat_map(|data| data.data_points) {
        let Measured { attributes: own, time_unix_nano, as_double, as_int, .. } = owned(point)?;
        let value = if as_double.is_null() { number(&as_int) } else { number(&as_double) };
        let nanos = draft::number(&time_unix_nano).unwrap_or_default();
        points.add(Point { metric: name.clone(), attributes: attributes(own), nanos, value })?;
    }
    let distributions = [histogram, exponential_histogram, summary];
    for point in distributions.into_iter().flatten().flat_map(|data| data.data_points) {
        let Measured { attributes: own, time_unix_nano, count, sum, .. } = owned(point)?;
        let nanos = draft::number(&time_unix_nano).unwrap_or_default();
        let own = attributes(own);
        for (part, value) in [("count", count), ("sum", sum)] {
            let (metric, attributes) = (format!("{name}.{part}"), own.clone());
            points.add(Point { metric, attributes, nanos, value: number(&value) })?;
        }
    }
    Ok(())
}
