//! What happened to alarms, the newest of it: raised, cleared, acknowledged.

use super::rule::Severity;
use crate::journal::{Asked, Journal, Noted};
use crate::limits;
use crate::problem::Problem;
use crate::time::Millis;
use crate::views::query::{Wrong, read_pairs};
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AlarmEventKind"))]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// An alarm was raised.
    Raise,
    /// It is over.
    Clear,
    /// Somebody has seen it.
    Acknowledge,
}

impl What {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raise => "raise",
            Self::Clear => "clear",
            Self::Acknowledge => "acknowledge",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Raise, Self::Clear, Self::Acknowledge].into_iter().find(|what| what.name() == name)
    }
}

/// Why it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AlarmReason"))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The rule holds, or no longer does.
    Rule,
    /// The item ended.
    Ended,
    /// The rule was changed, and it does not hold by what it is now.
    RuleChanged,
    /// The rule was deleted.
    RuleDeleted,
    /// Somebody did it.
    Person,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number on the board.
    pub id: u64,
    /// What.
    pub what: What,
    /// Which rule, and how grave it was then.
    pub rule: Box<str>,
    /// How grave it was then.
    pub severity: Severity,
    /// What the rule was called then.
    pub name: Box<str>,
    /// Of which item.
    pub key: Box<str>,
    /// When, as event time; by the board's clock of what no event did.
    pub time: Millis,
    /// When the board learned of it.
    pub at: Millis,
    /// The event that raised the alarm; its own number where it did.
    pub raised: u64,
    /// What the item had in the columns of the rule: `temp=81.5`.
    pub seen: Box<str>,
    /// Why.
    pub why: Reason,
    /// Whether the rule or the item was muted: nobody is told then.
    pub muted: bool,
    /// Who did it, where somebody did.
    pub by: Box<str>,
}

impl Noted for Entry {
    fn id(&self) -> u64 {
        self.id
    }

    fn set_id(&mut self, id: u64) {
        self.id = id;
        if self.what == What::Raise {
            self.raised = id;
        }
    }

    fn at(&self) -> Millis {
        self.at
    }

    fn key(&self) -> &str {
        &self.key
    }
}

/// The newest entries.
pub type Log = Journal<Entry, { limits::ALARM_EVENTS }>;

/// The query of `…/alarms/events`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// When, of which item, and which page.
    pub asked: Asked,
    /// Only by this rule.
    pub rule: Option<String>,
    /// Only this.
    pub kind: Option<What>,
}

impl LogQuery {
    /// Reads name–value pairs; every wrong one is named.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let mut query = Self::default();
        read_pairs(pairs, |name, value| query.set(name, value))?;
        query.asked.check()?;
        Ok(query)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Wrong> {
        if self.asked.set(name, value)? {
            return Ok(());
        }
        match name {
            "rule" => self.rule = Some(value.to_owned()),
            "kind" => {
                let what = What::named(value);
                self.kind = Some(what.ok_or_else(|| "is raise, clear or acknowledge".to_owned())?);
            }
            _ => return Err(Wrong::Unknown("from, to, key, rule, kind, limit and after")),
        }
        Ok(())
    }

    pub(super) fn fits(&self, entry: &Entry) -> bool {
        self.asked.fits(entry.time, &entry.key)
            && self.rule.as_ref().is_none_or(|rule| **rule == *entry.rule)
            && self.kind.is_none_or(|kind| kind == entry.what)
    }
}
