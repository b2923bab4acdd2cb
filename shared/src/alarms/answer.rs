//! Rules, alarms that stand, and what happened, as they are answered.

use super::item::{Item, State};
use super::log::{Entry, LogQuery, Reason, What};
use super::rules::{Known, Rules};
use super::{AlarmRule, Alarms, RuleId, Severity};
use crate::cursor::Cursor;
use crate::journal::page_rows;
use crate::limits;
use crate::problem::Problem;
use crate::time::Millis;
use crate::views::query::{Wrong, read_pairs};
use serde::{Deserialize, Serialize};

/// Who has seen an alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AlarmSeenBy"))]
pub struct SeenBy {
    /// When.
    pub at: Millis,
    /// Who.
    pub by: String,
}

/// An alarm that stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StandingAlarm {
    /// The number of the event that raised it.
    pub id: u64,
    /// The rule's id.
    pub rule: String,
    /// The rule's name, or its id.
    pub name: String,
    /// How grave it is.
    pub severity: Severity,
    /// The item, or the key of the ranking.
    pub key: String,
    /// Since when, as event time.
    pub since: Millis,
    /// When the board raised it, by its own clock.
    pub raised_at: Millis,
    /// What the item has now in the columns of the rule.
    pub seen: String,
    /// Who has seen it, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<SeenBy>,
    /// Whether its rule or its item is muted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub muted: bool,
}

/// What is muted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AlarmMute"))]
pub struct Mute {
    /// The rule; absent: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The item; absent: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Until when.
    pub until: Millis,
}

/// What is muted now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AlarmMutes"))]
pub struct MuteList {
    /// It.
    pub muted: Vec<Mute>,
}

/// A page of the alarms that stand, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlarmList {
    /// As of when.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub cursor: Cursor,
    /// They.
    pub alarms: Vec<StandingAlarm>,
    /// How many stand, whatever was asked for.
    pub count: usize,
    /// How often one could not be raised, since as many stood as may.
    pub not_raised: u64,
    /// What is muted.
    pub muted: Vec<Mute>,
    /// What to send as `after` for what is older; null when there is no more.
    pub next: Option<u64>,
}

/// A rule as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ShownAlarmRule"))]
pub struct ShownRule {
    /// Its id.
    pub id: RuleId,
    /// As it was put.
    #[serde(flatten)]
    pub rule: AlarmRule,
    /// When it was made or changed.
    pub changed_at: Millis,
    /// How many of its alarms stand.
    pub standing: usize,
}

/// A board's rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AlarmRules"))]
pub struct RuleList {
    /// They, by their ids.
    pub rules: Vec<ShownRule>,
}

/// Something that happened to an alarm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlarmEvent {
    /// Its number on the board: later ones are greater.
    pub id: u64,
    /// What happened.
    pub kind: What,
    /// The number of the event that raised the alarm.
    pub alarm: u64,
    /// The rule's id.
    pub rule: String,
    /// What the rule was called then, or its id.
    pub name: String,
    /// How grave it was then.
    pub severity: Severity,
    /// The item, or the key of the ranking.
    pub key: String,
    /// When, as event time; by the board's clock where no event did it.
    pub time: Millis,
    /// When the board learned of it, by its own clock.
    pub received_at: Millis,
    /// What the item had in the columns of the rule: `temp=81.5`.
    pub seen: String,
    /// Why.
    pub reason: Reason,
    /// Whether the alarm was muted when it was raised: then no webhook tells of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub muted: bool,
    /// Who did it, where somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl From<&Entry> for AlarmEvent {
    fn from(entry: &Entry) -> Self {
        Self {
            id: entry.id,
            kind: entry.what,
            alarm: entry.raised,
            rule: entry.rule.to_string(),
            name: entry.name.to_string(),
            severity: entry.severity,
            key: entry.key.to_string(),
            time: entry.time,
            received_at: entry.at,
            seen: entry.seen.to_string(),
            reason: entry.why,
            muted: entry.muted,
            by: Some(entry.by.to_string()).filter(|by| !by.is_empty()),
        }
    }
}

/// A page of what happened, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlarmEvents {
    /// As of when.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub cursor: Cursor,
    /// They.
    pub events: Vec<AlarmEvent>,
    /// What to send as `after` for what is older; null when there is no more.
    pub next: Option<u64>,
}

/// The query of `…/alarms`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlarmQuery {
    /// Only by this rule.
    pub rule: Option<String>,
    /// Only of this item.
    pub key: Option<String>,
    /// Only as grave as this, or graver.
    pub severity: Option<Severity>,
    /// Only those that somebody has seen, or nobody.
    pub acknowledged: Option<bool>,
    /// How many.
    pub limit: Option<usize>,
    /// Only what is older than this number: the `next` of the page before.
    pub after: Option<u64>,
}

impl AlarmQuery {
    /// Reads name–value pairs; every wrong one is named.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let mut query = Self::default();
        read_pairs(pairs, |name, value| query.set(name, value))?;
        Ok(query)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Wrong> {
        match name {
            "rule" => self.rule = Some(value.to_owned()),
            "key" => self.key = Some(value.to_owned()),
            "severity" => {
                let severity = Severity::named(value);
                self.severity = Some(severity.ok_or_else(|| "is info, warning or critical".to_owned())?);
            }
            "acknowledged" => {
                self.acknowledged = Some(value.parse().map_err(|_| "is true or false".to_owned())?);
            }
            "limit" => self.limit = Some(page_rows(value)?),
            "after" => {
                self.after = Some(value.parse().map_err(|_| "is the next of the page before".to_owned())?);
            }
            _ => return Err(Wrong::Unknown("rule, key, severity, acknowledged, limit and after")),
        }
        Ok(())
    }

    fn fits(&self, alarm: &StandingAlarm) -> bool {
        self.rule.as_ref().is_none_or(|rule| *rule == alarm.rule)
            && self.key.as_ref().is_none_or(|key| *key == alarm.key)
            && self.severity.is_none_or(|severity| alarm.severity >= severity)
            && self.acknowledged.is_none_or(|seen| alarm.acknowledged.is_some() == seen)
    }
}

impl Alarms {
    fn standing_alarm(
        &self,
        known: &Known,
        key: &str,
        item: &Item,
        state: &State,
        now: Millis,
    ) -> Option<StandingAlarm> {
        let raised = state.raised.as_ref()?;
        let seen_by = |seen: &super::Acknowledged| SeenBy { at: seen.at, by: seen.by.to_string() };
        Some(StandingAlarm {
            id: raised.event,
            rule: known.id.as_str().to_owned(),
            name: known.rule.title(&known.id).to_owned(),
            severity: known.rule.severity,
            key: key.to_owned(),
            since: raised.when.time,
            raised_at: raised.when.at,
            seen: Rules::seen(known, item).into(),
            acknowledged: raised.acknowledged.as_ref().map(seen_by),
            muted: self.turns.is_muted(known.id.as_str(), key, now),
        })
    }

    /// An alarm that stands, by the event that raised it.
    pub fn alarm(&self, event: u64, now: Millis) -> Option<StandingAlarm> {
        let key = self.turns.standing.get(&event)?;
        let item = self.items.get(key)?;
        let state = item.states.iter().find(|s| s.raised.as_ref().is_some_and(|r| r.event == event))?;
        self.standing_alarm(self.rules.get(state.rule)?, key, item, state, now)
    }

    /// A page of the alarms that stand.
    pub fn list(&self, query: &AlarmQuery, cursor: Cursor, now: Millis) -> AlarmList {
        let limit = query.limit.unwrap_or(limits::PAGE_ROWS);
        let events = self.turns.standing.range(..query.after.unwrap_or(u64::MAX)).rev().map(|(event, _)| *event);
        let mut fit = events.filter_map(|event| self.alarm(event, now)).filter(|alarm| query.fits(alarm));
        let alarms: Vec<_> = fit.by_ref().take(limit).collect();
        let next = fit.next().and_then(|_| alarms.last()).map(|alarm| alarm.id);
        let (count, not_raised) = self.counts();
        AlarmList { cursor, alarms, count, not_raised, muted: self.muted(now), next }
    }

    /// What is muted now.
    pub fn muted(&self, now: Millis) -> Vec<Mute> {
        let name = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let muted = self.turns.muted.iter().filter(|(_, until)| **until > now);
        muted.map(|((rule, key), until)| Mute { rule: name(rule), key: name(key), until: *until }).collect()
    }

    /// A page of what happened.
    pub fn events(&self, query: &LogQuery, cursor: Cursor) -> AlarmEvents {
        let limit = query.asked.limit.unwrap_or(limits::PAGE_ROWS);
        let (page, next) = self.log().page(query.asked.after, limit, |entry| query.fits(entry));
        AlarmEvents { cursor, events: page.into_iter().map(AlarmEvent::from).collect(), next }
    }

    fn standing_of(&self, slot: u32) -> usize {
        let alarms = self.turns.standing.iter().filter(|(event, key)| {
            let states = self.items.get(*key).map(|item| item.states.as_slice()).unwrap_or_default();
            states.iter().any(|s| s.rule == slot && s.raised.as_ref().is_some_and(|r| r.event == **event))
        });
        alarms.count()
    }

    /// A rule as it is shown.
    pub fn rule(&self, id: &RuleId) -> Option<ShownRule> {
        let slot = self.rules.slot(id)?;
        let known = self.rules.get(slot)?;
        let (rule, changed_at) = (known.rule.clone(), known.changed_at);
        Some(ShownRule { id: id.clone(), rule, changed_at, standing: self.standing_of(slot) })
    }

    /// All rules.
    pub fn rules(&self) -> RuleList {
        RuleList { rules: self.rules.iter().filter_map(|known| self.rule(&known.id)).collect() }
    }
}
