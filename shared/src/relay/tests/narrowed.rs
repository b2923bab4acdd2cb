//! What viewers of narrowed grants are told: a copy of what their lens shows, and nothing else.

use super::*;
use crate::replica::{Replica, ReplicaItem};
use crate::rights::{Conditions, Narrowed};
use crate::sights::Sights;
use crate::sights::lens::Lens;
use crate::sights::lens::tests::{hiding, narrowed};
use crate::views::filter::Condition;
use crate::zones::{Zone, ZoneShows, Zones};
use proptest::prelude::*;

/// What must never be told.
const SECRET: &str = "secret";

fn access(narrowed: Narrowed) -> Access {
    Access { read_narrowed: Some(Box::new(narrowed)), ..Access::public() }
}

/// Grants that all hide the secret.
fn grants() -> Vec<Narrowed> {
    vec![
        narrowed(&[], &[(&["*"], hiding(&["hush"]))]),
        narrowed(&[], &[(&["a"], hiding(&["hush", "load"])), (&["a", "b"], hiding(&["hush", "note"]))]),
        narrowed(&[], &[(&["*"], choosing(&["load:ge:2"]))]),
        narrowed(
            &[],
            &[(&["a", "b"], choosing(&["load:ge:2", "position.lat:lt:8"])), (&["*"], choosing(&["note:exists"]))],
        ),
        narrowed(&[], &[(&["*"], coarse(0)), (&["a"], coarse(1))]),
        narrowed(&[], &[(&["a"], coarse(0)), (&["*"], choosing(&["customer:missing"]))]),
        narrowed(&[], &[(&["*"], Conditions { rate: Some(60), ..choosing(&["load:ge:2"]) })]),
    ]
}

/// Zones in which some of the events are: one that shows no positions, and one that shows its centre.
fn zones() -> Vec<Zone> {
    let corners = vec![[-1.0, 2.0], [1.0, 2.0], [1.0, 5.0], [-1.0, 5.0]];
    let circle = Zone { center: Some([0.65, 9.0]), radius_m: Some(100_000.0), ..Zone::default() };
    vec![Zone { polygon: Some(corners), ..Zone::default() }, Zone { show: ZoneShows::Center, ..circle }]
}

/// Where an item is, as the zones show it.
fn outside(position: Option<crate::position::Position>) -> Option<crate::position::Position> {
    match position.map(|p| p.lat()) {
        Some(lat) if (2.0..=5.0).contains(&lat) => None,
        Some(lat) if (8.101..=9.899).contains(&lat) => at(9.0, 0.65),
        _ => position,
    }
}

/// A condition of a subscription.
const WHERE: &str = "customer:ge:1";

fn choosing(wheres: &[&str]) -> Conditions {
    let wheres = Some(wheres.iter().map(|w| (*w).to_owned()).collect());
    Conditions { wheres, ..hiding(&["hush"]) }
}

fn coarse(decimals: u8) -> Conditions {
    Conditions { precision: Some(decimals), ..hiding(&["hush"]) }
}

#[derive(Clone, Debug)]
enum Step {
    /// An event: its key, its latitude, whether it has a secret, and a field with its value or none.
    Event(&'static str, i32, bool, &'static str, Option<u8>),
    End(&'static str),
    /// The viewer takes nothing for a while.
    Block(bool),
    Wait(i64),
    Load,
}

fn step() -> impl Strategy<Value = Step> {
    let key = || prop::sample::select(vec!["a", "b", "c"]);
    let field = prop::sample::select(vec!["load", "note", "customer"]);
    prop_oneof![
        8 => (key(), 0..20_i32, any::<bool>(), field, prop::option::weighted(0.8, 0..4_u8))
            .prop_map(|(k, lat, secret, f, v)| Step::Event(k, lat, secret, f, v)),
        1 => key().prop_map(Step::End),
        2 => any::<bool>().prop_map(Step::Block),
        2 => (1..1_500_i64).prop_map(Step::Wait),
        1 => Just(Step::Load),
    ]
}

/// A viewer's copies, made of what it is told.
#[derive(Default)]
struct Copies {
    subs: HashMap<SubId, Replica>,
    plain: HashMap<String, serde_json::Value>,
}

impl Copies {
    fn hear(&mut self, room: &mut Room, viewers: [ViewerId; 3]) {
        for output in room.out.drain(..) {
            let Output::Send { viewers: to, frame } = output else { continue };
            if !viewers.iter().any(|v| to.contains(v)) {
                continue;
            }
            let bytes = frame.as_bytes();
            assert!(!bytes.windows(SECRET.len()).any(|w| w == SECRET.as_bytes()), "{frame:?}");
            assert!(!bytes.windows(4).any(|w| w == b"hush"), "{frame:?}");
            let bytes = match &frame {
                Frame::Binary(bytes) => bytes,
                Frame::Text(text) => {
                    let told: serde_json::Value = serde_json::from_str(text).unwrap();
                    // Others are messages of the JSON feed, which binary ones tell as well.
                    if let Some(key) = told["key"].as_str() {
                        self.plain.insert(key.to_owned(), told);
                    }
                    continue;
                }
            };
            match ServerMessage::from_binary(bytes).unwrap() {
                ServerMessage::Snapshot { sub, cursor, first, last, rows, .. } => {
                    self.subs.entry(sub).or_default().snapshot(cursor, first, last, &rows, &mut Vec::new()).unwrap();
                }
                ServerMessage::Delta { sub, from, to, rows, removed } => {
                    let copy = self.subs.entry(sub).or_default();
                    copy.delta(from, to, &rows, &removed, &mut Vec::new()).unwrap();
                }
                _ => {}
            }
        }
    }

    fn texts(&self, sub: u32) -> Vec<String> {
        let mut all: Vec<String> = self.subs[&SubId(sub)].items().map(|(_, i)| copied(i)).collect();
        all.sort();
        all
    }
}

fn copied(item: &ReplicaItem) -> String {
    let ReplicaItem { key, time, position, fields, .. } = item;
    format!("{key} {} {:?} {}", time.0, position, serde_json::to_string(fields).unwrap())
}

/// The items of a subscription, as its copy should be.
fn expected(seen: &Items, wanted: &dyn Fn(&crate::items::Item) -> bool) -> Vec<String> {
    let of = |item: &crate::items::Item| {
        let fields = item.fields().filter_map(|f| Some((seen.field_name(f.id).to_owned(), f.value.to_value()?)));
        copied(&ReplicaItem {
            key: item.key().to_owned(),
            time: item.time,
            seq: 0,
            position: item.position(),
            fields: fields.collect(),
        })
    };
    let mut all: Vec<String> = seen.iter().filter(|(_, i)| wanted(i)).map(|(_, i)| of(i)).collect();
    all.sort();
    all
}

impl Room {
    fn end(&mut self, key: &str) {
        let what = crate::scores::control::Action::EndItems { keys: vec![key.to_owned()] };
        let control = crate::scores::control::Control { at: self.now, by: "m".into(), what };
        let previous = Cursor { epoch: EPOCH, seq: self.seq };
        self.seq += 1;
        self.board.control(&control, self.seq);
        let row = control.encode();
        let rows = vec![PushRow { first: self.seq, batch: &row }];
        let (to, accepted_at) = (self.seq, self.now);
        let push = PushMessage { previous, to, accepted_at, rows, scores_life: 0, scores: Vec::new() }.encode();
        assert_eq!(self.deliver(&push), Pushed::Applied);
    }

    fn take(&mut self, step: &Step, viewers: [ViewerId; 3]) {
        match step {
            Step::Event(key, lat, secret, field, value) => {
                let mut fields = vec![((*field).to_owned(), value.map(|v| Value::Number(f64::from(v))))];
                if *secret {
                    fields.push(("hush".to_owned(), Some(Value::Text(format!("{SECRET} {}", self.seq)))));
                }
                let (key, time) = ((*key).to_owned(), Millis(self.seq as i64));
                let event = Event { id: None, key, time, position: at(f64::from(*lat) + 0.123_456, 0.654_321), fields };
                assert_eq!(self.push(&[event]), Pushed::Applied);
            }
            Step::End(key) => self.end(key),
            Step::Block(on) => {
                let bytes = if *on { limits::VIEWER_BUFFER_BYTES + 1 } else { 0 };
                viewers.iter().for_each(|v| self.block(*v, bytes));
            }
            Step::Wait(millis) => {
                self.wait(*millis);
                self.tick();
            }
            Step::Load => self.load(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn whatever_comes_a_narrowed_viewer_ends_with_what_its_lens_shows(
        steps in prop::collection::vec(step(), 1..40),
        which in 0..grants().len(),
        zoned in any::<bool>(),
    ) {
        let narrowed = grants().swap_remove(which);
        let mut room = Room::new();
        let zones = if zoned { zones() } else { Vec::new() };
        let mut sights = Sights::default();
        sights.set_zones(&zones);
        room.relay.set_sights(sights);
        room.push(&[event("b", 0, 3.0, &[("load", 1.0)])]);
        let (binary, plain) = (ViewerId(1), ViewerId(2));
        room.connect_as(1, Mode::Binary, access(narrowed.clone()));
        room.connect_as(2, Mode::Plain { keys: vec!["a".into(), "b".into()], wheres: Vec::new() }, access(narrowed.clone()));
        let json = room.connect_as(3, Mode::Json, access(narrowed.clone()));
        let viewers = [binary, plain, json];
        room.subscribe(binary, 1, all());
        room.subscribe(binary, 2, keys(&["a", "b"]));
        room.subscribe(binary, 3, strip());
        room.subscribe(binary, 4, all().every_ms(700));
        room.subscribe(binary, 5, all().of_those(vec![WHERE.into()]));
        room.subscribe(binary, 6, keys(&["a", "b"]).of_those(vec![WHERE.into()]).every_ms(300));
        room.subscribe(binary, 7, strip().of_those(vec![WHERE.into()]));
        room.subscribe(json, 1, all());
        let mut copies = Copies::default();
        copies.hear(&mut room, viewers);
        for step in &steps {
            room.take(step, viewers);
            copies.hear(&mut room, viewers);
        }
        viewers.iter().for_each(|v| room.block(*v, 0));
        for _ in 0..4 {
            room.wait(1_000);
            room.tick();
        }
        copies.hear(&mut room, viewers);
        let seen = Lens::new(Some(&narrowed), Zones::of(&zones)).copy(&room.board);
        let strip = crate::position::Bbox::new([-1.0, 0.0, 1.0, 10.0]).unwrap();
        let in_strip = |p: crate::position::Position| strip.contains(&p);
        prop_assert_eq!(copies.texts(1), expected(&seen, &|_| true));
        prop_assert_eq!(copies.texts(2), expected(&seen, &|i| ["a", "b"].contains(&i.key())));
        prop_assert_eq!(copies.texts(3), expected(&seen, &|i| i.position().is_some_and(in_strip)));
        prop_assert_eq!(copies.texts(4), expected(&seen, &|_| true));
        let condition = Condition::parse(WHERE).unwrap();
        let meets = |i: &crate::items::Item| condition.holds(&seen, i);
        prop_assert_eq!(copies.texts(5), expected(&seen, &meets));
        prop_assert_eq!(copies.texts(6), expected(&seen, &|i| ["a", "b"].contains(&i.key()) && meets(i)));
        prop_assert_eq!(copies.texts(7), expected(&seen, &|i| i.position().is_some_and(in_strip) && meets(i)));
        for (key, told) in &copies.plain {
            match seen.find(key).and_then(|id| seen.get(id)) {
                Some(item) => prop_assert_eq!(told, &seen.to_json(item, None)),
                None => prop_assert_eq!(&told["removed"], true),
            }
        }
        // What they see together is made once, and is gone when nobody sees it.
        viewers.iter().for_each(|v| room.relay.disconnect(*v));
        prop_assert_eq!(room.relay.held(), [0; 5]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn whatever_comes_who_may_not_manage_is_shown_no_position_in_a_zone(steps in prop::collection::vec(step(), 1..40)) {
        let mut room = Room::new();
        let mut sights = Sights::default();
        sights.set_zones(&zones());
        room.relay.set_sights(sights);
        room.push(&[event("b", 0, 3.0, &[("load", 1.0)])]);
        let public = room.connect_as(1, Mode::Binary, Access::public());
        let plain = room.connect_as(2, Mode::Plain { keys: vec!["a".into(), "b".into()], wheres: Vec::new() }, Access::public());
        let manager = room.connect_as(3, Mode::Binary, Access { manage: true, ..Access::everything() });
        let (mut theirs, mut whole) = (Copies::default(), Copies::default());
        for viewer in [public, manager] {
            room.subscribe(viewer, 1, all());
            room.subscribe(viewer, 3, strip());
        }
        let steps = steps.into_iter().map(|step| match step {
            Step::Event(key, lat, _, field, value) => Step::Event(key, lat, false, field, value),
            other => other,
        });
        for step in steps {
            room.take(&step, [public, plain, manager]);
            let said = room.out.clone();
            theirs.hear(&mut room, [public, plain, plain]);
            room.out = said;
            whole.hear(&mut room, [manager; 3]);
        }
        [public, plain, manager].iter().for_each(|v| room.block(*v, 0));
        for _ in 0..3 {
            room.wait(1_000);
            room.tick();
        }
        let said = room.out.clone();
        theirs.hear(&mut room, [public, plain, plain]);
        room.out = said;
        whole.hear(&mut room, [manager; 3]);
        // What there is, with other positions.
        let strip = crate::position::Bbox::new([-1.0, 0.0, 1.0, 10.0]).unwrap();
        let expected = |boxed: bool, shown: &dyn Fn(Option<crate::position::Position>) -> Option<crate::position::Position>| {
            let items = room.board.iter().map(|(_, i)| i);
            let items = items.filter(|i| !boxed || shown(i.position()).is_some_and(|p| strip.contains(&p)));
            let mut all: Vec<String> = items.map(|i| {
                let fields = i.fields().filter_map(|f| Some((room.board.field_name(f.id).to_owned(), f.value.to_value()?)));
                let (key, position) = (i.key().to_owned(), shown(i.position()));
                copied(&ReplicaItem { key, time: i.time, seq: 0, position, fields: fields.collect() })
            }).collect();
            all.sort();
            all
        };
        prop_assert_eq!(theirs.texts(1), expected(false, &outside));
        prop_assert_eq!(theirs.texts(3), expected(true, &outside));
        prop_assert_eq!(whole.texts(1), expected(false, &|p| p));
        prop_assert_eq!(whole.texts(3), expected(true, &|p| p));
        for (key, told) in &theirs.plain {
            let item = room.board.find(key).and_then(|id| room.board.get(id));
            let lat = item.and_then(|i| outside(i.position())).map(|p| p.lat());
            prop_assert_eq!(told["position"]["lat"].as_f64(), lat, "{}", told);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_rate_bounds_what_is_told_of_each_item_and_the_last_state_arrives(
        pauses in prop::collection::vec((0..900_i64, prop::sample::select(vec!["a", "b"]), 0..4_u8), 1..80),
        (rate, ends) in (prop::sample::select(vec![20_u32, 60, 150]), any::<bool>()),
    ) {
        let pace = i64::from(60_000 / rate);
        let conditions = Conditions { rate: Some(rate), ..Conditions::default() };
        let access = access(narrowed(&[], &[(&["*"], conditions)]));
        let mut room = Room::new();
        let json = room.connect_as(1, Mode::Json, access.clone());
        let _plain = room.connect_as(2, Mode::Plain { keys: vec!["a".into(), "b".into()], wheres: Vec::new() }, access);
        room.subscribe(json, 1, all());
        room.quiet();
        // When each was told of each key, and what last.
        let mut told: HashMap<(ViewerId, String), (Vec<i64>, serde_json::Value)> = HashMap::new();
        let mut hear = |room: &mut Room| {
            let now = room.now.0;
            for output in room.out.drain(..) {
                let Output::Send { viewers, frame: Frame::Text(text) } = output else { continue };
                let said: serde_json::Value = serde_json::from_str(&text).unwrap();
                let mut note = |viewer: ViewerId, key: &str, what: &serde_json::Value| {
                    let entry = told.entry((viewer, key.to_owned())).or_default();
                    entry.0.push(now);
                    entry.1 = what.clone();
                };
                for viewer in viewers {
                    if let Some(key) = said["key"].as_str() {
                        note(viewer, key, &said);
                    }
                    for item in said["items"].as_array().into_iter().flatten() {
                        note(viewer, item["key"].as_str().unwrap(), item);
                    }
                    for key in said["removed"].as_array().into_iter().flatten() {
                        note(viewer, key.as_str().unwrap(), &serde_json::json!({"removed": true}));
                    }
                }
            }
        };
        for (i, (pause, key, load)) in pauses.iter().enumerate() {
            if ends && *load == 3 {
                room.end(key);
            } else {
                room.push(&[event(key, i as i64, 1.0, &[("load", f64::from(*load))])]);
            }
            hear(&mut room);
            for _ in 0..3 {
                room.wait(pause / 3);
                room.tick();
                hear(&mut room);
            }
        }
        for _ in 0..4 {
            room.wait(pace);
            room.tick();
            hear(&mut room);
        }
        for ((viewer, key), (at, last)) in &told {
            for two in at.windows(2) {
                prop_assert!(two[1] - two[0] >= pace, "{:?} of {} at {:?}", viewer, key, at);
            }
            match room.board.find(key).and_then(|id| room.board.get(id)) {
                Some(item) => prop_assert_eq!(last["seq"].as_u64(), Some(item.seq)),
                None => prop_assert_eq!(&last["removed"], true),
            }
        }
        prop_assert!(!told.is_empty() || room.board.is_empty());
    }
}

#[test]
fn a_position_that_is_not_shown_any_more_goes_in_every_mode() {
    let mut room = Room::new();
    let mut sights = Sights::default();
    sights.set_zones(&zones());
    room.relay.set_sights(sights);
    let (binary, json) = (room.connect(1), room.connect_as(2, Mode::Json, Access::public()));
    [binary, json].iter().for_each(|v| room.subscribe(*v, 1, all()));
    room.push(&[Event { position: at(6.0, 0.65), ..event("a", 1, 1.0, &[("load", 7.0)]) }]);
    room.quiet();
    room.push(&[Event { position: at(3.0, 0.65), ..event("a", 2, 1.0, &[]) }]);
    assert_eq!(room.told(binary), ["delta 1 1..2 [a+]"], "told whole, since a row can't say that a position went");
    let told = room.told(json).concat();
    assert!(told.contains(r#""position":null"#) && !told.contains("load"), "{told}");
}

#[test]
fn viewers_of_the_same_narrowed_grant_share_their_frames() {
    let mut room = Room::new();
    for i in 1..=20 {
        let viewer = room.connect_as(i, Mode::Binary, access(grants().swap_remove(0)));
        room.subscribe(viewer, 1, all());
    }
    room.quiet().push(&[event("other", 1, 1.0, &[])]);
    room.quiet().push(&[event("a", 2, 1.0, &[("load", 1.0)])]);
    let sends = room.out.iter().filter(|o| matches!(o, Output::Send { .. })).count();
    assert_eq!((sends, room.relay.last_sent()), (1, 20));
}

#[test]
fn who_reads_whole_is_not_grouped_with_who_does_not() {
    let mut room = Room::new();
    let one = room.connect_as(1, Mode::Json, access(grants().swap_remove(0)));
    let two = room.connect_as(2, Mode::Json, Access::public());
    [one, two].iter().for_each(|v| room.subscribe(*v, 1, all()));
    room.quiet();
    let secret = ("hush".to_owned(), Some(Value::Text(SECRET.into())));
    room.push(&[Event { id: None, key: "a".into(), time: Millis(5), position: None, fields: vec![secret] }]);
    let told = [one, two].map(|v| room.told(v).concat().contains(SECRET));
    assert_eq!(told, [false, true]);
}

#[test]
fn a_token_that_shows_other_fields_starts_subscriptions_over() {
    let mut room = Room::new();
    let viewer = room.connect_as(1, Mode::Json, Access::public());
    room.subscribe(viewer, 1, all());
    let fields = vec![("hush".to_owned(), Some(Value::Text(SECRET.into())))];
    room.push(&[Event { id: None, key: "a".into(), time: Millis(5), position: None, fields }]);
    room.quiet();
    let narrower = Ok((access(grants().swap_remove(0)), room.now.plus(60_000)));
    room.relay.token_checked(room.now, viewer, narrower, &room.net, &mut room.out);
    let told = room.told(viewer).concat();
    assert!(told.contains("\"snapshot\"") && !told.contains(SECRET), "{told}");
}

#[test]
fn a_subscription_that_filters_by_a_hidden_field_is_refused() {
    let mut room = Room::new();
    let viewer = room.connect_as(1, Mode::Binary, access(grants().swap_remove(0)));
    room.quiet().subscribe(viewer, 4, all().of_those(vec!["hush:eq:1".into()]));
    assert_eq!(room.told(viewer), ["error Some(4) hidden_field subscribe"]);
    assert!(room.relay.session(viewer).unwrap().subscriptions.is_empty());
    // One that it has goes with the right.
    let open = room.connect_as(2, Mode::Binary, Access::public());
    room.subscribe(open, 1, all().of_those(vec!["hush:eq:1".into()]));
    room.quiet();
    let narrower = Ok((access(grants().swap_remove(0)), room.now.plus(60_000)));
    room.relay.token_checked(room.now, open, narrower, &room.net, &mut room.out);
    assert_eq!(room.told(open), ["error Some(1) hidden_field subscribe"]);
    assert!(room.relay.session(open).unwrap().subscriptions.is_empty());
}

#[test]
fn an_item_that_ceases_to_meet_a_condition_leaves_and_comes_back_whole() {
    let mut room = Room::new();
    let viewer = room.connect(1);
    room.subscribe(viewer, 1, all().of_those(vec!["load:ge:2".into()]));
    room.quiet();
    let mut told = |load: f64, time: i64| {
        room.push(&[event("a", time, 1.0, &[("load", load)])]);
        room.told(viewer).into_iter().filter(|w| !w.starts_with("status")).collect::<Vec<_>>()
    };
    assert_eq!(told(1.0, 1), [""; 0]);
    assert_eq!(told(2.0, 2), ["delta 1 0..2 [a+]"]);
    assert_eq!(told(3.0, 3), ["delta 1 2..3 [a]"]);
    assert_eq!(told(1.0, 4), ["delta 1 3..4 [] -[a]"]);
    assert_eq!(told(1.5, 5), [""; 0]);
    assert_eq!(told(2.0, 6), ["delta 1 4..6 [a+]"]);
}
