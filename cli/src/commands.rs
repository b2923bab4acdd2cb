//! One file per command; this one only says which runs.

pub mod alarms;
pub mod basemap;
pub mod board;
pub mod bridge;
pub mod capacity;
pub mod fences;
pub mod item;
pub mod layers;
pub mod letters;
pub mod mint;
pub mod pipeline;
pub mod publish;
pub mod replay;
pub mod simulate;
pub mod sources;
pub mod tail;
pub mod warehouse;
pub mod webhooks;

use std::process::ExitCode;

use crate::bench;
use crate::cli::{Cli, Command};
use crate::error::CliError;
use crate::http::Api;

/// Runs the command that was asked for.
pub async fn run(cli: Cli) -> Result<ExitCode, CliError> {
    let api = Api::from_env(&cli.url)?;
    match cli.command {
        Command::Alarms(args) => alarms::run(&api, args).await,
        Command::Basemap(args) => basemap::run(args).await,
        Command::Board(args) => board::run(&api, args).await,
        Command::Bridge(args) => bridge::run(&api, args).await,
        Command::Capacity(args) => Ok(capacity::run(&args)),
        Command::Fences(args) => fences::run(&api, args).await,
        Command::Item(args) => item::run(&api, args).await,
        Command::Layers(args) => layers::run(&api, args).await,
        Command::Letters(args) => letters::run(&api, args).await,
        Command::Mint(args) => mint::run(&api, &args).await,
        Command::Pipeline(args) => pipeline::run(&api, args).await,
        Command::Publish(args) => publish::run(&api, args).await,
        Command::Sources(args) => sources::run(&api, args).await,
        Command::Tail(args) => tail::run(&api, args).await,
        Command::Replay(args) => replay::run(&api, args).await,
        Command::Simulate(args) => simulate::run(&api, args).await,
        Command::Warehouse(args) => warehouse::run(&api, args).await,
        Command::Webhooks(args) => webhooks::run(&api, args).await,
        Command::Bench(args) => bench::run(&cli.url, args).await,
        Command::BenchScores(args) => bench::scores::run(&cli.url, args).await,
    }
}
