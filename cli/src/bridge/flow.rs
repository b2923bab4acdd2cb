//! The bridge's loop: gather, send, wait for the answer, commit; and come back after a loss.
//!
//! One batch is under way at a time, so messages reach the server in the order in which the broker gave them. The next one
//! is gathered meanwhile, up to its bounds; beyond them the broker is not read, which is what holds it back.

use std::time::{Duration, Instant};

use crate::clock;
use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::send::pool::Tally;
use crate::send::retry::Backoff;

use super::deliver::{Deliver, Net, Unsent};
use super::outage::Outage;
use super::reader::{Fault, Message, Reader, Work};
use super::shape::{Form, Line};

/// A connection that lasted so long was a good one, also if nothing came over it.
const STEADY: Duration = Duration::from_secs(10);

/// How much is sent at once.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// At most this many messages a request.
    pub messages: usize,
    /// At most this many bytes a request, unless one message alone has more.
    pub bytes: usize,
    /// How long a message waits for company.
    pub linger: Duration,
}

/// Messages that are sent together.
#[derive(Debug)]
pub struct Batch<P> {
    /// What is to be sent, in order.
    pub lines: Vec<Line>,
    /// The positions to commit once all of it is answered.
    pub positions: Vec<P>,
    bytes: usize,
    since: Option<Instant>,
}

impl<P> Default for Batch<P> {
    fn default() -> Self {
        Self { lines: Vec::new(), positions: Vec::new(), bytes: 0, since: None }
    }
}

impl<P> Batch<P> {
    fn push(&mut self, message: Message<P>, form: &Form, number: u64) {
        self.since.get_or_insert_with(clock::monotonic);
        self.positions.push(message.position);
        let line = match message.work {
            Work::Event(record) => Line::event(number, form.line(&record)),
            Work::End(end) => Line::end(number, end),
            Work::Pass => return,
        };
        self.bytes += line.len();
        self.lines.push(line);
    }

    fn is_full(&self, pace: &Pace) -> bool {
        self.positions.len() >= pace.messages || self.bytes >= pace.bytes
    }
}

/// How a connection to the broker came to its end.
enum Ended {
    /// There is nothing more to come, or the user wants to stop.
    Done,
    Lost(String),
}

/// A bridge under way.
pub struct Flow<'a, R: Reader, N: Net> {
    /// Where messages come from.
    pub reader: &'a mut R,
    /// Where they go.
    pub deliver: &'a mut Deliver<N>,
    /// What they are made into.
    pub form: &'a Form,
    /// How many at once.
    pub pace: Pace,
    /// What became of them.
    pub tally: Tally,
    /// Whether the user wants to stop.
    pub interrupt: Interrupt,
}

impl<R: Reader, N: Net> Flow<'_, R, N> {
    /// Forwards until there is nothing more, the user wants to stop, or something is wrong that does not pass.
    pub async fn run(&mut self) -> Result<(), CliError> {
        let mut backoff = Backoff::default();
        let mut outage = Outage::new(self.reader.name());
        let result = loop {
            let fault = match self.open().await {
                None => break Ok(()),
                Some(Err(fault)) => fault,
                Some(Ok(())) => {
                    outage.over();
                    let since = clock::monotonic();
                    let ended = self.connected(&mut backoff).await;
                    if since.elapsed() >= STEADY {
                        backoff.reset();
                    }
                    match ended {
                        Ok(Ended::Done) => break Ok(()),
                        Ok(Ended::Lost(reason)) => Fault::Lost(reason),
                        Err(error) => break Err(error),
                    }
                }
            };
            match fault {
                Fault::Fatal(reason) => break Err(CliError::Failed(reason)),
                Fault::Lost(reason) => outage.say(&reason),
            }
            let wait = self.deliver.net.wait(backoff.next(fastrand::f64()));
            tokio::select! {
                () = wait => {}
                () = self.interrupt.wait() => break Ok(()),
            }
        };
        self.reader.close().await;
        result
    }

    async fn open(&mut self) -> Option<Result<(), Fault>> {
        tokio::select! {
            opened = self.reader.open() => Some(opened),
            () = self.interrupt.wait() => None,
        }
    }

    /// Forwards over one connection to the broker.
    async fn connected(&mut self, backoff: &mut Backoff) -> Result<Ended, CliError> {
        let mut gathered = Batch::default();
        let mut end = None;
        loop {
            if end.is_none() {
                end = self.gather(&mut gathered).await?;
            }
            if gathered.positions.is_empty() {
                return Ok(end.unwrap_or(Ended::Done));
            }
            // What was read before a loss comes again: only what is under way is waited for.
            if matches!(end, Some(Ended::Lost(_))) {
                return Ok(end.unwrap_or(Ended::Done));
            }
            let batch = std::mem::take(&mut gathered);
            let sending = self.deliver.send(&batch.lines);
            tokio::pin!(sending);
            let sent = loop {
                let room = end.is_none() && !gathered.is_full(&self.pace) && !self.interrupt.requested();
                tokio::select! {
                    biased;
                    sent = &mut sending => break sent,
                    next = self.reader.next(), if room => end = take(next, &mut gathered, self.form, &self.tally)?,
                }
            };
            match sent {
                Ok(()) => {}
                Err(Unsent::Interrupted) => return Ok(Ended::Done),
                Err(Unsent::Refused(error)) => return Err(error),
            }
            // Who lost the connection has lost what was to be committed over it: it comes again, and the server knows it.
            if let Some(Ended::Lost(reason)) = end {
                return Ok(Ended::Lost(reason));
            }
            match self.reader.commit(batch.positions).await {
                Ok(()) => backoff.reset(),
                Err(Fault::Lost(reason)) => return Ok(Ended::Lost(reason)),
                Err(Fault::Fatal(reason)) => return Err(CliError::Failed(reason)),
            }
            if self.interrupt.requested() {
                return Ok(Ended::Done);
            }
        }
    }

    /// Waits for a message, and a little longer for more.
    async fn gather(&mut self, batch: &mut Batch<R::Position>) -> Result<Option<Ended>, CliError> {
        while !batch.is_full(&self.pace) {
            let left = batch.since.map(|since| self.pace.linger.saturating_sub(since.elapsed()));
            let next = tokio::select! {
                biased;
                () = self.interrupt.wait() => return Ok(Some(Ended::Done)),
                next = self.reader.next() => next,
                () = until(left) => return Ok(None),
            };
            if let Some(end) = take(next, batch, self.form, &self.tally)? {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }
}

/// Waits as long; without a bound, for ever.
async fn until(left: Option<Duration>) {
    match left {
        None => std::future::pending().await,
        Some(Duration::ZERO) => {}
        Some(left) => tokio::time::sleep(left).await,
    }
}

/// Puts what a broker gave into a batch; or says how it ended.
fn take<P>(
    next: Result<Option<Message<P>>, Fault>,
    batch: &mut Batch<P>,
    form: &Form,
    tally: &Tally,
) -> Result<Option<Ended>, CliError> {
    match next {
        Ok(Some(message)) => {
            let number = tally.with(|summary| {
                if message.work != Work::Pass {
                    summary.add_rows(1);
                }
                summary.rows()
            });
            batch.push(message, form, number);
            Ok(None)
        }
        Ok(None) => Ok(Some(Ended::Done)),
        Err(Fault::Lost(reason)) => Ok(Some(Ended::Lost(reason))),
        Err(Fault::Fatal(reason)) => Err(CliError::Failed(reason)),
    }
}

#[cfg(test)]
mod tests;
