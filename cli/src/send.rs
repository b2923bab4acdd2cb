//! Sending events: one request with its retries (here), batches ([`batch`]) and several connections ([`pool`]).

pub mod batch;
pub mod pool;
pub mod retry;

use std::time::Duration;

use heliograph_shared::ingest::IngestAnswer;
use reqwest::Method;

use crate::clock;
use crate::error::CliError;
use crate::http::{Answer, Api, Body};
use crate::interrupt::Interrupt;

use retry::{Backoff, Verdict};

/// How long a server may be away before a command gives up on it.
#[derive(Clone, Copy, Debug)]
pub struct Patience(pub Duration);

/// Hears why a request is tried again, and `None` once it is through.
pub type Trouble<'a> = dyn FnMut(Option<&str>) + Send + 'a;

/// Sends one request of events until it is answered. Every attempt carries the same `Idempotency-Key`, so a request
/// whose answer was lost is not counted twice.
pub async fn post_events(
    api: &Api,
    board: &str,
    body: &Body,
    idempotency_key: &str,
    patience: Patience,
    interrupt: &mut Interrupt,
    trouble: &mut Trouble<'_>,
) -> Result<IngestAnswer, CliError> {
    let mut backoff = Backoff::default();
    let mut failing_since = None;
    loop {
        let (wait, reason) = match attempt(api, board, body, idempotency_key).await {
            Ok(answer) => match retry::verdict(answer.status, answer.retry_after.as_deref()) {
                Verdict::Done => {
                    if failing_since.is_some() {
                        trouble(None);
                    }
                    return serde_json::from_slice(&answer.body)
                        .map_err(|error| CliError::failed(format!("the server's answer cannot be read: {error}")));
                }
                Verdict::Stop => return Err(api.refusal(&answer)),
                Verdict::Retry { after } => (after, crate::http::problem_text(answer.status, &answer.body)),
            },
            Err(reason) => (None, reason),
        };
        let since = *failing_since.get_or_insert_with(clock::monotonic);
        let wait = wait.unwrap_or_else(|| backoff.next(fastrand::f64()));
        if since.elapsed() + wait > patience.0 {
            return Err(CliError::failed(format!(
                "gave up on {} after {}: {reason}",
                api.base(),
                crate::summary::duration_text(since.elapsed().as_secs_f64())
            )));
        }
        trouble(Some(&reason));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = interrupt.wait() => return Err(CliError::failed(format!("interrupted while the server was away: {reason}"))),
        }
    }
}

/// One attempt to send events.
pub async fn attempt(api: &Api, board: &str, body: &Body, idempotency_key: &str) -> Result<Answer, String> {
    let segments = ["v1", "boards", board, "events"];
    api.send_once(Method::POST, &segments, &[], &[("Idempotency-Key", idempotency_key)], Some(body.clone())).await
}

/// Names for requests: unlike any other run's, and counted within the run.
#[derive(Clone, Debug)]
pub struct RequestNames {
    run: String,
    next: u64,
}

impl RequestNames {
    /// Names for one lane of a run; `run` is what [`RequestNames::random_run`] made.
    pub fn new(run: &str, lane: usize) -> Self {
        Self { run: format!("{run}-{lane}"), next: 0 }
    }

    /// A new run's name: 128 random bits.
    pub fn random_run() -> String {
        format!("{:032x}", fastrand::u128(..))
    }

    /// The next request's `Idempotency-Key`.
    pub fn next(&mut self) -> String {
        self.next += 1;
        format!("{}-{}", self.run, self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_names_differ_within_a_run_between_lanes_and_between_runs() {
        let run = RequestNames::random_run();
        assert_eq!(run.len(), 32);
        assert_ne!(run, RequestNames::random_run());
        let mut names = RequestNames::new(&run, 0);
        let (first, second) = (names.next(), names.next());
        assert_ne!(first, second);
        assert_ne!(first, RequestNames::new(&run, 1).next());
    }
}
