//! `cargo xtask bench archive`: delivery to an object store on this machine, its lag, and what it costs ingest.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::machine;
use crate::build;
use crate::error::Outcome;
use crate::steps::{self, say};
use crate::workspace::Workspace;

const SCRIPT: &str = "bench/archive/archive.mjs";
/// How much longer than it sends at a rate a run may take: the outage, recovering, ingest flat out.
const PATIENCE: Duration = Duration::from_mins(4);

/// What `bench archive` can be told.
#[derive(Args)]
pub struct ArchiveArguments {
    /// How long to send at the rate.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u64).range(5..=600))]
    seconds: u64,
    /// Records a second.
    #[arg(long, value_name = "N", default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(200..=100_000))]
    rate: u64,
    /// Measure what is built already.
    #[arg(long)]
    no_build: bool,
}

/// Measures, prints, and fails when the rate or the lag was missed.
pub fn archive(workspace: &Workspace, arguments: &ArchiveArguments) -> Outcome<ExitCode> {
    if !arguments.no_build {
        build::set_up(workspace)?;
    }
    let mut command = build::node(workspace)?;
    command
        .arg(SCRIPT)
        .args(["--seconds", &arguments.seconds.to_string(), "--rate", &arguments.rate.to_string()])
        .env("HELIOGRAPH_ROOT", &workspace.root);
    let limit = Duration::from_secs(arguments.seconds) + PATIENCE;
    let finished = steps::watch(workspace, "bench archive", &mut command, limit)?;
    say(&machine::describe(workspace).to_string());
    say(&finished.output);
    Ok(if finished.status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
