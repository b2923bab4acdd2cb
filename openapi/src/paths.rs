//! The operations, one file for each group.

mod alarms;
mod audit;
mod backup;
mod boards;
mod connections;
mod delivery;
mod events;
mod fences;
mod history;
mod identity;
mod items;
mod layers;
mod letters;
mod scores;
mod sessions;
mod shares;
mod sources;
mod system;
mod tokens;
mod viewers;
mod views;
mod webhooks;

use crate::operation::Operation;
use crate::schemas::Schemas;
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use serde_json::{Value, json};

/// All operations.
pub fn all(schemas: &mut Schemas) -> Vec<Operation> {
    let mut all = events::all(schemas);
    all.extend(letters::all(schemas));
    all.extend(fences::all(schemas));
    all.extend(alarms::all(schemas));
    all.extend(webhooks::all(schemas));
    all.extend(layers::all(schemas));
    all.extend(items::all(schemas));
    all.extend(views::all(schemas));
    all.extend(history::all(schemas));
    all.extend(scores::all(schemas));
    all.extend(sessions::all(schemas));
    all.extend(system::all(schemas));
    all.extend(viewers::all(schemas));
    all.extend(boards::all(schemas));
    all.extend(backup::all(schemas));
    all.extend(delivery::all(schemas));
    all.extend(sources::all(schemas));
    all.extend(connections::all());
    all.extend(shares::all(schemas));
    all.extend(audit::all(schemas));
    all.extend(tokens::all(schemas));
    all.extend(identity::all(schemas));
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

/// A number as people write it: `8,388,608`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A key.
fn key() -> Value {
    text(limits::KEY_BYTES)
}

/// The number of rows of a page.
fn page_rows() -> Value {
    integer(1, limits::PAGE_ROWS_MAX as u64, Some(limits::PAGE_ROWS as u64))
}

/// A point in time, in a query.
fn time() -> Value {
    json!({
        "type": "string",
        "anyOf": [{"format": "date-time"}, {"pattern": "^[0-9]{12,13}$"}],
        "description": "RFC 3339, or epoch milliseconds.",
    })
}

/// The forms of a view.
fn format(names: &[&str]) -> Value {
    json!({"enum": names, "default": "json"})
}

/// What every view has: its form, and the ways in which asking for one fails.
fn view(operation: Operation, names: &[&str]) -> Operation {
    let about = "The form of the answer; the header `Accept` chooses as well.";
    operation
        .query("format", about, format(names))
        .versioned()
        .problem(Code::NotAcceptable)
        .problem(Code::DelayNotKept)
        .problem(Code::Overloaded)
}

const CSV: &str = "text/csv";
const ARROW: &str = "application/vnd.apache.arrow.stream";
const PARQUET: &str = "application/vnd.apache.parquet";
const LINES: &str = "application/x-ndjson";
const GEO: &str = "application/geo+json";

/// An answer that is a file.
fn binary() -> Value {
    json!({"type": "string", "format": "binary"})
}

/// An answer that is text.
fn lines() -> Value {
    json!({"type": "string"})
}
