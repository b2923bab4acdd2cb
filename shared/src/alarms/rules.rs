//! A board's rules as they are looked at: conditions read, columns and fences numbered.

use super::item::{Held, Item};
use super::rule::{AlarmRule, RuleId};
use crate::codec::Batch;
use crate::fences::FenceId;
use crate::limits;
use crate::problem::excerpt;
use crate::time::Millis;
use crate::views::columns::{POSITION, field_column};
use crate::views::filter::{Condition, Name};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A condition, and the place of the column that it reads.
type Placed = (Condition, Option<usize>);

/// A rule that the board has.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    pub(super) id: RuleId,
    pub(super) rule: AlarmRule,
    pub(super) changed_at: Millis,
    raise: Vec<Placed>,
    clear: Vec<Placed>,
    inside: u128,
    outside: u128,
}

impl Known {
    pub(super) const fn new(id: RuleId, rule: AlarmRule, changed_at: Millis) -> Self {
        Self { id, rule, changed_at, raise: Vec::new(), clear: Vec::new(), inside: 0, outside: 0 }
    }

    /// Whether the parts hold that are no conditions on columns.
    fn fits(&self, item: &Item, at: Millis) -> bool {
        let silent = |seconds: u32| at.since(item.heard) >= i64::from(seconds) * 1_000;
        self.rule.silent_s.is_none_or(silent)
            && item.inside & self.inside == self.inside
            && (self.outside == 0 || item.placed && item.inside & self.outside == 0)
            && self.rule.rank_at_most.is_none_or(|most| item.rank.is_some_and(|rank| rank <= most))
    }

    /// Whether the rule holds.
    pub(super) fn holds(&self, key: &str, item: &Item, at: Millis) -> bool {
        self.fits(item, at) && self.raise.iter().all(|(condition, column)| item.meets(key, condition, *column))
    }

    /// Whether an alarm that it raised is over.
    pub(super) fn is_over(&self, key: &str, item: &Item, at: Millis) -> bool {
        if self.clear.is_empty() {
            return !self.holds(key, item, at);
        }
        !self.fits(item, at) || self.clear.iter().all(|(condition, column)| item.meets(key, condition, *column))
    }

    /// The columns that it reads, with their places.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&Name, usize)> {
        self.raise.iter().filter_map(|(condition, column)| Some((condition.name(), (*column)?)))
    }
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rules {
    slots: Vec<Option<Known>>,
    by_id: BTreeMap<RuleId, u32>,
    /// The columns that are read: parts of positions and fields.
    columns: Vec<Name>,
    /// The fences that are named.
    fences: Vec<FenceId>,
    /// The seconds of silence that are waited for.
    silences: Vec<u32>,
    /// The worst rank that is asked for.
    ranks: u32,
}

impl Rules {
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    pub(super) fn columns(&self) -> &[Name] {
        &self.columns
    }

    pub(super) fn fences(&self) -> &[FenceId] {
        &self.fences
    }

    /// The bit of a fence.
    pub(super) fn bit(&self, fence: &str) -> Option<u128> {
        self.fences.iter().position(|id| id.as_str() == fence).map(|at| 1 << at)
    }

    pub(super) const fn ranks(&self) -> u32 {
        self.ranks
    }

    pub(super) fn slot(&self, id: &RuleId) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    pub(super) fn get(&self, slot: u32) -> Option<&Known> {
        self.slots.get(slot as usize).and_then(Option::as_ref)
    }

    /// All of them, by their ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Known> {
        self.by_id.values().filter_map(|slot| self.get(*slot))
    }

    /// All of them with their slots.
    pub(super) fn slots(&self) -> impl Iterator<Item = (u32, &Known)> {
        self.slots.iter().enumerate().filter_map(|(slot, known)| Some((slot as u32, known.as_ref()?)))
    }

    /// A rule is this now, in its slot, or in one that is free.
    pub(super) fn put(&mut self, known: Known) -> u32 {
        let free = || self.slots.iter().position(Option::is_none).unwrap_or(self.slots.len()) as u32;
        let slot = self.slot(&known.id).unwrap_or_else(free);
        self.set(slot, Some(known));
        slot
    }

    /// A slot has this. The rules are numbered anew.
    pub(super) fn set(&mut self, slot: u32, known: Option<Known>) {
        self.slots.resize_with(self.slots.len().max(slot as usize + 1), || None);
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = known;
        }
        self.number();
    }

    fn number(&mut self) {
        let (mut columns, mut fences) = (Vec::new(), Vec::new());
        let mut placed = |text: &String| {
            let condition = Condition::parse(text).ok()?;
            let column = matches!(condition.name(), Name::Position(_) | Name::Field(_)).then(|| {
                let at = columns.iter().position(|name| name == condition.name());
                at.unwrap_or_else(|| {
                    columns.push(condition.name().clone());
                    columns.len() - 1
                })
            });
            Some((condition, column))
        };
        let mut bit = |id: &Option<FenceId>| {
            let Some(id) = id else { return 0 };
            let at = fences.iter().position(|known| known == id).unwrap_or_else(|| {
                fences.push(id.clone());
                fences.len() - 1
            });
            1 << at
        };
        for known in self.slots.iter_mut().flatten() {
            known.raise = known.rule.conditions.iter().filter_map(&mut placed).collect();
            known.clear = known.rule.clear_where.iter().filter_map(&mut placed).collect();
            (known.inside, known.outside) = (bit(&known.rule.inside), bit(&known.rule.outside));
        }
        let rules = || self.slots.iter().flatten().map(|known| &known.rule);
        let mut silences: Vec<u32> = rules().filter_map(|rule| rule.silent_s).collect();
        silences.sort_unstable();
        silences.dedup();
        self.ranks = rules().filter_map(|rule| rule.rank_at_most).max().unwrap_or(0);
        self.by_id = self.slots().map(|(slot, known)| (known.id.clone(), slot)).collect();
        (self.columns, self.fences, self.silences) = (columns, fences, silences);
    }

    /// Where a batch has the columns.
    pub(super) fn columns_of(&self, batch: &Batch<'_>) -> Vec<Source> {
        let of = |name: &Name| match name {
            Name::Position(part) => Source::Position(*part),
            Name::Field(name) => {
                batch.fields.iter().position(|column| column.name == name).map_or(Source::Absent, Source::Field)
            }
            Name::Key | Name::Time | Name::Seq => Source::Absent,
        };
        self.columns.iter().map(of).collect()
    }

    /// When an item is to be looked at next, if no event comes before.
    pub(super) fn next_look(&self, item: &Item, now: Millis) -> Option<Millis> {
        let silences = self.silences.iter().map(|seconds| silent_at(item.heard, *seconds));
        let turns = item.states.iter().filter_map(|state| {
            let rule = &self.get(state.rule)?.rule;
            let seconds = if state.raised.is_some() { rule.clear_for_s } else { rule.for_s };
            Some(state.turning?.until(seconds))
        });
        silences.chain(turns).filter(|due| *due > now).min()
    }

    /// What an item has in the columns of a rule, for people: `temp=81.5, position.speed=17`.
    pub(super) fn seen(known: &Known, item: &Item) -> Box<str> {
        let mut text = match item.rank.filter(|_| known.rule.rank_at_most.is_some()) {
            Some(rank) => format!("rank={rank}"),
            None => String::new(),
        };
        let mut told: Vec<usize> = Vec::new();
        for (name, column) in known.columns() {
            if told.contains(&column) {
                continue;
            }
            told.push(column);
            let value = match item.values.get(column) {
                None | Some(Held::Nothing) => "none".into(),
                Some(Held::Number(n)) => n.to_string().into(),
                Some(Held::Text(text)) => excerpt(text),
            };
            let part = format!("{}{}={value}", if text.is_empty() { "" } else { ", " }, shown(name));
            if text.len() + part.len() > limits::ALARM_SEEN_BYTES {
                text.push('…');
                break;
            }
            text.push_str(&part);
        }
        text.into()
    }
}

/// When an item has been silent for so long. Those of many items come due together: a sixtieth later at most, or a second.
const fn silent_at(heard: Millis, seconds: u32) -> Millis {
    let (silent, step) = (seconds as i64 * 1_000, if seconds < 60 { 1_000 } else { seconds as i64 * 1_000 / 60 });
    let at = heard.plus(silent).0;
    Millis(at.saturating_add((step - at.rem_euclid(step)) % step))
}

/// A column as filters write it.
fn shown(name: &Name) -> Cow<'_, str> {
    match name {
        Name::Key => "key".into(),
        Name::Time => "time".into(),
        Name::Seq => "seq".into(),
        Name::Position(part) => POSITION.get(*part).copied().unwrap_or_default().into(),
        Name::Field(name) => field_column(name),
    }
}

/// Where a batch has a column.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// In a part of the position.
    Position(usize),
    /// In this of its fields.
    Field(usize),
    /// Nowhere.
    Absent,
}
