//! The past is what a plain reading of the whole log says it was, however it is made.

use super::*;
use crate::cursor::Epoch;
use crate::event::Event;
use crate::items::Items;
use crate::projection::{LoggedRow, Piece, Table};
use crate::sights::Shown;
use crate::value::Value;
use proptest::prelude::*;
use std::collections::BTreeMap;

const START: i64 = 1_772_366_400_000;

/// A board's log and store, as a shell keeps them.
#[derive(Default)]
struct World {
    rows: Vec<(Seq, Seq, Millis, Vec<u8>)>,
    pieces: BTreeMap<(Table, u64), Piece>,
    items: Items,
    past: Past,
    head: Seq,
}

#[derive(Clone, Debug)]
enum Act {
    /// Events: key, time, value.
    Events(Vec<(u8, i64, i64)>),
    End(u8, i64),
    Frame,
    Checkpoint,
    Restart,
    Prune(u8),
}

fn event(key: u8, at: i64, n: i64) -> Event {
    Event {
        id: None,
        key: format!("v{key}"),
        time: Millis(START + at * 1_000),
        position: None,
        fields: vec![(format!("f{}", n % 3), Some(Value::Number(n as f64)))],
    }
}

impl World {
    fn with_blocks(size: u64) -> Self {
        Self { past: Past { blocks: Blocks::of(size), ..Past::default() }, ..Self::default() }
    }

    fn write(&mut self, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            match change {
                Change::Put(piece) => {
                    self.pieces.insert((piece.table, piece.id), piece);
                }
                Change::Drop((table, ids)) => self.pieces.retain(|(t, id), _| *t != table || !ids.contains(id)),
                Change::Merge(..) | Change::Copy(..) => unreachable!("the past does neither"),
            }
        }
        self.past.stored();
    }

    fn row(&mut self, first: Seq, last: Seq, at: Millis, bytes: Vec<u8>) {
        let entry = Entry::decode(first, at, &bytes).unwrap();
        match &entry.said {
            Said::Events(batch) => self.items.apply(batch, first, |_, _| {}),
            Said::Control(control) => self.items.control(control, first),
        }
        self.past.apply(&entry).unwrap();
        self.head = last;
        self.rows.push((first, last, at, bytes));
    }

    fn act(&mut self, act: &Act) {
        let first = self.head + 1;
        match act {
            Act::Events(events) => {
                let events: Vec<Event> = events.iter().map(|(k, at, n)| event(*k, *at, *n)).collect();
                let last = self.head + events.len() as Seq;
                self.row(first, last, Millis(START), Batch::from_events(&events).encode());
            }
            Act::End(key, at) => {
                let what = Action::EndItems { keys: vec![format!("v{key}")] };
                let control = Control { at: Millis(START + at * 1_000), by: "m".to_owned(), what };
                self.row(first, first, control.at, control.encode());
            }
            Act::Frame => {
                let items = self.items.clone();
                let changes: Vec<Change> = self.past.frame(&items).collect();
                self.write(changes);
            }
            Act::Checkpoint => {
                let changes: Vec<Change> = self.past.checkpoint(Need::Room).collect();
                self.write(changes);
            }
            Act::Restart => {
                let mut past = Past::default();
                if let Some(piece) = self.pieces.get(&(Table::Past, 0)) {
                    past.restore(piece.clone()).unwrap();
                } else {
                    past.blocks = Blocks::of(3);
                }
                past.begin(0);
                let seen = past.seen;
                for (first, last, at, bytes) in self.rows.iter().filter(|row| row.1 > seen) {
                    past.apply(&Entry::read(LoggedRow { first: *first, last: *last, at: *at, bytes }).unwrap())
                        .unwrap();
                }
                self.past = past;
            }
            Act::Prune(rows) => {
                let old = self.rows.iter().take(usize::from(*rows)).filter(|row| row.1 <= self.past.floor());
                let old: Vec<Seq> = old.map(|row| row.1).collect();
                if let Some(last) = old.last() {
                    // Both are one write.
                    self.past.pruned(*last);
                    let changes: Vec<Change> = self.past.checkpoint(Need::Room).collect();
                    self.write(changes);
                    self.rows.drain(..old.len());
                }
            }
        }
    }

    fn cursor(&self) -> Cursor {
        Cursor { epoch: Epoch(1), seq: self.head }
    }

    /// As the shell makes it.
    fn made(&self, at: At, ground: Ground, shows: &dyn Fn(&Batch<'_>, usize) -> Shown) -> Result<Items, Problem> {
        let plan = self.past.plan(at, self.cursor(), ground)?;
        let mut frame = FrameReader::default();
        let items = match &plan.frame {
            None => Items::default(),
            Some((table, ids)) => {
                for piece in self.pieces.range((*table, *ids.start())..=(*table, *ids.end())) {
                    frame.piece(piece.1).unwrap();
                }
                frame.finish(std::iter::empty()).unwrap()
            }
        };
        let mut rebuild = Rebuild::new(items, at, shows);
        for (after, upto) in &plan.reads {
            for (first, last, at, bytes) in self.rows.iter().filter(|row| row.1 > *after && row.0 <= *upto) {
                rebuild.row(LoggedRow { first: *first, last: *last, at: *at, bytes }, &plan).unwrap();
            }
        }
        Ok(rebuild.finish())
    }
}

/// What a plain reading of all events says.
fn plainly(log: &[(Seq, Millis, Vec<u8>)], at: At) -> Items {
    let mut items = Items::default();
    for (first, came, bytes) in log {
        let entry = Entry::decode(*first, *came, bytes).unwrap();
        match &entry.said {
            Said::Control(control) => {
                let was = match at {
                    At::Cursor(c) => *first <= c.seq,
                    At::Time(time) => control.at <= time,
                };
                if was {
                    items.control(control, *first);
                }
            }
            Said::Events(batch) => {
                let shown = |row: usize| {
                    let was = match at {
                        At::Cursor(c) => first + row as Seq <= c.seq,
                        At::Time(time) => batch.times[row] <= time,
                    };
                    if was { Shown::Whole } else { Shown::Nothing }
                };
                items.apply_shown(batch, *first, shown, |_, _| {});
            }
        }
    }
    items
}

/// All that is answered of items, by key.
fn told(items: &Items) -> BTreeMap<String, String> {
    items.iter().map(|(_, item)| (item.key().to_owned(), items.to_json(item, None).to_string())).collect()
}

fn acts(ordered: bool) -> impl Strategy<Value = Vec<Act>> {
    let events = prop::collection::vec((0..6_u8, 0..200_i64, 0..99_i64), 1..6).prop_map(Act::Events);
    let end = (0..6_u8, 0..200_i64).prop_map(|(key, at)| Act::End(key, at));
    let act = prop_oneof![8 => events, 1 => end, 2 => Just(Act::Frame), 1 => Just(Act::Checkpoint), 1 => Just(Act::Restart), 1 => (1..4_u8).prop_map(Act::Prune)];
    prop::collection::vec(act, 1..60).prop_map(move |mut acts| {
        if ordered {
            // As a live board has it: time goes on with the log.
            let mut now = 0;
            for act in &mut acts {
                match act {
                    Act::Events(events) => events.iter_mut().for_each(|e| {
                        now += e.1 % 3;
                        e.1 = now;
                    }),
                    Act::End(_, at) => *at = now,
                    Act::Frame | Act::Checkpoint | Act::Restart | Act::Prune(_) => {}
                }
            }
        }
        acts
    })
}

fn check(acts: &[Act], times: &[i64], seqs: &[Seq]) -> Result<usize, TestCaseError> {
    let mut world = World::with_blocks(3);
    let mut log = Vec::new();
    for act in acts {
        let before = world.rows.len();
        world.act(act);
        if world.rows.len() > before {
            log.extend(world.rows.last().map(|(first, _, at, bytes)| (*first, *at, bytes.clone())));
        }
    }
    let cursors = seqs.iter().map(|seq| At::Cursor(Cursor { epoch: Epoch(1), seq: seq % (world.head + 1) }));
    let mut answered = 0;
    for at in times.iter().map(|t| At::Time(Millis(START + t * 1_000))).chain(cursors) {
        for ground in [Ground::Frames(None), Ground::Log { whole: true }] {
            match world.made(at, ground, &|_, _| Shown::Whole) {
                Ok(items) => {
                    answered += 1;
                    prop_assert_eq!(told(&items), told(&plainly(&log, at)), "{:?} {:?}", at, ground);
                }
                Err(problem) => prop_assert_eq!(problem.code, Code::PastGone),
            }
        }
    }
    Ok(answered)
}

proptest! {
    #[test]
    fn the_past_of_a_shuffled_log_is_what_a_plain_reading_says(
        acts in acts(false), times in prop::collection::vec(0..220_i64, 1..6), seqs in prop::collection::vec(0..500_u64, 1..4),
    ) {
        check(&acts, &times, &seqs)?;
    }

    #[test]
    fn the_past_of_a_live_board_is_what_a_plain_reading_says(
        acts in acts(true), times in prop::collection::vec(0..220_i64, 1..6), seqs in prop::collection::vec(0..500_u64, 1..4),
    ) {
        check(&acts, &times, &seqs)?;
    }

    #[test]
    fn what_is_hidden_since_a_time_is_in_no_past(acts in acts(true), since in 0..200_i64, time in 0..220_i64) {
        let mut world = World::with_blocks(3);
        acts.iter().filter(|act| !matches!(act, Act::End(..) | Act::Prune(_))).for_each(|act| world.act(act));
        let since = Millis(START + since * 1_000);
        let shows = |batch: &Batch<'_>, row: usize| if batch.times[row] >= since { Shown::Nothing } else { Shown::Whole };
        let at = At::Time(Millis(START + time * 1_000));
        if let Ok(items) = world.made(at, Ground::Frames(Some(since)), &shows) {
            let most = items.iter().map(|(_, item)| item.time).max();
            prop_assert!(most.is_none_or(|most| most < since));
        }
    }

    #[test]
    fn only_stretches_with_such_times_are_read_for_events(acts in acts(false), from in 0..200_i64, span in 1..50_i64, after in 0..200_u64) {
        let mut world = World::with_blocks(3);
        acts.iter().for_each(|act| world.act(act));
        let (from, to) = (Millis(START + from * 1_000), Millis(START + (from + span) * 1_000));
        let reads = world.past.reads(after, Some(from), Some(to));
        prop_assert!(reads.is_sorted() && reads.windows(2).all(|w| w[0].1 < w[1].0));
        for (first, _, at, bytes) in &world.rows {
            if let Said::Events(batch) = Entry::decode(*first, *at, bytes).unwrap().said {
                for row in 0..batch.len() {
                    let seq = first + row as Seq;
                    if seq > after && batch.times[row] >= from && batch.times[row] < to {
                        prop_assert!(reads.iter().any(|(after, upto)| seq > *after && seq <= *upto), "{seq} {reads:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_live_board_is_asked_about_little_of_its_log() {
    let mut world = World::with_blocks(10);
    for n in 0..300 {
        world.act(&Act::Events(vec![(n as u8 % 5, n, n)]));
        if n % 100 == 99 {
            world.act(&Act::Frame);
        }
    }
    let at = At::Time(Millis(START + 215 * 1_000));
    let plan = world.past.plan(at, world.cursor(), Ground::Frames(None)).unwrap();
    assert_eq!((plan.begins, plan.events), (200, 20));
    assert_eq!(world.past.reads(0, Some(Millis(START + 215 * 1_000)), Some(Millis(START + 216 * 1_000))).len(), 2);
}

#[test]
fn frames_are_thinned_and_blocks_become_longer() {
    let mut world = World::with_blocks(1);
    for n in 0..3_000 {
        world.act(&Act::Events(vec![(n as u8 % 5, n, n)]));
        if n % 20 == 0 {
            world.act(&Act::Frame);
        }
    }
    assert_eq!(world.past.frames().len(), limits::PAST_FRAMES);
    assert!(world.past.blocks.len() <= limits::PAST_BLOCKS);
    let frames = world.past.frames().iter().map(|frame| *frame.pieces().1.start()).collect::<Vec<_>>();
    let stored: Vec<u64> = world.pieces.keys().map(|(_, id)| *id).filter(|id| *id > 0).collect();
    assert_eq!(stored, frames, "nothing is left of those that are gone");
    let most = world.past.frames().windows(2).map(|w| w[1].seq - w[0].seq).max().unwrap();
    assert!(most <= 80, "{most}");
}

#[test]
fn too_much_of_the_log_is_not_read_for_one_question() {
    let mut world = World::with_blocks(10_000);
    let many: Vec<(u8, i64, i64)> = (0..10_000).map(|n| (n as u8 % 5, n % 50, n)).collect();
    (0..=limits::PAST_READ_EVENTS / 10_000).for_each(|_| world.act(&Act::Events(many.clone())));
    let at = At::Time(Millis(START + 10_000));
    let problem = world.past.plan(at, world.cursor(), Ground::Frames(None)).unwrap_err();
    assert_eq!(problem.status, 400);
}

#[test]
fn an_item_whose_history_is_erased_is_in_no_frame() {
    let mut world = World::with_blocks(3);
    world.act(&Act::Events(vec![(1, 1, 1), (2, 2, 2)]));
    world.act(&Act::End(2, 3));
    world.act(&Act::Frame);
    let frame = *world.past.frames().last().unwrap();
    assert!(world.pieces.values().all(|piece| !String::from_utf8_lossy(&piece.data).contains("v2")), "it ended before");
    let mut reader = FrameReader::default();
    world.pieces.range((Table::Past, 1)..).for_each(|(_, piece)| reader.piece(piece).unwrap());
    let mut items = reader.finish(std::iter::empty()).unwrap();
    assert!(Past::without(frame, &mut items.clone(), "v9").is_none(), "nothing to write");
    let changes: Vec<Change> = Past::without(frame, &mut items, "v1").unwrap().collect();
    world.write(changes);
    assert!(world.pieces.values().all(|piece| !String::from_utf8_lossy(&piece.data).contains("v1")));
}

#[test]
fn a_slow_board_has_a_frame_before_its_beginning_goes() {
    const DAY: i64 = 86_400_000;
    let mut past = Past::default();
    past.begin(0);
    let items = Items::default();
    let mut frames = Vec::new();
    for day in 0..40 {
        past.events(&Batch::from_events(&[event(1, day * 86_400, 1)]), day as Seq + 1, 40, Millis(START + day * DAY));
        if past.is_frame_due(&items, 30) {
            past.frame(&items).for_each(drop);
            past.stored();
            frames.push(day);
        }
    }
    assert_eq!(frames, [4, 8, 12, 16, 20, 24, 28, 32, 36]);
}

#[test]
fn a_board_whose_beginning_is_not_known_begins_with_a_frame() {
    let mut past = Past::default();
    past.begin(500);
    let events = [event(1, 5, 1)];
    past.events(&Batch::from_events(&events), 501, 40, Millis(START));
    assert!(past.is_frame_due(&Items::default(), 30));
    let head = Cursor { epoch: Epoch(1), seq: 501 };
    let gone = past.plan(At::Time(Millis(START + 9_000)), head, Ground::Frames(None)).unwrap_err();
    assert_eq!((gone.code, gone.status), (Code::PastGone, 410));
    // What an older build pruned while this one did not see it.
    let bytes = Batch::from_events(&events).encode();
    past.apply(&Entry::decode(900, Millis(START), &bytes).unwrap()).unwrap();
    assert_eq!((past.from, past.seen), (899, 900));
}
