//! `cargo xtask bench feed`: ingest and fan-out of our worker, of plain node `ws`, and of `partyserver`, one after the
//! other on this machine, each with the same load. The load comes from `heliograph bench`; this starts the servers.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};

use super::machine;
use super::servers::{Kind, Server};
use super::{baseline::BaselineArguments, rows, table, targets};
use crate::build;
use crate::error::{Failure, Outcome};
use crate::steps::{self, say};
use crate::workspace::Workspace;

/// Open files that a server and the load client each need at most.
const OPEN_FILES: u64 = 4_096;
/// How much longer than it sends a run may take: connecting, warming up, letting viewers catch up, checking.
const PATIENCE: Duration = Duration::from_secs(150);

/// By how much ratios to a peer differ from run to run on a quiet machine.
const SLACK: f64 = 0.2;

/// What `bench feed` can be told.
#[derive(Args)]
pub struct FeedArguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Run these scenarios only.
    #[arg(long, value_name = "SCENARIO", value_delimiter = ',')]
    only: Vec<Scenario>,
    /// Measure these servers only.
    #[arg(long, value_name = "SERVER", value_delimiter = ',')]
    servers: Vec<Kind>,
    /// How long to send in each scenario.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Measure what is built already.
    #[arg(long)]
    no_build: bool,
    #[command(flatten)]
    baseline: BaselineArguments,
}

/// The scenarios; `heliograph bench` has their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Durable ingest, batches of 100, 8 connections.
    IngestBatched,
    /// Durable ingest, one record a request, 8 connections.
    IngestUnbatched,
    /// The first while 1,000 viewers watch everything.
    IngestWithViewers,
    /// 5,000 updates/s in batches of 100 over 2,000 keys to 1,000 viewers of everything.
    FanoutAll,
    /// 200 updates/s, one a request, to 500 viewers.
    FanoutUnbatched,
    /// 5 updates/s to 500 viewers.
    Quiet,
    /// 1,000 viewers of one key each at 5,000 updates/s.
    OneKey,
    /// Bytes of a position update.
    Bytes,
    /// Bytes of one with heading and speed.
    BytesMotion,
}

impl Scenario {
    /// The name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Which servers it is for. Peers have no frames to weigh but their JSON, which `fanout-all` shows; and a peer
    /// that is sent as much as it takes while it broadcasts would only fill its memory.
    const fn has_peers(self) -> bool {
        !matches!(self, Self::IngestWithViewers | Self::Bytes | Self::BytesMotion)
    }
}

/// Measures, prints, and fails when somebody did not end with what was sent or a target was missed.
pub fn feed(workspace: &Workspace, arguments: &FeedArguments) -> Outcome<ExitCode> {
    if arguments.json {
        steps::keep_stdout_clean();
    }
    raise_open_files()?;
    if !arguments.no_build {
        build::servers(workspace)?;
    }
    let wants = |scenario: &Scenario| arguments.only.is_empty() || arguments.only.contains(scenario);
    let mut results = Vec::new();
    for scenario in Scenario::value_variants().iter().copied().filter(wants) {
        for kind in Kind::value_variants().iter().copied() {
            let wanted = arguments.servers.is_empty() || arguments.servers.contains(&kind);
            if wanted && (scenario.has_peers() || kind == Kind::Heliograph) {
                results.push(measure(workspace, scenario, kind, arguments.seconds)?);
            }
        }
    }
    let targets = targets::judge(&results);
    let converged = results.iter().all(|result| result["converged"] == true);
    let machine = machine::describe(workspace);
    if arguments.json {
        let met = targets.iter().all(|target| target.is_met);
        let targets: Vec<Value> = targets.iter().map(targets::Target::to_json).collect();
        println!(
            "{}",
            json!({"machine": machine, "results": results, "targets": targets, "converged": converged, "met": met})
        );
    } else {
        println!("{}", table::markdown(&machine, &results, &targets));
    }
    let as_good = arguments.baseline.apply(workspace, "feed", &targets::figures(&targets), SLACK)?;
    let met = targets.iter().all(|target| target.is_met);
    Ok(if converged && met && as_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs one scenario against one server that has never been used.
fn measure(workspace: &Workspace, scenario: Scenario, kind: Kind, seconds: u64) -> Outcome<Value> {
    let mut server = Server::start(workspace, kind)?;
    let name = format!("{} {}", scenario.name(), kind.name());
    let mut command = workspace.command(workspace.heliograph());
    command
        .args(["--url", &server.url(), "bench", &scenario.name(), "--server", &kind.name()])
        .args(["--seconds", &seconds.to_string(), "--pid", &server.pid().to_string()])
        .env("HELIOGRAPH_KEY", server.key());
    let finished = steps::watch(workspace, &name, &mut command, Duration::from_secs(seconds) + PATIENCE)?;
    if let Some(failure) = server.failure()? {
        return Err(failure);
    }
    let line = finished.output.lines().rev().find(|line| line.starts_with('{'));
    let Some(mut result) = line.and_then(|line| serde_json::from_str::<Value>(line).ok()) else {
        let why = if finished.timed_out {
            "took too long and was ended".to_owned()
        } else {
            steps::tail(&finished.output, 5)
        };
        return Err(Failure::new(format!("{name}: {why}")));
    };
    let folder = server.stop();
    if kind == Kind::Heliograph {
        result["stored"] = rows::count(workspace, &folder);
    }
    say(&format!("  {name:<34} {}", table::short(&result)));
    Ok(result)
}

/// A thousand sockets at each end do not fit into the 1,024 open files of many systems' default.
fn raise_open_files() -> Outcome {
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= OPEN_FILES) {
        return Ok(());
    }
    let raised = Rlimit { current: limit.maximum.map_or(Some(OPEN_FILES), |most| Some(most.min(OPEN_FILES))), ..limit };
    let enough = raised.current.is_none_or(|current| current >= OPEN_FILES);
    if !enough || setrlimit(Resource::Nofile, raised).is_err() {
        return Err(Failure::new(format!(
            "a process may not open {OPEN_FILES} files here: raise the limit with `ulimit -n`"
        )));
    }
    Ok(())
}
