//! The client's connection to a feed, as a pure state machine: dial, greet, resume, acknowledge, probe, back
//! off, stop. The shell owns the socket, the timers and the token's endpoint, and does what the outputs say.

mod lag;
mod open;
#[cfg(test)]
mod tests;

pub use lag::Lag;

use crate::limits;
use crate::protocol::close::should_reconnect;
use crate::protocol::{BEARER_PREFIX, PING, SUBPROTOCOL_BIN, SubId, Subscription};
use crate::replica::{Change, Replica};
use crate::time::Millis;
use lag::{Clock, LagMeter};
use std::collections::BTreeMap;

/// First pause before connecting again.
const BACKOFF_MILLIS: i64 = 500;
/// Longest pause.
const BACKOFF_MAX_MILLIS: i64 = 30_000;
/// A connection that does not open by then is given up.
const OPEN_MILLIS: i64 = 10_000;
/// Silence after which the connection is probed.
const QUIET_MILLIS: i64 = 25_000;
/// A probe that is not answered by then means that the connection is dead.
const PROBE_MILLIS: i64 = 5_000;
/// A token is refreshed when this much of its life is left.
const REFRESH_MILLIS: i64 = 60_000;

/// How a link is set up.
#[derive(Clone, Copy, Debug, Default)]
pub struct LinkConfig {
    /// Whether the board asks for a token.
    pub needs_token: bool,
}

/// A token as the token endpoint gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The token.
    pub jwt: String,
    /// When it ends, by the server's clock.
    pub expires_at: Millis,
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenFailure {
    /// The endpoint says no: trying again is pointless.
    Denied(String),
    /// The endpoint could not be reached.
    Unreachable,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Begin.
    Start,
    /// Follow something.
    Subscribe(SubId, Subscription),
    /// Stop following.
    Unsubscribe(SubId),
    /// The socket is open.
    SocketOpened,
    /// A binary message.
    Binary(Vec<u8>),
    /// A text message.
    Text(String),
    /// The socket closed or failed.
    SocketClosed {
        /// The close code; 1006 when there was none.
        code: u16,
    },
    /// The token endpoint answered.
    Token(Result<Token, TokenFailure>),
    /// The time of the last [`Output::WakeAt`] has come.
    Timer,
    /// The page became visible, the network came back, or the user wants to try now.
    Probe,
    /// The network is gone.
    Offline,
    /// End.
    Stop,
}

/// What the shell shall do.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Open a socket with these subprotocols.
    OpenSocket {
        /// In this order.
        protocols: Vec<String>,
    },
    /// Close the socket; its later events must not come back as inputs.
    CloseSocket,
    /// Send a binary message.
    Send(Vec<u8>),
    /// Send a text message.
    SendText(&'static str),
    /// Fetch a token and come back with [`Input::Token`].
    FetchToken,
    /// Come back with [`Input::Timer`] at this time; replaces the earlier one.
    WakeAt(Millis),
    /// A subscription's copy changed.
    Changed {
        /// Which.
        sub: SubId,
        /// How.
        changes: Vec<Change>,
    },
    /// The server refused something.
    Refused {
        /// The subscription, if it was about one.
        id: Option<u32>,
        /// The stable code.
        code: String,
        /// For people.
        message: String,
    },
    /// The connection's state changed.
    Status(LinkStatus),
}

/// The connection's state, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkStatus {
    /// A socket is being opened.
    Connecting {
        /// How often this failed in a row.
        attempt: u32,
    },
    /// Open, but not every subscription has been answered.
    CatchingUp,
    /// Everything is as the server has it.
    Live,
    /// Pausing after a failure.
    Waiting {
        /// Until then.
        until: Millis,
        /// How often it failed in a row.
        attempt: u32,
    },
    /// The device has no network.
    Offline,
    /// Over; connecting again is pointless.
    Stopped {
        /// The close code, or 0.
        code: u16,
        /// Why.
        message: String,
    },
}

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
    answered: bool,
    /// The copy is still of what was followed before: it can't be resumed.
    outdated: bool,
}

/// The connection.
pub struct Link {
    config: LinkConfig,
    state: State,
    token: Option<Token>,
    fetching: bool,
    followed: BTreeMap<SubId, Followed>,
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

    /// Takes an input. `jitter` is a random number in 0..1.
    pub fn handle(&mut self, now: Millis, jitter: f64, input: Input, out: &mut Vec<Output>) {
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
                if !matches!(self.state, State::Stopped | State::Idle) {
                    out.push(Output::CloseSocket);
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

    fn dial(&mut self, now: Millis, attempt: u32, out: &mut Vec<Output>) {
        self.probe_sent = None;
        if self.config.needs_token
            && self.token.as_ref().is_none_or(|t| t.expires_at <= self.server_time(now).plus(5_000))
        {
            self.state = State::Token { attempt, since: now };
            self.fetch(out);
            return;
        }
        let mut protocols = vec![SUBPROTOCOL_BIN.to_owned()];
        if let Some(t) = &self.token {
            protocols.push(format!("{BEARER_PREFIX}{}", t.jwt));
        }
        self.state = State::Opening { attempt, since: now };
        out.push(Output::OpenSocket { protocols });
    }

    fn fetch(&mut self, out: &mut Vec<Output>) {
        if !self.fetching {
            self.fetching = true;
            out.push(Output::FetchToken);
        }
    }

    fn token(&mut self, now: Millis, jitter: f64, result: Result<Token, TokenFailure>, out: &mut Vec<Output>) {
        self.fetching = false;
        match (result, self.state) {
            (Ok(token), State::Token { attempt, .. }) => {
                self.token = Some(token);
                self.dial(now, attempt, out);
            }
            (Ok(token), State::Open) => {
                let message = crate::protocol::ClientMessage::Token { token: token.jwt.clone() };
                out.push(Output::Send(message.to_binary()));
                self.token = Some(token);
            }
            (Ok(token), _) => self.token = Some(token),
            (Err(TokenFailure::Denied(message)), State::Token { .. }) => self.stop(0, &message, out),
            (Err(TokenFailure::Unreachable), State::Token { attempt, .. }) => self.back_off(now, jitter, attempt),
            (Err(_), _) => {}
        }
    }

    fn back_off(&mut self, now: Millis, jitter: f64, attempt: u32) {
        let most = BACKOFF_MILLIS.saturating_mul(1 << attempt.min(10)).min(BACKOFF_MAX_MILLIS);
        let wait = (most as f64 * (0.5 + 0.5 * jitter.clamp(0.0, 1.0))) as i64;
        self.state = State::Waiting { until: now.plus(wait), attempt: attempt + 1 };
    }

    fn closed(&mut self, now: Millis, jitter: f64, code: u16, out: &mut Vec<Output>) {
        self.probe_sent = None;
        let attempt = match self.state {
            State::Opening { attempt, .. } => {
                // A browser does not say why an upgrade was refused: it may be the token.
                self.token = None;
                attempt
            }
            State::Open => self.failures,
            State::Idle | State::Token { .. } | State::Waiting { .. } | State::Offline | State::Stopped => return,
        };
        self.followed.values_mut().for_each(|f| f.answered = false);
        if !should_reconnect(code) {
            let reason = match code {
                4501 => "the token does not allow this board",
                4502 => "the board was deleted",
                _ => "the server does not speak this version; reload the page",
            };
            self.stop(code, reason, out);
            return;
        }
        if code == crate::protocol::CloseCode::TokenExpired as u16 {
            self.token = None;
        }
        self.failures = attempt + 1;
        self.back_off(now, jitter, attempt);
    }

    fn probe(&mut self, now: Millis, out: &mut Vec<Output>) {
        match self.state {
            State::Open => {
                if self.probe_sent.is_none() {
                    self.probe_sent = Some(now);
                    out.push(Output::SendText(PING));
                }
            }
            State::Waiting { .. } | State::Offline => self.dial(now, 0, out),
            State::Idle | State::Token { .. } | State::Opening { .. } | State::Stopped => {}
        }
    }

    fn timer(&mut self, now: Millis, jitter: f64, out: &mut Vec<Output>) {
        match self.state {
            State::Waiting { until, attempt } if until <= now => self.dial(now, attempt, out),
            State::Opening { attempt, since } if now.since(since) >= OPEN_MILLIS => {
                out.push(Output::CloseSocket);
                self.back_off(now, jitter, attempt);
            }
            State::Token { attempt, since } if now.since(since) >= OPEN_MILLIS => {
                self.fetching = false;
                self.back_off(now, jitter, attempt);
            }
            State::Open => {
                if self.probe_sent.is_some_and(|t| now.since(t) >= PROBE_MILLIS) {
                    out.push(Output::CloseSocket);
                    self.followed.values_mut().for_each(|f| f.answered = false);
                    self.dial(now, 0, out);
                    return;
                }
                if now.since(self.last_heard) >= QUIET_MILLIS {
                    self.probe(now, out);
                }
                if self.unacked_since.is_some_and(|t| now.since(t) >= limits::ACK_MILLIS) {
                    self.ack(out);
                }
                if self.token.as_ref().is_some_and(|t| t.expires_at.since(self.server_time(now)) <= REFRESH_MILLIS) {
                    self.fetch(out);
                }
            }
            State::Idle
            | State::Token { .. }
            | State::Opening { .. }
            | State::Waiting { .. }
            | State::Offline
            | State::Stopped => {}
        }
    }

    fn status(&self) -> Option<LinkStatus> {
        match self.state {
            State::Idle | State::Stopped => None,
            State::Token { attempt, .. } | State::Opening { attempt, .. } => Some(LinkStatus::Connecting { attempt }),
            State::Open if self.followed.values().all(|f| f.answered) => Some(LinkStatus::Live),
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
                let refresh = self
                    .token
                    .as_ref()
                    .filter(|_| !self.fetching)
                    .map(|t| t.expires_at.plus(-REFRESH_MILLIS - self.clock.offset()).max(now.plus(1_000)));
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
