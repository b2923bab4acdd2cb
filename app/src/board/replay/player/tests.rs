use std::collections::BTreeMap;

use heliograph_shared::cursor::{Cursor, Epoch, Seq};

use super::*;

const CURSOR: Cursor = Cursor { epoch: Epoch(1), seq: 900 };
const SPAN: Span = Span { from: Millis(1_000_000), to: Millis(2_000_000) };
const AT: Millis = Millis(1_500_000);

fn items(times: &[(&str, i64)]) -> ItemsPage {
    let item = |(key, time): &(&str, i64)| Item {
        key: (*key).to_owned(),
        time: Millis(*time),
        seq: 1,
        position: None,
        fields: BTreeMap::new(),
    };
    ItemsPage { cursor: CURSOR, items: times.iter().map(item).collect(), ended: None, next: None }
}

fn events(times: &[(Seq, &str, i64)]) -> EventsPage {
    let event = |(seq, key, time): &(Seq, &str, i64)| EventView {
        seq: *seq,
        key: (*key).to_owned(),
        time: Millis(*time),
        id: None,
        position: None,
        fields: BTreeMap::new(),
    };
    EventsPage { cursor: CURSOR, events: times.iter().map(event).collect(), next: None }
}

/// Paused at `AT`, with the events up to the end.
fn player(ahead: &[(Seq, &str, i64)]) -> Player {
    let mut player = Player::new(SPAN, AT, Speed::Sixty, Turn::FIRST);
    let (turn, ask) = player.ask().unwrap();
    assert_eq!(ask, Ask::Items { at: AT, after: None });
    assert!(player.take_items(turn, items(&[("a", 1_400_000), ("b", 1_450_000)])).is_some());
    let (turn, ask) = player.ask().unwrap();
    assert!(matches!(ask, Ask::Events(wanted) if wanted.from == AT.plus(1) && wanted.to == SPAN.to.plus(1)), "{ask:?}");
    player.take_events(turn, events(ahead));
    player
}

fn times(due: &[EventView]) -> Vec<i64> {
    due.iter().map(|event| event.time.0).collect()
}

#[test]
fn it_plays_true_time_so_many_times_faster() {
    let mut player = player(&[(2, "a", 1_500_600), (3, "b", 1_501_000), (4, "a", 1_600_000)]);
    assert!(player.tick(1_000.0).is_empty(), "paused");
    player.play();
    assert_eq!(times(&player.tick(10.0)), [1_500_600]);
    assert_eq!(player.view().at, AT.plus(600));
    assert_eq!(times(&player.tick(100.0)), [1_501_000]);
    player.set_speed(Speed::One);
    let before = player.view().at;
    for _ in 0..4 {
        player.tick(16.25);
    }
    assert_eq!(player.view().at, before.plus(65), "parts of milliseconds are kept");
    player.pause();
    player.tick(1_000.0);
    assert_eq!(player.view().at, before.plus(65));
    assert!(!player.view().is_playing && !player.is_going());
}

#[test]
fn at_the_end_it_stops_and_plays_from_the_beginning_next() {
    let mut player = player(&[]);
    player.set_speed(Speed::SixHundred);
    player.play();
    player.tick(10_000.0);
    let view = player.view();
    assert_eq!((view.at, view.is_playing, view.note), (SPAN.to, false, Some(Note::End)));
    player.play();
    let (_, ask) = player.ask().unwrap();
    assert_eq!(ask, Ask::Items { at: SPAN.from, after: None });
    assert!(player.view().is_playing && player.view().note.is_none());
}

#[test]
fn the_clock_waits_for_what_is_not_read() {
    let mut player = Player::new(SPAN, AT, Speed::One, Turn::FIRST);
    let (turn, _) = player.ask().unwrap();
    assert!(player.view().is_waiting);
    player.take_items(turn, items(&[]));
    player.play();
    let (turn, ask) = player.ask().unwrap();
    assert!(matches!(ask, Ask::Events(wanted) if wanted.to == AT.plus(300_001)));
    assert_eq!(player.ask(), None, "one request at a time");
    player.tick(5_000.0);
    assert_eq!((player.view().at, player.view().is_waiting), (AT, true));
    player.take_events(turn, events(&[(2, "a", 1_500_001)]));
    assert_eq!(times(&player.tick(5_000.0)), [1_500_001]);
    assert_eq!((player.view().at, player.view().is_waiting), (AT.plus(5_000), false));
    assert_eq!(player.ask(), None, "enough is read");
}

#[test]
fn answers_to_a_time_that_nobody_wants_any_more_are_nothing() {
    let mut player = player(&[]);
    player.seek(Millis(1_100_000));
    let (old, _) = player.ask().unwrap();
    player.seek(Millis(1_200_000));
    assert_eq!(player.view().at, Millis(1_200_000));
    assert_eq!(player.ask(), None, "the first is still on its way");
    assert_eq!(player.take_items(old, items(&[("a", 1)])), None);
    let (turn, ask) = player.ask().unwrap();
    assert_eq!(ask, Ask::Items { at: Millis(1_200_000), after: None });
    assert_eq!(player.take_items(turn, items(&[("a", 1)])).unwrap().len(), 1);
    player.take_events(old, events(&[(1, "a", 1_200_001)]));
    player.play();
    assert!(player.tick(1_000.0).is_empty());
}

#[test]
fn items_come_page_by_page() {
    let mut player = Player::new(SPAN, Millis(9_000_000), Speed::One, Turn::FIRST);
    let (turn, ask) = player.ask().unwrap();
    assert_eq!(ask, Ask::Items { at: SPAN.to, after: None }, "nothing is later than the end");
    assert_eq!(player.take_items(turn, ItemsPage { next: Some("a".into()), ..items(&[("a", 1)]) }), None);
    let (turn, ask) = player.ask().unwrap();
    assert_eq!(ask, Ask::Items { at: SPAN.to, after: Some("a".into()) });
    assert_eq!(player.take_items(turn, items(&[("b", 1)])).unwrap().len(), 2);
    assert_eq!(player.view().note, Some(Note::End));
}

#[test]
fn it_steps_on_to_the_next_event_of_an_item_or_of_any() {
    let ahead = [(2, "b", 1_500_600), (3, "a", 1_501_000), (4, "b", 1_600_000)];
    let mut player = player(&ahead);
    player.step_on(None);
    assert_eq!(times(&player.tick(0.0)), [1_500_600]);
    player.step_on(Some("b".into()));
    assert_eq!(times(&player.tick(0.0)), [1_501_000, 1_600_000]);
    assert_eq!((player.view().at, player.is_going()), (Millis(1_600_000), false));
    player.step_on(Some("a".into()));
    assert!(player.tick(0.0).is_empty());
    assert_eq!((player.view().at, player.view().note), (SPAN.to, Some(Note::NoLater)));
}

#[test]
fn it_steps_back_to_the_event_before_of_an_item_or_of_any() {
    let mut player = player(&[]);
    let before = [("a", 1_400_000), ("b", 1_450_000)];
    player.step_back(None);
    let (turn, ask) = player.ask().unwrap();
    assert_eq!(ask, Ask::Items { at: AT.plus(-1), after: None });
    assert_eq!(player.take_items(turn, items(&before)).unwrap().len(), 2);
    assert_eq!(player.view().at, Millis(1_450_000));

    player.step_back(Some("a".into()));
    let (turn, _) = player.ask().unwrap();
    assert_eq!(player.take_items(turn, items(&[("a", 1_400_000), ("b", 1_440_000)])), None);
    let (turn, ask) = player.ask().unwrap();
    assert_eq!(ask, Ask::Items { at: Millis(1_400_000), after: None }, "the others were elsewhere then");
    assert!(player.take_items(turn, items(&before[..1])).is_some());
    assert_eq!(player.view().at, Millis(1_400_000));

    player.step_back(Some("b".into()));
    let (turn, _) = player.ask().unwrap();
    assert_eq!(player.take_items(turn, items(&before[..1])), None);
    assert_eq!((player.view().at, player.view().note), (Millis(1_400_000), Some(Note::NoEarlier)));
    player.step_back(None);
    let (turn, _) = player.ask().unwrap();
    player.fail(turn, true, "gone".into());
    assert_eq!(player.view().note, Some(Note::NoEarlier));
}

#[test]
fn after_a_failure_nothing_is_asked_until_somebody_wants_it() {
    let mut player = player(&[]);
    player.seek(Millis(5));
    let (turn, ask) = player.ask().unwrap();
    assert_eq!(ask, Ask::Items { at: Millis(5), after: None }, "the server says why not");
    player.fail(turn, true, "Nothing is kept of then.".into());
    let view = player.view();
    assert_eq!((view.note, view.is_waiting), (Some(Note::Failed("Nothing is kept of then.".into())), false));
    assert_eq!(player.ask(), None);
    player.retry();
    assert!(player.ask().is_some());
    player.seek(AT);
    assert_eq!(player.view().note, None);
}
