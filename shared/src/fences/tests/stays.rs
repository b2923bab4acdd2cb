//! Who is inside: jitter, uncertainty, late points, gaps, ends.

use super::*;
use proptest::prelude::*;

/// Metres east of 0° on the equator, in degrees.
fn east(metres: f64) -> f64 {
    metres / 111_195.08
}

/// A circle of 100 m around 0, 0.
fn depot() -> Value {
    circle(0.0, 0.0, 100.0)
}

fn metres(board: &mut Board, key: &str, fixes: &[(i64, f64)]) {
    let fixes: Vec<_> = fixes.iter().map(|(seconds, metres)| (*seconds, east(*metres), 0.0)).collect();
    board.ride(key, &fixes);
}

#[test]
fn who_goes_through_enters_and_leaves_with_the_time_inside() {
    let mut board = Board::with(&[("depot", depot())]);
    metres(&mut board, "v1", &[(0, 500.0), (10, 50.0), (70, 20.0), (75, 500.0), (80, 600.0)]);
    assert_eq!(board.told(), ["enter depot v1 10", "exit depot v1 75"]);
    let exit = FenceEvent::from(board.fences.happenings().iter().next_back().unwrap());
    assert_eq!((exit.inside_s, exit.reason), (Some(65.0), Some(Reason::Moved)));
    assert!((exit.position.lon - east(500.0)).abs() < 1e-6);
}

#[test]
fn jitter_at_the_border_raises_nothing_within_the_band() {
    let jitter = [(0, 500.0), (10, 95.0), (11, 103.0), (12, 97.0), (13, 129.0), (14, 99.0), (20, 131.0), (21, 110.0)];
    let mut plain = Board::with(&[("depot", depot())]);
    metres(&mut plain, "v1", &jitter);
    assert_eq!(plain.told().len(), 6, "{:?}", plain.told());
    let mut banded = Board::with(&[("depot", with(depot(), "exit_band_m", 30.0))]);
    metres(&mut banded, "v1", &jitter);
    assert_eq!(banded.told(), ["enter depot v1 10", "exit depot v1 20"]);
}

#[test]
fn confirmations_ask_for_fixes_in_a_row_and_count_from_the_first() {
    let mut board = Board::with(&[("depot", with(depot(), "confirmations", 3))]);
    metres(&mut board, "v1", &[(0, 500.0), (1, 50.0), (2, 50.0), (3, 200.0), (4, 50.0), (5, 40.0)]);
    assert_eq!(board.told(), [""; 0]);
    metres(&mut board, "v1", &[(6, 30.0), (7, 300.0), (8, 300.0), (9, 10.0), (10, 300.0), (11, 301.0), (12, 302.0)]);
    assert_eq!(board.told(), ["enter depot v1 4", "exit depot v1 10"]);
}

#[test]
fn a_fix_whose_uncertainty_straddles_the_border_decides_nothing() {
    let fix = |seconds: i64, metres: f64, accuracy: f64| {
        let mut event = event("v1", seconds, east(metres), 0.0);
        let rough = Measured { lat: 0.0, lon: east(metres), accuracy: Some(accuracy), ..Measured::default() };
        event.position = Some(rough.check().unwrap());
        event
    };
    let mut board = Board::with(&[("depot", depot())]);
    for (seconds, metres, accuracy) in [(0, 50.0, 60.0), (1, 50.0, 40.0), (2, 130.0, 40.0), (3, 1_000.0, 5_000.0)] {
        board.send(&[fix(seconds, metres, accuracy)]);
    }
    assert_eq!(board.told(), ["enter depot v1 1"]);
    board.send(&[fix(4, 130.0, 20.0)]);
    assert_eq!(board.told(), ["enter depot v1 1", "exit depot v1 4"]);
}

#[test]
fn what_comes_late_raises_nothing() {
    let mut board = Board::with(&[("depot", depot())]);
    metres(&mut board, "v1", &[(0, 500.0), (100, 50.0), (60, 500.0), (99, 500.0), (110, 40.0), (50, 30.0)]);
    assert_eq!(board.told(), ["enter depot v1 100"]);
    metres(&mut board, "v1", &[(120, 500.0), (115, 20.0), (121, 510.0)]);
    assert_eq!(board.told(), ["enter depot v1 100", "exit depot v1 120"]);
}

#[test]
fn one_request_is_taken_in_the_order_of_time() {
    let mut board = Board::with(&[("depot", depot())]);
    let mut events: Vec<_> =
        (0..5).map(|i| event("v1", i * 10, east([500.0, 50.0, 40.0, 300.0, 400.0][i as usize]), 0.0)).collect();
    events.reverse();
    board.send(&events);
    assert_eq!(board.told(), ["enter depot v1 10", "exit depot v1 30"]);
}

#[test]
fn dwell_is_raised_once_a_stay_by_a_fix_that_is_inside() {
    let mut board = Board::with(&[("depot", with(depot(), "dwell_s", 60))]);
    metres(&mut board, "v1", &[(0, 0.0), (59, 1.0), (60, 2.0), (200, 3.0), (210, 900.0), (300, 0.0)]);
    assert_eq!(board.told(), ["enter depot v1 0", "dwell depot v1 60", "exit depot v1 210", "enter depot v1 300"]);
    // Silent for an hour, and outside when heard of again: when it left is not known.
    metres(&mut board, "v1", &[(3_900, 900.0)]);
    assert_eq!(board.told().last().unwrap(), "exit depot v1 3900");
    assert_eq!(board.told().len(), 5);
}

#[test]
fn an_item_that_ends_leaves_its_fences_and_begins_anew() {
    let mut board = Board::with(&[("depot", depot()), ("town", circle(0.0, 0.0, 5_000.0))]);
    metres(&mut board, "v1", &[(0, 0.0)]);
    board.end("v1", 30);
    assert_eq!(board.told(), ["enter depot v1 0", "enter town v1 0", "exit depot v1 30", "exit town v1 30"]);
    let exit = FenceEvent::from(board.fences.happenings().iter().next_back().unwrap());
    assert_eq!((exit.inside_s, exit.reason), (Some(30.0), Some(Reason::Ended)));
    board.end("v1", 31);
    metres(&mut board, "v1", &[(40, 1_000.0)]);
    assert_eq!(board.told().last().unwrap(), "enter town v1 40");
}

#[test]
fn a_fence_that_is_drawn_anew_counts_from_the_next_fix() {
    let mut board = Board::with(&[("depot", depot())]);
    metres(&mut board, "v1", &[(0, 500.0), (10, 50.0)]);
    board.put("depot", &circle(0.0, 0.0, 80.0));
    metres(&mut board, "v1", &[(20, 60.0)]);
    assert_eq!(board.told(), ["enter depot v1 10"], "it is inside of both");
    board.put("depot", &circle(1.0, 0.0, 80.0));
    assert_eq!(board.told().len(), 1, "nothing moved yet");
    metres(&mut board, "v1", &[(30, 60.0)]);
    assert_eq!(board.told(), ["enter depot v1 10", "exit depot v1 30"]);
    let exit = FenceEvent::from(board.fences.happenings().iter().next_back().unwrap());
    assert_eq!(exit.reason, Some(Reason::FenceChanged));
    board.put("depot", &with(circle(1.0, 0.0, 80.0), "dwell_s", 5));
    metres(&mut board, "v1", &[(40, 60.0), (50, 111_195.0)]);
    let enter = FenceEvent::from(board.fences.happenings().iter().next_back().unwrap());
    assert_eq!((enter.kind, enter.reason), (What::Enter, Some(Reason::Moved)), "other rules are the same shape");
}

#[test]
fn fences_see_items_that_were_there_before_the_first_one() {
    let mut board = Board { fences: Fences::default(), seq: 7 };
    let items = [("v1", Millis(T0 + 100_000), 7)];
    board.fences.put(&id("depot"), &fence(&depot()), (7, Millis(T0)), items.into_iter()).unwrap();
    metres(&mut board, "v1", &[(99, 0.0)]);
    assert_eq!(board.told(), [""; 0], "it is late");
    metres(&mut board, "v1", &[(101, 0.0)]);
    metres(&mut board, "v2", &[(101, 0.0)]);
    let why: Vec<_> = board.fences.happenings().iter().map(|h| h.why).collect();
    assert_eq!(why, [Why::FenceChanged, Why::Appeared]);
}

#[test]
fn a_fence_that_is_deleted_raises_nothing_and_its_events_stay() {
    let mut board = Board::with(&[("depot", depot()), ("town", circle(0.0, 0.0, 5_000.0))]);
    metres(&mut board, "v1", &[(0, 0.0)]);
    assert!(board.fences.remove(&id("depot")));
    assert!(!board.fences.remove(&id("depot")));
    metres(&mut board, "v1", &[(10, 9_000.0)]);
    assert_eq!(board.told(), ["enter depot v1 0", "enter town v1 0", "exit town v1 10"]);
    board.put("depot", &depot());
    metres(&mut board, "v1", &[(20, 0.0)]);
    assert_eq!(board.told()[3..], ["enter depot v1 20", "enter town v1 20"]);
}

#[test]
fn what_is_erased_is_known_nowhere() {
    let mut board = Board::with(&[("depot", depot())]);
    metres(&mut board, "v1", &[(0, 0.0)]);
    metres(&mut board, "v2", &[(1, 0.0)]);
    board.seq += 1;
    board.fences.erase("v1", board.seq);
    assert_eq!(board.told(), ["enter depot v2 1"]);
    let inside = board.fences.shown(&id("depot")).unwrap().inside.unwrap();
    assert_eq!(inside.iter().map(|i| i.key.as_str()).collect::<Vec<_>>(), ["v2"]);
    metres(&mut board, "v1", &[(0, 500.0), (1, 0.0)]);
    assert_eq!(board.told(), ["enter depot v2 1", "enter depot v1 1"]);
}

#[test]
fn events_come_in_pages_the_newest_first() {
    let mut board = Board::with(&[("depot", depot())]);
    for i in 0..5 {
        metres(&mut board, "v1", &[(i * 20, 0.0), (i * 20 + 10, 900.0)]);
    }
    let ask = |text: &str| {
        let pairs: Vec<_> = text.split('&').filter_map(|p| p.split_once('=')).collect();
        let events = board.fences.events(
            &HappeningsQuery::parse(pairs.into_iter()).unwrap(),
            crate::board::beginning(crate::cursor::Epoch(1)),
        );
        (events.events.iter().map(|e| e.id).collect::<Vec<_>>(), events.next)
    };
    assert_eq!(ask("limit=4"), (vec![10, 9, 8, 7], Some(7)));
    assert_eq!(ask("limit=4&after=3"), (vec![2, 1], None));
    assert_eq!(ask("kind=exit&limit=2"), (vec![10, 8], Some(8)));
    assert_eq!(ask(&format!("from={}&to={}", T0 + 20_000, T0 + 40_000)), (vec![4, 3], None));
    assert_eq!(ask("fence=other"), (vec![], None));
    for wrong in [("kind", "in"), ("after", "x"), ("limit", "0"), ("from", "x"), ("what", "x")] {
        let problem = HappeningsQuery::parse([wrong].into_iter()).unwrap_err();
        assert_eq!(problem.errors[0].field, wrong.0);
    }
}

#[test]
fn the_oldest_events_make_room_and_go_by_age() {
    let mut happenings = Happenings::default();
    let one = |at: i64| Happening {
        id: 0,
        what: What::Enter,
        fence: "f".into(),
        key: "k".into(),
        fix: Fix::default(),
        at: Millis(at),
        inside: 0,
        why: Why::Moved,
    };
    (0..limits::FENCE_EVENTS as i64 + 10).for_each(|at| happenings.push(one(at)));
    assert_eq!(happenings.iter().count(), limits::FENCE_EVENTS);
    assert_eq!(happenings.iter().next().unwrap().id, 11);
    assert!(happenings.trim(Millis(100)));
    assert!(!happenings.trim(Millis(100)));
    assert_eq!(happenings.oldest(), Some(Millis(100)));
}

/// What a fix says, told without the code under test: the distance on a sphere.
fn vote(metres_away: f64, accuracy: f64, inside: bool, band: f64) -> Option<bool> {
    let depth = metres_away.abs() - 100.0;
    let sure = accuracy <= 0.0 || depth.abs() > accuracy;
    sure.then_some(depth <= if inside { band } else { 0.0 })
}

proptest! {
    #[test]
    fn events_are_those_of_a_plain_model(
        fixes in prop::collection::vec((0_i64..60, -260.0..260.0_f64, prop_oneof![Just(0.0), 1.0..80.0_f64]), 1..60),
        band in prop_oneof![Just(0.0), 5.0..60.0_f64],
        confirmations in 1_u8..4,
        dwell_s in prop_oneof![Just(None), (1_u32..30).prop_map(Some)],
    ) {
        // Coordinates are kept to 11 cm, accuracies to 10.
        let near = |d: f64| [0.0, band].iter().any(|b| (d.abs() - 100.0 - b).abs() < 0.5);
        let close = |d: f64, a: f64| ((d.abs() - 100.0).abs() - a).abs() < 0.5;
        prop_assume!(fixes.iter().all(|(_, d, a)| !near(*d) && !close(*d, *a)));
        let mut json = with(with(depot(), "exit_band_m", band), "confirmations", confirmations);
        if let Some(dwell_s) = dwell_s {
            json = with(json, "dwell_s", dwell_s);
        }
        let mut board = Board::with(&[("depot", json)]);
        // The model keeps every vote since the last change, and looks back over them.
        let (mut expected, mut last, mut inside) = (Vec::new(), i64::MIN, None::<i64>);
        let (mut votes, mut dwelled) = (Vec::<(i64, bool)>::new(), false);
        for (seconds, away, accuracy) in &fixes {
            let measured = Measured { lat: 0.0, lon: east(*away), accuracy: Some(*accuracy), ..Measured::default() };
            let mut event = event("v1", *seconds, 0.0, 0.0);
            event.position = Some(measured.check().unwrap());
            board.send(&[event]);
            if *seconds < last {
                continue;
            }
            last = *seconds;
            let Some(is_in) = vote(*away, *accuracy, inside.is_some(), band) else { continue };
            votes.push((*seconds, is_in));
            let recent: Vec<_> = votes.iter().rev().take(usize::from(confirmations)).collect();
            if recent.len() == usize::from(confirmations) && recent.iter().all(|(_, v)| *v != inside.is_some()) {
                let first = recent.last().unwrap().0;
                let word = if inside.is_some() { "exit" } else { "enter" };
                expected.push(format!("{word} depot v1 {first}"));
                inside = if inside.is_some() { None } else { Some(first) };
                dwelled = false;
                votes.clear();
            }
            if let (Some(since), Some(dwell_s), true, false) = (inside, dwell_s, is_in, dwelled)
                && seconds - since >= i64::from(dwell_s)
            {
                dwelled = true;
                expected.push(format!("dwell depot v1 {seconds}"));
            }
        }
        prop_assert_eq!(board.told(), expected);
    }
}
