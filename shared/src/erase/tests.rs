//! The log after an erase is the log before it without the erased events, at any place where it is cut off.

use super::*;
use crate::codec::{Batch, SentBy};
use crate::event::Event;
use crate::items::Items;
use crate::projection::LoggedRow;
use crate::scores::control::{Action, Control};
use crate::value::Value as Field;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone)]
struct Row {
    first: Seq,
    last: Seq,
    bytes: Vec<u8>,
}

/// What is stored: rows of the log and erases, as the shell has them.
#[derive(Clone, Default)]
struct Disk {
    log: Vec<Row>,
    erases: Vec<String>,
}

impl Disk {
    fn head(&self) -> Seq {
        self.log.last().map_or(0, |r| r.last)
    }

    fn append(&mut self, bytes: Vec<u8>, places: u64) {
        let first = self.head() + 1;
        self.log.push(Row { first, last: first + places - 1, bytes });
    }

    fn load(&self) -> Vec<Erase> {
        self.erases.iter().map(|e| serde_json::from_str(e).unwrap()).collect()
    }

    fn store(&mut self, erases: &[Erase]) {
        self.erases = erases.iter().map(|e| serde_json::to_string(e).unwrap()).collect();
    }

    /// All events that a reader finds, with their numbers.
    fn read(&self, mask: &Mask) -> Vec<(Seq, Event)> {
        let mut all = Vec::new();
        for row in self.log.iter().filter(|r| !Control::is_one(&r.bytes)) {
            let masked = mask.row(row.first, &row.bytes).unwrap();
            let batch = Batch::decode(masked.as_deref().unwrap_or(&row.bytes)).unwrap();
            assert_eq!(row.first + batch.len() as u64 - 1, row.last);
            let there = (0..batch.len()).filter(|i| !batch.is_hole(*i));
            all.extend(there.map(|i| (row.first + i as u64, batch.event(i))));
        }
        all
    }

    /// A slice of the log, in one transaction; the erases that are done with the log by then.
    fn slice(&mut self, erases: &mut Vec<Erase>, bytes: usize) -> Vec<Erase> {
        let Some(mut rewriting) = Rewriting::new(erases, bytes) else { return Vec::new() };
        let (from, mut more) = (rewriting.from(), false);
        for row in self.log.iter().filter(|r| r.last > from) {
            let logged = LoggedRow { first: row.first, last: row.last, at: Millis(0), bytes: &row.bytes };
            if !rewriting.row(logged).unwrap() {
                more = true;
                break;
            }
        }
        let (rows, _) = rewriting.finish(more);
        for (last, new) in rows {
            let at = self.log.iter().position(|r| r.last == last).unwrap();
            let new = new.into_iter().map(|r| Row { first: r.first, last: r.last, bytes: r.batch });
            self.log.splice(at..=at, new);
        }
        let done = erases.extract_if(.., |e| !matches!(e.step, Step::Log(_))).collect();
        self.store(erases);
        done
    }
}

fn event(key: u8, n: i32) -> Event {
    let fields = vec![
        ("n".to_owned(), Some(Field::Number(f64::from(n)))),
        (format!("of-{key}"), Some(Field::Text(format!("secret of k{key}, {n}")))),
    ];
    let id = (n % 2 == 0).then(|| format!("id-{key}-{n}"));
    Event { id, key: format!("k{key}"), time: Millis(1_772_366_400_000 + i64::from(n)), position: None, fields }
}

fn end(key: &str) -> Vec<u8> {
    let what = Action::EndItems { keys: vec![key.to_owned()] };
    Control { at: Millis(0), by: "test".into(), what }.encode()
}

#[derive(Clone, Debug)]
enum Deed {
    Publish(Vec<(u8, i32)>, bool),
    Control,
    Erase(u8),
    Slice(usize),
    Kill,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        5 => (prop::collection::vec((0..4u8, 0..10_000), 1..30), any::<bool>()).prop_map(|(e, p)| Deed::Publish(e, p)),
        1 => Just(Deed::Control),
        2 => (0..5u8).prop_map(Deed::Erase),
        3 => (1..6_000usize).prop_map(Deed::Slice),
        1 => Just(Deed::Kill),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn the_log_after_an_erase_is_the_log_without_the_erased_events(deeds in prop::collection::vec(deed(), 1..60)) {
        let (mut disk, mut erases) = (Disk::default(), Vec::new());
        // What a reader must find, and how many events of each key were erased.
        let mut naive: Vec<(Seq, Event)> = Vec::new();
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        let mut done: Vec<Erase> = Vec::new();
        for deed in deeds {
            match deed {
                Deed::Publish(list, player) => {
                    let events: Vec<Event> = list.iter().map(|(k, n)| event(*k, *n)).collect();
                    let mut batch = Batch::from_events(&events);
                    batch.sent_by = if player { SentBy::Player { at: Millis(9) } } else { SentBy::Unknown };
                    naive.extend((disk.head() + 1..).zip(events.iter().cloned()));
                    disk.append(batch.encode(), events.len() as u64);
                }
                Deed::Control => disk.append(end("somebody"), 1),
                Deed::Erase(key) => {
                    let key = format!("k{key}");
                    disk.append(end(&key), 1);
                    let begin = Beginning { upto: disk.head(), ended: true, ..Beginning::default() };
                    match erases.iter_mut().find(|e: &&mut Erase| e.key == key) {
                        Some(erase) => erase.again("me".into(), Millis(1), begin),
                        None => erases.push(Erase::new(key.clone(), "me".into(), Millis(1), begin)),
                    }
                    disk.store(&erases);
                    *counts.entry(key.clone()).or_default() += naive.iter().filter(|(_, e)| e.key == key).count() as u64;
                    naive.retain(|(_, e)| e.key != key);
                }
                Deed::Slice(bytes) => done.extend(disk.slice(&mut erases, bytes)),
                Deed::Kill => erases = disk.load(),
            }
            // From the first moment on.
            prop_assert_eq!(&disk.read(&Mask::of(&erases)), &naive);
        }
        for slices in 0.. {
            prop_assert!(slices < 10_000);
            if erases.is_empty() {
                break;
            }
            done.extend(disk.slice(&mut erases, 3_000));
        }
        // It is gone from what is stored, not only hidden, and nothing else is.
        prop_assert_eq!(&disk.read(&Mask::default()), &naive);
        for (key, count) in &counts {
            let told: u64 = done.iter().filter(|e| e.key == *key).map(|e| e.erased.events).sum();
            prop_assert_eq!(told, *count, "{}", key);
        }
        for row in disk.log.iter().filter(|r| !Control::is_one(&r.bytes)) {
            let text = String::from_utf8_lossy(&row.bytes).into_owned();
            for key in 0..4u8 {
                let there = naive.iter().any(|(seq, e)| (row.first..=row.last).contains(seq) && e.key == format!("k{key}"));
                prop_assert!(there || !text.contains(&format!("secret of k{key}")), "k{}", key);
            }
        }
        // Whoever makes items from it has those that were never told.
        let mut items = Items::default();
        for row in disk.log.iter().filter(|r| !Control::is_one(&r.bytes)) {
            items.apply(&Batch::decode(&row.bytes).unwrap(), row.first, |_, _| {});
        }
        let keys: BTreeSet<&str> = naive.iter().map(|(_, e)| e.key.as_str()).collect();
        prop_assert_eq!(items.iter().map(|(_, i)| i.key()).collect::<BTreeSet<_>>(), keys);
    }
}

#[test]
fn a_row_that_holes_make_too_large_becomes_several() {
    // One bit a cell more, where every event had every field.
    let fields = |n: usize| (0..n).map(|f| (format!("f{f}"), Some(Field::Bool(true)))).collect::<Vec<_>>();
    let one = |key: &str| Event { id: None, key: key.into(), time: Millis(0), position: None, fields: fields(200) };
    let events: Vec<Event> = (0..7_300).map(|i| one(if i == 9 { "gone" } else { "kept" })).collect();
    let bytes = Batch::from_events(&events).encode();
    assert!(bytes.len() < crate::limits::LOG_ROW_BYTES);
    let begin = Beginning { upto: 10_000, ..Beginning::default() };
    let mut erases = vec![Erase::new("gone".into(), "me".into(), Millis(0), begin)];
    let mut rewriting = Rewriting::new(&mut erases, usize::MAX).unwrap();
    let row = LoggedRow { first: 1, last: 7_300, at: Millis(0), bytes: &bytes };
    rewriting.row(row).unwrap();
    let (rows, _) = rewriting.finish(false);
    let [(7_300, new)] = rows.as_slice() else { panic!("one row is rewritten") };
    assert_eq!(new.iter().map(|r| (r.first, r.last)).collect::<Vec<_>>(), [(1, 3_650), (3_651, 7_300)]);
    assert!(new.iter().all(|r| r.batch.len() < crate::limits::LOG_ROW_BYTES));
    let left: usize = new
        .iter()
        .map(|r| {
            let b = Batch::decode(&r.batch).unwrap();
            (0..b.len()).filter(|i| !b.is_hole(*i)).count()
        })
        .sum();
    assert_eq!(left, 7_299);
}

#[test]
fn what_was_delivered_is_named_with_the_events_that_are_in_it() {
    let delivered = Delivered {
        through: 2,
        last_object: "o".into(),
        last_manifest: "m".into(),
        events: 0,
        first: None,
        last: None,
    };
    let begin = Beginning { upto: 4, ended: true, delivered: Some(delivered), ..Beginning::default() };
    let mut erases = vec![Erase::new("k1".into(), "me".into(), Millis(0), begin)];
    let bytes = Batch::from_events(&[event(0, 1), event(1, 2), event(1, 3)]).encode();
    let mut rewriting = Rewriting::new(&mut erases, usize::MAX).unwrap();
    rewriting.row(LoggedRow { first: 1, last: 3, at: Millis(0), bytes: &bytes }).unwrap();
    rewriting.finish(false);
    let told = erases[0].to_json();
    assert_eq!(told["erased"]["events"], 2);
    let archive = &told["remains"]["archive"];
    assert_eq!((&archive["events"], &archive["first"], &archive["last"]), (&json!(1), &json!(2), &json!(2)));
}
