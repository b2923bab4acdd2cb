//! `cargo xtask bench sources`: records through each envelope, beside our own NDJSON with as many records a request.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::baseline::{BaselineArguments, judged};
use super::machine;
use crate::build;
use crate::error::{Failure, Outcome};
use crate::steps::{self, say};
use crate::workspace::Workspace;

const SCRIPT: &str = "bench/sources/sources.mjs";
/// Measurements of one run; each warms up for a second.
const MEASUREMENTS: u64 = 40;
/// How much longer than that a run may take: a day of positions, where it is asked for, takes minutes.
const PATIENCE: Duration = Duration::from_mins(15);
/// By how much shares differ from run to run on a quiet machine.
const SLACK: f64 = 0.1;

/// What `bench sources` can be told.
#[derive(Args)]
pub struct SourcesArguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// How long each measurement takes.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=120))]
    seconds: u64,
    /// Envelopes, `kinesis`, `put_record_batch`, `sqs`, `put_events`, `dynamodb`, `jq` and `flaky`, with commas between them;
    /// all but the last when it is missing.
    #[arg(long, value_name = "NAMES", default_value = "")]
    only: String,
    /// Measure what is built already.
    #[arg(long)]
    no_build: bool,
    #[command(flatten)]
    baseline: BaselineArguments,
}

/// Measures, prints, and fails when a target was missed.
pub fn sources(workspace: &Workspace, arguments: &SourcesArguments) -> Outcome<ExitCode> {
    if arguments.json {
        steps::keep_stdout_clean();
    }
    if !arguments.no_build {
        build::set_up(workspace)?;
    }
    let mut command = build::node(workspace)?;
    let seconds = arguments.seconds.to_string();
    command.args([SCRIPT, "--seconds", &seconds, "--only", &arguments.only]).env("HELIOGRAPH_ROOT", &workspace.root);
    let for_programs = arguments.json || arguments.baseline.is_asked();
    if for_programs {
        command.arg("--json");
    }
    let limit = Duration::from_secs(MEASUREMENTS * (arguments.seconds + 1)) + PATIENCE;
    let finished = steps::watch(workspace, "bench sources", &mut command, limit)?;
    let machine = machine::describe(workspace);
    let mut as_good = true;
    if for_programs {
        let line = finished.output.lines().rev().find(|line| line.starts_with('{'));
        let result = line.and_then(|line| serde_json::from_str::<Value>(line).ok());
        let mut result = result.ok_or_else(|| Failure::new(steps::tail(&finished.output, 5)))?;
        result["machine"] = machine;
        println!("{result}");
        as_good = arguments.baseline.apply(workspace, "sources", &judged(&result), SLACK)?;
    } else {
        say(&machine.to_string());
        say(&finished.output);
    }
    Ok(if finished.status.success() && as_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
