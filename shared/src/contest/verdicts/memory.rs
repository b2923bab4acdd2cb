//! What is kept of a feed from one look at it to the next: what happened, and what a board was told of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::event::put;
use super::super::model::{Judgement, Submission};

/// What counts for a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Outcome {
    pub(super) key: String,
    pub(super) problem: String,
    pub(super) verdict: String,
    pub(super) solved: bool,
    pub(super) penalty: bool,
    /// Milliseconds on the contest's clock.
    pub(super) at: i64,
}

/// The last event of a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Last {
    pub(super) outcome: Outcome,
    /// The hash of all that it says.
    pub(super) content: u64,
    /// It says that the submission is not judged yet.
    pub(super) pending: bool,
}

/// What the events so far say of a submission.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) last: Option<Last>,
    /// How many told a verdict, or took one back.
    pub(super) events: u32,
    /// How many told that it is pending.
    pub(super) pendings: u32,
}

/// What the last event of a team says, as a hash, of when, and how many there were.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TeamTold {
    pub(super) content: u64,
    pub(super) time: i64,
    pub(super) events: u32,
}

/// What was handed in and judged, as far as a feed has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    pub(super) submissions: BTreeMap<String, Submission>,
    /// With the order in which they first appeared.
    pub(super) judgements: BTreeMap<String, (u64, Judgement)>,
    /// The judgements of each submission.
    pub(super) judged: BTreeMap<String, Vec<String>>,
    pub(super) appeared: u64,
    /// The latest time the feed has come to; none before anything happened.
    pub(super) clock: Option<i64>,
}

impl Happened {
    /// How many objects it is made of.
    pub fn objects(&self) -> usize {
        self.submissions.len() + self.judgements.len()
    }
}

/// What a board was told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub(super) submissions: BTreeMap<String, Told>,
    pub(super) teams: BTreeMap<String, TeamTold>,
    /// The latest time that something was known.
    pub(super) latest: Option<i64>,
}

impl Outcome {
    /// As an event's fields; without a verdict it is not judged yet.
    pub(super) fn fields(&self, submission: &str, verdict: Option<&str>) -> Map<String, Value> {
        let mut fields = Map::new();
        put(&mut fields, "submission", Some(submission.into()));
        put(&mut fields, "problem", Some(self.problem.as_str().into()));
        put(&mut fields, "verdict", verdict.map(Into::into));
        put(&mut fields, "solved", Some(self.solved.into()));
        put(&mut fields, "penalty", Some(self.penalty.into()));
        put(&mut fields, "minute", Some((self.at / 60_000).into()));
        fields
    }
}
