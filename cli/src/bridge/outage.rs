//! Saying once that something is away, and once that it is back.

use std::time::{Duration, Instant};

use crate::clock;
use crate::summary::duration_text;

/// The same trouble is told again after this long.
const AGAIN: Duration = Duration::from_mins(1);

/// Whether something is away just now, and since when.
#[derive(Debug)]
pub struct Outage {
    what: String,
    since: Option<Instant>,
    told: Option<(Instant, String)>,
}

impl Outage {
    /// Nothing is wrong yet.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), since: None, told: None }
    }

    /// It is away, for this reason.
    pub fn say(&mut self, reason: &str) {
        self.tell("is away", reason);
    }

    /// It is there, and can't take anything now.
    pub fn busy(&mut self, reason: &str) {
        self.tell("is busy", reason);
    }

    fn tell(&mut self, how: &str, reason: &str) {
        if let Some(text) = self.text(how, reason, clock::monotonic()) {
            eprintln!("heliograph: {text}");
        }
    }

    fn text(&mut self, how: &str, reason: &str, now: Instant) -> Option<String> {
        let since = *self.since.get_or_insert(now);
        if self.told.as_ref().is_some_and(|(at, told)| told == reason && now.duration_since(*at) < AGAIN) {
            return None;
        }
        let is_first = self.told.replace((now, reason.to_owned())).is_none();
        let so_far = now.duration_since(since).as_secs_f64();
        let so_far = if is_first { String::new() } else { format!(" for {}", duration_text(so_far)) };
        Some(format!("{} {how}{so_far}: {reason}; trying again", self.what))
    }

    /// It is there.
    pub fn over(&mut self) {
        self.told = None;
        if let Some(since) = self.since.take() {
            eprintln!("heliograph: {} is back after {}", self.what, duration_text(since.elapsed().as_secs_f64()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_trouble_is_told_once_a_minute_and_another_at_once() {
        let mut outage = Outage::new("the broker");
        let start = clock::monotonic();
        assert_eq!(outage.text("is away", "refused", start).unwrap(), "the broker is away: refused; trying again");
        assert_eq!(outage.text("is away", "refused", start + Duration::from_secs(30)), None);
        let text = outage.text("is away", "no such host", start + Duration::from_secs(31)).unwrap();
        assert_eq!(text, "the broker is away for 31.0 s: no such host; trying again");
        assert!(outage.text("is away", "no such host", start + Duration::from_secs(92)).is_some());
        outage.over();
        assert_eq!(outage.text("is away", "refused", start).unwrap(), "the broker is away: refused; trying again");
    }
}
