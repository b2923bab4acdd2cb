//! How fast a scoreboard of a million players is, and what it costs in memory.
//!
//! `cargo run --release -p heliograph-shared --example ranking` prints the figures.

use heliograph_shared::codec::Batch;
use heliograph_shared::cursor::{Cursor, Epoch};
use heliograph_shared::event::Event;
use heliograph_shared::scores::book::Scope;
use heliograph_shared::scores::channel::Channel;
use heliograph_shared::scores::keeper::{Keeper, Settings};
use heliograph_shared::scores::period::UtcOnly;
use heliograph_shared::scores::ranking::Ranking;
use heliograph_shared::scores::rule::ScoreRules;
use heliograph_shared::time::Millis;
use heliograph_shared::value::Value;
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

const PLAYERS: u64 = 1_000_000;
const LOOKS: u64 = 20_000;
const EVENTS: u64 = 300_000;
const NOW: Millis = Millis(1_772_366_400_000);

/// SplitMix64: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    const fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn clock() -> Instant {
    Instant::now()
}

/// Resident memory in bytes, where the system says it.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1_024
}

fn event(dice: &mut Dice, key: u64, second: u64) -> Event {
    let points = Value::Number(dice.below(1_000) as f64);
    let fields = vec![("points".to_owned(), Some(points))];
    let time = NOW.plus(second as i64);
    Event { id: None, key: format!("player-{key}"), time, position: None, fields }
}

/// The median and the slow ones of many looks.
fn looks(name: &str, dice: &mut Dice, look: impl Fn(u64)) {
    let mut times: Vec<Duration> = (0..LOOKS)
        .map(|_| {
            let n = dice.below(PLAYERS);
            let start = clock();
            look(n);
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 1_000).copied().unwrap_or_default();
    println!("{name}: median {:?}, 99 % {:?}, 99.9 % {:?}", at(500), at(990), at(999));
}

fn board(rules: &str) -> Result<Keeper, Box<dyn Error>> {
    let settings = Settings { scores: Some(serde_json::from_str::<ScoreRules>(rules)?), ..Settings::default() };
    let mut keeper = Keeper::new(settings, [], 1);
    keeper.begin_rebuild(NOW, &UtcOnly);
    let control = keeper.finish_rebuild(NOW).ok_or("the rules are new")?;
    keeper.logged(1, &control, &UtcOnly, |_| None);
    Ok(keeper)
}

/// Counts events of random players in batches of 100; the time that it took. Decoding is part of it.
fn count(
    keeper: &mut Keeper,
    dice: &mut Dice,
    first: u64,
    events: u64,
    followed: bool,
) -> Result<Duration, Box<dyn Error>> {
    let rows: Vec<Vec<u8>> = (0..events / 100)
        .map(|i| {
            let events: Vec<Event> = (0..100)
                .map(|_| {
                    let key = dice.below(PLAYERS);
                    event(dice, key, i)
                })
                .collect();
            Batch::from_events(&events).encode()
        })
        .collect();
    let start = clock();
    for (i, row) in rows.iter().enumerate() {
        let seq = first + i as u64 * 100;
        keeper.events(&Batch::decode(row)?, seq, &UtcOnly);
        // A tick after every ten batches: 10,000 events/s are 1,000 a tick.
        if followed && i % 10 == 9 {
            black_box(keeper.changes(Cursor { epoch: Epoch(1), seq: seq + 99 }));
        }
    }
    Ok(start.elapsed())
}

fn measure(name: &str, rules: &str) -> Result<(), Box<dyn Error>> {
    println!("\n{name}");
    let mut dice = Dice(1);
    let before = memory();
    let mut keeper = board(rules)?;
    let start = clock();
    let mut first = 2;
    for chunk in 0..PLAYERS / 100 {
        let events: Vec<Event> = (0..100).map(|i| event(&mut dice, chunk * 100 + i, chunk)).collect();
        keeper.events(&Batch::from_events(&events), first, &UtcOnly);
        first += 100;
    }
    println!("{PLAYERS} players made in {:?}", start.elapsed());
    let bytes = memory().saturating_sub(before);
    println!("memory: {:.0} MB, {} bytes a player", bytes as f64 / 1e6, bytes / PLAYERS);
    {
        let ranked = keeper.board().and_then(|b| b.ranked(&Scope::ALL, true)).ok_or("there is a ranking")?;
        let ranking: &Ranking = &ranked.ranking;
        let keys: Vec<String> = (0..PLAYERS).map(|n| format!("player-{n}")).collect();
        let key = |n: u64| keys.get(n as usize).map_or("", String::as_str);
        looks("rank of one", &mut dice, |n| {
            let place = ranking.find(key(n)).and_then(|id| ranking.place(id));
            black_box(place.map(|p| ranking.rank_at(p)));
        });
        looks("50 around one", &mut dice, |n| {
            black_box(ranking.around(key(n), 25).map(|(from, count)| ranking.page(from, count)));
        });
        looks("top 100", &mut dice, |_| drop(black_box(ranking.page(0, 100))));
        looks("percentile of one", &mut dice, |n| {
            black_box(ranking.percentile(key(n)));
        });
    }
    let took = count(&mut keeper, &mut dice, first, EVENTS, false)?;
    println!("events, nobody watches: {:.0}/s", EVENTS as f64 / took.as_secs_f64());
    black_box(keeper.follow(&Channel::default(), Cursor { epoch: Epoch(1), seq: first + EVENTS }));
    let took = count(&mut keeper, &mut dice, first + EVENTS, EVENTS, true)?;
    println!("events, one relay follows: {:.0}/s", EVENTS as f64 / took.as_secs_f64());
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let points = r#"{"name":"points","op":"sum","field":"points"}"#;
    let count = r#"{"name":"n","op":"count"}"#;
    let hour = r#""window":{"kind":"rolling","seconds":3600}"#;
    let kinds = [
        ("a sum, first to reach", format!(r#"{{"columns":[{points}]}}"#)),
        ("a sum and a count, dense ranks", format!(r#"{{"columns":[{points},{count}],"ties":"dense"}}"#)),
        ("a sum, the last hour, shared ranks", format!(r#"{{"columns":[{points}],"ties":"shared",{hour}}}"#)),
    ];
    if let Some((name, rules)) = std::env::args().nth(1).and_then(|n| kinds.into_iter().nth(n.parse().ok()?)) {
        return measure(name, &rules);
    }
    // Each in a process of its own: memory that was freed would count for the next.
    for n in 0..3 {
        std::process::Command::new(std::env::current_exe()?).arg(n.to_string()).status()?;
    }
    Ok(())
}
