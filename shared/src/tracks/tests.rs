//! Tracks as a board has them: with a log, tables, and a shell that dies now and then.

use super::fix::{in_order, one_a_time};
use super::place::TRACKS_PER_PART;
use super::*;
use crate::codec::DecodeError;
use crate::event::Event;
use crate::position::Measured;
use crate::projection::{Change, LoggedRow, Need, Piece, Projection, Replay, Slice, Table};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

const BEGIN: Millis = Millis(1_772_366_400_000);
const ALWAYS: Range<Millis> = Millis(0)..Millis(limits::TIME_MAX_MILLIS);

/// What outlives the memory.
#[derive(Default)]
struct Tables {
    log: Vec<(Seq, Seq, Vec<u8>)>,
    pieces: BTreeMap<(Table, u64), Piece>,
    written: usize,
}

#[derive(Debug)]
struct Never;

impl From<DecodeError> for Never {
    fn from(e: DecodeError) -> Self {
        panic!("{e}")
    }
}

impl Pages for Tables {
    type Error = Never;

    fn pages(
        &self,
        first: u64,
        last: u64,
        each: &mut dyn FnMut(&[u8]) -> Result<bool, DecodeError>,
    ) -> Result<(), Never> {
        for (_, piece) in self.pieces.range((Table::Tracks, first)..=(Table::Tracks, last)) {
            if !each(&piece.data)? {
                break;
            }
        }
        Ok(())
    }
}

impl Tables {
    fn write(&mut self, tracks: &mut Tracks, need: Need) {
        let changes: Vec<Change> = tracks.checkpoint(need).collect();
        self.change(changes);
        tracks.stored();
    }

    fn change(&mut self, changes: Vec<Change>) {
        for change in changes {
            let piece = match change {
                Change::Put(piece) => piece,
                Change::Merge(table, id, merge) => {
                    let stored = self.pieces.get(&(table, id)).map(|p| p.data.as_slice());
                    Piece { table, id, seq: 0, data: merge(stored).unwrap() }
                }
                Change::Drop((table, ids)) => {
                    self.pieces.retain(|(t, id), _| *t != table || !ids.contains(id));
                    continue;
                }
                Change::Copy(..) => panic!("tracks do no such thing"),
            };
            assert!(piece.data.len() < limits::LOG_ROW_BYTES);
            self.written += 1;
            self.pieces.insert((piece.table, piece.id), piece);
        }
    }

    fn load(&self) -> Tracks {
        let mut tracks = Tracks::default();
        for (table, ids) in tracks.pieces() {
            for (_, piece) in self.pieces.range((table, *ids.start())..=(table, *ids.end())) {
                tracks.restore(piece.clone()).unwrap();
            }
        }
        let after = tracks.seen();
        let mut all: [&mut dyn Projection; 1] = [&mut tracks];
        let mut replay = Replay::new(&mut all, Slice::WHOLE);
        for (first, last, bytes) in self.log.iter().filter(|row| row.1 > after) {
            replay.row(LoggedRow { first: *first, last: *last, at: BEGIN, bytes }).unwrap();
        }
        tracks
    }

    fn publish(&mut self, tracks: &mut Tracks, events: &[Event]) {
        let batch = Batch::from_events(events);
        let first = self.log.last().map_or(1, |row| row.1 + 1);
        tracks.follow(&batch, first);
        self.log.push((first, first + events.len() as Seq - 1, batch.encode()));
    }

    fn track(&self, tracks: &Tracks, key: &str) -> Vec<Fix> {
        tracks.fixes(key, &ALWAYS, usize::MAX, self).unwrap().unwrap()
    }
}

fn event(key: u32, millis: i64, metres: i32) -> Event {
    let lon = f64::from(metres) / 1e5;
    let measured = Measured {
        lat: 30.0,
        lon,
        speed: (metres % 3 != 0).then_some(12.5),
        heading: (metres % 2 == 0).then_some(90.25),
        ..Measured::default()
    };
    Event {
        id: None,
        key: format!("k{key}"),
        time: BEGIN.plus(millis),
        position: Some(measured.check().unwrap()),
        fields: Vec::new(),
    }
}

fn fix_of(event: &Event) -> Fix {
    Fix::new(event.time, &event.position.unwrap(), false)
}

/// Events of 40 keys over three days, each key's at times of their own.
fn rides() -> impl Strategy<Value = Vec<Event>> {
    let drawn = prop::collection::btree_map((0..40_u32, 0..260_000_u32), -9_000..9_000_i32, 1..300);
    drawn.prop_map(|all| all.into_iter().map(|((key, s), metres)| event(key, i64::from(s) * 1_000, metres)).collect())
}

/// Publishes in requests of some events; sometimes something is written, sometimes the shell dies.
fn live(tables: &mut Tables, mut tracks: Tracks, events: &[Event], deeds: &[u8]) -> Tracks {
    let mut deeds = deeds.iter().cycle();
    for request in events.chunks(7) {
        tables.publish(&mut tracks, request);
        match deeds.next() {
            Some(0) => tables.write(&mut tracks, Need::Due),
            Some(1) => tables.write(&mut tracks, Need::Room),
            Some(2) => tracks = tables.load(),
            Some(_) | None => {}
        }
    }
    tracks
}

proptest! {
    #[test]
    fn a_shuffled_ride_is_the_same_track_through_every_restart(
        rides in rides(),
        shuffled in any::<prop::sample::Index>(),
        deeds in prop::collection::vec(0..6_u8, 1..20),
    ) {
        let mut mixed = rides.clone();
        let n = mixed.len();
        // A deterministic shuffle: each swaps places with one further on.
        for i in 0..n {
            mixed.swap(i, (i * 7_919 + shuffled.index(n)) % n);
        }
        let mut tables = Tables::default();
        let tracks = live(&mut tables, Tracks::default(), &mixed, &deeds);
        let again = tables.load();
        for key in 0..40 {
            let key = format!("k{key}");
            let mut expected: Vec<Fix> = rides.iter().filter(|e| e.key == key).map(fix_of).collect();
            in_order(&mut expected);
            prop_assert_eq!(&tables.track(&tracks, &key), &expected);
            prop_assert_eq!(&tables.track(&again, &key), &expected, "after a restart");
        }
    }

    #[test]
    fn of_two_fixes_at_one_time_the_last_to_come_stands(
        metres in prop::collection::vec((0..3_i64, -900..900_i32), 1..60),
        deeds in prop::collection::vec(0..6_u8, 1..20),
    ) {
        let events: Vec<Event> = metres.iter().map(|(s, m)| event(1, s * 1_000, *m)).collect();
        let mut tables = Tables::default();
        let tracks = live(&mut tables, Tracks::default(), &events, &deeds);
        let mut last: BTreeMap<Millis, Fix> = BTreeMap::new();
        for event in &events {
            last.insert(event.time, fix_of(event));
        }
        let expected: Vec<Fix> = last.into_values().collect();
        prop_assert_eq!(tables.track(&tracks, "k1"), expected.clone());
        prop_assert_eq!(tables.track(&tables.load(), "k1"), expected);
    }

    #[test]
    fn what_is_erased_is_gone_and_a_new_track_begins(
        rides in rides(), later in rides(), deeds in prop::collection::vec(0..6_u8, 1..20), erased in 0..40_u32,
    ) {
        let mut tables = Tables::default();
        let mut tracks = live(&mut tables, Tracks::default(), &rides, &deeds);
        let key = format!("k{erased}");
        let others = |tables: &Tables, tracks: &Tracks| -> Vec<Vec<Fix>> {
            (0..40).filter(|k| *k != erased).map(|k| tables.track(tracks, &format!("k{k}"))).collect()
        };
        let before = others(&tables, &tracks);
        let (gone, changes) = tracks.erase(&key);
        tables.change(changes);
        tracks.stored();
        // The log has holes from here on; of events that are holes nothing is taken.
        for row in &mut tables.log {
            let mut batch = Batch::decode(&row.2).unwrap();
            let keys: Vec<String> = (0..batch.len()).map(|i| batch.key(i).to_owned()).collect();
            batch.erase(|i| keys[i] == key);
            row.2 = batch.encode();
        }
        prop_assert_eq!(tables.track(&tracks, &key), Vec::new());
        prop_assert_eq!(tables.track(&tables.load(), &key), Vec::new(), "after a restart");
        let mut after = 0;
        while let Some((first, last)) = gone.pages(after) {
            let own: Vec<u64> = tables.pieces.range((Table::Tracks, first)..=(Table::Tracks, last)).map(|(k, _)| k.1).collect();
            for id in own {
                let piece = tables.pieces.get_mut(&(Table::Tracks, id)).unwrap();
                match gone.without(id, &piece.data).unwrap() {
                    Some(left) if left.is_empty() => drop(tables.pieces.remove(&(Table::Tracks, id))),
                    Some(left) => piece.data = left,
                    None => {}
                }
            }
            after = last;
        }
        prop_assert_eq!(others(&tables, &tracks), before.clone());
        prop_assert_eq!(others(&tables, &tables.load()), before);
        let tracks = live(&mut tables, tracks, &later, &deeds);
        let mut expected: Vec<Fix> = later.iter().filter(|e| e.key == key).map(fix_of).collect();
        in_order(&mut expected);
        prop_assert_eq!(&tables.track(&tracks, &key), &expected, "what came later is a new track");
        prop_assert_eq!(&tables.track(&tables.load(), &key), &expected);
    }
}

#[test]
fn a_managers_fix_and_a_players_at_one_time_are_both_kept() {
    let fixes = [(1, false), (1, true), (1, false), (2, true)];
    let mut fixes: Vec<Fix> = fixes
        .into_iter()
        .zip(1..)
        .map(|((s, by_manager), metres)| Fix { by_manager, ..fix_of(&event(1, s, metres)) })
        .collect();
    let all = fixes.clone();
    in_order(&mut fixes);
    assert_eq!(fixes, [all[2], all[1], all[3]]);
    one_a_time(&mut fixes);
    assert_eq!(fixes, [all[1], all[3]]);
}

#[test]
fn what_is_too_old_is_not_seen_and_goes() {
    let (mut tables, mut tracks) = (Tables::default(), Tracks::default());
    tracks.configure(&TrackRules { keep_days: 2, ..TrackRules::default() });
    let day = |n: i64| event(1, n * 86_400_000, 5);
    tables.publish(&mut tracks, &[day(0), day(1), day(2)]);
    tables.write(&mut tracks, Need::Room);
    tables.publish(&mut tracks, &[day(5), day(4), day(0)]);
    let times: Vec<Millis> = tables.track(&tracks, "k1").iter().map(|f| f.time).collect();
    assert_eq!(times, [day(4).time, day(5).time]);
    tables.write(&mut tracks, Need::Room);
    let [old] = tracks.forget(BEGIN).try_into().unwrap();
    let gone = tables.pieces.keys().filter(|k| k.0 == Table::Tracks && k.1 & old.mask < old.below);
    assert_eq!(gone.count(), 3);
    tracks.configure(&TrackRules { enabled: false, ..TrackRules::default() });
    assert_eq!(tables.track(&tracks, "k1"), []);
    let changes = tracks.clear();
    tables.change(changes);
    assert!(tables.pieces.keys().all(|k| k.0 == Table::TrackState));
    tracks.configure(&TrackRules::default());
    assert_eq!(tables.track(&tracks, "k1"), [], "what was is gone for good");
    tables.publish(&mut tracks, &[day(6)]);
    assert_eq!(tables.track(&tracks, "k1").len(), 1);
}

#[test]
fn a_track_that_is_too_long_for_one_answer_says_so() {
    let (mut tables, mut tracks) = (Tables::default(), Tracks::default());
    let events: Vec<Event> = (0..100).map(|s| event(1, s * 1_000, 5)).collect();
    tables.publish(&mut tracks, &events);
    tables.write(&mut tracks, Need::Room);
    assert_eq!(tracks.fixes("k1", &ALWAYS, 99, &tables).unwrap(), Err(read::TooMany));
    assert_eq!(tracks.fixes("k1", &ALWAYS, 100, &tables).unwrap().unwrap().len(), 100);
    let some = BEGIN.plus(3_000)..BEGIN.plus(7_000);
    assert_eq!(tracks.fixes("k1", &some, 10, &tables).unwrap().unwrap().len(), 4);
}

#[test]
fn an_idle_board_writes_nothing_and_a_busy_one_a_row_for_hundreds_of_fixes() {
    for (keys, most) in [(1_u32, 200), (64, 200), (2_000, 1_500)] {
        let (mut tables, mut tracks) = (Tables::default(), Tracks::default());
        let mut sent = 0;
        while sent < 400_000 {
            // A request has a fix of each of up to 100 keys.
            let events: Vec<Event> = (0..keys.min(100))
                .map(|i| event((sent + i) % keys, i64::from((sent + i) / keys) * 1_000, (sent % 9_000) as i32))
                .collect();
            sent += events.len() as u32;
            let batch = Batch::from_events(&events);
            tracks.follow(&batch, u64::from(sent) - events.len() as u64 + 1);
            tables.write(&mut tracks, Need::Due);
        }
        let rows = tables.written * 5 / 2;
        println!("{keys} keys: {rows} rows for a million fixes");
        assert!(rows < most, "{keys} keys: {rows} rows for a million fixes");
        let before = tables.written;
        (0..100).for_each(|_| tables.write(&mut tracks, Need::Due));
        assert_eq!(tables.written, before, "nothing came, and something is written");
    }
    assert_eq!(TRACKS_PER_PART, 32);
}

/// A day of riding at one fix a second, as a receiver tells it: the place is off by some decimetres, the speed by some cm/s,
/// the heading by about a degree; the rider speeds up, slows down, turns and stops.
fn day_of_riding() -> Vec<Event> {
    let mut state = 7_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24) - 0.5
    };
    let (mut lat, mut lon, mut speed, mut heading, mut turn) = (30.26_f64, -97.74_f64, 8.0_f64, 90.0_f64, 0.0_f64);
    (0..86_400_i64)
        .map(|s| {
            let wanted = if s % 600 > 540 { 0.0 } else { 9.0 + 4.0 * (s as f64 / 97.0).sin() };
            speed = (speed + (wanted - speed) * 0.2 + random() * 0.2).max(0.0);
            turn = turn * 0.9 + random() * 2.0;
            heading = (heading + turn * speed.min(5.0) / 5.0).rem_euclid(360.0);
            lat += speed * heading.to_radians().cos() / 111_195.0;
            lon += speed * heading.to_radians().sin() / 111_195.0 / lat.to_radians().cos();
            let measured = Measured {
                lat: lat + random() * 6e-6,
                lon: lon + random() * 6e-6,
                speed: Some((speed + random() * 0.2).max(0.0)),
                heading: Some((heading + random() * 2.0).rem_euclid(360.0)),
                ..Measured::default()
            };
            let position = Some(measured.check().unwrap());
            Event { id: None, key: "rider".into(), time: BEGIN.plus(s * 1_000), position, fields: Vec::new() }
        })
        .collect()
}

#[test]
fn a_fix_of_a_ride_takes_less_than_six_bytes() {
    let events = day_of_riding();
    let (mut tables, mut tracks) = (Tables::default(), Tracks::default());
    for request in events.chunks(60) {
        tables.publish(&mut tracks, request);
        tables.write(&mut tracks, Need::Due);
    }
    tables.write(&mut tracks, Need::Room);
    let expected: Vec<Fix> = events.iter().map(fix_of).collect();
    assert_eq!(tables.track(&tracks, "rider"), expected);
    let pages = tables.pieces.values().filter(|p| p.table == Table::Tracks);
    let bytes: usize = pages.map(|p| p.data.len()).sum();
    let each = bytes as f64 / events.len() as f64;
    println!("{each:.2} bytes a fix");
    // Measured: 3.4 bytes. 24 are what a row of numbers as they are would take.
    assert!(each < 6.0, "{each:.2} bytes a fix");
}
