//! Sending what was gathered until the server has answered it.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use heliograph_shared::ingest::IngestAnswer;
use heliograph_shared::problem::Code;
use reqwest::Method;
use serde_json::Value;

use crate::error::CliError;
use crate::http::{Answer, Api, Body, problem_text};
use crate::interrupt::Interrupt;
use crate::send::RequestNames;
use crate::send::pool::Tally;
use crate::send::retry::{Backoff, Verdict, verdict};
use crate::summary::Summary;

use super::outage::Outage;
use super::reader::End;
use super::shape::{Content, Line};

/// How long an answer is waited for once the user wants to stop.
const LAST_ANSWER: Duration = Duration::from_secs(10);

/// The network and the clock.
pub trait Net: Send {
    /// Sends one request once; an error means that no answer came.
    fn call(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        body: Option<Body>,
    ) -> impl Future<Output = Result<Answer, String>> + Send;

    /// Waits.
    fn wait(&self, time: Duration) -> impl Future<Output = ()> + Send + 'static;

    /// The server, in what people are told.
    fn name(&self) -> String;
}

impl Net for Api {
    async fn call(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        body: Option<Body>,
    ) -> Result<Answer, String> {
        self.send_once(method, path, query, headers, body).await
    }

    fn wait(&self, time: Duration) -> impl Future<Output = ()> + Send + 'static {
        tokio::time::sleep(time)
    }

    fn name(&self) -> String {
        self.base().to_owned()
    }
}

/// Where messages go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `POST /v1/boards/{board}/events`, with an API key.
    Board(String),
    /// `POST /v1/ingest/{source}`, with the source's secret.
    Source(String),
}

/// Why a batch is not answered.
#[derive(Debug)]
pub enum Unsent {
    /// The user wants to stop, and the server is away.
    Interrupted,
    /// The server does not want it, and would not want it again.
    Refused(CliError),
}

/// The way to the server.
#[derive(Debug)]
pub struct Deliver<N: Net> {
    /// The network.
    pub net: N,
    target: Target,
    names: RequestNames,
    tally: Tally,
    interrupt: Interrupt,
    outage: Outage,
}

/// What a request of some lines came to.
enum Posted {
    Answered(IngestAnswer),
    /// It is too large for the server.
    TooLarge(String),
}

impl<N: Net> Deliver<N> {
    /// The way to a target.
    pub fn new(net: N, target: Target, tally: Tally, interrupt: Interrupt) -> Self {
        let names = RequestNames::new(&RequestNames::random_run(), 0);
        let outage = Outage::new(net.name());
        Self { net, target, names, tally, interrupt, outage }
    }

    /// Sends lines in their order, and comes back when each is answered.
    pub async fn send(&mut self, lines: &[Line]) -> Result<(), Unsent> {
        let mut rest = lines;
        while let Some(first) = rest.first() {
            let events = rest.iter().take_while(|line| matches!(line.content, Content::Event(_))).count();
            let (now, later) = rest.split_at(events.max(1));
            match &first.content {
                Content::Event(_) => self.events(now).await?,
                Content::End(end) => self.end(end).await?,
            }
            rest = later;
        }
        Ok(())
    }

    /// Sends events. What is too large for one request goes in halves; an event that is too large by itself is told and left.
    async fn events(&mut self, lines: &[Line]) -> Result<(), Unsent> {
        let mut waiting = vec![lines];
        while let Some(part) = waiting.pop() {
            match self.post(part).await? {
                Posted::Answered(answer) => {
                    let numbers: Vec<u64> = part.iter().map(|line| line.number).collect();
                    self.tally.with(|summary| summary.add_answer(&numbers, &answer));
                }
                Posted::TooLarge(_) if part.len() > 1 => {
                    let (front, back) = part.split_at(part.len() / 2);
                    waiting.extend([back, front]);
                }
                Posted::TooLarge(why) => {
                    let number = part.first().map_or(0, |line| line.number);
                    eprintln!("heliograph: message {number} is too large for the server and is left out: {why}");
                    self.tally.with(|summary| summary.refuse_sent(number, "too_large", &why));
                }
            }
        }
        Ok(())
    }

    async fn post(&mut self, lines: &[Line]) -> Result<Posted, Unsent> {
        let name = self.names.next();
        let target = self.target.clone();
        let (path, body) = match &target {
            Target::Board(board) => (vec!["v1", "boards", board, "events"], ndjson(lines)),
            Target::Source(source) => (vec!["v1", "ingest", source], cloud_events(lines)),
        };
        let headers = [("Idempotency-Key", name.as_str())];
        let answer = self.until_answered(&Method::POST, &path, &[], &headers, Some(body)).await?;
        if answer.status == 413 {
            return Ok(Posted::TooLarge(problem_text(413, &answer.body)));
        }
        if !answer.is_success() {
            return Err(self.refused(&answer));
        }
        serde_json::from_slice(&answer.body).map(Posted::Answered).map_err(|error| {
            Unsent::Refused(CliError::failed(format!(
                "the server's answer cannot be read: {error}. Has the source an envelope of its own? `auto` or `cloudevents` suits"
            )))
        })
    }

    /// Ends an item. One that is not there has ended; one that has begun anew since is left alone.
    async fn end(&mut self, end: &End) -> Result<(), Unsent> {
        let target = self.target.clone();
        let (board, path) = match &target {
            Target::Board(board) => (board, ["v1", "boards", board, "items", &end.key]),
            Target::Source(_) => {
                return Err(Unsent::Refused(CliError::usage("a source has no way to end an item; forward to a board")));
            }
        };
        if !end.is_new && self.has_begun_anew(board, end).await? {
            self.tally.with(Summary::add_repeated_end);
            return Ok(());
        }
        let answer = self.until_answered(&Method::DELETE, &path, &[], &[], None).await?;
        if !answer.is_success() && !is_gone(&answer) {
            return Err(self.refused(&answer));
        }
        self.tally.with(Summary::add_end);
        Ok(())
    }

    /// Whether an item's last event came after an end that may have been sent before: that event would not be taken a second
    /// time, so the end must not be either.
    async fn has_begun_anew(&mut self, board: &str, end: &End) -> Result<bool, Unsent> {
        let answer =
            self.until_answered(&Method::GET, &["v1", "boards", board, "items", &end.key], &[], &[], None).await?;
        if is_gone(&answer) {
            return Ok(false);
        }
        let Some(seq) = self.success(&answer)?["seq"].as_u64() else { return Ok(false) };
        let after = seq.saturating_sub(1).to_string();
        let query = [("key", end.key.as_str()), ("after", &after), ("limit", "1")];
        let answer = self.until_answered(&Method::GET, &["v1", "boards", board, "events"], &query, &[], None).await?;
        let answer = self.success(&answer)?;
        let last = &answer["events"][0];
        let id = last["id"].as_str().unwrap_or_default();
        let is_of_the_same_make = id.len() == end.id.len() && id.split('/').next() == end.id.split('/').next();
        Ok(last["seq"].as_u64() == Some(seq) && is_of_the_same_make && id > end.id.as_str())
    }

    fn success(&self, answer: &Answer) -> Result<Value, Unsent> {
        if !answer.is_success() {
            return Err(self.refused(answer));
        }
        serde_json::from_slice(&answer.body)
            .map_err(|error| Unsent::Refused(CliError::failed(format!("the server's answer cannot be read: {error}"))))
    }

    fn refused(&self, answer: &Answer) -> Unsent {
        let text = problem_text(answer.status, &answer.body);
        let hint = match (&self.target, answer.status) {
            (Target::Source(_), 401) => ". HELIOGRAPH_SOURCE_SECRET or --secret-file must hold this source's secret",
            (Target::Board(_), 401) => ". HELIOGRAPH_KEY must hold a key that may publish to this board",
            (Target::Board(_) | Target::Source(_), _) => "",
        };
        Unsent::Refused(CliError::Failed(format!("{text}{hint}. Nothing of it was acknowledged to the broker")))
    }

    /// Sends one request until it is answered with something that will not change.
    async fn until_answered(
        &mut self,
        method: &Method,
        path: &[&str],
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        body: Option<Body>,
    ) -> Result<Answer, Unsent> {
        let mut backoff = Backoff::default();
        loop {
            let call = self.net.call(method.clone(), path, query, headers, body.clone());
            let mut interrupt = self.interrupt.clone();
            let too_long = async {
                interrupt.wait().await;
                tokio::time::sleep(LAST_ANSWER).await;
            };
            let answer = tokio::select! {
                answer = call => answer,
                () = too_long => return Err(Unsent::Interrupted),
            };
            let after = match answer {
                Ok(answer) => match verdict(answer.status, answer.retry_after.as_deref()) {
                    Verdict::Done | Verdict::Stop => {
                        self.outage.over();
                        return Ok(answer);
                    }
                    Verdict::Retry { after } => {
                        self.outage.busy(&problem_text(answer.status, &answer.body));
                        after
                    }
                },
                Err(reason) => {
                    self.outage.say(&reason);
                    None
                }
            };
            let wait = after.unwrap_or_else(|| backoff.next(fastrand::f64()));
            tokio::select! {
                () = self.net.wait(wait) => {}
                () = self.interrupt.wait() => return Err(Unsent::Interrupted),
            }
        }
    }
}

/// Whether an item is not there.
fn is_gone(answer: &Answer) -> bool {
    answer.status == 404 && problem_text(404, &answer.body).contains(Code::ItemNotFound.name())
}

fn contents(lines: &[Line]) -> impl Iterator<Item = &[u8]> {
    lines.iter().filter_map(|line| match &line.content {
        Content::Event(json) => Some(json.as_slice()),
        Content::End(_) => None,
    })
}

fn ndjson(lines: &[Line]) -> Body {
    let mut body = Vec::with_capacity(lines.iter().map(Line::len).sum());
    for json in contents(lines) {
        body.extend_from_slice(json);
        body.push(b'\n');
    }
    Body::ndjson(body)
}

fn cloud_events(lines: &[Line]) -> Body {
    let mut body = Vec::with_capacity(lines.iter().map(Line::len).sum::<usize>() + 2);
    body.push(b'[');
    for (place, json) in contents(lines).enumerate() {
        if place > 0 {
            body.push(b',');
        }
        body.extend_from_slice(json);
    }
    body.push(b']');
    Body { content_type: "application/cloudevents-batch+json", content: Bytes::from(body) }
}
