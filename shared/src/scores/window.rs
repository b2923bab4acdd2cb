//! Which rows of which ranking a viewer follows.

use crate::limits;
use serde::{Deserialize, Serialize};

/// What a scores subscription asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ScoreWindow {
    /// How many rows from `offset`.
    pub top: u32,
    /// How many rows are left out before.
    pub offset: u32,
    /// And the rows around this key.
    pub around: Option<String>,
    /// How many on each side of it.
    pub span: u32,
    /// Only this group: `field:value`.
    pub group: Option<String>,
    /// A session's id, or `all`; the open or latest one when absent.
    pub session: Option<String>,
    /// With a cell for each task in each row.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cells: bool,
}

impl Default for ScoreWindow {
    fn default() -> Self {
        Self {
            top: limits::SCORE_TOP,
            offset: 0,
            around: None,
            span: limits::SCORE_SPAN,
            group: None,
            session: None,
            cells: false,
        }
    }
}

impl ScoreWindow {
    /// Checks the limits; the error is the field and a sentence.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        if self.top > limits::SCORE_TOP_MAX {
            return Err(("top", format!("top is at most {}", limits::SCORE_TOP_MAX)));
        }
        if self.offset > limits::SCORE_OFFSET_MAX {
            return Err(("offset", format!("offset is at most {}", limits::SCORE_OFFSET_MAX)));
        }
        if self.span > limits::SCORE_SPAN_MAX {
            return Err(("span", format!("span is at most {}", limits::SCORE_SPAN_MAX)));
        }
        if let Some(key) = &self.around
            && let Err(e) = crate::id::check_key(key)
        {
            return Err(("around", format!("around {e}")));
        }
        if self.group.as_ref().is_some_and(|g| !g.contains(':') || g.len() > limits::SCORE_GROUP_BYTES) {
            return Err(("group", "group is field:value".to_owned()));
        }
        if self.session.as_ref().is_some_and(|s| s.is_empty() || s.len() > limits::SESSION_ID_BYTES) {
            return Err(("session", "session is a session's id, or all".to_owned()));
        }
        Ok(())
    }
}
