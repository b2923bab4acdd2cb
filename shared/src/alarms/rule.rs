//! A rule as managers write it: what must hold of an item for an alarm to be raised, and to be cleared.

use crate::fences::FenceId;
use crate::limits;
use crate::problem::{Code, FieldError, read_json};
use crate::views::filter::Condition;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A rule's name in addresses: 1 to 64 of letters, digits, `_`, `.` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RuleId(String);

impl RuleId {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same as a field's error.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        Self::try_from(text.to_owned()).map_err(|e| FieldError::new("id", Code::Invalid, e))
    }
}

impl TryFrom<String> for RuleId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        // A browser takes dots alone for the folder, or the one above.
        let dots = text == "." || text == "..";
        let ok = (1..=limits::ALARM_RULE_ID_BYTES).contains(&text.len()) && text.bytes().all(plain) && !dots;
        if ok { Ok(Self(text)) } else { Err("an id is 1 to 64 of letters, digits, _ . and -") }
    }
}

impl From<RuleId> for String {
    fn from(id: RuleId) -> Self {
        id.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How grave an alarm is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AlarmSeverity"))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Somebody should look.
    #[default]
    Warning,
    /// Somebody must look now.
    Critical,
}

impl Severity {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Info, Self::Warning, Self::Critical].into_iter().find(|severity| severity.name() == name)
    }
}

/// A rule as it is put. All that it says must hold of an item at the same time; at least one of `where`, `silent_s`,
/// `inside`, `outside` and `rank_at_most` is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AlarmRule {
    /// For people, such as "Too hot".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 120)))]
    pub name: Option<String>,
    /// How grave it is.
    #[serde(default)]
    pub severity: Severity,
    /// Conditions on the item, as in `where=`: `temp:gt:80`.
    #[serde(default, rename = "where", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::WHERE_CONDITIONS)))]
    pub conditions: Vec<String>,
    /// Nothing came of the item for so many seconds, by the server's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = limits::ALARM_SECONDS)))]
    pub silent_s: Option<u32>,
    /// The item is in this fence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<FenceId>,
    /// The item has a position, and is not in this fence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<FenceId>,
    /// The key is among the first so many of the board's ranking, as managers see it. Stands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = limits::ALARM_RANKS)))]
    pub rank_at_most: Option<u32>,
    /// It must hold for so many seconds before the alarm is raised.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "schema", schemars(range(max = limits::ALARM_SECONDS)))]
    pub for_s: u32,
    /// An alarm that `where` raised stands until all of these hold, such as `temp:lt:75`. Absent: until `where` no longer holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::WHERE_CONDITIONS)))]
    pub clear_where: Vec<String>,
    /// It must be over for so many seconds before the alarm is cleared.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "schema", schemars(range(max = limits::ALARM_SECONDS)))]
    pub clear_for_s: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_zero(seconds: &u32) -> bool {
    *seconds == 0
}

/// An example, for whoever sent something else.
const EXAMPLE: &str = r#"{"where":["temp:gt:80"],"for_s":30}"#;

impl AlarmRule {
    /// Reads what was put; every error names its field and what to write there.
    pub fn parse(text: &[u8]) -> Result<Self, Vec<FieldError>> {
        if text.trim_ascii_start().first() != Some(&b'{') {
            return Err(vec![FieldError::new("", Code::Invalid, format!("a rule is a JSON object: {EXAMPLE}"))]);
        }
        let rule: Self = read_json(text).map_err(|(field, message)| {
            let code = if message.starts_with("unknown field") { Code::UnknownField } else { Code::Invalid };
            vec![FieldError::new(field, code, message)]
        })?;
        let errors = rule.errors();
        if errors.is_empty() { Ok(rule) } else { Err(errors) }
    }

    fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut check = |ok: bool, field: &str, code, message: &str| {
            if !ok {
                errors.push(FieldError::new(field, code, format!("{field} {message}")));
            }
        };
        check(self.name.as_ref().is_none_or(|n| n.len() <= 120), "name", Code::TooLong, "has at most 120 bytes");
        let about_items =
            !self.conditions.is_empty() || self.silent_s.is_some() || self.inside.is_some() || self.outside.is_some();
        let says = about_items || self.rank_at_most.is_some();
        let message = format!(
            "is missing: say what raises the alarm, such as {EXAMPLE}, silent_s, inside, outside or rank_at_most"
        );
        check(says, "where", Code::Missing, &message);
        let alone = "stands alone: leave out where, silent_s, inside and outside, or make a rule of its own for them";
        check(self.rank_at_most.is_none() || !about_items, "rank_at_most", Code::Invalid, alone);
        let message = format!("is 1 to {}", limits::ALARM_RANKS);
        let ok = self.rank_at_most.is_none_or(|n| (1..=limits::ALARM_RANKS).contains(&n));
        check(ok, "rank_at_most", Code::OutOfRange, &message);
        let message = "is 1 second to 30 days (2592000)";
        let ok = self.silent_s.is_none_or(|s| (1..=limits::ALARM_SECONDS).contains(&s));
        check(ok, "silent_s", Code::OutOfRange, message);
        let message = "is 0 seconds to 30 days (2592000)";
        check(self.for_s <= limits::ALARM_SECONDS, "for_s", Code::OutOfRange, message);
        check(self.clear_for_s <= limits::ALARM_SECONDS, "clear_for_s", Code::OutOfRange, message);
        let needed = self.clear_where.is_empty() || !self.conditions.is_empty();
        check(needed, "clear_where", Code::Invalid, "belongs to where: leave it out, or say where the alarm is raised");
        for (field, texts) in [("where", &self.conditions), ("clear_where", &self.clear_where)] {
            if texts.len() > limits::WHERE_CONDITIONS {
                let message = format!("{field} has at most {} conditions", limits::WHERE_CONDITIONS);
                errors.push(FieldError::new(field, Code::TooMany, message));
            }
            for (n, text) in texts.iter().enumerate() {
                if let Err(why) = Condition::parse(text) {
                    let field = format!("{field}[{n}]");
                    errors.push(FieldError::new(field.clone(), Code::Invalid, format!("{field} {why}")));
                }
            }
        }
        errors
    }

    /// What it is called for people.
    pub fn title<'r>(&'r self, id: &'r RuleId) -> &'r str {
        self.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or(id.as_str())
    }

    /// The fences that it names.
    pub fn fences(&self) -> impl Iterator<Item = &FenceId> {
        self.inside.iter().chain(&self.outside)
    }
}
