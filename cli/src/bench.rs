//! `heliograph bench`: the load of `cargo xtask bench feed`. One run is one scenario against one server; what it found
//! is printed as one JSON object. It sends, watches, measures and checks that every viewer ends with what was sent.

mod acks;
mod connection;
mod frames;
mod histogram;
mod load;
mod plan;
mod process;
mod publisher;
mod replay;
mod report;
pub mod scores;
mod server;
mod socket;
mod traffic;
mod viewers;
mod world;

use std::process::ExitCode;

use clap::Args;

use crate::error::CliError;

/// Options of the hidden command.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// What to measure
    #[arg(value_enum)]
    scenario: plan::Scenario,
    /// What is being measured
    #[arg(long, value_enum, default_value = "heliograph")]
    server: server::Server,
    /// How long to send
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Another number of viewers than the scenario's, to tell what they cost
    #[arg(long, value_name = "N")]
    viewers: Option<usize>,
    /// The server's process, for counting its CPU
    #[arg(long, value_name = "PID")]
    pid: Option<u32>,
}

/// Runs one scenario and prints its result.
pub async fn run(url: &str, args: BenchArgs) -> Result<ExitCode, CliError> {
    let address = server::address(url)?;
    let mut plan = args.scenario.plan();
    plan.viewers = args.viewers.unwrap_or(plan.viewers);
    let run = load::Run { plan, server: args.server, seconds: args.seconds, pid: args.pid, address };
    let report = load::run(&run).await.map_err(CliError::Failed)?;
    let is_right = report.is_right();
    say!("{}", report.to_json(args.scenario, &run));
    Ok(if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
