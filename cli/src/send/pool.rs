//! Several keep-alive connections side by side, each sending its own keys' batches one after the other.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::error::CliError;
use crate::http::{Api, Body};
use crate::interrupt::Interrupt;
use crate::summary::Summary;

use super::batch::Batch;
use super::{Patience, RequestNames, post_events};

/// Batches that may wait for a connection before the producer is held back.
const QUEUE: usize = 8;

/// The counts, shared by the producer, the connections and the progress display.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    summary: Arc<Mutex<Summary>>,
    trouble: Arc<Mutex<Option<String>>>,
}

impl Tally {
    /// Starts from counts made while reading.
    pub fn new(summary: Summary) -> Self {
        Self { summary: Arc::new(Mutex::new(summary)), trouble: Arc::default() }
    }

    /// Does something with the counts.
    pub fn with<T>(&self, action: impl FnOnce(&mut Summary) -> T) -> T {
        action(&mut self.summary.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Why requests are being tried again just now.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_trouble(&self, trouble: Option<&str>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble.map(str::to_owned);
    }
}

/// What a pool needs to know.
#[derive(Clone, Debug)]
pub struct PoolConfig {
    /// The board that gets the events.
    pub board: String,
    /// How many connections.
    pub connections: usize,
    /// At most this many events a request.
    pub batch: usize,
    /// How long to keep trying when the server is away.
    pub patience: Patience,
}

/// The connections.
#[derive(Debug)]
pub struct Pool {
    lanes: Vec<mpsc::Sender<Batch>>,
    tasks: JoinSet<()>,
    failure: watch::Receiver<Option<String>>,
}

impl Pool {
    /// Starts the connections.
    pub fn start(api: &Api, config: &PoolConfig, tally: &Tally, interrupt: &Interrupt) -> Self {
        let run = RequestNames::random_run();
        let (failed, failure) = watch::channel(None);
        let failed = Arc::new(failed);
        let mut tasks = JoinSet::new();
        let mut lanes = Vec::with_capacity(config.connections);
        for lane in 0..config.connections.max(1) {
            let (tx, rx) = mpsc::channel(QUEUE);
            lanes.push(tx);
            let lane = Lane {
                api: api.clone(),
                config: config.clone(),
                tally: tally.clone(),
                interrupt: interrupt.clone(),
                names: RequestNames::new(&run, lane),
            };
            tasks.spawn(lane.run(rx, Arc::clone(&failed)));
        }
        Self { lanes, tasks, failure }
    }

    /// How many connections there are.
    pub fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// Hands a batch to a connection; waits while that connection is busy. `false` when a connection has failed.
    pub async fn send(&self, lane: usize, batch: Batch) -> bool {
        match self.lanes.get(lane) {
            Some(tx) => tx.send(batch).await.is_ok() && self.failure.borrow().is_none(),
            None => false,
        }
    }

    /// Waits until everything handed over is answered, or a connection has failed.
    pub async fn finish(self) -> Result<(), CliError> {
        drop(self.lanes);
        let mut tasks = self.tasks;
        while tasks.join_next().await.is_some() {}
        let failure = self.failure.borrow().clone();
        failure.map_or(Ok(()), |reason| Err(CliError::Failed(reason)))
    }
}

struct Lane {
    api: Api,
    config: PoolConfig,
    tally: Tally,
    interrupt: Interrupt,
    names: RequestNames,
}

impl Lane {
    async fn run(mut self, mut queue: mpsc::Receiver<Batch>, failed: Arc<watch::Sender<Option<String>>>) {
        let mut held: Option<Batch> = None;
        loop {
            let mut batch = match held.take() {
                Some(batch) => batch,
                None => match queue.recv().await {
                    Some(batch) => batch,
                    None => return,
                },
            };
            // What came due while the last request was under way goes out together.
            while let Ok(more) = queue.try_recv() {
                if batch.has_room_for(&more, self.config.batch) {
                    batch.append(&more);
                } else {
                    held = Some(more);
                    break;
                }
            }
            // After the first failure the other connections only finish what is under way.
            if failed.borrow().is_some() {
                return;
            }
            let body = Body::ndjson(std::mem::take(&mut batch.body));
            let name = self.names.next();
            let tally = self.tally.clone();
            let mut trouble = move |reason: Option<&str>| tally.set_trouble(reason);
            let patience = self.config.patience;
            let (api, board) = (&self.api, &self.config.board);
            let sent = post_events(api, board, &body, &name, patience, &mut self.interrupt, &mut trouble).await;
            match sent {
                Ok(answer) => self.tally.with(|summary| summary.add_answer(&batch.lines, &answer)),
                Err(error) => {
                    failed.send_if_modified(|reason| {
                        let first = reason.is_none();
                        if first {
                            *reason = Some(error.to_string());
                        }
                        first
                    });
                    return;
                }
            }
        }
    }
}
