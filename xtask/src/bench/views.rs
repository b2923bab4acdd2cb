//! `cargo xtask bench views`: a view of 1,000 items from our cache, from an Express route with SQLite, and from nginx.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::baseline::{BaselineArguments, judged};
use super::machine;
use crate::build;
use crate::error::{Failure, Outcome};
use crate::install;
use crate::steps::{self, say};
use crate::workspace::Workspace;

const SCRIPT: &str = "bench/views/views.mjs";
/// Measurements of one run; each warms up, goes flat out and then at a steady rate.
const MEASUREMENTS: u64 = 8;
/// How much longer than that a run may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// What `bench views` can be told.
#[derive(Args)]
pub struct ViewsArguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// How long each measurement takes, flat out and then at a steady rate.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=120))]
    seconds: u64,
    /// Measure what is built already.
    #[arg(long)]
    no_build: bool,
    #[command(flatten)]
    baseline: BaselineArguments,
}

/// By how much ratios to a peer differ from run to run on a quiet machine.
const SLACK: f64 = 0.2;

/// Measures, prints, and fails when a target was missed.
pub fn views(workspace: &Workspace, arguments: &ViewsArguments) -> Outcome<ExitCode> {
    if arguments.json {
        steps::keep_stdout_clean();
    }
    if !arguments.no_build {
        build::servers(workspace)?;
    }
    install::nginx(workspace)?;
    let mut command = build::node(workspace)?;
    command.args([SCRIPT, "--seconds", &arguments.seconds.to_string()]).env("HELIOGRAPH_ROOT", &workspace.root);
    let for_programs = arguments.json || arguments.baseline.is_asked();
    if for_programs {
        command.arg("--json");
    }
    let limit = Duration::from_secs(MEASUREMENTS * (2 * arguments.seconds + 2)) + PATIENCE;
    let finished = steps::watch(workspace, "bench views", &mut command, limit)?;
    let machine = machine::describe(workspace);
    let mut as_good = true;
    if for_programs {
        let line = finished.output.lines().rev().find(|line| line.starts_with('{'));
        let result = line.and_then(|line| serde_json::from_str::<Value>(line).ok());
        let mut result = result.ok_or_else(|| Failure::new(steps::tail(&finished.output, 5)))?;
        result["machine"] = machine;
        println!("{result}");
        as_good = arguments.baseline.apply(workspace, "views", &judged(&result), SLACK)?;
    } else {
        say(&machine.to_string());
        say(&finished.output);
    }
    Ok(if finished.status.success() && as_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
