//! Subscriptions and their copies: resume, change, damage, acknowledgement.

use super::*;

fn boxed() -> Subscription {
    Subscription::items_bbox([0.0, 0.0, 5.0, 5.0]).unwrap()
}

fn reconnect(p: &mut Phone) -> Vec<String> {
    p.input(Input::SocketClosed { code: 1006 });
    p.run(30_000);
    p.said();
    p.input(Input::SocketOpened);
    p.said()
}

#[test]
fn l5_a_connection_that_broke_resumes_from_the_last_frame_with_its_rights() {
    let mut p = Phone::live();
    p.input(Input::Binary(delta(1, 10, 14, &["a", "b", "c"])));
    assert_eq!(reconnect(&mut p), ["subscribe 1 from e1:14", "catching up"]);
    let mut q = Phone::live();
    q.input(Input::SocketClosed { code: 1006 }).run(1_000);
    q.out.clear();
    q.input(Input::SocketOpened);
    let Some(Output::Send(bytes)) = q.out.first() else { panic!("{:?}", q.out) };
    let Ok(ClientMessage::Subscribe { rights, .. }) = ClientMessage::from_binary(bytes) else { panic!("no subscribe") };
    assert_eq!(rights, Some(77));
}

#[test]
fn l5_a_resume_that_is_answered_for_another_life_starts_over() {
    let mut p = Phone::live();
    reconnect(&mut p);
    p.input(Input::Binary(resumed(1, 2, 10)));
    assert_eq!(p.said(), ["subscribe 1"]);
    p.input(Input::Binary(snapshot(1, 3, 0, &["z"])));
    assert_eq!(p.said(), ["live"]);
    assert!(p.link.replica(SubId(1)).unwrap().find("z").is_some());
}

#[test]
fn l5_what_was_changed_is_not_resumed_until_it_has_been_answered() {
    let mut p = Phone::live();
    p.input(Input::Subscribe(SubId(1), boxed()));
    assert_eq!(p.said(), ["subscribe 1", "catching up"]);
    // The old set stays on the screen, and goes on.
    p.input(Input::Binary(delta(1, 10, 11, &["a"])));
    assert_eq!(p.link.replica(SubId(1)).unwrap().len(), 2);
    assert_eq!(reconnect(&mut p), ["subscribe 1", "catching up"]);
    p.input(Input::Binary(snapshot(1, 12, 0, &["a"])));
    assert_eq!(p.said(), ["live"]);
    assert_eq!(reconnect(&mut p), ["subscribe 1 from e1:12", "catching up"]);
}

#[test]
fn l5_the_answer_to_an_earlier_subscribe_does_not_count_for_the_later_one() {
    let mut p = Phone::live();
    p.input(Input::Subscribe(SubId(1), boxed()));
    p.input(Input::Subscribe(SubId(1), Subscription::items_keys(vec!["b".into()])));
    p.said();
    p.input(Input::Binary(snapshot(1, 12, 0, &["a"])));
    assert_eq!(p.said(), Vec::<String>::new());
    assert_eq!(reconnect(&mut p), ["subscribe 1", "catching up"]);
}

#[test]
fn l5_a_snapshot_that_nobody_asked_for_is_no_answer() {
    let mut p = Phone::live();
    p.input(Input::Subscribe(SubId(1), boxed()));
    p.said();
    p.input(Input::Binary(snapshot(1, 12, 4, &["a", "b", "c"])));
    assert_eq!(p.said(), Vec::<String>::new());
    assert_eq!(reconnect(&mut p), ["subscribe 1", "catching up"]);
    // When nothing is owed it is simply the truth.
    p.input(Input::Binary(snapshot(1, 12, 0, &["a"]))).input(Input::Binary(snapshot(1, 13, 4, &["b"])));
    p.said();
    assert_eq!(reconnect(&mut p), ["subscribe 1 from e1:13", "catching up"]);
}

#[test]
fn l5_a_number_that_is_used_again_at_once_waits_for_its_own_answer() {
    let mut p = Phone::new(false);
    p.input(Input::Start).input(Input::SocketOpened);
    p.input(Input::Subscribe(SubId(1), Subscription::items_all()));
    p.input(Input::Unsubscribe(SubId(1)));
    p.input(Input::Subscribe(SubId(1), boxed()));
    p.said();
    // The answer to the first, and a frame that follows it.
    p.input(Input::Binary(snapshot(1, 5, 0, &["a", "b"]))).input(Input::Binary(delta(1, 5, 6, &["a"])));
    assert_eq!(p.said(), Vec::<String>::new());
    assert_eq!(p.link.gaps(), 0);
    assert_eq!(reconnect(&mut p), ["subscribe 1", "catching up"]);
}

#[test]
fn l5_frames_of_what_is_not_followed_any_more_are_ignored() {
    let mut p = Phone::live();
    p.input(Input::Unsubscribe(SubId(1)));
    assert_eq!(p.said(), ["unsubscribe 1"]);
    p.input(Input::Binary(delta(1, 10, 11, &["a"]))).input(Input::Binary(snapshot(1, 11, 4, &["a"])));
    assert_eq!(p.said(), Vec::<String>::new());
    p.input(Input::Subscribe(SubId(1), boxed()));
    p.said();
    // Frames that were on their way when it was dropped do not fit the new copy, and need not.
    p.input(Input::Binary(delta(1, 11, 12, &["a"])));
    assert_eq!((p.said(), p.link.gaps()), (vec![], 0));
    p.input(Input::Binary(snapshot(1, 12, 0, &["b"])));
    assert_eq!(p.said(), ["live"]);
}

#[test]
fn l5_following_the_same_again_says_nothing() {
    let mut p = Phone::live();
    p.input(Input::Subscribe(SubId(1), Subscription::items_all()));
    assert_eq!(p.said(), Vec::<String>::new());
}

#[test]
fn l5_a_refused_subscribe_is_answered_too() {
    let mut p = Phone::live();
    p.input(Input::Subscribe(SubId(2), boxed()));
    p.said();
    p.input(Input::Binary(refusal(2)));
    assert_eq!(p.said(), ["refused forbidden", "live"]);
}

#[test]
fn l7_missing_frames_are_noticed_and_the_copy_starts_over() {
    let mut p = Phone::live();
    p.input(Input::Binary(delta(1, 12, 13, &["a"])));
    assert_eq!((p.said(), p.link.gaps()), (vec!["subscribe 1".into(), "catching up".into()], 1));
    // The screen keeps what it had until the snapshot comes.
    assert_eq!(p.link.replica(SubId(1)).unwrap().len(), 2);
    p.input(Input::Binary(delta(1, 13, 14, &["a"])));
    assert_eq!((p.said(), p.link.gaps()), (vec![], 1));
    p.input(Input::Binary(snapshot(1, 14, 0, &["a"])));
    assert_eq!(p.said(), ["live"]);
}

#[test]
fn l7_a_server_that_never_makes_sense_is_given_pauses() {
    let mut p = Phone::live();
    for _ in 0..10 {
        p.input(Input::Binary(delta(1, 90, 91, &["a"])));
        p.input(Input::Binary(part(1, 99, 2, &["a"])));
    }
    let mut wanted = vec!["subscribe 1", "catching up"];
    wanted.extend(["subscribe 1", "subscribe 1", "close", "waiting 1"]);
    assert_eq!(p.said(), wanted);
    assert_eq!(reconnect(&mut p), ["subscribe 1", "catching up"]);
}

#[test]
fn l7_a_damaged_message_makes_the_connection_anew() {
    let mut p = Phone::live();
    p.input(Input::Binary(vec![1, 2, 255]));
    assert_eq!(p.said(), ["close", "waiting 1"]);
    assert_eq!(p.link.replica(SubId(1)).unwrap().len(), 2);
    assert_eq!(reconnect(&mut p), ["subscribe 1", "catching up"]);
}

#[test]
fn a1_frames_are_acknowledged_after_8_seconds_or_256_kilobytes() {
    let mut p = Phone::live();
    // Spread over the last 3 seconds: in the middle of them here.
    p.run(6_499);
    assert_eq!(p.said(), Vec::<String>::new());
    p.run(1);
    assert_eq!(p.said(), ["ack e1:10"]);
    p.run(10_000);
    assert_eq!(p.said(), Vec::<String>::new());
    let keys: Vec<String> = (0..16_000).map(|i| format!("a key of some length {i}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    p.input(Input::Binary(delta(1, 10, 20, &keys)));
    assert_eq!(p.said(), ["ack e1:20"]);
    assert!(p.link.lag().unwrap().source_to_screen_ms > 0.0);
    assert_eq!(p.link.last_frame_at(), Some(p.now));
}

#[test]
fn l8_the_servers_clock_is_the_message_that_travelled_least() {
    let mut p = Phone::live();
    for delay in [300, 40, 900] {
        let sent = p.now.plus(5_000);
        p.wait(delay).input(Input::Binary(status(sent)));
    }
    assert_eq!(p.link.server_time(p.now).since(p.now), 5_000 - 40);
}

#[test]
fn presence_is_not_waited_for_and_where_it_is_refused_it_is_left_alone() {
    let present = |count: u8| Input::Binary(vec![1, kind::PRESENCE, 2, 1, 10, 1, count]);
    let mut p = Phone::live();
    p.input(Input::Subscribe(SubId(2), Subscription::presence()));
    assert_eq!(p.said(), ["subscribe 2"], "it stays live");
    assert_eq!(p.link.present(SubId(2)), None);
    p.input(present(7));
    assert_eq!(p.link.present(SubId(2)), Some(7));
    p.run(limits::ACK_MILLIS);
    assert_eq!(p.said(), ["ack e1:10"], "who acknowledges counts");
    assert_eq!(reconnect(&mut p), ["subscribe 1 from e1:10", "subscribe 2", "catching up"]);
    let mut refusal = begin(kind::ERROR);
    refusal.u8(1);
    refusal.varint(2);
    ["presence_off", "the board does not tell who is there", "subscribe"].iter().for_each(|text| refusal.text(text));
    p.input(Input::Binary(refusal.finish()));
    assert!(p.said().is_empty(), "that is no news");
    assert_eq!(p.link.present(SubId(2)), None);
    p.input(Input::Binary(resumed(1, 1, 10)));
    assert_eq!(reconnect(&mut p), ["subscribe 1 from e1:10", "catching up"]);
}
