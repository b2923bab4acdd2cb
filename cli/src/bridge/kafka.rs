//! Brokers that speak Kafka's protocol, through a consumer group: offsets are committed only after the server has answered.
//!
//! The library reads ahead within bounds, and joins and leaves the group. A loss is answered by a new consumer, which begins
//! at what was committed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{CommitMode, Consumer as _, ConsumerContext, StreamConsumer};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code};
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::{Offset, TopicPartitionList};
use serde::de::IgnoredAny;
use xxhash_rust::xxh3::xxh3_64;

use super::reader::{End, Fault, Message, Reader, Record, Work};

/// How long an answer of the broker is waited for.
const ANSWER: Duration = Duration::from_secs(10);
/// How long after a failure its reason is waited for.
const REASON: Duration = Duration::from_millis(300);
/// A topic's name is told whole in ids up to this length: ids have 128 bytes, and Kafka's names 249.
const NAME_BYTES: usize = 80;
/// What a schema registry's serializers write before the value: a zero and the schema's number.
const FRAME_BYTES: usize = 5;

const LOGIN: &str = "check --sasl, --user and the password, which is read from KAFKA_PASSWORD or --password-file";
const TOPIC: &str = "is there such a topic? see --topic";
/// What asking again would not mend, and what would.
const REFUSALS: [(Code, &str); 10] = [
    (Code::Authentication, LOGIN),
    (Code::SaslAuthenticationFailed, LOGIN),
    (Code::UnsupportedSASLMechanism, "check --sasl"),
    (Code::SSL, "check --tls and --ca"),
    (Code::TopicAuthorizationFailed, "the user needs the right to read and describe the topic"),
    (Code::GroupAuthorizationFailed, "the user needs the right to read of the group: see --group"),
    (Code::ClusterAuthorizationFailed, "the user needs rights at the cluster"),
    (Code::UnknownTopicOrPartition, TOPIC),
    (Code::UnknownTopic, TOPIC),
    (
        Code::AutoOffsetReset,
        "the group has no position there any more, or none yet: --start earliest or latest says where to begin",
    ),
];

/// What is known of a Kafka cluster.
#[derive(Clone)]
pub struct Options {
    /// How to connect, secrets included.
    pub client: ClientConfig,
    /// Its addresses, in what people are told.
    pub shown: String,
    /// The topics.
    pub topics: Vec<String>,
    /// Whether a record without a value ends the item of its key.
    pub ends: bool,
}

/// A record's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    topic: String,
    partition: i32,
    offset: i64,
}

/// Keeps the last failure that the library tells in words: its errors are codes alone.
#[derive(Default)]
struct Said(Mutex<String>);

impl ClientContext for Said {
    fn log(&self, _: RDKafkaLogLevel, _: &str, text: &str) {
        // Before the words stands which thread says so.
        let words =
            text.strip_prefix("[thrd:").and_then(|rest| rest.split_once("]: ")).map_or(text, |(_, words)| words);
        words.clone_into(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl ConsumerContext for Said {}

struct Link {
    consumer: Arc<StreamConsumer<Said>>,
    /// Tells this cluster from others in ids.
    mark: String,
}

/// Kafka.
pub struct Kafka {
    options: Options,
    link: Option<Link>,
}

impl Kafka {
    /// The cluster of these options.
    pub fn new(options: Options) -> Self {
        Self { options, link: None }
    }

    /// What went wrong, in words.
    fn explained(&self, error: &KafkaError, said: &Said) -> Fault {
        let said = std::mem::take(&mut *said.0.lock().unwrap_or_else(PoisonError::into_inner));
        let what = match error.rdkafka_error_code() {
            Some(_) if !said.is_empty() => said,
            Some(code) => code.to_string(),
            None => error.to_string(),
        };
        match refusal(error) {
            Some(mend) => Fault::Fatal(format!("Kafka at {} refuses: {what}; {mend}", self.options.shown)),
            None => Fault::Lost(what),
        }
    }

    /// Leaves the group. The library may take its time for it.
    async fn leave(&mut self) {
        if let Some(link) = self.link.take() {
            let _ = tokio::time::timeout(ANSWER, tokio::task::spawn_blocking(move || drop(link))).await;
        }
    }
}

impl Reader for Kafka {
    type Position = Place;

    fn name(&self) -> String {
        format!("Kafka at {}", self.options.shown)
    }

    async fn open(&mut self) -> Result<(), Fault> {
        self.leave().await;
        let created: KafkaResult<StreamConsumer<Said>> = self.options.client.create_with_context(Said::default());
        let consumer = created.map_err(|error| Fault::Fatal(format!("these settings do not suit Kafka: {error}")))?;
        let consumer = Arc::new(consumer);
        let (asked, topics) = (Arc::clone(&consumer), self.options.topics.clone());
        let known = tokio::select! {
            known = blocking(move || look(&asked, &topics)) => known?,
            // Until an answer is given up the library would log in again and again, which locks users out.
            error = refused(&consumer) => return Err(self.explained(&error, consumer.context())),
        };
        let mark = match known {
            Ok(mark) => mark,
            Err(Look::Fault(fault)) => return Err(fault),
            Err(Look::Unanswered(error)) => {
                return Err(self.explained(&reason(&consumer).await.unwrap_or(error), consumer.context()));
            }
        };
        let topics: Vec<&str> = self.options.topics.iter().map(String::as_str).collect();
        consumer.subscribe(&topics).map_err(|error| self.explained(&error, consumer.context()))?;
        self.link = Some(Link { consumer, mark });
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<Message<Place>>, Fault> {
        let link = self.link.as_ref().ok_or_else(|| Fault::Lost("the connection ended".to_owned()))?;
        loop {
            match link.consumer.recv().await {
                Ok(message) => return Ok(Some(taken(&message, &link.mark, self.options.ends))),
                // One broker of several, or a connection that was idle: the library mends that itself.
                Err(error) if error.rdkafka_error_code() == Some(Code::BrokerTransportFailure) => {}
                Err(error) => return Err(self.explained(&error, link.consumer.context())),
            }
        }
    }

    async fn commit(&mut self, done: Vec<Place>) -> Result<(), Fault> {
        let Some(link) = &self.link else { return Ok(()) };
        let mut offsets = TopicPartitionList::new();
        for ((topic, partition), next) in nexts(&done) {
            let added = offsets.add_partition_offset(topic, partition, Offset::Offset(next));
            added.map_err(|error| Fault::Fatal(format!("{topic} has no offset {next}: {error}")))?;
        }
        let consumer = Arc::clone(&link.consumer);
        let committed = blocking(move || consumer.commit(&offsets, CommitMode::Sync)).await?;
        // Whose partition went to another bridge meanwhile reads anew what is still its own.
        committed.map_err(|error| self.explained(&error, link.consumer.context()))
    }

    async fn close(&mut self) {
        self.leave().await;
    }
}

/// Why a cluster is not as it should be.
enum Look {
    Fault(Fault),
    Unanswered(KafkaError),
}

/// Asks a cluster for its topics, and makes a mark of its id. Waits.
fn look(consumer: &StreamConsumer<Said>, topics: &[String]) -> Result<String, Look> {
    for name in topics {
        let metadata = consumer.fetch_metadata(Some(name), ANSWER).map_err(Look::Unanswered)?;
        let topic = metadata.topics().iter().find(|topic| topic.name() == name);
        let error = topic.map_or(Some(Code::UnknownTopicOrPartition), |topic| topic.error().map(Into::into));
        match error {
            None => {}
            Some(Code::UnknownTopicOrPartition | Code::UnknownTopic) => {
                return Err(Look::Fault(Fault::Fatal(format!(
                    "there is no topic {name}; make it first, or mend --topic"
                ))));
            }
            Some(code) => return Err(Look::Unanswered(KafkaError::MetadataFetch(code))),
        }
    }
    let id = consumer.client().fetch_cluster_id(ANSWER);
    let lost = || Look::Fault(Fault::Lost("the brokers do not say which cluster they are of".to_owned()));
    Ok(format!("{:08x}", xxh3_64(id.ok_or_else(lost)?.as_bytes()) >> 32))
}

/// Waits for a refusal. Nothing is subscribed to yet, so no message comes here.
async fn refused(consumer: &StreamConsumer<Said>) -> KafkaError {
    loop {
        match consumer.recv().await {
            Err(error) if refusal(&error).is_some() => return error,
            Ok(_) | Err(_) => {}
        }
    }
}

/// Why nothing was answered, where that is a refusal.
async fn reason(consumer: &StreamConsumer<Said>) -> Option<KafkaError> {
    tokio::time::timeout(REASON, refused(consumer)).await.ok()
}

/// Runs what waits where waiting holds nobody up.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Fault::Lost(error.to_string()))
}

/// A record as ours.
fn taken(message: &BorrowedMessage<'_>, mark: &str, ends: bool) -> Message<Place> {
    let (topic, partition, offset) = (message.topic(), message.partition(), message.offset());
    let position = Place { topic: topic.to_owned(), partition, offset };
    let key = message.key().and_then(|key| std::str::from_utf8(key).ok()).filter(|key| !key.is_empty());
    let key = key.map(str::to_owned);
    let id = id(topic, mark, partition, offset);
    let work = match (message.payload(), key) {
        (Some(value), key) => Work::Event(Record {
            id: Some(id),
            key,
            time: message.timestamp().to_millis(),
            payload: Bytes::copy_from_slice(unframed(value)),
            ..Record::default()
        }),
        // Where an earlier run had come to nobody knows.
        (None, Some(key)) if ends => Work::End(End { key, id, is_new: false }),
        (None, _) => Work::Pass,
    };
    Message { position, work }
}

/// A record's name. Offsets have their digits all, so that names of one partition are in its order.
fn id(topic: &str, mark: &str, partition: i32, offset: i64) -> String {
    let short = format!("{:016x}", xxh3_64(topic.as_bytes()));
    let name = if topic.len() > NAME_BYTES { &short } else { topic };
    format!("{name}@{mark}:{partition}/{offset:019}")
}

/// A value without what a schema registry's serializer for JSON puts before it. Other values stay as they are.
fn unframed(value: &[u8]) -> &[u8] {
    match value.split_at_checked(FRAME_BYTES) {
        Some(([0, ..], rest)) if serde_json::from_slice::<IgnoredAny>(rest).is_ok() => rest,
        _ => value,
    }
}

/// What is to be read next of each partition.
fn nexts(done: &[Place]) -> BTreeMap<(&str, i32), i64> {
    // The last that came, not the greatest: after a rebalance a partition begins again.
    done.iter().map(|place| ((place.topic.as_str(), place.partition), place.offset + 1)).collect()
}

/// What a refusal wants mended, where asking again would bring the same.
fn refusal(error: &KafkaError) -> Option<&'static str> {
    let code = error.rdkafka_error_code()?;
    REFUSALS.iter().find(|(refused, _)| *refused == code).map(|(_, mend)| *mend)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(topic: &str, partition: i32, offset: i64) -> Place {
        Place { topic: topic.to_owned(), partition, offset }
    }

    #[test]
    fn what_is_committed_is_the_record_after_the_last_of_each_partition() {
        let done = [place("a", 0, 4), place("a", 1, 9), place("a", 0, 5), place("b", 0, 0)];
        assert_eq!(nexts(&done), BTreeMap::from([(("a", 0), 6), (("a", 1), 10), (("b", 0), 1)]));
        // A partition that began again is not committed beyond what came again.
        assert_eq!(nexts(&[place("a", 0, 9), place("a", 0, 7)]), BTreeMap::from([(("a", 0), 8)]));
    }

    #[test]
    fn names_of_a_partition_are_in_its_order_and_fit() {
        assert_eq!(id("positions", "0a1b2c3d", 3, 42), "positions@0a1b2c3d:3/0000000000000000042");
        assert!(id("t", "m", 0, 9) < id("t", "m", 0, 10));
        let long = "x".repeat(249);
        assert!(id(&long, "0a1b2c3d", i32::MAX, i64::MAX).len() <= 128);
        assert_ne!(id(&long, "m", 0, 0), id(&"x".repeat(248), "m", 0, 0));
    }

    #[test]
    fn json_of_a_schema_registry_loses_its_frame_and_other_values_nothing() {
        assert_eq!(unframed(b"\0\0\0\0\x07{\"n\":1}"), b"{\"n\":1}");
        for whole in [&b"{\"n\":1}"[..], b"\0\0\0\0\x07\x02ab", b"\0\0", b"", b"12345678"] {
            assert_eq!(unframed(whole), whole);
        }
    }
}
