//! When points are sent, and in what pieces: a steady stream within the board's bounds, in which nothing counts twice
//! and nothing is lost while the page is open.

use serde_json::{Value, json};

/// At most this much in one event: the board's bound.
pub const POINTS_MAX: u32 = 100;
/// At least so long between two events, in milliseconds: well within the board's rate.
pub const EVERY_MS: f64 = 400.0;
/// After a failure, longer and longer, up to this.
const RETRY_MS_MAX: f64 = 8_000.0;

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is on the board, now or since an earlier try.
    Accepted,
    /// Nobody knows: the same event is sent again.
    Unknown,
    /// Too fast: the same event is sent again, later.
    TooFast,
    /// It will never count.
    Refused,
}

/// What is on its way of a run, and what waits.
#[derive(Clone, Debug)]
pub struct Reporter {
    nonce: String,
    count: u32,
    waiting: u32,
    /// Something else than points changed.
    is_dirty: bool,
    sent: Option<Sent>,
    next_at: f64,
    failures: u32,
    confirmed: u32,
}

#[derive(Clone, Debug)]
struct Sent {
    event: Value,
    points: u32,
    is_flying: bool,
}

/// What stands in each event beside the points.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// The player's key.
    pub key: String,
    /// The player's name.
    pub name: String,
    /// Lives left.
    pub lives: u8,
    /// The run's points up to now.
    pub run: u32,
}

impl Reporter {
    /// For a run. The nonce is in all ids.
    pub fn new(nonce: String) -> Self {
        Self { nonce, count: 0, waiting: 0, is_dirty: false, sent: None, next_at: 0.0, failures: 0, confirmed: 0 }
    }

    /// Points were won.
    pub const fn gain(&mut self, points: u32) {
        self.waiting += points;
        self.is_dirty = true;
    }

    /// Something else changed that the board should know.
    pub const fn touch(&mut self) {
        self.is_dirty = true;
    }

    /// Points that the board has confirmed.
    pub const fn confirmed(&self) -> u32 {
        self.confirmed
    }

    /// Whether everything is on the board.
    pub const fn is_settled(&self) -> bool {
        self.sent.is_none() && !self.is_dirty
    }

    /// The event to send now, if it is time for one. One is under way at a time.
    pub fn poll(&mut self, now: f64, card: &Card) -> Option<Value> {
        if now < self.next_at || self.sent.as_ref().is_some_and(|sent| sent.is_flying) {
            return None;
        }
        self.next_at = now + EVERY_MS;
        if self.sent.is_none() {
            if !self.is_dirty {
                return None;
            }
            let points = self.waiting.min(POINTS_MAX);
            self.waiting -= points;
            self.is_dirty = self.waiting > 0;
            self.count += 1;
            let event = json!({
                "id": format!("r:{}:{}", self.nonce, self.count),
                "key": card.key,
                "fields": {"name": card.name, "points": points, "lives": card.lives, "run": card.run - self.waiting.min(card.run)},
            });
            self.sent = Some(Sent { event, points, is_flying: false });
        }
        let sent = self.sent.as_mut()?;
        sent.is_flying = true;
        Some(sent.event.clone())
    }

    /// What became of the event under way.
    pub fn done(&mut self, now: f64, outcome: &Outcome) {
        match outcome {
            Outcome::Accepted => {
                self.confirmed += self.sent.take().map_or(0, |sent| sent.points);
                self.failures = 0;
            }
            Outcome::Refused => {
                self.sent = None;
                self.failures = 0;
            }
            Outcome::Unknown | Outcome::TooFast => {
                if let Some(sent) = &mut self.sent {
                    sent.is_flying = false;
                }
                self.failures += 1;
                let wait = EVERY_MS * f64::from(1_u32 << self.failures.min(5));
                self.next_at = now + wait.min(RETRY_MS_MAX);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> Card {
        Card { key: "p-1".into(), name: "Ann".into(), lives: 3, run: 250 }
    }

    #[test]
    fn points_go_in_pieces_within_bounds_and_rate() {
        let mut r = Reporter::new("n".into());
        r.gain(250);
        let mut sent = Vec::new();
        let mut now = 0.0;
        while !r.is_settled() {
            if let Some(event) = r.poll(now, &card()) {
                sent.push((
                    now,
                    event["id"].clone(),
                    event["fields"]["points"].as_u64(),
                    event["fields"]["run"].as_u64(),
                ));
                r.done(now, &Outcome::Accepted);
            }
            now += 50.0;
        }
        let points: Vec<_> = sent.iter().map(|s| (s.2, s.3)).collect();
        assert_eq!(points, [(Some(100), Some(100)), (Some(100), Some(200)), (Some(50), Some(250))]);
        assert_eq!(sent[2].1, "r:n:3");
        assert!(sent.windows(2).all(|w| w[1].0 - w[0].0 >= EVERY_MS));
        assert_eq!(r.confirmed(), 250);
    }

    #[test]
    fn a_lost_answer_sends_the_same_event_again_and_never_another() {
        let mut r = Reporter::new("n".into());
        r.gain(5);
        let first = r.poll(0.0, &card());
        r.gain(7);
        assert_eq!(r.poll(1_000.0, &card()), None, "one at a time");
        r.done(1_000.0, &Outcome::Unknown);
        assert_eq!(r.poll(1_001.0, &card()), None, "not at once");
        assert_eq!(r.poll(60_000.0, &card()), first);
        r.done(60_000.0, &Outcome::Accepted);
        let second = r.poll(61_000.0, &card()).unwrap();
        assert_eq!((second["id"].as_str(), second["fields"]["points"].as_u64()), (Some("r:n:2"), Some(7)));
    }

    #[test]
    fn waiting_grows_with_failures_and_has_an_end() {
        let mut r = Reporter::new("n".into());
        r.gain(5);
        let mut now = 0.0;
        for _ in 0..20 {
            while r.poll(now, &card()).is_none() {
                now += 100.0;
            }
            r.done(now, &Outcome::TooFast);
        }
        assert!(r.poll(now + RETRY_MS_MAX - 1.0, &card()).is_none());
        assert!(r.poll(now + RETRY_MS_MAX, &card()).is_some());
    }

    #[test]
    fn a_lost_life_is_told_without_points_and_a_refusal_ends_it() {
        let mut r = Reporter::new("n".into());
        assert_eq!(r.poll(0.0, &card()), None, "nothing to say");
        r.touch();
        assert_eq!(r.poll(1_000.0, &card()).unwrap()["fields"]["points"], 0);
        r.done(1_000.0, &Outcome::Refused);
        assert!(r.is_settled());
        assert_eq!(r.confirmed(), 0);
    }
}
