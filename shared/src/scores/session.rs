//! Sessions: bounded runs of a board, and who may do what to them when.

use crate::limits;
use crate::problem::{Code, Problem};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// Where a session is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Made, not begun.
    #[default]
    Created,
    /// Events count, everybody sees them.
    Open,
    /// Events count, the public sees the board as of the freeze.
    Frozen,
    /// Events do not count any more. Still hidden from the public when it was frozen.
    Closed,
    /// Closed, and what was hidden is shown step by step.
    Revealing,
    /// Closed, nothing is hidden.
    Revealed,
}

impl Phase {
    /// Whether events count.
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Open | Self::Frozen)
    }
}

/// What is done to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SessionAction {
    /// Begin.
    Open,
    /// Hide from the public what comes from now on.
    Freeze,
    /// End.
    Close,
    /// Show everything that is hidden.
    Reveal,
    /// Show what is hidden of the last row that is not shown yet.
    RevealStep,
    /// Hide again what the last such step showed.
    RevealBack,
    /// Go on after the end.
    Reopen,
    /// Change when it opens, freezes and closes by itself.
    Schedule,
    /// Players join by its code no more, and those who have joined are out.
    RevokeCode,
}

/// When a session does something by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schedule {
    /// It opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Millis>,
    /// It freezes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freezes_at: Option<Millis>,
    /// It closes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<Millis>,
}

impl Schedule {
    /// Opening comes before freezing comes before closing.
    pub fn check(&self) -> Result<(), Problem> {
        let late = |a: Option<Millis>, b: Option<Millis>| a.zip(b).is_some_and(|(a, b)| a >= b);
        let wrong = late(self.opens_at, self.freezes_at)
            || late(self.freezes_at, self.closes_at)
            || late(self.opens_at, self.closes_at);
        if wrong {
            let detail = "opens_at, freezes_at and closes_at come in this order";
            return Err(Problem::new(Code::InvalidSchedule, detail));
        }
        Ok(())
    }
}

/// A bounded run of a board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// For people.
    pub title: String,
    /// Where it is in its life.
    pub phase: Phase,
    /// What it does by itself.
    pub schedule: Schedule,
    /// When it was open: from, and until where it has ended.
    pub runs: Vec<(Millis, Option<Millis>)>,
    /// Since when the public sees nothing new.
    pub frozen_at: Option<Millis>,
    /// With this code players join.
    pub code: Option<String>,
}

impl Session {
    /// When it first opened.
    pub fn opened_at(&self) -> Option<Millis> {
        self.runs.first().map(|r| r.0)
    }

    /// When it closed, unless it runs.
    pub fn closed_at(&self) -> Option<Millis> {
        self.runs.last().and_then(|r| r.1)
    }

    /// Whether it is open, frozen or not.
    pub const fn is_running(&self) -> bool {
        matches!(self.phase, Phase::Open | Phase::Frozen)
    }

    /// Whether something is hidden from the public.
    pub const fn hides(&self) -> bool {
        self.frozen_at.is_some()
    }

    /// Whether an event of this time belongs to it.
    pub fn covers(&self, time: Millis) -> bool {
        self.runs.iter().any(|(from, to)| time >= *from && to.is_none_or(|to| time <= to))
    }

    /// Whether the phase allows the action.
    pub const fn allows(&self, action: SessionAction) -> bool {
        use SessionAction::{Close, Freeze, Open, Reopen, Reveal, RevealBack, RevealStep, RevokeCode, Schedule};
        match (self.phase, action) {
            (Phase::Created, Open | Schedule)
            | (Phase::Open, Freeze | Close | Schedule)
            | (Phase::Frozen, Close | Reveal | Schedule)
            | (Phase::Closed | Phase::Revealed, Reopen)
            | (Phase::Revealing, Reveal | RevealStep | RevealBack) => true,
            (Phase::Closed, Reveal | RevealStep) => self.hides(),
            (_, RevokeCode) => self.code.is_some(),
            _ => false,
        }
    }

    /// Does what [`Session::allows`].
    fn act(&mut self, action: SessionAction, at: Millis) {
        match action {
            SessionAction::Open => {
                self.phase = Phase::Open;
                self.runs.push((at, None));
                self.schedule.opens_at = None;
            }
            SessionAction::Freeze => {
                self.phase = Phase::Frozen;
                self.frozen_at = Some(at);
                self.schedule.freezes_at = None;
            }
            SessionAction::Close => {
                self.phase = Phase::Closed;
                if let Some(run) = self.runs.last_mut() {
                    run.1 = Some(at.max(run.0));
                }
                self.schedule = Schedule::default();
            }
            SessionAction::Reveal => {
                self.phase = if self.is_running() { Phase::Open } else { Phase::Revealed };
                self.frozen_at = None;
            }
            SessionAction::RevealStep | SessionAction::RevealBack => self.phase = Phase::Revealing,
            SessionAction::Reopen => {
                self.phase = if self.hides() { Phase::Frozen } else { Phase::Open };
                self.runs.push((at, None));
            }
            SessionAction::Schedule => {}
            SessionAction::RevokeCode => self.code = None,
        }
    }

    /// When its players' rights end: it is closed, and its grace is over.
    pub fn players_end(&self, grace_s: u32) -> Option<Millis> {
        let is_over = matches!(self.phase, Phase::Closed | Phase::Revealing | Phase::Revealed);
        let closed_at = self.closed_at().filter(|_| is_over && self.code.is_some());
        closed_at.map(|at| at.plus(i64::from(grace_s) * 1_000))
    }
}

/// All sessions of a board, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sessions {
    list: Vec<Session>,
}

/// A session's place among the board's sessions.
pub type SessionIndex = u16;

/// Why an event is outside every session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// No session was open at its time.
    NoSession,
    /// It belongs to a session that ended longer ago than the grace.
    TooLate,
}

impl Sessions {
    /// The sessions in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Session> {
        self.list.iter()
    }

    /// One session.
    pub fn get(&self, index: SessionIndex) -> Option<&Session> {
        self.list.get(usize::from(index))
    }

    /// A session's place by its id.
    pub fn find(&self, id: &str) -> Option<SessionIndex> {
        self.list.iter().position(|s| s.id == id).map(|i| i as SessionIndex)
    }

    /// The session that is shown when none is named: the one that runs, or the last that ever ran.
    pub fn current(&self) -> Option<SessionIndex> {
        let running = self.list.iter().position(Session::is_running);
        let latest = || {
            let begun = self.list.iter().enumerate().filter_map(|(i, s)| Some((s.runs.last()?.0, i)));
            begun.max().map(|(_, i)| i)
        };
        running.or_else(latest).map(|i| i as SessionIndex)
    }

    /// The session that an event of this time belongs to: of several, the one that began last.
    pub fn at(&self, time: Millis) -> Option<SessionIndex> {
        let covering = self.list.iter().enumerate().filter(|(_, s)| s.covers(time));
        covering.max_by_key(|(i, s)| (s.opened_at(), *i)).map(|(i, _)| i as SessionIndex)
    }

    /// Whether an event that comes `now` still counts for a session, if one is required.
    pub fn admit(&self, time: Millis, now: Millis, grace_s: u32) -> Result<SessionIndex, Outside> {
        let index = self.at(time).ok_or(Outside::NoSession)?;
        let session = self.get(index).ok_or(Outside::NoSession)?;
        let end = session.runs.iter().find(|(from, to)| time >= *from && to.is_none_or(|to| time <= to));
        match end {
            Some((_, Some(to))) if now.since(*to) > i64::from(grace_s) * 1_000 => Err(Outside::TooLate),
            _ => Ok(index),
        }
    }

    /// Checks that a session can be made.
    pub fn can_create(&self, id: &str, schedule: &Schedule) -> Result<(), Problem> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.is_empty() || id.len() > limits::SESSION_ID_BYTES || !id.chars().all(plain) || id == "all" {
            let detail = format!("a session's id is 1 to {} of a-z, 0-9 and -, and not all", limits::SESSION_ID_BYTES);
            return Err(Problem::new(Code::InvalidSessionId, detail));
        }
        if self.find(id).is_some() {
            return Err(Problem::new(Code::SessionExists, format!("there is a session {id} already")));
        }
        if self.list.len() >= limits::SESSIONS_PER_BOARD {
            let detail = format!("a board has at most {} sessions", limits::SESSIONS_PER_BOARD);
            return Err(Problem::new(Code::TooManySessions, detail));
        }
        schedule.check()
    }

    /// Makes a session.
    pub fn create(&mut self, id: String, title: String, schedule: Schedule, code: Option<String>) {
        self.list.push(Session { id, title, schedule, code, ..Session::default() });
    }

    /// Checks that something can be done to a session.
    pub fn can_act(&self, index: SessionIndex, action: SessionAction, at: Millis) -> Result<(), Problem> {
        let Some(session) = self.get(index) else {
            return Err(Problem::new(Code::SessionNotFound, "there is no such session"));
        };
        let conflict = |detail: String| Err(Problem::new(Code::SessionPhase, detail));
        if action == SessionAction::RevokeCode && session.code.is_none() {
            let detail = format!("session {} has no join code", session.id);
            return Err(Problem::new(Code::NoJoinCode, detail));
        }
        if !session.allows(action) {
            let (action, phase) = (name(&action), name(&session.phase));
            let hidden = if session.hides() { "" } else { ", and nothing of it is hidden" };
            return conflict(format!("{action} does not go with session {}: it is {phase}{hidden}", session.id));
        }
        if matches!(action, SessionAction::Open | SessionAction::Reopen) {
            let other =
                self.list.iter().enumerate().find(|(i, s)| *i != usize::from(index) && (s.is_running() || s.hides()));
            if let Some((_, other)) = other {
                let what = if other.is_running() { "still runs" } else { "is not revealed yet" };
                return conflict(format!("session {} {what}; one session runs at a time", other.id));
            }
            if session.closed_at().is_some_and(|end| at <= end) {
                return conflict(format!("session {} ended after that time", session.id));
            }
            // Its events would belong to both.
            let ends = |s: &Session| s.closed_at().is_some_and(|end| at < end);
            if let Some(other) = self.list.iter().find(|s| ends(s)) {
                return conflict(format!("session {} ended after that time; one session runs at a time", other.id));
            }
        }
        if session.runs.last().is_some_and(|r| at < r.0) {
            return conflict(format!("session {} began after that time", session.id));
        }
        Ok(())
    }

    /// Does something to a session.
    pub fn act(&mut self, index: SessionIndex, action: SessionAction, at: Millis) {
        if let Some(session) = self.list.get_mut(usize::from(index)) {
            session.act(action, at);
        }
    }

    /// Changes what a session does by itself.
    pub fn schedule(&mut self, index: SessionIndex, schedule: Schedule) {
        if let Some(session) = self.list.get_mut(usize::from(index)) {
            session.schedule = schedule;
        }
    }

    /// What sessions should have done by themselves by now, the earliest first.
    pub fn due(&self, now: Millis) -> Option<(SessionIndex, SessionAction, Millis)> {
        self.planned()
            .filter(|(index, action, at)| *at <= now && self.can_act(*index, *action, *at).is_ok())
            .min_by_key(|p| p.2)
    }

    /// When a session next does something by itself.
    pub fn next_due(&self) -> Option<Millis> {
        self.planned().filter(|(i, action, at)| self.can_act(*i, *action, *at).is_ok()).map(|p| p.2).min()
    }

    fn planned(&self) -> impl Iterator<Item = (SessionIndex, SessionAction, Millis)> + '_ {
        let last_end = self.list.iter().filter_map(Session::closed_at).max().unwrap_or(Millis(i64::MIN));
        self.list.iter().enumerate().filter_map(move |(i, s)| {
            let Schedule { opens_at, freezes_at, closes_at } = s.schedule;
            // What was planned for a time that can't be any more is done at the first one that can.
            let begun = s.runs.last().map_or(Millis(i64::MIN), |r| r.0);
            let (action, at) = match s.phase {
                Phase::Created => (SessionAction::Open, opens_at?.max(last_end)),
                Phase::Open => match (freezes_at, closes_at) {
                    (Some(freeze), Some(close)) if close <= freeze => (SessionAction::Close, close.max(begun)),
                    (Some(freeze), _) => (SessionAction::Freeze, freeze.max(begun)),
                    (None, close) => (SessionAction::Close, close?.max(begun)),
                },
                Phase::Frozen => (SessionAction::Close, closes_at?.max(begun).max(s.frozen_at?)),
                Phase::Closed | Phase::Revealing | Phase::Revealed => return None,
            };
            Some((i as SessionIndex, action, at))
        })
    }
}

/// An action's or a phase's name as it stands in JSON.
fn name(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
