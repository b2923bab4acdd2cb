//! What went wrong, as one sentence that also says what to do.

use std::fmt::{self, Display};

/// A failure that ends the command. Its text is meant for the person at the terminal.
#[derive(Debug)]
pub struct Failure(String);

/// What fallible functions here return.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Puts the words "what was tried" before an error of the platform.
pub trait Explain<T> {
    /// `what` reads as a statement: "can't read Cargo.toml".
    fn explain(self, what: impl FnOnce() -> String) -> Outcome<T>;
}

impl<T, E: Display> Explain<T> for Result<T, E> {
    fn explain(self, what: impl FnOnce() -> String) -> Outcome<T> {
        self.map_err(|error| Failure(format!("{}: {error}", what())))
    }
}
