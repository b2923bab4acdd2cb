//! NATS JetStream: a durable pull consumer with explicit acknowledgement.
//!
//! While the server is away, the broker is told that messages are still worked on, so that it does not give them out again.
//!
//! After a kill the broker goes on with what is new, and gives what was out again only after its wait. So that order holds, a
//! new connection keeps back what comes until the unacknowledged is there again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::jetstream::consumer::pull::{Config, Stream};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer};
use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::{self, AckKind};
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, Subject};
use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::reader::{Fault, Message, Reader, Record, Work};
use super::topic::Pattern;

/// When the broker gives a message out again of which it hears nothing.
const ACK_WAIT: Duration = Duration::from_secs(5);
/// How often it hears that we are at it.
const STILL: Duration = Duration::from_millis(1_500);
/// How long what an earlier connection had not acknowledged is waited for.
const COME_AGAIN: Duration = Duration::from_secs(10);
/// How often the broker says that it is there while nothing comes.
const HEARTBEAT: Duration = Duration::from_secs(5);
const CONNECT: Duration = Duration::from_secs(10);

/// How to log in.
#[derive(Clone, Debug)]
pub enum Login {
    /// Nobody asks.
    None,
    /// A token.
    Token(String),
    /// A user and a password.
    User(String, String),
    /// The text of a `.creds` file.
    Credentials(String),
}

/// What is known of a NATS server.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its address, which also is shown to people.
    pub address: String,
    /// How to log in.
    pub login: Login,
    /// How to speak TLS with it, where that is not the usual: then it has to.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// The stream.
    pub stream: String,
    /// The subjects of it.
    pub subject: Option<Pattern>,
    /// The consumer's name. It is made where it is missing, from the beginning of the stream.
    pub durable: String,
    /// How many messages may be unacknowledged.
    pub window: u16,
}

/// What is out: its number in the stream, and where its acknowledgement goes.
type Outstanding = Arc<Mutex<BTreeMap<u64, Subject>>>;

/// A message with its number in the stream.
struct Numbered {
    number: u64,
    is_again: bool,
    message: Message<(u64, Option<Subject>)>,
}

/// What is kept back until everything that was out has come again.
#[derive(Default)]
struct Held {
    missing: usize,
    by_number: BTreeMap<u64, Message<(u64, Option<Subject>)>>,
}

impl Held {
    /// Takes a message; gives what may go on, in the order of the stream.
    fn put(&mut self, came: Numbered) -> Vec<Message<(u64, Option<Subject>)>> {
        self.missing = self.missing.saturating_sub(usize::from(came.is_again));
        self.by_number.insert(came.number, came.message);
        if self.missing == 0 { self.release() } else { Vec::new() }
    }

    /// Gives all of it: what has not come by now is another bridge's.
    fn release(&mut self) -> Vec<Message<(u64, Option<Subject>)>> {
        self.missing = 0;
        std::mem::take(&mut self.by_number).into_values().collect()
    }
}

struct Link {
    client: Client,
    /// What events' ids begin with.
    prefix: String,
    messages: Stream,
    held: Held,
    held_until: tokio::time::Instant,
    ready: VecDeque<Message<(u64, Option<Subject>)>>,
    gone: mpsc::Receiver<String>,
    outstanding: Outstanding,
    still: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.still.abort();
    }
}

/// A JetStream.
pub struct Nats {
    options: Options,
    link: Option<Link>,
}

impl Nats {
    /// The stream of these options.
    pub fn new(options: Options) -> Self {
        Self { options, link: None }
    }

    async fn connect(&self) -> Result<(Client, mpsc::Receiver<String>), Fault> {
        let (tell, gone) = mpsc::channel(4);
        let settings = match &self.options.login {
            Login::None => ConnectOptions::new(),
            Login::Token(token) => ConnectOptions::new().token(token.clone()),
            Login::User(user, password) => ConnectOptions::new().user_and_password(user.clone(), password.clone()),
            Login::Credentials(text) => ConnectOptions::new()
                .credentials(text)
                .map_err(|error| Fault::Fatal(format!("the credentials cannot be read: {error}")))?,
        };
        let settings = match &self.options.tls {
            Some(config) => settings.require_tls(true).tls_client_config(config.as_ref().clone()),
            None => settings,
        };
        let settings = settings
            .name("heliograph bridge")
            .connection_timeout(CONNECT)
            // Coming back is the bridge's own: only then is it sure what comes again.
            .max_reconnects(1)
            .event_callback(move |event| {
                let tell = tell.clone();
                async move {
                    if matches!(event, Event::Disconnected | Event::Closed) {
                        let _ = tell.try_send("the connection ended".to_owned());
                    }
                }
            });
        let client = settings.connect(&self.options.address).await.map_err(|error| match error.kind() {
            ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => Fault::Fatal(
                "NATS refuses: who we are is missing or wrong; set NATS_TOKEN, --user with NATS_PASSWORD, or --creds"
                    .to_owned(),
            ),
            ConnectErrorKind::ServerParse
            | ConnectErrorKind::Dns
            | ConnectErrorKind::TimedOut
            | ConnectErrorKind::Tls
            | ConnectErrorKind::Io
            | ConnectErrorKind::MaxReconnects => Fault::Lost(crate::http::cause(&error)),
        })?;
        Ok((client, gone))
    }

    /// The consumer, and what tells the stream from every other of its name, before it or elsewhere.
    async fn consumer(&self, client: &Client) -> Result<(PullConsumer, String), Fault> {
        let name = &self.options.stream;
        let stream = jetstream::new(client.clone()).get_stream(name).await.map_err(|error| match error.kind() {
            GetStreamErrorKind::EmptyName | GetStreamErrorKind::InvalidStreamName => {
                Fault::Fatal(format!("`{name}` is no name of a stream"))
            }
            GetStreamErrorKind::JetStream(why) if why.code() == 404 => {
                Fault::Fatal(format!("there is no stream {name} at {}", self.options.address))
            }
            GetStreamErrorKind::JetStream(_) | GetStreamErrorKind::Request => Fault::Lost(crate::http::cause(&error)),
        })?;
        let config = Config {
            durable_name: Some(self.options.durable.clone()),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACK_WAIT,
            filter_subject: self.options.subject.as_ref().map(Pattern::filter).unwrap_or_default(),
            max_ack_pending: i64::from(self.options.window),
            ..Config::default()
        };
        // A stream that was deleted and made anew counts from 1 again.
        let prefix = format!("{name}/{}", stream.cached_info().created.unix_timestamp());
        let consumer = stream.get_or_create_consumer(&self.options.durable, config).await.map_err(|error| {
            Fault::Lost(format!("no consumer {}: {}", self.options.durable, crate::http::cause(&error)))
        })?;
        Ok((consumer, prefix))
    }
}

/// Tells the broker that messages are being worked on.
async fn keep(client: Client, outstanding: Outstanding) {
    loop {
        tokio::time::sleep(STILL).await;
        let all: Vec<Subject> = outstanding.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for reply in all {
            if client.publish(reply, AckKind::Progress.into()).await.is_err() {
                return;
            }
        }
    }
}

impl Reader for Nats {
    type Position = (u64, Option<Subject>);

    fn name(&self) -> String {
        format!("NATS at {}", self.options.address)
    }

    async fn open(&mut self) -> Result<(), Fault> {
        self.link = None;
        let (client, gone) = self.connect().await?;
        let (consumer, prefix) = self.consumer(&client).await?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(usize::from(self.options.window))
            .heartbeat(HEARTBEAT)
            .expires(HEARTBEAT * 3)
            .messages()
            .await
            .map_err(|error| Fault::Lost(crate::http::cause(&error)))?;
        let outstanding = Outstanding::default();
        let still = tokio::spawn(keep(client.clone(), Arc::clone(&outstanding)));
        let held = Held { missing: consumer.cached_info().num_ack_pending, ..Held::default() };
        let held_until = tokio::time::Instant::now() + COME_AGAIN;
        let ready = VecDeque::new();
        self.link = Some(Link { client, prefix, messages, held, held_until, ready, gone, outstanding, still });
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<Message<Self::Position>>, Fault> {
        let lost = || Fault::Lost("the connection ended".to_owned());
        let link = self.link.as_mut().ok_or_else(lost)?;
        loop {
            if let Some(message) = link.ready.pop_front() {
                return Ok(Some(message));
            }
            let is_holding = !link.held.by_number.is_empty();
            let message = tokio::select! {
                biased;
                reason = link.gone.recv() => return Err(reason.map_or_else(lost, Fault::Lost)),
                message = link.messages.next() => message.ok_or_else(lost)?,
                () = tokio::time::sleep_until(link.held_until), if is_holding => {
                    link.ready.extend(link.held.release());
                    continue;
                }
            };
            let message = message.map_err(|error| Fault::Lost(crate::http::cause(&error)))?;
            let came = numbered(&message, &link.prefix, self.options.subject.as_ref())?;
            if let Some(reply) = &message.reply {
                let mut outstanding = link.outstanding.lock().unwrap_or_else(PoisonError::into_inner);
                outstanding.insert(came.number, reply.clone());
            }
            link.ready.extend(link.held.put(came));
        }
    }

    async fn commit(&mut self, done: Vec<Self::Position>) -> Result<(), Fault> {
        let Some(link) = &self.link else { return Ok(()) };
        for (number, reply) in done {
            link.outstanding.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
            if let Some(reply) = reply {
                let sent = link.client.publish(reply, AckKind::Ack.into()).await;
                sent.map_err(|error| Fault::Lost(crate::http::cause(&error)))?;
            }
        }
        link.client.flush().await.map_err(|error| Fault::Lost(crate::http::cause(&error)))
    }

    async fn close(&mut self) {
        let Some(link) = self.link.take() else { return };
        // What was read and not answered need not wait until the broker misses it.
        let rest = std::mem::take(&mut *link.outstanding.lock().unwrap_or_else(PoisonError::into_inner));
        for reply in rest.into_values() {
            let _ = link.client.publish(reply, AckKind::Nak(None).into()).await;
        }
        let _ = tokio::time::timeout(CONNECT, link.client.flush()).await;
    }
}

/// A message of the stream as ours.
fn numbered(message: &jetstream::Message, prefix: &str, subject: Option<&Pattern>) -> Result<Numbered, Fault> {
    let info = message.info().map_err(|error| Fault::Lost(error.to_string()))?;
    let number = info.stream_sequence;
    let named = subject.and_then(|pattern| pattern.read(&message.subject)).unwrap_or_default();
    let record = Record {
        id: Some(format!("{prefix}/{number}")),
        key: named.key,
        field: named.field,
        time: i64::try_from(info.published.unix_timestamp_nanos() / 1_000_000).ok(),
        retained: None,
        is_row: false,
        payload: message.payload.clone(),
    };
    let message = Message { position: (number, message.reply.clone()), work: Work::Event(record) };
    Ok(Numbered { number, is_again: info.delivered > 1, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(number: u64, is_again: bool) -> Numbered {
        Numbered { number, is_again, message: Message { position: (number, None), work: Work::Pass } }
    }

    fn numbers(messages: Vec<Message<(u64, Option<Subject>)>>) -> Vec<u64> {
        messages.into_iter().map(|message| message.position.0).collect()
    }

    #[test]
    fn what_is_new_waits_for_what_was_out_and_goes_on_behind_it() {
        let mut held = Held { missing: 2, ..Held::default() };
        assert!(held.put(came(9, false)).is_empty());
        assert!(held.put(came(4, true)).is_empty());
        assert_eq!(numbers(held.put(came(3, true))), [3, 4, 9]);
        assert_eq!(numbers(held.put(came(10, false))), [10]);
        let mut others = Held { missing: 5, ..Held::default() };
        assert!(others.put(came(7, false)).is_empty());
        assert_eq!(numbers(others.release()), [7]);
        assert_eq!(numbers(others.put(came(8, false))), [8]);
    }
}
