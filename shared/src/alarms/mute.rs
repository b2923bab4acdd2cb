//! What managers ask to be muted.

use super::RuleId;
use crate::limits;
use crate::problem::{Code, FieldError, read_json};
use serde::{Deserialize, Serialize};

/// For a while nobody is told of a rule, of an item, or of an item by a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AlarmMuteWish"))]
#[serde(deny_unknown_fields)]
pub struct MuteWish {
    /// The rule; absent: all of them, of this item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleId>,
    /// The item; absent: all of them, by this rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// For so many seconds from now on; 0 ends it.
    #[cfg_attr(feature = "schema", schemars(range(max = limits::ALARM_SECONDS)))]
    pub for_s: u32,
}

impl MuteWish {
    /// Reads what was sent; every error names its field and what to write there.
    pub fn parse(text: &[u8]) -> Result<Self, Vec<FieldError>> {
        let wish: Self = read_json(text).map_err(|(field, message)| {
            let code = match &message {
                m if m.starts_with("unknown field") => Code::UnknownField,
                m if m.starts_with("missing field") => Code::Missing,
                _ => Code::Invalid,
            };
            vec![FieldError::new(field, code, message)]
        })?;
        let mut errors = Vec::new();
        if wish.rule.is_none() && wish.key.is_none() {
            let message = "say which rule, which key, or both: {\"rule\":\"hot\",\"for_s\":3600}";
            errors.push(FieldError::new("rule", Code::Missing, message));
        }
        if wish.key.as_ref().is_some_and(|key| !(1..=limits::KEY_BYTES).contains(&key.len())) {
            let message = format!("key is 1 to {} bytes, as keys of items are", limits::KEY_BYTES);
            errors.push(FieldError::new("key", Code::Invalid, message));
        }
        if wish.for_s > limits::ALARM_SECONDS {
            let message = "for_s is 0 seconds, which ends it, to 30 days (2592000)";
            errors.push(FieldError::new("for_s", Code::OutOfRange, message));
        }
        if errors.is_empty() { Ok(wish) } else { Err(errors) }
    }
}
