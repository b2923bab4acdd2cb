//! The APIs of AWS services as their SDKs call them, as far as producers do: endpoint `/aws`, keys that a source has.
//!
//! A call is verified first ([`sigv4`]), then opened: it names a stream, a queue, a topic, a bus or a table, which is called
//! like the source, and has entries, each of one record or more. The answer says of each entry what became of it.

mod answer;
pub mod connections;
mod dynamodb;
mod eventbridge;
mod firehose;
pub mod key;
mod kinesis;
mod kpl;
pub mod sigv4;
mod sns;
mod sqs;

pub use answer::{Answer, Failure, Why};

use super::Slice;
use super::firehose::numbered;
use crate::ingest::{IngestAnswer, RecordResult};
use crate::limits;
use crate::problem::Problem;
use crate::time::Millis;
use serde::Deserialize;
use sigv4::Verified;
use siphasher::sip128::{Hasher128 as _, SipHasher13};
use std::hash::Hasher as _;

/// A service whose API is spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Amazon Data Firehose.
    Firehose,
    /// Kinesis Data Streams.
    Kinesis,
    /// SQS.
    Sqs,
    /// EventBridge.
    Events,
    /// SNS.
    Sns,
    /// DynamoDB.
    Dynamodb,
    /// API Gateway's management of WebSocket connections.
    ApiGateway,
}

const TARGET: &str = "x-amz-target";
/// The account that names of ours are of: nobody's.
const ACCOUNT: &str = "000000000000";

impl Service {
    /// Which a request is for, by its headers; nothing when no SDK has sent it.
    pub fn of(headers: &[(String, String)]) -> Option<Self> {
        let header = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
        let Some(target) = header(TARGET) else {
            // The only one that has no target.
            return header("authorization")?.starts_with("AWS4-").then_some(Self::Sns);
        };
        let prefix = target.split('.').next().unwrap_or_default();
        match prefix {
            "Kinesis_20131202" => Some(Self::Kinesis),
            "AmazonSQS" => Some(Self::Sqs),
            "AWSEvents" => Some(Self::Events),
            "DynamoDB_20120810" => Some(Self::Dynamodb),
            // An unknown one is answered as most services answer.
            _ => Some(Self::Firehose),
        }
    }

    /// As the scope of a signature calls it.
    const fn scope(self) -> &'static str {
        match self {
            Self::Firehose => "firehose",
            Self::Kinesis => "kinesis",
            Self::Sqs => "sqs",
            Self::Events => "events",
            Self::Sns => "sns",
            Self::Dynamodb => "dynamodb",
            Self::ApiGateway => "execute-api",
        }
    }

    /// Refuses what is signed for another one.
    pub fn check(self, verified: &Verified<'_>) -> Result<(), Failure> {
        let scope = self.scope();
        if verified.service == scope {
            return Ok(());
        }
        let detail = format!("Credential should be scoped to correct service: {scope}");
        Err(Failure::new(Why::WrongSignature, detail))
    }

    /// What the names in its calls are names of.
    const fn holds(self) -> &'static str {
        match self {
            Self::Firehose => "delivery stream",
            Self::Kinesis => "stream",
            Self::Sqs => "queue",
            Self::Events => "event bus",
            Self::Sns => "topic",
            Self::Dynamodb => "table",
            Self::ApiGateway => "connection",
        }
    }
}

/// What a call asks for.
pub enum Ask<'a> {
    /// Entries are to be published.
    Put(Put<'a>),
    /// Nothing is to be done: the answer.
    Told(Answer),
}

/// What is known of a call.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Whose API it is of.
    pub service: Service,
    /// The request.
    pub verified: &'a Verified<'a>,
    /// The source whose key it is signed with.
    pub source: &'a str,
    /// The address of `/aws`.
    pub endpoint: &'a str,
    /// When it came.
    pub received: Millis,
}

impl<'a> Call<'a> {
    /// Opens it.
    pub fn open(self) -> Result<Ask<'a>, Failure> {
        self.service.check(self.verified)?;
        if self.verified.header("content-type").is_some_and(|kind| kind.contains("cbor")) {
            let detail =
                "CBOR is not read here: set aws.cborEnabled=false (CBOR_ENABLED=false) in the client's settings";
            return Err(Failure::new(Why::Unreadable, detail));
        }
        let target = self.verified.header(TARGET).and_then(|target| target.split_once('.'));
        let operation = target.map(|(_, operation)| operation);
        match self.service {
            Service::Firehose if target.is_some_and(|(prefix, _)| prefix != "Firehose_20150804") => {
                Err(unknown_operation(operation))
            }
            Service::Firehose => firehose::open(self, operation),
            Service::Kinesis => kinesis::open(self, operation),
            Service::Sqs => sqs::open(self, operation),
            Service::Events => eventbridge::open(self, operation),
            Service::Sns => sns::open(self),
            Service::Dynamodb => dynamodb::open(self, operation),
            // It has calls of its own ([`connections`]).
            Service::ApiGateway => Err(unknown_operation(operation)),
        }
    }

    /// Its body as JSON.
    fn json<T: Deserialize<'a>>(&self) -> Result<T, Failure> {
        let body = if self.verified.body.is_empty() { b"{}" } else { self.verified.body };
        serde_json::from_slice(body).map_err(|e| Failure::new(Why::Unreadable, format!("the body is not read: {e}")))
    }

    /// Refuses names other than the source's.
    fn reaches(&self, name: &str) -> Result<(), Failure> {
        if name == self.source {
            return Ok(());
        }
        let (holds, source) = (self.service.holds(), self.source);
        Err(Failure::new(Why::NoSuch, format!("{holds} {name} not found: this key is for the one called {source}")))
    }

    /// The same of an ARN or an address, whose last part is the name.
    fn reaches_last(&self, text: &str) -> Result<(), Failure> {
        self.reaches(text.rsplit([':', '/']).next().unwrap_or_default())
    }

    /// An ARN of what the source is called.
    fn arn(&self, kind: &str) -> String {
        format!("arn:aws:{}:{}:{ACCOUNT}:{kind}{}", self.service.scope(), self.verified.region, self.source)
    }

    /// Bytes that tell this call and one of its entries from others: the same at each try.
    fn number(&self, entry: usize) -> [u8; 16] {
        let mut hasher = SipHasher13::new();
        hasher.write(self.verified.call.as_bytes());
        hasher.write_u64(entry as u64);
        hasher.finish128().as_bytes()
    }

    /// The same as a name.
    fn uuid(&self, entry: usize) -> String {
        let text = sigv4::hex(&self.number(entry));
        let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| text.get(range).unwrap_or_default());
        parts.join("-")
    }
}

fn unknown_operation(name: Option<&str>) -> Failure {
    let name = name.unwrap_or("without a signed X-Amz-Target");
    let detail = format!("the operation {name} is not taken here; docs/sources/aws-sdk.md lists those that are");
    Failure::new(Why::UnknownOperation, detail)
}

/// Refuses calls with none or too many entries.
fn counted(entries: usize, most: usize) -> Result<(), Failure> {
    if (1..=most).contains(&entries) {
        return Ok(());
    }
    Err(Failure::new(Why::Invalid, format!("a call has 1 to {most} entries; this one has {entries}")))
}

/// What becomes the answer of a call once its entries are published. None of them failed where there is no result of it.
trait Form {
    fn answer(&self, call: &Call<'_>, fates: &[Option<&RecordResult>]) -> Result<Answer, Failure>;
}

/// Entries that are to be published.
pub struct Put<'a> {
    /// Their records.
    pub slices: Vec<Slice<'a>>,
    call: Call<'a>,
    /// The entry of each record.
    entries_of: Vec<u32>,
    entries: u32,
    form: Box<dyn Form + 'a>,
}

impl<'a> Put<'a> {
    fn new(call: Call<'a>, form: impl Form + 'a) -> Self {
        Self { slices: Vec::new(), call, entries_of: Vec::new(), entries: 0, form: Box::new(form) }
    }

    /// Adds an entry of one record.
    fn entry(&mut self, slice: Slice<'a>) -> Result<(), Failure> {
        self.entry_of(|slices| slices.push(slice))
    }

    /// Adds an entry, whose records are put to the others. Those without an id of the sender's are called by the call and
    /// their place in it, which is the same when it is tried again.
    fn entry_of(&mut self, put: impl FnOnce(&mut Vec<Slice<'a>>)) -> Result<(), Failure> {
        let (verified, entry, first) = (self.call.verified, self.entries, self.slices.len());
        put(&mut self.slices);
        if self.slices.len() > limits::EVENTS_PER_REQUEST {
            let detail = format!("a call has at most {} records", limits::EVENTS_PER_REQUEST);
            return Err(Failure::new(Why::TooLarge, detail));
        }
        for (nth, slice) in self.slices.iter_mut().skip(first).enumerate() {
            slice.id.get_or_insert_with(|| numbered(&verified.call, entry as usize, nth));
            self.entries_of.push(entry);
        }
        self.entries += 1;
        Ok(())
    }

    /// The answer, by what became of the records.
    pub fn answer(&self, outcome: Result<&IngestAnswer, &Problem>) -> Answer {
        let answer = match outcome {
            Ok(answer) => self.form.answer(&self.call, &self.fates(answer)),
            Err(problem) => Err(problem.into()),
        };
        answer.unwrap_or_else(|failure| failure.answer(self.call.service))
    }

    /// An entry failed when none of its records was taken: those of one that is sent again would else be there twice.
    fn fates<'r>(&self, answer: &'r IngestAnswer) -> Vec<Option<&'r RecordResult>> {
        let mut left = vec![0_u32; self.entries as usize];
        for entry in &self.entries_of {
            if let Some(left) = left.get_mut(*entry as usize) {
                *left += 1;
            }
        }
        let mut fates = vec![None; self.entries as usize];
        let mut last = None;
        // A record may be several events, and each of them may be refused.
        for refusal in answer.refusals().filter(|r| last.replace(r.index) != Some(r.index)) {
            let entry = self.entries_of.get(refusal.index as usize).map(|entry| *entry as usize);
            let found = entry.and_then(|entry| Some((left.get_mut(entry)?, fates.get_mut(entry)?)));
            let Some((left, fate)) = found else { continue };
            *left = left.saturating_sub(1);
            if *left == 0 {
                *fate = Some(refusal);
            }
        }
        fates
    }
}

/// Why an entry failed, for people. The record is not lost: it waits where it can be looked at.
fn told(refusal: &RecordResult) -> String {
    let field = refusal.field.as_deref().map(|field| format!("{field}: ")).unwrap_or_default();
    format!("{field}{}; it is kept as a dead letter", refusal.message.as_deref().unwrap_or("the record is refused"))
}

/// The answer of a call of one entry.
fn one(fates: &[Option<&RecordResult>], answer: Answer) -> Result<Answer, Failure> {
    match fates.first().copied().flatten() {
        Some(refusal) => Err(Failure::new(Why::Invalid, told(refusal))),
        None => Ok(answer),
    }
}

#[cfg(test)]
mod tests;
