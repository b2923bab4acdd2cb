use super::super::EnvelopeName;
use super::super::tests::Sent;
use super::*;

const NANOS: &str = "1772366400000000000";

fn request() -> Value {
    let point = |more: Value| {
        let mut point = json!({"timeUnixNano": NANOS, "startTimeUnixNano": "1"});
        point.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        point
    };
    let cpu = |state: &str, value: f64| {
        point(json!({"asDouble": value, "attributes": [{"key": "state", "value": {"stringValue": state}}]}))
    };
    json!({"resourceMetrics": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "edge"}}, {"key": "host.name", "value": {"stringValue": "web-1"}}]},
        "scopeMetrics": [{"scope": {"name": "s"}, "metrics": [
            {"name": "temperature", "unit": "Cel", "gauge": {"dataPoints": [point(json!({"asDouble": 21.5}))]}},
            {"name": "requests", "sum": {"aggregationTemporality": 2, "isMonotonic": true, "dataPoints": [point(json!({"asInt": "42"}))]}},
            {"name": "cpu", "gauge": {"dataPoints": [cpu("idle", 0.75), cpu("user", 0.25)]}},
            {"name": "nothing", "gauge": {"dataPoints": [point(json!({"asDouble": null}))]}},
            {"name": "took", "histogram": {"dataPoints": [point(json!({"count": "3", "sum": 1.5, "bucketCounts": ["1", "2"], "explicitBounds": [1]}))]}},
        ]}],
    }]})
}

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

#[test]
fn what_a_resource_measured_at_a_time_is_one_event_under_its_name() {
    let sent = Sent::new(JSON, "", request().to_string());
    let (events, refused) = sent.events(EnvelopeName::Auto);
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(events.len(), 1);
    assert_eq!((&events[0]["key"], &events[0]["time"]), (&json!("web-1"), &json!(1_772_366_400_000_i64)));
    let fields = json!({"temperature": 21.5, "requests": 42, "cpu{idle}": 0.75, "cpu{user}": 0.25, "took.count": 3, "took.sum": 1.5});
    assert_eq!(events[0]["fields"], fields);
    let again = sent.events(EnvelopeName::Otlp).0;
    assert_eq!(events[0]["id"], again[0]["id"], "what is sent again is the same");
}

#[test]
fn a_point_may_name_its_own_thing_and_a_resource_without_a_name_is_refused() {
    let mut body = request();
    let point = |key: &str| json!({"timeUnixNano": NANOS, "asInt": 7, "attributes": [{"key": "vehicleId", "value": {"stringValue": key}}]});
    body["resourceMetrics"][0]["scopeMetrics"][0]["metrics"] =
        json!([{"name": "fuel", "gauge": {"dataPoints": [point("v1"), point("v2")]}}]);
    let (events, _) = Sent::new(JSON, "", body.to_string()).events(EnvelopeName::Otlp);
    let told: Vec<_> =
        events.iter().map(|e| (e["key"].as_str().unwrap(), e["fields"]["fuel"].as_i64().unwrap())).collect();
    assert_eq!(told, [("v1", 7), ("v2", 7)]);
    body = request();
    body["resourceMetrics"][0]["resource"] = json!({});
    let sent = Sent::new(JSON, "", body.to_string());
    assert_eq!(sent.events(EnvelopeName::Otlp).1.len(), 1);
    let arrived = sent.arrived();
    let slices = Otlp.open(&arrived).unwrap();
    let refusal = crate::ingest::RecordResult::refused(0, FieldError::new("key", Code::Missing, "no key"));
    let answer = IngestAnswer { results: vec![refusal], ..IngestAnswer::default() };
    let reply = Otlp.answer(&arrived, &slices, Ok(&answer));
    let told: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!((reply.status, &told["partialSuccess"]["rejectedDataPoints"]), (200, &json!("6")));
}

#[test]
fn answers_are_in_the_requests_own_encoding_and_overload_is_told_with_a_pause() {
    let json = Sent::new(JSON, "", "{}");
    let binary = Sent::new(&[("content-type", "application/x-protobuf")], "", "");
    let told = |sent: &Sent, code| {
        let reply = Otlp.answer(&sent.arrived(), &[], Err(&Problem::new(code, "no")));
        (reply.status, reply.kind, reply.retry_after_s)
    };
    assert_eq!(told(&json, Code::Invalid), (400, "application/json", None));
    assert_eq!(told(&binary, Code::StorageFull), (503, "application/x-protobuf", Some(5)));
    assert_eq!(told(&binary, Code::TooManyRequests), (429, "application/x-protobuf", Some(5)));
    assert_eq!(told(&json, Code::BodyTooLarge), (413, "application/json", None));
    let good = Otlp.answer(&binary.arrived(), &[], Ok(&IngestAnswer::default()));
    assert_eq!((good.status, good.body.len(), good.kind), (200, 0, "application/x-protobuf"));
    assert!(Otlp.open(&json.arrived()).is_err());
}

#[test]
fn many_tiny_points_are_refused_before_they_are_many() {
    let points = vec!["{}"; crate::limits::OTLP_POINTS + 1].join(",");
    let body = format!(
        r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{{"name":"a","gauge":{{"dataPoints":[{points}]}}}}]}}]}}]}}"#
    );
    assert!(Otlp.open(&Sent::new(JSON, "", body).arrived()).is_err());
}

#[test]
fn members_come_in_any_order_others_are_passed_over_and_a_body_that_is_none_is_refused_whole() {
    let point = r#"{"name":"fuel","gauge":{"dataPoints":[{"asInt":"7","timeUnixNano":"1772366400000000000"}]}}"#;
    let resource = r#"{"attributes":[{"key":"host.name","value":{"new":1,"stringValue":"a"}}]}"#;
    let turned = format!(
        r#"{{"more":[{{}}],"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{point}]}}],"schemaUrl":"","resource":{resource}}}]}}"#
    );
    let (events, refused) = Sent::new(JSON, "", turned.clone()).events(EnvelopeName::Otlp);
    // The first of several values is the attribute's.
    assert_eq!((events.len(), &events[0]["key"], &events[0]["fields"]["fuel"]), (1, &json!("1"), &json!(7)));
    assert!(refused.is_empty(), "{refused:?}");
    for wrong in [
        format!("{turned}{{}}"),
        turned.replace("\"more\":[{}]", "\"resourceMetrics\":[]"),
        turned.replace("\"dataPoints\":[", "\"dataPoints\":[7,"),
        r#"{"resourceMetrics":null}"#.to_owned(),
        r#"{"resourceMetrics":[7]}"#.to_owned(),
        "[]".to_owned(),
    ] {
        assert!(Otlp.open(&Sent::new(JSON, "", wrong.clone()).arrived()).is_err(), "{wrong}");
    }
}
