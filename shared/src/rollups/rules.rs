//! `rollups` in a board's config.

use super::step::Step;
use crate::limits;
use crate::problem::{Code, FieldError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is rolled up, and how long it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RollupRules {
    /// Whether numbers are rolled up at all.
    pub enabled: bool,
    /// Days that each step is kept; a step that is not named is kept for [`Step::kept_days`].
    pub keep_days: BTreeMap<Step, u32>,
    /// Fields of which quantiles can be asked, in steps of ten minutes and more.
    pub quantiles: Vec<String>,
}

impl Default for RollupRules {
    fn default() -> Self {
        Self { enabled: true, keep_days: BTreeMap::new(), quantiles: Vec::new() }
    }
}

impl RollupRules {
    /// Days that a step is kept.
    pub fn kept_days(&self, step: Step) -> u32 {
        self.keep_days.get(&step).copied().unwrap_or(step.kept_days())
    }

    /// What is wrong with them.
    pub fn errors(&self) -> Vec<FieldError> {
        let wrong = |(_, days): &(&Step, &u32)| !(1..=36_500).contains(*days);
        let days = self.keep_days.iter().filter(wrong).map(|(step, _)| {
            let field = format!("rollups.keep_days.{step}");
            let message = format!("{field} is 1 to 36,500 days");
            FieldError::new(field, Code::OutOfRange, message)
        });
        let many = (self.quantiles.len() > limits::QUANTILE_FIELDS).then(|| {
            let message = format!("rollups.quantiles names at most {} fields", limits::QUANTILE_FIELDS);
            FieldError::new("rollups.quantiles", Code::TooMany, message)
        });
        days.chain(many).collect()
    }
}
