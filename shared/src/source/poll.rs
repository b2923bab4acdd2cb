//! A source that asks: an address is asked again and again, and what it answers goes the way of what senders send.
//!
//! Pure: [`Poll`] is what a source says of it, [`Address`] what may be asked, [`Credential`] what the operator lets be sent
//! there, and [`PollState`] what is remembered from one time to the next.

mod address;
mod credential;
mod state;

pub use address::Address;
pub use credential::{Credential, CredentialName, Unusable};
pub use state::{BodyDigest, Head, Heard, Outcome, PollState, PollStatus, Told};

use super::EnvelopeName;
use crate::limits;
use crate::problem::{Code, FieldError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a source asks, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Poll {
    /// The address: `https`, and no host of a private network.
    pub url: String,
    /// Seconds from one time to the next.
    #[serde(default = "interval")]
    pub interval_s: u32,
    /// Headers that go to this address and to no other origin, such as `accept`. What is secret is a credential.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The operator's credential that goes with it, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub credential: Option<CredentialName>,
    /// The key of records that name none, as of one station's weather.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

const fn interval() -> u32 {
    limits::POLL_INTERVAL_SECONDS
}

/// Headers that are not a source's to set: those of the connection, and those that are secrets.
const NOT_ITS_OWN: &[&str] = &[
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "if-modified-since",
    "if-none-match",
    "proxy-authorization",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// Whether a text can be a header's name.
fn is_header_name(name: &str) -> bool {
    (1..=limits::POLL_HEADER_NAME_BYTES).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

/// Whether a text can be a header's value.
fn is_header_value(value: &str) -> bool {
    (1..=limits::POLL_HEADER_BYTES).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
        && value.trim() == value
}

impl Poll {
    /// Its address, if it is one. Whether the worker may call it is the operator's to say, where it is called.
    pub fn address(&self) -> Result<Address, FieldError> {
        Address::parse(&self.url).map_err(|why| FieldError::new("poll.url", Code::Invalid, format!("poll.url {why}")))
    }

    /// Whether it can be, for a source of this envelope.
    pub fn check(&self, envelope: EnvelopeName) -> Result<(), FieldError> {
        self.address()?;
        let invalid = |field: String, message: String| Err(FieldError::new(field, Code::Invalid, message));
        let (least, most) = (limits::POLL_INTERVAL_SECONDS_MIN, limits::POLL_INTERVAL_SECONDS_MAX);
        if !(least..=most).contains(&self.interval_s) {
            let message = format!("poll.interval_s is {least} to {most}");
            return Err(FieldError::new("poll.interval_s", Code::OutOfRange, message));
        }
        if self.headers.len() > limits::POLL_HEADERS {
            let message = format!("poll.headers has at most {} entries", limits::POLL_HEADERS);
            return Err(FieldError::new("poll.headers", Code::TooMany, message));
        }
        for (name, value) in &self.headers {
            let field = format!("poll.headers.{name}");
            if NOT_ITS_OWN.contains(&name.as_str()) {
                let message = format!("{name} can't be set here; what is secret is a credential of the operator's");
                return Err(FieldError::new(field, Code::NotAllowed, message));
            }
            if !is_header_name(name) {
                return invalid(field, "a header's name is a word in lower case, such as user-agent".to_owned());
            }
            if !is_header_value(value) {
                let message = format!("a header's value is 1 to {} letters of ASCII", limits::POLL_HEADER_BYTES);
                return invalid(field, message);
            }
        }
        if let Some(key) = &self.key {
            crate::id::check_key(key)
                .map_err(|e| FieldError::new("poll.key", Code::Invalid, format!("poll.key {e}")))?;
        }
        if !envelope.is_polled() {
            let message = "this envelope's senders send; leave it to auto, or say what the address answers";
            return Err(FieldError::new("envelope", Code::NotAllowed, message));
        }
        Ok(())
    }

    /// The headers of a request to an address: its own for its own origin, and the credential's where that goes.
    pub fn headers<'p>(&'p self, to: &Address, credential: Option<&'p Credential>) -> Vec<(&'p str, &'p str)> {
        let is_own = self.address().is_ok_and(|own| own.origin() == to.origin());
        let own = self.headers.iter().filter(|_| is_own).map(|(name, value)| (name.as_str(), value.as_str()));
        own.chain(credential.and_then(|c| c.header(to))).collect()
    }

    /// What an answer calls its type, for envelopes that are told by it: a file's ending says more than a server that calls
    /// everything the same.
    pub fn kind(&self, said: &str) -> String {
        let vague = matches!(
            said.split(';').next().unwrap_or_default().trim(),
            "" | "text/plain" | "application/octet-stream" | "binary/octet-stream"
        );
        let path = self.url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let path = path.strip_suffix(".gz").unwrap_or(&path);
        match path.rsplit('.').next() {
            Some("csv") if vague => "text/csv".to_owned(),
            Some("ndjson" | "jsonl") if vague => "application/x-ndjson".to_owned(),
            _ => said.to_owned(),
        }
    }

    /// The query with which an envelope is told the key of records that name none.
    pub fn query(&self) -> String {
        let key = self.key.iter().map(|key| ("key", key));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(key).finish()
    }
}

impl EnvelopeName {
    /// Whether an address may answer in this envelope. Those of senders that sign, confirm or want an answer of their own
    /// are no way around that.
    pub fn is_polled(self) -> bool {
        match self {
            Self::Auto
            | Self::Json
            | Self::Ndjson
            | Self::Csv
            | Self::Cloudevents
            | Self::Geojson
            | Self::Aircraft
            | Self::Gbfs
            | Self::GtfsRealtime
            | Self::Nmea
            | Self::Gpsd
            | Self::Gpx
            | Self::Cot
            | Self::Clics => true,
            Self::Firehose
            | Self::Eventbridge
            | Self::Pipes
            | Self::Sns
            | Self::Iot
            | Self::S3
            | Self::Owntracks
            | Self::Osmand
            | Self::Traccar
            | Self::Otlp
            | Self::Debezium
            | Self::Meshtastic => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn poll(with: &Value) -> Poll {
        let mut all = json!({"url": "https://transit.example/vehicles.pb"});
        all.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn what_is_wrong_is_named_by_its_field() {
        let field = |with: Value| poll(&with).check(EnvelopeName::Auto).err().map(|e| e.field);
        assert_eq!(field(json!({"interval_s": 10, "headers": {"accept": "a/b", "x-app": "us"}, "key": "k"})), None);
        for (with, named) in [
            (json!({"url": "http//x"}), "poll.url"),
            (json!({"url": "ftp://x.example/"}), "poll.url"),
            (json!({"url": "https://me:hush@x.example/"}), "poll.url"),
            (json!({"url": format!("https://x.example/{}", "x".repeat(2_000))}), "poll.url"),
            (json!({"interval_s": 1}), "poll.interval_s"),
            (json!({"interval_s": 100_000}), "poll.interval_s"),
            (json!({"headers": {"Accept": "a"}}), "poll.headers.Accept"),
            (json!({"headers": {"accept": "a\nb"}}), "poll.headers.accept"),
            (json!({"headers": {"authorization": "Bearer x"}}), "poll.headers.authorization"),
            (json!({"headers": {"cookie": "a=b"}}), "poll.headers.cookie"),
            (json!({"key": ""}), "poll.key"),
        ] {
            assert_eq!(field(with.clone()).as_deref(), Some(named), "{with}");
        }
        assert_eq!(poll(&json!({})).check(EnvelopeName::Sns).unwrap_err().field, "envelope");
        for bad in [json!({"url": 1}), json!({"url": "x", "intervall_s": 1}), json!({"url": "x", "credential": "a b"})]
        {
            assert!(serde_json::from_value::<Poll>(bad).is_err());
        }
    }

    #[test]
    fn headers_and_credentials_go_to_their_own_origin_and_to_no_other() {
        let poll = poll(&json!({"headers": {"x-app": "us"}}));
        let declared = r#"{"origin":"https://transit.example","header":"x-api-key","value":"hush"}"#;
        let board = crate::id::BoardName::try_from("fleet").unwrap();
        let credential = Credential::declared(declared, &board).unwrap();
        let headers = |to: &str| poll.headers(&Address::parse(to).unwrap(), Some(&credential));
        assert_eq!(headers("https://transit.example/other"), [("x-app", "us"), ("x-api-key", "hush")]);
        assert_eq!(headers("https://TRANSIT.example:443/"), [("x-app", "us"), ("x-api-key", "hush")]);
        for other in [
            "http://transit.example/",
            "https://transit.example:8443/",
            "https://transit.example.evil.example/",
            "https://evil.example/?https://transit.example",
            "https://www.transit.example/",
        ] {
            assert!(headers(other).is_empty(), "{other}");
        }
    }

    #[test]
    fn a_files_ending_says_what_it_is_where_its_server_does_not() {
        let kind = |url: &str, said: &str| poll(&json!({"url": url})).kind(said);
        assert_eq!(kind("https://x.example/a.csv?x=1", "text/plain; charset=utf-8"), "text/csv");
        assert_eq!(kind("https://x.example/a.csv.gz", ""), "text/csv");
        assert_eq!(kind("https://x.example/a.NDJSON", "application/octet-stream"), "application/x-ndjson");
        assert_eq!(kind("https://x.example/a.csv", "application/json"), "application/json");
        assert_eq!(kind("https://x.example/a?f=.csv", "text/plain"), "text/plain");
    }
}
