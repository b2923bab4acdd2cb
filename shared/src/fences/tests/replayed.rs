//! That a restart knows what was known, wherever checkpoints were, and what a fix costs.

use super::*;
use crate::codec::DecodeError;
use crate::projection::{Entry, LoggedRow, Replay, Slice};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Pieces as a board stores them.
#[derive(Default)]
struct Store(BTreeMap<u64, Piece>);

impl Store {
    fn checkpoint(&mut self, fences: &mut Fences, need: Need) {
        for change in fences.checkpoint(need) {
            match change {
                Change::Put(piece) => {
                    assert!(piece.data.len() <= limits::LOG_ROW_BYTES);
                    self.0.insert(piece.id, piece);
                }
                Change::Drop((_, ids)) => self.0.retain(|id, _| !ids.contains(id)),
                Change::Merge(..) | Change::Copy(..) => panic!("fences do not"),
            }
        }
        fences.stored();
    }

    fn restored(&self) -> Result<Fences, DecodeError> {
        let mut fences = Fences::default();
        self.0.values().try_for_each(|piece| fences.restore(piece.clone()))?;
        fences.restored()?;
        Ok(fences)
    }
}

type Seen = (Vec<Option<Known>>, HashMap<Box<str>, Item>, Vec<Happening>, u64);

fn seen(fences: &Fences) -> Seen {
    let slots = fences.slots.iter().cloned().rev().skip_while(Option::is_none).collect::<Vec<_>>();
    let happened = fences.happenings.iter().cloned().collect();
    (slots, fences.items.clone(), happened, fences.happenings.last())
}

#[derive(Clone, Debug)]
enum Step {
    Send(Vec<(u8, i64, f64)>),
    End(u8),
    Erase(u8),
    Put(u8, f64),
    Remove(u8),
    Checkpoint,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let fix = (0_u8..6, 0_i64..400, -0.01..0.01_f64);
    prop_oneof![
        8 => prop::collection::vec(fix, 1..5).prop_map(Step::Send),
        1 => (0_u8..6).prop_map(Step::End),
        1 => (0_u8..6).prop_map(Step::Erase),
        1 => (0_u8..4, -0.005..0.005_f64).prop_map(|(f, x)| Step::Put(f, x)),
        1 => (0_u8..4).prop_map(Step::Remove),
        1 => Just(Step::Checkpoint),
        3 => Just(Step::Restart),
    ]
}

proptest! {
    #[test]
    fn a_board_that_restarts_knows_what_one_knows_that_never_did(steps in prop::collection::vec(step(), 1..60)) {
        let mut kept = Fences::default();
        let (mut fences, mut store) = (Fences::default(), Store::default());
        // Rows: first, last, bytes; an erased row is without what was erased.
        let mut log: Vec<(Seq, Seq, Vec<u8>)> = Vec::new();
        let mut seq = 0;
        let now = Millis(T0);
        for step in steps {
            match step {
                Step::Send(fixes) => {
                    let events: Vec<_> = fixes.iter().map(|(k, t, x)| event(&format!("v{k}"), *t, *x, 0.0)).collect();
                    let bytes = Batch::from_events(&events).encode();
                    let batch = Batch::decode(&bytes).unwrap();
                    kept.apply(&batch, seq + 1, now);
                    fences.apply(&batch, seq + 1, now);
                    log.push((seq + 1, seq + events.len() as Seq, bytes));
                    seq += events.len() as Seq;
                }
                Step::End(k) => {
                    let what = Action::EndItems { keys: vec![format!("v{k}")] };
                    let control = Control { at: Millis(T0 + 500_000), by: String::new(), what };
                    seq += 1;
                    kept.control(seq, &control, now);
                    fences.control(seq, &control, now);
                    log.push((seq, seq, control.encode()));
                }
                Step::Erase(k) => {
                    seq += 1;
                    kept.erase(&format!("v{k}"), seq);
                    fences.erase(&format!("v{k}"), seq);
                    store.checkpoint(&mut fences, Need::Room);
                    let what = Action::EndItems { keys: vec![format!("v{k}")] };
                    log.push((seq, seq, Control { at: now, by: String::new(), what }.encode()));
                }
                Step::Put(f, x) => {
                    let fence = fence(&with(with(circle(x, 0.0, 300.0), "confirmations", f % 3 + 1), "dwell_s", 20));
                    for each in [&mut kept, &mut fences] {
                        each.put(&id(&format!("f{f}")), &fence, (seq, now), std::iter::empty()).unwrap();
                    }
                    store.checkpoint(&mut fences, Need::Room);
                }
                Step::Remove(f) => {
                    let there = kept.remove(&id(&format!("f{f}")));
                    prop_assert_eq!(fences.remove(&id(&format!("f{f}"))), there);
                    store.checkpoint(&mut fences, Need::Room);
                }
                Step::Checkpoint => store.checkpoint(&mut fences, Need::Room),
                Step::Restart => {
                    let floor = fences.floor();
                    fences = store.restored().unwrap();
                    prop_assert!(fences.is_idle() || floor == fences.floor());
                    let mut all: [&mut dyn Projection; 1] = [&mut fences];
                    let mut replay = Replay::new(&mut all, Slice::WHOLE);
                    // What is below the floor is pruned.
                    for (first, last, bytes) in log.iter().filter(|(_, last, _)| *last > floor) {
                        replay.row(LoggedRow { first: *first, last: *last, at: now, bytes }).unwrap();
                    }
                }
            }
            prop_assert_eq!(seen(&fences), seen(&kept));
        }
    }

    #[test]
    fn damaged_pieces_are_refused_and_break_nothing(at in 0_usize..200, byte in any::<u8>()) {
        let mut board = Board::with(&[("depot", circle(0.0, 0.0, 100.0))]);
        board.ride("v1", &[(0, 0.0, 0.0), (1, 1.0, 0.0), (2, 0.0, 0.0)]);
        let mut store = Store::default();
        store.checkpoint(&mut board.fences, Need::Room);
        for piece in store.0.values_mut() {
            let len = piece.data.len();
            piece.data[at % len] = byte;
        }
        let _ = store.restored();
    }
}

#[test]
fn a_board_without_fences_writes_nothing_and_waits_for_no_row() {
    let mut board = Board::with(&[]);
    board.ride("v1", &[(0, 0.0, 0.0), (1, 1.0, 0.0)]);
    board.end("v1", 5);
    assert_eq!(board.fences.checkpoint(Need::Room).count(), 0);
    assert_eq!((board.fences.reads_after(), board.fences.has_more()), (None, false));
    assert_eq!(board.fences.floor(), limits::SEQ_MAX);
}

#[test]
fn a_checkpoint_is_due_after_so_many_rows() {
    let mut board = Board::with(&[("depot", circle(0.0, 0.0, 100.0))]);
    Store::default().checkpoint(&mut board.fences, Need::Room);
    (0..999).for_each(|i| board.ride("v1", &[(i, 0.0, 0.0)]));
    assert_eq!(board.fences.checkpoint(Need::Due).count(), 0);
    board.ride("v1", &[(999, 0.0, 0.0)]);
    assert!(board.fences.checkpoint(Need::Due).count() > 0);
    let row = Batch::from_events(&[event("v1", 1_000, 0.0, 0.0)]).encode();
    let entry = Entry::decode(board.seq + 1, Millis(T0), &row).unwrap();
    Projection::apply(&mut board.fences, &entry).unwrap();
    assert_eq!(board.fences.reads_after(), Some(board.seq + 1));
}

/// `cargo test --release -p heliograph-shared a_fix_costs -- --ignored --nocapture`
#[test]
#[ignore = "measures"]
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn a_fix_costs_at_most_5_microseconds_among_1_000_fences() {
    let mut board = Board::with(&[]);
    // A town of 50 km, with circles, polygons of 24 corners and corridors that overlap.
    let mut random = 7_u64;
    let mut next = move || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 11) as f64 / (1_u64 << 53) as f64
    };
    for i in 0..limits::FENCES_PER_BOARD {
        let (x, y, r) = (next() * 0.5, next() * 0.5, 0.001 + next() * 0.01);
        let json = match i % 3 {
            0 => circle(x, y, r * 111_195.0),
            1 => {
                let ring: Vec<_> = (0..24)
                    .map(|k| {
                        let a = f64::from(k) * std::f64::consts::TAU / 24.0;
                        [x + r * a.cos(), y + r * a.sin()]
                    })
                    .collect();
                json!({"shape": {"type": "Polygon", "coordinates": [ring]}})
            }
            _ => {
                json!({"shape": {"type": "LineString", "coordinates": [[x, y], [x + r, y + r], [x + 2.0 * r, y]]}, "width_m": 60})
            }
        };
        board.put(&format!("f{i}"), &with(with(json, "exit_band_m", 20), "dwell_s", 60));
    }
    let mut places: Vec<_> = (0..10_000).map(|_| (next() * 0.5, next() * 0.5)).collect();
    let mut batches = Vec::new();
    for second in 0..50_i64 {
        let events: Vec<_> = places
            .iter_mut()
            .enumerate()
            .map(|(i, place)| {
                *place = (place.0 + (next() - 0.5) * 0.0005, place.1 + (next() - 0.5) * 0.0005);
                let measured = Measured { lon: place.0, lat: place.1, accuracy: Some(5.0), ..Measured::default() };
                Event { position: Some(measured.check().unwrap()), ..event(&format!("vehicle-{i}"), second, 0.0, 0.0) }
            })
            .collect();
        batches.push(events);
    }
    let (mut spent, mut count) = (std::time::Duration::ZERO, 0);
    for events in &batches {
        let batch = Batch::from_events(events);
        let start = std::time::Instant::now();
        board.fences.apply(&batch, board.seq + 1, Millis(T0));
        spent += start.elapsed();
        count += events.len();
        board.seq += events.len() as Seq;
    }
    let each = spent.as_secs_f64() * 1e6 / count as f64;
    println!("{each:.2} µs a fix, {} events", board.fences.happenings().last());
    assert!(each <= 5.0, "{each} µs");
}
