//! The client's connection to a feed, as a pure state machine: dial, greet, resume, acknowledge, probe, back
//! off, stop. The shell owns the socket, the timers and the token's endpoint, and does what the outputs say.

mod dial;
mod io;
mod lag;
mod open;
#[cfg(test)]
mod tests;

pub use io::{Input, LinkConfig, LinkStatus, Output, Token, TokenFailure};
pub use lag::Lag;

use crate::limits;
use crate::protocol::{SubId, Subscription};
use crate::replica::Replica;
use crate::scores::ScoreReplica;
use crate::time::Millis;
use dial::{OPEN_MILLIS, PROBE_MILLIS, QUIET_MILLIS};
use lag::{Clock, LagMeter};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Token { attempt: u32, since: Millis },
    Opening { attempt: u32, since: Millis },
    Open,
    Waiting { until: Millis, attempt: u32 },
    Offline,
    Stopped,
}

struct Followed {
    subscription: Subscription,
    replica: Replica,
    scores: ScoreReplica,
    /// How many are there, of a presence subscription.
    present: Option<u32>,
    /// The rights under which the copy was made.
    rights: Option<u32>,
    /// The copy is of what was followed before, or damaged: it stays on the screen and can't be resumed.
    outdated: bool,
}

/// The connection.
pub struct Link {
    config: LinkConfig,
    state: State,
    token: Option<Token>,
    fetching: bool,
    followed: BTreeMap<SubId, Followed>,
    /// Subscribes of this connection that the server has not answered, by number: a number may be used again
    /// before the answer to its earlier use has come.
    owed: BTreeMap<SubId, u32>,
    /// Copies that broke in a row.
    breaks: u32,
    /// The token is not refreshed before.
    refresh_after: Millis,
    last_heard: Millis,
    probe_sent: Option<Millis>,
    failures: u32,
    unacked_bytes: u64,
    unacked_since: Option<Millis>,
    unacked_to: Option<crate::cursor::Cursor>,
    last_frame: Option<Millis>,
    viewers: Option<u32>,
    clock: Clock,
    lag: LagMeter,
    gaps: u32,
    said: Option<LinkStatus>,
    wake: Option<Millis>,
}

impl Link {
    /// A link that has not begun.
    pub fn new(config: LinkConfig) -> Self {
        Self {
            config,
            state: State::Idle,
            token: None,
            fetching: false,
            followed: BTreeMap::new(),
            owed: BTreeMap::new(),
            breaks: 0,
            refresh_after: Millis(i64::MIN),
            last_heard: Millis(0),
            probe_sent: None,
            failures: 0,
            unacked_bytes: 0,
            unacked_since: None,
            unacked_to: None,
            last_frame: None,
            viewers: None,
            clock: Clock::default(),
            lag: LagMeter::default(),
            gaps: 0,
            said: None,
            wake: None,
        }
    }

    /// A subscription's copy.
    pub fn replica(&self, sub: SubId) -> Option<&Replica> {
        self.followed.get(&sub).map(|f| &f.replica)
    }

    /// A scores subscription's copy.
    pub fn scores(&self, sub: SubId) -> Option<&ScoreReplica> {
        self.followed.get(&sub).map(|f| &f.scores)
    }

    /// How many are there, as a presence subscription says; none before it is answered, and where it is refused.
    pub fn present(&self, sub: SubId) -> Option<u32> {
        self.followed.get(&sub)?.present
    }

    /// How old changes are when they reach the screen; `None` before the first change.
    pub fn lag(&self) -> Option<Lag> {
        self.lag.median()
    }

    /// The server's clock, as far as its status messages tell.
    pub fn server_time(&self, now: Millis) -> Millis {
        now.plus(self.clock.offset())
    }

    /// When the last change came, by this device's clock.
    pub const fn last_frame_at(&self) -> Option<Millis> {
        self.last_frame
    }

    /// Viewers of the same relay, if known.
    pub const fn viewers(&self) -> Option<u32> {
        self.viewers
    }

    /// How often changes were lost.
    pub const fn gaps(&self) -> u32 {
        self.gaps
    }

    /// Takes an input. `jitter` is a random number in 0..1. After [`LinkStatus::Stopped`] nothing happens any more.
    pub fn handle(&mut self, now: Millis, jitter: f64, input: Input, out: &mut Vec<Output>) {
        if self.state == State::Stopped {
            return;
        }
        match input {
            Input::Start => {
                if self.state == State::Idle {
                    self.dial(now, 0, out);
                }
            }
            Input::Subscribe(sub, subscription) => self.subscribe(sub, subscription, out),
            Input::Unsubscribe(sub) => self.unsubscribe(sub, out),
            Input::SocketOpened => self.opened(now, out),
            Input::Binary(bytes) => self.binary(now, jitter, &bytes, out),
            Input::Text(_) => {
                self.last_heard = now;
                self.probe_sent = None;
            }
            Input::SocketClosed { code } => self.closed(now, jitter, code, out),
            Input::Token(result) => self.token(now, jitter, result, out),
            Input::Timer => {
                self.wake = None;
                self.timer(now, jitter, out);
            }
            Input::Probe => self.probe(now, out),
            Input::Offline => {
                if !matches!(self.state, State::Offline | State::Idle) {
                    out.push(Output::CloseSocket);
                    self.owed.clear();
                    self.fetching = false;
                    self.state = State::Offline;
                }
            }
            Input::Stop => {
                out.push(Output::CloseSocket);
                self.stop(0, "stopped", out);
            }
        }
        self.tell(out);
        self.schedule(now, out);
    }

    fn stop(&mut self, code: u16, message: &str, out: &mut Vec<Output>) {
        self.state = State::Stopped;
        let status = LinkStatus::Stopped { code, message: message.to_owned() };
        self.said = Some(status.clone());
        out.push(Output::Status(status));
    }

    fn status(&self) -> Option<LinkStatus> {
        match self.state {
            State::Idle | State::Stopped => None,
            State::Token { attempt, .. } | State::Opening { attempt, .. } => Some(LinkStatus::Connecting { attempt }),
            State::Open if self.followed.keys().all(|s| !self.owed.contains_key(s)) => Some(LinkStatus::Live),
            State::Open => Some(LinkStatus::CatchingUp),
            State::Waiting { until, attempt } => Some(LinkStatus::Waiting { until, attempt }),
            State::Offline => Some(LinkStatus::Offline),
        }
    }

    /// Says the state when it differs from what was said.
    fn tell(&mut self, out: &mut Vec<Output>) {
        let status = self.status();
        if status.is_some() && status != self.said {
            self.said.clone_from(&status);
            out.extend(status.map(Output::Status));
        }
    }

    fn schedule(&mut self, now: Millis, out: &mut Vec<Output>) {
        let next = match self.state {
            State::Waiting { until, .. } => Some(until),
            State::Opening { since, .. } | State::Token { since, .. } => Some(since.plus(OPEN_MILLIS)),
            State::Open => {
                let quiet = match self.probe_sent {
                    Some(t) => t.plus(PROBE_MILLIS),
                    None => self.last_heard.plus(QUIET_MILLIS),
                };
                let ack = self.unacked_since.map(|t| t.plus(limits::ACK_MILLIS));
                let refresh = self.refresh_at().map(|t| t.max(now.plus(1_000)));
                [Some(quiet), ack, refresh].into_iter().flatten().min()
            }
            State::Idle | State::Offline | State::Stopped => None,
        };
        // A timer that comes early only looks and sets the next: moving it for every message would cost more.
        if let Some(t) = next
            && self.wake.is_none_or(|w| t < w)
        {
            self.wake = Some(t);
            out.push(Output::WakeAt(t));
        }
    }
}
