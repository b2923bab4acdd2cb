//! `heliograph pipeline`: what a board's pipeline has done, and what it would make of some events.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

use crate::error::CliError;
use crate::http::Api;

/// Arguments of `pipeline`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    heliograph pipeline show --board buses\n  \
    heliograph pipeline try --board buses events.json\n  \
    heliograph pipeline try --board buses --config buses.json events.ndjson")]
pub struct PipelineArgs {
    #[command(subcommand)]
    action: PipelineAction,
}

#[derive(Debug, Subcommand)]
enum PipelineAction {
    /// Print each step's counters
    Show {
        /// Name of the board
        #[arg(long, short)]
        board: String,
        /// Print the server's answer as it is
        #[arg(long)]
        json: bool,
    },
    /// Print what each step would make of a file's events; nothing is kept
    Try {
        /// Name of the board
        #[arg(long, short)]
        board: String,
        /// A config file whose pipeline is tried, instead of the board's own
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Events: an object, an array, or one object a line
        events: PathBuf,
        /// Print the server's answer as it is
        #[arg(long)]
        json: bool,
    },
}

/// Runs `pipeline`.
pub async fn run(api: &Api, args: PipelineArgs) -> Result<ExitCode, CliError> {
    match args.action {
        PipelineAction::Show { board, json } => {
            let answer = api.call(Method::GET, &["v1", "boards", &board, "pipeline"], None).await?;
            if json { say!("{answer:#}") } else { print_steps(&answer) }
        }
        PipelineAction::Try { board, config, events, json } => {
            let mut body = json!({"events": events_of(&read(&events)?, &events)?});
            if let Some(file) = config {
                let shown = file.display();
                let config: Value = serde_json::from_str(&read(&file)?)
                    .map_err(|error| CliError::failed(format!("{shown} is not JSON: {error}")))?;
                let pipeline = config.get("pipeline").cloned();
                body["pipeline"] = pipeline.ok_or_else(|| CliError::failed(format!("{shown} has no pipeline")))?;
            }
            let answer = api.call(Method::POST, &["v1", "boards", &board, "pipeline", "try"], Some(&body)).await?;
            if json { say!("{answer:#}") } else { print_try(&answer) }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(file).map_err(|error| CliError::failed(format!("cannot read {}: {error}", file.display())))
}

/// The events of a file: JSON, or a JSON object a line.
fn events_of(text: &str, file: &Path) -> Result<Value, CliError> {
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(value);
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let events: Result<Vec<Value>, CliError> = lines
        .map(|(i, line)| {
            serde_json::from_str(line)
                .map_err(|error| CliError::failed(format!("{}, line {}: {error}", file.display(), i + 1)))
        })
        .collect();
    events.map(Value::Array)
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or("-")
}

fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or(0)
}

fn print_steps(answer: &Value) {
    say!(
        "{:<24} {:<10} {:>10} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "step",
        "kind",
        "in",
        "out",
        "filtered",
        "merged",
        "failed",
        "mean µs"
    );
    for step in list(answer, "steps") {
        let n = |name: &str| number(step, name);
        say!(
            "{:<24} {:<10} {:>10} {:>10} {:>10} {:>10} {:>10} {:>10}",
            text(step, "name"),
            text(step, "kind"),
            n("in"),
            n("out"),
            n("filtered"),
            n("merged"),
            n("failed"),
            n("mean_micros")
        );
        if let Some(failure) = step.get("last_failure").filter(|f| !f.is_null()) {
            say!("  last failure: {}: {}", text(failure, "code"), text(failure, "message"));
        }
    }
}

fn print_try(answer: &Value) {
    for step in list(answer, "steps") {
        say!("{} ({}): {} in, {} out", text(step, "name"), text(step, "kind"), number(step, "in"), number(step, "out"));
        for record in list(step, "records") {
            let index = number(record, "index");
            if let Some(event) = record.get("event") {
                say!("  {index} {event}");
            } else if record.get("code").is_some() {
                say!("  {index} refused: {}: {}", text(record, "code"), text(record, "message"));
            } else {
                say!("  {index} {}", if record.get("merged").is_some() { "merged" } else { "filtered" });
            }
        }
    }
    let refused = list(answer, "refused");
    say!("{} events for the board, {} refused", list(answer, "events").len(), refused.len());
    for record in refused.iter().filter(|r| r.get("step").is_none()) {
        say!("  {} refused: {}: {}", number(record, "index"), text(record, "code"), text(record, "message"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_as_json_or_as_lines() {
        let events = |text: &str| events_of(text, Path::new("e.json"));
        assert_eq!(events(r#"{"key":"a"}"#).unwrap(), json!({"key": "a"}));
        assert_eq!(events("[1, 2]").unwrap(), json!([1, 2]));
        assert_eq!(events("{\"key\":\"a\"}\n\n{\"key\":\"b\"}\n").unwrap(), json!([{"key": "a"}, {"key": "b"}]));
        assert!(events("{\"key\":\"a\"}\n{").unwrap_err().to_string().contains("e.json, line 2"));
    }
}
