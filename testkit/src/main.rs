//! `heliograph-simulate`: the simulation over many seeds, or one seed's scenario for the test of another client.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use heliograph_testkit::scenario;
use heliograph_testkit::simulation::{Weather, simulate};

/// Steps of one run.
const STEPS: usize = 300;

/// Runs the simulation over many seeds.
#[derive(Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, value_name = "N", default_value_t = 100)]
    seeds: u64,
    /// The first of them.
    #[arg(long, value_name = "SEED", default_value_t = 1_000)]
    from: u64,
    /// Print what the viewers of the JSON feed are told, and what they must have, as a line of JSON each.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seeds = arguments.from..arguments.from.saturating_add(arguments.seeds);
    let mut out = io::stdout().lock();
    let mut failed = 0_u64;
    for seed in seeds {
        let weather = Weather::of(seed);
        let ran = if arguments.json {
            scenario::record(seed, weather, STEPS).map(|lines| {
                // A reader that went away has what it wanted.
                lines.iter().all(|line| writeln!(out, "{line}").is_ok())
            })
        } else {
            simulate(seed, weather, STEPS).map(|()| true)
        };
        match ran {
            Ok(true) => {}
            Ok(false) => return ExitCode::SUCCESS,
            Err(why) => {
                failed += 1;
                eprintln!("seed {seed} fails: {why}");
                eprintln!("again: cargo xtask simulate --from {seed} --seeds 1");
            }
        }
    }
    eprintln!("{} of {} seeds failed", failed, arguments.seeds);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
