//! Which envelope a request has that may have any: first what headers say, then the address, then what the body begins with.

use super::{Arrived, EnvelopeName, gpsd, gtfs_realtime, meshtastic, nmea, s3, xml};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// The members by which envelopes are told apart.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Probe {
    #[serde(rename = "_type")]
    owntracks: Option<IgnoredAny>,
    #[serde(rename = "type")]
    kind: Option<serde_json::Value>,
    specversion: Option<IgnoredAny>,
    #[serde(rename = "detail-type")]
    detail_type: Option<IgnoredAny>,
    detail: Option<IgnoredAny>,
    #[serde(rename = "eventSource")]
    event_source: Option<IgnoredAny>,
    #[serde(rename = "Records")]
    records: Option<IgnoredAny>,
    #[serde(rename = "Event")]
    setup: Option<IgnoredAny>,
    #[serde(rename = "resourceMetrics")]
    metrics: Option<IgnoredAny>,
    #[serde(rename = "TopicArn")]
    topic: Option<IgnoredAny>,
    #[serde(rename = "SigningCertURL")]
    certificate: Option<IgnoredAny>,
    #[serde(rename = "requestId")]
    request_id: Option<IgnoredAny>,
    #[serde(rename = "records")]
    firehose: Option<IgnoredAny>,
    device_id: Option<IgnoredAny>,
    location: Option<IgnoredAny>,
    id: Option<IgnoredAny>,
    lat: Option<IgnoredAny>,
    lon: Option<IgnoredAny>,
    timestamp: Option<IgnoredAny>,
    aircraft: Option<IgnoredAny>,
    now: Option<IgnoredAny>,
    last_updated: Option<IgnoredAny>,
    data: Option<IgnoredAny>,
    position: Option<IgnoredAny>,
    device: Option<IgnoredAny>,
    key: Option<IgnoredAny>,
    class: Option<serde_json::Value>,
    from: Option<serde_json::Value>,
    payload: Option<IgnoredAny>,
    schema: Option<IgnoredAny>,
    op: Option<IgnoredAny>,
    source: Option<IgnoredAny>,
}

/// Tells it; what is nothing else is plain JSON.
pub(super) fn detect(arrived: &Arrived<'_>) -> EnvelopeName {
    by_headers(arrived).or_else(|| by_body(arrived)).unwrap_or(EnvelopeName::Json)
}

fn by_headers(arrived: &Arrived<'_>) -> Option<EnvelopeName> {
    let has = |name: &str| arrived.header(name).is_some();
    if has("x-amz-firehose-request-id") || has("x-amz-firehose-access-key") {
        return Some(EnvelopeName::Firehose);
    }
    if has("x-amz-sns-message-type") {
        return Some(EnvelopeName::Sns);
    }
    if has("x-amz-rules-engine-message-type") {
        return Some(EnvelopeName::Iot);
    }
    if has("ce-specversion") {
        return Some(EnvelopeName::Cloudevents);
    }
    if has("x-limit-u") {
        return Some(EnvelopeName::Owntracks);
    }
    match arrived.media_type().as_str() {
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/json-seq" => {
            Some(EnvelopeName::Ndjson)
        }
        "text/csv" => Some(EnvelopeName::Csv),
        "application/geo+json" => Some(EnvelopeName::Geojson),
        kind if kind.starts_with("application/cloudevents") => Some(EnvelopeName::Cloudevents),
        _ => None,
    }
}

fn by_body(arrived: &Arrived<'_>) -> Option<EnvelopeName> {
    if gtfs_realtime::is_feed(arrived.body) {
        return Some(EnvelopeName::GtfsRealtime);
    }
    let text = std::str::from_utf8(arrived.body).ok()?.trim_start_matches('\u{feff}').trim();
    if nmea::is_sentences(text) {
        return Some(EnvelopeName::Nmea);
    }
    match xml::root(text) {
        Some("gpx") => return Some(EnvelopeName::Gpx),
        Some("event") => return Some(EnvelopeName::Cot),
        _ => {}
    }
    if !text.starts_with(['{', '[']) {
        // A device that has nothing to say; a sender of JSON says so.
        if text.is_empty() && arrived.query.is_empty() && arrived.header("content-type").is_none() {
            return Some(EnvelopeName::Osmand);
        }
        let mut names = [arrived.query, text].into_iter().flat_map(|part| form_urlencoded::parse(part.as_bytes()));
        let names_device = names.any(|(name, _)| name == "id" || name == "deviceid");
        return names_device.then_some(EnvelopeName::Osmand);
    }
    let is_list = text.starts_with('[');
    let first = text.strip_prefix('[').unwrap_or(text);
    let first = serde_json::Deserializer::from_str(first).into_iter::<&RawValue>().next()?.ok()?;
    let probe: Probe = serde_json::from_str(first.get()).ok()?;
    let kind = probe.kind.as_ref().and_then(serde_json::Value::as_str);
    let class = probe.class.as_ref().and_then(serde_json::Value::as_str);
    let from = probe.from.as_ref().and_then(serde_json::Value::as_u64);
    let all = |members: &[&Option<IgnoredAny>]| members.iter().all(|member| member.is_some());
    Some(if probe.owntracks.is_some() {
        EnvelopeName::Owntracks
    } else if probe.specversion.is_some() {
        EnvelopeName::Cloudevents
    } else if (probe.records.is_some() || probe.detail.is_some() || probe.setup.is_some()) && s3::is_notification(text)
    {
        EnvelopeName::S3
    } else if probe.event_source.is_some() || probe.records.is_some() {
        EnvelopeName::Pipes
    } else if probe.metrics.is_some() {
        EnvelopeName::Otlp
    } else if all(&[&probe.topic, &probe.certificate]) {
        EnvelopeName::Sns
    } else if all(&[&probe.detail_type, &probe.detail]) {
        EnvelopeName::Eventbridge
    } else if all(&[&probe.request_id, &probe.firehose]) {
        EnvelopeName::Firehose
    } else if all(&[&probe.position, &probe.device]) {
        EnvelopeName::Traccar
    } else if from.is_some() && probe.payload.is_some() && kind.is_some_and(meshtastic::is_kind) {
        EnvelopeName::Meshtastic
    } else if all(&[&probe.op, &probe.source]) || all(&[&probe.schema, &probe.payload]) {
        EnvelopeName::Debezium
    } else if probe.key.is_some() {
        EnvelopeName::Json
    } else if all(&[&probe.device_id, &probe.location])
        || all(&[&probe.id, &probe.timestamp]) && (is_list || all(&[&probe.lat, &probe.lon]))
    {
        EnvelopeName::Osmand
    } else if !is_list && all(&[&probe.now, &probe.aircraft]) {
        EnvelopeName::Aircraft
    } else if !is_list && all(&[&probe.last_updated, &probe.data]) {
        EnvelopeName::Gbfs
    } else if class.is_some_and(gpsd::is_class) {
        EnvelopeName::Gpsd
    } else if matches!(kind, Some("Feature" | "FeatureCollection")) {
        EnvelopeName::Geojson
    } else {
        return None;
    })
}
