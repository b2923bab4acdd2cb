//! The rules of a scoreboard, as a board's config states them.

use super::points::Points;
use crate::limits;
use crate::problem::{Code, FieldError};
use crate::scores::direction::Direction;
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod task;
mod window;

pub use task::TaskRule;
pub use window::{CalendarPeriod, TimeWindow};

/// How events become standings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ScoreRules {
    /// What is counted; the first column decides first.
    pub columns: Vec<ColumnRule>,
    /// Only events for which all of these hold are counted.
    #[serde(default)]
    pub filter: Vec<Condition>,
    /// Who is ahead when all columns are equal.
    #[serde(default)]
    pub ties: Ties,
    /// Which stretch of time is counted.
    #[serde(default)]
    pub window: TimeWindow,
    /// Fields whose values are groups, each with a board of its own.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The field that holds a name for people.
    #[serde(default = "default_name")]
    pub name: String,
    /// Whether keys without a counted event are ranked too, with nothing.
    #[serde(default)]
    pub everyone: bool,
    /// A later event of the same key with the same value of this field replaces the earlier one.
    #[serde(default)]
    pub entry: Option<String>,
    /// How attempts at tasks are judged, for `solved` and `penalty`.
    #[serde(default)]
    pub attempts: Option<Attempts>,
}

fn default_name() -> String {
    "name".to_owned()
}

/// One column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ColumnRule {
    /// Its name in answers.
    pub name: String,
    /// What is done with the events.
    pub op: Operator,
    /// The field it is done with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Or a constant an event is worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Which end is the top.
    #[serde(default)]
    pub direction: Direction,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Behind the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// What a column does with the events of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Adds the values up.
    Sum,
    /// Counts the events (that have the field, if one is named).
    Count,
    /// The best value in the column's direction.
    Best,
    /// The smallest value.
    Min,
    /// The value with the latest event time.
    Last,
    /// The mean of the values.
    Avg,
    /// How many different values there are.
    Set,
    /// How many tasks have a right attempt.
    Solved,
    /// Over solved tasks: minutes at the first right attempt, and some for each wrong one before it.
    Penalty,
    /// The minute of the latest attempt that solved a task: who is earlier is ahead where a contest's rules say so.
    LastSolved,
}

/// Who is ahead when all columns are equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    /// Whoever got there first, by event time.
    #[default]
    FirstToReach,
    /// Nobody: the same rank, and the next rank counts them all (1-2-2-4).
    Shared,
    /// Nobody: the same rank, and the next rank follows (1-2-2-3).
    Dense,
}

impl Ties {
    /// The rank of the row at a position, behind one of rank `before`.
    pub const fn next_rank(self, before: u32, position: u32, like_before: bool) -> u32 {
        match (self, like_before) {
            (Self::Shared | Self::Dense, true) => before,
            (Self::Dense, false) => before + 1,
            (Self::FirstToReach, _) | (Self::Shared, false) => position,
        }
    }
}

/// How attempts at tasks are judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Attempts {
    /// The field that names the task.
    pub per: String,
    /// An attempt is right when all of these hold.
    pub right: Vec<Condition>,
    /// An attempt that is not right costs something when all of these hold.
    #[serde(default)]
    pub wrong: Vec<Condition>,
    /// The field with the minute of the attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<String>,
    /// What a wrong attempt before the right one costs.
    #[serde(default)]
    pub wrong_minutes: f64,
    /// An attempt is not judged yet when all of these hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Condition>,
    /// Whether the public sees of a frozen ranking how often each task was tried since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counts_hidden: bool,
    /// The tasks in order: with them each row has a cell for each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<TaskRule>,
}

/// A condition on one field of an event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Condition {
    /// The field.
    pub field: String,
    /// It has this value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<Value>,
    /// It has one of these values.
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<Value>>,
    /// It has another value than this, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not: Option<Value>,
    /// It is a number not below this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// It is a number not above this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// It is there, or it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
}

impl Condition {
    /// Whether it holds for a field's value.
    pub fn holds(&self, value: Option<&Value>) -> bool {
        let number = value.and_then(Value::as_number);
        self.equals.as_ref().is_none_or(|v| value == Some(v))
            && self.one_of.as_ref().is_none_or(|list| value.is_some_and(|v| list.contains(v)))
            && self.not.as_ref().is_none_or(|v| value != Some(v))
            && self.at_least.is_none_or(|n| number.is_some_and(|v| v >= n))
            && self.at_most.is_none_or(|n| number.is_some_and(|v| v <= n))
            && self.exists.is_none_or(|there| value.is_some() == there)
    }

    fn tests(&self) -> usize {
        [
            self.equals.is_some(),
            self.one_of.is_some(),
            self.not.is_some(),
            self.at_least.is_some(),
            self.at_most.is_some(),
            self.exists.is_some(),
        ]
        .into_iter()
        .filter(|there| *there)
        .count()
    }
}

/// What is wrong with a list of conditions at `path`.
pub fn condition_errors(list: &[Condition], path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let most = limits::SCORE_CONDITIONS;
    if list.len() > most {
        errors.push(FieldError::new(path, Code::TooMany, format!("{path} has at most {most} conditions")));
    }
    for (i, c) in list.iter().enumerate() {
        let at = format!("{path}[{i}]");
        if crate::id::check_field_name(&c.field).is_err() {
            let field = format!("{at}.field");
            errors.push(FieldError::new(&*field, Code::Invalid, format!("{field} is a field's name")));
        }
        if c.tests() != 1 {
            let message = format!("{at} has one of equals, in, not, at_least, at_most and exists");
            errors.push(FieldError::new(at, Code::Invalid, message));
        }
    }
    errors
}

/// Whether events belong to sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SessionRules {
    /// Events outside an open session are refused and kept as dead letters.
    pub required: bool,
    /// How many seconds after a session's end its own events are still taken.
    pub grace_s: u32,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self { required: false, grace_s: 10 }
    }
}

/// What players' events must keep to. Whoever may manage the board is no player.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PlayerRules {
    /// Least and most of number fields.
    pub bounds: BTreeMap<String, [f64; 2]>,
    /// Events a second under one key; twice as many may come at once.
    pub per_second: Option<f64>,
    /// Whether an event must have an id, so that one sent twice counts once.
    pub require_id: bool,
    /// Fields that only managers set: a player's event does not mention them, not with null either.
    pub leader: Vec<String>,
}

impl ScoreRules {
    /// What is wrong with the rules.
    pub fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut check = |ok: bool, field: &str, code: Code, message: &str| {
            if !ok {
                errors.push(FieldError::new(field, code, format!("{field} {message}")));
            }
        };
        let field_ok = |name: &str| crate::id::check_field_name(name).is_ok();
        let most = limits::SCORE_COLUMNS;
        check(!self.columns.is_empty(), "scores.columns", Code::Missing, "has at least one column");
        check(self.columns.len() <= most, "scores.columns", Code::TooMany, &format!("has at most {most} columns"));
        for (i, c) in self.columns.iter().enumerate() {
            let at = |part: &str| format!("scores.columns[{i}].{part}");
            let plain = !c.name.is_empty()
                && c.name.len() <= limits::FIELD_NAME_BYTES
                && c.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            check(plain, &at("name"), Code::Invalid, "is 1 to 64 of letters, digits, _ and -");
            let once = self.columns.iter().filter(|o| o.name == c.name).count() == 1;
            check(once, &at("name"), Code::Duplicate, "stands for one column only");
            check(c.field.as_deref().is_none_or(field_ok), &at("field"), Code::Invalid, "is a field's name");
            check(
                !(c.field.is_some() && c.value.is_some()),
                &at("value"),
                Code::Invalid,
                "and field exclude each other",
            );
            let sized = c.value.is_none_or(|v| v.abs() <= 1e9);
            check(sized, &at("value"), Code::OutOfRange, "is within ±1,000,000,000");
            let labels =
                c.label.as_ref().is_none_or(|l| l.len() <= 120) && c.unit.as_ref().is_none_or(|u| u.len() <= 24);
            check(labels, &at("label"), Code::TooLong, "has at most 120 bytes, and unit at most 24");
            match c.op {
                Operator::Sum => {
                    let some = c.field.is_some() || c.value.is_some();
                    check(some, &at("field"), Code::Missing, "or value is required: what is added up");
                }
                Operator::Best | Operator::Min | Operator::Last | Operator::Avg | Operator::Set => {
                    check(c.field.is_some(), &at("field"), Code::Missing, "is required: whose values are looked at");
                }
                Operator::Count => {
                    check(c.value.is_none(), &at("value"), Code::Invalid, "does not go with count: use sum");
                }
                Operator::Solved | Operator::Penalty | Operator::LastSolved => {
                    check(
                        self.attempts.is_some(),
                        "scores.attempts",
                        Code::Missing,
                        "is required for solved, penalty and last_solved",
                    );
                    let none = c.field.is_none() && c.value.is_none();
                    check(
                        none,
                        &at("field"),
                        Code::Invalid,
                        "does not go with solved, penalty and last_solved: attempts says it all",
                    );
                }
            }
        }
        errors.extend(condition_errors(&self.filter, "scores.filter"));
        if let Some(a) = &self.attempts {
            errors.extend(condition_errors(&a.right, "scores.attempts.right"));
            errors.extend(condition_errors(&a.wrong, "scores.attempts.wrong"));
            errors.extend(condition_errors(&a.pending, "scores.attempts.pending"));
            errors.extend(task::task_errors(&a.tasks));
        }
        let mut check = |ok: bool, field: &str, code: Code, message: &str| {
            if !ok {
                errors.push(FieldError::new(field, code, format!("{field} {message}")));
            }
        };
        if let Some(a) = &self.attempts {
            check(field_ok(&a.per), "scores.attempts.per", Code::Invalid, "is a field's name");
            check(!a.right.is_empty(), "scores.attempts.right", Code::Missing, "has at least one condition");
            let minutes_ok = a.minutes.as_deref().is_none_or(field_ok);
            check(minutes_ok, "scores.attempts.minutes", Code::Invalid, "is a field's name");
            let cost_ok = (0.0..=1e6).contains(&a.wrong_minutes);
            check(cost_ok, "scores.attempts.wrong_minutes", Code::OutOfRange, "is 0 to 1,000,000");
        }
        let groups_ok = self.groups.len() <= limits::SCORE_GROUPINGS && self.groups.iter().all(|g| field_ok(g));
        let message = format!("names at most {} fields", limits::SCORE_GROUPINGS);
        check(groups_ok, "scores.groups", Code::Invalid, &message);
        check(field_ok(&self.name), "scores.name", Code::Invalid, "is a field's name");
        check(self.entry.as_deref().is_none_or(field_ok), "scores.entry", Code::Invalid, "is a field's name");
        match &self.window {
            TimeWindow::All => {}
            TimeWindow::Rolling { seconds } => {
                let ok = (60..=31_536_000).contains(seconds);
                check(ok, "scores.window.seconds", Code::OutOfRange, "is a minute to a year");
            }
            TimeWindow::Calendar { zone, .. } => {
                let ok = !zone.is_empty() && zone.len() <= 64;
                check(ok, "scores.window.zone", Code::Invalid, "is an IANA time zone such as Europe/Berlin");
            }
        }
        errors
    }

    /// What the event is worth in a column without a field.
    pub fn constant(column: &ColumnRule) -> Points {
        column.value.map_or(Points::ONE, Points::of)
    }
}

impl PlayerRules {
    /// What is wrong with the rules.
    pub fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.bounds.len() > 64 {
            errors.push(FieldError::new("players.bounds", Code::TooMany, "players.bounds names at most 64 fields"));
        }
        for (name, [least, most]) in &self.bounds {
            if least > most {
                let field = format!("players.bounds.{name}");
                let message = format!("{field} is [least, most], and the least is above the most");
                errors.push(FieldError::new(field, Code::Invalid, message));
            }
        }
        if self.leader.len() > 64 || self.leader.iter().any(|f| crate::id::check_field_name(f).is_err()) {
            errors.push(FieldError::new("players.leader", Code::Invalid, "players.leader names at most 64 fields"));
        }
        if self.per_second.is_some_and(|n| !(0.01..=1_000.0).contains(&n)) {
            let message = "players.per_second is 0.01 to 1,000";
            errors.push(FieldError::new("players.per_second", Code::OutOfRange, message));
        }
        errors
    }
}

#[cfg(test)]
mod tests;
