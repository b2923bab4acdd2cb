//! `tracks` in a board's config.

use crate::limits;
use crate::problem::{Code, FieldError};
use serde::{Deserialize, Serialize};

/// Whether the history of positions is kept, and how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TrackRules {
    /// Whether tracks are kept at all. Switched off, what there is goes too.
    pub enabled: bool,
    /// Days that fixes are kept, back from the newest one.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 3_650)))]
    pub keep_days: u32,
}

impl Default for TrackRules {
    fn default() -> Self {
        Self { enabled: true, keep_days: limits::TRACK_DAYS }
    }
}

impl TrackRules {
    /// Whether they are those of a config that says nothing.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with them.
    pub fn errors(&self) -> Option<FieldError> {
        (!(1..=limits::TRACK_DAYS_MAX).contains(&self.keep_days))
            .then(|| FieldError::new("tracks.keep_days", Code::OutOfRange, "tracks.keep_days is 1 to 3,650 days"))
    }
}
