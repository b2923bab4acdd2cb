//! Redis streams, through a consumer group: entries stay pending until the server has answered, and are acknowledged then.
//!
//! A start reads first what this consumer had read and not acknowledged, then takes over what other consumers have left
//! pending for too long (and looks for such from time to time), and then what is new.

use std::collections::VecDeque;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind, RedisError, Value, cmd};
use serde_json::Map;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::clock;

use super::reader::{Fault, Message, Reader, Record, Work};

/// How long a read waits at the server for something new.
const BLOCK_MS: usize = 2_000;
/// A read that is not answered by then is lost.
const ANSWER: Duration = Duration::from_secs(10);
/// No more often than this others' entries are looked at.
const LEAST_CLAIM: Duration = Duration::from_secs(5);
/// Entries read at once.
const COUNT: usize = 500;

/// What is known of a Redis.
#[derive(Clone, Debug)]
pub struct Options {
    /// How to connect.
    pub client: Client,
    /// Its address, in what people are told.
    pub shown: String,
    /// Short text that tells its streams from those of the same name elsewhere.
    pub place: String,
    /// The streams.
    pub streams: Vec<String>,
    /// The consumer group. It is made where it is missing, from the beginning of the stream.
    pub group: String,
    /// Who we are in it.
    pub consumer: String,
    /// Entries that others have left pending for so long are taken over.
    pub claim_after: Duration,
    /// The member of an entry that is JSON, if one is.
    pub payload: Option<String>,
    /// The member that is a key, and so text.
    pub key_field: String,
}

/// An entry as it came; without members it is one that was deleted while it was pending.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    stream: usize,
    id: String,
    members: Option<Vec<(String, Vec<u8>)>>,
}

struct Link {
    acks: MultiplexedConnection,
    entries: mpsc::Receiver<Result<Vec<Entry>, Fault>>,
    ready: VecDeque<Entry>,
    task: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Redis.
pub struct Redis {
    options: Options,
    link: Option<Link>,
}

impl Redis {
    /// The Redis of these options.
    pub fn new(options: Options) -> Self {
        Self { options, link: None }
    }

    fn message(&self, entry: Entry) -> Message<(usize, String)> {
        let work = match &entry.members {
            None => Work::Pass,
            Some(members) => Work::Event(self.record(&entry, members)),
        };
        Message { position: (entry.stream, entry.id), work }
    }

    fn record(&self, entry: &Entry, members: &[(String, Vec<u8>)]) -> Record {
        let stream = self.options.streams.get(entry.stream).map(String::as_str).unwrap_or_default();
        let whole = self.options.payload.as_ref().and_then(|name| members.iter().find(|(member, _)| member == name));
        let payload = match whole {
            Some((_, json)) => json.clone(),
            None => flat(members, &self.options.key_field).into_bytes(),
        };
        Record {
            id: Some(format!("{stream}@{}/{}", self.options.place, entry.id)),
            time: entry.id.split('-').next().and_then(|millis| millis.parse().ok()),
            payload: payload.into(),
            ..Record::default()
        }
    }
}

/// The members of an entry as an object. All of them are text for Redis; what is written as a number is one, but for keys.
fn flat(members: &[(String, Vec<u8>)], key_field: &str) -> String {
    let value = |name: &str, bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let is_name = name == key_field || name == "key" || name == "id";
        let number = serde_json::from_str(&text).ok().filter(|value: &serde_json::Value| value.is_number() && !is_name);
        number.unwrap_or(serde_json::Value::String(text))
    };
    let object: Map<String, serde_json::Value> =
        members.iter().map(|(name, bytes)| (name.clone(), value(name, bytes))).collect();
    serde_json::Value::Object(object).to_string()
}

impl Reader for Redis {
    type Position = (usize, String);

    fn name(&self) -> String {
        format!("Redis at {}", self.options.shown)
    }

    async fn open(&mut self) -> Result<(), Fault> {
        self.link = None;
        let settings =
            AsyncConnectionConfig::new().set_connection_timeout(Some(ANSWER)).set_response_timeout(Some(ANSWER));
        let connect = || self.options.client.get_multiplexed_async_connection_with_config(&settings);
        let mut acks = connect().await.map_err(|error| fault(&error))?;
        for stream in &self.options.streams {
            let mut make = cmd("XGROUP");
            make.arg("CREATE").arg(stream).arg(&self.options.group).arg("0").arg("MKSTREAM");
            let made = make.query_async::<()>(&mut acks).await;
            if let Err(error) = made.as_ref().map_err(|error| (error.code() != Some("BUSYGROUP")).then_some(error))
                && let Some(error) = error
            {
                return Err(fault(error));
            }
        }
        let reads = connect().await.map_err(|error| fault(&error))?;
        let (queue, entries) = mpsc::channel(1);
        let task = tokio::spawn(read(self.options.clone(), reads, queue));
        self.link = Some(Link { acks, entries, ready: VecDeque::new(), task });
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<Message<Self::Position>>, Fault> {
        let lost = || Fault::Lost("the connection ended".to_owned());
        loop {
            let link = self.link.as_mut().ok_or_else(lost)?;
            if let Some(entry) = link.ready.pop_front() {
                return Ok(Some(self.message(entry)));
            }
            let entries = link.entries.recv().await.ok_or_else(lost)??;
            link.ready.extend(entries);
        }
    }

    async fn commit(&mut self, done: Vec<Self::Position>) -> Result<(), Fault> {
        let Some(link) = &mut self.link else { return Ok(()) };
        for (place, stream) in self.options.streams.iter().enumerate() {
            let ids: Vec<&str> = done.iter().filter(|(of, _)| *of == place).map(|(_, id)| id.as_str()).collect();
            if !ids.is_empty() {
                let mut ack = cmd("XACK");
                ack.arg(stream).arg(&self.options.group).arg(&ids);
                ack.query_async::<()>(&mut link.acks).await.map_err(|error| fault(&error))?;
            }
        }
        Ok(())
    }

    async fn close(&mut self) {
        self.link = None;
    }
}

/// Reads until something is wrong or nobody wants any more. One batch waits; before it is taken no other is asked for.
async fn read(options: Options, mut from: MultiplexedConnection, queue: mpsc::Sender<Result<Vec<Entry>, Fault>>) {
    let result = async {
        for stream in 0..options.streams.len() {
            let mut after = "0".to_owned();
            // What this consumer had read before it was ended.
            while let Some(last) = own_pending(&options, &mut from, stream, &after, &queue).await? {
                after = last;
            }
            claim(&options, &mut from, stream, &queue).await?;
        }
        let mut claimed = clock::monotonic();
        loop {
            if claimed.elapsed() >= options.claim_after.max(LEAST_CLAIM) {
                claimed = clock::monotonic();
                for stream in 0..options.streams.len() {
                    claim(&options, &mut from, stream, &queue).await?;
                }
            }
            let mut ask = cmd("XREADGROUP");
            ask.arg("GROUP")
                .arg(&options.group)
                .arg(&options.consumer)
                .arg("COUNT")
                .arg(COUNT)
                .arg("BLOCK")
                .arg(BLOCK_MS);
            ask.arg("STREAMS").arg(&options.streams).arg(vec![">"; options.streams.len()]);
            let entries = of_streams(&options.streams, ask.query_async(&mut from).await?);
            if !entries.is_empty() && queue.send(Ok(entries)).await.is_err() {
                return Ok(());
            }
        }
    };
    let result: Result<(), RedisError> = result.await;
    if let Err(error) = result {
        let _ = queue.send(Err(fault(&error))).await;
    }
}

/// Hands on what this consumer has pending after an id; the last id of it.
async fn own_pending(
    options: &Options,
    from: &mut MultiplexedConnection,
    stream: usize,
    after: &str,
    queue: &mpsc::Sender<Result<Vec<Entry>, Fault>>,
) -> Result<Option<String>, RedisError> {
    let mut ask = cmd("XREADGROUP");
    ask.arg("GROUP").arg(&options.group).arg(&options.consumer).arg("COUNT").arg(COUNT);
    ask.arg("STREAMS").arg(&options.streams[stream]).arg(after);
    let mut entries = of_streams(&options.streams, ask.query_async(from).await?);
    let last = entries.last().map(|entry| entry.id.clone());
    entries.iter_mut().for_each(|entry| entry.stream = stream);
    if last.is_some() {
        let _ = queue.send(Ok(entries)).await;
    }
    Ok(last)
}

/// Takes over what others have left pending.
async fn claim(
    options: &Options,
    from: &mut MultiplexedConnection,
    stream: usize,
    queue: &mpsc::Sender<Result<Vec<Entry>, Fault>>,
) -> Result<(), RedisError> {
    let mut start = "0-0".to_owned();
    loop {
        let mut ask = cmd("XAUTOCLAIM");
        ask.arg(&options.streams[stream]).arg(&options.group).arg(&options.consumer);
        ask.arg(options.claim_after.as_millis() as u64).arg(&start).arg("COUNT").arg(COUNT);
        let Value::Array(parts) = ask.query_async(from).await? else { return Ok(()) };
        let mut parts = parts.into_iter();
        start = parts.next().and_then(text).unwrap_or_else(|| "0-0".to_owned());
        let entries = of_list(stream, parts.next().unwrap_or(Value::Nil));
        if !entries.is_empty() && queue.send(Ok(entries)).await.is_err() {
            return Ok(());
        }
        if start == "0-0" {
            return Ok(());
        }
    }
}

/// The entries of an answer that names streams.
fn of_streams(streams: &[String], answer: Value) -> Vec<Entry> {
    let Value::Array(of) = answer else { return Vec::new() };
    let named = of.into_iter().filter_map(|one| {
        let Value::Array(pair) = one else { return None };
        let mut pair = pair.into_iter();
        let name = pair.next().and_then(text)?;
        let stream = streams.iter().position(|stream| *stream == name)?;
        Some(of_list(stream, pair.next()?))
    });
    named.flatten().collect()
}

/// The entries of a list. One that was deleted has no members; before Redis 7 it has not even an id.
fn of_list(stream: usize, list: Value) -> Vec<Entry> {
    let Value::Array(list) = list else { return Vec::new() };
    let entries = list.into_iter().filter_map(|one| {
        let Value::Array(pair) = one else { return None };
        let mut pair = pair.into_iter();
        let id = pair.next().and_then(text)?;
        let members = match pair.next() {
            Some(Value::Array(flat)) => {
                let mut flat = flat.into_iter();
                let mut members = Vec::new();
                while let (Some(name), Some(value)) = (flat.next(), flat.next()) {
                    members.push((text(name)?, bytes(value)?));
                }
                Some(members)
            }
            _ => None,
        };
        Some(Entry { stream, id, members })
    });
    entries.collect()
}

fn bytes(value: Value) -> Option<Vec<u8>> {
    redis::from_redis_value(value).ok()
}

fn text(value: Value) -> Option<String> {
    bytes(value).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// What went wrong: a wrong password does not mend itself, everything else may.
fn fault(error: &RedisError) -> Fault {
    let text = error.to_string();
    let is_final = error.kind() == ErrorKind::AuthenticationFailed
        || error.kind() == ErrorKind::InvalidClientConfig
        || matches!(error.code(), Some("NOAUTH" | "NOPERM" | "WRONGPASS" | "WRONGTYPE"));
    if is_final {
        Fault::Fatal(format!("Redis refuses: {text}; the password is read from REDIS_PASSWORD"))
    } else {
        Fault::Lost(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    #[test]
    fn members_are_numbers_where_they_are_written_so_and_keys_stay_text() {
        let members = [("vehicleId", "0012"), ("lat", "30.5"), ("code", "007"), ("route", "801")]
            .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
        let object: serde_json::Value = serde_json::from_str(&flat(&members, "vehicleId")).unwrap();
        assert_eq!(object, serde_json::json!({"vehicleId": "0012", "lat": 30.5, "code": "007", "route": 801}));
    }

    #[test]
    fn an_entry_that_was_deleted_while_pending_has_a_place_and_no_members() {
        let answer = Value::Array(vec![Value::Array(vec![
            bulk("s"),
            Value::Array(vec![
                Value::Array(vec![bulk("1-0"), Value::Nil]),
                Value::Array(vec![bulk("2-0"), Value::Array(vec![bulk("a"), bulk("b")])]),
            ]),
        ])]);
        let entries = of_streams(&["s".to_owned()], answer);
        assert_eq!(entries[0], Entry { stream: 0, id: "1-0".to_owned(), members: None });
        assert_eq!(entries[1].members.as_deref(), Some(&[("a".to_owned(), b"b".to_vec())][..]));
        assert_eq!(of_streams(&["s".to_owned()], Value::Nil), []);
    }
}
