//! Sources: named ways in for what users already run.
//!
//! A source has an envelope: what its sender wraps around records, and what it wants to be answered. Each is a file of its
//! own, and pure: bytes and headers in; the raw slice of each record with an event or a refusal, and the answer, out.

mod aircraft;
pub mod answer;
pub mod aws;
mod changes;
pub mod clics;
mod cloudevents;
pub mod config;
mod cot;
pub mod credential;
mod decimal;
mod detect;
pub mod device;
mod draft;
mod eventbridge;
mod firehose;
mod gbfs;
mod geojson;
mod gpsd;
mod gpx;
mod gtfs_realtime;
pub mod iot;
mod meshtastic;
mod nmea;
mod osmand;
mod otlp;
mod owntracks;
pub mod packed;
mod pipes;
mod plain;
pub mod poll;
mod protobuf;
mod raw;
pub mod s3;
pub mod senders;
pub mod sns;
mod traccar;
mod xml;

pub use answer::Reply;
pub use config::{NewSource, Rotation, Secret, Source, SourceChange, SourceName};
pub use raw::Raw;

use crate::event::{Loose, RawEvent};
use crate::ingest::json;
use crate::ingest::{Checked, IngestAnswer, check_records};
use crate::problem::{Code, FieldError, Problem};
use crate::rules::Rules;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What a sender wraps around its records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EnvelopeName {
    /// Each request says by its headers and its body which of the others it is.
    #[default]
    Auto,
    /// An event, or an array of them.
    Json,
    /// An event a line.
    Ndjson,
    /// A table with a header.
    Csv,
    /// Amazon Data Firehose, "HTTP endpoint".
    Firehose,
    /// EventBridge by an API destination.
    Eventbridge,
    /// EventBridge Pipes from SQS, Kinesis and DynamoDB Streams.
    Pipes,
    /// SNS over HTTPS.
    Sns,
    /// The HTTP action of AWS IoT rules.
    Iot,
    /// S3's event notifications: the objects that they name are fetched.
    S3,
    /// CloudEvents 1.0 in three modes.
    Cloudevents,
    /// OwnTracks in HTTP mode.
    Owntracks,
    /// OsmAnd and Traccar Client.
    Osmand,
    /// What a Traccar server forwards.
    Traccar,
    /// GeoJSON: points.
    Geojson,
    /// `aircraft.json` of readsb and its kin.
    Aircraft,
    /// GBFS: vehicles, bikes and stations.
    Gbfs,
    /// GTFS-Realtime: vehicle positions in protobuf.
    GtfsRealtime,
    /// OTLP over HTTP: metrics.
    Otlp,
    /// NMEA 0183: AIS, and a receiver's own fixes.
    Nmea,
    /// What gpsd says in JSON.
    Gpsd,
    /// What Meshtastic nodes publish to MQTT in JSON.
    Meshtastic,
    /// GPX: tracks, routes, waypoints.
    Gpx,
    /// Cursor on Target in XML.
    Cot,
    /// Change events of Debezium: rows of a database.
    Debezium,
    /// The event feed of a contest (CLICS Contest API).
    Clics,
}

impl EnvelopeName {
    /// All but `auto`.
    pub const ALL: &[Self] = &[
        Self::Json,
        Self::Ndjson,
        Self::Csv,
        Self::Firehose,
        Self::Eventbridge,
        Self::Pipes,
        Self::Sns,
        Self::Iot,
        Self::S3,
        Self::Cloudevents,
        Self::Owntracks,
        Self::Osmand,
        Self::Traccar,
        Self::Geojson,
        Self::Aircraft,
        Self::Gbfs,
        Self::GtfsRealtime,
        Self::Otlp,
        Self::Nmea,
        Self::Gpsd,
        Self::Meshtastic,
        Self::Gpx,
        Self::Cot,
        Self::Debezium,
        Self::Clics,
    ];

    /// Which envelope a request has. That of `auto` is told by the request.
    #[must_use]
    pub fn told_by(self, arrived: &Arrived<'_>) -> Self {
        if self == Self::Auto { detect::detect(arrived) } else { self }
    }

    /// The envelope of a request.
    pub fn of(self, arrived: &Arrived<'_>) -> &'static dyn Envelope {
        self.told_by(arrived).envelope()
    }

    /// The envelope of this name.
    pub fn envelope(self) -> &'static dyn Envelope {
        match self {
            Self::Auto | Self::Json => &plain::Json,
            Self::Ndjson => &plain::Ndjson,
            Self::Csv => &plain::Csv,
            Self::Firehose => &firehose::Firehose,
            Self::Eventbridge => &eventbridge::EventBridge,
            Self::Pipes => &pipes::Pipes,
            Self::Sns => &sns::Sns,
            Self::Iot => &iot::Iot,
            Self::S3 => &s3::S3,
            Self::Cloudevents => &cloudevents::CloudEvents,
            Self::Owntracks => &owntracks::OwnTracks,
            Self::Osmand => &osmand::OsmAnd,
            Self::Traccar => &traccar::Traccar,
            Self::Geojson => &geojson::GeoJson,
            Self::Aircraft => &aircraft::Aircraft,
            Self::Gbfs => &gbfs::Gbfs,
            Self::GtfsRealtime => &gtfs_realtime::GtfsRealtime,
            Self::Otlp => &otlp::Otlp,
            Self::Nmea => &nmea::Nmea,
            Self::Gpsd => &gpsd::Gpsd,
            Self::Meshtastic => &meshtastic::Meshtastic,
            Self::Gpx => &gpx::Gpx,
            Self::Cot => &cot::Cot,
            Self::Debezium => &plain::Changes,
            Self::Clics => &clics::Clics,
        }
    }
}

/// A request to a source.
#[derive(Clone, Copy, Debug)]
pub struct Arrived<'a> {
    /// Names in lower case, with their values.
    pub headers: &'a [(String, String)],
    /// What stands behind the question mark of its address.
    pub query: &'a str,
    /// Its body, unpacked.
    pub body: &'a [u8],
    /// How the board calls its keys.
    pub key_name: &'a str,
    /// When it came.
    pub received: Millis,
}

impl<'a> Arrived<'a> {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// How its address calls the one it is about: under `key`, the board's own name of keys, or `id`.
    fn named_key(&self) -> Option<String> {
        let find = |wanted: &str| {
            let mut pairs = form_urlencoded::parse(self.query.as_bytes());
            pairs.find(|(name, value)| name == wanted && !value.is_empty()).map(|(_, value)| value.into_owned())
        };
        ["key", self.key_name, "id"].into_iter().find_map(find)
    }

    /// The media type of the body, in lower case.
    fn media_type(&self) -> String {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The body as text.
    fn text(&self) -> Result<&'a str, Problem> {
        let text = std::str::from_utf8(self.body).map_err(|e| {
            let detail = format!("the body is not UTF-8: byte {} is invalid; nothing was taken", e.valid_up_to());
            Problem::new(Code::InvalidUtf8, detail)
        })?;
        // Some systems write a byte order mark before everything they write.
        Ok(text.trim_start_matches('\u{feff}'))
    }

    /// The body as JSON.
    fn json<T: Deserialize<'a>>(&self) -> Result<T, Problem> {
        serde_json::from_slice(self.text()?.as_bytes()).map_err(|e| {
            let detail = format!("the body is not what this source takes: {e}; nothing was taken");
            Problem::new(Code::InvalidJson, detail)
        })
    }
}

/// A record of a request: what is kept of it when it is refused, and what its envelope says of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slice<'a> {
    /// The record as it came; where that was not text, as JSON.
    pub raw: Raw<'a>,
    /// The sender's own id of the delivery: the event's, when it has none.
    pub id: Option<String>,
    /// The key that the envelope says, for an event that has none.
    pub key: Option<String>,
    /// The time that the envelope says, for an event that has none.
    pub time: Option<Millis>,
    /// How the answer names it.
    pub item: Option<String>,
    /// Why it is no record.
    pub refused: Option<FieldError>,
    /// The event that it is, where opening it made one: the same as its envelope makes of `raw`.
    pub made: Option<Box<RawEvent<'static>>>,
}

impl<'a> Slice<'a> {
    /// A record of which nothing else is known.
    pub fn new(raw: impl Into<Raw<'a>>) -> Self {
        Self { raw: raw.into(), ..Self::default() }
    }

    /// The same from a device that has an address of its own: under its key, where the record names none.
    #[must_use]
    pub fn of_device(mut self, key: Option<&str>) -> Self {
        self.key = self.key.or_else(|| key.map(str::to_owned));
        self
    }

    /// The same as one that is refused.
    #[must_use]
    fn refused(mut self, field: &str, code: Code, message: impl Into<String>) -> Self {
        self.refused = Some(FieldError::new(field, code, message));
        self
    }

    /// Gives an event what it lacks and the envelope says. `nth`: its place among the events of this record.
    pub(crate) fn complete<'s>(&'s self, mut event: RawEvent<'s>, nth: usize) -> RawEvent<'s> {
        let missing = |value: &Option<Loose<'_>>| matches!(value, None | Some(Loose::Null));
        if let Some(id) = self.id.as_ref().filter(|_| missing(&event.id)) {
            let id = if nth == 0 { Cow::from(id.as_str()) } else { format!("{id}/{nth}").into() };
            event.id = Some(Loose::Text(id));
        }
        if let Some(key) = self.key.as_ref().filter(|_| missing(&event.key)) {
            event.key = Some(Loose::Text(key.as_str().into()));
        }
        if let Some(time) = self.time.filter(|_| missing(&event.time)) {
            event.time = Some(Loose::Number(time.0 as f64));
        }
        event
    }
}

/// What is made of requests of one kind.
pub trait Envelope: Sync {
    /// The records of a request. A problem is about the request as a whole, and then nothing of it is taken.
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem>;

    /// The event that a record is, where the source has no program of its own for that.
    fn event<'s>(&self, slice: &'s Slice<'_>, key_name: &str) -> Result<RawEvent<'s>, FieldError> {
        changes::payload(slice, key_name)
    }

    /// What the sender is answered: `outcome` is what became of the records, or why nothing did.
    fn answer(&self, arrived: &Arrived<'_>, slices: &[Slice<'_>], outcome: Result<&IngestAnswer, &Problem>) -> Reply {
        let _ = (arrived, slices);
        Reply::plain(outcome)
    }
}

/// Records that are no JSON, and so nothing that a program could be run on.
fn is_json(raw: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(raw).is_ok()
}

/// What a source's program is run on: its inputs, a line each, and the places of their records.
pub fn inputs(slices: &[Slice<'_>]) -> (Vec<u8>, Vec<u32>) {
    let (mut lines, mut places) = (Vec::new(), Vec::new());
    for (place, slice) in slices.iter().enumerate().filter(|(_, s)| s.refused.is_none() && is_json(&s.raw)) {
        // Line breaks of JSON are blanks of it.
        lines.extend(slice.raw.bytes().map(|b| if matches!(b, b'\n' | b'\r') { b' ' } else { b }));
        lines.push(b'\n');
        places.push(place as u32);
    }
    (lines, places)
}

/// The events of records, checked, as their envelope understands them.
pub fn check(
    envelope: &dyn Envelope,
    slices: &[Slice<'_>],
    key_name: &str,
    rules: &Rules,
    received: Millis,
) -> Result<Checked, Problem> {
    let events = slices.iter().enumerate().map(|(place, slice)| {
        let event = match &slice.refused {
            Some(refused) => Err(refused.clone()),
            None => match &slice.made {
                Some(made) => Ok(made.lent()),
                None => envelope.event(slice, key_name),
            }
            .map(|event| slice.complete(event, 0)),
        };
        (place as u32, event)
    });
    check_records(events, rules, received)
}

/// The same of what a source's program yields for each of its inputs: events as JSON, a line each, or why there are none.
pub fn check_yields(
    slices: &[Slice<'_>],
    places: &[u32],
    yields: &[Result<Vec<u8>, String>],
    rules: &Rules,
    received: Millis,
) -> Result<Checked, Problem> {
    let mut events: Vec<(u32, Result<RawEvent<'_>, FieldError>)> = Vec::new();
    let mut yields = yields.iter();
    let mut places = places.iter().copied().peekable();
    for (place, slice) in slices.iter().enumerate() {
        let place = place as u32;
        if places.next_if_eq(&place).is_none() {
            let refused = slice.refused.clone().unwrap_or_else(|| {
                FieldError::new("", Code::InvalidJson, "the record is not valid JSON: no program can be run on it")
            });
            events.push((place, Err(refused)));
            continue;
        }
        let failed = |why: &str| FieldError::new("", Code::JqFailed, format!("the source's program failed: {why}"));
        match yields.next() {
            None => events.push((place, Err(failed("it was not run on this record")))),
            Some(Err(why)) => events.push((place, Err(failed(why)))),
            Some(Ok(lines)) => {
                let lines = std::str::from_utf8(lines).unwrap_or_default().lines();
                // `empty` filters a record; so does `null`.
                for (nth, line) in lines.filter(|line| !line.is_empty() && *line != "null").enumerate() {
                    events.push((place, json::read_line(line).map(|event| slice.complete(event, nth))));
                }
            }
        }
    }
    check_records(events.into_iter(), rules, received)
}

#[cfg(test)]
mod tests;
