//! That a restart knows what was known, wherever checkpoints were.

use super::*;
use crate::codec::DecodeError;
use crate::projection::{Change, LoggedRow, Need, Piece, Projection, Replay, Slice, Table};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Pieces as a board stores them.
#[derive(Default)]
struct Store(BTreeMap<(Table, u64), Piece>);

impl Store {
    fn checkpoint(&mut self, watch: &mut Watch, need: Need) {
        let mut any = false;
        for change in watch.checkpoint(need) {
            any = true;
            match change {
                Change::Put(piece) => {
                    assert!(piece.data.len() <= limits::LOG_ROW_BYTES);
                    self.0.insert((piece.table, piece.id), piece);
                }
                Change::Drop((table, ids)) => self.0.retain(|(of, id), _| *of != table || !ids.contains(id)),
                Change::Merge(..) | Change::Copy(..) => panic!("alarms do not"),
            }
        }
        if any {
            watch.stored();
        }
    }

    fn restored(&self) -> Result<Watch, DecodeError> {
        let mut watch = Watch::default();
        self.0.values().try_for_each(|piece| watch.restore(piece.clone()))?;
        watch.restored()?;
        Ok(watch)
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// Events: key, seconds before now, degrees, longitude.
    Send(Vec<(u8, i64, i32, f64)>),
    End(u8),
    Put(u8),
    Remove(u8),
    Rank(u8, u8),
    Acknowledge(u64),
    Mute(u8, bool),
    Wait(i64),
    Checkpoint,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let event = (0_u8..5, 0_i64..30, 60_i32..100, -0.01..0.01_f64);
    prop_oneof![
        8 => prop::collection::vec(event, 1..5).prop_map(Step::Send),
        1 => (0_u8..5).prop_map(Step::End),
        2 => (0_u8..7).prop_map(Step::Put),
        1 => (0_u8..7).prop_map(Step::Remove),
        1 => (0_u8..5, 0_u8..5).prop_map(|(a, b)| Step::Rank(a, b)),
        1 => (1_u64..20).prop_map(Step::Acknowledge),
        1 => (0_u8..5, any::<bool>()).prop_map(|(k, on)| Step::Mute(k, on)),
        4 => (1_i64..60).prop_map(Step::Wait),
        1 => Just(Step::Checkpoint),
        3 => Just(Step::Restart),
    ]
}

fn some_rule(n: u8) -> Value {
    match n {
        0 => json!({"where": ["temp:gt:80"]}),
        1 => json!({"where": ["temp:gt:85"], "clear_where": ["temp:lt:70"], "for_s": 20, "clear_for_s": 10}),
        2 => json!({"silent_s": 25}),
        3 => json!({"silent_s": 90, "where": ["temp:gt:70"]}),
        4 => json!({"inside": "depot", "for_s": 15}),
        5 => json!({"outside": "depot", "where": ["temp:lt:90"]}),
        _ => json!({"rank_at_most": 1, "clear_for_s": 30}),
    }
}

/// Everything that can be seen of alarms.
fn seen(watch: &Watch, now: Millis) -> (Vec<AlarmEvent>, Vec<StandingAlarm>, Vec<Mute>, (usize, u64)) {
    let alarms = &watch.alarms;
    let standing = alarms.turns.standing.keys().filter_map(|event| alarms.alarm(*event, now)).collect();
    (alarms.log().iter().map(AlarmEvent::from).collect(), standing, alarms.muted(now), alarms.counts())
}

proptest! {
    #[test]
    fn a_board_that_restarts_has_the_alarms_of_one_that_never_did(steps in prop::collection::vec(step(), 1..60)) {
        let mut board = Board::default();
        board.circle("depot", 0.0);
        let (mut store, mut log, mut now) = (Store::default(), Vec::<(Seq, Seq, Millis, Vec<u8>)>::new(), 1_000);
        let mut other = board.watch.clone();
        store.checkpoint(&mut other, Need::Room);
        for step in steps {
            match step {
                Step::Send(events) => {
                    let events: Vec<_> = events
                        .iter()
                        .map(|(k, ago, degrees, lon)| {
                            let fields = temp("", 0, f64::from(*degrees)).fields;
                            Event { fields, ..place(&format!("v{k}"), now - ago, *lon) }
                        })
                        .collect();
                    let bytes = Batch::from_events(&events).encode();
                    other.apply(&Batch::decode(&bytes).unwrap(), board.seq + 1, at(now));
                    log.push((board.seq + 1, board.seq + events.len() as Seq, at(now), bytes));
                    board.send(now, &events);
                }
                Step::End(k) => {
                    let what = Action::EndItems { keys: vec![format!("v{k}")] };
                    let control = Control { at: at(now), by: "me".to_owned(), what };
                    board.end(&format!("v{k}"), now);
                    other.control(board.seq, &control, at(now));
                    log.push((board.seq, board.seq, at(now), control.encode()));
                }
                Step::Put(n) => {
                    board.put(&format!("r{n}"), &some_rule(n), now);
                    let given = (board.seq, at(now));
                    other.put_rule(&id(&format!("r{n}")), &rule(&some_rule(n)), &board.items, given).unwrap();
                    store.checkpoint(&mut other, Need::Room);
                }
                Step::Remove(n) => {
                    let given = (board.seq, at(now));
                    board.watch.remove_rule(&id(&format!("r{n}")), &board.items, given);
                    if other.remove_rule(&id(&format!("r{n}")), &board.items, given) {
                        store.checkpoint(&mut other, Need::Room);
                    }
                }
                Step::Rank(a, b) => {
                    let keys = [format!("v{a}"), format!("p{b}")];
                    let first = || keys.iter().zip(1..).map(|(key, rank)| (key.as_str(), rank));
                    if board.watch.alarms.ranks() > 0 {
                        board.advance(now);
                        board.watch.alarms.rank(first(), at(now));
                        other.alarms.advance(at(now));
                        other.alarms.rank(first(), at(now));
                        store.checkpoint(&mut other, Need::Room);
                    }
                }
                Step::Acknowledge(event) => {
                    // Whoever sees an alarm sees what stands by then.
                    board.advance(now);
                    other.alarms.advance(at(now));
                    board.watch.alarms.acknowledge(event, "ann", at(now));
                    if other.alarms.acknowledge(event, "ann", at(now)) == Some(false) {
                        store.checkpoint(&mut other, Need::Room);
                    }
                }
                Step::Mute(k, on) => {
                    let until = on.then(|| at(now + 50));
                    for watch in [&mut board.watch, &mut other] {
                        watch.alarms.advance(at(now));
                        watch.alarms.mute("", &format!("v{k}"), until, at(now)).unwrap();
                    }
                    store.checkpoint(&mut other, Need::Room);
                }
                Step::Wait(seconds) => {
                    now += seconds;
                    board.advance(now);
                    // The other one looks only when a row comes, or now and then.
                    if seconds % 2 == 0 {
                        other.alarms.advance(at(now));
                    }
                }
                Step::Checkpoint => store.checkpoint(&mut other, Need::Room),
                Step::Restart => {
                    other = store.restored().unwrap();
                    let mut all: Vec<&mut dyn Projection> = vec![&mut other];
                    let mut replay = Replay::new(&mut all, Slice::WHOLE);
                    if let Some(after) = replay.reads_after() {
                        for (first, last, at, bytes) in log.iter().filter(|(_, last, ..)| *last > after) {
                            replay.row(LoggedRow { first: *first, last: *last, at: *at, bytes }).unwrap();
                        }
                    }
                }
            }
        }
        board.advance(now);
        other.alarms.advance(at(now));
        prop_assert_eq!(seen(&other, at(now)), seen(&board.watch, at(now)));
    }

    #[test]
    fn a_rule_without_patience_raises_and_clears_as_a_plain_reading_of_the_events_does(
        events in prop::collection::vec((0_u8..3, 0_i64..50, 70_i32..90), 0..60),
    ) {
        let mut board = Board::with(&[("hot", json!({"where": ["temp:gt:80"]}))]);
        let (mut expected, mut latest) = (Vec::new(), BTreeMap::<u8, (i64, bool)>::new());
        for (key, time, degrees) in events {
            let (seconds, hot) = latest.entry(key).or_insert((i64::MIN, false));
            if time >= *seconds {
                let is_hot = degrees > 80;
                if *hot != is_hot {
                    expected.push(format!("{} hot v{key} {time}", if is_hot { "raise" } else { "clear" }));
                }
                (*seconds, *hot) = (time, is_hot);
            }
            board.send(100, &[temp(&format!("v{key}"), time, f64::from(degrees))]);
        }
        prop_assert_eq!(board.told(), expected);
    }
}

#[test]
fn damaged_pieces_are_refused() {
    let mut board = Board::with(&[("hot", json!({"where": ["temp:gt:80"]}))]);
    board.live(&[temp("a", 0, 90.0)]);
    let mut store = Store::default();
    store.checkpoint(&mut board.watch, Need::Room);
    for piece in store.0.values().filter(|piece| piece.table == Table::Alarms) {
        for cut in 0..piece.data.len() {
            let data = piece.data.get(..cut).unwrap().to_vec();
            let mut watch = Watch::default();
            // Cut between two entries it is a shorter piece; it never panics.
            let _ = watch.restore(Piece { data, ..piece.clone() });
        }
        let mut other = piece.data.clone();
        other[0] = 99;
        assert!(Watch::default().restore(Piece { data: other, ..piece.clone() }).is_err());
    }
}
