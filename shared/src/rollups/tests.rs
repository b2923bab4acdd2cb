//! Any events, in any order, with flushes and restarts at any place, make the rollups of a naive recount.

mod erased;

use super::answer::Rows;
use super::block::BlockId;
use super::query::SeriesQuery;
use super::*;
use crate::codec::{Batch, DecodeError};
use crate::cursor::{Cursor, Epoch};
use crate::event::Event;
use crate::limits;
use crate::problem::Problem;
use crate::value::{Number, Value as FieldValue};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug)]
#[expect(dead_code, reason = "shown when a test fails")]
enum Wrong {
    Decode(DecodeError),
    Problem(Problem),
}

impl From<DecodeError> for Wrong {
    fn from(e: DecodeError) -> Self {
        Self::Decode(e)
    }
}

impl From<Problem> for Wrong {
    fn from(p: Problem) -> Self {
        Self::Problem(p)
    }
}

/// A disk.
#[derive(Clone, Default)]
struct Disk {
    names: Vec<Vec<u8>>,
    through: BTreeMap<u32, Seq>,
    rows: BTreeMap<u64, Vec<u8>>,
    floor: Seq,
    log: Vec<(Seq, Vec<u8>)>,
}

impl Rows for Disk {
    type Error = Wrong;

    fn between(&self, first: BlockId, last: BlockId) -> Result<Vec<(BlockId, Vec<u8>)>, Wrong> {
        let rows = self.rows.range(first.number()..=last.number());
        Ok(rows.map(|(n, bytes)| (BlockId::from_number(*n).unwrap(), bytes.clone())).collect())
    }
}

impl Disk {
    fn append(&mut self, events: &[Event]) -> (Seq, Vec<u8>) {
        let first = self.head() + 1;
        self.log.push((first, Batch::from_events(events).encode()));
        self.log.last().unwrap().clone()
    }

    fn head(&self) -> Seq {
        self.log.last().map_or(0, |(first, row)| first + Batch::decode(row).unwrap().len() as u64 - 1)
    }

    fn flush(&mut self, rollups: &mut Rollups, part: u32) {
        let flush = rollups.flush(part, self.head());
        self.names.extend(rollups.new_names().into_iter().map(|(_, packed)| packed));
        rollups.stored_names = rollups.len();
        for id in flush.rows().collect::<Vec<_>>() {
            let stored = self.rows.get(&id.number()).map(Vec::as_slice);
            let merged = flush.merge(id, stored).unwrap();
            self.rows.insert(id.number(), merged);
        }
        self.through.insert(flush.part, flush.through);
    }

    fn load(&self) -> Rollups {
        let mut rollups = Rollups::default();
        self.names.iter().for_each(|packed| rollups.restore_names(packed).unwrap());
        self.through.iter().for_each(|(part, seq)| rollups.restore_part(u64::from(*part), *seq));
        rollups.begin(self.floor, None);
        rollups.configure(&quantiles());
        for (first, row) in &self.log {
            let batch = Batch::decode(row).unwrap();
            if first + batch.len() as u64 > self.floor + 1 {
                rollups.apply(&batch, *first);
            }
        }
        rollups
    }
}

fn event(key: u8, at: i64, field: u8, value: f64) -> Event {
    Event {
        id: None,
        key: format!("v{key}"),
        time: Millis(1_772_366_400_000 + at),
        position: None,
        fields: vec![
            (format!("f{field}"), Some(FieldValue::Number(value))),
            ("word".into(), Some(FieldValue::Text("x".into()))),
        ],
    }
}

fn quantiles() -> RollupRules {
    RollupRules { quantiles: vec!["f0".to_owned()], ..RollupRules::default() }
}

#[derive(Clone, Debug)]
enum Deed {
    Events(Vec<(u8, i64, u8, i32)>),
    Flush(u8),
    NoteFloor,
    Restart,
}

fn deed() -> impl Strategy<Value = Deed> {
    let one = (0..5u8, 0..400_000_000i64, 0..3u8, -1_000..1_000i32);
    prop_oneof![
        4 => prop::collection::vec(one, 1..20).prop_map(Deed::Events),
        2 => any::<u8>().prop_map(Deed::Flush),
        1 => Just(Deed::NoteFloor),
        1 => Just(Deed::Restart),
    ]
}

fn query(step: Step) -> SeriesQuery {
    SeriesQuery {
        from: Some(Millis(1_772_366_400_000)),
        to: Some(Millis(1_772_366_400_000 + if step == Step::TenSeconds { 90_000_000 } else { 500_000_000 })),
        step: Some(step),
        ..SeriesQuery::default()
    }
}

const CURSOR: Cursor = Cursor { epoch: Epoch(1), seq: 1 };

proptest! {
    #[test]
    fn rollups_equal_a_recount_whatever_happened(deeds in prop::collection::vec(deed(), 1..40)) {
        let (mut disk, mut rollups) = (Disk::default(), Rollups::default());
        rollups.configure(&quantiles());
        let mut all: Vec<Event> = Vec::new();
        for deed in deeds {
            match deed {
                Deed::Events(list) => {
                    let events: Vec<Event> = list.iter().map(|(k, at, f, v)| event(*k, *at, *f, f64::from(*v) / 8.0)).collect();
                    let (first, row) = disk.append(&events);
                    rollups.apply(&Batch::decode(&row).unwrap(), first);
                    all.extend(events);
                }
                Deed::Flush(n) => {
                    let waiting = rollups.waiting.len();
                    if waiting > 0 {
                        let part = rollups.waiting[usize::from(n) % waiting].part;
                        disk.flush(&mut rollups, part);
                    }
                }
                Deed::NoteFloor => disk.floor = rollups.floor_without(&[]),
                Deed::Restart => rollups = disk.load(),
            }
        }
        let rules = RollupRules { quantiles: vec!["f0".to_owned()], ..RollupRules::default() };
        for step in Step::ALL {
            for key in 0..5u8 {
                for field in 0..3u8 {
                    let mut q = query(step);
                    q.field = Some(format!("f{field}"));
                    if field == 0 && sketch::STEPS.contains(&step) {
                        q.quantiles = vec![0.0, 1.0];
                    }
                    let range = q.from.unwrap()..q.to.unwrap();
                    let mut expected: BTreeMap<Millis, Vec<(Millis, f64)>> = BTreeMap::new();
                    for e in all.iter().filter(|e| e.key == format!("v{key}") && range.contains(&e.time)) {
                        if let Some((_, Some(FieldValue::Number(v)))) = e.fields.iter().find(|(n, _)| *n == format!("f{field}")) {
                            expected.entry(step.start(step.bucket(e.time))).or_default().push((e.time, *v));
                        }
                    }
                    let got = match rollups.series_of_item(&format!("v{key}"), &q, &rules, CURSOR, &disk) {
                        Ok(series) => series.points,
                        Err(Wrong::Problem(p)) => { prop_assert_eq!(p.code, "unknown_field"); Vec::new() }
                        Err(e) => return Err(TestCaseError::fail(format!("{e:?}"))),
                    };
                    prop_assert_eq!(got.len(), expected.len());
                    for (point, (time, values)) in got.iter().zip(&expected) {
                        let numbers: Vec<f64> = values.iter().map(|(_, v)| *v).collect();
                        let earliest = values.iter().map(|(t, _)| *t).min().unwrap();
                        let latest = values.iter().map(|(t, _)| *t).max().unwrap();
                        let first = values.iter().find(|(t, _)| *t == earliest).unwrap().1;
                        let last = values.iter().rfind(|(t, _)| *t == latest).unwrap().1;
                        prop_assert_eq!(point.time, *time);
                        prop_assert_eq!(point.count, values.len() as u64);
                        // Eighths add up without rounding.
                        prop_assert_eq!(point.sum, Some(Number(numbers.iter().sum::<f64>())));
                        prop_assert_eq!(point.min, numbers.iter().copied().reduce(f64::min).map(Number));
                        prop_assert_eq!(point.max, numbers.iter().copied().reduce(f64::max).map(Number));
                        prop_assert_eq!((point.first, point.last), (Some(Number(first)), Some(Number(last))));
                        for (got, exact) in point.quantiles.iter().zip([point.min, point.max]) {
                            let (got, exact) = (got.unwrap().0, exact.unwrap().0);
                            prop_assert!((got - exact).abs() <= exact.abs() * 0.0101 + 1e-9, "{got} for {exact}");
                        }
                    }
                }
            }
            // The whole board, and the same put together from its items.
            let mut q = query(step);
            let counted: u64 = all.iter().filter(|e| (q.from.unwrap()..q.to.unwrap()).contains(&e.time)).count() as u64;
            let scope = answer::Scope { sees_all: true, allowed: &|_| true, text: &|_, _| None };
            let whole = rollups.series_of_board(&q, &rules, CURSOR, &scope, &disk).unwrap();
            prop_assert_eq!(whole.groups[0].points.iter().map(|p| p.count).sum::<u64>(), counted);
            q.group_by = Some("key".into());
            let by_key = rollups.series_of_board(&q, &rules, CURSOR, &scope, &disk).unwrap();
            prop_assert_eq!(by_key.groups.iter().flat_map(|g| &g.points).map(|p| p.count).sum::<u64>(), counted);
            let few = answer::Scope { sees_all: false, allowed: &|k| k == "v1", text: &|_, _| None };
            let own = rollups.series_of_board(&q, &rules, CURSOR, &few, &disk).unwrap();
            prop_assert!(own.groups.iter().all(|g| g.group.as_deref() == Some("v1")));
        }
    }
}

fn filled() -> Rollups {
    let mut rollups = Rollups::default();
    let events: Vec<Event> = (0..100).map(|i| event(1, i * 60_000, 0, i as f64)).collect();
    rollups.apply(&Batch::from_events(&events), 1);
    rollups
}

fn refused(q: &SeriesQuery) -> (String, &'static str) {
    match filled().series_of_item("v1", q, &RollupRules::default(), CURSOR, &Disk::default()) {
        Err(Wrong::Problem(p)) => (p.errors[0].field.clone(), p.code.name()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn errors_name_the_parameter() {
    let parse = |text: &str| {
        let pairs: Vec<(&str, &str)> = text.split('&').filter_map(|p| p.split_once('=')).collect();
        SeriesQuery::parse(pairs.into_iter(), true)
    };
    let error = |text: &str| {
        let p = parse(text).unwrap_err();
        (p.errors[0].field.clone(), p.errors[0].code.name())
    };
    assert_eq!(error("step=2h"), ("step".into(), "invalid_parameter"));
    assert_eq!(error("from=noon"), ("from".into(), "invalid_parameter"));
    assert_eq!(error("to=1772366400"), ("to".into(), "invalid_parameter"));
    assert_eq!(error("from=2026-03-02&to=2026-03-01").0, "from");
    assert_eq!(error("from=2026-03-02T00:00Z&to=2026-03-01T00:00"), ("from".into(), "invalid_parameter"));
    assert_eq!(error("from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z"), ("to".into(), "invalid_parameter"));
    assert_eq!(error("group_by=key"), ("group_by".into(), "unknown_parameter"));
    let huge = parse("field=f0&step=10s&from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z").unwrap();
    assert_eq!(refused(&huge), ("step".into(), "invalid_parameter"));
    assert_eq!(refused(&parse("field=temperature").unwrap()), ("field".into(), "unknown_field"));
}

#[test]
fn without_a_step_there_are_as_many_points_as_a_screen_shows() {
    let settle = |text: &str| {
        let pairs: Vec<(&str, &str)> = text.split('&').filter_map(|p| p.split_once('=')).collect();
        SeriesQuery::parse(pairs.into_iter(), true).unwrap().settle(&filled(), &RollupRules::default()).unwrap()
    };
    assert_eq!(settle("").step, Step::TenMinutes);
    assert_eq!(settle("from=2026-03-01T13:00:00Z").step, Step::TenSeconds);
    assert_eq!(
        settle("from=2026-02-01T13:00:00Z&to=2026-02-01T14:00:00Z").step,
        Step::TenMinutes,
        "finer ones are gone"
    );
    assert_eq!(settle("from=2020-02-01T13:00:00Z").step, Step::Day);
}

#[test]
fn memory_is_bounded_by_writing_the_fullest_part() {
    let (mut disk, mut rollups) = (Disk::default(), Rollups::default());
    let mut flushed = 0;
    for row in 0..2_000 {
        let events: Vec<Event> = (0..100).map(|i| event(1, (row * 100 + i) * 10_000, 0, 1.0)).collect();
        let (first, bytes) = disk.append(&events);
        rollups.apply(&Batch::decode(&bytes).unwrap(), first);
        disk.log.remove(0);
        disk.log.push((first, bytes));
        disk.log.truncate(1);
        for part in rollups.due_parts() {
            disk.flush(&mut rollups, part);
            flushed += 1;
        }
        assert!(rollups.cells() < limits::ROLLUP_CELLS_IN_MEMORY);
    }
    assert!(flushed > 3);
}

#[test]
fn old_blocks_may_go_by_the_newest_event_of_a_board_of_the_past() {
    let rollups = filled();
    let now = Millis(1_900_000_000_000);
    let kept = rollups.kept_from(now);
    let newest = rollups.newest().unwrap();
    for oldest in kept.into_iter().filter(|b| !b.sketches) {
        let step = oldest.step;
        let days = newest.since(step.start(oldest.first())) / 86_400_000;
        assert!(days >= i64::from(step.kept_days()), "{step}: {days}");
    }
}

/// What it costs to take 10,000 events with 30 numbers: numbers that are added, and cells that are moved to be in order.
fn work(times: impl Iterator<Item = i64>) -> (Rollups, usize) {
    let field = |n: i64| (format!("n{n}"), Some(FieldValue::Number(n as f64)));
    let all: Vec<Event> = times
        .map(|at| Event { fields: (0..30).map(field).collect(), ..event((at % 7) as u8, at * 10_000, 0, 1.0) })
        .collect();
    let mut rollups = Rollups::default();
    // In requests of a thousand, and all at once.
    let size = if all.len() > 10_000 { 1_000 } else { 10_000 };
    for (i, events) in all.chunks(size).enumerate() {
        rollups.apply(&Batch::from_events(events), (i * size) as u64 + 1);
        let parts = if size < 10_000 { rollups.due_parts() } else { Vec::new() };
        for part in parts {
            rollups.flush(part, ((i + 1) * size) as u64);
        }
    }
    let moved = rollups.fresh.moved;
    (rollups, all.len() * 62 + moved)
}

#[test]
fn f4_newest_first_costs_what_oldest_first_does() {
    let (ordered, oldest_first) = work(0..10_000);
    let (turned, newest_first) = work((0..10_000).rev());
    assert_eq!(newest_first, oldest_first);
    let (_, shuffled) = work((0..10_000).map(|i| i * 7_919 % 10_000));
    assert_eq!(shuffled, oldest_first);
    for field in ["", "n3", "n29"] {
        let cells = |r: &Rollups, key| r.fresh(r.find(key, field).unwrap(), Step::TenSeconds);
        assert_eq!(cells(&ordered, None).len(), 10_000);
        assert_eq!(cells(&ordered, None), cells(&turned, None));
        assert_eq!(cells(&ordered, Some("v3")), cells(&turned, Some("v3")));
    }
    // Requests that each go before the last one: what is there is moved once a request, not once an event.
    let (_, oldest_first) = work(0..20_000);
    let (_, newest_first) = work((0..20_000).rev());
    assert!(newest_first < oldest_first + 20 * 2 * limits::ROLLUP_CELLS_IN_MEMORY, "{newest_first} {oldest_first}");
}

#[test]
fn f5_a_row_in_slices_makes_the_same_rollups() {
    let events: Vec<Event> = (0..500).map(|i| event((i % 5) as u8, i * 7_919_000 % 3_000_000, 0, i as f64)).collect();
    let batch = Batch::from_events(&events);
    let (mut whole, mut sliced) = (Rollups::default(), Rollups::default());
    whole.apply(&batch, 1);
    for start in (0..500).step_by(64) {
        sliced.apply_events(&batch, 1, start..(start + 64).min(500));
    }
    let cells = |r: &Rollups, key, step| r.fresh(r.find(key, "f0").unwrap(), step);
    assert_eq!(cells(&whole, None, Step::TenSeconds), cells(&sliced, None, Step::TenSeconds));
    assert_eq!(cells(&whole, Some("v3"), Step::Hour), cells(&sliced, Some("v3"), Step::Hour));
    assert_eq!((whole.cells(), whole.floor_without(&[])), (sliced.cells(), 0));
}

#[test]
fn f28_series_of_items_that_ended_do_not_count_against_the_boards() {
    let mut rollups = Rollups::default();
    rollups.restore_name(None, "");
    for i in 1..limits::SERIES_PER_BOARD {
        rollups.restore_name(Some(&format!("k{i}")), "");
    }
    let event =
        |key: &str| Event { id: None, key: key.into(), time: Millis(1_000), position: None, fields: Vec::new() };
    let take = |rollups: &mut Rollups, key: &str, seq: Seq| rollups.apply(&Batch::from_events(&[event(key)]), seq);
    take(&mut rollups, "one", 1);
    assert!(rollups.is_full() && rollups.find(Some("one"), "").is_none());
    // Two items end, one of them twice, and make room for two.
    for key in ["k1", "k2", "k2", "nobody"] {
        rollups.end(&[key.to_owned()]);
    }
    for (i, key) in ["one", "two", "three"].into_iter().enumerate() {
        take(&mut rollups, key, 2 + i as u64);
    }
    let has = |rollups: &Rollups, key: &str| rollups.find(Some(key), "").is_some();
    assert!(has(&rollups, "one") && has(&rollups, "two") && !has(&rollups, "three"));
    assert!(has(&rollups, "k1"), "what was counted stays");
    // One that begins anew goes on with its series, and counts again.
    take(&mut rollups, "k1", 5);
    rollups.end(&["k3".to_owned()]);
    take(&mut rollups, "three", 6);
    assert!(!has(&rollups, "three"));
    rollups.end(&["k4".to_owned()]);
    take(&mut rollups, "three", 7);
    assert!(has(&rollups, "three"));
    // After a restart the names are the same, and those without an item do not count.
    let mut restored = Rollups::default();
    rollups.stored_names = 0;
    rollups.new_names().iter().for_each(|(_, names)| restored.restore_names(names).unwrap());
    assert_eq!((restored.len(), restored.find(Some("three"), "")), (rollups.len(), rollups.find(Some("three"), "")));
    take(&mut restored, "four", 8);
    assert!(!has(&restored, "four"));
    restored.end_all_but(0, |key| !["k2", "k3", "k4"].contains(&key));
    take(&mut restored, "four", 9);
    assert!(!has(&restored, "four"), "there are as many as may be");
    restored.end_all_but(0, |key| !["k2", "k3", "k4", "k5"].contains(&key));
    take(&mut restored, "four", 10);
    assert!(has(&restored, "four"));
}
