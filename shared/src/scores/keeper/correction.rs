//! What managers may correct.

use crate::cursor::Seq;
use serde::{Deserialize, Serialize};

/// What a manager asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "CorrectionParts", into = "CorrectionParts")]
pub enum Correction {
    /// An event counts no more.
    Undo {
        /// Its sequence.
        seq: Seq,
        /// Why.
        reason: String,
    },
    /// A column is corrected.
    Adjust {
        /// Whose.
        key: String,
        /// Which.
        column: String,
        /// By how much.
        by: f64,
        /// Why.
        reason: String,
        /// In which session; the current one when absent.
        session: Option<String>,
    },
    /// A key has no rank any more.
    Disqualify {
        /// Whose.
        key: String,
        /// Why.
        reason: String,
    },
    /// It has one again.
    Restore {
        /// Whose.
        key: String,
        /// Why.
        reason: String,
    },
}

/// A correction as a request writes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct CorrectionParts {
    action: CorrectionKind,
    seq: Option<Seq>,
    key: Option<String>,
    column: Option<String>,
    by: Option<f64>,
    reason: Option<String>,
    session: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum CorrectionKind {
    Undo,
    Adjust,
    Disqualify,
    Restore,
}

impl TryFrom<CorrectionParts> for Correction {
    type Error = &'static str;

    fn try_from(parts: CorrectionParts) -> Result<Self, &'static str> {
        let reason = parts.reason.unwrap_or_default();
        let key = parts.key.ok_or("key is required");
        Ok(match parts.action {
            CorrectionKind::Undo => Self::Undo { seq: parts.seq.ok_or("seq is required")?, reason },
            CorrectionKind::Adjust => Self::Adjust {
                key: key?,
                column: parts.column.ok_or("column is required")?,
                by: parts.by.ok_or("by is required")?,
                reason,
                session: parts.session,
            },
            CorrectionKind::Disqualify => Self::Disqualify { key: key?, reason },
            CorrectionKind::Restore => Self::Restore { key: key?, reason },
        })
    }
}

impl From<Correction> for CorrectionParts {
    fn from(correction: Correction) -> Self {
        let empty = |action, reason| Self {
            action,
            reason: Some(reason),
            seq: None,
            key: None,
            column: None,
            by: None,
            session: None,
        };
        match correction {
            Correction::Undo { seq, reason } => Self { seq: Some(seq), ..empty(CorrectionKind::Undo, reason) },
            Correction::Adjust { key, column, by, reason, session } => Self {
                key: Some(key),
                column: Some(column),
                by: Some(by),
                session,
                ..empty(CorrectionKind::Adjust, reason)
            },
            Correction::Disqualify { key, reason } => {
                Self { key: Some(key), ..empty(CorrectionKind::Disqualify, reason) }
            }
            Correction::Restore { key, reason } => Self { key: Some(key), ..empty(CorrectionKind::Restore, reason) },
        }
    }
}
