//! `cargo xtask bench scores`: a quiz on our scoreboard and on a Redis sorted set that viewers ask each second, one
//! after the other on this machine with the same load, which `heliograph bench-scores` makes.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::baseline::BaselineArguments;
use super::servers::{Kind, Server};
use super::{grid, machine, scores_table, targets};
use crate::build;
use crate::error::{Failure, Outcome};
use crate::install;
use crate::steps::{self, say};
use crate::workspace::Workspace;

const SCREEN: &str = "bench/screen/screen.mjs";
/// The page that teachers watch.
const PAGE: &str = "dist/scores.html";
/// How much longer than it sends a run may take: the browser, the warm-up, settling, checking.
const PATIENCE: Duration = Duration::from_mins(2);

/// What `bench scores` can be told.
#[derive(Args)]
pub struct ScoresArguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// How long to send in batches; half as long one by one.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(2..=600))]
    seconds: u64,
    /// Leave the page in Chromium out.
    #[arg(long)]
    no_screen: bool,
    /// Measure instead what a contest's grid of 1,000 teams costs a browser, beside an empty page.
    #[arg(long)]
    grid: bool,
    /// The folder of another version's built tree, whose scoreboard is measured beside the grid.
    #[arg(long, value_name = "FOLDER", requires = "grid")]
    before: Option<PathBuf>,
    /// Measure what is built already.
    #[arg(long)]
    no_build: bool,
    #[command(flatten)]
    baseline: BaselineArguments,
}

/// By how much ratios to a peer differ from run to run on a quiet machine.
const SLACK: f64 = 0.2;

/// Measures, prints, and fails when somebody did not end with what was sent or a target was missed.
pub fn scores(workspace: &Workspace, arguments: &ScoresArguments) -> Outcome<ExitCode> {
    if arguments.json {
        steps::keep_stdout_clean();
    }
    if !arguments.no_build {
        build::set_up(workspace)?;
    }
    if arguments.grid {
        return of_grid(workspace, arguments);
    }
    install::redis_server(workspace)?;
    let mut results = Vec::new();
    for name in ["redis", "heliograph"] {
        results.push(measure(workspace, name, arguments)?);
    }
    let targets = targets::judge_scores(&results);
    let converged = results.iter().all(|result| result["converged"] == true);
    let met = targets.iter().all(|target| target.is_met);
    let machine = machine::describe(workspace);
    if arguments.json {
        let targets: Vec<Value> = targets.iter().map(targets::Target::to_json).collect();
        println!(
            "{}",
            json!({"machine": machine, "results": results, "targets": targets, "converged": converged, "met": met})
        );
    } else {
        println!("{}", scores_table::markdown(&machine, &results, &targets));
    }
    let as_good = arguments.baseline.apply(workspace, "scores", &targets::scores_figures(&results), SLACK)?;
    Ok(if converged && met && as_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn of_grid(workspace: &Workspace, arguments: &ScoresArguments) -> Outcome<ExitCode> {
    let result = grid::grid(workspace, arguments.before.as_deref(), arguments.seconds)?;
    let targets = targets::judge_grid(&result);
    if arguments.json {
        let shown: Vec<Value> = targets.iter().map(targets::Target::to_json).collect();
        println!("{}", json!({"machine": machine::describe(workspace), "grid": result, "targets": shown}));
    }
    for targets::Target { name, reached, limit, is_met, .. } in &targets {
        let word = if *is_met { "met" } else { "missed" };
        say(&format!("  {word}: {name}: {reached:.3}, limit {limit}"));
    }
    Ok(if targets.iter().all(|target| target.is_met) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn measure(workspace: &Workspace, name: &str, arguments: &ScoresArguments) -> Outcome<Value> {
    let has_page = name == "heliograph" && workspace.root.join(PAGE).is_file();
    let mut server = match name {
        "redis" => Server::start_redis(workspace)?,
        _ if has_page => Server::start_with_pages(workspace)?,
        _ => Server::start(workspace, Kind::Heliograph)?,
    };
    let mut command = workspace.command(workspace.heliograph());
    command
        .args(["--url", &server.url(), "bench-scores", "--server", name])
        .args(["--seconds", &arguments.seconds.to_string(), "--pid", &server.pid().to_string()])
        .env("HELIOGRAPH_KEY", server.key());
    if !arguments.no_screen {
        command.args(["--screen", SCREEN]).env("HELIOGRAPH_CHROMIUM", install::chromium(workspace)?);
        if has_page {
            command.arg("--app");
        }
    }
    let step = format!("scores {name}");
    let limit = Duration::from_secs(arguments.seconds * 2) + PATIENCE;
    let finished = steps::watch(workspace, &step, &mut command, limit)?;
    if let Some(failure) = server.failure()? {
        return Err(failure);
    }
    let line = finished.output.lines().rev().find(|line| line.starts_with('{'));
    let Some(result) = line.and_then(|line| serde_json::from_str::<Value>(line).ok()) else {
        let why = if finished.timed_out {
            "took too long and was ended".to_owned()
        } else {
            steps::tail(&finished.output, 5)
        };
        return Err(Failure::new(format!("{step}: {why}")));
    };
    say(&format!("  {step:<20} {}", scores_table::short(&result)));
    Ok(result)
}
