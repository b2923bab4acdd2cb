//! What managers ask of a scoreboard: checked, and made into controls for the log.

use super::{Correction, Keeper, refuse};
use crate::cursor::Cursor;
use crate::limits;
use crate::problem::{Code, Problem};
use crate::scores::book::Scope;
use crate::scores::control::{Action, Control};
use crate::scores::points::Points;
use crate::scores::session::{Schedule, SessionAction};
use crate::time::Millis;

impl Keeper {
    /// Checks a manager's correction and makes the control of it.
    pub fn correction(&self, wish: Correction, by: &str, now: Millis, cursor: Cursor) -> Result<Control, Problem> {
        let Some(rules) = self.timeline.rules.as_ref() else {
            return Err(Problem::with_status(409, Code::NoScoreboard, "the board's config has no scores"));
        };
        let reason_ok = |reason: &str| {
            let ok = !reason.trim().is_empty() && reason.len() <= limits::REASON_BYTES;
            let message = format!("reason is required, at most {} bytes: it stands in the audit", limits::REASON_BYTES);
            if ok { Ok(()) } else { Err(refuse("reason", Code::Missing, message)) }
        };
        let key_ok = |key: &str| {
            let known = self.board.as_ref().is_none_or(|b| {
                b.attributes(key).is_some()
                    || b.ranked(&Scope::ALL, true).is_some_and(|r| r.ranking.find(key).is_some())
            });
            if known { Ok(()) } else { Err(refuse("key", Code::KeyNotFound, format!("key {key:?} has no score here"))) }
        };
        let what = match wish {
            Correction::Undo { seq, reason } => {
                reason_ok(&reason)?;
                let control = self.timeline.trail.iter().any(|(at, _)| *at == seq);
                if seq == 0 || seq > cursor.seq || control {
                    return Err(refuse("seq", Code::EventNotFound, format!("there is no event {seq}")));
                }
                if self.timeline.is_undone(seq) {
                    return Err(Problem::new(Code::UndoneAlready, format!("event {seq} was undone before")));
                }
                Action::Undo { seq, reason }
            }
            Correction::Adjust { key, column, by, reason, session } => {
                reason_ok(&reason)?;
                key_ok(&key)?;
                if !rules.columns.iter().any(|c| c.name == column) {
                    let names: Vec<&str> = rules.columns.iter().map(|c| c.name.as_str()).collect();
                    return Err(refuse("column", Code::Invalid, format!("column is one of {}", names.join(", "))));
                }
                if !by.is_finite() || by == 0.0 || by.abs() > 1e9 {
                    return Err(refuse("by", Code::OutOfRange, "by is a number other than 0 within ±1,000,000,000"));
                }
                let current = || self.timeline.sessions.current().and_then(|i| self.timeline.sessions.get(i));
                let session = match session {
                    Some(id) if self.timeline.sessions.find(&id).is_none() => {
                        return Err(refuse("session", Code::SessionNotFound, format!("there is no session {id}")));
                    }
                    Some(id) => Some(id),
                    None => current().map(|s| s.id.clone()),
                };
                Action::Adjust { key, column, by_millionths: Points::of(by).0, session, reason }
            }
            Correction::Disqualify { key, reason } => {
                reason_ok(&reason)?;
                key_ok(&key)?;
                if self.timeline.disqualified().contains_key(&key) {
                    return Err(Problem::new(Code::DisqualifiedAlready, format!("{key} is disqualified")));
                }
                Action::Disqualify { key, reason }
            }
            Correction::Restore { key, reason } => {
                reason_ok(&reason)?;
                if !self.timeline.disqualified().contains_key(&key) {
                    return Err(Problem::new(Code::NotDisqualified, format!("{key} is not disqualified")));
                }
                Action::Restore { key, reason }
            }
        };
        Ok(Control { at: now, by: by.to_owned(), what })
    }

    /// Checks what is asked of a session and makes the control of it.
    pub fn session_action(
        &self,
        id: &str,
        action: SessionAction,
        schedule: Schedule,
        by: &str,
        at: Millis,
    ) -> Result<Control, Problem> {
        let sessions = &self.timeline.sessions;
        let index = sessions
            .find(id)
            .ok_or_else(|| Problem::new(Code::SessionNotFound, format!("there is no session {id}")))?;
        sessions.can_act(index, action, at)?;
        let schedule = (action == SessionAction::Schedule).then_some(schedule);
        schedule.iter().try_for_each(Schedule::check)?;
        let key = match &self.board {
            Some(board) if action == SessionAction::RevealStep => match board.next_to_reveal() {
                Some(key) => Some(key),
                // Nothing is left: the step is the last one.
                None => return self.session_action(id, SessionAction::Reveal, Schedule::default(), by, at),
            },
            Some(_) if action == SessionAction::RevealBack => {
                let last = self.timeline.last_revealed().map(str::to_owned);
                let none = || Problem::new(Code::SessionPhase, "no row is revealed: there is no step to take back");
                Some(last.ok_or_else(none)?)
            }
            Some(_) | None => None,
        };
        Ok(Control { at, by: by.to_owned(), what: Action::Session { id: id.to_owned(), action, schedule, key } })
    }

    /// Checks that a session can be made and makes the control of it.
    pub fn create_session(
        &self,
        id: String,
        title: String,
        schedule: Schedule,
        code: Option<String>,
        by: &str,
        now: Millis,
    ) -> Result<Control, Problem> {
        if title.trim().is_empty() || title.len() > 120 {
            return Err(refuse("title", Code::Missing, "title is 1 to 120 bytes: the session's name for people"));
        }
        self.timeline.sessions.can_create(&id, &schedule)?;
        Ok(Control { at: now, by: by.to_owned(), what: Action::CreateSession { id, title, schedule, code } })
    }
}
