//! Points of metrics, gathered: what one thing measured at one time is one record.

use super::super::{Slice, draft};
use crate::ingest::too_many;
use crate::limits;
use crate::problem::Problem;
use crate::time::Millis;
use serde::Serialize;
use serde_json::{Map, Value};
use siphasher::sip128::{Hasher128 as _, SipHasher13};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::Hasher as _;
use std::rc::Rc;

/// Attributes of a resource that say which thing it is, besides the one that is called as the board calls its keys.
const NAMES: [&str; 4] = ["device.id", "service.instance.id", "host.name", "host.id"];
const NANOS: f64 = 1e6;

/// A point, as both encodings have it.
pub(super) struct Point<'m> {
    /// What the metric is called.
    pub metric: &'m str,
    /// What tells this series from others of the metric.
    pub attributes: Map<String, Value>,
    /// Nanoseconds since 1970; 0: it is not known.
    pub nanos: f64,
    /// What was measured.
    pub value: f64,
}

/// What a body with more points than are read is told.
pub(super) const TOO_MANY: &str = "it has more data points than are taken at once";

/// What one thing measured at one time.
struct Group {
    resource: usize,
    key: Option<Rc<str>>,
    /// Milliseconds since 1970; 0: it is not known.
    time: i64,
    metrics: Map<String, Value>,
}

/// Points by resource, key and time.
pub(super) struct Points<'p> {
    key_name: &'p str,
    resources: Vec<Map<String, Value>>,
    /// What the last resource calls its thing.
    key: Option<Rc<str>>,
    groups: Vec<Group>,
    places: BTreeMap<(usize, Option<Rc<str>>, i64), usize>,
    count: usize,
}

/// A record as programs and dead letters have it.
#[derive(Serialize)]
struct Record<'r> {
    key: Option<&'r str>,
    metrics: &'r Map<String, Value>,
    resource: Option<&'r Map<String, Value>>,
    time: i64,
}

impl<'p> Points<'p> {
    pub(super) fn new(key_name: &'p str) -> Self {
        Self { key_name, resources: Vec::new(), key: None, groups: Vec::new(), places: BTreeMap::new(), count: 0 }
    }

    /// The points that follow are of this resource.
    pub(super) fn resource(&mut self, attributes: Map<String, Value>) {
        let mut names = std::iter::once(self.key_name).chain(NAMES);
        self.key = names.find_map(|name| attributes.get(name).and_then(draft::name)).map(Rc::from);
        self.resources.push(attributes);
    }

    /// Adds a point. One without a number says nothing.
    pub(super) fn add(&mut self, point: Point<'_>) -> Result<(), &'static str> {
        self.count += 1;
        if self.count > limits::OTLP_POINTS {
            return Err(TOO_MANY);
        }
        let Point { metric, mut attributes, nanos, value } = point;
        let Some(number) = serde_json::Number::from_f64(value) else { return Ok(()) };
        let own = attributes.remove(self.key_name).as_ref().and_then(draft::name).map(Rc::from);
        let (resource, key) = (self.resources.len().saturating_sub(1), own.or_else(|| self.key.clone()));
        let mut name = metric.to_owned();
        if !attributes.is_empty() {
            let values: Vec<String> =
                attributes.values().map(|v| draft::name(v).unwrap_or_else(|| v.to_string())).collect();
            let _ = write!(name, "{{{}}}", values.join(","));
        }
        let time = (nanos / NANOS) as i64;
        self.insert((resource, key, time), name, Value::Number(number));
        Ok(())
    }

    fn insert(&mut self, (resource, key, time): (usize, Option<Rc<str>>, i64), name: String, value: Value) {
        // Most points are of the same as the one before.
        let last = self.groups.last();
        let is_last = last.is_some_and(|g| (g.resource, &g.key, g.time) == (resource, &key, time));
        let next = self.groups.len();
        let at = if is_last { next - 1 } else { *self.places.entry((resource, key.clone(), time)).or_insert(next) };
        match self.groups.get_mut(at) {
            Some(group) => drop(group.metrics.insert(name, value)),
            None => {
                let mut metrics = Map::new();
                metrics.insert(name, value);
                self.groups.push(Group { resource, key, time, metrics });
            }
        }
    }

    /// The records. Nothing names them, so that their content does: what is sent again is the same.
    pub(super) fn slices(self) -> Result<Vec<Slice<'static>>, Problem> {
        let mut slices = Vec::with_capacity(self.groups.len().min(limits::EVENTS_PER_REQUEST));
        for Group { resource, key, time, metrics } in self.groups {
            let resource = self.resources.get(resource);
            let mut add = |metrics: Map<String, Value>| {
                if slices.len() >= limits::EVENTS_PER_REQUEST {
                    return Err(too_many());
                }
                let record = Record { key: key.as_deref(), metrics: &metrics, resource, time };
                let raw = serde_json::to_string(&record).unwrap_or_default();
                let mut hasher = SipHasher13::new();
                hasher.write(raw.as_bytes());
                slices.push(Slice {
                    id: Some(format!("otlp:{:032x}", hasher.finish128().as_u128())),
                    key: key.as_deref().map(str::to_owned),
                    time: (time != 0).then_some(Millis(time)),
                    item: Some(metrics.len().to_string()),
                    made: Some(Box::new(draft::flat(metrics, self.key_name))),
                    ..Slice::new(raw)
                });
                Ok(())
            };
            if metrics.len() <= limits::FIELDS_PER_EVENT {
                add(metrics)?;
                continue;
            }
            let mut metrics = metrics.into_iter().peekable();
            while metrics.peek().is_some() {
                add(metrics.by_ref().take(limits::FIELDS_PER_EVENT).collect())?;
            }
        }
        Ok(slices)
    }
}
