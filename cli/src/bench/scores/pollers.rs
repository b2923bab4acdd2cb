//! Viewers of the peer: each asks for the top once a second and is told whether it changed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval_at};

use super::answers::{Student, student_of};
use super::sight::{Delivery, Shown, Sighting};
use crate::bench::connection::Connection;
use crate::clock;

const EVERY: Duration = Duration::from_secs(1);

/// What they saw, all together.
#[derive(Default)]
pub struct Seen {
    /// Changed rows.
    pub sightings: Vec<Sighting>,
    /// Answers.
    pub deliveries: Vec<Delivery>,
    /// Requests without anything new.
    pub unchanged: u64,
    /// What went wrong.
    pub failures: Vec<String>,
}

/// A row as the peer answers it.
#[derive(Deserialize)]
pub struct Row {
    key: String,
    values: Vec<f64>,
}

/// Asking viewers; they stop when this is dropped.
pub struct Pollers {
    seen: Arc<Mutex<Seen>>,
    _tasks: JoinSet<()>,
}

impl Pollers {
    /// Starts so many, spread over the second.
    pub fn start(address: &str, path: &str, pollers: usize) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let mut tasks = JoinSet::new();
        for at in 0..pollers {
            let (address, path, seen) = (address.to_owned(), path.to_owned(), seen.clone());
            tasks.spawn(async move {
                let first = tokio::time::Instant::now() + EVERY * at as u32 / pollers as u32;
                if let Err(failure) = poll(&address, &path, first, &seen).await {
                    lock(&seen).failures.push(format!("poller {at}: {failure}"));
                }
            });
        }
        Self { seen, _tasks: tasks }
    }

    /// What they have seen so far.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn poll(address: &str, path: &str, first: tokio::time::Instant, seen: &Mutex<Seen>) -> Result<(), String> {
    let mut connection = Connection::open(address, None).await?;
    let mut times = interval_at(first, EVERY);
    times.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut etag, mut shown) = (None::<String>, Shown::default());
    loop {
        times.tick().await;
        let answer = connection.poll(path, etag.as_deref()).await?;
        let rows = if answer.status == 304 { None } else { Some(rows(&answer.body)?) };
        let at = clock::now_micros();
        let mut seen = lock(seen);
        seen.deliveries.push(Delivery { at, bytes: answer.bytes });
        match rows {
            None => seen.unchanged += 1,
            Some(rows) => {
                etag = answer.etag;
                shown.now(rows.into_iter().map(|(student, _, n)| (student, n)), at, &mut seen.sightings);
            }
        }
    }
}

/// Points and number of answers, from the top, of a list of rows in JSON.
pub fn rows(body: &[u8]) -> Result<Vec<(Student, u64, u32)>, String> {
    #[derive(Deserialize)]
    struct Page {
        rows: Vec<Row>,
    }
    let page: Page = serde_json::from_slice(body).map_err(|e| format!("strange rows: {e}"))?;
    let row = |row: &Row| {
        let (points, answers) = (row.values.first()?, row.values.get(1)?);
        Some((student_of(&row.key)?, points.round() as u64, answers.round() as u32))
    };
    page.rows.iter().map(|r| row(r).ok_or_else(|| format!("a strange row: {}", r.key))).collect()
}
