//! The same numbers as they are pushed: OTLP over HTTP, in its JSON encoding
//! (<https://opentelemetry.io/docs/specs/otlp/#otlphttp>). Names and units are such that a receiver that writes them as
//! Prometheus does has the names of `/metrics`.

use super::families::{COUNTS, FAMILIES, Family, Label, Measure, Number, Points};
use super::{Deployment, PREFIX, one_by_one, told_elsewhere};
use crate::limits;
use crate::meters::BoardMeters;
use crate::meters::edge::Edge;
use crate::source::poll::Address;
use crate::time::Millis;
use percent_encoding::percent_decode_str;
use prometheus_client::metrics::MetricType;
use serde_json::{Value, json};

/// What signals of this kind are sent to, behind the address of a receiver.
const PATH: &str = "/v1/metrics";
/// Sums are since their beginning, not since the last push: one that is lost loses nothing.
const CUMULATIVE: u8 = 2;

/// Where the operator has the numbers pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// The address.
    pub address: Address,
    /// Headers that go with them.
    pub headers: Vec<(String, String)>,
}

/// Why there is none. Nothing of the headers is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoReceiver {
    /// The address can't be understood.
    #[error("HELIOGRAPH_OTLP_ENDPOINT is an address such as https://otlp.example.org")]
    Address,
    /// The headers can't be understood.
    #[error("HELIOGRAPH_OTLP_HEADERS is name=value, with commas between several, and values as in addresses")]
    Headers,
}

impl Receiver {
    /// Reads what the operator says, as OpenTelemetry's own programs read it: the address of a receiver of all signals, and
    /// headers as `name=value,name=value`.
    pub fn parse(endpoint: &str, headers: &str) -> Result<Self, NoReceiver> {
        let endpoint = endpoint.trim().trim_end_matches('/');
        let whole = if endpoint.ends_with(PATH) { endpoint.to_owned() } else { format!("{endpoint}{PATH}") };
        let address = Address::parse(&whole).map_err(|_| NoReceiver::Address)?;
        let header = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            let name = name.trim();
            let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
            let is_value = value.bytes().all(|b| (b' '..=b'~').contains(&b));
            (is_name && is_value).then(|| (name.to_ascii_lowercase(), value.into_owned()))
        };
        let pairs = headers.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let read: Option<Vec<_>> = pairs.map(header).collect();
        let headers = read.filter(|all| all.len() <= limits::OTLP_HEADERS).ok_or(NoReceiver::Headers)?;
        Ok(Self { address, headers })
    }
}

/// The bodies of a push. The first has what is of the whole deployment, and each at most [`limits::OTLP_BOARDS`] boards.
pub fn bodies(deployment: Deployment, began: Millis, now: Millis) -> Vec<String> {
    let Deployment { version, collected } = deployment;
    let times = Times { began, now };
    let elsewhere = told_elsewhere(collected.pushed, collected.health);
    let mut metrics = of_deployment(&collected.edge, elsewhere, collected.boards.len(), &times);
    let told = one_by_one(collected.boards);
    let mut parts = told.chunks(limits::OTLP_BOARDS);
    metrics.extend(of_boards(parts.next().unwrap_or_default(), now));
    let mut bodies = vec![body(&version, metrics)];
    bodies.extend(parts.map(|boards| body(&version, of_boards(boards, now))));
    bodies
}

/// From when counts are, and when they were taken.
struct Times {
    began: Millis,
    now: Millis,
}

fn body(version: &str, metrics: Vec<Value>) -> String {
    let attributes = attributes([("service.name", PREFIX), ("service.version", version)]);
    let scope = json!({"name": PREFIX, "version": version});
    json!({"resourceMetrics": [{
        "resource": {"attributes": attributes},
        "scopeMetrics": [{"scope": scope, "metrics": Value::Array(metrics)}],
    }]})
    .to_string()
}

fn of_deployment(
    edge: &Edge,
    elsewhere: Vec<(&'static str, &'static str, u64)>,
    boards: usize,
    times: &Times,
) -> Vec<Value> {
    let counter = |name: &str, help: &str, points: Points<'_>| {
        let points = points.into_iter().map(|(labels, number)| point(None, labels, number, times)).collect();
        metric(name, help, "", true, points)
    };
    let one = |n: u64| vec![(Vec::new(), Number::Count(n))];
    let boards = point(None, Vec::new(), Number::Gauge(boards as f64), times);
    let mut metrics = vec![metric("boards", "Boards that there are", "", false, vec![boards])];
    metrics.extend(elsewhere.into_iter().map(|(name, help, n)| counter(name, help, one(n))));
    metrics.extend(COUNTS.iter().map(|(name, help, of)| counter(name, help, of(edge))));
    metrics.retain(has_points);
    metrics
}

fn of_boards(boards: &[(String, BoardMeters)], now: Millis) -> Vec<Value> {
    let of_family = |family: &Family| {
        let Family { name, help, measure, kind, of } = family;
        let points = boards.iter().flat_map(|(board, meters)| {
            let times = Times { began: meters.since, now };
            of(meters).into_iter().map(move |(labels, number)| point(Some(board.as_str()), labels, number, &times))
        });
        let unit = measure.map_or("", Measure::ucum);
        metric(name, help, unit, matches!(kind, MetricType::Counter), points.collect())
    };
    FAMILIES.iter().map(of_family).filter(has_points).collect()
}

/// A metric without points says nothing.
fn has_points(metric: &Value) -> bool {
    let kind = metric.get("sum").or_else(|| metric.get("gauge"));
    kind.and_then(|kind| kind["dataPoints"].as_array()).is_some_and(|points| !points.is_empty())
}

fn metric(name: &str, help: &str, unit: &str, is_counter: bool, points: Vec<Value>) -> Value {
    let mut metric = json!({"name": format!("{PREFIX}_{name}"), "description": help, "unit": unit});
    let (kind, data) = if is_counter {
        ("sum", json!({"dataPoints": Value::Array(points), "aggregationTemporality": CUMULATIVE, "isMonotonic": true}))
    } else {
        ("gauge", json!({"dataPoints": Value::Array(points)}))
    };
    metric[kind] = data;
    metric
}

fn point(board: Option<&str>, labels: Vec<Label<'_>>, number: Number, times: &Times) -> Value {
    let labels = board.map(|board| ("board", board)).into_iter().chain(labels);
    let mut point = json!({"attributes": attributes(labels), "timeUnixNano": nanos(times.now)});
    // 64 bits are text in this encoding.
    match number {
        Number::Count(n) => {
            point["startTimeUnixNano"] = nanos(times.began).into();
            point["asInt"] = n.to_string().into();
        }
        Number::Gauge(n) => point["asDouble"] = n.into(),
    }
    point
}

fn attributes<'a>(labels: impl IntoIterator<Item = Label<'a>>) -> Vec<Value> {
    labels.into_iter().map(|(key, value)| json!({"key": key, "value": {"stringValue": value}})).collect()
}

fn nanos(at: Millis) -> String {
    format!("{}000000", at.0.max(0))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{measured, meters};
    use super::*;
    use crate::index::Collected;
    use crate::meters::edge::{CacheState, Pushed};

    fn pushed(boards: usize) -> Vec<Value> {
        let mut edge = Edge::default();
        edge.served(CacheState::Hit, false);
        let boards = (0..boards).map(|n| measured(&format!("b{n:04}"), Some(meters()))).collect();
        let collected = Collected { boards, edge, pushed: Some(Pushed { taken: 7, failed: 2 }), health: None };
        let deployment = Deployment { version: "1.2.3".into(), collected };
        let texts = bodies(deployment, Millis(500), Millis(62_000));
        texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }

    fn metrics(body: &Value) -> &Vec<Value> {
        body["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().unwrap()
    }

    fn named<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
        metrics(body).iter().find(|metric| metric["name"] == name)
    }

    #[test]
    fn numbers_are_pushed_as_sums_and_gauges_with_their_units() {
        let bodies = pushed(1);
        assert_eq!(bodies.len(), 1);
        assert_eq!(
            bodies[0]["resourceMetrics"][0]["resource"]["attributes"][0],
            json!({"key": "service.name", "value": {"stringValue": "heliograph"}})
        );
        let bytes = named(&bodies[0], "heliograph_ingest").unwrap();
        let point = json!({
            "attributes": [{"key": "board", "value": {"stringValue": "b0000"}}],
            "startTimeUnixNano": "1000000000", "timeUnixNano": "62000000000", "asInt": "3400"
        });
        assert_eq!(bytes["sum"], json!({"dataPoints": [point], "aggregationTemporality": 2, "isMonotonic": true}));
        assert_eq!(bytes["unit"], "By");
        let load = named(&bodies[0], "heliograph_load").unwrap();
        assert_eq!((load["unit"].as_str(), &load["gauge"]["dataPoints"][0]["asDouble"]), (Some("s"), &json!(0.25)));
        let hits = &named(&bodies[0], "heliograph_view_answers").unwrap()["sum"]["dataPoints"][0];
        assert_eq!(hits["attributes"], json!([{"key": "cache", "value": {"stringValue": "hit"}}]));
        assert_eq!((&hits["asInt"], &hits["startTimeUnixNano"]), (&json!("1"), &json!("500000000")));
        assert_eq!(named(&bodies[0], "heliograph_otlp_push_failures").unwrap()["sum"]["dataPoints"][0]["asInt"], "2");
        assert!(named(&bodies[0], "heliograph_revocations").is_none(), "there was none");
    }

    #[test]
    fn many_boards_go_in_several_requests_of_a_bounded_size() {
        let bodies = pushed(limits::OTLP_BOARDS * 2 + 1);
        assert_eq!(bodies.len(), 3);
        let boards =
            |body: &Value| named(body, "heliograph_items").unwrap()["gauge"]["dataPoints"].as_array().unwrap().len();
        assert_eq!(bodies.iter().map(boards).collect::<Vec<_>>(), [limits::OTLP_BOARDS, limits::OTLP_BOARDS, 1]);
        assert!(named(&bodies[1], "heliograph_boards").is_none(), "what is of all is said once");
        assert_eq!(pushed(0).len(), 1);
    }

    #[test]
    fn a_receiver_is_read_as_open_telemetry_reads_it() {
        let to = |endpoint: &str| Receiver::parse(endpoint, "").map(|to| to.address.as_str().to_owned());
        assert_eq!(to("http://10.0.0.5:4318").unwrap(), "http://10.0.0.5:4318/v1/metrics");
        assert_eq!(to("https://otlp.example.org/base/ ").unwrap(), "https://otlp.example.org/base/v1/metrics");
        assert_eq!(to("https://otlp.example.org/v1/metrics").unwrap(), "https://otlp.example.org/v1/metrics");
        for wrong in ["", "otlp.example.org", "grpc://a:4317", "https://me:secret@otlp.example.org"] {
            assert_eq!(to(wrong), Err(NoReceiver::Address), "{wrong}");
        }
    }

    #[test]
    fn headers_are_read_and_what_is_none_is_refused_without_being_told() {
        let of = |headers: &str| Receiver::parse("https://a.example", headers).map(|to| to.headers);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(of("").unwrap(), []);
        assert_eq!(
            of("Authorization=Basic%20abc=, x-scope=a%2Cb,").unwrap(),
            [pair("authorization", "Basic abc="), pair("x-scope", "a,b")]
        );
        let many = "a=b,".repeat(limits::OTLP_HEADERS + 1);
        for wrong in ["secret", "=secret", "a b=secret", "a=%0d%0asecret", "a=%ff", many.as_str()] {
            let refused = of(wrong).unwrap_err();
            assert_eq!(refused, NoReceiver::Headers, "{wrong}");
            assert!(!refused.to_string().contains("secret"));
        }
    }
}
