//! Dialling, pauses, probes, tokens, the end.

use super::*;

#[test]
fn l1_it_dials_subscribes_and_is_live_when_answered() {
    let mut p = Phone::new(false);
    p.input(Input::Subscribe(SubId(1), Subscription::items_all()));
    assert_eq!(p.said(), Vec::<String>::new());
    p.input(Input::Start);
    assert_eq!(p.said(), ["open heliograph.v1.bin", "connecting 0"]);
    p.input(Input::SocketOpened);
    assert_eq!(p.said(), ["subscribe 1", "catching up"]);
    p.input(Input::Binary(part(1, 10, 1, &["a"])));
    assert_eq!(p.said(), Vec::<String>::new());
    p.input(Input::Binary(status(p.now))).input(Input::Binary(part(1, 10, 2, &[])));
    assert_eq!(p.said(), ["live"]);
    assert_eq!((p.link.viewers(), p.link.replica(SubId(1)).unwrap().len()), (Some(3), 1));
}

#[test]
fn l2_pauses_double_to_30_seconds_with_jitter_from_half_to_whole() {
    for (jitter, factor) in [(0.0, 0.5), (1.0, 1.0), (7.0, 1.0)] {
        let mut p = Phone::new(false);
        p.jitter = jitter;
        p.input(Input::Start);
        for attempt in 0..12_u32 {
            p.out.clear();
            p.input(Input::SocketClosed { code: 1006 });
            let most = (500_i64 << attempt.min(20)).min(30_000);
            assert_eq!(p.said(), [format!("waiting {}", attempt + 1)]);
            p.run((most as f64 * factor) as i64 - 1);
            assert_eq!(p.said(), Vec::<String>::new());
            p.run(1);
            assert_eq!(p.said(), ["open heliograph.v1.bin".to_owned(), format!("connecting {}", attempt + 1)]);
        }
    }
}

#[test]
fn l2_a_connection_that_works_resets_the_pause_and_one_that_only_opens_does_not() {
    let mut p = Phone::new(false);
    p.jitter = 1.0;
    p.input(Input::Subscribe(SubId(1), Subscription::items_all())).input(Input::Start);
    for expected in [500, 1_000, 2_000] {
        p.input(Input::SocketOpened).input(Input::SocketClosed { code: 1011 });
        p.said();
        p.run(expected - 1);
        assert_eq!(p.said(), Vec::<String>::new());
        p.run(1);
    }
    p.input(Input::SocketOpened).input(Input::Binary(snapshot(1, 10, 0, &["a"])));
    p.input(Input::SocketClosed { code: 1006 });
    p.said();
    p.run(500);
    assert_eq!(p.said(), ["open heliograph.v1.bin", "connecting 1"]);
}

#[test]
fn l2_a_socket_that_does_not_open_in_10_seconds_is_given_up() {
    let mut p = Phone::new(false);
    p.input(Input::Start);
    p.said();
    p.run(9_999);
    assert_eq!(p.said(), Vec::<String>::new());
    p.run(1);
    assert_eq!(p.said(), ["close", "waiting 1"]);
    // Its late events do not matter.
    p.input(Input::SocketOpened).input(Input::Binary(snapshot(1, 1, 0, &[])));
    assert_eq!(p.said(), Vec::<String>::new());
}

#[test]
fn l3_silence_is_probed_and_a_dead_connection_replaced() {
    let mut p = Phone::live();
    p.run(24_999);
    assert_eq!(p.said(), ["ack e1:10"]);
    p.run(1);
    assert_eq!(p.said(), ["ping"]);
    p.wait(100).input(Input::Text("pong".into()));
    p.run(24_999);
    assert_eq!(p.said(), Vec::<String>::new());
    p.run(1);
    assert_eq!(p.said(), ["ping"]);
    p.run(5_000);
    assert_eq!(p.said(), ["close", "open heliograph.v1.bin", "connecting 0"]);
}

#[test]
fn l3_a_page_that_comes_back_probes_at_once_and_does_not_wait() {
    let mut p = Phone::live();
    p.input(Input::Probe).input(Input::Probe);
    assert_eq!(p.said(), ["ping"]);
    p.input(Input::SocketClosed { code: 1006 });
    p.said();
    p.input(Input::Probe);
    assert_eq!(p.said(), ["open heliograph.v1.bin", "connecting 0"]);
    p.input(Input::Probe);
    assert_eq!(p.said(), Vec::<String>::new());
}

#[test]
fn l3_offline_closes_and_being_back_dials_at_once() {
    let mut p = Phone::live();
    p.input(Input::Offline).input(Input::Offline);
    assert_eq!(p.said(), ["close", "offline"]);
    p.run(600_000);
    assert_eq!(p.said(), Vec::<String>::new());
    p.input(Input::Probe).input(Input::SocketOpened);
    assert_eq!(p.said(), ["open heliograph.v1.bin", "connecting 0", "subscribe 1 from e1:10", "catching up"]);
    p.input(Input::Binary(resumed(1, 1, 10)));
    assert_eq!(p.said(), ["live"]);
}

#[test]
fn l4_a_token_is_fetched_before_and_shown_beside_the_protocol() {
    let mut p = Phone::new(true);
    p.input(Input::Start);
    assert_eq!(p.said(), ["fetch token", "connecting 0"]);
    let ends = p.now.plus(600_000);
    p.input(token("j1", ends));
    assert_eq!(p.said(), ["open heliograph.v1.bin bearer.j1"]);
    p.input(Input::SocketOpened);
    assert_eq!(p.said(), ["live"]);
    for _ in 0..53 {
        p.run(10_000);
        p.input(Input::Text("pong".into()));
    }
    assert!(!p.said().contains(&"fetch token".to_owned()));
    p.run(10_000);
    assert!(p.said().contains(&"fetch token".to_owned()));
    let ends = p.now.plus(600_000);
    p.input(token("j2", ends));
    assert_eq!(p.said(), ["token j2"]);
}

#[test]
fn l4_a_clock_that_is_wrong_by_hours_does_not_make_it_fetch_for_ever() {
    for wrong in [-7_200_000, 7_200_000] {
        let mut p = Phone::new(true);
        let server = |p: &Phone| p.now.plus(wrong);
        p.input(Input::Start);
        let ends = server(&p).plus(600_000);
        p.input(token("j1", ends)).input(Input::SocketOpened);
        let clock = status(server(&p));
        p.input(Input::Binary(clock));
        assert_eq!(p.link.server_time(p.now), server(&p));
        p.said();
        for _ in 0..50 {
            p.run(10_000).input(Input::Text("pong".into()));
        }
        assert!(!p.said().contains(&"fetch token".to_owned()));
    }
}

#[test]
fn l4_a_token_shorter_than_the_margin_is_refreshed_at_half_its_life() {
    let mut p = Phone::new(true);
    let ends = p.now.plus(30_000);
    p.input(Input::Start).input(token("j1", ends)).input(Input::SocketOpened);
    p.said();
    p.run(14_999);
    assert_eq!(p.said(), Vec::<String>::new());
    p.run(1);
    assert_eq!(p.said(), ["fetch token"]);
    // The endpoint is away: again after five seconds, not before.
    p.input(Input::Token(Err(TokenFailure::Unreachable))).input(Input::Text("pong".into()));
    p.run(4_999);
    assert_eq!(p.said(), Vec::<String>::new());
    p.run(1);
    assert_eq!(p.said(), ["fetch token"]);
    // It says no: the connection lives until the token ends, then it hears why.
    p.input(Input::Token(Err(TokenFailure::Denied("gone".into()))));
    p.run(9_000);
    assert_eq!(p.said(), Vec::<String>::new());
    p.input(Input::SocketClosed { code: CloseCode::TokenExpired as u16 });
    p.run(1_000);
    assert_eq!(p.said(), ["waiting 1", "fetch token", "connecting 1"]);
    p.input(Input::Token(Err(TokenFailure::Denied("gone".into()))));
    assert_eq!(p.said(), ["stopped 0"]);
}

#[test]
fn l4_an_upgrade_that_fails_may_be_the_tokens_fault() {
    let mut p = Phone::new(true);
    let ends = p.now.plus(600_000);
    p.input(Input::Start).input(token("j1", ends)).input(Input::SocketClosed { code: 1006 });
    p.said();
    p.run(1_000);
    assert_eq!(p.said(), ["fetch token", "connecting 1"]);
    p.input(Input::Token(Err(TokenFailure::Unreachable)));
    assert_eq!(p.said(), ["waiting 2"]);
    p.run(1_000);
    assert_eq!(p.said(), ["fetch token", "connecting 2"]);
    // No answer at all: given up like a socket, and asked again.
    p.run(10_000);
    assert_eq!(p.said(), ["waiting 3"]);
    p.run(2_000);
    assert_eq!(p.said(), ["fetch token", "connecting 3"]);
}

#[test]
fn k1_close_codes_say_whether_to_connect_again() {
    for (code, again) in
        [(1000, true), (1006, true), (4000, true), (4001, true), (4499, true), (4500, false), (4502, false)]
    {
        let mut p = Phone::live();
        p.input(Input::SocketClosed { code });
        let said = p.said();
        assert_eq!(said, [if again { "waiting 1".to_owned() } else { format!("stopped {code}") }]);
    }
    for code in [CloseCode::GoingAway, CloseCode::Slow, CloseCode::TokenExpired, CloseCode::CredentialEnded] {
        assert!(code.reconnect() && code.reason().len() <= 123);
    }
    for code in [CloseCode::Protocol, CloseCode::Forbidden, CloseCode::BoardDeleted] {
        assert!(!code.reconnect());
    }
}

#[test]
fn l6_after_the_end_nothing_is_said() {
    for end in [Input::Stop, Input::SocketClosed { code: 4502 }] {
        let mut p = Phone::live();
        p.input(end);
        assert!(p.said().last().unwrap().starts_with("stopped"));
        let inputs = [
            Input::Start,
            Input::SocketOpened,
            Input::Binary(snapshot(1, 11, 0, &[])),
            Input::Text("pong".into()),
            Input::SocketClosed { code: 1006 },
            token("j", p.now),
            Input::Timer,
            Input::Probe,
            Input::Offline,
            Input::Subscribe(SubId(2), Subscription::items_all()),
            Input::Unsubscribe(SubId(1)),
            Input::Stop,
        ];
        for input in inputs {
            p.wait(60_000).input(input);
        }
        assert_eq!(p.out, []);
        // What was there stays readable.
        assert_eq!(p.link.replica(SubId(1)).unwrap().len(), 2);
    }
}

#[test]
fn l6_a_server_of_a_newer_version_stops_it() {
    let mut p = Phone::live();
    p.input(Input::Binary(vec![2, 1, 1]));
    assert_eq!(p.said(), ["close", "stopped 0"]);
}
