//! Queries: name–value pairs of which every wrong one is named.

use crate::problem::{Code, FieldError, Problem};

/// What is wrong with a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// There is no such parameter; the text lists those that there are.
    Unknown(&'static str),
    /// Its value is wrong: the rest of a sentence that begins with its name.
    Value(String),
}

impl From<String> for Wrong {
    fn from(sentence: String) -> Self {
        Self::Value(sentence)
    }
}

/// Gives every pair to `set`; the problem lists all that it refused.
pub fn read_pairs<'p>(
    pairs: impl Iterator<Item = (&'p str, &'p str)>,
    mut set: impl FnMut(&str, &str) -> Result<(), Wrong>,
) -> Result<(), Problem> {
    let mut errors = Vec::new();
    for (name, value) in pairs {
        match set(name, value) {
            Ok(()) => {}
            Err(Wrong::Unknown(known)) => {
                let message = format!("{name} is not known; there are {known}");
                errors.push(FieldError::new(name, Code::UnknownParameter, message));
            }
            Err(Wrong::Value(sentence)) => {
                errors.push(FieldError::new(name, Code::InvalidParameter, format!("{name} {sentence}")));
            }
        }
    }
    refuse(errors)
}

/// The problem of wrong parameters, if there are any.
pub fn refuse(errors: Vec<FieldError>) -> Result<(), Problem> {
    match errors.first() {
        None => Ok(()),
        Some(first) => {
            let (code, detail) = (first.code, first.message.clone());
            Err(Problem::with_status(400, code, detail).with_errors(errors))
        }
    }
}
