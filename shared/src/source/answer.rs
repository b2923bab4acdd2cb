//! What senders are answered.

use crate::ingest::IngestAnswer;
use crate::problem::{Code, Problem};

/// The answer to a request to a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The media type.
    pub kind: &'static str,
    /// The body.
    pub body: Vec<u8>,
    /// After how many seconds it is worth another try.
    pub retry_after_s: Option<u32>,
}

impl Reply {
    /// A JSON answer.
    pub fn json(status: u16, body: Vec<u8>) -> Self {
        Self { status, kind: "application/json", body, retry_after_s: None }
    }

    /// An answer as the API gives it: what became of the records, or problem JSON.
    pub fn plain(outcome: Result<&IngestAnswer, &Problem>) -> Self {
        match outcome {
            Ok(answer) => Self::json(200, serde_json::to_vec(answer).unwrap_or_default()),
            Err(problem) => Self::problem(problem, problem.status),
        }
    }

    /// Problem JSON under a status.
    pub fn problem(problem: &Problem, status: u16) -> Self {
        let told = Problem {
            errors: problem.errors.clone(),
            retry_after_s: problem.retry_after_s,
            ..Problem::with_status(status, problem.code, problem.detail.as_str())
        };
        let body = serde_json::to_vec(&told).unwrap_or_default();
        Self { status, kind: "application/problem+json", body, retry_after_s: problem.retry_after_s }
    }

    /// The same for senders that give up what a 4xx refuses: what will pass is a 503 to them.
    pub fn patient(problem: &Problem) -> Self {
        let mut reply = Self::problem(problem, lasting(problem));
        if reply.status == 503 {
            reply.retry_after_s = Some(problem.retry_after_s.unwrap_or(5).max(1));
        }
        reply
    }
}

/// The status of a problem for senders to whom 429 and 507 are the end of a record.
pub fn lasting(problem: &Problem) -> u16 {
    match problem.status {
        429 | 500 | 507 => 503,
        status => status,
    }
}

/// Whether a problem is about what was sent, and would be the same at the next try.
pub fn is_poison(problem: &Problem) -> bool {
    matches!(problem.status, 400 | 413 | 415 | 422) && problem.code != Code::BodyBroken
}
