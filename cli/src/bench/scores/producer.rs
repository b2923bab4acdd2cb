//! One sending connection. A steady one sends when a request is due, however long the last answer took: an answer that
//! waits behind a slow one counts from when it was due.

use std::time::Duration;

use serde::Deserialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::answers::{Answer, Class, Ledger, Student};
use crate::bench::connection::Connection;
use crate::bench::histogram::Histogram;
use crate::clock;

/// How far behind its time a steady connection may fall before it gives up the rest.
const PATIENCE: Duration = Duration::from_secs(10);
const SEED_BATCH: usize = 100;

/// How a stretch of the load is sent.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// Answers in a request; one alone is sent as an event, not as a list.
    pub batch: usize,
    /// Requests a second over all connections; without it each sends as soon as it has its answer.
    pub per_second: Option<f64>,
    /// How many of the connections send.
    pub connections: usize,
    /// How long.
    pub time: Duration,
}

/// What a stretch came to.
#[derive(Default)]
pub struct Tally {
    /// Requests.
    pub requests: u64,
    /// Answers in them.
    pub records: u64,
    /// From when a request was due to when its answer was read.
    pub answers: Histogram,
}

struct Producer {
    connection: Connection,
    path: String,
    class: Class,
    body: Vec<u8>,
    sent: Vec<Answer>,
}

/// All sending connections.
pub struct Producers {
    list: Vec<Producer>,
}

#[derive(Deserialize)]
struct Accepted {
    accepted: u64,
}

impl Producers {
    /// Opens so many connections.
    pub async fn open(address: &str, key: Option<&str>, path: &str, connections: usize) -> Result<Self, String> {
        let mut list = Vec::new();
        for i in 0..connections {
            let connection = Connection::open(address, key).await?;
            let class = Class::new(i, connections);
            list.push(Producer { connection, path: path.to_owned(), class, body: Vec::new(), sent: Vec::new() });
        }
        Ok(Self { list })
    }

    /// One answer of every student.
    pub async fn seed(&mut self) -> Result<(), String> {
        for producer in &mut self.list {
            let students = producer.class.students().to_vec();
            for some in students.chunks(SEED_BATCH) {
                producer.send(some, clock::now_micros()).await?;
            }
        }
        Ok(())
    }

    /// Sends for a while, all connections at the same time.
    pub async fn send(&mut self, stretch: Stretch) -> Result<Tally, String> {
        let begin = Instant::now();
        let connections = stretch.connections.min(self.list.len());
        let every = stretch.per_second.map(|rate| Duration::from_secs_f64(connections as f64 / rate));
        let mut sending = JoinSet::new();
        for (i, mut producer) in std::mem::take(&mut self.list).into_iter().enumerate() {
            if i >= connections {
                self.list.push(producer);
                continue;
            }
            // The connections' turns are spread evenly.
            let pace = every.map(|every| (begin + every * i as u32 / connections as u32, every));
            sending.spawn(async move {
                let tally = producer.send_until(stretch.batch, begin + stretch.time, pace).await;
                (producer, tally)
            });
        }
        let mut all = Tally::default();
        while let Some(done) = sending.join_next().await {
            let (producer, tally) = done.map_err(|e| e.to_string())?;
            let tally = tally?;
            self.list.push(producer);
            all.requests += tally.requests;
            all.records += tally.records;
            all.answers.merge(&tally.answers);
        }
        Ok(all)
    }

    /// All that was ever sent.
    pub fn into_ledger(self) -> Ledger {
        let mut ledger = Ledger::default();
        self.list.into_iter().for_each(|producer| ledger.add(producer.sent));
        ledger
    }
}

impl Producer {
    async fn send_until(
        &mut self,
        batch: usize,
        end: Instant,
        pace: Option<(Instant, Duration)>,
    ) -> Result<Tally, String> {
        let mut tally = Tally::default();
        let mut due = pace.map_or_else(Instant::now, |(first, _)| first);
        while due < end && Instant::now() < end + PATIENCE {
            sleep_until(due).await;
            let was_due = clock::now_micros() - i64::try_from(due.elapsed().as_micros()).unwrap_or_default();
            let students: Vec<Student> = (0..batch).map(|_| self.class.somebody()).collect();
            let accepted = self.send(&students, was_due).await?;
            tally.requests += 1;
            tally.records += batch as u64;
            tally.answers.add(accepted - was_due, 1);
            due = pace.map_or_else(Instant::now, |(_, every)| due + every);
        }
        Ok(tally)
    }

    /// Sends an answer of each of the students; when the server's yes was read.
    async fn send(&mut self, students: &[Student], due: i64) -> Result<i64, String> {
        self.body.clear();
        let alone = students.len() == 1;
        let first = self.sent.len();
        if !alone {
            self.body.push(b'[');
        }
        for (i, student) in students.iter().enumerate() {
            if i > 0 {
                self.body.push(b',');
            }
            let points = self.class.write(*student, &mut self.body);
            self.sent.push(Answer { student: *student, points, due, accepted: due });
        }
        if !alone {
            self.body.push(b']');
        }
        let answer = self.connection.call("POST", &self.path, &self.body).await?;
        let accepted = clock::now_micros();
        let answer: Accepted = serde_json::from_slice(&answer).map_err(|e| format!("a strange answer: {e}"))?;
        if answer.accepted != students.len() as u64 {
            return Err(format!("{} of {} answers were accepted", answer.accepted, students.len()));
        }
        self.sent.iter_mut().skip(first).for_each(|answer| answer.accepted = accepted);
        Ok(accepted)
    }
}
