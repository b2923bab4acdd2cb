//! How far behind the source the screen is, measured.

use crate::time::Millis;
use std::collections::VecDeque;

const SAMPLES: usize = 64;

/// The age of changes when they arrive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lag {
    /// Median over the recent frames, in milliseconds, from the event's time at the source.
    pub source_to_screen_ms: f64,
}

/// The distance between this device's clock and the server's.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    offsets: VecDeque<i64>,
}

impl Clock {
    /// The server said its time. A message that travelled long makes the server look early, so the largest of
    /// the recent distances is the best one.
    pub fn heard(&mut self, now: Millis, server: Millis) {
        self.offsets.push_back(server.since(now));
        if self.offsets.len() > 8 {
            self.offsets.pop_front();
        }
    }

    /// What to add to this device's clock to get the server's.
    pub fn offset(&self) -> i64 {
        self.offsets.iter().copied().max().unwrap_or(0)
    }
}

/// Collects the ages of changes.
#[derive(Clone, Debug, Default)]
pub(super) struct LagMeter {
    samples: VecDeque<i64>,
}

impl LagMeter {
    /// A frame arrived at `server_now` with changes of these times.
    pub fn frame(&mut self, server_now: Millis, times: &[Millis]) {
        let mut ages: Vec<i64> = times.iter().map(|t| server_now.since(*t)).collect();
        let middle = ages.len() / 2;
        if middle < ages.len() {
            let (_, age, _) = ages.select_nth_unstable(middle);
            self.samples.push_back(*age);
            if self.samples.len() > SAMPLES {
                self.samples.pop_front();
            }
        }
    }

    /// The median age.
    pub fn median(&self) -> Option<Lag> {
        let mut sorted: Vec<i64> = self.samples.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).map(|ms| Lag { source_to_screen_ms: *ms as f64 })
    }
}
