//! `cargo xtask`: everything a person or CI does with this repository, as one program.
//!
//! Each command lives in a module of its own; this file only says which commands there are.
//! A command ends with a plain sentence and exit code 1 when something is wrong, never with a backtrace.

#[cfg(test)]
mod agreement;
mod bench;
mod build;
mod chaos;
mod client;
mod clock;
mod data;
mod deploy;
#[cfg(test)]
mod docs;
mod error;
mod fingerprint;
mod http;
mod inline;
mod install;
#[cfg(test)]
mod layers;
mod lint;
mod minify;
mod native;
mod pages;
mod plan;
mod process;
mod profile;
mod serve;
mod simulate;
mod site;
mod steps;
mod suites;
mod summary;
mod test;
#[cfg(test)]
mod texts;
mod tools;
mod transform;
mod up;
mod worker;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Outcome;
use crate::workspace::Workspace;

/// Heliograph's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing, build, and run the worker, the example boards and a demo fleet.
    Up {
        /// Port to listen on, on 127.0.0.1.
        #[arg(long, default_value_t = 8787)]
        port: u16,
        /// Where boards and keys are kept.
        #[arg(long, value_name = "DIR", default_value = ".heliograph/data")]
        data: PathBuf,
        /// Don't start the simulated fleet.
        #[arg(long)]
        no_demo: bool,
    },
    /// Install what is missing, build, and run every test; ends with `N passed, N failed`.
    Test {
        /// Run one suite: fmt, clippy, clippy-wasm, native, live or browser.
        #[arg(long, value_name = "SUITE")]
        only: Option<suites::Suite>,
    },
    /// Build the release artefacts: the site in dist/, the worker's scripts in worker/build/ and
    /// transform/build/, the command-line program, the npm package in clients/js/dist/.
    Dist {
        /// Make a folder for a static host such as S3 too: infra/README.md.
        #[arg(long, value_name = "DIR")]
        site: Option<PathBuf>,
        /// The server's origin, such as https://live.example.com, when the site has another.
        #[arg(long, value_name = "ORIGIN", default_value = "", requires = "site")]
        api: String,
        /// Make the folder of what lies in dist/, whatever it was built from.
        #[arg(long, requires = "site")]
        as_built: bool,
        /// Leave out the command-line program, which is no part of a deployment.
        #[arg(long)]
        no_program: bool,
    },
    /// Build and deploy both scripts to Cloudflare, in order; refused when a secret is missing.
    Deploy {
        /// Do all of it but the upload.
        #[arg(long)]
        dry_run: bool,
        /// A JSON file of the secrets' names and values, to be set with the deployment.
        #[arg(long, value_name = "FILE")]
        secrets: Option<PathBuf>,
    },
    /// Run the simulation of boards, relays and viewers over many seeds.
    Simulate {
        /// How many seeds.
        #[arg(long, value_name = "N", default_value_t = 100)]
        seeds: u64,
        /// The first of them.
        #[arg(long, value_name = "SEED", default_value_t = 1_000)]
        from: u64,
        /// Print the scenarios of the JSON feed instead, a line of JSON for each thing that a client meets.
        #[arg(long)]
        json: bool,
    },
    /// Kill, freeze, cut off and starve a real worker by a seeded schedule while it works, and compare all it says in the end.
    Chaos(chaos::ChaosArguments),
    /// Measure.
    Bench {
        #[command(subcommand)]
        what: bench::Bench,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.command) {
        Ok(code) => code,
        Err(failure) => {
            if let Some(code) = process::stopped_by() {
                println!("stopped");
                return ExitCode::from(code);
            }
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Outcome<ExitCode> {
    let workspace = Workspace::find()?;
    process::end_children_on_signals()?;
    match command {
        Command::Up { port, data, no_demo } => up::up(&workspace, port, &data, !no_demo),
        Command::Test { only } => test::test(&workspace, only),
        Command::Dist { site, api, as_built, no_program } => {
            match as_built || deploy::has_built() {
                true => {}
                false if no_program => build::for_deployment(&workspace, false)?,
                false => build::set_up(&workspace)?,
            }
            if let Some(folder) = site {
                site::pack(&workspace, &folder, &api)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Deploy { dry_run, secrets } => deploy::deploy(&workspace, secrets.as_deref(), dry_run),
        Command::Simulate { seeds, from, json } => simulate::simulate(&workspace, seeds, from, json),
        Command::Chaos(arguments) => chaos::chaos(&workspace, &arguments),
        Command::Bench { what } => bench::run(&workspace, &what),
    }
}
