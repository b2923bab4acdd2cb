use super::*;
use crate::cursor::Epoch;
use crate::event::Event;
use crate::rights::{Access, Ask, Conditions, Grant, Operation, Rights};
use crate::value::Value;
use crate::zones::Zones;
use proptest::prelude::*;

const START: Millis = Millis(1_772_366_400_000);

/// A row of the log: its first event, when it was accepted, and its events.
type Row = (Seq, Millis, Vec<Event>);

fn event(key: &str, time: Millis, n: f64) -> Event {
    let fields = vec![("n".to_owned(), Some(Value::Number(n))), ("secret".to_owned(), Some(Value::Bool(true)))];
    Event { id: None, key: key.to_owned(), time, position: None, fields }
}

/// Rows of so many events, each accepted a second after the one before. Now and then a manager's row lies between two.
fn log(sizes: &[usize]) -> Vec<Row> {
    let (mut rows, mut next) = (Vec::new(), 1);
    for (i, size) in sizes.iter().enumerate() {
        let at = START.plus(i as i64 * 1_000);
        let key = |j: usize| format!("k{}", (i + j) % 5);
        let events = (0..*size).map(|j| event(&key(j), at.plus(-500), (next + j as Seq) as f64)).collect();
        rows.push((next, at, events));
        next += *size as Seq + Seq::from(i % 3 == 0);
    }
    rows
}

fn everything(rewind: Rewind) -> RewindAsk {
    RewindAsk { sight: Sight::everything(), read: KeySet::All, keys: None, rewind }
}

fn lens(sight: &Sight) -> Option<Lens> {
    sight.narrowed.as_deref().map(|narrowed| Lens::new(Some(narrowed), Zones::default()))
}

/// What the board answers that keeps the log's events after one.
fn answer(ask: &RewindAsk, log: &[Row], now: Millis, kept_after: Seq) -> Rewound {
    let shows = |_: &Batch<'_>, _: usize| Shown::Whole;
    let mut gathering = Gathering::new(ask, lens(&ask.sight), &shows, now);
    for (first, at, events) in log.iter().rev().filter(|(first, ..)| *first > kept_after) {
        let bytes = Batch::from_events(events).encode();
        let last = first + events.len() as Seq - 1;
        if !gathering.row(&LoggedRow { first: *first, last, at: *at, bytes: &bytes }).unwrap() {
            break;
        }
    }
    gathering.finish(Cursor { epoch: Epoch(1), seq: head(log) }, kept_after)
}

fn head(log: &[Row]) -> Seq {
    log.last().map_or(0, |(first, _, events)| first + events.len() as Seq - 1)
}

fn seqs(answer: &Rewound) -> Vec<Seq> {
    let Rewound::Told(told) = answer else { panic!("{answer:?}") };
    told.events.iter().map(|event| event.seq).collect()
}

/// What a grant for the history of a board shows.
fn sight(keys: &str, conditions: Conditions) -> Sight {
    let (board, operations) = ("fleet".to_owned(), vec![Operation::Read, Operation::History]);
    let grant = Grant { board, operations, keys: vec![keys.to_owned()], conditions };
    let rights = Rights::of_grants(&[grant]).unwrap();
    rights.on(&"fleet".try_into().unwrap(), None).may(Ask::History).unwrap()
}

proptest! {
    #[test]
    fn the_last_events_of_what_is_followed_are_told_in_the_order_of_the_log(
        sizes in prop::collection::vec(1..6_usize, 1..30), n in 1..40_u32, keys in prop::option::of(prop::collection::btree_set(0..7_u8, 0..4)),
    ) {
        let (log, keys) = (log(&sizes), keys.map(|keys| keys.iter().map(|k| format!("k{k}")).collect::<Vec<_>>()));
        let ask = RewindAsk { keys: keys.clone(), ..everything(Rewind::Events(n)) };
        let got = answer(&ask, &log, START.plus(3_600_000), 0);
        let of = |key: &String| keys.as_ref().is_none_or(|keys| keys.contains(key));
        let all = log.iter().flat_map(|(first, _, events)| (*first..).zip(events));
        let all: Vec<Seq> = all.filter(|(_, event)| of(&event.key)).map(|(seq, _)| seq).collect();
        let expected = &all[all.len().saturating_sub(n as usize)..];
        prop_assert_eq!(seqs(&got), expected);
        let Rewound::Told(told) = got else { unreachable!() };
        // Nothing that is followed lies between where it begins and its first event.
        prop_assert_eq!(all.iter().filter(|seq| **seq > told.from).count(), expected.len());
    }

    #[test]
    fn what_was_accepted_in_the_last_seconds_is_told_and_nothing_older(
        sizes in prop::collection::vec(1..6_usize, 1..30), seconds in 1..40_u32,
    ) {
        let log = log(&sizes);
        let now = START.plus(sizes.len() as i64 * 1_000);
        let got = answer(&everything(Rewind::Seconds(seconds)), &log, now, 0);
        let young = log.iter().filter(|(_, at, _)| now.since(*at) <= i64::from(seconds) * 1_000);
        let expected: Vec<Seq> = young.flat_map(|(first, _, events)| (0..events.len() as Seq).map(move |i| first + i)).collect();
        prop_assert_eq!(seqs(&got), expected);
    }
}

#[test]
fn a_log_that_no_longer_goes_back_so_far_is_told_as_that() {
    let log = log(&[2, 2, 2, 2]);
    let now = START.plus(4_000);
    let three = log[2].0 - 1;
    let (few, many) = (everything(Rewind::Events(3)), everything(Rewind::Events(5)));
    assert_eq!(seqs(&answer(&few, &log, now, three)).len(), 3);
    assert_eq!(answer(&many, &log, now, three), Rewound::Refused(Refusal::Gone));
    assert_eq!(seqs(&answer(&many, &log, now, 0)).len(), 5);
    let rest = everything(Rewind::Events(50));
    assert_eq!(seqs(&answer(&rest, &log, now, 0)).len(), 8, "a log that is whole has no more than it has");
    // What is gone is older than any rewind by seconds goes back.
    assert_eq!(seqs(&answer(&everything(Rewind::Seconds(60)), &log, now, three)).len(), 4);
}

#[test]
fn more_than_one_rewind_may_tell_or_look_through_is_told_as_that() {
    let many = log(&[50; 101]);
    let asked = everything(Rewind::Seconds(3_600));
    assert_eq!(answer(&asked, &many, START, 0), Rewound::Refused(Refusal::TooFar));
    assert_eq!(seqs(&answer(&asked, &many[..100], START, 0)).len(), 5_000);
    let sizes: Vec<usize> = std::iter::repeat_n(1, limits::REWIND_LOG_ROWS as usize + 2).collect();
    let rows = log(&sizes);
    let rare = RewindAsk { keys: Some(vec!["no-such-key".into()]), ..everything(Rewind::Events(1)) };
    assert_eq!(answer(&rare, &rows, START, 0), Rewound::Refused(Refusal::TooFar));
    assert_eq!(seqs(&answer(&rare, &rows[..100], START, 0)), Vec::<Seq>::new());
    let mut long = event("k", START, 1.0);
    long.fields.push(("text".into(), Some(Value::Text("x".repeat(1_000)))));
    let large = vec![(1, START, vec![long; 1_100])];
    assert_eq!(answer(&everything(Rewind::Events(1_100)), &large, START, 0), Rewound::Refused(Refusal::TooFar));
    assert_eq!(seqs(&answer(&everything(Rewind::Events(800)), &large, START, 0)).len(), 800);
}

#[test]
fn what_the_grant_hides_of_the_history_is_not_told() {
    let log = log(&[3, 3, 3]);
    let now = START.plus(3_000);
    let hidden = Conditions { hidden_fields: Some(vec!["secret".into()]), ..Conditions::default() };
    let ask = |sight: Sight| RewindAsk { sight, ..everything(Rewind::Events(50)) };
    let got = answer(&ask(sight("k1", hidden)), &log, now, 0);
    let Rewound::Told(told) = got else { panic!("{got:?}") };
    assert!(!told.events.is_empty());
    assert!(told.events.iter().all(|e| e.key == "k1" && e.fields.keys().eq(["n"])), "{told:?}");
    // Which keys may be read now counts, too.
    let read = RewindAsk { read: KeySet::of(&["k2"]).unwrap(), ..everything(Rewind::Events(50)) };
    let got = answer(&read, &log, now, 0);
    assert!(matches!(&got, Rewound::Told(told) if told.events.iter().all(|e| e.key == "k2")), "{got:?}");
    // Event times are half a second before the rows'.
    let from = |at: i64| Conditions { history_from: Some(START.plus(at)), ..Conditions::default() };
    let window = |at| answer(&ask(sight("*", from(at))), &log, now, 0);
    assert_eq!(seqs(&window(400)).len(), 6);
    assert_eq!(window(60_000), Rewound::Refused(Refusal::Hidden));
    let public = Access::public().may(Ask::History).unwrap();
    assert_eq!(seqs(&answer(&ask(public), &log, now, 0)).len(), 9);
}

#[test]
fn how_far_back_is_bounded() {
    for (rewind, fits) in [
        (Rewind::Events(0), false),
        (Rewind::Events(1), true),
        (Rewind::Events(limits::REWIND_EVENTS), true),
        (Rewind::Events(limits::REWIND_EVENTS + 1), false),
        (Rewind::Seconds(0), false),
        (Rewind::Seconds(limits::REWIND_SECONDS), true),
        (Rewind::Seconds(limits::REWIND_SECONDS + 1), false),
    ] {
        assert_eq!(rewind.check().is_ok(), fits, "{rewind:?}");
    }
}
