//! Alarms: rules about items, and what they raise and clear.
//!
//! Made from the log, as a [projection](crate::projection), with the fences beside it (see [`crate::watch`]): each event is
//! looked at in the order of event times, with what the item has in the columns that rules read. What waits for time to
//! pass, such as a silence, waits in a queue by the board's clock, and each row of the log first lets that time pass: so a
//! restart comes to the same alarms.
//!
//! Rules, what somebody has seen or muted, and ranks are not in the log. A change of one is stored in one transaction with
//! the state as of then.

mod answer;
mod item;
mod log;
mod mute;
mod pieces;
mod rule;
mod rules;
#[cfg(test)]
mod tests;
mod turns;

pub use answer::{
    AlarmEvent, AlarmEvents, AlarmList, AlarmQuery, Mute, MuteList, RuleList, SeenBy, ShownRule, StandingAlarm,
};
pub use log::{Entry, Log, LogQuery, Reason, What};
pub use mute::MuteWish;
pub use rule::{AlarmRule, RuleId, Severity};

use crate::codec::Batch;
use crate::cursor::Seq;
use crate::fences::{self, Fences};
use crate::items::{self, Items};
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::projection::part;
use crate::scores::control::{Action, Control};
use crate::time::Millis;
use crate::views::columns::position_part;
use crate::views::filter::Name;
use item::{Acknowledged, Held, Item, Key, Moment};
use rules::{Known, Rules, Source};
use std::collections::{BTreeSet, HashMap};
use turns::{Now, Turns};

/// A board's alarms.
#[derive(Clone, Debug, Default)]
pub struct Alarms {
    rules: Rules,
    items: HashMap<Key, Item>,
    turns: Turns,
    /// The keys that have a rank.
    ranked: BTreeSet<Key>,
    /// The last of what happened at fences that was looked at.
    fence_event: u64,
    /// The last event that was seen, and the last one that is stored. While there are no rules nothing is seen.
    seen: Seq,
    stored: Seq,
    /// Rows since that was stored.
    rows: u64,
    unsaved_items: u64,
    unsaved_slots: BTreeSet<u32>,
    /// Whether mutes, or counts, are not stored as they are.
    unsaved_head: bool,
}

/// What a board has when its rules change.
#[derive(Clone, Copy)]
pub struct Ground<'b> {
    /// Its items.
    pub items: &'b Items,
    /// Its fences.
    pub fences: &'b Fences,
    /// The last event of its log.
    pub head: Seq,
    /// The time.
    pub now: Millis,
}

impl Alarms {
    /// Whether there is no rule: then nothing is looked at.
    pub fn is_idle(&self) -> bool {
        self.rules.is_empty()
    }

    /// What happened.
    pub const fn log(&self) -> &Log {
        &self.turns.log
    }

    /// How many alarms stand, and how many could not be raised since too many stood.
    pub fn counts(&self) -> (usize, u64) {
        (self.turns.standing.len(), self.turns.not_raised)
    }

    /// The rule that names a fence.
    pub fn rule_of_fence(&self, id: &fences::FenceId) -> Option<&RuleId> {
        self.rules.iter().find(|known| known.rule.fences().any(|fence| fence == id)).map(|known| &known.id)
    }

    /// The worst rank that a rule asks for; 0 when none does.
    pub const fn ranks(&self) -> u32 {
        self.rules.ranks()
    }

    /// Makes a rule, or changes one. Whether it is new; none where it stays as it is. The shell stores a checkpoint before
    /// anything else is applied.
    pub fn put(&mut self, id: &RuleId, rule: &AlarmRule, ground: Ground<'_>) -> Result<Option<bool>, Problem> {
        let refused = |e| Problem::about(422, e);
        let before = self.rules.slot(id).and_then(|slot| self.rules.get(slot));
        if before.is_some_and(|known| known.rule == *rule) {
            return Ok(None);
        }
        if before.is_none() && self.rules.len() >= limits::ALARM_RULES {
            let message = format!("a board has at most {} rules; delete one that is not needed", limits::ALARM_RULES);
            return Err(refused(FieldError::new("id", Code::TooMany, message)));
        }
        for (field, fence) in [("inside", &rule.inside), ("outside", &rule.outside)] {
            if let Some(fence) = fence.as_ref().filter(|fence| !ground.fences.has(fence)) {
                let message = format!("{field} names the fence {:?}, which the board does not have", fence.as_str());
                return Err(refused(FieldError::new(field, Code::NotFound, message)));
            }
        }
        let is_new = before.is_none();
        self.begin(&ground);
        let slot = self.rules.put(Known::new(id.clone(), rule.clone(), ground.now));
        self.unsaved_slots.insert(slot);
        self.take_stock(&ground);
        Ok(Some(is_new))
    }

    /// Takes a rule away, with its alarms; whether there was one. The shell stores a checkpoint before anything else is
    /// applied.
    pub fn remove(&mut self, id: &RuleId, ground: Ground<'_>) -> bool {
        let Some(slot) = self.rules.slot(id) else { return false };
        self.begin(&ground);
        let at = ground.now;
        for key in self.keys() {
            let Some(item) = self.items.get_mut(&key) else { continue };
            if self.turns.drop_rule(&self.rules, slot, &key, item, at) {
                self.unsaved_items |= 1 << part(&key);
            }
        }
        self.rules.set(slot, None);
        self.turns.unmute_rule(id.as_str());
        self.unsaved_slots.insert(slot);
        self.unsaved_head = true;
        if self.is_idle() {
            self.items.clear();
            self.ranked.clear();
            self.turns.forget_queue();
            self.unsaved_items = u64::MAX;
        } else {
            self.take_stock(&ground);
        }
        true
    }

    /// Time passes up to now, and from here on rows are seen.
    fn begin(&mut self, ground: &Ground<'_>) {
        self.advance(ground.now);
        if self.is_idle() {
            (self.seen, self.stored, self.rows) = (ground.head, ground.head, 0);
            self.fence_event = ground.fences.happenings().last();
        }
    }

    /// Reads of all items what rules want to know, and looks at them.
    fn take_stock(&mut self, ground: &Ground<'_>) {
        let known: HashMap<&str, Key> = self.items.keys().map(|key| (&**key, key.clone())).collect();
        let mut before: HashMap<Key, Item> = HashMap::with_capacity(ground.items.len());
        for (_, from) in ground.items.iter() {
            let key = known.get(from.key()).cloned().unwrap_or_else(|| from.key().into());
            let had = self.items.get(&key).cloned();
            let mut item = had.unwrap_or_else(|| Item { heard: ground.now, ..Item::default() });
            item.placed = from.position().is_some();
            (item.time, item.seq, item.inside) = (from.time, from.seq, 0);
            item.values = self.rules.columns().iter().map(|name| held(ground.items, from, name)).collect();
            before.insert(key, item);
        }
        // Keys of a ranking need not be items.
        for (key, item) in self.items.iter().filter(|(_, item)| !item.is_needless()) {
            if !before.contains_key(key) {
                let values = vec![Held::Nothing; self.rules.columns().len()].into();
                before.insert(key.clone(), Item { values, ..item.clone() });
            }
        }
        for (bit, fence) in self.rules.fences().iter().enumerate() {
            for key in ground.fences.keys_inside(fence) {
                if let Some(item) = before.get_mut(key) {
                    item.inside |= 1 << bit;
                }
            }
        }
        self.items = before;
        self.unsaved_items = u64::MAX;
        for key in self.keys() {
            let Some(item) = self.items.get_mut(&key) else { continue };
            let moment = Moment { time: item.time, at: ground.now };
            let now = Now { moment, stamp: ground.now, why: Reason::RuleChanged };
            self.turns.look(&self.rules, &key, item, now);
        }
    }

    /// All keys, in their order: what is looked at together is numbered by it.
    fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = self.items.keys().cloned().collect();
        keys.sort_unstable();
        keys
    }

    /// Time passes: what waited for it is raised and cleared.
    pub fn advance(&mut self, at: Millis) {
        while let Some((due, key)) = self.turns.due(at) {
            let Some(item) = self.items.get_mut(&key).filter(|item| item.check == Some(due)) else { continue };
            item.check = None;
            self.unsaved_items |= 1 << part(&key);
            let moment = Moment { time: item.time, at: due };
            self.turns.look(&self.rules, &key, item, Now { moment, stamp: due, why: Reason::Rule });
            if item.is_needless() {
                self.items.remove(&key);
            }
        }
    }

    /// When time alone raises or clears the next alarm, or may.
    pub fn next_look(&self) -> Option<Millis> {
        self.turns.next()
    }

    /// Takes a row of the log that came at `at`, after the fences took it. Rows come in order.
    pub fn apply(&mut self, batch: &Batch<'_>, first: Seq, at: Millis, fences: &Fences) {
        if self.is_idle() {
            return;
        }
        self.advance(at);
        self.rows += 1;
        self.seen = first + batch.len() as u64 - 1;
        let columns = self.rules.columns_of(batch);
        let time = |row: &usize| batch.times.get(*row).copied().unwrap_or_default();
        let mut order: Vec<usize> = (0..batch.len()).collect();
        if !order.is_sorted_by_key(time) {
            order.sort_by_key(time);
        }
        let crossed = self.crossings(fences);
        let mut crossed = crossed.into_iter().peekable();
        for row in order {
            // Whoever crossed a border by then is on the other side. Looked at is that with the item's next event, which this
            // row has: with what the item had before, a rule might hold that never did.
            while let Some((_, key, bit, inside)) = crossed.next_if(|(when, ..)| *when <= time(&row)) {
                self.cross(key, bit, inside);
            }
            if !batch.is_hole(row) {
                self.event(batch, row, &columns, first + row as u64, at);
            }
        }
        crossed.for_each(|(_, key, bit, inside)| self.cross(key, bit, inside));
    }

    /// What happened at fences that rules name since it was looked at, by time.
    fn crossings<'f>(&mut self, fences: &'f Fences) -> Vec<(Millis, &'f str, u128, bool)> {
        let since = std::mem::replace(&mut self.fence_event, fences.happenings().last());
        if self.rules.fences().is_empty() || since == self.fence_event {
            return Vec::new();
        }
        let mut crossed: Vec<_> = fences
            .happenings()
            .since(since)
            .filter(|h| h.what != fences::What::Dwell && h.why != fences::Why::Ended)
            .filter_map(|h| Some((h.fix.time, &*h.key, self.rules.bit(&h.fence)?, h.what == fences::What::Enter)))
            .collect();
        crossed.sort_by_key(|(when, ..)| *when);
        crossed
    }

    fn cross(&mut self, key: &str, bit: u128, inside: bool) {
        let item = match self.items.get_mut(key) {
            Some(item) => item,
            None => self.items.entry(key.into()).or_default(),
        };
        item.inside = if inside { item.inside | bit } else { item.inside & !bit };
        self.unsaved_items |= 1 << part(key);
    }

    fn event(&mut self, batch: &Batch<'_>, row: usize, columns: &[Source], seq: Seq, at: Millis) {
        let (name, time) = (batch.key(row), batch.times.get(row).copied().unwrap_or_default());
        self.unsaved_items |= 1 << part(name);
        if !self.items.contains_key(name) {
            self.items.insert(name.into(), Item::default());
        }
        let Some((key, item)) = self.items.get_key_value(name).map(|(key, _)| key.clone()).and_then(|key| {
            let item = self.items.get_mut(&key)?;
            Some((key, item))
        }) else {
            return;
        };
        item.heard = at;
        // What is late changes nothing but that it was heard of.
        if item.seq == 0 || time >= item.time {
            (item.time, item.seq) = (time, seq);
            let place = batch.positions.get(row).and_then(Option::as_ref);
            item.placed |= place.is_some();
            if item.values.len() != columns.len() {
                item.values = vec![Held::Nothing; columns.len()].into();
            }
            for (held, column) in item.values.iter_mut().zip(columns) {
                match (column, place) {
                    (Source::Position(part), Some(place)) => {
                        *held = position_part(place, *part).map_or(Held::Nothing, Held::Number);
                    }
                    (Source::Field(at), _) => held.take(batch.fields.get(*at).and_then(|c| c.cells.get(row))),
                    (Source::Position(_), None) | (Source::Absent, _) => {}
                }
            }
        }
        let moment = Moment { time: item.time, at };
        self.turns.look(&self.rules, &key, item, Now { moment, stamp: item.time, why: Reason::Rule });
    }

    /// Takes a control of the log: alarms of items that end are over.
    pub fn control(&mut self, seq: Seq, control: &Control, at: Millis, fences: &Fences) {
        if self.is_idle() {
            return;
        }
        self.advance(at);
        (self.seen, self.rows, self.fence_event) = (seq, self.rows + 1, fences.happenings().last());
        if let Action::EndItems { keys } = &control.what {
            for key in keys {
                if let Some(item) = self.items.remove(key.as_str()) {
                    self.unsaved_items |= 1 << part(key);
                    self.ranked.remove(key.as_str());
                    self.turns.end(&self.rules, key, &item, control.at, at);
                }
            }
        }
    }

    /// The first of the ranking are these now; whether anything happened. What did is not in the log: the shell stores a
    /// checkpoint then.
    pub fn rank<'k>(&mut self, first: impl Iterator<Item = (&'k str, u32)>, at: Millis) -> bool {
        let before = self.log().last();
        let first: HashMap<&str, u32> = first.collect();
        let gone: Vec<Key> = self.ranked.iter().filter(|key| !first.contains_key(&***key)).cloned().collect();
        let ranks = first.iter().map(|(key, rank)| (Key::from(*key), Some(*rank)));
        let mut all: Vec<(Key, Option<u32>)> = ranks.chain(gone.into_iter().map(|key| (key, None))).collect();
        all.sort();
        for (key, rank) in all {
            let item = match self.items.get_mut(&key) {
                Some(item) => item,
                None => self.items.entry(key.clone()).or_insert_with(|| Item { heard: at, ..Item::default() }),
            };
            if item.rank == rank {
                continue;
            }
            item.rank = rank;
            self.unsaved_items |= 1 << part(&key);
            let moment = Moment { time: item.time, at };
            self.turns.look(&self.rules, &key, item, Now { moment, stamp: at, why: Reason::Rule });
            if item.is_needless() {
                self.items.remove(&key);
            }
            match rank {
                Some(_) => self.ranked.insert(key),
                None => self.ranked.remove(&key),
            };
        }
        self.log().last() != before
    }

    /// Somebody has seen an alarm; none where it does not stand, and whether it had been seen before.
    pub fn acknowledge(&mut self, event: u64, by: &str, at: Millis) -> Option<bool> {
        let key = self.turns.standing.get(&event)?.clone();
        let item = self.items.get_mut(&key)?;
        let (rules, turns) = (&self.rules, &mut self.turns);
        let state = item.states.iter_mut().find(|s| s.raised.as_ref().is_some_and(|r| r.event == event))?;
        let (rule, raised) = (state.rule, state.raised.as_mut()?);
        if raised.acknowledged.is_some() {
            return Some(true);
        }
        raised.acknowledged = Some(Acknowledged { at, by: by.into() });
        let raised = raised.clone();
        self.unsaved_items |= 1 << part(&key);
        turns.acknowledged(rules, (rule, &raised), (&key, item), by, at);
        Some(false)
    }

    /// Nobody is told of a rule, of an item, or of an item by a rule, until a time; none: from now on they are.
    pub fn mute(&mut self, rule: &str, key: &str, until: Option<Millis>, now: Millis) -> Result<(), Problem> {
        self.unsaved_head = true;
        self.turns.mute(rule, key, until, now)
    }

    /// Forgets an item, and all that happened to it. `seq` is the row of the log that ends it, where the log has one. The
    /// shell stores a checkpoint before anything else is applied.
    pub fn erase(&mut self, key: &str, seq: Seq) {
        if !self.is_idle() {
            (self.seen, self.rows) = (seq, self.rows + 1);
        }
        if let Some(item) = self.items.remove(key) {
            self.unsaved_items |= 1 << part(key);
            self.turns.forget(&item);
        }
        self.ranked.remove(key);
        self.turns.log.forget_key(key);
    }

    /// Drops what the board learned of before; whether there was any.
    pub fn trim(&mut self, before: Millis) -> bool {
        self.turns.log.trim(before)
    }
}

/// What an item has in a column.
fn held(items: &Items, item: &items::Item, name: &Name) -> Held {
    match name {
        Name::Position(part) => {
            item.position().and_then(|place| position_part(&place, *part)).map_or(Held::Nothing, Held::Number)
        }
        Name::Field(name) => {
            let field = items.find_field(name).and_then(|id| item.field(id));
            field.map_or(Held::Nothing, |field| Held::of(field.value))
        }
        Name::Key | Name::Time | Name::Seq => Held::Nothing,
    }
}
