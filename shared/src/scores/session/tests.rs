//! Every phase with every action, and what sessions do by themselves.

use super::*;

const ACTIONS: [SessionAction; 8] = [
    SessionAction::Open,
    SessionAction::Freeze,
    SessionAction::Close,
    SessionAction::Reveal,
    SessionAction::RevealStep,
    SessionAction::RevealBack,
    SessionAction::Reopen,
    SessionAction::Schedule,
];

/// Ways to come to each phase, and whether something is hidden then.
fn ways() -> Vec<(Phase, bool, Vec<SessionAction>)> {
    use SessionAction::{Close, Freeze, Open, Reopen, Reveal, RevealStep};
    vec![
        (Phase::Created, false, vec![]),
        (Phase::Open, false, vec![Open]),
        (Phase::Open, false, vec![Open, Close, Reopen]),
        (Phase::Open, false, vec![Open, Freeze, Reveal]),
        (Phase::Open, false, vec![Open, Freeze, Close, Reveal, Reopen]),
        (Phase::Frozen, true, vec![Open, Freeze]),
        (Phase::Frozen, true, vec![Open, Freeze, Close, Reopen]),
        (Phase::Closed, false, vec![Open, Close]),
        (Phase::Closed, true, vec![Open, Freeze, Close]),
        (Phase::Revealing, true, vec![Open, Freeze, Close, RevealStep]),
        (Phase::Revealing, true, vec![Open, Freeze, Close, RevealStep, RevealStep]),
        (Phase::Revealed, false, vec![Open, Freeze, Close, Reveal]),
        (Phase::Revealed, false, vec![Open, Freeze, Close, RevealStep, Reveal]),
    ]
}

/// Where an action leads from a phase, when it is allowed: the table of docs/scores.md.
#[expect(clippy::match_same_arms, reason = "a table")]
fn leads(phase: Phase, hides: bool, action: SessionAction) -> Option<Phase> {
    use SessionAction::{Close, Freeze, Open, Reopen, Reveal, RevealBack, RevealStep, Schedule};
    match (phase, action) {
        // These sessions have no code.
        (_, SessionAction::RevokeCode) => None,
        (Phase::Revealing, RevealBack) => Some(Phase::Revealing),
        (_, RevealBack) => None,
        (Phase::Created, Open) => Some(Phase::Open),
        (Phase::Created, Schedule) => Some(Phase::Created),
        (Phase::Created, Freeze | Close | Reveal | RevealStep | Reopen) => None,
        (Phase::Open, Freeze) => Some(Phase::Frozen),
        (Phase::Open, Close) => Some(Phase::Closed),
        (Phase::Open, Schedule) => Some(Phase::Open),
        (Phase::Open, Open | Reveal | RevealStep | Reopen) => None,
        (Phase::Frozen, Close) => Some(Phase::Closed),
        (Phase::Frozen, Reveal) => Some(Phase::Open),
        (Phase::Frozen, Schedule) => Some(Phase::Frozen),
        (Phase::Frozen, Open | Freeze | RevealStep | Reopen) => None,
        (Phase::Closed, Reveal) => hides.then_some(Phase::Revealed),
        (Phase::Closed, RevealStep) => hides.then_some(Phase::Revealing),
        (Phase::Closed, Reopen) => Some(if hides { Phase::Frozen } else { Phase::Open }),
        (Phase::Closed, Open | Freeze | Close | Schedule) => None,
        (Phase::Revealing, Reveal) => Some(Phase::Revealed),
        (Phase::Revealing, RevealStep) => Some(Phase::Revealing),
        (Phase::Revealing, Open | Freeze | Close | Reopen | Schedule) => None,
        (Phase::Revealed, Reopen) => Some(Phase::Open),
        (Phase::Revealed, Open | Freeze | Close | Reveal | RevealStep | Schedule) => None,
    }
}

fn made(sessions: &mut Sessions, id: &str, schedule: Schedule) -> SessionIndex {
    sessions.can_create(id, &schedule).unwrap();
    sessions.create(id.into(), "A round".into(), schedule, None);
    sessions.find(id).unwrap()
}

/// One session after some actions, ten seconds apart from 10,000 on.
fn after(actions: &[SessionAction]) -> (Sessions, Millis) {
    let mut sessions = Sessions::default();
    let index = made(&mut sessions, "s1", Schedule::default());
    let mut now = Millis(0);
    for action in actions {
        now = now.plus(10_000);
        sessions.can_act(index, *action, now).unwrap();
        sessions.act(index, *action, now);
    }
    (sessions, now)
}

#[test]
fn g7_every_action_in_every_phase_leads_where_the_table_says() {
    for (phase, hides, way) in ways() {
        let (sessions, now) = after(&way);
        let before = sessions.get(0).unwrap().clone();
        assert_eq!((before.phase, before.hides()), (phase, hides), "{way:?}");
        for action in ACTIONS {
            let mut sessions = sessions.clone();
            let at = now.plus(5_000);
            let what = format!("{way:?}, then {action:?}");
            let expected = leads(phase, hides, action);
            match sessions.can_act(0, action, at) {
                Ok(()) => sessions.act(0, action, at),
                Err(e) => {
                    assert_eq!(expected, None, "{what}: {e:?}");
                    assert_eq!((e.status, e.code.name()), (409, "session_phase"));
                    continue;
                }
            }
            let s = sessions.get(0).unwrap();
            assert_eq!(Some(s.phase), expected, "{what}");
            let begins = matches!(action, SessionAction::Open | SessionAction::Reopen);
            assert_eq!(s.runs.len(), before.runs.len() + usize::from(begins), "{what}");
            assert_eq!(s.is_running(), s.runs.last().is_some_and(|r| r.1.is_none()), "{what}");
            match action {
                SessionAction::Open | SessionAction::Reopen => assert_eq!(s.runs.last(), Some(&(at, None))),
                SessionAction::Close => assert_eq!(s.closed_at(), Some(at)),
                SessionAction::Freeze => assert_eq!(s.frozen_at, Some(at)),
                SessionAction::Reveal => assert_eq!(s.frozen_at, None),
                SessionAction::RevealStep | SessionAction::RevealBack => assert_eq!(s.frozen_at, before.frozen_at),
                SessionAction::Schedule | SessionAction::RevokeCode => assert_eq!(*s, before),
            }
            assert!(begins || s.opened_at() == before.opened_at());
        }
    }
}

#[test]
fn g7_nothing_happens_before_it_could() {
    use SessionAction::{Close, Freeze, Open, Reopen};
    let (sessions, _) = after(&[Open]);
    assert!(sessions.can_act(0, Close, Millis(9_999)).is_err());
    assert!(sessions.can_act(0, Freeze, Millis(9_999)).is_err());
    assert!(sessions.can_act(0, Close, Millis(10_000)).is_ok());
    let (sessions, _) = after(&[Open, Close]);
    assert!(sessions.can_act(0, Reopen, Millis(20_000)).is_err());
    assert!(sessions.can_act(0, Reopen, Millis(20_001)).is_ok());
    assert_eq!(sessions.can_act(7, Open, Millis(1)).unwrap_err().code, "session_not_found");
}

#[test]
fn g8_one_session_runs_at_a_time_and_none_takes_anothers_events() {
    use SessionAction::{Close, Freeze, Open, Reveal};
    let (mut sessions, _) = after(&[Open]);
    let second = made(&mut sessions, "s2", Schedule::default());
    assert!(sessions.can_act(second, Open, Millis(30_000)).is_err(), "the first still runs");
    sessions.act(0, Freeze, Millis(20_000));
    sessions.act(0, Close, Millis(30_000));
    assert!(sessions.can_act(second, Open, Millis(40_000)).is_err(), "the first is not revealed");
    sessions.act(0, Reveal, Millis(40_000));
    assert!(sessions.can_act(second, Open, Millis(29_999)).is_err(), "the first ran then");
    sessions.can_act(second, Open, Millis(30_000)).unwrap();
    sessions.act(second, Open, Millis(30_000));
    // The end belongs to the session; where the next begins at the same time, to that.
    let at = |t: i64| sessions.at(Millis(t));
    assert_eq!([at(9_999), at(10_000), at(29_999), at(30_000)], [None, Some(0), Some(0), Some(1)]);
    assert_eq!(sessions.current(), Some(1));
}

#[test]
fn g8_the_current_session_is_the_one_that_runs_or_ran_last() {
    use SessionAction::{Close, Open, Reopen};
    let (mut sessions, _) = after(&[]);
    assert_eq!(sessions.current(), None);
    let second = made(&mut sessions, "s2", Schedule::default());
    for (i, action, t) in [(0, Open, 1), (0, Close, 2), (second, Open, 3), (second, Close, 4)] {
        sessions.act(i, action, Millis(t));
        assert_eq!(sessions.current(), Some(i));
    }
    sessions.act(0, Reopen, Millis(5));
    sessions.act(0, Close, Millis(6));
    assert_eq!(sessions.current(), Some(0));
}

fn plan(opens: i64, freezes: i64, closes: i64) -> Schedule {
    let at = |t: i64| (t > 0).then_some(Millis(t));
    Schedule { opens_at: at(opens), freezes_at: at(freezes), closes_at: at(closes) }
}

/// Does what is due, one by one.
fn catch_up(sessions: &mut Sessions, now: i64) -> Vec<(SessionIndex, SessionAction, i64)> {
    let mut done = Vec::new();
    while let Some((index, action, at)) = sessions.due(Millis(now)) {
        sessions.can_act(index, action, at).unwrap();
        sessions.act(index, action, at);
        done.push((index, action, at.0));
        assert!(done.len() < 20, "{done:?}");
    }
    done
}

#[test]
fn g9_a_schedule_is_carried_out_in_order_however_late() {
    use SessionAction::{Close, Freeze, Open, Reveal};
    let mut sessions = Sessions::default();
    made(&mut sessions, "s1", plan(10, 20, 30));
    made(&mut sessions, "s2", plan(30, 0, 50));
    assert_eq!(sessions.next_due(), Some(Millis(10)));
    assert_eq!(catch_up(&mut sessions.clone(), 9), []);
    assert_eq!(catch_up(&mut sessions.clone(), 20), [(0, Open, 10), (0, Freeze, 20)]);
    // The second waits until the first hides nothing any more.
    assert_eq!(catch_up(&mut sessions, 99), [(0, Open, 10), (0, Freeze, 20), (0, Close, 30)]);
    sessions.act(0, Reveal, Millis(99));
    assert_eq!(catch_up(&mut sessions, 99), [(1, Open, 30), (1, Close, 50)]);
    assert_eq!(sessions.next_due(), None);
}

#[test]
fn g9_what_is_planned_for_a_time_that_is_gone_is_done_at_the_first_that_can_be() {
    use SessionAction::{Close, Open};
    let mut sessions = Sessions::default();
    made(&mut sessions, "s1", plan(10, 0, 40));
    made(&mut sessions, "s2", plan(20, 0, 30));
    // The second can't open while the first runs, and its end lies before that.
    assert_eq!(catch_up(&mut sessions, 99), [(0, Open, 10), (0, Close, 40), (1, Open, 40), (1, Close, 40)]);
    // A manager gives a running session an end that is over.
    let (mut sessions, now) = after(&[Open]);
    sessions.schedule(0, plan(0, 0, 5));
    assert_eq!(sessions.due(now), Some((0, Close, now)));
}

#[test]
fn g9_times_of_a_schedule_come_in_their_order() {
    for (opens, freezes, closes, ok) in [
        (1, 2, 3, true),
        (0, 0, 0, true),
        (1, 0, 3, true),
        (2, 1, 3, false),
        (1, 3, 3, false),
        (3, 0, 3, false),
        (0, 3, 2, false),
    ] {
        assert_eq!(plan(opens, freezes, closes).check().is_ok(), ok, "{opens} {freezes} {closes}");
    }
}

#[test]
fn g10_an_event_counts_when_its_session_ran_and_it_does_not_come_too_late() {
    use SessionAction::{Close, Open};
    let (mut sessions, _) = after(&[Open]);
    let admit = |s: &Sessions, time: i64, now: i64| s.admit(Millis(time), Millis(now), 10);
    assert_eq!(admit(&sessions, 9_999, 9_999), Err(Outside::NoSession));
    assert_eq!(admit(&sessions, 10_000, 10_000), Ok(0));
    assert_eq!(admit(&sessions, 10_000, 99_000_000), Ok(0), "as long as it runs");
    sessions.act(0, Close, Millis(60_000));
    assert_eq!(admit(&sessions, 59_000, 70_000), Ok(0), "within the grace");
    assert_eq!(admit(&sessions, 59_000, 70_001), Err(Outside::TooLate));
    assert_eq!(admit(&sessions, 60_000, 60_000), Ok(0));
    assert_eq!(admit(&sessions, 60_001, 60_002), Err(Outside::NoSession));
    // Reopened: the first run stays over, the pause is no one's.
    sessions.act(0, SessionAction::Reopen, Millis(80_000));
    assert_eq!(admit(&sessions, 59_000, 80_000), Err(Outside::TooLate));
    assert_eq!(admit(&sessions, 70_000, 80_000), Err(Outside::NoSession));
    assert_eq!(admit(&sessions, 80_000, 80_000), Ok(0));
}

#[test]
fn g7_ids_of_sessions_are_plain_and_unlike() {
    let mut sessions = Sessions::default();
    made(&mut sessions, "round-1", Schedule::default());
    let code = |id: &str| sessions.can_create(id, &Schedule::default()).map_err(|e| e.code.name());
    assert_eq!(code("round-2"), Ok(()));
    assert_eq!(code("round-1"), Err("session_exists"));
    for id in ["", "all", "Round", "a b", "ä", &"x".repeat(41)] {
        assert_eq!(code(id), Err("invalid_session_id"), "{id}");
    }
    for i in 2..=limits::SESSIONS_PER_BOARD {
        made(&mut sessions, &format!("s{i}"), Schedule::default());
    }
    assert_eq!(sessions.can_create("one-more", &Schedule::default()).unwrap_err().code, "too_many_sessions");
}

#[test]
fn f14_a_code_is_revoked_once_and_players_end_with_the_grace_of_their_session() {
    use SessionAction::{Close, Open, Reopen, RevokeCode};
    let mut sessions = Sessions::default();
    sessions.create("s1".into(), "One".into(), Schedule::default(), Some("K7Q2MX".into()));
    let end = |sessions: &Sessions| sessions.get(0).unwrap().players_end(10);
    sessions.act(0, Open, Millis(1_000));
    assert_eq!(end(&sessions), None);
    sessions.act(0, Close, Millis(5_000));
    assert_eq!(end(&sessions), Some(Millis(15_000)));
    sessions.act(0, Reopen, Millis(6_000));
    assert_eq!(end(&sessions), None);
    assert!(sessions.can_act(0, RevokeCode, Millis(7_000)).is_ok());
    sessions.act(0, RevokeCode, Millis(7_000));
    let e = sessions.can_act(0, RevokeCode, Millis(8_000)).unwrap_err();
    assert_eq!((e.status, e.code.name()), (409, "no_join_code"));
    sessions.act(0, Close, Millis(9_000));
    assert_eq!(end(&sessions), None);
}
