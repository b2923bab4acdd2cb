//! How a connection is made, kept and given up: tokens, sockets, pauses, probes.

use super::{Link, Output, State, Token, TokenFailure};
use crate::limits;
use crate::protocol::close::should_reconnect;
use crate::protocol::{BEARER_PREFIX, ClientMessage, CloseCode, PING, SUBPROTOCOL_BIN};
use crate::time::Millis;

/// First pause before connecting again.
const BACKOFF_MILLIS: i64 = 500;
/// Longest pause.
const BACKOFF_MAX_MILLIS: i64 = 30_000;
/// A connection that does not open by then is given up.
pub(super) const OPEN_MILLIS: i64 = 10_000;
/// Silence after which the connection is probed.
pub(super) const QUIET_MILLIS: i64 = 25_000;
/// A probe that is not answered by then means that the connection is dead.
pub(super) const PROBE_MILLIS: i64 = 5_000;
/// A token is refreshed when this much of its life is left.
const REFRESH_MILLIS: i64 = 60_000;
/// Least time between two refreshes, for a token that lives shorter than that or a clock that is wrong.
const REFRESH_PAUSE_MILLIS: i64 = 30_000;
/// Pause after a refresh that failed.
const REFRESH_RETRY_MILLIS: i64 = 5_000;

impl Link {
    pub(super) fn dial(&mut self, now: Millis, attempt: u32, out: &mut Vec<Output>) {
        self.probe_sent = None;
        if self.config.needs_token
            && self.token.as_ref().is_none_or(|t| t.expires_at <= self.server_time(now).plus(5_000))
        {
            self.state = State::Token { attempt, since: now };
            self.fetch(out);
            return;
        }
        self.open_socket(now, attempt, out);
    }

    fn open_socket(&mut self, now: Millis, attempt: u32, out: &mut Vec<Output>) {
        let mut protocols = vec![SUBPROTOCOL_BIN.to_owned()];
        if let Some(t) = &self.token {
            protocols.push(format!("{BEARER_PREFIX}{}", t.jwt));
        }
        self.state = State::Opening { attempt, since: now };
        out.push(Output::OpenSocket { protocols });
    }

    pub(super) fn fetch(&mut self, out: &mut Vec<Output>) {
        if !self.fetching {
            self.fetching = true;
            out.push(Output::FetchToken);
        }
    }

    pub(super) fn token(
        &mut self,
        now: Millis,
        jitter: f64,
        result: Result<Token, TokenFailure>,
        out: &mut Vec<Output>,
    ) {
        self.fetching = false;
        match result {
            Ok(token) => {
                let life = token.expires_at.since(self.server_time(now));
                self.refresh_after = now.plus((life / 2).clamp(1_000, REFRESH_PAUSE_MILLIS));
                match self.state {
                    // It is fresh, whatever this device's clock says.
                    State::Token { attempt, .. } => {
                        self.token = Some(token);
                        self.open_socket(now, attempt, out);
                        return;
                    }
                    State::Open => {
                        let message = ClientMessage::Token { token: token.jwt.clone() };
                        out.push(Output::Send(message.to_binary()));
                    }
                    State::Idle | State::Opening { .. } | State::Waiting { .. } | State::Offline | State::Stopped => {}
                }
                self.token = Some(token);
            }
            Err(failure) => match (failure, self.state) {
                (TokenFailure::Denied(message), State::Token { .. }) => self.stop(0, &message, out),
                (TokenFailure::Unreachable, State::Token { attempt, .. }) => self.back_off(now, jitter, attempt),
                // The connection lives until its token ends; the next one needs a token and hears why not.
                (TokenFailure::Denied(_), _) => self.refresh_after = Millis(i64::MAX),
                (TokenFailure::Unreachable, _) => self.refresh_after = now.plus(REFRESH_RETRY_MILLIS),
            },
        }
    }

    /// When the token shall be refreshed: while enough of its life is left, by the server's clock.
    pub(super) fn refresh_at(&self) -> Option<Millis> {
        let token = self.token.as_ref().filter(|_| !self.fetching && self.config.needs_token)?;
        Some(token.expires_at.plus(-REFRESH_MILLIS - self.clock.offset()).max(self.refresh_after))
    }

    fn back_off(&mut self, now: Millis, jitter: f64, attempt: u32) {
        let most = BACKOFF_MILLIS.saturating_mul(1 << attempt.min(10)).min(BACKOFF_MAX_MILLIS);
        let wait = (most as f64 * (0.5 + 0.5 * jitter.clamp(0.0, 1.0))) as i64;
        self.failures = attempt.saturating_add(1);
        self.state = State::Waiting { until: now.plus(wait), attempt: self.failures };
    }

    pub(super) fn closed(&mut self, now: Millis, jitter: f64, code: u16, out: &mut Vec<Output>) {
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
        self.owed.clear();
        if !should_reconnect(code) {
            let reason = match code {
                4501 => "the token does not allow this board",
                4502 => "the board was deleted",
                4503 => "a manager, or a program that feeds this board, ended the connection",
                _ => "the server does not speak this version; reload the page",
            };
            self.stop(code, reason, out);
            return;
        }
        if code == CloseCode::TokenExpired as u16 || code == CloseCode::CredentialEnded as u16 {
            self.token = None;
        }
        self.back_off(now, jitter, attempt);
    }

    pub(super) fn probe(&mut self, now: Millis, out: &mut Vec<Output>) {
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

    pub(super) fn timer(&mut self, now: Millis, jitter: f64, out: &mut Vec<Output>) {
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
                    self.owed.clear();
                    self.dial(now, 0, out);
                    return;
                }
                if now.since(self.last_heard) >= QUIET_MILLIS {
                    self.probe(now, out);
                }
                if self.unacked_since.is_some_and(|t| now.since(t) >= limits::ACK_MILLIS) {
                    self.ack(out);
                }
                if self.refresh_at().is_some_and(|t| t <= now) {
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
}
