//! What managers may ask, and what is wrong with what they may not.

use super::*;
use crate::event::Event;
use crate::scores::period::UtcOnly;
use crate::scores::session::Schedule;
use crate::value::Value;

const NOW: Millis = Millis(1_772_366_400_000);
const CURSOR: Cursor = Cursor { epoch: crate::cursor::Epoch(1), seq: 2 };

/// A board with an event of Ann (1) and one of Bob (2), and session s1, not begun (3).
fn keeper() -> Keeper {
    let rules = r#"{"columns":[{"name":"points","op":"sum","field":"points"}],"groups":["team"]}"#;
    let settings = Settings { scores: serde_json::from_str(rules).unwrap(), ..Settings::default() };
    let mut keeper = Keeper::new(settings, [], 1);
    keeper.begin_rebuild(NOW, &UtcOnly);
    let rules = keeper.finish_rebuild(NOW).unwrap();
    log(&mut keeper, 0, &rules);
    let fields = vec![("points".to_owned(), Some(Value::Number(1.0)))];
    let event = |key: &str| Event { id: None, key: key.into(), time: NOW, position: None, fields: fields.clone() };
    keeper.events(&Batch::from_events(&[event("ann"), event("bob")]), 1, &UtcOnly);
    let schedule = Schedule::default();
    let control = keeper.create_session("s1".into(), "One".into(), schedule, None, "m", NOW).unwrap();
    log(&mut keeper, 3, &control);
    keeper
}

fn log(keeper: &mut Keeper, seq: Seq, control: &Control) -> bool {
    keeper.logged(seq, control, &UtcOnly, |seq| (seq == 1).then(|| "ann".to_owned()))
}

fn wish(json: &str) -> Correction {
    serde_json::from_str(json).unwrap()
}

fn refusal(keeper: &Keeper, json: &str) -> (u16, &'static str) {
    let e = keeper.correction(wish(json), "m", NOW, CURSOR).unwrap_err();
    (e.status, e.code.name())
}

#[test]
fn g14_corrections_that_can_not_be_are_refused() {
    let mut keeper = keeper();
    for (json, status, code) in [
        (r#"{"action":"undo","seq":0,"reason":"x"}"#, 422, "event_not_found"),
        (r#"{"action":"undo","seq":9,"reason":"x"}"#, 422, "event_not_found"),
        (r#"{"action":"undo","seq":3,"reason":"x"}"#, 422, "event_not_found"),
        (r#"{"action":"undo","seq":1,"reason":" "}"#, 422, "missing"),
        (r#"{"action":"adjust","key":"nobody","column":"points","by":1,"reason":"x"}"#, 422, "key_not_found"),
        (r#"{"action":"adjust","key":"ann","column":"goals","by":1,"reason":"x"}"#, 422, "invalid"),
        (r#"{"action":"adjust","key":"ann","column":"points","by":0,"reason":"x"}"#, 422, "out_of_range"),
        (r#"{"action":"adjust","key":"ann","column":"points","by":1e10,"reason":"x"}"#, 422, "out_of_range"),
        (
            r#"{"action":"adjust","key":"ann","column":"points","by":1,"reason":"x","session":"s9"}"#,
            422,
            "session_not_found",
        ),
        (r#"{"action":"disqualify","key":"nobody","reason":"x"}"#, 422, "key_not_found"),
        (r#"{"action":"restore","key":"ann","reason":"x"}"#, 409, "not_disqualified"),
    ] {
        assert_eq!(refusal(&keeper, json), (status, code), "{json}");
    }
    for (seq, json, again) in [
        (4, r#"{"action":"undo","seq":1,"reason":"x"}"#, "undone_already"),
        (5, r#"{"action":"disqualify","key":"bob","reason":"x"}"#, "disqualified_already"),
    ] {
        let control = keeper.correction(wish(json), "m", NOW, CURSOR).unwrap();
        log(&mut keeper, seq, &control);
        assert_eq!(refusal(&keeper, json), (409, again));
    }
    let nothing = Keeper::new(Settings::default(), [], 1);
    assert_eq!(refusal(&nothing, r#"{"action":"undo","seq":1,"reason":"x"}"#), (409, "no_scoreboard"));
}

#[test]
fn g14_an_undo_in_a_ranking_of_sums_is_made_from_the_log() {
    let mut keeper = keeper();
    let control = keeper.correction(wish(r#"{"action":"undo","seq":1,"reason":"x"}"#), "m", NOW, CURSOR).unwrap();
    let life = keeper.life();
    assert!(log(&mut keeper, 4, &control), "a rebuild is due");
    let points = |k: &Keeper| k.board().unwrap().ranked(&Scope::ALL, true).unwrap().ranking.page(0, 9).len();
    assert_eq!(points(&keeper), 2, "until then the old ranking stays up");
    keeper.begin_rebuild(NOW, &UtcOnly);
    assert_eq!(keeper.rebuilding(CURSOR), Some(0.0));
    assert!(keeper.finish_rebuild(NOW).is_none());
    assert_ne!(keeper.life(), life, "relays load it anew");
}

#[test]
fn g14_every_control_of_a_session_that_changes_who_sees_what_begins_a_new_life() {
    let mut keeper = keeper();
    for (seq, action) in [
        (4, SessionAction::Open),
        (5, SessionAction::Freeze),
        (6, SessionAction::Close),
        (7, SessionAction::Reveal),
        (8, SessionAction::Reopen),
    ] {
        let at = NOW.plus(seq as i64);
        let control = keeper.session_action("s1", action, Schedule::default(), "m", at).unwrap();
        let life = keeper.life();
        assert!(!log(&mut keeper, seq, &control));
        assert_ne!(keeper.life(), life, "{action:?}");
    }
    // In the past: at first as well, although the ranking will be made anew.
    let control = Control {
        at: NOW,
        by: "m".into(),
        what: Action::Session { id: "s1".into(), action: SessionAction::Close, schedule: None, key: None },
    };
    let life = keeper.life();
    assert!(log(&mut keeper, 9, &control));
    assert_ne!(keeper.life(), life);
}

#[test]
fn g12_a_ranking_is_named_by_session_and_group() {
    let keeper = keeper();
    let name = |session, group| keeper.scope(session, group).map_err(|e| (e.status, e.code.name()));
    assert_eq!(name(None, None), Ok(Scope::ALL));
    assert_eq!(name(Some("all"), None), Ok(Scope::ALL));
    assert_eq!(name(Some("s1"), None), Ok(Scope { session: Some(0), group: None }));
    assert_eq!(name(None, Some("team:red:1")), Ok(Scope { session: None, group: Some((0, "red:1".into())) }));
    assert_eq!(name(Some("s9"), None), Err((404, "session_not_found")));
    assert_eq!(name(None, Some("team")), Err((422, "invalid_parameter")));
    assert_eq!(name(None, Some("class:7")), Err((422, "invalid_parameter")));
}

#[test]
fn what_is_told_of_a_ranking_has_the_shape_of_its_type() {
    use crate::api::assert_holds;
    use crate::api::audit::AuditEntry;
    use crate::api::scores::ScoresPage;
    use crate::api::sessions::Session;
    use crate::scores::query::ScoresQuery;
    let mut keeper = keeper();
    let controls = [
        keeper.session_action("s1", SessionAction::Open, Schedule::default(), "m", NOW).unwrap(),
        keeper.correction(wish(r#"{"action":"disqualify","key":"bob","reason":"x"}"#), "m", NOW, CURSOR).unwrap(),
        keeper
            .correction(
                wish(r#"{"action":"adjust","key":"ann","column":"points","by":1.5,"reason":"x"}"#),
                "m",
                NOW,
                CURSOR,
            )
            .unwrap(),
        Control { at: NOW, by: "m".into(), what: Action::EndItems { keys: vec!["ann".into()] } },
    ];
    for (seq, control) in (4..).zip(&controls) {
        log(&mut keeper, seq, control);
        assert_holds::<AuditEntry>(&control.to_json(seq));
    }
    for (manager, sessions) in [(true, keeper.sessions_json(true)), (false, keeper.sessions_json(false))] {
        assert!(!sessions.is_empty(), "{manager}");
        sessions.iter().for_each(assert_holds::<Session>);
    }
    for query in [&[][..], &[("around", "ann")], &[("session", "all"), ("top", "1")]] {
        let query = ScoresQuery::parse(query.iter().copied()).unwrap();
        let page = keeper.scores(&query, true, CURSOR).unwrap();
        assert_holds::<ScoresPage>(&serde_json::from_slice(&page).unwrap());
    }
}
