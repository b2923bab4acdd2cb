//! The simulation: a board, two relays and eight viewers of all kinds, with everything going wrong that may go
//! wrong, from a seed. When it is quiet again, every viewer must have what the board has, within its filter and
//! its grant (rule F1), and nobody may have been told more on the way (rule F2).

use heliograph_shared::link::{Input, LinkStatus};
use heliograph_shared::time::Millis;
use serde_json::Value;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::viewer::{Client, SimViewer};
use crate::world::World;

/// What may happen in one run, in percent of the steps.
#[derive(Clone, Copy)]
pub struct Weather {
    /// What the board tells a relay gets lost.
    pub lost_push: usize,
    /// A connection breaks.
    pub cut: usize,
    /// A viewer takes nothing for a while.
    pub slow: usize,
    /// A viewer follows something else.
    pub change: usize,
    /// A relay is given everything anew.
    pub reload: usize,
    /// A relay loses its memory.
    pub forget: usize,
    /// A viewer gets other rights.
    pub access: usize,
    /// The board is deleted and made again.
    pub rebirth: usize,
    /// The board starts anew.
    pub restart_board: usize,
}

/// Viewers only change what they follow.
pub const CALM: Weather =
    Weather { lost_push: 0, cut: 0, slow: 0, change: 3, reload: 0, forget: 0, access: 0, rebirth: 0, restart_board: 0 };
/// A little of everything.
pub const ROUGH: Weather = Weather {
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

impl Weather {
    /// The weather of a seed in long runs.
    pub fn of(seed: u64) -> Self {
        Self { rebirth: usize::from(seed.is_multiple_of(3)), ..ROUGH }
    }
}

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

fn connected(v: &SimViewer) -> bool {
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

/// Runs a seed, and says why it fails if it does.
pub fn simulate(seed: u64, weather: Weather, steps: usize) -> Result<(), String> {
    run_seed(seed, weather, steps, |_| {})
}

/// Runs a seed; `settled` is called whenever it was quiet and everybody had what they must have.
pub fn run_seed(seed: u64, weather: Weather, steps: usize, mut settled: impl FnMut(&mut World)) -> Result<(), String> {
    let run = AssertUnwindSafe(|| {
        let mut w = World::new(seed);
        for i in 0..steps {
            step(&mut w, weather, i);
            if i % 60 == 59 {
                settle(&mut w);
                compare(&w);
                settled(&mut w);
            }
        }
        settle(&mut w);
        compare(&w);
        settled(&mut w);
        for v in 0..w.viewers.len() {
            w.cut(v, None);
        }
        for r in &w.relays {
            assert_eq!(r.relay.held(), [0; 5], "memory for viewers that have gone");
        }
    });
    catch_unwind(run).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    })
}
