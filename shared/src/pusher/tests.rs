use super::*;
use crate::cursor::Epoch;
use crate::meters::Sent;
use std::collections::BTreeMap;

mod storms;

const EPOCH: Epoch = Epoch(1);

const fn ms(t: i64) -> Millis {
    Millis(1_000_000 + t)
}

fn at(seq: Seq) -> Cursor {
    Cursor { epoch: EPOCH, seq }
}

/// A row of one event and so many bytes.
fn row(seq: Seq, bytes: usize) -> Vec<LogRow> {
    vec![LogRow { first: seq, last: seq, batch: vec![1; bytes] }]
}

/// A board with relays that have everything up to event 0.
fn board(relays: &[&str]) -> Pusher {
    let mut pusher = Pusher::default();
    pusher.begin(ms(0), Vec::new(), at(0), 100, 0);
    relays.iter().for_each(|r| pusher.register(r));
    pusher
}

fn started(pusher: &mut Pusher, now: Millis) -> Vec<String> {
    pusher.start(now).iter().map(ToString::to_string).collect()
}

fn answer(seq: Seq) -> PushAnswer {
    PushAnswer { cursor: at(seq), pace: 0, viewers: 1, syncing: false, sent: Sent::default() }
}

/// Events that a push tells of: the one before, and the last.
fn range(bytes: &[u8]) -> (Seq, Seq) {
    let (_, message) = PushHead::split(bytes).unwrap();
    (message.previous.seq, message.to)
}

#[test]
fn f3_the_first_push_leaves_at_once_and_the_next_after_a_tick() {
    let mut p = board(&["a"]);
    p.add(ms(0), row(1, 10), at(1));
    assert_eq!(started(&mut p, ms(0)), ["a"]);
    assert_eq!(p.next("a", ms(0)), Next::Push);
    let (flight, bytes) = p.push("a", ms(0)).unwrap();
    assert_eq!(range(&bytes), (0, 1));
    p.answered("a", &flight, &answer(1), ms(5));
    assert_eq!(p.next("a", ms(5)), Next::Idle);
    p.add(ms(10), row(2, 10), at(2));
    assert_eq!(started(&mut p, ms(10)), ["a"]);
    assert_eq!(p.next("a", ms(10)), Next::Wait(ms(100)));
    assert_eq!(p.next("a", ms(100)), Next::Push);
    // A crowd makes it longer, for its own relay only.
    let (flight, _) = p.push("a", ms(100)).unwrap();
    p.answered("a", &flight, &PushAnswer { pace: 180, ..answer(2) }, ms(101));
    p.add(ms(102), row(3, 10), at(3));
    let _ = p.push("a", ms(200));
    p.add(ms(210), row(4, 10), at(4));
    assert_eq!(p.next("a", ms(210)), Next::Wait(ms(380)));
    // What was not confirmed is told again.
    assert_eq!(p.push("a", ms(380)).map(|(_, b)| range(&b)), Some((2, 4)));
}

#[test]
fn f12_a_relay_that_takes_four_seconds_delays_no_other() {
    let mut p = board(&["slow", "quick"]);
    p.add(ms(0), row(1, 10), at(1));
    assert_eq!(started(&mut p, ms(0)), ["slow", "quick"]);
    let (slow, _) = p.push("slow", ms(0)).unwrap();
    for t in 0..40_u64 {
        let now = ms(t as i64 * 100);
        p.add(now, row(t + 2, 10), at(t + 2));
        assert_eq!(p.next("quick", now), Next::Push, "at {t}");
        let (flight, bytes) = p.push("quick", now).unwrap();
        assert_eq!(range(&bytes).1, t + 2);
        p.answered("quick", &flight, &answer(t + 2), now);
    }
    p.answered("slow", &slow, &answer(1), ms(4_000));
    assert_eq!(p.next("slow", ms(4_000)), Next::Push);
    assert_eq!(p.push("slow", ms(4_000)).map(|(_, b)| range(&b)), Some((1, 41)));
}

#[test]
fn f12_a_push_beyond_its_deadline_is_tried_again_and_its_late_answer_counts() {
    let mut p = board(&["a"]);
    p.add(ms(0), row(1, 10), at(1));
    started(&mut p, ms(0));
    let (first, _) = p.push("a", ms(0)).unwrap();
    p.late("a", &first, ms(5_000));
    assert_eq!(p.next("a", ms(5_000)), Next::Wait(ms(5_100)));
    p.add(ms(5_050), row(2, 10), at(2));
    let (second, bytes) = p.push("a", ms(5_100)).unwrap();
    assert_eq!(range(&bytes), (0, 2));
    p.answered("a", &first, &answer(1), ms(6_000));
    p.answered("a", &second, &answer(2), ms(9_000));
    assert_eq!(p.next("a", ms(9_000)), Next::Idle);
    // The other way round nothing is unlearned.
    p.add(ms(9_000), row(3, 10), at(3));
    let (third, _) = p.push("a", ms(9_100)).unwrap();
    p.late("a", &third, ms(14_100));
    let (fourth, _) = p.push("a", ms(14_200)).unwrap();
    p.answered("a", &fourth, &answer(3), ms(14_300));
    p.answered("a", &third, &answer(2), ms(14_400));
    assert_eq!(p.next("a", ms(14_400)), Next::Idle);
}

#[test]
fn f12_a_relay_that_never_answers_has_few_pushes_under_way() {
    let mut p = board(&["a"]);
    p.add(ms(0), row(1, 10), at(1));
    started(&mut p, ms(0));
    let (mut now, mut pushes) = (ms(0), 0);
    while now.since(ms(0)) < 600_000 {
        match p.next("a", now) {
            Next::Idle => break,
            Next::Wait(until) => now = until,
            Next::Push => {
                pushes += 1;
                let (flight, _) = p.push("a", now).unwrap();
                now = now.plus(limits::PUSH_DEADLINE_MILLIS as i64);
                p.late("a", &flight, now);
            }
        }
    }
    assert_eq!(pushes, limits::PUSHES_UNANSWERED);
}

#[test]
fn f12_what_waits_is_bounded_in_bytes_and_who_is_further_behind_has_to_sync() {
    let mut p = board(&["stuck", "quick"]);
    p.add(ms(0), row(1, 10), at(1));
    started(&mut p, ms(0));
    let (stuck, _) = p.push("stuck", ms(0)).unwrap();
    for seq in 2..=100 {
        let now = ms(seq as i64 * 100);
        p.add(now, row(seq, 1_000_000), at(seq));
        assert!(p.queue.bytes() <= limits::PUSH_BYTES);
        let (flight, bytes) = p.push("quick", now).unwrap();
        assert!(range(&bytes).1 == seq && bytes.len() < 1_000_200);
        p.answered("quick", &flight, &answer(seq), now);
    }
    p.answered("stuck", &stuck, &answer(1), ms(20_000));
    // A hole, without a row: it fetches the board's state.
    let (flight, bytes) = p.push("stuck", ms(20_000)).unwrap();
    assert_eq!((range(&bytes), bytes.len() < 100), ((100, 100), true));
    p.answered("stuck", &flight, &PushAnswer { syncing: true, ..answer(1) }, ms(20_001));
    p.register("stuck");
    assert_eq!(p.queue.bytes(), 0);
    p.add(ms(20_200), row(101, 10), at(101));
    assert_eq!(p.push("stuck", ms(20_200)).map(|(_, b)| range(&b)), Some((100, 101)));
}

#[test]
fn f12_a_relay_that_is_behind_gets_several_pushes_of_bounded_size_at_once() {
    let mut p = board(&["a"]);
    for seq in 1..=7 {
        p.add(ms(0), row(seq, 1_000_000), at(seq));
    }
    started(&mut p, ms(0));
    let mut ranges = Vec::new();
    while p.next("a", ms(0)) == Next::Push {
        let (flight, bytes) = p.push("a", ms(0)).unwrap();
        ranges.push(range(&bytes));
        p.answered("a", &flight, &answer(range(&bytes).1), ms(0));
    }
    assert_eq!(ranges, [(0, 2), (2, 4), (4, 6), (6, 7)]);
}

#[test]
fn f13_a_push_that_fails_is_tried_again_until_it_is_confirmed() {
    let mut p = board(&["a"]);
    p.add(ms(0), row(1, 10), at(1));
    started(&mut p, ms(0));
    let mut now = ms(0);
    let mut pauses = Vec::new();
    for _ in 0..5 {
        assert_eq!(p.next("a", now), Next::Push);
        let (flight, _) = p.push("a", now).unwrap();
        p.failed("a", &flight, now);
        let Next::Wait(until) = p.next("a", now) else { panic!("no pause") };
        pauses.push(until.since(now));
        now = until;
    }
    assert_eq!(pauses, [100, 200, 400, 800, 1_600]);
    // An answer that confirms less is no confirmation.
    let (flight, bytes) = p.push("a", now).unwrap();
    assert_eq!(range(&bytes), (0, 1));
    p.answered("a", &flight, &answer(0), now);
    let Next::Wait(until) = p.next("a", now) else { panic!("no pause") };
    let (flight, _) = p.push("a", until).unwrap();
    p.answered("a", &flight, &answer(1), until);
    assert_eq!(p.next("a", until), Next::Idle);
}

#[test]
fn f13_after_ten_failures_nothing_is_kept_and_news_makes_another_try() {
    let mut p = board(&["a"]);
    p.add(ms(0), row(1, 10), at(1));
    started(&mut p, ms(0));
    let mut now = ms(0);
    loop {
        match p.next("a", now) {
            Next::Idle => break,
            Next::Wait(until) => now = until,
            Next::Push => {
                let (flight, _) = p.push("a", now).unwrap();
                p.failed("a", &flight, now);
            }
        }
    }
    assert!(now.since(ms(0)) > 20_000);
    assert_eq!(p.queue.bytes(), 0);
    // Nothing asks for it any more when the board looks, so its alarms end.
    assert_eq!((p.check(now), p.check_at()), (vec![], None));
    assert_eq!(started(&mut p, now), Vec::<String>::new());
    let later = now.plus(limits::PUSH_RETRY_MILLIS_MAX);
    p.add(later, row(2, 10), at(2));
    assert_eq!(started(&mut p, later), ["a"]);
    let (_, bytes) = p.push("a", later).unwrap();
    assert_eq!(range(&bytes), (2, 2));
}

#[test]
fn f13_a_board_that_starts_again_asks_only_relays_that_have_not_confirmed() {
    let mut p = board(&["a", "b"]);
    p.add(ms(0), row(1, 10), at(1));
    assert_eq!(p.check_at(), Some(ms(limits::PUSH_CHECK_MILLIS)));
    for (name, seq) in [("a", 1), ("b", 0)] {
        let (flight, _) = p.push(name, ms(0)).unwrap();
        p.answered(name, &flight, &answer(seq), ms(1));
    }
    let stored = p.check(ms(10_000));
    let kept = |name: &str, seq| Stored { name: name.into(), confirmed: Some(seq), viewers: 1 };
    assert_eq!(stored, [kept("a", 1), kept("b", 0)]);
    // One of them has not confirmed: the board looks again.
    assert_eq!(p.check_at(), Some(ms(20_000)));
    let mut p = Pusher::default();
    p.begin(ms(30_000), stored, at(1), 100, 0);
    assert_eq!(started(&mut p, ms(30_000)), ["b"]);
    let (flight, bytes) = p.push("b", ms(30_000)).unwrap();
    assert_eq!(range(&bytes), (1, 1));
    // It had it: the answer was lost.
    p.answered("b", &flight, &answer(1), ms(30_001));
    assert_eq!(p.next("b", ms(30_001)), Next::Idle);
    assert_eq!(p.check(ms(40_000)), [kept("b", 1)]);
    assert_eq!((p.check(ms(41_000)), p.check_at()), (vec![], None));
}

#[test]
fn f13_a_board_that_forgot_its_state_but_not_its_relays_tells_them_of_what_it_did_not_push() {
    let mut p = board(&["a"]);
    // The append was durable, and then something failed: the rows never came here.
    let stored = vec![Stored { name: "a".into(), confirmed: None, viewers: 0 }];
    p.begin(ms(0), stored, at(5), 100, 0);
    assert_eq!(started(&mut p, ms(0)), ["a"]);
    assert_eq!(p.push("a", ms(0)).map(|(_, b)| range(&b)), Some((5, 5)));
}

#[test]
fn f13_a_relay_that_compares_and_is_behind_is_pushed_what_it_misses() {
    let mut p = board(&["a"]);
    p.add(ms(0), row(1, 10), at(1));
    let (flight, _) = p.push("a", ms(0)).unwrap();
    // Somebody answered for it.
    p.answered("a", &flight, &answer(1), ms(1));
    assert_eq!(started(&mut p, ms(1)), Vec::<String>::new());
    let compared = p.compared("a", Some(at(0)), 4);
    assert_eq!(compared, Compared { cursor: at(1), known: true, elsewhere: 0 });
    assert_eq!(started(&mut p, ms(2_000)), ["a"]);
    // The row has gone: a hole.
    assert_eq!(p.push("a", ms(2_000)).map(|(_, b)| range(&b)), Some((1, 1)));
    assert!(!p.compared("b", Some(at(1)), 4).known);
}

#[test]
fn f13_lost_standings_are_said_and_a_new_life_of_the_scoreboard_is_told_to_all() {
    let stored = |name: &str| Stored { name: name.into(), confirmed: Some(7), viewers: 1 };
    let mut p = Pusher::default();
    p.begin(ms(0), vec![stored("a"), stored("b")], at(7), 100, 9);
    assert_eq!(started(&mut p, ms(0)), ["a", "b"]);
    for name in ["a", "b"] {
        p.standings(9, Vec::new());
        let (flight, _) = p.push(name, ms(0)).unwrap();
        p.answered(name, &flight, &answer(7), ms(0));
        assert_eq!(p.next(name, ms(0)), Next::Idle);
    }
    p.nudge();
    assert_eq!(started(&mut p, ms(200)), ["a", "b"]);
    p.standings(9, vec![vec![1; 100]]);
    let (flight, bytes) = p.push("a", ms(200)).unwrap();
    assert_eq!(PushHead::split(&bytes).map(|(_, m)| m.scores.len()), Ok(1));
    p.answered("a", &flight, &answer(7), ms(201));
    for _ in 0..90 {
        p.standings(9, vec![vec![1; 100_000]]);
    }
    assert!(p.queue.bytes() <= limits::PUSH_BYTES);
    let (flight, bytes) = p.push("b", ms(300)).unwrap();
    assert_eq!(PushHead::split(&bytes).map(|(h, _)| h.standings_lost), Ok(true));
    p.answered("b", &flight, &answer(7), ms(301));
    assert_eq!(p.next("b", ms(301)), Next::Idle);
}

#[test]
fn f26_every_relay_is_told_of_the_viewers_of_the_others() {
    let mut p = board(&["a", "b", "c"]);
    p.add(ms(0), row(1, 10), at(1));
    for (name, viewers) in [("a", 5_000), ("b", 50), ("c", 7)] {
        let (flight, _) = p.push(name, ms(0)).unwrap();
        p.answered(name, &flight, &PushAnswer { viewers, ..answer(1) }, ms(1));
    }
    p.add(ms(100), row(2, 10), at(2));
    let told: BTreeMap<&str, u32> = ["a", "b", "c"]
        .into_iter()
        .map(|name| {
            let (_, bytes) = p.push(name, ms(100)).unwrap();
            (name, PushHead::split(&bytes).unwrap().0.elsewhere)
        })
        .collect();
    assert_eq!(told, BTreeMap::from([("a", 57), ("b", 5_007), ("c", 5_050)]));
    assert_eq!(p.compared("c", Some(at(1)), 9).elsewhere, 5_050);
    assert_eq!(p.viewers_elsewhere("a"), 59);
}

#[test]
fn a_relay_without_viewers_is_forgotten_unless_it_registered_again() {
    let mut p = board(&["a"]);
    p.add(ms(0), row(1, 10), at(1));
    let (flight, _) = p.push("a", ms(0)).unwrap();
    p.register("a");
    assert!(!p.gone("a", &flight));
    p.add(ms(200), row(2, 10), at(2));
    let (flight, _) = p.push("a", ms(200)).unwrap();
    assert!(p.gone("a", &flight));
    assert_eq!(p.next("a", ms(300)), Next::Idle);
    p.add(ms(300), row(3, 10), at(3));
    assert_eq!((started(&mut p, ms(300)), p.queue.bytes()), (vec![], 0));
}

#[test]
fn hail_comes_back_as_it_was_and_nothing_else_is_taken() {
    let message = PushMessage {
        previous: at(3),
        to: 4,
        accepted_at: ms(0),
        rows: vec![crate::relay::PushRow { first: 4, batch: b"{}" }],
        scores_life: 0,
        scores: Vec::new(),
    };
    let head = PushHead { elsewhere: 300, standings_lost: true };
    let bytes = head.with(&message);
    assert_eq!(PushHead::split(&bytes), Ok((head, message)));
    let answer = PushAnswer {
        cursor: at(4),
        pace: 180,
        viewers: 5_000,
        syncing: true,
        sent: Sent { frames: 1 << 40, bytes: u64::MAX, slow: 3 },
    };
    assert_eq!(PushAnswer::decode(&answer.encode()), Ok(answer));
    for cut in 0..bytes.len() {
        assert!(PushHead::split(&bytes[..cut]).is_err());
    }
    // One of before, from a relay that does not say what it has sent.
    let before = PushAnswer { sent: Sent::default(), ..answer };
    let mut bytes = before.encode();
    bytes[0] = 1;
    bytes.truncate(bytes.len() - 3);
    assert_eq!(PushAnswer::decode(&bytes), Ok(before));
    assert!(PushAnswer::decode(&[]).is_err() && PushAnswer::decode(b"ok").is_err());
}

#[test]
fn what_relays_have_sent_only_grows_though_one_begins_anew_and_one_goes() {
    let mut p = board(&["a", "b"]);
    let say = |p: &mut Pusher, name: &str, seq: Seq, frames: u64| {
        p.add(ms(seq as i64 * 1_000), row(seq, 10), at(seq));
        let (flight, _) = p.push(name, ms(seq as i64 * 1_000)).unwrap();
        let sent = Sent { frames, bytes: frames * 100, slow: 0 };
        p.answered(name, &flight, &PushAnswer { sent, ..answer(seq) }, ms(seq as i64 * 1_000 + 1));
        flight
    };
    say(&mut p, "a", 1, 10);
    let old = say(&mut p, "b", 2, 5);
    assert_eq!(p.told().sent.frames, 15);
    // It was restarted.
    let new = say(&mut p, "b", 3, 2);
    assert_eq!(p.told().sent, Sent { frames: 17, bytes: 1_700, slow: 0 });
    // An answer that comes late says what is known.
    p.answered("b", &old, &PushAnswer { sent: Sent { frames: 1, ..Sent::default() }, ..answer(2) }, ms(3_100));
    assert_eq!(p.told().sent.frames, 17);
    assert!(p.gone("b", &new));
    let told = p.told();
    assert_eq!((told.sent.frames, told.relays, told.pushes, told.failures, told.behind), (17, 1, 3, 0, 2));
}
