use super::*;
use crate::event::Event;
use std::collections::BTreeMap;

/// Counts events; writes its count down when it has seen so many since the last time.
#[derive(Default)]
struct Count {
    every: u64,
    count: u64,
    seen: Seq,
    floor: Seq,
}

impl Projection for Count {
    fn name(&self) -> &'static str {
        "count"
    }
    fn seen(&self) -> Seq {
        self.seen
    }
    fn floor(&self) -> Seq {
        self.floor
    }
    fn apply(&mut self, entry: &Entry<'_>) -> Result<(), DecodeError> {
        if let Said::Events(_) = entry.said {
            self.count += entry.last - entry.first.max(self.seen + 1) + 1;
        }
        self.seen = entry.last;
        Ok(())
    }
    fn checkpoint(&mut self, _budget: usize) -> Result<Vec<Piece>, DecodeError> {
        if self.seen - self.floor < self.every {
            return Ok(Vec::new());
        }
        self.floor = self.seen;
        Ok(vec![Piece { id: 0, change: Change::Put(self.count.to_le_bytes().to_vec()) }])
    }
    fn restore(&mut self, _id: u64, data: &[u8]) -> Result<(), DecodeError> {
        let bytes = data.try_into().map_err(|_| DecodeError::Invalid("count"))?;
        self.count = u64::from_le_bytes(bytes);
        Ok(())
    }
    fn restored(&mut self, floor: Seq) -> Result<(), DecodeError> {
        (self.seen, self.floor) = (floor, floor);
        Ok(())
    }
}

fn row(first: Seq, events: usize) -> RawRow {
    let all: Vec<Event> = (0..events)
        .map(|i| Event {
            key: format!("k{i}"),
            time: Millis(1_700_000_000_000),
            id: None,
            position: None,
            fields: Vec::new(),
        })
        .collect();
    (first, Millis(1), Batch::from_events(&all).encode())
}

fn log(rows: usize) -> Vec<RawRow> {
    (0..rows).map(|i| row(1 + 10 * i as u64, 10)).collect()
}

fn after(log: &[RawRow], seq: Seq) -> impl Iterator<Item = Result<RawRow, ()>> + '_ {
    log.iter().filter(move |(first, ..)| first + 9 > seq).cloned().map(Ok)
}

const ALL: Slice = Slice { events: u64::MAX, bytes: usize::MAX, until: Millis(i64::MAX) };

#[test]
fn slices_end_by_events_bytes_and_time_and_go_on_where_they_ended() {
    let log = log(20);
    let by_events = Slice { events: 35, ..ALL };
    let by_bytes = Slice { bytes: 1, ..ALL };
    let by_time = Slice { until: Millis(0), ..ALL };
    for (slice, step) in [(by_events, 40), (by_bytes, 10), (by_time, 10)] {
        let mut count = Count::default();
        let mut from = 0;
        while let Ok(Progress { seen, more }) = replay(&mut [&mut count], from, after(&log, from), slice, &|| Millis(1))
        {
            assert!(seen - from <= step);
            from = seen;
            if !more {
                break;
            }
        }
        assert_eq!((count.count, count.seen), (200, 200));
    }
}

#[test]
fn a_restart_replays_what_came_since_the_checkpoint_however_long_the_log_is() {
    let mut costs = BTreeMap::new();
    for rows in [50, 1_000] {
        let log = log(rows);
        let mut live = Count { every: 100, ..Count::default() };
        let mut stored = (Vec::new(), 0);
        for i in 0..rows {
            let from = 10 * i as u64;
            let one = log.iter().skip(i).take(1).cloned().map(Ok::<_, ()>);
            replay(&mut [&mut live], from, one, ALL, &|| Millis(1)).unwrap();
            for piece in live.checkpoint(1).unwrap() {
                if let Change::Put(data) = piece.change {
                    stored = (data, live.floor());
                }
            }
            live.stored();
        }
        let mut again = Count::default();
        again.restore(0, &stored.0).unwrap();
        again.restored(stored.1).unwrap();
        let floor = lowest_floor([&again as &dyn Projection], 10 * rows as u64);
        let progress = replay(&mut [&mut again], floor, after(&log, floor), ALL, &|| Millis(1)).unwrap();
        assert_eq!(again.count, 10 * rows as u64);
        costs.insert(rows, progress.seen - floor);
    }
    assert!(costs.values().all(|events| *events <= 100), "{costs:?}");
}

#[test]
fn a_hole_in_the_log_is_an_error() {
    let mut count = Count::default();
    let rows = vec![Ok::<_, ()>(row(1, 10)), Ok(row(21, 10))];
    let broken = replay(&mut [&mut count], 0, rows.into_iter(), ALL, &|| Millis(1));
    assert_eq!(broken, Err(Broken::Row(DecodeError::Invalid("order of log rows"))));
}

#[test]
fn who_is_ahead_passes_over_what_it_has_seen() {
    let log = log(3);
    let mut ahead = Count { count: 20, seen: 20, floor: 20, every: 1 };
    let mut behind = Count::default();
    replay(&mut [&mut ahead, &mut behind], 0, after(&log, 0), ALL, &|| Millis(1)).unwrap();
    assert_eq!((ahead.count, behind.count), (30, 30));
}
