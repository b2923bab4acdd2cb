//! Who sees a board some time later sees at each moment what a replay of all that had arrived by then gives: in snapshots, in
//! changes, when the relay has lost its memory, and when the viewer comes back.

#![allow(clippy::unwrap_used, reason = "a test helper that fails is a test that fails")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of message and lets the others be")]

use heliograph_shared::codec::Batch;
use heliograph_shared::cursor::{Cursor, Epoch, Seq};
use heliograph_shared::delay::Delay;
use heliograph_shared::event::Event;
use heliograph_shared::items::Items;
use heliograph_shared::past::{At, FrameReader, Ground, Past, Rebuild};
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::projection::{Change, Entry, LoggedRow, Piece, Projection, Said, Table};
use heliograph_shared::protocol::{ClientMessage, CloseCode, ServerMessage, SubId, Subscription};
use heliograph_shared::relay::later::Due;
use heliograph_shared::relay::{Frame, Mode, Output, PushHead, Pushed, Relay, Session, Sockets, ViewerId};
use heliograph_shared::replica::Replica;
use heliograph_shared::rights::{Access, Ask, Conditions, Grant, Operation, Rights};
use heliograph_shared::scores::control::{Action, Control};
use heliograph_shared::sights::Shown;
use heliograph_shared::time::Millis;
use heliograph_shared::value::Value;
use proptest::prelude::*;
use std::collections::BTreeMap;

const EPOCH: Epoch = Epoch(1);
const START: Millis = Millis(1_772_366_400_000);
const VIEWER: ViewerId = ViewerId(7);

struct Ready;

impl Sockets for Ready {
    fn waiting(&self, _: ViewerId) -> u32 {
        0
    }
}

/// What a viewer sees, by key.
type Seen = BTreeMap<String, BTreeMap<String, Value>>;

#[derive(Clone, Debug)]
enum Act {
    /// Events of these keys, with a value each and an event time that says nothing of when they come.
    Send(Vec<(u8, i64, i64)>),
    End(u8),
    /// So many milliseconds pass.
    Wait(i64),
    /// The board keeps its items as they are.
    Keep,
    /// The relay asks what has become old enough.
    Poll,
    /// The relay loses its memory.
    Restart,
    /// The viewer loses its connection and comes back.
    Resume,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let send = prop::collection::vec((0..5_u8, 0..99_i64, 0..500_i64), 1..4).prop_map(Act::Send);
    let act = prop_oneof![
        5 => send,
        1 => (0..5_u8).prop_map(Act::End),
        5 => (1..4_000_i64).prop_map(Act::Wait),
        1 => Just(Act::Keep),
        4 => Just(Act::Poll),
        1 => Just(Act::Restart),
        1 => Just(Act::Resume),
    ];
    prop::collection::vec(act, 1..60)
}

fn late(seconds: u32) -> Access {
    let conditions = Conditions { delay_s: Some(seconds), ..Conditions::default() };
    let operations = vec![Operation::Read, Operation::History];
    let grant = Grant { board: "fleet".into(), operations, keys: vec!["*".into()], conditions };
    Rights::of_grants(&[grant]).unwrap().on(&"fleet".try_into().unwrap(), None)
}

/// A board with its log, and a relay of viewers with a delay.
struct World {
    rows: Vec<(Seq, Seq, Millis, Vec<u8>)>,
    pieces: BTreeMap<(Table, u64), Piece>,
    items: Items,
    past: Past,
    head: Seq,
    now: Millis,
    delay: Delay,
    relay: Relay,
    copy: Replica,
}

impl World {
    fn new(seconds: u32) -> Self {
        let delay = Delay::new(seconds).unwrap();
        let relay = Relay::new(Items::default(), Cursor { epoch: EPOCH, seq: 0 }).with_delay(Some(delay));
        let mut world = Self {
            rows: Vec::new(),
            pieces: BTreeMap::new(),
            items: Items::default(),
            past: Past::default(),
            head: 0,
            now: START,
            delay,
            relay,
            copy: Replica::default(),
        };
        world.connect();
        world
    }

    fn log(&mut self, last: Seq, bytes: Vec<u8>) {
        let first = self.head + 1;
        let entry = Entry::decode(first, self.now, &bytes).unwrap();
        match &entry.said {
            Said::Events(batch) => self.items.apply(batch, first, |_, _| {}),
            Said::Control(control) => self.items.control(control, first),
        }
        self.past.apply(&entry).unwrap();
        self.head = last;
        self.rows.push((first, last, self.now, bytes));
    }

    /// As the shell asks the log.
    fn arrived(&self) -> Seq {
        let row_after = |seq: Seq| {
            let row = self.rows.iter().find(|row| row.1 > seq);
            Ok::<_, Problem>(row.map(|(_, last, at, _)| (*last, *at)))
        };
        self.past.arrived_by(self.delay.until(self.now), self.head, row_after).unwrap()
    }

    /// The board's items as of an event, as the shell makes them.
    fn state(&self, seq: Seq) -> Items {
        let at = At::Cursor(Cursor { epoch: EPOCH, seq });
        let plan = self.past.plan(at, Cursor { epoch: EPOCH, seq: self.head }, Ground::Frames(None)).unwrap();
        let items = match &plan.frame {
            None => Items::default(),
            Some((table, ids)) => {
                let mut reader = FrameReader::default();
                for (_, piece) in self.pieces.range((*table, *ids.start())..=(*table, *ids.end())) {
                    reader.piece(piece).unwrap();
                }
                reader.finish(std::iter::empty()).unwrap()
            }
        };
        let shows = |_: &Batch<'_>, _: usize| Shown::Whole;
        let mut rebuild = Rebuild::new(items, at, &shows);
        for (after, upto) in &plan.reads {
            for (first, last, at, bytes) in self.rows.iter().filter(|row| row.1 > *after && row.0 <= *upto) {
                rebuild.row(LoggedRow { first: *first, last: *last, at: *at, bytes }, &plan).unwrap();
            }
        }
        rebuild.finish()
    }

    fn connect(&mut self) {
        let mut out = Vec::new();
        self.relay.disconnect(VIEWER);
        let access = late(self.delay.seconds());
        let rights = access.may(Ask::Present).unwrap().without_delay().fingerprint();
        self.relay.connect(self.now, VIEWER, Session::new(Mode::Binary, access, None), &mut out);
        let (subscription, resume) = (Subscription::items_all(), self.copy.cursor());
        let rights = resume.map(|_| rights);
        let message = ClientMessage::Subscribe { id: SubId(1), subscription, resume, rights, rewind: None };
        self.relay.message(self.now, VIEWER, Ok(message), &Ready, &mut out);
        self.hear(&out);
    }

    /// The viewer takes what it is told.
    fn hear(&mut self, out: &[Output]) {
        let mut changes = Vec::new();
        for output in out {
            let Output::Send { frame: Frame::Binary(bytes), .. } = output else { continue };
            match ServerMessage::from_binary(bytes).unwrap() {
                ServerMessage::Snapshot { cursor, first, last, rows, .. } => {
                    self.copy.snapshot(cursor, first, last, &rows, &mut changes).unwrap();
                }
                ServerMessage::Delta { from, to, rows, removed, .. } => {
                    self.copy.delta(from, to, &rows, &removed, &mut changes).unwrap();
                }
                ServerMessage::Status { cursor, viewers, .. } => {
                    assert_eq!(viewers, 0, "nobody is told who is here now");
                    assert!(cursor.seq <= self.arrived());
                }
                ServerMessage::Gap { cursor, .. } => assert!(cursor.seq <= self.arrived()),
                _ => {}
            }
        }
    }

    fn poll(&mut self) {
        let upto = self.arrived();
        let mut due = Due::new(self.relay.cursor(), upto);
        for (first, last, at, bytes) in self.rows.iter().filter(|row| row.1 > self.relay.cursor().seq) {
            if !due.row(&LoggedRow { first: *first, last: *last, at: *at, bytes }) {
                break;
            }
        }
        let push = due.finish();
        if push.is_empty() {
            return;
        }
        let (mut out, (_, message)) = (Vec::new(), PushHead::split(&push).unwrap());
        let pushed = self.relay.push(self.now, &message, &Ready, &mut out).unwrap();
        assert_eq!(pushed, Pushed::Applied);
        self.hear(&out);
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Send(events) => {
                let event = |(key, n, time): &(u8, i64, i64)| Event {
                    id: None,
                    key: format!("v{key}"),
                    time: START.plus(time * 1_000),
                    position: None,
                    fields: vec![(format!("f{}", n % 3), Some(Value::Number(*n as f64)))],
                };
                let events: Vec<Event> = events.iter().map(event).collect();
                self.log(self.head + events.len() as Seq, Batch::from_events(&events).encode());
            }
            Act::End(key) => {
                let what = Action::EndItems { keys: vec![format!("v{key}")] };
                self.log(self.head + 1, Control { at: self.now, by: "m".into(), what }.encode());
            }
            Act::Wait(millis) => self.now = self.now.plus(*millis),
            Act::Keep => {
                let items = self.items.clone();
                for change in self.past.frame(&items).collect::<Vec<_>>() {
                    match change {
                        Change::Put(piece) => drop(self.pieces.insert((piece.table, piece.id), piece)),
                        Change::Drop((table, ids)) => {
                            self.pieces.retain(|(of, id), _| *of != table || !ids.contains(id));
                        }
                        Change::Merge(..) | Change::Copy(..) => unreachable!("the past does neither"),
                    }
                }
                self.past.stored();
            }
            Act::Poll => self.poll(),
            Act::Restart => {
                let seq = self.arrived();
                self.relay = Relay::new(self.state(seq), Cursor { epoch: EPOCH, seq }).with_delay(Some(self.delay));
                self.connect();
            }
            Act::Resume => self.connect(),
        }
    }

    /// What a replay of all rows up to an event gives.
    fn replayed(&self, upto: Seq) -> Seen {
        let mut items = Items::default();
        for (first, _, at, bytes) in self.rows.iter().filter(|row| row.1 <= upto) {
            match &Entry::decode(*first, *at, bytes).unwrap().said {
                Said::Events(batch) => items.apply(batch, *first, |_, _| {}),
                Said::Control(control) => items.control(control, *first),
            }
        }
        seen(&items)
    }

    fn told(&self) -> Seen {
        self.copy.items().map(|(_, item)| (item.key.clone(), item.fields.clone())).collect()
    }
}

fn seen(items: &Items) -> Seen {
    let all = items.iter().map(|(_, item)| {
        let json = items.to_json(item, None);
        let fields = json["fields"].as_object().into_iter().flatten();
        let fields = fields.filter_map(|(name, value)| Some((name.clone(), Value::Number(value.as_f64()?))));
        let fields: BTreeMap<String, Value> = fields.collect();
        (item.key().to_owned(), fields)
    });
    all.collect()
}

proptest! {
    #[test]
    fn a_viewer_with_a_delay_sees_what_a_replay_of_what_had_arrived_by_then_gives(acts in acts(), seconds in 1..5_u32) {
        let mut world = World::new(seconds);
        for act in &acts {
            world.act(act);
            // What had arrived by then, told by nothing but the rows' times.
            let then = world.now.plus(-i64::from(seconds) * 1_000);
            let upto = world.rows.iter().filter(|row| row.2 <= then).map(|row| row.1).max().unwrap_or(0);
            prop_assert_eq!(world.arrived(), upto);
            prop_assert!(world.copy.cursor().is_some_and(|cursor| cursor.seq <= upto), "nothing of what is too young");
            if matches!(act, Act::Poll | Act::Restart) {
                prop_assert_eq!(world.told(), world.replayed(upto), "{:?}", act);
                prop_assert_eq!(seen(&world.state(upto)), world.replayed(upto), "views are as of then");
            }
            prop_assert_eq!(world.told(), world.replayed(world.relay.cursor().seq), "{:?}", act);
        }
    }

    #[test]
    fn what_is_kept_leads_to_what_came_after(acts in acts(), before in 0..99_u64) {
        let mut world = World::new(1);
        acts.iter().for_each(|act| world.act(act));
        let head = Cursor { epoch: EPOCH, seq: world.head };
        let at = At::Cursor(head);
        let plan = world.past.plan(at, head, Ground::Frames(None)).unwrap();
        let before = before.min(world.head).max(plan.begins);
        let plan = plan.after(before);
        let shows = |_: &Batch<'_>, _: usize| Shown::Whole;
        let mut rebuild = Rebuild::new(world.state(before), at, &shows);
        for (after, upto) in &plan.reads {
            for (first, last, at, bytes) in world.rows.iter().filter(|row| row.1 > *after && row.0 <= *upto) {
                rebuild.row(LoggedRow { first: *first, last: *last, at: *at, bytes }, &plan).unwrap();
            }
        }
        prop_assert_eq!(seen(&rebuild.finish()), world.replayed(world.head));
    }
}

#[test]
fn of_an_old_log_that_has_only_what_is_too_young_nothing_is_told() {
    let mut past = Past::default();
    past.begin(500);
    let event = Event { id: None, key: "a".into(), time: START, position: None, fields: Vec::new() };
    past.events(&Batch::from_events(std::slice::from_ref(&event)), 501, 40, START);
    let row_after = |seq: Seq| Ok::<_, Problem>((seq < 501).then_some((501, START)));
    let by = |millis: i64| past.arrived_by(START.plus(millis), 501, row_after).map_err(|problem| problem.code);
    assert_eq!((by(-1), by(0)), (Err(Code::PastGone), Ok(501)));
}

#[test]
fn a_relay_shows_nobody_another_time_than_its_rights_say() {
    let mut out = Vec::new();
    let mut relay = Relay::new(Items::default(), Cursor { epoch: EPOCH, seq: 0 });
    relay.connect(START, ViewerId(1), Session::new(Mode::Json, late(30), None), &mut out);
    assert_eq!(out, [Output::Close { viewer: ViewerId(1), code: CloseCode::GoingAway }]);
    assert_eq!(relay.viewers(), 0);
    let mut relay = relay.with_delay(Delay::new(30));
    for (viewer, access) in [(2, Access::public()), (3, late(31))] {
        out.clear();
        relay.connect(START, ViewerId(viewer), Session::new(Mode::Json, access, None), &mut out);
        assert_eq!(out, [Output::Close { viewer: ViewerId(viewer), code: CloseCode::GoingAway }]);
    }
    // Who gets a token with another delay comes back, to another relay.
    relay.connect(START, ViewerId(4), Session::new(Mode::Json, late(30), None), &mut out);
    out.clear();
    relay.token_checked(START, ViewerId(4), Ok((late(5), START.plus(60_000))), &Ready, &mut out);
    assert!(out.contains(&Output::Close { viewer: ViewerId(4), code: CloseCode::GoingAway }));
}
