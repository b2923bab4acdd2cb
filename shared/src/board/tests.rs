//! Rules B: what the writer accepts, refuses, numbers and remembers.

use super::*;
use crate::ingest::RecordStatus;
use crate::value::Value;

fn event(id: Option<&str>, key: &str, time: i64) -> Event {
    let fields = vec![("x".to_owned(), Some(Value::Number(time as f64)))];
    Event { id: id.map(str::to_owned), key: key.into(), time: Millis(time), position: None, fields }
}

fn encoded(events: &[Event]) -> Vec<u8> {
    Batch::from_events(events).encode()
}

fn board() -> Board {
    Board::new(Items::default(), beginning(Epoch(1)))
}

fn send_as(board: &mut Board, events: &[Event], identity: Identity) -> (Vec<LogRow>, IngestAnswer) {
    let batch = encoded(events);
    match board.ingest(&IngestRequest { batch: &batch, identity, owner: "", sent_by: SentBy::Unknown }).unwrap() {
        Verdict::Append { rows, answer } => (rows, answer),
        Verdict::Answer(answer) => (Vec::new(), answer),
    }
}

fn send(board: &mut Board, events: &[Event]) -> (Vec<LogRow>, IngestAnswer) {
    send_as(board, events, Identity::Id)
}

/// The memory of ids of these rows.
fn recent(rows: &[LogRow], identity: Identity, owner: &str) -> RecentIds {
    let mut recent = RecentIds::new(Epoch(1));
    rows.iter().for_each(|r| recent.remember(&r.batch, identity, owner).unwrap());
    recent
}

/// The board after a restart: from a checkpoint made when `kept` rows were there, and the tail.
fn restarted(rows: &[LogRow], checkpoint: Option<(&Items, Cursor)>) -> Board {
    let (items, cursor) = match checkpoint {
        Some((items, cursor)) => (Items::from_snapshot(items.to_snapshot().iter().map(Vec::as_slice)).unwrap(), cursor),
        None => (Items::default(), beginning(Epoch(1))),
    };
    let mut board = Board::new(items, cursor);
    for row in rows.iter().filter(|r| r.first > cursor.seq) {
        board.replay(&logged(row)).unwrap();
    }
    board
}

/// A row as it is read from the log.
fn logged(row: &LogRow) -> Entry<'_> {
    Entry::read(row.logged(Millis(0))).unwrap()
}

#[test]
fn b1_a_request_is_one_row_and_its_events_are_numbered_in_order() {
    let mut b = board();
    let events = [event(None, "a", 1), event(None, "b", 2)];
    let (rows, answer) = send(&mut b, &events);
    assert_eq!(rows, [LogRow { first: 1, last: 2, batch: encoded(&events) }]);
    assert_eq!((answer.accepted, answer.cursor.as_str()), (2, "e1:2"));
    let (rows, _) = send(&mut b, &[event(None, "a", 3)]);
    assert_eq!((rows[0].first, rows[0].last), (3, 3));
    let (rows, answer) = send(&mut b, &[]);
    assert_eq!((rows.len(), answer.cursor.as_str()), (0, "e1:3"));
}

#[test]
fn b2_what_comes_twice_is_a_duplicate_within_a_request_and_between_requests() {
    let mut b = board();
    let (_, answer) = send(&mut b, &[event(Some("1"), "a", 1), event(Some("1"), "a", 2), event(None, "a", 3)]);
    assert_eq!((answer.accepted, answer.duplicate), (2, 1));
    assert_eq!(answer.results[0].index, 1);
    let (rows, answer) = send(&mut b, &[event(Some("2"), "b", 4), event(Some("1"), "c", 5)]);
    assert_eq!((answer.accepted, answer.duplicate, rows.len()), (1, 1, 1));
    // What was refused as a duplicate left nothing behind.
    assert!(b.items().find("c").is_none());
    assert_eq!(Batch::decode(&rows[0].batch).unwrap().len(), 1);
    let (rows, answer) = send(&mut b, &[event(Some("2"), "b", 9)]);
    assert_eq!((rows.len(), answer.duplicate, answer.cursor.as_str()), (0, 1, "e1:3"));
    assert_eq!(answer.results[0].status, RecordStatus::Duplicate);
}

#[test]
fn b2_with_key_id_an_id_is_its_keys_own() {
    let mut b = board();
    let (_, answer) = send_as(&mut b, &[event(Some("1"), "a", 1), event(Some("1"), "b", 1)], Identity::KeyId);
    assert_eq!((answer.accepted, answer.duplicate), (2, 0));
    let (_, answer) =
        send_as(&mut b, &[event(Some("1"), "b", 2), event(Some("1b"), "", 2), event(None, "b", 2)], Identity::KeyId);
    assert_eq!((answer.accepted, answer.duplicate), (2, 1));
}

#[test]
fn b2_with_key_time_a_moment_of_a_key_comes_once() {
    let mut b = board();
    let events = [event(None, "a", 1), event(None, "a", 1), event(None, "b", 1), event(Some("x"), "a", 1)];
    let (_, answer) = send_as(&mut b, &events, Identity::KeyTime);
    assert_eq!((answer.accepted, answer.duplicate), (3, 1));
    let (_, answer) = send_as(&mut b, &[event(None, "b", 1), event(None, "b", 2)], Identity::KeyTime);
    assert_eq!((answer.accepted, answer.duplicate), (1, 1));
}

#[test]
fn b2_the_memory_of_ids_is_bounded_and_forgets_the_oldest() {
    let mut b = board();
    for i in 0..=10_u32 {
        let events: Vec<Event> = (0..10_000).map(|k| event(Some(&format!("{i}-{k}")), "a", 1)).collect();
        assert_eq!(send(&mut b, &events).1.duplicate, 0);
    }
    assert_eq!(send(&mut b, &[event(Some("10-9999"), "a", 1)]).1.duplicate, 1);
    assert_eq!(send(&mut b, &[event(Some("1-0"), "a", 1)]).1.duplicate, 1);
    assert_eq!(send(&mut b, &[event(Some("0-0"), "a", 1)]).1.duplicate, 0);
}

#[test]
fn b4_records_over_the_boards_limits_are_refused_one_by_one() {
    let mut b = board();
    let wide: Vec<Event> = (0..4)
        .map(|i| {
            let fields = (0..64).map(|f| (format!("f{}", i * 64 + f), Some(Value::Bool(true)))).collect();
            Event { fields, ..event(None, "a", i) }
        })
        .collect();
    assert_eq!(send(&mut b, &wide).1.accepted, 4);
    let known = Event { fields: vec![("f7".into(), Some(Value::Bool(false)))], ..event(None, "a", 9) };
    let (rows, answer) = send(&mut b, &[event(None, "b", 8), known]);
    assert_eq!((answer.accepted, answer.refused, rows.len()), (1, 1, 1));
    assert_eq!(answer.results[0].code.as_deref(), Some("too_many_fields"));
    assert_eq!(answer.results[0].index, 0);
    // A record that removes a field that nobody knows would make a name too.
    let removal = Event { fields: vec![("g".into(), None)], ..event(None, "a", 10) };
    assert_eq!(send(&mut b, &[removal]).1.refused, 1);
    assert_eq!(b.items().field_count(), 256);
}

#[test]
fn b4_the_board_is_full_at_200_000_items() {
    let bare = |key: String| Event { id: None, key, time: Millis(1), position: None, fields: Vec::new() };
    let mut b = board();
    for i in 0..20 {
        let events: Vec<Event> = (0..10_000).map(|k| bare(format!("{}", i * 10_000 + k))).collect();
        assert_eq!(send(&mut b, &events).1.accepted, 10_000);
    }
    let (_, answer) = send(&mut b, &[bare("new".into()), bare("5".into()), bare("new".into())]);
    assert_eq!((answer.accepted, answer.refused), (1, 2));
    assert_eq!(answer.results[0].code.as_deref(), Some("too_many_items"));
}

#[test]
fn b5_a_request_that_encodes_larger_than_a_row_is_split_and_replays_alike() {
    let mut b = board();
    let text = |i: usize| Some(Value::Text(format!("{i}{}", "y".repeat(900))));
    let events: Vec<Event> = (0..6_000)
        .map(|i| Event { fields: vec![("t".into(), text(i))], ..event(None, &format!("{}", i % 700), i as i64) })
        .collect();
    let (rows, answer) = send(&mut b, &events);
    assert!(rows.len() > 2, "{}", rows.len());
    assert!(rows.iter().all(|r| r.batch.len() <= limits::LOG_ROW_BYTES));
    assert!(rows.windows(2).all(|w| w[1].first == w[0].last + 1));
    assert_eq!((answer.accepted, rows.last().unwrap().last, b.cursor().seq), (6_000, 6_000, 6_000));
    let again = restarted(&rows, None);
    assert_eq!(again.cursor(), b.cursor());
    assert!(again.items().iter().eq(b.items().iter()));
}

#[test]
fn b6_after_a_restart_duplicates_are_recognised_with_and_without_a_checkpoint() {
    let mut b = board();
    let mut rows = send(&mut b, &[event(Some("1"), "a", 1), event(Some("2"), "b", 1)]).0;
    let checkpoint = (b.items().clone(), b.cursor());
    rows.extend(send(&mut b, &[event(Some("3"), "c", 2)]).0);
    for checkpoint in [None, Some((&checkpoint.0, checkpoint.1)), Some((b.items(), b.cursor()))] {
        let mut again = restarted(&rows, checkpoint);
        assert_eq!(again.cursor(), b.cursor());
        let batch = encoded(&[event(Some("1"), "a", 1), event(Some("3"), "c", 2), event(Some("4"), "c", 3)]);
        let request = IngestRequest { batch: &batch, identity: Identity::Id, owner: "", sent_by: SentBy::Unknown };
        assert_eq!(again.needs_memory(&request), Memory::Rows);
        again.remember(recent(&rows, Identity::Id, ""));
        assert_eq!(again.needs_memory(&request), Memory::Ready);
        let Verdict::Append { answer, .. } = again.ingest(&request).unwrap() else { panic!("not appended") };
        assert_eq!((answer.accepted, answer.duplicate), (1, 2));
    }
}

#[test]
fn b6_the_memory_is_not_read_for_requests_that_need_none() {
    let mut b = board();
    let rows = send(&mut b, &[event(None, "a", 1)]).0;
    let again = restarted(&rows, None);
    let request = |batch, identity| IngestRequest { batch, identity, owner: "", sent_by: SentBy::Unknown };
    let (plain, with_id) = (encoded(&[event(None, "a", 2)]), encoded(&[event(Some("1"), "a", 2)]));
    assert_eq!(again.needs_memory(&request(&plain, Identity::Id)), Memory::Ready);
    assert_eq!(again.needs_memory(&request(&plain, Identity::KeyTime)), Memory::Rows);
    assert_eq!(again.needs_memory(&request(&with_id, Identity::Id)), Memory::Rows);
    assert_eq!(b.needs_memory(&request(&with_id, Identity::KeyTime)), Memory::Ready);
}

#[test]
fn b5_rows_replay_in_order_only() {
    let mut b = board();
    let first = send(&mut b, &[event(None, "a", 1)]).0;
    let second = send(&mut b, &[event(None, "a", 2)]).0;
    let mut again = board();
    assert!(again.replay(&logged(&second[0])).is_err());
    assert!(Entry::decode(first[0].first, Millis(0), &[1, 2, 3]).is_err());
    assert_eq!(again.cursor().seq, 0);
    again.replay(&logged(&first[0])).unwrap();
    assert!(again.replay(&logged(&first[0])).is_err());
    again.replay(&logged(&second[0])).unwrap();
}

#[test]
fn b7_a_late_event_is_kept_counted_and_changes_no_item() {
    let mut b = board();
    send(&mut b, &[event(None, "a", 100)]);
    let (rows, answer) = send(&mut b, &[event(None, "a", 50), event(None, "a", 100)]);
    assert_eq!((answer.accepted, answer.late, rows.len()), (2, 1, 1));
    let item = b.items().get(b.items().find("a").unwrap()).unwrap();
    assert_eq!((item.time, item.seq), (Millis(100), 3));
}

#[test]
fn b1_bytes_that_are_no_batch_change_nothing() {
    let mut b = board();
    let request = IngestRequest { batch: &[1, 0, 200], identity: Identity::Id, owner: "", sent_by: SentBy::Unknown };
    assert!(b.ingest(&request).is_err());
    assert_eq!(b.cursor().seq, 0);
}

#[test]
fn f3_the_first_push_leaves_at_once_and_the_next_after_a_tick() {
    let mut t = Tick::default();
    let now = Millis(1_000);
    assert_eq!(t.wait(now), 0);
    t.left(now, 100);
    assert_eq!(t.wait(now), 100);
    assert_eq!(t.wait(now.plus(60)), 40);
    assert_eq!(t.wait(now.plus(5_000)), 0);
}

#[test]
fn f3_the_pace_grows_with_frames_up_to_its_bound() {
    assert_eq!([0, 100, 280, 400, 560, 5_000].map(crowd_pace), [0, 36, 100, 144, 200, 200]);
}

#[test]
fn f5_wide_items_are_refused_before_a_board_is_too_heavy() {
    let mut b = board();
    let fields: Vec<(String, Option<Value>)> =
        (0..64).map(|i| (format!("f{i}"), Some(Value::Text("x".repeat(1_000))))).collect();
    let (mut accepted, mut refused) = (0, 0);
    for i in 0..1_200 {
        let wide = Event { id: None, key: format!("w{i}"), time: Millis(1), position: None, fields: fields.clone() };
        let (rows, answer) = send(&mut b, &[wide]);
        accepted += answer.accepted;
        refused += answer.refused;
        assert_eq!(rows.len(), answer.accepted as usize);
        if let Some(r) = answer.results.first() {
            assert_eq!(r.code.as_deref(), Some("board_full"));
        }
    }
    assert!(accepted > 600 && refused > 500, "{accepted} {refused}");
    assert!(b.items().bytes() <= limits::ITEMS_BYTES_PER_BOARD);
    // What does not grow is taken.
    let small = Event { id: None, key: "w1".into(), time: Millis(2), position: None, fields: Vec::new() };
    assert_eq!(send(&mut b, &[small]).1.accepted, 1);
}

#[test]
fn f19_an_event_id_is_its_owners_own_and_survives_a_restart() {
    let mut b = board();
    let batch = encoded(&[event(Some("1"), "a", 1)]);
    let request = |owner| IngestRequest { batch: &batch, identity: Identity::Id, owner, sent_by: SentBy::Unknown };
    let Verdict::Append { rows, .. } = b.ingest(&request("bus")).unwrap() else { panic!("not appended") };
    let Verdict::Append { answer, .. } = b.ingest(&request("tram")).unwrap() else { panic!("not appended") };
    assert_eq!((answer.accepted, answer.duplicate), (1, 0));
    let Verdict::Answer(answer) = b.ingest(&request("bus")).unwrap() else { panic!("appended") };
    assert_eq!(answer.duplicate, 1);
    let mut again = restarted(&rows, None);
    again.remember(recent(&rows, Identity::Id, "bus"));
    assert!(matches!(again.ingest(&request("bus")), Ok(Verdict::Answer(_))));
    assert!(matches!(again.ingest(&request("tram")), Ok(Verdict::Append { .. })));
    // Where ids are the board's, whoever sends it second sends a duplicate.
    assert!(matches!(b.ingest(&request("")), Ok(Verdict::Append { .. })));
    assert!(matches!(b.ingest(&request("")), Ok(Verdict::Answer(_))));
}

#[test]
fn f19_what_has_no_id_is_the_same_from_whomever_it_comes() {
    let mut b = board();
    let request = |batch, owner| IngestRequest { batch, identity: Identity::KeyTime, owner, sent_by: SentBy::Unknown };
    let bare = encoded(&[event(None, "a", 1)]);
    assert!(matches!(b.ingest(&request(&bare, "bus")), Ok(Verdict::Append { .. })));
    assert!(matches!(b.ingest(&request(&bare, "tram")), Ok(Verdict::Answer(_))), "two receivers hear one ship");
    let named = encoded(&[event(Some("1"), "a", 1)]);
    assert!(matches!(b.ingest(&request(&named, "bus")), Ok(Verdict::Append { .. })));
    assert!(matches!(b.ingest(&request(&named, "tram")), Ok(Verdict::Append { .. })));
}

mod commits;
