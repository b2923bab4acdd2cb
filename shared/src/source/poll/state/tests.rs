use super::*;
use crate::ingest::RecordResult;
use crate::problem::{Code, FieldError};

const NOW: Millis = Millis(1_772_366_400_000);

fn poll() -> Poll {
    serde_json::from_str(r#"{"url":"https://transit.example/a","interval_s":60}"#).unwrap()
}

/// A source of a name, made at a time and changed so often.
fn source(created: i64, version: u64) -> Source {
    let wish = serde_json::from_str(r#"{"name":"city"}"#).unwrap();
    let board = crate::id::BoardName::try_from("fleet").unwrap();
    Source { version, ..Source::new(wish, board, "hash".into(), Millis(created)).unwrap() }
}

fn head(status: u16) -> Head {
    Head { status, ..Head::default() }
}

fn address() -> Address {
    Address::parse("https://transit.example/a").unwrap()
}

/// The answer to two records, of which the second is refused.
fn answer() -> IngestAnswer {
    let refused = RecordResult::refused(1, FieldError::new("key", Code::Missing, "key is missing"));
    IngestAnswer { accepted: 1, refused: 1, results: vec![refused], ..IngestAnswer::default() }
}

#[test]
fn validators_are_sent_back_as_they_came_once_their_body_was_taken() {
    let mut state = PollState::default().of(&source(1, 1));
    assert!(state.conditions().is_empty());
    let said = Head {
        etag: Some("W/\"a b\"".into()),
        last_modified: Some("Sun, 01 Mar 2026 12:00:00 GMT".into()),
        ..head(200)
    };
    state.took((&said, BodyDigest::of(b"body")), &[], (&IngestAnswer::default(), 0), NOW);
    let expected = [("if-none-match", "W/\"a b\""), ("if-modified-since", "Sun, 01 Mar 2026 12:00:00 GMT")];
    assert_eq!(state.conditions(), expected);
    // A failure changes nothing of it, an answer that nothing changed may have a new tag, and a new body may have none.
    state.failed(&Told::new("it answers 500"), NOW);
    assert_eq!(state.conditions(), expected);
    state.unchanged_at(&Head { etag: Some("\"c\"".into()), ..head(304) }, NOW);
    assert_eq!(state.conditions(), [("if-none-match", "\"c\""), expected[1]]);
    state.took((&head(200), BodyDigest::of(b"other")), &[], (&IngestAnswer::default(), 0), NOW);
    assert!(state.conditions().is_empty());
    // What can't be sent is not kept.
    let unsendable = Head { etag: Some("\"a\u{e9}\"".into()), ..head(200) };
    state.took((&unsendable, BodyDigest::of(b"x")), &[], (&IngestAnswer::default(), 0), NOW);
    assert!(state.conditions().is_empty());
}

#[test]
fn after_a_change_of_the_source_everything_is_asked_for_anew() {
    let mut state = PollState::default().of(&source(1, 1));
    state.took(
        (&Head { etag: Some("\"a\"".into()), ..head(200) }, BodyDigest::of(b"body")),
        &[],
        (&IngestAnswer::default(), 0),
        NOW,
    );
    assert!(state.clone().of(&source(1, 1)).is_known(&BodyDigest::of(b"body")));
    for (after, told) in [(source(1, 2), Some(NOW)), (source(2, 1), None)] {
        let after = state.clone().of(&after);
        assert!(!after.is_known(&BodyDigest::of(b"body")) && after.conditions().is_empty());
        assert_eq!(after.status.taken, told);
    }
}

#[test]
fn answers_are_what_their_status_says() {
    let state = PollState::default();
    let hear = |head: Head| state.hear(&address(), &head, NOW);
    assert_eq!(hear(head(200)), Heard::Body);
    let to = |location: &str| hear(Head { location: Some(location.into()), ..head(307) });
    assert_eq!(to("/b"), Heard::Elsewhere(Address::parse("https://transit.example/b").unwrap()));
    assert!(
        matches!(to("ftp://x.example/"), Heard::Failed(told) if told.why.contains("sends on to what is not an address"))
    );
    assert!(matches!(hear(head(302)), Heard::Failed(told) if told.why.contains("does not say where to")));
    // Nobody asked for it under a condition.
    assert!(matches!(hear(head(304)), Heard::Failed(_)));
    assert!(matches!(hear(head(403)), Heard::Failed(told) if told.why.contains("credential")));
    let late = |value: &str| match hear(Head { retry_after: Some(value.into()), ..head(503) }) {
        Heard::Failed(told) => told.retry_after_s,
        Heard::Body | Heard::Unchanged | Heard::Elsewhere(_) => panic!("{value} is a failure"),
    };
    assert_eq!(late("120"), Some(120));
    assert_eq!(late("Sun, 01 Mar 2026 12:01:30 GMT"), Some(90));
    assert_eq!(late("Sun, 01 Mar 2026 11:00:00 GMT"), None);
    assert_eq!(late("soon"), None);
}

#[test]
fn a_record_that_is_refused_leaves_a_letter_once_and_is_looked_at_again_when_it_changes() {
    let mut state = PollState::default();
    let slices = || vec![Slice::new("{\"key\":\"a\"}"), Slice::new("{\"bad\":1}")];
    state.took((&head(200), BodyDigest::of(b"1")), &slices(), (&answer(), 0), NOW);
    assert_eq!(state.status.refused, 1);
    for round in 0..3 {
        let (fresh, repeated) = state.fresh(slices());
        assert_eq!((fresh.len(), repeated), (1, 1), "{round}");
        let answer = IngestAnswer { accepted: 1, ..IngestAnswer::default() };
        state.took((&head(200), BodyDigest::of(format!("{round}").as_bytes())), &fresh, (&answer, repeated), NOW);
        assert_eq!((state.status.accepted, state.status.refused), (1, 1));
    }
    assert_eq!(state.fresh(vec![Slice::new("{\"bad\":2}")]).0.len(), 1);
    // Once it is gone it is forgotten.
    state.took((&head(200), BodyDigest::of(b"x")), &[], (&IngestAnswer::default(), 0), NOW);
    assert_eq!(state.fresh(slices()).0.len(), 2);
}

#[test]
fn it_asks_by_its_interval_and_ever_less_often_while_it_fails() {
    let mut state = PollState::default();
    let wait = |state: &mut PollState, told: Option<&Told>, roll| state.next(&poll(), told, NOW, roll).since(NOW);
    assert_eq!(wait(&mut state, None, 0), 60_000);
    assert_eq!(wait(&mut state, None, u32::MAX), 62_999);
    let told = Told::new("it answers 500");
    let mut waits = Vec::new();
    for _ in 0..8 {
        state.failed(&told, NOW);
        waits.push(wait(&mut state, Some(&told), 0) / 1_000);
    }
    assert_eq!(waits, [120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
    assert_eq!(wait(&mut state, Some(&told), u32::MAX), 2_700_001);
    let later = Told { retry_after_s: Some(7_200), ..told.clone() };
    assert_eq!(wait(&mut state, Some(&later), 0), 7_200_000);
    let never = Told { retry_after_s: Some(u64::MAX), ..told };
    assert_eq!(wait(&mut state, Some(&never), 0), 86_400_000);
    assert_eq!((state.status.failures, state.status.next), (8, Some(NOW.plus(86_400_000))));
    state.unchanged_at(&head(200), NOW);
    assert_eq!((state.status.failures, state.status.error.clone()), (0, None));
}
