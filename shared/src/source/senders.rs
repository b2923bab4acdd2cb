//! Whom a source takes deliveries from, besides whoever knows its secret.

use crate::archive::target::TargetName;
use crate::limits;
use crate::problem::{Code, FieldError};
use serde::{Deserialize, Serialize};

/// What a source takes of AWS: a signature says that a service sent something, and not for whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Senders {
    /// ARNs of the SNS topics whose messages are taken, and whose subscriptions are confirmed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// Whether raw deliveries of these topics are taken too: SNS signs none, so that the secret alone vouches for them.
    #[serde(skip_serializing_if = "is_false")]
    pub raw: bool,
    /// AWS accounts, 12 digits each, whose IoT destinations are confirmed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    /// Where objects are fetched that notifications of S3 name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objects: Option<Objects>,
    /// Whether the secret may stand in the address, `?secret=`: for phones and trackers that can be told nothing else.
    /// Whatever lies between may keep addresses in its logs.
    #[serde(skip_serializing_if = "is_false")]
    pub secret_in_address: bool,
    /// Whether single devices may have secrets of their own that stand in the path of an address, `/v1/ingest/{source}/…`,
    /// each good for one key: for those that can be told an address and nothing else.
    #[serde(skip_serializing_if = "is_false")]
    pub device_secrets: bool,
}

/// Objects that a source may fetch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Objects {
    /// The operator's target, by its name: its bucket, under its prefix and the board's name.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub target: TargetName,
    /// What keys begin with behind that; none: whatever they begin with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "made for serde")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Senders {
    /// Whether nothing is said.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it can be.
    pub fn check(&self) -> Result<(), FieldError> {
        for (name, list) in [("topics", &self.topics), ("accounts", &self.accounts)] {
            if list.len() > limits::SENDERS_PER_SOURCE {
                let message = format!("from.{name} has at most {} entries", limits::SENDERS_PER_SOURCE);
                return Err(FieldError::new(format!("from.{name}"), Code::TooMany, message));
            }
        }
        if let Some((i, _)) = self.topics.iter().enumerate().find(|(_, topic)| !is_topic(topic)) {
            let message = "a topic is an ARN such as arn:aws:sns:us-east-1:111122223333:orders";
            return Err(FieldError::new(format!("from.topics[{i}]"), Code::Invalid, message));
        }
        if let Some((i, _)) = self.accounts.iter().enumerate().find(|(_, account)| !is_account(account)) {
            let message = "an account is its 12 digits, as text";
            return Err(FieldError::new(format!("from.accounts[{i}]"), Code::Invalid, message));
        }
        let prefixes = self.objects.iter().flat_map(|objects| &objects.prefixes);
        if prefixes.clone().count() > limits::SENDERS_PER_SOURCE {
            let message = format!("from.objects.prefixes has at most {} entries", limits::SENDERS_PER_SOURCE);
            return Err(FieldError::new("from.objects.prefixes", Code::TooMany, message));
        }
        let is_prefix = |p: &String| (1..=limits::SENDER_BYTES).contains(&p.len()) && !p.chars().any(char::is_control);
        if let Some((i, _)) = prefixes.enumerate().find(|(_, prefix)| !is_prefix(prefix)) {
            let message = format!("a prefix is a text of 1 to {} bytes", limits::SENDER_BYTES);
            return Err(FieldError::new(format!("from.objects.prefixes[{i}]"), Code::Invalid, message));
        }
        Ok(())
    }

    /// Whether messages of a topic are taken; the error says what to do.
    pub(super) fn takes_topic(&self, arn: &str) -> Result<(), String> {
        if self.topics.iter().any(|topic| topic == arn) {
            return Ok(());
        }
        let arn: String = arn.chars().filter(|c| !c.is_control()).take(limits::SENDER_BYTES).collect();
        Err(format!("the source does not take the topic {arn}; add it to from.topics"))
    }

    /// Whether destinations of an account are confirmed.
    pub(super) fn takes_account(&self, account: &str) -> bool {
        self.accounts.iter().any(|own| own == account)
    }
}

/// The parts of an ARN of a service: its region, its account, and what it names.
pub(super) fn arn<'a>(text: &'a str, service: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let mut parts = text.splitn(6, ':');
    let (head, partition, of) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, name) = (parts.next()?, parts.next()?, parts.next()?);
    let good = head == "arn" && matches!(partition, "aws" | "aws-cn" | "aws-us-gov") && of == service;
    (good && is_account(account)).then_some((region, account, name))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_topic(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    text.len() <= limits::SENDER_BYTES
        && arn(text, "sns").is_some_and(|(region, _, name)| {
            !region.is_empty() && region.bytes().all(plain) && !name.is_empty() && name.bytes().all(plain)
        })
}

/// An address at AWS that a delivery names: `https`, the exact host of a service in a region, the standard port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    host: String,
    rest: String,
}

impl Address {
    /// Reads one; none when it is at any other place.
    pub(super) fn parse(text: &str, service: &str) -> Option<Self> {
        let (host, rest) = text.strip_prefix("https://")?.split_once('/')?;
        let region = host.strip_prefix(service)?.strip_prefix('.')?;
        let region = region.strip_suffix(".cn").unwrap_or(region).strip_suffix(".amazonaws.com")?;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let good_region = (3..=40).contains(&region.len()) && region.bytes().all(plain);
        let in_path = |b: u8| b.is_ascii_alphanumeric() || b"-_.~/?&=%:+".contains(&b);
        let steps_up = rest.contains("..") || rest.to_ascii_lowercase().contains("%2e");
        let good_rest = rest.len() <= limits::SENDER_ADDRESS_BYTES && rest.bytes().all(in_path) && !steps_up;
        (good_region && good_rest).then(|| Self { host: host.to_owned(), rest: format!("/{rest}") })
    }

    /// Its path and its query.
    pub(super) fn rest(&self) -> &str {
        &self.rest
    }

    /// The address in full; `instead` is what stands in for AWS where the worker runs for a test.
    pub fn url(&self, instead: Option<&str>) -> String {
        match instead {
            None => format!("https://{}{}", self.host, self.rest),
            Some(origin) => format!("{}{}", origin.trim_end_matches('/'), self.rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_at_the_exact_host_of_the_service_and_nowhere_else() {
        for good in [
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-ab12.pem",
            "https://sns.cn-north-1.amazonaws.com.cn/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:a:1:b&Token=2f%3D",
        ] {
            assert_eq!(Address::parse(good, "sns").unwrap().url(None), good);
        }
        for bad in [
            "http://sns.us-east-1.amazonaws.com/a.pem",
            "https://sns.us-east-1.amazonaws.com.evil.example/a.pem",
            "https://sns.us-east-1.amazonaws.com",
            "https://sns.us-east-1.amazonaws.com:443/a.pem",
            "https://sns.us-east-1.amazonaws.com@evil.example/a.pem",
            "https://evil.example/sns.us-east-1.amazonaws.com/a.pem",
            "https://evil.example?.sns.us-east-1.amazonaws.com/a.pem",
            "https://evil.sns.us-east-1.amazonaws.com/a.pem",
            "https://sns.us-east-1.evil.amazonaws.com/a.pem",
            "https://sns..amazonaws.com/a.pem",
            "https://SNS.us-east-1.amazonaws.com/a.pem",
            "https://s3.us-east-1.amazonaws.com/a.pem",
            "https://sns.us-east-1.amazonaws.com/../a.pem",
            "https://sns.us-east-1.amazonaws.com/%2E%2e/a.pem",
            "https://sns.us-east-1.amazonaws.com/a.pem#x",
            "https://sns.us-east-1.amazonaws.com\\@evil.example/a.pem",
            "https://sns.us-east-1.amazonaws.com/a b",
        ] {
            assert_eq!(Address::parse(bad, "sns"), None, "{bad}");
        }
        let iot = Address::parse("https://iot.eu-west-1.amazonaws.com/confirmdestination/x", "iot").unwrap();
        assert_eq!(iot.url(Some("http://127.0.0.1:1/")), "http://127.0.0.1:1/confirmdestination/x");
    }

    #[test]
    fn what_names_no_topic_and_no_account_is_refused_by_its_place() {
        let field = |senders: Senders| senders.check().err().map(|e| e.field);
        let topics =
            |list: &[&str]| Senders { topics: list.iter().map(|t| (*t).to_owned()).collect(), ..Senders::default() };
        let good = "arn:aws:sns:us-east-1:111122223333:orders";
        assert_eq!(field(topics(&[good, "arn:aws-cn:sns:cn-north-1:111122223333:a.fifo"])), None);
        for bad in [
            "orders",
            "*",
            "arn:aws:sqs:us-east-1:111122223333:orders",
            "arn:aws:sns:us-east-1:1:orders",
            "arn:aws:sns:us-east-1:111122223333:",
        ] {
            assert_eq!(field(topics(&[good, bad])).as_deref(), Some("from.topics[1]"), "{bad}");
        }
        let accounts = |one: &str| Senders { accounts: vec![one.to_owned()], ..Senders::default() };
        assert_eq!(field(accounts("111122223333")), None);
        assert_eq!(field(accounts("*")).as_deref(), Some("from.accounts[0]"));
        assert_eq!(field(topics(&[good; limits::SENDERS_PER_SOURCE + 1])).as_deref(), Some("from.topics"));
    }
}
