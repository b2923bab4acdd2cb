//! Playing rows: each is handed to the pool when it is due.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::clock;
use crate::replay::plan::{Pace, ROUND_GAP_MILLIS, Round, Squeeze, Times};
use crate::replay::rows::Row;
use crate::send::batch::{Batcher, lane_of};
use crate::send::pool::{Pool, Tally};

/// How often due rows are collected and sent.
const TICK: Duration = Duration::from_millis(100);

/// What is played and how.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a> {
    /// The rows in the order in which they go out.
    pub rows: &'a [Row],
    /// The recorded moment at which the replay begins; what was known before goes out at once.
    pub first: i64,
    /// The recorded moment at which it ends.
    pub last: i64,
    /// The wall-clock time at which the first round begins.
    pub start: i64,
    /// How fast.
    pub pace: Pace,
    /// Which times the events say.
    pub times: Times,
    /// Whether it begins again at the end.
    pub repeat: bool,
    /// A contest that is replayed at another time is another contest: its events are not those of the first.
    pub renames: bool,
}

impl Script<'_> {
    /// A round that begins at the wall-clock time `start`.
    pub fn round(&self, start: i64) -> Round {
        Round::new(self.pace, self.times, self.first, self.last, start)
    }

    /// What the ids of a round's events end with.
    fn suffix(&self, number: u64, start: i64) -> String {
        match (self.renames, number) {
            (true, _) => format!("~{start}"),
            (false, 0) => String::new(),
            (false, _) => format!("~{}", number + 1),
        }
    }
}

/// Hands rows to the pool.
pub struct Player<'a> {
    /// Where they go.
    pub pool: &'a Pool,
    /// Counts them.
    pub tally: &'a Tally,
    /// The recorded time of the row that was handed over last.
    pub place: &'a AtomicI64,
    /// What waits to be sent, by connection.
    pub batchers: Vec<Batcher>,
}

impl Player<'_> {
    /// Plays until the end, for ever with `--loop`, or until a connection fails.
    pub async fn play(&mut self, script: &Script<'_>) {
        for number in 0.. {
            let start = if number == 0 { script.start } else { clock::now_millis() };
            let suffix = script.suffix(number, start);
            if !self.play_round(script.rows, &suffix, &script.round(start)).await || !script.repeat {
                return;
            }
            tokio::time::sleep(Duration::from_millis(ROUND_GAP_MILLIS as u64)).await;
        }
    }

    async fn play_round(&mut self, rows: &[Row], suffix: &str, round: &Round) -> bool {
        let started = clock::monotonic();
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut squeeze = Squeeze::default();
        let mut event = Vec::new();
        let mut elapsed_millis = 0.0;
        for row in rows {
            while round.due(row.known) > elapsed_millis {
                if !self.flush().await {
                    return false;
                }
                ticks.tick().await;
                elapsed_millis = started.elapsed().as_secs_f64() * 1000.0;
            }
            let time = squeeze.apart(&row.key, row.time, round.event_time(row.time));
            row.write_event(time, suffix, &mut event);
            self.tally.with(|summary| summary.add_rows(1));
            let lane = lane_of(&row.key, self.pool.lanes());
            let full = self.batchers.get_mut(lane).and_then(|batcher| batcher.push(row.line, &event));
            self.place.store(row.known, Ordering::Relaxed);
            if let Some(batch) = full
                && !self.pool.send(lane, batch).await
            {
                return false;
            }
        }
        self.flush().await
    }

    async fn flush(&mut self) -> bool {
        for (lane, batcher) in self.batchers.iter_mut().enumerate() {
            if let Some(batch) = batcher.take()
                && !self.pool.send(lane, batch).await
            {
                return false;
            }
        }
        true
    }
}
