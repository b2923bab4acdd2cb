//! Whatever happens to a board, what it answers is what one answers that was never restarted and has its whole log.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper that fails is a test that fails")]

mod erased;
mod world;

use flate2::read::GzDecoder;
use heliograph_shared::event::Event;
use heliograph_shared::items::Item;
use heliograph_shared::position::Measured;
use heliograph_shared::projection::Need;
use heliograph_shared::rights::{Access, Ask, KeySet, Sight, Standing};
use heliograph_shared::rollups::Step;
use heliograph_shared::rollups::answer::Scope;
use heliograph_shared::rollups::query::SeriesQuery;
use heliograph_shared::scores::control::{Action, Control};
use heliograph_shared::scores::keeper::{Correction, Settings};
use heliograph_shared::scores::query::ScoresQuery;
use heliograph_shared::scores::rule::PlayerRules;
use heliograph_shared::scores::session::{Schedule, SessionAction};
use heliograph_shared::sights::Eyes;
use heliograph_shared::time::Millis;
use heliograph_shared::tracks::answer::{Place, Track};
use heliograph_shared::tracks::query::TrackQuery;
use heliograph_shared::value::Value;
use proptest::prelude::*;
use serde_json::json;
use std::io::Read as _;
use world::{BEGIN, World};

const KEYS: u8 = 12;

/// One event: key, how many seconds before now, points, task, whether it has a position.
type Drawn = (u8, u16, u8, u8, bool);

#[derive(Clone, Debug)]
enum Deed {
    Events(Vec<Drawn>, bool),
    /// Time passes.
    Pass(u32),
    End(Vec<u8>),
    /// An item's history is erased.
    Erase(u8),
    /// An erase goes on over so many bytes.
    EraseOn(u16),
    Session(SessionAction),
    Undo(u16),
    Adjust(u8, i8),
    Disqualify(u8),
    Restore(u8),
    Players,
    Rollups,
    Tracks,
    /// Another column of the ranking; only while the log is whole.
    Rules(bool),
    /// Which projection, for want of room, and which write fails.
    Checkpoint(u8, bool, Option<u8>),
    Base(bool),
    Prune(u8),
    Forget,
    Deliver(u8),
    ReadOn(u8),
    Kill,
}

fn deed() -> impl Strategy<Value = Deed> {
    let drawn = (0..KEYS, 0..3_000_u16, 0..9_u8, 0..4_u8, any::<bool>());
    let action = prop_oneof![
        Just(SessionAction::Open),
        Just(SessionAction::Freeze),
        Just(SessionAction::Close),
        Just(SessionAction::RevealStep),
        Just(SessionAction::Reveal),
        Just(SessionAction::Reopen),
    ];
    prop_oneof![
        10 => (prop::collection::vec(drawn, 1..12), any::<bool>()).prop_map(|(events, by)| Deed::Events(events, by)),
        2 => (0..400_000_u32).prop_map(Deed::Pass),
        2 => prop::collection::vec(0..KEYS, 1..4).prop_map(Deed::End),
        1 => (0..KEYS).prop_map(Deed::Erase),
        6 => (0..400_u16).prop_map(Deed::EraseOn),
        3 => action.prop_map(Deed::Session),
        1 => any::<u16>().prop_map(Deed::Undo),
        1 => (0..KEYS, any::<i8>()).prop_map(|(key, by)| Deed::Adjust(key, by)),
        1 => (0..KEYS).prop_map(Deed::Disqualify),
        1 => (0..KEYS).prop_map(Deed::Restore),
        1 => Just(Deed::Players),
        1 => Just(Deed::Rollups),
        1 => Just(Deed::Tracks),
        1 => any::<bool>().prop_map(Deed::Rules),
        15 => (0..5_u8, any::<bool>(), prop::option::weighted(0.2, 0..8_u8))
            .prop_map(|(which, room, fails)| Deed::Checkpoint(which, room, fails)),
        4 => any::<bool>().prop_map(Deed::Base),
        4 => (1..30_u8).prop_map(Deed::Prune),
        1 => Just(Deed::Forget),
        6 => (1..40_u8).prop_map(Deed::Deliver),
        2 => (1..40_u8).prop_map(Deed::ReadOn),
        4 => Just(Deed::Kill),
    ]
}

fn settings(rules: bool) -> Settings {
    let column = if rules { "last" } else { "sum" };
    let scores = json!({
        "columns": [{"name": "points", "op": column, "field": "points"}], "entry": "task", "groups": ["team"],
    });
    let rollups = json!({"keep_days": {"10s": 1}, "quantiles": ["points"]});
    Settings {
        scores: serde_json::from_value(scores).unwrap(),
        rollups: serde_json::from_value(rollups).unwrap(),
        ..Settings::default()
    }
}

fn event(now: Millis, (key, ago, points, task, position): Drawn) -> Event {
    let measured = || Measured { lat: f64::from(key), lon: f64::from(task), speed: Some(2.0), ..Measured::default() };
    Event {
        id: None,
        key: format!("k{key}"),
        time: now.plus(-1_000 * i64::from(ago)),
        position: position.then(|| measured().check().unwrap()),
        fields: vec![
            ("points".to_owned(), Some(Value::Number(f64::from(points)))),
            ("task".to_owned(), Some(Value::Text(format!("t{task}")))),
            ("team".to_owned(), Some(Value::Text(format!("g{}", key % 3)))),
        ],
    }
}

/// A board that suffers everything, and its twin, which has only what anybody does to a board.
struct Pair {
    own: World,
    twin: World,
    rules: bool,
    pruned: bool,
    /// Whose histories were erased, up to which event.
    erased: Vec<(String, u64)>,
}

impl Pair {
    fn new() -> Self {
        let mut pair = Self {
            own: World::new(settings(false)),
            twin: World::new(settings(false)),
            rules: false,
            pruned: false,
            erased: Vec::new(),
        };
        let create = |w: &World| {
            w.memory.keeper.create_session("s".into(), "S".into(), Schedule::default(), None, "m", w.now).unwrap()
        };
        let control = create(&pair.own);
        pair.control(&control);
        pair
    }

    fn both(&mut self, mut f: impl FnMut(&mut World)) {
        f(&mut self.own);
        f(&mut self.twin);
    }

    /// The ranking is made at once on the twin: on the other it may take its time.
    fn control(&mut self, control: &Control) {
        // What may be done is asked of a ranking that is up.
        self.both(|w| {
            w.control(control);
        });
        self.twin.settle();
    }

    fn wish(&mut self, correction: Correction) {
        let (now, cursor) = (self.twin.now, self.twin.memory.board.cursor());
        let wish = self.twin.memory.keeper.correction(correction, "m", now, cursor);
        if let Ok(control) = wish {
            self.control(&control);
        }
    }

    fn act(&mut self, deed: &Deed) {
        // Each has its own millisecond, so that a control is after every event before it.
        self.both(|w| w.now = w.now.plus(1));
        let now = self.own.now;
        let reason = || "why".to_owned();
        match deed {
            Deed::Events(list, by_manager) => {
                let events: Vec<Event> = list.iter().map(|drawn| event(now, *drawn)).collect();
                self.both(|w| w.publish(&events, *by_manager));
            }
            Deed::Pass(millis) => self.both(|w| w.now = w.now.plus(i64::from(*millis))),
            Deed::End(keys) => {
                let keys = keys.iter().map(|k| format!("k{k}")).collect();
                self.control(&Control { at: now, by: "m".into(), what: Action::EndItems { keys } });
            }
            Deed::Erase(key) => {
                let key = format!("k{key}");
                self.both(|w| w.erase(&key));
                self.twin.erase_whole();
                self.erased.push((key, self.twin.head()));
            }
            Deed::EraseOn(bytes) => self.own.erase_on(usize::from(*bytes)),
            Deed::Session(action) => {
                // A step reveals a row of the ranking that is up: both must be.
                self.own.settle();
                let control =
                    self.twin.memory.keeper.session_action("s", *action, Schedule::default(), "m", now.plus(1));
                if let Ok(control) = control {
                    self.both(|w| w.now = w.now.plus(1));
                    self.control(&control);
                }
            }
            Deed::Undo(n) => {
                let seq = u64::from(*n) % self.twin.head().max(1) + 1;
                // The worker refuses what is before the base or gone.
                let is_there = !self.twin.tables.is_erased(seq);
                if is_there && self.own.memory.keeper.base() < Some(seq) && !self.pruned {
                    self.wish(Correction::Undo { seq, reason: reason() });
                }
            }
            Deed::Adjust(key, by) => {
                let (key, column, by) = (format!("k{key}"), "points".to_owned(), f64::from(*by));
                self.wish(Correction::Adjust { key, column, by, reason: reason(), session: None });
            }
            Deed::Disqualify(key) => {
                self.wish(Correction::Disqualify { key: format!("k{key}"), reason: reason() });
            }
            Deed::Restore(key) => self.wish(Correction::Restore { key: format!("k{key}"), reason: reason() }),
            Deed::Players => {
                let on = self.own.memory.keeper.settings().players.is_none();
                self.both(|w| w.configure(|s| s.players = on.then(PlayerRules::default)));
            }
            Deed::Rollups => self.both(|w| w.configure(|s| s.rollups.enabled = !s.rollups.enabled)),
            Deed::Tracks => self.both(|w| w.configure(|s| s.tracks.enabled = !s.tracks.enabled)),
            Deed::Rules(rules) => {
                // One that is made already is made anew by whatever the rules are then.
                if !self.pruned && self.own.memory.keeper.base().is_none() && self.rules != *rules {
                    self.rules = *rules;
                    self.own.settle();
                    self.both(|w| w.configure(|s| s.scores = settings(*rules).scores));
                    self.both(World::settle);
                }
            }
            Deed::Checkpoint(which, room, fails) => {
                let need = if *room { Need::Room } else { Need::Due };
                self.own.checkpoint(usize::from(*which), need, fails.map(usize::from));
            }
            Deed::Base(promotes) => self.own.move_base(*promotes),
            Deed::Prune(rows) => {
                self.own.prune(usize::from(*rows));
                self.pruned = true;
            }
            Deed::Forget => self.own.forget(),
            Deed::Deliver(events) => self.own.deliver(u64::from(*events)),
            Deed::ReadOn(events) => self.own.read_on(u64::from(*events)),
            Deed::Kill => self.own.kill(),
        }
    }
}

fn sight(standing: Standing, manage: bool) -> Sight {
    Access { read: KeySet::All, manage, standing, ..Access::default() }.may(Ask::Present).unwrap()
}

/// What a board answers about what is.
fn answers(w: &World) -> Vec<String> {
    let m = &w.memory;
    let cursor = m.board.cursor();
    let mut out = vec![format!("cursor {cursor} events {}", m.board.events())];
    for eyes in Eyes::ALL {
        let items = m.sights.items(eyes, m.board.items());
        for (id, item) in items.iter() {
            out.push(format!("{eyes:?} {id:?} {}", items.to_json(item, None)));
        }
        let silent: Vec<&str> = items.unheard_since(cursor.seq / 2).map(Item::key).collect();
        out.push(format!("{eyes:?} heard {:?} {silent:?}", items.longest_unheard()));
    }
    let player = Standing::Player("k1".to_owned());
    for sight in [sight(Standing::default(), true), sight(Standing::default(), false), sight(player, false)] {
        out.push(format!("{} events {}", m.sights.switched(), m.sights.events(&sight, m.board.events())));
    }
    let rules = &m.keeper.settings().rollups;
    for step in [Step::TenSeconds, Step::TenMinutes, Step::Hour, Step::Day] {
        let from = if step == Step::TenSeconds { w.now.plus(-9_000_000) } else { BEGIN.plus(-9_000_000) };
        let query = SeriesQuery { from: Some(from), to: Some(w.now), step: Some(step), ..SeriesQuery::default() };
        for (key, field) in [(None, None), (None, Some("points")), (Some("k1"), Some("points")), (Some("k2"), None)] {
            let query = SeriesQuery { field: field.map(str::to_owned), ..query.clone() };
            let body = if let Some(key) = key {
                let series = m.rollups.series_of_item(key, &query, rules, cursor, &w.tables);
                series.map(|s| s.write(query.format, &query.quantiles)).unwrap_or_default()
            } else {
                let scope = Scope { sees_all: true, allowed: &|_| true, text: &|_, _| None };
                let series = m.rollups.series_of_board(&query, rules, cursor, &scope, &w.tables);
                series.map(|s| s.write(query.format, &query.quantiles)).unwrap_or_default()
            };
            out.push(format!("{step} {key:?} {field:?} {}", String::from_utf8(body).unwrap()));
        }
    }
    let place = Place { cursor, tracks: &m.tracks, items: m.board.items(), sights: &m.sights };
    let query = TrackQuery { from: Some(BEGIN.plus(-9_000_000)), to: Some(w.now), ..TrackQuery::default() };
    for (key, standing, manage) in [
        ("k1", Standing::default(), true),
        ("k1", Standing::Player("k2".to_owned()), false),
        ("k2", Standing::default(), false),
    ] {
        let track = Track::of(place, &query, key, &sight(standing, manage), &w.tables);
        let body = track.map(|track| track.write(query.format)).unwrap_or_default();
        out.push(format!("track {key} {}", String::from_utf8(body).unwrap()));
    }
    for live in [true, false] {
        for query in ["top=100", "top=100&session=s", "top=100&group=team:g1", "top=100&session=all"] {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let body = m.keeper.scores(&ScoresQuery::parse(pairs).unwrap(), live, cursor).unwrap();
            out.push(format!("{query} {live} {}", String::from_utf8(body).unwrap()));
        }
    }
    out
}

/// The lines that were delivered, once everything is.
fn lines(w: &mut World, erased: &[(String, u64)]) -> String {
    for _ in 0..10_000 {
        w.now = w.now.plus(60_000);
        w.deliver(u64::MAX);
        if w.memory.export.delivery().last().seq == w.head() {
            break;
        }
    }
    let mut objects: Vec<String> = Vec::new();
    for bytes in w.tables.delivered.values() {
        let mut text = String::new();
        GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
        objects.push(text);
    }
    let number = |text: &String| {
        let first: serde_json::Value =
            text.lines().next().map_or(json!({"seq": 0}), |l| serde_json::from_str(l).unwrap());
        first["seq"].as_u64().unwrap()
    };
    objects.sort_by_key(number);
    let is_erased = |line: &&str| {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        erased.iter().any(|(key, upto)| event["key"] == json!(key) && event["seq"].as_u64().unwrap() <= *upto)
    };
    // What was delivered before stays.
    objects.concat().lines().filter(|line| !is_erased(line)).collect::<Vec<_>>().join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_board_that_is_killed_and_pruned_answers_like_one_that_never_was(
        deeds in prop::collection::vec(deed(), 1..70)
    ) {
        let mut pair = Pair::new();
        for deed in &deeds {
            pair.act(deed);
        }
        pair.both(World::settle);
        prop_assert_eq!(answers(&pair.own), answers(&pair.twin), "alive");
        pair.own.kill();
        pair.own.settle();
        prop_assert_eq!(answers(&pair.own), answers(&pair.twin), "after a restart");
        pair.own.erase_whole();
        prop_assert_eq!(answers(&pair.own), answers(&pair.twin), "after what is erased is gone");
        pair.own.kill();
        pair.own.settle();
        prop_assert_eq!(answers(&pair.own), answers(&pair.twin), "after another restart");
        prop_assert_eq!(lines(&mut pair.own, &pair.erased), lines(&mut pair.twin, &pair.erased));
    }
}
