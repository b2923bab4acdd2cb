//! Points of metrics, gathered: what one thing measured at one time is one record.

use super::super::{Slice, draft};
use crate::ingest::too_many;
use crate::limits;
use crate::problem::Problem;
use crate::time::Millis;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Attributes of a resource that say which thing it is, besides the one that is called as the board calls its keys.
const NAMES: [&str; 4] = ["device.id", "service.instance.id", "host.name", "host.id"];
const NANOS: f64 = 1e6;

/// A point, as both encodings have it.
pub(super) struct Point {
    /// What the metric is called.
    pub metric: String,
    /// What tells this series from others of the metric.
    pub attributes: Map<String, Value>,
    /// Nanoseconds since 1970; 0: it is not known.
    pub nanos: f64,
    /// What was measured.
    pub value: f64,
}

/// Points by resource, key and time.
pub(super) struct Points<'p> {
    key_name: &'p str,
    resources: Vec<Map<String, Value>>,
    groups: BTreeMap<(usize, Option<String>, i64), Map<String, Value>>,
    count: usize,
}

impl<'p> Points<'p> {
    pub(super) fn new(key_name: &'p str) -> Self {
        Self { key_name, resources: Vec::new(), groups: BTreeMap::new(), count: 0 }
    }

    /// The points that follow are of this resource.
    pub(super) fn resource(&mut self, attributes: Map<String, Value>) {
        self.resources.push(attributes);
    }

    /// Adds a point. One without a number says nothing.
    pub(super) fn add(&mut self, point: Point) -> Result<(), &'static str> {
        self.count += 1;
        if self.count > limits::OTLP_POINTS {
            return Err("it has more data points than are taken at once");
        }
        let Point { metric, mut attributes, nanos, value } = point;
        let Some(number) = serde_json::Number::from_f64(value) else { return Ok(()) };
        let own = attributes.remove(self.key_name).as_ref().and_then(draft::name);
        let resource = self.resources.len().saturating_sub(1);
        let key = own.or_else(|| {
            let of = self.resources.last()?;
            std::iter::once(self.key_name).chain(NAMES).find_map(|name| of.get(name).and_then(draft::name))
        });
        let mut name = metric;
        if !attributes.is_empty() {
            let values: Vec<String> =
                attributes.values().map(|v| draft::name(v).unwrap_or_else(|| v.to_string())).collect();
            let _ = write!(name, "{{{}}}", values.join(","));
        }
        let time = (nanos / NANOS) as i64;
        self.groups.entry((resource, key, time)).or_default().insert(name, Value::Number(number));
        Ok(())
    }

    /// The records. Nothing names them, so that their content does: what is sent again is the same.
    pub(super) fn slices(self) -> Result<Vec<Slice<'static>>, Problem> {
        let mut slices = Vec::new();
        for ((resource, key, time), metrics) in self.groups {
            let mut metrics = metrics.into_iter().peekable();
            while metrics.peek().is_some() {
                if slices.len() >= limits::EVENTS_PER_REQUEST {
                    return Err(too_many());
                }
                let some: Map<String, Value> = metrics.by_ref().take(limits::FIELDS_PER_EVENT).collect();
                let points = some.len();
                let resource = self.resources.get(resource);
                let raw = json!({"key": key, "time": time, "resource": resource, "metrics": some}).to_string();
                let mut id = String::from("otlp:");
                for byte in Sha256::digest(&raw).iter().take(16) {
                    let _ = write!(id, "{byte:02x}");
                }
                let slice = Slice {
                    id: Some(id),
                    key: key.clone(),
                    time: (time != 0).then_some(Millis(time)),
                    item: Some(points.to_string()),
                    ..Slice::new(raw)
                };
                slices.push(slice);
            }
        }
        Ok(slices)
    }
}
