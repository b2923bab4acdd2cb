//! A board, its tables and a target that fails, stalls and forgets to answer, while the shell dies at any point.

use super::*;
use crate::archive::export::Export;
use crate::projection::{Change, Need, Piece, Projection, Replay, Slice, Table};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What is done to the world.
#[derive(Clone, Debug)]
enum Step {
    /// Events are logged, or a control.
    Append(u8),
    /// Time passes.
    Pass(u32),
    /// The shell does the next action, with this luck.
    Act(Luck),
    /// The shell dies.
    Crash,
    /// The config changes: another prefix, interval and form.
    Configure(u8),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Luck {
    Good,
    /// Nothing was written: refused, or the connection could not be made.
    Refused,
    /// It was written, and the answer was lost: a stall or a reset.
    Lost,
    /// The shell dies before the action has an effect.
    DiesBefore,
    /// The shell dies after it had its effect.
    DiesAfter,
}

struct Row {
    first: u64,
    last: u64,
    at: Millis,
    bytes: Vec<u8>,
}

/// What outlives a crash.
struct Tables {
    log: Vec<Row>,
    pieces: BTreeMap<(Table, u64), Piece>,
    config: ArchiveConfig,
    prefix: String,
}

struct World {
    now: Millis,
    tables: Tables,
    /// What does not.
    export: Export,
    store: BTreeMap<String, Vec<u8>>,
}

const EPOCH: Epoch = Epoch(7);

impl Tables {
    fn head(&self) -> u64 {
        self.log.last().map_or(0, |r| r.last)
    }

    fn after(&self, seq: u64) -> impl Iterator<Item = &Row> {
        self.log.iter().filter(move |r| r.last > seq)
    }

    fn load(&self) -> Export {
        let mut export = Export::new(self.config.clone(), EPOCH);
        self.pieces.values().for_each(|piece| export.restore(piece.clone()).unwrap());
        export.restored().unwrap();
        let seq = export.floor();
        let waiting = Waiting {
            bytes: self.after(seq).map(|r| r.bytes.len() as u64).sum(),
            since: self.after(seq).next().map(|r| r.at),
        };
        export.waits(self.head(), waiting);
        export
    }

    fn save(&mut self, export: &mut Export) {
        for change in export.checkpoint(Need::Due) {
            match change {
                Change::Put(piece) => drop(self.pieces.insert((piece.table, piece.id), piece)),
                Change::Drop((table, ids)) => self.pieces.retain(|(t, id), _| *t != table || !ids.contains(id)),
                Change::Merge(..) | Change::Copy(..) => panic!("delivery needs no such change"),
            }
        }
    }
}

impl World {
    fn new() -> Self {
        let (config, prefix) = (super::config(), "fleet/".to_owned());
        let tables = Tables { log: Vec::new(), pieces: BTreeMap::new(), config, prefix };
        let export = tables.load();
        Self { now: Millis(1_772_366_400_000), tables, export, store: BTreeMap::new() }
    }

    fn append(&mut self, n: u8) {
        let first = self.tables.head() + 1;
        let bytes = if n == 0 {
            control()
        } else {
            // Now and then much text, so that the buffer fills; and names that differ in case.
            let filler = "x".repeat(if n > 30 { 1_000 } else { 3 });
            let name = ["n", "N", "speed"][usize::from(n) % 3];
            // Now and then a value of another kind, or one that is taken away.
            let value = |i: u8| match i % 13 {
                11 => None,
                12 => Some(text("none")),
                _ => Some(Value::Number(f64::from(i))),
            };
            let field = |i: u8| [(name, value(i)), ("text", Some(text(&filler)))];
            encode(&(0..n).map(|i| event(&format!("k{}", i % 5), &field(i))).collect::<Vec<_>>())
        };
        let last = first + u64::from(n.max(1)) - 1;
        self.export.appended(last, bytes.len() as u64, self.now);
        self.tables.log.push(Row { first, last, at: self.now, bytes });
    }

    fn put(&mut self, name: String, bytes: Vec<u8>) {
        if let Some(before) = self.store.get(&name) {
            assert_eq!(before, &bytes, "{name} is written again with other bytes");
        }
        self.store.insert(name, bytes);
    }

    fn crash(&mut self) {
        self.export = self.tables.load();
    }

    fn act(&mut self, luck: Luck) {
        let action = self.export.delivery().next(self.now);
        if luck == Luck::DiesBefore {
            return self.crash();
        }
        let refused = luck == Luck::Refused;
        match action {
            Action::Idle | Action::Wait(_) => return,
            Action::Build => self.build(),
            Action::PutObject if !refused => {
                let plan = self.export.delivery().plan().unwrap().clone();
                let object = self.export.take_object().unwrap();
                self.put(plan.object, object.bytes);
                if luck == Luck::Good {
                    self.export.object_is_stored();
                }
            }
            Action::PutManifest if !refused => {
                let plan = self.export.delivery().plan().unwrap().clone();
                let measure = self.export.delivery().measure();
                self.put(plan.manifest, manifest("events", &plan.object, measure.bytes, measure.records).into_bytes());
                if luck == Luck::Good {
                    let next = self.tables.after(plan.last).next().map(|r| r.at);
                    self.export.manifest_is_stored(self.now, next);
                    self.tables.save(&mut self.export);
                }
            }
            Action::PutObject | Action::PutManifest => {}
        }
        match luck {
            Luck::DiesAfter => self.crash(),
            Luck::Refused | Luck::Lost if action != Action::Build => {
                self.export.failed("it failed".to_owned(), self.now, 77);
            }
            Luck::Good | Luck::DiesBefore | Luck::Refused | Luck::Lost => {}
        }
    }

    fn build(&mut self) {
        let export = &mut self.export;
        export.begin();
        // In slices of a row.
        while let Some(seen) = export.reads_after()
            && let Some(Row { first, last, at, bytes }) = self.tables.log.iter().find(|r| r.last > seen)
        {
            let row = LoggedRow { first: *first, last: *last, at: *at, bytes };
            Replay::new(&mut [export], Slice::WHOLE).row(row).unwrap();
        }
        export.finish(&self.tables.prefix, "b").unwrap();
        self.tables.save(export);
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Append(n) => self.append(*n),
            Step::Pass(millis) => self.now = self.now.plus(i64::from(*millis)),
            Step::Act(luck) => self.act(*luck),
            Step::Crash => self.crash(),
            Step::Configure(n) => {
                self.tables.prefix = format!("p{n}/");
                self.tables.config.interval_s = 1 + u32::from(*n);
                self.tables.config.format = if n % 2 == 0 { ArchiveFormat::Ndjson } else { ArchiveFormat::Parquet };
                self.crash();
            }
        }
    }

    /// The target is well and nobody dies: everything that waits is delivered.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            match self.export.delivery().next(self.now) {
                Action::Idle => return,
                Action::Wait(at) => self.now = at,
                Action::Build | Action::PutObject | Action::PutManifest => self.act(Luck::Good),
            }
        }
        panic!("delivery does not come to rest");
    }

    fn check(&self) {
        let mut next = 1;
        let mut named = Vec::new();
        let mut columns: Vec<(String, String)> = Vec::new();
        let manifests = self.store.iter().filter(|(name, _)| name.starts_with("manifests/"));
        let mut ranges: Vec<(u64, u64, &Vec<u8>)> = manifests
            .map(|(name, bytes)| {
                let stem = name.strip_suffix(".manifest").unwrap();
                let mut parts = stem.rsplit('-');
                let mut number = || parts.next().unwrap().parse().unwrap();
                let last = number();
                (number(), last, bytes)
            })
            .collect();
        ranges.sort_unstable();
        for (first, last, bytes) in ranges {
            assert_eq!(first, next, "ranges follow each other without a hole or an overlap");
            next = last + 1;
            let json: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            let entry = &json["entries"][0];
            let name = entry["url"].as_str().unwrap().strip_prefix("s3://events/").unwrap();
            let object = &self.store[name];
            assert_eq!(entry["meta"]["content_length"], object.len());
            let seqs = if name.ends_with(".parquet") {
                let file = files::read(object);
                let (earlier, later) = columns.split_at(columns.len().min(file.columns.len()));
                assert_eq!(earlier, &file.columns[..earlier.len()], "columns of files follow each other");
                assert!(later.is_empty(), "no column is lost");
                columns = file.columns;
                file.rows.iter().map(|row| row["seq"].as_u64().unwrap()).collect()
            } else {
                seqs_of_lines(object)
            };
            assert_eq!(entry["meta"]["record_count"], seqs.len());
            named.extend(seqs);
        }
        assert_eq!(next, self.tables.head() + 1, "everything is in a manifest");
        let events: Vec<u64> =
            self.tables.log.iter().filter(|r| r.bytes[0] != b'{').flat_map(|r| r.first..=r.last).collect();
        assert_eq!(named, events);
    }
}

fn seqs_of_lines(object: &[u8]) -> Vec<u64> {
    let mut lines = String::new();
    GzDecoder::new(object).read_to_string(&mut lines).unwrap();
    let line = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["seq"].as_u64().unwrap();
    lines.lines().map(line).collect()
}

fn step() -> impl Strategy<Value = Step> {
    let luck = prop_oneof![
        4 => Just(Luck::Good),
        1 => Just(Luck::Refused),
        1 => Just(Luck::Lost),
        1 => Just(Luck::DiesBefore),
        1 => Just(Luck::DiesAfter),
    ];
    prop_oneof![
        3 => (0_u8..60).prop_map(Step::Append),
        3 => (0_u32..70_000).prop_map(Step::Pass),
        8 => luck.prop_map(Step::Act),
        1 => Just(Step::Crash),
        1 => (0_u8..9).prop_map(Step::Configure),
    ]
}

proptest! {
    #[test]
    fn every_event_is_in_exactly_one_manifest_whatever_fails(steps in prop::collection::vec(step(), 1..150)) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
        }
        world.settle();
        world.check();
    }
}

#[test]
fn a_backlog_larger_than_the_buffer_becomes_several_objects() {
    let mut world = World::new();
    for _ in 0..60 {
        world.append(59);
    }
    world.settle();
    world.check();
    let objects = world.store.keys().filter(|k| k.starts_with("fleet/")).count();
    assert!((3..=5).contains(&objects), "{objects} objects for 3.6 MB and a buffer of 1 MiB");
}
