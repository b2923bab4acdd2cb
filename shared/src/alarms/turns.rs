//! How alarms are raised and cleared, one item at a time, and what waits for time to pass.

use super::item::{Item, Key, Moment, Raised, State};
use super::log::{Entry, Log, Reason, What};
use super::rules::{Known, Rules};
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::time::Millis;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// When an item is looked at, and why.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) moment: Moment,
    /// The time that what happens has.
    pub(super) stamp: Millis,
    /// Why an alarm is over, if it is.
    pub(super) why: Reason,
}

/// What alarms do.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns {
    pub(super) log: Log,
    /// Alarms that stand, by the events that raised them.
    pub(super) standing: BTreeMap<u64, Key>,
    /// Alarms that stand, and those that are about to be raised.
    states: usize,
    /// Those that were too many.
    pub(super) not_raised: u64,
    /// Until when nobody is told: by rule and by key, either of which may be empty.
    pub(super) muted: BTreeMap<(Box<str>, Box<str>), Millis>,
    queue: BinaryHeap<Reverse<(Millis, Key)>>,
}

impl Turns {
    /// Looks at an item: what its rules make of it, and when it is looked at again.
    pub(super) fn look(&mut self, rules: &Rules, key: &Key, item: &mut Item, now: Now) {
        for (slot, known) in rules.slots() {
            let at = item.states.iter().position(|state| state.rule == slot);
            match at {
                None if known.holds(key, item, now.moment.at) => self.begin(known, slot, key, item, now),
                None => {}
                Some(at) => self.turn(known, at, key, item, now),
            }
        }
        self.wait(rules, key, item, now.moment.at);
    }

    fn begin(&mut self, known: &Known, slot: u32, key: &Key, item: &mut Item, now: Now) {
        if self.states >= limits::ALARMS_STANDING {
            self.not_raised += 1;
            return;
        }
        self.states += 1;
        let mut state = State { rule: slot, raised: None, turning: Some(now.moment) };
        if known.rule.for_s == 0 {
            self.raise(known, &mut state, key, item, now);
        }
        item.states.push(state);
    }

    /// A rule that held, or raised an alarm, is looked at again.
    fn turn(&mut self, known: &Known, at: usize, key: &Key, item: &mut Item, now: Now) {
        let Some(mut state) = item.states.get(at).cloned() else { return };
        let is_raised = state.raised.is_some();
        let goes_on =
            if is_raised { !known.is_over(key, item, now.moment.at) } else { known.holds(key, item, now.moment.at) };
        let over = match (is_raised, goes_on) {
            (false, true) => {
                let since = *state.turning.get_or_insert(now.moment);
                if since.lasts(now.moment, known.rule.for_s) {
                    self.raise(known, &mut state, key, item, now);
                }
                false
            }
            (false, false) => true,
            (true, true) => {
                state.turning = None;
                false
            }
            (true, false) => {
                let since = *state.turning.get_or_insert(now.moment);
                let over = since.lasts(now.moment, known.rule.clear_for_s);
                if over {
                    self.clear(known, &state, key, item, (now.stamp, now.moment.at), now.why);
                }
                over
            }
        };
        if over {
            item.states.remove(at);
            self.states = self.states.saturating_sub(1);
        } else if let Some(place) = item.states.get_mut(at) {
            *place = state;
        }
    }

    fn entry(known: &Known, key: &str, item: &Item, what: What, (time, at): (Millis, Millis)) -> Entry {
        Entry {
            id: 0,
            what,
            rule: known.id.as_str().into(),
            severity: known.rule.severity,
            name: known.rule.title(&known.id).into(),
            key: key.into(),
            time,
            at,
            raised: 0,
            seen: Rules::seen(known, item),
            why: Reason::Rule,
            muted: false,
            by: "".into(),
        }
    }

    fn raise(&mut self, known: &Known, state: &mut State, key: &Key, item: &Item, now: Now) {
        let entry = Self::entry(known, key, item, What::Raise, (now.stamp, now.moment.at));
        let entry = Entry { muted: self.is_muted(&entry.rule, key, now.moment.at), ..entry };
        let muted = entry.muted;
        self.log.push(entry);
        let event = self.log.last();
        self.standing.insert(event, key.clone());
        let when = Moment { time: now.stamp, at: now.moment.at };
        state.raised = Some(Raised { event, when, muted, acknowledged: None });
        state.turning = None;
    }

    fn clear(&mut self, known: &Known, state: &State, key: &str, item: &Item, when: (Millis, Millis), why: Reason) {
        let Some(raised) = &state.raised else { return };
        self.standing.remove(&raised.event);
        let entry = Self::entry(known, key, item, What::Clear, when);
        self.log.push(Entry { raised: raised.event, muted: raised.muted, why, ..entry });
    }

    /// The item has ended.
    pub(super) fn end(&mut self, rules: &Rules, key: &str, item: &Item, time: Millis, at: Millis) {
        for state in &item.states {
            if let Some(known) = rules.get(state.rule) {
                self.clear(known, state, key, item, (time, at), Reason::Ended);
            }
        }
        self.states = self.states.saturating_sub(item.states.len());
    }

    /// The item is erased: nothing is told of it.
    pub(super) fn forget(&mut self, item: &Item) {
        for raised in item.states.iter().filter_map(|state| state.raised.as_ref()) {
            self.standing.remove(&raised.event);
        }
        self.states = self.states.saturating_sub(item.states.len());
    }

    /// A rule is about to go; whether the item had anything of it.
    pub(super) fn drop_rule(&mut self, rules: &Rules, slot: u32, key: &str, item: &mut Item, at: Millis) -> bool {
        let Some(place) = item.states.iter().position(|state| state.rule == slot) else { return false };
        let state = item.states.remove(place);
        self.states = self.states.saturating_sub(1);
        if let Some(known) = rules.get(slot) {
            self.clear(known, &state, key, item, (at, at), Reason::RuleDeleted);
        }
        true
    }

    /// Somebody has seen an alarm.
    pub(super) fn acknowledged(
        &mut self,
        rules: &Rules,
        (slot, raised): (u32, &Raised),
        (key, item): (&str, &Item),
        by: &str,
        at: Millis,
    ) {
        if let Some(known) = rules.get(slot) {
            let entry = Self::entry(known, key, item, What::Acknowledge, (at, at));
            let (why, by) = (Reason::Person, by.into());
            self.log.push(Entry { raised: raised.event, muted: raised.muted, why, by, ..entry });
        }
    }

    /// The item is looked at again when something may be due.
    fn wait(&mut self, rules: &Rules, key: &Key, item: &mut Item, now: Millis) {
        if let Some(due) = rules.next_look(item, now).filter(|due| item.check.is_none_or(|check| *due < check)) {
            item.check = Some(due);
            self.queue.push(Reverse((due, key.clone())));
        }
    }

    /// What is due by now, the earliest first.
    pub(super) fn due(&mut self, now: Millis) -> Option<(Millis, Key)> {
        self.queue.peek().filter(|Reverse((due, _))| *due <= now)?;
        self.queue.pop().map(|Reverse(next)| next)
    }

    /// When something is due.
    pub(super) fn next(&self) -> Option<Millis> {
        self.queue.peek().map(|Reverse((due, _))| *due)
    }

    pub(super) fn forget_queue(&mut self) {
        self.queue.clear();
    }

    /// A stored item: it waits, and its alarms stand, as before.
    pub(super) fn restore(&mut self, key: &Key, item: &Item) {
        self.states += item.states.len();
        for raised in item.states.iter().filter_map(|state| state.raised.as_ref()) {
            self.standing.insert(raised.event, key.clone());
        }
        if let Some(check) = item.check {
            self.queue.push(Reverse((check, key.clone())));
        }
    }

    /// Whether nobody is told.
    pub(super) fn is_muted(&self, rule: &str, key: &str, at: Millis) -> bool {
        !self.muted.is_empty()
            && [(rule, ""), ("", key), (rule, key)]
                .into_iter()
                .any(|(rule, key)| self.muted.get(&(rule.into(), key.into())).is_some_and(|until| at < *until))
    }

    pub(super) fn mute(&mut self, rule: &str, key: &str, until: Option<Millis>, now: Millis) -> Result<(), Problem> {
        self.muted.retain(|_, until| *until > now);
        let place = (Box::from(rule), Box::from(key));
        match until {
            Some(until) => {
                if self.muted.len() >= limits::ALARM_MUTES && !self.muted.contains_key(&place) {
                    let message = format!("a board has at most {} mutes; end one", limits::ALARM_MUTES);
                    return Err(Problem::about(422, FieldError::new("key", Code::TooMany, message)));
                }
                self.muted.insert(place, until);
            }
            None => {
                self.muted.remove(&place);
            }
        }
        Ok(())
    }

    /// A rule is gone, and so is what was muted of it.
    pub(super) fn unmute_rule(&mut self, rule: &str) {
        self.muted.retain(|(of, _), _| &**of != rule);
    }
}
