//! The simulation: a board, two relays and eight viewers of all kinds, with everything going wrong that may go
//! wrong, from a seed. When it is quiet again, every viewer must have what the board has, within its filter and
//! its grant (rule F1), and nobody may have been told more on the way (rule F2). A failing seed is printed; pin
//! it in `f1_pinned_seeds`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test helper that fails is a test that fails")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of message and lets the others be")]

mod dice;
mod json_client;
mod viewer;
mod world;

use heliograph_shared::link::{Input, LinkStatus};
use heliograph_shared::time::Millis;
use serde_json::Value;
use std::collections::BTreeMap;
use viewer::Client;
use world::World;

/// What may happen in one run, in percent of the steps.
#[derive(Clone, Copy)]
struct Weather {
    lost_push: usize,
    cut: usize,
    slow: usize,
    change: usize,
    reload: usize,
    forget: usize,
    access: usize,
    rebirth: usize,
    restart_board: usize,
}

const CALM: Weather =
    Weather { lost_push: 0, cut: 0, slow: 0, change: 3, reload: 0, forget: 0, access: 0, rebirth: 0, restart_board: 0 };
const ROUGH: Weather = Weather {
    lost_push: 10,
    cut: 4,
    slow: 4,
    change: 4,
    reload: 2,
    forget: 2,
    access: 2,
    rebirth: 0,
    restart_board: 2,
};

fn step(w: &mut World, weather: Weather, step: usize) {
    let v = w.dice.below(w.viewers.len());
    let r = w.dice.below(w.relays.len());
    let fields = 2 + step / 40;
    for _ in 0..w.dice.below(3) {
        w.ingest(fields);
    }
    if w.dice.chance(60) {
        let lost = w.dice.chance(weather.lost_push);
        w.push(r, lost);
    }
    if w.dice.chance(weather.cut) {
        w.cut(v, Some(1006));
    }
    if w.dice.chance(weather.slow) {
        w.viewers[v].slow_until = w.now.plus(w.dice.below(3_000) as i64);
    }
    if w.dice.chance(weather.change) {
        w.change(v);
        if w.dice.chance(40) {
            w.change(v);
        }
    }
    if w.dice.chance(weather.reload) {
        w.load(r);
    }
    if w.dice.chance(weather.forget) {
        w.forget(r);
    }
    if w.dice.chance(weather.access) {
        w.new_access(v);
    }
    if w.dice.chance(weather.rebirth) {
        w.rebirth();
    }
    if w.dice.chance(weather.restart_board) {
        w.restart_board();
        if w.dice.chance(50) {
            w.checkpoint();
        }
    }
    w.now = w.now.plus(w.dice.below(250) as i64);
    run(w, 60);
}

/// Timers that are due, and some of what is on the wires.
fn run(w: &mut World, percent: usize) {
    for r in 0..w.relays.len() {
        if w.relays[r].wake.is_some_and(|t| t <= w.now) {
            w.relays[r].wake = None;
            w.relay_call(r, false, heliograph_shared::relay::Relay::tick);
        }
    }
    for v in 0..w.viewers.len() {
        let wake = match &mut w.viewers[v].client {
            Client::Binary { wake, .. } => wake.take_if(|t| *t <= w.now).is_some(),
            Client::Json(_) | Client::Plain { .. } => false,
        };
        if wake {
            let wishes = w.viewers[v].link(w.now, &mut w.dice, Input::Timer);
            w.grant(v, &wishes);
        }
        if !matches!(w.viewers[v].client, Client::Binary { .. })
            && w.viewers[v].socket.is_none()
            && w.viewers[v].down.is_empty()
            && w.dice.chance(percent / 2)
        {
            w.connect(v);
        }
        while !w.viewers[v].up.is_empty() && w.dice.chance(percent) {
            w.hear(v);
        }
        let slow = w.viewers[v].slow_until > w.now;
        while !w.viewers[v].down.is_empty() && !slow && w.dice.chance(percent) {
            w.take(v);
        }
    }
}

/// Everything that is on its way arrives and nothing new happens. Relays are only called when they asked for it.
fn settle(w: &mut World) {
    w.viewers.iter_mut().for_each(|v| v.slow_until = Millis(0));
    for r in 0..w.relays.len() {
        w.push(r, false);
        if w.relays[r].relay.cursor() != w.board.cursor() {
            w.load(r);
        }
    }
    for _ in 0..400 {
        run(w, 100);
        let quiet = w.viewers.iter().all(|v| v.up.is_empty() && v.down.is_empty() && connected(v))
            && w.relays.iter().all(|r| r.relay.is_settled());
        if quiet {
            return;
        }
        w.now = w.now.plus(100);
    }
    panic!("does not come to rest");
}

fn connected(v: &viewer::SimViewer) -> bool {
    match &v.client {
        Client::Binary { status, .. } => *status == Some(LinkStatus::Live),
        Client::Json(_) => v.socket.is_some(),
        Client::Plain { key, .. } => v.socket.is_some() || !v.access.read.allows(key),
    }
}

fn compare(w: &World) {
    let items = w.board.items();
    for (v, viewer) in w.viewers.iter().enumerate() {
        if let Client::Plain { key, last } = &viewer.client {
            let item = items.find(key).and_then(|id| items.get(id)).filter(|_| viewer.access.read.allows(key));
            if let Some(item) = item.filter(|i| i.seq > viewer.since) {
                let last: Value = serde_json::from_str(last.as_ref().expect("told of the change")).unwrap();
                assert_eq!(last, items.to_json(item, None), "plain viewer {v}");
            }
        }
        for (sub, subscription) in &viewer.follows {
            let wanted: BTreeMap<String, Value> = w
                .subscription_set(v, subscription)
                .into_iter()
                .filter_map(|id| items.get(id))
                .map(|i| (i.key().to_owned(), without_seq(items.to_json(i, None))))
                .collect();
            let got: BTreeMap<String, Value> = match &viewer.client {
                Client::Binary { link, .. } => {
                    let replica = link.replica(heliograph_shared::protocol::SubId(*sub)).unwrap();
                    let json = |i: &heliograph_shared::replica::ReplicaItem| {
                        let mut m = serde_json::json!({"key": i.key, "time": i.time});
                        m["fields"] = i.fields.iter().map(|(n, v)| (n.clone(), v.to_json())).collect();
                        if let Some(p) = i.position {
                            m["position"] = serde_json::to_value(p).unwrap();
                        }
                        m
                    };
                    for (id, i) in replica.items() {
                        assert_eq!(replica.find(&i.key), Some(id));
                    }
                    replica.items().map(|(_, i)| (i.key.clone(), json(i))).collect()
                }
                Client::Json(client) => client.copies[sub]
                    .items
                    .iter()
                    .map(|(k, m)| (k.clone(), without_seq(Value::Object(m.clone()))))
                    .collect(),
                Client::Plain { .. } => continue,
            };
            assert_eq!(got, wanted, "viewer {v}, subscription {sub}: {subscription:?}");
        }
    }
}

fn without_seq(mut item: Value) -> Value {
    item.as_object_mut().unwrap().remove("seq");
    item
}

fn simulate(seed: u64, weather: Weather, steps: usize) {
    let result = std::panic::catch_unwind(|| {
        let mut w = World::new(seed);
        for i in 0..steps {
            step(&mut w, weather, i);
            if i % 60 == 59 {
                settle(&mut w);
                compare(&w);
            }
        }
        settle(&mut w);
        compare(&w);
        for v in 0..w.viewers.len() {
            w.cut(v, None);
        }
        for r in &w.relays {
            assert_eq!(r.relay.held(), [0; 5], "memory for viewers that have gone");
        }
    });
    if let Err(panic) = result {
        eprintln!("seed {seed} fails");
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn f1_viewers_have_what_the_board_has_in_calm_weather() {
    (0..40).for_each(|seed| simulate(seed, CALM, 150));
}

#[test]
fn f1_viewers_have_what_the_board_has_in_rough_weather() {
    (0..100).for_each(|seed| simulate(seed, ROUGH, 200));
}

#[test]
fn f1_viewers_have_what_the_board_has_after_it_was_born_again() {
    (0..60).for_each(|seed| simulate(seed, Weather { rebirth: 1, ..ROUGH }, 200));
}

#[test]
fn f1_one_trouble_at_a_time() {
    for seed in 0..20 {
        simulate(seed, Weather { slow: 15, ..CALM }, 150);
        simulate(seed, Weather { cut: 15, ..CALM }, 150);
        simulate(seed, Weather { lost_push: 40, ..CALM }, 150);
        simulate(seed, Weather { forget: 10, ..CALM }, 150);
        simulate(seed, Weather { access: 10, ..CALM }, 150);
    }
}

/// Seeds that failed once. 45 and 78: a resume under other rights; 54 and 1451: `restore` with a cursor at which not
/// everybody was.
#[test]
fn f1_pinned_seeds() {
    [45, 54, 78, 1451].into_iter().for_each(|seed| simulate(seed, Weather { rebirth: 1, ..ROUGH }, 300));
}

/// More of it: `HELIOGRAPH_SEEDS=10000 cargo test --release -p heliograph-shared --test simulation -- --ignored`.
#[test]
#[ignore = "for long runs"]
fn f1_many_seeds() {
    let seeds = std::env::var("HELIOGRAPH_SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(1_000);
    (1_000..1_000 + seeds)
        .for_each(|seed| simulate(seed, Weather { rebirth: usize::from(seed % 3 == 0), ..ROUGH }, 300));
}
