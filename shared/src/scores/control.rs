//! What managers do to a scoreboard, as rows of the log: a replay does the same again.

use super::points::Points;
use super::rule::ScoreRules;
use super::session::{Schedule, SessionAction};
use crate::cursor::Seq;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A row of the log that is no batch of events. It begins with `{`, a batch with its version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Control {
    /// When it was done, or as of when it counts.
    pub at: Millis,
    /// Who did it: the subject of the token, or what kind of key.
    pub by: String,
    /// What.
    #[serde(rename = "do")]
    pub what: Action,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// From here on the ranking is made by these rules; none: there is no ranking.
    Rules {
        /// The rules.
        rules: Option<Box<ScoreRules>>,
    },
    /// A session was made.
    CreateSession {
        /// Its id.
        id: String,
        /// For people.
        title: String,
        /// What it does by itself.
        schedule: Schedule,
        /// With this code players join.
        code: Option<String>,
    },
    /// Something was done to a session.
    Session {
        /// Which.
        id: String,
        /// What.
        action: SessionAction,
        /// The new schedule, for `schedule`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        schedule: Option<Schedule>,
        /// Whose row is shown, for `reveal_step`, or hidden again, for `reveal_back`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
    /// An event counts no more.
    Undo {
        /// The event's sequence.
        seq: Seq,
        /// Why.
        reason: String,
    },
    /// A column is corrected.
    Adjust {
        /// Whose.
        key: String,
        /// Which column.
        column: String,
        /// By how much, in millionths.
        by_millionths: i64,
        /// In which session, besides the ranking over all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<String>,
        /// Why.
        reason: String,
    },
    /// A key has no rank any more.
    Disqualify {
        /// Whose.
        key: String,
        /// Why.
        reason: String,
    },
    /// Items ended.
    EndItems {
        /// Which.
        keys: Vec<String>,
    },
    /// It has one again.
    Restore {
        /// Whose.
        key: String,
        /// Why.
        reason: String,
    },
}

impl Control {
    /// Whether a row of the log is one of these.
    pub fn is_one(row: &[u8]) -> bool {
        row.first() == Some(&b'{')
    }

    /// Reads a row.
    pub fn decode(row: &[u8]) -> Option<Self> {
        serde_json::from_slice(row).ok()
    }

    /// Writes a row.
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// As managers see it in the audit trail.
    pub fn to_json(&self, seq: Seq) -> serde_json::Value {
        let mut v = match &self.what {
            Action::Rules { rules } => json!({"action": "rules", "columns": rules.as_ref().map(|r| r.columns.len())}),
            Action::CreateSession { id, title, schedule, .. } => json!({
                "action": "create_session",
                "session": id,
                "title": title,
                "opens_at": schedule.opens_at,
                "freezes_at": schedule.freezes_at,
                "closes_at": schedule.closes_at,
            }),
            Action::Session { id, action, key, .. } => json!({"action": action, "session": id, "key": key}),
            Action::Undo { seq, reason } => json!({"action": "undo", "event": seq, "reason": reason}),
            Action::Adjust { key, column, by_millionths, session, reason } => json!({
                "action": "adjust",
                "key": key,
                "column": column,
                "by_points": Points(*by_millionths),
                "session": session,
                "reason": reason,
            }),
            Action::Disqualify { key, reason } => json!({"action": "disqualify", "key": key, "reason": reason}),
            Action::EndItems { keys } => json!({"action": "end_items", "keys": keys}),
            Action::Restore { key, reason } => json!({"action": "restore", "key": key, "reason": reason}),
        };
        v["seq"] = seq.into();
        v["time"] = self.at.0.into();
        v["by"] = self.by.as_str().into();
        v
    }
}
