//! What a pipeline's steps are told, as a board's config states it.

use crate::id::BoardName;
use crate::scores::rule::Condition;
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One step: a name and exactly one kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Step {
    /// Its name in counters, answers and dead letters.
    pub name: String,
    /// Changes each event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map: Option<Map>,
    /// Lets events pass or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// Adds what is known elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrich: Option<Enrich>,
    /// Adds fields that are computed from others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derive: Option<Derive>,
    /// Makes one event of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<Aggregate>,
}

/// The kind of a step with what it is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepKind<'s> {
    /// Changes each event.
    Map(&'s Map),
    /// Lets events pass or not.
    Filter(&'s Filter),
    /// Adds what is known elsewhere.
    Enrich(&'s Enrich),
    /// Adds fields that are computed from others.
    Derive(&'s Derive),
    /// Makes one event of several.
    Aggregate(&'s Aggregate),
}

impl StepKind<'_> {
    /// Its name in the config.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Map(_) => "map",
            Self::Filter(_) => "filter",
            Self::Enrich(_) => "enrich",
            Self::Derive(_) => "derive",
            Self::Aggregate(_) => "aggregate",
        }
    }

    /// The jq program, where it is one.
    pub fn jq(&self) -> Option<&str> {
        match self {
            Self::Map(s) => s.jq.as_deref(),
            Self::Filter(s) => s.jq.as_deref(),
            Self::Derive(s) => s.jq.as_deref(),
            Self::Enrich(_) | Self::Aggregate(_) => None,
        }
    }
}

/// Changes each event. Without `jq` in this order: `number`, `scale`, `rename`, `set`, `only`, `drop`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Map {
    /// A jq program that makes the new event of the old one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jq: Option<String>,
    /// Fields whose text becomes a number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub number: Vec<String>,
    /// Numbers that are multiplied and moved.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub scale: BTreeMap<String, Scale>,
    /// New names by old ones; also to and from `key`, `id`, `time` and `position.…`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rename: BTreeMap<String, String>,
    /// Constants.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Value>,
    /// Only these fields stay.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// These fields go.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drop: Vec<String>,
}

/// A number becomes itself times `factor` plus `offset`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Scale {
    /// Multiplied with.
    pub factor: f64,
    /// Added then.
    pub offset: f64,
    /// Decimals that are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
}

impl Default for Scale {
    fn default() -> Self {
        Self { factor: 1.0, offset: 0.0, decimals: None }
    }
}

/// Lets events pass or not; one of the three.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// A jq program: events for which it yields `false` or `null` are filtered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jq: Option<String>,
    /// Only events for which all of these hold pass.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<Condition>,
    /// Events for which all of these hold are filtered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drop: Vec<Condition>,
}

/// Adds what is known elsewhere: in a table of the config, or in another board's items.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Enrich {
    /// What is looked up: the event's key, or a field.
    pub by: String,
    /// Fields by what is looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<BTreeMap<String, BTreeMap<String, Value>>>,
    /// The board whose items are looked into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub board: Option<BoardName>,
    /// Which fields are copied; all when empty. `position` copies an item's position.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Before the names of copied fields.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// What becomes of an event that nothing is known about.
    pub missing: Missing,
    /// By which right the other board is read; the server says so when the config is stored, whatever was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_as: Option<ReadAs>,
}

/// By which right a pipeline reads another board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReadAs {
    /// Its author's credential read that board.
    Owner,
    /// That board was public: it is read only while it is.
    Anyone,
}

impl Default for Enrich {
    fn default() -> Self {
        Self {
            by: "key".to_owned(),
            table: None,
            board: None,
            fields: Vec::new(),
            prefix: String::new(),
            missing: Missing::Keep,
            read_as: None,
        }
    }
}

/// What becomes of an event that nothing is known about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// It passes as it is.
    #[default]
    Keep,
    /// It is filtered.
    Filter,
    /// It is refused.
    Refuse,
}

/// Adds fields that are computed from others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Derive {
    /// A jq program that yields an object of the fields to add.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jq: Option<String>,
    /// Formulas by the field they make.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Formula>,
}

/// How a number is made of others; one of the first five. Where an operand is missing, nothing is made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Formula {
    /// The number itself, for `from` and `to`, `factor` and `offset`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// All added up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sum: Vec<String>,
    /// The first less the second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<[String; 2]>,
    /// All multiplied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub product: Vec<String>,
    /// The first through the second; nothing where the second is 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<[String; 2]>,
    /// The unit of the result so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The unit it is converted to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Multiplied with then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<f64>,
    /// Added then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<f64>,
    /// Decimals that are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
}

/// Makes one event of all that one request has of a key in a stretch of event time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Aggregate {
    /// How many seconds a stretch has.
    pub every_s: u32,
    /// What is made of a field's numbers, as `field_op`.
    pub fields: BTreeMap<String, Vec<AggregateOp>>,
    /// The field that says how many events went in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<String>,
}

/// What is made of several numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AggregateOp {
    /// How many there are.
    Count,
    /// Their sum.
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// Their mean.
    Avg,
    /// That of the latest event.
    Last,
}

impl AggregateOp {
    /// Its name in the config, and behind the field's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
            Self::Avg => "avg",
            Self::Last => "last",
        }
    }
}

impl Step {
    /// What kind it is; a valid step has one.
    pub fn kind(&self) -> Option<StepKind<'_>> {
        let kinds = [
            self.map.as_ref().map(StepKind::Map),
            self.filter.as_ref().map(StepKind::Filter),
            self.enrich.as_ref().map(StepKind::Enrich),
            self.derive.as_ref().map(StepKind::Derive),
            self.aggregate.as_ref().map(StepKind::Aggregate),
        ];
        let mut there = kinds.into_iter().flatten();
        there.next().filter(|_| there.next().is_none())
    }
}

#[cfg(test)]
mod tests;
