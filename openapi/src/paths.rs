//! The operations, one file for each group.

mod archive;
mod boards;
mod events;
mod items;
mod pipeline;
mod scores;
mod sessions;
mod tokens;

use crate::operation::Operation;
use crate::schemas::Schemas;
use heliograph_shared::limits;
use serde_json::{Value, json};

/// All operations.
pub fn all(schemas: &mut Schemas) -> Vec<Operation> {
    let mut all = events::all(schemas);
    all.extend(archive::all(schemas));
    all.extend(pipeline::all(schemas));
    all.extend(items::all(schemas));
    all.extend(scores::all(schemas));
    all.extend(sessions::all(schemas));
    all.extend(boards::all(schemas));
    all.extend(tokens::all(schemas));
    all
}

const JSON: &str = "application/json";

/// A whole number with its limits.
fn integer(least: u64, most: u64, default: Option<u64>) -> Value {
    let mut schema = json!({"type": "integer", "minimum": least, "maximum": most});
    if let Some(default) = default {
        schema["default"] = default.into();
    }
    schema
}

/// Text with a length.
fn text(most: usize) -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": most})
}

/// A key.
fn key() -> Value {
    text(limits::KEY_BYTES)
}

/// The number of rows of a page.
fn page_rows() -> Value {
    integer(1, limits::PAGE_ROWS_MAX as u64, Some(limits::PAGE_ROWS as u64))
}
