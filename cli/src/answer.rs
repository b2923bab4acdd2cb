//! The server's answer to an ingest request, read tolerantly: counts that are missing are zero.

use serde::Deserialize;
use std::collections::BTreeMap;

/// What became of one request's events.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
pub struct IngestAnswer {
    /// Events that are in the board now.
    #[serde(default)]
    pub accepted: u64,
    /// Events the board had already.
    #[serde(default)]
    pub duplicate: u64,
    /// Events the board refused.
    #[serde(default)]
    pub refused: u64,
    /// Accepted events that are older than their item's state: kept, but the item did not change.
    #[serde(default)]
    pub late: u64,
    /// Values that mean "not measured" and were dropped from accepted events.
    #[serde(default)]
    pub cleaned: u64,
    /// The same by code.
    #[serde(default)]
    pub cleaned_by: BTreeMap<String, u64>,
    /// The board's cursor after this request.
    #[serde(default)]
    pub cursor: Option<String>,
    /// What happened to the events that were not simply accepted.
    #[serde(default)]
    pub results: Vec<EventResult>,
}

/// What happened to one event.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
pub struct EventResult {
    /// Place of the event in the request, from 0.
    #[serde(default)]
    pub index: usize,
    /// `refused`, `duplicate` or `cleaned`.
    #[serde(default)]
    pub status: String,
    /// Stable machine-readable reason.
    #[serde(default)]
    pub code: Option<String>,
    /// The field that is wrong.
    #[serde(default)]
    pub field: Option<String>,
    /// A sentence for people.
    #[serde(default)]
    pub message: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_may_leave_out_what_is_zero_and_say_more_than_we_know() {
        let answer: IngestAnswer = serde_json::from_str(
            r#"{"accepted":98,"refused":1,"cursor":"e1:1042","new":true,"results":[{"index":17,"status":"refused","code":"null_island","message":"at 0,0"}]}"#,
        )
        .unwrap();
        assert_eq!((answer.accepted, answer.duplicate, answer.refused, answer.cleaned), (98, 0, 1, 0));
        assert_eq!(answer.results[0].code.as_deref(), Some("null_island"));
    }
}
