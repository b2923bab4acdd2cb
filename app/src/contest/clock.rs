//! The contest's clock: how long it has run, and what it waits for.

use crate::scores::about::{Phase, Session};

/// What the clock shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Hours, minutes and seconds.
    pub time: String,
    /// What they mean.
    pub words: String,
    /// The name for styles.
    pub state: &'static str,
    /// How much of the contest is over, in percent, where its end is known.
    pub percent: Option<u8>,
}

/// Hours, minutes and seconds.
pub fn hms(millis: i64) -> String {
    let seconds = millis.max(0) / 1_000;
    format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// The clock of a session at a moment.
pub fn clock(session: &Session, now: i64) -> Clock {
    let began = session.opened_at;
    let ends = session.closed_at.or(session.closes_at);
    let ran = |until: i64| began.map_or(0, |began| until - began);
    let percent = began.zip(ends).filter(|(began, ends)| ends > began).map(|(began, ends)| {
        let part = (now.min(ends) - began) as f64 / (ends - began) as f64;
        (part.clamp(0.0, 1.0) * 100.0) as u8
    });
    let left = || ends.map(|ends| text!(contest.clock.left, time = hms(ends - now)));
    let (time, words, state) = match session.phase {
        Phase::Created => {
            let opens = session.opens_at.map(|at| at - now).filter(|left| *left > 0);
            (hms(opens.unwrap_or(0)), text!(contest.clock.before).to_owned(), "before")
        }
        Phase::Open => (hms(ran(now)), left().unwrap_or_else(|| text!(contest.clock.running).to_owned()), "running"),
        Phase::Frozen => {
            let words = left().map_or_else(
                || text!(contest.clock.frozen).to_owned(),
                |left| format!("{} · {left}", text!(contest.clock.frozen)),
            );
            (hms(ran(now)), words, "frozen")
        }
        Phase::Closed => (hms(ran(ends.unwrap_or(now))), text!(contest.clock.over).to_owned(), "over"),
        Phase::Revealing => (hms(ran(ends.unwrap_or(now))), text!(contest.clock.revealing).to_owned(), "frozen"),
        Phase::Revealed => (hms(ran(ends.unwrap_or(now))), text!(contest.clock.done).to_owned(), "over"),
    };
    Clock { time, words, state, percent }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn at(phase: Phase, now: i64) -> (String, String, Option<u8>) {
        let session = Session {
            phase,
            opened_at: Some(0),
            closes_at: Some(5 * HOUR),
            frozen_at: Some(4 * HOUR),
            ..Session::default()
        };
        let clock = clock(&session, now);
        (clock.time, clock.words, clock.percent)
    }

    #[test]
    fn it_runs_freezes_and_stops() {
        assert_eq!(hms(3_723_999), "1:02:03");
        assert_eq!(at(Phase::Open, HOUR), ("1:00:00".into(), "4:00:00 left".into(), Some(20)));
        assert_eq!(at(Phase::Frozen, 4 * HOUR + 1_000), ("4:00:01".into(), "Frozen · 0:59:59 left".into(), Some(80)));
        assert_eq!(at(Phase::Closed, 9 * HOUR), ("5:00:00".into(), "Over".into(), Some(100)));
        let planned = Session { opens_at: Some(90_000), ..Session::default() };
        assert_eq!(clock(&planned, 30_000).time, "0:01:00");
    }
}
