//! `heliograph warehouse`: how far a board's delivery is, and what a warehouse needs to read it.

use heliograph_shared::problem::Code;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use heliograph_shared::archive::target::Place;
use reqwest::Method;
use serde_json::Value;

use crate::error::CliError;
use crate::http::Api;
use crate::warehouse::{Dialect, Table, columns_of_archive, columns_of_items, format_of_archive};

/// Arguments of `warehouse`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    heliograph warehouse ddl --board fleet --dialect redshift\n  \
    heliograph warehouse ddl --board fleet --dialect duckdb | duckdb fleet.db\n  \
    heliograph warehouse status --board fleet")]
pub struct WarehouseArgs {
    #[command(subcommand)]
    action: WarehouseAction,
}

#[derive(Debug, Subcommand)]
enum WarehouseAction {
    /// Print the statements that make a board's table and load it
    #[command(after_help = "Example:\n  heliograph warehouse ddl --board fleet --dialect athena --table buses")]
    Ddl {
        /// Name of the board
        #[arg(long)]
        board: String,
        /// The warehouse
        #[arg(long)]
        dialect: Dialect,
        /// Name of the table, when it is not the board's
        #[arg(long)]
        table: Option<String>,
    },
    /// Print how far a board's delivery is
    #[command(after_help = "Example:\n  heliograph warehouse status --board fleet --json")]
    Status {
        /// Name of the board
        #[arg(long)]
        board: String,
        /// Print the server's answer as it is
        #[arg(long)]
        json: bool,
    },
}

/// Runs `warehouse`.
pub async fn run(api: &Api, args: WarehouseArgs) -> Result<ExitCode, CliError> {
    match args.action {
        WarehouseAction::Ddl { board, dialect, table } => {
            let name = table.unwrap_or_else(|| board.replace('-', "_"));
            if !is_table_name(&name) {
                let message = format!("--table {name:?}: a table's name is 1 to 63 letters, digits and _");
                return Err(CliError::usage(message));
            }
            let status = api.call(Method::GET, &["v1", "boards", &board, "archive"], None).await?;
            let place = place(&board, &status)?;
            let mut columns = columns_of_archive(&status);
            if columns.list().is_empty() && columns.typed().is_empty() {
                let items = api.call(Method::GET, &["v1", "boards", &board, "items"], None).await?;
                columns = columns_of_items(&items);
            }
            print!("{}", Table::new(&name, &board, place, format_of_archive(&status), &columns).statements(dialect));
        }
        WarehouseAction::Status { board, json } => {
            let status = api.call(Method::GET, &["v1", "boards", &board, "archive"], None).await?;
            if json { say!("{status}") } else { say!("{}", line(&board, &status)) }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Where a board's objects lie.
fn place(board: &str, status: &Value) -> Result<Place, CliError> {
    let state = status.pointer("/state").and_then(Value::as_str).unwrap_or_default();
    let told = status.pointer("/error/message").and_then(Value::as_str).unwrap_or_default();
    match status.get("target") {
        None | Some(Value::Null) if state == "off" => {
            Err(CliError::failed(format!("board {board} is not delivered: its config has no `archive`")))
        }
        None | Some(Value::Null) => Err(CliError::failed(format!("board {board} is not delivered: {told}"))),
        Some(place) => serde_json::from_value(place.clone())
            .map_err(|error| CliError::failed(format!("the target of {board} is not understood: {error}"))),
    }
}

fn is_table_name(name: &str) -> bool {
    (1..=63).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn line(board: &str, status: &Value) -> String {
    let text = |pointer: &str| status.pointer(pointer).and_then(Value::as_str).unwrap_or("-");
    let number = |pointer: &str| status.pointer(pointer).and_then(Value::as_f64).unwrap_or_default();
    let mut line = format!(
        "{board}: {}, delivered {} of {}, {} records wait, lag {:.1} s",
        text("/state"),
        text("/delivered"),
        text("/cursor"),
        number("/backlog/records"),
        number("/lag_ms") / 1_000.0,
    );
    if text("/state") == Code::TargetUnknown {
        line = format!("{line}; {}", text("/error/message"));
    }
    if text("/state") == "failing" {
        line = format!("{line}; {} ({} times)", text("/error/message"), number("/error/times"));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_failing_delivery_is_told_with_its_reason() {
        let status = json!({
            "state": "failing", "cursor": "e1:20", "delivered": "e1:5", "backlog": {"records": 15}, "lag_ms": 2_500,
            "error": {"message": "the target answered 503 SlowDown", "times": 3},
        });
        let expected = "fleet: failing, delivered e1:5 of e1:20, 15 records wait, lag 2.5 s; \
                        the target answered 503 SlowDown (3 times)";
        assert_eq!(line("fleet", &status), expected);
    }

    #[test]
    fn names_of_tables_are_plain() {
        assert!(is_table_name("quiz_7b") && !is_table_name("a\"b") && !is_table_name(""));
    }
}
