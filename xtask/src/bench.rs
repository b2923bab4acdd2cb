//! `cargo xtask bench`: measurements, one module each.

mod size;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::Outcome;
use crate::workspace::Workspace;

/// What can be measured.
#[derive(Subcommand)]
pub enum Bench {
    /// What the pages and the worker weigh, against their limits.
    Size {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// Runs one measurement.
pub fn run(workspace: &Workspace, what: &Bench) -> Outcome<ExitCode> {
    match what {
        Bench::Size { json } => size::size(workspace, *json),
    }
}
