//! What a bridge wants of a broker.

use std::future::Future;

use bytes::Bytes;

/// A message as a broker had it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The broker's own name of the message, the same whenever it is delivered again.
    pub id: Option<String>,
    /// Which thing it is about, where the broker says so: by topic, subject or key.
    pub key: Option<String>,
    /// What a payload that is a bare value is called, where the topic says so.
    pub field: Option<String>,
    /// When the broker got it, in milliseconds since 1970, where it knows.
    pub time: Option<i64>,
    /// Whether an MQTT broker had kept it from before, where that is to be told.
    pub retained: Option<bool>,
    /// Whether the payload is a row of a table: no member of it has a meaning of its own but those of a position.
    pub is_row: bool,
    /// What was sent.
    pub payload: Bytes,
}

/// That a thing is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Which.
    pub key: String,
    /// The name of it, of the same make as those of events: who came later has a greater one.
    pub id: String,
    /// Whether it cannot have been sent before.
    pub is_new: bool,
}

/// What is to be done because of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Something happened.
    Event(Record),
    /// A thing is no more.
    #[cfg_attr(not(feature = "brokers"), expect(dead_code, reason = "only databases say so"))]
    End(End),
    /// Nothing: the message is passed over, and its position committed like any other.
    Pass,
}

/// A message with its place at the broker.
#[derive(Clone, Debug)]
pub struct Message<P> {
    /// What the broker is told once the message is done.
    pub position: P,
    /// What is to be done.
    pub work: Work,
}

/// Why a broker does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is away; it is asked again later, and then gives everything again that was not committed.
    Lost(String),
    /// Asking again would give the same answer.
    Fatal(String),
}

/// A broker, or something like it.
pub trait Reader: Send {
    /// A message's place.
    type Position: Send;

    /// What it is called in what people are told.
    fn name(&self) -> String;

    /// Connects, or connects anew. From then on everything comes that was not committed.
    fn open(&mut self) -> impl Future<Output = Result<(), Fault>> + Send;

    /// The next message; `None` when there will be none any more. May be dropped while it waits, and loses nothing by that.
    fn next(&mut self) -> impl Future<Output = Result<Option<Message<Self::Position>>, Fault>> + Send;

    /// Tells the broker that these messages are done. They are given in the order in which they came.
    fn commit(&mut self, done: Vec<Self::Position>) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Says goodbye.
    fn close(&mut self) -> impl Future<Output = ()> + Send;
}
