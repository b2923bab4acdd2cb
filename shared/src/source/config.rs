//! What a source is, as it is stored, made and changed.

use super::EnvelopeName;
use super::device::Devices;
use super::poll::Poll;
use super::senders::Senders;
use crate::id::BoardName;
use crate::limits;
use crate::problem::{Code, FieldError};
use crate::throttle::Pace;
use crate::time::Millis;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// A source's name, unique in a deployment: 1 to 64 of letters, digits, `_`, `.` and `-`, and not dots alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SourceName(String);

impl SourceName {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SourceName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let of_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        let good = (1..=limits::SOURCE_NAME_BYTES).contains(&text.len())
            && text.bytes().all(of_name)
            && text.bytes().any(|b| b != b'.');
        if good { Ok(Self(text)) } else { Err("a source's name is 1 to 64 of letters, digits, _ - and .") }
    }
}

impl From<SourceName> for String {
    fn from(name: SourceName) -> Self {
        name.0
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What makes events of records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Transform {
    /// A jq program: it is given each record, and yields the events that it is.
    pub jq: String,
}

/// How much a source takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct SourceLimits {
    /// Bytes of a body, unpacked.
    pub body_bytes: usize,
    /// Requests a minute; none: as many as the board takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
}

impl Default for SourceLimits {
    fn default() -> Self {
        Self { body_bytes: limits::INGEST_BODY_BYTES, requests_per_minute: None }
    }
}

impl SourceLimits {
    /// How often requests may come; a tenth of a minute's may come at once.
    pub fn pace(self) -> Option<Pace> {
        self.requests_per_minute.map(|n| Pace { burst: (n / 10).max(1), per_minute: n.max(1) })
    }

    fn check(self) -> Result<(), FieldError> {
        let out_of_range = |name: &str, most: usize| {
            let field = format!("limits.{name}");
            let message = format!("{field} is 1 to {most}");
            Err(FieldError::new(field, Code::OutOfRange, message))
        };
        if !(1..=limits::INGEST_BODY_BYTES).contains(&self.body_bytes) {
            return out_of_range("body_bytes", limits::INGEST_BODY_BYTES);
        }
        let most = limits::SOURCE_REQUESTS_PER_MINUTE_MAX;
        if !self.requests_per_minute.is_none_or(|n| (1..=most).contains(&n)) {
            return out_of_range("requests_per_minute", most as usize);
        }
        Ok(())
    }
}

/// What proves that a sender is the source's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// Which generation it is of.
    pub generation: u32,
    /// Its SHA-256 in hex: it is not stored itself.
    pub hash: String,
    /// When it ends; none: not by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
}

/// A source as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its name.
    pub name: SourceName,
    /// Where its events go.
    pub board: BoardName,
    /// What its sender wraps around records.
    pub envelope: EnvelopeName,
    /// What makes events of records; none: the envelope's own understanding of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transform: Option<Transform>,
    /// How much it takes.
    #[serde(default)]
    pub limits: SourceLimits,
    /// Whom it takes deliveries from.
    #[serde(default, skip_serializing_if = "Senders::is_none")]
    pub from: Senders,
    /// What it asks; none: its senders send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
    /// How often the secrets of its devices were replaced.
    #[serde(default, skip_serializing_if = "Devices::is_empty")]
    pub devices: Devices,
    /// Grows with each change: two changes at once are not mixed.
    pub version: u64,
    /// The newest secret's generation.
    pub generation: u32,
    /// Its secrets, the newest last.
    pub secrets: Vec<Secret>,
    /// When it was made.
    pub created: Millis,
}

/// A source that is to be made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSource {
    /// Its name, unique in the deployment.
    pub name: SourceName,
    /// What its sender wraps around records.
    #[serde(default)]
    pub envelope: EnvelopeName,
    /// What makes events of records.
    #[serde(default)]
    pub transform: Option<Transform>,
    /// How much it takes.
    #[serde(default)]
    pub limits: SourceLimits,
    /// Whom it takes deliveries from.
    #[serde(default)]
    pub from: Senders,
    /// What it asks; none: its senders send.
    #[serde(default)]
    pub poll: Option<Poll>,
}

/// What is to be another of a source. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct SourceChange {
    /// What its sender wraps around records.
    pub envelope: Option<EnvelopeName>,
    /// What makes events of records; null: nothing of its own any more.
    #[serde(deserialize_with = "changed")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Transform>"))]
    pub transform: Changed<Transform>,
    /// How much it takes.
    pub limits: Option<SourceLimits>,
    /// Whom it takes deliveries from.
    pub from: Option<Senders>,
    /// What it asks; null: nothing any more.
    #[serde(deserialize_with = "changed")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Poll>"))]
    pub poll: Changed<Poll>,
}

/// What becomes of a part of a source that it need not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Changed<T> {
    /// It stays.
    #[default]
    Stays,
    /// There is none any more.
    Gone,
    /// It is another.
    To(T),
}

impl<T> Changed<T> {
    fn of(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Stays => before,
            Self::Gone => None,
            Self::To(part) => Some(part),
        }
    }
}

fn changed<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Changed<T>, D::Error> {
    Ok(Option::deserialize(d)?.map_or(Changed::Gone, Changed::To))
}

/// How a secret is replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Rotation {
    /// How long the secret before is still good, in seconds; a day, when nothing is said.
    pub overlap_s: Option<u32>,
}

impl Rotation {
    /// How long the secret before is still good.
    pub fn seconds(self) -> Result<u32, FieldError> {
        let overlap_s = self.overlap_s.unwrap_or(limits::SOURCE_OVERLAP_SECONDS);
        if overlap_s > limits::SOURCE_OVERLAP_SECONDS_MAX {
            let message = format!("overlap_s is 0 to {}", limits::SOURCE_OVERLAP_SECONDS_MAX);
            return Err(FieldError::new("overlap_s", Code::OutOfRange, message));
        }
        Ok(overlap_s)
    }
}

impl Source {
    /// A source with its first secret, by the secret's hash.
    pub fn new(wish: NewSource, board: BoardName, hash: String, now: Millis) -> Result<Self, FieldError> {
        let NewSource { name, envelope, transform, limits, from, poll } = wish;
        let secrets = vec![Secret { generation: 1, hash, until: None }];
        let (devices, version, generation, created) = (Devices::default(), 1, 1, now);
        let source = Self {
            name,
            board,
            envelope,
            transform,
            limits,
            from,
            poll,
            devices,
            version,
            generation,
            secrets,
            created,
        };
        source.check()?;
        Ok(source)
    }

    /// The same after a change.
    pub fn change(mut self, wish: SourceChange) -> Result<Self, FieldError> {
        self.envelope = wish.envelope.unwrap_or(self.envelope);
        self.limits = wish.limits.unwrap_or(self.limits);
        self.from = wish.from.unwrap_or(self.from);
        self.transform = wish.transform.of(self.transform);
        self.poll = wish.poll.of(self.poll);
        self.version += 1;
        self.check()?;
        Ok(self)
    }

    /// Whether it can be.
    pub fn check(&self) -> Result<(), FieldError> {
        self.limits.check()?;
        self.from.check()?;
        let length = self.transform.as_ref().map_or(1, |t| t.jq.trim().len());
        if length == 0 || length > limits::JQ_PROGRAM_BYTES {
            let message = format!("transform.jq is a program of 1 to {} bytes", limits::JQ_PROGRAM_BYTES);
            return Err(FieldError::new("transform.jq", Code::Invalid, message));
        }
        self.poll.as_ref().map_or(Ok(()), |poll| poll.check(self.envelope))
    }

    /// The same with a new secret. The one before is good for a while; those before it are not.
    pub fn rotate(mut self, wish: Rotation, hash: String, now: Millis) -> Result<Self, FieldError> {
        let overlap_s = wish.seconds()?;
        let until = now.plus(i64::from(overlap_s) * 1_000);
        self.secrets.retain(|secret| secret.generation == self.generation);
        for before in &mut self.secrets {
            before.until = Some(until);
        }
        self.generation += 1;
        self.version += 1;
        self.secrets.push(Secret { generation: self.generation, hash, until: None });
        Ok(self)
    }

    /// About how many bytes it takes beside what every source takes.
    pub fn bytes(&self) -> usize {
        self.transform.as_ref().map_or(0, |t| t.jq.len()) + self.devices.bytes()
    }

    /// The hashes of secrets that are good at a time.
    pub fn hashes(&self, now: Millis) -> impl Iterator<Item = &str> {
        self.secrets.iter().filter(move |s| s.until.is_none_or(|until| now < until)).map(|s| s.hash.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn source() -> Source {
        let wish: NewSource = serde_json::from_value(json!({"name": "buses"})).unwrap();
        Source::new(wish, BoardName::try_from("fleet").unwrap(), "h1".into(), Millis(1_000)).unwrap()
    }

    #[test]
    fn names_can_stand_in_an_address_and_nothing_else_is_one() {
        for good in ["buses", "a", "A_b.c-1", "..a", &"x".repeat(64)] {
            assert!(SourceName::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a b", "ä", "a%", &"x".repeat(65)] {
            assert!(SourceName::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_secret_before_is_good_for_the_overlap_and_older_ones_are_not() {
        let hour = Rotation { overlap_s: Some(3_600) };
        let once = source().rotate(hour, "h2".into(), Millis(1_000)).unwrap();
        let good = |source: &Source, at: i64| source.hashes(Millis(at)).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(good(&once, 3_600_999), ["h1", "h2"]);
        assert_eq!(good(&once, 3_601_000), ["h2"]);
        let twice = once.rotate(hour, "h3".into(), Millis(2_000)).unwrap();
        assert_eq!((good(&twice, 2_000), twice.generation), (vec!["h2".to_owned(), "h3".to_owned()], 3));
        let at_once = twice.rotate(Rotation { overlap_s: Some(0) }, "h4".into(), Millis(3_000)).unwrap();
        assert_eq!(good(&at_once, 3_000), ["h4"]);
        let never = Rotation { overlap_s: Some(limits::SOURCE_OVERLAP_SECONDS_MAX + 1) };
        assert_eq!(at_once.rotate(never, "h5".into(), Millis(0)).unwrap_err().field, "overlap_s");
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name_and_null_takes_the_program_away() {
        let with: SourceChange = serde_json::from_value(json!({"transform": {"jq": "."}})).unwrap();
        let with = source().change(with).unwrap();
        assert_eq!((with.version, with.transform.as_ref().map(|t| t.jq.as_str())), (2, Some(".")));
        let limits: SourceChange = serde_json::from_value(json!({"limits": {"requests_per_minute": 60}})).unwrap();
        let limited = with.change(limits).unwrap();
        assert!(limited.transform.is_some() && limited.limits.pace() == Some(Pace { burst: 6, per_minute: 60 }));
        let without: SourceChange = serde_json::from_value(json!({"transform": null})).unwrap();
        assert_eq!(limited.change(without).unwrap().transform, None);
    }

    #[test]
    fn what_a_source_asks_can_be_changed_and_taken_away() {
        let change = |text: Value| serde_json::from_value::<SourceChange>(text).unwrap();
        let asks = source().change(change(json!({"poll": {"url": "https://x.example/a.csv"}}))).unwrap();
        assert_eq!(asks.poll.as_ref().map(|p| p.interval_s), Some(60));
        let stays = asks.change(change(json!({"limits": {}}))).unwrap();
        assert!(stays.poll.is_some());
        let refused = stays.clone().change(change(json!({"envelope": "sns"}))).unwrap_err();
        assert_eq!(refused.field, "envelope");
        assert_eq!(stays.change(change(json!({"poll": null}))).unwrap().poll, None);
    }

    #[test]
    fn what_is_misspelt_or_out_of_range_is_refused_by_its_name() {
        for (wish, field) in [
            (json!({"transform": {"jq": " "}}), "transform.jq"),
            (json!({"transform": {"jq": "x".repeat(5_000)}}), "transform.jq"),
            (json!({"limits": {"body_bytes": 0}}), "limits.body_bytes"),
            (json!({"limits": {"body_bytes": 100_000_000}}), "limits.body_bytes"),
            (json!({"limits": {"requests_per_minute": 0}}), "limits.requests_per_minute"),
        ] {
            let wish: SourceChange = serde_json::from_value(wish).unwrap();
            assert_eq!(source().change(wish).unwrap_err().field, field);
        }
        for wish in [json!({"envelop": "json"}), json!({"envelope": "jsn"}), json!({"limits": {"body": 1}})] {
            assert!(serde_json::from_value::<SourceChange>(wish).is_err());
        }
    }
}
