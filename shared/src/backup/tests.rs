use super::*;
use crate::codec::Batch;
use crate::cursor::{Cursor, Epoch, Seq};
use crate::event::Event;
use crate::id::BoardName;
use crate::limits;
use crate::problem::Code;
use crate::scores::control::{Action, Control};
use crate::time::Millis;
use proptest::prelude::*;
use serde_json::json;

const AT: i64 = 1_772_366_400_000;

/// A row as the log has it: so many events, a control, or items that ended.
fn row(events: usize, nth: usize) -> (u64, Vec<u8>) {
    let control = |what| Control { at: Millis(AT), by: "admin".into(), what }.encode();
    if events > 0 {
        let event = |i| Event {
            id: Some(format!("e{nth}-{i}")),
            key: format!("k{i}"),
            time: Millis(AT),
            position: None,
            fields: Vec::new(),
        };
        let events: Vec<Event> = (0..events).map(event).collect();
        (events.len() as u64, Batch::from_events(&events).encode())
    } else if nth.is_multiple_of(2) {
        (1, control(Action::Disqualify { key: "k0".into(), reason: "r".into() }))
    } else {
        (1, control(Action::EndItems { keys: vec!["k0".into()] }))
    }
}

fn head(seq: Seq) -> Head {
    Head {
        format: FORMAT,
        board: BoardName::try_from("fleet").unwrap(),
        cursor: Cursor { epoch: Epoch(7), seq },
        time: Millis(AT),
        config: json!({"title": "Fleet"}),
        new_cursors: false,
    }
}

/// The frames of a backup of a log with these rows, so many of them in a frame; the first frame begins the list.
fn frames(rows: &[usize], per_frame: usize) -> Vec<Vec<u8>> {
    let rows: Vec<(u64, Vec<u8>)> = rows.iter().enumerate().map(|(nth, events)| row(*events, nth)).collect();
    let seq = rows.iter().map(|(places, _)| places).sum();
    let (first, mut digest) =
        write(FrameKind::Head, &serde_json::to_vec(&head(seq)).unwrap(), Digest::start()).unwrap();
    let mut frames = vec![first];
    let mut add = |kind, payload: &[u8]| {
        let (frame, then) = write(kind, payload, digest).unwrap();
        digest = then;
        frames.push(frame);
    };
    let mut first = 1;
    for rows in rows.chunks(per_frame) {
        let mut packed = RowsWriter::default();
        for (places, bytes) in rows {
            packed.push(&BackupRow { first, last: first + places - 1, at: Millis(AT), owner: "key:ab", bytes });
            first += places;
        }
        add(FrameKind::Rows, &packed.finish());
    }
    let part = Part { kind: PartKind::Fence, id: "depot".into(), value: json!({"radius_m": 5}) };
    add(FrameKind::Part, &serde_json::to_vec(&part).unwrap());
    let end = End { rows: rows.len() as u64, places: seq };
    add(FrameKind::End, &serde_json::to_vec(&end).unwrap());
    frames
}

/// Reads frames to their end: rows, and how it is then.
fn read(frames: &[Vec<u8>]) -> Result<(Head, Taken, u64), Wrong> {
    let first = Frame::read(frames.first().ok_or(Wrong::CutOff)?, Digest::start())?;
    let (head, mut taken) = Taken::begin(&first)?;
    let mut places = 0;
    for bytes in frames.iter().skip(1) {
        let frame = Frame::read(bytes, taken.digest)?;
        let (then, content) = taken.take(&frame)?;
        if let Content::Rows(rows) = content {
            places += rows.iter().map(|(row, _)| row.last - row.first + 1).sum::<u64>();
        }
        taken = then;
    }
    if taken.is_over { Ok((head, taken, places)) } else { Err(Wrong::CutOff) }
}

proptest! {
    #[test]
    fn a_backup_comes_back_as_it_was_written(rows in proptest::collection::vec(0..4_usize, 0..20), per in 1..5_usize) {
        let (head, taken, places) = read(&frames(&rows, per)).unwrap();
        prop_assert_eq!(head.cursor.seq, places);
        prop_assert_eq!((taken.rows, taken.seq, taken.upto), (rows.len() as u64, places, places));
        let ends = rows.iter().enumerate().filter(|(nth, events)| **events == 0 && nth % 2 == 1).count();
        prop_assert_eq!(taken.ends, ends as u64);
    }

    #[test]
    fn one_that_was_changed_anywhere_is_refused(
        rows in proptest::collection::vec(0..4_usize, 1..8), at in any::<prop::sample::Index>(), bit in 0..8_u8,
    ) {
        let mut frames = frames(&rows, 2);
        let lengths: Vec<usize> = frames.iter().map(Vec::len).collect();
        let mut at = at.index(lengths.iter().sum());
        for frame in &mut frames {
            if at < frame.len() {
                frame[at] ^= 1 << bit;
                break;
            }
            at -= frame.len();
        }
        prop_assert!(read(&frames).is_err());
    }

    #[test]
    fn one_that_was_cut_is_refused(rows in proptest::collection::vec(0..4_usize, 1..8), at in any::<prop::sample::Index>()) {
        let whole: Vec<u8> = frames(&rows, 2).concat();
        let mut rest = &whole[..at.index(whole.len())];
        let mut cut = Vec::new();
        while !rest.is_empty() {
            let length = rest.first_chunk().and_then(|head| FrameHead::read(*head).ok());
            let length = length.map_or(rest.len(), |head| FRAME_HEAD_BYTES + head.rest());
            let (frame, behind) = rest.split_at(length.min(rest.len()));
            cut.push(frame.to_vec());
            rest = behind;
        }
        prop_assert_eq!(read(&cut).unwrap_err(), Wrong::CutOff);
    }

    #[test]
    fn whatever_is_read_is_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Frame::read(&bytes, Digest::start()).is_err());
        let _ = read_rows(&bytes);
    }
}

#[test]
fn frames_in_another_order_are_refused() {
    let whole = frames(&[1, 2, 0, 3], 1);
    let mut swapped = whole.clone();
    swapped.swap(1, 2);
    assert_eq!(read(&swapped).unwrap_err(), Wrong::Damaged);
    let mut doubled = whole.clone();
    doubled.insert(2, whole[1].clone());
    assert_eq!(read(&doubled).unwrap_err(), Wrong::Damaged);
    let mut longer = whole.clone();
    let digest = Frame::claimed(whole.last().unwrap()).unwrap();
    longer.push(write(FrameKind::Part, b"{}", digest).unwrap().0);
    assert_eq!(read(&longer).unwrap_err(), Wrong::Order);
}

#[test]
fn rows_that_a_board_could_not_read_are_refused_though_their_hash_fits() {
    let (places, bytes) = row(2, 0);
    let owner = "o".repeat(limits::BACKUP_OWNER_BYTES + 1);
    let good = BackupRow { first: 1, last: places, at: Millis(AT), owner: "", bytes: &bytes };
    let bad = [
        BackupRow { last: 3, ..good },
        BackupRow { first: limits::SEQ_MAX, last: limits::SEQ_MAX + 1, ..good },
        BackupRow { at: Millis(-1), ..good },
        BackupRow { bytes: b"{}", last: 1, ..good },
        BackupRow { bytes: &[], ..good },
        BackupRow { owner: &owner, ..good },
    ];
    for row in bad {
        let mut packed = RowsWriter::default();
        packed.push(&row);
        assert!(matches!(read_rows(&packed.finish()), Err(Wrong::Unreadable(_))), "{row:?}");
    }
    let mut packed = RowsWriter::default();
    packed.push(&good);
    let packed = packed.finish();
    assert_eq!(read_rows(&packed).unwrap(), [(good, RowKind::Events)]);
    let (_, taken) = Taken::begin(&Frame::read(&frames(&[], 1)[0], Digest::start()).unwrap()).unwrap();
    let late = write(FrameKind::Rows, &packed, taken.digest).unwrap().0;
    // The head says that the log ends before them.
    assert_eq!(taken.take(&Frame::read(&late, taken.digest).unwrap()).unwrap_err(), Wrong::Order);
}

#[test]
fn a_page_is_full_in_time_for_its_frame() {
    let mut packed = RowsWriter::default();
    let bytes = vec![0; limits::BACKUP_ROW_BYTES];
    let mut seq = 0;
    while !packed.is_full() {
        seq += 1;
        packed.push(&BackupRow { first: seq, last: seq, at: Millis(AT), owner: "", bytes: &bytes });
    }
    assert!(write(FrameKind::Rows, &packed.finish(), Digest::start()).is_ok());
    let too_long = vec![0; limits::BACKUP_FRAME_BYTES];
    assert!(matches!(write(FrameKind::Rows, &too_long, Digest::start()), Err(Wrong::TooLong(_))));
}

#[test]
fn one_of_a_newer_format_is_told_from_one_that_is_damaged() {
    let newer = br#"{"format":2,"what":"ever"}"#;
    assert_eq!(Head::read(newer), Err(Wrong::Format(2)));
    assert_eq!((Wrong::Format(2).code(), Wrong::Damaged.code()), (Code::BackupFormat, Code::BackupDamaged));
    assert!(matches!(Head::read(b"{}"), Err(Wrong::Unreadable(_))));
}

#[test]
fn the_bytes_of_a_backup_are_pinned() {
    assert_eq!(Digest::start().to_string(), "179a5e67423505c7ca20bf62523678d4d7287cdb1a8872f952577c984605580d");
    let (frame, digest) = write(FrameKind::End, br#"{"rows":0,"places":0}"#, Digest::start()).unwrap();
    assert_eq!(frame[..FRAME_HEAD_BYTES], [4, 21, 0, 0, 0]);
    assert_eq!(Frame::claimed(&frame), Some(digest));
    let mut packed = RowsWriter::default();
    packed.push(&BackupRow { first: 300, last: 301, at: Millis(5), owner: "k", bytes: &[9, 8] });
    assert_eq!(packed.finish(), [0xac, 2, 2, 10, 1, b'k', 2, 9, 8]);
    let text = String::from(digest);
    assert_eq!(text.parse::<Digest>(), Ok(digest));
    assert!("ab".parse::<Digest>().is_err() && text.to_uppercase().parse::<Digest>().is_err());
}
