//! `cargo xtask chaos`: a real worker at work while it is killed, frozen and cut off (docs/chaos.md).

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::build;
use crate::error::Outcome;
use crate::process::{self, Running};
use crate::workspace::Workspace;

const SCRIPT: &str = "e2e/chaos/main.mjs";
const POLL: Duration = Duration::from_millis(100);

/// How long, and what.
#[derive(Args)]
pub struct ChaosArguments {
    /// For how many minutes; parts of one count too, such as 0.5.
    #[arg(long, value_name = "N", default_value_t = 10.0)]
    minutes: f64,
    /// Which schedule: the same seed and minutes are the same faults at the same times.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: i64,
    /// Only these faults of the schedule, such as `server.kill,net.cut`.
    #[arg(long, value_name = "FAULTS")]
    only: Option<String>,
    /// Print the schedule and do nothing.
    #[arg(long)]
    plan: bool,
    /// Run what is built.
    #[arg(long)]
    no_build: bool,
}

/// Runs it; its exit code is 1 when something differs in the end.
pub fn chaos(workspace: &Workspace, arguments: &ChaosArguments) -> Outcome<ExitCode> {
    if !arguments.no_build && !arguments.plan {
        build::servers(workspace)?;
    }
    let mut command = build::node(workspace)?;
    command
        .arg(SCRIPT)
        .arg(format!("--minutes={}", arguments.minutes))
        .arg(format!("--seed={}", arguments.seed))
        .env("HELIOGRAPH_ROOT", &workspace.root);
    command.args(arguments.only.as_ref().map(|only| format!("--only={only}")));
    command.args(arguments.plan.then_some("--plan"));
    let mut running = Running::start(&mut command)?;
    loop {
        process::pause(POLL)?;
        if let Some(status) = running.ended()? {
            return Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
    }
}
