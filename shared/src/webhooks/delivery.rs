//! How far a webhook is told, and when it is told the next.

use super::Webhook;
use crate::alarms::{AlarmEvent, Alarms};
use crate::limits;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// After which time a message that was not taken is sent again, in seconds: the last goes on.
const RETRIES: [i64; 7] = [5, 30, 120, 300, 900, 1_800, 3_600];
/// Tries after which a message is given up that the receiver refuses as wrong: it would be no better later.
const REFUSED_TRIES: u32 = 5;

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Taken,
    /// It did not answer, or with this status and reason; and after so many seconds it may be asked again, where it said so.
    Failed(Option<u16>, String, Option<u64>),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Nothing.
    Idle,
    /// To wait.
    Wait(Millis),
    /// To send this.
    Send(Box<AlarmEvent>),
}

/// How far a webhook is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Delivery {
    /// The last event that it was told of, or that it is not told of.
    pub done: u64,
    /// How often the next one was sent in vain, since when, and when it is sent again.
    pub tries: u32,
    /// See [`Self::tries`].
    pub since: Option<Millis>,
    /// See [`Self::tries`].
    pub next: Option<Millis>,
    /// When a message was taken last.
    pub taken_at: Option<Millis>,
    /// What went wrong last, and when.
    pub failure: Option<(Millis, String)>,
    /// Messages that were taken.
    pub taken: u64,
    /// Messages that were given up.
    pub given_up: u64,
    /// Events that were no longer kept when it was their turn.
    pub missed: u64,
    /// The receiver has said that it is gone: nothing is sent until the webhook is changed.
    pub gone: bool,
}

impl Delivery {
    /// From here on.
    pub fn begin(alarms: &Alarms) -> Self {
        Self { done: alarms.log().last(), ..Self::default() }
    }

    /// What is to be done now. What it is not told of is passed over.
    pub fn next(&mut self, webhook: &Webhook, alarms: &Alarms, now: Millis) -> Action {
        if self.gone {
            return Action::Idle;
        }
        let mut events = alarms.log().since(self.done).map(AlarmEvent::from);
        let Some(event) = events.find(|event| webhook.is_told(event)) else {
            self.pass(alarms.log().last(), alarms);
            return Action::Idle;
        };
        self.pass(event.id - 1, alarms);
        match self.next.filter(|next| *next > now) {
            Some(next) => Action::Wait(next),
            None => Action::Send(Box::new(event)),
        }
    }

    /// Whether something may have to be done by now; when, otherwise.
    pub fn due(&self, alarms: &Alarms) -> Option<Millis> {
        let waits = !self.gone && self.done < alarms.log().last();
        waits.then(|| self.next.unwrap_or_default())
    }

    fn pass(&mut self, upto: u64, alarms: &Alarms) {
        if upto <= self.done {
            return;
        }
        let oldest = alarms.log().iter().next().map_or(upto + 1, |entry| entry.id);
        self.missed += oldest.min(upto + 1).saturating_sub(self.done + 1);
        self.done = upto;
        (self.tries, self.since, self.next) = (0, None, None);
    }

    /// A message was sent. Whether it is given up: then it is kept apart.
    pub fn sent(&mut self, event: u64, outcome: &Outcome, now: Millis, chance: u32) -> bool {
        let given_up = match outcome {
            Outcome::Taken => {
                self.taken += 1;
                self.taken_at = Some(now);
                false
            }
            Outcome::Failed(status, why, after) => {
                self.failure = Some((now, why.clone()));
                self.tries += 1;
                let since = *self.since.get_or_insert(now);
                self.gone = *status == Some(410);
                let refused = status.is_some_and(|s| (300..500).contains(&s) && !matches!(s, 408 | 425 | 429));
                let over = now.since(since) >= limits::WEBHOOK_GIVE_UP_SECONDS * 1_000;
                let hopeless = self.gone || over || refused && self.tries >= REFUSED_TRIES;
                if !hopeless {
                    let last = RETRIES.len() - 1;
                    let wait = RETRIES.get((self.tries as usize - 1).min(last)).copied().unwrap_or(3_600);
                    let asked = after.map_or(0, |s| s.min(3_600) as i64);
                    // Less up to a quarter, so that not all that wait come back at once.
                    let millis = wait * 1_000 - wait * 250 * i64::from(chance % 1_000) / 1_000;
                    self.next = Some(now.plus(millis.max(asked * 1_000)));
                    return false;
                }
                self.given_up += 1;
                true
            }
        };
        self.done = self.done.max(event);
        (self.tries, self.since, self.next) = (0, None, None);
        given_up
    }
}
