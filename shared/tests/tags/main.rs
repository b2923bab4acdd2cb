//! The same entity tag of the same address means the same bytes: for every view, over rights, config changes, prunings,
//! freezes, and the clock.

#![allow(clippy::unwrap_used, reason = "a test helper that fails is a test that fails")]

mod world;

use heliograph_shared::config::BoardConfig;
use heliograph_shared::event::Event;
use heliograph_shared::id::BoardName;
use heliograph_shared::rights::{Access, Ask, Conditions, Grant, KeySet, Operation, Rights, Sight, Standing};
use heliograph_shared::scores::session::SessionAction;
use heliograph_shared::value::Value;
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};
use world::{BEGIN, View, World};

/// Addresses: a view and a query that it takes.
const ADDRESSES: [(View, &str); 16] = [
    (View::Items, ""),
    (View::Items, "format=csv"),
    (View::Items, "format=arrow"),
    (View::Items, "limit=2"),
    (View::Item, ""),
    (View::Summary, ""),
    (View::Scores, ""),
    (View::Scores, "format=csv"),
    (View::ItemSeries, "field=points&step=1h&from=1772366400000&to=1772800000000"),
    (View::ItemSeries, "field=points&step=1h&quantiles=0.5&from=1772366400000&to=1772800000000"),
    (View::BoardSeries, "field=points&step=1d&from=1772366400000&to=1775000000000"),
    (View::Events, ""),
    (View::Events, "format=csv&limit=3"),
    (View::Events, "format=parquet&limit=3"),
    (View::NamedItems, ""),
    (View::NamedEvents, ""),
];

fn sights() -> Vec<Sight> {
    let of = |keys: KeySet, manage, standing| {
        let access = Access { read: keys, manage, standing, ..Access::default() };
        access.may(Ask::Present).unwrap()
    };
    let some = || KeySet::of(&["k0", "k1"]).unwrap();
    let hiding = |fields: &[&str], operations: &[Operation]| {
        let conditions = Conditions {
            hidden_fields: Some(fields.iter().map(|f| (*f).to_owned()).collect()),
            ..Conditions::default()
        };
        let (board, keys) = ("a".to_owned(), vec!["*".to_owned()]);
        let grant = Grant { board, operations: operations.to_vec(), keys, conditions };
        let board = BoardName::try_from("a").unwrap();
        Rights::of_grants(&[grant]).unwrap().on(&board, None).may(Ask::Present).unwrap()
    };
    vec![
        hiding(&["points"], &[Operation::Read]),
        hiding(&["note"], &[Operation::Read]),
        of(KeySet::All, true, Standing::Member),
        of(KeySet::All, false, Standing::Member),
        of(KeySet::All, false, Standing::Public),
        of(KeySet::All, false, Standing::Player("k0".into())),
        of(KeySet::All, false, Standing::Player("k1".into())),
        of(some(), false, Standing::Member),
        of(some(), true, Standing::Member),
        of(some(), false, Standing::Public),
    ]
}

#[derive(Clone, Debug)]
enum Deed {
    /// Events by key and value, and whether a manager sends them.
    Publish(Vec<(u8, i8)>, bool),
    Session(SessionAction),
    Players(bool),
    /// Which columns and label the scoreboard has; none: no scoreboard.
    Scores(Option<u8>),
    /// Days that rollups are kept, and whether there are quantiles.
    Rollups(u8, bool),
    Stale(u8),
    Label(u8),
    Flush,
    PruneRollups(u8),
    PruneLog(u8),
    Later(u16),
    /// The isolate that is asked hears of the config.
    Learn,
}

fn deed() -> impl Strategy<Value = Deed> {
    let action = prop_oneof![
        Just(SessionAction::Freeze),
        Just(SessionAction::Reveal),
        Just(SessionAction::Close),
        Just(SessionAction::Reopen)
    ];
    prop_oneof![
        5 => (prop::collection::vec((0..4u8, any::<i8>()), 1..4), any::<bool>()).prop_map(|(e, m)| Deed::Publish(e, m)),
        2 => action.prop_map(Deed::Session),
        1 => any::<bool>().prop_map(Deed::Players),
        1 => prop::option::of(0..4u8).prop_map(Deed::Scores),
        2 => (1..4u8, any::<bool>()).prop_map(|(d, q)| Deed::Rollups(d, q)),
        1 => (1..9u8).prop_map(Deed::Stale),
        1 => any::<u8>().prop_map(Deed::Label),
        2 => Just(Deed::Flush),
        2 => (1..6u8).prop_map(Deed::PruneRollups),
        2 => (1..3u8).prop_map(Deed::PruneLog),
        2 => any::<u16>().prop_map(Deed::Later),
        3 => Just(Deed::Learn),
    ]
}

fn config() -> BoardConfig {
    BoardConfig { title: "T".into(), stale_after_s: 5, scores: scores(0), ..BoardConfig::default() }
}

fn scores(kind: u8) -> Option<heliograph_shared::scores::rule::ScoreRules> {
    let op = if kind.is_multiple_of(2) { "sum" } else { "best" };
    let window = if kind > 1 { r#","window":{"kind":"rolling","seconds":3600}"# } else { "" };
    let text = format!(r#"{{"columns":[{{"name":"points","op":"{op}","field":"points"}}]{window}}}"#);
    serde_json::from_str(&text).ok()
}

fn act(world: &mut World, deed: &Deed) {
    let mut config = world.config.clone();
    match deed {
        Deed::Publish(list, is_manager) => {
            let event = |(i, (key, value)): (usize, &(u8, i8))| Event {
                id: None,
                key: format!("k{key}"),
                time: world.now.plus(i as i64),
                position: None,
                fields: vec![("points".to_owned(), Some(Value::Number(f64::from(*value))))],
            };
            let events: Vec<Event> = list.iter().enumerate().map(event).collect();
            return world.publish(&events, *is_manager);
        }
        Deed::Session(action) => return world.act(*action),
        Deed::Learn => return world.learn(),
        Deed::Flush => return world.flush(),
        Deed::PruneRollups(rows) => return world.prune_rollups(usize::from(*rows)),
        Deed::PruneLog(rows) => return world.prune_log(usize::from(*rows)),
        Deed::Later(minutes) => {
            return world.later(i64::from(*minutes) * 60_000);
        }
        Deed::Players(on) => config.players = on.then(Default::default),
        Deed::Scores(kind) => config.scores = kind.and_then(scores),
        Deed::Rollups(days, quantiles) => {
            config.rollups.keep_days.insert(heliograph_shared::rollups::Step::Hour, u32::from(*days));
            config.rollups.quantiles = if *quantiles { vec!["points".into()] } else { Vec::new() };
        }
        Deed::Stale(seconds) => config.stale_after_s = u32::from(*seconds),
        Deed::Label(n) => {
            config.fields.entry("points".into()).or_default().label = Some(n.to_string());
        }
    }
    world.configure(config);
}

/// What was answered so far.
#[derive(Default)]
struct Answers(HashMap<(View, &'static str, String), Vec<u8>>);

impl Answers {
    /// Asks every address with every right; the address of which a tag has other bytes now.
    fn ask(&mut self, world: &World) -> Result<(), String> {
        for sight in sights() {
            for (view, query) in ADDRESSES {
                let Some((tag, body)) = world.view(view, query, &sight) else { continue };
                let before = self.0.entry((view, query, tag.clone())).or_insert_with(|| body.clone());
                if *before != body {
                    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
                    return Err(format!("{view:?}?{query} as {sight:?}, {tag}:\n{}\n{}", text(before), text(&body)));
                }
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn the_same_tag_of_the_same_address_means_the_same_bytes(deeds in prop::collection::vec(deed(), 1..25)) {
        let (mut world, mut answers) = (World::new(config()), Answers::default());
        for deed in deeds {
            act(&mut world, &deed);
            answers.ask(&world).map_err(|e| TestCaseError::fail(format!("after {deed:?}: {e}")))?;
        }
    }
}

#[test]
fn what_changes_without_the_log_changes_the_tag() {
    let mut world = World::new(config());
    act(&mut world, &Deed::Publish(vec![(0, 1), (1, 2), (0, 3)], true));
    act(&mut world, &Deed::Later(60 * 24));
    act(&mut world, &Deed::Publish(vec![(0, 1), (1, 2)], true));
    world.flush();
    let tag = |world: &World, view, query| world.view(view, query, &Sight::everything()).map(|(tag, _)| tag);
    let series = ADDRESSES[8];
    let (cursor, events, points) = (world.cursor(), tag(&world, View::Events, ""), tag(&world, series.0, series.1));
    world.prune_rollups(usize::MAX);
    assert_ne!(tag(&world, series.0, series.1), points, "series of which rows are gone");
    world.prune_log(1);
    assert_ne!(tag(&world, View::Events, ""), events, "events of which the oldest are gone");
    assert_eq!(world.cursor(), cursor);
    let member = world.view(View::Items, "", &sights()[3]).map(|(tag, _)| tag);
    assert_eq!(member, Some(cursor.to_string()), "the log tells all of items");
    assert!(world.now > BEGIN);
}

#[test]
fn every_view_is_asked_and_answers() {
    let mut world = World::new(config());
    act(&mut world, &Deed::Publish(vec![(0, 1), (1, 2)], true));
    let asked: HashSet<View> = ADDRESSES.iter().map(|(view, _)| *view).collect();
    assert_eq!(asked, View::ALL.into_iter().collect());
    for (view, query) in ADDRESSES.into_iter().filter(|(_, q)| !q.contains("quantiles")) {
        assert!(world.view(view, query, &Sight::everything()).is_some(), "{view:?} {query}");
    }
}
