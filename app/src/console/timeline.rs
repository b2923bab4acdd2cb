//! A session as steps in time, and what may be done to it now. The server has the last word; this only keeps buttons
//! away that it would refuse.

use crate::scores::about::{Phase, Session};

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was.
    Done,
    /// It is now.
    Now,
    /// It may come.
    Ahead,
}

impl State {
    /// The name for styles.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Ahead => "ahead",
        }
    }
}

/// A step of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// In a word.
    pub label: &'static str,
    /// How far it is.
    pub state: State,
    /// When it was, or will be by itself.
    pub at: Option<i64>,
}

/// What a manager may do to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// The name in the API.
    pub code: &'static str,
    /// On the button.
    pub label: &'static str,
    /// What is asked before; nothing for what is easily undone.
    pub confirm: Option<&'static str>,
}

fn open() -> Action {
    Action { code: "open", label: text!(console.timeline.open), confirm: None }
}

fn freeze() -> Action {
    Action { code: "freeze", label: text!(console.timeline.freeze), confirm: Some(text!(console.timeline.freeze_asks)) }
}

fn close() -> Action {
    Action { code: "close", label: text!(console.timeline.close), confirm: Some(text!(console.timeline.close_asks)) }
}

fn reveal() -> Action {
    Action { code: "reveal", label: text!(console.timeline.reveal), confirm: Some(text!(console.timeline.reveal_asks)) }
}

fn unfreeze() -> Action {
    Action { label: text!(console.timeline.unfreeze), ..reveal() }
}

fn reveal_step() -> Action {
    Action { code: "reveal_step", label: text!(console.timeline.reveal_step), confirm: None }
}

fn reopen() -> Action {
    Action { code: "reopen", label: text!(console.timeline.reopen), confirm: Some(text!(console.timeline.reopen_asks)) }
}

/// What the phase allows, the likeliest first.
pub fn actions(session: &Session) -> Vec<Action> {
    let hides = session.frozen_at.is_some();
    match session.phase {
        Phase::Created => vec![open()],
        Phase::Open => vec![freeze(), close()],
        Phase::Frozen => vec![close(), unfreeze()],
        Phase::Closed if hides => vec![reveal_step(), reveal(), reopen()],
        Phase::Closed | Phase::Revealed => vec![reopen()],
        Phase::Revealing => vec![reveal_step(), reveal()],
    }
}

/// Whether it may still be told when to open, freeze and close.
pub const fn can_schedule(phase: Phase) -> bool {
    matches!(phase, Phase::Created | Phase::Open | Phase::Frozen)
}

/// The steps of a session, in order.
pub fn steps(session: &Session) -> Vec<Step> {
    let at = match session.phase {
        Phase::Created => 0,
        Phase::Open => 1,
        Phase::Frozen => 2,
        Phase::Closed => 3,
        Phase::Revealing | Phase::Revealed => 4,
    };
    let times = [
        None,
        session.opened_at.or(session.opens_at),
        session.frozen_at.or(session.freezes_at),
        session.closed_at.or(session.closes_at),
        None,
    ];
    let last = if session.phase == Phase::Revealing {
        text!(console.timeline.is_revealing)
    } else {
        text!(console.timeline.is_revealed)
    };
    let is_frozen = session.frozen_at.is_some() || session.freezes_at.is_some() || at < 3;
    [
        text!(console.timeline.is_created),
        text!(console.timeline.is_open),
        text!(console.timeline.is_frozen),
        text!(console.timeline.is_closed),
        last,
    ]
    .into_iter()
    .zip(times)
    .enumerate()
    // A session that was never frozen has nothing to reveal.
    .filter(|(index, _)| is_frozen || !matches!(index, 2 | 4) || *index == at)
    .map(|(index, (label, time))| Step {
        label,
        at: time,
        state: match index.cmp(&at) {
            std::cmp::Ordering::Less => State::Done,
            std::cmp::Ordering::Equal => State::Now,
            std::cmp::Ordering::Greater => State::Ahead,
        },
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(phase: Phase, frozen_at: Option<i64>) -> Session {
        Session { phase, frozen_at, opened_at: Some(5), ..Session::default() }
    }

    fn codes(phase: Phase, frozen_at: Option<i64>) -> Vec<&'static str> {
        actions(&session(phase, frozen_at)).into_iter().map(|action| action.code).collect()
    }

    #[test]
    fn the_phase_says_what_may_be_done() {
        assert_eq!(codes(Phase::Created, None), ["open"]);
        assert_eq!(codes(Phase::Open, None), ["freeze", "close"]);
        assert_eq!(codes(Phase::Frozen, Some(9)), ["close", "reveal"]);
        assert_eq!(codes(Phase::Closed, None), ["reopen"]);
        assert_eq!(codes(Phase::Closed, Some(9)), ["reveal_step", "reveal", "reopen"]);
        assert_eq!(codes(Phase::Revealing, Some(9)), ["reveal_step", "reveal"]);
        assert_eq!(codes(Phase::Revealed, None), ["reopen"]);
        assert!(can_schedule(Phase::Frozen) && !can_schedule(Phase::Closed));
    }

    #[test]
    fn steps_lead_from_the_beginning_to_the_end() {
        let steps_of = |session: &Session| -> Vec<(&str, &str)> {
            steps(session).into_iter().map(|step| (step.label, step.state.code())).collect()
        };
        assert_eq!(
            steps_of(&session(Phase::Frozen, Some(9))),
            [("Created", "done"), ("Open", "done"), ("Frozen", "now"), ("Closed", "ahead"), ("Revealed", "ahead")]
        );
        assert_eq!(steps_of(&session(Phase::Closed, None)), [("Created", "done"), ("Open", "done"), ("Closed", "now")]);
        assert_eq!(steps(&session(Phase::Open, None))[1].at, Some(5));
    }
}
