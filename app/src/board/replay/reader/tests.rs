use std::collections::BTreeMap;

use heliograph_shared::cursor::{Cursor, Epoch};
use proptest::prelude::*;

use super::*;

const MINUTE: i64 = 60_000;

fn event(seq: Seq, time: i64, key: &str) -> EventView {
    EventView { seq, key: key.into(), time: Millis(time), id: None, position: None, fields: BTreeMap::new() }
}

fn page(events: Vec<EventView>, next: Option<Seq>) -> EventsPage {
    let cursor = Cursor { epoch: Epoch(1), seq: 1_000_000 };
    EventsPage { cursor, events, next: next.map(|next| next.to_string()) }
}

/// A board's answer: a page looks at so many rows of the log, each with one event.
fn answer(log: &[EventView], wanted: Wanted, rows: usize) -> EventsPage {
    let after = wanted.after.unwrap_or(0);
    let seen: Vec<&EventView> = log.iter().filter(|event| event.seq > after).take(rows).collect();
    let last = seen.last().map_or(after, |event| event.seq);
    let events = seen.iter().filter(|e| e.time >= wanted.from && e.time < wanted.to).map(|e| (*e).clone()).collect();
    page(events, log.iter().any(|event| event.seq > last).then_some(last))
}

#[test]
fn nothing_is_asked_for_beyond_the_end_or_the_lead() {
    let mut reader = Reader::new(Millis(0), Millis(MINUTE));
    assert_eq!(reader.ask(Millis(0), MINUTE), Some(Wanted { from: Millis(1), to: Millis(MINUTE + 1), after: None }));
    reader.take(page(vec![event(1, 10, "a")], None));
    assert_eq!((reader.read(), reader.ask(Millis(0), i64::MAX)), (Millis(MINUTE), None));
    let mut reader = Reader::new(Millis(0), Millis(100 * MINUTE));
    let first = reader.ask(Millis(0), MINUTE).unwrap();
    assert_eq!(first.to, Millis(5 * MINUTE + 1));
    reader.take(page(vec![event(1, 10, "a")], None));
    assert_eq!(reader.ask(Millis(0), MINUTE), None);
    assert_eq!(reader.ask(Millis(5 * MINUTE - 1), MINUTE).unwrap().from, Millis(5 * MINUTE + 1));
}

#[test]
fn no_more_than_the_most_is_held() {
    let mut reader = Reader::new(Millis(0), Millis(1_000 * MINUTE));
    let mut seq = 0;
    while reader.ask(Millis(0), i64::MAX).is_some() {
        let events = (0..PAGE as u64).map(|n| event(seq + n, 1 + (seq + n) as i64 / 100, "a")).collect();
        seq += PAGE as u64;
        reader.take(page(events, Some(seq)));
        assert!(seq <= MOST as u64);
    }
    assert_eq!(seq, MOST as u64);
    assert_eq!(reader.due(Millis(i64::MAX)).len(), MOST);
    assert!(reader.ask(Millis(0), i64::MAX).is_some());
}

#[test]
fn a_stretch_is_read_to_its_last_page() {
    let mut reader = Reader::new(Millis(1_000), Millis(1_000 * MINUTE));
    assert_eq!(reader.ask(Millis(1_000), MINUTE).unwrap().after, None);
    reader.take(page(vec![event(50_101, 62_000, "a")], Some(60_000)));
    // Up to here, but for what may be out of order.
    assert_eq!(reader.read(), Millis(2_000));
    assert_eq!(reader.ask(Millis(1_000), MINUTE).unwrap().after, Some(60_000));
    reader.take(page(Vec::new(), Some(70_000)));
    assert_eq!(reader.ask(Millis(1_000), MINUTE).unwrap().after, Some(70_000));
    reader.take(page(Vec::new(), None));
    assert_eq!(reader.read(), Millis(1_000 + 5 * MINUTE));
}

#[test]
fn gaps_are_passed_in_longer_and_longer_steps() {
    let mut reader = Reader::new(Millis(0), Millis(100_000 * MINUTE));
    let mut lengths = Vec::new();
    for _ in 0..4 {
        let wanted = reader.ask(reader.read(), MINUTE).unwrap();
        lengths.push(wanted.to.since(wanted.from) / MINUTE);
        reader.take(page(Vec::new(), None));
    }
    assert_eq!(lengths, [5, 20, 80, 320]);
    reader.ask(reader.read(), MINUTE);
    reader.take(page(vec![event(6_000, reader.read().0 + 1, "a")], None));
    let wanted = reader.ask(reader.read(), MINUTE).unwrap();
    assert_eq!(wanted.to.since(wanted.from), 5 * MINUTE);
}

#[test]
fn the_next_event_is_of_the_item_that_is_asked_for_and_read() {
    let mut reader = Reader::new(Millis(0), Millis(10 * MINUTE));
    reader.ask(Millis(0), i64::MAX);
    let late = event(3, 9 * MINUTE, "b");
    reader.take(page(vec![event(1, 10, "a"), event(2, 20, "b"), late], Some(3)));
    assert_eq!(reader.next_time(Millis(0), None), Some(Millis(10)));
    assert_eq!(reader.next_time(Millis(10), None), Some(Millis(20)));
    assert_eq!(reader.next_time(Millis(0), Some("b")), Some(Millis(20)));
    assert_eq!(reader.next_time(Millis(20), None), None, "others may come before it");
    reader.take(page(Vec::new(), None));
    assert_eq!(reader.next_time(Millis(20), None), Some(Millis(9 * MINUTE)));
    assert_eq!(reader.next_time(Millis(20), Some("a")), None);
}

proptest! {
    #[test]
    fn a_log_that_is_a_little_out_of_order_is_read_whole_and_by_time(
        gaps in prop::collection::vec((0..20_000_i64, 0..30_000_i64), 1..300),
        begin in 0..3_000_000_i64,
        rows in 40..200_usize,
    ) {
        let mut time = 0;
        let log: Vec<EventView> = (1..).zip(&gaps).map(|(seq, (gap, late))| {
            time += gap;
            event(seq, (time - late).max(0), "a")
        }).collect();
        let end = Millis(time);
        let mut reader = Reader::new(Millis(begin), end);
        let mut at = Millis(begin);
        let mut seen: Vec<(Millis, Seq)> = Vec::new();
        while at < end {
            let wanted = reader.ask(at, MINUTE);
            prop_assert!(wanted.is_some() || reader.read() > at);
            if let Some(wanted) = wanted {
                reader.take(answer(&log, wanted, rows));
            }
            at = Millis((at.0 + 7_000).min(reader.read().0).max(at.0));
            seen.extend(reader.due(at).iter().map(|event| (event.time, event.seq)));
        }
        let mut expected: Vec<(Millis, Seq)> =
            log.iter().filter(|e| e.time.0 > begin).map(|e| (e.time, e.seq)).collect();
        expected.sort_unstable();
        prop_assert_eq!(seen, expected);
    }
}
