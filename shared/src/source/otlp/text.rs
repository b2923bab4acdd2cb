//! Metrics in OTLP's JSON: names in lower camel case, 64-bit integers as text. What is repeated is read one by one.

use super::points::{Point, Points, TOO_MANY};
use crate::limits;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

type Raw<'d> = Vec<&'d RawValue>;

/// What a request has.
#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Member {
    ResourceMetrics,
    #[serde(other)]
    Other,
}

/// A request, and the list in it: each resource is taken as it is read, so that none is read twice or kept.
struct Request<'r, 'p>(&'r mut Points<'p>);

struct Resources<'r, 'p>(&'r mut Points<'p>);

impl<'de> DeserializeSeed<'de> for Request<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Request<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with resourceMetrics")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut is_there = false;
        while let Some(member) = map.next_key::<Member>()? {
            match member {
                Member::ResourceMetrics if is_there => return Err(A::Error::duplicate_field("resourceMetrics")),
                Member::ResourceMetrics => {
                    map.next_value_seed(Resources(self.0))?;
                    is_there = true;
                }
                Member::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if is_there { Ok(()) } else { Err(A::Error::missing_field("resourceMetrics")) }
    }
}

impl<'de> DeserializeSeed<'de> for Resources<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Resources<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of resources")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(resource) = list.next_element::<OfResource<'de>>()? {
            take(resource, self.0).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfResource<'d> {
    #[serde(default)]
    resource: Resource,
    #[serde(borrow, default)]
    scope_metrics: Bounded<OfScope<'d>>,
}

#[derive(Default, Deserialize)]
struct Resource {
    #[serde(default)]
    attributes: Bounded<KeyValue>,
}

#[derive(Deserialize)]
struct OfScope<'d> {
    #[serde(borrow, default)]
    metrics: Raw<'d>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metric<'d> {
    #[serde(borrow, default)]
    name: Cow<'d, str>,
    #[serde(default)]
    gauge: Option<Data>,
    #[serde(default)]
    sum: Option<Data>,
    #[serde(default)]
    histogram: Option<Data>,
    #[serde(default)]
    exponential_histogram: Option<Data>,
    #[serde(default)]
    summary: Option<Data>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    #[serde(default)]
    data_points: Bounded<Measured>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Measured {
    #[serde(default)]
    attributes: Bounded<KeyValue>,
    #[serde(default)]
    time_unix_nano: Number,
    #[serde(default)]
    as_double: Number,
    #[serde(default)]
    as_int: Number,
    #[serde(default)]
    count: Number,
    #[serde(default)]
    sum: Number,
}

#[derive(Deserialize)]
struct KeyValue {
    key: String,
    #[serde(default)]
    value: AnyValue,
}

/// A list of no more than may be sent at once: what is read into memory is bounded by it.
struct Bounded<T>(Vec<T>);

impl<T> Default for Bounded<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Bounded<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct List<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
            type Value = Bounded<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Bounded<T>, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = list.next_element()? {
                    if all.len() >= limits::OTLP_POINTS {
                        return Err(A::Error::custom(TOO_MANY));
                    }
                    all.push(one);
                }
                Ok(Bounded(all))
            }
        }

        d.deserialize_seq(List(PhantomData))
    }
}

/// A number, also one that is written as text; none where there is something else.
#[derive(Clone, Copy, Default)]
struct Number(Option<f64>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_f64<E>(self, n: f64) -> Result<Number, E> {
                Ok(Number(Some(n)))
            }

            fn visit_i64<E>(self, n: i64) -> Result<Number, E> {
                Ok(Number(Some(n as f64)))
            }

            fn visit_u64<E>(self, n: u64) -> Result<Number, E> {
                Ok(Number(Some(n as f64)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Number, E> {
                Ok(Number(text.trim().parse().ok().filter(|n: &f64| n.is_finite())))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Number, E> {
                Ok(Number(None))
            }

            fn visit_unit<E>(self) -> Result<Number, E> {
                Ok(Number(None))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Number, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Number(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Number, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Number(None))
            }
        }

        d.deserialize_any(Any)
    }
}

/// Kinds of values, as far as they are read in different ways.
#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Kind {
    IntValue,
    #[serde(other)]
    Other,
}

/// The value of an attribute, which stands behind its kind.
#[derive(Default)]
struct AnyValue(Value);

impl<'de> Deserialize<'de> for AnyValue {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct OneOf;

        impl<'de> Visitor<'de> for OneOf {
            type Value = AnyValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value behind its kind")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AnyValue, A::Error> {
                let mut value = Value::Null;
                while let Some(kind) = map.next_key::<Kind>()? {
                    let of: Value = map.next_value()?;
                    // As protobuf has it: a number.
                    let number =
                        of.as_str().filter(|_| kind == Kind::IntValue).and_then(|text| text.parse::<i64>().ok());
                    if value.is_null() {
                        value = number.map_or(of, Value::from);
                    }
                }
                Ok(AnyValue(value))
            }
        }

        d.deserialize_map(OneOf)
    }
}

fn json<'d, T: Deserialize<'d>>(text: &'d str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|e| e.to_string())
}

fn attributes(list: Bounded<KeyValue>) -> Map<String, Value> {
    list.0.into_iter().map(|KeyValue { key, value }| (key, value.0)).collect()
}

/// Reads an `ExportMetricsServiceRequest`.
pub(super) fn read(body: &str, points: &mut Points<'_>) -> Result<(), String> {
    let mut all = serde_json::Deserializer::from_str(body);
    Request(points).deserialize(&mut all).and_then(|()| all.end()).map_err(|e| e.to_string())
}

fn take(of: OfResource<'_>, points: &mut Points<'_>) -> Result<(), String> {
    let OfResource { resource, scope_metrics } = of;
    points.resource(attributes(resource.attributes));
    for OfScope { metrics } in scope_metrics.0 {
        for metric in metrics {
            one(json(metric.get())?, points)?;
        }
    }
    Ok(())
}

fn one(metric: Metric<'_>, points: &mut Points<'_>) -> Result<(), String> {
    let Metric { name, gauge, sum, histogram, exponential_histogram, summary } = metric;
    let number = |Number(n): Number| n.unwrap_or(f64::NAN);
    let nanos = |Number(n): Number| n.unwrap_or_default();
    for point in [gauge, sum].into_iter().flatten().flat_map(|data| data.data_points.0) {
        let Measured { attributes: own, time_unix_nano, as_double, as_int, .. } = point;
        let value = number(Number(as_double.0.or(as_int.0)));
        points.add(Point { metric: &name, attributes: attributes(own), nanos: nanos(time_unix_nano), value })?;
    }
    let distributions = [histogram, exponential_histogram, summary];
    for point in distributions.into_iter().flatten().flat_map(|data| data.data_points.0) {
        let Measured { attributes: own, time_unix_nano, count, sum, .. } = point;
        let own = attributes(own);
        for (part, value) in [("count", count), ("sum", sum)] {
            let (metric, attributes) = (format!("{name}.{part}"), own.clone());
            points.add(Point { metric: &metric, attributes, nanos: nanos(time_unix_nano), value: number(value) })?;
        }
    }
    Ok(())
}
