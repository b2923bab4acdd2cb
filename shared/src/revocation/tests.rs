use super::*;

fn board(name: &str) -> BoardName {
    BoardName::try_from(name).unwrap()
}

fn origin(id: CredentialId, known: Change) -> Origin {
    Origin { id: Some(id), known, is_public: false }
}

fn join(session: &str) -> CredentialId {
    CredentialId::Join { board: board("quiz"), session: session.into() }
}

fn share() -> CredentialId {
    CredentialId::Share { board: board("fleet"), id: ShareId::of([1, 2, 3, 4, 5]) }
}

fn person(session: Option<&str>) -> CredentialId {
    CredentialId::Person { name: "staff/auth0|7:a/b".into(), session: session.map(str::to_owned) }
}

fn ended(marks: &[(Mark, Change)]) -> Ended {
    let mut ended = Ended::default();
    let upto = marks.iter().map(|m| m.1).max().unwrap_or_default();
    ended.learn(Changes { upto, marks: marks.to_vec() });
    ended
}

#[test]
fn ids_are_read_as_they_are_written() {
    let ids = [
        CredentialId::Admin,
        CredentialId::Key("5f0c8a3b9d2e4f61".into()),
        join("s-1"),
        CredentialId::Public(board("fleet")),
        share(),
        person(Some("5f0c")),
        person(None),
    ];
    for id in ids {
        assert_eq!(CredentialId::try_from(id.to_string()), Ok(id.clone()));
        assert_eq!(serde_json::from_str::<CredentialId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
    }
    for text in [
        "",
        "key:",
        "root",
        "public:A",
        "join:quiz",
        "join:/s1",
        "share:fleet",
        "share:fleet/x",
        "share:/04106105",
        "person:x",
        "board:fleet",
    ] {
        assert_eq!(CredentialId::try_from(text.to_owned()), Err(NotAnId), "{text}");
    }
}

#[test]
fn f7_what_was_made_before_the_end_of_its_credential_has_ended() {
    let key = CredentialId::Key("a".into());
    let list = ended(&[(Mark::credential(&key), 10)]);
    assert_eq!(list.end_of(&origin(key.clone(), 9), None), Some(End::Credential));
    // Nothing is made from a key that is gone, whatever who made it knew.
    assert_eq!(list.end_of(&origin(key, 11), None), Some(End::Credential));
    assert_eq!(list.end_of(&origin(CredentialId::Key("b".into()), 9), None), None);
    assert_eq!(list.end_of(&origin(CredentialId::Admin, 9), None), None);
}

#[test]
fn a_link_that_was_revoked_ends_who_came_by_it_and_no_others() {
    let list = ended(&[(Mark::credential(&share()), 10)]);
    let at = board("fleet");
    for known in [9, 10, 11] {
        assert_eq!(list.end_of(&origin(share(), known), Some(&at)), Some(End::Credential));
    }
    let other = CredentialId::Share { board: at.clone(), id: ShareId::of([0; 5]) };
    assert_eq!(list.end_of(&origin(other, 9), Some(&at)), None);
    // A relay hears of it with its board.
    assert_eq!(Mark::credential(&share()).watched_as(), Mark::board(&at));
}

#[test]
fn f14_tokens_of_a_board_that_was_deleted_do_nothing_on_the_next_of_its_name() {
    let list = ended(&[(Mark::board(&board("quiz")), 10)]);
    assert_eq!(list.end_of(&origin(CredentialId::Admin, 9), Some(&board("quiz"))), Some(End::Board));
    assert_eq!(list.end_of(&origin(join("s1"), 10), Some(&board("quiz"))), None);
    assert_eq!(list.end_of(&origin(CredentialId::Admin, 9), Some(&board("fleet"))), None);
}

#[test]
fn f14_a_session_that_ended_ends_its_players_and_no_others() {
    let list = ended(&[(Mark::credential(&join("s1")), 10)]);
    assert_eq!(list.end_of(&origin(join("s1"), 9), None), Some(End::Credential));
    assert_eq!(list.end_of(&origin(join("s2"), 9), None), None);
    // It was opened again.
    assert_eq!(list.end_of(&origin(join("s1"), 10), None), None);
}

#[test]
fn a_sign_in_ends_alone_or_with_all_of_its_person() {
    let list = ended(&[(Mark::credential(&person(Some("a"))), 10)]);
    assert_eq!(list.end_of(&origin(person(Some("a")), 9), None), Some(End::Credential));
    assert_eq!(list.end_of(&origin(person(Some("b")), 9), None), None);
    let list = ended(&[(Mark::credential(&person(None)), 10)]);
    assert_eq!(list.end_of(&origin(person(Some("b")), 9), None), Some(End::Credential));
    // It may sign in again.
    assert_eq!(list.end_of(&origin(person(Some("c")), 10), None), None);
    let marks: Vec<Mark> = watched(&origin(person(Some("a")), 1), &board("quiz")).collect();
    let all = [Mark::credential(&person(Some("a"))), Mark::credential(&person(None)), Mark::board(&board("quiz"))];
    assert_eq!(marks, all);
    assert_eq!(all[1].watched_as(), all[1]);
}

#[test]
fn f20_who_reads_a_public_board_ends_when_it_becomes_private() {
    let public = CredentialId::Public(board("fleet"));
    let list = ended(&[(Mark::credential(&public), 10)]);
    assert_eq!(list.end_of(&origin(public, 9), None), Some(End::Credential));
    let visitor = Origin { id: None, known: 9, is_public: true };
    assert_eq!(list.end_of(&visitor, Some(&board("fleet"))), Some(End::Public));
    assert_eq!(list.end_of(&Origin { known: 10, ..visitor.clone() }, Some(&board("fleet"))), None);
    assert_eq!(list.end_of(&Origin { is_public: false, ..visitor }, Some(&board("fleet"))), None);
}

#[test]
fn marks_that_were_dropped_end_all_that_may_have_had_them() {
    let list = ended(&[(Mark::floor(), 10)]);
    assert_eq!(list.end_of(&origin(join("s1"), 9), None), Some(End::Credential));
    assert_eq!(list.end_of(&origin(join("s1"), 10), None), None);
    assert!(list.has_changed(&board("fleet"), 9) && !list.has_changed(&board("fleet"), 10));
}

#[test]
fn a_changed_config_ends_nobody() {
    let list = ended(&[(Mark::config(&board("fleet")), 10)]);
    assert!(list.has_changed(&board("fleet"), 9));
    assert!(!list.has_changed(&board("fleet"), 10) && !list.has_changed(&board("quiz"), 9));
    assert_eq!(list.end_of(&origin(CredentialId::Admin, 9), Some(&board("fleet"))), None);
}

#[test]
fn a_key_that_was_rotated_ends_nobody_and_is_looked_up_anew() {
    let list = ended(&[(Mark::rotated("a"), 10)]);
    assert!(list.was_rotated("a", 9) && !list.was_rotated("a", 10) && !list.was_rotated("b", 9));
    assert_eq!(list.end_of(&origin(CredentialId::Key("a".into()), 9), None), None);
}

#[test]
fn a_relay_watches_its_board_and_the_keys_of_its_viewers() {
    let key = CredentialId::Key("a".into());
    let marks: Vec<Mark> = watched(&origin(key.clone(), 1), &board("quiz")).collect();
    assert_eq!(marks, [Mark::credential(&key), Mark::board(&board("quiz"))]);
    for mark in [Mark::credential(&join("s1")), Mark::credential(&CredentialId::Public(board("quiz")))] {
        assert_eq!(mark.watched_as(), Mark::board(&board("quiz")));
    }
    assert_eq!(Mark::credential(&key).watched_as(), Mark::credential(&key));
    assert_eq!(Mark::board(&board("quiz")).watched_as(), Mark::board(&board("quiz")));
}

#[test]
fn what_is_learned_twice_or_late_changes_nothing() {
    let mut list = ended(&[(Mark::board(&board("quiz")), 10)]);
    list.learn(Changes { upto: 5, marks: vec![(Mark::board(&board("quiz")), 4)] });
    assert_eq!(list.upto(), 10);
    assert_eq!(list.end_of(&origin(CredentialId::Admin, 9), Some(&board("quiz"))), Some(End::Board));
    list.forget(11);
    assert!(list.is_empty());
}
