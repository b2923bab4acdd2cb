//! Events ahead of a replay's clock: which are here, up to when all are, and what to ask for next. Pure.
//!
//! Events are asked for by stretches of event time, and come in the order of the log: the server reads only what may have some.

use std::collections::VecDeque;

use heliograph_shared::cursor::Seq;
use heliograph_shared::time::Millis;
use heliograph_shared::views::events::{EventView, EventsPage};

/// No more events are held ahead: with five fields each some 50 MB.
pub const MOST: usize = 100_000;
/// Events of a page: more at once would be felt while marks move.
pub const PAGE: usize = 5_000;
/// While a stretch is being read, events may be out of order by so much.
const SLACK_MS: i64 = 60_000;
/// A stretch is no shorter.
const SHORTEST_MS: i64 = 5 * 60_000;
/// Nor longer, but for gaps without events.
const LONGEST_MS: i64 = 86_400_000;
/// In a gap each stretch is so many times longer than the one before, up to the other number.
const GROWTH: (i64, i64) = (4, 1_024);

/// Events of a stretch of time that are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Not before.
    pub from: Millis,
    /// Before.
    pub to: Millis,
    /// Logged after.
    pub after: Option<Seq>,
}

#[derive(Clone, Copy, Debug)]
struct Stretch {
    wanted: Wanted,
    has_any: bool,
}

/// The events ahead.
#[derive(Clone, Debug)]
pub struct Reader {
    /// By time, and of one time by their place in the log.
    events: VecDeque<EventView>,
    read: Millis,
    end: Millis,
    stretch: Option<Stretch>,
    growth: i64,
}

impl Reader {
    /// From a moment whose items are known, to the last that there is.
    pub const fn new(at: Millis, end: Millis) -> Self {
        Self { events: VecDeque::new(), read: at, end, stretch: None, growth: 1 }
    }

    /// Up to when every event is here that will be.
    pub const fn read(&self) -> Millis {
        self.read
    }

    /// What to ask for next, so that the clock finds so much true time read.
    pub fn ask(&mut self, at: Millis, ahead_ms: i64) -> Option<Wanted> {
        let is_enough = self.read >= self.end || self.read.since(at) >= ahead_ms;
        if is_enough || self.events.len() + PAGE > MOST {
            return None;
        }
        let stretch = self.stretch.get_or_insert_with(|| {
            let length = ahead_ms.saturating_mul(3).clamp(SHORTEST_MS, LONGEST_MS).saturating_mul(self.growth);
            let from = self.read.plus(1);
            let wanted = Wanted { from, to: from.plus(length).min(self.end.plus(1)), after: None };
            Stretch { wanted, has_any: false }
        });
        Some(stretch.wanted)
    }

    /// Takes the answer.
    pub fn take(&mut self, page: EventsPage) {
        let Some(stretch) = &mut self.stretch else { return };
        let last = stretch.wanted.to.plus(-1);
        if let Some(newest) = page.events.iter().map(|event| event.time).max() {
            self.read = self.read.max(newest.plus(-SLACK_MS).min(last));
        }
        stretch.has_any |= !page.events.is_empty();
        match page.next.and_then(|next| next.parse().ok()) {
            Some(next) => stretch.wanted.after = Some(next),
            None => {
                let (times, most) = GROWTH;
                self.growth = if stretch.has_any { 1 } else { (self.growth * times).min(most) };
                self.read = last;
                self.stretch = None;
            }
        }
        self.add(page.events);
    }

    /// Hands out the events up to a time.
    pub fn due(&mut self, at: Millis) -> Vec<EventView> {
        let count = self.events.partition_point(|event| event.time <= at);
        self.events.drain(..count).collect()
    }

    /// The time of the first event after another time, of one item or of any, if that is read.
    pub fn next_time(&self, at: Millis, key: Option<&str>) -> Option<Millis> {
        let later = self.events.iter().skip_while(|event| event.time <= at);
        let mut read = later.take_while(|event| event.time <= self.read);
        read.find(|event| key.is_none_or(|key| key == event.key)).map(|event| event.time)
    }

    fn add(&mut self, mut events: Vec<EventView>) {
        let order = |event: &EventView| (event.time, event.seq);
        events.sort_by_key(order);
        let is_sorted = self.events.back().zip(events.first()).is_none_or(|(last, first)| order(last) <= order(first));
        self.events.extend(events);
        if !is_sorted {
            self.events.make_contiguous().sort_by_key(order);
        }
    }
}

#[cfg(test)]
mod tests;
