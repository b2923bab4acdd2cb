//! SNS over HTTPS: what is in its messages, and what must be true of one before it is looked into.
//!
//! A signature says that a message is of some topic of SNS. Whose topic the source takes is said by the source alone.

mod certificate;

pub use certificate::{BadCertificate, Certificate};

use super::answer::Reply;
use super::firehose::values_of;
use super::senders::{Address, Senders};
use super::{Arrived, Envelope, Slice, plain};
use crate::ingest::IngestAnswer;
use crate::limits;
use crate::problem::{Code, Problem};
use crate::time::Millis;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Says that the body is the message alone.
const RAW: &str = "x-amz-sns-rawdelivery";
const MESSAGE_ID: &str = "x-amz-sns-message-id";
const TOPIC: &str = "x-amz-sns-topic-arn";

/// Messages of topics.
pub(super) struct Sns;

/// A message as SNS wraps it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wrapped<'d> {
    #[serde(rename = "Type", borrow)]
    kind: Cow<'d, str>,
    #[serde(borrow)]
    message_id: Cow<'d, str>,
    #[serde(borrow)]
    topic_arn: Cow<'d, str>,
    #[serde(borrow)]
    message: Cow<'d, str>,
    #[serde(borrow)]
    timestamp: Cow<'d, str>,
    #[serde(borrow)]
    signature_version: Cow<'d, str>,
    #[serde(borrow)]
    signature: Cow<'d, str>,
    #[serde(rename = "SigningCertURL", borrow)]
    certificate: Cow<'d, str>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    token: Option<String>,
    #[serde(rename = "SubscribeURL", default)]
    subscribe_url: Option<String>,
}

/// What a request is of, as far as it says itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A message that SNS did not sign.
    Raw,
    /// A message whose signature is to be verified.
    Signed(Box<Signed>),
}

/// A signature, and what it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Where the certificate is.
    pub certificate: Address,
    /// How the text is hashed.
    pub hash: Hash,
    /// What is signed.
    pub text: String,
    /// The signature: RSASSA-PKCS1-v1_5.
    pub signature: Vec<u8>,
    /// What is done when it is good.
    pub purpose: Purpose,
}

/// How a text is hashed before it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// Signature version 1.
    Sha1,
    /// Signature version 2.
    Sha256,
}

impl Hash {
    /// As Web Crypto calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
        }
    }
}

/// What a message is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Its records are taken.
    Records,
    /// The subscription of a topic is confirmed by visiting an address.
    Confirm {
        /// The topic's ARN.
        topic: String,
        /// What is visited.
        address: Address,
    },
    /// The subscription of a topic is over. To visit its address would begin it anew.
    Ended {
        /// The topic's ARN.
        topic: String,
    },
}

fn forged(detail: impl Into<String>) -> Problem {
    Problem::new(Code::SignatureInvalid, detail)
}

fn malformed(detail: impl Into<String>) -> Problem {
    Problem::new(Code::InvalidJson, detail)
}

/// What must be true of a request: of a topic that the source takes, fresh, and with a signature that can be verified.
pub fn judge(arrived: &Arrived<'_>, from: &Senders) -> Result<Asked, Problem> {
    let listed = |arn: &str| from.takes_topic(arn).map_err(|why| Problem::new(Code::SenderNotListed, why));
    if is_raw(arrived) {
        listed(arrived.header(TOPIC).unwrap_or_default())?;
        if !from.raw {
            let detail = "a raw delivery has no signature: set from.raw, so that the source's secret alone vouches for it, \
                          or turn raw message delivery off at the subscription";
            return Err(forged(detail));
        }
        return Ok(Asked::Raw);
    }
    let message: Wrapped<'_> = arrived.json()?;
    listed(&message.topic_arn)?;
    let sent = Millis::parse(&message.timestamp).ok_or_else(|| malformed("Timestamp is no time"))?;
    let age = arrived.received.since(sent);
    if !(-limits::SNS_AHEAD_MILLIS..=limits::SNS_MESSAGE_MILLIS).contains(&age) {
        let detail = format!("the message is of {}: it may be a copy, or a clock is wrong", sent.to_rfc3339());
        return Err(forged(detail));
    }
    let hash = match message.signature_version.as_ref() {
        "1" => Hash::Sha1,
        "2" => Hash::Sha256,
        _ => return Err(forged("SignatureVersion is neither 1 nor 2")),
    };
    let signature = STANDARD.decode(message.signature.as_bytes()).map_err(|_| forged("Signature is not base64"))?;
    let certificate = Address::parse(&message.certificate, "sns").filter(|address| is_certificate(address.rest()));
    let certificate = certificate.ok_or_else(|| {
        forged("SigningCertURL is not https://sns.<region>.amazonaws.com/SimpleNotificationService-….pem")
    })?;
    let (text, purpose) = message.signed()?;
    Ok(Asked::Signed(Box::new(Signed { certificate, hash, text, signature, purpose })))
}

impl Wrapped<'_> {
    /// The text that is signed, and what the message is for.
    fn signed(&self) -> Result<(String, Purpose), Problem> {
        let id = ("MessageId", self.message_id.as_ref());
        let [message, time, topic, kind] = [
            ("Message", self.message.as_ref()),
            ("Timestamp", self.timestamp.as_ref()),
            ("TopicArn", self.topic_arn.as_ref()),
            ("Type", self.kind.as_ref()),
        ];
        if self.kind == "Notification" {
            let subject = self.subject.as_deref().map(|subject| ("Subject", subject));
            let lines = [message, id].into_iter().chain(subject).chain([time, topic, kind]);
            return Ok((lined(lines), Purpose::Records));
        }
        let is_end = match self.kind.as_ref() {
            "SubscriptionConfirmation" => false,
            "UnsubscribeConfirmation" => true,
            _ => return Err(malformed("Type is none that SNS sends")),
        };
        let missing = |name: &str| malformed(format!("{name} is required"));
        let url = self.subscribe_url.as_deref().ok_or_else(|| missing("SubscribeURL"))?;
        let token = self.token.as_deref().ok_or_else(|| missing("Token"))?;
        let text = lined([message, id, ("SubscribeURL", url), time, ("Token", token), topic, kind]);
        let topic = self.topic_arn.clone().into_owned();
        if is_end {
            return Ok((text, Purpose::Ended { topic }));
        }
        let confirms = |address: &Address| address.rest().starts_with("/?Action=ConfirmSubscription&");
        let address = Address::parse(url, "sns").filter(confirms).ok_or_else(|| {
            forged("SubscribeURL is not https://sns.<region>.amazonaws.com/?Action=ConfirmSubscription&…; it is not visited")
        })?;
        Ok((text, Purpose::Confirm { topic, address }))
    }
}

/// Names and values, a line each.
fn lined<'a>(lines: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    lines.into_iter().flat_map(|(name, value)| [name, "\n", value, "\n"]).collect()
}

/// `/SimpleNotificationService-0123ab.pem`, and nothing else.
fn is_certificate(path: &str) -> bool {
    let id = path.strip_prefix("/SimpleNotificationService-").and_then(|rest| rest.strip_suffix(".pem"));
    id.is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn is_raw(arrived: &Arrived<'_>) -> bool {
    arrived.header(RAW).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

impl Envelope for Sns {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        if is_raw(arrived) {
            return records(arrived.text()?, arrived.header(MESSAGE_ID).unwrap_or_default(), None);
        }
        let message: Wrapped<'_> = arrived.json()?;
        if message.kind != "Notification" {
            return Ok(Vec::new());
        }
        records(&message.message, &message.message_id, Millis::parse(&message.timestamp))
    }

    fn answer(&self, _: &Arrived<'_>, _: &[Slice<'_>], outcome: Result<&IngestAnswer, &Problem>) -> Reply {
        match outcome {
            Ok(_) => Reply::plain(outcome),
            // A 4xx is the end of a message.
            Err(problem) => Reply::patient(problem),
        }
    }
}

/// The message itself, whatever is in it; of what is no notification, nothing.
pub(super) fn message<'a>(arrived: &Arrived<'a>) -> Result<Cow<'a, str>, Problem> {
    if is_raw(arrived) {
        return Ok(arrived.text()?.into());
    }
    let wrapped: Wrapped<'a> = arrived.json()?;
    Ok(if wrapped.kind == "Notification" { wrapped.message } else { Cow::default() })
}

/// The records of a message: JSON values, or what an array holds.
fn records<'a>(message: &str, id: &str, time: Option<Millis>) -> Result<Vec<Slice<'a>>, Problem> {
    let mut slices = Vec::new();
    match serde_json::from_str::<Vec<&RawValue>>(message) {
        Ok(all) => slices.extend(all.into_iter().map(|one| Slice::new(one.get().to_owned()))),
        Err(_) => values_of(message, &mut slices),
    }
    for (nth, slice) in slices.iter_mut().enumerate() {
        slice.time = time;
        slice.id = match (id, nth) {
            ("", _) => None,
            (id, 0) => Some(id.to_owned()),
            (id, nth) => Some(format!("{id}.{nth}")),
        };
    }
    plain::within(slices)
}

#[cfg(test)]
mod tests;
