//! `heliograph`: the command line. It replays recordings, simulates a fleet, publishes, follows a board's feed, mints
//! tokens and applies board configs, all over the public HTTP API and feed; it has no access the API does not give.
//!
//! Each command is a file in `commands/`; what can be said without I/O (columns, times, schedules, retries, summaries,
//! vehicle motion) lives in pure modules beside it and is tested there.

#[macro_use]
mod output;

mod backup;
mod basemap;
mod bench;
mod bridge;
mod cli;
mod clock;
mod commands;
mod error;
mod event;
mod feed;
mod http;
mod input;
mod interrupt;
mod replay;
mod send;
mod sim;
mod summary;
mod token;
mod warehouse;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // Fails only when a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("heliograph: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(commands::run(cli));
    // A reader blocked on standard input must not keep the program alive after its work is done.
    runtime.shutdown_background();
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("heliograph: {error}");
            error.exit_code()
        }
    }
}
