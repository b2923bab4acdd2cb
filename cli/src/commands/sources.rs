//! `heliograph sources`: what a source would make of a sample.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use heliograph_shared::api::sources::{RecordTried, SampleTried};
use reqwest::Method;
use serde_json::{Value, json};

use crate::error::CliError;
use crate::http::{Api, read};
use crate::input;

/// Arguments of `sources`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    heliograph sources dry-run fleet buses sample.json\n  \
    heliograph sources dry-run fleet buses sample.json --jq '{key: .id, fields: {n}}'\n  \
    heliograph sources dry-run fleet buses buses.csv --content-type text/csv")]
pub struct SourcesArgs {
    #[command(subcommand)]
    action: SourcesAction,
}

#[derive(Debug, Subcommand)]
enum SourcesAction {
    /// Print what a source would make of a sample, record by record; nothing is kept
    DryRun {
        /// Name of the board
        board: String,
        /// Name of the source
        source: String,
        /// A file with what a sender sends; `-` reads standard input
        sample: PathBuf,
        /// Another program than the source's; an empty one: none
        #[arg(long, value_name = "PROGRAM")]
        jq: Option<String>,
        /// Another envelope than the source's
        #[arg(long, value_name = "NAME")]
        envelope: Option<String>,
        /// What the sender says that it is
        #[arg(long, value_name = "TYPE")]
        content_type: Option<String>,
        /// Print the server's answer as it is
        #[arg(long)]
        json: bool,
    },
}

/// Runs `sources`.
pub async fn run(api: &Api, args: SourcesArgs) -> Result<ExitCode, CliError> {
    let SourcesAction::DryRun { board, source, sample, jq, envelope, content_type, json } = args.action;
    let mut body = json!({ "body": input::text(&sample)? });
    for (name, value) in [("jq", jq), ("envelope", envelope)] {
        if let Some(value) = value {
            body[name] = value.into();
        }
    }
    if let Some(kind) = content_type {
        body["headers"] = json!({ "content-type": kind });
    }
    let segments = ["v1", "boards", &board, "sources", &source, "dry-run"];
    let answer = api.call(Method::POST, &segments, Some(&body)).await?;
    if json {
        say!("{answer}");
        return Ok(ExitCode::SUCCESS);
    }
    let tried: SampleTried = read(answer)?;
    for (number, record) in (1..).zip(&tried.records) {
        print(number, record);
    }
    if tried.more > 0 {
        say!("{} more records were not tried", tried.more);
    }
    let refused = tried.records.iter().any(|record| record.code.is_some());
    Ok(if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn print(number: usize, record: &RecordTried) {
    let RecordTried { input, yielded, events, code, field, message } = record;
    say!("record {number}: {}", input.trim());
    if let Some(yielded) = yielded {
        let lines: Vec<String> = yielded.iter().map(Value::to_string).collect();
        say!("  yields  {}", if lines.is_empty() { "nothing".to_owned() } else { lines.join(" ") });
    }
    for event in events {
        say!("  event   {event}");
    }
    if let Some(code) = code {
        let at = field.as_ref().map(|field| format!(" at {field}")).unwrap_or_default();
        say!("  refused {code}{at}: {}", message.as_deref().unwrap_or_default());
    }
}
