//! One sending connection with its own keys, so that the order of a key's updates is the order of sending.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::{Instant, sleep_until};

use super::connection::Connection;
use super::histogram::Histogram;
use super::server::Server;
use super::traffic::{Fleet, State};
use crate::clock;

/// A connection and the vehicles whose updates it sends.
pub struct Publisher {
    connection: Connection,
    path: String,
    fleet: Fleet,
    body: Vec<u8>,
    /// Records acknowledged since the beginning.
    pub records: u64,
    /// How far our board's log was at the last answer.
    pub cursor: Option<u64>,
}

/// What was sent in one go.
#[derive(Default)]
pub struct Tally {
    /// Requests.
    pub requests: u64,
    /// From sending a request to its answer.
    pub answers: Histogram,
    /// How late requests left that were to leave at a time.
    pub late: Histogram,
}

#[derive(Deserialize)]
struct Answer {
    accepted: u64,
    cursor: Option<String>,
}

impl Publisher {
    /// A publisher on an open connection.
    pub fn new(connection: Connection, server: Server, fleet: Fleet) -> Self {
        Self { connection, path: server.events_path(), fleet, body: Vec::new(), records: 0, cursor: None }
    }

    /// Sends one request and waits for its answer.
    pub async fn send(&mut self, batch: usize, tally: &mut Tally) -> Result<(), String> {
        self.body.clear();
        let sent = clock::now_micros();
        self.fleet.write_batch(batch, sent / 1_000, &mut self.body);
        let answer = self.connection.call("POST", &self.path, &self.body).await?;
        tally.requests += 1;
        tally.answers.add(clock::now_micros() - sent, 1);
        let answer: Answer = serde_json::from_slice(&answer).map_err(|e| format!("a strange answer: {e}"))?;
        if answer.accepted != batch as u64 {
            return Err(format!("{} of {batch} records were accepted", answer.accepted));
        }
        self.records += answer.accepted;
        self.cursor = answer.cursor.and_then(|c| c.split_once(':').and_then(|(_, seq)| seq.parse().ok()));
        Ok(())
    }

    /// Sends until `end`: at once after each answer, or at `first` and then every so often.
    pub async fn send_until(
        &mut self,
        batch: usize,
        end: Instant,
        pace: Option<(Instant, Duration)>,
    ) -> Result<Tally, String> {
        let mut tally = Tally::default();
        let Some((mut due, every)) = pace else {
            while Instant::now() < end {
                self.send(batch, &mut tally).await?;
            }
            return Ok(tally);
        };
        while due < end {
            sleep_until(due).await;
            tally.late.add(i64::try_from(due.elapsed().as_micros()).unwrap_or(i64::MAX), 1);
            self.send(batch, &mut tally).await?;
            due += every;
            // A server that can't keep up is not sent a flood when it wakes: what could not be sent in time is left out.
            while due + Duration::from_secs(1) < Instant::now() {
                due += every;
            }
        }
        Ok(tally)
    }

    /// The last state of each key that was sent.
    pub fn states(&self) -> impl Iterator<Item = (String, State)> {
        self.fleet.states()
    }
}
