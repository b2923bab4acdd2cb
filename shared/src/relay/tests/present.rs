//! Who is there, at one relay: who counts, who is told, and how often.

use super::*;
use crate::limits;
use crate::presence::{Report, Roster, Told, Who};

/// What the board answers, as if `elsewhere` connections were at other relays.
fn told(number: u64, who: Option<Who>, elsewhere: u32) -> Told {
    let elsewhere = Some(Roster { count: elsewhere, ..Roster::default() });
    Told { number, who, watched: who.is_some(), elsewhere }
}

impl Room {
    fn asks(&mut self) -> bool {
        let asks = self.out.contains(&Output::ReportPresence);
        self.out.retain(|o| *o != Output::ReportPresence);
        asks
    }

    /// The board is told, and answers.
    fn answer(&mut self, told: Told) -> Report {
        let report = self.relay.presence_report(self.now);
        self.relay.presence_reported(self.now, Some(told), &self.net, &mut self.out);
        report
    }

    /// The board is told what it is to be told, and knows of nobody else.
    fn quiet_but_for_the_board(&mut self) {
        if self.asks() {
            let number = self.now.0.unsigned_abs();
            self.answer(told(number, Some(Who::Count), 0));
        }
    }

    fn gone(&mut self, viewer: ViewerId) {
        self.relay.disconnect(viewer);
        self.relay.presence_moved(self.now, &self.net, &mut self.out);
    }
}

/// A viewer that follows presence, and has been answered.
fn follower(r: &mut Room, viewer: u32, who: Who) -> ViewerId {
    let v = r.connect(viewer);
    r.subscribe(v, 1, Subscription::presence());
    if r.asks() {
        r.answer(told(u64::from(viewer), Some(who), 0));
    }
    v
}

fn player(key: &str) -> Access {
    Access { standing: crate::rights::Standing::Player(key.to_owned()), ..Access::public() }
}

#[test]
fn p1_a_board_that_does_not_tell_refuses_and_names_its_config() {
    let mut r = Room::new();
    let v = r.connect_as(1, Mode::Json, Access::public());
    r.told(v);
    r.subscribe(v, 1, Subscription::presence());
    assert!(r.told(v).is_empty(), "the board knows");
    assert!(r.asks());
    r.answer(told(1, None, 0));
    let said = r.told(v);
    assert!(said[0].contains("presence_off") && said[0].contains(r#"\"presence\""#), "{said:?}");
    assert!(r.relay.session(v).unwrap().subscriptions.is_empty());
    // It is asked each time: the config may be another by now.
    r.wait(limits::PRESENCE_MILLIS);
    r.subscribe(v, 1, Subscription::presence());
    assert!(r.asks());
    r.answer(told(2, Some(Who::Count), 4));
    assert!(r.told(v)[0].contains(r#""count":5"#));
    // And not any more.
    r.relay.presence_told(r.now, told(3, None, 0), &r.net, &mut r.out);
    assert!(r.told(v)[0].contains("presence_off"));
}

#[test]
fn p2_a_connection_counts_from_the_first_thing_that_it_says() {
    let mut r = Room::new();
    let first = follower(&mut r, 1, Who::Count);
    assert_eq!(r.told(first), ["status 1", "present 1 1 +0 -0"]);
    let second = r.connect(2);
    r.wait(limits::PRESENCE_MILLIS);
    r.tick();
    assert!(r.told(first).is_empty(), "it was only greeted");
    r.say(second, ClientMessage::Ack { cursor: Cursor::default() });
    assert!(r.relay.session(second).unwrap().heard);
    assert_eq!(r.told(first), ["presence 1 2 +1 -0"]);
    let wrong = MessageError::too_large();
    let third = r.connect(3);
    r.relay.message(r.now, third, Err(wrong), &r.net, &mut r.out);
    assert!(!r.relay.session(third).unwrap().heard, "what is not understood says nothing");
}

#[test]
fn p3_a_storm_is_told_once_a_second_and_a_reconnect_not_at_all() {
    let mut r = Room::new();
    let first = follower(&mut r, 1, Who::Count);
    r.wait(limits::PRESENCE_MILLIS);
    r.told(first);
    for i in 0..500 {
        let v = r.connect(100 + i);
        r.say(v, ClientMessage::Ack { cursor: Cursor::default() });
    }
    let said = r.told(first);
    assert_eq!(said.len(), 1, "{said:?}");
    r.wait(limits::PRESENCE_MILLIS);
    r.tick();
    let said = r.told(first);
    assert!(said.len() == 1 && said[0].starts_with("presence 1 501 "), "{said:?}");
    // All of them break off and come back.
    (0..500).for_each(|i| r.gone(ViewerId(100 + i)));
    r.wait(limits::PRESENCE_MILLIS);
    r.tick();
    assert!(r.told(first).is_empty());
    for i in 0..499 {
        let v = r.connect(1_000 + i);
        r.say(v, ClientMessage::Ack { cursor: Cursor::default() });
    }
    r.wait(limits::PRESENCE_GRACE_MILLIS);
    r.tick();
    r.wait(limits::PRESENCE_MILLIS);
    r.tick();
    assert_eq!(r.told(first), ["presence 1 500 +0 -1"], "one has not come back");
}

#[test]
fn p4_who_is_sent_away_for_good_leaves_at_once() {
    let mut r = Room::new();
    let first = follower(&mut r, 1, Who::Count);
    let second = r.connect(2);
    r.say(second, ClientMessage::Ack { cursor: Cursor::default() });
    r.wait(limits::PRESENCE_MILLIS);
    r.tick();
    r.told(first);
    r.relay.close(second, CloseCode::Ended, &mut r.out);
    let mut out = Vec::new();
    r.relay.presence_moved(r.now, &r.net, &mut out);
    assert!(out.iter().any(|o| matches!(o, Output::WakeAt(_))), "nobody else has to come before it is told");
    r.wait(limits::PRESENCE_MILLIS);
    r.tick();
    assert_eq!(r.told(first), ["presence 1 1 +0 -1"]);
}

#[test]
fn p5_names_are_for_those_with_the_right_where_the_config_tells_them() {
    let mut r = Room::new();
    let plain = follower(&mut r, 1, Who::Names);
    let manager = r.connect_as(2, Mode::Binary, Access::everything());
    r.subscribe(manager, 1, Subscription::presence());
    for (viewer, key) in [(3, "p-ada"), (4, "p-bob"), (5, "p-ada")] {
        let v = r.connect_as(viewer, Mode::Binary, player(key));
        r.say(v, ClientMessage::Ack { cursor: Cursor::default() });
    }
    r.wait(limits::PRESENCE_MILLIS);
    r.tick();
    r.told(plain);
    let said = r.told(manager).pop().unwrap();
    assert!(said.contains("[p-ada,p-bob]"), "{said}");
    r.gone(ViewerId(3));
    r.gone(ViewerId(4));
    r.wait(limits::PRESENCE_GRACE_MILLIS);
    r.tick();
    r.wait(limits::PRESENCE_MILLIS);
    r.tick();
    let said = r.told(manager).pop().unwrap();
    assert!(said.contains("[p-ada] -[p-bob]"), "one connection less of the one, none of the other: {said}");
    let said = r.told(plain);
    assert!(said.iter().all(|word| !word.contains('[')), "{said:?}");
    // A part of the board: nothing.
    let narrow = r.connect_as(9, Mode::Binary, patterns(&["v*"]));
    r.subscribe(narrow, 1, Subscription::presence());
    assert_eq!(r.told(narrow).pop().unwrap(), "error Some(1) forbidden subscribe");
}

#[test]
fn p6_who_takes_nothing_is_told_everything_later_and_nobody_is_held_up() {
    let mut r = Room::new();
    let (slow, quick) = (follower(&mut r, 1, Who::Count), follower(&mut r, 2, Who::Count));
    r.wait(limits::PRESENCE_MILLIS);
    r.tick();
    r.out.clear();
    r.block(slow, limits::VIEWER_BUFFER_BYTES + 1);
    let third = r.connect(3);
    r.say(third, ClientMessage::Ack { cursor: Cursor::default() });
    r.wait(limits::PRESENCE_MILLIS);
    r.tick();
    assert!(r.told(slow).is_empty());
    assert_eq!(r.told(quick), ["presence 1 3 +1 -0"]);
    r.block(slow, 0);
    r.wait(limits::RETRY_MILLIS);
    r.tick();
    assert_eq!(r.told(slow), ["present 1 3 +0 -0"]);
    assert!(r.told(quick).is_empty());
}

#[test]
fn p7_a_relay_where_nobody_follows_tells_the_board_only_while_somebody_does_elsewhere() {
    let mut r = Room::new();
    let v = r.connect(1);
    r.say(v, ClientMessage::Ack { cursor: Cursor::default() });
    assert!(!r.asks());
    let call = Told { elsewhere: None, ..told(1, Some(Who::Count), 0) };
    let report = r.relay.presence_called(r.now, call, &r.net, &mut r.out);
    assert_eq!((report.roster.count, report.follows), (1, false));
    assert!(!r.asks(), "it has just answered");
    let other = r.connect(2);
    r.wait(limits::PRESENCE_MILLIS);
    r.say(other, ClientMessage::Ack { cursor: Cursor::default() });
    assert!(r.asks());
    assert_eq!(r.answer(Told { watched: false, elsewhere: None, ..told(2, Some(Who::Count), 0) }).roster.count, 2);
    r.wait(10 * limits::PRESENCE_RENEW_MILLIS);
    r.gone(other);
    r.tick();
    assert!(!r.asks());
}

#[test]
fn p8_a_relay_that_forgot_everything_counts_those_who_counted() {
    let mut r = Room::new();
    let first = follower(&mut r, 1, Who::Count);
    let greeted = r.connect(2);
    let sessions: Vec<Session> = [first, greeted].iter().map(|v| r.relay.session(*v).unwrap().clone()).collect();
    let mut again = Room::new();
    for (session, viewer) in sessions.into_iter().zip([first, greeted]) {
        again.relay.restore(again.now, viewer, session, 0, &again.net, &mut again.out);
    }
    assert!(again.asks());
    assert_eq!(again.answer(told(7, Some(Who::Count), 0)).roster.count, 1);
    let said = again.told(first);
    assert_eq!(said.last().unwrap(), "present 1 1 +0 -0", "{said:?}");
}

#[test]
fn p10_a_follower_that_stops_to_acknowledge_counts_no_more_until_it_does_again() {
    let mut r = Room::new();
    let (watching, lost) = (follower(&mut r, 1, Who::Count), follower(&mut r, 2, Who::Count));
    let ack = ClientMessage::Ack { cursor: Cursor { epoch: EPOCH, seq: 0 } };
    r.say(watching, ack.clone());
    r.say(lost, ack.clone());
    let begin = r.now;
    let mut counts = Vec::new();
    while r.now.since(begin) < 4 * limits::PRESENCE_RENEW_MILLIS {
        r.wait(limits::PRESENCE_MILLIS);
        r.tick();
        r.quiet_but_for_the_board();
        let said = r.told(watching);
        if !said.is_empty() {
            r.say(watching, ack.clone());
        }
        counts.extend(said.iter().filter_map(|word| word.split(' ').nth(2)?.parse::<u32>().ok()));
        r.told(lost);
    }
    assert_eq!(counts.last(), Some(&1), "{counts:?}");
    assert!(counts.len() >= 4, "it is told each minute that nothing changed: {counts:?}");
    r.say(lost, ack);
    r.wait(limits::PRESENCE_SWEEP_MILLIS);
    r.tick();
    assert!(r.told(watching).last().unwrap().starts_with("presence 1 2 "));
}
