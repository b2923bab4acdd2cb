//! `cargo xtask bench`: measurements, one module each.

mod feed;
mod machine;
mod rows;
mod servers;
mod size;
mod table;
mod targets;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::Outcome;
use crate::workspace::Workspace;

/// What can be measured.
#[derive(Subcommand)]
pub enum Bench {
    /// Ingest and fan-out, ours and two peers', with the same load on this machine.
    Feed(feed::FeedArguments),
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
        Bench::Feed(arguments) => feed::feed(workspace, arguments),
        Bench::Size { json } => size::size(workspace, *json),
    }
}
