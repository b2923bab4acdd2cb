//! The one error of the worker, and what a caller is told about it.

use crate::reply;
use heliograph_shared::codec::DecodeError;
use heliograph_shared::id::BoardName;
use heliograph_shared::problem::{Code, Problem};
use worker::Response;

/// Why a request has no better answer.
#[derive(Debug)]
pub enum Fault {
    /// The caller is told.
    Problem(Problem),
    /// The log is told; the caller only that something went wrong here.
    Internal(String),
}

impl Fault {
    /// A problem with a code and a sentence.
    pub fn problem(code: Code, detail: impl Into<String>) -> Self {
        Self::Problem(Problem::new(code, detail))
    }

    /// Nothing is known under this path.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::problem(Code::NotFound, detail)
    }

    /// There is no such board.
    pub fn no_board(board: &BoardName) -> Self {
        Self::problem(Code::BoardNotFound, format!("there is no board {board}; PUT /v1/boards/{board} makes it"))
    }

    /// The registry can't be asked, and the answer can't be told without it.
    pub fn registry_away(detail: &'static str) -> Self {
        Self::Problem(Problem::new(Code::RegistryUnreachable, detail).retry_after(1))
    }

    /// What the caller is told; the rest goes to the log.
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Problem(p) => p,
            Self::Internal(cause) => {
                log_error!("internal error: {cause}");
                Problem::new(Code::Internal, "something went wrong here; it has been logged. Try again")
            }
        }
    }

    /// The answer.
    pub fn into_response(self) -> worker::Result<Response> {
        reply::problem(&self.into_problem())
    }
}

impl From<worker::Error> for Fault {
    fn from(e: worker::Error) -> Self {
        Self::Internal(e.to_string())
    }
}

impl From<DecodeError> for Fault {
    fn from(e: DecodeError) -> Self {
        Self::Internal(format!("an internal message is damaged: {e}"))
    }
}

impl From<serde_json::Error> for Fault {
    fn from(e: serde_json::Error) -> Self {
        Self::Internal(format!("internal JSON: {e}"))
    }
}

impl From<Problem> for Fault {
    fn from(p: Problem) -> Self {
        Self::Problem(p)
    }
}

/// What the worker's functions return.
pub type Answer<T> = Result<T, Fault>;
