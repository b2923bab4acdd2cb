//! MQTT, versions 3.1.1 and 5: subscribed at QoS 1, acknowledged by hand after the server's answer.
//!
//! The broker keeps the session while the bridge is away, so that what comes meanwhile waits there. A shared subscription
//! (`$share/NAME/…`) leaves no session behind: its share would wait for a member that may never come back.
//!
//! Each connection is a client of its own. An acknowledgement of an earlier connection is never sent over a later one, where
//! the same number may be another message's.

mod v3;
mod v5;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use clap::ValueEnum;
use rustls::ClientConfig;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::reader::{Fault, Message, Reader, Record, Work};
use super::topic::{Pattern, read_any};

/// Between two signs of life.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long a broker may take to let us in, and to let us go.
const HANDSHAKE: Duration = Duration::from_secs(10);
const FAREWELL: Duration = Duration::from_secs(3);
/// Larger packets are not taken.
const PACKET_BYTES: u32 = 16 * 1024 * 1024;
/// Messages that wait here for the server. What a broker sends without waiting for our acknowledgement (QoS 0) and does not
/// fit is lost, and counted.
const QUEUE: usize = 8_192;
/// As many acknowledgements as there can be: putting one into the queue never waits.
const ACKS: usize = 70_000;

/// The protocol's version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Version {
    /// 3.1.1.
    #[value(name = "3.1.1", alias = "3")]
    V3,
    /// 5.0.
    #[value(name = "5", alias = "5.0")]
    V5,
}

/// What becomes of messages that the broker had kept from before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Retained {
    /// They get the field `retained`: true; others get it: false.
    Mark,
    /// They are passed over.
    Skip,
    /// They are taken like any other.
    Same,
}

/// What is known of a broker.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How to speak TLS with it, if at all.
    pub tls: Option<Arc<ClientConfig>>,
    /// Who we are.
    pub login: Option<(String, String)>,
    /// The session's name.
    pub client_id: String,
    /// What is subscribed to.
    pub topics: Vec<Pattern>,
    /// The protocol's version.
    pub version: Version,
    /// What becomes of retained messages.
    pub retained: Retained,
    /// How long the broker keeps the session while we are away (version 5; 3.1.1 knows no bound).
    pub session_s: u32,
    /// How many messages may be unacknowledged (version 5; with 3.1.1 the broker decides).
    pub window: u16,
}

impl Options {
    /// Whether the broker is to forget us when we go.
    fn is_clean(&self) -> bool {
        self.topics.iter().any(Pattern::is_shared)
    }
}

/// A message of either version.
struct Arrived {
    topic: String,
    payload: Bytes,
    retain: bool,
    ack: Option<Ack>,
}

/// What acknowledges it.
pub enum Ack {
    V3(Box<rumqttc::Publish>),
    V5(Box<rumqttc::v5::mqttbytes::v5::Publish>),
}

/// The client of one connection.
enum Client {
    V3(rumqttc::AsyncClient),
    V5(rumqttc::v5::AsyncClient),
}

/// One connection, which a task of its own keeps alive.
struct Link {
    client: Client,
    arrived: mpsc::Receiver<Result<Arrived, Fault>>,
    task: JoinHandle<()>,
}

/// What the task of a connection does with what comes.
struct Inbox {
    queue: mpsc::Sender<Result<Arrived, Fault>>,
    dropped: Arc<AtomicU64>,
}

impl Inbox {
    /// Hands a message on; `false` when nobody wants any more. Waits where the broker waits for us anyway.
    async fn put(&self, arrived: Arrived) -> bool {
        if arrived.ack.is_some() {
            return self.queue.send(Ok(arrived)).await.is_ok();
        }
        match self.queue.try_send(Ok(arrived)) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Full(_)) => {
                if self.dropped.fetch_add(1, Ordering::Relaxed) == 0 {
                    eprintln!(
                        "heliograph: messages that were published at QoS 0 come faster than the server takes them, and are lost; publish at QoS 1"
                    );
                }
                true
            }
            Err(mpsc::error::TrySendError::Closed(_)) => false,
        }
    }

    async fn fail(&self, fault: Fault) {
        let _ = self.queue.send(Err(fault)).await;
    }
}

/// An MQTT broker.
pub struct Mqtt {
    options: Options,
    link: Option<Link>,
    dropped: Arc<AtomicU64>,
    hollow: AtomicU64,
}

impl Mqtt {
    /// The broker of these options.
    pub fn new(options: Options) -> Self {
        Self { options, link: None, dropped: Arc::default(), hollow: AtomicU64::new(0) }
    }

    /// Messages that were lost because they came at QoS 0 and too fast.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Messages whose topic has nothing where its key is taken from.
    pub fn hollow(&self) -> u64 {
        self.hollow.load(Ordering::Relaxed)
    }

    fn work(&self, arrived: &Arrived) -> Work {
        let kept = match self.options.retained {
            Retained::Skip if arrived.retain => return Work::Pass,
            // The members of a share would each take what was kept, whenever one of them comes back.
            Retained::Mark | Retained::Same if arrived.retain && self.options.is_clean() => return Work::Pass,
            Retained::Skip | Retained::Same => None,
            Retained::Mark => Some(arrived.retain),
        };
        let named = read_any(&self.options.topics, &arrived.topic);
        if named.is_hollow() && self.hollow.fetch_add(1, Ordering::Relaxed) == 0 {
            eprintln!(
                "heliograph: the topic `{}` has nothing where {{key}} is: what says no key itself is refused, and is a dead letter",
                arrived.topic
            );
        }
        Work::Event(Record {
            key: named.key,
            field: named.field,
            retained: kept,
            payload: arrived.payload.clone(),
            ..Record::default()
        })
    }
}

impl Reader for Mqtt {
    type Position = Option<Ack>;

    fn name(&self) -> String {
        format!("the broker {}:{}", self.options.host, self.options.port)
    }

    async fn open(&mut self) -> Result<(), Fault> {
        if let Some(link) = self.link.take() {
            link.task.abort();
        }
        let (queue, arrived) = mpsc::channel(QUEUE);
        let inbox = Inbox { queue, dropped: Arc::clone(&self.dropped) };
        let opening = async {
            match self.options.version {
                Version::V3 => v3::open(&self.options, inbox).await,
                Version::V5 => v5::open(&self.options, inbox).await,
            }
        };
        let (client, task) = tokio::time::timeout(HANDSHAKE, opening)
            .await
            .map_err(|_| Fault::Lost("it did not answer".to_owned()))??;
        self.link = Some(Link { client, arrived, task });
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<Message<Self::Position>>, Fault> {
        let lost = || Fault::Lost("the connection ended".to_owned());
        let link = self.link.as_mut().ok_or_else(lost)?;
        let arrived = link.arrived.recv().await.ok_or_else(lost)??;
        Ok(Some(Message { work: self.work(&arrived), position: arrived.ack }))
    }

    async fn commit(&mut self, done: Vec<Self::Position>) -> Result<(), Fault> {
        let Some(link) = &self.link else { return Ok(()) };
        for ack in done.into_iter().flatten() {
            let sent = match (&link.client, ack) {
                (Client::V3(client), Ack::V3(publish)) => client.ack(&publish).await.is_ok(),
                (Client::V5(client), Ack::V5(publish)) => client.ack(&publish).await.is_ok(),
                (Client::V3(_), Ack::V5(_)) | (Client::V5(_), Ack::V3(_)) => false,
            };
            if !sent {
                return Err(Fault::Lost("the connection ended".to_owned()));
            }
        }
        Ok(())
    }

    async fn close(&mut self) {
        let Some(Link { client, arrived, mut task }) = self.link.take() else { return };
        // Nobody reads any more; the task must not wait for that, it has acknowledgements to send.
        drop(arrived);
        let said = match client {
            Client::V3(client) => client.disconnect().await.is_ok(),
            Client::V5(client) => client.disconnect().await.is_ok(),
        };
        if !said || tokio::time::timeout(FAREWELL, &mut task).await.is_err() {
            task.abort();
        }
    }
}

/// What went wrong, in a person's words.
fn fault(reason: &str, is_final: bool) -> Fault {
    if is_final { Fault::Fatal(format!("the broker refuses: {reason}")) } else { Fault::Lost(reason.to_owned()) }
}
