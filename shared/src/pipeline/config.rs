//! What a pipeline's steps are told, as a board's config states it.

use super::units;
use crate::id::{BoardName, check_field_name};
use crate::limits;
use crate::problem::FieldError;
use crate::scores::rule::{Condition, condition_errors};
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

/// Gathers what is wrong, each with its place.
struct Errors {
    list: Vec<FieldError>,
}

impl Errors {
    fn check(&mut self, ok: bool, field: impl Into<String>, code: &'static str, message: &str) {
        if !ok {
            let field = field.into();
            let message = format!("{field} {message}");
            self.list.push(FieldError::new(field, code, message));
        }
    }

    fn names<'n>(&mut self, names: impl IntoIterator<Item = &'n String>, at: &str) {
        for (count, name) in names.into_iter().enumerate() {
            if count == limits::PIPELINE_NAMES {
                let message = format!("names at most {} fields", limits::PIPELINE_NAMES);
                return self.check(false, at, "too_many", &message);
            }
            self.check(check_field_name(name).is_ok(), at, "invalid", "names fields of 1 to 64 bytes");
        }
    }

    fn jq(&mut self, code: Option<&String>, at: &str) {
        let most = limits::JQ_PROGRAM_BYTES;
        let fits = code.is_none_or(|c| !c.trim().is_empty() && c.len() <= most);
        self.check(fits, format!("{at}.jq"), "invalid", &format!("is a program of 1 to {most} bytes"));
    }

    fn number(&mut self, n: f64, at: String) {
        self.check(n.is_finite() && n.abs() <= 1e15, at, "out_of_range", "is a number within ±10^15");
    }

    fn decimals(&mut self, decimals: Option<u8>, at: &str) {
        let ok = decimals.is_none_or(|d| d <= 12);
        self.check(ok, format!("{at}.decimals"), "out_of_range", "is 0 to 12");
    }

    fn map(&mut self, map: &Map, at: &str) {
        self.jq(map.jq.as_ref(), at);
        let lists = map.number.len() + map.scale.len() + map.rename.len() + map.set.len();
        let some = lists + map.only.len() + map.drop.len() > 0;
        self.check(
            some != map.jq.is_some(),
            at,
            "invalid",
            "has jq, or some of number, scale, rename, set, only, drop",
        );
        self.names(&map.number, &format!("{at}.number"));
        self.names(map.scale.keys(), &format!("{at}.scale"));
        for (name, scale) in &map.scale {
            let place = format!("{at}.scale.{name}");
            self.number(scale.factor, format!("{place}.factor"));
            self.number(scale.offset, format!("{place}.offset"));
            self.decimals(scale.decimals, &place);
        }
        self.names(map.rename.iter().flat_map(|(from, to)| [from, to]), &format!("{at}.rename"));
        let targets: std::collections::BTreeSet<&String> = map.rename.values().collect();
        let once = targets.len() == map.rename.len();
        self.check(once, format!("{at}.rename"), "duplicate", "gives two fields the same name");
        self.names(map.set.keys(), &format!("{at}.set"));
        let sized = map.set.values().all(|v| !matches!(v, Value::Text(t) if t.len() > limits::TEXT_VALUE_BYTES));
        self.check(sized, format!("{at}.set"), "too_long", "has texts of at most 1,024 bytes");
        self.names(&map.only, &format!("{at}.only"));
        self.names(&map.drop, &format!("{at}.drop"));
    }

    fn filter(&mut self, filter: &Filter, at: &str) {
        self.jq(filter.jq.as_ref(), at);
        let given = [filter.jq.is_some(), !filter.keep.is_empty(), !filter.drop.is_empty()];
        let one = given.into_iter().filter(|g| *g).count() == 1;
        self.check(one, at, "invalid", "has one of keep, drop and jq");
        self.list.extend(condition_errors(&filter.keep, &format!("{at}.keep")));
        self.list.extend(condition_errors(&filter.drop, &format!("{at}.drop")));
    }

    fn enrich(&mut self, enrich: &Enrich, at: &str) {
        let one = enrich.table.is_some() != enrich.board.is_some();
        self.check(one, at, "invalid", "has one of table and board");
        self.names([&enrich.by], &format!("{at}.by"));
        self.names(&enrich.fields, &format!("{at}.fields"));
        let prefix_ok =
            enrich.prefix.len() <= limits::FIELD_NAME_BYTES / 2 && !enrich.prefix.chars().any(char::is_control);
        self.check(prefix_ok, format!("{at}.prefix"), "invalid", "has at most 32 bytes and no control characters");
        for (row, fields) in enrich.table.iter().flatten() {
            let place = format!("{at}.table");
            let key_ok = !row.is_empty() && row.len() <= limits::TEXT_VALUE_BYTES;
            self.check(key_ok, &*place, "invalid", "has rows under 1 to 1,024 bytes");
            let fields_ok = fields.iter().all(|(name, value)| {
                check_field_name(name).is_ok() && !matches!(value, Value::Text(t) if t.len() > limits::TEXT_VALUE_BYTES)
            });
            let message = format!("has a row {:?} whose names or texts are too long", crate::problem::excerpt(row));
            self.check(fields_ok && fields.len() <= limits::FIELDS_PER_EVENT, &*place, "too_long", &message);
        }
    }

    fn derive(&mut self, derive: &Derive, at: &str) {
        self.jq(derive.jq.as_ref(), at);
        self.check(derive.fields.is_empty() == derive.jq.is_some(), at, "invalid", "has one of fields and jq");
        self.names(derive.fields.keys(), &format!("{at}.fields"));
        for (name, formula) in &derive.fields {
            self.formula(formula, &format!("{at}.fields.{name}"));
        }
    }

    fn formula(&mut self, f: &Formula, at: &str) {
        let given =
            [f.of.is_some(), !f.sum.is_empty(), f.difference.is_some(), !f.product.is_empty(), f.ratio.is_some()];
        let one = given.into_iter().filter(|g| *g).count() == 1;
        self.check(one, at, "invalid", "has one of of, sum, difference, product and ratio");
        let pairs = f.difference.iter().chain(&f.ratio).flatten();
        self.names(f.of.iter().chain(&f.sum).chain(&f.product).chain(pairs), at);
        let units_ok = match (&f.from, &f.to) {
            (None, None) => true,
            (Some(from), Some(to)) => units::convert(0.0, from, to).is_some(),
            _ => false,
        };
        let message = format!("and from are two units of one kind, of {}", units::NAMES);
        self.check(units_ok, format!("{at}.to"), "unknown_unit", &message);
        self.number(f.factor.unwrap_or(1.0), format!("{at}.factor"));
        self.number(f.offset.unwrap_or(0.0), format!("{at}.offset"));
        self.decimals(f.decimals, at);
    }

    fn aggregate(&mut self, a: &Aggregate, at: &str) {
        let every_ok = (1..=86_400).contains(&a.every_s);
        self.check(every_ok, format!("{at}.every_s"), "out_of_range", "is 1 to 86,400 seconds");
        self.names(a.fields.keys().chain(&a.count), &format!("{at}.fields"));
        for (name, ops) in &a.fields {
            let place = format!("{at}.fields.{name}");
            self.check(!ops.is_empty(), &*place, "missing", "has at least one of count, sum, min, max, avg and last");
            let distinct: std::collections::BTreeSet<_> = ops.iter().collect();
            self.check(distinct.len() == ops.len(), &*place, "duplicate", "names each operation once");
            let fits = name.len() + "_count".len() <= limits::FIELD_NAME_BYTES;
            self.check(fits, place, "too_long", "is too long a name to stand before _count");
        }
    }
}

/// What is wrong with a pipeline.
pub fn pipeline_errors(steps: &[Step]) -> Vec<FieldError> {
    let mut errors = Errors { list: Vec::new() };
    let most = limits::PIPELINE_STEPS;
    errors.check(steps.len() <= most, "pipeline", "too_many", &format!("has at most {most} steps"));
    let rows: usize = steps.iter().filter_map(|s| s.enrich.as_ref()?.table.as_ref()).map(BTreeMap::len).sum();
    let most = limits::PIPELINE_TABLE_ROWS;
    errors.check(rows <= most, "pipeline", "too_many", &format!("has at most {most} rows in its tables"));
    let boards = steps.iter().filter(|s| s.enrich.as_ref().is_some_and(|e| e.board.is_some())).count();
    let most = limits::PIPELINE_BOARDS;
    errors.check(boards <= most, "pipeline", "too_many", &format!("looks into other boards in at most {most} steps"));
    for (i, step) in steps.iter().enumerate().take(limits::PIPELINE_STEPS) {
        let at = format!("pipeline[{i}]");
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let named = !step.name.is_empty() && step.name.len() <= 40 && step.name.chars().all(word);
        errors.check(named, format!("{at}.name"), "invalid", "is 1 to 40 of letters, digits, _ and -");
        let once = steps.iter().filter(|o| o.name == step.name).count() == 1;
        errors.check(once, format!("{at}.name"), "duplicate", "stands for one step only");
        match step.kind() {
            None => errors.check(false, at, "invalid", "has one of map, filter, enrich, derive and aggregate"),
            Some(StepKind::Map(map)) => errors.map(map, &format!("{at}.map")),
            Some(StepKind::Filter(filter)) => errors.filter(filter, &format!("{at}.filter")),
            Some(StepKind::Enrich(enrich)) => errors.enrich(enrich, &format!("{at}.enrich")),
            Some(StepKind::Derive(derive)) => errors.derive(derive, &format!("{at}.derive")),
            Some(StepKind::Aggregate(aggregate)) => errors.aggregate(aggregate, &format!("{at}.aggregate")),
        }
    }
    errors.list
}

#[cfg(test)]
mod tests;
